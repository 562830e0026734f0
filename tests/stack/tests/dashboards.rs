//! The dashboards: as their source makes them, no data source of one installation, units, variables that offer All, links
//! that lead somewhere, queries that parse.
//!
//! tests/dashboards holds them against Grafana's own types.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use serde_json::{Value, json};

fn dashboards() -> Vec<Value> {
    let entries = fs::read_dir(stack::dashboards::directory()).expect("dashboards");
    let paths = entries.map(|entry| entry.expect("an entry").path());
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
fn the_files_are_what_their_source_makes() {
    let rendered = stack::dashboards::rendered();
    assert_eq!(rendered.len(), dashboards().len(), "a file has no source");
    for (file, text) in rendered {
        let there = fs::read_to_string(stack::dashboards::directory().join(&file)).unwrap_or_default();
        assert!(there == text, "{file} is not current: run `cargo xtask dashboards render`");
    }
}

#[test]
fn every_data_source_is_the_choice_of_a_variable() {
    let mut kinds = BTreeMap::new();
    for dashboard in dashboards() {
        let variables = list(&dashboard["templating"], "list").iter();
        let choices: BTreeMap<_, _> = variables
            .filter(|one| one["type"] == "datasource")
            .map(|one| (format!("${{{}}}", one["name"].as_str().expect("a name")), &one["query"]))
            .collect();
        let mut references = 0;
        walk(&dashboard, &mut |value| {
            let source = &value["datasource"];
            if source.is_null() {
                return;
            }
            references += 1;
            let uid = source["uid"].as_str().unwrap_or_default();
            assert_eq!(Some(&&source["type"]), choices.get(uid), "{}: {source}", dashboard["uid"]);
        });
        assert!(references > 0);
        // Links carry variables from one dashboard to another: a name means the same in all.
        for (name, kind) in choices {
            assert_eq!(kinds.entry(name.clone()).or_insert(kind.clone()), kind, "{name}");
        }
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
fn numbers_in_tables_have_the_unit_that_their_name_says() {
    let unit_of = |column: &str| match column {
        _ if column.contains("_bytes") => "bytes",
        _ if column.starts_with("secs_") => "s",
        "onset" => "dateTimeFromNow",
        "score" | "used" => "percentunit",
        _ => "none",
    };
    let mut numbers = 0;
    for dashboard in dashboards() {
        for panel in list(&dashboard, "panels").iter().filter(|panel| panel["type"] == "table") {
            let config = &panel["fieldConfig"];
            for column in list(config, "overrides") {
                let name = column["matcher"]["options"].as_str().expect("a column");
                let own = list(column, "properties").iter().find(|property| property["id"] == "unit");
                let unit = own.map_or(&config["defaults"]["unit"], |property| &property["value"]);
                if unit_of(name) != "none" {
                    assert_eq!(unit, unit_of(name), "{name} of {}", panel["title"]);
                    numbers += 1;
                }
            }
        }
    }
    assert!(numbers >= 9, "only {numbers}");
}

#[test]
fn panels_stand_beside_each_other_and_links_lead_to_dashboards_that_are_there() {
    let dashboards = dashboards();
    let variables = |uid: &str| -> BTreeSet<&str> {
        let found = dashboards.iter().find(|one| one["uid"] == uid);
        let found = found.unwrap_or_else(|| panic!("no dashboard is called {uid}"));
        let names = list(&found["templating"], "list").iter();
        names.map(|one| one["name"].as_str().expect("a name")).collect()
    };
    let mut links = 0;
    for dashboard in &dashboards {
        let mut taken = BTreeSet::new();
        for panel in list(dashboard, "panels") {
            let at = |key: &str| panel["gridPos"][key].as_u64().expect(key);
            assert!(at("x") + at("w") <= 24, "{}", panel["title"]);
            for x in at("x")..at("x") + at("w") {
                for y in at("y")..at("y") + at("h") {
                    assert!(taken.insert((x, y)), "{} lies on another panel", panel["title"]);
                }
            }
        }
        walk(dashboard, &mut |value| {
            let Some((_, rest)) = value["url"].as_str().and_then(|url| url.split_once("/d/")) else { return };
            let (uid, query) = rest.split_once('/').expect("a slug");
            let there = variables(uid);
            for (name, _) in form_urlencoded::parse(query.split_once('?').expect("variables").1.as_bytes()) {
                if let Some(name) = name.strip_prefix("var-") {
                    assert!(there.contains(name), "{uid} has no variable {name}");
                    links += 1;
                }
            }
        });
    }
    assert!(links >= 8, "only {links}");
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
