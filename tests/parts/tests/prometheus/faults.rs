//! Every way in which there is no answer, told apart.

use backend::prometheus::{Client, PrometheusError, Range};
use backend::settings::Settings;
use serde_json::{Value, json};

use crate::canned::{Canned, Then, http};
use crate::{client, error_of, settings};

#[tokio::test]
async fn no_url() {
    let error = Client::new(&Settings::for_url("").unwrap()).unwrap_err();
    assert_eq!(error, PrometheusError::NoUrl);
}

#[tokio::test]
async fn nobody_listens() {
    let host = format!("127.0.0.1:{}", parts::free_port().unwrap());
    assert_eq!(error_of(&client(&format!("http://{host}"))).await, PrometheusError::Refused { host });
}

#[tokio::test]
async fn the_name_does_not_resolve() {
    let error = error_of(&client("http://no-such-host.invalid:9090")).await;
    assert_eq!(error, PrometheusError::Dns { host: "no-such-host.invalid".into() });
}

#[tokio::test]
async fn silence() {
    for start in ["", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"status\""] {
        let server = Canned::serve(start, Then::Stall);
        let client = Client::new(&settings(&server.url, &json!({ "timeout": 0.3 }), &[])).unwrap();
        let error = error_of(&client).await;
        assert!(matches!(error, PrometheusError::Timeout { secs: 0.3, .. }), "{start:?}: {error:?}");
    }
}

#[tokio::test]
async fn credentials_are_missing_or_do_not_suffice() {
    let status =
        |status| async move { error_of(&client(&Canned::status(status, "", "who are you?").url)).await };
    assert_eq!(status("401 Unauthorized").await, PrometheusError::Unauthorized);
    assert_eq!(status("403 Forbidden").await, PrometheusError::Forbidden);
}

#[tokio::test]
async fn something_else_answers() {
    let not = |got: &str| PrometheusError::NotPrometheus { got: got.into() };
    let page =
        Canned::status("200 OK", "Content-Type: text/html\r\n", "\n<!doctype html><title>Log in</title>");
    assert_eq!(error_of(&client(&page.url)).await, not("an HTML page"));
    let other_json = Canned::json(r#"{"data":{"hello":"world"}}"#);
    assert_eq!(error_of(&client(&other_json.url)).await, not("JSON without Prometheus' `status`"));
    assert_eq!(error_of(&client(&Canned::json("").url)).await, not("an empty answer"));
    assert_eq!(error_of(&client(&Canned::json("pong").url)).await, not("neither JSON nor HTML"));
    assert_eq!(
        error_of(&client(&Canned::status("404 Not Found", "", "404 page not found").url)).await,
        not("status 404")
    );
}

#[tokio::test]
async fn the_server_says_why() {
    let refusal = |status, headers, kind, error| async move {
        let body = json!({ "status": "error", "errorType": kind, "error": error }).to_string();
        error_of(&client(&Canned::status(status, headers, &body).url)).await
    };
    assert_eq!(
        refusal("400 Bad Request", "", "bad_data", "1:7: parse error: unexpected end").await,
        PrometheusError::BadQuery { status: 400, message: "1:7: parse error: unexpected end".into() }
    );
    let loading = "query processing would load too many samples into memory in query execution";
    assert_eq!(
        refusal("422 Unprocessable Entity", "", "execution", loading).await,
        PrometheusError::TooExpensive { status: 422, message: loading.into() }
    );
    assert_eq!(
        refusal("503 Service Unavailable", "", "timeout", "query timed out in expression evaluation").await,
        PrometheusError::TooExpensive {
            status: 503,
            message: "query timed out in expression evaluation".into()
        }
    );
    assert_eq!(
        refusal("500 Internal Server Error", "", "internal", "disk on fire").await,
        PrometheusError::Server { status: 500, message: "disk on fire".into() }
    );
    let longest = refusal("400 Bad Request", "", "bad_data", &"x".repeat(10_000)).await;
    assert!(longest.to_string().len() < 600);
}

#[tokio::test]
async fn not_now() {
    let busy = |status: u16, message: &str, retry_after_secs| PrometheusError::Busy {
        status,
        message: message.into(),
        retry_after_secs,
    };
    let of =
        |status, headers| async move { error_of(&client(&Canned::status(status, headers, "").url)).await };
    assert_eq!(
        of("429 Too Many Requests", "Retry-After: 3600\r\n").await,
        busy(429, "too many requests", Some(3600.0))
    );
    assert_eq!(of("502 Bad Gateway", "").await, busy(502, "bad gateway", None));
    assert_eq!(
        of("503 Service Unavailable", "Retry-After: soon\r\n").await,
        busy(503, "service unavailable", None)
    );
    assert_eq!(
        of("503 Service Unavailable", "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\n").await,
        busy(503, "service unavailable", Some(0.0))
    );
}

#[tokio::test]
async fn the_answer_is_cut_off() {
    let half = r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"a":"b"#;
    let with_length = format!("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{half}");
    let chunked =
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{half}\r\n", half.len());
    let until_close = format!("HTTP/1.1 200 OK\r\n\r\n{half}");
    for answer in [with_length, chunked, until_close] {
        let server = Canned::serve(answer.clone(), Then::Close);
        let error = error_of(&client(&server.url)).await;
        assert_eq!(error, PrometheusError::CutOff { read_bytes: half.len() as u64 }, "{answer}");
    }
}

#[tokio::test]
async fn something_follows_the_answer() {
    let good = r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#;
    let error = error_of(&client(&Canned::json(&format!("{good}garbage")).url)).await;
    assert!(matches!(error, PrometheusError::Malformed { .. }), "{error:?}");
}

#[tokio::test]
async fn deep_json_is_an_error_and_no_overflow() {
    let nested = format!(r#"{{"status":"success","data":{}{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
    let error = error_of(&client(&Canned::json(&nested).url)).await;
    assert!(matches!(error, PrometheusError::Malformed { .. }), "{error:?}");
    let ignored = nested.replacen("data", "else", 1);
    let error = error_of(&client(&Canned::json(&ignored).url)).await;
    assert!(matches!(error, PrometheusError::Malformed { .. }), "{error:?}");
}

#[tokio::test]
async fn the_answer_is_too_large() {
    let body = format!(r#"{{"status":"success","data":"{}"}}"#, "x".repeat(10_000));
    let announced = Canned::json(&body);
    let unannounced = Canned::serve(format!("HTTP/1.1 200 OK\r\n\r\n{body}"), Then::Close);
    for (server, announced_bytes) in [(announced, body.len() as u64), (unannounced, 0)] {
        let client = Client::new(&settings(&server.url, &json!({ "maxResponseBytes": 5000 }), &[])).unwrap();
        assert_eq!(error_of(&client).await, PrometheusError::TooLarge { limit_bytes: 5000, announced_bytes });
    }
}

#[tokio::test]
async fn of_a_range_that_is_too_large_what_was_read_is_kept() {
    let series =
        |number: u32| json!({ "metric": { "n": number.to_string() }, "values": [[1, "1"], [2, "2"]] });
    let result: Vec<Value> = (0..1000).map(series).collect();
    let data = json!({ "resultType": "matrix", "result": result });
    let body = format!("{{\"status\":\"success\",\"data\":{data}}}");
    let announced = Canned::json(&body);
    let unannounced = Canned::serve(format!("HTTP/1.1 200 OK\r\n\r\n{body}"), Then::Close);
    for server in [announced, unannounced] {
        let client = Client::new(&settings(&server.url, &json!({ "maxResponseBytes": 5000 }), &[])).unwrap();
        let answer = client.samples("up[5m]", 300.0).await.unwrap();
        assert!((50..200).contains(&answer.value.len()), "{}", answer.value.len());
        let read =
            format!("{} series read, and there were more (`maxResponseBytes` is 5000): ", answer.value.len());
        assert!(answer.notices[0].starts_with(&read), "{:?}", answer.notices);
    }
}

#[tokio::test]
async fn compressed_bytes_count_when_they_are_out_of_their_box() {
    use std::io::Write as _;
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    bomb.write_all(&vec![b' '; 50_000_000]).unwrap();
    let bomb = bomb.finish().unwrap();
    assert!(bomb.len() < 100_000);
    let mut answer = http("200 OK", "Content-Encoding: gzip\r\n", "");
    let head = format!("Content-Length: {}", bomb.len());
    answer = String::from_utf8(answer).unwrap().replace("Content-Length: 0", &head).into_bytes();
    answer.extend(bomb);
    let server = Canned::serve(answer, Then::Close);
    let json = json!({ "gzip": "on", "maxResponseBytes": 1_000_000 });
    let client = Client::new(&settings(&server.url, &json, &[])).unwrap();
    assert_eq!(
        error_of(&client).await,
        PrometheusError::TooLarge { limit_bytes: 1_000_000, announced_bytes: 0 }
    );
}

#[tokio::test]
async fn credentials_do_not_follow_a_redirect() {
    let elsewhere = Canned::json(r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#);
    for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let to = elsewhere.url.replace("http://", "http://user:planted@") + "/login?token=planted#planted";
        let server = Canned::status(status, &format!("Location: {to}\r\n"), "");
        let error = error_of(&client(&server.url)).await;
        let expected = PrometheusError::Redirected {
            status: status[..3].parse().unwrap(),
            to: elsewhere.url.clone() + "/login",
        };
        assert_eq!(error, expected);
        assert!(!error.to_string().contains("planted"), "{error}");
    }
    assert!(elsewhere.requests.try_recv().is_err(), "the other server was asked");
}

#[tokio::test]
async fn no_error_shows_a_secret() {
    let secrets = ["s3cret-user-pw", "s3cret-token", "s3cret-header"];
    let json = json!({ "user": "me", "httpHeaderName1": "X-Key", "timeout": 0.3 });
    let secure =
        [("basicAuthPassword", secrets[0]), ("bearerToken", secrets[1]), ("httpHeaderValue1", secrets[2])];
    let free = parts::free_port().unwrap();
    let servers = [
        Canned::status("401 Unauthorized", "", ""),
        Canned::status("302 Found", "Location: /login\r\n", ""),
        Canned::status("500 Internal Server Error", "", "x"),
        Canned::json("<html>"),
        Canned::serve("", Then::Stall),
        Canned::serve("garbage", Then::Close),
    ];
    let urls: Vec<String> = servers.iter().map(|server| server.url.clone()).collect();
    for url in
        urls.into_iter().chain([format!("http://127.0.0.1:{free}"), "http://no-such-host.invalid".into()])
    {
        let url = url.replace("http://", "http://other:s3cret-url@");
        let settings = settings(&url, &json, &secure);
        let client = Client::new(&settings).unwrap();
        let error = error_of(&client).await;
        let shown = format!("{error} {error:?} {settings:?} {client:?}");
        assert!(!shown.contains("s3cret"), "{shown}");
    }
}

#[tokio::test]
async fn a_range_query_fails_as_an_instant_query_does() {
    let range = Range { start_secs: 0.0, end_secs: 60.0, step_secs: 15.0 };
    let page = Canned::status("200 OK", "", "<html>");
    let error = client(&page.url).query_range("up", range).await.unwrap_err();
    assert_eq!(error, PrometheusError::NotPrometheus { got: "an HTML page".into() });
    let vector = Canned::json(r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#);
    let error = client(&vector.url).query_range("up", range).await.unwrap_err();
    assert!(matches!(error, PrometheusError::Malformed { .. }), "{error:?}");
}
