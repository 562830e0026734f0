//! Debian's Prometheus: the client reads everything as it is there.

use std::time::Duration;

use backend::prometheus::{Client, Flavour, PrometheusError, Range, TargetHealth};
use model::alert::AlertState;
use model::labels::Labels;
use serde_json::json;

use crate::{client, settings};

/// `the-right-one`, at bcrypt's lowest cost.
const PASSWORD_HASH: &str = "$2b$04$NjO.icwBtvUrFsuPzIQMV.2kqO/re2XktZMWDKZbSdYLU8Ttzp.C.";

const CONFIG: &str = r#"
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [rules.yml]
scrape_configs:
  - job_name: itself
    static_configs: [{targets: ["127.0.0.1:PORT"]}]
  - job_name: nobody
    params: {token: [planted]}
    basic_auth: {username: scraper, password: planted}
    static_configs: [{targets: ["127.0.0.1:1"]}]
"#;

const RULES: &str = r#"
groups:
  - name: memory
    rules:
      - record: recorded
        expr: vector(1)
      - alert: Always
        expr: vector(42) > 40
        labels: {severity: warning, quote: 'a"b\c'}
        annotations: {summary: "it is {{ $value }}"}
      - alert: Soon
        expr: vector(1)
        for: 1h30m
"#;

fn now_secs() -> f64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64()
}

/// Asks again until the answer is as wanted, for as long as a loaded machine may take.
async fn eventually<T: std::fmt::Debug>(mut ask: impl AsyncFnMut() -> T, is_it: impl Fn(&T) -> bool) -> T {
    for _ in 0..300 {
        let answer = ask().await;
        if is_it(&answer) {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it never came: {:?}", ask().await)
}

fn labels(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().copied().collect()
}

#[tokio::test]
async fn samples_alerts_rules_and_targets() {
    let port = parts::free_port().unwrap();
    let config = CONFIG.replace("PORT", &port.to_string());
    let server = parts::prometheus().config(config).file("rules.yml", RULES).port(port).start().unwrap();
    let client = client(&server.url());

    let build = client.build_info().await.unwrap();
    assert_eq!(build.flavour, Flavour::Prometheus);
    assert!(build.version.starts_with("2.") || build.version.starts_with("3."), "{build:?}");
    assert!(build.clock_skew_secs.unwrap().abs() < 5.0, "one clock: {build:?}");

    // instant: vector, scalar, special numbers
    let vector = client
        .query(r#"label_replace(vector(1), "a", "x\"y", "", "")"#, 1_700_000_000.25)
        .await
        .unwrap()
        .value;
    assert_eq!(vector.len(), 1);
    assert_eq!((&vector[0].labels, vector[0].time_secs), (&labels(&[("a", "x\"y")]), 1_700_000_000.25));
    assert_eq!(client.query("1/3", 1.0).await.unwrap().value[0].value, 1.0 / 3.0);
    assert_eq!(client.query("vector(1/0)", 1.0).await.unwrap().value[0].value, f64::INFINITY);
    assert_eq!(client.query("vector(-1/0)", 1.0).await.unwrap().value[0].value, f64::NEG_INFINITY);
    assert!(client.query("vector(0/0)", 1.0).await.unwrap().value[0].value.is_nan());
    assert!(client.query("absent_metric", 1.0).await.unwrap().value.is_empty());

    // range
    let range = Range { start_secs: 1000.0, end_secs: 1030.0, step_secs: 15.0 };
    let series = client.query_range("vector(time())", range).await.unwrap().value;
    assert_eq!(series.len(), 1);
    assert_eq!(series[0].series.times_secs, [1000.0, 1015.0, 1030.0]);
    assert_eq!(series[0].series.values, [1000.0, 1015.0, 1030.0]);

    // what the server says about a query it does not understand, and one it does not want
    let error = client.query("rate(up", 1.0).await.unwrap_err();
    assert!(
        matches!(&error, PrometheusError::BadQuery { status: 400, message } if message.contains("parse error")),
        "{error}"
    );
    let all = Range { start_secs: 0.0, end_secs: 1e9, step_secs: 1.0 };
    let error = client.query_range("up", all).await.unwrap_err();
    assert!(matches!(&error, PrometheusError::TooExpensive { status: 400, .. }), "{error}");

    // targets
    let scraped = |targets: &Vec<backend::prometheus::Target>| {
        targets.len() == 2 && targets.iter().all(|target| target.health != TargetHealth::Unknown)
    };
    let mut targets = eventually(async || client.targets().await.unwrap().value, scraped).await;
    targets.sort_by(|a, b| a.job.cmp(&b.job));
    assert_eq!((targets[0].job.as_str(), targets[0].health), ("itself", TargetHealth::Up));
    assert_eq!(targets[0].instance, format!("127.0.0.1:{port}"));
    assert_eq!(targets[0].interval_secs, Some(1.0));
    assert!(targets[0].last_scrape_ms.unwrap() > 1_700_000_000_000);
    assert_eq!((targets[1].job.as_str(), targets[1].health), ("nobody", TargetHealth::Down));
    assert_eq!(targets[1].scrape_url, "http://127.0.0.1:1/metrics");
    assert!(targets[1].last_error.contains("connection refused"), "{targets:?}");
    assert!(!format!("{targets:?}").contains("planted"), "{targets:?}");

    // alerts
    let both = |alerts: &Vec<backend::prometheus::ActiveAlert>| alerts.len() == 2;
    let mut alerts = eventually(async || client.alerts().await.unwrap().value, both).await;
    alerts.sort_by(|a, b| a.name.cmp(&b.name));
    assert_eq!(
        (alerts[0].name.as_str(), alerts[0].state, alerts[0].value),
        ("Always", AlertState::Firing, Some(42.0))
    );
    assert_eq!(alerts[0].labels, labels(&[("severity", "warning"), ("quote", "a\"b\\c")]));
    assert_eq!(alerts[0].annotations, labels(&[("summary", "it is 42")]));
    assert!((alerts[0].active_at_ms.unwrap() as f64 / 1000.0 - now_secs()).abs() < 120.0);
    assert_eq!((alerts[1].name.as_str(), alerts[1].state), ("Soon", AlertState::Pending));

    // rules: recording rules are none of ours
    let rules = client.rules().await.unwrap().value;
    let names: Vec<_> =
        rules.iter().map(|rule| (rule.name.as_str(), rule.group.as_str(), rule.for_secs)).collect();
    assert_eq!(names, [("Always", "memory", 0.0), ("Soon", "memory", 5400.0)]);
    assert_eq!((rules[0].expr.as_str(), rules[0].health.as_str()), ("vector(42) > 40", "ok"));

    // labels and series
    let range = Range { start_secs: now_secs() - 3600.0, end_secs: now_secs() + 60.0, step_secs: 60.0 };
    let jobs = client.label_values("job", &["up".into()], range).await.unwrap().value;
    assert_eq!(jobs, ["itself", "nobody"]);
    assert!(client.label_values("no_such_label", &[], range).await.unwrap().value.is_empty());
    let series = client.series(&["up{job=\"nobody\"}".into()], range).await.unwrap().value;
    assert_eq!(series, [labels(&[("__name__", "up"), ("job", "nobody"), ("instance", "127.0.0.1:1")])]);
}

#[tokio::test]
async fn basic_auth_and_a_path_prefix() {
    let web = format!("basic_auth_users:\n  reader: {PASSWORD_HASH}\n");
    let server = parts::prometheus().web_config(web).path_prefix("/metrics/prom").start().unwrap();
    let with = |password| {
        let settings =
            settings(&server.url(), &json!({ "user": "reader" }), &[("basicAuthPassword", password)]);
        Client::new(&settings).unwrap()
    };
    assert_eq!(with("the-right-one").query("1", 1.0).await.unwrap().value.len(), 1);
    assert_eq!(with("the-wrong-one").query("1", 1.0).await.unwrap_err(), PrometheusError::Unauthorized);
    assert_eq!(client(&server.url()).query("1", 1.0).await.unwrap_err(), PrometheusError::Unauthorized);

    let without_prefix = settings(
        &format!("http://127.0.0.1:{}", server.port()),
        &json!({ "user": "reader" }),
        &[("basicAuthPassword", "the-right-one")],
    );
    let error = Client::new(&without_prefix).unwrap().query("1", 1.0).await.unwrap_err();
    assert_eq!(error, PrometheusError::NotPrometheus { got: "status 404".into() });
}

#[tokio::test]
async fn tls_wanted_and_not_spoken() {
    let key = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let server = parts::prometheus()
        .web_config("tls_server_config: {cert_file: server.crt, key_file: server.key}\n")
        .file("server.crt", key.cert.pem())
        .file("server.key", key.signing_key.serialize_pem())
        .start()
        .unwrap();
    let error = client(&server.url()).query("1", 1.0).await.unwrap_err();
    assert!(
        matches!(&error, PrometheusError::NotPrometheus { got } if got.contains("https://")),
        "{error:?}"
    );

    let settings = settings(
        &server.url().replace("http:", "https:"),
        &json!({ "tlsAuthWithCACert": true }),
        &[("tlsCACert", &key.cert.pem())],
    );
    assert_eq!(Client::new(&settings).unwrap().query("1", 1.0).await.unwrap().value.len(), 1);
}

#[tokio::test]
async fn killed_between_queries() {
    let server = parts::prometheus().start().unwrap();
    let client = client(&server.url());
    client.query("1", 1.0).await.unwrap();
    let host = format!("127.0.0.1:{}", server.port());
    drop(server);
    assert_eq!(client.query("1", 1.0).await.unwrap_err(), PrometheusError::Refused { host });
}

#[tokio::test]
async fn killed_in_mid_query_and_back() {
    let port = parts::free_port().unwrap();
    let server = parts::prometheus().port(port).start().unwrap();
    let client = client(&server.url());
    assert_eq!(client.query("vector(1)", now_secs()).await.unwrap().value.len(), 1);
    // Stopped, it takes the query and says nothing.
    let signal = |name: &str| {
        let mut kill = std::process::Command::new("kill");
        assert!(kill.args([name, &server.pid().to_string()]).status().unwrap().success());
    };
    signal("-STOP");
    let asking = {
        let client = client.clone();
        tokio::spawn(async move { client.query("vector(1)", 1.0).await })
    };
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!asking.is_finished(), "the query should be under way");
    signal("-KILL");
    let error = asking.await.unwrap().unwrap_err();
    let gone = matches!(error, PrometheusError::CutOff { .. } | PrometheusError::Refused { .. });
    assert!(gone, "{error:?}");
    drop(server);
    let _back = parts::prometheus().port(port).start().unwrap();
    assert_eq!(client.query("vector(1)", now_secs()).await.unwrap().value.len(), 1);
}
