//! A scan of more processes than are looked at in full, against Debian's Prometheus.
#![allow(clippy::unwrap_used)] // helpers of tests may panic as tests do

use std::collections::BTreeSet;
use std::fmt::Write as _;

use backend::prometheus::Client;
use backend::scan::{Scan, Server, Subject, Window, Windows, scan};
use backend::settings::Settings;
use futures_util::future::join_all;
use model::detect::Verdict;
use model::labels::Role;
use model::query::Scope;

const MIB: f64 = 1_048_576.0;
const START: i64 = 1_700_000_000;
const STEP_SECS: i64 = 60;
const SCRAPES: i64 = 8 * 60;
const PODS: usize = 400;
/// Every so many leak.
const LEAKS_EVERY: usize = 20;

/// Eight hours of pods of which some leak and the others wander.
fn history() -> String {
    let mut text = String::from("# TYPE process_resident_memory_bytes gauge\n");
    for pod in 0..PODS {
        let slope = if pod % LEAKS_EVERY == 7 { 30.0 * MIB / 3600.0 } else { 0.0 };
        for scrape in 0..SCRAPES {
            let secs = scrape * STEP_SECS;
            let phase = f64::from(u32::try_from(pod).unwrap());
            let wander = (secs as f64 / 700.0 + phase).sin() * 2.0 * MIB;
            let bytes = 300.0 * MIB + slope * secs as f64 + wander;
            writeln!(
                text,
                "process_resident_memory_bytes{{namespace=\"shop-{}\",pod=\"web-{pod}\",instance=\"10.0.0.{pod}:80\",job=\"web\"}} {bytes} {}",
                pod % 3,
                START + secs
            )
            .unwrap();
        }
    }
    text + "# EOF\n"
}

/// So many range queries the server has answered.
fn range_queries(port: u16) -> u64 {
    let metrics = parts::get(port, "/metrics").unwrap().body;
    let counters = metrics.lines().filter(|line| {
        line.starts_with("prometheus_http_requests_total{")
            && line.contains("handler=\"/api/v1/query_range\"")
    });
    counters.map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap() as u64).sum()
}

fn leaking(scan: &Scan) -> BTreeSet<String> {
    let leaks = scan.suspects.iter().filter(|suspect| suspect.assessment.verdict == Verdict::Leak);
    leaks.map(|suspect| suspect.role(Role::Pod).to_owned()).collect()
}

#[tokio::test]
async fn the_worst_are_looked_at_in_full_and_the_first_look_is_asked_for_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("history.om");
    std::fs::write(&file, history()).unwrap();
    let server = parts::prometheus().config("global: {}\n").backfill(&file).start().unwrap();
    let settings = Settings::for_url(&server.url()).unwrap();
    let client = Client::new(&settings).unwrap();
    let windows = Windows::default();
    let whom = Server { client: &client, windows: &windows, settings: &settings };
    let everything = Subject::Scope(Scope::default());
    let end = (START + (SCRAPES - 1) * STEP_SECS) as f64;
    let window = Window { from_secs: end - 7.0 * 3600.0, to_secs: end };

    let first = scan(whom, &everything, window).await.unwrap();
    let planted: BTreeSet<String> =
        (0..PODS).filter(|pod| pod % LEAKS_EVERY == 7).map(|pod| format!("web-{pod}")).collect();
    assert_eq!(leaking(&first), planted);
    assert_eq!(first.notices, Vec::<String>::new());
    assert_eq!(first.suspects.len(), PODS, "nobody is left out");
    let (full, screened) = first.suspects.split_at(100);
    assert!(
        full.iter()
            .all(|suspect| suspect.series.len() > 400 && suspect.assessment.verdict != Verdict::Screened)
    );
    assert!(screened.iter().all(|suspect| suspect.assessment.verdict == Verdict::Screened));

    let asked = range_queries(server.port());
    let refresh = Window { from_secs: window.from_secs + 30.0, to_secs: window.to_secs + 30.0 };
    let at_once = join_all((0..20).map(|_| scan(whom, &everything, refresh))).await;
    for one in at_once {
        assert_eq!(leaking(&one.unwrap()), planted);
    }
    assert_eq!(range_queries(server.port()), 2 * asked, "twenty scans cost what one costs");
}

#[tokio::test]
async fn a_server_that_loads_few_samples_is_asked_in_parts() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("history.om");
    std::fs::write(&file, history()).unwrap();
    // All windows of all pods are more than this, those of a third are not; so are all samples of the worst.
    let builder = parts::prometheus().config("global: {}\n").backfill(&file);
    let server = builder.arg("--query.max-samples=20000").start().unwrap();
    let settings = Settings::for_url(&server.url()).unwrap();
    let client = Client::new(&settings).unwrap();
    let windows = Windows::default();
    let end = (START + (SCRAPES - 1) * STEP_SECS) as f64;
    let window = Window { from_secs: end - 7.0 * 3600.0, to_secs: end };
    let scope = Scope { job: model::query::Selection::one("web"), ..Scope::default() };
    let whom = Server { client: &client, windows: &windows, settings: &settings };
    let found = scan(whom, &Subject::Scope(scope), window).await.unwrap();
    assert_eq!(found.suspects.len(), PODS);
    assert!(found.notices.iter().any(|notice| notice.contains("parts by namespace")), "{:?}", found.notices);
}
