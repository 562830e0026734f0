//! The dependencies by cargo-deny: licences, sources, versions, and known faults where their database can be had.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::run::{cargo, root, run, target_dir};
use crate::setup;
use crate::test::report::Outcome;
use crate::test::tally::count;

const VERSION: &str = "0.20.2";

/// Runs what can be run here; deny.toml says what must hold.
pub(crate) fn deny() -> Result<Outcome> {
    let program = program()?;
    let deny = |arguments: &[&str]| {
        let mut command = Command::new(&program);
        command.current_dir(root()).args(["--locked"]).args(arguments);
        command
    };
    let mut tally = count(&mut deny(&["check", "licenses", "bans", "sources"]))?;
    match run("advisories' database", &mut deny(&["fetch", "db"])) {
        Ok(()) => tally += count(&mut deny(&["check", "--disable-fetch", "advisories"]))?,
        Err(error) => println!("xtask: known faults were not looked for: {error:#}"),
    }
    Ok(Outcome::Counted(tally))
}

/// cargo-deny: the one on PATH, else of our version, built once.
fn program() -> Result<PathBuf> {
    if setup::is_there("cargo-deny") {
        return Ok("cargo-deny".into());
    }
    let folder = target_dir().join("cargo-deny");
    let program = folder.join("bin/cargo-deny");
    if !program.is_file() {
        let mut install = cargo();
        install.args(["install", "cargo-deny", "--version", VERSION, "--locked", "--root"]).arg(&folder);
        run("cargo-deny", &mut install)?;
    }
    Ok(program)
}
