//! Tests counted by the closing lines of their runners.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

/// How many tests passed and failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// Runs a command, its output passing through, and counts. One that reports no counts is itself one test, and one that
/// fails without a failed test is one failure.
pub(crate) fn count(command: &mut Command) -> Result<Tally> {
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
        let mut stdout = std::io::stdout().lock();
        writeln!(stdout, "{line}").and_then(|()| stdout.flush()).context("writing to stdout")?;
        tally += counted(&line);
    }
    let status = child.wait().with_context(|| format!("waiting for {program}"))?;
    if !status.success() && tally.failed == 0 {
        println!("{program} ended with {status}");
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
        return Tally { passed: number("passed"), failed: number("failed") };
    }
    // node --test: "# pass 3", or with a sign for people instead of the hash.
    let words: Vec<_> = line.split_whitespace().collect();
    let ["#" | "ℹ", word, count] = words.as_slice() else { return Tally::default() };
    let count = count.parse().unwrap_or(0);
    match *word {
        "pass" => Tally { passed: count, failed: 0 },
        "fail" | "cancelled" => Tally { passed: 0, failed: count },
        _ => Tally::default(),
    }
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
    fn a_command_without_counts_is_one_test() {
        let run = |script: &str| count(Command::new("sh").args(["-c", script])).expect("a shell");
        assert_eq!(run("echo hello"), Tally { passed: 1, failed: 0 });
        assert_eq!(run("exit 3"), Tally { passed: 0, failed: 1 });
        assert_eq!(run("echo '# pass 2'; exit 1"), Tally { passed: 2, failed: 1 });
        assert_eq!(run("echo '# fail 2'; exit 1"), Tally { passed: 0, failed: 2 });
    }
}
