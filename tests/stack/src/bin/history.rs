//! `history`: a day of a fleet's history in a Prometheus storage, alerts included. Docker compose runs it once;
//! elsewhere the stack does the same itself.

use std::fs;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use clap::Parser;
use stack::past::Past;
use stack::process::Stop;

/// Writes a day of a fleet's history, which ends now, into a Prometheus storage that is not in use.
#[derive(Parser)]
struct Arguments {
    /// Which fleet.
    #[arg(long)]
    seed: u64,
    /// Prometheus' storage.
    #[arg(long)]
    data: PathBuf,
    /// The alert rules; which alerts fired in that day is stored too.
    #[arg(long)]
    rules: PathBuf,
    /// Where to write when history ends, milliseconds since the epoch. If the file is there already, so is the history.
    #[arg(long)]
    anchor_file: PathBuf,
    /// Where to write what is really the case.
    #[arg(long)]
    truth: PathBuf,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if arguments.anchor_file.exists() {
        println!("history: is there since {}", fs::read_to_string(&arguments.anchor_file)?);
        return Ok(());
    }
    let rules = fs::read_to_string(&arguments.rules)
        .with_context(|| format!("cannot read {}", arguments.rules.display()))?;
    let anchor_ms = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
    let scratch = tempfile::tempdir()?;
    let fleet = std::env::current_exe()?.with_file_name("fleet");
    Past {
        fleet: &fleet,
        seed: arguments.seed,
        anchor_ms,
        data: &arguments.data,
        scratch: scratch.path(),
        truth: &arguments.truth,
        rules: &rules,
        stop: &Stop::on_signals()?,
    }
    .make()?;
    fs::write(&arguments.anchor_file, anchor_ms.to_string())
        .with_context(|| format!("cannot write {}", arguments.anchor_file.display()))
}
