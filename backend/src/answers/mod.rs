//! The answer to each query type, in the frames of the contract.

mod alerts;
mod growth;
mod history;
mod overview;
mod runbook;
mod suspects;

use model::frames::{Frame, Notice, NoticeSeverity};
use model::query::{Query, QueryType};
use model::runbook::Library;
use thiserror::Error;

use crate::prometheus::{Client, PrometheusError};
use crate::scan::{ScanError, Server, Window, Windows};
use crate::settings::Settings;

/// Most suspects in an answer that names no limit.
const DEFAULT_LIMIT: usize = 100;

/// What every answer needs.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The server.
    pub client: &'a Client,
    /// What it has been asked for before.
    pub windows: &'a Windows,
    /// The data source's settings.
    pub settings: &'a Settings,
    /// The runbooks.
    pub library: &'a Library,
    /// The data source's uid.
    pub uid: &'a str,
    /// What is asked.
    pub query: &'a Query,
    /// The dashboard's time range.
    pub window: Window,
}

/// Why a query has no answer.
#[derive(Debug, Error)]
pub enum AnswerError {
    /// Suspects could not be found.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// Alerts could not be read.
    #[error(transparent)]
    Prometheus(#[from] PrometheusError),
    /// A `history` query finds nobody.
    #[error(
        "no memory metric of this suspect is in the time range: widen the range or choose another suspect"
    )]
    NoHistory,
}

impl AnswerError {
    /// Which of them it is, for counters and logs.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Scan(ScanError::Prometheus(error)) | Self::Prometheus(error) => error.kind(),
            Self::Scan(ScanError::Interrupted) => "interrupted",
            Self::Scan(ScanError::UnknownProfile { .. }) => "settings",
            Self::Scan(ScanError::NoSuchSuspect { .. }) => "malformed_query",
            Self::NoHistory => "no_history",
        }
    }
}

/// Answers a query.
pub async fn answer(asked: Asked<'_>) -> Result<Vec<Frame>, AnswerError> {
    match asked.query.query_type {
        QueryType::Overview => overview::answer(asked).await,
        QueryType::Suspects => suspects::answer(asked).await,
        QueryType::Growth => growth::answer(asked).await,
        QueryType::History => history::answer(asked).await,
        QueryType::Alerts => alerts::answer(asked).await,
        QueryType::Runbook => runbook::answer(asked).await,
    }
}

impl<'a> Asked<'a> {
    fn server(&self) -> Server<'a> {
        Server { client: self.client, settings: self.settings }
    }

    fn limit(&self) -> usize {
        if self.query.limit == 0 { DEFAULT_LIMIT } else { self.query.limit }
    }
}

fn warnings(texts: Vec<String>) -> impl Iterator<Item = Notice> {
    texts.into_iter().map(|text| Notice { severity: NoticeSeverity::Warning, text })
}

fn info(text: String) -> Notice {
    Notice { severity: NoticeSeverity::Info, text }
}
