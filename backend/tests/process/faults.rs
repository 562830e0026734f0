//! A server that is sick: always an answer or a clear error in time, and the process lives on.

use std::io::Write as _;
use std::time::Duration;

use grafana_plugin_sdk::pluginv2::DataResponse;
use serde_json::json;

use crate::plugin::{Plugin, Source, TO_MS, query};
use crate::upstream::{Reply, Upstream, growing, http, json as good};

/// Far longer than any answer may take here. What is not over by then hangs.
const HANGS: Duration = Duration::from_mins(2);
const MIB: usize = 1 << 20;
const TYPES: [&str; 6] = ["overview", "suspects", "growth", "history", "alerts", "runbook"];

async fn in_time<T>(what: &str, answer: impl Future<Output = T>) -> T {
    tokio::time::timeout(HANGS, answer).await.unwrap_or_else(|_| panic!("{what} hangs"))
}

/// A body that is never over: it would be a gigabyte.
fn gigabyte(head: &str) -> Reply {
    Reply::Repeated(head.as_bytes().to_vec(), vec![b' '; MIB], 1024)
}

fn bomb() -> Vec<u8> {
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let spaces = vec![b' '; MIB];
    for _ in 0..256 {
        bomb.write_all(&spaces).unwrap();
    }
    let bomb = bomb.finish().unwrap();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nContent-Encoding: gzip\r\n\r\n", bomb.len());
    [head.into_bytes(), bomb].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_sickness_has_its_name() {
    let plugin = Plugin::start().await;
    let half = r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"a":"b"#;
    let cut = format!("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{half}").into_bytes();
    let deep = format!(r#"{{"status":"success","data":{}{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
    let html = "<!doctype html><title>Log in</title>";
    let refusal =
        |kind: &str, words: &str| json!({ "status": "error", "errorType": kind, "error": words }).to_string();
    let whole = r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#;
    let open = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
    let announced = "HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n";
    let bytes = |status: &str, headers: &str, body: &str| Reply::Bytes(http(status, headers, body));
    let cases: Vec<(&str, Reply, u16, &str)> = vec![
        ("a byte a second", Reply::Drip(good(whole)), 504, "no answer within 1 s"),
        ("silence", Reply::Stall, 504, "no answer within 1 s"),
        ("a gigabyte, announced", gigabyte(announced), 502, "larger than 8388608 bytes"),
        ("a gigabyte, not announced", gigabyte(open), 502, "larger than 8388608 bytes"),
        ("a gzip bomb", Reply::Bytes(bomb()), 502, "larger than 8388608 bytes"),
        ("half an answer", Reply::Bytes(cut), 502, "was cut off"),
        ("an answer and more", Reply::Bytes(good(&format!("{whole}more"))), 502, "cannot be read"),
        ("depth of 10,000", Reply::Bytes(good(&deep)), 502, "cannot be read"),
        ("a page", bytes("200 OK", "Content-Type: text/html\r\n", html), 502, "an HTML page"),
        ("nothing", bytes("200 OK", "", ""), 502, "an empty answer"),
        (
            "429 later",
            bytes("429 Too Many Requests", "Retry-After: 3600\r\n", ""),
            502,
            "(429, again in 3600 s)",
        ),
        ("502", bytes("502 Bad Gateway", "Retry-After: 0\r\n", html), 502, "cannot answer now (502"),
        ("503", bytes("503 Service Unavailable", "Retry-After: 0\r\n", ""), 502, "cannot answer now (503"),
        (
            "422",
            bytes("422 Unprocessable Entity", "", &refusal("execution", "query would load too many samples")),
            502,
            "too expensive for the server (422)",
        ),
        ("no HTTP", Reply::Bytes(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()), 502, "cannot be reached"),
    ];
    for (name, reply, status, words) in cases {
        let upstream = Upstream::always(reply).await;
        let settings = json!({ "timeout": 1, "maxResponseBytes": 8_388_608, "gzip": "on" });
        let answer = in_time(name, plugin.one(&Source::of(&upstream.url, settings), "suspects")).await;
        assert_eq!(answer.status, i32::from(status), "{name}: {}", answer.error);
        assert!(answer.error.contains(words), "{name}: {}", answer.error);
    }
    // Nothing of all that is still held: not one answer could be larger than 8 MiB.
    let resident = plugin.resident_bytes();
    assert!(resident < 256 * MIB as u64, "{resident} bytes are resident");
    let well = Upstream::prometheus(growing(r#","instance":"a:1","job":"a""#, TO_MS / 1000)).await;
    let answer = plugin.one(&Source::of(&well.url, json!({})), "suspects").await;
    assert_eq!((answer.status, answer.error.as_str()), (200, ""));
}

/// Whether it says something: frames, or what is wrong.
fn says_something(answer: &DataResponse) -> bool {
    (answer.status == 200 && answer.error.is_empty() && !answer.frames.is_empty())
        || (answer.status != 200 && !answer.error.is_empty())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_type_answers_before_every_kind_of_silence() {
    let plugin = Plugin::start().await;
    let memory = growing(r#","instance":"a:1","job":"a""#, TO_MS / 1000);
    // Memory answers, all that is asked after it does not: a page without findings, in time.
    let only_memory = move |request: &str| {
        let samples = request.contains("/api/v1/query_range") || request.contains("%5D&time=");
        if samples && request.contains("process_resident_memory_bytes") {
            let body =
                format!(r#"{{"status":"success","data":{{"resultType":"matrix","result":[{memory}]}}}}"#);
            Reply::Bytes(good(&body))
        } else {
            Reply::Stall
        }
    };
    for upstream in [Upstream::always(Reply::Stall).await, Upstream::serve(only_memory).await] {
        let source = Source::of(&upstream.url, json!({ "timeout": 1, "profile": "process" }));
        for kind in TYPES {
            let answer = in_time(kind, plugin.one(&source, kind)).await;
            assert!(says_something(&answer), "{kind}: {answer:?}");
        }
        in_time("health", plugin.health(&source)).await;
        in_time("variables", plugin.resource(&source, "GET", "variables/pods")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_at_once_are_all_answered() {
    let plugin = Plugin::start().await;
    let well = Upstream::prometheus(growing(r#","instance":"a:1","job":"a""#, TO_MS / 1000)).await;
    let silent = Upstream::always(Reply::Stall).await;
    let queries = || {
        let each = (0..200).map(|number| query(&format!("Q{number}"), TYPES[number % TYPES.len()], ""));
        each.collect::<Vec<_>>()
    };
    let (well, silent) = (
        Source::of(&well.url, json!({})),
        // One at a time, so that they would take minutes if each waited for its own turn in full.
        Source::of(&silent.url, json!({ "timeout": 2, "concurrency": 1 })),
    );
    let (good, bad) =
        in_time("200", async { tokio::join!(plugin.ask(&well, queries()), plugin.ask(&silent, queries())) })
            .await;
    let (good, bad) = (good.unwrap(), bad.unwrap());
    assert_eq!((good.len(), bad.len()), (200, 200));
    for (ref_id, answer) in &good {
        assert!(answer.status == 200 && answer.error.is_empty(), "{ref_id}: {}", answer.error);
    }
    for (ref_id, answer) in &bad {
        assert!(says_something(answer), "{ref_id}: {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sick_server_costs_its_neighbours_nothing() {
    let plugin = Plugin::start().await;
    let silent = Upstream::always(Reply::Stall).await;
    let well = Upstream::prometheus(growing(r#","instance":"a:1","job":"a""#, TO_MS / 1000)).await;
    let sick = Source::of(&silent.url, json!({ "timeout": 600 }));
    let mut other = Source::of(&well.url, json!({}));
    other.json_data = json!({ "concurrency": 2 });
    let waiting = async {
        let queries: Vec<_> = (0..50).map(|number| query(&format!("Q{number}"), "suspects", "")).collect();
        plugin.ask(&sick, queries).await
    };
    let answered = async {
        for kind in TYPES {
            let answer = in_time(kind, plugin.one(&other, kind)).await;
            assert!(says_something(&answer), "{kind}: {answer:?}");
        }
    };
    // Whoever is answered first ends it; the queries that wait are cancelled with their call.
    tokio::select! {
        answers = waiting => panic!("a silent server has answered: {answers:?}"),
        () = answered => {}
    }
}
