//! Measures the detector: labelled series, what others would say of them, and the tables that compare.
//!
//! In the order data flows: [`chance`] draws numbers, [`class`] names the kinds of series, [`generate`] makes them, [`set`]
//! reads foreign ones, [`processes`] runs real ones, [`baseline`] and [`judge`] say what they think of them, [`score`] counts, [`watch`] looks again and again, [`report`] prints.

pub mod baseline;
pub mod chance;
pub mod class;
pub mod generate;
pub mod judge;
pub mod processes;
pub mod report;
pub mod score;
pub mod set;
pub mod watch;
