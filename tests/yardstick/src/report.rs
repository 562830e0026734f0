//! Tables in Markdown.

#![allow(clippy::let_underscore_must_use, reason = "writing to a String cannot fail")]

use std::fmt::Write as _;

use crate::generate::Labelled;
use crate::judge::Detector;
use crate::score::{Counts, by_class, rate_errors};
use crate::watch;

/// Precision, recall, F1 and false-positive rate of each detector, then the share of each class that fires.
pub fn table(set: &[Labelled], detectors: &[Detector]) -> String {
    let mut text = String::new();
    let fired: Vec<Vec<bool>> = detectors
        .iter()
        .map(|detector| set.iter().map(|labelled| detector.fires(labelled)).collect())
        .collect();
    let _ = writeln!(
        text,
        "| detector | precision | recall | F1 | false-positive rate | false alarms | missed |"
    );
    let _ = writeln!(text, "|---|---|---|---|---|---|---|");
    for (detector, fired) in detectors.iter().zip(&fired) {
        let counts = Counts::of(set.iter().zip(fired).map(|(labelled, &fired)| (labelled.leaks, fired)));
        let _ = writeln!(
            text,
            "| {} | {:.3} | {:.3} | {:.3} | {:.3} | {} | {} |",
            detector.name(),
            counts.precision(),
            counts.recall(),
            counts.f1(),
            counts.false_positive_rate(),
            counts.false_alarms,
            counts.missed
        );
    }
    let _ = writeln!(text, "\n| class, fires % | {} |", names(detectors));
    let _ = writeln!(text, "|---|{}", "---|".repeat(detectors.len()));
    let columns: Vec<_> = fired.iter().map(|fired| by_class(set, fired)).collect();
    for key in columns.first().into_iter().flat_map(std::collections::BTreeMap::keys) {
        let cells: Vec<String> = columns.iter().map(|column| format!("{:.0}", column[key])).collect();
        let _ = writeln!(
            text,
            "| {} {} | {} |",
            key.1,
            if key.0 { "(safe)" } else { "(leak)" },
            cells.join(" | ")
        );
    }
    text
}

fn names(detectors: &[Detector]) -> String {
    detectors.iter().map(|detector| detector.name()).collect::<Vec<_>>().join(" | ")
}

/// Rate error, interval coverage and severity of ours.
pub fn rates(set: &[Labelled]) -> String {
    let errors = rate_errors(set);
    format!(
        "rate on {} leaks: median error {:.1} %, 90th percentile {:.1} %, interval covers {:.3}, severity right {:.3}\n",
        errors.count,
        100.0 * errors.median,
        100.0 * errors.ninetieth,
        errors.coverage,
        errors.severity
    )
}

/// The rolling view of each detector.
pub fn rolling(set: &[Labelled], detectors: &[Detector]) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "| detector | safe that ever fire % | leaks found % | median delay h | 95th percentile h | worst h |\n|---|---|---|---|---|---|"
    );
    let summaries: Vec<_> = detectors.iter().map(|&detector| watch::summary(set, detector)).collect();
    for (detector, summary) in detectors.iter().zip(&summaries) {
        let delays = &summary.delays_secs;
        let at = |share: f64| {
            let index = ((delays.len() as f64 - 1.0) * share).max(0.0) as usize;
            delays.get(index).map_or(f64::NAN, |delay| delay / 3600.0)
        };
        let _ = writeln!(
            text,
            "| {} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} |",
            detector.name(),
            100.0 * summary.safe_ever,
            100.0 * summary.found,
            at(0.5),
            at(0.95),
            at(1.0)
        );
    }
    let _ = writeln!(text, "\n| class, ever fires % | {} |", names(detectors));
    let _ = writeln!(text, "|---|{}", "---|".repeat(detectors.len()));
    for (row, (class, leaks, _)) in
        summaries.first().map_or(&[][..], |first| &first.by_class).iter().enumerate()
    {
        let cells: Vec<String> =
            summaries.iter().map(|summary| format!("{:.0}", summary.by_class[row].2)).collect();
        let _ = writeln!(
            text,
            "| {class} {} | {} |",
            if *leaks { "(leak)" } else { "(safe)" },
            cells.join(" | ")
        );
    }
    text
}
