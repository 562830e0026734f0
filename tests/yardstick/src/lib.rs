//! Measures the detector: labelled series, what others would say of them, and the tables that compare.
//!
//! In the order data flows: [`chance`] draws numbers, [`class`] names the kinds of series, [`generate`] makes them, [`set`]
//! reads foreign ones, [`baseline`] and [`judge`] say what they think of them, [`score`] counts, [`report`] prints.

pub mod baseline;
pub mod chance;
pub mod class;
pub mod generate;
pub mod judge;
pub mod report;
pub mod score;
pub mod set;
