//! What several series say together.
//!
//! In the order data flows: [`views`] of one process become one series before it is judged; the short lives of a
//! workload's [`pods`] are judged together and told in one row, [`replicas`] that run side by side are compared, and over
//! all that was judged the share of false [`discoveries`] is kept down.

pub mod discoveries;
pub mod pods;
pub mod replicas;
pub mod views;

pub use views::latest_changed;
