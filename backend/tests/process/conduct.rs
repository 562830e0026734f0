//! Who may start the process and reach it, and what it tells of itself.

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use grafana_plugin_sdk::pluginv2::{self, data_client::DataClient};
use serde_json::{Value, json};

use crate::plugin::{Plugin, Source, TO_MS, command, query};
use crate::upstream::{Reply, Upstream, growing, http};

#[tokio::test]
async fn it_starts_for_grafana_alone() {
    let directory = tempfile::tempdir().unwrap();
    for cookie in [None, Some("panel")] {
        let mut command = command(directory.path());
        if let Some(value) = cookie {
            command.env("grafana_plugin_type", value);
        }
        let output = command.output().await.unwrap();
        assert!(!output.status.success());
        assert!(output.stdout.is_empty(), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("Grafana starts it"), "{output:?}");
    }
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0, "something was left behind");
}

#[tokio::test]
async fn only_its_own_user_can_reach_it_and_nothing_stays_behind() {
    let mut plugin = Plugin::start().await;
    let directory = plugin.socket.parent().unwrap().to_owned();
    let mode = std::fs::metadata(&directory).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700, "{mode:o}");
    // No port either: every TCP socket of the process would be in its own list of files.
    let files = std::fs::read_dir(format!("/proc/{}/fd", plugin.child.id().unwrap())).unwrap();
    let tcp = std::fs::read_to_string("/proc/net/tcp").unwrap();
    for file in files {
        let Ok(target) = std::fs::read_link(file.unwrap().path()) else { continue };
        let target = target.to_string_lossy().into_owned();
        if let Some(inode) = target.strip_prefix("socket:[").and_then(|rest| rest.strip_suffix(']')) {
            // Column 10 is the inode, column 4 the state, 0A that of a listener.
            let listens = tcp.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
            let mut listens = listens.filter(|columns| columns.get(3) == Some(&"0A"));
            assert!(!listens.any(|columns| columns.get(9) == Some(&inode)), "it listens on a port");
        }
    }
    let pid = plugin.child.id().unwrap().to_string();
    assert!(tokio::process::Command::new("kill").args(["-TERM", &pid]).status().await.unwrap().success());
    assert!(plugin.child.wait().await.unwrap().success());
    assert!(!directory.exists(), "{} stays behind", directory.display());
}

/// The line of the log whose message is this.
fn line(said: &str, message: &str) -> Option<Value> {
    let lines = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.into_iter().find(|line| line["@message"] == message)
}

async fn eventually(plugin: &Plugin, message: &str) -> Value {
    for _ in 0..600 {
        if let Some(line) = line(&plugin.said(), message) {
            return line;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the log has no {message:?}: {}", plugin.said());
}

#[tokio::test]
async fn queries_are_counted_and_stand_in_the_log_with_the_trace_of_their_request() {
    let plugin = Plugin::start_with("debug").await;
    let good = Upstream::prometheus(growing(r#","instance":"a:1","job":"a""#, TO_MS / 1000)).await;
    let bad = Upstream::always(Reply::Bytes(http("401 Unauthorized", "", ""))).await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let mut client = DataClient::new(plugin.channel.clone());
    for url in [&good.url, &bad.url] {
        let mut request = tonic::Request::new(pluginv2::QueryDataRequest {
            plugin_context: Some(Source::of(url, json!({})).context()),
            queries: vec![query("B", "suspects", "")],
            ..Default::default()
        });
        let parent = format!("00-{trace}-00f067aa0ba902b7-01");
        request.metadata_mut().insert("traceparent", parent.parse().unwrap());
        client.query_data(request).await.unwrap();
    }
    let answered = eventually(&plugin, "query answered").await;
    for (key, value) in [
        ("@level", "INFO"),
        ("traceID", trace),
        ("endpoint", "queryData"),
        ("dsUID", "leaklens"),
        ("refID", "B"),
        ("queryType", "suspects"),
        ("outcome", "ok"),
    ] {
        assert_eq!(answered[key], value, "{answered}");
    }
    assert!(answered["durationMS"].is_u64() && answered["bytes"].as_u64().unwrap() > 0, "{answered}");
    let failed = eventually(&plugin, "query failed").await;
    assert_eq!((&failed["@level"], &failed["outcome"]), (&json!("WARN"), &json!("unauthorized")), "{failed}");
    assert!(failed["error"].as_str().unwrap().contains("(401)"), "{failed}");
    let request = eventually(&plugin, "request ended").await;
    assert_eq!(request["traceID"], trace, "what a query sets off belongs to its trace: {request}");

    let metrics = plugin.metrics().await;
    for line in [
        "leaklens_queries_total{type=\"suspects\",outcome=\"ok\"} 1",
        "leaklens_queries_total{type=\"suspects\",outcome=\"unauthorized\"} 1",
        "leaklens_query_duration_seconds_count{type=\"suspects\"} 2",
        "leaklens_queries_running 0",
        "leaklens_window_lookups_total{found=\"none\"}",
        "leaklens_series_read_total",
        "leaklens_requests_total{outcome=\"unauthorized\"}",
    ] {
        assert!(metrics.lines().any(|told| told.starts_with(line)), "{line} is missing from:\n{metrics}");
    }
}

#[tokio::test]
async fn killed_by_its_host_in_mid_query_it_answers_when_it_is_started_again() {
    let mut plugin = Plugin::start().await;
    let stalled = Upstream::always(Reply::Stall).await;
    let source = Source::of(&stalled.url, json!({}));
    let asked = {
        let (channel, context) = (plugin.channel.clone(), source.context());
        tokio::spawn(async move {
            let queries = vec![query("A", "suspects", "")];
            let request =
                pluginv2::QueryDataRequest { plugin_context: Some(context), queries, ..Default::default() };
            DataClient::new(channel).query_data(request).await
        })
    };
    while stalled.requests.load(std::sync::atomic::Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    plugin.child.kill().await.unwrap();
    asked.await.unwrap().unwrap_err();
    let good = Upstream::prometheus(growing(r#","instance":"a:1","job":"a""#, TO_MS / 1000)).await;
    let answer = Plugin::start().await.one(&Source::of(&good.url, json!({})), "suspects").await;
    assert_eq!((answer.status, answer.error.as_str()), (200, ""));
}
