//! What the panel's options say.

use serde_json::Value;

/// A part of the panel that can be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// The list.
    Suspects,
    /// The chart.
    Chart,
    /// The evidence.
    Evidence,
    /// The runbook.
    Runbook,
}

/// The options. Whatever a dashboard's JSON says instead of what it should is as if it said nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Options {
    parts: Option<Vec<String>>,
    /// As JSON text: the rest is for whoever judges series that come without a verdict.
    pub json: String,
}

impl Options {
    /// Reads the options as the host has them.
    pub fn read(json: &Value) -> Self {
        let parts = json["parts"].as_array();
        Self {
            parts: parts
                .map(|parts| parts.iter().filter_map(|part| part.as_str().map(str::to_owned)).collect()),
            json: json.to_string(),
        }
    }

    /// Whether a part is shown. None chosen shows all.
    pub fn shows(&self, part: Shown) -> bool {
        let name = match part {
            Shown::Suspects => "suspects",
            Shown::Chart => "chart",
            Shown::Evidence => "evidence",
            Shown::Runbook => "runbook",
        };
        self.parts.as_ref().is_none_or(|parts| parts.iter().any(|part| part == name))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn parts_that_make_no_sense_are_all_parts() {
        assert!(Options::read(&json!({"parts": "all"})).shows(Shown::Chart));
        let options = Options::read(&json!({"parts": ["runbook"]}));
        assert!(options.shows(Shown::Runbook) && !options.shows(Shown::Chart));
    }
}
