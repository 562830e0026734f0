//! The plugin's process as Grafana starts and calls it, before a server that misbehaves.
#![allow(clippy::unwrap_used)] // helpers of tests may panic as tests do

mod conduct;
mod faults;
mod plugin;
mod secrets;
mod soak;
mod strange;
mod upstream;
