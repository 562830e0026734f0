//! Who may know what.

use anyhow::Result;

use super::{Invariant, PRODUCT, lines, paths_used, within};
use crate::repository::Repository;
use crate::source::{Kind, sources};

pub(super) fn all() -> Vec<Invariant> {
    vec![
        Invariant {
            sentence: "`model` is pure: no I/O, no clock, no threads, no randomness, no gRPC, no DOM.",
            check: model_is_pure,
            bad: &[
                ("model/src/a.rs", "use std::{collections::BTreeMap, fs};"),
                ("model/src/a.rs", "fn a() { std::net::TcpStream::connect(x) }"),
                ("model/src/a.rs", "use std::time::{Duration, Instant};"),
                ("model/src/a.rs", "fn a() { jiff::Timestamp::now() }"),
                ("model/src/a.rs", "fn a() { println!(\"x\") }"),
                ("model/Cargo.toml", "[dependencies]\ntokio.workspace = true"),
                ("model/Cargo.toml", "[dependencies.web-sys]\nworkspace = true"),
            ],
            good: &[
                ("model/src/a.rs", "use std::time::Duration; fn a(now: i64) { b::know(now) }"),
                ("model/src/a.rs", "#[cfg(test)] mod tests { use std::fs; }"),
                (
                    "model/Cargo.toml",
                    "[dependencies]\nserde.workspace = true\n[dev-dependencies]\ninsta.workspace = true",
                ),
                ("backend/src/a.rs", "use std::fs;"),
            ],
            context: &[],
        },
        Invariant {
            sentence: "Only `backend/src/prometheus` knows Prometheus' HTTP API and the HTTP client.",
            check: only_prometheus_speaks_http,
            bad: &[
                ("backend/src/scan/a.rs", "use reqwest::Client;"),
                ("backend/src/scan/a.rs", "fn a() { get(\"/api/v1/query\") }"),
                ("model/src/a.rs", "use hyper::body::Body;"),
            ],
            good: &[
                ("backend/src/prometheus/a.rs", "use reqwest::Client; const A: &str = \"/api/v1/query\";"),
                ("backend/src/settings/a.rs", "use reqwest::Url;"),
            ],
            context: &[],
        },
        Invariant {
            sentence: "Only `backend/src/grafana` knows the plugin protocol, and it knows no leak.",
            check: only_grafana_speaks_the_protocol,
            bad: &[
                ("backend/src/answers/a.rs", "use grafana_plugin_sdk::pluginv2;"),
                ("backend/src/bin/gpx_leaklens.rs", "fn main() { tonic::transport::Server::builder() }"),
                ("backend/src/scan/a.rs", "use prost::Message;"),
                ("backend/src/grafana/a.rs", "use model::detect::assess;"),
                ("backend/src/grafana/a.rs", "use crate::scan::Scan;"),
            ],
            good: &[
                (
                    "backend/src/grafana/a.rs",
                    "use tonic::Status; use model::frames::Frame; use model::query::Query;",
                ),
                ("backend/src/answers/a.rs", "use crate::grafana::DataSource;"),
                ("backend/src/prometheus/remote_read/a.rs", "use prost::Message;"),
                ("backend/src/grafana/a.rs", "use crate::metrics::metrics;"),
            ],
            context: &[],
        },
        Invariant {
            sentence: "Shipped packages depend on no package of `tests/` or `xtask/`, and panel, judge and backend not on each other.",
            check: packages_are_layered,
            bad: &[
                ("backend/Cargo.toml", "[dependencies]\nfleet.workspace = true"),
                ("backend/Cargo.toml", "[dev-dependencies]\nstack = { path = \"../tests/stack\" }"),
                ("frontend/panel/Cargo.toml", "[dependencies]\nbackend.workspace = true"),
                ("frontend/panel/Cargo.toml", "[dependencies]\njudge.workspace = true"),
                ("model/Cargo.toml", "[dependencies.panel]\nworkspace = true"),
            ],
            good: &[
                ("backend/Cargo.toml", "[dependencies]\nmodel.workspace = true\nbytes.workspace = true"),
                ("frontend/panel/Cargo.toml", "[dev-dependencies]\njudge.workspace = true"),
            ],
            context: &[],
        },
    ]
}

/// What `model` may build on: data formats, nothing that touches the world.
const MODEL_DEPENDENCIES: [&str; 6] = ["csv", "jiff", "pulldown-cmark", "serde", "serde_json", "thiserror"];

fn model_is_pure(repository: &Repository) -> Result<Vec<String>> {
    const MODULES: [&str; 9] = [
        "std::env",
        "std::fs",
        "std::io",
        "std::net",
        "std::os",
        "std::process",
        "std::thread",
        "std::time::Instant",
        "std::time::SystemTime",
    ];
    const CALLS: [&str; 2] = ["now", "random"];
    let mut found = paths_used(
        repository,
        &["model/src"],
        |_| false,
        |path| {
            let last = path.rsplit("::").next().unwrap_or(path);
            MODULES.iter().any(|module| within(path, module))
                || (path.contains("::") && CALLS.contains(&last))
                || matches!(last, "print" | "println" | "eprint" | "eprintln")
        },
    )?;
    if let Some(manifest) = repository.file("model/Cargo.toml") {
        let ours = dependencies(&manifest.text, &["dependencies", "build-dependencies"]);
        let strange = ours.into_iter().filter(|name| !MODEL_DEPENDENCIES.contains(&name.as_str()));
        found.extend(strange.map(|name| format!("model/Cargo.toml: {name}")));
    }
    Ok(found)
}

fn only_prometheus_speaks_http(repository: &Repository) -> Result<Vec<String>> {
    let home = |path: &str| path.starts_with("backend/src/prometheus/");
    // `reqwest::Url` is the `url` package's type: an address, not a way to go there.
    let mut found = paths_used(repository, &PRODUCT, home, |path| {
        (within(path, "reqwest") && path != "reqwest::Url") || within(path, "hyper")
    })?;
    for source in sources(repository, &PRODUCT)?.iter().filter(|source| !home(&source.path)) {
        let texts = source.tokens.iter().filter(|token| token.kind == Kind::Text);
        let known = texts.filter(|token| token.text.contains("api/v1"));
        found.extend(known.map(|token| format!("{}:{}: {}", source.path, token.line, token.text)));
    }
    Ok(found)
}

fn only_grafana_speaks_the_protocol(repository: &Repository) -> Result<Vec<String>> {
    const PROTOCOL: [&str; 4] = ["grafana_plugin_sdk", "tonic", "arrow2", "tokio_stream"];
    let home = |path: &str| path.starts_with("backend/src/grafana/");
    let mut found =
        paths_used(repository, &PRODUCT, home, |path| PROTOCOL.iter().any(|package| within(path, package)))?;
    // Prometheus' remote read speaks in such messages as well.
    let messages = |path: &str| home(path) || path.starts_with("backend/src/prometheus/remote_read/");
    found.extend(paths_used(repository, &PRODUCT, messages, |path| within(path, "prost"))?);
    found.extend(paths_used(
        repository,
        &["backend/src/grafana"],
        |_| false,
        |path| {
            let of_model =
                within(path, "model") && !within(path, "model::frames") && !within(path, "model::query");
            let known = ["crate::grafana", "crate::call", "crate::metrics"];
            (of_model && path != "model")
                || (within(path, "crate")
                    && path.contains("::")
                    && !known.iter().any(|one| within(path, one)))
        },
    )?);
    Ok(found)
}

fn packages_are_layered(repository: &Repository) -> Result<Vec<String>> {
    const TEST_PACKAGES: [&str; 6] = ["fleet", "parts", "stack", "system", "workbench", "xtask"];
    let mut found = Vec::new();
    for (path, others) in [
        ("model/Cargo.toml", ["backend", "judge", "panel"].as_slice()),
        ("backend/Cargo.toml", &["judge", "panel"]),
        ("frontend/judge/Cargo.toml", &["backend", "panel"]),
        ("frontend/panel/Cargo.toml", &["backend", "judge"]),
    ] {
        let Some(manifest) = repository.file(path) else { continue };
        for kind in ["dependencies", "build-dependencies", "dev-dependencies"] {
            // The panel's tests have the judge's code in their one module.
            let in_tests =
                |name: &str| kind == "dev-dependencies" && path.contains("panel") && name == "judge";
            let names = dependencies(&manifest.text, &[kind]).into_iter().filter(|name| !in_tests(name));
            let known =
                |name: &String| TEST_PACKAGES.contains(&name.as_str()) || others.contains(&name.as_str());
            found.extend(names.filter(known).map(|name| format!("{path}: {name}")));
        }
        found.extend(lines(manifest, |line| line.contains("../tests") || line.contains("../xtask")));
    }
    Ok(found)
}

/// The names in these tables of a manifest.
fn dependencies(manifest: &str, tables: &[&str]) -> Vec<String> {
    let mut names = Vec::new();
    let mut inside = false;
    for line in manifest.lines().map(str::trim) {
        if let Some(table) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            inside = tables.contains(&table);
            let named = tables.iter().find_map(|kind| table.strip_prefix(kind)?.strip_prefix('.'));
            names.extend(named.map(str::to_owned));
        } else if inside && let Some((key, _)) = line.split_once('=').filter(|_| !line.starts_with('#')) {
            names.push(key.split('.').next().unwrap_or(key).trim().to_owned());
        }
    }
    names
}
