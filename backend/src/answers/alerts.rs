//! `alerts`: firing and pending alerts with what their rules say.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use model::alert::{Alert, AlertState, SuppressionKind};
use model::fingerprint;
use model::frames::{AlertRow, Frame, Millis, Table as _};
use model::labels::Labels;
use model::query::{Scope, Selection};
use model::runbook::{Library, PAGE_LABEL};

use super::{AnswerError, Asked, info, warnings};
use crate::alerts::{Alerts, comparison, concerns, read};
use crate::links;

pub(super) async fn answer(asked: Asked<'_>) -> Result<Vec<Frame>, AnswerError> {
    let alerts = relevant(asked).await?;
    Ok(vec![frame(asked, alerts)])
}

/// The alerts of the scope that a runbook page is for, or that the scope names; those it names first.
pub(super) async fn relevant(asked: Asked<'_>) -> Result<Alerts, AnswerError> {
    let scope = &asked.query.scope;
    let mut alerts = read(asked.client, asked.query).await?;
    // A link names one alert; the others that fire for the same pod are still shown, after it.
    let anywhere = Scope { alertname: Selection::default(), ..scope.clone() };
    let relevant = |alert: &Alert| {
        concerns(alert, &anywhere) && (is_named(alert, scope) || has_page(alert, asked.library))
    };
    alerts.alerts.retain(&relevant);
    let unknown = alerts.unknown.iter().filter(|(alert, _)| relevant(alert));
    // One of many targets says it for all.
    let unknown: BTreeSet<_> = unknown.map(|(alert, why)| (alert.name.as_str(), *why)).collect();
    let said = unknown.into_iter().map(|(name, why)| format!("whether {name} fires is unknown: {why}"));
    alerts.notices.extend(said);
    alerts.alerts.sort_by_key(|alert| Reverse(is_named(alert, scope)));
    Ok(alerts)
}

fn is_named(alert: &Alert, scope: &Scope) -> bool {
    !scope.alertname.is_any() && scope.alertname.admits(&alert.name)
}

fn has_page(alert: &Alert, library: &Library) -> bool {
    let names_one = |labels: &Labels| labels.get(PAGE_LABEL).is_some();
    library.of_alert(&alert.name).next().is_some()
        || names_one(&alert.labels)
        || names_one(&alert.annotations)
}

pub(super) fn frame(asked: Asked<'_>, alerts: Alerts) -> Frame {
    let named = &asked.query.scope.alertname;
    let silent: Vec<_> = named
        .0
        .iter()
        .filter(|name| alerts.alerts.iter().all(|alert| alert.name != **name))
        .map(String::as_str)
        .collect();
    let mut frame = AlertRow::to_frame(alerts.alerts.into_iter().map(|alert| row(alert, asked)).collect());
    frame.notices.extend(warnings(alerts.notices));
    if !silent.is_empty() {
        frame.notices.push(info(format!("{} is not firing now for this selection", silent.join(", "))));
    }
    frame
}

fn row(alert: Alert, asked: Asked<'_>) -> AlertRow {
    let label = |name: &str| alert.labels.get(name).unwrap_or_default().to_owned();
    let compared = comparison(&alert.expr);
    let alertmanager = asked.query.grafana["alertmanager"].as_str();
    let suppression = alert.suppression.as_ref();
    let rule_url = links::rule(&alert, asked.settings, asked.window);
    let silence_url = links::silence(&alert, asked.settings, asked.window, alertmanager);
    AlertRow {
        state: match alert.state {
            AlertState::Firing => "firing",
            AlertState::Pending => "pending",
        }
        .to_owned(),
        since: alert.since_ms.map(Millis),
        value: alert.value,
        threshold: compared.as_ref().map(|compared| compared.threshold),
        value_unit: compared.map(|compared| compared.unit.to_owned()).unwrap_or_default(),
        namespace: label("namespace"),
        pod: label("pod"),
        container: label("container"),
        instance: label("instance"),
        job: label("job"),
        fingerprint: fingerprint::of_alert(&alert.name, &alert.labels),
        summary: alert.annotations.get("summary").unwrap_or_default().to_owned(),
        runbook_url: web_address(alert.annotations.get("runbook_url")),
        for_secs: alert.for_secs,
        source: alert.source,
        rule_url,
        silence_url,
        suppression: suppression.map_or("", |suppression| word(suppression.kind)).to_owned(),
        suppressed_by: suppression.map(|suppression| suppression.by.clone()).unwrap_or_default(),
        suppressed_until: suppression.and_then(|suppression| suppression.until_ms).map(Millis),
        labels: serde_json::json!(alert.labels).to_string(),
        annotations: serde_json::json!(alert.annotations).to_string(),
        alertname: alert.name,
        severity: alert.severity,
        expr: alert.expr,
    }
}

fn word(kind: SuppressionKind) -> &'static str {
    match kind {
        SuppressionKind::Silenced => "silenced",
        SuppressionKind::Inhibited => "inhibited",
    }
}

/// The address, if it is one a browser may be sent to, else nothing.
fn web_address(text: Option<&str>) -> String {
    let text = text.unwrap_or_default();
    let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    let web = matches!(scheme.as_deref(), Some("http" | "https")) && !text.chars().any(char::is_control);
    if web { text.to_owned() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_are_passed_on() {
        assert_eq!(web_address(Some("https://runbooks/x")), "https://runbooks/x");
        for hostile in ["javascript:alert(1)", "https://x/\n", "data:text/html,x", ""] {
            assert_eq!(web_address(Some(hostile)), "", "{hostile:?}");
        }
    }
}
