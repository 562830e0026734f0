//! Sets of labelled series, as anyone may write them.

use std::fs;
use std::path::Path;

use yardstick::judge::Detector;
use yardstick::{measure, set};

#[test]
fn the_example_is_read_and_judged_by_every_detector() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("example");
    let set = set::read(&dir).expect("a set");
    assert_eq!(set.iter().filter(|labelled| labelled.leaks).count(), 2);
    assert!(set.iter().all(|labelled| labelled.step_secs == 300.0));
    let rows = measure::rows(&set, &Detector::all());
    assert_eq!(rows[0].f1, 1.0, "{:?}", rows[0]);
}

#[test]
fn hostile_series_are_judged_by_every_detector_without_panic_or_alarm() {
    let dir = tempfile::tempdir().expect("a directory");
    let files = [
        ("empty", "t_seconds,bytes\n".to_owned()),
        ("one", "t_seconds,bytes\n0,1\n".to_owned()),
        ("odd", "t_seconds,bytes\n0,NaN\n60,inf\n1e308,1e308\n-1e308,-1e308\n60,5\n60,4\n".to_owned()),
        ("still", "t_seconds,bytes\n".to_owned() + &"7,1\n".repeat(100)),
    ];
    let entry = |name: &str| serde_json::json!({"file": format!("{name}.csv"), "label": 0, "scenario": name});
    let labels: Vec<_> = files.iter().map(|(name, _)| entry(name)).collect();
    fs::write(dir.path().join("labels.json"), serde_json::json!(labels).to_string()).expect("written");
    for (name, text) in &files {
        fs::write(dir.path().join(format!("{name}.csv")), text).expect("written");
    }
    let set = set::read(dir.path()).expect("a set");
    let rows = measure::rows(&set, &Detector::all());
    assert_eq!(rows[0].false_alarms, 0);
}

#[test]
fn what_is_wrong_with_a_set_is_said_with_its_file() {
    let dir = tempfile::tempdir().expect("a directory");
    fs::write(dir.path().join("a.csv"), "t_seconds,bytes\n0,x\n").expect("written");
    for (labels, said) in [
        ("[{\"file\": \"a.csv\", \"label\": 1, \"scenario\": \"s\"}]", "line 2"),
        ("[{\"file\": \"../a.csv\", \"label\": 1, \"scenario\": \"s\"}]", "outside"),
        ("[{\"file\": \"b.csv\", \"label\": 1, \"scenario\": \"s\"}]", "b.csv"),
        ("{}", "labels.json"),
    ] {
        fs::write(dir.path().join("labels.json"), labels).expect("written");
        let message = format!("{:#}", set::read(dir.path()).expect_err("wrong"));
        assert!(message.contains(said), "{labels}: {message}");
    }
}
