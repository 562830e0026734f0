//! From a leaking fleet to a message with a link: Prometheus, the rules and Alertmanager for real.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::{Duration, Instant};

use fleet::truth::Truth;
use serde_json::Value;
use stack::process::Stop;
use stack::{Options, Stack};

fn messages(stack: &Stack) -> Vec<Value> {
    let text = fs::read_to_string(stack.messages()).unwrap_or_default();
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

#[test]
fn a_fleet_of_yesterday_fires_its_alerts_at_once_and_the_messages_lead_to_it() {
    let directory = tempfile::tempdir().expect("a directory");
    let truth = tempfile::tempdir().expect("a directory");
    let truth_file = truth.path().join("truth.json");
    let options = Options {
        directory: directory.path().join("run"),
        programs: stack::programs(&["fleet"]).unwrap(),
        python: PathBuf::new(),
        seed: Some(3),
        truth: truth_file.clone(),
        workloads: Vec::new(),
        scale: 1.0,
        workbench: None,
        stop: Stop::default(),
    };
    let mut stack = Stack::start(&options, |step| println!("{step}")).expect("everything starts");
    let truth: Truth = serde_json::from_slice(&fs::read(&truth_file).expect("the truth")).expect("the truth");

    // Both broken pages fire for 5 min only after a restart of Prometheus that restores them: within a minute.
    let begun = Instant::now();
    loop {
        stack.check().expect("every part lives");
        let alerts = stack.alerts().expect("alerts");
        let firing: BTreeSet<_> = alerts
            .iter()
            .filter(|alert| alert.state == "firing")
            .map(|alert| alert.labels["alertname"].clone())
            .collect();
        if stack::ALERTS_OF_THE_DAY.iter().all(|name| firing.contains(*name)) {
            break;
        }
        assert!(begun.elapsed() < Duration::from_mins(2), "only {firing:?} fire");
        sleep(Duration::from_secs(1));
    }

    let leaking: BTreeSet<_> =
        truth.pods.iter().filter(|pod| pod.leaks).map(|pod| pod.pod.as_str()).collect();
    for alert in stack.alerts().expect("alerts").iter().filter(|alert| alert.state == "firing") {
        let (name, pod) = (&alert.labels["alertname"], &alert.labels["pod"]);
        let page = &truth.pods.iter().find(|one| one.pod == *pod).expect("a pod of the fleet").page;
        match name.as_str() {
            "MetricsAuthenticationFailure" => assert!(page == "401" || page == "500", "{pod}: {page}"),
            "MemoryMetricsMissing" => assert!(!page.is_empty(), "{pod} has metrics"),
            _ => assert!(leaking.contains(pod.as_str()), "{name} fires for {pod}, which is sound"),
        }
    }

    let link = loop {
        let found = messages(&stack).into_iter().find_map(|message| {
            let attachment = &message["body"]["attachments"][0];
            let title = attachment["title"].as_str()?;
            title
                .contains("HighMemoryGrowthRate")
                .then(|| attachment["title_link"].as_str().map(str::to_owned))?
        });
        if let Some(link) = found {
            break link;
        }
        assert!(begun.elapsed() < Duration::from_mins(3), "no message about growth");
        sleep(Duration::from_secs(1));
    };
    let (path, query) = link.split_once('?').expect("a query");
    assert!(path.ends_with("/d/leaklens/leaklens"), "{link}");
    let pairs: Vec<_> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
    let value = |key: &str| pairs.iter().find(|(name, _)| *name == key).map(|(_, value)| *value);
    let number = |key: &str| value(key).and_then(|text| text.parse::<i64>().ok()).expect(key);
    assert_eq!(value("var-alertname"), Some("HighMemoryGrowthRate"), "{link}");
    assert!(leaking.contains(value("var-pod").expect("a pod")), "{link}");
    assert_eq!(number("var-startsAt") - number("from"), 86_400_000, "{link}");
    assert_eq!(value("to"), Some("now"), "{link}");
    assert!(messages(&stack).iter().any(|message| message["path"] == "/webhook"), "the webhook has nothing");
}
