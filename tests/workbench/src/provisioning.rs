//! Grafana's provisioning files: data sources, apps and dashboards.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use grafana_plugin_sdk::pluginv2::{DataSourceInstanceSettings, PluginContext, User};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::args::Role;
use crate::catalog::Catalog;
use crate::time_range::now_ms;

/// Where Grafana's images have the directory; files name paths below it.
const MOUNTED_AT: &str = "/etc/grafana/provisioning";

/// A data source as provisioned.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DataSource {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) uid: String,
    #[serde(default)]
    pub(crate) url: String,
    #[serde(default)]
    pub(crate) basic_auth: bool,
    #[serde(default)]
    pub(crate) basic_auth_user: String,
    #[serde(default)]
    pub(crate) is_default: bool,
    #[serde(default)]
    pub(crate) json_data: Map<String, Value>,
    #[serde(default)]
    pub(crate) secure_json_data: HashMap<String, String>,
    /// When the settings last changed.
    #[serde(skip)]
    pub(crate) updated_ms: i64,
}

impl DataSource {
    /// What Grafana sends along with each call.
    pub(crate) fn context(&self, role: Role) -> PluginContext {
        let settings = DataSourceInstanceSettings {
            id: 1,
            uid: self.uid.clone(),
            name: self.name.clone(),
            url: self.url.clone(),
            basic_auth_enabled: self.basic_auth,
            basic_auth_user: self.basic_auth_user.clone(),
            json_data: Value::Object(self.json_data.clone()).to_string().into_bytes(),
            decrypted_secure_json_data: self.secure_json_data.clone(),
            last_updated_ms: self.updated_ms,
            ..Default::default()
        };
        PluginContext {
            org_id: 1,
            plugin_id: self.kind.clone(),
            user: Some(User {
                login: "workbench".to_owned(),
                name: "Workbench".to_owned(),
                email: "workbench@localhost".to_owned(),
                role: role.as_str().to_owned(),
            }),
            data_source_instance_settings: Some(settings),
            ..Default::default()
        }
    }

    /// What Grafana tells the browser: everything but the secrets.
    pub(crate) fn public(&self) -> Value {
        let secure: BTreeMap<_, _> = self.secure_json_data.keys().map(|key| (key, true)).collect();
        json!({
            "id": 1, "orgId": 1, "uid": self.uid, "name": self.name, "type": self.kind, "url": self.url,
            "access": "proxy", "basicAuth": self.basic_auth, "basicAuthUser": self.basic_auth_user,
            "isDefault": self.is_default, "jsonData": self.json_data, "secureJsonFields": secure,
            "readOnly": true,
        })
    }
}

/// What the files say.
#[derive(Debug, Default)]
pub(crate) struct Provisioned {
    /// Data sources by uid.
    pub(crate) sources: BTreeMap<String, DataSource>,
    /// Ids of enabled apps.
    pub(crate) enabled_apps: Vec<String>,
    /// Dashboards by uid.
    pub(crate) dashboards: BTreeMap<String, Value>,
}

impl Provisioned {
    /// Reads `datasources`, `plugins` and `dashboards` below `directory`.
    pub(crate) fn read(directory: &Path, catalog: &Catalog) -> Result<Self> {
        let mut provisioned = Self::default();
        for (file, source) in entries::<Value>(&directory.join("datasources"), "datasources")? {
            let source: DataSource = serde_json::from_value(source).with_context(|| file.clone())?;
            provisioned.sources.insert(source.uid.clone(), DataSource { updated_ms: now_ms()?, ..source });
        }
        for (file, app) in entries::<App>(&directory.join("plugins"), "apps")? {
            ensure!(catalog.get(&app.kind).is_some(), "{file}: plugin not installed: {:?}", app.kind);
            if !app.disabled {
                provisioned.enabled_apps.push(app.kind);
            }
        }
        for (file, provider) in entries::<Provider>(&directory.join("dashboards"), "providers")? {
            let path = match provider.options.path.strip_prefix(MOUNTED_AT) {
                Ok(below) => directory.join(below),
                Err(_) => provider.options.path,
            };
            provisioned.read_dashboards(&path).with_context(|| file.clone())?;
        }
        Ok(provisioned)
    }

    fn read_dashboards(&mut self, directory: &Path) -> Result<()> {
        for path in files(directory, &["json"])? {
            let describe = || path.display().to_string();
            let dashboard: Value =
                serde_json::from_str(&fs::read_to_string(&path)?).with_context(describe)?;
            let uid = dashboard["uid"].as_str().with_context(|| format!("{}: no uid", path.display()))?;
            self.dashboards.insert(uid.to_owned(), dashboard);
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct App {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    disabled: bool,
}

#[derive(Deserialize)]
struct Provider {
    options: ProviderOptions,
}

#[derive(Deserialize)]
struct ProviderOptions {
    path: PathBuf,
}

/// The elements of list `key` in every YAML file of a directory, each with its file's name.
fn entries<T: serde::de::DeserializeOwned>(directory: &Path, key: &str) -> Result<Vec<(String, T)>> {
    let mut entries = Vec::new();
    if !directory.is_dir() {
        return Ok(entries);
    }
    for path in files(directory, &["yaml", "yml"])? {
        let name = path.display().to_string();
        let yaml: Value =
            serde_yaml_ng::from_str(&fs::read_to_string(&path)?).with_context(|| name.clone())?;
        if let Value::Array(list) = expand(yaml[key].clone()).with_context(|| name.clone())? {
            for entry in list {
                entries.push((name.clone(), serde_json::from_value(entry).with_context(|| name.clone())?));
            }
        }
    }
    Ok(entries)
}

fn files(directory: &Path, extensions: &[&str]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).with_context(|| directory.display().to_string())? {
        let path = entry?.path();
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        if extensions.contains(&extension) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Expands variables in every string of a value.
fn expand(value: Value) -> Result<Value> {
    Ok(match value {
        Value::String(text) => Value::String(expand_text(&text)?),
        Value::Array(list) => Value::Array(list.into_iter().map(expand).collect::<Result<_>>()?),
        Value::Object(map) => Value::Object(
            map.into_iter().map(|(key, value)| Ok((key, expand(value)?))).collect::<Result<_>>()?,
        ),
        other => other,
    })
}

/// Expands `$VAR`, `${VAR}`, `$__env{VAR}` and `$__file{path}`; `$$` is a dollar. What is not set is empty.
fn expand_text(text: &str) -> Result<String> {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        expanded.push_str(before);
        let braced = |prefix: &str| after.strip_prefix(prefix).and_then(|tail| tail.split_once('}'));
        if let Some(tail) = after.strip_prefix('$') {
            expanded.push('$');
            rest = tail;
        } else if let Some((path, tail)) = braced("__file{") {
            let content = fs::read_to_string(path).with_context(|| format!("$__file{{{path}}}"))?;
            expanded.push_str(content.trim());
            rest = tail;
        } else if let Some((name, tail)) = braced("__env{").or_else(|| braced("{")) {
            expanded.push_str(&variable(name)?);
            rest = tail;
        } else {
            let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
            let (name, tail) = after.split_at(end);
            expanded.push_str(&variable(name)?);
            rest = tail;
        }
    }
    expanded.push_str(rest);
    Ok(expanded)
}

fn variable(name: &str) -> Result<String> {
    match std::env::var(name) {
        Ok(value) => Ok(value),
        Err(std::env::VarError::NotPresent) => Ok(String::new()),
        Err(error) => bail!("variable {name:?}: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_expand_as_in_grafana() {
        let home = std::env::var("HOME").unwrap();
        for (text, expected) in [
            ("plain", "plain".to_owned()),
            ("$HOME/x", format!("{home}/x")),
            ("${HOME}y$__env{HOME}", format!("{home}y{home}")),
            ("a$$b$$HOME", "a$b$HOME".to_owned()),
            ("<$SURELY_NOT_SET>", "<>".to_owned()),
            ("$", String::new()),
        ] {
            assert_eq!(expand_text(text).unwrap(), expected, "{text}");
        }
        expand_text("$__file{/surely/not/there}").unwrap_err();
    }
}
