//! Where Alertmanager's messages arrive: each is kept as one line of JSON.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::routing::get;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Serves until the process ends. Every POST is appended to the file as `{"received_ms", "path", "body"}`.
pub async fn receive(listener: TcpListener, out: &Path) -> Result<()> {
    let file = OpenOptions::new().create(true).append(true).open(out);
    let file = file.with_context(|| format!("cannot write {}", out.display()))?;
    let router = Router::new()
        .route("/ready", get(|| async { "ready\n" }))
        .fallback(keep)
        .with_state(Arc::new(Mutex::new(file)));
    axum::serve(listener, router).await.context("the receiver failed")
}

async fn keep(State(file): State<Arc<Mutex<File>>>, uri: Uri, body: String) -> (StatusCode, &'static str) {
    let received_ms =
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64);
    let body = serde_json::from_str::<Value>(&body).unwrap_or(Value::String(body));
    let line = json!({ "received_ms": received_ms, "path": uri.path(), "body": body });
    let kept = file.lock().is_ok_and(|mut file| writeln!(file, "{line}").is_ok());
    // Slack's API answers with this word.
    if kept { (StatusCode::OK, "ok") } else { (StatusCode::INTERNAL_SERVER_ERROR, "not kept") }
}
