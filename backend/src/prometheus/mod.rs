//! Prometheus' HTTP API, and nowhere else.
//!
//! [`Client`] asks; `transport` sends, over `tls`; `failure` tells apart why there is no answer; `decode` reads
//! samples straight into columns, `remote_read` without text between; `status` reads alerts, rules and targets.
//! [`Alertmanager`] is asked alike. Dropping a future cancels its request.

mod alertmanager;
pub mod decode;
mod error;
mod failure;
mod remote_read;
mod status;
mod tls;
mod transport;
mod types;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{OnceCell, mpsc};
use tokio::task::JoinError;

pub use self::alertmanager::{Alertmanager, AlertmanagerError};
use self::decode::{Arriving, Limits};
pub use self::error::PrometheusError;
use self::remote_read::{RemoteRead, Span};
pub(crate) use self::status::time_ms;
use self::transport::{Expected, SMALL, Transport};
pub use self::types::{
    ActiveAlert, AlertRule, Answer, BuildInfo, Flavour, InstantSample, Range, RangeSeries, Target,
    TargetHealth,
};
use crate::metrics::metrics;
use crate::promql::{Selector, duration_ms};
use crate::settings::Settings;

/// Most points of a series up to which a range query counts as small enough to be worth compressing.
const FEW_POINTS: f64 = 200.0;

/// So many pieces of an answer may wait to be decoded; then the server waits.
const CHUNKS_AHEAD: usize = 64;

/// A Prometheus-compatible server. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    transport: Arc<Transport>,
    /// Where alerts and rules are, if not there.
    ruler: Option<Arc<Transport>>,
    alertmanager: Option<Arc<Alertmanager>>,
    /// What kind of server it is, once it has said so.
    flavour: Arc<OnceCell<Flavour>>,
    remote_read: RemoteRead,
    limits: Limits,
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Client").field("host", &self.transport.host()).finish_non_exhaustive()
    }
}

impl Client {
    /// A client of the server the settings name. Connects to nothing yet.
    pub fn new(settings: &Settings) -> Result<Self, PrometheusError> {
        let limits = Limits { max_series: settings.max_series, max_samples: settings.max_samples };
        let at = |url: &reqwest::Url| Settings { url: Some(url.clone()), ..settings.clone() };
        let ruler = settings.ruler_url.as_ref().map(|url| Transport::new(&at(url))).transpose()?;
        let alertmanager =
            settings.alertmanager.as_ref().map(|access| Alertmanager::new(access, settings)).transpose()?;
        Ok(Self {
            transport: Arc::new(Transport::new(settings)?),
            ruler: ruler.map(Arc::new),
            alertmanager: alertmanager.map(Arc::new),
            flavour: Arc::default(),
            remote_read: RemoteRead::default(),
            limits,
        })
    }

    /// The value of an expression at one time. A scalar is one sample without labels.
    pub async fn query(
        &self,
        expr: &str,
        at_secs: f64,
    ) -> Result<Answer<Vec<InstantSample>>, PrometheusError> {
        let params = [("query", expr.to_owned()), ("time", time_param(at_secs))];
        let body = self.transport.query("/api/v1/query", &params, SMALL).await?;
        let answer = decode::instant(&body.bytes, self.limits)?;
        metrics().read_series(answer.value.len());
        Ok(answer)
    }

    /// The raw samples that a range selector such as `up[5m]` selects, up to a time.
    pub async fn samples(
        &self,
        selector: &str,
        at_secs: f64,
    ) -> Result<Answer<Vec<RangeSeries>>, PrometheusError> {
        let params = [("query", selector.to_owned()), ("time", time_param(at_secs))];
        self.matrix("/api/v1/query", &params, false).await
    }

    /// The same samples of the last so many seconds, by remote read where the server offers it: of series whose labels
    /// have no other names than these.
    pub async fn samples_of(
        &self,
        selector: &Selector,
        names: &BTreeSet<&str>,
        window_secs: f64,
        at_secs: f64,
    ) -> Result<Answer<Vec<RangeSeries>>, PrometheusError> {
        let end_ms = (at_secs * 1000.0).round() as i64;
        let span = Span { start_ms: end_ms.saturating_sub_unsigned(duration_ms(window_secs)), end_ms };
        if let Some(answer) =
            self.remote_read.samples(&self.transport, selector, names, span, self.limits).await?
        {
            metrics().read_series(answer.value.len());
            return Ok(answer);
        }
        self.samples(&selector.over(window_secs), at_secs).await
    }

    /// The values of an expression over a range.
    pub async fn query_range(
        &self,
        expr: &str,
        range: Range,
    ) -> Result<Answer<Vec<RangeSeries>>, PrometheusError> {
        let params = [
            ("query", expr.to_owned()),
            ("start", time_param(range.start_secs)),
            ("end", time_param(range.end_secs)),
            ("step", range.step_secs.to_string()),
        ];
        let small = (range.end_secs - range.start_secs) / range.step_secs <= FEW_POINTS;
        self.matrix("/api/v1/query_range", &params, small).await
    }

    /// Series with their samples, decoded while they come.
    async fn matrix(
        &self,
        path: &str,
        params: &[(&str, String)],
        small: bool,
    ) -> Result<Answer<Vec<RangeSeries>>, PrometheusError> {
        let (taker, mut chunks) = mpsc::channel::<Bytes>(CHUNKS_AHEAD);
        let mut arriving = Arriving::new(self.limits);
        // On a thread of its own: it takes a while and must not hold up the other requests of this one.
        let decoder = tokio::task::spawn_blocking(move || {
            while let Some(chunk) = chunks.blocking_recv() {
                arriving.push(&chunk);
            }
            arriving
        });
        let expected = Expected { small, may_be_cut: true, taker: Some(&taker) };
        let body = self.transport.query(path, params, expected).await?;
        drop(taker);
        let arrived = decoder.await.map_err(|error| given_up(&error))?;
        let answer = decoded(move || arrived.end(body.cut_at_bytes)).await?;
        metrics().read_series(answer.value.len());
        Ok(answer)
    }

    /// Label sets of the series that any of the matchers selects, over a range.
    pub async fn series(
        &self,
        matchers: &[String],
        range: Range,
    ) -> Result<Answer<Vec<model::labels::Labels>>, PrometheusError> {
        let mut params = range_params(range);
        params.extend(matchers.iter().map(|matcher| ("match[]", matcher.clone())));
        let body = self.transport.query("/api/v1/series", &params, SMALL).await?;
        decode::data(&body.bytes)
    }

    /// The values of a label among the series that any of the matchers selects (all without one), sorted.
    pub async fn label_values(
        &self,
        name: &str,
        matchers: &[String],
        range: Range,
    ) -> Result<Answer<Vec<String>>, PrometheusError> {
        let mut params = range_params(range);
        params.extend(matchers.iter().map(|matcher| ("match[]", matcher.clone())));
        let body = self.transport.get(&["api", "v1", "label", name, "values"], &params).await?;
        let answer: Answer<Option<BTreeSet<String>>> = decode::data(&body)?;
        Ok(answer.map(|values| values.unwrap_or_default().into_iter().collect()))
    }

    /// Pending and firing alerts of the server's own rules.
    pub async fn alerts(&self) -> Result<Answer<Vec<ActiveAlert>>, PrometheusError> {
        let body = self.ruler().get(&["api", "v1", "alerts"], &[]).await?;
        Ok(decode::data::<status::Alerts>(&body)?.map(status::Alerts::read))
    }

    /// The server's alerting rules, in the order of their groups.
    pub async fn rules(&self) -> Result<Answer<Vec<AlertRule>>, PrometheusError> {
        let params = [("type", "alert".to_owned())];
        let body = self.ruler().get(&["api", "v1", "rules"], &params).await?;
        Ok(decode::data::<status::Rules>(&body)?.map(status::Rules::read))
    }

    /// The targets being scraped.
    pub async fn targets(&self) -> Result<Answer<Vec<Target>>, PrometheusError> {
        let params = [("state", "active".to_owned())];
        let body = self.transport.get(&["api", "v1", "targets"], &params).await?;
        Ok(decode::data::<status::Targets>(&body)?.map(status::Targets::read))
    }

    fn ruler(&self) -> &Transport {
        self.ruler.as_ref().unwrap_or(&self.transport)
    }

    /// The Alertmanager of the settings.
    pub fn alertmanager(&self) -> Option<&Alertmanager> {
        self.alertmanager.as_deref()
    }

    /// Who evaluates the rules, for people.
    pub async fn evaluator(&self) -> String {
        if let Some(ruler) = &self.ruler {
            return format!("ruler at {}", ruler.host());
        }
        let asked = self.flavour.get_or_try_init(|| async { Ok(self.build_info().await?.flavour) });
        // A server that does not say what it is has been asked for alerts as well, and that failure is told.
        let flavour: Result<_, PrometheusError> = asked.await;
        flavour.copied().unwrap_or(Flavour::Compatible).name().to_owned()
    }

    /// Who answers, in which version, and how far its clock is off.
    pub async fn build_info(&self) -> Result<BuildInfo, PrometheusError> {
        match status::build_info(&self.transport).await {
            // Older and stripped-down servers do not say who they are, but answer queries.
            Err(PrometheusError::NotPrometheus { .. } | PrometheusError::BadQuery { status: 404, .. }) => {
                let params = [("query", "vector(1)".to_owned())];
                let body = self.transport.query("/api/v1/query", &params, SMALL).await?;
                decode::instant(&body.bytes, self.limits)?;
                Ok(BuildInfo { flavour: Flavour::Compatible, version: String::new(), clock_skew_secs: None })
            }
            answer => answer,
        }
    }
}

/// Large answers take a while to decode and must not hold up the other requests of this thread.
async fn decoded<T: Send + 'static>(
    decode: impl FnOnce() -> Result<T, PrometheusError> + Send + 'static,
) -> Result<T, PrometheusError> {
    tokio::task::spawn_blocking(decode).await.map_err(|error| given_up(&error))?
}

fn given_up(error: &JoinError) -> PrometheusError {
    PrometheusError::Malformed { reason: format!("decoding was given up: {error}") }
}

/// Reads the saved answer of a range query, however large.
pub fn read_range(body: &[u8]) -> Result<Answer<Vec<RangeSeries>>, PrometheusError> {
    decode::range(body, None, Limits { max_series: usize::MAX, max_samples: usize::MAX })
}

fn range_params(range: Range) -> Vec<(&'static str, String)> {
    vec![("start", time_param(range.start_secs)), ("end", time_param(range.end_secs))]
}

/// Milliseconds are what servers keep; more digits only make equal queries look different.
fn time_param(secs: f64) -> String {
    ((secs * 1000.0).round() / 1000.0).to_string()
}
