//! Which pages a file holds.
//!
//! Three layouts are told apart. One file per alert: its first heading or its name is the alert's, everything
//! in it is that alert's page. One document: headings below the first name alerts, the other sections serve
//! every alert. Neither: the file is a general section, or one per heading of its highest level.

use super::group;
use super::markdown::{Document, Kind, Node};
use super::source::{Page, Problem, plain};

/// Headings by which a page of the one-file-per-alert layout is known.
const STANDARD: &[&str] = &["meaning", "impact", "diagnosis", "mitigation"];

/// Names in mixed case that are no alerts.
const PRODUCTS: &[&str] = &[
    "CloudWatch",
    "ClickHouse",
    "DevOps",
    "GitHub",
    "GitLab",
    "GraphQL",
    "JavaScript",
    "LogQL",
    "MongoDB",
    "MySQL",
    "OpenShift",
    "OpenTelemetry",
    "PostgreSQL",
    "PromQL",
    "RabbitMQ",
    "TypeScript",
];

/// A heading and what stands under it.
struct Heading<'a> {
    level: u8,
    title: String,
    alerts: Vec<String>,
    line: usize,
    /// Nodes up to the next heading.
    own: &'a [Node],
    /// Index of the first heading that is not below this one.
    end: usize,
}

/// The pages of a file.
pub(super) fn pages(file: &str, document: &Document, problems: &mut Vec<Problem>) -> Vec<Page> {
    let (preamble, headings) = headings(&document.nodes);
    let stem = stem(file);
    let mut build = |title: &str, alerts: Vec<String>, line: usize, lead: &[Node], below: &[Heading<'_>]| {
        let page = Page { title: title.to_owned(), alerts, file: file.to_owned(), line, ..Page::default() };
        let sections = below.iter().map(|heading| (heading.title.as_str(), heading.own));
        group::build(page, lead, sections, problems)
    };
    let front =
        |key: &str| document.front.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
    let alerts = topmost_alerts(&headings);
    if let Some(names) = single_alert(stem, &headings, &alerts, front) {
        let first = headings.first().filter(|heading| !is_standard(&heading.title));
        let title = first.map(|heading| heading.title.as_str()).or(front("title")).unwrap_or(stem);
        let (own, below) = first.map_or((&[][..], &headings[..]), |heading| (heading.own, &headings[1..]));
        let lead: Vec<Node> = preamble.iter().chain(own).cloned().collect();
        return vec![build(title, names, first.map_or(1, |heading| heading.line), &lead, below)];
    }
    let mut pages = Vec::new();
    if !preamble.is_empty() {
        pages.push(build(front("title").unwrap_or(stem), Vec::new(), 1, preamble, &[]));
    }
    let mut index = 0;
    while let Some(heading) = headings.get(index) {
        let is_alert = alerts.contains(&index);
        let holds_alerts = alerts.iter().any(|alert| (index + 1..heading.end).contains(alert));
        // A document's one title holds its sections together and is no section itself.
        let is_title = !alerts.is_empty() && index == 0 && heading.end == headings.len() && heading.end > 1;
        if is_alert || !holds_alerts && !is_title {
            let names = if is_alert { names_below(&headings[index..heading.end]) } else { Vec::new() };
            let below = &headings[index + 1..heading.end];
            pages.push(build(&heading.title, names, heading.line, heading.own, below));
            index = heading.end;
        } else {
            if !heading.own.is_empty() {
                pages.push(build(&heading.title, Vec::new(), heading.line, heading.own, &[]));
            }
            index += 1;
        }
    }
    pages.retain(|page| !page.groups.is_empty() || !page.alerts.is_empty());
    pages
}

/// The alerts named by a heading and by those below it, which share its page.
fn names_below(headings: &[Heading<'_>]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in headings.iter().flat_map(|heading| &heading.alerts) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

/// A file's name without folders and ending.
pub(super) fn stem(file: &str) -> &str {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

fn headings(nodes: &[Node]) -> (&[Node], Vec<Heading<'_>>) {
    let at: Vec<usize> = nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| matches!(node.kind, Kind::Heading { .. }))
        .map(|(index, _)| index)
        .collect();
    let preamble = &nodes[..at.first().copied().unwrap_or(nodes.len())];
    let mut headings: Vec<Heading<'_>> = Vec::new();
    for (number, index) in at.iter().enumerate() {
        let Kind::Heading { level, spans } = &nodes[*index].kind else { continue };
        let own = &nodes[index + 1..at.get(number + 1).copied().unwrap_or(nodes.len())];
        let title = without_number(&plain(spans)).to_owned();
        headings.push(Heading {
            level: *level,
            alerts: alert_names(&title),
            title,
            line: nodes[*index].line,
            own,
            end: 0,
        });
    }
    // Each heading ends at the next of its level or above.
    let mut open: Vec<usize> = Vec::new();
    for index in 0..headings.len() {
        while let Some(last) =
            open.last().copied().filter(|last| headings[*last].level >= headings[index].level)
        {
            headings[last].end = index;
            open.pop();
        }
        open.push(index);
    }
    let count = headings.len();
    for last in open {
        headings[last].end = count;
    }
    name_alerts_by_context(&mut headings);
    (preamble, headings)
}

/// A single word is an alert's name where the section above lists alerts or a trigger follows. A document's
/// title is none where headings below it are.
fn name_alerts_by_context(headings: &mut [Heading<'_>]) {
    let below = headings.iter().skip(1).filter(|heading| !heading.alerts.is_empty()).count();
    let is_document = below >= 2 && !headings.iter().any(|heading| is_standard(&heading.title));
    if is_document && headings[0].level == 1 && headings[0].end == headings.len() {
        headings[0].alerts.clear();
    }
    let mut parents: Vec<usize> = Vec::new();
    for index in 0..headings.len() {
        parents.retain(|parent| headings[*parent].end > index);
        let word = headings[index].title.trim_matches('`');
        let by_parent = parents.last().is_some_and(|parent| lists_alerts(headings, *parent));
        let by_trigger = headings[index].own.first().is_some_and(|node| group::trigger_of(node).is_some());
        if headings[index].alerts.is_empty() && (by_parent || by_trigger) && is_label_like(word) {
            headings[index].alerts = vec![word.to_owned()];
        }
        parents.push(index);
    }
}

/// Whether a section is titled as a list of alerts and some heading in it is known to name one.
fn lists_alerts(headings: &[Heading<'_>], parent: usize) -> bool {
    let title = headings[parent].title.to_lowercase();
    let titled = title.starts_with("alert") || title.ends_with("alerts");
    titled && headings[parent + 1..headings[parent].end].iter().any(|child| !child.alerts.is_empty())
}

/// Alert headings that are not inside another one.
fn topmost_alerts(headings: &[Heading<'_>]) -> Vec<usize> {
    let mut topmost = Vec::new();
    let mut index = 0;
    while index < headings.len() {
        if headings[index].alerts.is_empty() {
            index += 1;
        } else {
            topmost.push(index);
            index = headings[index].end;
        }
    }
    topmost
}

/// The names, where the whole file is one alert's page.
fn single_alert<'a>(
    stem: &str,
    headings: &[Heading<'_>],
    alerts: &[usize],
    front: impl Fn(&str) -> Option<&'a str>,
) -> Option<Vec<String>> {
    if let Some(names) = front("alert").or(front("alertname")).or(front("alerts")) {
        let names: Vec<_> = names
            .trim_matches(['[', ']'])
            .split(',')
            .map(|name| name.trim().trim_matches(['"', '\'']).to_owned())
            .filter(|name| !name.is_empty())
            .collect();
        return (!names.is_empty()).then_some(names);
    }
    let first = headings.first();
    let standard = headings.iter().filter(|heading| is_standard(&heading.title)).count() >= 2;
    match alerts {
        [0] if first.is_some_and(|heading| heading.level == 1 || standard) => {
            let mut names = first.map(|heading| heading.alerts.clone())?;
            // Where file and heading name different alerts, either may be the one that fires.
            if standard && is_alert_like(stem) && !names.iter().any(|name| name == stem) {
                names.push(stem.to_owned());
            }
            Some(names)
        }
        [] | [_] => {
            let title = first.map(|heading| heading.title.as_str()).or(front("title")).unwrap_or_default();
            let squashed: String = title.chars().filter(|ch| ch.is_alphanumeric()).collect();
            let named_after_title =
                is_label_like(stem) && squashed.eq_ignore_ascii_case(&stem.replace('_', ""));
            let camel = is_alert_like(stem) && (alerts.is_empty() || standard);
            (camel || standard && is_label_like(stem) && (alerts.is_empty() || named_after_title))
                .then(|| vec![stem.to_owned()])
        }
        _ => None,
    }
}

fn is_standard(title: &str) -> bool {
    STANDARD.contains(&title.to_lowercase().as_str())
}

/// `1. Title`, `2) Title`, `1.2 Title` without their number.
fn without_number(title: &str) -> &str {
    let rest = title.trim_start_matches(|ch: char| ch.is_ascii_digit() || ch == '.');
    let numbered = rest.len() < title.len() && title.starts_with(|ch: char| ch.is_ascii_digit());
    let rest = rest.strip_prefix([')', ':']).unwrap_or(rest);
    if numbered && rest.starts_with(' ') && !rest.trim().is_empty() { rest.trim() } else { title.trim() }
}

/// The alerts a heading names: `HighUsage / CriticalUsage`, `Alert: HighUsage`, `HighUsage (warning)`,
/// `HighUsage: usage is above 500 MiB`.
fn alert_names(title: &str) -> Vec<String> {
    let mut text = title.trim();
    for prefix in ["alert:", "alert ", "alertname:", "runbook:", "runbook for "] {
        if let Some(rest) = text
            .get(..prefix.len())
            .filter(|head| head.eq_ignore_ascii_case(prefix))
            .map(|_| &text[prefix.len()..])
        {
            text = rest.trim();
        }
    }
    for end in [": ", " - ", " – ", " — ", " ("] {
        text = text.split(end).next().unwrap_or(text);
    }
    for suffix in [" alerts", " alert", " runbook"] {
        let head = text.len().checked_sub(suffix.len()).and_then(|at| text.get(at..).map(|tail| (at, tail)));
        if let Some((at, _)) = head.filter(|(_, tail)| tail.eq_ignore_ascii_case(suffix)) {
            text = &text[..at];
        }
    }
    let words: Vec<&str> = text
        .split(|ch: char| ch.is_whitespace() || matches!(ch, '/' | ',' | '&' | '|' | '+'))
        .map(|word| word.trim_matches(['`', '[', ']', ':', '"']))
        .filter(|word| !word.is_empty() && !matches!(*word, "and" | "or"))
        .collect();
    if words.iter().all(|word| is_alert_like(word)) {
        words.iter().map(|word| (*word).to_owned()).collect()
    } else {
        Vec::new()
    }
}

/// `HighMemoryUsage`, `etcdNoLeader`, `Memory_High`: one word with an inner capital or underscore.
fn is_alert_like(word: &str) -> bool {
    let pairs = word.as_bytes().windows(2);
    let inner = pairs.clone().any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
    let joined = word.contains('_') && word.chars().any(|ch| ch.is_ascii_uppercase());
    is_label_like(word) && (inner || joined) && !PRODUCTS.contains(&word)
}

fn is_label_like(word: &str) -> bool {
    word.starts_with(|ch: char| ch.is_ascii_alphabetic())
        && word.chars().all(|ch| ch.is_ascii_alphanumeric() || matches!(ch, '_' | ':'))
}
