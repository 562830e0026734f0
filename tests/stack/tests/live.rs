//! A process that leaks for real, scraped with credentials, from its first byte to the message: hours in minutes.

use std::fs;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;
use stack::process::Stop;
use stack::workload::{Mode, Workload};
use stack::{FiringAlert, Options, Stack};

/// An hour takes a minute.
const SCALE: f64 = 60.0;
const LEAK_BYTES_PER_SECOND: f64 = 600_000.0;
/// A pod's name that a link must escape.
const HOSTILE: &str = "orders \"a&b\" #1 100%";

fn workload(pod: &str, mode: Mode, leak_bytes_per_second: f64) -> Workload {
    Workload {
        mode,
        pod: pod.to_owned(),
        leak_bytes_per_second,
        cache_bytes: 8 << 20,
        requests_per_second: 12.0,
        ..Workload::default()
    }
}

fn growing(stack: &Stack) -> Vec<FiringAlert> {
    let mut alerts = stack.alerts().expect("alerts");
    alerts.retain(|alert| alert.state == "firing" && alert.labels["alertname"] == "HighMemoryGrowthRate");
    alerts
}

#[test]
fn a_live_leak_fires_and_its_sound_neighbours_do_not() {
    println!("an hour takes {} s", 3600.0 / SCALE);
    let python = stack::root().join(".venv/bin/python");
    assert!(python.exists(), "{} is missing: `cargo xtask test` makes it", python.display());
    let directory = tempfile::tempdir().expect("a directory");
    let options = Options {
        directory: directory.path().join("run"),
        programs: stack::programs(&["fleet"]).unwrap(),
        python,
        seed: None,
        truth: PathBuf::new(),
        workloads: vec![
            workload(HOSTILE, Mode::Single, LEAK_BYTES_PER_SECOND),
            workload("sound", Mode::Single, 0.0),
            workload("sound-workers", Mode::Multiprocess, 0.0),
            workload("sound-interleaved", Mode::Separate, 0.0),
        ],
        scale: SCALE,
        workbench: None,
        stop: Stop::default(),
    };
    let mut stack = Stack::start(&options, |step| println!("{step}")).expect("everything starts");

    let begun = Instant::now();
    while growing(&stack).is_empty() {
        stack.check().expect("every part lives");
        assert!(begun.elapsed() < Duration::from_mins(8), "nothing fires: {:?}", stack.alerts());
        sleep(Duration::from_secs(1));
    }
    let alert = growing(&stack).remove(0);
    assert_eq!(alert.labels["pod"], HOSTILE);
    let (rate, truth): (f64, f64) = (alert.value.parse().expect("a number"), LEAK_BYTES_PER_SECOND * 3600.0);
    assert!((rate / truth - 1.0).abs() < 0.15, "the alert says {rate} bytes an hour, it is {truth}");

    let message = loop {
        let text = fs::read_to_string(stack.messages()).unwrap_or_default();
        let messages = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let links =
            |message: Value| message["body"]["attachments"][0]["title_link"].as_str().map(str::to_owned);
        if let Some(link) = messages.filter_map(links).find(|link| link.contains("HighMemoryGrowthRate")) {
            break link;
        }
        assert!(begun.elapsed() < Duration::from_mins(9), "no message");
        sleep(Duration::from_secs(1));
    };
    assert!(message.contains("&var-pod=orders+%22a%26b%22+%231+100%25&"), "{message}");

    // As long again: the neighbours stay silent, and everybody has metrics.
    sleep(begun.elapsed().min(Duration::from_secs(90)));
    for alert in stack.alerts().expect("alerts").iter().filter(|alert| alert.state == "firing") {
        assert_eq!(alert.labels["pod"], HOSTILE, "{} fires for a sound pod", alert.labels["alertname"]);
    }
}
