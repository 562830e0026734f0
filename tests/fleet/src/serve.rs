//! The fleet live: every target's page on one port.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use serde_json::json;
use tokio::net::TcpListener;

use crate::exposition::{self, END};
use crate::plan::Fleet;
use crate::series::{self, Answer, FAMILIES, Target};

/// Who may read the pages.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The user's name.
    pub username: String,
    /// The password.
    pub password: String,
}

struct Exporter {
    targets: BTreeMap<String, Target>,
    authorization: String,
}

/// Serves the fleet until the process ends.
pub async fn serve(fleet: &Fleet, listener: TcpListener, credentials: &Credentials) -> Result<()> {
    let pair = format!("{}:{}", credentials.username, credentials.password);
    let encoded = base64::engine::general_purpose::STANDARD.encode(pair);
    let targets = series::targets(fleet).into_iter().map(|target| (target.path.clone(), target)).collect();
    let exporter = Arc::new(Exporter { targets, authorization: format!("Basic {encoded}") });
    let router = Router::new().fallback(page).with_state(exporter);
    axum::serve(listener, router).await.context("the fleet's server failed")
}

/// Lists the fleet's targets for Prometheus, by file of service discovery.
pub fn discovery(fleet: &Fleet, address: &str) -> BTreeMap<&'static str, serde_json::Value> {
    let mut files: BTreeMap<&'static str, Vec<serde_json::Value>> = BTreeMap::new();
    for target in series::targets(fleet) {
        if target.answer(fleet.anchor_secs) == Answer::Gone {
            continue;
        }
        let mut labels: BTreeMap<&str, &str> =
            target.labels.iter().map(|(name, value)| (*name, value.as_str())).collect();
        labels.insert("__metrics_path__", &target.path);
        files.entry(target.file).or_default().push(json!({ "targets": [address], "labels": labels }));
    }
    files.into_iter().map(|(file, groups)| (file, groups.into())).collect()
}

/// Writes [`discovery`] into a directory.
pub fn write_discovery(fleet: &Fleet, address: &str, directory: &Path) -> Result<()> {
    for (name, groups) in discovery(fleet, address) {
        let path = directory.join(name);
        let text = serde_json::to_string_pretty(&groups)?;
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

async fn page(State(exporter): State<Arc<Exporter>>, uri: Uri, headers: HeaderMap) -> Response {
    let Some(target) = exporter.targets.get(uri.path()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let secs = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64());
    match target.answer(secs) {
        _ if given != Some(exporter.authorization.as_str()) => StatusCode::UNAUTHORIZED.into_response(),
        Answer::Gone => StatusCode::NOT_FOUND.into_response(),
        Answer::Status(status) => {
            StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR).into_response()
        }
        Answer::Fine => {
            let Ok(text) = text(target, secs) else {
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            };
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(header::CONTENT_TYPE, kind)], text).into_response()
        }
    }
}

fn text(target: &Target, secs: f64) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::new();
    for family in FAMILIES {
        let series: Vec<_> = target.series.iter().filter(|series| series.family == *family).collect();
        if !series.is_empty() {
            family.head(&mut out)?;
        }
        for series in series {
            if let Some(value) = series.value(secs) {
                let pairs = series.labels.iter().map(|(name, value)| (*name, value.as_str()));
                let name = format!("{}{}", family.name, series.suffix);
                exposition::sample(&mut out, &name, &exposition::labels(pairs), value, None)?;
            }
        }
    }
    out.extend_from_slice(END.as_bytes());
    Ok(out)
}
