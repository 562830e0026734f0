//! `cargo xtask page`: the page the workbench serves, with the @grafana packages of one host bundled in.
//!
//! Each folder of tests/page/hosts pins the packages of one Grafana and one React; they share the page's sources.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::npm;
use crate::run::{root, run, target_dir};

/// The host that demo and tests use where nothing else is asked for.
pub(crate) const DEFAULT_HOST: &str = "grafana-13";

/// Files of packages, and where Grafana serves them. It has the fonts in its own tree; these are the same faces.
const FILES: [(&str, &str); 7] = [
    ("systemjs/dist/system.min.js", "system.js"),
    ("systemjs/dist/extras/amd.min.js", "amd.js"),
    ("@fontsource/inter/files/inter-latin-400-normal.woff2", "public/fonts/inter/Inter-Regular.woff2"),
    ("@fontsource/inter/files/inter-latin-500-normal.woff2", "public/fonts/inter/Inter-Medium.woff2"),
    ("@fontsource/inter/files/inter-latin-400-italic.woff2", "public/fonts/inter/Inter-Italic.woff2"),
    ("@fontsource/inter/files/inter-latin-500-italic.woff2", "public/fonts/inter/Inter-MediumItalic.woff2"),
    (
        "@fontsource/roboto-mono/files/roboto-mono-latin-400-normal.woff2",
        "public/fonts/roboto/L0xTDF4xlVMF-BfR8bXMIhJHg45mwgGEFl0_3vrtSM1J-gEPT5Ese6hmHSh0mQ.woff2",
    ),
];

/// Options of `page`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// A folder of tests/page/hosts.
    #[arg(default_value = DEFAULT_HOST)]
    host: String,
}

/// Builds the page of one host.
pub(crate) fn page(options: &Options) -> Result<()> {
    let folder = build(&options.host)?;
    println!("xtask: built {}", folder.display());
    Ok(())
}

/// Every host but the default one, by name.
pub(crate) fn others() -> Result<Vec<String>> {
    let mut hosts = Vec::new();
    for entry in fs::read_dir(root().join("tests/page/hosts"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name != DEFAULT_HOST {
            hosts.push(name);
        }
    }
    hosts.sort();
    Ok(hosts)
}

/// Installs the host's packages, bundles the page and returns its folder.
pub(crate) fn build(host: &str) -> Result<PathBuf> {
    let page = root().join("tests/page");
    let packages = page.join("hosts").join(host);
    ensure!(packages.join("package.json").is_file(), "no host {host:?} in {}", page.join("hosts").display());
    npm::install(&packages)?;
    let modules = packages.join("node_modules");
    let target = target_dir().join("page").join(host);
    let package: Value = serde_json::from_slice(&fs::read(packages.join("package.json"))?)?;
    let dependencies = &package["dependencies"];
    let mut esbuild = Command::new(modules.join(".bin/esbuild"));
    esbuild
        .current_dir(&page)
        .env("NODE_PATH", &modules)
        .args(["src/main.jsx", "--bundle", "--format=iife", "--minify", "--log-level=error"])
        .arg(format!("--alias:host-mount=./src/{}", mount(dependencies)?))
        .arg(format!("--define:HOST_VERSION={}", dependencies["@grafana/runtime"]))
        // Grafana 9's runtime carries an old SystemJS that can run in Node as well.
        .args([
            "--alias:fs=./src/nothing.js",
            "--alias:path=./src/nothing.js",
            "--alias:url=./src/nothing.js",
        ])
        // Grafana 11's parts import CommonJS hooks from modules that are strict: their default would be the whole module.
        .arg("--alias:react-use/lib=react-use/esm")
        // Grafana 10's runtime names SystemJS's files without their ending, which SystemJS's own list of exports forbids.
        .args(
            ["system", "extras/amd"]
                .map(|file| format!("--alias:systemjs/dist/{file}=systemjs/dist/{file}.js")),
        )
        .args(["--define:process.env.NODE_ENV=\"production\"", "--define:global=window"])
        .args(["svg", "png", "woff", "woff2", "ttf", "eot"].map(|kind| format!("--loader:.{kind}=dataurl")))
        .arg(format!("--outfile={}", target.join("host.js").display()));
    run(&format!("page of {host}"), &mut esbuild)?;
    copy(&page.join("src/index.html"), &target.join("index.html"))?;
    copy(&page.join("src/boot.js"), &target.join("boot.js"))?;
    for (from, to) in FILES {
        copy(&modules.join(from), &target.join(to))?;
    }
    copy_icons(&page, &modules, &target)?;
    let bytes = fs::metadata(target.join("host.js"))?.len();
    println!("size: page of {host}: {:.1} MB", bytes as f64 / 1e6);
    Ok(target)
}

/// React 18 changed how a tree is mounted.
fn mount(dependencies: &Value) -> Result<&'static str> {
    let react = dependencies["react"].as_str().context("a host names its React")?;
    Ok(if react.starts_with("17.") { "mount-17.js" } else { "mount-18.js" })
}

/// Icons, which the page fetches one by one from a place that depends on Grafana's version. The packages of Grafana 9
/// come without theirs: they are the default host's.
fn copy_icons(page: &Path, modules: &Path, target: &Path) -> Result<()> {
    let icons = |modules: &Path| modules.join("@grafana/ui/dist/public/img/icons");
    let mut source = icons(modules);
    if !source.is_dir() {
        let default = page.join("hosts").join(DEFAULT_HOST);
        npm::install(&default)?;
        source = icons(&default.join("node_modules"));
    }
    copy_folder(&source, &target.join("public/build/img/icons"))?;
    copy_folder(&source, &target.join("public/img/icons"))
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            copy(&entry.path(), &target)?;
        }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(from, to).with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    Ok(())
}
