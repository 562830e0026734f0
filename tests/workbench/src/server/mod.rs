//! The part of Grafana's HTTP API that plugins use, on loopback.

mod annotations;
mod assets;
mod datasources;
mod rules;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use anyhow::{Context as _, Result};
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post, put};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use workbench::plugin::{Client, Plugin};

use crate::args::{Role, Serve};
use crate::catalog::{Catalog, Installed};
use crate::provisioning::{DataSource, Provisioned};

/// What the handlers share.
struct App {
    args: Serve,
    catalog: Catalog,
    provisioned: Provisioned,
    /// Running backends by plugin id.
    plugins: BTreeMap<String, Plugin>,
    annotations: Mutex<Vec<Value>>,
    /// What Grafana's own alerting says.
    alerting: Mutex<Value>,
}

type Shared = axum::extract::State<Arc<App>>;

impl App {
    fn source(&self, uid: &str) -> Result<&DataSource, Failure> {
        self.provisioned.sources.get(uid).ok_or_else(|| not_found("Data source not found"))
    }

    fn client(&self, source: &DataSource) -> Result<Client, Failure> {
        let plugin = self.plugins.get(&source.kind).ok_or_else(|| not_found("Plugin not found"))?;
        Ok(plugin.client()?)
    }

    fn role(&self) -> Role {
        self.args.role
    }
}

/// Serves until SIGTERM or Ctrl-C, then stops the plugins.
pub(crate) async fn run(args: Serve) -> Result<()> {
    let catalog = Catalog::read(&args.plugins)?;
    let provisioned = Provisioned::read(&args.provisioning, &catalog)?;
    let stopped = told_to_stop()?;
    let mut plugins = BTreeMap::new();
    for source in provisioned.sources.values() {
        let executable = catalog.get(&source.kind).and_then(Installed::executable);
        if let (Some(executable), false) = (executable, plugins.contains_key(&source.kind)) {
            plugins.insert(source.kind.clone(), Plugin::start(executable).await?);
        }
    }
    let listener = TcpListener::bind(("127.0.0.1", args.port)).await.context("listening")?;
    let url = format!("http://{}", listener.local_addr()?);
    let (annotations, alerting) = (Mutex::default(), Mutex::default());
    let app = Arc::new(App { args, catalog, provisioned, plugins, annotations, alerting });
    println!("workbench ready: {url}");
    tokio::select! {
        served = async { axum::serve(listener, router(Arc::clone(&app))).await } => served?,
        () = stopped => {}
    }
    for plugin in app.plugins.values() {
        plugin.stop().await;
    }
    Ok(())
}

fn router(app: Arc<App>) -> axum::Router {
    axum::Router::new()
        .route("/api/ds/query", post(datasources::query))
        .route("/api/datasources", get(datasources::list))
        .route("/api/datasources/uid/{uid}", get(datasources::one))
        .route("/api/datasources/uid/{uid}/health", get(datasources::health))
        .route("/api/datasources/uid/{uid}/resources", any(datasources::resource_root))
        .route("/api/datasources/uid/{uid}/resources/{*path}", any(datasources::resource))
        .route("/api/annotations", get(annotations::find).post(annotations::add))
        .route("/api/prometheus/{source}/api/v1/{what}", get(rules::get))
        .route("/api/alertmanager/grafana/api/v2/{what}", get(rules::alertmanager))
        .route("/api/dashboards/uid/{uid}", get(assets::dashboard))
        .route("/api/workbench/boot", get(assets::boot))
        .route("/api/workbench/alerting", put(rules::put))
        .route("/public/plugins/{id}/{*path}", get(assets::plugin_file))
        .fallback(get(assets::page))
        .with_state(app)
}

fn told_to_stop() -> Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// An answer in Grafana's form of an error.
struct Failure(StatusCode, String);

fn not_found(message: &str) -> Failure {
    Failure(StatusCode::NOT_FOUND, message.to_owned())
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "message": self.1 }))).into_response()
    }
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(StatusCode::INTERNAL_SERVER_ERROR, format!("{:#}", error.into()))
    }
}
