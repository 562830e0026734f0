//! What a leak is: series, detector, alerts, runbooks and the wire types.
//!
//! Pure: no I/O, no clock, no gRPC, no DOM. The same code runs natively in the data source and the command
//! line, and as WebAssembly in the panel. Modules read in the order data flows: a [`query`] selects
//! [`series`], [`detect`] judges them, [`alert`] and [`evidence`] say what is known around them
//! ([`correlate`], [`pattern`]), [`runbook`]
//! says what to do, [`report`] puts what is concluded into rows, [`frames`] carry all of it to Grafana.

pub mod alert;
pub mod correlate;
pub mod detect;
pub mod evidence;
pub mod files;
pub mod fingerprint;
pub mod format;
pub mod frames;
pub mod join;
pub mod labels;
pub mod pattern;
pub mod query;
pub mod reduce;
pub mod report;
pub mod runbook;
pub mod series;
pub mod thresholds;
