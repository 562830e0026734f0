//! The Leaklens data source.

pub mod grafana;
pub mod health;
pub mod prometheus;
pub mod settings;
