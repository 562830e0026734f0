//! Instants as the dashboard's clock shows them.

use std::fmt;
use std::rc::Rc;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A range that ends longer ago than this, milliseconds, is not about the present.
const PAST_MS: f64 = 900_000.0;

/// Whether a range that ends then is past.
pub fn is_past(to_ms: f64, now_ms: f64) -> bool {
    now_ms - to_ms > PAST_MS
}

/// A time zone: the offset from UTC, seconds, at an instant, milliseconds since the epoch.
#[derive(Clone)]
pub struct Clock {
    zone: String,
    offset_secs: Rc<dyn Fn(f64) -> f64>,
}

impl PartialEq for Clock {
    fn eq(&self, other: &Self) -> bool {
        self.zone == other.zone
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Clock({})", self.zone)
    }
}

impl Clock {
    /// The clock of a zone. `zone` only tells clocks apart.
    pub fn new(zone: &str, offset_secs: impl Fn(f64) -> f64 + 'static) -> Self {
        Self { zone: zone.to_owned(), offset_secs: Rc::new(offset_secs) }
    }

    /// UTC.
    pub fn utc() -> Self {
        Self::new("utc", |_| 0.0)
    }

    /// What `zone` the clock was made for.
    pub fn zone(&self) -> &str {
        &self.zone
    }

    /// Offset from UTC at that instant, milliseconds.
    pub fn offset_ms(&self, at_ms: f64) -> f64 {
        (self.offset_secs)(at_ms) * 1000.0
    }

    /// Date and time on this clock. What lies outside the calendar is its nearest end.
    pub fn civil(&self, at_ms: f64) -> DateTime {
        let offset = Offset::from_seconds((self.offset_secs)(at_ms) as i32).unwrap_or(Offset::UTC);
        let instant = Timestamp::from_millisecond(at_ms as i64).unwrap_or(if at_ms > 0.0 {
            Timestamp::MAX
        } else {
            Timestamp::MIN
        });
        offset.to_datetime(instant)
    }

    /// `03:10`.
    pub fn time(&self, at_ms: f64) -> String {
        let civil = self.civil(at_ms);
        format!("{:02}:{:02}", civil.hour(), civil.minute())
    }

    /// `24 Nov`.
    pub fn day(&self, at_ms: f64) -> String {
        let civil = self.civil(at_ms);
        format!("{} {}", civil.day(), month(civil))
    }

    /// As short as `now_ms` allows: `03:10`, `23 Nov 03:10`, `23 Nov 2025`.
    pub fn moment(&self, at_ms: f64, now_ms: f64) -> String {
        let (civil, now) = (self.civil(at_ms), self.civil(now_ms));
        if civil.date() == now.date() {
            self.time(at_ms)
        } else if (now_ms - at_ms).abs() < 180.0 * 86_400_000.0 {
            format!("{} {}", self.day(at_ms), self.time(at_ms))
        } else {
            format!("{} {}", self.day(at_ms), civil.year())
        }
    }

    /// In full, as Grafana writes it: `2026-11-24 03:10:00`.
    pub fn full(&self, at_ms: f64) -> String {
        let civil = self.civil(at_ms);
        let (date, time) = (civil.date(), civil.time());
        format!(
            "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
            date.year(),
            date.month(),
            date.day(),
            time.hour(),
            time.minute(),
            time.second()
        )
    }
}

fn month(civil: DateTime) -> &'static str {
    MONTHS.get(civil.month() as usize - 1).copied().unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: f64 = 1_795_521_600_000.0;

    #[test]
    fn moments_are_as_short_as_the_present_allows() {
        let clock = Clock::utc();
        assert_eq!(clock.full(NOON), "2026-11-24 12:00:00");
        assert_eq!(clock.moment(NOON - 3_600_000.0, NOON), "11:00");
        assert_eq!(clock.moment(NOON - 13.0 * 3_600_000.0, NOON), "23 Nov 23:00");
        assert_eq!(clock.moment(NOON - 400.0 * 86_400_000.0, NOON), "20 Oct 2025");
    }

    #[test]
    fn the_zones_offset_moves_the_date_too() {
        let clock = Clock::new("+13", |_| 13.0 * 3600.0);
        assert_eq!(clock.full(NOON), "2026-11-25 01:00:00");
        let odd = Clock::new("odd", |_| f64::NAN);
        assert_eq!(odd.full(f64::INFINITY).len(), "9999-12-30 22:00:00".len());
    }
}
