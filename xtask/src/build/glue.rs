//! The panel and the judge: compiled to WebAssembly, each with the script that binds it to JavaScript.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::run::{cargo, run, target_dir};

/// What the browser loads.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// The panel.
    pub(crate) panel: Wasm,
    /// What judges series of other data sources, loaded when there are any.
    pub(crate) judge: Wasm,
}

/// A package compiled to WebAssembly.
#[derive(Debug)]
pub(crate) struct Wasm {
    /// The binary.
    pub(crate) bytes: Vec<u8>,
    /// Its name in dist, which changes with its content: browsers keep it for an hour without asking.
    pub(crate) file_name: String,
    /// The ES module that instantiates it.
    pub(crate) glue: PathBuf,
}

/// Compiles both and generates their glue.
pub(crate) fn build() -> Result<Compiled> {
    compile_both(&target_dir(), &[])
}

/// The same with `model` compiled for size, in a folder of its own: what its speed takes in the browser's download.
pub(crate) fn build_small() -> Result<Compiled> {
    compile_both(&target_dir().join("small"), &[r#"profile.wasm.package.model.opt-level="z""#])
}

fn compile_both(target: &Path, settings: &[&str]) -> Result<Compiled> {
    Ok(Compiled {
        panel: compile("panel", "leaklens", target, settings)?,
        judge: compile("judge", "leaklens-judge", target, settings)?,
    })
}

fn compile(package: &str, name: &str, target: &Path, settings: &[&str]) -> Result<Wasm> {
    let arguments =
        ["build", "--package", package, "--lib", "--target", "wasm32-unknown-unknown", "--profile", "wasm"];
    let mut cargo = cargo();
    cargo.args(arguments).arg("--target-dir").arg(target);
    for setting in settings {
        cargo.args(["--config", setting]);
    }
    run(&format!("{package} to WebAssembly"), &mut cargo)?;
    let compiled = target.join(format!("wasm32-unknown-unknown/wasm/{package}.wasm"));
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
    let bound = folder.join(format!("{package}_bg.wasm"));
    let bytes = fs::read(&bound).with_context(|| format!("wasm-bindgen left no {}", bound.display()))?;
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    let file_name = format!("{name}.{:016x}.wasm", hasher.finish());
    Ok(Wasm { bytes, file_name, glue: folder.join(format!("{package}.js")) })
}
