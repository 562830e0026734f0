//! Tables in Markdown.

#![allow(clippy::let_underscore_must_use, reason = "writing to a String cannot fail")]

use std::fmt::Write as _;

use crate::fleet::Controlled;
use crate::measure::{CaseShares, ClassShare, Row, Speed};
use crate::minima::TwoPasses;
use crate::reference::Share;
use crate::replicas::{Compared, Leaking};
use crate::score::RateErrors;
use crate::watch::Watch;
use crate::worse::Law;

/// One table of everything measured, then the share of each class that fires.
pub fn table(rows: &[Row]) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "| detector | precision | recall | F1 | false-positive rate | false alarms | missed | rate error median % | 90th % \
         | interval covers | exactly | severity right | µs a series | × least squares |"
    );
    let _ = writeln!(text, "|{}", "---|".repeat(14));
    for row in rows {
        let rate =
            |of: &dyn Fn(&RateErrors) -> Option<String>| row.rate.as_ref().and_then(of).unwrap_or_default();
        let _ = writeln!(
            text,
            "| {} | {:.3} | {:.3} | {:.3} | {:.3} | {} | {} | {} | {} | {} | {} | {} | {:.0} | {:.0} |",
            row.detector,
            row.precision,
            row.recall,
            row.f1,
            row.false_positive_rate,
            row.false_alarms,
            row.missed,
            rate(&|errors| Some(format!("{:.1}", 100.0 * errors.median))),
            rate(&|errors| Some(format!("{:.1}", 100.0 * errors.ninetieth))),
            rate(&|errors| errors.coverage.map(|coverage| format!("{coverage:.3}"))),
            rate(&|errors| errors.coverage_exact.map(|coverage| format!("{coverage:.3}"))),
            rate(&|errors| Some(format!("{:.3}", errors.severity))),
            row.micros_per_series,
            row.times_least_squares,
        );
    }
    let names: Vec<String> = rows.iter().map(|row| row.detector.clone()).collect();
    let columns: Vec<_> = rows.iter().map(|row| row.fires_percent.as_slice()).collect();
    text + "\n" + &by_class("fires %", &names, &columns)
}

fn by_class(what: &str, names: &[String], columns: &[&[ClassShare]]) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "| class, {what} | {} |", names.join(" | "));
    let _ = writeln!(text, "|---|{}", "---|".repeat(columns.len()));
    for (index, first) in columns.first().copied().unwrap_or_default().iter().enumerate() {
        let cells: Vec<_> = columns.iter().map(|column| format!("{:.0}", column[index].percent)).collect();
        let kind = if first.leaks { "leak" } else { "safe" };
        let _ = writeln!(text, "| {} ({kind}) | {} |", first.class, cells.join(" | "));
    }
    text
}

/// The path over window minima.
pub fn two_passes(passes: &[TwoPasses]) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "| coarse points | leaks kept, of those full resolution finds % | safe series looked at again % | µs a coarse look | F1 of both passes | F1, full resolution |"
    );
    let _ = writeln!(text, "|---|---|---|---|---|---|");
    for pass in passes {
        let _ = writeln!(
            text,
            "| {} | {:.1} | {:.1} | {:.0} | {:.3} | {:.3} |",
            pass.points, pass.kept_percent, pass.safe_kept_percent, pass.screen_micros, pass.f1, pass.f1_full
        );
    }
    text
}

/// What a day costs.
pub fn speed(speed: &Speed) -> String {
    format!(
        "a series of {} samples: {:.0} µs on average, {:.0} µs for the slowest class ({}); plain least squares {:.1} µs, {:.0} times less\n",
        speed.samples,
        speed.mean_micros,
        speed.slowest.1,
        speed.slowest.0,
        speed.least_squares_micros,
        speed.mean_micros / speed.least_squares_micros
    )
}

/// The rolling view of each detector.
pub fn rolling(watches: &[Watch]) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "| detector | safe that ever fire % | leaks found % | median delay h | 95th percentile h | worst h |\n|---|---|---|---|---|---|"
    );
    for watch in watches {
        let hours = |secs: Option<f64>| secs.map_or("–".to_owned(), |secs| format!("{:.1}", secs / 3600.0));
        let _ = writeln!(
            text,
            "| {} | {:.1} | {:.1} | {} | {} | {} |",
            watch.detector,
            watch.safe_ever_percent,
            watch.found_percent,
            hours(watch.delay_secs(0.5)),
            hours(watch.delay_secs(0.95)),
            hours(watch.delay_secs(1.0)),
        );
    }
    let names: Vec<String> = watches.iter().map(|watch| watch.detector.clone()).collect();
    let columns: Vec<_> = watches.iter().map(|watch| watch.by_class.as_slice()).collect();
    text + "\n" + &by_class("ever fires %", &names, &columns)
}

/// How much of each class of production's cases is called a leak.
pub fn cases(shares: &[CaseShares]) -> String {
    let names: Vec<String> = shares.iter().map(|share| share.detector.clone()).collect();
    let columns: Vec<_> = shares.iter().map(|share| share.fires_percent.as_slice()).collect();
    by_class("fires %", &names, &columns)
}

/// What controlling false discoveries does to fleets.
pub fn fleets(controlled: &[Controlled]) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "| fleet | series | leaks among them | leaks found, each alone | false alarms, each alone | leaks found, controlled | \
         found or suspect | false alarms, controlled |\n|{}",
        "---|".repeat(8)
    );
    for one in controlled {
        let (fleet, seeds) = (one.fleet, one.seeds as f64);
        let each = |count: usize| count as f64 / seeds.max(1.0);
        let _ = writeln!(
            text,
            "| {} | {} | {} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} |",
            fleet.name,
            fleet.still + fleet.safe + fleet.leaks,
            fleet.leaks,
            each(one.alone.found),
            each(one.alone.false_alarms),
            each(one.together.found),
            each(one.together.found_or_suspect),
            each(one.together.false_alarms),
        );
    }
    text
}

/// What comparing replicas gains and costs.
pub fn replicas(compared: &[Compared]) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "| replicas that leak | workloads | leaking replicas | found, each alone % | found, compared % | safe replicas | \
         called leaks, each alone % | called leaks, compared % |\n|{}",
        "---|".repeat(8)
    );
    for one in compared {
        let leaking = match one.leaking {
            Leaking::One => "one, the others are level",
            Leaking::None => "none",
            Leaking::All => "all, alike",
        };
        let percent = |count: usize, of: usize| match of {
            0 => String::new(),
            of => format!("{:.2}", 100.0 * count as f64 / of as f64),
        };
        let _ = writeln!(
            text,
            "| {leaking} | {} | {} | {} | {} | {} | {} | {} |",
            one.workloads,
            one.leaks,
            percent(one.alone.found, one.leaks),
            percent(one.compared.found, one.leaks),
            one.safe,
            percent(one.alone.false_alarms, one.safe),
            percent(one.compared.false_alarms, one.safe),
        );
    }
    text
}

/// How the score of safe series is spread, and what our detector takes it to be.
pub fn calibration(above: &[(f64, f64)]) -> String {
    let mut text =
        "| score of at least | safe series that rose % | taken to be % |\n|---|---|---|\n".to_owned();
    for (score, share) in above {
        let taken = 100.0 * model::join::discoveries::chance(*score);
        let _ = writeln!(text, "| {score} | {:.3} | {taken:.3} |", 100.0 * share);
    }
    text
}

/// How often more leak is called less.
pub fn law(law: &Law) -> String {
    let mut text = format!(
        "a leak of 12 to 120 MiB/h added to {} series lowers {} verdicts: the law holds in {:.2} %\n",
        law.tried,
        law.lowered,
        law.held_percent()
    );
    for (class, (lowered, tried)) in &law.by_class {
        let _ = writeln!(text, "- {class}: {lowered} of {tried}");
    }
    text
}

/// Our generator against another: how far apart, and where three points or more.
pub fn shares(shares: &[Share], series: u64) -> String {
    let mut text = String::new();
    let far: Vec<_> = shares.iter().filter(|share| share.points().abs() >= 3.0).collect();
    let _ = writeln!(
        text,
        "{} of {} shares within three points of the other generator's",
        shares.len() - far.len(),
        shares.len()
    );
    for share in far {
        let _ = writeln!(
            text,
            "- {} on {} ({:?}): {:.1} % here, {:.1} % there, {:.1} standard errors apart",
            share.baseline,
            share.class,
            share.difficulty,
            100.0 * share.ours,
            100.0 * share.theirs,
            share.points().abs() / share.standard_error_points(series)
        );
    }
    text
}
