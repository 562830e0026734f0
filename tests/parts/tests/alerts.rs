//! Alerts as real servers have them: Prometheus under a path prefix, vmalert, and an Alertmanager that wants a password.
#![allow(clippy::unwrap_used)] // helpers of tests may panic as tests do

use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use backend::alerts::{Alerts, read};
use backend::prometheus::Client;
use backend::settings::{Secret, Settings, Source};
use model::alert::{Alert, AlertState, SuppressionKind};
use model::query::Query;
use serde_json::{Value, json};

/// `the-right-one`, at bcrypt's lowest cost.
const WEB: &str =
    "basic_auth_users:\n  reader: $2b$04$NjO.icwBtvUrFsuPzIQMV.2kqO/re2XktZMWDKZbSdYLU8Ttzp.C.\n";

const RULES: &str = r#"
groups:
  - name: memory
    interval: 1s
    rules:
      - {alert: Critical, expr: vector(9) > 5, labels: {pod: 'a b&c#d%e"é'}}
      - {alert: High, expr: vector(9) > 5, labels: {pod: 'a b&c#d%e"é'}}
      - {alert: Quiet, expr: vector(9) > 5, labels: {pod: other}}
      - {alert: Soon, expr: vector(9) > 5, for: 1h, labels: {pod: other}}
"#;

const ALERTMANAGER: &str = r#"
route: {receiver: none}
receivers: [{name: none}]
inhibit_rules:
  - {source_matchers: ['alertname="Critical"'], target_matchers: ['alertname="High"'], equal: [pod]}
"#;

fn settings(url: &str, json_data: &Value, secure: &[(&str, &str)]) -> Settings {
    let secure: BTreeMap<_, _> =
        secure.iter().map(|(key, text)| ((*key).to_owned(), Secret::new(*text))).collect();
    let source =
        Source { url, basic_auth_enabled: false, basic_auth_user: "", json_data, secure_json_data: &secure };
    Settings::read(source).unwrap()
}

/// Asks until the answer is as wanted, for as long as a loaded machine may take.
async fn eventually(client: &Client, query: &Query, is_it: impl Fn(&Alerts) -> bool) -> Alerts {
    for _ in 0..300 {
        if let Ok(alerts) = read(client, query).await
            && is_it(&alerts)
        {
            return alerts;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it never came: {:#?}", read(client, query).await)
}

fn named<'a>(alerts: &'a Alerts, name: &str) -> Vec<&'a Alert> {
    alerts.alerts.iter().filter(|alert| alert.name == name).collect()
}

fn sources(alerts: &Alerts) -> Vec<(&str, &str)> {
    let mut told: Vec<_> =
        alerts.alerts.iter().map(|alert| (alert.name.as_str(), alert.source.as_str())).collect();
    told.sort_unstable();
    told
}

struct Stopped(Child);

impl Drop for Stopped {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[tokio::test]
async fn each_alert_is_told_once_with_who_silenced_it_and_what_stands_for_it() {
    let alertmanager =
        parts::alertmanager().config(ALERTMANAGER).web_config(WEB).path_prefix("/am").start().unwrap();
    let config = format!(
        "global: {{evaluation_interval: 1s, external_labels: {{region: eu, replica: a}}}}\nrule_files: [rules.yml]\n\
         alerting: {{alertmanagers: [{{path_prefix: /am, basic_auth: {{username: reader, password: the-right-one}}, \
         static_configs: [{{targets: ['127.0.0.1:{}']}}]}}]}}\n",
        alertmanager.port()
    );
    // Mimir has its API under this prefix.
    let prometheus = parts::prometheus()
        .config(config)
        .file("rules.yml", RULES)
        .path_prefix("/prometheus")
        .arg("--rules.alert.resend-delay=1s")
        .start()
        .unwrap();
    let silenced = Command::new("amtool")
        .arg(format!("--alertmanager.url=http://reader:the-right-one@127.0.0.1:{}/am", alertmanager.port()))
        .args(["silence", "add", "--author=kim", "--comment=a deploy", "--duration=1h", "alertname=Quiet"])
        .output()
        .unwrap();
    assert!(silenced.status.success(), "{silenced:?}");

    let access = json!({ "alertmanagerUrl": alertmanager.url(), "alertmanagerUser": "reader" });
    let with = |password: &str| {
        Client::new(&settings(&prometheus.url(), &access, &[("alertmanagerPassword", password)])).unwrap()
    };
    let query = Query::default();
    let both = "Prometheus, Alertmanager";
    let told = eventually(&with("the-right-one"), &query, |alerts| {
        alerts.alerts.len() == 4
            && alerts.alerts.iter().filter(|alert| alert.suppression.is_some()).count() == 2
    })
    .await;
    assert_eq!(sources(&told), [("Critical", both), ("High", both), ("Quiet", both), ("Soon", "Prometheus")]);
    assert_eq!(told.notices, [""; 0]);
    let of = |name: &str| named(&told, name)[0].suppression.clone();
    assert_eq!((of("Critical"), of("Soon")), (None, None));
    let inhibited = of("High").unwrap();
    assert_eq!((inhibited.kind, inhibited.by.as_str()), (SuppressionKind::Inhibited, "Critical"));
    let silenced = of("Quiet").unwrap();
    assert_eq!((silenced.kind, silenced.by.as_str()), (SuppressionKind::Silenced, "kim: a deploy"));
    assert!(silenced.until_ms.is_some());
    assert_eq!(named(&told, "Soon")[0].state, AlertState::Pending);
    assert_eq!(named(&told, "Quiet")[0].value, Some(9.0), "Alertmanager knows no values");
    assert!(named(&told, "Quiet")[0].rule_url.starts_with("http://"), "the rule as Prometheus calls it");

    // What Grafana tells of the same alert is not told again.
    let labels =
        json!({ "alertname": "Quiet", "pod": "other", "grafana_folder": "f", "__alert_rule_uid__": "u" });
    let grafana = json!({ "alerts": [{ "labels": labels, "state": "Alerting", "value": "1" }] });
    let told = read(&with("the-right-one"), &Query { grafana, ..Query::default() }).await.unwrap();
    assert_eq!(named(&told, "Quiet")[0].source, "Prometheus, Alertmanager, Grafana");
    assert_eq!(told.alerts.len(), 4);

    // Another password: what Prometheus says stays, and why silences are not known is told.
    let told = read(&with("the-wrong-one"), &query).await.unwrap();
    assert_eq!(told.alerts.len(), 4);
    assert!(told.alerts.iter().all(|alert| alert.suppression.is_none()));
    let expected = format!(
        "silences and inhibitions could not be read: Alertmanager at 127.0.0.1:{}: 401; set `alertmanagerUser` and \
         `alertmanagerPassword`, or `alertmanagerToken`",
        alertmanager.port()
    );
    assert_eq!(told.notices, [expected]);

    // A wrong prefix.
    let wrong = json!({ "alertmanagerUrl": format!("http://reader:the-right-one@127.0.0.1:{}", alertmanager.port()) });
    let told = read(&Client::new(&settings(&prometheus.url(), &wrong, &[])).unwrap(), &query).await.unwrap();
    assert!(told.notices[0].contains("check `alertmanagerUrl` and its path prefix"), "{:?}", told.notices);

    // Prometheus away: what Alertmanager knows is told, and what is missing.
    let client = with("the-right-one");
    drop(prometheus);
    let told = read(&client, &query).await.unwrap();
    assert_eq!(sources(&told)[0], ("Critical", "Alertmanager"));
    assert!(
        told.notices.iter().any(|notice| notice.contains("could not be read: the connection is refused"))
    );
    drop(alertmanager);
    assert!(read(&client, &query).await.is_err());
}

#[tokio::test]
async fn alerts_of_vmalert_are_read_from_its_own_address() {
    let prometheus = parts::prometheus().start().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let rules = directory.path().join("rules.yml");
    std::fs::write(&rules, RULES).unwrap();
    let port = parts::free_port().unwrap();
    let vmalert = Command::new("vmalert")
        .arg(format!("-rule={}", rules.display()))
        .arg(format!("-datasource.url={}", prometheus.url()))
        .args(["-notifier.url=http://127.0.0.1:1"])
        .arg(format!("-httpListenAddr=127.0.0.1:{port}"))
        .args(["-loggerOutput=stdout", "-loggerLevel=ERROR"])
        .stdout(Stdio::null())
        .spawn()
        .map(Stopped);
    let _vmalert = vmalert.unwrap();
    for prefix in ["", "/vmalert"] {
        let access = json!({ "rulerUrl": format!("http://127.0.0.1:{port}{prefix}") });
        let client = Client::new(&settings(&prometheus.url(), &access, &[])).unwrap();
        let told = eventually(&client, &Query::default(), |alerts| alerts.alerts.len() == 4).await;
        let ruler = format!("ruler at 127.0.0.1:{port}");
        let names = ["Critical", "High", "Quiet", "Soon"];
        assert_eq!(sources(&told), names.map(|name| (name, ruler.as_str())));
        let soon = named(&told, "Soon")[0];
        assert_eq!(
            (soon.state, soon.for_secs, soon.expr.as_str()),
            (AlertState::Pending, Some(3600.0), "vector(9) > 5")
        );
        assert_eq!(named(&told, "High")[0].labels.get("pod"), Some("a b&c#d%e\"é"));
    }
}
