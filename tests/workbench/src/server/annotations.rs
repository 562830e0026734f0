//! Annotations, kept in memory.

use std::collections::HashSet;

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::{Failure, Shared};
use crate::args::Role;
use crate::time_range::now_ms;

/// Grafana's own limit.
const DEFAULT_LIMIT: usize = 100;

/// By which Grafana's auth proxy names the user.
const USER_HEADER: &str = "X-WEBAUTH-USER";

pub(super) async fn add(
    State(app): Shared,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Result<Json<Value>, Failure> {
    if app.role() < Role::Editor {
        return Err(Failure(StatusCode::FORBIDDEN, "Access denied to this dashboard".to_owned()));
    }
    let text = body["text"].as_str().unwrap_or_default();
    if text.is_empty() {
        let message = "Failed to save annotation: text field should not be empty";
        return Err(Failure(StatusCode::BAD_REQUEST, message.to_owned()));
    }
    let now = now_ms()?;
    let time = body["time"].as_i64().unwrap_or(now);
    let mut annotations = app.annotations.lock().map_err(|error| anyhow::anyhow!("{error}"))?;
    let id = annotations.len() + 1;
    let login = headers.get(USER_HEADER).map_or(Ok("workbench"), |login| login.to_str())?;
    let or_empty = |key: &str, empty: Value| if body[key].is_null() { empty } else { body[key].clone() };
    annotations.push(json!({
        "id": id, "alertId": 0, "alertName": "", "dashboardId": 1,
        "dashboardUID": or_empty("dashboardUID", json!("")), "panelId": or_empty("panelId", json!(0)),
        "userId": 1, "login": login, "email": format!("{login}@localhost"), "avatarUrl": "",
        "newState": "", "prevState": "", "created": now, "updated": now, "time": time,
        "timeEnd": body["timeEnd"].as_i64().unwrap_or(time), "text": text,
        "tags": or_empty("tags", json!([])), "data": or_empty("data", json!({})),
    }));
    Ok(Json(json!({ "message": "Annotation added", "id": id })))
}

pub(super) async fn find(State(app): Shared, RawQuery(params): RawQuery) -> Result<Json<Value>, Failure> {
    let params = Params(form_urlencoded::parse(params.unwrap_or_default().as_bytes()).into_owned().collect());
    let tags: HashSet<&str> = params.all("tags").collect();
    let any_tag = params.first("matchAny") == Some("true");
    let wanted = |annotation: &&Value| {
        let has =
            |tag: &&str| annotation["tags"].as_array().is_some_and(|own| own.iter().any(|own| own == *tag));
        let tagged = if any_tag { tags.iter().any(has) } else { tags.iter().all(has) };
        (tags.is_empty() || tagged)
            && params.first("dashboardUID").is_none_or(|uid| annotation["dashboardUID"] == uid)
            && params.number("panelId").is_none_or(|panel| annotation["panelId"] == panel)
            && params.number("from").is_none_or(|from| annotation["timeEnd"].as_i64() >= Some(from))
            && params.number("to").is_none_or(|to| annotation["time"].as_i64() <= Some(to))
    };
    let limit = params.number("limit").and_then(|limit| usize::try_from(limit).ok()).unwrap_or(DEFAULT_LIMIT);
    let annotations = app.annotations.lock().map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(Json(annotations.iter().rev().filter(wanted).take(limit).cloned().collect()))
}

/// An address's parameters; a key may come more than once.
struct Params(Vec<(String, String)>);

impl Params {
    fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    fn first(&self, key: &'static str) -> Option<&str> {
        self.all(key).next()
    }

    fn number(&self, key: &'static str) -> Option<i64> {
        self.first(key)?.parse().ok()
    }
}
