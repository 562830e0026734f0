//! The life of the plugin process.

use std::time::Duration;

use grafana_plugin_sdk::backend;
use grafana_plugin_sdk::pluginv2::{
    data_server::DataServer, diagnostics_server::DiagnosticsServer, resource_server::ResourceServer,
};
use tokio::net::UnixListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_stream::wrappers::UnixListenerStream;
use tokio_util::sync::CancellationToken;
use tonic::transport::Server;
use tonic_health::ServingStatus;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::prelude::*;

use super::controller::Controller;
use super::handshake::{self, HandshakeError};
use super::services::Services;
use super::source::DataSource;

/// As the Go plugins have it; tonic's own limit is 4 MiB.
const MAX_MESSAGE_BYTES: usize = 16 * 1024 * 1024;
/// How long calls may take to finish once the host wants us gone. It kills after 2 s; nothing of ours is worth
/// making it wait.
const DRAIN: Duration = Duration::from_millis(100);

/// Why the plugin stopped.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Not started by Grafana, or no way to talk to it.
    #[error(transparent)]
    Handshake(#[from] HandshakeError),
    /// The runtime could not start.
    #[error("starting the runtime: {0}")]
    Runtime(#[from] std::io::Error),
    /// The server failed.
    #[error("serving Grafana: {0}")]
    Serve(#[from] tonic::transport::Error),
}

/// Serves the data source that `source` makes until Grafana asks us to leave or we are told to by SIGTERM.
///
/// `source` runs inside the runtime. Logs go to stderr in the host's format; [`log_filter`] says how much of them.
pub fn run<S: DataSource>(source: impl FnOnce() -> S) -> Result<(), RunError> {
    handshake::check_cookie()?;
    tracing_subscriber::registry().with(backend::layer()).with(log_filter()).init();
    // As a line of the host's log. What a panic says is ours, and no input.
    std::panic::set_hook(Box::new(|panic| tracing::error!(%panic, "a fault in the plugin")));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(async {
        let (listener, socket) = handshake::listen()?;
        let stop = CancellationToken::new();
        stop_on_signal(stop.clone())?;
        handshake::announce(&socket)?;
        serve(listener, source(), stop).await?;
        Ok(())
    });
    // Work that does not yield must not keep the process: it ends with it.
    runtime.shutdown_background();
    result
}

/// `log_level` of the plugin's section in Grafana's configuration, which reaches every plugin, else `RUST_LOG`, which not
/// every Grafana passes on, else `info`.
fn log_filter() -> EnvFilter {
    let set = ["GF_PLUGIN_LOG_LEVEL", "RUST_LOG"].iter().find_map(|name| EnvFilter::try_from_env(name).ok());
    set.unwrap_or_else(|| EnvFilter::new("info"))
}

/// Serves on `listener` until `stop` is cancelled, by us or by the host's `Shutdown`.
pub(super) async fn serve<S: DataSource>(
    listener: UnixListener,
    source: S,
    stop: CancellationToken,
) -> Result<(), tonic::transport::Error> {
    let services = Services(source, stop.clone());
    let (mut health_reporter, health) = tonic_health::server::health_reporter();
    // The name go-plugin's Ping asks for.
    health_reporter.set_service_status("plugin", ServingStatus::Serving).await;
    let server = Server::builder()
        .add_service(health)
        .add_service(Controller(stop.clone()))
        .add_service(DataServer::new(services.clone()).max_decoding_message_size(MAX_MESSAGE_BYTES))
        .add_service(DiagnosticsServer::new(services.clone()).max_decoding_message_size(MAX_MESSAGE_BYTES))
        .add_service(ResourceServer::new(services).max_decoding_message_size(MAX_MESSAGE_BYTES))
        .serve_with_incoming_shutdown(UnixListenerStream::new(listener), stop.cancelled());
    tokio::select! {
        result = server => result,
        () = async { stop.cancelled().await; tokio::time::sleep(DRAIN).await } => Ok(()),
    }
}

/// SIGTERM stops us; SIGINT does not, since Ctrl-C reaches the host as well, which then shuts us down.
fn stop_on_signal(stop: CancellationToken) -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => return stop.cancel(),
            }
        }
    });
    Ok(())
}
