//! Whatever a label holds and wherever it stands, a filled command shows it or says that it does not.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use model::alert::{Alert, AlertState};
use model::runbook::{Library, RunbookSettings};

#[derive(Debug, Arbitrary)]
struct Input<'a> {
    /// Shell text around the placeholder.
    before: &'a str,
    after: &'a str,
    value: &'a str,
}

fuzz_target!(|input: Input<'_>| {
    let Input { before, after, value } = input;
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
});
