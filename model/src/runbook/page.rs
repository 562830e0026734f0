//! A runbook page as the panel and the command line show it.
//!
//! All text is plain text from Markdown, never HTML. Links are `http`, `https` or empty.

use serde::{Deserialize, Serialize};

use crate::evidence::{EvidenceKind, Finding};

/// How a run of text is set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpanStyle {
    /// Ordinary text.
    #[default]
    Plain,
    /// `**strong**`.
    Strong,
    /// `*emphasis*`.
    Emphasis,
    /// `` `code` ``.
    Code,
}

/// A run of text in one style.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// The text.
    pub text: String,
    /// Its style.
    #[serde(default)]
    pub style: SpanStyle,
    /// Where it leads: an `http(s)` address, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub href: String,
}

/// Text that is neither a step nor a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", try_from = "RawBlock")]
pub enum Block {
    /// A paragraph.
    Paragraph {
        /// Its text.
        spans: Vec<Span>,
    },
    /// A bulleted list; nested lists are flattened with their depth.
    List {
        /// Depth (0 for the outermost) and text of each item.
        items: Vec<(usize, Vec<Span>)>,
    },
    /// A table.
    Table {
        /// Column titles.
        head: Vec<Vec<Span>>,
        /// Rows of cells.
        rows: Vec<Vec<Vec<Span>>>,
    },
    /// A block of text in some language that is not a command to run in a shell.
    Code {
        /// The language as the fence names it, or empty.
        language: String,
        /// The text.
        text: String,
    },
}

/// A block as it is read. What serde makes of a tag keeps everything until the tag is known, which is a second reader of
/// everything in the panel.
#[derive(Default, Deserialize)]
#[serde(default)]
struct RawBlock {
    kind: String,
    spans: Vec<Span>,
    items: Vec<(usize, Vec<Span>)>,
    head: Vec<Vec<Span>>,
    rows: Vec<Vec<Vec<Span>>>,
    language: String,
    text: String,
}

impl TryFrom<RawBlock> for Block {
    type Error = String;

    fn try_from(raw: RawBlock) -> Result<Self, String> {
        let RawBlock { kind, spans, items, head, rows, language, text } = raw;
        match kind.as_str() {
            "paragraph" => Ok(Self::Paragraph { spans }),
            "list" => Ok(Self::List { items }),
            "table" => Ok(Self::Table { head, rows }),
            "code" => Ok(Self::Code { language, text }),
            _ => Err(format!("no block of a page is a {kind:?}")),
        }
    }
}

/// A command with its placeholders filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilledCommand {
    /// What it is for: the comment above it, or empty.
    pub title: String,
    /// `bash`, `python`, `promql`, ...
    pub language: String,
    /// As the runbook has it.
    pub text: String,
    /// With values filled in and quoted, ready to paste; gaps stay as they were written.
    pub filled: String,
    /// Placeholders nothing is known for, as written.
    pub missing: Vec<String>,
    /// Whether it deletes, restarts or scales something: ask before copying.
    pub destructive: bool,
    /// What to mind before running it, or empty.
    #[serde(default)]
    pub caution: String,
}

/// One step.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FilledStep {
    /// Unique within the page: what progress is recorded under, with the page's hash.
    pub id: String,
    /// Its text without markup.
    pub text: String,
    /// Its text with markup.
    pub spans: Vec<Span>,
    /// Paragraphs, lists and tables that belong to it.
    #[serde(default)]
    pub detail: Vec<Block>,
    /// Its commands.
    pub commands: Vec<FilledCommand>,
    /// The checks that answer it.
    #[serde(default)]
    pub evidence: Vec<EvidenceKind>,
    /// Their answers.
    #[serde(default)]
    pub findings: Vec<Finding>,
}

/// Steps and commands under one heading.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FilledGroup {
    /// The heading, or empty.
    pub title: String,
    /// Text under it that is neither step nor command.
    #[serde(default)]
    pub notes: Vec<Block>,
    /// Its steps in order.
    pub steps: Vec<FilledStep>,
    /// Commands that belong to the group rather than to one step.
    pub commands: Vec<FilledCommand>,
}

/// One page.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FilledPage {
    /// Stable identifier: the slug of its title.
    pub id: String,
    /// The heading.
    pub title: String,
    /// The alerts it is for; none for a general section.
    pub alerts: Vec<String>,
    /// When the alert fires, in the runbook's words, or empty.
    pub trigger: String,
    /// The file it comes from.
    pub source: String,
    /// Changes with the page's text and with nothing else: what progress is recorded under.
    #[serde(default)]
    pub hash: String,
    /// Its groups in order.
    pub groups: Vec<FilledGroup>,
}

/// Everything shown for the alerts at hand.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FilledRunbook {
    /// Pages of the alerts, worst first.
    pub pages: Vec<FilledPage>,
    /// Sections that serve every alert.
    pub general: Vec<FilledPage>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_read_as_it_was_written() {
        let spans = vec![Span { text: "text".to_owned(), style: SpanStyle::Strong, ..Span::default() }];
        for block in [
            Block::Paragraph { spans: spans.clone() },
            Block::List { items: vec![(1, spans.clone())] },
            Block::Table { head: vec![spans.clone()], rows: vec![vec![spans]] },
            Block::Code { language: "json".to_owned(), text: "{}".to_owned() },
        ] {
            let json = serde_json::to_value(&block).expect("JSON");
            assert!(json["kind"].is_string(), "{json}");
            assert_eq!(serde_json::from_value::<Block>(json).expect("a block"), block);
        }
        assert!(serde_json::from_str::<Block>(r#"{"kind":"riddle"}"#).is_err());
    }
}
