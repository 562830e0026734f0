//! `cargo xtask e2e`: journeys through the whole product in Chromium, on real parts.
//!
//! The plugin must have been built (`cargo xtask build`). Each journey gets a stack of its own; where it stands and
//! what is really the case reaches the tests by environment variables.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::json;
use stack::process::Stop;
use stack::workload::{Credentials, Mode, Workload};
use stack::{Stack, Workbench};

use crate::run::{build_programs, root, run, target_dir};
use crate::{npm, page, setup};

/// How often hours are shortened for a live leak: a rule's hour is a minute.
const LIVE_SCALE: f64 = 60.0;
/// Two and a half times the scaled threshold of 10 MiB/h.
const LIVE_LEAK_BYTES_PER_SECOND: f64 = 450_000.0;
const SECS_PER_HOUR: f64 = 3600.0;

/// Which journeys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Journey {
    /// A backfilled day at default settings.
    Day,
    /// The day of another fleet: figures and messages only.
    OtherDay,
    /// A process that leaks for real, from its first byte to the page of its alert.
    Live,
}

/// Options of `e2e`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Only these journeys.
    #[arg(value_enum)]
    only: Vec<Journey>,
}

/// Runs the journeys; all are run even when one fails.
///
/// The live one mostly waits, for its process to leak: it runs beside the days, which follow one another.
pub(crate) fn e2e(options: &Options) -> Result<()> {
    setup::node()?;
    setup::debian(setup::SERVERS)?;
    setup::debian(setup::BROWSER)?;
    let python = setup::python()?;
    let tests = root().join("tests/e2e");
    npm::install(&tests)?;
    let page = page::build(page::DEFAULT_HOST)?;
    build_programs()?;
    let plugins = root().join("dist");
    ensure!(
        plugins.join("leaklens-app/plugin.json").exists(),
        "dist/leaklens-app is not built: run `cargo xtask build`"
    );

    let workbench = Workbench { plugins, page, port: 0 };
    let fails = |journey: &Journey| {
        let wanted = options.only.is_empty() || options.only.contains(journey);
        let result = if wanted { go(*journey, &python, workbench.clone()) } else { Ok(()) };
        result.inspect_err(|error| println!("xtask: {journey:?}: {error:#}")).is_err()
    };
    let failed: Vec<_> = std::thread::scope(|scope| {
        let live = scope.spawn(|| fails(&Journey::Live));
        let mut failed: Vec<_> = [Journey::Day, Journey::OtherDay].into_iter().filter(&fails).collect();
        if live.join().unwrap_or(true) {
            failed.push(Journey::Live);
        }
        failed
    });
    ensure!(failed.is_empty(), "these journeys failed: {failed:?}");
    Ok(())
}

fn go(journey: Journey, python: &std::path::Path, workbench: Workbench) -> Result<()> {
    let (seed, scale, files): (_, _, &[&str]) = match journey {
        Journey::Day => (Some(1), 1.0, &["journeys/day/"]),
        Journey::OtherDay => (Some(2), 1.0, &["journeys/day/truth.test.js", "journeys/day/messages.test.js"]),
        Journey::Live => (None, LIVE_SCALE, &["journeys/live/"]),
    };
    let workloads = if journey == Journey::Live { live_workloads() } else { Vec::new() };
    let truth = target_dir().join(format!("e2e/{journey:?}-truth.json"));
    let options = stack::Options {
        directory: root().join(format!(".run/e2e-{journey:?}")),
        programs: target_dir().join("debug"),
        python: python.to_owned(),
        seed,
        truth: truth.clone(),
        workloads: workloads.clone(),
        scale,
        workbench: Some(workbench),
        stop: Stop::on_signals()?,
    };
    std::fs::create_dir_all(target_dir().join("e2e"))?;
    let mut stack = Stack::start(&options, |step| println!("xtask: {step}"))?;
    if seed.is_some() {
        // Alerts of the past fire within a minute of the start; the journeys follow their links.
        for name in stack::ALERTS_OF_THE_DAY {
            stack.wait_for(name, Duration::from_mins(3))?;
        }
    }
    let mut node = Command::new("node");
    node.current_dir(root().join("tests/e2e"))
        .args(["--test", "--test-concurrency=1"])
        .args(test_files(files)?)
        .env("LEAKLENS_URL", stack.url())
        .env("LEAKLENS_PROMETHEUS", stack.prometheus_url())
        .env("LEAKLENS_ALERTMANAGER", stack.alertmanager_url())
        .env("LEAKLENS_MESSAGES", stack.messages())
        .env("LEAKLENS_TRUTH", truth)
        .env("LEAKLENS_SCALE", scale.to_string())
        .env("LEAKLENS_PICTURES", target_dir().join("pictures"));
    if let [leaking, others @ ..] = workloads.as_slice() {
        let with = |credentials| {
            let found = others.iter().filter(move |workload| workload.credentials == credentials);
            found.map(|workload| &workload.pod).collect::<Vec<_>>()
        };
        let pods = with(Credentials::Right);
        node.env(
            "LEAKLENS_LEAKING",
            json!({ "pod": leaking.pod, "container": leaking.container }).to_string(),
        )
        .env("LEAKLENS_SOUND", json!(pods).to_string())
        .env("LEAKLENS_REFUSING", json!(with(Credentials::Wrong)).to_string())
        .env("LEAKLENS_UNCONFIGURED", json!(with(Credentials::Missing)).to_string())
        .env("LEAKLENS_RATE_BYTES_PER_HOUR", (leaking.leak_bytes_per_second * SECS_PER_HOUR).to_string());
    }
    run(&format!("journey {journey:?}"), &mut node)
}

/// The leaking pod first, then sound neighbours: one worker, workers that share their metrics, workers that do not; then
/// two whose metrics Prometheus cannot read.
fn live_workloads() -> Vec<Workload> {
    let workload = |pod: &str, mode| Workload {
        pod: pod.to_owned(),
        mode,
        // Full before half a scaled hour is over: what fills for longer at that rate fires the rule, and rightly so.
        cache_bytes: 8 << 20,
        requests_per_second: 12.0,
        ..Workload::default()
    };
    let leaking = workload("orders-5c9d8b7f6-x7k2m", Mode::Single);
    vec![
        Workload { leak_bytes_per_second: LIVE_LEAK_BYTES_PER_SECOND, ..leaking },
        workload("billing-7d4b9c6f5-q2w8z", Mode::Single),
        workload("search-6f5d7c8b9-m4n6p", Mode::Multiprocess),
        workload("mail-8b7c6d5f4-t9v2x", Mode::Separate),
        Workload {
            credentials: Credentials::Wrong,
            requests_per_second: 1.0,
            ..workload("taxes-9c8d7b6f5-h4j6k", Mode::Single)
        },
        Workload {
            credentials: Credentials::Missing,
            requests_per_second: 1.0,
            ..workload("audit-5d6c7b8f9-r3s5t", Mode::Single)
        },
    ]
}

/// Node 20 takes files, not folders.
fn test_files(paths: &[&str]) -> Result<Vec<PathBuf>> {
    let tests = root().join("tests/e2e");
    let mut files = Vec::new();
    for path in paths {
        let path = tests.join(path);
        if path.is_dir() {
            for entry in std::fs::read_dir(&path)? {
                files.push(entry?.path());
            }
        } else {
            files.push(path);
        }
    }
    files.retain(|file| file.to_string_lossy().ends_with(".test.js"));
    files.sort();
    Ok(files)
}
