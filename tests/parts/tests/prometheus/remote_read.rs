//! Samples by remote read are those that a range selector finds, and a server that does not offer it is asked for those.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use backend::prometheus::{Client, PrometheusError, RangeSeries};
use backend::promql::Selector;
use serde_json::json;

use crate::canned::{Canned, Then, http};
use crate::{client, settings};

const START: i64 = 1_700_000_000;
const NAMES: [&str; 4] = ["__name__", "instance", "job", "pod"];

const CONFIG: &str = r#"
global: {scrape_interval: 1s, evaluation_interval: 1s, external_labels: {cluster: a, replica: "0"}}
rule_files: [rules.yml]
scrape_configs:
  - job_name: itself
    static_configs: [{targets: ["127.0.0.1:PORT"]}]
"#;
/// A series that ends and comes back, each time with a mark that it has ended.
const RULES: &str = "groups: [{name: ends, rules: [{record: blinking, expr: 'vector(time()) and (vector(time()) % 4 < 2)'}]}]";

/// Three days at a sample in 15 s, one of which is missing now and then.
fn history() -> String {
    let mut text = String::from("# TYPE memory gauge\n");
    for pod in 0..5_i64 {
        for scrape in (0..3 * 24 * 240_i64).filter(|scrape| scrape % (97 + pod) != 0) {
            let value = match (pod, scrape % 1000) {
                (0, _) => "4096".to_owned(),
                (1, 7) => "NaN".to_owned(),
                (1, 8) => "+Inf".to_owned(),
                (1, 9) => "-0".to_owned(),
                (4, _) => (scrape * 4096).to_string(),
                _ => ((scrape as f64 / 50.0).sin() * 1e8 + pod as f64 / 3.0).to_string(),
            };
            // Scrapes are seldom at whole seconds.
            writeln!(text, "memory{{pod=\"p{pod}\"}} {value} {}.{:03}", START + scrape * 15, scrape % 7)
                .unwrap();
        }
    }
    text + "# EOF\n"
}

/// The numbers by their bits; of NaN there is one.
fn told(mut series: Vec<RangeSeries>) -> Vec<(String, Vec<(u64, u64)>)> {
    series.sort_by(|one, other| one.labels.cmp(&other.labels));
    let bits = |number: f64| if number.is_nan() { f64::NAN.to_bits() } else { number.to_bits() };
    let one = |one: RangeSeries| {
        let samples = one.series.iter().map(|(time, value)| (bits(time), bits(value))).collect();
        (format!("{:?}", one.labels), samples)
    };
    series.into_iter().map(one).collect()
}

async fn both(client: &Client, selector: &Selector, window_secs: f64, at_secs: f64) -> usize {
    let names = BTreeSet::from(NAMES);
    let read = client.samples_of(selector, &names, window_secs, at_secs).await.unwrap();
    let selected = client.samples(&selector.over(window_secs), at_secs).await.unwrap();
    assert_eq!(read.notices, selected.notices);
    let samples = read.value.iter().map(|one| one.series.len()).sum();
    assert!(told(read.value) == told(selected.value), "{selector} over {window_secs} s up to {at_secs}");
    samples
}

/// So many times the server was asked for remote read.
fn reads(server: &parts::Server) -> u64 {
    let metrics = parts::get(server.port(), "/metrics").unwrap().body;
    let of_read = |line: &&str| {
        line.starts_with("prometheus_http_requests_total{") && line.contains("handler=\"/api/v1/read\"")
    };
    let counts = metrics.lines().filter(of_read).map(|line| line.rsplit(' ').next().unwrap());
    counts.map(|count| count.parse::<u64>().unwrap()).sum()
}

#[tokio::test]
async fn the_samples_are_those_of_a_range_selector() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("history.om");
    std::fs::write(&file, history()).unwrap();
    let port = parts::free_port().unwrap();
    let server = parts::prometheus()
        .config(CONFIG.replace("PORT", &port.to_string()))
        .file("rules.yml", RULES)
        .backfill(&file)
        .arg("--storage.tsdb.retention.time=100y")
        .port(port)
        .start()
        .unwrap();
    let client = client(&server.url());

    // From block to block, and with bounds on samples, between them, in no chunk at all.
    let memory = Selector::metric("memory");
    let pods = memory.clone().selected("pod", &model::query::Selection(vec!["p1".into(), "p4".into()]));
    let others = memory.clone().not_equal("pod", "p0");
    for (window_secs, later_secs) in [
        (3.0 * 86_400.0, 3.0 * 86_400.0),
        (86_400.0, 100_000.0),
        (15.0, 15.0),
        (14.999, 15.001),
        (7_200.5, 40_000.003),
        (3600.0, 7200.0),
        (600.0, 3.0 * 86_400.0 + 300.0),
        (60.0, -3600.0),
    ] {
        for selector in [&memory, &pods, &others] {
            both(&client, selector, window_secs, START as f64 + later_secs).await;
        }
    }
    assert!(both(&client, &memory, 3.0 * 86_400.0, START as f64 + 3.0 * 86_400.0).await > 80_000);
    assert_eq!(reads(&server), 25);

    // What is being written, and what ends; labels that the server adds are not among them.
    tokio::time::sleep(Duration::from_secs(10)).await;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64();
    assert!(both(&client, &Selector::metric("blinking"), 3600.0, now - 2.0).await > 2);
    let own = Selector::metric("process_resident_memory_bytes").equal("job", "itself");
    assert!(both(&client, &own, 3600.0, now - 2.0).await > 2);

    // Whose label it is could not be told, or labels are there that were not expected.
    let before = reads(&server);
    let names = BTreeSet::from(["__name__", "instance", "job", "cluster"]);
    assert_eq!(client.samples_of(&own, &names, 3600.0, now).await.unwrap().value.len(), 1);
    assert_eq!(reads(&server), before);
    let names = BTreeSet::from(["__name__", "instance"]);
    assert_eq!(client.samples_of(&own, &names, 3600.0, now).await.unwrap().value.len(), 1);
    assert_eq!(reads(&server), before + 1);

    let few = settings(&server.url(), &json!({ "maxSamples": 20_000 }), &[]);
    let few = Client::new(&few).unwrap();
    let read =
        few.samples_of(&memory, &BTreeSet::from(NAMES), 86_400.0, START as f64 + 86_400.0).await.unwrap();
    assert_eq!(read.value.len(), 3);
    assert!(read.notices[0].starts_with("3 of 5 series read (`maxSamples` is 20000)"), "{:?}", read.notices);
}

const BUILD: &str = r#"{"status":"success","data":{"version":"2.42.0","revision":"abc"}}"#;
const YAML: &str = r#"{"status":"success","data":{"yaml":"global:\n  scrape_interval: 15s\n"}}"#;
const MATRIX: &str = r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"pod":"a"},"values":[[1,"2"]]}]}}"#;

#[tokio::test]
async fn who_does_not_offer_it_is_asked_by_range_selectors_from_then_on() {
    let ok = |body| http("200 OK", "", body);
    let frames = |body| http("200 OK", "Content-Type: application/x-streamed-protobuf\r\n", body);
    for read in [
        http("404 Not Found", "", "404 page not found"),
        http("400 Bad Request", "", "unsupported path"),
        http("405 Method Not Allowed", "", ""),
        http("403 Forbidden", "", "no"),
        http("501 Not Implemented", "", "no"),
        http("500 Internal Server Error", "", "broken"),
        http("200 OK", "Content-Type: application/x-protobuf\r\n", "abc"),
        frames("no frame at all"),
    ] {
        let server = Canned::serve_each(vec![ok(BUILD), ok(YAML), read, ok(MATRIX)], Then::Close);
        let client = client(&server.url);
        for _ in 0..2 {
            let names = BTreeSet::from(["pod"]);
            let answer = client.samples_of(&Selector::metric("m"), &names, 3600.0, 7200.0).await.unwrap();
            assert_eq!((answer.value.len(), answer.notices.len()), (1, 0));
        }
        let asked: Vec<String> = server.requests.try_iter().collect();
        let paths: Vec<&str> = asked.iter().map(|asked| asked.split([' ', '?']).nth(1).unwrap()).collect();
        let query = "/api/v1/query";
        assert_eq!(
            paths,
            ["/api/v1/status/buildinfo", "/api/v1/status/config", "/api/v1/read", query, query]
        );
    }
}

#[tokio::test]
async fn who_is_not_known_to_be_prometheus_is_not_asked_for_it() {
    let victoria = http("200 OK", "", r#"{"status":"success","data":{"version":"2.24.0"}}"#);
    let server = Canned::serve_each(vec![victoria, http("200 OK", "", MATRIX)], Then::Close);
    let names = BTreeSet::from(["pod"]);
    let selector = Selector::metric("m");
    client(&server.url).samples_of(&selector, &names, 3600.0, 7200.0).await.unwrap();
    assert_eq!(server.requests.try_iter().count(), 2);

    // Nor who takes no POST.
    let server = Canned::json(MATRIX);
    let get = settings(&server.url, &json!({ "httpMethod": "GET" }), &[]);
    Client::new(&get).unwrap().samples_of(&selector, &names, 3600.0, 7200.0).await.unwrap();
    assert_eq!(server.requests.try_iter().count(), 1);
}

#[tokio::test]
async fn what_fails_any_query_fails_this_one() {
    let ok = |body| http("200 OK", "", body);
    let mut cut_off = http("200 OK", "Content-Type: application/x-streamed-protobuf\r\n", "0123456789");
    cut_off.truncate(cut_off.len() - 5);
    let server = Canned::serve_each(vec![ok(BUILD), ok(YAML), cut_off], Then::Close);
    let names = BTreeSet::from(["pod"]);
    let params = json!({ "customQueryParameters": "tenant=a", "httpHeaderName1": "X-Scope-OrgID" });
    let settings = settings(&server.url, &params, &[("httpHeaderValue1", "b"), ("bearerToken", "abc")]);
    let client = Client::new(&settings).unwrap();
    let error = client.samples_of(&Selector::metric("m"), &names, 3600.0, 7200.0).await.unwrap_err();
    assert_eq!(error, PrometheusError::CutOff { read_bytes: 5 });
    let read = server.requests.try_iter().last().unwrap().to_lowercase();
    assert!(read.starts_with("post /api/v1/read?tenant=a http/1.1\r\n"), "{read}");
    for header in [
        "authorization: bearer abc",
        "x-scope-orgid: b",
        "content-encoding: snappy",
        "x-prometheus-remote-read-version: 0.1.0",
    ] {
        assert!(read.contains(&format!("\r\n{header}\r\n")), "{header} is missing in {read}");
    }
}
