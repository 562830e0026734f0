//! Findings about a backfilled day in Debian's Prometheus: their figures are those of PromQL written here by hand.
#![allow(clippy::unwrap_used)] // helpers of tests may panic as tests do

use std::collections::BTreeMap;
use std::fmt::Write as _;

use backend::evidence::{findings, replicas};
use backend::prometheus::Client;
use backend::scan::{Server, Subject, Suspect, Window, Windows, scan};
use backend::settings::Settings;
use model::evidence::{EvidenceKind, Finding, FindingState};
use model::format;
use model::labels::Role;
use model::query::{Scope, Selection};

const START: i64 = 1_700_006_400;
const STEP_SECS: i64 = 60;
const SCRAPES: i64 = 1440;
/// When 1.42 replaced 1.41, in scrapes.
const ROLLOUT: i64 = 720;
const MIB: f64 = 1_048_576.0;

const OLD: &str = "web-5b7c6d8f9c-bbbbb";
const NEW: &str = "web-7d4b9c6f5d-x2vqk";
const TWIN: &str = "web-7d4b9c6f5d-zzzzz";

/// Requests of a minute: a tide with some roughness, the same each time.
fn requests(scrape: i64) -> f64 {
    let rough = (scrape.wrapping_mul(2_654_435_761) >> 9).rem_euclid(40) as f64;
    120.0 + 80.0 * (scrape as f64 / 47.0).sin() + rough
}

/// Families as OpenMetrics: each one's samples together, in order of series.
#[derive(Default)]
struct Exposition {
    families: BTreeMap<&'static str, (&'static str, String)>,
}

impl Exposition {
    fn series(
        &mut self,
        (family, kind, suffix): (&'static str, &'static str, &str),
        labels: &str,
        value: impl Fn(i64) -> Option<f64>,
    ) {
        let (_, text) = self.families.entry(family).or_insert((kind, String::new()));
        for scrape in 0..SCRAPES {
            if let Some(value) = value(scrape) {
                writeln!(text, "{family}{suffix}{{{labels}}} {value} {}", START + scrape * STEP_SECS)
                    .unwrap();
            }
        }
    }

    fn text(&self) -> String {
        let family =
            |(name, (kind, samples)): (&&str, &(&str, String))| format!("# TYPE {name} {kind}\n{samples}");
        self.families.iter().map(family).collect::<String>() + "# EOF\n"
    }
}

/// Three pods of one deployment: the old one is flat and goes; of the new ones each request leaves 3 KiB behind.
fn day() -> String {
    let mut out = Exposition::default();
    for (pod, instance, tag, born, gone) in [
        (OLD, "10.0.0.1:8000", "1.41.0", 0, ROLLOUT),
        (NEW, "10.0.0.2:8000", "1.42.0", ROLLOUT, SCRAPES),
        (TWIN, "10.0.0.3:8000", "1.42.0", ROLLOUT, SCRAPES),
    ] {
        let leak_bytes = if pod == OLD { 0.0 } else { 3072.0 };
        let at = |value: fn(f64, f64, i64) -> f64| {
            move |scrape: i64| {
                let served: f64 = (born..scrape).map(requests).sum();
                (born..gone).contains(&scrape).then(|| value(served, leak_bytes, scrape - born))
            }
        };
        let target =
            format!(r#"job="django",instance="{instance}",namespace="shop",pod="{pod}",container="web""#);
        let kube = format!(r#"job="kube-state-metrics",namespace="shop",pod="{pod}",container="web""#);
        let cadvisor = format!(r#"job="kubelet",namespace="shop",pod="{pod}",container="web""#);
        let view = |name: &str| format!(r#"{target},view_name="{name}""#);
        out.series(
            ("django_memory_usage_bytes", "gauge", ""),
            &view("list"),
            at(|served, leak, age| 200.0 * MIB + served * leak + (age % 5) as f64 * MIB),
        );
        for (name, bytes, share) in [("list", 700.0, 0.9), ("detail", 410.0, 0.1)] {
            let served = |scrape: i64| -> Option<f64> {
                (born..gone).contains(&scrape).then(|| (born..scrape).map(requests).sum())
            };
            let sum = ("django_allocation_bytes", "summary", "_sum");
            out.series(sum, &view(name), |scrape| Some(served(scrape)? * bytes));
            let count = ("django_allocation_bytes", "summary", "_count");
            out.series(count, &view(name), |scrape| Some(served(scrape)? * share));
        }
        out.series(
            ("django_memory_growth_events", "counter", "_total"),
            &format!(r#"{target},threshold="10MiB""#),
            at(|served, leak, _| (served * leak / (10.0 * MIB)).floor()),
        );
        let objects = |kind| format!(r#"{target},object_type="{kind}""#);
        out.series(
            ("django_python_objects_total", "gauge", ""),
            &objects("dict"),
            at(|served, leak, _| 40_000.0 + served * leak / 4096.0),
        );
        out.series(("django_python_objects_total", "gauge", ""), &objects("list"), at(|_, _, _| 9000.0));
        for (generation, share) in [("0", 9.0), ("1", 0.5), ("2", 0.02)] {
            let labels = format!(r#"{target},generation="{generation}""#);
            out.series(("django_gc_collections", "counter", "_total"), &labels, |scrape| {
                let served: f64 = (born..scrape).map(requests).sum();
                (born..gone).contains(&scrape).then_some(served * share)
            });
        }
        out.series(("up", "gauge", ""), &target, at(|_, _, _| 1.0));
        out.series(("scrape_samples_scraped", "gauge", ""), &target, at(|_, _, _| 90.0));
        out.series(
            ("container_memory_working_set_bytes", "gauge", ""),
            &cadvisor,
            at(|served, leak, _| 230.0 * MIB + served * leak),
        );
        out.series(
            ("container_memory_rss", "gauge", ""),
            &cadvisor,
            at(|served, leak, _| 200.0 * MIB + served * leak),
        );
        let resource = |name: &str| format!(r#"{kube},{name},resource="memory""#);
        out.series(
            ("kube_pod_container_resource_limits", "gauge", ""),
            &resource(r#"unit="byte""#),
            at(|_, _, _| 1024.0 * MIB),
        );
        out.series(
            ("kube_pod_container_resource_requests", "gauge", ""),
            &resource(r#"unit="byte""#),
            at(|_, _, _| 128.0 * MIB),
        );
        let image = format!(r#"{kube},image="registry.example.org/shop/web:{tag}""#);
        out.series(("kube_pod_container_info", "gauge", ""), &image, at(|_, _, _| 1.0));
        let reason = format!(r#"{kube},reason="OOMKilled""#);
        if pod == NEW {
            let deployment = r#"job="kube-state-metrics",namespace="shop",deployment="web""#;
            out.series(("kube_deployment_spec_replicas", "gauge", ""), deployment, at(|_, _, _| 3.0));
            let logins = ("shop_logins", "counter", "_total");
            out.series(logins, r#"job="accounts""#, at(|served, _, _| served * 0.2));
            out.series(
                ("kube_pod_container_status_last_terminated_reason", "gauge", ""),
                &reason,
                at(|_, _, _| 1.0),
            );
        }
        out.series(("process_start_time_seconds", "gauge", ""), &target, |scrape| {
            (born..gone).contains(&scrape).then_some((START + born * STEP_SECS - 5) as f64)
        });
    }
    out.text()
}

async fn scanned(client: &Client, settings: &Settings, scope: Scope, window: Window) -> Vec<Suspect> {
    let server = Server { client, settings };
    scan(server, &Windows::default(), &Subject::Scope(scope), window).await.unwrap().suspects.clone()
}

struct Checked {
    client: Client,
    window: Window,
    findings: Vec<Finding>,
}

impl Checked {
    fn of(&self, kind: EvidenceKind) -> (FindingState, &str) {
        let finding = self.findings.iter().find(|finding| finding.kind == kind).unwrap();
        (finding.state, &finding.sentence)
    }

    /// The one value of a query of the test's own.
    async fn value(&self, query: &str) -> f64 {
        let samples = self.client.query(query, self.window.to_secs).await.unwrap().value;
        assert_eq!(samples.len(), 1, "{query}: {samples:?}");
        samples[0].value
    }
}

/// A link names one pod; what it is compared with are the workload's others all the same.
async fn what_the_others_of_a_pinned_pod_do_is_asked_for(checked: &Checked, settings: Settings) {
    let settings = Settings { user_activity_metric: Some("shop_logins_total".to_owned()), ..settings };
    let one = Scope { pod: Selection::one(NEW), ..Scope::default() };
    let pinned = scanned(&checked.client, &settings, one, checked.window).await;
    assert_eq!(pinned.len(), 1);
    let pinned: Vec<&Suspect> = pinned.iter().collect();
    let one = pinned.first().copied().ok_or("nobody");
    let found = findings(&checked.client, &settings, one, &pinned, None, checked.window).await;
    for kind in [EvidenceKind::Siblings, EvidenceKind::Deploys] {
        let alone = found.iter().find(|finding| finding.kind == kind).unwrap();
        assert_eq!(alone.sentence, checked.of(kind).1);
    }
    let users = found.iter().find(|finding| finding.kind == EvidenceKind::UserActivity).unwrap();
    assert!(users.sentence.starts_with("Memory moves with user activity, at once"), "{users:?}");
    assert_eq!(replicas(&checked.client, pinned[0], checked.window).await.unwrap(), Some(3));
}

#[tokio::test]
async fn findings_have_the_figures_of_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("day.om");
    std::fs::write(&file, day()).unwrap();
    let server = parts::prometheus().config("global: {}\n").backfill(&file).start().unwrap();
    let settings = Settings::for_url(&server.url()).unwrap();
    let client = Client::new(&settings).unwrap();
    let window =
        Window { from_secs: (START - STEP_SECS) as f64, to_secs: (START + (SCRAPES - 1) * STEP_SECS) as f64 };
    let suspects = scanned(&client, &settings, Scope::default(), window).await;
    let suspects: Vec<&Suspect> = suspects.iter().collect();
    let suspect = suspects.iter().find(|one| one.role(Role::Pod) == NEW).unwrap();
    let all = findings(&client, &settings, Ok(suspect), &suspects, None, window).await;
    let kinds: Vec<_> =
        EvidenceKind::ALL.iter().filter(|kind| all.iter().any(|one| one.kind == **kind)).collect();
    assert_eq!(kinds.len(), EvidenceKind::ALL.len(), "every kind is answered");
    let checked = Checked { client, window, findings: all };
    for finding in &checked.findings {
        println!("{:?} {:?}: {}\n    {}", finding.kind, finding.state, finding.sentence, finding.query);
    }

    let (state, sentence) = checked.of(EvidenceKind::TopViews);
    let per_request = checked
        .value(
            r#"max(sum by (view_name) (rate(django_allocation_bytes_sum{pod="web-7d4b9c6f5d-x2vqk"}[1h])) / sum by (view_name) (rate(django_allocation_bytes_count{pod="web-7d4b9c6f5d-x2vqk"}[1h])))"#,
        )
        .await;
    let events = checked
        .value(r#"sum(increase(django_memory_growth_events_total{pod="web-7d4b9c6f5d-x2vqk"}[1h]))"#)
        .await;
    assert!(
        sentence.contains(&format!("detail allocates most: {} per request", format::bytes(per_request))),
        "{sentence}"
    );
    assert!(sentence.contains(&format!("{events:.0} growth event")), "{sentence} {events}");
    assert_eq!(state, FindingState::Ok);

    let (state, sentence) = checked.of(EvidenceKind::ObjectGrowth);
    let dicts = checked
        .value(
            r#"deriv(django_python_objects_total{pod="web-7d4b9c6f5d-x2vqk",object_type="dict"}[1h]) * 3600"#,
        )
        .await;
    assert!(dicts > 1000.0 && sentence.contains(&format!("dict by {dicts:.0}/h")), "{sentence} {dicts}");
    assert_eq!(state, FindingState::Attention);

    let (state, sentence) = checked.of(EvidenceKind::GcRate);
    let runs =
        checked.value(r#"sum(rate(django_gc_collections_total{pod="web-7d4b9c6f5d-x2vqk"}[5m]))"#).await;
    assert!(runs > 10.0 && sentence.starts_with(&format!("{runs:.0} collections/s")), "{sentence} {runs}");
    assert_eq!(state, FindingState::Attention);

    let (state, sentence) = checked.of(EvidenceKind::RequestRate);
    assert!(sentence.starts_with("Memory moves with requests, at once (strength "), "{sentence}");
    assert_eq!(state, FindingState::Attention);

    let (_, sentence) = checked.of(EvidenceKind::PageCache);
    let resident = checked.value(r#"container_memory_rss{pod="web-7d4b9c6f5d-x2vqk"}"#).await;
    let used = checked.value(r#"container_memory_working_set_bytes{pod="web-7d4b9c6f5d-x2vqk"}"#).await;
    assert!(
        sentence.contains(&format!(
            "Of a working set of {}, {}",
            format::bytes(used),
            format::bytes(resident)
        )),
        "{sentence}"
    );
    assert!(sentence.ends_with("process memory grows"), "{sentence}");

    let (state, sentence) = checked.of(EvidenceKind::Deploys);
    assert!(sentence.starts_with("Growth began with 1.42.0, deployed 2023-11-15 12:00 UTC"), "{sentence}");
    assert!(sentence.contains("1.41.0 was flat for 11 h 59 min"), "{sentence}");
    assert_eq!(state, FindingState::Attention);

    let (_, sentence) = checked.of(EvidenceKind::Siblings);
    assert!(sentence.contains("1 of 2 other replicas grow"), "{sentence}");
    let (_, sentence) = checked.of(EvidenceKind::RightSizing);
    assert!(
        sentence.contains("limit 1 GiB, request 128 MiB") && sentence.contains("below the floor"),
        "{sentence}"
    );
    let (state, sentence) = checked.of(EvidenceKind::Restarts);
    assert!(sentence.ends_with("its last end: OOMKilled"), "{sentence}");
    assert_eq!(state, FindingState::Attention);
    let (state, sentence) = checked.of(EvidenceKind::SampleAge);
    assert!(sentence.contains("0 s old; samples come every 1 min"), "{sentence}");
    assert_eq!(state, FindingState::Ok);
    let (state, sentence) = checked.of(EvidenceKind::ScrapeHealth);
    assert!(
        sentence.contains("brought 90 samples") && sentence.contains("cannot be told apart"),
        "{sentence}"
    );
    assert_eq!(state, FindingState::Ok);

    // What nobody measures is unknown and says so.
    for (kind, why) in [
        (EvidenceKind::UserActivity, "no metric of user activity is configured"),
        (EvidenceKind::ErrorRate, "has no series of"),
        (EvidenceKind::Cpu, "has no series of"),
        (EvidenceKind::TimePattern, "it takes 3 days to tell"),
    ] {
        let (state, sentence) = checked.of(kind);
        assert_eq!(state, FindingState::Unknown, "{sentence}");
        assert!(sentence.contains(why), "{sentence}");
    }
    assert_eq!(checked.of(EvidenceKind::RulesLoaded).0, FindingState::Bad);

    what_the_others_of_a_pinned_pod_do_is_asked_for(&checked, settings).await;
}

#[tokio::test]
async fn a_server_that_is_gone_is_unknown_and_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("day.om");
    std::fs::write(&file, day()).unwrap();
    let server = parts::prometheus().config("global: {}\n").backfill(&file).start().unwrap();
    let settings = Settings::for_url(&server.url()).unwrap();
    let client = Client::new(&settings).unwrap();
    let window = Window { from_secs: START as f64, to_secs: (START + (SCRAPES - 1) * STEP_SECS) as f64 };
    let suspects = scanned(&client, &settings, Scope::default(), window).await;
    drop(server);
    let suspects: Vec<&Suspect> = suspects.iter().collect();
    let first = suspects.first().copied().ok_or("nobody");
    let all = findings(&client, &settings, first, &suspects, None, window).await;
    for kind in [
        EvidenceKind::TopViews,
        EvidenceKind::GcRate,
        EvidenceKind::PageCache,
        EvidenceKind::ScrapeHealth,
        EvidenceKind::RulesLoaded,
    ] {
        let finding = all.iter().find(|finding| finding.kind == kind).unwrap();
        assert_eq!(finding.state, FindingState::Unknown, "{finding:?}");
        assert!(finding.sentence.contains("refused"), "{finding:?}");
    }
}
