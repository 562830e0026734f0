//! Grafana's Prometheus-style view of alert rules and alerts.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::{Failure, Shared, not_found};

/// Rules and alerts of Grafana itself, of which there are none here, or of a Prometheus data source.
pub(super) async fn get(
    State(app): Shared,
    Path((uid, what)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let empty = match what.as_str() {
        "rules" => json!({ "groups": [] }),
        "alerts" => json!({ "alerts": [] }),
        _ => return Err(not_found("Not found")),
    };
    if uid == "grafana" {
        return Ok(Json(json!({ "status": "success", "data": empty })).into_response());
    }
    let source = app.source(&uid)?;
    // Grafana asks only servers whose data source type it knows.
    if source.kind != "prometheus" {
        let message = format!("unexpected datasource type {}, expecting loki or prometheus", source.kind);
        return Err(Failure(StatusCode::BAD_REQUEST, message));
    }
    let http = reqwest::Client::builder().build()?;
    let mut request = http.get(format!("{}/api/v1/{what}", source.url.trim_end_matches('/')));
    if source.basic_auth {
        request =
            request.basic_auth(&source.basic_auth_user, source.secure_json_data.get("basicAuthPassword"));
    }
    let answer = request.send().await?;
    let status = StatusCode::from_u16(answer.status().as_u16())?;
    Ok((status, [("content-type", "application/json")], answer.bytes().await?).into_response())
}

/// Grafana's own Alertmanager, which has nothing here: no rule of Grafana's is evaluated.
pub(super) async fn alertmanager(Path(what): Path<String>) -> Result<Response, Failure> {
    match what.as_str() {
        "alerts" | "silences" => Ok(Json(json!([])).into_response()),
        _ => Err(not_found("Not found")),
    }
}
