//! A runbook as it was written, before anything is filled in.

use crate::evidence::EvidenceKind;
use crate::fingerprint;

use super::page::{Block, Span};

/// What is wrong with a file, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file's name as it was given.
    pub file: String,
    /// Line, from 1; 0 where the whole file is meant.
    pub line: usize,
    /// What is wrong, in one sentence.
    pub text: String,
}

/// One page: of some alerts, or a section that serves every alert.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Unique within its library.
    pub id: String,
    /// The heading, without numbering.
    pub title: String,
    /// The alerts it is for; none for a general section.
    pub alerts: Vec<String>,
    /// When the alert fires, or empty.
    pub trigger: String,
    /// The file it comes from.
    pub file: String,
    /// The line of its heading.
    pub line: usize,
    /// Its groups in order.
    pub groups: Vec<Group>,
}

/// Steps, commands and text under one heading.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    /// The heading, or empty.
    pub title: String,
    /// Text that is neither step nor command.
    pub notes: Vec<Block>,
    /// Its steps in order.
    pub steps: Vec<Step>,
    /// Commands that belong to no single step.
    pub commands: Vec<Command>,
}

/// One step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Step {
    /// Its text.
    pub spans: Vec<Span>,
    /// Text and lists that belong to it.
    pub detail: Vec<Block>,
    /// Its commands.
    pub commands: Vec<Command>,
    /// The checks that answer it.
    pub evidence: Vec<EvidenceKind>,
    /// Where it stands in the file.
    pub line: usize,
}

/// One command, or a block of another language.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Command {
    /// What it is for: the comment above it, or empty.
    pub title: String,
    /// `bash`, `python`, `promql`, ...
    pub language: String,
    /// Its text, free of hidden characters.
    pub text: String,
    /// Variables that the block around it assigns itself; these are no placeholders.
    pub assigned: Vec<String>,
    /// Where it stands in the file.
    pub line: usize,
}

impl Page {
    /// Changes with what the page says, before anything is filled in. Where it lies in which file is no matter.
    pub(super) fn hash(&self) -> String {
        let mut texts = vec![self.title.clone(), self.trigger.clone()];
        for group in &self.groups {
            texts.push(group.title.clone());
            texts.extend(group.notes.iter().flat_map(texts_of));
            for step in &group.steps {
                texts.push(plain(&step.spans));
                texts.extend(step.detail.iter().flat_map(texts_of));
                texts.extend(step.commands.iter().map(|command| command.text.clone()));
            }
            texts.extend(group.commands.iter().map(|command| command.text.clone()));
        }
        fingerprint::of_texts(texts.iter().map(String::as_str))
    }
}

fn texts_of(block: &Block) -> Vec<String> {
    match block {
        Block::Paragraph { spans } => vec![plain(spans)],
        Block::List { items } => items.iter().map(|(_, spans)| plain(spans)).collect(),
        Block::Table { head, rows } => rows.iter().flatten().chain(head).map(|cell| plain(cell)).collect(),
        Block::Code { text, .. } => vec![text.clone()],
    }
}

/// The text of spans without markup.
pub(super) fn plain(spans: &[Span]) -> String {
    let text: String = spans.iter().map(|span| span.text.as_str()).collect();
    text.trim().to_owned()
}
