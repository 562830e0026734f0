//! Whether the server evaluates the alert rules of our pack.

use std::collections::BTreeSet;

use model::evidence::{EvidenceKind, Finding, FindingState};
use model::runbook::Library;

use crate::prometheus::{AlertRule, Client};

pub(super) async fn finding(client: &Client) -> Finding {
    let pack = Library::builtin();
    let ours: BTreeSet<&str> = pack.pages().flat_map(|page| page.alerts.iter().map(String::as_str)).collect();
    let (state, sentence) = match client.rules().await {
        Ok(rules) => judge(&rules.value, &ours),
        Err(error) => (FindingState::Unknown, format!("whether alert rules are loaded is unknown: {error}")),
    };
    super::finding(EvidenceKind::RulesLoaded, state, sentence, "")
}

fn judge(rules: &[AlertRule], ours: &BTreeSet<&str>) -> (FindingState, String) {
    let loaded = |name: &&str| rules.iter().any(|rule| rule.name == **name);
    let (there, missing): (Vec<&str>, Vec<&str>) = ours.iter().copied().partition(loaded);
    let failing = rules.iter().find(|rule| rule.health == "err" && ours.contains(rule.name.as_str()));
    let count = format!("{} of {} alert rules of Leaklens are loaded", there.len(), ours.len());
    if let Some(rule) = failing {
        let sentence = format!("{count}, and {} fails: {}", rule.name, rule.last_error);
        return (FindingState::Bad, sentence);
    }
    if there.is_empty() {
        let sentence = format!(
            "the server evaluates {} alert rules and none of Leaklens: it raises none of these alerts",
            rules.len()
        );
        return (FindingState::Bad, sentence);
    }
    if missing.is_empty() {
        return (FindingState::Ok, format!("all {count} and none fails"));
    }
    (FindingState::Attention, format!("{count}; missing: {}", missing.join(", ")))
}

#[cfg(test)]
mod tests {
    use model::labels::Labels;

    use super::*;

    fn rule(name: &str, health: &str) -> AlertRule {
        AlertRule {
            name: name.to_owned(),
            group: "memory".to_owned(),
            expr: String::new(),
            for_secs: 0.0,
            labels: Labels::default(),
            annotations: Labels::default(),
            health: health.to_owned(),
            last_error: if health == "err" { "many-to-many".to_owned() } else { String::new() },
        }
    }

    #[test]
    fn loaded_missing_and_failing_are_told_apart() {
        let ours = BTreeSet::from(["One", "Two"]);
        let judged = |rules: &[AlertRule]| judge(rules, &ours);
        assert_eq!(judged(&[rule("One", "ok"), rule("Two", "ok")]).0, FindingState::Ok);
        let (state, sentence) = judged(&[rule("One", "ok"), rule("Other", "ok")]);
        assert_eq!(state, FindingState::Attention);
        assert!(sentence.ends_with("missing: Two"), "{sentence}");
        assert_eq!(judged(&[rule("Other", "ok")]).0, FindingState::Bad);
        let (state, sentence) = judged(&[rule("One", "err"), rule("Two", "ok")]);
        assert_eq!(state, FindingState::Bad);
        assert!(sentence.contains("One fails: many-to-many"), "{sentence}");
    }
}
