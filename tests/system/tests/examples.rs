//! Holds the examples of docs/queries.md to what can be asked.

use std::collections::BTreeSet;

use model::query::{Query, QueryType};
use serde_json::{Map, Value};
use system::repository::Repository;

/// What a variable may list.
const KINDS: [&str; 6] = ["namespaces", "pods", "containers", "jobs", "instances", "alertnames"];

/// The keys that docs/frames.md declares.
fn declared(frames: &str) -> BTreeSet<&str> {
    let section = frames.split("\n## ").find(|section| section.starts_with("Query\n")).expect("its section");
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| row.split('`').next()).collect()
}

#[test]
fn every_query_shown_can_be_asked() {
    let repository = Repository::read().expect("the repository");
    let text = |path: &str| repository.file(path).expect(path).text.clone();
    let (page, frames) = (text("docs/queries.md"), text("docs/frames.md"));
    let declared = declared(&frames);
    assert!(declared.contains("queryType") && declared.len() > 10, "{declared:?}");
    let mut types = BTreeSet::new();
    let mut variables = 0;
    for fence in page.split("```json\n").skip(1) {
        let json = fence.split("\n```").next().expect("the fence's end");
        let mut keys: Map<String, Value> = serde_json::from_str(json).expect(json);
        if let Some(kind) = keys.remove("kind") {
            assert!(KINDS.contains(&kind.as_str().expect("a text")), "{json}");
            variables += 1;
        } else {
            types.insert(keys["queryType"].as_str().expect("a text").to_owned());
        }
        let unknown: Vec<_> = keys.keys().filter(|key| !declared.contains(key.as_str())).collect();
        assert!(unknown.is_empty(), "no query has {unknown:?}: {json}");
        serde_json::from_value::<Query>(Value::Object(keys)).expect(json);
    }
    assert!(variables > 0);
    let shown: Vec<_> = types.iter().map(String::as_str).collect();
    assert_eq!(shown, ["growth", "history", "overview", "runbook", "suspects"]);
    // Those that have no example are explained all the same.
    for query_type in system::contract::QUERY_TYPES {
        let name = system::contract::name(query_type);
        assert!(page.contains(&format!("| `{name}` |")), "docs/queries.md does not say what {name} is for");
    }
    assert_eq!(QueryType::default(), QueryType::Overview);
}
