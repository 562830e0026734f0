//! Runbooks: Markdown in, filled pages out.
//!
//! A file's bytes become text (`text`), blocks (`markdown`, `html`), pages (`layout`), groups of steps and
//! commands (`group`, `fence`): together a [`Library`]. For the alerts at hand it chooses pages and fills their
//! placeholders (`placeholder`) with what is known ([`Facts`], `workload`), quoted for the place they stand in
//! (`shell`, `quoting`); what may do harm is marked (`hazard`). Nothing here executes anything.

mod builtin;
mod facts;
mod fence;
mod fill;
mod group;
mod hazard;
mod html;
mod layout;
mod library;
mod lint;
mod markdown;
mod open_fences;
mod page;
mod placeholder;
mod python;
mod quoting;
mod shell;
mod source;
mod text;
mod workload;

#[cfg(test)]
mod paste_tests;
#[cfg(test)]
mod quoting_tests;
#[cfg(test)]
mod tests;

pub use facts::{Fact, Facts, Origin, RunbookSettings};
pub use library::{Library, PAGE_LABEL};
pub use lint::RuleRef;
pub use page::{Block, FilledCommand, FilledGroup, FilledPage, FilledRunbook, FilledStep, Span, SpanStyle};
pub use source::{Command, Group, Page, Problem, Step};
pub use workload::{pod_template_of, workload_of};
