//! Texts of the evidence.

use model::evidence::{EvidenceKind, FindingState};

/// Heading of the evidence.
pub const EVIDENCE: &str = "Evidence";
/// No checks.
pub const NO_EVIDENCE: &str = "No checks to show";
/// Link to the query behind a finding.
pub const EXPLORE: &str = "Explore";
/// A check came out well.
pub const FINDING_OK: &str = "OK";
/// A check wants attention.
pub const FINDING_ATTENTION: &str = "Look";
/// A check came out badly.
pub const FINDING_BAD: &str = "Bad";
/// A check could not be made.
pub const FINDING_UNKNOWN: &str = "Unknown";
/// Metrics cannot answer.
pub const FINDING_NOT_ANSWERABLE: &str = "Check by hand";

/// How a check came out, in a word.
pub fn finding_word(state: FindingState) -> &'static str {
    match state {
        FindingState::Ok => FINDING_OK,
        FindingState::Attention => FINDING_ATTENTION,
        FindingState::Bad => FINDING_BAD,
        FindingState::Unknown => FINDING_UNKNOWN,
        FindingState::NotAnswerable => FINDING_NOT_ANSWERABLE,
    }
}

/// What a check is about.
pub fn evidence_title(kind: EvidenceKind) -> &'static str {
    match kind {
        EvidenceKind::Growth => "Growth",
        EvidenceKind::Usage => "Usage",
        EvidenceKind::Restarts => "Restarts",
        EvidenceKind::ScrapeHealth => "Scrapes",
        EvidenceKind::SampleAge => "Last sample",
        EvidenceKind::RulesLoaded => "Alert rules",
        EvidenceKind::TopViews => "Views",
        EvidenceKind::ObjectGrowth => "Objects",
        EvidenceKind::GcRate => "Garbage collection",
        EvidenceKind::RequestRate => "Requests",
        EvidenceKind::ErrorRate => "Errors",
        EvidenceKind::DatabaseQueries => "Database",
        EvidenceKind::Cpu => "CPU",
        EvidenceKind::UserActivity => "Users",
        EvidenceKind::TimePattern => "Time of day",
        EvidenceKind::Deploys => "Deploys",
        EvidenceKind::Siblings => "Other replicas",
        EvidenceKind::PageCache => "Page cache",
        EvidenceKind::RightSizing => "Sizing",
    }
}
