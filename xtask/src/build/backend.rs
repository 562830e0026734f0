//! The backend: a static executable per architecture, because Grafana's own images have no glibc.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::run::{cargo, run, target_dir};

/// Rust's name of a target and Go's name of the same architecture, by which Grafana picks the executable.
const TARGETS: [(&str, &str); 2] = [("x86_64", "amd64"), ("aarch64", "arm64")];

/// The profile of what ships, and the folder of its target where cargo puts it.
pub(crate) const PROFILE: &str = "shipped";

/// Builds `gpx_leaklens` for this machine's architecture, or for all; with `dev` as cargo builds it for debugging.
pub(crate) fn build(folder: &Path, all: bool, dev: bool) -> Result<()> {
    let wanted: Vec<_> = TARGETS.iter().filter(|(arch, _)| all || *arch == std::env::consts::ARCH).collect();
    if wanted.is_empty() {
        bail!("no backend is shipped for {}: build with --all or --frontend", std::env::consts::ARCH);
    }
    let build = ["build", "--package", "backend", "--bin", "gpx_leaklens"];
    for (arch, go_arch) in wanted {
        let built = if dev {
            run("backend, unoptimised", cargo().args(build))?;
            target_dir().join("debug/gpx_leaklens")
        } else {
            let triple = format!("{arch}-unknown-linux-musl");
            run(
                &format!("backend for {triple}"),
                cargo().args(build).args(["--profile", PROFILE, "--target", &triple]),
            )?;
            target_dir().join(&triple).join(PROFILE).join("gpx_leaklens")
        };
        ship(&built, &folder.join(format!("gpx_leaklens_linux_{go_arch}")))?;
    }
    Ok(())
}

/// Copies an executable to where Grafana looks for it.
fn ship(built: &Path, shipped: &Path) -> Result<()> {
    // A running executable cannot be written to, but it can be replaced.
    let fresh = shipped.with_extension("new");
    fs::copy(built, &fresh).with_context(|| format!("cannot copy {}", built.display()))?;
    fs::set_permissions(&fresh, fs::Permissions::from_mode(0o755))?;
    fs::rename(&fresh, shipped).with_context(|| format!("cannot write {}", shipped.display()))?;
    println!("size: {} {:.1} MB", shipped.display(), fs::metadata(shipped)?.len() as f64 / 1e6);
    Ok(())
}
