//! The health check against real servers: each way of being of no use is told apart.

use backend::health::{Expected, HealthReport, check};
use backend::prometheus::Client;
use serde_json::{Value, json};

use crate::canned::Canned;
use crate::settings;

const RULES: &str = r"
groups:
  - name: memory
    rules:
      - {alert: HighMemoryGrowthRate, expr: vector(0) > 1}
";

const EXPECTED: Expected<'_> = Expected {
    profiles: &[
        ("process", &["process_resident_memory_bytes"]),
        ("kubernetes", &["container_memory_working_set_bytes", "kube_pod_info"]),
    ],
    alert_names: &["HighMemoryGrowthRate", "CriticalMemoryUsage"],
};

async fn health(url: &str, json_data: Value) -> HealthReport {
    let settings = settings(url, &json_data, &[]);
    match Client::new(&settings) {
        Ok(client) => check(&client, &settings, EXPECTED).await,
        Err(error) => HealthReport::failed(error.to_string()),
    }
}

#[tokio::test]
async fn a_server_that_scrapes_itself() {
    let port = parts::free_port().unwrap();
    let config = format!(
        "global: {{scrape_interval: 1s}}\nrule_files: [rules.yml]\nscrape_configs:\n  - job_name: itself\n    static_configs: [{{targets: ['127.0.0.1:{port}']}}]\n"
    );
    let server = parts::prometheus().config(config).file("rules.yml", RULES).port(port).start().unwrap();
    let mut report = health(&server.url(), json!({})).await;
    for _ in 0..300 {
        if report.ok {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        report = health(&server.url(), json!({})).await;
    }
    assert!(report.ok, "{report:?}");
    let version = report.details["server"]["version"].as_str().unwrap();
    assert_eq!(
        report.message,
        format!(
            "Prometheus {version} has metrics of: process (1 series). \
             1 of 2 alert rules of Leaklens are loaded, missing: CriticalMemoryUsage"
        )
    );
    assert_eq!(
        report.details["profiles"][0],
        json!({
            "name": "process", "series": 1, "metrics": { "process_resident_memory_bytes": 1 }
        })
    );
    assert_eq!(report.details["rules"]["loaded"], json!(["HighMemoryGrowthRate"]));
}

#[tokio::test]
async fn an_empty_server_is_not_healthy() {
    let server = parts::prometheus().start().unwrap();
    let report = health(&server.url(), json!({})).await;
    assert!(!report.ok);
    let end = "answers, but has no memory metrics now: none of process_resident_memory_bytes, \
               container_memory_working_set_bytes has a series; check that it scrapes your containers. \
               0 of 2 alert rules of Leaklens are loaded, missing: HighMemoryGrowthRate, CriticalMemoryUsage";
    assert!(report.message.starts_with("Prometheus ") && report.message.ends_with(end), "{}", report.message);
}

#[tokio::test]
async fn what_is_set_and_not_supported_fails_by_name() {
    let json = json!({ "sigV4Auth": true, "oauthPassThru": true, "azureCredentials": {}, "enableSecureSocksProxy": false });
    let report = health("http://127.0.0.1:1", json).await;
    assert!(!report.ok);
    assert_eq!(report.message, "not supported and yet set: sigV4Auth, oauthPassThru; see docs/settings.md");
}

#[tokio::test]
async fn no_server_or_another_one() {
    let refused = health(&format!("http://127.0.0.1:{}", parts::free_port().unwrap()), json!({})).await;
    assert!(!refused.ok && refused.message.starts_with("the connection is refused"), "{refused:?}");
    let page = health(&Canned::status("200 OK", "", "<html>").url, json!({})).await;
    assert!(!page.ok && page.message.starts_with("the answer is not Prometheus' (an HTML page)"), "{page:?}");
    let unauthorized = health(&Canned::status("401 Unauthorized", "", "").url, json!({})).await;
    assert!(!unauthorized.ok && unauthorized.message.contains("(401)"), "{unauthorized:?}");
    let unset = health("", json!({})).await;
    assert!(!unset.ok && unset.message.contains("set `url`"), "{unset:?}");
}

#[tokio::test]
async fn a_clock_that_is_off_is_said() {
    let body = r#"{"status":"success","data":{"application":"Grafana Mimir","version":"2.14.0"}}"#;
    let build = crate::canned::http("200 OK", "Date: Wed, 21 Oct 2015 07:28:00 GMT\r\n", body);
    let counts = r#"{"status":"success","data":{"resultType":"vector","result":[
        {"metric":{"__name__":"process_resident_memory_bytes"},"value":[1,"12"]}]}}"#;
    let counts = crate::canned::http("200 OK", "", counts);
    let server = Canned::serve_each(vec![build, counts], crate::canned::Then::Close);
    let report = health(&server.url, json!({})).await;
    assert!(report.ok, "{report:?}");
    assert!(report.message.starts_with("Mimir 2.14.0 has metrics of: process (12 series)"), "{report:?}");
    assert!(report.message.contains("behind Grafana's"), "{report:?}");
    assert!(report.details["clockSkewSecs"].as_f64().unwrap() < -1e8, "{report:?}");
}
