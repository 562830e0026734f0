//! Windows that the engine prepares, as docs/scale.md says.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use backend::prometheus::Client;
use backend::scan::{Server, Subject, Window, Windows, scan};
use backend::settings::{Settings, Source};
use model::detect::Verdict;
use model::query::Scope;
use serde_json::json;

use crate::leaking;
use crate::pods::{METRIC, MIB, START, STEP_SECS, bytes, gauge, history, planted};

const PAGE: &str = include_str!("../../../../docs/scale.md");
const RECORD_EVERY: i64 = 5;

/// The rules of the page, YAML.
fn rules() -> String {
    let (_, rest) = PAGE.split_once("<!-- recording rules -->").unwrap();
    let (_, rest) = rest.split_once("```yaml\n").unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

/// What the page sets `recordedMetric` to.
fn pattern() -> String {
    PAGE.lines().find_map(|line| line.trim().strip_prefix("recordedMetric: ")).unwrap().to_owned()
}

fn settings(url: &str) -> Settings {
    let json_data = json!({ "recordedMetric": pattern() });
    let source = Source {
        url,
        basic_auth_enabled: false,
        basic_auth_user: "",
        json_data: &json_data,
        secure_json_data: &std::collections::BTreeMap::new(),
    };
    Settings::read(source).unwrap()
}

#[test]
fn every_memory_metric_has_a_rule() {
    let rules = rules();
    for profile in backend::profiles::builtin() {
        for source in &profile.memory {
            let record = pattern().replace("${metric}", &source.metric);
            assert!(rules.contains(&format!("- record: {record}\n")), "docs/scale.md has no {record}");
        }
    }
}

#[tokio::test]
async fn the_rules_record_the_lowest_values() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("history.om");
    let mut text = format!("# TYPE {METRIC} gauge\n");
    for minute in 0..10 {
        writeln!(text, "{METRIC}{{pod=\"a\"}} {} {}", 100 + minute, now - 60 * minute).unwrap();
    }
    // Oldest first.
    let (head, samples) = text.split_once('\n').unwrap();
    let samples: Vec<&str> = samples.lines().rev().collect();
    std::fs::write(&file, format!("{head}\n{}\n# EOF\n", samples.join("\n"))).unwrap();
    let rules = rules().replace("interval: 5m", "interval: 1s");
    let config = "rule_files: [rules.yml]\n";
    let server = parts::prometheus().config(config).file("rules.yml", rules).backfill(&file).start().unwrap();
    let client = Client::new(&Settings::for_url(&server.url()).unwrap()).unwrap();
    let record = pattern().replace("${metric}", METRIC);
    let recorded = loop {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
        let answer = client.query(&format!("{{__name__=\"{record}\"}}"), now).await.unwrap();
        if let Some(found) = answer.value.into_iter().next() {
            break found;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    let asked = format!("min_over_time({METRIC}[5m])");
    let asked = client.query(&asked, recorded.time_secs).await.unwrap().value.remove(0);
    assert_eq!((recorded.value, recorded.labels.get("pod")), (asked.value, asked.labels.get("pod")));
}

#[tokio::test]
async fn a_long_range_is_looked_at_through_them_first() {
    let scrapes = 14 * 60;
    // A little less than was measured tells whether they were read.
    let lowest = |pod: usize, secs: i64| {
        let values = (0..RECORD_EVERY).map(|back| bytes(pod, secs - back * STEP_SECS));
        values.fold(f64::INFINITY, f64::min) - 8.0 * MIB
    };
    let record = pattern().replace("${metric}", METRIC);
    let recorded = gauge(&record, &(0..scrapes).step_by(RECORD_EVERY as usize), lowest);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("history.om");
    std::fs::write(&file, recorded + &history(scrapes)).unwrap();
    let server = parts::prometheus().config("global: {}\n").backfill(&file).start().unwrap();
    let settings = settings(&server.url());
    let client = Client::new(&settings).unwrap();
    let whom = Server { client: &client, settings: &settings };
    let to_secs = (START + (scrapes - 1) * STEP_SECS) as f64;
    let everything = Subject::Scope(Scope::default());
    let lowest_of_last = async |hours: f64| {
        let window = Window { from_secs: to_secs - hours * 3600.0, to_secs };
        let found = scan(whom, &Windows::default(), &everything, window).await.unwrap();
        assert_eq!(leaking(&found), planted(), "over {hours} h");
        let one = found.suspects.last().unwrap();
        assert_eq!(one.assessment.verdict, Verdict::Screened);
        assert_eq!(one.labels.get("__name__"), Some(METRIC));
        one.series.values.iter().copied().fold(f64::INFINITY, f64::min) / MIB
    };
    assert!(lowest_of_last(13.0).await < 291.0);
    assert!(lowest_of_last(7.0).await > 297.0, "windows of a short range are shorter than what is recorded");
}
