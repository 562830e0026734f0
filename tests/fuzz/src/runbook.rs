//! Laws of what operators write and of what labels hold.

use std::collections::BTreeSet;

use model::alert::{Alert, AlertState};
use model::runbook::{Library, RunbookSettings};

/// Whatever a file holds, it is read: no hidden character in what may be copied, identifiers that tell pages and steps
/// apart, and no page that changes its hash when it is read again.
pub fn file_is_read(bytes: &[u8]) {
    let files = [("fuzzed.md", bytes)];
    let (library, problems) = Library::parse(&files);
    let lines = 1 + bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() + bytes.len() / 2;
    assert!(problems.iter().all(|problem| problem.line <= lines && !problem.text.is_empty()));

    let filled = library.fill(&[], None, &RunbookSettings::default());
    let pages = || filled.pages.iter().chain(&filled.general);
    let ids: BTreeSet<_> = pages().map(|page| &page.id).collect();
    assert_eq!(ids.len(), pages().count(), "two pages under one name");
    for page in pages() {
        let steps = || page.groups.iter().flat_map(|group| &group.steps);
        let ids: BTreeSet<_> = steps().map(|step| &step.id).collect();
        assert_eq!(ids.len(), steps().count(), "two steps under one name");
        let commands = page.groups.iter().flat_map(|group| &group.commands);
        for command in commands.chain(steps().flat_map(|step| &step.commands)) {
            assert!(!command.filled.chars().any(|ch| ch != '\n' && ch.is_control()), "{:?}", command.filled);
        }
    }
    let (again, _) = Library::parse(&files);
    assert_eq!(again.fill(&[], None, &RunbookSettings::default()), filled);
}

/// Whatever a label holds and whatever shell text stands around its place, a filled command shows it or says that it
/// does not.
pub fn value_is_filled_in_or_left_out(before: &str, after: &str, value: &str) {
    let page = format!("# FuzzedAlert\n\n```bash\n{before}<pod-name>{after}\n```\n");
    let (library, _) = Library::parse(&[("fuzzed.md", page.as_bytes())]);
    let alert = Alert {
        name: "FuzzedAlert".to_owned(),
        state: AlertState::Firing,
        labels: [("pod", value)].into_iter().collect(),
        ..Alert::default()
    };
    let filled = library.fill(&[alert], None, &RunbookSettings::default());
    for page in &filled.pages {
        let steps = page.groups.iter().flat_map(|group| &group.steps);
        let own = page.groups.iter().flat_map(|group| &group.commands);
        for command in own.chain(steps.flat_map(|step| &step.commands)) {
            let text = &command.filled;
            assert!(!text.chars().any(|ch| ch != '\n' && ch.is_control()), "{text:?}");
            // What was filled in stands there as it is or in quotes: each of its words is found again.
            if command.text.contains("<pod-name>") && !text.contains("<pod-name>") {
                let words = value.split(|ch: char| !ch.is_ascii_alphanumeric());
                assert!(words.into_iter().all(|word| text.contains(word)), "{value:?} in {text:?}");
            }
            for gap in &command.missing {
                assert!(text.contains(gap.as_str()), "{gap:?} is said to be missing in {text:?}");
            }
        }
    }
}
