//! Series as servers write them, without spaces and escapes, read several times faster than any JSON may be: most of an
//! answer is numbers. Whatever looks otherwise is left to the reader of all JSON, which says the same of what is read here.

use model::labels::{Labels, LabelsLike};
use model::series::Series;
use serde::de::DeserializeSeed as _;

/// Numbers of so many digits are exact in `f64`, also with a point in them: both parts of the division are.
const EXACT_DIGITS: usize = 15;
const METRIC: &[u8] = br#"{"metric":"#;
const VALUES: &[u8] = br#","values":["#;

/// `[{"metric":{...},"values":[[time,"value"],...]},...]`, or nothing where it is not written like this.
///
/// Label sets share what they have in common with the one before, the first with `before`.
pub(super) fn series(text: &[u8], before: &Labels, mut points_hint: usize) -> Option<Vec<(Labels, Series)>> {
    let mut rest = Rest(text);
    let mut all: Vec<(Labels, Series)> = Vec::new();
    rest.skip(b"[")?;
    loop {
        rest.skip(METRIC)?;
        let before = all.last().map_or(before, |(labels, _)| labels);
        let labels = labels(rest.labels()?, before)?;
        rest.skip(VALUES)?;
        let series = rest.samples(points_hint)?;
        points_hint = series.len();
        all.push((labels, series));
        rest.skip(b"}")?;
        if rest.skip(b",").is_none() {
            rest.skip(b"]")?;
            return rest.0.is_empty().then_some(all);
        }
    }
}

fn labels(text: &[u8], before: &Labels) -> Option<Labels> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let labels = LabelsLike(before).deserialize(&mut deserializer).ok()?;
    deserializer.end().ok()?;
    Some(labels)
}

struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn skip(&mut self, expected: &[u8]) -> Option<()> {
        self.0 = self.0.strip_prefix(expected)?;
        Some(())
    }

    fn take(&mut self, bytes: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(bytes);
        self.0 = rest;
        taken
    }

    /// The object before the values. A quote in one of its texts would be escaped.
    fn labels(&mut self) -> Option<&'a [u8]> {
        let mut end = 0;
        loop {
            end += self.0[end..].iter().position(|byte| *byte == b'}')? + 1;
            if self.0[end..].starts_with(VALUES) {
                return Some(self.take(end));
            }
        }
    }

    fn samples(&mut self, points_hint: usize) -> Option<Series> {
        let mut times_secs = Vec::with_capacity(points_hint);
        let mut values = Vec::with_capacity(points_hint);
        loop {
            self.skip(b"[")?;
            times_secs.push(self.time()?);
            self.skip(b",\"")?;
            values.push(self.value()?);
            self.skip(b"\"]")?;
            if self.skip(b",").is_none() {
                self.skip(b"]")?;
                return Some(Series::new(times_secs, values));
            }
        }
    }

    fn time(&mut self) -> Option<f64> {
        let (whole, digits) = self.digits(0);
        // Other numbers do not begin with a zero.
        if digits == 0 || (digits > 1 && self.0[0] == b'0') {
            return None;
        }
        self.take(digits);
        if self.skip(b".").is_none() {
            return (digits <= EXACT_DIGITS).then_some(whole as f64);
        }
        let (all, decimals) = self.digits(whole);
        self.take(decimals);
        let is_exact = decimals > 0 && digits + decimals <= EXACT_DIGITS;
        is_exact.then(|| all as f64 / 10_u64.pow(decimals as u32) as f64)
    }

    fn value(&mut self) -> Option<f64> {
        let (whole, digits) = self.digits(0);
        if (1..=EXACT_DIGITS).contains(&digits) && self.0.get(digits) == Some(&b'"') {
            self.take(digits);
            return Some(whole as f64);
        }
        let end = self.0.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
        std::str::from_utf8(self.take(end)).ok()?.parse().ok()
    }

    /// The digits that come next, after others, as a number, which means something where they are few; and how many.
    fn digits(&self, before: u64) -> (u64, usize) {
        let mut number = before;
        let mut count = 0;
        for byte in self.0 {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                break;
            }
            number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
            count += 1;
        }
        (number, count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_servers_write_is_read() {
        let text = r#"[{"metric":{"a":"},","b":"é"},"values":[[1700000040,"409600"],[1700000100.025,"1.5e+06"],[0,"NaN"]]},{"metric":{},"values":[[1,"2"]]}]"#;
        let all = series(text.as_bytes(), &Labels::default(), 0).unwrap();
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].0, [("a", "},"), ("b", "é")].into_iter().collect());
        assert_eq!(all[0].1.times_secs, [1_700_000_040.0, 1_700_000_100.025, 0.0]);
        assert_eq!(all[0].1.values[..2], [409_600.0, 1.5e6]);
        assert!(all[0].1.values[2].is_nan());
    }

    #[test]
    fn what_is_written_otherwise_is_left_to_others() {
        for text in [
            r#"[{"metric":{},"values":[]}]"#,
            r#"[{"metric":{},"values":[[1, "2"]]}]"#,
            r#"[{"metric":{},"values":[[01,"2"]]}]"#,
            r#"[{"metric":{},"values":[[1.,"2"]]}]"#,
            r#"[{"metric":{},"values":[[1e3,"2"]]}]"#,
            r#"[{"metric":{},"values":[[-1,"2"]]}]"#,
            r#"[{"metric":{},"values":[[1234567890123456,"2"]]}]"#,
            r#"[{"metric":{},"values":[[1,"\u0032"]]}]"#,
            r#"[{"metric":{},"values":[[1,""]]}]"#,
            r#"[{"metric":{},"values":[[1,"2"]],"histograms":[]}]"#,
            r#"[{"metric":{},"values":[[1,"2"]]},]"#,
            r#"[{"metric":{},"values":[[1,"2"]]}"#,
            r#"[{"metric":{},"values":[[1,"2"]]}] "#,
            r#"[{"values":[[1,"2"]],"metric":{}}]"#,
        ] {
            assert!(series(text.as_bytes(), &Labels::default(), 0).is_none(), "{text}");
        }
    }
}
