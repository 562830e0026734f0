//! What is shown, worked out without a browser: names, times, ticks, sentences.

pub mod alert;
pub mod clock;
pub mod name;
pub mod number;
pub mod options;
pub mod order;
pub mod progress;
pub mod summary;
pub mod suspects;
pub mod text;
pub mod ticks;
pub mod verdict;
