//! What a data source answers, free of the plugin protocol. [`crate::grafana::run`] serves one.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;

use bytes::Bytes;
use http::{Method, StatusCode};
use model::frames::Frame;
use model::query::Query;
use serde_json::Value;

/// A data source. Clones share what they cache; every query runs on its own task, which is dropped when
/// Grafana cancels the call.
pub trait DataSource: Clone + Send + Sync + 'static {
    /// Answers one query.
    fn query(
        &self,
        instance: &Instance,
        request: QueryRequest,
    ) -> impl Future<Output = Result<Vec<Frame>, QueryError>> + Send;

    /// Says whether the configured server can be used, and for what.
    fn check_health(&self, instance: &Instance) -> impl Future<Output = Health> + Send;

    /// Answers an HTTP request to `/api/datasources/uid/<uid>/resources/<path>`.
    fn call_resource(
        &self,
        instance: &Instance,
        request: ResourceRequest,
    ) -> impl Future<Output = ResourceAnswer> + Send;
}

/// One configured data source, as Grafana hands it over with each call, and on whose behalf it calls.
#[derive(Clone, PartialEq)]
pub struct Instance {
    /// Grafana's organisation.
    pub org_id: i64,
    /// Unique in the organisation.
    pub uid: String,
    /// As shown to users.
    pub name: String,
    /// The server's URL, as typed in.
    pub url: String,
    /// Whether to send [`Self::basic_auth_user`] and the secret `basicAuthPassword`.
    pub basic_auth_enabled: bool,
    /// User of HTTP basic authentication.
    pub basic_auth_user: String,
    /// `jsonData` of the settings; an empty object where there is none.
    pub json_data: Value,
    /// `secureJsonData`, decrypted.
    pub secrets: BTreeMap<String, String>,
    /// When the settings last changed, milliseconds since the epoch.
    pub updated_ms: i64,
    /// Who asks; `None` when Grafana itself does.
    pub user: Option<User>,
    /// Whether an alert rule asks.
    pub from_alert: bool,
}

impl fmt::Debug for Instance {
    /// Names the secrets and keeps their values, and the URL, which may hold some, to itself.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instance")
            .field("org_id", &self.org_id)
            .field("uid", &self.uid)
            .field("name", &self.name)
            .field("updated_ms", &self.updated_ms)
            .field("secrets", &self.secrets.keys())
            .field("user", &self.user)
            .field("from_alert", &self.from_alert)
            .finish_non_exhaustive()
    }
}

/// A Grafana user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Login name.
    pub login: String,
    /// Role in the organisation: `Admin`, `Editor`, `Viewer`, `None` or empty, where Grafana says nothing.
    pub role: String,
}

/// One query with what Grafana says beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryRequest {
    /// What is asked.
    pub query: Query,
    /// Start of the time range, milliseconds since the epoch.
    pub from_ms: i64,
    /// End of the time range, milliseconds since the epoch; not before the start.
    pub to_ms: i64,
    /// How many points the panel can show; 0 where Grafana does not say.
    pub max_data_points: i64,
    /// Grafana's proposal for a step; 0 where it makes none.
    pub interval_ms: i64,
}

/// Why a query has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct QueryError {
    /// What the user reads.
    pub message: String,
    /// Which error it is, in a word, for counters and logs.
    pub kind: &'static str,
    /// The HTTP status that fits: 400 for the query, 502 and 504 for the server asked, 500 for us.
    pub status: StatusCode,
}

/// The answer to "Save & test".
#[derive(Debug, Clone, PartialEq)]
pub struct Health {
    /// Whether it works.
    pub ok: bool,
    /// One sentence.
    pub message: String,
    /// What Grafana and our editor show below it; an object.
    pub details: Value,
}

/// An HTTP request passed on by Grafana.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceRequest {
    /// Its method.
    pub method: Method,
    /// Path below `resources/`, without a leading slash.
    pub path: String,
    /// The URL's parameters in order, decoded.
    pub params: Vec<(String, String)>,
    /// The body as sent.
    pub body: Bytes,
}

/// The answer to a [`ResourceRequest`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceAnswer {
    /// HTTP status.
    pub status: StatusCode,
    /// Media type of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: Bytes,
}

impl ResourceAnswer {
    /// An answer of JSON.
    pub fn json(status: StatusCode, body: &Value) -> Self {
        Self { status, content_type: "application/json", body: body.to_string().into() }
    }
}
