//! The panel: compiled to WebAssembly, with the script that binds it to JavaScript.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::run::{cargo, run, target_dir};

/// The compiled panel.
#[derive(Debug)]
pub(crate) struct Wasm {
    /// The binary.
    pub(crate) bytes: Vec<u8>,
    /// Its name in dist, which changes with its content: browsers keep it for an hour without asking.
    pub(crate) file_name: String,
    /// The ES module that instantiates it.
    pub(crate) glue: PathBuf,
}

/// Compiles the panel and generates its glue.
pub(crate) fn build() -> Result<Wasm> {
    compile(&target_dir(), &[])
}

/// The same with `model` compiled for size, in a folder of its own: what its speed takes in the browser's download.
pub(crate) fn build_small() -> Result<Wasm> {
    compile(&target_dir().join("small"), &[r#"profile.wasm.package.model.opt-level="z""#])
}

fn compile(target: &Path, settings: &[&str]) -> Result<Wasm> {
    let arguments =
        ["build", "--package", "panel", "--lib", "--target", "wasm32-unknown-unknown", "--profile", "wasm"];
    let mut cargo = cargo();
    cargo.args(arguments).arg("--target-dir").arg(target);
    for setting in settings {
        cargo.args(["--config", setting]);
    }
    run("panel to WebAssembly", &mut cargo)?;
    let compiled = target.join("wasm32-unknown-unknown/wasm/panel.wasm");
    let folder = target.join("glue");
    Bindgen::new()
        .input_path(&compiled)
        .web(true)?
        // The shim fetches the bytes itself; without the default path the glue needs no `import.meta`.
        .omit_default_module_path(true)
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(&folder)
        .with_context(|| format!("wasm-bindgen on {}", compiled.display()))?;
    let bytes = fs::read(folder.join("panel_bg.wasm")).context("wasm-bindgen left no panel_bg.wasm")?;
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    let file_name = format!("leaklens.{:016x}.wasm", hasher.finish());
    Ok(Wasm { bytes, file_name, glue: folder.join("panel.js") })
}
