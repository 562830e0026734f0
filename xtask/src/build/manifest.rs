//! The manifests with their version filled in, and the files that ship as they are.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::run::root;

/// Files that ship as they are. The page that Grafana shows is not the repository's: its links would lead nowhere.
const DOCUMENTS: [(&str, &str); 3] =
    [("frontend/shim/app/README.md", "README.md"), ("CHANGELOG.md", "CHANGELOG.md"), ("LICENSE", "LICENSE")];

/// Writes the three manifests, logos and documents into `dist`.
pub(crate) fn copy(dist: &Path) -> Result<()> {
    let today = last_change()?;
    let shim = root().join("frontend/shim");
    let manifests =
        [(root().to_owned(), ""), (shim.join("datasource"), "datasource"), (shim.join("panel"), "panel")];
    for (source, part) in manifests {
        let (source, target) = (source.join("plugin.json"), dist.join(part));
        // Grafana looks for a nested plugin's logo beside its manifest or beside the app's, depending on its version.
        fs::create_dir_all(target.join("img"))?;
        fs::copy(root().join("img/logo.svg"), target.join("img/logo.svg"))
            .context("cannot copy img/logo.svg")?;
        let text =
            fs::read_to_string(&source).with_context(|| format!("cannot read {}", source.display()))?;
        let text = text.replace("%VERSION%", env!("CARGO_PKG_VERSION")).replace("%TODAY%", &today);
        let target = target.join("plugin.json");
        fs::write(&target, text).with_context(|| format!("cannot write {}", target.display()))?;
    }
    for (source, name) in DOCUMENTS {
        fs::copy(root().join(source), dist.join(name)).with_context(|| format!("cannot copy {source}"))?;
    }
    Ok(())
}

/// The date of the last commit, so that the same commit builds the same plugin.
fn last_change() -> Result<String> {
    let git = Command::new("git").args(["log", "-1", "--format=%cs"]).current_dir(root()).output();
    let git = git.context("cannot start git, which knows the date of the last change")?;
    anyhow::ensure!(git.status.success(), "git log failed: {}", String::from_utf8_lossy(&git.stderr).trim());
    Ok(String::from_utf8_lossy(&git.stdout).trim().to_owned())
}
