//! Answers to the checks of a runbook, each a finding in one sentence with its figures.
//!
//! What stands in a suspect's own samples is judged from them; for all else `ask` puts the profile's metrics of evidence
//! into a query about this one suspect. All checks run at once; one that fails is unknown, with its reason.

mod ask;
mod cache;
mod collector;
mod deploys;
mod freshness;
mod growth;
mod hours;
mod moves;
mod objects;
mod replicas;
mod restarts;
mod rules;
mod scrape;
mod siblings;
mod sizing;
mod surroundings;
mod usage;
mod views;

use futures_util::future::join_all;
use model::alert::Alert;
use model::evidence::{EvidenceKind, Finding, FindingState};

use self::ask::{Ask, Unknown};
pub use self::replicas::replicas;
pub use self::surroundings::{Surroundings, surroundings};
use crate::prometheus::Client;
use crate::scan::{Suspect, Window};
use crate::settings::Settings;

/// What memory may move with.
const MOVES: [EvidenceKind; 5] = [
    EvidenceKind::RequestRate,
    EvidenceKind::ErrorRate,
    EvidenceKind::DatabaseQueries,
    EvidenceKind::Cpu,
    EvidenceKind::UserActivity,
];
/// What is found out without a suspect.
const WITHOUT_A_SUSPECT: [EvidenceKind; 2] = [EvidenceKind::ScrapeHealth, EvidenceKind::RulesLoaded];

/// Everything known about one suspect, or why there is none, and the alert that led to it. What cannot be told without
/// them is said to be unknown. `all` are the suspects it is compared with; where its replicas are not among them they are
/// asked for.
pub async fn findings(
    client: &Client,
    settings: &Settings,
    suspect: Result<&Suspect, &str>,
    all: &[&Suspect],
    alert: Option<&Alert>,
    window: Window,
) -> Vec<Finding> {
    let known = suspect.ok();
    let ((scrape, rules), about) = tokio::join!(
        async { tokio::join!(scrape::finding(client, known, alert, window), rules::finding(client)) },
        async {
            match suspect {
                // Boxed: a dozen checks at once are a large future.
                Ok(suspect) => Box::pin(about(client, settings, suspect, all, window)).await,
                Err(why) => EvidenceKind::ALL
                    .iter()
                    .filter(|kind| !WITHOUT_A_SUSPECT.contains(kind))
                    .map(|kind| finding(*kind, FindingState::Unknown, why, ""))
                    .collect(),
            }
        },
    );
    let mut findings = vec![scrape, rules];
    findings.extend(about);
    let name = known.map(Suspect::name).unwrap_or_default();
    for finding in &mut findings {
        finding.sentence = capitalised(std::mem::take(&mut finding.sentence), &name);
    }
    findings
}

/// The sentence with a capital letter, but for a name at its beginning: names stay as they are written.
fn capitalised(mut sentence: String, name: &str) -> String {
    let word = sentence.split(' ').next().unwrap_or_default();
    let is_ours = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    if is_ours && (name.is_empty() || !sentence.starts_with(name)) {
        sentence[..1].make_ascii_uppercase();
    }
    sentence
}

async fn about(
    client: &Client,
    settings: &Settings,
    suspect: &Suspect,
    all: &[&Suspect],
    window: Window,
) -> Vec<Finding> {
    let ask = Ask { client, suspect, window };
    let mut others = Ok(Vec::new());
    let mut siblings = siblings::of(suspect, all.iter().copied());
    if siblings.is_empty() {
        others = siblings::asked_for(client, settings, suspect, window).await;
        siblings = siblings::of(suspect, others.as_deref().unwrap_or_default());
    }
    let (restarts, views, objects, collector, deploys, cache, sizing, moves) = tokio::join!(
        restarts::finding(ask),
        views::finding(ask),
        objects::finding(ask),
        collector::finding(ask),
        deploys::finding(ask, &siblings),
        cache::finding(ask),
        sizing::finding(ask),
        join_all(MOVES.map(|kind| moves::finding(ask, kind))),
    );
    let alike = siblings::finding(suspect, &siblings, others.as_ref().err().map(String::as_str));
    let own = [
        growth::finding(suspect),
        usage::finding(suspect, &settings.thresholds),
        restarts,
        freshness::finding(suspect, window),
        hours::finding(suspect),
    ];
    let asked = [views, objects, collector, deploys, alike, cache, sizing];
    own.into_iter().chain(asked).chain(moves).collect()
}

fn finding(
    kind: EvidenceKind,
    state: FindingState,
    sentence: impl Into<String>,
    query: impl Into<String>,
) -> Finding {
    Finding { kind, state, sentence: sentence.into(), query: query.into(), course: Vec::new() }
}

/// The finding of a check that asked the server: what was judged and by which query, or that it is unknown.
fn settle(
    kind: EvidenceKind,
    topic: &str,
    answer: Result<(FindingState, String, String), Unknown>,
) -> Finding {
    match answer {
        Ok((state, sentence, query)) => finding(kind, state, sentence, query),
        Err(Unknown { reason, query }) => {
            finding(kind, FindingState::Unknown, format!("{topic} is unknown: {reason}"), query)
        }
    }
}

/// A number of things: whole from ten on, with a true minus.
fn count(value: f64) -> String {
    let digits = if value.abs() >= 10.0 || value.fract() == 0.0 { 0 } else { 2 };
    let shown = format!("{:.digits$}", value.abs());
    if value < 0.0 && shown.bytes().any(|byte| (b'1'..=b'9').contains(&byte)) {
        format!("−{shown}")
    } else {
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_begin_with_a_capital_letter_and_names_do_not() {
        let said = |sentence: &str| capitalised(sentence.to_owned(), "web");
        assert_eq!(said("no view was called"), "No view was called");
        assert_eq!(said("web uses 3 MiB"), "web uses 3 MiB");
        assert_eq!(said("10.0.0.1:80 is scraped"), "10.0.0.1:80 is scraped");
        assert_eq!(said("django_objects could not be read"), "django_objects could not be read");
        assert_eq!(said(""), "");
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!([0.0, -0.001, -12.4, 1234.6, 0.5].map(count), ["0", "0.00", "−12", "1235", "0.50"]);
    }
}
