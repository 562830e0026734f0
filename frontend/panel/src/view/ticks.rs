//! Where the axes have their ticks.

use super::clock::Clock;

const MINUTE_MS: f64 = 60_000.0;
/// An hour, milliseconds.
pub const HOUR_MS: f64 = 60.0 * MINUTE_MS;
const DAY_MS: f64 = 24.0 * HOUR_MS;

/// Steps people count time in.
const TIME_STEPS_MS: [f64; 18] = [
    1_000.0,
    5_000.0,
    15_000.0,
    30_000.0,
    MINUTE_MS,
    2.0 * MINUTE_MS,
    5.0 * MINUTE_MS,
    10.0 * MINUTE_MS,
    15.0 * MINUTE_MS,
    30.0 * MINUTE_MS,
    HOUR_MS,
    2.0 * HOUR_MS,
    3.0 * HOUR_MS,
    6.0 * HOUR_MS,
    12.0 * HOUR_MS,
    DAY_MS,
    2.0 * DAY_MS,
    7.0 * DAY_MS,
];

/// Ticks from `from_ms` to `to_ms`, at most about `most` of them, on round times of the clock.
pub fn times(from_ms: f64, to_ms: f64, most: usize, clock: &Clock) -> Vec<f64> {
    let span = to_ms - from_ms;
    if !(span > 0.0 && span.is_finite()) || most == 0 {
        return Vec::new();
    }
    let wanted = span / most as f64;
    let longest = 28.0 * DAY_MS;
    let step = TIME_STEPS_MS
        .iter()
        .copied()
        .find(|step| *step >= wanted)
        .unwrap_or_else(|| (wanted / longest).ceil() * longest);
    let first = ((from_ms + clock.offset_ms(from_ms)) / step).ceil();
    let mut ticks = Vec::new();
    for index in 0..=most {
        let local = (first + index as f64) * step;
        // The offset in force near that local time; at a change of the clocks a tick may be an hour off for one step.
        let tick = local - clock.offset_ms(local - clock.offset_ms(from_ms));
        if tick > to_ms {
            break;
        }
        if tick >= from_ms {
            ticks.push(tick);
        }
    }
    ticks
}

/// The label of a tick: the date at midnight, else the time; seconds where ticks are closer than a minute.
pub fn time_label(tick_ms: f64, step_ms: f64, clock: &Clock) -> String {
    let civil = clock.civil(tick_ms);
    if step_ms >= DAY_MS * 0.9 || (civil.hour() == 0 && civil.minute() == 0 && civil.second() == 0) {
        clock.day(tick_ms)
    } else if step_ms < MINUTE_MS {
        format!("{:02}:{:02}:{:02}", civil.hour(), civil.minute(), civil.second())
    } else {
        clock.time(tick_ms)
    }
}

/// Ticks from `low` to `high` bytes, at most about `most`: powers of two, as memory is counted.
pub fn bytes(low: f64, high: f64, most: usize) -> Vec<f64> {
    let span = high - low;
    if !(span > 0.0 && span.is_finite()) || most == 0 {
        return Vec::new();
    }
    let step = (span / most as f64).log2().ceil().exp2();
    let first = (low / step).ceil();
    (0..=most).map(|index| (first + index as f64) * step).take_while(|tick| *tick <= high).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::thresholds::MIB;

    const MIDNIGHT: f64 = 1_795_478_400_000.0;

    #[test]
    fn ticks_of_a_day_stand_on_round_hours_of_the_zone() {
        let clock = Clock::new("+5:30", |_| 19_800.0);
        let ticks = times(MIDNIGHT, MIDNIGHT + DAY_MS, 8, &clock);
        let labels: Vec<_> = ticks.iter().map(|tick| time_label(*tick, 3.0 * HOUR_MS, &clock)).collect();
        assert_eq!(labels, ["06:00", "09:00", "12:00", "15:00", "18:00", "21:00", "25 Nov", "03:00"]);
    }

    #[test]
    fn a_change_of_the_clocks_keeps_ticks_on_round_hours() {
        let change = MIDNIGHT + 10.0 * HOUR_MS;
        let clock = Clock::new("dst", move |at| if at < change { 0.0 } else { -3600.0 });
        let ticks = times(MIDNIGHT, MIDNIGHT + DAY_MS, 4, &clock);
        let labels: Vec<_> = ticks.iter().map(|tick| time_label(*tick, 6.0 * HOUR_MS, &clock)).collect();
        assert_eq!(labels, ["24 Nov", "06:00", "12:00", "18:00"]);
    }

    #[test]
    fn ticks_of_bytes_are_powers_of_two_inside_the_range() {
        let ticks = bytes(300.0 * MIB, 1300.0 * MIB, 5);
        assert_eq!(ticks, [512.0 * MIB, 768.0 * MIB, 1024.0 * MIB, 1280.0 * MIB]);
    }

    #[test]
    fn senseless_ranges_have_no_ticks() {
        for (low, high) in [(1.0, 1.0), (2.0, 1.0), (f64::NAN, 1.0), (0.0, f64::INFINITY)] {
            assert!(bytes(low, high, 5).is_empty());
            assert!(times(low, high, 5, &Clock::utc()).is_empty());
        }
    }
}
