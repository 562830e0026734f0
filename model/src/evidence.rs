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

/// What a check needs to know, named in runbooks as `<!-- leaklens: evidence=growth -->`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// Is it growing, how fast, how sure.
    Growth,
    /// Usage against the limit.
    Usage,
    /// Restarts and OOM kills.
    Restarts,
    /// Do the scrapes work: last error, 401 and 500 told apart.
    ScrapeHealth,
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
}
