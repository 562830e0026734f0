//! What holds whatever comes in: laws of the runbook parser, the filler, PromQL's builder, the reader of selectors and
//! the decoder of answers.
//!
//! Each is a plain function that panics where its law is broken. `cargo test` tries them with proptest, `cargo xtask
//! verify fuzz` with libFuzzer, and `cargo fuzz run --features targets NAME` hunts.

#![expect(clippy::missing_panics_doc, reason = "each function is there to panic where its law is broken")]

mod prometheus;
mod runbook;

pub use prometheus::{
    answer_is_decoded_or_refused, selector_is_read_as_it_is_written, values_come_back_from_promql,
};
pub use runbook::{file_is_read, value_is_filled_in_or_left_out};
