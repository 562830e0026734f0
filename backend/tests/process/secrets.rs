//! Secrets are planted in every setting that takes one, and looked for in everything that comes out.

use std::collections::HashMap;
use std::fmt::Write as _;

use backend::settings::keys::{KEYS, Place};
use serde_json::json;

use crate::plugin::{Plugin, Source, TO_MS, query};
use crate::upstream::{Reply, Upstream, growing, http};

/// Stands in every secret.
const PLANTED: &str = "planted";

/// A source with a secret under every key that takes one, and in its URL.
fn planted(url: &str, more: &[(&str, serde_json::Value)]) -> Source {
    let names = KEYS.iter().filter(|key| key.place == Place::Secure).map(|key| key.name.replace('*', "1"));
    // Certificates must be some for a client to be made: they have a test of their own.
    let secrets: HashMap<_, _> = names
        .filter(|name| !name.starts_with("tls"))
        .map(|name| (name.clone(), format!("{PLANTED}-{name}")))
        .collect();
    assert!(secrets.len() >= 5, "{secrets:?}");
    let with_user = url.replace("http://", &format!("http://someone:{PLANTED}-url@"));
    let mut json_data = json!({
        "httpHeaderName1": "X-Key", "timeout": 1, "alertmanagerUrl": with_user, "alertmanagerUser": "someone",
    });
    for (key, value) in more {
        json_data[key] = value.clone();
    }
    Source { url: with_user, json_data, basic_auth_user: "someone".into(), secrets }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_comes_out_anywhere() {
    // All there is to log, of every library.
    let plugin = Plugin::start_with("trace").await;
    let away = format!("Location: http://someone:{PLANTED}@elsewhere.example/?token={PLANTED}#{PLANTED}\r\n");
    let fails = json!({ "status": "error", "errorType": "bad_data", "error": format!("at http://u:{PLANTED}@h/?key={PLANTED}") });
    let upstreams = [
        Upstream::prometheus(growing(r#","instance":"a:1","job":"a""#, TO_MS / 1000)).await,
        Upstream::always(Reply::Bytes(http("401 Unauthorized", "", ""))).await,
        Upstream::always(Reply::Bytes(http("302 Found", &away, ""))).await,
        Upstream::always(Reply::Bytes(http("400 Bad Request", "", &fails.to_string()))).await,
        Upstream::always(Reply::Bytes(http("500 Internal Server Error", "", "broken"))).await,
        Upstream::always(Reply::Bytes(b"nonsense".to_vec())).await,
        Upstream::always(Reply::Stall).await,
    ];
    let mut sources: Vec<_> = upstreams.iter().map(|upstream| planted(&upstream.url, &[])).collect();
    sources.push(planted("http://no-such-host.invalid:9090", &[]));
    sources.push(planted("https://127.0.0.1:1", &[]));
    sources.push(planted("ftp://somewhere", &[]));
    sources.push(planted(&upstreams[0].url, &[("tlsAuthWithCACert", json!(true))]));
    sources.push(planted(&upstreams[0].url, &[("maxSeries", json!(PLANTED))]));
    let mut certificates =
        planted("https://127.0.0.1:1", &[("tlsAuth", json!(true)), ("tlsAuthWithCACert", json!(true))]);
    for key in ["tlsCACert", "tlsClientCert", "tlsClientKey"] {
        certificates.secrets.insert(key.into(), format!("{PLANTED}-{key}"));
    }
    sources.push(certificates);
    let broken_header = {
        let mut source = planted(&upstreams[0].url, &[]);
        source.secrets.insert("httpHeaderValue1".into(), format!("{PLANTED}\nX-More: 1"));
        source
    };
    sources.push(broken_header);

    let mut out = String::new();
    for source in &sources {
        let kinds = ["overview", "suspects", "growth", "history", "alerts", "runbook", "nonsense"];
        let queries = kinds.iter().map(|kind| query(kind, kind, "")).collect();
        for (ref_id, answer) in plugin.ask(source, queries).await.unwrap() {
            write!(
                out,
                "{ref_id}: {} {}\n{}",
                answer.status,
                answer.error,
                String::from_utf8_lossy(&answer.json_meta)
            )
            .unwrap();
            for frame in answer.frames {
                out.push_str(&String::from_utf8_lossy(&frame));
            }
        }
        let health = plugin.health(source).await;
        write!(out, "\n{} {}", health.message, String::from_utf8_lossy(&health.json_details)).unwrap();
        for path in ["variables/pods", "variables/alertnames", "variables/../../secrets", "settings"] {
            let (_, body) = plugin.resource(source, "GET", path).await;
            out.push_str(&body);
        }
    }
    out.push_str(&plugin.metrics().await);
    let said = plugin.said();
    assert!(
        out.contains("(401)") && out.contains("elsewhere.example") && said.len() > 10_000,
        "nothing was looked at"
    );
    for (place, text) in [("an answer", &out), ("the log", &said)] {
        let found = text.find(PLANTED);
        let around = found.map(|at| text[..at].chars().rev().take(300).collect::<Vec<_>>());
        let around: Option<String> = around.map(|reversed| reversed.into_iter().rev().collect());
        assert_eq!(around, None, "{place} shows a secret after this");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_reaches_no_other_server_and_no_file() {
    let plugin = Plugin::start().await;
    let elsewhere = Upstream::always(Reply::Bytes(http("200 OK", "", "reached"))).await;
    let upstream = Upstream::prometheus(growing(r#","instance":"a:1","job":"a""#, TO_MS / 1000)).await;
    let source = Source::of(&upstream.url, json!({}));
    let (url, file) = (&elsewhere.url, "/etc/passwd");
    // What a setting is called is nothing in a query.
    for key in ["url", "rulerUrl", "alertmanagerUrl", "runbooks", "datasource", "suspect", "instance", "pod"]
    {
        for value in [url.as_str(), file] {
            let more = format!(r#","{key}":{}"#, json!(value));
            for kind in ["overview", "history", "runbook"] {
                let answer =
                    plugin.ask(&source, vec![query("A", kind, &more)]).await.unwrap().remove("A").unwrap();
                let frames: Vec<_> =
                    answer.frames.iter().map(|frame| String::from_utf8_lossy(frame)).collect();
                assert!(!frames.concat().contains("root:x:0:0"), "{kind} with {key} shows a file");
            }
        }
    }
    for path in
        [url.as_str(), file, "variables//etc/passwd", "variables/..%2f..%2fetc%2fpasswd", "../../api/admin"]
    {
        for method in ["GET", "POST", "PUT", "DELETE"] {
            let (code, body) = plugin.resource(&source, method, path).await;
            assert!(code == 404 || code == 405, "{method} {path}: {code} {body}");
        }
    }
    assert_eq!(elsewhere.requests.load(std::sync::atomic::Ordering::SeqCst), 0, "another server was asked");
}
