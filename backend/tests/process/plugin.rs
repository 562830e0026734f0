//! Starts the process by go-plugin's handshake and calls it over its socket.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use grafana_plugin_sdk::pluginv2::{
    self, data_client::DataClient, diagnostics_client::DiagnosticsClient, resource_client::ResourceClient,
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, BufReader};
use tokio::net::UnixStream;
use tokio::process::{Child, Command};
use tonic::transport::{Channel, Endpoint, Uri};

/// The end of the time range that is asked for unless another is named.
pub(crate) const TO_MS: i64 = 1_700_000_000_000;
const DAY_MS: i64 = 86_400_000;

/// A running plugin; killed when dropped.
pub(crate) struct Plugin {
    pub(crate) child: Child,
    pub(crate) channel: Channel,
    pub(crate) socket: PathBuf,
    /// What it has written so far, stdout after the handshake and stderr.
    pub(crate) output: Arc<Mutex<String>>,
    _directory: TempDir,
}

/// The executable under test: that of `LEAKLENS_PLUGIN` where it is set.
pub(crate) fn executable() -> PathBuf {
    std::env::var_os("LEAKLENS_PLUGIN")
        .map_or_else(|| env!("CARGO_BIN_EXE_gpx_leaklens").into(), PathBuf::from)
}

/// How the executable is started, the cookie left out.
pub(crate) fn command(sockets: &Path) -> Command {
    let mut command = Command::new(executable());
    command
        .env_clear()
        .env("PLUGIN_UNIX_SOCKET_DIR", sockets)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

impl Plugin {
    pub(crate) async fn start() -> Self {
        Self::start_with("info").await
    }

    /// With so much in its log.
    pub(crate) async fn start_with(log: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut command = command(directory.path());
        command.env("grafana_plugin_type", "datasource").env("GF_PLUGIN_LOG_LEVEL", log);
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).await.unwrap();
        let parts: Vec<_> = line.trim().split('|').collect();
        let ["1", "2", "unix", socket, "grpc"] = parts.as_slice() else { panic!("handshake {line:?}") };
        let socket = PathBuf::from(socket);
        let output = Arc::new(Mutex::new(String::new()));
        keep(stdout, &output);
        keep(child.stderr.take().unwrap(), &output);
        let path = socket.clone();
        let connect = tower::service_fn(move |_: Uri| {
            let path = path.clone();
            async move { UnixStream::connect(path).await.map(TokioIo::new) }
        });
        let channel = Endpoint::from_static("http://plugin").connect_with_connector(connect).await.unwrap();
        Self { child, channel, socket, output, _directory: directory }
    }

    pub(crate) fn said(&self) -> String {
        self.output.lock().unwrap().clone()
    }

    /// Resident memory, bytes.
    pub(crate) fn resident_bytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id().unwrap())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }

    /// The answers by `refId`.
    pub(crate) async fn ask(
        &self,
        source: &Source,
        queries: Vec<pluginv2::DataQuery>,
    ) -> Result<BTreeMap<String, pluginv2::DataResponse>, tonic::Status> {
        let request = pluginv2::QueryDataRequest {
            plugin_context: Some(source.context()),
            queries,
            ..Default::default()
        };
        let mut client = DataClient::new(self.channel.clone()).max_decoding_message_size(usize::MAX);
        Ok(client.query_data(request).await?.into_inner().responses.into_iter().collect())
    }

    /// The answer to one query of a type over a day.
    pub(crate) async fn one(&self, source: &Source, kind: &str) -> pluginv2::DataResponse {
        self.ask(source, vec![query("A", kind, "")]).await.unwrap().remove("A").unwrap()
    }

    pub(crate) async fn health(&self, source: &Source) -> pluginv2::CheckHealthResponse {
        let request =
            pluginv2::CheckHealthRequest { plugin_context: Some(source.context()), ..Default::default() };
        DiagnosticsClient::new(self.channel.clone()).check_health(request).await.unwrap().into_inner()
    }

    pub(crate) async fn metrics(&self) -> String {
        let mut client = DiagnosticsClient::new(self.channel.clone());
        let answer = client.collect_metrics(pluginv2::CollectMetricsRequest::default()).await.unwrap();
        String::from_utf8(answer.into_inner().metrics.unwrap().prometheus).unwrap()
    }

    pub(crate) async fn resource(&self, source: &Source, method: &str, path: &str) -> (i32, String) {
        let request = pluginv2::CallResourceRequest {
            plugin_context: Some(source.context()),
            path: path.into(),
            url: path.into(),
            method: method.into(),
            ..Default::default()
        };
        let mut stream =
            ResourceClient::new(self.channel.clone()).call_resource(request).await.unwrap().into_inner();
        let answer = stream.message().await.unwrap().unwrap();
        (answer.code, String::from_utf8_lossy(&answer.body).into_owned())
    }
}

fn keep(mut from: impl AsyncRead + Unpin + Send + 'static, output: &Arc<Mutex<String>>) {
    let output = Arc::clone(output);
    tokio::spawn(async move {
        let mut buffer = [0; 4096];
        while let Ok(read @ 1..) = from.read(&mut buffer).await {
            output.lock().unwrap().push_str(&String::from_utf8_lossy(&buffer[..read]));
        }
    });
}

/// A query over a day, with more JSON beside its type.
pub(crate) fn query(ref_id: &str, kind: &str, more: &str) -> pluginv2::DataQuery {
    let json = format!(r#"{{"queryType":"{kind}"{more}}}"#);
    let range = pluginv2::TimeRange { from_epoch_ms: TO_MS - DAY_MS, to_epoch_ms: TO_MS };
    pluginv2::DataQuery {
        ref_id: ref_id.into(),
        time_range: Some(range),
        json: json.into(),
        ..Default::default()
    }
}

/// A data source as Grafana hands it over with each call.
#[derive(Clone)]
pub(crate) struct Source {
    pub(crate) url: String,
    pub(crate) json_data: Value,
    pub(crate) basic_auth_user: String,
    pub(crate) secrets: HashMap<String, String>,
}

impl Source {
    pub(crate) fn of(url: &str, json_data: Value) -> Self {
        Self { url: url.into(), json_data, basic_auth_user: String::new(), secrets: HashMap::new() }
    }

    pub(crate) fn context(&self) -> pluginv2::PluginContext {
        let settings = pluginv2::DataSourceInstanceSettings {
            uid: "leaklens".into(),
            name: "Leaklens".into(),
            url: self.url.clone(),
            basic_auth_enabled: !self.basic_auth_user.is_empty(),
            basic_auth_user: self.basic_auth_user.clone(),
            json_data: self.json_data.to_string().into_bytes(),
            decrypted_secure_json_data: self.secrets.clone(),
            ..Default::default()
        };
        pluginv2::PluginContext {
            org_id: 1,
            plugin_id: "leaklens-datasource".into(),
            data_source_instance_settings: Some(settings),
            ..Default::default()
        }
    }
}
