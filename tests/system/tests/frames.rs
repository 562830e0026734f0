//! Holds the frame contract: docs/frames.md is current, and answers only ever gain.
//!
//! With `RECORD` in the environment both are rewritten; a break of the contract fails all the same.

use std::path::PathBuf;
use std::{env, fs};

use model::frames::{Frame, Table as _};
use serde_json::Value;
use system::contract::{QUERY_TYPES, answer, breaks, document, dropped, frames, name};
use system::repository::root;

fn keep(path: &PathBuf, text: &str) {
    if env::var_os("RECORD").is_some() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder");
        fs::write(path, text).expect("written");
    }
    let kept = fs::read_to_string(path).unwrap_or_default();
    let path = path.display();
    assert!(kept == text, "{path} is not current: RECORD=1 cargo test --package system --test frames");
}

#[test]
fn the_document_is_current() {
    keep(&root().join("docs/frames.md"), &document());
}

#[test]
fn answers_only_gain() {
    for query_type in QUERY_TYPES {
        let path = root().join(format!("tests/system/contract/{}.json", name(query_type)));
        let current = answer(query_type);
        if let Ok(recorded) = fs::read_to_string(&path) {
            let recorded: Value = serde_json::from_str(&recorded).expect("JSON");
            let broken = breaks(&recorded, &current);
            assert!(broken.is_empty(), "{query_type:?}: {broken:#?}");
        }
        let text = serde_json::to_string_pretty(&current).expect("JSON");
        keep(&path, &format!("{text}\n"));
    }
}

/// The contract was frozen on these: answers of the plugin to Grafana's own Go libraries (`go_host` records them).
#[test]
fn what_the_plugin_once_answered_is_still_declared() {
    for query_type in QUERY_TYPES {
        let path = root().join(format!("tests/system/contract/recorded/{}.json", name(query_type)));
        let recorded = fs::read_to_string(&path).expect("a recorded answer");
        let recorded: Value = serde_json::from_str(&recorded).expect("JSON");
        assert!(recorded["frames"].as_array().is_some_and(|frames| !frames.is_empty()), "{}", path.display());
        assert_eq!(dropped(query_type, &recorded), Vec::<String>::new(), "{query_type:?}");
    }
}

#[test]
fn the_samples_are_what_the_declarations_say() {
    for query_type in QUERY_TYPES {
        let answer = answer(query_type);
        let answered = answer["frames"].as_array().expect("frames");
        let declared = frames(query_type);
        assert_eq!(answered.len(), declared.len());
        for (json, declared) in answered.iter().zip(declared) {
            let frame = Frame::from_grafana(json, &mut |_| None).expect("a frame");
            assert_eq!(frame.name, declared.name);
            let open = usize::from(declared.open.is_some());
            assert_eq!(frame.columns.len(), declared.columns.len() + open, "{}", frame.name);
            for column in &declared.columns {
                let answered = frame.column(column.name).expect(column.name);
                assert_eq!((answered.values.kind(), answered.unit.as_str()), (column.kind, column.unit));
            }
        }
    }
}

/// Grafana's expression engine takes a table for an alert rule only like this.
#[test]
fn growth_keeps_to_the_number_table_rule() {
    let columns = model::frames::GrowthRow::columns();
    let numbers = columns.iter().filter(|column| column.kind == model::frames::Kind::Number).count();
    let texts = columns.iter().filter(|column| column.kind == model::frames::Kind::String);
    assert_eq!(numbers, 1);
    assert!(texts.clone().all(|column| !column.nullable), "text columns that may be null are refused");
    assert_eq!(numbers + texts.count(), columns.len(), "a time column makes it a series");
}
