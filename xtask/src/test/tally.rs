//! Tests counted by the closing lines of their runners.

use std::io::{BufRead as _, BufReader, Write};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

/// How many tests passed and failed, and the names of those that failed as far as their runner says them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) failures: Vec<String>,
}

impl Tally {
    /// So many tests that passed, so many that failed.
    pub(crate) fn of(passed: u64, failed: u64) -> Self {
        Self { passed, failed, failures: Vec::new() }
    }
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.failures.extend(other.failures);
    }
}

/// Runs a command, its output passing through, and counts. One that reports no counts is itself one test, and one that
/// fails without a failed test is one failure.
pub(crate) fn count(command: &mut Command) -> Result<Tally> {
    count_into(command, &mut std::io::stdout())
}

fn count_into(command: &mut Command, out: &mut impl Write) -> Result<Tally> {
    let program = command.get_program().display().to_string();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {program}"))?;
    let output = child.stdout.take().context("a pipe")?;
    let mut tally = Tally::default();
    for line in BufReader::new(output).split(b'\n') {
        let line = line.with_context(|| format!("reading what {program} writes"))?;
        let line = String::from_utf8_lossy(&line);
        writeln!(out, "{line}").and_then(|()| out.flush()).context("passing output through")?;
        tally += counted(&line);
    }
    let status = child.wait().with_context(|| format!("waiting for {program}"))?;
    if !status.success() && tally.failed == 0 {
        writeln!(out, "{program} ended with {status}").context("passing output through")?;
        tally.failed = 1;
    } else if tally == Tally::default() {
        tally.passed = 1;
    }
    Ok(tally)
}

/// What one line of output counts.
fn counted(line: &str) -> Tally {
    let line = line.trim();
    // libtest, and wasm-bindgen's runner after it: "test result: ok. 3 passed; 0 failed; ...".
    if let Some(result) = line.strip_prefix("test result: ") {
        let counts = result.split_once(". ").map_or(result, |(_, counts)| counts);
        let number = |word: &str| {
            let count = counts.split(';').find_map(|count| count.trim().strip_suffix(word));
            count.and_then(|count| count.trim().parse().ok()).unwrap_or(0)
        };
        return Tally::of(number("passed"), number("failed"));
    }
    if let Some(name) = failure(line) {
        return Tally { failures: vec![name.to_owned()], ..Tally::default() };
    }
    // node --test: "# pass 3", or with a sign for people instead of the hash.
    let words: Vec<_> = line.split_whitespace().collect();
    let ["#" | "ℹ", word, count] = words.as_slice() else { return Tally::default() };
    let count = count.parse().unwrap_or(0);
    match *word {
        "pass" => Tally::of(count, 0),
        "fail" | "cancelled" => Tally::of(0, count),
        _ => Tally::default(),
    }
}

/// The name in a line that says that one test failed.
fn failure(line: &str) -> Option<&str> {
    let libtest = || line.strip_prefix("test ")?.strip_suffix(" ... FAILED");
    // Wasm-bindgen's runner: "test name ... FAIL"; node --test: "not ok 3 - name".
    let wasm = || line.strip_prefix("test ")?.strip_suffix(" ... FAIL");
    let node = || line.strip_prefix("not ok ")?.split_once(" - ").map(|(_, name)| name);
    libtest().or_else(wasm).or_else(node)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lines: &[&str]) -> (u64, u64) {
        let mut tally = Tally::default();
        for line in lines {
            tally += counted(line);
        }
        (tally.passed, tally.failed)
    }

    #[test]
    fn closing_lines_are_counted_and_nothing_else() {
        let libtest = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 7 filtered out; finished in 0.5s";
        assert_eq!(of(&[libtest, "test result: ok. 5 passed; 0 failed; 0 ignored"]), (17, 3));
        let node =
            ["# tests 9", "# suites 1", "# pass 6", "# fail 2", "# cancelled 1", "# skipped 0", "# todo 0"];
        assert_eq!(of(&node), (6, 3));
        assert_eq!(of(&["ℹ pass 4", "ℹ fail 0"]), (4, 0));
        assert_eq!(of(&["# pass the salt", "test x ... ok", "3 passed", ""]), (0, 0));
    }

    #[test]
    fn failed_tests_are_known_by_name() {
        let lines = [
            "test a::b ... FAILED",
            "test c ... ok",
            "test d ... FAIL",
            "    not ok 3 - opens a page",
            "not ok",
        ];
        let names: Vec<_> = lines.iter().flat_map(|line| counted(line).failures).collect();
        assert_eq!(names, ["a::b", "d", "opens a page"]);
    }

    #[test]
    fn a_command_without_counts_is_one_test() {
        // Not to stdout: the run that this test is part of would count those lines too.
        let run = |script: &str| {
            count_into(Command::new("sh").args(["-c", script]), &mut Vec::new()).expect("a shell")
        };
        assert_eq!(run("echo hello"), Tally::of(1, 0));
        assert_eq!(run("exit 3"), Tally::of(0, 1));
        assert_eq!(run("echo '# pass 2'; exit 1"), Tally::of(2, 1));
        assert_eq!(run("echo '# fail 2'; exit 1"), Tally::of(0, 2));
    }
}
