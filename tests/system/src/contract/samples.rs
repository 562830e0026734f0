//! An answer to each query type in Grafana's JSON, with every part filled that an answer can have.

use model::evidence::{EvidenceKind, Finding, FindingState};
use model::frames::{
    AlertRow, Column, Frame, GrowthRow, HistoryEvent, HistoryFloor, HistoryForecast, HistoryLine,
    HistoryLink, HistorySample, HistoryTrend, Millis, RunbookRow, SIBLINGS, SPARKLINES, SuspectRow,
    Table as _, Values,
};
use model::query::QueryType;
use model::runbook::{Block, FilledCommand, FilledGroup, FilledPage, FilledStep, Span, SpanStyle};
use serde_json::{Value, json};

use super::kind_name;

/// The answer as `/api/ds/query` has it under one query's `refId`.
pub fn answer(query_type: QueryType) -> Value {
    let frames: Vec<_> = frames(query_type).iter().map(grafana).collect();
    json!({ "status": 200, "frames": frames })
}

fn frames(query_type: QueryType) -> Vec<Frame> {
    let at = Millis(1_767_225_600_000);
    match query_type {
        QueryType::Overview => {
            [QueryType::Suspects, QueryType::Alerts, QueryType::Runbook].map(frames).concat()
        }
        QueryType::Suspects => vec![suspects(at), wide(SPARKLINES, at)],
        QueryType::Growth => vec![GrowthRow::to_frame(vec![GrowthRow::default()])],
        QueryType::History => vec![
            HistorySample::to_frame(vec![HistorySample { time: at, value_bytes: None }]),
            HistoryFloor::to_frame(vec![HistoryFloor { time: at, ..Default::default() }]),
            HistoryTrend::to_frame(vec![HistoryTrend { time: at, ..Default::default() }]),
            HistoryForecast::to_frame(vec![HistoryForecast { time: at, ..Default::default() }]),
            HistoryLine::to_frame(vec![HistoryLine { line: "limit".into(), level_bytes: 536_870_912.0 }]),
            HistoryEvent::to_frame(vec![HistoryEvent {
                time: at,
                event: "restart".into(),
                text: "restart".into(),
            }]),
            HistoryLink::to_frame(vec![HistoryLink { link: "logs".into(), url: "/explore".into() }]),
            wide(SIBLINGS, at),
        ],
        QueryType::Alerts => vec![AlertRow::to_frame(vec![AlertRow {
            alertname: "HighMemoryGrowthRate".into(),
            state: "firing".into(),
            since: Some(at),
            labels: json!({ "pod": "a" }).to_string(),
            annotations: json!({ "summary": "b" }).to_string(),
            ..Default::default()
        }])],
        QueryType::Runbook => vec![RunbookRow::to_frame(vec![RunbookRow {
            id: "page".into(),
            title: "Page".into(),
            role: "alert".into(),
            page: json!(page()).to_string(),
        }])],
    }
}

fn suspects(at: Millis) -> Frame {
    SuspectRow::to_frame(vec![SuspectRow {
        id: "a".into(),
        labels: json!({ "pod": "a" }).to_string(),
        reasons: json!(["grows"]).to_string(),
        stands_for: json!([json!({ "pod": "b" }).to_string()]).to_string(),
        last_sample: Some(at),
        ..Default::default()
    }])
}

fn wide(name: &str, at: Millis) -> Frame {
    let column = |name: &str, unit: &str, nullable, values| Column {
        name: name.into(),
        unit: unit.into(),
        nullable,
        labels: std::collections::BTreeMap::new(),
        values,
    };
    let columns = vec![
        column("time", "", false, Values::Time(vec![Some(at.0)])),
        column("a", "bytes", true, Values::Number(vec![Some(104_857_600.0)])),
    ];
    Frame { name: name.into(), columns, ..Default::default() }
}

fn page() -> FilledPage {
    let spans =
        vec![Span { text: "text".into(), style: SpanStyle::Strong, href: "https://example.org".into() }];
    let command = FilledCommand {
        title: "Look".into(),
        language: "bash".into(),
        missing: vec!["<pod-name>".into()],
        ..Default::default()
    };
    let blocks = vec![
        Block::Paragraph { spans: spans.clone() },
        Block::List { items: vec![(1, spans.clone())] },
        Block::Table { head: vec![spans.clone()], rows: vec![vec![spans.clone()]] },
        Block::Code { language: "yaml".into(), text: "a: 1".into() },
    ];
    let finding = Finding {
        kind: EvidenceKind::Growth,
        state: FindingState::Bad,
        sentence: "grows by 10 MiB/h".into(),
        query: "up".into(),
        course: vec![Some(1.0), None, Some(2.0)],
    };
    let step = FilledStep {
        id: "step".into(),
        text: "Step".into(),
        spans,
        detail: blocks.clone(),
        commands: vec![command.clone()],
        evidence: vec![EvidenceKind::Growth],
        findings: vec![finding],
    };
    let group =
        FilledGroup { title: "Group".into(), notes: blocks, steps: vec![step], commands: vec![command] };
    FilledPage { alerts: vec!["HighMemoryGrowthRate".into()], groups: vec![group], ..Default::default() }
}

/// A frame as Grafana's data source SDKs write it.
fn grafana(frame: &Frame) -> Value {
    let field = |column: &Column| {
        let exact = match column.values {
            Values::Text(_) => "string",
            Values::Number(_) => "float64",
            Values::Time(_) => "time.Time",
        };
        let mut field = json!({
            "name": column.name,
            "type": kind_name(column.values.kind()),
            "typeInfo": { "frame": exact },
        });
        if column.nullable {
            field["typeInfo"]["nullable"] = json!(true);
        }
        if !column.unit.is_empty() {
            field["config"] = json!({ "unit": column.unit });
        }
        field
    };
    let values = |column: &Column| match &column.values {
        Values::Text(cells) => json!(cells),
        Values::Number(cells) => json!(cells),
        Values::Time(cells) => json!(cells),
    };
    json!({
        "schema": { "name": frame.name, "fields": frame.columns.iter().map(field).collect::<Vec<_>>() },
        "data": { "values": frame.columns.iter().map(values).collect::<Vec<_>>() },
    })
}
