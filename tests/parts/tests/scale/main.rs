//! Scans of more processes than are looked at in full, against Debian's Prometheus and `VictoriaMetrics`.
#![allow(clippy::unwrap_used)] // helpers of tests may panic as tests do

mod pods;
mod recorded;
mod victoria;

use std::collections::BTreeSet;
use std::sync::Arc;

use backend::prometheus::Client;
use backend::scan::{Scan, Server, Subject, Suspect, Window, Windows, scan};
use backend::settings::Settings;
use futures_util::future::join_all;
use model::detect::Verdict;
use model::labels::Role;
use model::query::Scope;

use self::pods::{LEAKS_EVERY, PODS, SCRAPES, START, STEP_SECS, history, planted};

/// A server with the pods' hours, and the settings of a data source for it.
fn backfilled(arguments: &[&str]) -> (parts::Server, Settings) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("history.om");
    std::fs::write(&file, history(SCRAPES)).unwrap();
    let builder = parts::prometheus().config("global: {}\n").backfill(&file);
    let server = arguments.iter().fold(builder, |builder, argument| builder.arg(*argument)).start().unwrap();
    let settings = Settings::for_url(&server.url()).unwrap();
    (server, settings)
}

/// What the server counts of its endpoints for queries, summed.
fn counted(port: u16, metric: &str, endpoints: &[&str]) -> f64 {
    let metrics = parts::get(port, "/metrics").unwrap().body;
    let of = |line: &&str| {
        endpoints.iter().any(|endpoint| line.contains(&format!("handler=\"/api/v1/{endpoint}\"")))
    };
    let counters = metrics.lines().filter(|line| line.starts_with(&format!("{metric}{{"))).filter(of);
    counters.map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()).sum()
}

/// So many range queries the server has answered.
fn range_queries(port: u16) -> u64 {
    counted(port, "prometheus_http_requests_total", &["query_range"]) as u64
}

/// So many bytes it has answered queries with.
fn answered_bytes(port: u16) -> f64 {
    counted(port, "prometheus_http_response_size_bytes_sum", &["query", "query_range", "read"])
}

fn leaking(scan: &Scan) -> BTreeSet<String> {
    let leaks = scan.suspects.iter().filter(|suspect| suspect.assessment.verdict == Verdict::Leak);
    leaks.map(pod).collect()
}

fn pod(suspect: &Suspect) -> String {
    suspect.role(Role::Pod).to_owned()
}

#[tokio::test]
async fn the_worst_are_looked_at_in_full_and_the_first_look_is_asked_for_once() {
    let (server, settings) = backfilled(&[]);
    let client = Client::new(&settings).unwrap();
    let windows = Windows::default();
    let whom = Server { client: &client, settings: &settings };
    let everything = Subject::Scope(Scope::default());
    let end = (START + (SCRAPES - 1) * STEP_SECS) as f64;
    let window = Window { from_secs: end - 7.0 * 3600.0, to_secs: end };

    let first = scan(whom, &windows, &everything, window).await.unwrap();
    assert_eq!(leaking(&first), planted());
    let before_safe = first.suspects.iter().take(PODS / LEAKS_EVERY).map(pod).collect::<BTreeSet<_>>();
    assert_eq!(before_safe, planted(), "every leak comes before whatever is safe");
    assert_eq!(first.notices, Vec::<String>::new());
    assert_eq!(first.suspects.len(), PODS, "nobody is left out");
    let (full, screened) = first.suspects.split_at(100);
    assert!(
        full.iter()
            .all(|suspect| suspect.series.len() > 400 && suspect.assessment.verdict != Verdict::Screened)
    );
    assert!(screened.iter().all(|suspect| suspect.assessment.verdict == Verdict::Screened));

    let later = |secs: f64| Window { from_secs: window.from_secs + secs, to_secs: window.to_secs + secs };
    let before = range_queries(server.port());
    assert_eq!(leaking(&scan(whom, &windows, &everything, later(30.0)).await.unwrap()), planted());
    let of_one = range_queries(server.port()) - before;
    // Nobody opens a dashboard at the very same moment as others.
    let at_once = (0..20).map(|nth| scan(whom, &windows, &everything, later(60.0 + f64::from(nth) / 10.0)));
    let at_once: Vec<_> = join_all(at_once).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(leaking(&at_once[0]), planted());
    assert!(at_once.iter().all(|one| Arc::ptr_eq(one, &at_once[0])), "they share one scan");
    assert_eq!(range_queries(server.port()), before + 2 * of_one, "twenty scans cost what one costs");
}

#[tokio::test]
async fn a_refresh_asks_for_the_newest_and_finds_what_a_first_look_finds() {
    let (server, settings) = backfilled(&[]);
    let client = Client::new(&settings).unwrap();
    let whom = Server { client: &client, settings: &settings };
    let everything = Subject::Scope(Scope::default());
    let end = (START + (SCRAPES - 61) * STEP_SECS) as f64;
    let window = |later_secs: f64| {
        let to_secs = end + later_secs;
        Window { from_secs: to_secs - 6.0 * 3600.0, to_secs }
    };
    let bytes_of = async |windows: &Windows, later_secs: f64| {
        let before = answered_bytes(server.port());
        let found = scan(whom, windows, &everything, window(later_secs)).await.unwrap();
        (found, answered_bytes(server.port()) - before)
    };
    let windows = Windows::default();
    let (_, first) = bytes_of(&windows, 0.0).await;
    for later_secs in [60.0, 600.0, 2400.0] {
        let (refreshed, of_refresh) = bytes_of(&windows, later_secs).await;
        let (anew, _) = bytes_of(&Windows::default(), later_secs).await;
        assert!(of_refresh < 0.5 * first, "{of_refresh} bytes of {first} after {later_secs} s");
        assert_eq!(refreshed.suspects.len(), anew.suspects.len());
        // Coarse looks of a minute ago stand as long as no minimum changes: of equal calm, one may come before another.
        let in_order = |scan: &Scan| {
            let mut all = scan.suspects.clone();
            all.sort_by_key(|one| {
                let screened = one.assessment.verdict == Verdict::Screened;
                (screened, screened.then(|| one.labels.clone()))
            });
            all
        };
        for (one, other) in in_order(&refreshed).iter().zip(&in_order(&anew)) {
            assert_eq!((&one.labels, &one.series), (&other.labels, &other.series), "after {later_secs} s");
            let (one, other) = (&one.assessment, &other.assessment);
            if one.verdict == Verdict::Screened {
                assert!(one.verdict == other.verdict && (one.score - other.score).abs() < 1e-3);
            } else {
                assert_eq!(one, other, "after {later_secs} s");
            }
        }
    }
}

#[tokio::test]
async fn a_server_that_loads_few_samples_is_asked_in_parts() {
    // The windows of two thirds of the pods are more than this, those of a third are not.
    let (_server, settings) = backfilled(&["--query.max-samples=10000"]);
    let client = Client::new(&settings).unwrap();
    let windows = Windows::default();
    let end = (START + (SCRAPES - 1) * STEP_SECS) as f64;
    let window = Window { from_secs: end - 7.0 * 3600.0, to_secs: end };
    let scope = Scope { job: model::query::Selection::one("web"), ..Scope::default() };
    let whom = Server { client: &client, settings: &settings };
    let found = scan(whom, &windows, &Subject::Scope(scope), window).await.unwrap();
    assert_eq!(found.suspects.len(), PODS);
    assert!(found.notices.iter().any(|notice| notice.contains("parts by namespace")), "{:?}", found.notices);
}
