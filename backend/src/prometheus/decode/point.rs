//! One sample.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};

/// `[time, "value"]`
#[derive(Debug, Deserialize)]
#[serde(from = "(f64, Number)")]
pub(super) struct Point {
    pub(super) time_secs: f64,
    pub(super) value: f64,
}

impl From<(f64, Number)> for Point {
    fn from((time_secs, Number(value)): (f64, Number)) -> Self {
        Self { time_secs, value }
    }
}

/// Whole numbers of so many digits are exact in `f64`.
const EXACT_DIGITS: usize = 15;

/// A number in a string, as Prometheus writes it: `NaN`, `+Inf` and `-Inf` are numbers.
struct Number(f64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberVisitor;
        impl Visitor<'_> for NumberVisitor {
            type Value = Number;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a number in a string")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Number, E> {
                // Memory mostly comes in whole bytes, and whole numbers are far quicker to read.
                if text.len() <= EXACT_DIGITS
                    && let Ok(whole) = text.parse::<u64>()
                {
                    return Ok(Number(whole as f64));
                }
                text.parse()
                    .map(Number)
                    .map_err(|_not_a_number| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_str(NumberVisitor)
    }
}
