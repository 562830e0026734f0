//! The installed plugins: every plugin.json below the plugins directory, as Grafana's discovery takes them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

/// An installed plugin.
#[derive(Debug, Clone)]
pub(crate) struct Installed {
    /// Its directory.
    pub(crate) directory: PathBuf,
    /// Its plugin.json.
    pub(crate) manifest: Value,
    /// Where its files are served, without a leading slash.
    pub(crate) base_url: String,
    /// Id of the app it is nested in.
    pub(crate) app: Option<String>,
}

impl Installed {
    /// The executable Grafana starts on this machine, where the plugin has a backend.
    pub(crate) fn executable(&self) -> Option<PathBuf> {
        if self.manifest["backend"] != true {
            return None;
        }
        let os = std::env::consts::OS;
        let arch = match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            other => other,
        };
        let name = self.manifest["executable"].as_str()?;
        Some(self.directory.join(format!("{name}_{os}_{arch}")))
    }

    /// As Grafana's boot data describes it to the browser.
    pub(crate) fn boot(&self) -> Value {
        let mut boot = self.manifest.clone();
        boot["baseUrl"] = json!(self.base_url);
        boot["module"] = json!(format!("{}/module.js", self.base_url));
        boot
    }
}

/// Installed plugins by id.
#[derive(Debug, Default)]
pub(crate) struct Catalog(pub(crate) BTreeMap<String, Installed>);

impl Catalog {
    /// Reads the directory.
    pub(crate) fn read(plugins: &Path) -> Result<Self> {
        let mut catalog = Self::default();
        catalog.walk(plugins, None)?;
        Ok(catalog)
    }

    /// The plugin of that id.
    pub(crate) fn get(&self, id: &str) -> Option<&Installed> {
        self.0.get(id)
    }

    fn walk(&mut self, directory: &Path, mut parent: Option<(String, PathBuf)>) -> Result<()> {
        let manifest_path = directory.join("plugin.json");
        if manifest_path.is_file() {
            let describe = || manifest_path.display().to_string();
            let text = std::fs::read_to_string(&manifest_path).with_context(describe)?;
            let manifest: Value = serde_json::from_str(&text).with_context(describe)?;
            let id = manifest["id"].as_str().with_context(describe)?.to_owned();
            let base_url = match &parent {
                None => format!("public/plugins/{id}"),
                Some((app, root)) => {
                    format!("public/plugins/{app}/{}", directory.strip_prefix(root)?.display())
                }
            };
            let app = parent.as_ref().map(|(app, _)| app.clone());
            let installed = Installed { directory: directory.to_owned(), manifest, base_url, app };
            self.0.insert(id.clone(), installed);
            parent.get_or_insert((id, directory.to_owned()));
        }
        let describe = || format!("plugins directory {}", directory.display());
        for entry in std::fs::read_dir(directory).with_context(describe)? {
            let path = entry?.path();
            if path.is_dir() {
                self.walk(&path, parent.clone())?;
            }
        }
        Ok(())
    }
}
