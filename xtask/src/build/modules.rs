//! The script modules Grafana loads: each folder of `frontend/shim` bundled into one AMD file.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::glue::Compiled;
use crate::run::{root, run, target_dir};

/// What Grafana 9.4 and every later version hand to a plugin. `module` is the loader's own.
const HOST_MODULES: [&str; 6] =
    ["module", "react", "rxjs", "@grafana/data", "@grafana/runtime", "@grafana/ui"];

/// A folder of the shim, where its module goes in dist, and whether it binds the panel's WebAssembly.
const PLUGINS: [(&str, &str); 3] =
    [("app", "module.js"), ("datasource", "datasource/module.js"), ("panel", "panel/module.js")];

/// What one module weighs.
#[derive(Debug)]
pub(crate) struct Module {
    /// Its name in dist.
    pub(crate) name: &'static str,
    /// The whole file.
    pub(crate) bytes: Vec<u8>,
    /// How much of it is ours, the generated glue left out.
    pub(crate) shim_bytes: u64,
}

/// Where the shim's sources and its bundler are.
pub(crate) fn folder() -> PathBuf {
    root().join("frontend/shim")
}

/// Bundles every module into `dist`.
pub(crate) fn build(wasm: &Compiled, dist: &Path) -> Result<Vec<Module>> {
    PLUGINS.iter().map(|(part, name)| bundle(part, name, wasm, dist)).collect()
}

fn bundle(part: &str, name: &'static str, wasm: &Compiled, dist: &Path) -> Result<Module> {
    let (target, report) = (dist.join(name), target_dir().join(format!("shim-{part}.json")));
    // esbuild writes no AMD: its CommonJS form runs inside the factory, whose arguments answer its `require`. An entry
    // hands its plugin to `provide` and exports nothing, which spares each module half a kilobyte of export helpers.
    let names = serde_json::to_string(&HOST_MODULES)?;
    let header = format!(
        "define({names},function(){{var given=arguments,provided,provide=function(plugin){{provided=plugin}},\
         require=function(name){{return given[{names}.indexOf(name)]}};"
    );
    let mut esbuild = Command::new(folder().join("node_modules/.bin/esbuild"));
    esbuild
        .current_dir(folder())
        .arg(format!("{part}/module.js"))
        .args([
            "--bundle",
            "--format=cjs",
            "--target=es2020",
            "--minify",
            "--charset=utf8",
            "--log-level=warning",
        ])
        .args(HOST_MODULES.map(|name| format!("--external:{name}")))
        .arg(format!("--alias:panel-glue={}", wasm.panel.glue.display()))
        .arg(format!("--alias:judge-glue={}", wasm.judge.glue.display()))
        .arg(format!("--define:PANEL_WASM={:?}", wasm.panel.file_name))
        .arg(format!("--define:JUDGE_WASM={:?}", wasm.judge.file_name))
        .arg(format!("--banner:js={header}"))
        .arg("--footer:js=return{plugin:provided}});")
        .arg(format!("--metafile={}", report.display()))
        .arg(format!("--outfile={}", target.display()));
    run(&format!("module of the {part}"), &mut esbuild)?;
    let report = fs::read(&report).context("esbuild left no report")?;
    let bytes = fs::read(&target).with_context(|| format!("cannot read {}", target.display()))?;
    let glue_bytes = glue_share(&serde_json::from_slice(&report)?);
    Ok(Module { name, shim_bytes: bytes.len() as u64 - glue_bytes, bytes })
}

/// Bytes that the generated glue takes in the bundle esbuild reports on.
fn glue_share(report: &Value) -> u64 {
    let outputs = report["outputs"].as_object().into_iter().flat_map(|outputs| outputs.values());
    let inputs = outputs.filter_map(|output| output["inputs"].as_object()).flatten();
    let glue = inputs.filter(|(path, _)| path.contains("/glue/"));
    glue.filter_map(|(_, input)| input["bytesInOutput"].as_u64()).sum()
}
