//! `leaklens scan --url` against Debian's Prometheus with hours of backfilled history.
#![allow(clippy::unwrap_used)] // helpers of tests may panic as tests do

use std::fmt::Write as _;
use std::process::{Command, Output};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

/// `the-right-one`, at bcrypt's lowest cost.
const PASSWORD_HASH: &str = "$2b$04$NjO.icwBtvUrFsuPzIQMV.2kqO/re2XktZMWDKZbSdYLU8Ttzp.C.";
const MIB: f64 = 1_048_576.0;

/// Five hours of a leaking and a level process, and of a metric no profile knows.
fn history() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let start = now - 5 * 3600;
    let mut text = String::new();
    for (metric, job, slope) in [
        ("own_pool_bytes", "own", 60.0),
        ("process_resident_memory_bytes", "calm", 0.0),
        ("process_resident_memory_bytes", "leaky", 40.0),
    ] {
        if !text.contains(&format!("# TYPE {metric} ")) {
            writeln!(text, "# TYPE {metric} gauge").unwrap();
        }
        for index in 0..600_u32 {
            let noise = f64::from(index.wrapping_mul(2_654_435_761) >> 8 & 1023) * 1024.0;
            let bytes = 200.0 * MIB + slope * MIB * f64::from(index) / 120.0 + noise;
            let at = start + u64::from(index) * 30;
            writeln!(text, "{metric}{{job=\"{job}\",instance=\"{job}:80\"}} {bytes} {at}").unwrap();
        }
    }
    text + "# EOF\n"
}

fn scan(url: &str, arguments: &[&str]) -> Output {
    let leaklens = stack::programs(&["leaklens"]).unwrap().join("leaklens");
    let mut command = Command::new(leaklens);
    command.args(["scan", "--url", url]).args(arguments);
    command.env_remove("LEAKLENS_USER").env("LEAKLENS_PASSWORD", "the-right-one");
    command.output().unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(!text.is_empty(), "{error}");
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_server_is_scanned_and_the_gate_closes() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("history.om");
    std::fs::write(&file, history()).unwrap();
    let web = format!("basic_auth_users: {{reader: '{PASSWORD_HASH}'}}\n");
    let server = parts::prometheus().backfill(&file).web_config(web).path_prefix("/prom").start().unwrap();
    let url = server.url();

    let denied = scan(&url, &["--format", "json"]);
    assert_eq!(denied.status.code(), Some(2));
    let message = String::from_utf8(denied.stderr).unwrap();
    assert!(message.contains("401") && !message.contains("the-right-one"), "{message}");

    let json = |more: &[&str]| scan(&url, &[&["--user", "reader", "--format", "json"], more].concat());
    let all = json(&["--range", "5h"]);
    let found = lines(&all);
    assert_eq!(found.len(), 2, "what the profiles know: {found:?}");
    assert_eq!((&found[0]["verdict"], &found[0]["labels"]["job"]), (&"leak".into(), &"leaky".into()));
    let rate = found[0]["rate_bytes_per_hour"].as_f64().unwrap() / MIB;
    assert!((37.0..43.0).contains(&rate), "{rate}");
    assert_eq!((&found[1]["verdict"], &found[1]["labels"]["job"]), (&"stable".into(), &"calm".into()));

    assert_eq!(json(&["--fail-on", "leak"]).status.code(), Some(1));
    assert_eq!(json(&["--fail-on", "leak", "--match", "job=calm"]).status.code(), Some(0));
    assert_eq!(lines(&json(&["--match", "{job=~\"c.*\"}"])).len(), 1);
    assert_eq!(lines(&json(&["--match", "process_resident_memory_bytes", "--limit", "1e9"])).len(), 2);

    let own = lines(&json(&["--match", "own_pool_bytes{job=\"own\"}", "--limit", "1e9"]));
    assert_eq!((own.len(), &own[0]["verdict"]), (1, &"leak".into()), "a metric of one's own");
    assert!(own[0]["secs_to_limit"].as_f64().is_some(), "{own:?}");

    assert_eq!(
        json(&["--fail-on", "leak", "--match", "job=gone"]).status.code(),
        Some(2),
        "nothing looked at"
    );
    assert_eq!(json(&["--fail-on", "leak", "--profile", "django"]).status.code(), Some(2));
}
