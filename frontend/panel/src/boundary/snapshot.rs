//! The panel's props as the host sends them.

use js_sys::{Array, Float64Array};
use model::query::Scope;
use serde::Deserialize;
use serde_json::Value;
use wasm_bindgen::JsCast;

use super::theme::Theme;

/// Where the host's queries stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum LoadingState {
    /// Nothing was asked yet.
    NotStarted,
    /// An answer is under way; the frames are those of the one before.
    Loading,
    /// Answers keep coming.
    Streaming,
    /// At least one query failed.
    Error,
    /// All is answered. Also what an unknown state is read as.
    #[default]
    #[serde(other)]
    Done,
}

/// A snapshot before its frames are decoded.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RawSnapshot {
    /// Where the queries stand.
    pub state: LoadingState,
    /// Changes with every answer.
    pub request_id: String,
    /// The frames; `None` when they are those of the snapshot before.
    #[serde(skip)]
    pub frames: Option<Frames>,
    /// Messages of failed queries.
    pub errors: Vec<String>,
    /// How many queries there are.
    pub queries: usize,
    /// The panel's options.
    pub options: Value,
    /// Start of the time range, milliseconds since the epoch.
    pub from_ms: f64,
    /// End of the time range, milliseconds since the epoch.
    pub to_ms: f64,
    /// `browser`, `utc`, an IANA name, or empty.
    pub time_zone: String,
    /// CSS pixels.
    pub width: f64,
    /// CSS pixels.
    pub height: f64,
    /// The path Grafana is served under, without a slash at its end; empty at the root.
    pub app_sub_url: String,
    /// Colours and fonts.
    pub theme: Theme,
    /// Dashboard variables.
    pub variables: Scope,
}

impl RawSnapshot {
    /// Reads a snapshot. The frames are moved out of the tree, they are most of it.
    pub fn parse(json: &str, numbers: &Array) -> Result<Self, serde_json::Error> {
        let mut tree: Value = serde_json::from_str(json)?;
        let frames = Frames::take(&mut tree, numbers);
        Ok(Self { frames, ..Self::deserialize(&tree)? })
    }
}

/// Frames as the host wrote them.
#[derive(Debug, Clone, Default)]
pub struct Frames {
    /// Grafana's JSON form; the cells of a column of numbers or times may stand in `numbers`.
    pub json: Vec<Value>,
    /// Cells as they are: as text they would be most of it.
    numbers: Vec<Float64Array>,
}

impl Frames {
    /// Takes the array under `frames` out of a tree, if there is one, with the `Float64Array`s beside it.
    pub(super) fn take(tree: &mut Value, numbers: &Array) -> Option<Self> {
        let Value::Array(json) = tree.get_mut("frames")?.take() else { return None };
        let numbers = numbers.iter().filter_map(|cells| cells.dyn_into::<Float64Array>().ok());
        Some(Self { json, numbers: numbers.collect() })
    }

    /// A copy of the cells in that place: only what is looked at is copied.
    pub fn cells(&self, place: usize) -> Option<Vec<f64>> {
        self.numbers.get(place).map(Float64Array::to_vec)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_object_is_a_snapshot() {
        let snapshot = serde_json::from_str::<RawSnapshot>("{}").expect("defaults");
        assert_eq!(snapshot.state, LoadingState::Done);
        assert!(snapshot.frames.is_none());
    }

    #[test]
    fn variables_arrive_as_json_text_and_unknown_keys_are_ignored() {
        let json = r#"{"state":"Loading","later":1,"variables":{"pod":"[\"a\",\"b\"]","namespace":"\"shop\"","container":"${container:json}"}}"#;
        let snapshot = serde_json::from_str::<RawSnapshot>(json).expect("a snapshot");
        assert_eq!(snapshot.state, LoadingState::Loading);
        assert_eq!(snapshot.variables.pod.0, ["a", "b"]);
        assert_eq!(snapshot.variables.namespace.single(), Some("shop"));
        assert!(snapshot.variables.container.is_any());
    }
}
