//! What stands under a heading into steps, commands and text.

use crate::evidence::EvidenceKind;

use super::fence::{self, Fence};
use super::markdown::{Kind, Node};
use super::page::{Block, Span, SpanStyle};
use super::source::{Command, Group, Page, Problem, Step, plain};

/// Words in a group's title by which a bulleted list under it is a list of steps.
const ACTING: &[&str] = &[
    "action",
    "check",
    "diagnos",
    "fix",
    "immediate",
    "investigat",
    "mitigat",
    "procedure",
    "remed",
    "resol",
    "steps",
    "step ",
    "troubleshoot",
    "verif",
    "what to do",
];

/// A bold line longer than this is a sentence, not a title.
const LONGEST_TITLE: usize = 80;

/// Fills a page's groups from its sections.
pub(super) fn build<'a>(
    page: Page,
    preamble: &[Node],
    sections: impl Iterator<Item = (&'a str, &'a [Node])>,
    problems: &mut Vec<Problem>,
) -> Page {
    let mut builder = Builder { page, group: Group::default(), loose_from: None, problems };
    builder.nodes(preamble);
    for (title, nodes) in sections {
        builder.begin(title);
        builder.nodes(nodes);
    }
    builder.close();
    builder.page
}

/// The trigger a paragraph states, as `**Trigger**: ...`.
pub(super) fn trigger_of(node: &Node) -> Option<String> {
    let Kind::Paragraph(spans) = &node.kind else { return None };
    lines(spans)
        .iter()
        .find_map(|line| labelled(line).filter(|(label, _)| is_trigger(label)).map(|(_, rest)| plain(&rest)))
}

fn is_trigger(label: &str) -> bool {
    matches!(
        label.to_lowercase().as_str(),
        "trigger" | "triggers" | "triggers when" | "trigger condition" | "fires when" | "condition"
    )
}

struct Builder<'a> {
    page: Page,
    group: Group,
    /// Number of group commands when the last list of steps ended.
    loose_from: Option<usize>,
    problems: &'a mut Vec<Problem>,
}

impl Builder<'_> {
    /// Ends the current group. An empty one under a heading is kept, for its title says something.
    fn close(&mut self) {
        let group = std::mem::take(&mut self.group);
        self.loose_from = None;
        if group != Group::default() {
            self.page.groups.push(group);
        }
    }

    fn begin(&mut self, title: &str) {
        self.close();
        title.clone_into(&mut self.group.title);
    }

    /// Text that follows steps or commands must not jump above them.
    fn begin_after_steps(&mut self) {
        if !self.group.steps.is_empty() || !self.group.commands.is_empty() {
            self.begin("");
        }
    }

    fn problem(&mut self, line: usize, text: String) {
        self.problems.push(Problem { file: self.page.file.clone(), line, text });
    }

    fn nodes(&mut self, nodes: &[Node]) {
        for node in nodes {
            match &node.kind {
                Kind::Heading { spans, .. } => self.begin(&plain(spans)),
                Kind::Paragraph(spans) => self.paragraph(spans, node.line),
                Kind::List { first, boxes, items } => self.list(*first, *boxes, items),
                Kind::Code { language, text } => {
                    let fence = self.fence(language, text, node.line);
                    self.group.notes.extend(fence.notes);
                    self.group.commands.extend(fence.commands);
                }
                Kind::Table { .. } => {
                    self.begin_after_steps();
                    self.group.notes.extend(table(node));
                }
                Kind::Directive(pairs) => {
                    let evidence = self.evidence(pairs, node.line);
                    match self.group.steps.last_mut() {
                        Some(step) => step.evidence.extend(evidence),
                        None => self.evidence_of_text(evidence, node.line),
                    }
                }
            }
        }
    }

    /// Evidence after a paragraph makes that paragraph a step.
    fn evidence_of_text(&mut self, evidence: Vec<EvidenceKind>, line: usize) {
        if evidence.is_empty() {
            return;
        }
        if let Some(Block::Paragraph { .. }) = self.group.notes.last()
            && let Some(Block::Paragraph { spans }) = self.group.notes.pop()
        {
            let commands = std::mem::take(&mut self.group.commands);
            self.group.steps.push(Step { spans, commands, evidence, line, ..Step::default() });
        } else {
            self.problem(line, "an evidence comment stands after no step; it is ignored".to_owned());
        }
    }

    fn paragraph(&mut self, spans: &[Span], line: usize) {
        let mut text: Vec<Vec<Span>> = Vec::new();
        for row in lines(spans) {
            match labelled(&row) {
                Some((label, rest)) if is_trigger(&label) && self.page.trigger.is_empty() => {
                    self.page.trigger = plain(&rest);
                }
                Some((label, rest)) if plain(&rest).is_empty() && is_title(&label) => {
                    self.text(std::mem::take(&mut text), line);
                    self.begin(&label);
                }
                _ => text.push(row),
            }
        }
        self.text(text, line);
    }

    fn text(&mut self, rows: Vec<Vec<Span>>, line: usize) {
        if rows.is_empty() {
            return;
        }
        self.begin_after_steps();
        let spans = join_lines(rows);
        self.group.commands.extend(inline_commands(&spans, line));
        self.group.notes.push(Block::Paragraph { spans });
    }

    fn list(&mut self, first: Option<u64>, boxes: bool, items: &[Vec<Node>]) {
        let title = self.group.title.to_lowercase();
        let acting = !self.page.alerts.is_empty() && title.is_empty()
            || ACTING.iter().any(|word| title.contains(word));
        if first.is_none() && !boxes && !acting {
            let mut step = Step::default();
            self.flatten(items, 0, &mut step);
            self.begin_after_steps();
            let Step { detail, commands, .. } = step;
            self.group.notes.extend(detail);
            self.group.commands.extend(commands);
            return;
        }
        // A list that goes on counting after a block was interrupted by it: the block belongs to the step above.
        if let (Some(start), Some(from)) = (first, self.loose_from)
            && start > 1
            && from < self.group.commands.len()
            && let Some(step) = self.group.steps.last_mut()
        {
            step.commands.extend(self.group.commands.drain(from..));
        }
        for item in items {
            let step = self.step(item);
            self.group.steps.push(step);
        }
        self.loose_from = Some(self.group.commands.len());
    }

    fn step(&mut self, item: &[Node]) -> Step {
        let mut step = Step { line: item.first().map_or(0, |node| node.line), ..Step::default() };
        for node in item {
            match &node.kind {
                Kind::Paragraph(spans) if step.spans.is_empty() => {
                    step.commands.extend(inline_commands(spans, node.line));
                    step.spans.clone_from(spans);
                }
                Kind::List { items, .. } => self.flatten(items, 0, &mut step),
                _ => self.detail(node, &mut step),
            }
        }
        if step.spans.is_empty()
            && let Some(command) = step.commands.first()
        {
            let text = if command.title.is_empty() { "Run the command" } else { &command.title };
            step.spans = vec![Span { text: text.to_owned(), ..Span::default() }];
        }
        step
    }

    fn detail(&mut self, node: &Node, step: &mut Step) {
        match &node.kind {
            Kind::Paragraph(spans) | Kind::Heading { spans, .. } => {
                step.commands.extend(inline_commands(spans, node.line));
                step.detail.push(Block::Paragraph { spans: spans.clone() });
            }
            Kind::Code { language, text } => {
                let fence = self.fence(language, text, node.line);
                step.commands.extend(fence.commands);
                step.detail.extend(fence.notes);
            }
            Kind::Table { .. } => step.detail.extend(table(node)),
            Kind::Directive(pairs) => {
                let evidence = self.evidence(pairs, node.line);
                step.evidence.extend(evidence);
            }
            Kind::List { items, .. } => self.flatten(items, 0, step),
        }
    }

    /// A nested list as one list with depths; what is not text in it goes to the step.
    fn flatten(&mut self, items: &[Vec<Node>], depth: usize, step: &mut Step) {
        for item in items {
            for node in item {
                match &node.kind {
                    Kind::Paragraph(spans) => {
                        step.commands.extend(inline_commands(spans, node.line));
                        let entry = (depth, spans.clone());
                        match step.detail.last_mut() {
                            Some(Block::List { items }) => items.push(entry),
                            _ => step.detail.push(Block::List { items: vec![entry] }),
                        }
                    }
                    Kind::List { items, .. } => self.flatten(items, depth + 1, step),
                    _ => self.detail(node, step),
                }
            }
        }
    }

    fn fence(&mut self, language: &str, text: &str, line: usize) -> Fence {
        let mut fence = fence::read(language, text, line + 1);
        for (line, text) in std::mem::take(&mut fence.problems) {
            self.problem(line, text);
        }
        fence
    }

    fn evidence(&mut self, pairs: &[(String, String)], line: usize) -> Vec<EvidenceKind> {
        let mut kinds = Vec::new();
        for (key, value) in pairs {
            if key != "evidence" {
                self.problem(line, format!("`{key}` is no key of a leaklens comment; only `evidence` is"));
                continue;
            }
            for name in value.split(',').filter(|name| !name.is_empty()) {
                match EvidenceKind::named(name) {
                    Some(kind) => kinds.push(kind),
                    None => self.problem(line, format!("`{name}` is no kind of evidence")),
                }
            }
        }
        kinds
    }
}

fn table(node: &Node) -> Option<Block> {
    let Kind::Table { head, rows } = &node.kind else { return None };
    Some(Block::Table { head: head.clone(), rows: rows.clone() })
}

/// Inline code that reads as a command.
fn inline_commands(spans: &[Span], line: usize) -> Vec<Command> {
    let command = |span: &Span| Command {
        language: "bash".to_owned(),
        text: super::text::copyable(span.text.trim()),
        line,
        ..Command::default()
    };
    spans
        .iter()
        .filter(|span| span.style == SpanStyle::Code && fence::reads_as_command(&span.text))
        .map(command)
        .collect()
}

fn is_title(label: &str) -> bool {
    label.chars().count() <= LONGEST_TITLE && !label.ends_with(['.', '!', '?'])
}

/// `**Label**: rest` or `**Label:** rest`, or a line that is bold throughout.
fn labelled(spans: &[Span]) -> Option<(String, Vec<Span>)> {
    let (first, rest) = spans.split_first()?;
    if first.style != SpanStyle::Strong {
        return None;
    }
    let label = first.text.trim();
    if let Some(label) = label.strip_suffix(':') {
        return Some((label.trim().to_owned(), rest.to_vec()));
    }
    let mut rest = rest.to_vec();
    match rest.first_mut() {
        None => Some((label.to_owned(), rest)),
        Some(next) => {
            next.text = next.text.trim_start().strip_prefix(':')?.to_owned();
            Some((label.to_owned(), rest))
        }
    }
}

/// A paragraph's spans by line.
fn lines(spans: &[Span]) -> Vec<Vec<Span>> {
    let mut rows = vec![Vec::new()];
    for span in spans {
        for (index, text) in span.text.split('\n').enumerate() {
            if index > 0 {
                rows.push(Vec::new());
            }
            if let Some(row) = rows.last_mut().filter(|_| !text.is_empty()) {
                row.push(Span { text: text.to_owned(), ..span.clone() });
            }
        }
    }
    rows.retain(|row| !row.is_empty());
    rows
}

fn join_lines(rows: Vec<Vec<Span>>) -> Vec<Span> {
    let mut joined: Vec<Span> = Vec::new();
    for row in rows {
        if let Some(last) = joined.last_mut() {
            last.text.push('\n');
        }
        joined.extend(row);
    }
    joined
}
