//! Data sources: queries, health, resources, settings.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use grafana_plugin_sdk::pluginv2::{QueryDataResponse, check_health_response::HealthStatus};
use serde_json::{Value, json};
use workbench::frame_json;
use workbench::plugin::ResourceCall;

use super::{Failure, Shared};
use crate::args::Role;
use crate::query;

pub(super) async fn query(State(app): Shared, Json(body): Json<Value>) -> Result<Response, Failure> {
    let bad = |error: anyhow::Error| Failure(StatusCode::BAD_REQUEST, format!("{error:#}"));
    let body: query::Body = serde_json::from_value(body).map_err(|error| bad(error.into()))?;
    let mut answers = QueryDataResponse::default();
    for (uid, queries) in body.by_source().map_err(bad)? {
        let source = app.source(&uid)?;
        let answer = app.client(source)?.query(source.context(app.role()), queries).await?;
        answers.responses.extend(answer.responses);
    }
    let (json, failed) = frame_json::response(answers)?;
    let status = if failed { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    Ok((status, Json(json)).into_response())
}

pub(super) async fn list(State(app): Shared) -> Result<Json<Value>, Failure> {
    require_admin(app.role())?;
    Ok(Json(app.provisioned.sources.values().map(super::DataSource::public).collect()))
}

pub(super) async fn one(State(app): Shared, Path(uid): Path<String>) -> Result<Json<Value>, Failure> {
    require_admin(app.role())?;
    Ok(Json(app.source(&uid)?.public()))
}

fn require_admin(role: Role) -> Result<(), Failure> {
    if role < Role::Admin {
        let message = "You'll need additional permissions to perform this action. \
                       Permissions needed: datasources:read";
        return Err(Failure(StatusCode::FORBIDDEN, message.to_owned()));
    }
    Ok(())
}

pub(super) async fn health(State(app): Shared, Path(uid): Path<String>) -> Result<Response, Failure> {
    let source = app.source(&uid)?;
    let answer = app.client(source)?.check_health(source.context(app.role())).await?;
    let details: Value = match answer.json_details.as_slice() {
        [] => Value::Null,
        json => serde_json::from_slice(json)?,
    };
    let ok = answer.status() == HealthStatus::Ok;
    let status = if ok { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let body = json!({
        "status": answer.status().as_str_name(), "message": answer.message, "details": details,
    });
    Ok((status, Json(body)).into_response())
}

pub(super) async fn resource_root(
    app: Shared,
    Path(uid): Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    resource(app, Path((uid, String::new())), method, uri, headers, body).await
}

pub(super) async fn resource(
    State(app): Shared,
    Path((uid, path)): Path<(String, String)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let source = app.source(&uid)?;
    let url = uri.query().map_or_else(|| path.clone(), |params| format!("{path}?{params}"));
    // Grafana strips the session.
    let kept = headers.iter().filter(|(name, _)| *name != "cookie" && *name != "authorization");
    let headers =
        kept.filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned()))).collect();
    let call = ResourceCall { method: method.to_string(), path, url, headers, body };
    let answer = app.client(source)?.call_resource(source.context(app.role()), call).await?;
    let response = Response::builder().status(u16::try_from(answer.code)?);
    let headers = answer.headers.into_iter();
    let response = headers
        .flat_map(|(name, values)| values.values.into_iter().map(move |value| (name.clone(), value)))
        .fold(response, |response, (name, value)| response.header(name, value));
    Ok(response.body(Body::from(answer.body))?)
}
