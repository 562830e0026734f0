//! docs/frames.md.

use std::collections::BTreeMap;

use model::frames::ColumnSpec;
use model::query::QueryType;
use serde_json::Value;

use super::breaks::shape;
use super::{FrameSpec, QUERY_TYPES, answer, frames, kind_name, name};

const HEAD: &str = "\
# Frames

What the data source answers to each query type: the contract between backend, panel, alert rules and dashboards.
This page is generated from `model` by `RECORD=1 cargo test --package system --test frames`; a test fails when it is
not current. The contract only ever grows: columns, frames and keys may be added; none is dropped, renamed, retyped or
given another unit. Recorded answers in `tests/system/contract/` hold that.

Columns are found by name, never by position. A null means \"not known\". Numbers are 64-bit floats, never NaN or
infinite; times are milliseconds since the epoch in Grafana's JSON. Units are Grafana's unit identifiers; `bytes` counts
in powers of 1024.
";

const TAIL: &str = "\
## Notices

A frame carries notices (`schema.meta.notices`: `severity` is `info`, `warning` or `error`, `text` a sentence). `info`
says what else there is, such as suspects beyond the limit; `warning` that something is missing from the answer. A part
of `overview` that failed is an empty frame with such a notice; its neighbours are answered. The PromQL behind a frame is
in `schema.meta.executedQueryString`.

## Errors

A query that fails has no frames, but `error` (a sentence that names what failed, on what, and what to do) and `status`.
The other queries of the request are answered.

| status | when |
|---|---|
| 400 | the query or the data source's settings cannot be used as they are |
| 404 | `history` finds no such suspect in the range |
| 500 | a fault of Leaklens |
| 502 | the server answers with an error, not at all, or is no Prometheus |
| 504 | the server takes longer than the settings allow |
";

const SELECTION: &str = "\
A selection is a string, an array of strings, a JSON array in a string (`${var:json}`) or null. Empty, absent, `All` and a
variable that was left unfilled mean \"anything\".
";

const PAGE: &str = "\
## A page of a runbook

The JSON in column `page`. `[]` stands for each item of an array. Texts are plain text; `href` is an `http(s)` address or
absent.
";

/// What each query type is for.
fn purpose(query_type: QueryType) -> &'static str {
    match query_type {
        QueryType::Overview => {
            "What the panel asks: the frames of `suspects`, `alerts` and `runbook` in one round trip."
        }
        QueryType::Suspects => "Who leaks: every memory series of the scope, judged and ranked.",
        QueryType::Growth => {
            "For Grafana's alert rules: one frame without a time, text columns that are unique per row and exactly one \
             number. Suspects that are healthy have a row too, so that a rule neither flaps to NoData nor vanishes."
        }
        QueryType::History => "One suspect in full resolution, with what the detector saw in it.",
        QueryType::Alerts => "What fires or is about to, for the scope.",
        QueryType::Runbook => {
            "What to do: the pages of the alerts, filled in, each check answered as far as metrics can."
        }
    }
}

/// The keys of a query, their types and what they mean.
const KEYS: [(&str, &str, &str); 13] = [
    ("queryType", "string", "One of the types below; `overview` when absent."),
    ("alertname", "selection", "Alert names."),
    ("namespace", "selection", "Kubernetes namespaces."),
    ("pod", "selection", "Pods."),
    ("container", "selection", "Containers."),
    ("workload", "selection", "Workloads: deployments, stateful sets and the like."),
    ("instance", "selection", "Scraped targets, `host:port`."),
    ("job", "selection", "Scrape jobs."),
    ("startsAt", "selection", "When the alert began: RFC 3339 or milliseconds since the epoch."),
    (
        "suspect",
        "string",
        "For `history`: the `id` of a row of `suspects`. Without it, the first of the scope.",
    ),
    ("limit", "number", "At most so many suspects; 0 or absent: 100."),
    ("value", "string", "For `growth`: `score` (default), `rate` or `secs_to_limit`."),
    (
        "grafana",
        "object",
        "For `overview`, `alerts` and `runbook`: what Grafana's own alerting answers to the person who asks. Lists `alerts` (as in its `/api/prometheus/grafana/api/v1/alerts`), `suppressed` and `silences` (as in the Alertmanager API v2), `faults` (texts), and `alertmanager`, the name of the data source that silences the others. Our data source fills it in.",
    ),
];

/// The page.
pub fn document() -> String {
    let mut lines = vec![HEAD.to_owned()];
    let heading = ["## Query", "", "Beside Grafana's own keys a query has these, each optional.", ""];
    lines.extend(heading.map(str::to_owned));
    table(&mut lines, &["key", "type", "meaning"]);
    lines.extend(KEYS.map(|(key, kind, meaning)| row(&[&format!("`{key}`"), kind, meaning])));
    lines.push(format!("\n{SELECTION}"));
    for query_type in QUERY_TYPES {
        lines.push(format!("## `{}`\n\n{}\n", name(query_type), purpose(query_type)));
        let frames = frames(query_type);
        if query_type == QueryType::Overview {
            let names: Vec<_> = frames.iter().map(|frame| format!("`{}`", frame.name)).collect();
            lines.push(format!("Frames: {}.\n", names.join(", ")));
        } else {
            for frame in &frames {
                describe(&mut lines, frame);
            }
        }
    }
    cells(&mut lines);
    lines.push(TAIL.to_owned());
    lines.join("\n")
}

fn describe(lines: &mut Vec<String>, frame: &FrameSpec) {
    lines.push(format!("### Frame `{}`\n\n{}\n", frame.name, frame.doc));
    table(lines, &["column", "type", "unit", "meaning"]);
    for column in &frame.columns {
        lines.push(row(&[&format!("`{}`", column.name), &kind(column), column.unit, column.doc.trim()]));
    }
    lines.extend(frame.open.map(|column| row(&[column.name, &kind(&column), column.unit, column.doc])));
    lines.push(String::new());
}

fn kind(column: &ColumnSpec) -> String {
    let null = if column.nullable { " or null" } else { "" };
    format!("{}{null}", kind_name(column.kind))
}

/// What stands in the cells that hold JSON.
fn cells(lines: &mut Vec<String>) {
    let pages = answer(QueryType::Runbook);
    let cell = pages.pointer("/frames/0/data/values/3/0").and_then(Value::as_str).unwrap_or_default();
    let mut kinds = BTreeMap::new();
    shape(&serde_json::from_str(cell).unwrap_or_default(), "", &mut kinds);
    lines.push(PAGE.to_owned());
    table(lines, &["path", "type"]);
    for (path, kind) in kinds.iter().filter(|(path, _)| !path.is_empty()) {
        lines.push(row(&[&format!("`{}`", path.trim_start_matches('.')), kind]));
    }
    lines.push(String::new());
}

fn table(lines: &mut Vec<String>, titles: &[&str]) {
    lines.push(row(titles));
    lines.push(format!("|{}", "---|".repeat(titles.len())));
}

fn row(cells: &[&str]) -> String {
    let escaped: Vec<_> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    format!("| {} |", escaped.join(" | "))
}

#[cfg(test)]
mod tests {
    use model::query::Query;
    use serde_json::json;

    use super::*;

    #[test]
    fn every_key_of_a_query_is_described() {
        // A key that is left out where it is null is a key all the same.
        let query = json!(Query { grafana: json!({}), ..Query::default() });
        let mut keys: Vec<_> = query.as_object().expect("an object").keys().cloned().collect();
        let mut described: Vec<_> = KEYS.iter().map(|(key, ..)| (*key).to_owned()).collect();
        keys.sort();
        described.sort();
        assert_eq!(keys, described);
    }
}
