//! Which names may stand where.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::{Invariant, PRODUCT, lines, scripts};
use crate::repository::Repository;
use crate::source::{Kind, sources};

pub(super) fn all() -> Vec<Invariant> {
    vec![
        Invariant {
            sentence: "Metric names stand in the profiles, `backend/src/profiles/*.json`, and nowhere else in shipped code.",
            check: metric_names_stand_in_profiles,
            bad: &[
                ("backend/src/scan/a.rs", "const A: &str = \"app_rss\";"),
                ("backend/src/scan/a.rs", "fn a() { b(\"sum(app_rss) by (pod)\") }"),
                ("model/src/a.rs", "const A: &str = \"some_other_memory_bytes\";"),
                ("backend/src/a.rs", "const A: &str = \"kube_job_status_failed_total\";"),
            ],
            good: &[
                ("backend/src/scan/a.rs", "/// Such as `app_rss`.\nconst A: &str = \"wrapp_rss_x\";"),
                ("backend/src/a.rs", "const A: &str = \"leaklens_queries_running_total\";"),
                ("backend/src/scan/a.rs", "#[cfg(test)] mod tests { const A: &str = \"app_rss\"; }"),
            ],
            context: &[("backend/src/profiles/a.json", "{\"memory\": [{\"metric\": \"app_rss\"}]}")],
        },
        Invariant {
            sentence: "Nothing shipped names the test workload, the demo, the workbench or a fixture.",
            check: nothing_names_the_tests,
            bad: &[
                ("model/src/a.rs", "/// As the demo has it.\nfn a() {}"),
                ("backend/src/a.rs", "const A: &str = \"tests/workload\";"),
                ("frontend/panel/src/a.rs", "fn workbench_only() {}"),
                ("frontend/shim/panel/module.js", "const fixture = 1;"),
                ("backend/src/profiles/a.json", "{\"name\": \"fleet\"}"),
            ],
            good: &[
                ("model/src/a.rs", "/// The workload that owns the pod, democratic.\nfn workload() {}"),
                ("model/src/a.rs", "#[cfg(test)] mod tests { fn fixture() {} }"),
            ],
            context: &[],
        },
    ]
}

/// Endings by which a string is taken for the name of a metric although no profile has it.
const METRIC_ENDINGS: [&str; 6] = ["_total", "_bytes", "_seconds", "_bucket", "_info", "_seconds_count"];
/// First words of metric names that exporters of the field share.
const METRIC_FAMILIES: [&str; 8] =
    ["kube_", "container_", "process_", "node_", "jvm_", "go_", "django_", "machine_"];

fn metric_names_stand_in_profiles(repository: &Repository) -> Result<Vec<String>> {
    let mut names = BTreeSet::new();
    for profile in repository.under(&["backend/src/profiles"], &["json"]) {
        let json = serde_json::from_str(&profile.text).with_context(|| profile.path.clone())?;
        collect_metrics(&json, &mut names);
    }
    let is_metric = |word: &str| {
        let parts = word.matches('_').count();
        // A name of one word, such as `up`, cannot be told from prose; our own counters are no input.
        let others = !word.starts_with("leaklens_");
        (parts > 0 && names.contains(word))
            || (others && parts > 1 && METRIC_ENDINGS.iter().any(|ending| word.ends_with(ending)))
            || (parts > 1 && METRIC_FAMILIES.iter().any(|family| word.starts_with(family)))
    };
    let mut found = Vec::new();
    for source in sources(repository, &["model", "backend"])? {
        for token in source.tokens.iter().filter(|token| token.kind == Kind::Text) {
            let mut words = token.text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            if let Some(word) = words.find(|word| is_metric(word)) {
                found.push(format!("{}:{}: {word}", source.path, token.line));
            }
        }
    }
    Ok(found)
}

fn collect_metrics(json: &Value, names: &mut BTreeSet<String>) {
    match json {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::String(name) if key == "metric" => {
                        names.insert(name.clone());
                    }
                    other => collect_metrics(other, names),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_metrics(item, names)),
        _ => {}
    }
}

/// Words only tests and demo have a use for.
const TEST_WORDS: [&str; 9] =
    ["demo", "fixture", "fixtures", "workbench", "gohost", "fleet", "yardstick", "under_test", "dummy"];
/// Places of the repository that do not ship.
const TEST_PLACES: [&str; 3] = ["tests/", "xtask/", "shop.views"];

fn nothing_names_the_tests(repository: &Repository) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for source in sources(repository, &PRODUCT)? {
        for token in source.tokens.iter().filter(|token| names_a_test(&token.text)) {
            found.push(format!("{}:{}: {}", source.path, token.line, token.text));
        }
    }
    let others = repository.under(&PRODUCT, &["json", "css", "html"]);
    // What npm installs and runs for us does not ship.
    let others = others.filter(|file| !file.path.contains("/package") && !file.path.contains("/tests/"));
    for file in scripts(repository).chain(others) {
        found.extend(lines(file, names_a_test));
    }
    Ok(found)
}

fn names_a_test(text: &str) -> bool {
    let lower = text.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    TEST_PLACES.iter().any(|place| lower.contains(place))
        || words
            .any(|word| TEST_WORDS.contains(&word) || word.split('_').any(|part| TEST_WORDS.contains(&part)))
}
