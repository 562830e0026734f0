//! The compiled-in runbooks, for where no data source of ours answers with pages.

use model::query::{Scope, Selection};
use model::runbook::{FilledPage, FilledRunbook};

use crate::data::{Page, parse};

include!("marks.rs");

/// The page of the alert that the dashboard's variables name, with what they say in its commands, and the general
/// sections. A value that would need quotes stays a gap: quoting is the data source's. Nothing where they name no alert.
pub fn pages(scope: &Scope) -> Vec<Page> {
    if scope.alertname.is_any() {
        return Vec::new();
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
    let FilledRunbook { pages, general } = parse(&json).unwrap_or_default();
    let (own, others): (Vec<_>, Vec<_>) =
        pages.into_iter().partition(|page| page.alerts.iter().any(|alert| scope.alertname.admits(alert)));
    drop(others);
    let page = |for_alert: bool| {
        let gaps = &gaps;
        move |page| Page { for_alert, page: with_gaps(page, gaps) }
    };
    own.into_iter().map(page(true)).chain(general.into_iter().map(page(false))).collect()
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

/// The page with what is not known among what is missing of its commands.
fn with_gaps(mut page: FilledPage, gaps: &[String]) -> FilledPage {
    for group in &mut page.groups {
        let of_steps = group.steps.iter_mut().flat_map(|step| &mut step.commands);
        for command in of_steps.chain(&mut group.commands) {
            command.missing.extend(gaps.iter().filter(|gap| command.filled.contains(*gap)).cloned());
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use model::runbook::FilledCommand;

    use super::*;

    fn commands(pages: &[Page]) -> Vec<&FilledCommand> {
        let own = pages.iter().filter(|page| page.for_alert);
        let steps = own.flat_map(|page| &page.page.groups).flat_map(|group| &group.steps);
        steps.flat_map(|step| &step.commands).collect()
    }

    fn of(pod: &str) -> Vec<Page> {
        pages(&Scope {
            alertname: Selection::one("HighMemoryGrowthRate"),
            namespace: Selection::one("shop"),
            pod: Selection::one(pod),
            ..Scope::default()
        })
    }

    #[test]
    fn the_page_of_the_alert_is_there_with_its_commands_filled_in() {
        let pages = of("web-1");
        assert_eq!(pages.iter().filter(|page| page.for_alert).count(), 1);
        assert!(pages.iter().filter(|page| !page.for_alert).count() > 5, "the general sections");
        let commands = commands(&pages);
        let filled = |text: &str| commands.iter().filter(|command| command.filled.contains(text)).count();
        assert!(filled("-n shop") > 0 && filled("web-1") > 0);
        assert_eq!(filled("leaklens-mark"), 0);
        assert!(super::pages(&Scope::default()).is_empty());
    }

    #[test]
    fn what_would_need_quotes_stays_a_gap_that_is_said() {
        for hostile in ["web; rm -rf ~", "$(id)", "-rf", "a\"b", "a'b", "a\\b", "a b", ""] {
            let pages = of(hostile);
            let commands = commands(&pages);
            let gaps = commands.iter().filter(|command| command.filled.contains("<pod>"));
            let gaps: Vec<_> = gaps.collect();
            assert!(!gaps.is_empty(), "{hostile}");
            assert!(gaps.iter().all(|command| command.missing.iter().any(|gap| gap == "<pod>")), "{hostile}");
        }
    }
}
