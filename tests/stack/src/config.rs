//! Configuration of a running stack: the files of `provisioning/` with this run's addresses and scale.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde_json::json;
use serde_yaml_ng::Value;

use crate::rules;

/// Ports of loopback, one for each server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ports {
    pub(crate) prometheus: u16,
    pub(crate) alertmanager: u16,
    pub(crate) receiver: u16,
    pub(crate) workbench: u16,
}

/// Writes the directory Prometheus runs from; returns its rules.
pub(crate) fn prometheus(directory: &Path, ports: Ports, scale: f64, password: &str) -> Result<String> {
    fs::create_dir_all(directory.join("targets"))?;
    let mut config = read(&rules::directory().join("prometheus.yaml"))?;
    // A second is as often as a scrape makes sense.
    let secs = (15.0 / scale).max(1.0).round();
    for interval in ["scrape_interval", "evaluation_interval"] {
        config["global"][interval] = format!("{secs}s").into();
    }
    write(&directory.join("prometheus.yaml"), &config)?;
    let grafana = format!("http://127.0.0.1:{}/", ports.workbench);
    let rules = rules::render(rules::Form::Plain, scale, |values| {
        // After a start, alerts of the past fire at the second evaluation.
        values.set("growth_interval_secs", secs.to_string())?;
        values.set("runbook_url", format!("{grafana}d/leaklens/leaklens?var-alertname="))?;
        values.set("grafana_url", grafana)
    })?;
    fs::write(directory.join(rules::RENDERED), &rules)?;
    fs::write(directory.join("metrics-password"), password)?;
    targets(directory, "alertmanager", &[(ports.alertmanager, Vec::new())])?;
    Ok(rules)
}

/// Writes a file of service discovery: ports of loopback with their target labels.
pub(crate) fn targets(directory: &Path, name: &str, targets: &[(u16, Vec<(String, String)>)]) -> Result<()> {
    let groups: Vec<_> = targets
        .iter()
        .map(|(port, labels)| {
            let labels: serde_json::Map<_, _> =
                labels.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
            json!({ "targets": [format!("127.0.0.1:{port}")], "labels": labels })
        })
        .collect();
    fs::write(directory.join(format!("targets/{name}.json")), serde_json::to_string_pretty(&groups)?)?;
    Ok(())
}

/// Writes the directory Alertmanager runs from.
pub(crate) fn alertmanager(directory: &Path, ports: Ports, scale: f64) -> Result<()> {
    fs::create_dir_all(directory)?;
    let source = crate::root().join("provisioning/alertmanager");
    fs::copy(source.join("leaklens.tmpl"), directory.join("leaklens.tmpl"))?;
    let mut config = read(&source.join("alertmanager.yaml"))?;
    for (wait, secs) in [("group_wait", 5.0), ("group_interval", 60.0)] {
        config["route"][wait] = format!("{}s", (secs / scale).max(1.0).round()).into();
    }
    for receiver in sequence(&mut config["receivers"])? {
        for (kind, key) in [("webhook_configs", "url"), ("slack_configs", "api_url")] {
            for one in sequence(&mut receiver[kind])? {
                let url = one[key].as_str().context("a receiver has an address")?;
                let path = url.rsplit('/').next().unwrap_or_default();
                one[key] = format!("http://127.0.0.1:{}/{path}", ports.receiver).into();
            }
        }
    }
    write(&directory.join("alertmanager.yaml"), &config)
}

/// Writes what the workbench provisions: the data source at this scale, the app, the dashboards.
pub(crate) fn grafana(directory: &Path, scale: f64) -> Result<()> {
    let source = crate::root().join("provisioning");
    for kind in ["datasources", "plugins", "dashboards"] {
        fs::create_dir_all(directory.join(kind))?;
        for entry in fs::read_dir(source.join(kind))? {
            let path = entry?.path();
            fs::copy(&path, directory.join(kind).join(path.file_name().unwrap_or_default()))?;
        }
    }
    let file = directory.join("datasources/leaklens.yaml");
    let mut config = read(&file)?;
    for one in sequence(&mut config["datasources"])? {
        let Value::Mapping(settings) = &mut one["jsonData"] else { bail!("a data source has settings") };
        for (key, value) in settings.iter_mut() {
            let key = key.as_str().unwrap_or_default();
            let factor = if key.ends_with("PerHour") {
                scale
            } else if key.ends_with("Secs") {
                1.0 / scale
            } else {
                continue;
            };
            *value = (value.as_f64().with_context(|| format!("{key} is a number"))? * factor).into();
        }
    }
    write(&file, &config)?;
    let file = directory.join("dashboards/leaklens.yaml");
    let mut config = read(&file)?;
    for provider in sequence(&mut config["providers"])? {
        provider["options"]["path"] = directory.join("dashboards").display().to_string().into();
    }
    write(&file, &config)
}

fn sequence(value: &mut Value) -> Result<&mut Vec<Value>> {
    value.as_sequence_mut().context("a list is missing in a configuration")
}

fn read(path: &Path) -> Result<Value> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_yaml_ng::from_str(&text).with_context(|| format!("cannot parse {}", path.display()))
}

fn write(path: &Path, value: &Value) -> Result<()> {
    fs::write(path, serde_yaml_ng::to_string(value)?)
        .with_context(|| format!("cannot write {}", path.display()))
}
