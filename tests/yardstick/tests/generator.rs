//! The generator against another one of the same classes (tests/yardstick/reference).

use yardstick::class::{PRODUCTION, STANDARD};
use yardstick::generate::{Difficulty, cases, make};
use yardstick::reference::compare;

/// Series of each class: more are compared by `cargo xtask bench detect --measure reference`.
const SERIES: u64 = 40;

#[test]
fn every_baseline_fires_as_often_on_every_class_as_on_the_other_generators() {
    for difficulty in [Difficulty::Normal, Difficulty::Hard] {
        let shares = compare(901, SERIES, difficulty).expect("a reference");
        let far: Vec<_> = shares
            .iter()
            .filter(|share| share.points().abs() > 3.0 + 3.0 * share.standard_error_points(SERIES))
            .map(|share| format!("{share:?}"))
            .collect();
        assert!(far.is_empty(), "{}", far.join("\n"));
    }
}

#[test]
fn the_same_seed_makes_the_same_series() {
    for class in STANDARD {
        let series = || make(class, 3, 5, Difficulty::Hard, None).series;
        assert_eq!(series(), series(), "{}", class.name);
    }
}

#[test]
fn cases_are_what_their_class_says() {
    for case in cases(&PRODUCTION, 4, 6) {
        let several = case.class.starts_with("views") || case.class.starts_with("churn");
        assert_eq!(case.members.len() > 1, several, "{}", case.class);
        let known = case.members[0].labelled.request_rate.is_some();
        assert_eq!(known, case.class.starts_with("ramp"), "{}", case.class);
        let samples = || case.members.iter().flat_map(|member| &member.labelled.series.values);
        assert!(samples().all(|value| value.is_nan() || *value > 0.0), "{}", case.class);
        assert_eq!(samples().any(|value| value.is_nan()), case.class.starts_with("stale"), "{}", case.class);
        let ordered = |times: &[f64]| times.windows(2).all(|pair| pair[0] < pair[1]);
        let in_order = case.members.iter().all(|member| ordered(&member.labelled.series.times_secs));
        assert!(in_order || case.class.starts_with("skew"), "{}", case.class);
        let labels: std::collections::BTreeSet<_> =
            case.members.iter().map(|member| &member.labels).collect();
        assert_eq!(labels.len(), case.members.len(), "{}: labels twice", case.class);
    }
}

#[test]
fn runs_of_a_crash_loop_last_eight_to_twenty_five_minutes() {
    let class = PRODUCTION.into_iter().find(|class| class.name == "crash_leak").expect("a class");
    for case in cases(&[class], 4, 20) {
        let restarts = case.members[0].labelled.restarts_secs.clone().expect("known");
        assert!(restarts.len() >= 4);
        for pair in restarts.windows(2) {
            let minutes = (pair[1] - pair[0]) / 60.0;
            assert!((8.0..28.0).contains(&minutes), "{minutes}");
        }
    }
}
