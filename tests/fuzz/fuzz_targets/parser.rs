//! Whatever a file holds, it is read: no panic, no hidden character in what may be copied, identifiers that tell
//! pages and steps apart, and no page that changes its hash when it is read again.
#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use model::runbook::{Library, RunbookSettings};

fuzz_target!(|bytes: &[u8]| {
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
});
