//! The chart of one suspect.
