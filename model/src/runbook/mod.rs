//! Runbooks: Markdown in, filled pages out.

mod page;

pub use page::{Block, FilledCommand, FilledGroup, FilledPage, FilledRunbook, FilledStep, Span, SpanStyle};
