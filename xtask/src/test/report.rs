//! Runs parts one after the other and says how they came out.

use std::time::Instant;

use anyhow::{Result, ensure};

use super::tally::Tally;

/// One part of a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    /// Its name in the report and on the command line.
    pub(crate) name: &'static str,
    /// Parts without which it says nothing.
    pub(crate) needs: &'static [&'static str],
    /// Runs it. An error is one failure.
    pub(crate) run: fn() -> Result<Outcome>,
}

/// How a part came out.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// So many tests ran.
    Counted(Tally),
    /// It cannot run on this machine, and why.
    Skipped(String),
}

struct Line {
    name: &'static str,
    tally: Tally,
    secs: f64,
    remark: String,
}

/// Runs the parts, all of them although some fail, and closes with one line of counts.
pub(crate) fn run_all(parts: &[Part]) -> Result<()> {
    let mut lines: Vec<Line> = Vec::new();
    for part in parts {
        println!("\n== {}", part.name);
        let began = Instant::now();
        let broken = part.needs.iter().find(|need| {
            lines.iter().any(|line| line.name == **need && (line.tally.failed > 0 || line.tally.passed == 0))
        });
        let (tally, remark) = match broken {
            Some(need) => (Tally::of(0, 1), format!("not run: {need} failed")),
            None => match (part.run)() {
                Ok(Outcome::Counted(tally)) => (tally, String::new()),
                Ok(Outcome::Skipped(why)) => (Tally::default(), format!("skipped: {why}")),
                Err(error) => (Tally::of(0, 1), format!("{error:#}")),
            },
        };
        let secs = began.elapsed().as_secs_f64();
        println!(
            "== {}: {} passed, {} failed in {secs:.0} s {remark}",
            part.name, tally.passed, tally.failed
        );
        lines.push(Line { name: part.name, tally, secs, remark });
    }
    close(&lines)
}

fn close(lines: &[Line]) -> Result<()> {
    let mut total = Tally::default();
    println!("\n{:<16}{:>8}{:>8}{:>8}", "part", "passed", "failed", "secs");
    for line in lines {
        let Line { name, tally, secs, remark } = line;
        println!("{name:<16}{:>8}{:>8}{secs:>8.0}  {remark}", tally.passed, tally.failed);
        total += tally.clone();
    }
    // Last, where whoever reads only the end of a long log finds them.
    for line in lines {
        for failure in &line.tally.failures {
            println!("failed: {}: {failure}", line.name);
        }
    }
    println!("{:<16}{:>32.0}", "all", lines.iter().map(|line| line.secs).sum::<f64>());
    println!("{} passed, {} failed", total.passed, total.failed);
    ensure!(total.failed == 0, "{} failed", total.failed);
    ensure!(total.passed > 0, "nothing ran");
    Ok(())
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    fn part(name: &'static str, needs: &'static [&'static str], run: fn() -> Result<Outcome>) -> Part {
        Part { name, needs, run }
    }

    const GOOD: fn() -> Result<Outcome> = || Ok(Outcome::Counted(Tally::of(2, 0)));

    fn complaint(parts: &[Part]) -> String {
        run_all(parts).expect_err("a failure").to_string()
    }

    #[test]
    fn all_good_is_good_and_a_skipped_part_is_no_failure() {
        let skipped = part("b", &[], || Ok(Outcome::Skipped("no Go".to_owned())));
        run_all(&[part("a", &[], GOOD), skipped]).expect("good");
    }

    #[test]
    fn failures_are_added_up_and_what_needs_them_does_not_run() {
        let failing = part("a", &[], || Ok(Outcome::Counted(Tally::of(1, 2))));
        let stuck = part("b", &["a"], || unreachable!("its need has failed"));
        let erring = part("c", &[], || bail!("no such program"));
        assert_eq!(complaint(&[failing, stuck, erring, part("d", &[], GOOD)]), "4 failed");
    }

    #[test]
    fn a_run_of_nothing_is_a_failure() {
        assert_eq!(complaint(&[]), "nothing ran");
    }
}
