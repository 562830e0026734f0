//! The panel's tests, compiled to WebAssembly and run in Debian's Chromium through chromedriver.
//!
//! wasm-bindgen's runner must be of the same version as the library, so it is a dependency of this program, which
//! names itself to cargo as the runner of the wasm32 target.

use std::fs;

use anyhow::{Context as _, Result};
use serde_json::json;

use crate::run::{cargo, run, target_dir};

/// A test may take so long, seconds: builds share the machine.
const TEST_TIMEOUT_SECS: &str = "240";

/// Options of `test-panel`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Only tests whose name contains this.
    filter: Option<String>,
}

/// What cargo passes to a runner: the compiled test, then the arguments after `--`.
#[derive(Debug, clap::Args)]
pub(crate) struct RunnerOptions {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Builds and runs the tests of `frontend/panel`.
pub(crate) fn test_panel(options: &Options) -> Result<()> {
    let filter = options.filter.as_deref();
    in_chromium("panel tests in Chromium", "panel", &[], &filter.into_iter().collect::<Vec<_>>())
}

/// Measures scoring, compiled as it ships.
pub(crate) fn bench() -> Result<()> {
    in_chromium(
        "scoring in Chromium",
        "judge",
        &["--profile", "wasm", "--test", "speed"],
        &["--include-ignored", "--nocapture"],
    )
}

fn in_chromium(what: &str, package: &str, cargo_arguments: &[&str], arguments: &[&str]) -> Result<()> {
    let webdriver = target_dir().join("webdriver.json");
    fs::create_dir_all(target_dir())?;
    fs::write(&webdriver, capabilities()).with_context(|| format!("cannot write {}", webdriver.display()))?;
    let me = std::env::current_exe().context("cannot tell where xtask lies")?;
    let mut test = cargo();
    test.args(["test", "--package", package, "--target", "wasm32-unknown-unknown"]).args(cargo_arguments);
    test.arg("--").args(arguments);
    test.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", format!("{} wasm-test-runner", me.display()))
        .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", &webdriver)
        .env("WASM_BINDGEN_TEST_TIMEOUT", TEST_TIMEOUT_SECS)
        .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "60");
    if std::env::var_os("CHROMEDRIVER").is_none() {
        test.env("CHROMEDRIVER", "/usr/bin/chromedriver");
    }
    run(what, &mut test)
}

/// Runs one compiled test file; cargo calls this.
pub(crate) fn run_compiled(options: &RunnerOptions) -> Result<()> {
    let arguments =
        std::iter::once("wasm-bindgen-test-runner").chain(options.arguments.iter().map(String::as_str));
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(arguments)
}

/// Chromium runs as root in containers and on small machines, hence no sandbox and no /dev/shm.
fn capabilities() -> String {
    let binary = std::env::var("CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".to_owned());
    let args = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];
    json!({ "goog:chromeOptions": { "binary": binary, "args": args } }).to_string()
}
