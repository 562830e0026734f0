//! Dashboards, the files of plugins, and the page that stands in for Grafana's own.

use std::collections::HashMap;
use std::path::{Component, Path as FilePath, PathBuf};

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{Uri, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::{App, Failure, Shared, not_found};

pub(super) async fn dashboard(State(app): Shared, Path(uid): Path<String>) -> Result<Json<Value>, Failure> {
    let dashboard = find_dashboard(&app, &uid)?;
    let meta = json!({ "type": "db", "canSave": false, "provisioned": true, "slug": uid, "url": format!("/d/{uid}") });
    Ok(Json(json!({ "meta": meta, "dashboard": dashboard })))
}

/// What Grafana writes into its page before any script runs: `?uid=` chooses the dashboard, `?theme=` the theme.
pub(super) async fn boot(
    State(app): Shared,
    Query(params): Query<HashMap<String, String>>,
) -> Result<Json<Value>, Failure> {
    let dashboard = match params.get("uid") {
        Some(uid) => Some(find_dashboard(&app, uid)?),
        None => app.provisioned.dashboards.values().next(),
    };
    let enabled = |app_id: &String| app.provisioned.enabled_apps.contains(app_id);
    let plugins: HashMap<_, _> = app
        .catalog
        .0
        .iter()
        // An app's plugins are off until the app is on.
        .filter(|(_, installed)| installed.app.as_ref().is_none_or(enabled))
        .map(|(id, installed)| (id.clone(), installed.boot()))
        .collect();
    let sources: HashMap<_, _> = app
        .provisioned
        .sources
        .iter()
        .map(|(uid, source)| {
            let mut public = source.public();
            public["meta"] = plugins.get(&source.kind).cloned().unwrap_or_default();
            public["url"] = json!(format!("/api/datasources/proxy/uid/{uid}"));
            (source.name.clone(), public)
        })
        .collect();
    Ok(Json(json!({
        "dashboard": dashboard,
        "datasources": sources,
        "plugins": plugins,
        "theme": params.get("theme").map_or("dark", String::as_str),
        "user": { "login": "workbench", "name": "Workbench", "orgRole": app.role().as_str(), "orgId": 1 },
    })))
}

fn find_dashboard<'a>(app: &'a App, uid: &str) -> Result<&'a Value, Failure> {
    app.provisioned.dashboards.get(uid).ok_or_else(|| not_found("Dashboard not found"))
}

pub(super) async fn plugin_file(
    State(app): Shared,
    Path((id, path)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let plugin = app.catalog.get(&id).ok_or_else(|| not_found("Plugin not found"))?;
    file(&plugin.directory, &path).await
}

/// A file of the page or, where it has none of that name, the page: it reads the address itself. What is missing
/// below `api/` and `public/` (fonts and icons lie there) is said to be missing.
pub(super) async fn page(State(app): Shared, uri: Uri) -> Result<Response, Failure> {
    let path = uri.path().trim_start_matches('/');
    let is_page = !path.starts_with("api/") && !path.starts_with("public/");
    match file(&app.args.page, path).await {
        Err(_) if is_page => file(&app.args.page, "index.html").await,
        found => found,
    }
}

async fn file(root: &FilePath, path: &str) -> Result<Response, Failure> {
    let path = PathBuf::from(path);
    if path.components().any(|component| !matches!(component, Component::Normal(_))) {
        return Err(not_found("Not found"));
    }
    let Ok(content) = tokio::fs::read(root.join(&path)).await else {
        return Err(not_found("Not found"));
    };
    let media_type = match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("md" | "txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };
    // As Grafana in development mode: a new build is seen at once.
    let headers = [(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, "no-cache")];
    Ok((headers, content).into_response())
}
