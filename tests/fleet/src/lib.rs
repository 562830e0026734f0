//! A seeded fleet of pods: a day of history for promtool to backfill, then the same curves live.
//!
//! Everything is a function of the seed, of the anchor (when history ends and life begins) and of time, so two
//! processes that are given the same seed and anchor tell the same story, without a seam. Modules read in the
//! order data flows: [`plan`] deals the pods, [`curve`] moves their memory, [`series`] makes metrics of it,
//! [`history`] and [`serve`] write them out. [`truth`] says what is really the case, for tests alone;
//! [`receive`] keeps what Alertmanager says about it.

pub mod curve;
pub mod exposition;
pub mod history;
mod noise;
pub mod plan;
pub mod pod;
pub mod receive;
pub mod series;
pub mod serve;
pub mod truth;

/// Bytes in a mebibyte.
pub const MIB: f64 = 1_048_576.0;
