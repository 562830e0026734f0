//! Grafana's services in terms of a [`DataSource`].

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use futures_util::stream::{self, Iter};
use grafana_plugin_sdk::pluginv2::{self, check_health_response::HealthStatus, collect_metrics_response};
use http::{Method, StatusCode};
use model::query::Query;
use serde_json::Value;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use super::arrow;
use super::context;
use super::source::{DataSource, Instance, QueryError, QueryRequest, ResourceRequest};
use crate::call;
use crate::metrics::metrics;

/// Serves a data source through the SDK's service traits, until the token is cancelled.
#[derive(Debug, Clone)]
pub(super) struct Services<S>(pub(super) S, pub(super) CancellationToken);

#[tonic::async_trait]
impl<S: DataSource> pluginv2::data_server::Data for Services<S> {
    /// Every query runs on a task of its own; all are aborted when Grafana cancels the call and this future is
    /// dropped, and when we are told to leave.
    async fn query_data(
        &self,
        request: Request<pluginv2::QueryDataRequest>,
    ) -> Result<Response<pluginv2::QueryDataResponse>, Status> {
        let traceparent = traceparent(&request);
        let request = request.into_inner();
        let instance = Arc::new(
            context::instance(request.plugin_context, &request.headers).map_err(Status::invalid_argument)?,
        );
        let mut tasks = JoinSet::new();
        let mut ref_ids = HashMap::new();
        for query in request.queries {
            let (source, instance) = (self.0.clone(), Arc::clone(&instance));
            let ref_id = query.ref_id.clone();
            let traceparent = traceparent.clone();
            let task = tasks.spawn(async move {
                call::traced(traceparent.as_deref(), answer(&source, &instance, query)).await
            });
            ref_ids.insert(task.id(), ref_id);
        }
        let mut responses = HashMap::new();
        loop {
            let done = tokio::select! {
                done = tasks.join_next_with_id() => done,
                () = self.1.cancelled() => return Err(Status::unavailable("the plugin is shutting down")),
            };
            let Some(done) = done else { break };
            let (id, response) = match done {
                Ok((id, frames)) => (id, frames.map_or_else(failed, succeeded)),
                Err(error) => {
                    // The panic itself is in the log already.
                    let message = "the query failed inside the plugin; its log says more".to_owned();
                    let status = StatusCode::INTERNAL_SERVER_ERROR;
                    (error.id(), failed(QueryError { message, kind: "panic", status }))
                }
            };
            if let Some(ref_id) = ref_ids.remove(&id) {
                responses.insert(ref_id, response);
            }
        }
        Ok(Response::new(pluginv2::QueryDataResponse { responses }))
    }
}

async fn answer<S: DataSource>(
    source: &S,
    instance: &Instance,
    query: pluginv2::DataQuery,
) -> Result<Vec<Vec<u8>>, QueryError> {
    let ref_id = query.ref_id.clone();
    let mut running = Running::new(instance, ref_id.clone());
    let answer = async {
        let request = read(query)?;
        running.query_type = request.query.query_type.name();
        let frames = source.query(instance, request).await?;
        frames.into_iter().map(|frame| encode(frame, &ref_id)).collect::<Result<Vec<_>, _>>()
    };
    let answer = answer.await;
    match &answer {
        Ok(frames) => (running.outcome, running.bytes) = ("ok", frames.iter().map(Vec::len).sum()),
        Err(error) => (running.outcome, running.error) = (error.kind, error.message.clone()),
    }
    answer
}

/// A query that is being answered. However it ends it is counted and stands in the log, by the names that Grafana's own
/// lines have.
struct Running<'a> {
    instance: &'a Instance,
    ref_id: String,
    began: Instant,
    query_type: &'static str,
    outcome: &'static str,
    error: String,
    bytes: usize,
}

impl<'a> Running<'a> {
    fn new(instance: &'a Instance, ref_id: String) -> Self {
        metrics().queries_running.inc();
        let (began, query_type, outcome) = (Instant::now(), "unreadable", "cancelled");
        Self { instance, ref_id, began, query_type, outcome, error: String::new(), bytes: 0 }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let outcome = if std::thread::panicking() { "panic" } else { self.outcome };
        metrics().queries_running.dec();
        metrics().query(self.query_type, outcome, self.began.elapsed());
        let (trace_id, uid) = (call::trace_id(), self.instance.uid.as_str());
        let duration_ms = self.began.elapsed().as_millis() as u64;
        macro_rules! line {
            ($level:ident, $message:literal $(, $name:ident = $value:expr)*) => {
                tracing::$level!(
                    traceID = &*trace_id, endpoint = "queryData", dsUID = uid, refID = self.ref_id.as_str(),
                    queryType = self.query_type, outcome, durationMS = duration_ms $(, $name = $value)*, $message
                )
            };
        }
        match outcome {
            "ok" => line!(info, "query answered", bytes = self.bytes),
            "cancelled" => line!(info, "query cancelled"),
            _ => line!(warn, "query failed", error = self.error.as_str()),
        }
    }
}

/// The trace that Grafana's request belongs to, where it traces.
fn traceparent<T>(request: &Request<T>) -> Option<String> {
    request.metadata().get("traceparent")?.to_str().ok().map(str::to_owned)
}

fn encode(frame: model::frames::Frame, ref_id: &str) -> Result<Vec<u8>, QueryError> {
    let name = frame.name.clone();
    arrow::encode(frame, ref_id).map_err(|error| QueryError {
        message: format!("encoding frame {name:?}: {error}"),
        kind: "encoding",
        status: StatusCode::INTERNAL_SERVER_ERROR,
    })
}

/// Reads one query. What the panel or Explore leaves empty or null is absent to us.
fn read(query: pluginv2::DataQuery) -> Result<QueryRequest, QueryError> {
    let bad =
        |message: String| QueryError { message, kind: "malformed_query", status: StatusCode::BAD_REQUEST };
    let range = query.time_range.ok_or_else(|| bad("query without a time range".to_owned()))?;
    if range.from_epoch_ms > range.to_epoch_ms {
        return Err(bad("the time range ends before it starts".to_owned()));
    }
    let json = if query.json.is_empty() { b"{}" } else { query.json.as_slice() };
    let mut fields: serde_json::Map<String, Value> =
        serde_json::from_slice(json).map_err(|error| bad(format!("malformed query: {error}")))?;
    fields.retain(|_, value| !value.is_null());
    if fields.get("queryType").is_none_or(|kind| kind == "") {
        fields.remove("queryType");
        if !query.query_type.is_empty() {
            fields.insert("queryType".to_owned(), query.query_type.into());
        }
    }
    let query_model: Query = serde_json::from_value(Value::Object(fields))
        .map_err(|error| bad(format!("malformed query: {error}")))?;
    Ok(QueryRequest {
        query: query_model,
        from_ms: range.from_epoch_ms,
        to_ms: range.to_epoch_ms,
        max_data_points: query.max_data_points,
        interval_ms: query.interval_ms,
    })
}

fn succeeded(frames: Vec<Vec<u8>>) -> pluginv2::DataResponse {
    pluginv2::DataResponse { frames, status: i32::from(StatusCode::OK.as_u16()), ..Default::default() }
}

fn failed(error: QueryError) -> pluginv2::DataResponse {
    pluginv2::DataResponse {
        error: error.message,
        status: i32::from(error.status.as_u16()),
        ..Default::default()
    }
}

#[tonic::async_trait]
impl<S: DataSource> pluginv2::diagnostics_server::Diagnostics for Services<S> {
    async fn check_health(
        &self,
        request: Request<pluginv2::CheckHealthRequest>,
    ) -> Result<Response<pluginv2::CheckHealthResponse>, Status> {
        let traceparent = traceparent(&request);
        let request = request.into_inner();
        let instance =
            context::instance(request.plugin_context, &request.headers).map_err(Status::invalid_argument)?;
        let health = call::traced(traceparent.as_deref(), self.0.check_health(&instance)).await;
        if !health.ok {
            tracing::warn!(
                endpoint = "checkHealth",
                dsUID = instance.uid,
                error = health.message,
                "not healthy"
            );
        }
        let status = if health.ok { HealthStatus::Ok } else { HealthStatus::Error };
        Ok(Response::new(pluginv2::CheckHealthResponse {
            status: status.into(),
            message: health.message,
            json_details: health.details.to_string().into_bytes(),
        }))
    }

    /// The payload is always there because Grafana follows the pointer unchecked.
    async fn collect_metrics(
        &self,
        _: Request<pluginv2::CollectMetricsRequest>,
    ) -> Result<Response<pluginv2::CollectMetricsResponse>, Status> {
        let text = metrics().text().map_err(|error| Status::internal(format!("counters: {error}")))?;
        let metrics = Some(collect_metrics_response::Payload { prometheus: text.into_bytes() });
        Ok(Response::new(pluginv2::CollectMetricsResponse { metrics }))
    }
}

#[tonic::async_trait]
impl<S: DataSource> pluginv2::resource_server::Resource for Services<S> {
    type CallResourceStream = Iter<std::array::IntoIter<Result<pluginv2::CallResourceResponse, Status>, 1>>;

    async fn call_resource(
        &self,
        request: Request<pluginv2::CallResourceRequest>,
    ) -> Result<Response<Self::CallResourceStream>, Status> {
        let traceparent = traceparent(&request);
        let request = request.into_inner();
        let instance =
            context::instance(request.plugin_context, &HashMap::new()).map_err(Status::invalid_argument)?;
        let method = Method::from_bytes(request.method.as_bytes())
            .map_err(|error| Status::invalid_argument(format!("{error}: {:?}", request.method)))?;
        let params = request.url.split_once('?').map_or("", |(_, params)| params);
        let asked = ResourceRequest {
            method,
            path: request.path.trim_start_matches('/').to_owned(),
            params: form_urlencoded::parse(params.as_bytes()).into_owned().collect(),
            body: request.body,
        };
        let answer = call::traced(traceparent.as_deref(), self.0.call_resource(&instance, asked)).await;
        let content_type = pluginv2::StringList { values: vec![answer.content_type.to_owned()] };
        let response = pluginv2::CallResourceResponse {
            code: i32::from(answer.status.as_u16()),
            headers: HashMap::from([("Content-Type".to_owned(), content_type)]),
            body: answer.body,
        };
        Ok(Response::new(stream::iter([Ok(response)])))
    }
}
