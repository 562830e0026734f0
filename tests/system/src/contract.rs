//! The frame contract: which frames answer which query type, from the declarations in `model`.

mod breaks;
mod conforms;
mod document;
mod samples;

pub use breaks::breaks;
pub use conforms::{conforms, dropped};
pub use document::document;
pub use samples::answer;

use model::frames::{
    AlertRow, ColumnSpec, GrowthRow, HistoryEvent, HistoryFloor, HistoryForecast, HistoryLine, HistoryLink,
    HistorySample, HistoryTrend, Kind, RunbookRow, SIBLINGS, SPARKLINES, SuspectRow, Table,
};
use model::query::QueryType;

/// One frame of the contract.
#[derive(Debug, Clone)]
pub struct FrameSpec {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub doc: &'static str,
    /// Its columns in order.
    pub columns: Vec<ColumnSpec>,
    /// What each column beyond these is, where their number is open.
    pub open: Option<ColumnSpec>,
}

/// Every query type.
pub const QUERY_TYPES: [QueryType; 6] = [
    QueryType::Overview,
    QueryType::Suspects,
    QueryType::Growth,
    QueryType::History,
    QueryType::Alerts,
    QueryType::Runbook,
];

/// A query type's name in JSON.
pub fn name(query_type: QueryType) -> String {
    let json = serde_json::to_value(query_type).ok();
    json.and_then(|json| json.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The frames of its answer, in order.
pub fn frames(query_type: QueryType) -> Vec<FrameSpec> {
    match query_type {
        QueryType::Overview => {
            [QueryType::Suspects, QueryType::Alerts, QueryType::Runbook].map(frames).concat()
        }
        QueryType::Suspects => vec![spec::<SuspectRow>(), sparklines()],
        QueryType::Growth => vec![spec::<GrowthRow>()],
        QueryType::History => vec![
            spec::<HistorySample>(),
            spec::<HistoryFloor>(),
            spec::<HistoryTrend>(),
            spec::<HistoryForecast>(),
            spec::<HistoryLine>(),
            spec::<HistoryEvent>(),
            spec::<HistoryLink>(),
            siblings(),
        ],
        QueryType::Alerts => vec![spec::<AlertRow>()],
        QueryType::Runbook => vec![spec::<RunbookRow>()],
    }
}

fn spec<T: Table>() -> FrameSpec {
    FrameSpec { name: T::NAME, doc: T::DOC.trim(), columns: T::columns(), open: None }
}

fn sparklines() -> FrameSpec {
    let time = ColumnSpec {
        name: "time",
        kind: Kind::Time,
        nullable: false,
        unit: "",
        doc: "End of each of at most 48 equal parts of the range.",
    };
    let bytes = ColumnSpec {
        name: "one per suspect, named by its `id`",
        kind: Kind::Number,
        nullable: true,
        unit: "bytes",
        doc: "The last sample of that part, bytes; null where there is none.",
    };
    FrameSpec {
        name: SPARKLINES,
        doc: "A small picture of each suspect in `suspects`, in the same order.",
        columns: vec![time],
        open: Some(bytes),
    }
}

fn siblings() -> FrameSpec {
    let time = ColumnSpec {
        name: "time",
        kind: Kind::Time,
        nullable: false,
        unit: "",
        doc: "Middle of each of 240 equal parts of the range.",
    };
    let bytes = ColumnSpec {
        name: "one per pod, named by it",
        kind: Kind::Number,
        nullable: true,
        unit: "bytes",
        doc: "The highest sample of that part, bytes; null where there is none.",
    };
    FrameSpec {
        name: SIBLINGS,
        doc: "The other pods of the workload, those that have gone since included.",
        columns: vec![time],
        open: Some(bytes),
    }
}

/// A column's type in Grafana's words.
fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::String => "string",
        Kind::Number => "number",
        Kind::Time => "time",
    }
}
