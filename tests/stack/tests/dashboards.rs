//! The dashboards: no data source of one installation, units, variables that offer All, queries that parse.
//!
//! tests/dashboards holds them against Grafana's own types.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use serde_json::{Value, json};

/// Where messages link to: it must open without a choice, so it names the data source we provision.
const LINKED: &str = "leaklens";
const SOURCE: &str = "${source}";

fn dashboards() -> Vec<Value> {
    let directory = stack::root().join("provisioning/dashboards");
    let paths = fs::read_dir(directory).expect("dashboards").map(|entry| entry.expect("an entry").path());
    let paths = paths.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    let dashboards: Vec<Value> = paths
        .map(|path| {
            let dashboard: Value =
                serde_json::from_slice(&fs::read(&path).expect("a dashboard")).expect("JSON");
            assert_eq!(
                path.file_stem().and_then(|stem| stem.to_str()),
                dashboard["uid"].as_str(),
                "file and uid"
            );
            dashboard
        })
        .collect();
    assert!(dashboards.len() >= 3);
    dashboards
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

/// Calls back with every object and every text below a value.
fn walk<'v>(value: &'v Value, visit: &mut impl FnMut(&'v Value)) {
    visit(value);
    match value {
        Value::Array(list) => list.iter().for_each(|one| walk(one, visit)),
        Value::Object(map) => map.values().for_each(|one| walk(one, visit)),
        _ => {}
    }
}

#[test]
fn no_dashboard_names_a_data_source_of_one_installation() {
    for dashboard in dashboards() {
        let variables = list(&dashboard["templating"], "list");
        let chosen = variables.iter().find(|one| one["type"] == "datasource").map(|one| one["query"].clone());
        let mut references = 0;
        walk(&dashboard, &mut |value| {
            let source = &value["datasource"];
            if source.is_null() {
                return;
            }
            references += 1;
            if dashboard["uid"] == LINKED {
                assert_eq!(source["uid"], "leaklens", "{source}");
            } else {
                assert_eq!(source["uid"], SOURCE, "{source}");
                assert_eq!(Some(&source["type"]), chosen.as_ref(), "{source}");
            }
        });
        assert!(references > 0);
    }
}

#[test]
fn every_panel_has_units_and_says_what_it_shows() {
    for dashboard in dashboards() {
        for panel in list(&dashboard, "panels").iter().filter(|panel| panel["type"] != "leaklens-panel") {
            let title = panel["title"].as_str().expect("a title");
            assert!(panel["description"].as_str().is_some_and(|text| text.len() > 20), "{title}");
            assert!(panel["fieldConfig"]["defaults"]["unit"].is_string(), "{title} has no unit");
            assert!(!list(panel, "targets").is_empty(), "{title}");
        }
    }
}

#[test]
fn variables_that_list_something_offer_all_of_it() {
    for dashboard in dashboards() {
        for variable in list(&dashboard["templating"], "list").iter().filter(|one| one["type"] == "query") {
            assert_eq!(
                (&variable["includeAll"], &variable["multi"]),
                (&json!(true), &json!(true)),
                "{variable}"
            );
            assert_eq!(variable["current"]["value"], json!(["$__all"]), "{variable}");
            assert!(variable["allValue"].is_string(), "{variable}");
        }
    }
}

#[test]
fn variables_that_are_used_are_there() {
    for dashboard in dashboards() {
        let declared = list(&dashboard["templating"], "list").iter();
        let declared: BTreeSet<_> = declared.map(|one| one["name"].as_str().expect("a name")).collect();
        let mut used = BTreeSet::new();
        walk(&dashboard, &mut |value| {
            let pieces = value.as_str().unwrap_or_default().split('$').skip(1);
            let names = pieces.map(|piece| piece.trim_start_matches('{'));
            used.extend(names.map(|name| {
                let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
                &name[..end]
            }));
        });
        let unknown: Vec<_> = used
            .iter()
            .filter(|name| !name.is_empty() && !name.starts_with("__") && !declared.contains(*name))
            .collect();
        assert!(unknown.is_empty(), "{}: {unknown:?}", dashboard["uid"]);
        let idle: Vec<_> = declared.difference(&used).collect();
        assert!(idle.is_empty(), "{}: {idle:?} narrow nothing", dashboard["uid"]);
    }
}

#[test]
fn queries_are_ones_that_are_answered() {
    let frames = fs::read_to_string(stack::root().join("docs/frames.md")).expect("the contract");
    let mut rules = Vec::new();
    for dashboard in dashboards() {
        for target in list(&dashboard, "panels").iter().flat_map(|panel| list(panel, "targets")) {
            if let Some(expr) = target["expr"].as_str() {
                let expr = expr.replace("$__rate_interval", "5m");
                rules.push(json!({ "record": format!("query:{}", rules.len()), "expr": expr }));
            } else {
                let kind = target["queryType"].as_str().expect("a query");
                assert!(frames.contains(&format!("\n## `{kind}`\n")), "no answer is called {kind}");
            }
        }
    }
    assert!(rules.len() > 5);
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("queries.yaml");
    // JSON is YAML, and a rule is how promtool is given an expression.
    fs::write(&file, json!({ "groups": [{ "name": "queries", "rules": rules }] }).to_string())
        .expect("written");
    let output = Command::new("promtool").args(["check", "rules"]).arg(&file).output().expect("promtool");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
