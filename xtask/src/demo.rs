//! `cargo xtask demo`: the whole chain on this machine, until Ctrl-C or SIGTERM.

use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use stack::process::Stop;
use stack::workload::Workload;
use stack::{FiringAlert, Stack, Workbench};

use crate::run::{build_programs, root, target_dir};
use crate::{build, page, setup};

/// How long the first alert may take to fire.
const FIRST_ALERT: Duration = Duration::from_mins(1);

/// Options of `demo`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Port of the page on loopback; a free one where none is given.
    #[arg(long, env = "DEMO_PORT", default_value_t = 0)]
    port: u16,
    /// Which fleet: each seed deals another one.
    #[arg(long, env = "DEMO_SEED", default_value_t = 7)]
    seed: u64,
    /// How fast the live application leaks, bytes per second.
    #[arg(long, default_value_t = 12_000.0)]
    leak_bytes_per_second: f64,
}

/// Sets up, builds, starts, prints `ready: URL` and runs until it is told to stop.
pub(crate) fn demo(options: &Options) -> Result<()> {
    ensure!(
        options.port == 0 || std::net::TcpListener::bind(("127.0.0.1", options.port)).is_ok(),
        "port {} is taken: choose another with DEMO_PORT, or leave it out",
        options.port
    );
    println!("xtask: looking for what the demo needs; what is missing is installed");
    setup::node()?;
    setup::debian(setup::BUILD)?;
    setup::debian(setup::SERVERS)?;
    setup::rust_targets(&[setup::WASM_TARGET, &setup::musl_target()])?;
    let python = setup::python()?;
    build::build(&build::Options::default())?;
    let page = page::build(page::DEFAULT_HOST)?;
    build_programs()?;

    let stop = Stop::on_signals()?;
    let leaky = Workload { leak_bytes_per_second: options.leak_bytes_per_second, ..Workload::default() };
    let settings = stack::Options {
        directory: root().join(".run/demo"),
        programs: target_dir().join("debug"),
        python,
        seed: Some(options.seed),
        truth: root().join(".run/truth.json"),
        workloads: vec![leaky],
        scale: 1.0,
        workbench: Some(Workbench { plugins: root().join("dist"), page, port: options.port }),
        stop: stop.clone(),
    };
    let outcome = serve(&settings, &stop);
    if stop.is_set() {
        println!("xtask: stopped");
        return Ok(());
    }
    outcome
}

fn serve(settings: &stack::Options, stop: &Stop) -> Result<()> {
    let mut stack = Stack::start(settings, |step| println!("xtask: {step}"))?;
    println!("xtask: Prometheus {}, Alertmanager {}", stack.prometheus_url(), stack.alertmanager_url());
    println!("xtask: logs in {}", stack.directory.join("logs").display());
    println!("xtask: waiting for the first alert to fire");
    let alert = stack.wait_for_alert(FIRST_ALERT)?;
    println!("ready: {}", link(&alert)?);
    while !stop.is_set() {
        stack.check()?;
        sleep(Duration::from_millis(200));
    }
    println!("xtask: stopping");
    Ok(())
}

/// The link of the alert's message: its own, and when it began.
fn link(alert: &FiringAlert) -> Result<String> {
    let url = alert.annotations.get("leak_url").context("an alert of ours has a leak_url")?;
    Ok(format!("{url}&var-startsAt={}", alert.active_at.replace(':', "%3A").replace('+', "%2B")))
}
