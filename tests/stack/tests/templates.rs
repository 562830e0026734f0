//! Links of rules and messages, for labels that want to be something else: parsed out again, they say what they said.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use serde_yaml_ng::Value as Yaml;

const STARTS_AT: &str = "2026-11-23T03:10:00Z";
const STARTS_AT_MS: i64 = 1_795_403_400_000;
const ENDS_AT: &str = "2026-11-23T05:00:00Z";
const ENDS_AT_MS: i64 = 1_795_410_000_000;
const DAY_MS: i64 = 86_400_000;

/// Values that a link, a shell, Slack, a template or a pattern would take for something of their own.
const HOSTILE: [&str; 10] = [
    "web 1",
    "a&var-pod=other&b",
    "a#fragment",
    "100%",
    "100%25 %20",
    "\"double\" and 'single'",
    "größe-日本-\u{1f980}",
    "?from=1&to=2",
    "<!channel> <https://example.org|x>",
    "a+b=c;d/e\\f $1 {{ . }}",
];

fn run(command: &mut Command) -> String {
    let output =
        command.output().expect("a program of Debian's packages prometheus and prometheus-alertmanager");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

/// A value in a query, as Go writes it.
fn escaped(value: &str) -> String {
    form_urlencoded::byte_serialize(value.as_bytes())
        .collect::<String>()
        .replace('*', "%2A")
        .replace("%7E", "~")
}

/// The link of an alert on usage, as Prometheus must make it.
fn leak_url(labels: &[(&str, &str)]) -> String {
    let variables: Vec<_> =
        labels.iter().map(|(name, value)| format!("&var-{name}={}", escaped(value))).collect();
    let variables = variables.concat();
    format!(
        "http://localhost:3000/d/leaklens/leaklens?var-alertname=CriticalMemoryUsage{variables}&from=now-24h&to=now"
    )
}

#[test]
fn prometheus_escapes_what_the_rules_put_into_links_and_leaves_out_what_is_missing() {
    let rules = stack::rules::directory().join(stack::rules::RENDERED);
    let test = |labels: &[(&str, &str)], in_link: &[(&str, &str)]| {
        let labels: BTreeMap<_, _> = labels.iter().copied().chain([("severity", "critical")]).collect();
        let matchers: Vec<_> = labels
            .iter()
            .filter(|(name, _)| **name != "severity")
            .map(|(name, value)| format!("{name}={}", Value::from(*value)))
            .collect();
        // Annotations are compared whole: what is not about links comes from a run of its own.
        let (container, pod, namespace) =
            (label(&labels, "container"), label(&labels, "pod"), label(&labels, "namespace"));
        json!({
            "interval": "1m",
            "input_series": [{
                "series": format!("django_memory_usage_bytes{{view_name=\"v\",{}}}", matchers.join(",")),
                "values": "2147483648x30",
            }],
            "alert_rule_test": [{ "eval_time": "20m", "alertname": "CriticalMemoryUsage", "exp_alerts": [{
                "exp_labels": labels,
                "exp_annotations": {
                    "summary": format!("{container} in {namespace}/{pod} uses 2GiB"),
                    "description": format!(
                        "Container {container} of pod {pod} in namespace {namespace} has used more than 1000 MiB \
                         for 5m, now 2GiB."
                    ),
                    "runbook_url": "http://localhost:3000/d/leaklens/leaklens?var-alertname=CriticalMemoryUsage",
                    "leak_url": leak_url(in_link),
                },
            }]}],
        })
    };
    let mut tests: Vec<_> = HOSTILE
        .iter()
        .map(|value| {
            let labels = [("namespace", *value), ("pod", *value), ("container", *value)];
            test(&labels, &labels)
        })
        .collect();
    tests.push(test(&[("instance", "a:8000"), ("job", "j")], &[("instance", "a:8000")]));
    tests.push(test(&[("pod", "p"), ("instance", "a:8000")], &[("pod", "p")]));
    tests.push(test(&[("container", "c")], &[("container", "c")]));
    let suite = json!({ "rule_files": [rules], "evaluation_interval": "1m", "tests": tests });
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("links.yaml");
    // JSON is YAML.
    fs::write(&file, suite.to_string()).expect("written");
    run(Command::new("promtool").args(["test", "rules"]).arg(&file));
}

fn label<'a>(labels: &BTreeMap<&str, &'a str>, name: &str) -> &'a str {
    labels.get(name).copied().unwrap_or_default()
}

/// One alert as Alertmanager hands it to a template.
fn alert(pod: &str, status: &str, annotations: &Value) -> Value {
    json!({
        "status": status,
        "labels": { "alertname": "CriticalMemoryUsage", "severity": "critical", "pod": pod },
        "annotations": annotations,
        "startsAt": STARTS_AT,
        "endsAt": if status == "resolved" { ENDS_AT } else { "0001-01-01T00:00:00Z" },
        "generatorURL": "http://prometheus/graph",
        "fingerprint": "0123456789abcdef",
    })
}

/// What a template makes of an alert.
fn rendered(templates: &Path, template: &str, alert: &Value) -> String {
    rendered_text(templates, &format!("{{{{ template \"{template}\" . }}}}"), alert)
}

/// What a text with those templates at hand makes of an alert.
fn rendered_text(templates: &Path, text: &str, alert: &Value) -> String {
    let data = json!({
        "receiver": "on-call",
        "status": alert["status"],
        "alerts": [alert],
        "groupLabels": {},
        "commonLabels": alert["labels"],
        "commonAnnotations": alert["annotations"],
        "externalURL": "http://alertmanager",
    });
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("data.json");
    fs::write(&file, data.to_string()).expect("written");
    run(Command::new("amtool")
        .args(["template", "render"])
        .arg(format!("--template.glob={}", templates.display()))
        .arg(format!("--template.text={text}"))
        .arg(format!("--template.data={}", file.display())))
}

/// The variables and the range of a link.
fn parsed(link: &str) -> BTreeMap<String, String> {
    let (page, query) = link.trim().split_once('?').expect("a query");
    assert_eq!(page, "http://localhost:3000/d/leaklens/leaklens", "{link}");
    assert!(!query.contains('#') && !query.contains(char::is_whitespace), "{link}");
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let parsed: BTreeMap<_, _> = pairs.iter().cloned().collect();
    assert_eq!(parsed.len(), pairs.len(), "a name is there twice: {link}");
    parsed
}

fn assert_leads_to(link: &str, pod: &str, to: &str) {
    let expected = [
        ("var-alertname", "CriticalMemoryUsage".to_owned()),
        ("var-pod", pod.to_owned()),
        ("var-startsAt", STARTS_AT_MS.to_string()),
        ("from", (STARTS_AT_MS - DAY_MS).to_string()),
        ("to", to.to_owned()),
    ];
    assert_eq!(parsed(link), expected.map(|(name, value)| (name.to_owned(), value)).into(), "{link}");
}

fn annotations(pod: &str) -> Value {
    json!({
        "leak_url": leak_url(&[("pod", pod)]),
        "runbook_url": "http://localhost:3000/d/leaklens/leaklens?var-alertname=CriticalMemoryUsage",
        "summary": format!("{pod} uses 2GiB"),
        "description": format!("Pod {pod} has used 2GiB."),
    })
}

/// What Grafana provisions.
fn alerting() -> Yaml {
    let text =
        fs::read_to_string(stack::root().join("provisioning/alerting/leaklens.yaml")).expect("alerting");
    serde_yaml_ng::from_str(&text).expect("YAML")
}

/// Where the templates of Alertmanager lie, and those of Grafana written out as Alertmanager reads them.
fn templates(directory: &Path) -> Vec<(std::path::PathBuf, bool)> {
    let alertmanager = stack::root().join("provisioning/alertmanager/leaklens.tmpl");
    let mut found = vec![(alertmanager, true)];
    let grafana =
        fs::read_to_string(stack::root().join("provisioning/alerting/leaklens.yaml")).expect("alerting");
    let grafana: Yaml = serde_yaml_ng::from_str(&grafana).expect("YAML");
    for template in grafana["templates"].as_sequence().expect("templates") {
        let file = directory.join(format!("{}.tmpl", template["name"].as_str().expect("a name")));
        fs::write(&file, template["template"].as_str().expect("a template")).expect("written");
        found.push((file, false));
    }
    assert_eq!(found.len(), 2);
    found
}

#[test]
fn every_message_links_to_the_alert_with_a_fixed_range() {
    let directory = tempfile::tempdir().expect("a directory");
    for (templates, slack) in templates(directory.path()) {
        for pod in HOSTILE {
            for (status, to) in [("firing", "now".to_owned()), ("resolved", ENDS_AT_MS.to_string())] {
                let alert = alert(pod, status, &annotations(pod));
                assert_leads_to(&rendered(&templates, "leaklens.link", &alert), pod, &to);
                let text = rendered(&templates, "leaklens.text", &alert);
                let link = text.lines().find_map(|line| line.trim().strip_prefix("Leak: ")).expect("a link");
                assert_leads_to(link.trim_matches(['<', '>']), pod, &to);
                if slack {
                    assert!(!text.contains("<!") && !text.contains("|x>"), "a mention: {text}");
                    let title = rendered(&templates, "leaklens.title", &alert);
                    assert!(!title.contains(['<', '>']), "a mention: {title}");
                }
            }
        }
    }
}

#[test]
fn an_alert_without_our_link_leads_to_its_rule() {
    let directory = tempfile::tempdir().expect("a directory");
    for (templates, _) in templates(directory.path()) {
        let alert = alert("p", "firing", &json!({ "summary": "s", "description": "d" }));
        assert_eq!(rendered(&templates, "leaklens.link", &alert).trim(), "http://prometheus/graph");
        assert!(!rendered(&templates, "leaklens.text", &alert).contains("Runbook"));
    }
}

/// The rules Grafana evaluates itself.
fn grafana_rules(alerting: &Yaml) -> impl Iterator<Item = &Yaml> {
    let groups = alerting["groups"].as_sequence().expect("groups").iter();
    groups.flat_map(|group| group["rules"].as_sequence().expect("rules"))
}

#[test]
fn grafana_escapes_what_its_rules_put_into_links() {
    let alerting = alerting();
    let directory = tempfile::tempdir().expect("a directory");
    let none = directory.path().join("none.tmpl");
    fs::write(&none, "").expect("written");
    for rule in grafana_rules(&alerting) {
        let title = rule["title"].as_str().expect("a title");
        let text = rule["annotations"]["leak_url"].as_str().expect("a link");
        let text = text.replace("{{ externalURL }}", "http://localhost:3000/");
        for pod in HOSTILE {
            // Alertmanager's engine is the one of Grafana's annotations, and an alert has labels there too.
            let text = format!("{{{{ with index .Alerts 0 }}}}{text}{{{{ end }}}}");
            let link = rendered_text(&none, &text, &alert(pod, "firing", &json!({})));
            let expected = [("var-alertname", title), ("var-pod", pod), ("from", "now-24h"), ("to", "now")];
            let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
            assert_eq!(parsed(&link), expected.into(), "{link}");
        }
    }
}

#[test]
fn grafana_rules_have_the_thresholds_of_the_others_and_leave_policies_alone() {
    let alerting = alerting();
    for key in ["policies", "resetPolicies", "deleteContactPoints", "deleteRules"] {
        assert!(alerting.get(key).is_none(), "{key} would change what is not ours");
    }
    let receiver = &alerting["contactPoints"][0]["name"];
    let rules =
        fs::read_to_string(stack::rules::directory().join(stack::rules::RENDERED)).expect("the rules");
    let rules: Yaml = serde_yaml_ng::from_str(&rules).expect("YAML");
    let groups = rules["groups"].as_sequence().expect("groups").iter();
    let ours: Vec<_> = groups.flat_map(|group| group["rules"].as_sequence().expect("rules")).collect();
    let mut seen = 0;
    for rule in grafana_rules(&alerting) {
        let twin = ours.iter().find(|ours| ours["alert"] == rule["title"]).expect("a rule of that name");
        assert_eq!(rule["for"], twin["for"]);
        assert_eq!(rule["labels"]["severity"], twin["labels"]["severity"]);
        let threshold = &rule["data"][1]["model"]["conditions"][0]["evaluator"]["params"][0];
        let threshold = threshold.as_i64().expect("a number").to_string();
        assert!(twin["expr"].as_str().expect("an expression").contains(&format!("> {threshold}\n")));
        assert_eq!(&rule["notification_settings"]["receiver"], receiver);
        seen += 1;
    }
    assert_eq!(seen, 2);
}
