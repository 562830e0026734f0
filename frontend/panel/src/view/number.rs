//! Numbers with units, beyond what `model::format` knows.

use model::format;

/// What stands where a number is not known.
pub const UNKNOWN: &str = "–";

/// An optional number through a formatter.
pub fn or_unknown(value: Option<f64>, format: impl Fn(f64) -> String) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), format)
}

/// An interval under a number of the same unit, which then need not be said twice.
pub fn beside(number: &str, interval: &str) -> String {
    let unit = number.find(' ').map_or("", |at| &number[at..]);
    let numbers =
        interval.strip_suffix(unit).filter(|rest| rest.split(" to ").all(|number| !number.contains(' ')));
    numbers.unwrap_or(interval).to_owned()
}

/// A score as a percentage: `97 %`. Certainty is never claimed.
pub fn percent(fraction: f64) -> String {
    if !fraction.is_finite() {
        return UNKNOWN.to_owned();
    }
    format!("{:.0} %", (fraction * 100.0).clamp(0.0, 99.0))
}

/// A number in the unit Grafana names by that id.
pub fn in_unit(value: f64, unit: &str) -> String {
    match unit {
        "bytes" | "decbytes" => format::bytes(value),
        "Bps" | "binBps" => format!("{}/s", format::bytes(value)),
        "s" => format::duration(value),
        "percent" => format!("{} %", plain(value)),
        "percentunit" => format!("{} %", plain(value * 100.0)),
        "bytes_per_hour" => format::bytes_per_hour(value),
        "" | "none" | "short" => plain(value),
        other => {
            format!("{} {}", plain(value), other.strip_prefix("suffix:").unwrap_or(other).trim())
        }
    }
}

/// Three significant digits, thousands set off by a thin space.
fn plain(value: f64) -> String {
    if !value.is_finite() {
        return UNKNOWN.to_owned();
    }
    let size = value.abs();
    let digits = if size >= 99.95 || size == 0.0 {
        0
    } else if size >= 9.995 {
        1
    } else {
        2
    };
    let number = format!("{size:.digits$}");
    let (whole, fraction) = number.split_once('.').unwrap_or((&number, ""));
    let mut text = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push('\u{2009}');
        }
        text.push(digit);
    }
    let fraction = fraction.trim_end_matches('0');
    if !fraction.is_empty() {
        text = format!("{text}.{fraction}");
    }
    if value < 0.0 { format!("−{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_said_once_where_it_is_the_same() {
        assert_eq!(beside("31 MiB/h", "28 to 34 MiB/h"), "28 to 34");
        assert_eq!(beside("1 GiB/h", "980 MiB/h to 1.1 GiB/h"), "980 MiB/h to 1.1 GiB/h");
        assert_eq!(beside("31 MiB/h", "900 KiB/h to 1 GiB/h"), "900 KiB/h to 1 GiB/h");
        assert_eq!(beside("–", ""), "");
    }

    #[test]
    fn numbers_carry_their_unit() {
        let cases = [
            (14.0 * 1_048_576.0, "bytes", "14 MiB"),
            (14.0 * 1_048_576.0, "bytes_per_hour", "14 MiB/h"),
            (0.123, "percentunit", "12.3 %"),
            (12_345.6, "", "12\u{2009}346"),
            (-2.5, "none", "−2.5"),
            (3.0, "suffix: events/h", "3 events/h"),
            (600.0, "s", "10 min"),
        ];
        for (value, unit, shown) in cases {
            assert_eq!(in_unit(value, unit), shown);
        }
    }

    #[test]
    fn a_range_names_its_unit_once() {}

    #[test]
    fn nothing_is_ever_wholly_sure() {
        assert_eq!(percent(1.0), "99 %");
        assert_eq!(percent(f64::NAN), "–");
    }
}
