//! What the server answers with.

use std::sync::Arc;

use model::alert::AlertState;
use model::labels::Labels;
use model::series::Series;

/// A value and what the server remarked about it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer<T> {
    /// What was asked for.
    pub value: T,
    /// Warnings and infos of the server, and what was left out here, in plain words.
    pub notices: Vec<String>,
}

impl<T> Answer<T> {
    /// The same notices around another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Answer<U> {
        Answer { value: change(self.value), notices: self.notices }
    }
}

/// A closed time range and its resolution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// First point, seconds since the epoch.
    pub start_secs: f64,
    /// Last point at most, seconds since the epoch.
    pub end_secs: f64,
    /// Distance of points, seconds.
    pub step_secs: f64,
}

/// One sample of an instant query. A scalar has no labels.
#[derive(Debug, Clone, PartialEq)]
pub struct InstantSample {
    /// Labels, `__name__` among them where the expression keeps it.
    pub labels: Labels,
    /// Seconds since the epoch.
    pub time_secs: f64,
    /// In the expression's unit; NaN and infinities included.
    pub value: f64,
}

/// One series of a range query.
#[derive(Debug, Clone, PartialEq)]
pub struct RangeSeries {
    /// Labels, `__name__` among them where the expression keeps it. Shared: caches, suspects and rows hold the same.
    pub labels: Arc<Labels>,
    /// Samples as the server sent them.
    pub series: Series,
}

/// An alert as the server's own rules have it.
#[derive(Debug, Clone, PartialEq)]
pub struct ActiveAlert {
    /// The label `alertname`.
    pub name: String,
    /// The other labels.
    pub labels: Labels,
    /// Annotations, expanded.
    pub annotations: Labels,
    /// Pending or firing.
    pub state: AlertState,
    /// Since when its condition holds, milliseconds since the epoch.
    pub active_at_ms: Option<i64>,
    /// The value of its expression.
    pub value: Option<f64>,
}

/// An alerting rule.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertRule {
    /// The alert's name.
    pub name: String,
    /// The group it stands in.
    pub group: String,
    /// Its expression.
    pub expr: String,
    /// Its `for`, seconds.
    pub for_secs: f64,
    /// Labels it adds, templates unexpanded.
    pub labels: Labels,
    /// Annotations, templates unexpanded.
    pub annotations: Labels,
    /// `ok`, `err` or `unknown`.
    pub health: String,
    /// Why its last evaluation failed, or empty.
    pub last_error: String,
}

/// Whether a target's last scrape went well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetHealth {
    /// It did.
    Up,
    /// It did not.
    Down,
    /// Not scraped yet, or the server does not say.
    Unknown,
}

/// A scraped target.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// The label `job`.
    pub job: String,
    /// The label `instance`.
    pub instance: String,
    /// All its labels after relabelling.
    pub labels: Labels,
    /// Where it is scraped, without credentials and parameters.
    pub scrape_url: String,
    /// How the last scrape went.
    pub health: TargetHealth,
    /// Why the last scrape failed, or empty; URLs in it without credentials and parameters.
    pub last_error: String,
    /// When it was last scraped, milliseconds since the epoch.
    pub last_scrape_ms: Option<i64>,
    /// How often it is scraped, seconds; Prometheus says so since 2.25.
    pub interval_secs: Option<f64>,
}

/// What kind of server answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// Prometheus itself.
    Prometheus,
    /// VictoriaMetrics, single node or cluster.
    VictoriaMetrics,
    /// Grafana Mimir.
    Mimir,
    /// Thanos Query.
    Thanos,
    /// A server that answers as Prometheus does and does not say what it is.
    Compatible,
}

impl Flavour {
    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Prometheus => "Prometheus",
            Self::VictoriaMetrics => "VictoriaMetrics",
            Self::Mimir => "Mimir",
            Self::Thanos => "Thanos",
            Self::Compatible => "a Prometheus-compatible server",
        }
    }
}

/// Who answers.
#[derive(Debug, Clone, PartialEq)]
pub struct BuildInfo {
    /// What kind of server.
    pub flavour: Flavour,
    /// Its version, or empty where it does not say.
    pub version: String,
    /// How far the server's clock is ahead of ours, seconds, to about one second; negative when behind.
    pub clock_skew_secs: Option<f64>,
}
