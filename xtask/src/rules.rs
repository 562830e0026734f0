//! `cargo xtask rules render`: the alert rules, from their template and values. And whether servers other than Debian's
//! Prometheus take them.

use std::fs;
use std::path::PathBuf;
use std::process;

use anyhow::{Context as _, Result};
use stack::rules::Form;

use crate::run::{root, run, target_dir};
use crate::setup;
use crate::test::report::Outcome;
use crate::test::tally::count;

/// Prometheus 3's promtool, as its Go module is called.
const PROMTOOL: &str = "github.com/prometheus/prometheus/cmd/promtool@v0.316.0";

/// What to do with the rules.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Renders them; at scale 1 into provisioning/prometheus in every form, at any other to the standard output.
    Render {
        /// Divides windows and multiplies rates, for rehearsals in minutes.
        #[arg(long, default_value_t = 1.0)]
        scale: f64,
    },
}

/// Runs it.
pub(crate) fn rules(command: &Command) -> Result<()> {
    let Command::Render { scale } = *command;
    if scale != 1.0 {
        print!("{}", stack::rules::render(Form::Plain, scale, |_| Ok(()))?);
        return Ok(());
    }
    for form in Form::ALL {
        let path = stack::rules::directory().join(form.file());
        let text = stack::rules::render(form, scale, |_| Ok(()))?;
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        println!("xtask: wrote {}", path.display());
    }
    Ok(())
}

/// The rules and their scenarios under Prometheus 3's promtool, and under vmalert.
pub(crate) fn elsewhere() -> Result<Outcome> {
    setup::debian(setup::SERVERS)?;
    let file = |form: Form| stack::rules::directory().join(form.file());
    let mut tally = count(
        process::Command::new("vmalert")
            .arg("-dryRun")
            .arg(format!("-rule={}", file(Form::Vmalert).display())),
    )?;
    if !setup::is_there("go") {
        return Ok(if tally.failed > 0 {
            Outcome::Counted(tally)
        } else {
            Outcome::Skipped(
                "Go, which gets Prometheus 3's promtool, is not installed; vmalert takes the rules"
                    .to_owned(),
            )
        });
    }
    let promtool = promtool()?;
    tally += count(process::Command::new(&promtool).args(["check", "rules"]).arg(file(Form::Plain)))?;
    let folder = root().join("tests/rules");
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(".test.yaml") {
            tally += count(process::Command::new(&promtool).args(["test", "rules"]).arg(&path))?;
        }
    }
    Ok(Outcome::Counted(tally))
}

/// Prometheus 3's promtool, built where it is not there yet.
fn promtool() -> Result<PathBuf> {
    let folder = target_dir().join("go");
    let promtool = folder.join("promtool");
    if !promtool.is_file() {
        run(
            "Prometheus 3's promtool",
            process::Command::new("go").args(["install", PROMTOOL]).env("GOBIN", &folder),
        )?;
    }
    Ok(promtool)
}
