//! `runbook`: the pages of the alerts at hand, filled in and with findings.

use model::alert::{Alert, AlertState, Subject};
use model::frames::{Frame, RunbookRow, Table as _};
use model::labels::Labels;
use model::query::{Scope, Selection};
use model::runbook::{Facts, RunbookSettings};

use super::{AnswerError, Asked, alerts, suspects, warnings};
use crate::alerts::Alerts;
use crate::evidence;
use crate::scan::{Scan, Suspect};

/// Why there is nobody to find something out about.
const NOBODY: &str = "no memory metric of this alert's subject is in the time range";
pub(super) const UNREAD: &str = "memory could not be read";

pub(super) async fn answer(asked: Asked<'_>) -> Result<Vec<Frame>, AnswerError> {
    let (alerts, scan) = tokio::join!(alerts::relevant(asked), suspects::scan_of(asked));
    // Pages help most when the server is in trouble: what could not be read is said and the page still comes.
    let mut notices = Vec::new();
    let alerts = alerts.unwrap_or_else(|error| {
        notices.push(format!("alerts could not be read: {error}"));
        Alerts::default()
    });
    if let Err(error) = &scan {
        notices.push(format!("{UNREAD}: {error}"));
    }
    let mut frame = frame(asked, &alerts.alerts, scan.as_deref().ok()).await;
    frame.notices.extend(warnings(notices));
    Ok(vec![frame])
}

/// The pages beside what a scan found; `None` where memory could not be read.
pub(super) async fn frame(asked: Asked<'_>, alerts: &[Alert], scan: Option<&Scan>) -> Frame {
    let alerts = with_named(alerts, &asked.query.scope);
    let worst = alerts.first();
    let nobody = if scan.is_some() { NOBODY } else { UNREAD };
    let everyone: Vec<&Suspect> = scan.into_iter().flat_map(Scan::everyone).collect();
    let suspect = suspect_of(worst, &everyone);

    let settings = RunbookSettings {
        parameters: asked.settings.runbook_parameters.clone(),
        clusters: asked.settings.clusters.clone(),
    };
    let (findings, replicas) = tokio::join!(
        evidence::findings(
            asked.client,
            asked.settings,
            suspect.ok_or(nobody),
            &everyone,
            worst,
            asked.window
        ),
        async {
            match suspect {
                Some(suspect) => evidence::replicas(asked.client, suspect, asked.window).await,
                None => Ok(None),
            }
        },
    );
    let mut notices = Vec::new();
    let replicas = replicas.unwrap_or_else(|error| {
        notices.push(format!("how many replicas run could not be read: {error}"));
        None
    });
    let mut runbook = asked.library.fill_with(&alerts, |alerts| {
        let mut facts = Facts::gather(alerts, suspect.map(|suspect| &*suspect.labels), &settings);
        facts.replicas = replicas;
        facts
    });
    runbook.attach(&findings);
    // The page someone came for stands first, whatever else fires; the rest stays worst first.
    let named = &asked.query.scope.alertname;
    runbook.pages.sort_by_key(|page| named.is_any() || !page.alerts.iter().any(|alert| named.admits(alert)));

    let pages = runbook.pages.iter().map(|page| RunbookRow::of("alert", page));
    let rows = pages.chain(runbook.general.iter().map(|page| RunbookRow::of("general", page))).collect();
    let mut frame = RunbookRow::to_frame(rows);
    frame.notices.extend(warnings(notices));
    frame
}

/// The alerts, and for each name of the scope that is not among them one that stands for it: whoever follows a
/// link after the alert has resolved still wants its page.
fn with_named(alerts: &[Alert], scope: &Scope) -> Vec<Alert> {
    let mut all = alerts.to_vec();
    for name in &scope.alertname.0 {
        if alerts.iter().all(|alert| alert.name != *name) {
            all.push(stand_in(name, scope));
        }
    }
    // Those the scope names stay first, as in the answer to `alerts`.
    all.sort_by_key(|alert| {
        std::cmp::Reverse(!scope.alertname.is_any() && scope.alertname.admits(&alert.name))
    });
    all
}

fn stand_in(name: &str, scope: &Scope) -> Alert {
    let selections: [(&str, &Selection); 5] = [
        ("namespace", &scope.namespace),
        ("pod", &scope.pod),
        ("container", &scope.container),
        ("instance", &scope.instance),
        ("job", &scope.job),
    ];
    let labels = selections.iter().filter_map(|(label, selection)| Some((*label, selection.single()?)));
    Alert { name: name.to_owned(), state: AlertState::Pending, labels: labels.collect(), ..Alert::default() }
}

/// Whether labels name one pod or target rather than a whole system.
fn is_about_one(labels: &Labels) -> bool {
    ["pod", "instance"].iter().any(|label| labels.get(label).is_some())
}

/// Whose memory explains the alert: of the pod it names, though another may stand for that pod by now.
fn suspect_of<'a>(worst: Option<&Alert>, everyone: &[&'a Suspect]) -> Option<&'a Suspect> {
    let named = worst
        .map(|alert| Subject::from(&alert.labels))
        .and_then(|alert| everyone.iter().find(|suspect| alert.agrees_with((&*suspect.labels).into())));
    // An alert that points at nobody here must not be explained with somebody else's memory.
    let first = || everyone.first().filter(|_| worst.is_none_or(|alert| !is_about_one(&alert.labels)));
    named.or_else(first).copied()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use model::detect::{Context, assess};
    use model::series::Series;

    use super::*;

    fn suspect(pod: &str) -> Suspect {
        Suspect {
            labels: Arc::new([("namespace", "shop"), ("pod", pod)].into_iter().collect()),
            profile: Arc::new(crate::profiles::builtin().remove(0)),
            series: Series::default(),
            context: Arc::default(),
            assessment: Box::new(assess(&Series::default(), &Context::default())),
            stands_for: Vec::new(),
        }
    }

    #[test]
    fn an_alert_about_a_pod_that_was_replaced_is_explained_with_its_own_memory() {
        let scan = Scan {
            suspects: vec![suspect("api"), suspect("web-new")],
            replaced: vec![suspect("web-old")],
            ..Scan::default()
        };
        let everyone: Vec<&Suspect> = scan.everyone().collect();
        let explained = |labels: &[(&str, &str)]| {
            let alert = Alert { labels: labels.iter().copied().collect(), ..Alert::default() };
            suspect_of(Some(&alert), &everyone).and_then(|one| one.labels.get("pod"))
        };
        assert_eq!(explained(&[("pod", "web-old")]), Some("web-old"));
        assert_eq!(explained(&[("pod", "web-never")]), None);
        assert_eq!(explained(&[("severity", "critical")]), Some("api"));
    }
}
