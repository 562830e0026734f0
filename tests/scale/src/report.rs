//! What is printed.

use std::fmt;

/// A figure and the bound it must keep.
#[derive(Debug, Clone)]
pub(crate) struct Figure {
    /// What was measured.
    pub(crate) what: String,
    /// In the unit that `what` names.
    pub(crate) value: f64,
    /// The most it may be; none where it only tells.
    pub(crate) at_most: Option<f64>,
}

impl Figure {
    /// A figure with a bound.
    pub(crate) fn bound(what: impl Into<String>, value: f64, at_most: f64) -> Self {
        Self { what: what.into(), value, at_most: Some(at_most) }
    }

    /// A figure without one.
    pub(crate) fn told(what: impl Into<String>, value: f64) -> Self {
        Self { what: what.into(), value, at_most: None }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, value, at_most } = self;
        match at_most {
            None => write!(formatter, "| {what} | {value:.3} | | |"),
            Some(most) => {
                let kept = if value <= most { "yes" } else { "**no**" };
                write!(formatter, "| {what} | {value:.3} | {most:.3} | {kept} |")
            }
        }
    }
}

/// Prints a table of figures.
pub(crate) fn print(title: &str, figures: &[Figure]) {
    println!("\n{title}\n\n| | measured | at most | kept |\n|---|---:|---:|---|");
    for figure in figures {
        println!("{figure}");
    }
}

/// The middle one.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
