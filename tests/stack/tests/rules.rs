//! The shipped rules under Prometheus' own checks.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_yaml_ng::{Mapping, Value};
use stack::rules::Form;

fn promtool(arguments: &[&str], files: &[PathBuf]) {
    let output = Command::new("promtool").args(arguments).args(files).output();
    let output = output.expect("promtool of Debian's package prometheus");
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "promtool {arguments:?} {files:?}:\n{said}");
}

fn scenarios() -> Vec<PathBuf> {
    let directory = stack::root().join("tests/rules");
    let entries = fs::read_dir(&directory).expect("tests/rules").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> = entries.filter(|path| path.to_string_lossy().ends_with(".test.yaml")).collect();
    files.sort();
    files
}

#[test]
fn every_alert_fires_at_its_minute_and_is_silent_otherwise() {
    let files = scenarios();
    let text: String = files.iter().map(|file| fs::read_to_string(file).expect("a scenario")).collect();
    let rules =
        fs::read_to_string(stack::rules::directory().join(stack::rules::RENDERED)).expect("the rules");
    let alerts: Vec<_> = rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    assert_eq!(alerts.len(), 11, "{alerts:?}");
    for alert in alerts {
        assert!(text.contains(&format!("alertname: {alert}\n")), "no scenario in which {alert} fires");
    }
    promtool(&["test", "rules"], &files);
}

/// The scenarios of growth, each as a file of its own for other rules; what is expected of annotations becomes a count.
fn scenarios_of_growth(rules: &Path) -> Vec<(String, bool, Value)> {
    let mut scenarios_found = Vec::new();
    for file in scenarios() {
        let name = file.file_name().expect("a name").to_string_lossy().into_owned();
        if !name.contains("growth") && !name.contains("objects") {
            continue;
        }
        let text = fs::read_to_string(&file).expect("a scenario");
        let suite: Value = serde_yaml_ng::from_str(&text).expect("YAML");
        for scenario in suite["tests"].as_sequence().expect("tests") {
            let mut scenario = scenario.as_mapping().expect("a test").clone();
            let name = scenario["name"].as_str().expect("a name").to_owned();
            let alerts = scenario.remove("alert_rule_test");
            let mut expected = scenario
                .remove("promql_expr_test")
                .and_then(|list| list.as_sequence().cloned())
                .unwrap_or_default();
            for alert in alerts.iter().flat_map(|alerts| alerts.as_sequence().expect("alerts")) {
                let firing = alert["exp_alerts"].as_sequence().expect("alerts").len();
                let alert_name = alert["alertname"].as_str().expect("a name");
                let expr = format!("count(ALERTS{{alertname=\"{alert_name}\", alertstate=\"firing\"}})");
                expected.push(one([
                    ("expr", expr.into()),
                    ("eval_time", alert["eval_time"].clone()),
                    ("exp_samples", vec![one([("value", firing.into())])].into()),
                ]));
            }
            let fires = expected.iter().any(|one| {
                !one["exp_samples"].as_sequence().expect("samples").is_empty()
                    && one["expr"].as_str().is_some_and(|expr| expr.contains("firing"))
            });
            scenario.insert("promql_expr_test".into(), expected.into());
            let rules = rules.display().to_string();
            let alone = one([
                ("rule_files", vec![Value::from(rules)].into()),
                ("evaluation_interval", suite["evaluation_interval"].clone()),
                ("tests", vec![Value::from(scenario)].into()),
            ]);
            scenarios_found.push((name, fires, alone));
        }
    }
    scenarios_found
}

fn one<const N: usize>(pairs: [(&str, Value); N]) -> Value {
    Value::Mapping(pairs.into_iter().map(|(name, value)| (name.into(), value)).collect::<Mapping>())
}

/// Whether the rules do what the scenario wants.
fn holds(scenario: &Value) -> bool {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("scenario.yaml");
    fs::write(&file, serde_yaml_ng::to_string(scenario).expect("YAML")).expect("written");
    let output = Command::new("promtool").args(["test", "rules"]).arg(&file).output().expect("promtool");
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() || said.contains("got:"), "the scenario itself is at fault: {said}");
    output.status.success()
}

/// What the scenarios are worth: the usual rules, for which a gauge is a counter, do not pass them. Taken per second they
/// miss every leak; taken per hour they fire at what every process does.
#[test]
fn a_gauge_taken_for_a_counter_fails_the_same_scenarios() {
    const INNOCENT: [&str; 7] = ["restart", "warm-up", "teeth", "cycles", "cache", "step", "rollout"];
    let rules = |form: &str| stack::root().join(format!("tests/rules/usual-{form}.rules.yaml"));
    let (mut missed, mut leaks) = (0, 0);
    for (_, fires, scenario) in scenarios_of_growth(&rules("rate")) {
        leaks += usize::from(fires);
        missed += usize::from(fires && !holds(&scenario));
    }
    assert!(leaks >= 10 && missed == leaks, "rate() misses {missed} of {leaks} leaks");
    let mut tried = 0;
    for (name, fires, scenario) in scenarios_of_growth(&rules("hourly")) {
        if !fires && INNOCENT.iter().any(|word| name.contains(word)) {
            tried += 1;
            assert!(!holds(&scenario), "rate() * 3600 is silent in: {name}");
        }
    }
    assert!(tried >= 14, "only {tried} scenarios");
}

#[test]
fn every_alert_has_a_page_that_its_links_name() {
    let text = fs::read_to_string(stack::rules::directory().join(stack::rules::RENDERED)).expect("the rules");
    let rules: Value = serde_yaml_ng::from_str(&text).expect("YAML");
    let mut pages = BTreeSet::new();
    for page in fs::read_dir(stack::root().join("provisioning/runbooks")).expect("runbooks") {
        let text = fs::read_to_string(page.expect("a page").path()).expect("a page");
        let title = text.lines().next().and_then(|line| line.strip_prefix("# ")).expect("a title");
        pages.extend(title.split(" / ").map(str::to_owned));
    }
    let groups = rules["groups"].as_sequence().expect("groups").iter();
    for rule in groups.flat_map(|group| group["rules"].as_sequence().expect("rules")) {
        let Some(name) = rule["alert"].as_str() else { continue };
        assert!(pages.contains(name), "no page is about {name}");
        let link = |key: &str| rule["annotations"][key].as_str().expect(key);
        assert!(link("runbook_url").ends_with(&format!("/d/leaklens/leaklens?var-alertname={name}")));
        assert!(link("leak_url").contains(&format!("/d/leaklens/leaklens?var-alertname={name}{{{{")));
    }
}

#[test]
fn a_rehearsal_has_valid_rules_too() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = |name: &str| -> PathBuf { Path::new(directory.path()).join(name) };
    for scale in [1.0, 60.0, 240.0] {
        let file = path(&format!("{scale}.yaml"));
        fs::write(&file, stack::rules::render(Form::Plain, scale, |_| Ok(())).expect("rendered"))
            .expect("written");
        promtool(&["check", "rules"], &[file]);
    }
}

#[test]
fn the_prometheus_configuration_is_valid() {
    let directory = tempfile::tempdir().expect("a directory");
    for name in ["prometheus.yaml", stack::rules::RENDERED] {
        fs::copy(stack::rules::directory().join(name), directory.path().join(name)).expect("copied");
    }
    fs::write(directory.path().join("metrics-password"), "secret").expect("written");
    promtool(&["check", "config"], &[directory.path().join("prometheus.yaml")]);
}
