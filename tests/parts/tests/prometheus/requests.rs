//! What is sent, to whom, and what stops when nobody waits any more.

use std::time::Duration;

use backend::prometheus::{Client, Range};
use serde_json::json;

use crate::canned::{Canned, Then, http};
use crate::{client, settings};

const EMPTY: &str = r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#;

fn next(server: &Canned) -> String {
    server.requests.recv_timeout(Duration::from_secs(10)).unwrap()
}

#[tokio::test]
async fn a_query_is_a_form_under_the_path_prefix() {
    let server = Canned::json(EMPTY);
    for prefix in ["/select/0/prometheus", "/select/0/prometheus/"] {
        client(&format!("{}{prefix}", server.url)).query("up == 1", 1_700_000_000.5).await.unwrap();
        let request = next(&server);
        assert!(request.starts_with("POST /select/0/prometheus/api/v1/query HTTP/1.1\r\n"), "{request}");
        let form = request.split_once("\r\n\r\n").unwrap().1;
        assert_eq!(form, "query=up+%3D%3D+1&time=1700000000.5&timeout=27000ms");
    }
}

#[tokio::test]
async fn credentials_and_headers_are_sent() {
    let server = Canned::json(EMPTY);
    let header = |request: &str, name: &str| {
        let lower = request.to_lowercase();
        let at = lower.find(&format!("\r\n{name}: "))? + name.len() + 4;
        Some(request[at..].lines().next()?.to_owned())
    };
    let tenant = json!({ "user": "me", "httpHeaderName1": "X-Scope-OrgID", "httpHeaderName2": "X-More" });
    let basic = [("basicAuthPassword", "pass"), ("httpHeaderValue1", "tenant-a"), ("httpHeaderValue2", "b")];
    let sent = |settings| {
        let client = Client::new(&settings).unwrap();
        async move { client.query("up", 0.0).await.unwrap() }
    };

    sent(settings(&server.url, &tenant, &basic)).await;
    let request = next(&server);
    assert_eq!(header(&request, "authorization").as_deref(), Some("Basic bWU6cGFzcw=="));
    assert_eq!(header(&request, "x-scope-orgid").as_deref(), Some("tenant-a"));
    assert_eq!(header(&request, "x-more").as_deref(), Some("b"));
    assert_eq!(header(&request, "accept-encoding").as_deref(), Some("identity"), "loopback");

    sent(settings(&server.url, &json!({ "user": "me", "gzip": "on" }), &[("bearerToken", "abc\n")])).await;
    let request = next(&server);
    assert_eq!(header(&request, "authorization").as_deref(), Some("Bearer abc"));
    assert_eq!(header(&request, "accept-encoding").as_deref(), Some("gzip"));

    let custom = json!({ "httpHeaderName1": "Authorization" });
    sent(settings(&server.url, &custom, &[("httpHeaderValue1", "Token x"), ("bearerToken", "abc")])).await;
    assert_eq!(header(&next(&server), "authorization").as_deref(), Some("Token x"));

    let in_url = server.url.replace("http://", "http://me:p%40ss@");
    sent(settings(&in_url, &json!({}), &[])).await;
    assert_eq!(header(&next(&server), "authorization").as_deref(), Some("Basic bWU6cEBzcw=="));
}

#[tokio::test]
async fn a_server_without_post_is_asked_by_get_from_then_on() {
    let answers = vec![http("405 Method Not Allowed", "", ""), http("200 OK", "", EMPTY)];
    let server = Canned::serve_each(answers, Then::Close);
    let json =
        json!({ "customQueryParameters": "dedup=true&x=a%20b", "timeout": "10s", "queryTimeout": "2s" });
    let client = Client::new(&settings(&server.url, &json, &[])).unwrap();
    client.query("up", 5.0).await.unwrap();
    client.query("up", 6.0).await.unwrap();
    assert!(next(&server).starts_with("POST /api/v1/query "));
    let get = "GET /api/v1/query?query=up&time=5&timeout=2000ms&dedup=true&x=a+b ";
    assert!(next(&server).starts_with(get));
    assert!(next(&server).starts_with(&get.replace("time=5", "time=6")));
}

#[tokio::test]
async fn label_names_and_matchers_cannot_leave_their_place() {
    let server = Canned::json(r#"{"status":"success","data":["b","a","b"]}"#);
    let range = Range { start_secs: 0.0, end_secs: 60.0, step_secs: 15.0 };
    let matchers = ["{a=\"x&y=1\"}".to_owned()];
    let values = client(&server.url).label_values("../admin?x", &matchers, range).await.unwrap();
    assert_eq!(values.value, ["a", "b"]);
    let request = next(&server);
    let line =
        "GET /api/v1/label/..%2Fadmin%3Fx/values?start=0&end=60&match%5B%5D=%7Ba%3D%22x%26y%3D1%22%7D ";
    assert!(request.starts_with(line), "{request}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_query_closes_its_connection() {
    let server = Canned::serve("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", Then::Stall);
    let client = client(&server.url);
    let range = Range { start_secs: 0.0, end_secs: 60.0, step_secs: 15.0 };
    let query = tokio::spawn(async move { client.query_range("up", range).await });
    assert!(next(&server).starts_with("POST "));
    query.abort();
    assert_eq!(next(&server), "closed");
}
