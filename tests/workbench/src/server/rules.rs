//! Grafana's Prometheus-style view of alert rules and alerts.
//!
//! No rule of Grafana's is evaluated here. What its alerting says is what was last put to `/api/workbench/alerting`, as it
//! is: `alerts` of `/api/prometheus/grafana`, `notified` and `silences` of `/api/alertmanager/grafana`.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::{App, Failure, Shared, not_found};

/// Says what Grafana's own alerting is to answer from now on.
pub(super) async fn put(State(app): Shared, Json(said): Json<Value>) -> Result<StatusCode, Failure> {
    *app.alerting.lock().map_err(|error| anyhow::anyhow!("{error}"))? = said;
    Ok(StatusCode::NO_CONTENT)
}

/// One list of what was put there.
fn said(app: &App, list: &str) -> Result<Value, Failure> {
    let said = app.alerting.lock().map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(said.get(list).cloned().unwrap_or_else(|| json!([])))
}

/// Rules and alerts of Grafana itself, or of a Prometheus data source.
pub(super) async fn get(
    State(app): Shared,
    Path((uid, what)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let own = match what.as_str() {
        "rules" => json!({ "groups": [] }),
        "alerts" => json!({ "alerts": said(&app, "alerts")? }),
        _ => return Err(not_found("Not found")),
    };
    if uid == "grafana" {
        return Ok(Json(json!({ "status": "success", "data": own })).into_response());
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

/// Grafana's own Alertmanager.
pub(super) async fn alertmanager(
    State(app): Shared,
    Path(what): Path<String>,
) -> Result<Json<Value>, Failure> {
    match what.as_str() {
        "alerts" => Ok(Json(said(&app, "notified")?)),
        "silences" => Ok(Json(said(&app, "silences")?)),
        _ => Err(not_found("Not found")),
    }
}
