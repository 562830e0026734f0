//! One plugin process: go-plugin's handshake, its output, its end.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, BufReader, Lines};
use tokio::net::UnixStream;
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;
use tonic::codec::ProstCodec;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Channel, Endpoint, Uri};

use super::Client;

const START_TIMEOUT: Duration = Duration::from_mins(1);
/// After this go-plugin kills.
const STOP_TIMEOUT: Duration = Duration::from_secs(2);

/// A running plugin; killed when dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    channel: Channel,
}

impl Process {
    /// Starts it and waits for its handshake.
    pub async fn start(executable: &Path) -> Result<Self> {
        let mut child = Command::new(executable)
            .env("grafana_plugin_type", "datasource")
            .env("PLUGIN_PROTOCOL_VERSIONS", "2")
            .env("PLUGIN_MIN_PORT", "10000")
            .env("PLUGIN_MAX_PORT", "25000")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("starting {}", executable.display()))?;
        let stderr = child.stderr.take().context("stderr is piped")?;
        tokio::spawn(forward("plugin", BufReader::new(stderr).lines()));
        let mut stdout = BufReader::new(child.stdout.take().context("stdout is piped")?).lines();
        let socket = timeout(START_TIMEOUT, read_handshake(&mut stdout))
            .await
            .context("no handshake within a minute")??;
        // go-plugin takes whatever else comes for a fault of the plugin.
        tokio::spawn(forward("plugin wrote to stdout", stdout));
        let connect = tower::service_fn(move |_: Uri| {
            let socket = socket.clone();
            async move { UnixStream::connect(socket).await.map(TokioIo::new) }
        });
        let channel = Endpoint::from_static("http://plugin").connect_with_connector(connect).await?;
        Ok(Self { child, channel })
    }

    pub(super) fn channel(&self) -> Channel {
        self.channel.clone()
    }

    /// A client of it.
    pub fn client(&self) -> Client {
        Client::new(self.channel())
    }

    /// Its process id, until it has ended.
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    pub(super) async fn wait(&mut self) -> Result<ExitStatus> {
        Ok(self.child.wait().await?)
    }

    /// go-plugin's Kill: the controller's Shutdown, then two seconds, then SIGKILL.
    pub async fn stop(mut self) -> Result<()> {
        if let Err(status) = shutdown(self.channel.clone()).await {
            eprintln!("workbench: plugin did not answer Shutdown: {status}");
        }
        if timeout(STOP_TIMEOUT, self.child.wait()).await.is_err() {
            eprintln!("workbench: plugin failed to exit gracefully");
            self.child.kill().await?;
        }
        Ok(())
    }
}

async fn shutdown(channel: Channel) -> Result<()> {
    let mut grpc = tonic::client::Grpc::new(channel);
    grpc.ready().await?;
    let path = PathAndQuery::from_static("/plugin.GRPCController/Shutdown");
    grpc.unary(tonic::Request::new(()), path, ProstCodec::<(), ()>::default()).await?;
    Ok(())
}

/// Reads `core version | app version | network | address | protocol`.
async fn read_handshake(stdout: &mut Lines<BufReader<ChildStdout>>) -> Result<PathBuf> {
    let line = stdout.next_line().await?.context("plugin left before the handshake")?;
    match line.trim().split('|').collect::<Vec<_>>().as_slice() {
        ["1", "2", "unix", socket, "grpc", ..] => Ok(PathBuf::from(socket)),
        _ => bail!("unrecognized remote plugin message: {line:?}"),
    }
}

async fn forward(what: &str, mut lines: Lines<impl AsyncBufRead + Unpin>) {
    while let Ok(Some(line)) = lines.next_line().await {
        eprintln!("{what}: {line}");
    }
}
