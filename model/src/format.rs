//! Numbers for human eyes. They cannot be parsed back.

use crate::thresholds::MIB;

const UNITS: [(&str, f64); 5] =
    [("TiB", MIB * MIB), ("GiB", MIB * 1024.0), ("MiB", MIB), ("KiB", 1024.0), ("B", 1.0)];

/// Bytes in binary units with three significant digits: `512 MiB`, `1.46 GiB`, `−3.5 KiB`.
/// What is not a finite number is a dash.
pub fn bytes(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let size = value.abs();
    // 1023.6 MiB reads as 1.00 GiB, not as 1024 MiB: the unit is chosen after rounding.
    let (unit, scale) = UNITS.iter().copied().find(|(_, scale)| size >= scale * 0.9995).unwrap_or(("B", 1.0));
    let scaled = size / scale;
    let digits = if unit == "B" || scaled >= 99.95 {
        0
    } else if scaled >= 9.995 {
        1
    } else {
        2
    };
    let number = format!("{scaled:.digits$}");
    let number =
        if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { &number };
    let sign = if value < 0.0 && number != "0" { "−" } else { "" };
    format!("{sign}{number} {unit}")
}

/// Growth: `31 MiB/h`.
pub fn bytes_per_hour(value: f64) -> String {
    format!("{}/h", bytes(value))
}

/// `28 to 34 MiB/h`: two formatted numbers, the unit once where it is the same, and one number where both read the same.
pub fn range(low: &str, high: &str) -> String {
    match (low.split_once(' '), high.split_once(' ')) {
        _ if low == high => low.to_owned(),
        (Some((number, unit)), Some((_, other))) if unit == other => format!("{number} to {high}"),
        _ => format!("{low} to {high}"),
    }
}

/// A duration in its two largest units: `3 d 4 h`, `2 h 5 min`, `40 s`. What is not finite is a dash.
pub fn duration(secs: f64) -> String {
    if !secs.is_finite() {
        return "–".to_owned();
    }
    let sign = if secs <= -0.5 { "−" } else { "" };
    let whole = secs.abs().round() as u64;
    let (days, hours, minutes, seconds) = (whole / 86_400, whole / 3600 % 24, whole / 60 % 60, whole % 60);
    let parts = match (days, hours, minutes) {
        (0, 0, 0) => [(seconds, "s"), (0, "")],
        (0, 0, _) => [(minutes, "min"), (if minutes < 10 { seconds } else { 0 }, "s")],
        (0, ..) => [(hours, "h"), (minutes, "min")],
        (1..100, ..) => [(days, "d"), (hours, "h")],
        _ => [(days, "d"), (0, "")],
    };
    let shown: Vec<_> = parts
        .iter()
        .enumerate()
        .filter(|(index, (count, _))| *index == 0 || *count > 0)
        .map(|(_, (count, unit))| format!("{count} {unit}"))
        .collect();
    format!("{sign}{}", shown.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_says_once_what_is_the_same() {
        assert_eq!(range("28 MiB/h", "34 MiB/h"), "28 to 34 MiB/h");
        assert_eq!(range("900 KiB/h", "1 MiB/h"), "900 KiB/h to 1 MiB/h");
        assert_eq!(range("4 h 10 min", "7 h"), "4 h 10 min to 7 h");
        assert_eq!(range("30 MiB/h", "30 MiB/h"), "30 MiB/h");
    }

    #[test]
    fn bytes_read_like_a_person_writes_them() {
        let cases = [
            (0.0, "0 B"),
            (512.0 * MIB, "512 MiB"),
            (1500.0 * MIB, "1.46 GiB"),
            (1023.9 * MIB, "1 GiB"),
            (-3584.0, "−3.5 KiB"),
            (-0.3, "0 B"),
            (31.26 * MIB, "31.3 MiB"),
            (f64::NAN, "–"),
        ];
        for (value, shown) in cases {
            assert_eq!(bytes(value), shown, "{value}");
        }
    }

    #[test]
    fn durations_have_at_most_two_units() {
        let cases = [
            (40.0, "40 s"),
            (125.0, "2 min 5 s"),
            (7500.0, "2 h 5 min"),
            (273_600.0, "3 d 4 h"),
            (f64::INFINITY, "–"),
        ];
        for (value, shown) in cases {
            assert_eq!(duration(value), shown, "{value}");
        }
    }
}
