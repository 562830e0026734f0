//! The parts of `test`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::report::{Outcome, Part};
use super::tally::{Tally, count};
use crate::run::{build_programs, cargo, root, run, target_dir};
use crate::setup::{self, BROWSER, BUILD, SERVERS, WASM_TARGET};
use crate::{npm, page};

pub(super) const ALL: &[Part] = &[
    Part { name: "setup", needs: &[], run: set_up },
    Part { name: "format", needs: &[], run: format },
    Part { name: "lint", needs: &[], run: lint },
    Part { name: "lint-panel", needs: &[], run: lint_panel },
    Part { name: "unit", needs: &[], run: unit },
    Part { name: "shim", needs: &[], run: shim },
    Part { name: "build", needs: &[], run: build },
    Part { name: "panel", needs: &[], run: panel },
    Part { name: "gohost", needs: &["build"], run: gohost },
    Part { name: "pages", needs: &["build"], run: pages },
    Part { name: "journeys", needs: &["build"], run: journeys },
];

fn one() -> Outcome {
    Outcome::Counted(Tally::of(1, 0))
}

fn counted(command: &mut Command) -> Result<Outcome> {
    Ok(Outcome::Counted(count(command)?))
}

/// This program with another verb, as a process of its own, so that what it prints can be counted.
pub(crate) fn xtask(arguments: &[&str]) -> Result<Command> {
    let mut me = Command::new(std::env::current_exe().context("cannot tell where xtask lies")?);
    me.args(arguments).current_dir(root());
    Ok(me)
}

fn set_up() -> Result<Outcome> {
    setup::rust_targets(&[WASM_TARGET, &setup::musl_target()])?;
    setup::debian(BUILD)?;
    setup::debian(SERVERS)?;
    setup::debian(BROWSER)?;
    setup::node()?;
    setup::python()?;
    Ok(one())
}

fn format() -> Result<Outcome> {
    counted(cargo().args(["fmt", "--all", "--check"]))
}

fn lint() -> Result<Outcome> {
    // The fuzz targets as well, which nothing else builds on every change.
    let arguments = ["clippy", "--all-targets", "--features", "fuzz/targets", "--keep-going"];
    counted(cargo().args(arguments).args(["--", "--deny", "warnings"]))
}

fn lint_panel() -> Result<Outcome> {
    let packages = ["--package", "judge", "--package", "panel"];
    let arguments = ["--all-targets", "--target", WASM_TARGET];
    counted(cargo().arg("clippy").args(packages).args(arguments).args(["--", "--deny", "warnings"]))
}

/// Unit, property and snapshot tests, promtool's checks of the rules and the system tests.
fn unit() -> Result<Outcome> {
    // A snapshot that is new or differs is a failure, not a file to be looked at later; and what is generated is the
    // same in every run, so that a change that fails is at fault itself.
    let settings = [("INSTA_UPDATE", "no"), ("PROPTEST_RNG_SEED", "20261124")];
    counted(cargo().args(["test", "--no-fail-fast"]).envs(settings))
}

/// The script modules Grafana loads, as far as they can be tried without a browser.
fn shim() -> Result<Outcome> {
    node_tests(&root().join("frontend/shim"))
}

/// Tests that npm runs in a folder.
pub(crate) fn node_tests(folder: &Path) -> Result<Outcome> {
    node_tests_with(folder, None)
}

fn node_tests_with(folder: &Path, setting: Option<(&str, PathBuf)>) -> Result<Outcome> {
    npm::install(folder)?;
    counted(Command::new("npm").args(["test", "--silent"]).current_dir(folder).envs(setting))
}

fn build() -> Result<Outcome> {
    counted(&mut xtask(&["build"])?)
}

/// What of the panel and its judge needs no browser, then its parts in one.
fn panel() -> Result<Outcome> {
    let mut tally = count(cargo().args(["test", "--package", "judge", "--package", "panel", "--lib"]))?;
    tally += count(&mut xtask(&["test-panel"])?)?;
    Ok(Outcome::Counted(tally))
}

fn gohost() -> Result<Outcome> {
    if !setup::is_there("go") {
        return Ok(Outcome::Skipped("Go is not installed".to_owned()));
    }
    counted(cargo().args(["test", "--test", "go_host", "--", "--ignored"]))
}

/// The parts a person sees, each by itself.
fn pages() -> Result<Outcome> {
    page::build(page::DEFAULT_HOST)?;
    build_programs()?;
    let messages = grafana_messages()?.map(|program| ("LEAKLENS_GRAFANA_MESSAGES", program));
    node_tests_with(&root().join("tests/e2e"), messages)
}

/// The program that makes Grafana's messages, where there is Go to build it with.
fn grafana_messages() -> Result<Option<PathBuf>> {
    if !setup::is_there("go") {
        return Ok(None);
    }
    let program = target_dir().join("go/grafana-messages");
    let mut build = Command::new("go");
    build.args(["build", "-o"]).arg(&program).arg(".").current_dir(root().join("tests/grafana-messages"));
    run("Grafana's messages", &mut build)?;
    Ok(Some(program))
}

/// The whole chain, from metrics to the page of an alert.
fn journeys() -> Result<Outcome> {
    counted(&mut xtask(&["e2e"])?)
}
