//! Raw samples by Prometheus' remote read, as chunks: an eighth of the bytes that a range selector's JSON takes, and
//! neither evaluated, written as text nor compressed by the server.
//!
//! Chunks stand for what a range selector selects only where it is known how the server differs: which labels it adds
//! and which bound of a range is open. Prometheus itself says so; whoever does not is asked by range selectors, and so is
//! whoever refuses, or sends what cannot be read.

mod frames;
mod messages;
#[cfg(test)]
mod tests;
mod xor;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use prost::Message as _;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde::de::IgnoredAny;
use tokio::sync::Mutex;

use self::frames::Bounds;
use self::messages::ReadRequest;
use super::decode::{self, Limits};
use super::transport::{Body, Transport};
use super::types::{Answer, BuildInfo, Flavour, RangeSeries};
use super::{PrometheusError, status};
use crate::promql::Selector;

/// After so long the server is asked anew who it is: it may have been configured otherwise.
const KNOWN_FOR: Duration = Duration::from_mins(10);
/// The first version whose range selectors leave out a sample at the very start of the range.
const LEFT_OPEN_SINCE: u32 = 3;
/// What an answer in frames calls itself.
const STREAMED: &str = "application/x-streamed-protobuf";

/// What is known of a server's remote read. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct RemoteRead {
    known: Arc<Mutex<Option<Known>>>,
}

/// When it was learned, and nothing where chunks cannot be used.
type Known = (Instant, Option<Manners>);

/// How a server's chunks differ from what its range selectors say.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Manners {
    /// Names of the labels that it adds to every series that has none of that name.
    external: Arc<BTreeSet<String>>,
    /// Whether its range selectors leave out the start of the range.
    is_left_open: bool,
}

/// A range in milliseconds since the epoch, as a range selector has it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) start_ms: i64,
    pub(super) end_ms: i64,
}

impl RemoteRead {
    /// The samples that a range selector finds of series whose labels have no other names than these; `None` where the
    /// server must be asked by a range selector.
    pub(super) async fn samples(
        &self,
        transport: &Transport,
        selector: &Selector,
        names: &BTreeSet<&str>,
        span: Span,
        limits: Limits,
    ) -> Result<Option<Answer<Vec<RangeSeries>>>, PrometheusError> {
        let manners = match self.manners(transport).await {
            Ok(Some(manners)) => manners,
            Ok(None) => return Ok(None),
            Err(error) => return self.given_up(error).await,
        };
        // Whether a label of such a name is the series' own or was added, could not be told.
        if manners.external.iter().any(|name| names.contains(name.as_str())) {
            return Ok(None);
        }
        match ask(transport, selector, &manners, span, limits).await {
            Ok(answer) if are_named(&answer.value, names) => Ok(Some(answer)),
            // Perhaps labels that it adds since it was asked for them.
            Ok(_) => {
                *self.known.lock().await = None;
                Ok(None)
            }
            Err(error) => self.given_up(error).await,
        }
    }

    /// `None` where they are not known to be such that chunks can be used.
    async fn manners(&self, transport: &Transport) -> Result<Option<Manners>, PrometheusError> {
        if !transport.takes_post() {
            return Ok(None);
        }
        let mut known = self.known.lock().await;
        if let Some((_, manners)) = known.as_ref().filter(|(since, _)| since.elapsed() < KNOWN_FOR) {
            return Ok(manners.clone());
        }
        let build = status::build_info(transport).await?;
        let manners = match is_left_open(&build) {
            Some(is_left_open) => external_labels(transport)
                .await?
                .map(|external| Manners { external: Arc::new(external), is_left_open }),
            None => None,
        };
        *known = Some((Instant::now(), manners.clone()));
        Ok(manners)
    }

    /// What concerns remote read alone is no failure: the server is asked by range selectors from now on.
    async fn given_up<T>(&self, error: PrometheusError) -> Result<Option<T>, PrometheusError> {
        match &error {
            PrometheusError::Unauthorized
            | PrometheusError::Forbidden
            | PrometheusError::MethodNotAllowed
            | PrometheusError::Redirected { .. }
            | PrometheusError::NotPrometheus { .. }
            | PrometheusError::BadQuery { .. }
            | PrometheusError::Server { .. }
            | PrometheusError::Malformed { .. } => {
                tracing::info!(%error, "samples are not read by remote read");
                *self.known.lock().await = Some((Instant::now(), None));
                Ok(None)
            }
            _ => Err(error),
        }
    }
}

/// Whether the labels of all have no other names than these.
fn are_named(series: &[RangeSeries], names: &BTreeSet<&str>) -> bool {
    series.iter().all(|one| one.labels.iter().all(|(name, _)| names.contains(name)))
}

async fn ask(
    transport: &Transport,
    selector: &Selector,
    manners: &Manners,
    span: Span,
    limits: Limits,
) -> Result<Answer<Vec<RangeSeries>>, PrometheusError> {
    let start_ms = span.start_ms + i64::from(manners.is_left_open);
    let bounds = Bounds { start_ms, end_ms: span.end_ms };
    let message = ReadRequest::new(selector, bounds.start_ms, bounds.end_ms).encode_to_vec();
    let compressed = snap::raw::Encoder::new().compress_vec(&message);
    let message = compressed.map_err(|error| PrometheusError::Malformed {
        reason: format!("the request for samples cannot be compressed: {error}"),
    })?;
    let fixed = |text| HeaderValue::from_static(text);
    let headers = HeaderMap::from_iter([
        (CONTENT_TYPE, fixed("application/x-protobuf")),
        (CONTENT_ENCODING, fixed("snappy")),
        (HeaderName::from_static("x-prometheus-remote-read-version"), fixed("0.1.0")),
    ]);
    let (headers, body) = transport.post(&["api", "v1", "read"], &headers, Bytes::from(message)).await?;
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !kind.starts_with(STREAMED) {
        return Err(PrometheusError::NotPrometheus { got: "no frames of samples".to_owned() });
    }
    let external = Arc::clone(&manners.external);
    super::decoded(move || {
        let Body { bytes, cut_at_bytes, .. } = body;
        frames::read(&Bytes::from(bytes), cut_at_bytes, bounds, &external, limits)
    })
    .await
}

/// `None` of a server that is not known to be Prometheus.
fn is_left_open(build: &BuildInfo) -> Option<bool> {
    let major: u32 = build.version.split('.').next()?.parse().ok()?;
    (build.flavour == Flavour::Prometheus).then_some(major >= LEFT_OPEN_SINCE)
}

#[derive(Debug, Deserialize)]
struct Configuration {
    yaml: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Yaml {
    global: Global,
    remote_read: Vec<IgnoredAny>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Global {
    external_labels: BTreeMap<String, serde_yaml_ng::Value>,
}

/// The names of the labels that the server adds; `None` where it reads from other servers in turn: what those do not
/// answer it would leave out without a word.
async fn external_labels(transport: &Transport) -> Result<Option<BTreeSet<String>>, PrometheusError> {
    let body = transport.get(&["api", "v1", "status", "config"], &[]).await?;
    super::decoded(move || external_labels_of(&decode::data::<Configuration>(&body)?.value.yaml)).await
}

fn external_labels_of(yaml: &str) -> Result<Option<BTreeSet<String>>, PrometheusError> {
    // What the error says may quote the configuration.
    let yaml: Yaml = serde_yaml_ng::from_str(yaml).map_err(|_quoting| PrometheusError::Malformed {
        reason: "its configuration is no YAML".to_owned(),
    })?;
    Ok(yaml.remote_read.is_empty().then(|| yaml.global.external_labels.into_keys().collect()))
}

#[cfg(test)]
mod manners_tests {
    use super::*;

    #[test]
    fn external_labels_are_read_from_the_configuration() {
        let names =
            |yaml| external_labels_of(yaml).unwrap().map(|names| names.into_iter().collect::<Vec<_>>());
        let yaml = "global:\n  scrape_interval: 15s\n  external_labels:\n    replica: \"0\"\n    cluster: a\n\
                    scrape_configs:\n- job_name: x\n";
        assert_eq!(names(yaml).unwrap(), ["cluster", "replica"]);
        assert_eq!(names("global:\n  scrape_interval: 15s\n").unwrap(), [""; 0]);
        assert_eq!(names("{}").unwrap(), [""; 0]);
        assert_eq!(
            names("remote_read:\n- url: http://other/read\n"),
            None,
            "what is missing there is not told"
        );
        let error = external_labels_of("global: [s3cret").unwrap_err();
        assert!(!error.to_string().contains("s3cret"), "{error}");
    }

    #[test]
    fn only_prometheus_of_a_known_version_is_asked() {
        let build = |flavour, version: &str| {
            is_left_open(&BuildInfo { flavour, version: version.to_owned(), clock_skew_secs: None })
        };
        assert_eq!(build(Flavour::Prometheus, "2.42.0+ds"), Some(false));
        assert_eq!(build(Flavour::Prometheus, "3.5.0"), Some(true));
        assert_eq!(build(Flavour::Prometheus, "main"), None);
        assert_eq!(build(Flavour::Mimir, "2.14.0"), None);
        assert_eq!(build(Flavour::VictoriaMetrics, ""), None);
    }
}
