//! Quoting is proved by the shells themselves: what they hand to a program is the value, whole and unchanged.

use std::process::Command as Process;

use proptest::prelude::*;

use super::facts::{Facts, RunbookSettings};
use super::fill::Filler;
use super::source::Command;
use crate::alert::{Alert, AlertState};

/// Each prints its arguments between brackets, the value among them.
pub(super) const CONTEXTS: &[(&str, &str)] = &[
    ("printf '[%s]' <pod-name>", "[V]"),
    ("printf '[%s]' a<pod-name>b", "[aVb]"),
    ("printf '[%s]' \"<pod-name>\" x", "[V][x]"),
    ("printf '[%s]' 'pod/<pod-name>'", "[pod/V]"),
    ("printf '[%s]' \"a '<pod-name>' b\"", "[a 'V' b]"),
    ("sh -c \"printf '[%s]' <pod-name>\"", "[V]"),
    ("sh -c 'printf \"[%s]\" \"<pod-name>\"'", "[V]"),
    ("sh -c 'printf \"[%s]\" <pod-name> end'", "[V][end]"),
    ("sh -c \"printf '[%s]' \\\"<pod-name>\\\"\"", "[V]"),
    ("sh -c \"sh -c 'printf [%s] <pod-name>'\"", "[V]"),
    ("eval \"printf '[%s]' <pod-name>\"", "[V]"),
    ("eval printf '[%s]' <pod-name>", "[V]"),
    ("x=<pod-name>; printf '[%s]' \"$x\"", "[V]"),
    ("printf '[%s]' \"$(printf %s. <pod-name>)\"", "[V.]"),
    ("printf '[%s]' \"$(printf %s. \"<pod-name>\")\"", "[V.]"),
    ("for x in <pod-name> y; do printf '[%s]' \"$x\"; done", "[V][y]"),
    ("printf '[%s]' <pod-name> # not \"this", "[V]"),
    ("true && printf '[%s]' \\\n  <pod-name> | cat", "[V]"),
];

fn alert(value: &str) -> Alert {
    Alert {
        name: "A".to_owned(),
        state: AlertState::Firing,
        labels: [("pod", value)].into_iter().collect(),
        ..Alert::default()
    }
}

/// The command with the value filled in, or `None` where it is left as a gap.
pub(super) fn filled(text: &str, value: &str) -> Option<String> {
    let alert = alert(value);
    let facts = Facts::gather(&[&alert], None, &RunbookSettings::default());
    let command = Command { text: text.to_owned(), language: "bash".to_owned(), ..Command::default() };
    let command = Filler { facts: &facts, ours: false }.command(&command);
    if command.missing.is_empty() { Some(command.filled) } else { None }
}

fn output(shell: &str, script: &str) -> String {
    let directory = std::env::temp_dir();
    let output = Process::new(shell).arg("-c").arg(script).current_dir(directory).output().unwrap();
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn check(value: &str, shells: &[&str]) {
    for (text, expected) in CONTEXTS {
        let Some(script) = filled(text, value) else {
            assert!(value.starts_with('-') || value.chars().any(super::text::is_hidden), "{text} {value:?}");
            continue;
        };
        for shell in shells {
            assert_eq!(output(shell, &script), expected.replace('V', value), "{shell}: {script}");
        }
    }
}

fn shells() -> Vec<&'static str> {
    let there = |shell: &&str| Process::new(shell).arg("-c").arg(":").output().is_ok();
    let shells: Vec<_> = ["sh", "bash", "dash"].into_iter().filter(there).collect();
    assert!(shells.contains(&"sh"), "no shell to test with");
    shells
}

#[test]
fn shells_read_hostile_values_unchanged() {
    let shells = shells();
    for value in [
        "web-0",
        "\"; rm -rf ~ #",
        "'; touch /tmp/leaklens-pwned; '",
        "$(id)",
        "`id`",
        "${HOME}",
        "a\\",
        "\\",
        "!!",
        "a!b'c\"d",
        "* ?",
        "~",
        "#x",
        "a b  c",
        "<img onerror>",
        "&& id",
        "$'x'",
        "עברית 👩",
        "%s",
    ] {
        check(value, &shells);
    }
}

#[test]
fn what_cannot_be_quoted_safely_stays_a_gap() {
    for (text, value) in [
        ("kubectl get pod <pod>", "--all"),
        ("kubectl get pod <pod>", "a\nb"),
        ("kubectl logs x > <pod>.log", "../../etc/cron.d/x"),
        ("kubectl logs x 2>&1 >> \"<pod>.log\"", "/etc/x"),
        ("kubectl get pod <pod>", "a\u{202E}b"),
        ("kubectl get pod <pod>", "a\u{200B}b"),
        ("<pod> --version", "reboot"),
        ("python3 -c \"print('<pod>')\"", "');import os;('"),
        ("awk '/<pod>/ {print}'", "/{system(\"id\")}/"),
        ("cat <<EOF\n<pod>\nEOF", "$(id)"),
        ("echo `echo <pod>`", "$(id)"),
        ("echo ${x:-<pod>}", "}$(id)"),
        ("ls # <pod>", "x; id"),
        ("curl -d '{\"pod\":\"<pod>\"}' x", "\"}"),
    ] {
        assert_eq!(filled(text, value), None, "{text} {value:?}");
        assert!(value == "reboot" || filled(text, "web-7d4b9c6f5d-x2vqk.eu:80").is_some(), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_value_is_one_argument(value in "[ -~]{1,24}") {
        check(&value, &["sh", "bash"]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn copied_text_holds_nothing_hidden(value in any::<String>(), text in "[^\\p{C}]{0,20}<pod>[^\\p{C}]{0,20}") {
        if let Some(script) = filled(&text, &value) {
            prop_assert!(!script.chars().any(super::text::is_hidden), "{script:?}");
        }
    }

    #[test]
    fn any_text_is_read_to_its_end(text in any::<String>(), more in "[ -~\\n]{0,200}") {
        let both = format!("{more}{text}");
        let (library, _) = super::Library::parse(&[("x.md", &both)]);
        let filled = library.fill(&[alert("x")], None, &RunbookSettings::default());
        serde_json::to_string(&filled).unwrap();
        super::quoting::analyse(&more, &[]);
    }
}
