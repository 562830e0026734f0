//! Where to look further: addresses made of templates and of what an alert or a suspect says of itself.
//!
//! A label may hold anything: in an address it is percent-encoded, so that it can neither end a parameter nor lead
//! elsewhere. Where a template asks for what nobody knows there is no link, rather than one to the wrong place.

use model::alert::Alert;
use model::frames::HistoryLink;
use model::labels::Role;
use serde_json::json;

use crate::promql::Selector;
use crate::scan::{Suspect, Window};
use crate::settings::Settings;

/// Grafana's form for a silence; the name of the Alertmanager it is for stands before the matchers.
const SILENCE_FORM: &str = "/alerting/silence/new?alertmanager=";

/// Percent-encoded, fit for a path and for a parameter.
pub fn encoded(text: &str) -> String {
    // A form's encoding is that but for the space.
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

/// A template with each `${name}` replaced; `None` where one of them has no value.
fn filled(template: &str, value: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut address = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after.split_once('}')?;
        address.push_str(before);
        address.push_str(&value(name).filter(|value| !value.is_empty())?);
        rest = after;
    }
    address.push_str(rest);
    Some(address)
}

/// The range, and what the operator has set: those values are written as they are.
fn general(name: &str, settings: &Settings, window: Window) -> Option<String> {
    let ms = |secs: f64| ((secs * 1000.0).round() as i64).to_string();
    let time = |secs: f64| Some(encoded(&jiff::Timestamp::from_second(secs as i64).ok()?.to_string()));
    match name {
        "from" => Some(ms(window.from_secs)),
        "to" => Some(ms(window.to_secs)),
        "since" => time(window.from_secs),
        "until" => time(window.to_secs),
        _ => settings.runbook_parameters.get(name).cloned(),
    }
}

/// What leads from a suspect onward. `uid` is that of our own data source.
pub fn of_suspect(suspect: &Suspect, settings: &Settings, uid: &str, window: Window) -> Vec<HistoryLink> {
    let role = |name: &str| {
        let role = match name {
            "namespace" => Role::Namespace,
            "pod" => Role::Pod,
            "container" => Role::Container,
            "workload" => Role::Workload,
            "instance" => Role::Instance,
            "job" => Role::Job,
            _ => return suspect.labels.get(name),
        };
        Some(suspect.role(role))
    };
    let value = |name: &str| match name {
        "metric" => Some(encoded(suspect.metric())),
        "query" => Some(encoded(&suspect.selector().to_string())),
        _ => role(name)
            .filter(|value| !value.is_empty())
            .map(encoded)
            .or_else(|| general(name, settings, window)),
    };
    let explore = match &settings.explore_link {
        Some(template) => filled(template, value),
        None => Some(explore_here(suspect, uid, window)),
    };
    let by_template = |template: &Option<String>| filled(template.as_deref()?, value);
    let all = [
        ("explore", explore),
        ("logs", by_template(&settings.logs_link)),
        ("profiles", by_template(&settings.profiles_link)),
        ("changes", by_template(&settings.changes_link)),
    ];
    all.into_iter().filter_map(|(link, url)| Some(HistoryLink { link: link.to_owned(), url: url? })).collect()
}

/// Explore on our own data source. Its older form of an address is understood by every version.
fn explore_here(suspect: &Suspect, uid: &str, window: Window) -> String {
    let ms = |secs: f64| ((secs * 1000.0).round() as i64).to_string();
    let left = json!({
        "datasource": uid,
        "queries": [{
            "refId": "A",
            "datasource": { "type": "leaklens-datasource", "uid": uid },
            "queryType": "history",
            "suspect": suspect.id(),
        }],
        "range": { "from": ms(window.from_secs), "to": ms(window.to_secs) },
    });
    format!("/explore?left={}", encoded(&left.to_string()))
}

fn of_alert(template: &str, alert: &Alert, settings: &Settings, window: Window) -> Option<String> {
    filled(template, |name| match name {
        "alertname" => Some(encoded(&alert.name)),
        "matchers" => Some(matchers(alert)),
        "filter" => Some(encoded(&filter(alert))),
        "expr" => Some(encoded(&alert.expr)),
        _ => alert.labels.get(name).map(encoded).or_else(|| general(name, settings, window)),
    })
}

/// Where an alert's rule can be seen, or nothing.
pub fn rule(alert: &Alert, settings: &Settings, window: Window) -> String {
    let by_template = settings.rule_link.as_deref().filter(|_| !is_grafanas(alert));
    if let Some(template) = by_template {
        return of_alert(template, alert, settings, window).unwrap_or_default();
    }
    let inside = alert.rule_url.starts_with("/alerting/");
    if inside || is_web(&alert.rule_url) {
        return alert.rule_url.clone();
    }
    // `queryString` is what Grafana 9 calls it.
    let search = encoded(&format!("rule:{:?}", alert.name));
    format!("/alerting/list?queryString={}&search={search}", encoded(&alert.name))
}

/// A form that silences an alert, or nothing where nobody knows which Alertmanager has it.
///
/// `alertmanager` is the name of Grafana's data source for the Alertmanager that gets the alerts of servers.
pub fn silence(alert: &Alert, settings: &Settings, window: Window, alertmanager: Option<&str>) -> String {
    if is_grafanas(alert) {
        return format!("{SILENCE_FORM}grafana&{}", matchers(alert));
    }
    if let Some(template) = &settings.silence_link {
        return of_alert(template, alert, settings, window).unwrap_or_default();
    }
    alertmanager
        .map(|name| format!("{SILENCE_FORM}{}&{}", encoded(name), matchers(alert)))
        .unwrap_or_default()
}

/// Whether Grafana evaluates its rule, alone.
fn is_grafanas(alert: &Alert) -> bool {
    alert.source == "Grafana"
}

fn is_web(address: &str) -> bool {
    (address.starts_with("http://") || address.starts_with("https://"))
        && !address.chars().any(char::is_control)
}

/// Name and labels, without what servers keep for themselves.
fn identity(alert: &Alert) -> impl Iterator<Item = (&str, &str)> {
    let labels = alert.labels.iter().filter(|(name, _)| !name.starts_with("__"));
    std::iter::once(("alertname", alert.name.as_str())).chain(labels)
}

/// As Grafana's form takes them.
fn matchers(alert: &Alert) -> String {
    let parameters =
        identity(alert).map(|(name, value)| format!("matcher={}", encoded(&format!("{name}={value}"))));
    parameters.collect::<Vec<_>>().join("&")
}

/// As Alertmanager's own form takes them: `{alertname="A", pod="p"}`.
fn filter(alert: &Alert) -> String {
    identity(alert).fold(Selector::metric(""), |all, (name, value)| all.equal(name, value)).to_string()
}

#[cfg(test)]
mod tests {
    use model::alert::AlertState;
    use model::labels::Labels;

    use super::*;

    const HOSTILE: &str = "a b&c=d#e%f\"g'h/é日${pod}";
    const WINDOW: Window = Window { from_secs: 1_767_225_600.0, to_secs: 1_767_229_200.0 };

    fn alert(source: &str) -> Alert {
        Alert {
            name: "High Growth".into(),
            state: AlertState::Firing,
            labels: [("pod", HOSTILE), ("__alert_rule_uid__", "u")].into_iter().collect::<Labels>(),
            source: source.into(),
            ..Alert::default()
        }
    }

    fn parameters(address: &str) -> Vec<(String, String)> {
        let (_, query) = address.split_once('?').unwrap();
        form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    }

    #[test]
    fn labels_come_through_a_template_as_they_are() {
        let settings =
            Settings { rule_link: Some("https://r/x?pod=${pod}&at=${since}".into()), ..Settings::default() };
        let address = rule(&alert("Prometheus"), &settings, WINDOW);
        assert!(address.starts_with("https://r/x?pod=a%20b%26c%3Dd%23e%25f%22g"), "{address}");
        let expected = [("pod", HOSTILE), ("at", "2026-01-01T00:00:00Z")];
        assert_eq!(parameters(&address), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn what_nobody_knows_makes_no_link() {
        let settings = Settings {
            rule_link: Some("/x?team=${team}".into()),
            silence_link: Some("/x?broken=${pod".into()),
            ..Settings::default()
        };
        assert_eq!(rule(&alert("Prometheus"), &settings, WINDOW), "");
        assert_eq!(silence(&alert("Prometheus"), &settings, WINDOW, Some("am")), "");
        let with_team = [("team".to_owned(), "a/b".to_owned())].into();
        let settings = Settings { runbook_parameters: with_team, ..settings };
        assert_eq!(rule(&alert("Prometheus"), &settings, WINDOW), "/x?team=a/b");
    }

    #[test]
    fn a_silence_is_for_the_alertmanager_that_has_the_alert() {
        let settings = Settings::default();
        let of = |source: &str, name: Option<&str>| silence(&alert(source), &settings, WINDOW, name);
        assert_eq!(of("Prometheus", None), "");
        for (address, name) in
            [(of("Grafana", Some("other")), "grafana"), (of("Prometheus", Some("my am")), "my am")]
        {
            let expected = [
                ("alertmanager", name.to_owned()),
                ("matcher", "alertname=High Growth".to_owned()),
                ("matcher", format!("pod={HOSTILE}")),
            ];
            assert_eq!(parameters(&address), expected.map(|(name, value)| (name.to_owned(), value)));
        }
        let template = Some("http://am/#/silences/new?filter=${filter}".into());
        let settings = Settings { silence_link: template, ..settings };
        let address = silence(&alert("Prometheus"), &settings, WINDOW, None);
        let filter = parameters(&address).remove(0).1;
        assert!(filter.starts_with(r#"{alertname="High Growth",pod="a b&c=d#e%f\"g"#), "{filter}");
    }

    #[test]
    fn a_rule_is_where_its_source_says_and_never_elsewhere() {
        let settings = Settings::default();
        let of = |url: &str| rule(&Alert { rule_url: url.into(), ..alert("Prometheus") }, &settings, WINDOW);
        assert_eq!(of("http://p/graph?g0.expr=x"), "http://p/graph?g0.expr=x");
        assert_eq!(of("/alerting/grafana/u/view"), "/alerting/grafana/u/view");
        for hostile in ["javascript:alert(1)", "//elsewhere", "http://x/\n", ""] {
            assert!(
                of(hostile).starts_with("/alerting/list?queryString=High%20Growth&search="),
                "{hostile:?}"
            );
        }
    }
}
