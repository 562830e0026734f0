//! Crash loops: runs too short to judge alone.

use proptest::prelude::*;

use super::{Assessment, Context, Verdict, assess};
use crate::series::Series;
use crate::thresholds::MIB;

/// Runs of `minutes` sampled every `step_secs`, half a minute without a process between them, the last cut off at
/// `runs`; `bytes` of the hours since the start of the run.
fn looping(runs: f64, minutes: f64, step_secs: f64, bytes: impl Fn(f64) -> f64) -> (Series, Vec<f64>) {
    let cycle = minutes * 60.0 + 30.0;
    let count = (runs * cycle / step_secs) as u32;
    let ripple = |index: u32| f64::from((index * 7919) % 101) / 101.0 - 0.5;
    let samples = (0..count).filter_map(|index| {
        let age = (f64::from(index) * step_secs) % cycle;
        let value = bytes(age / 3600.0) + 2.0 * ripple(index) * MIB;
        (age < minutes * 60.0).then_some((f64::from(index) * step_secs, value))
    });
    let (times, values) = samples.unzip();
    let starts = (1..runs.ceil() as u32).map(|run| f64::from(run) * cycle).collect();
    (Series::new(times, values), starts)
}

fn judged(runs: f64, minutes: f64, mib: impl Fn(f64) -> f64, limit_mib: Option<f64>) -> Assessment {
    let (series, restarts) = looping(runs, minutes, 15.0, |hours| mib(hours) * MIB);
    let limit_bytes = limit_mib.map(|limit| limit * MIB);
    assess(&series, &Context { restarts_secs: Some(restarts), limit_bytes, ..Context::default() })
}

#[test]
fn without_restart_times_falls_from_the_limit_tell_them() {
    let (series, _) = looping(12.0, 15.0, 15.0, |hours| (200.0 + 1200.0 * hours) * MIB);
    let at_limit = Context { limit_bytes: Some(505.0 * MIB), ..Context::default() };
    let found = assess(&series, &at_limit);
    assert_eq!((found.verdict, found.shape), (Verdict::Leak, "crash_loop"), "{found:?}");
    // With room left it is as likely a collector.
    let far_below = Context { limit_bytes: Some(800.0 * MIB), ..Context::default() };
    assert_ne!(assess(&series, &far_below).shape, "crash_loop");
}

fn is_all_clear(found: &Assessment) -> bool {
    matches!(found.verdict, Verdict::Stable | Verdict::Bounded)
}

#[test]
fn the_third_climb_makes_a_leak_with_its_rate_and_time_per_cycle() {
    let climb = |hours: f64| 200.0 + 1200.0 * hours;
    for runs in [2.7, 3.0, 8.4, 60.0] {
        let found = judged(runs, 15.0, climb, Some(510.0));
        assert_eq!(found.verdict, Verdict::Leak, "{runs}: {found:?}");
        let rate = found.rate_bytes_per_hour.expect("a rate");
        assert!((rate.mid / MIB - 1200.0).abs() < 40.0, "{runs}: {rate:?}");
        assert!(found.reasons[0].contains("MiB/h") || found.reasons[0].contains("GiB/h"), "{found:?}");
        assert!(found.reasons.iter().any(|reason| reason.contains("about every 15 min")), "{found:?}");
    }
}

#[test]
fn before_the_third_climb_nothing_is_cleared() {
    let found = judged(2.3, 15.0, |hours| 200.0 + 1200.0 * hours, None);
    assert_eq!(found.verdict, Verdict::Insufficient, "{found:?}");
    assert!(found.reasons.iter().any(|reason| reason.contains("not an all-clear")), "{found:?}");
}

#[test]
fn a_loop_that_memory_does_not_cause_is_no_leak() {
    let warm_up = judged(10.6, 20.0, |hours| 200.0 + 180.0 * (1.0 - (-hours / 0.04).exp()), Some(510.0));
    assert_eq!(warm_up.verdict, Verdict::Bounded, "{warm_up:?}");
    let flat = judged(10.6, 20.0, |_| 200.0, Some(510.0));
    assert_eq!(flat.verdict, Verdict::Stable, "{flat:?}");
    // A climb that never comes near the limit may be how it always starts.
    let far = judged(10.6, 20.0, |hours| 200.0 + 120.0 * hours, Some(2000.0));
    assert_eq!(far.verdict, Verdict::Suspect, "{far:?}");
    // After few restarts, as of deploys, it says little.
    let deployed = judged(3.6, 20.0, |hours| 200.0 + 120.0 * hours, Some(2000.0));
    assert_eq!(deployed.verdict, Verdict::Leak, "{deployed:?}");
}

#[test]
fn a_loop_that_has_ended_is_judged_as_any_other_series() {
    let (series, restarts) = looping(4.0, 10.0, 15.0, |hours| (200.0 + 1200.0 * hours) * MIB);
    let mut series = series;
    let from = 4.0 * 630.0;
    for index in 0..1440 {
        series.times_secs.push(from + f64::from(index) * 15.0);
        series.values.push(200.0 * MIB);
    }
    let restarts = [restarts, vec![from]].concat();
    let found = assess(&series, &Context { restarts_secs: Some(restarts), ..Context::default() });
    assert!(is_all_clear(&found), "{found:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn climbs_to_a_limit_are_never_cleared(
        runs in 1.05..40.0f64,
        minutes in 8.0..25.0f64,
        step_secs in 10.0..60.0f64,
        height_mib in 60.0..800.0f64,
    ) {
        let hours = minutes / 60.0;
        let (series, restarts) = looping(runs, minutes, step_secs, |age| (200.0 + height_mib * age / hours) * MIB);
        let limit_bytes = Some((205.0 + height_mib) * MIB);
        let found = assess(&series, &Context { restarts_secs: Some(restarts), limit_bytes, ..Context::default() });
        prop_assert!(runs < 3.0 || !is_all_clear(&found), "{:?}", found);
        prop_assert!(runs < 4.0 || found.verdict == Verdict::Leak, "{:?}", found);
    }

    #[test]
    fn warm_ups_cut_short_are_no_leak(
        runs in 1.05..40.0f64,
        minutes in 8.0..25.0f64,
        step_secs in 10.0..60.0f64,
        height_mib in 0.0..600.0f64,
        share in 0.03..0.15f64,
    ) {
        let hours = minutes / 60.0;
        let bytes = |age: f64| (200.0 + height_mib * (1.0 - (-age / (share * hours)).exp())) * MIB;
        let (series, restarts) = looping(runs, minutes, step_secs, bytes);
        let found = assess(&series, &Context { restarts_secs: Some(restarts), ..Context::default() });
        prop_assert!(runs < 2.0 || !matches!(found.verdict, Verdict::Leak | Verdict::Suspect), "{:?}", found);
    }
}
