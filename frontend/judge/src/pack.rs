//! The compiled-in runbooks, for where no data source of ours answers with pages.

use model::frames::RunbookRow;
use model::query::{Scope, Selection};
use model::runbook::{FilledPage, FilledRunbook};

include!("marks.rs");

/// The pages that answer `runbook`, with what the dashboard's variables say in their commands. The error is of the
/// compiled-in text, which a test reads.
pub fn pages(scope: &Scope) -> Result<Vec<RunbookRow>, serde_json::Error> {
    let FilledRunbook { pages, general } = filled(scope)?;
    let of_alert = pages.iter().map(|page| RunbookRow::of("alert", page));
    Ok(of_alert.chain(general.iter().map(|page| RunbookRow::of("general", page))).collect())
}

/// The page of the alert that the variables name, and the general sections. A value that would need quotes stays a gap:
/// quoting is the data source's. Nothing where they name no alert.
fn filled(scope: &Scope) -> Result<FilledRunbook, serde_json::Error> {
    if scope.alertname.is_any() {
        return Ok(FilledRunbook::default());
    }
    let mut json = include_str!(concat!(env!("OUT_DIR"), "/pack.json")).to_owned();
    let mut gaps = Vec::new();
    for (role, mark) in MARKS {
        let known = value(scope, role).single().filter(|value| needs_no_quotes(value));
        let gap = format!("<{role}>");
        json = json.replace(mark, known.unwrap_or(&gap));
        if known.is_none() {
            gaps.push(gap);
        }
    }
    let mut runbook: FilledRunbook = serde_json::from_str(&json)?;
    runbook.pages.retain(|page| page.alerts.iter().any(|alert| scope.alertname.admits(alert)));
    for page in runbook.pages.iter_mut().chain(&mut runbook.general) {
        name_gaps(page, &gaps);
    }
    Ok(runbook)
}

fn value<'a>(scope: &'a Scope, role: &str) -> &'a Selection {
    match role {
        "namespace" => &scope.namespace,
        "pod" => &scope.pod,
        "container" => &scope.container,
        "workload" => &scope.workload,
        "instance" => &scope.instance,
        _ => &scope.job,
    }
}

/// Whether a value is one word to every shell, inside and outside of quotes, and no option.
fn needs_no_quotes(value: &str) -> bool {
    value.starts_with(|first: char| first.is_ascii_alphanumeric())
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".:-_".contains(&byte))
}

/// Names what is not known among what is missing of the page's commands.
fn name_gaps(page: &mut FilledPage, gaps: &[String]) {
    for group in &mut page.groups {
        let of_steps = group.steps.iter_mut().flat_map(|step| &mut step.commands);
        for command in of_steps.chain(&mut group.commands) {
            command.missing.extend(gaps.iter().filter(|gap| command.filled.contains(*gap)).cloned());
        }
    }
}

#[cfg(test)]
mod tests {
    use model::runbook::FilledCommand;

    use super::*;

    fn commands(runbook: &FilledRunbook) -> Vec<&FilledCommand> {
        let steps = runbook.pages.iter().flat_map(|page| &page.groups).flat_map(|group| &group.steps);
        steps.flat_map(|step| &step.commands).collect()
    }

    fn scope(pod: &str) -> Scope {
        Scope {
            alertname: Selection::one("HighMemoryGrowthRate"),
            namespace: Selection::one("shop"),
            pod: Selection::one(pod),
            ..Scope::default()
        }
    }

    fn of(pod: &str) -> FilledRunbook {
        filled(&scope(pod)).expect("the pack can be read")
    }

    #[test]
    fn the_page_of_the_alert_is_there_with_its_commands_filled_in() {
        let runbook = of("web-1");
        assert_eq!(runbook.pages.len(), 1);
        assert!(runbook.general.len() > 5, "the general sections");
        let commands = commands(&runbook);
        let filled = |text: &str| commands.iter().filter(|command| command.filled.contains(text)).count();
        assert!(filled("-n shop") > 0 && filled("web-1") > 0);
        assert_eq!(filled("leaklens-mark"), 0);
        let rows = pages(&scope("web-1")).expect("the pack can be read");
        assert_eq!(rows.iter().filter(|row| row.role == "alert").count(), 1);
        assert_eq!(rows.len(), 1 + runbook.general.len());
        assert_eq!(pages(&Scope::default()).map(|rows| rows.len()).ok(), Some(0), "no alert is named");
    }

    #[test]
    fn what_would_need_quotes_stays_a_gap_that_is_said() {
        for hostile in ["web; rm -rf ~", "$(id)", "-rf", "a\"b", "a'b", "a\\b", "a b", ""] {
            let runbook = of(hostile);
            let commands = commands(&runbook);
            let gaps: Vec<_> = commands.iter().filter(|command| command.filled.contains("<pod>")).collect();
            assert!(!gaps.is_empty(), "{hostile}");
            assert!(gaps.iter().all(|command| command.missing.iter().any(|gap| gap == "<pod>")), "{hostile}");
        }
    }
}
