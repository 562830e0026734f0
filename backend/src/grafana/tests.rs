//! The services over a real unix socket, called by the SDK's clients.

use std::collections::BTreeMap;

use bytes::Bytes;
use grafana_plugin_sdk::pluginv2::{
    self, data_client::DataClient, diagnostics_client::DiagnosticsClient, resource_client::ResourceClient,
};
use http::StatusCode;
use hyper_util::rt::TokioIo;
use model::frames::{Frame, GrowthRow, Table as _};
use serde_json::json;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tonic::transport::{Channel, Endpoint, Uri};

use super::*;

/// Answers with what it was asked; `limit` 1 fails, 2 panics, 3 never answers.
#[derive(Clone)]
struct Echo {
    started: mpsc::UnboundedSender<()>,
    dropped: mpsc::UnboundedSender<()>,
}

struct TellWhenDropped(mpsc::UnboundedSender<()>);
impl Drop for TellWhenDropped {
    fn drop(&mut self) {
        self.0.send(()).unwrap();
    }
}

impl DataSource for Echo {
    async fn query(&self, instance: &Instance, request: QueryRequest) -> Result<Vec<Frame>, QueryError> {
        match request.query.limit {
            1 => {
                return Err(QueryError {
                    message: "the server is down".into(),
                    kind: "refused",
                    status: StatusCode::BAD_GATEWAY,
                });
            }
            2 => panic!("a bug"),
            3 => {
                let _guard = TellWhenDropped(self.dropped.clone());
                self.started.send(()).unwrap();
                std::future::pending::<()>().await;
            }
            _ => {}
        }
        let role = instance.user.as_ref().map(|user| user.role.clone()).unwrap_or_default();
        let row =
            GrowthRow { pod: role, metric: format!("{:?}", request.query.query_type), ..Default::default() };
        Ok(vec![GrowthRow::to_frame(vec![row])])
    }

    async fn check_health(&self, instance: &Instance) -> Health {
        Health { ok: instance.url.starts_with("http"), message: "checked".into(), details: json!({"a": 1}) }
    }

    async fn call_resource(&self, _: &Instance, request: ResourceRequest) -> ResourceAnswer {
        let body = json!({
            "method": request.method.as_str(), "path": request.path, "params": request.params,
            "bytes": request.body.len(),
        });
        ResourceAnswer::json(StatusCode::CREATED, &body)
    }
}

struct Rig {
    channel: Channel,
    started: mpsc::UnboundedReceiver<()>,
    dropped: mpsc::UnboundedReceiver<()>,
    server: tokio::task::JoinHandle<Result<(), tonic::transport::Error>>,
    _directory: tempfile::TempDir,
}

async fn rig() -> Rig {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s");
    let listener = UnixListener::bind(&path).unwrap();
    let (started_sender, started) = mpsc::unbounded_channel();
    let (dropped_sender, dropped) = mpsc::unbounded_channel();
    let source = Echo { started: started_sender, dropped: dropped_sender };
    let server = tokio::spawn(serve::serve(listener, source, CancellationToken::new()));
    let connect = tower::service_fn(move |_: Uri| {
        let path = path.clone();
        async move { UnixStream::connect(path).await.map(TokioIo::new) }
    });
    let channel = Endpoint::from_static("http://plugin").connect_with_connector(connect).await.unwrap();
    Rig { channel, started, dropped, server, _directory: directory }
}

fn context(role: Option<&str>) -> pluginv2::PluginContext {
    pluginv2::PluginContext {
        org_id: 1,
        plugin_id: "leaklens-datasource".into(),
        user: role.map(|role| pluginv2::User {
            login: "anna".into(),
            role: role.into(),
            ..Default::default()
        }),
        data_source_instance_settings: Some(pluginv2::DataSourceInstanceSettings {
            uid: "u".into(),
            url: "http://prometheus:9090".into(),
            ..Default::default()
        }),
        ..Default::default()
    }
}

fn query(ref_id: &str, json: impl Into<Vec<u8>>) -> pluginv2::DataQuery {
    pluginv2::DataQuery {
        ref_id: ref_id.into(),
        time_range: Some(pluginv2::TimeRange { from_epoch_ms: 0, to_epoch_ms: 60_000 }),
        json: json.into(),
        ..Default::default()
    }
}

fn call(queries: Vec<pluginv2::DataQuery>) -> pluginv2::QueryDataRequest {
    pluginv2::QueryDataRequest { plugin_context: Some(context(None)), queries, ..Default::default() }
}

async fn ask(
    channel: &Channel,
    request: pluginv2::QueryDataRequest,
) -> Result<BTreeMap<String, pluginv2::DataResponse>, tonic::Status> {
    let mut client = DataClient::new(channel.clone());
    Ok(client.query_data(request).await?.into_inner().responses.into_iter().collect())
}

#[tokio::test]
async fn users_of_every_role_are_served() {
    let rig = rig().await;
    for role in
        [None, Some(""), Some("None"), Some("Viewer"), Some("Editor"), Some("Admin"), Some("Grafana Admin")]
    {
        let mut request = call(vec![query("A", "{}")]);
        request.plugin_context = Some(context(role));
        let answer = &ask(&rig.channel, request).await.unwrap()["A"];
        assert_eq!(
            (answer.status, answer.error.as_str(), answer.frames.len()),
            (200, "", 1),
            "role {role:?}"
        );
    }
}

#[tokio::test]
async fn a_bad_query_answers_for_itself_alone() {
    let rig = rig().await;
    let mut late = query("late", "{}");
    late.time_range = None;
    let mut backwards = query("backwards", "{}");
    backwards.time_range = Some(pluginv2::TimeRange { from_epoch_ms: i64::MAX, to_epoch_ms: i64::MIN });
    let mut wide = query("wide", "{}");
    wide.time_range = Some(pluginv2::TimeRange { from_epoch_ms: i64::MIN, to_epoch_ms: i64::MAX });
    let answers = ask(
        &rig.channel,
        call(vec![
            query("good", r#"{"queryType":"growth","datasource":{"uid":"u"},"hide":false,"suspect":null}"#),
            query("broken", "{"),
            query("list", "[]"),
            query("kind", r#"{"queryType":"nonsense"}"#),
            query("bytes", [0xff, 0xfe].as_slice()),
            query("down", r#"{"limit":1}"#),
            query("bug", r#"{"limit":2}"#),
            query("empty", ""),
            late,
            backwards,
            wide,
        ]),
    )
    .await
    .unwrap();
    let status: std::collections::BTreeMap<_, _> =
        answers.iter().map(|(ref_id, answer)| (ref_id.as_str(), answer.status)).collect();
    let expected = [
        ("backwards", 400),
        ("broken", 400),
        ("bug", 500),
        ("bytes", 400),
        ("down", 502),
        ("empty", 200),
        ("good", 200),
        ("kind", 400),
        ("late", 400),
        ("list", 400),
        ("wide", 200),
    ];
    assert_eq!(status, expected.into());
    for (ref_id, answer) in &answers {
        assert_eq!(answer.error.is_empty(), answer.status == 200, "{ref_id}: {}", answer.error);
    }
    assert_eq!(answers["down"].error, "the server is down");
}

#[tokio::test]
async fn the_query_type_beside_the_json_counts_where_the_json_has_none() {
    let rig = rig().await;
    for (json, expected) in [
        ("{}", "Alerts"),
        (r#"{"queryType":""}"#, "Alerts"),
        (r#"{"queryType":null}"#, "Alerts"),
        (r#"{"queryType":"growth"}"#, "Growth"),
    ] {
        let mut asked = query("A", json);
        asked.query_type = "alerts".into();
        let answer = &ask(&rig.channel, call(vec![asked])).await.unwrap()["A"];
        let bytes = String::from_utf8_lossy(&answer.frames[0]);
        assert!(bytes.contains(expected), "{json} was not read as {expected}");
    }
}

#[tokio::test]
async fn messages_up_to_sixteen_mebibytes_come_in() {
    let rig = rig().await;
    let padded = |bytes: usize| query("A", format!("{{\"pad\":\"{}\"}}", "x".repeat(bytes)));
    assert_eq!(
        ask(&rig.channel, call(vec![padded(16 * 1024 * 1024 - 1024)])).await.unwrap()["A"].status,
        200
    );
    let refused = ask(&rig.channel, call(vec![padded(16 * 1024 * 1024)])).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::OutOfRange);
}

#[tokio::test]
async fn a_cancelled_call_drops_its_queries() {
    let mut rig = rig().await;
    let channel = rig.channel.clone();
    let hanging = tokio::spawn(async move { ask(&channel, call(vec![query("A", r#"{"limit":3}"#)])).await });
    rig.started.recv().await.unwrap();
    hanging.abort();
    rig.dropped.recv().await.unwrap();
}

#[tokio::test]
async fn shutdown_is_answered_and_ends_the_server_though_a_query_hangs() {
    let mut rig = rig().await;
    let channel = rig.channel.clone();
    let hanging = tokio::spawn(async move { ask(&channel, call(vec![query("A", r#"{"limit":3}"#)])).await });
    rig.started.recv().await.unwrap();
    let mut grpc = tonic::client::Grpc::new(rig.channel.clone());
    grpc.ready().await.unwrap();
    let codec = tonic::codec::ProstCodec::<(), ()>::default();
    let path = http::uri::PathAndQuery::from_static("/plugin.GRPCController/Shutdown");
    grpc.unary(tonic::Request::new(()), path, codec).await.unwrap();
    rig.server.await.unwrap().unwrap();
    // The process would end here, and the query with it.
    hanging.abort();
}

#[tokio::test]
async fn a_call_without_settings_is_refused_and_the_next_one_served() {
    let rig = rig().await;
    let mut request = call(vec![query("A", "{}")]);
    request.plugin_context.as_mut().unwrap().data_source_instance_settings = None;
    assert_eq!(ask(&rig.channel, request).await.unwrap_err().code(), tonic::Code::InvalidArgument);
    assert_eq!(ask(&rig.channel, call(vec![query("A", "{}")])).await.unwrap()["A"].status, 200);
}

#[tokio::test]
async fn health_and_metrics_answer() {
    let rig = rig().await;
    let mut client = DiagnosticsClient::new(rig.channel.clone());
    let request =
        pluginv2::CheckHealthRequest { plugin_context: Some(context(Some(""))), ..Default::default() };
    let health = client.check_health(request).await.unwrap().into_inner();
    assert_eq!((health.status, health.message.as_str()), (1, "checked"));
    assert_eq!(health.json_details, br#"{"a":1}"#);
    let request = pluginv2::CollectMetricsRequest { plugin_context: Some(context(None)) };
    assert!(client.collect_metrics(request).await.unwrap().into_inner().metrics.is_some());
    let mut pings = tonic_health::pb::health_client::HealthClient::new(rig.channel.clone());
    let ping = tonic_health::pb::HealthCheckRequest { service: "plugin".into() };
    assert_eq!(pings.check(ping).await.unwrap().into_inner().status, 1);
}

#[tokio::test]
async fn resource_calls_arrive_whole() {
    let rig = rig().await;
    let request = pluginv2::CallResourceRequest {
        plugin_context: Some(context(Some("None"))),
        path: "variables/pods".into(),
        method: "POST".into(),
        url: "variables/pods?a=1+2&b=%26&a=3".into(),
        body: Bytes::from_static(b"body"),
        ..Default::default()
    };
    let mut client = ResourceClient::new(rig.channel.clone());
    let mut stream = client.call_resource(request).await.unwrap().into_inner();
    let answer = stream.message().await.unwrap().unwrap();
    assert!(stream.message().await.unwrap().is_none());
    assert_eq!((answer.code, answer.headers["Content-Type"].values[0].as_str()), (201, "application/json"));
    let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    let expected = json!({
        "method": "POST", "path": "variables/pods", "params": [["a", "1 2"], ["b", "&"], ["a", "3"]], "bytes": 4,
    });
    assert_eq!(body, expected);
}
