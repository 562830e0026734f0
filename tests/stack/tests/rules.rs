//! The shipped rules under Prometheus' own checks.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

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
    assert!(alerts.len() >= 4, "{alerts:?}");
    for alert in alerts {
        assert!(text.contains(&format!("alertname: {alert}\n")), "no scenario in which {alert} fires");
    }
    promtool(&["test", "rules"], &files);
}

#[test]
fn a_rehearsal_has_valid_rules_too() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = |name: &str| -> PathBuf { Path::new(directory.path()).join(name) };
    for scale in [1.0, 60.0, 240.0] {
        let file = path(&format!("{scale}.yaml"));
        fs::write(&file, stack::rules::render(scale, |_| Ok(())).expect("rendered")).expect("written");
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
