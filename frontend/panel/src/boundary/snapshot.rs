//! The panel's props as the host sends them.

use model::query::Scope;
use serde::Deserialize;
use serde_json::Value;

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
    /// Grafana's JSON form of the frames; `None` when they are those of the snapshot before.
    #[serde(skip)]
    pub frames: Option<Vec<Value>>,
    /// Messages of failed queries.
    pub errors: Vec<String>,
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
    pub fn parse(json: &str) -> Result<Self, serde_json::Error> {
        let mut tree: Value = serde_json::from_str(json)?;
        let frames = take_frames(&mut tree);
        Ok(Self { frames, ..Self::deserialize(&tree)? })
    }
}

/// Takes the array under `frames` out of a tree, if there is one.
pub(super) fn take_frames(tree: &mut Value) -> Option<Vec<Value>> {
    match tree.get_mut("frames")?.take() {
        Value::Array(frames) => Some(frames),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_object_is_a_snapshot() {
        let snapshot = RawSnapshot::parse("{}").expect("defaults");
        assert_eq!(snapshot.state, LoadingState::Done);
        assert!(snapshot.frames.is_none());
    }

    #[test]
    fn variables_arrive_as_json_text_and_unknown_keys_are_ignored() {
        let json = r#"{"state":"Loading","later":1,"variables":{"pod":"[\"a\",\"b\"]","namespace":"\"shop\"","container":"${container:json}"}}"#;
        let snapshot = RawSnapshot::parse(json).expect("a snapshot");
        assert_eq!(snapshot.state, LoadingState::Loading);
        assert_eq!(snapshot.variables.pod.0, ["a", "b"]);
        assert_eq!(snapshot.variables.namespace.single(), Some("shop"));
        assert!(snapshot.variables.container.is_any());
    }
}
