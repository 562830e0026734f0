//! The panel's props, decoded.

use std::rc::Rc;

use js_sys::Date;
use model::query::Scope;

use crate::boundary::{LoadingState, RawSnapshot, Theme, clock};
use crate::data::Data;
use crate::same::Same;
use crate::view::clock::Clock;
use crate::view::options::Options;

/// What the components render.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Where the queries stand.
    pub state: LoadingState,
    /// Changes with every answer.
    pub request_id: String,
    /// The frames, or `None` before the first answer.
    pub data: Option<Same<Data>>,
    /// Messages of failed queries.
    pub errors: Vec<String>,
    /// How many queries there are; 0 where the host does not say.
    pub queries: usize,
    /// When the frames came, milliseconds since the epoch.
    pub answered_ms: f64,
    /// The panel's options.
    pub options: Rc<Options>,
    /// Start of the time range, milliseconds since the epoch.
    pub from_ms: f64,
    /// End of the time range, milliseconds since the epoch.
    pub to_ms: f64,
    /// The dashboard's clock.
    pub clock: Clock,
    /// CSS pixels.
    pub width: f64,
    /// CSS pixels.
    pub height: f64,
    /// The path Grafana is served under.
    pub app_sub_url: String,
    /// Colours and fonts.
    pub theme: Theme,
    /// Dashboard variables.
    pub variables: Scope,
}

impl Snapshot {
    /// A snapshot from what the host sent; frames it did not send again are those of `before`.
    pub fn new(raw: RawSnapshot, before: Option<&Self>) -> Self {
        let unchanged = before.filter(|before| before.clock.zone() == raw.time_zone).map(|b| b.clock.clone());
        // An empty answer of a query that is still under way is no answer.
        let answered = raw.frames.filter(|frames| !frames.json.is_empty() || raw.state == LoadingState::Done);
        let options = Options::read(&raw.options);
        let same = before.filter(|before| *before.options == options).map(|before| before.options.clone());
        Self {
            queries: raw.queries,
            answered_ms: match (&answered, before) {
                (None, Some(before)) => before.answered_ms,
                _ => Date::now(),
            },
            options: same.unwrap_or_else(|| Rc::new(options)),
            data: match answered {
                Some(frames) => Some(Same::new(Data::decode(&frames))),
                None => before.and_then(|before| before.data.clone()),
            },
            state: raw.state,
            request_id: raw.request_id,
            errors: raw.errors,
            from_ms: raw.from_ms,
            to_ms: raw.to_ms,
            clock: unchanged.unwrap_or_else(|| clock(&raw.time_zone)),
            width: raw.width,
            height: raw.height,
            app_sub_url: raw.app_sub_url,
            theme: raw.theme,
            variables: raw.variables,
        }
    }

    /// Whether an answer is under way.
    pub fn loading(&self) -> bool {
        matches!(self.state, LoadingState::Loading | LoadingState::NotStarted)
    }

    /// Since when nothing newer came, where the newest answer is a failure: the frames are older than they look.
    pub fn old_since_ms(&self) -> Option<f64> {
        (self.failed() && self.data.is_some()).then_some(self.answered_ms)
    }

    /// Whether queries failed.
    pub fn failed(&self) -> bool {
        self.state == LoadingState::Error || !self.errors.is_empty()
    }
}
