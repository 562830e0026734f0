//! Whole verdicts on plain series, and laws that hold on any input.

use proptest::prelude::*;

use super::{Assessment, Context, Verdict, assess};
use crate::series::Series;
use crate::thresholds::{MIB, Thresholds};

/// `hours` of samples every minute; `bytes` of the hour, with a small deterministic ripple.
fn minutes(hours: f64, bytes: impl Fn(f64) -> f64) -> Series {
    let count = (hours * 60.0) as u32;
    let ripple = |index: u32| f64::from((index * 7919) % 101) / 101.0 - 0.5;
    Series::new(
        (0..count).map(|index| 1.7e9 + f64::from(index) * 60.0).collect(),
        (0..count).map(|index| bytes(f64::from(index) / 60.0) + ripple(index) * MIB).collect(),
    )
}

fn known_restarts() -> Context {
    Context { restarts_secs: Some(Vec::new()), ..Context::default() }
}

fn assert_finite(assessment: &Assessment) {
    assert!((0.0..=1.0).contains(&assessment.score), "score {}", assessment.score);
    let mut numbers = vec![assessment.span_secs];
    if let Some(rate) = assessment.rate_bytes_per_hour {
        assert!(rate.low <= rate.mid && rate.mid <= rate.high, "{rate:?}");
        numbers.extend([rate.low, rate.mid, rate.high]);
    }
    numbers.extend(assessment.floor_bytes);
    numbers.extend(assessment.onset_secs);
    numbers.extend(&assessment.restarts_secs);
    for point in assessment.floor.iter().chain(&assessment.trend) {
        numbers.extend([point.time_secs, point.bytes]);
    }
    if let Some(forecast) = assessment.to_limit {
        numbers.extend([forecast.earliest_secs, forecast.likely_secs]);
        numbers.extend(forecast.latest_secs);
        assert!(forecast.earliest_secs <= forecast.likely_secs, "{forecast:?}");
    }
    assert!(numbers.iter().all(|number| number.is_finite()), "{assessment:?}");
    assert!(!assessment.reasons.is_empty());
}

#[test]
fn a_steady_climb_is_a_leak_with_its_rate_and_time_to_limit() {
    let series = minutes(6.0, |hour| 300.0 * MIB + 31.0 * MIB * hour);
    let context = Context { limit_bytes: Some(796.0 * MIB), ..known_restarts() };
    let found = assess(&series, &context);
    assert_eq!(found.verdict, Verdict::Leak, "{found:?}");
    let rate = found.rate_bytes_per_hour.expect("a rate");
    assert!((rate.mid / MIB - 31.0).abs() < 0.5, "{rate:?}");
    assert!(rate.low <= 31.0 * MIB && rate.high >= 31.0 * MIB, "{rate:?}");
    // 310 MiB are left at 31 MiB/h: ten hours.
    let forecast = found.to_limit.expect("a forecast");
    assert!((forecast.likely_secs / 3600.0 - 10.0).abs() < 0.3, "{forecast:?}");
    assert_finite(&found);
}

#[test]
fn growth_that_ends_is_no_leak() {
    type MibAtHour = fn(f64) -> f64;
    let cases: [(&str, MibAtHour); 5] = [
        ("flat", |_| 300.0),
        ("warm-up", |hour| 300.0 + 200.0 * (1.0 - (-hour / 0.4).exp())),
        ("step", |hour| if hour < 2.5 { 300.0 } else { 420.0 }),
        ("below the threshold", |hour| 300.0 + 4.0 * hour),
        ("falling", |hour| 300.0 - 20.0 * hour),
    ];
    for (name, mib) in cases {
        let found = assess(&minutes(6.0, |hour| mib(hour) * MIB), &known_restarts());
        assert!(!matches!(found.verdict, Verdict::Leak | Verdict::Suspect), "{name}: {found:?}");
        assert_finite(&found);
    }
}

#[test]
fn verdicts_below_a_leak_say_what_happened() {
    let warm_up = minutes(6.0, |hour| (300.0 + 200.0 * (1.0 - (-hour / 0.4).exp())) * MIB);
    assert_eq!(assess(&warm_up, &known_restarts()).verdict, Verdict::Bounded);
    let creep = minutes(12.0, |hour| (300.0 + 4.0 * hour) * MIB);
    assert_eq!(assess(&creep, &known_restarts()).verdict, Verdict::Growing);
    let flat = minutes(6.0, |_| 300.0 * MIB);
    assert_eq!(assess(&flat, &known_restarts()).verdict, Verdict::Stable);
}

#[test]
fn a_leak_under_collector_teeth_is_read_at_their_lows() {
    let series = minutes(8.0, |hour| (300.0 + 25.0 * hour + 120.0 * (hour * 1.9).fract()) * MIB);
    let found = assess(&series, &known_restarts());
    assert_eq!(found.verdict, Verdict::Leak, "{found:?}");
    let rate = found.rate_bytes_per_hour.expect("a rate").mid / MIB;
    assert!((rate - 25.0).abs() < 2.5, "{rate}");
    let flat = minutes(8.0, |hour| (300.0 + 120.0 * (hour * 1.9).fract()) * MIB);
    assert_ne!(assess(&flat, &known_restarts()).verdict, Verdict::Leak);
}

#[test]
fn a_leak_over_restarts_is_found_with_and_without_their_times() {
    let series = minutes(12.0, |hour| (200.0 + 90.0 * (hour % 4.0)) * MIB);
    let times = vec![1.7e9 + 4.0 * 3600.0, 1.7e9 + 8.0 * 3600.0];
    for restarts_secs in [Some(times), None] {
        let found = assess(&series, &Context { restarts_secs, ..Context::default() });
        assert_eq!(found.verdict, Verdict::Leak, "{found:?}");
        assert_eq!(found.restarts_secs.len(), 2, "{found:?}");
    }
}

#[test]
fn a_late_leak_has_an_onset() {
    let series = minutes(8.0, |hour| (300.0 + 40.0 * (hour - 3.0f64).max(0.0)) * MIB);
    let found = assess(&series, &known_restarts());
    assert_eq!(found.verdict, Verdict::Leak, "{found:?}");
    let onset = (found.onset_secs.expect("an onset") - 1.7e9) / 3600.0;
    assert!((onset - 3.0).abs() < 0.5, "{onset}");
    assert!(
        found.trend.first().is_some_and(|point| point.time_secs >= found.onset_secs.unwrap_or(0.0) - 1.0)
    );
}

#[test]
fn too_little_data_is_never_called_healthy() {
    for series in [
        Series::default(),
        Series::new(vec![1.0, 2.0], vec![3.0, 4.0]),
        Series::new((0..29).map(|index| f64::from(index) * 600.0).collect(), vec![1.0; 29]),
        Series::new((0..200).map(f64::from).collect(), vec![1.0; 200]),
        Series::new(vec![f64::NAN; 50], vec![f64::NAN; 50]),
    ] {
        let found = assess(&series, &Context::default());
        assert_eq!(found.verdict, Verdict::Insufficient);
        assert!(found.reasons[0].contains("not an all-clear"));
    }
}

/// Any number, the odd ones often.
fn hostile() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => -1e3..1e3f64,
        2 => 0.0..1e12f64,
        1 => Just(0.0),
        1 => Just(1e308),
        1 => Just(-1e308),
        1 => Just(f64::NAN),
        1 => Just(f64::INFINITY),
        1 => Just(f64::NEG_INFINITY),
        1 => Just(f64::MIN_POSITIVE),
        1 => any::<f64>(),
    ]
}

/// A plausible series: level, rate, noise, teeth or cycle, hours.
fn plausible() -> impl Strategy<Value = Series> {
    (100.0..900.0f64, -20.0..120.0f64, 0.1..10.0f64, 0.0..200.0f64, 1.5..24.0f64, 0.2..4.0f64, 1u32..1000)
        .prop_map(|(level, rate, noise, teeth, hours, per_hour, seed)| {
            let mut state = seed;
            let count = 240;
            let values = (0..count)
                .map(|index| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    let chance = f64::from(state >> 8) / f64::from(1u32 << 24) - 0.5;
                    let hour = hours * f64::from(index) / f64::from(count);
                    (level + rate * hour + noise * chance + teeth * (hour * per_hour).fract()) * MIB
                })
                .collect();
            let times = (0..count).map(|index| 1e6 + hours * 3600.0 * f64::from(index) / f64::from(count));
            Series::new(times.collect(), values)
        })
}

/// Requests a second that go up at an hour, counted with a ripple.
fn rising_requests(memory: &Series, from_hour: f64) -> Series {
    let rate = |hour: f64| 10.0 + 6.0 * (hour - from_hour).max(0.0);
    let ripple = |index: usize| 1.0 + 0.1 * (((index * 6007) % 97) as f64 / 97.0 - 0.5);
    let rates = (0..memory.len()).map(|index| rate(index as f64 / 60.0) * ripple(index)).collect();
    Series::new(memory.times_secs.clone(), rates)
}

#[test]
fn memory_that_follows_the_requests_is_no_leak() {
    let memory = minutes(8.0, |hour| (400.0 + 40.0 * (hour - 3.0).max(0.0)) * MIB);
    assert_eq!(assess(&memory, &known_restarts()).verdict, Verdict::Leak);
    let known = Context { request_rate: Some(rising_requests(&memory, 3.0)), ..known_restarts() };
    let found = assess(&memory, &known);
    assert_eq!(found.verdict, Verdict::Bounded, "{:?}", found.reasons);
    assert!(
        found.reasons[0].starts_with("Memory follows the requests: they went from 10/s to"),
        "{:?}",
        found.reasons
    );
}

#[test]
fn a_leak_beside_rising_requests_keeps_its_own_rate() {
    let memory = minutes(8.0, |hour| (400.0 + 40.0 * (hour - 3.0).max(0.0) + 25.0 * hour) * MIB);
    let known = Context { request_rate: Some(rising_requests(&memory, 3.0)), ..known_restarts() };
    let found = assess(&memory, &known);
    assert_eq!(found.verdict, Verdict::Leak, "{:?}", found.reasons);
    let rate = found.rate_bytes_per_hour.unwrap().mid / MIB;
    assert!((22.0..28.0).contains(&rate), "{rate}");
}

#[test]
fn requests_that_rise_as_memory_does_leave_it_open() {
    let memory = minutes(8.0, |hour| (400.0 + 40.0 * hour) * MIB);
    let known = Context { request_rate: Some(rising_requests(&memory, 0.0)), ..known_restarts() };
    let found = assess(&memory, &known);
    assert_eq!(found.verdict, Verdict::Suspect, "{:?}", found.reasons);
    assert!(found.reasons[1].contains("cannot be told"), "{:?}", found.reasons);
}

#[test]
fn requests_that_do_something_else_change_nothing() {
    let memory = minutes(8.0, |hour| (400.0 + 40.0 * hour) * MIB);
    let steady = Series::new(memory.times_secs.clone(), vec![20.0; memory.len()]);
    let found = assess(&memory, &known_restarts());
    let known = Context { request_rate: Some(steady), ..known_restarts() };
    assert_eq!(assess(&memory, &known), found);
    assert_eq!(found.verdict, Verdict::Leak);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics_or_leaves_the_numbers(
        times in prop::collection::vec(hostile(), 0..120),
        values in prop::collection::vec(hostile(), 0..120),
        restarts in prop::option::of(prop::collection::vec(hostile(), 0..5)),
        limit in prop::option::of(hostile()),
        min_evidence_secs in hostile(),
        growth_bytes_per_hour in hostile(),
        requests in prop::option::of(prop::collection::vec(hostile(), 0..120)),
    ) {
        let thresholds = Thresholds { growth_bytes_per_hour, min_evidence_secs, ..Thresholds::default() };
        let even: Vec<f64> = (0..120).map(|index| f64::from(index) * 600.0).collect();
        let request_rate = requests.map(|requests| Series::new(even.clone(), requests));
        let context = Context { restarts_secs: restarts, limit_bytes: limit, request_rate, thresholds };
        assert_finite(&assess(&Series::new(times, values.clone()), &context));
        assert_finite(&assess(&Series::new(even, values), &context));
    }

    #[test]
    fn later_is_the_same(series in plausible(), hours in -1000..1000i32) {
        let by = f64::from(hours) * 3600.0;
        let moved = Series::new(series.times_secs.iter().map(|time| time + by).collect(), series.values.clone());
        let (before, after) = (assess(&series, &known_restarts()), assess(&moved, &known_restarts()));
        prop_assert_eq!(before.verdict, after.verdict);
        prop_assert!((before.score - after.score).abs() < 1e-6);
        prop_assert_eq!(before.onset_secs.is_some(), after.onset_secs.is_some());
    }

    #[test]
    fn order_of_arrival_does_not_matter(series in plausible(), swaps in prop::collection::vec((0usize..240, 0usize..240), 1..200)) {
        let mut mixed = series.clone();
        for (left, right) in swaps {
            mixed.times_secs.swap(left, right);
            mixed.values.swap(left, right);
        }
        prop_assert_eq!(assess(&series, &known_restarts()), assess(&mixed, &known_restarts()));
    }

    #[test]
    fn larger_units_with_larger_thresholds_are_the_same(series in plausible(), factor in 1.0..1000.0f64) {
        let scaled = Series::new(series.times_secs.clone(), series.values.iter().map(|value| value * factor).collect());
        let mut context = known_restarts();
        let before = assess(&series, &context);
        context.thresholds.growth_bytes_per_hour *= factor;
        let after = assess(&scaled, &context);
        prop_assert!((before.score - after.score).abs() < 1e-3, "{} {}", before.score, after.score);
    }

    #[test]
    fn faster_time_with_scaled_thresholds_is_the_same(series in plausible(), factor in 1.0..200.0f64) {
        let fast = Series::new(series.times_secs.iter().map(|time| time / factor).collect(), series.values.clone());
        let mut context = known_restarts();
        let before = assess(&series, &context);
        context.thresholds.growth_bytes_per_hour *= factor;
        context.thresholds.min_evidence_secs /= factor;
        let after = assess(&fast, &context);
        prop_assert_eq!(before.verdict, after.verdict);
        // What keeps formulas from dividing by zero is a fixed small number and does not scale.
        prop_assert!((before.score - after.score).abs() < 1e-3, "{} {}", before.score, after.score);
    }

    #[test]
    fn a_higher_level_changes_only_what_is_relative_to_it(series in plausible(), mib in 0.0..200.0f64) {
        let raised = Series::new(series.times_secs.clone(), series.values.iter().map(|value| value + mib * MIB).collect());
        let (before, after) = (assess(&series, &known_restarts()), assess(&raised, &known_restarts()));
        let (low, high) = (before.rate_bytes_per_hour.unwrap().mid, after.rate_bytes_per_hour.unwrap().mid);
        prop_assert!((low - high).abs() < 0.35 * low.abs().max(MIB), "{low} {high}");
    }
}
