//! What a fresh Debian machine with Rust, Node and Python lacks, got by the tools' own package managers.
//!
//! Each function looks first and does nothing where all is there, so every verb can call what it needs:
//! [`rust_targets`], [`debian`] with the lists below, [`python`]. npm packages are [`crate::npm`]'s. Where something
//! cannot be had, the error says what to install by hand.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

use crate::run::{root, run, target_dir};

/// The target of the panel.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// A program, or the path of a file, and the Debian package it comes in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tool {
    program: &'static str,
    package: &'static str,
}

const fn tool(program: &'static str, package: &'static str) -> Tool {
    Tool { program, package }
}

/// What the static backend is linked with.
pub(crate) const BUILD: &[Tool] = &[tool("cc", "build-essential"), tool("musl-gcc", "musl-tools")];
/// What the backend of the other architecture is linked with.
pub(crate) const ALL_ARCHITECTURES: &[Tool] = &[
    tool("aarch64-linux-gnu-gcc", "gcc-aarch64-linux-gnu"),
    tool("/usr/aarch64-linux-gnu/include/sys/types.h", "libc6-dev-arm64-cross"),
];
/// The servers that demo and tests run.
pub(crate) const SERVERS: &[Tool] = &[
    tool("prometheus", "prometheus"),
    tool("promtool", "prometheus"),
    tool("prometheus-alertmanager", "prometheus-alertmanager"),
    tool("vmalert", "victoria-metrics"),
];
/// The browser of the tests.
pub(crate) const BROWSER: &[Tool] = &[tool("chromium", "chromium"), tool("chromedriver", "chromium-driver")];

/// The static target of this machine's architecture.
pub(crate) fn musl_target() -> String {
    format!("{}-unknown-linux-musl", env::consts::ARCH)
}

/// Adds compilation targets to the toolchain that is running.
pub(crate) fn rust_targets(targets: &[&str]) -> Result<()> {
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    let sysroot = answer(rustc.args(["--print", "sysroot"]).current_dir(root()))?;
    let installed = PathBuf::from(sysroot).join("lib/rustlib");
    let missing: Vec<_> =
        targets.iter().copied().filter(|target| !installed.join(target).join("lib").is_dir()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add"]).args(&missing).current_dir(root());
    run("Rust targets", &mut rustup)
        .with_context(|| format!("this toolchain needs the targets {}", missing.join(", ")))
}

/// Installs the packages of those tools that are not there.
pub(crate) fn debian(tools: &[Tool]) -> Result<()> {
    let missing = |tools: &[Tool]| {
        let mut packages: Vec<_> = tools.iter().filter(|tool| !is_there(tool.program)).collect();
        packages.dedup_by_key(|tool| tool.package);
        packages.iter().map(|tool| tool.package).collect::<Vec<_>>()
    };
    install(&missing(tools))?;
    let still = missing(tools);
    ensure!(still.is_empty(), "the programs of the Debian packages {} are not on PATH", still.join(", "));
    Ok(())
}

/// Node and npm, which are not ours to install.
pub(crate) fn node() -> Result<()> {
    for program in ["node", "npm"] {
        ensure!(is_there(program), "{program} is not on PATH: install Node.js 20 or later");
    }
    Ok(())
}

/// The virtual environment with the packages of tests/workload, and its interpreter.
pub(crate) fn python() -> Result<PathBuf> {
    let requirements = root().join("tests/workload/requirements.txt");
    let wanted = fs::read(&requirements).with_context(|| format!("no {}", requirements.display()))?;
    let environment = root().join(".venv");
    let (interpreter, stamp) = (environment.join("bin/python"), environment.join("leaklens-requirements"));
    if interpreter.exists() && fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(interpreter);
    }
    ensure!(is_there("python3"), "python3 is not on PATH: install Python 3.11 or later");
    // Debian keeps what a virtual environment needs in a package of its own.
    let mut probe = Command::new("python3");
    probe.args(["-c", "import ensurepip, venv"]).stderr(Stdio::null());
    if !probe.status().context("cannot start python3")?.success() {
        install(&["python3-venv"])?;
    }
    run("Python environment", Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment))?;
    let flags = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r"];
    run("Python packages", Command::new(&interpreter).args(flags).arg(&requirements))?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(interpreter)
}

/// A program of a Go module, `path/of/program@version`: that on PATH, else built into the target folder. Nothing where Go
/// is not installed or the module cannot be had.
pub(crate) fn go_program(module: &str) -> Result<Option<PathBuf>> {
    let path = module.split('@').next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    if is_there(name) {
        return Ok(Some(name.into()));
    }
    // Another version is another program.
    let folder = target_dir().join("go").join(module.rsplit('@').next().unwrap_or_default());
    let program = folder.join(name);
    if !program.is_file() {
        if !is_there("go") {
            return Ok(None);
        }
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let mut go = Command::new("go");
        if let Err(error) = run(name, go.args(["install", module]).env("GOBIN", &folder)) {
            println!("xtask: {error:#}");
            return Ok(None);
        }
    }
    Ok(Some(program))
}

fn install(packages: &[&str]) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    let by_hand = format!("install these by hand: {}", packages.join(" "));
    ensure!(is_there("apt-get"), "this is no Debian: {by_hand}");
    let as_root = answer(Command::new("id").arg("-u"))? == "0";
    let apt = |arguments: &[&str]| {
        let mut command = Command::new(if as_root { "apt-get" } else { "sudo" });
        if !as_root {
            // No prompt: whoever may not install is told what is missing.
            command.args(["-n", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        }
        command.env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null()).args(arguments);
        command
    };
    // Lists may be old and still do: what counts is the installation.
    if let Err(error) = run("Debian's package lists", &mut apt(&["update", "-qq"])) {
        println!("xtask: {error:#}");
    }
    let mut arguments = vec!["install", "-y", "-qq", "--no-install-recommends"];
    arguments.extend(packages);
    run(&format!("Debian packages {}", packages.join(" ")), &mut apt(&arguments)).context(by_hand)
}

/// Whether a program of that name is on PATH.
pub(crate) fn is_there(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// What a command writes to stdout.
fn answer(command: &mut Command) -> Result<String> {
    let program = command.get_program().display().to_string();
    let output =
        command.stderr(Stdio::inherit()).output().with_context(|| format!("cannot start {program}"))?;
    if !output.status.success() {
        bail!("{program} ended with {}", output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
