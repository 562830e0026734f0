//! Measures the detector: labelled series, what others would say of them, and the tables that compare.
//!
//! In the order data flows: [`chance`] draws numbers, [`class`] names the kinds of series, [`generate`] makes them (and
//! whole [`case`]s), [`reference`] holds that to another generator, [`set`] reads foreign ones, [`processes`] runs real
//! ones, [`minima`] thins them, [`baseline`] and [`judge`] say what they think of them, [`score`] counts, [`measure`]
//! makes rows of it, [`watch`] looks again and again, [`worse`] adds a leak to each, [`fleet`] judges
//! thousands at once, [`replicas`] compares those of a workload, [`report`] prints.

pub mod baseline;
pub mod case;
pub mod chance;
pub mod class;
pub mod fleet;
pub mod generate;
pub mod judge;
pub mod measure;
pub mod minima;
pub mod processes;
pub mod reference;
pub mod replicas;
pub mod report;
pub mod score;
pub mod set;
pub mod watch;
pub mod worse;
