//! Answers to the checks of a runbook.

use serde::{Deserialize, Serialize};

/// How a check came out. Missing data is never [`FindingState::Ok`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingState {
    /// Checked and as it should be.
    Ok,
    /// Worth a look.
    Attention,
    /// Wrong.
    Bad,
    /// Could not be told; the sentence says why.
    Unknown,
    /// Metrics cannot tell; the step's command or link does.
    NotAnswerable,
}

/// Declares the kinds with their names, so that the list exists once.
macro_rules! kinds {
    ($($(#[$doc:meta])+ $kind:ident = $name:literal,)+) => {
        /// What a check needs to know, named in runbooks as `<!-- leaklens: evidence=growth -->`. Kinds are only
        /// ever added; one that nobody answers leaves its step without a finding.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum EvidenceKind {
            $($(#[$doc])+ #[serde(rename = $name)] $kind,)+
        }

        impl EvidenceKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$kind),+];

            /// Its name in runbooks and JSON.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$kind => $name),+ }
            }
        }
    };
}

kinds! {
    /// Is it growing, how fast, how sure.
    Growth = "growth",
    /// Usage against the limit.
    Usage = "usage",
    /// Restarts and OOM kills.
    Restarts = "restarts",
    /// Do the scrapes work: last error, 401 and 500 told apart.
    ScrapeHealth = "scrape_health",
    /// Age of the last sample.
    SampleAge = "sample_age",
    /// Are the alert rules of our pack loaded.
    RulesLoaded = "rules_loaded",
    /// Views by allocation per request and growth events.
    TopViews = "top_views",
    /// Growth of objects by type.
    ObjectGrowth = "object_growth",
    /// Collections of the garbage collector.
    GcRate = "gc_rate",
    /// Does memory move with requests.
    RequestRate = "request_rate",
    /// Does memory move with errors.
    ErrorRate = "error_rate",
    /// Does memory move with database queries.
    DatabaseQueries = "database_queries",
    /// Does memory move with CPU use.
    Cpu = "cpu",
    /// Does memory move with the activity of users.
    UserActivity = "user_activity",
    /// Hours and weekdays at which it grows.
    TimePattern = "time_pattern",
    /// Deploys and changes of configuration, growth by version.
    Deploys = "deploys",
    /// The other replicas of the workload.
    Siblings = "siblings",
    /// Resident memory against page cache.
    PageCache = "page_cache",
    /// Limit and request against floor and forecast.
    RightSizing = "right_sizing",
}

impl EvidenceKind {
    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }
}

/// One answered check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Which check.
    pub kind: EvidenceKind,
    /// How it came out.
    pub state: FindingState,
    /// The answer in one sentence, with figures and units.
    pub sentence: String,
    /// The PromQL behind it, or empty.
    pub query: String,
    /// What the sentence tells of, at evenly spaced times of the range; empty where a picture says no more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub course: Vec<Option<f64>>,
}
