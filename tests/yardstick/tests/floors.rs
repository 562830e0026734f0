//! Floors under the figures of docs/detector.md: small sets, so that every change is judged. Seeds here are not those
//! of docs/detector.md's tables (61 to 65).

use model::detect::Verdict;
use yardstick::baseline::named;
use yardstick::class::{PRODUCTION, STANDARD};
use yardstick::generate::{Difficulty, cases, set, watched_set};
use yardstick::judge::{Answer, Detector};
use yardstick::score::{Counts, rate_errors};
use yardstick::{fleet, minima, watch, worse};

const SEED: u64 = 31;

fn counts(set: &[yardstick::generate::Labelled], detector: Detector) -> Counts {
    Counts::of(set.iter().map(|labelled| (labelled.leaks, detector.fires(labelled))))
}

#[test]
fn verdicts_stay_above_their_floor_and_above_every_rule_in_use() {
    let set = set(&STANDARD, SEED, 20, Difficulty::Normal);
    let ours = counts(&set, Detector::Leaklens);
    assert!(ours.f1() >= 0.957 && ours.precision() >= 0.98, "{ours:?}");
    for name in ["deriv_1h", "coroot_10mb", "mk_sen", "ols_r2"] {
        let theirs = counts(&set, Detector::Baseline(named(name).expect("a baseline")));
        assert!(ours.f1() > theirs.f1() + 0.04, "{name}: {theirs:?}, ours {ours:?}");
    }
    let blind = counts(&set, Detector::LeaklensWithoutRestarts);
    assert!(blind.f1() >= 0.95, "{blind:?}");
}

#[test]
fn hard_series_stay_above_their_floor() {
    let ours = counts(&set(&STANDARD, SEED, 20, Difficulty::Hard), Detector::Leaklens);
    assert!(ours.f1() >= 0.94, "{ours:?}");
}

#[test]
fn rates_stay_close() {
    let set = set(&STANDARD, SEED, 20, Difficulty::Normal);
    let answers: Vec<Answer> = set.iter().map(|labelled| Detector::Leaklens.answer(labelled)).collect();
    let errors = rate_errors(&set, &answers).expect("leaks");
    assert!(errors.median <= 0.012 && errors.ninetieth <= 0.14, "{errors:?}");
    assert!(errors.coverage >= Some(0.88) && errors.severity >= 0.95, "{errors:?}");
}

#[test]
fn few_safe_series_ever_wake_anybody() {
    // A ramp in progress is no different from a leak by memory alone.
    let told_apart: Vec<_> = STANDARD.into_iter().filter(|class| class.name != "load_ramp").collect();
    let set = watched_set(&told_apart, SEED, 9, Difficulty::Normal);
    let ours = watch::summary(&set, Detector::Leaklens);
    assert!(
        ours.safe_ever_percent <= 12.0 && ours.found_percent >= 96.0,
        "{} {}",
        ours.safe_ever_percent,
        ours.found_percent
    );
}

#[test]
fn the_path_over_minima_loses_little() {
    let set = set(&STANDARD, SEED, 20, Difficulty::Normal);
    for points in minima::POINTS {
        let passes = minima::two_passes(&set, points);
        assert!(passes.kept_percent >= 97.0 && passes.f1 >= passes.f1_full - 0.015, "{passes:?}");
    }
}

#[test]
fn more_leak_is_no_better() {
    let law = worse::more_leak_is_no_better(&set(&STANDARD, SEED, 20, Difficulty::Normal), SEED);
    assert!(law.held_percent() >= 99.5, "{law:?}");
}

#[test]
fn weak_classes_of_production_stay_above_their_floors() {
    let share = |class: &str, detector: Detector| {
        let class = PRODUCTION.into_iter().find(|one| one.name == class).expect("a class of production");
        let cases = cases(&[class], SEED, 40);
        cases.iter().filter(|case| case.any_fires(detector)).count() as f64 / cases.len() as f64
    };
    for (class, least) in [("two_rates", 0.95), ("workers_leak", 0.95), ("crash_leak", 0.98)] {
        assert!(share(class, Detector::Leaklens) >= least, "{class}");
    }
    // Falls from the limit tell the restarts of a crash loop.
    assert!(share("crash_leak", Detector::LeaklensWithoutRestarts) >= 0.85);
    for class in ["two_rates_ended", "workers_safe", "crash_safe"] {
        assert!(share(class, Detector::Leaklens) <= 0.05, "{class}");
    }
}

#[test]
fn pods_that_come_and_go_are_judged_together() {
    let churn = PRODUCTION.into_iter().filter(|class| class.name.starts_with("churn"));
    let cases = cases(&churn.collect::<Vec<_>>(), SEED, 30);
    let counts = Counts::of(cases.iter().map(|case| (case.leaks, case.fires())));
    assert!(counts.recall() >= 0.95 && counts.false_alarms == 0, "{counts:?}");
    // Two to four replicas at a time; a row more where one seems worse than the one that came after it.
    let rows: usize = cases.iter().map(|case| case.rows().len()).sum();
    let pods: usize = cases.iter().map(|case| case.members.len()).sum();
    println!("{rows} rows of {pods} pods in {} workloads", cases.len());
    assert!(rows <= 5 * cases.len(), "{rows} rows of {pods} pods in {} workloads", cases.len());
}

#[test]
fn what_production_adds_stays_above_its_floor() {
    let cases = cases(&PRODUCTION, SEED, 10);
    let counts = Counts::of(cases.iter().map(|case| (case.leaks, case.fires())));
    assert!(counts.recall() >= 0.93 && counts.precision() >= 0.95, "{counts:?}");
}

/// Where requests rise in a straight line with memory nothing tells them apart: then it is a suspect.
#[test]
fn rising_requests_explain_growth_and_hide_no_leak() {
    let of = |class: &str| {
        let class = PRODUCTION.into_iter().find(|one| one.name == class).expect("a class of production");
        cases(&[class], SEED, 40).into_iter().map(|case| {
            let labelled = &case.members[0].labelled;
            (Detector::LeaklensWithRequests.verdict(labelled), Detector::Leaklens.verdict(labelled))
        })
    };
    let leaks = |verdict: Option<Verdict>| verdict == Some(Verdict::Leak);
    let false_alarms = of("ramp_rising").filter(|(known, _)| leaks(*known)).count();
    let without = of("ramp_rising").filter(|(_, unknown)| leaks(*unknown)).count();
    assert!(false_alarms <= 2 && without >= 15, "{false_alarms} with the request rate, {without} without");
    let found = of("ramp_leak").filter(|(known, _)| leaks(*known)).count();
    let cleared =
        of("ramp_leak").filter(|(known, _)| !leaks(*known) && *known != Some(Verdict::Suspect)).count();
    assert!(found >= 24 && cleared <= 1, "{found} found, {cleared} cleared");
}

/// Of a leak that is made a suspect nothing is lost but the word.
#[test]
fn of_hundreds_judged_at_once_few_leaks_are_false() {
    let fleet = |leaks| fleet::Fleet { name: "small", still: 200, safe: 560, leaks };
    for one in fleet::controlled(&[fleet(0), fleet(10)], &[SEED]) {
        assert!(one.alone.false_alarms >= 1 && one.together.false_alarms <= 1, "{one:?}");
        assert!(one.together.found_or_suspect >= one.alone.found, "{one:?}");
        assert!(2 * one.together.found >= one.alone.found, "{one:?}");
    }
}
