//! `leaklens scan` as a person or a pipeline calls it.
#![allow(clippy::unwrap_used)] // helpers of tests may panic as tests do

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

const MIB: f64 = 1_048_576.0;

fn scan(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_leaklens"))
        .arg("scan")
        .args(arguments)
        .env_remove("LEAKLENS_USER")
        .env_remove("LEAKLENS_PASSWORD")
        .env_remove("LEAKLENS_BEARER_TOKEN")
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn json(output: &Output) -> Vec<Value> {
    text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

/// A little noise, the same in every run.
fn noise(index: u32) -> f64 {
    f64::from((index.wrapping_mul(2_654_435_761) >> 8) % 1000) / 1000.0 * MIB
}

fn leaking(index: u32) -> f64 {
    200.0 * MIB + f64::from(index) / 60.0 * 40.0 * MIB + noise(index)
}

fn level(index: u32) -> f64 {
    300.0 * MIB + noise(index)
}

/// Eight hours, a sample a minute, of a leak and a level series; some cells empty.
fn csv() -> String {
    let mut csv = "t_seconds,\"rss{pod=\"\"web-0\"\"}\",calm\n".to_owned();
    for index in 0..480 {
        let calm = if index % 50 == 7 { String::new() } else { level(index).to_string() };
        writeln!(csv, "{},{},{calm}", index * 60, leaking(index)).unwrap();
    }
    csv
}

fn written(dir: &TempDir, name: &str, text: &str) -> String {
    let path = dir.path().join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn json_has_the_promised_fields_and_the_leak_comes_first() {
    let dir = TempDir::new().unwrap();
    let file = written(&dir, "two.csv", &csv());
    let output = scan(&["--input", &file, "--format", "json", "--limit", "1073741824"]);
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    let lines = json(&output);
    assert_eq!(lines.len(), 2);
    for line in &lines {
        for field in [
            "series",
            "labels",
            "score",
            "verdict",
            "shape",
            "rate_bytes_per_hour",
            "rate_low_bytes_per_hour",
            "rate_high_bytes_per_hour",
            "floor_bytes",
            "onset",
            "secs_to_limit",
            "reasons",
        ] {
            assert!(line.get(field).is_some(), "{field} is missing in {line}");
        }
    }
    assert_eq!(lines[0]["series"], "rss{pod=\"web-0\"}");
    assert_eq!(lines[0]["verdict"], "leak");
    let rate = lines[0]["rate_bytes_per_hour"].as_f64().unwrap() / MIB;
    assert!((38.0..42.0).contains(&rate), "{rate}");
    assert!(lines[0]["secs_to_limit"].as_f64().unwrap() > 0.0);
    assert_eq!((&lines[1]["series"], &lines[1]["verdict"]), (&"calm".into(), &"stable".into()));
}

#[test]
fn exit_codes_are_a_gate() {
    let dir = TempDir::new().unwrap();
    let file = written(&dir, "two.csv", &csv());
    assert_eq!(code(&scan(&["--input", &file])), 0);
    assert_eq!(code(&scan(&["--input", &file, "--fail-on", "leak"])), 1);
    assert_eq!(code(&scan(&["--input", &file, "--fail-on", "suspect"])), 1);
    let patient = scan(&["--input", &file, "--fail-on", "leak", "--threshold", "104857600"]);
    assert_eq!(code(&patient), 0, "40 MiB/h is below 100: {}", text(&patient.stdout));
    let nothing = written(&dir, "empty.csv", "t_seconds,web\n");
    assert_eq!(code(&scan(&["--input", &nothing, "--format", "json"])), 0);
    let none =
        written(&dir, "none.json", r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#);
    let gate = scan(&["--input", &none, "--fail-on", "leak"]);
    assert_eq!(code(&gate), 2, "a gate that looked at nothing is not open");
    assert!(text(&gate.stderr).contains("no series to judge"), "{}", text(&gate.stderr));
}

#[test]
fn a_table_shows_verdict_sparkline_and_reason() {
    let dir = TempDir::new().unwrap();
    let output = scan(&["--input", &written(&dir, "two.csv", &csv())]);
    let table = text(&output.stdout);
    let leak = table.lines().find(|line| line.starts_with("leak")).unwrap();
    assert!(
        leak.contains("web-0") && leak.contains('▁') && leak.contains('█') && leak.contains("MiB/h"),
        "{leak}"
    );
    assert!(table.contains("2 series: 1 leak, 0 suspect"), "{table}");
    assert!(output.stderr.is_empty(), "no progress bar where nobody looks: {}", text(&output.stderr));
}

#[test]
fn a_saved_range_query_is_read_with_its_labels() {
    let dir = TempDir::new().unwrap();
    let values: Vec<_> =
        (0..480).map(|index| serde_json::json!([index * 60, leaking(index).to_string()])).collect();
    let answer = serde_json::json!({"status": "success", "data": {"resultType": "matrix", "result": [
        {"metric": {"__name__": "rss", "pod": "web-0"}, "values": values},
    ]}});
    let file = written(&dir, "saved.json", &answer.to_string());
    let lines = json(&scan(&["--input", &file, "--format", "json"]));
    assert_eq!(lines[0]["labels"]["pod"], "web-0");
    assert_eq!(lines[0]["verdict"], "leak");
}

/// A saved range query of these series: labels, the minutes they live, and memory by minute.
type Living<'a> = (Value, std::ops::Range<u32>, &'a dyn Fn(u32) -> f64);

fn range_query(series: &[Living<'_>]) -> String {
    let of = |(labels, minutes, bytes): &Living<'_>| {
        let values: Vec<_> = minutes
            .clone()
            .map(|minute| serde_json::json!([minute * 60, bytes(minute).to_string()]))
            .collect();
        serde_json::json!({"metric": labels, "values": values})
    };
    let result: Vec<Value> = series.iter().map(of).collect();
    serde_json::json!({"status": "success", "data": {"resultType": "matrix", "result": result}}).to_string()
}

fn reasons(line: &Value) -> String {
    line["reasons"].to_string()
}

#[test]
fn a_saved_range_query_is_joined_as_a_server_is() {
    let dir = TempDir::new().unwrap();
    let pod = |metric: &str, pod: &str| serde_json::json!({"__name__": metric, "namespace": "shop", "pod": pod, "container": "web"});
    let view = |name: &str| serde_json::json!({"__name__": "django_memory_usage_bytes", "pod": "cart-0", "view_name": name});
    // Each view shows what the process was when it last ran: one does at even minutes, one at those that are odd.
    let even = |minute: u32| leaking(minute - minute % 2);
    let odd = |minute: u32| leaking(minute - (minute + 1) % 2);
    let young = |born: u32| move |minute: u32| leaking(minute - born);
    let lives: Vec<_> = (0..4).map(|life| young(life * 120)).collect();
    let two_workers =
        |minute: u32| if minute.is_multiple_of(3) { leaking(minute) } else { leaking(minute) + 90.0 * MIB };
    let mut series: Vec<Living<'_>> = vec![
        (view("cart"), 1..480, &even),
        (view("pay"), 1..480, &odd),
        (pod("process_resident_memory_bytes", "api-7d9f8b6c5d-x4k2p"), 0..480, &leaking),
        (pod("process_resident_memory_bytes", "api-7d9f8b6c5d-b7wzq"), 0..480, &level),
        (pod("process_resident_memory_bytes", "api-7d9f8b6c5d-c9vtl"), 0..480, &level),
        (serde_json::json!({"__name__": "own_bytes", "job": "two"}), 0..480, &two_workers),
    ];
    for (life, bytes) in (0..4).zip(&lives) {
        let name = format!("web-7d9f8b6c5d-d{}wzq", ["b", "c", "d", "f"][life as usize]);
        series.push((pod("own_bytes", &name), life * 120..life * 120 + 118, bytes));
    }
    let lines =
        json(&scan(&["--input", &written(&dir, "saved.json", &range_query(&series)), "--format", "json"]));
    let of = |name: &str| lines.iter().find(|line| line["series"].as_str().unwrap().contains(name)).unwrap();
    assert_eq!(lines.len(), 6, "one of two views, three replicas, two workers, one of four pods");
    assert_eq!((&of("cart-0")["verdict"], of("cart-0")["labels"].get("view_name")), (&"leak".into(), None));
    assert!(reasons(of("x4k2p")).contains("It grows alone: its 2 other replicas do not."), "{}", of("x4k2p"));
    assert!(reasons(of("two")).contains("processes"), "{}", of("two"));
    let alive = of("web-7d9f8b6c5d-dfwzq");
    assert_eq!(alive["verdict"], "leak");
    assert!(reasons(alive).contains("stands for the 3 pods of its workload"), "{alive}");
    assert_eq!(alive["stands_for"].as_array().unwrap().len(), 3);
    assert!(alive["stands_for"][0].as_str().unwrap().starts_with("own_bytes{container="), "{alive}");
}

#[test]
fn among_many_saved_series_a_doubtful_leak_is_a_suspect() {
    let dir = TempDir::new().unwrap();
    // What fills up and stops rises too; the doubtful one grows hardly faster than the threshold.
    let filling = |minute: u32| level(minute) + 80.0 * MIB * (1.0 - (-f64::from(minute) / 30.0).exp());
    let doubtful = |minute: u32| 300.0 * MIB + f64::from(minute) / 60.0 * 10.4 * MIB + 12.0 * noise(minute);
    let named = |name: String| serde_json::json!({"__name__": "own_bytes", "job": name});
    let verdict = |others: u32| {
        let mut series: Vec<Living<'_>> = vec![(named("doubtful".to_owned()), 0..480, &doubtful)];
        series.extend(
            (0..others).map(|other| -> Living<'_> { (named(format!("job-{other}")), 0..480, &filling) }),
        );
        let file = written(&dir, "saved.json", &range_query(&series));
        json(&scan(&["--input", &file, "--format", "json"]))[0]["verdict"].clone()
    };
    assert_eq!((verdict(0), verdict(200)), ("leak".into(), "suspect".into()));
}

#[test]
fn known_restarts_are_used_and_unknown_names_told() {
    let dir = TempDir::new().unwrap();
    let mut csv = "t_seconds,web\n".to_owned();
    for index in 0..480 {
        writeln!(csv, "{},{}", index * 60, leaking(index % 160)).unwrap();
    }
    let file = written(&dir, "web.csv", &csv);
    let restarts = written(&dir, "restarts.json", r#"{"web": [9600, 19200], "gone": []}"#);
    let output = scan(&["--input", &file, "--restarts", &restarts, "--format", "json"]);
    let line = &json(&output)[0];
    assert_eq!(line["verdict"], "leak", "{line}");
    assert!(line["reasons"].to_string().contains("restart"), "{line}");
    assert!(text(&output.stderr).contains("\"gone\""), "{}", text(&output.stderr));
}

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/yardstick/example")
}

#[test]
fn a_labelled_set_is_judged_against_its_labels() {
    let dir = example();
    let output = scan(&["--set", dir.to_str().unwrap()]);
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    let table = text(&output.stdout);
    assert!(table.contains("precision 1.000, recall 1.000, F1 1.000"), "{table}");
    let lines = json(&scan(&["--set", dir.to_str().unwrap(), "--format", "json"]));
    let leaks: Vec<_> =
        lines.iter().filter(|line| line["label"] == 1).map(|line| &line["scenario"]).collect();
    assert_eq!(leaks.len(), 2, "{leaks:?}");
}

/// What cannot be read ends with exit code 2 and a message that names the file and what is wrong with it.
#[test]
fn hostile_files_give_clear_errors() {
    let dir = TempDir::new().unwrap();
    for (name, content, said) in [
        ("header.csv", "time,web\n0,1\n", "t_seconds"),
        ("cell.csv", "t_seconds,web\n0,much\n", "line 2, column \"web\""),
        ("ragged.csv", "t_seconds,web\n0,1,2,3\n", "CSV"),
        ("alone.csv", "t_seconds\n0\n", "no column"),
        ("empty.csv", "", "t_seconds"),
        ("page.json", "{\"html\": true}", "range query"),
        (
            "cut.json",
            "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[{\"metric\":{",
            "range query",
        ),
    ] {
        let file = written(&dir, name, content);
        let output = scan(&["--input", &file, "--fail-on", "leak"]);
        let message = text(&output.stderr);
        assert_eq!(code(&output), 2, "{name}: {message}");
        assert!(message.contains(said) && message.contains(name), "{name}: {message}");
    }
    let huge =
        written(&dir, "odd.csv", "t_seconds,web\n0,NaN\n60,inf\n120,-inf\n1e308,1e308\n-1e308,-1e308\n0,\n");
    let lines = json(&scan(&["--input", &huge, "--format", "json"]));
    assert_eq!(lines[0]["verdict"], "insufficient");
    assert_eq!(code(&scan(&["--input", "/nonexistent/x.csv"])), 2);
    assert_eq!(code(&scan(&["--input", dir.path().to_str().unwrap()])), 2, "a directory is no file");
}

#[test]
fn hostile_sets_give_clear_errors() {
    for (labels, said) in [
        ("[{\"file\": \"a.csv\"}]", "label"),
        ("{}", "labels.json"),
        ("[{\"file\": \"gone.csv\", \"label\": 1, \"scenario\": \"x\"}]", "gone.csv"),
        ("[{\"file\": \"a.csv\", \"label\": 7, \"scenario\": \"x\"}]", "0 or 1"),
        ("[{\"file\": \"../a.csv\", \"label\": 1, \"scenario\": \"x\"}]", "outside"),
        ("[{\"file\": \"/etc/passwd\", \"label\": 1, \"scenario\": \"x\"}]", "outside"),
        ("[{\"file\": \"two.csv\", \"label\": 1, \"scenario\": \"x\"}]", "one column"),
    ] {
        let dir = TempDir::new().unwrap();
        written(&dir, "labels.json", labels);
        written(&dir, "a.csv", "t_seconds,bytes\n0,1\n");
        written(&dir, "two.csv", "t_seconds,a,b\n0,1,2\n");
        let output = scan(&["--set", dir.path().to_str().unwrap()]);
        let message = text(&output.stderr);
        assert_eq!(code(&output), 2, "{labels}: {message}");
        assert!(message.contains(said), "{labels}: {message}");
    }
    assert_eq!(code(&scan(&["--set", "/nonexistent"])), 2);
}

#[test]
fn arguments_that_make_no_sense_are_refused() {
    for arguments in [
        &[][..],
        &["--input", "a", "--set", "b"],
        &["--input", "a", "--url", "http://x"],
        &["--input", "a", "--limit", "-1"],
        &["--input", "a", "--profile", "go"],
        &["--url", "http://127.0.0.1:1", "--range", "soon"],
        &["--url", "http://127.0.0.1:1", "--match", "rate(x[5m])"],
        &["--url", "http://127.0.0.1:1", "--restarts", "x"],
        &["--url", "ftp://x"],
        &["--url", "http://127.0.0.1:1", "--profile", "cobol"],
        &["--url", "http://127.0.0.1:1"],
    ] {
        let output = scan(arguments);
        assert_eq!(code(&output), 2, "{arguments:?}: {}", text(&output.stdout));
        assert!(!output.stderr.is_empty());
    }
}
