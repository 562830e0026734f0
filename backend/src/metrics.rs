//! What the process counts of itself: queries, requests, what came back. Grafana hands it on as Prometheus' text.

use std::fmt;
use std::sync::LazyLock;
use std::time::Duration;

use prometheus_client::encoding::text::encode_registry;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Names and values of so many labels.
type Labels<const N: usize> = [(&'static str, &'static str); N];
/// A histogram for each set of labels.
type Durations = Family<Labels<1>, Histogram, fn() -> Histogram>;

/// One set for the process, whatever is set up in it.
static METRICS: LazyLock<Metrics> = LazyLock::new(Metrics::new);

/// The counters.
pub struct Metrics {
    registry: Registry,
    /// Queries that are being answered.
    pub(crate) queries_running: Gauge,
    queries: Family<Labels<2>, Counter>,
    query_durations: Durations,
    requests: Family<Labels<1>, Counter>,
    request_duration: Histogram,
    series_read: Counter,
    response_bytes: Counter,
    window_lookups: Family<Labels<1>, Counter>,
}

/// The process's counters.
pub fn metrics() -> &'static Metrics {
    &METRICS
}

/// From a hundredth of a second, in steps of a factor of three, to minutes.
fn durations() -> Histogram {
    Histogram::new([0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0])
}

impl Metrics {
    fn new() -> Self {
        let metrics = Self {
            registry: Registry::default(),
            queries_running: Gauge::default(),
            queries: Family::default(),
            query_durations: Family::new_with_constructor(durations),
            requests: Family::default(),
            request_duration: durations(),
            series_read: Counter::default(),
            response_bytes: Counter::default(),
            window_lookups: Family::default(),
        };
        metrics.registered()
    }

    /// The library appends `_total` to the names of counters.
    fn registered(mut self) -> Self {
        let registry = &mut self.registry;
        let help = "Queries that are being answered";
        registry.register("leaklens_queries_running", help, self.queries_running.clone());
        let help = "Queries by type and by ok or the kind of their error";
        registry.register("leaklens_queries", help, self.queries.clone());
        registry.register(
            "leaklens_query_duration_seconds",
            "How long queries took",
            self.query_durations.clone(),
        );
        let help = "Requests to Prometheus and Alertmanager by ok or the kind of their error";
        registry.register("leaklens_requests", help, self.requests.clone());
        let help = "How long requests took, with waiting and retries";
        registry.register("leaklens_request_duration_seconds", help, self.request_duration.clone());
        registry.register(
            "leaklens_series_read",
            "Series that were read from answers",
            self.series_read.clone(),
        );
        registry.register(
            "leaklens_response_bytes",
            "Bytes of answers, decompressed",
            self.response_bytes.clone(),
        );
        let help = "First looks at large scopes by how much of them was known";
        registry.register("leaklens_window_lookups", help, self.window_lookups.clone());
        self
    }

    /// A query has ended: `outcome` is `ok` or the kind of its error.
    pub(crate) fn query(&self, kind: &'static str, outcome: &'static str, took: Duration) {
        self.queries.get_or_create(&[("type", kind), ("outcome", outcome)]).inc();
        self.query_durations.get_or_create(&[("type", kind)]).observe(took.as_secs_f64());
    }

    /// A request has ended: `outcome` is `ok` or the kind of its error.
    pub(crate) fn request(&self, outcome: &'static str, took: Duration) {
        self.requests.get_or_create(&[("outcome", outcome)]).inc();
        self.request_duration.observe(took.as_secs_f64());
    }

    /// So many bytes of an answer have come.
    pub(crate) fn read_bytes(&self, bytes: u64) {
        self.response_bytes.inc_by(bytes);
    }

    /// So many series have been read from an answer.
    pub(crate) fn read_series(&self, series: usize) {
        self.series_read.inc_by(series as u64);
    }

    /// A scope was looked up among what was asked before: `all`, `some` or `none` of it was there.
    pub(crate) fn looked_up(&self, found: &'static str) {
        self.window_lookups.get_or_create(&[("found", found)]).inc();
    }

    /// In Prometheus' text format.
    pub fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode_registry(&mut text, &self.registry)?;
        Ok(text)
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Metrics").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_told() {
        let metrics = Metrics::new();
        metrics.query("suspects", "timeout", Duration::from_millis(50));
        metrics.request("ok", Duration::from_secs(2));
        metrics.read_series(3);
        metrics.read_bytes(1000);
        metrics.looked_up("some");
        metrics.queries_running.inc();
        let text = metrics.text().unwrap();
        for line in [
            "leaklens_queries_total{type=\"suspects\",outcome=\"timeout\"} 1",
            "leaklens_query_duration_seconds_bucket{le=\"0.1\",type=\"suspects\"} 1",
            "leaklens_requests_total{outcome=\"ok\"} 1",
            "leaklens_request_duration_seconds_count 1",
            "leaklens_series_read_total 3",
            "leaklens_response_bytes_total 1000",
            "leaklens_window_lookups_total{found=\"some\"} 1",
            "leaklens_queries_running 1",
        ] {
            assert!(text.lines().any(|told| told == line), "{line} is missing from:\n{text}");
        }
    }
}
