//! Grafana's own Go libraries drive the shipped plugin, and what the workbench makes of the same answer is what
//! they make of it. `cargo xtask test` runs this after the build, where Go is installed.
#![allow(clippy::unwrap_used)] // helpers of tests may panic as tests do

use std::path::PathBuf;
use std::process::{Command, Output};
use std::{env, fs};

use serde_json::{Value, json};
use stack::process::Stop;
use stack::{Options, Stack};
use system::contract::{QUERY_TYPES, conforms, name};

const DAY_MS: i64 = 86_400_000;
/// Rows of each recorded frame: enough to see what a cell looks like.
const RECORDED_ROWS: usize = 3;

#[test]
#[ignore = "needs dist/ (cargo xtask build), Go, Prometheus and Alertmanager"]
fn the_go_host_and_the_workbench_read_the_same_frames() {
    let work = tempfile::tempdir().unwrap();
    let file = |name: &str| work.path().join(name);
    let programs = stack::programs(&["fleet", "workbench"]).unwrap();
    let options = Options {
        directory: file("stack"),
        programs: programs.clone(),
        python: PathBuf::new(),
        seed: Some(3),
        truth: file("truth.json"),
        workloads: Vec::new(),
        scale: 1.0,
        workbench: None,
        stop: Stop::default(),
    };
    let stack = Stack::start(&options, |step| eprintln!("{step}")).unwrap();

    let source =
        json!({ "name": "Leaklens", "uid": "leaklens", "url": stack.prometheus_url(), "jsonData": {} });
    fs::write(file("settings.json"), source.to_string()).unwrap();
    fs::write(file("request.json"), request(stack.anchor_ms).to_string()).unwrap();
    let mut go = Command::new("go");
    go.args(["run", ".", "-plugin"]).arg(plugin()).current_dir(stack::root().join("tests/gohost"));
    go.arg("-settings").arg(file("settings.json")).arg("-request").arg(file("request.json"));
    let go = succeed(go.arg("-answer").arg(file("answer")));
    eprintln!("{}", String::from_utf8_lossy(&go.stderr));
    let workbench = succeed(Command::new(programs.join("workbench")).arg("decode").arg(file("answer")));

    let go: Value = serde_json::from_slice(&go.stdout).unwrap();
    let workbench: Value = serde_json::from_slice(&workbench.stdout).unwrap();
    let suspects = &go["results"]["suspects"]["frames"][0]["data"]["values"][0];
    assert!(suspects.as_array().is_some_and(|rows| !rows.is_empty()), "nothing to compare: no suspects");
    for query_type in QUERY_TYPES {
        let answer = &go["results"][name(query_type)];
        assert_eq!(conforms(query_type, answer), Vec::<String>::new(), "{query_type:?}");
        if env::var_os("RECORD").is_some() {
            record(&name(query_type), answer);
        }
    }
    assert_eq!(in_floats(go), in_floats(workbench));
}

/// Keeps the beginning of an answer for the contract's test. What was recorded once stays as it was.
fn record(name: &str, answer: &Value) {
    let path = stack::root().join(format!("tests/system/contract/recorded/{name}.json"));
    if path.exists() {
        return;
    }
    let mut answer = answer.clone();
    for frame in answer["frames"].as_array_mut().into_iter().flatten() {
        for cells in frame["data"]["values"].as_array_mut().into_iter().flatten() {
            cells.as_array_mut().expect("a column").truncate(RECORDED_ROWS);
        }
    }
    fs::create_dir_all(path.parent().expect("a folder")).expect("the folder");
    fs::write(&path, serde_json::to_string_pretty(&answer).expect("JSON") + "\n").expect("written");
}

/// Every query type, over the day of history.
fn request(anchor_ms: i64) -> Value {
    let query = |kind: &str, more: Value| {
        let mut query = json!({ "refId": kind, "queryType": kind, "datasource": { "uid": "leaklens" } });
        if let (Value::Object(query), Value::Object(more)) = (&mut query, more) {
            query.extend(more);
        }
        query
    };
    let alert = json!({ "alertname": "HighMemoryGrowthRate" });
    let mut queries = vec![
        query("overview", json!({})),
        query("suspects", json!({})),
        query("growth", json!({})),
        query("history", json!({})),
        query("alerts", json!({})),
        query("runbook", alert),
    ];
    queries.extend(queries_of_rules());
    json!({ "from": (anchor_ms - DAY_MS).to_string(), "to": anchor_ms.to_string(), "queries": queries })
}

/// What the rules that Grafana evaluates ask of us, as they ask it, under the names of the rules.
fn queries_of_rules() -> Vec<Value> {
    let file = stack::root().join("provisioning/alerting/leaklens.yaml");
    let text = fs::read_to_string(file).expect("the rules that Grafana evaluates");
    let file: Value = serde_yaml_ng::from_str(&text).expect("YAML");
    let list = |value: &Value, key: &str| value[key].as_array().cloned().unwrap_or_default();
    let mut queries = Vec::new();
    for rule in list(&file, "groups").iter().flat_map(|group| list(group, "rules")) {
        let asked = list(&rule, "data").into_iter().filter(|data| data["datasourceUid"] == "leaklens");
        let before = queries.len();
        queries.extend(asked.map(|mut data| {
            let mut model = data["model"].take();
            let name = |value: &Value| value.as_str().expect("a name").to_owned();
            model["refId"] = format!("rule {} {}", name(&rule["uid"]), name(&data["refId"])).into();
            model
        }));
        assert!(queries.len() > before, "{} asks nothing of us", rule["title"]);
    }
    assert!(!queries.is_empty());
    queries
}

fn plugin() -> PathBuf {
    let arch = if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" };
    let plugin = stack::root().join(format!("dist/leaklens-app/datasource/gpx_leaklens_linux_{arch}"));
    assert!(plugin.is_file(), "{} is not built", plugin.display());
    plugin
}

fn succeed(command: &mut Command) -> Output {
    let output = command.output().expect("the program starts");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// JSON knows one kind of number: 1 and 1.0 are the same.
fn in_floats(value: Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64()),
        Value::Array(list) => list.into_iter().map(in_floats).collect(),
        Value::Object(map) => map.into_iter().map(|(key, value)| (key, in_floats(value))).collect(),
        other => other,
    }
}
