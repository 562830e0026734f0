//! What shipped code never does.

use anyhow::Result;

use super::{Invariant, PRODUCT, lines, paths_used, scripts, within};
use crate::repository::Repository;
use crate::source::{Kind, sources};

pub(super) fn all() -> Vec<Invariant> {
    vec![
        Invariant {
            sentence: "There is no `unsafe` code, and every package is under the workspace's lints.",
            check: nothing_is_unsafe,
            bad: &[
                ("backend/src/a.rs", "fn a() { unsafe { b() } }"),
                ("xtask/src/a.rs", "#[unsafe(no_mangle)] fn a() {}"),
                ("backend/Cargo.toml", "[package]\nname = \"backend\""),
            ],
            good: &[
                ("backend/src/a.rs", "/// Not unsafe.\nfn a() { b(\"unsafe\") } // unsafe"),
                ("backend/Cargo.toml", "[package]\nname = \"backend\"\n[lints]\nworkspace = true"),
            ],
            context: &[],
        },
        Invariant {
            sentence: "Leaklens executes nothing: no shipped code starts a process or evaluates text.",
            check: nothing_is_executed,
            bad: &[
                ("backend/src/a.rs", "use std::process::{Command, ExitCode};"),
                ("backend/src/a.rs", "fn a() { tokio::process::Command::new(x) }"),
                ("frontend/panel/src/a.rs", "fn a() { js_sys::eval(x) }"),
                ("frontend/shim/app/module.js", "new Function(x)"),
            ],
            good: &[
                ("backend/src/a.rs", "use std::process::ExitCode;"),
                ("frontend/shim/tests/a.js", "new Function(x)"),
            ],
            context: &[],
        },
        Invariant {
            sentence: "Raw HTML is never set: everything a page shows goes in as text.",
            check: no_raw_html,
            bad: &[
                ("frontend/panel/src/a.rs", "fn a() { element.set_inner_html(x) }"),
                ("frontend/panel/src/a.rs", "fn a() { Html::from_html_unchecked(x) }"),
                ("frontend/shim/panel/module.js", "e('div', { dangerouslySetInnerHTML: { __html: x } })"),
                ("frontend/shim/panel/module.js", "element.innerHTML = x"),
            ],
            good: &[
                ("frontend/panel/src/a.rs", "fn a() { element.set_text_content(x) }"),
                ("frontend/shim/panel/module.js", "element.textContent = x"),
            ],
            context: &[],
        },
        Invariant {
            sentence: "The data source's stdout carries the handshake and nothing else.",
            check: stdout_is_the_hosts,
            bad: &[
                ("backend/src/scan/a.rs", "fn a() { println!(\"x\") }"),
                ("backend/src/grafana/serve.rs", "use std::io::stdout;"),
                ("backend/src/bin/gpx_leaklens.rs", "fn main() { print!(\"x\") }"),
            ],
            good: &[
                ("backend/src/grafana/handshake.rs", "fn a() { io::stdout() }"),
                ("backend/src/bin/leaklens.rs", "fn main() { println!(\"x\") }"),
                ("backend/src/scan/a.rs", "fn a() { tracing::info!(\"x\") }"),
            ],
            context: &[],
        },
        Invariant {
            sentence: "No shipped code asks whether it is under test.",
            check: nobody_asks_whether_it_is_a_test,
            bad: &[
                ("model/src/a.rs", "#[cfg(not(test))] fn a() {}"),
                ("model/src/a.rs", "fn a() { if cfg!(test) { b() } }"),
                ("backend/src/a.rs", "fn a() { std::env::var(\"LEAKLENS_TEST\") }"),
                ("backend/src/a.rs", "fn a() { std::env::var(\"CI\") }"),
                ("backend/src/a.rs", "fn a() { cfg!(debug_assertions) }"),
                ("frontend/shim/panel/module.js", "if (navigator.webdriver) return;"),
            ],
            good: &[("model/src/a.rs", "#[cfg(test)] mod tests { fn a() { std::env::var(\"CI\") } }")],
            context: &[],
        },
    ]
}

fn nothing_is_unsafe(repository: &Repository) -> Result<Vec<String>> {
    let everywhere = ["model", "backend", "frontend", "tests", "xtask"];
    let mut found = paths_used(repository, &everywhere, |_| false, |path| path == "unsafe")?;
    for manifest in repository.files.iter().filter(|file| file.path.ends_with("/Cargo.toml")) {
        if !manifest.text.contains("[lints]\nworkspace = true") {
            found.push(format!("{}: no lints", manifest.path));
        }
    }
    Ok(found)
}

fn nothing_is_executed(repository: &Repository) -> Result<Vec<String>> {
    let mut found = paths_used(
        repository,
        &PRODUCT,
        |_| false,
        |path| {
            ["std::process::Command", "tokio::process", "js_sys::eval", "js_sys::Function::new_no_args"]
                .iter()
                .any(|forbidden| within(path, forbidden))
        },
    )?;
    for file in scripts(repository) {
        found.extend(lines(file, |line| line.contains("eval(") || line.contains("new Function(")));
    }
    Ok(found)
}

fn no_raw_html(repository: &Repository) -> Result<Vec<String>> {
    const WAYS: [&str; 9] = [
        "inner_html",
        "outer_html",
        "insert_adjacent_html",
        "from_html_unchecked",
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "dangerouslySetInnerHTML",
        "document.write",
    ];
    let mut found = paths_used(
        repository,
        &["frontend", "model"],
        |_| false,
        |path| WAYS.iter().any(|way| path.contains(way)),
    )?;
    for file in scripts(repository) {
        found.extend(lines(file, |line| WAYS.iter().any(|way| line.contains(way))));
    }
    Ok(found)
}

fn stdout_is_the_hosts(repository: &Repository) -> Result<Vec<String>> {
    let may_print = |path: &str| {
        path == "backend/src/grafana/handshake.rs"
            || path == "backend/src/bin/leaklens.rs"
            || path.starts_with("backend/src/cli/")
    };
    paths_used(repository, &["backend/src"], may_print, |path| {
        matches!(path.rsplit("::").next(), Some("print" | "println" | "dbg" | "stdout"))
    })
}

fn nobody_asks_whether_it_is_a_test(repository: &Repository) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for source in sources(repository, &PRODUCT)? {
        let code: Vec<_> = source.tokens.iter().filter(|token| token.kind != Kind::Doc).collect();
        for (index, token) in code.iter().enumerate() {
            let text = |offset: usize| code.get(index + offset).map_or("", |token| token.text.as_str());
            let in_cfg = token.text == "cfg" && {
                let words = code[index..].iter().take_while(|token| token.text != "{").take(12);
                words.clone().any(|token| matches!(token.text.as_str(), "test" | "debug_assertions"))
            };
            let asks_environment = matches!(token.text.as_str(), "var" | "var_os") && text(1) == "(" && {
                let name = text(2).to_uppercase();
                name == "\"CI\"" || name.contains("TEST") || name.contains("DEMO")
            };
            if in_cfg || asks_environment {
                found.push(format!("{}:{}: {} {}", source.path, token.line, token.text, text(2)));
            }
        }
    }
    for file in scripts(repository) {
        found.extend(lines(file, |line| line.contains("webdriver") || line.contains("NODE_ENV")));
    }
    Ok(found)
}
