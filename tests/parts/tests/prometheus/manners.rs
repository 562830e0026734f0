//! A server that says "not now" is asked again when it may be, and never by more requests at once than set.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::routing::post;
use backend::prometheus::{Client, PrometheusError};
use serde_json::json;

use crate::canned::{Canned, Then, http};
use crate::{client, error_of, settings};

const ANSWER: &str = r#"{"status":"success","data":{"resultType":"scalar","result":[1,"2"]}}"#;

#[tokio::test]
async fn a_busy_server_is_asked_again() {
    let busy = http("429 Too Many Requests", "Retry-After: 0\r\n", "");
    let gone = http("502 Bad Gateway", "", "");
    let server = Canned::serve_each(vec![busy, gone, http("200 OK", "", ANSWER)], Then::Close);
    assert_eq!(client(&server.url).query("2", 1.0).await.unwrap().value[0].value, 2.0);
    assert_eq!(server.requests.try_iter().count(), 3);
}

#[tokio::test]
async fn not_for_ever() {
    let server = Canned::status("503 Service Unavailable", "Retry-After: 0\r\n", "");
    let error = error_of(&client(&server.url)).await;
    assert!(matches!(error, PrometheusError::Busy { status: 503, .. }), "{error:?}");
    assert_eq!(server.requests.try_iter().count(), 4);
}

#[tokio::test]
async fn not_when_it_says_later_than_there_is_time() {
    let server = Canned::status("503 Service Unavailable", "Retry-After: 3600\r\n", "");
    let error = error_of(&client(&server.url)).await;
    let text = "the server cannot answer now (503, again in 3600 s): service unavailable";
    assert_eq!(error.to_string(), text);
    assert_eq!(server.requests.try_iter().count(), 1);
}

#[tokio::test]
async fn what_would_fail_again_is_not_asked_again() {
    for status in ["400 Bad Request", "401 Unauthorized", "403 Forbidden", "500 Internal Server Error"] {
        let server = Canned::status(status, "Retry-After: 0\r\n", "");
        error_of(&client(&server.url)).await;
        assert_eq!(server.requests.try_iter().count(), 1, "{status}");
    }
}

/// Counts how many requests are there at once.
async fn counting_server(most: Arc<AtomicUsize>) -> String {
    let now = Arc::new(AtomicUsize::new(0));
    let answer = move || {
        let (now, most) = (Arc::clone(&now), Arc::clone(&most));
        async move {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(20)).await;
            now.fetch_sub(1, Ordering::SeqCst);
            ANSWER
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().route("/api/v1/query", post(answer));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_at_once_than_set() {
    let most = Arc::new(AtomicUsize::new(0));
    let url = counting_server(Arc::clone(&most)).await;
    let client = Client::new(&settings(&url, &json!({ "concurrency": 3 }), &[])).unwrap();
    let queries: Vec<_> = (0..50)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.query("2", 1.0).await })
        })
        .collect();
    for query in queries {
        query.await.unwrap().unwrap();
    }
    assert_eq!(most.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_queue_before_a_silent_server_ends_with_the_time_allowed() {
    let server = Canned::serve("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", Then::Stall);
    let json = json!({ "concurrency": 1, "timeout": 0.3 });
    let client = Client::new(&settings(&server.url, &json, &[])).unwrap();
    let queries: Vec<_> = (0..20)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.query("1", 1.0).await })
        })
        .collect();
    for query in queries {
        let error = query.await.unwrap().unwrap_err();
        let up = matches!(error, PrometheusError::Timeout { .. } | PrometheusError::Queued { secs: 0.3 });
        assert!(up, "{error:?}");
    }
}

#[tokio::test]
async fn a_dropped_query_gives_its_turn_back() {
    let stalled = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{".to_vec();
    let server = Canned::serve_each(vec![stalled, http("200 OK", "", ANSWER)], Then::Stall);
    let client = Client::new(&settings(&server.url, &json!({ "concurrency": 1 }), &[])).unwrap();
    let first = tokio::time::timeout(Duration::from_millis(200), client.query("1", 1.0)).await;
    assert!(first.is_err(), "the first query stalls: {first:?}");
    assert_eq!(client.query("2", 1.0).await.unwrap().value[0].value, 2.0);
}
