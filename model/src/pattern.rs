//! At which hours and on which weekdays memory grows.

use std::collections::BTreeMap;

use crate::correlate::floor_changes;
use crate::series::Series;

const HOUR_SECS: f64 = 3600.0;
const HOURS: usize = 24;
const HOURS_OF_DAY: i64 = 24;
/// Hours in a stretch of the day: a working day's morning, a batch window.
const STRETCH_HOURS: usize = 6;
/// Days of which hours can be told apart from chance.
const MIN_DAYS: f64 = 3.0;
/// Days of which weekdays can.
const MIN_DAYS_FOR_WEEKDAYS: f64 = 14.0;
/// Share of all growth in a quarter of the day from which there is a pattern.
const HOURS_SHARE: f64 = 0.6;
/// Share of the days that must agree.
const DAYS_SHARE: f64 = 0.75;
/// Share of all growth on one weekday of seven from which there is a pattern.
const WEEKDAY_SHARE: f64 = 0.4;
const WEEKDAYS: [&str; 7] =
    ["Thursdays", "Fridays", "Saturdays", "Sundays", "Mondays", "Tuesdays", "Wednesdays"];

/// When memory grows.
#[derive(Debug, Clone, PartialEq)]
pub struct TimePattern {
    /// Days with samples.
    pub days: usize,
    /// The stretch of the day in which most of the growth falls, if any does.
    pub hours: Option<HoursOfGrowth>,
    /// The weekday on which most of it falls, and its share; `None` where none does or there is less than two weeks.
    pub weekday: Option<(&'static str, f64)>,
    /// Whether the range is long enough for weekdays.
    pub weekdays_told: bool,
}

/// A stretch of the day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HoursOfGrowth {
    /// First hour, UTC.
    pub from_hour: usize,
    /// The hour it ends at, UTC.
    pub to_hour: usize,
    /// The part of all growth that falls in it.
    pub share: f64,
    /// Days on which most of the growth fell in it.
    pub days: usize,
}

/// The pattern of a series' growth; the days it spans where those are too few.
pub fn time_pattern(series: &Series) -> Result<TimePattern, f64> {
    let finite = || series.iter().filter(|(time, value)| time.is_finite() && value.is_finite());
    let first = finite().map(|(time, _)| time).fold(f64::INFINITY, f64::min);
    let last = finite().map(|(time, _)| time).fold(f64::NEG_INFINITY, f64::max);
    let days = ((last - first) / HOUR_SECS / HOURS as f64).max(0.0);
    // Beyond some years a clock is wrong, not a dashboard's range.
    if !(MIN_DAYS..4000.0).contains(&days) {
        return Err(days);
    }
    let start_hour = (first / HOUR_SECS).floor() as i64;
    let steps = ((last - first) / HOUR_SECS).ceil() as usize + 1;
    let changes = floor_changes(series, start_hour as f64 * HOUR_SECS, HOUR_SECS, steps);
    let mut by_day: BTreeMap<i64, [f64; HOURS]> = BTreeMap::new();
    for (hour, change) in (start_hour..).zip(&changes) {
        let day = by_day.entry(hour.div_euclid(HOURS_OF_DAY)).or_insert([0.0; HOURS]);
        // Falls are restarts and collections: they say nothing about when it grows.
        day[hour.rem_euclid(HOURS_OF_DAY) as usize] += change.unwrap_or(0.0).max(0.0);
    }
    let weekdays_told = days >= MIN_DAYS_FOR_WEEKDAYS;
    Ok(TimePattern {
        days: by_day.len(),
        hours: hours_of_growth(&by_day),
        weekday: if weekdays_told { weekday_of_growth(&by_day) } else { None },
        weekdays_told,
    })
}

fn hours_of_growth(by_day: &BTreeMap<i64, [f64; HOURS]>) -> Option<HoursOfGrowth> {
    let in_stretch = |day: &[f64; HOURS], from: usize| -> f64 {
        (from..from + STRETCH_HOURS).map(|hour| day[hour % HOURS]).sum()
    };
    let total: f64 = by_day.values().flatten().sum();
    let of_stretch = |from| by_day.values().map(|day| in_stretch(day, from)).sum::<f64>();
    let from_hour = (0..HOURS).max_by(|a, b| of_stretch(*a).total_cmp(&of_stretch(*b)))?;
    let share = of_stretch(from_hour) / total;
    let grown = by_day.values().filter(|day| day.iter().sum::<f64>() > 0.0);
    let agreeing = grown.filter(|day| in_stretch(day, from_hour) > 0.5 * day.iter().sum::<f64>()).count();
    let pattern = share >= HOURS_SHARE && agreeing as f64 >= DAYS_SHARE * by_day.len() as f64;
    pattern.then_some(HoursOfGrowth {
        from_hour,
        to_hour: (from_hour + STRETCH_HOURS) % HOURS,
        share,
        days: agreeing,
    })
}

fn weekday_of_growth(by_day: &BTreeMap<i64, [f64; HOURS]>) -> Option<(&'static str, f64)> {
    let mut growth = [0.0; 7];
    for (day, hours) in by_day {
        growth[day.rem_euclid(7) as usize] += hours.iter().sum::<f64>();
    }
    let total: f64 = growth.iter().sum();
    let (place, most) = growth.into_iter().enumerate().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let share = most / total;
    (share >= WEEKDAY_SHARE).then(|| (WEEKDAYS[place], share))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Grows by a megabyte in each hour of which `grows` is true, for so many days since a Thursday.
    fn series(days: usize, grows: impl Fn(usize, usize) -> bool) -> Series {
        let mut level = 1e8;
        let (mut times, mut values) = (Vec::new(), Vec::new());
        for minute in (0..days * 1440).step_by(5) {
            let (day, hour) = (minute / 1440, minute / 60 % 24);
            level += if grows(day, hour) { 1e6 / 12.0 } else { 0.0 };
            times.push(minute as f64 * 60.0 + 1.0);
            values.push(level);
        }
        Series::new(times, values)
    }

    #[test]
    fn growth_in_the_morning_is_found() {
        let pattern = time_pattern(&series(5, |_, hour| (8..12).contains(&hour))).unwrap();
        let hours = pattern.hours.unwrap();
        assert!((6..=9).contains(&hours.from_hour) && hours.share > 0.9 && hours.days >= 4, "{hours:?}");
        assert!(!pattern.weekdays_told);
    }

    #[test]
    fn growth_all_day_has_no_hours() {
        assert_eq!(time_pattern(&series(5, |_, _| true)).unwrap().hours, None);
    }

    #[test]
    fn one_day_of_growth_is_no_pattern_of_hours() {
        let pattern = time_pattern(&series(5, |day, hour| day == 2 && hour == 9)).unwrap();
        assert_eq!(pattern.hours, None);
    }

    #[test]
    fn weekdays_need_two_weeks() {
        let mondays = |day: usize, _| day % 7 == 4;
        assert_eq!(time_pattern(&series(10, mondays)).unwrap().weekday, None);
        let (weekday, share) = time_pattern(&series(21, mondays)).unwrap().weekday.unwrap();
        assert_eq!(weekday, "Mondays");
        assert!(share > 0.9);
    }

    #[test]
    fn a_day_is_too_short() {
        assert!(time_pattern(&series(1, |_, _| true)).unwrap_err() < 1.01);
        assert_eq!(time_pattern(&Series::default()), Err(0.0));
    }

    proptest! {
        #[test]
        fn nothing_breaks_it(samples in prop::collection::vec((any::<f64>(), any::<f64>()), 0..50),
                             near in prop::collection::vec((-1e6..1e9_f64, any::<f64>()), 0..50)) {
            for samples in [samples, near] {
                let (times, values) = samples.into_iter().unzip();
                if let Ok(TimePattern { hours: Some(hours), .. }) = time_pattern(&Series::new(times, values)) {
                    prop_assert!(hours.share.is_finite() && hours.from_hour < 24);
                }
            }
        }
    }
}
