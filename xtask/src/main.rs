//! The project's tasks: `cargo xtask <verb>`. The Makefile only forwards to them.

mod bench;
mod build;
mod dashboards;
mod demo;
mod deny;
mod e2e;
mod fuzz;
mod npm;
mod package;
mod page;
mod panel_tests;
mod rules;
mod run;
mod setup;
mod test;
mod verify;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The project's tasks.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Measures the detector and the plugin, in release.
    #[command(subcommand)]
    Bench(bench::Verb),
    /// Builds the plugin into dist/leaklens-app.
    Build(build::Options),
    /// Renders the dashboards.
    #[command(subcommand)]
    Dashboards(dashboards::Command),
    /// Runs the whole chain on this machine until it is stopped; prints a link to a firing alert.
    Demo(demo::Options),
    /// Goes through the whole product in Chromium.
    E2e(e2e::Options),
    /// Renders the Prometheus rules.
    #[command(subcommand)]
    Rules(rules::Command),
    /// Packs the archive that Grafana installs, dist/leaklens-app-VERSION.zip.
    Package(package::Options),
    /// Builds the page the workbench serves into target/page.
    Page(page::Options),
    /// Runs everything that is worth checking on every change.
    Test(test::Options),
    /// Runs the panel's tests in WebAssembly, in Chromium.
    TestPanel(panel_tests::Options),
    /// Runs `test` and what is too long for every change.
    Verify(test::Options),
    /// What cargo calls with each compiled test of the panel.
    #[command(hide = true)]
    WasmTestRunner(panel_tests::RunnerOptions),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().verb {
        Verb::Bench(command) => bench::bench(&command),
        Verb::Build(options) => build::build(&options),
        Verb::Dashboards(command) => dashboards::dashboards(&command),
        Verb::Demo(options) => demo::demo(&options),
        Verb::E2e(options) => e2e::e2e(&options),
        Verb::Rules(command) => rules::rules(&command),
        Verb::Package(options) => package::package(&options),
        Verb::Page(options) => page::page(&options),
        Verb::Test(options) => test::test(&options),
        Verb::Verify(options) => verify::verify(&options),
        Verb::TestPanel(options) => panel_tests::test_panel(&options),
        Verb::WasmTestRunner(options) => panel_tests::run_compiled(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
