//! The frame contract: what every query type answers with.
//!
//! A row type is declared once with [`table!`]; its columns, types, units and descriptions, the encoder, the
//! decoder and docs/frames.md all come from that declaration. Readers find columns by name, never by position.

mod alerts;
mod cell;
mod frame;
mod growth;
mod history;
mod runbook;
mod suspects;
mod table;
mod unit;
mod write;

pub use alerts::AlertRow;
pub use cell::{Cell, Kind, Millis};
pub use frame::{Column, Frame, FrameError, Notice, NoticeSeverity, Numbers, Values, Wide};
pub use growth::GrowthRow;
pub use history::{
    HistoryEvent, HistoryFloor, HistoryForecast, HistoryLine, HistoryLink, HistorySample, HistoryTrend,
};
pub use runbook::RunbookRow;
pub use suspects::SuspectRow;
pub use table::{ColumnSpec, Table};
pub use unit::bytes_in;

/// The frame of sparklines: a time column and one column of bytes per suspect, named by [`SuspectRow::id`].
pub const SPARKLINES: &str = "sparklines";
/// At most so many points in a sparkline.
pub const SPARKLINE_POINTS: usize = 48;
/// The frame of a suspect's siblings: a time column and one column of bytes per pod, named by it.
pub const SIBLINGS: &str = "siblings";
/// Frames that the panel shows as they are; of any other it has the series judged.
pub const SHOWN: [&str; 4] = [SuspectRow::NAME, AlertRow::NAME, RunbookRow::NAME, SPARKLINES];
