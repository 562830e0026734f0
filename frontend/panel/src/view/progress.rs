//! Which steps of the runbook are done.
//!
//! Records are only ever added; of those of one step the newest counts, so that two people never undo each other's
//! work unseen.

use model::frames::AlertRow;
use serde_json::Value;

/// Somebody ticked a step, or took the tick back.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Record {
    /// The hash of the step's page.
    pub page: String,
    /// The step's identifier.
    pub step: String,
    /// Whether it is done.
    pub done: bool,
    /// Who says so; empty for a record that only this browser keeps.
    pub who: String,
    /// When, milliseconds since the epoch.
    pub at_ms: f64,
    /// Why only this browser keeps it: `forbidden`, or a message.
    pub why: String,
}

/// What the host knows of an incident.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recorded {
    /// Oldest first.
    pub records: Vec<Record>,
    /// Why not all could be read, or empty.
    pub fault: String,
}

/// A record to be added.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    /// The incident.
    pub incident: String,
    /// The hash of the step's page.
    pub page: String,
    /// The step's identifier.
    pub step: String,
    /// Whether it is done.
    pub done: bool,
    /// What happened, for people who look at annotations.
    pub text: String,
}

impl Recorded {
    /// What the host answered. By hand: what serde derives is larger than all the rest of this.
    pub fn read(answer: &Value) -> Self {
        let text = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
        let record = |value: &Value| Record {
            page: text(value, "page"),
            step: text(value, "step"),
            done: value["done"] == true,
            who: text(value, "who"),
            at_ms: value["atMs"].as_f64().unwrap_or_default(),
            why: text(value, "why"),
        };
        let records = answer["records"].as_array().map(Vec::as_slice).unwrap_or_default();
        Self { records: records.iter().map(record).collect(), fault: text(answer, "fault") }
    }

    /// What was last said of a step.
    pub fn of(&self, page: &str, step: &str) -> Option<&Record> {
        self.records.iter().rev().find(|record| record.page == page && record.step == step)
    }

    /// The newest record that only this browser keeps.
    pub fn kept_here(&self) -> Option<&Record> {
        self.records.iter().rev().find(|record| !record.why.is_empty())
    }
}

/// What identifies an incident: the alert's fingerprint and the second since which its condition holds. Prometheus
/// remembers no finer time over a restart.
pub fn incident(alert: &AlertRow) -> Option<String> {
    let since = alert.since?;
    (!alert.fingerprint.is_empty()).then(|| format!("{}-{}", alert.fingerprint, since.0.div_euclid(1000)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::frames::Millis;

    fn record(step: &str, done: bool, why: &str) -> Record {
        Record { page: "p".to_owned(), step: step.to_owned(), done, why: why.to_owned(), ..Record::default() }
    }

    #[test]
    fn the_newest_record_of_a_step_counts_and_only_on_its_page() {
        let records = vec![record("a", true, ""), record("b", true, "forbidden"), record("a", false, "")];
        let recorded = Recorded { records, ..Recorded::default() };
        assert_eq!(recorded.of("p", "a").map(|record| record.done), Some(false));
        assert_eq!(recorded.of("p", "b").map(|record| record.done), Some(true));
        assert_eq!(recorded.of("another", "a"), None, "the page was changed since");
        assert_eq!(recorded.kept_here().map(|record| record.step.as_str()), Some("b"));
    }

    #[test]
    fn an_incident_is_an_alert_since_a_second() {
        let alert = |fingerprint: &str, since| AlertRow {
            fingerprint: fingerprint.to_owned(),
            since,
            ..AlertRow::default()
        };
        let of = |millis| incident(&alert("f00d", Some(Millis(millis))));
        assert_eq!(of(1_795_521_600_123).as_deref(), Some("f00d-1795521600"));
        assert_eq!(of(1_795_521_600_123), of(1_795_521_600_000), "what Prometheus restores after a restart");
        assert_ne!(of(1_795_521_600_000), of(1_795_521_601_000));
        assert_eq!(incident(&alert("f00d", None)), None);
        assert_eq!(incident(&alert("", Some(Millis(0)))), None);
    }
}
