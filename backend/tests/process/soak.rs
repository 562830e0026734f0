//! Twenty thousand queries, good and bad: memory stays where it is.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;

use crate::plugin::{Plugin, Source, TO_MS, query};
use crate::upstream::{Reply, Upstream, growing, http, json as good};

const QUERIES: usize = 20_000;
/// So many at once.
const TOGETHER: usize = 20;
/// After these, whatever is kept once is there.
const WARM: usize = 4_000;
/// What may come and go with what is under way at the moment that is looked at.
const SWAYS_BYTES: u64 = 24 << 20;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "minutes: `cargo xtask verify soak` runs it on the executable that ships"]
async fn memory_is_flat_over_twenty_thousand_queries() {
    let plugin = Plugin::start_with("warn").await;
    let memory: Vec<_> = (0..20)
        .map(|pod| growing(&format!(r#","instance":"10.0.0.{pod}:8000","job":"web""#), TO_MS / 1000))
        .collect();
    let memory =
        format!(r#"{{"status":"success","data":{{"resultType":"matrix","result":[{}]}}}}"#, memory.join(","));
    let empty = r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#;
    let asked = AtomicUsize::new(0);
    let upstream = Upstream::serve(move |request| {
        // Every so often something goes wrong.
        match asked.fetch_add(1, Ordering::SeqCst) % 50 {
            7 => Reply::Bytes(http("503 Service Unavailable", "Retry-After: 0\r\n", "")),
            19 => Reply::Bytes(good(&memory[..memory.len() / 2])),
            31 => Reply::Bytes(http("200 OK", "", "<html>")),
            _ if request.contains("process_resident_memory_bytes") && request.contains("%5D") => {
                Reply::Bytes(good(&memory))
            }
            _ if request.contains("/api/v1/query") => Reply::Bytes(good(empty)),
            _ => Reply::Bytes(http("404 Not Found", "", "404 page not found")),
        }
    })
    .await;
    let types = ["suspects", "growth", "alerts", "runbook", "history", "overview"];
    let mut after_warm_up = 0;
    let mut most = 0;
    for round in 0..QUERIES / TOGETHER {
        let queries = (0..TOGETHER).map(|number| {
            // Scopes that nobody asked for before, too: what is kept of them must not add up.
            let scope = format!(r#","namespace":"n{}""#, (round * TOGETHER + number) / 3);
            let scope = if number % 4 == 0 { scope } else { String::new() };
            query(&format!("Q{number}"), types[(round + number) % types.len()], &scope)
        });
        // Settings that change are set up anew, and the old ones must go.
        let source = Source::of(
            &upstream.url,
            json!({ "timeout": 5, "profile": "process", "maxSeries": 1000 + round / 100 }),
        );
        let answers = plugin.ask(&source, queries.collect()).await.unwrap();
        assert_eq!(answers.len(), TOGETHER);
        assert!(answers.values().all(|answer| answer.status == 200 || !answer.error.is_empty()));
        if round % 50 == 49 {
            tokio::time::sleep(Duration::from_millis(200)).await;
            let resident = plugin.resident_bytes();
            let done = (round + 1) * TOGETHER;
            eprintln!("{done} queries: {} MiB resident", resident >> 20);
            if done <= WARM {
                after_warm_up = after_warm_up.max(resident);
            } else {
                most = most.max(resident);
            }
        }
    }
    assert!(after_warm_up > 0 && most > 0);
    assert!(most < after_warm_up + SWAYS_BYTES, "{after_warm_up} bytes after {WARM} queries, {most} later");
}
