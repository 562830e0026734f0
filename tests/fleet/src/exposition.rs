//! OpenMetrics text.

use std::io::{self, Write};

/// What kind of numbers a metric family holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Goes up and down.
    Gauge,
    /// Only goes up.
    Counter,
    /// Buckets, sum and count.
    Histogram,
}

/// A metric family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Family {
    /// The metric's name; a counter's with `_total`, a histogram's without `_bucket`.
    pub name: &'static str,
    /// Its kind.
    pub kind: Kind,
    /// What it says.
    pub help: &'static str,
}

impl Family {
    /// The lines before its samples.
    pub fn head(&self, out: &mut impl Write) -> io::Result<()> {
        let (name, kind) = match self.kind {
            Kind::Gauge => (self.name, "gauge"),
            Kind::Counter => (self.name.trim_end_matches("_total"), "counter"),
            Kind::Histogram => (self.name, "histogram"),
        };
        writeln!(out, "# HELP {name} {}\n# TYPE {name} {kind}", self.help)
    }
}

/// The last line.
pub const END: &str = "# EOF\n";

/// Labels as they stand behind a metric's name, braces included.
pub fn labels<'l>(pairs: impl IntoIterator<Item = (&'l str, &'l str)>) -> String {
    let escaped = |value: &str| value.replace('\\', "\\\\").replace('\n', "\\n").replace('"', "\\\"");
    let pairs: Vec<_> =
        pairs.into_iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
    format!("{{{}}}", pairs.join(","))
}

/// One sample; with a time when it is not about now.
pub fn sample(
    out: &mut impl Write,
    name: &str,
    labels: &str,
    value: f64,
    time_millis: Option<i64>,
) -> io::Result<()> {
    match time_millis {
        Some(millis) => writeln!(out, "{name}{labels} {value} {}.{:03}", millis / 1000, millis % 1000),
        None => writeln!(out, "{name}{labels} {value}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_escaped() {
        assert_eq!(labels([("pod", "a\"b\\c\nd"), ("x", "1")]), r#"{pod="a\"b\\c\nd",x="1"}"#);
    }

    #[test]
    fn counters_lose_their_suffix_in_the_head_only() {
        let mut out = Vec::new();
        let family = Family { name: "a_total", kind: Kind::Counter, help: "A." };
        family.head(&mut out).expect("a vector takes any text");
        sample(&mut out, family.name, "{}", 1.5, Some(1_790_000_000_042)).expect("as above");
        assert_eq!(
            String::from_utf8_lossy(&out),
            "# HELP a A.\n# TYPE a counter\na_total{} 1.5 1790000000.042\n"
        );
    }
}
