//! Markdown into a flat list of blocks with their lines.
//!
//! Quotes are taken apart and headings inside lists become bold text, so that only lists nest, and those no
//! deeper than [`MAX_DEPTH`]: a hostile file cannot exhaust the stack.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::html::{self, Piece};
use super::open_fences;
use super::page::{Span, SpanStyle};

/// Lists nested deeper than this are shown at this depth.
const MAX_DEPTH: usize = 12;

/// A block and the line it begins on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) line: usize,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Heading {
        level: u8,
        spans: Vec<Span>,
    },
    Paragraph(Vec<Span>),
    /// `first` is the number of an ordered list's first item.
    List {
        first: Option<u64>,
        /// Whether its items carry check boxes.
        boxes: bool,
        items: Vec<Vec<Node>>,
    },
    Code {
        language: String,
        text: String,
    },
    Table {
        head: Vec<Vec<Span>>,
        rows: Vec<Vec<Vec<Span>>>,
    },
    /// `key=value` pairs of a `<!-- leaklens: ... -->` comment.
    Directive(Vec<(String, String)>),
}

/// A parsed file.
#[derive(Debug, Default)]
pub(super) struct Document {
    /// `key: value` lines of its front matter.
    pub(super) front: Vec<(String, String)>,
    pub(super) nodes: Vec<Node>,
    /// Line and sentence.
    pub(super) problems: Vec<(usize, String)>,
}

/// Parses a file's text.
pub(super) fn parse(text: &str) -> Document {
    let (text, problems) = open_fences::close(text);
    Document { problems, ..parse_at(&text, 1, true) }
}

fn parse_at(text: &str, first_line: usize, outermost: bool) -> Document {
    let mut options = Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_STRIKETHROUGH;
    if outermost {
        options |= Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
            | Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS
            | Options::ENABLE_HEADING_ATTRIBUTES;
    }
    let mut builder = Builder { outermost, ..Builder::default() };
    let mut line = first_line;
    let mut counted = 0;
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        // Offsets only grow, save at ends of containers, which need no line.
        if range.start > counted {
            line += text[counted..range.start].matches('\n').count();
            counted = range.start;
        }
        builder.event(event, line);
    }
    builder.flush();
    Document { front: builder.front, nodes: builder.nodes, problems: Vec::new() }
}

/// What is being collected in place of ordinary inline text.
#[derive(Debug, Default, PartialEq)]
enum Verbatim {
    #[default]
    No,
    Code(String),
    Html,
    Front,
}

#[derive(Debug, Default)]
struct OpenTable {
    head: Vec<Vec<Span>>,
    rows: Vec<Vec<Vec<Span>>>,
}

#[derive(Debug, Default)]
struct OpenList {
    line: usize,
    first: Option<u64>,
    boxes: bool,
    items: Vec<Vec<Node>>,
}

#[derive(Debug, Default)]
struct Builder {
    outermost: bool,
    front: Vec<(String, String)>,
    nodes: Vec<Node>,
    lists: Vec<OpenList>,
    /// Lists beyond the deepest level, whose items join that level's.
    too_deep: usize,
    spans: Vec<Span>,
    spans_line: usize,
    directives: Vec<Vec<(String, String)>>,
    strong: usize,
    emphasis: usize,
    link: Vec<(String, usize)>,
    heading: Option<u8>,
    verbatim: Verbatim,
    verbatim_text: String,
    verbatim_line: usize,
    table: Option<OpenTable>,
}

impl Builder {
    fn event(&mut self, event: Event<'_>, line: usize) {
        match event {
            Event::Start(tag) => self.start(tag, line),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::InlineMath(text) | Event::DisplayMath(text) => self.text(&text, line),
            Event::Code(text) => self.span(&text, SpanStyle::Code, line),
            Event::Html(html) if self.verbatim == Verbatim::Html => self.verbatim_text.push_str(&html),
            Event::Html(html) | Event::InlineHtml(html) => self.inline_html(&html, line),
            Event::FootnoteReference(name) => self.text(&format!("[^{name}]"), line),
            Event::SoftBreak | Event::HardBreak => self.text("\n", line),
            Event::Rule => self.flush(),
            Event::TaskListMarker(_) => {
                if let Some(list) = self.lists.last_mut() {
                    list.boxes = true;
                }
            }
        }
    }

    fn start(&mut self, tag: Tag<'_>, line: usize) {
        match tag {
            Tag::Strong => self.strong += 1,
            Tag::Emphasis => self.emphasis += 1,
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                self.link.push((dest_url.into_string(), self.spans.len()));
            }
            Tag::Strikethrough | Tag::Superscript | Tag::Subscript => {}
            Tag::TableHead | Tag::TableRow => {
                if let (Some(table), Tag::TableRow) = (&mut self.table, &tag) {
                    table.rows.push(Vec::new());
                }
            }
            Tag::TableCell => self.spans.clear(),
            Tag::Table(_) => {
                self.flush();
                self.verbatim_line = line;
                self.table = Some(OpenTable::default());
            }
            Tag::Heading { level, .. } => {
                self.flush();
                self.heading = Some(level as u8);
                self.spans_line = line;
            }
            Tag::CodeBlock(kind) => {
                let language = match kind {
                    CodeBlockKind::Fenced(info) => info.into_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                self.begin_verbatim(Verbatim::Code(language), line);
            }
            Tag::HtmlBlock => self.begin_verbatim(Verbatim::Html, line),
            Tag::MetadataBlock(_) => self.begin_verbatim(Verbatim::Front, line),
            Tag::List(first) => {
                self.flush();
                if self.lists.len() < MAX_DEPTH {
                    self.lists.push(OpenList { line, first, ..OpenList::default() });
                } else {
                    self.too_deep += 1;
                }
            }
            Tag::Item => {
                self.flush();
                if let Some(list) = self.lists.last_mut() {
                    list.items.push(Vec::new());
                }
            }
            Tag::Paragraph
            | Tag::BlockQuote(_)
            | Tag::FootnoteDefinition(_)
            | Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition => self.flush(),
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Strong => self.strong = self.strong.saturating_sub(1),
            TagEnd::Emphasis => self.emphasis = self.emphasis.saturating_sub(1),
            TagEnd::Link | TagEnd::Image => self.end_link(),
            TagEnd::Strikethrough
            | TagEnd::Superscript
            | TagEnd::Subscript
            | TagEnd::TableHead
            | TagEnd::TableRow => {}
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.spans);
                if let Some(table) = &mut self.table {
                    table.rows.last_mut().unwrap_or(&mut table.head).push(cell);
                }
            }
            TagEnd::Table => {
                if let Some(OpenTable { head, rows }) = self.table.take() {
                    self.push(Node { line: self.verbatim_line, kind: Kind::Table { head, rows } });
                    self.push_directives(self.verbatim_line);
                }
            }
            TagEnd::CodeBlock | TagEnd::HtmlBlock | TagEnd::MetadataBlock(_) => self.end_verbatim(),
            TagEnd::List(_) => {
                self.flush();
                if self.too_deep > 0 {
                    self.too_deep -= 1;
                } else if let Some(OpenList { line, first, boxes, items }) = self.lists.pop() {
                    self.push(Node { line, kind: Kind::List { first, boxes, items } });
                }
            }
            _ => self.flush(),
        }
    }

    fn text(&mut self, text: &str, line: usize) {
        if self.verbatim == Verbatim::No {
            let style = match (self.strong, self.emphasis) {
                (0, 0) => SpanStyle::Plain,
                (0, _) => SpanStyle::Emphasis,
                _ => SpanStyle::Strong,
            };
            self.span(text, style, line);
        } else {
            self.verbatim_text.push_str(text);
        }
    }

    fn span(&mut self, text: &str, style: SpanStyle, line: usize) {
        if self.spans.is_empty() && self.heading.is_none() {
            self.spans_line = line;
        }
        let joins = self.link.last().is_none_or(|(_, first)| self.spans.len() > *first);
        match self.spans.last_mut() {
            Some(last) if joins && last.style == style && last.href.is_empty() => last.text.push_str(text),
            _ => self.spans.push(Span { text: text.to_owned(), style, href: String::new() }),
        }
    }

    /// Links lead only to the web; where another target would be lost it is written out.
    fn end_link(&mut self) {
        let Some((target, first)) = self.link.pop() else { return };
        let linked = &mut self.spans[first..];
        let shown: String = linked.iter().map(|span| span.text.as_str()).collect();
        let lower = target.to_ascii_lowercase();
        let web = (lower.starts_with("http://") || lower.starts_with("https://"))
            && !target.chars().any(|ch| ch.is_whitespace() || super::text::is_hidden(ch));
        if web {
            for span in linked {
                span.href.clone_from(&target);
            }
            if shown.is_empty() {
                self.spans.push(Span { text: target.clone(), style: SpanStyle::Plain, href: target });
            }
        } else if !target.is_empty() && shown.trim() != target.trim_start_matches("mailto:") {
            let written = if shown.is_empty() { target } else { format!(" ({target})") };
            self.spans.push(Span { text: written, ..Span::default() });
        }
    }

    fn inline_html(&mut self, raw: &str, line: usize) {
        for piece in html::pieces(raw) {
            match piece {
                Piece::Text(text) | Piece::Summary(text) => self.text(&text, line),
                Piece::Break => self.text("\n", line),
                Piece::Directive(pairs) => self.directives.push(pairs),
            }
        }
    }

    fn begin_verbatim(&mut self, verbatim: Verbatim, line: usize) {
        self.flush();
        self.verbatim = verbatim;
        self.verbatim_text.clear();
        self.verbatim_line = line;
    }

    fn end_verbatim(&mut self) {
        let text = std::mem::take(&mut self.verbatim_text);
        let line = self.verbatim_line;
        match std::mem::take(&mut self.verbatim) {
            Verbatim::Code(language) => self.push(Node { line, kind: Kind::Code { language, text } }),
            Verbatim::Html => self.html_block(&text, line),
            Verbatim::Front => self.front.extend(html::pairs_of_lines(&text)),
            Verbatim::No => {}
        }
    }

    /// What stands between tags in a block of HTML is Markdown all the same; people write lists there.
    fn html_block(&mut self, raw: &str, line: usize) {
        let mut markdown = String::new();
        for piece in html::pieces(raw) {
            match piece {
                Piece::Text(text) => markdown.push_str(&text),
                Piece::Summary(text) => markdown.extend(["\n**", text.trim(), "**\n\n"]),
                Piece::Break => markdown.push('\n'),
                Piece::Directive(pairs) => self.directives.push(pairs),
            }
        }
        if self.outermost {
            for node in parse_at(&markdown, line, false).nodes {
                self.push(node);
            }
        } else if !markdown.trim().is_empty() {
            let span = Span { text: markdown.trim().to_owned(), ..Span::default() };
            self.push(Node { line, kind: Kind::Paragraph(vec![span]) });
        }
        self.push_directives(line);
    }

    /// Ends the paragraph or heading being collected.
    fn flush(&mut self) {
        let spans = std::mem::take(&mut self.spans);
        let heading = self.heading.take();
        let line = self.spans_line;
        if spans.iter().any(|span| !span.text.trim().is_empty()) {
            let kind = match heading {
                Some(level) if self.lists.is_empty() => Kind::Heading { level, spans },
                Some(_) => Kind::Paragraph(
                    spans.into_iter().map(|span| Span { style: SpanStyle::Strong, ..span }).collect(),
                ),
                None => Kind::Paragraph(spans),
            };
            self.push(Node { line, kind });
        }
        self.push_directives(line);
    }

    fn push_directives(&mut self, line: usize) {
        for pairs in std::mem::take(&mut self.directives) {
            self.push(Node { line, kind: Kind::Directive(pairs) });
        }
    }

    fn push(&mut self, node: Node) {
        let into = self.lists.last_mut().and_then(|list| list.items.last_mut()).unwrap_or(&mut self.nodes);
        into.push(node);
    }
}
