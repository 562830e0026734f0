//! Pages with their placeholders filled in.

use std::collections::BTreeMap;

use crate::evidence::Finding;

use super::facts::{Fact, Facts, Origin};
use super::fence;
use super::hazard::{self, Hazard};
use super::page::{
    Block, FilledCommand, FilledGroup, FilledPage, FilledRunbook, FilledStep, Span, SpanStyle,
};
use super::placeholder::{self, Placeholder};
use super::quoting::{self, Analysis, Place};
use super::source::{Command, Group, Page, Step, plain};
use super::text::{copyable, slug, unique};

/// Fills pages. Our own commands carry a namespace and take a context; an operator's are not rewritten.
#[derive(Debug, Clone, Copy)]
pub(super) struct Filler<'a> {
    pub(super) facts: &'a Facts,
    /// Whether the page is one of our pack.
    pub(super) ours: bool,
}

impl Filler<'_> {
    pub(super) fn page(self, page: &Page) -> FilledPage {
        let mut ids = BTreeMap::new();
        FilledPage {
            id: page.id.clone(),
            title: page.title.clone(),
            alerts: page.alerts.clone(),
            trigger: self.prose(&page.trigger),
            source: page.file.clone(),
            hash: page.hash(),
            groups: page.groups.iter().map(|group| self.group(group, &mut ids)).collect(),
        }
    }

    fn group(self, group: &Group, ids: &mut BTreeMap<String, usize>) -> FilledGroup {
        FilledGroup {
            title: group.title.clone(),
            notes: group.notes.iter().map(|block| self.block(block)).collect(),
            steps: group.steps.iter().map(|step| self.step(step, ids)).collect(),
            commands: group.commands.iter().map(|command| self.command(command)).collect(),
        }
    }

    /// A step's identifier is its text: it survives steps added above it.
    fn step(self, step: &Step, ids: &mut BTreeMap<String, usize>) -> FilledStep {
        let spans = self.spans(&step.spans);
        let base = Some(slug(&plain(&step.spans)))
            .filter(|slug| !slug.is_empty())
            .unwrap_or_else(|| "step".to_owned());
        FilledStep {
            id: unique(base, ids),
            text: plain(&spans),
            spans,
            detail: step.detail.iter().map(|block| self.block(block)).collect(),
            commands: step.commands.iter().map(|command| self.command(command)).collect(),
            evidence: step.evidence.clone(),
            findings: Vec::new(),
        }
    }

    fn block(self, block: &Block) -> Block {
        match block {
            Block::Paragraph { spans } => Block::Paragraph { spans: self.spans(spans) },
            Block::List { items } => Block::List {
                items: items.iter().map(|(depth, spans)| (*depth, self.spans(spans))).collect(),
            },
            Block::Table { head, rows } => Block::Table {
                head: head.iter().map(|cell| self.spans(cell)).collect(),
                rows: rows.iter().map(|row| row.iter().map(|cell| self.spans(cell)).collect()).collect(),
            },
            Block::Code { .. } => block.clone(),
        }
    }

    fn spans(self, spans: &[Span]) -> Vec<Span> {
        let text = |span: &Span| {
            // Somebody may copy it from the sentence.
            if span.style == SpanStyle::Code && fence::reads_as_command(&span.text) {
                let text = span.text.clone();
                self.command(&Command { text, language: "bash".to_owned(), ..Command::default() }).filled
            } else {
                self.prose(&span.text)
            }
        };
        spans.iter().map(|span| Span { text: text(span), ..span.clone() }).collect()
    }

    /// Text to read, not to run: values stand in it as they are, but for hidden characters.
    fn prose(self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut copied = 0;
        for placeholder in placeholder::find(text, &[]) {
            if let Some(Fact::Known { value, .. }) = self.facts.of(&placeholder.name) {
                filled.push_str(&text[copied..placeholder.range.start]);
                filled.push_str(&visible(value));
                copied = placeholder.range.end;
            }
        }
        filled.push_str(&text[copied..]);
        filled
    }

    pub(super) fn command(self, command: &Command) -> FilledCommand {
        let text = self.with_context(command);
        let placeholders = placeholder::find(&text, &command.assigned);
        let ranges: Vec<_> = placeholders.iter().map(|placeholder| placeholder.range.clone()).collect();
        let shell = is_shell(&command.language);
        let analysis = if shell {
            quoting::analyse(&text, &ranges)
        } else {
            // Another language: only values that mean nothing in any language.
            Analysis { places: vec![Place::default(); ranges.len()], commands: Vec::new() }
        };
        let mut filled = String::with_capacity(text.len());
        let mut missing: Vec<String> = Vec::new();
        let mut cautions: Vec<String> = Vec::new();
        let mut copied = 0;
        for (placeholder, place) in placeholders.iter().zip(&analysis.places) {
            let written = &text[placeholder.range.clone()];
            filled.push_str(&text[copied..placeholder.range.start]);
            copied = placeholder.range.end;
            match self.value(placeholder, written, place) {
                Ok((value, caution)) => {
                    filled.push_str(&value);
                    cautions.extend(caution);
                }
                Err(caution) => {
                    filled.push_str(written);
                    missing.push(written.to_owned());
                    cautions.extend(caution);
                }
            }
        }
        filled.push_str(&text[copied..]);
        let hazard = hazard::judge(&analysis.commands);
        cautions.extend(self.hazards(&hazard));
        if hazard.runs_inside && !self.ours {
            cautions.extend(own_variables(&filled));
        }
        dedup(&mut missing);
        dedup(&mut cautions);
        FilledCommand {
            title: command.title.clone(),
            language: command.language.clone(),
            text,
            filled,
            missing,
            destructive: hazard.destructive,
            caution: cautions.join(" "),
        }
    }

    /// Our own commands name the context where the alert's cluster is mapped to one, and leave the choice of the
    /// container to kubectl where none is known.
    fn with_context(self, command: &Command) -> String {
        let mut text = copyable(&command.text);
        if self.ours && is_shell(&command.language) {
            if self.facts.value("context").is_some() {
                text = text.replace("kubectl -n ", "kubectl --context <context> -n ");
            }
            if self.facts.get("container").is_none() {
                text = text.replace(" -c <container>", "").replace(" --target=<container>", "");
            }
        }
        text
    }

    /// The quoted value and what to mind; or, for a gap, why it is one.
    fn value(
        self,
        placeholder: &Placeholder,
        written: &str,
        place: &Place,
    ) -> Result<(String, Option<String>), Option<String>> {
        match self.facts.of(&placeholder.name) {
            None => Err(None),
            Some(Fact::Ambiguous(candidates)) => {
                let shown =
                    candidates.iter().take(8).map(|value| visible(value)).collect::<Vec<_>>().join(", ");
                let more = if candidates.len() > 8 {
                    format!(" and {} more", candidates.len() - 8)
                } else {
                    String::new()
                };
                Err(Some(format!("`{written}` may be any of: {shown}{more}.")))
            }
            Some(Fact::Known { value, origin }) => match quoting::quote(value, place) {
                Err(refusal) => Err(Some(format!("`{written}` {}.", refusal.reason()))),
                Ok(quoted) => {
                    let derived = *origin == Origin::Derived
                        && matches!(&placeholder.name, placeholder::Name::Fact(name) if name != "port");
                    let caution = derived
                        .then(|| format!("`{written}` is told from the pod's name: {}.", visible(value)));
                    Ok((quoted, caution))
                }
            },
        }
    }

    /// Before a restart, how to keep what it destroys.
    fn what_is_lost(self) -> String {
        let lost = "What the process holds in memory is lost: save its log and a memory profile first.";
        if self.facts.value("pod").is_none() {
            return lost.to_owned();
        }
        let text = "kubectl -n <namespace> logs <pod> -c <container> --timestamps > <pod>.log".to_owned();
        let save = Command { text, language: "bash".to_owned(), ..Command::default() };
        let save = Self { ours: true, ..self }.command(&save);
        if save.missing.is_empty() {
            format!("{lost} For its log: `{}`.", save.filled)
        } else {
            lost.to_owned()
        }
    }

    fn hazards(self, hazard: &Hazard) -> Vec<String> {
        let mut cautions = Vec::new();
        match (hazard.scales_to, self.facts.replicas) {
            (Some(wanted), Some(running)) if wanted < running => {
                cautions.push(format!("This scales down: {running} replicas run now, the command asks for {wanted}."));
            }
            (Some(wanted), Some(running)) => cautions.push(format!("{running} replicas run now, the command asks for {wanted}.")),
            (Some(wanted), None) => cautions.push(format!("Compare with the replicas that run now: where there are more than {wanted}, this scales down.")),
            (None, _) if hazard.ends_process && !self.ours => cautions.push(self.what_is_lost()),
            (None, _) if hazard.ends_process => {
                cautions.push("What the process holds in memory is lost: save its logs and a memory profile first.".to_owned());
            }
            _ => {}
        }
        if hazard.prints_secrets {
            cautions.push("It prints secrets to the terminal.".to_owned());
        }
        if hazard.no_namespace {
            cautions.push("It names no namespace: it runs in that of kubectl's current context.".to_owned());
        } else if hazard.no_context && self.facts.value("context").is_some() {
            cautions.push("It runs in kubectl's current context.".to_owned());
        }
        cautions
    }
}

/// Variables in a command for a container that the caller's own shell reads before kubectl does.
fn own_variables(filled: &str) -> Option<String> {
    let names: Vec<_> = quoting::expansions(filled).into_iter().map(|(name, _)| format!("${name}")).collect();
    (!names.is_empty()).then(|| format!("Your own shell fills in {}, not the container's.", names.join(", ")))
}

pub(super) fn is_shell(language: &str) -> bool {
    matches!(language, "bash" | "sh" | "shell" | "zsh" | "ksh" | "fish")
}

/// An untrusted value in a sentence.
fn visible(value: &str) -> String {
    let mut shown: String = value.chars().take(80).filter(|ch| !super::text::is_hidden(*ch)).collect();
    if value.chars().count() > 80 {
        shown.push('…');
    }
    shown
}

fn dedup(texts: &mut Vec<String>) {
    let mut seen = std::collections::BTreeSet::new();
    texts.retain(|text| seen.insert(text.clone()));
}

impl FilledRunbook {
    /// Gives every step the answers to its checks. A check nobody answered stays without one.
    pub fn attach(&mut self, findings: &[Finding]) {
        for page in self.pages.iter_mut().chain(&mut self.general) {
            for step in page.groups.iter_mut().flat_map(|group| &mut group.steps) {
                let answers = step
                    .evidence
                    .iter()
                    .filter_map(|kind| findings.iter().find(|finding| finding.kind == *kind));
                step.findings = answers.cloned().collect();
            }
        }
    }
}
