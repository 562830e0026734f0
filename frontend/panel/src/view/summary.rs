//! The incident in Markdown, for a ticket or a chat.

use model::evidence::{Finding, FindingState};
use model::frames::AlertRow;
use model::runbook::{FilledPage, FilledStep};

use super::clock::Clock;
use super::progress::{Record, Recorded};
use super::text::NAME_CHARS;
use super::verdict::Line;
use super::{alert, text};
use crate::data::Data;
use crate::strings;

/// Longest text of one line.
const LINE_CHARS: usize = 600;

/// What is told.
#[derive(Debug)]
pub struct Summary<'a> {
    /// The verdict.
    pub line: &'a Line,
    /// The alert at hand.
    pub alert: Option<&'a AlertRow>,
    /// The frames.
    pub data: &'a Data,
    /// What has been done.
    pub recorded: &'a Recorded,
    /// The present, milliseconds since the epoch.
    pub now_ms: f64,
    /// The address of the dashboard.
    pub address: &'a str,
}

impl Summary<'_> {
    /// Verdict, alert, evidence, steps done and open. Times are UTC: who reads it may sit anywhere.
    pub fn markdown(&self) -> String {
        let name = self.alert.map_or(strings::INCIDENT, |alert| alert.alertname.as_str());
        let mut text = format!("# {}\n\n", escaped(name, NAME_CHARS));
        let mut add = |line: &str| text.extend([line, "\n"]);
        add(&format!("**{}**: {}", self.line.word, escaped(&self.line.sentence, LINE_CHARS)));
        for detail in self.line.details.iter().filter(|detail| !detail.is_empty()) {
            add(&format!("- {}", escaped(detail, LINE_CHARS)));
        }
        if let Some(alert) = self.alert {
            let since = alert.since.map(|since| moment(since.0 as f64));
            let value = alert::value(alert);
            let fires = strings::stands(&alert.alertname, &alert.state, since.as_deref(), value.as_deref());
            add(&format!("\n{}", escaped(&fires, LINE_CHARS)));
            if !alert.summary.is_empty() {
                add(&escaped(&alert.summary, LINE_CHARS));
            }
        }
        add(&format!("\n<{}>", self.address));
        let findings = self.data.findings();
        if !findings.is_empty() {
            add(&format!("\n## {}\n", strings::EVIDENCE));
            for finding in findings {
                add(&self::finding(finding));
            }
        }
        for page in self.data.pages.iter().filter(|page| page.for_alert) {
            self.page(&page.page, &mut add);
        }
        add(&format!("\n{}", strings::as_of(&moment(self.now_ms))));
        text
    }

    fn page(&self, page: &FilledPage, add: &mut impl FnMut(&str)) {
        add(&format!("\n## {}", escaped(&page.title, NAME_CHARS)));
        for group in page.groups.iter().filter(|group| !group.steps.is_empty()) {
            add(&format!("\n### {}\n", escaped(&group.title, NAME_CHARS)));
            for step in &group.steps {
                add(&self::step(step, self.recorded.of(&page.hash, &step.id)));
            }
        }
    }
}

fn finding(finding: &Finding) -> String {
    let word = strings::finding_word(finding.state);
    let (kind, sentence) = (strings::evidence_title(finding.kind), escaped(&finding.sentence, LINE_CHARS));
    let mark = if matches!(finding.state, FindingState::Attention | FindingState::Bad) { "**" } else { "" };
    format!("- {mark}{word}{mark} {kind}: {sentence}")
}

fn step(step: &FilledStep, record: Option<&Record>) -> String {
    let text = escaped(&step.text, LINE_CHARS);
    let Some(record) = record else { return format!("- [ ] {text}") };
    let tick = if record.done { 'x' } else { ' ' };
    let said = strings::ticked(record.done, &escaped(&record.who, NAME_CHARS), &moment(record.at_ms));
    format!("- [{tick}] {text} ({said})")
}

fn moment(at_ms: f64) -> String {
    format!("{} UTC", Clock::utc().full(at_ms))
}

/// Untrusted text as Markdown that shows it and does nothing else.
fn escaped(text: &str, max_chars: usize) -> String {
    let shown = text::visible(text, max_chars);
    let mut escaped = String::with_capacity(shown.len());
    let mut before = ' ';
    let mut chars = shown.chars().peekable();
    while let Some(ch) = chars.next() {
        // Letters of other scripts are not told from signs: the tables that do take more room than this module.
        let within_word =
            before.is_ascii_alphanumeric() && chars.peek().is_some_and(char::is_ascii_alphanumeric);
        if matches!(ch, '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '|' | '~' | '#' | '&')
            || (ch == '_' && !within_word)
        {
            escaped.push('\\');
        }
        escaped.push(ch);
        before = ch;
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_others_is_shown_and_does_nothing() {
        let shown = |text| escaped(text, 100);
        assert_eq!(shown("<img src=x> [a](http://b)"), r"\<img src=x\> \[a\](http://b)");
        assert_eq!(shown("django_memory_usage_bytes _is_ *x*"), r"django_memory_usage_bytes \_is\_ \*x\*");
        assert_eq!(shown("a\nb\u{202e}"), "a⏎b⟨U+202E⟩");
    }

    #[test]
    fn a_step_says_who_did_it_and_when() {
        let one = FilledStep { text: "Look at `top`".to_owned(), ..FilledStep::default() };
        assert_eq!(step(&one, None), r"- [ ] Look at \`top\`");
        let record = |done, who: &str| Record {
            done,
            who: who.to_owned(),
            at_ms: 1_795_521_600_000.0,
            ..Record::default()
        };
        let said = step(&one, Some(&record(true, "alice")));
        assert_eq!(said, r"- [x] Look at \`top\` (done by alice, 2026-11-24 12:00:00 UTC)");
        let said = step(&one, Some(&record(false, "")));
        assert_eq!(said, r"- [ ] Look at \`top\` (taken back in this browser, 2026-11-24 12:00:00 UTC)");
    }
}
