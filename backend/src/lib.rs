//! The Leaklens data source.

pub mod health;
pub mod prometheus;
pub mod settings;
