//! Whether an answer still holds all that an older one held.

use std::collections::BTreeMap;

use serde_json::Value;

/// What a reader of `recorded` would miss in `current`, each a sentence; both are the answer to one query, as
/// [`super::answer`] gives it. Frames, columns and keys may be added, never dropped, renamed or retyped; a
/// column without nulls stays so.
pub fn breaks(recorded: &Value, current: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for old in list(recorded, "/frames") {
        let frame = text(old, "/schema/name");
        let Some(new) = list(current, "/frames").iter().find(|new| text(new, "/schema/name") == frame) else {
            found.push(format!("frame {frame:?} is gone"));
            continue;
        };
        for (index, old_field) in list(old, "/schema/fields").iter().enumerate() {
            let name = text(old_field, "/name");
            let fields = list(new, "/schema/fields");
            let Some(at) = fields.iter().position(|field| text(field, "/name") == name) else {
                found.push(format!("column {name:?} of frame {frame:?} is gone"));
                continue;
            };
            found.extend(field_breaks(
                old_field,
                &fields[at],
                &format!("column {name:?} of frame {frame:?}"),
            ));
            let shape = |frame: &Value, at: usize| shape_of_cells(list(frame, "/data/values").get(at));
            let new_shape = shape(new, at);
            for (path, kinds) in shape(old, index) {
                match new_shape.get(&path) {
                    None => found.push(format!("{path} in column {name:?} of frame {frame:?} is gone")),
                    Some(now) if *now != kinds => {
                        found.push(format!(
                            "{path} in column {name:?} of frame {frame:?} was {kinds} and is {now}"
                        ));
                    }
                    Some(_) => {}
                }
            }
        }
    }
    found
}

fn field_breaks(old: &Value, new: &Value, what: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (path, word) in [("/type", "type"), ("/typeInfo/frame", "exact type"), ("/config/unit", "unit")] {
        let (was, is) = (text(old, path), text(new, path));
        if was != is {
            found.push(format!("{what} had {word} {was:?} and has {is:?}"));
        }
    }
    let nullable = |field: &Value| field.pointer("/typeInfo/nullable") == Some(&Value::Bool(true));
    if nullable(new) && !nullable(old) {
        found.push(format!("{what} may now be null"));
    }
    found
}

/// The paths of the JSON in a column's cells, and what stands there; nothing for cells that are no JSON.
fn shape_of_cells(cells: Option<&Value>) -> BTreeMap<String, String> {
    let cells = cells.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let documents = cells.filter(|cell| cell.starts_with(['{', '['])).map(serde_json::from_str);
    let mut kinds = BTreeMap::new();
    for document in documents.filter_map(Result::ok) {
        shape(&document, "", &mut kinds);
    }
    kinds
}

/// Adds each path in `document` and the kinds of value there.
pub(super) fn shape(document: &Value, path: &str, kinds: &mut BTreeMap<String, String>) {
    let kind = match document {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let known = kinds.entry(path.to_owned()).or_default();
    if !known.split(" or ").any(|known| known == kind) {
        let joined = if known.is_empty() { kind.to_owned() } else { format!("{known} or {kind}") };
        *known = joined;
    }
    match document {
        Value::Object(fields) => {
            for (key, value) in fields {
                shape(value, &format!("{path}.{key}"), kinds);
            }
        }
        Value::Array(items) => {
            for item in items {
                shape(item, &format!("{path}[]"), kinds);
            }
        }
        _ => {}
    }
}

pub(super) fn list<'v>(value: &'v Value, path: &str) -> &'v [Value] {
    value.pointer(path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

pub(super) fn text<'v>(value: &'v Value, path: &str) -> &'v str {
    value.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use model::query::QueryType;
    use serde_json::json;

    use super::*;
    use crate::contract::answer;

    #[test]
    fn an_addition_is_no_break() {
        let old = answer(QueryType::Overview);
        let mut new = old.clone();
        let field = json!({ "name": "more", "type": "number", "typeInfo": { "frame": "float64" } });
        new["frames"][0]["schema"]["fields"].as_array_mut().expect("fields").insert(0, field);
        new["frames"][0]["data"]["values"].as_array_mut().expect("values").insert(0, json!([1]));
        new["frames"].as_array_mut().expect("frames").insert(0, json!({ "schema": { "name": "more" } }));
        assert!(breaks(&old, &old).is_empty());
        assert_eq!(breaks(&old, &new), Vec::<String>::new());
    }

    #[test]
    fn every_kind_of_break_is_found() {
        let old = answer(QueryType::Runbook);
        for (path, value, complaint) in [
            ("/frames/0/schema/name", json!("other"), "frame \"runbook\" is gone"),
            (
                "/frames/0/schema/fields/1/name",
                json!("other"),
                "column \"title\" of frame \"runbook\" is gone",
            ),
            ("/frames/0/schema/fields/1/type", json!("number"), "had type \"string\" and has \"number\""),
            ("/frames/0/schema/fields/1/typeInfo/frame", json!("int64"), "had exact type"),
            ("/frames/0/schema/fields/1/config", json!({ "unit": "s" }), "had unit \"\" and has \"s\""),
            ("/frames/0/schema/fields/1/typeInfo/nullable", json!(true), "may now be null"),
            ("/frames/0/data/values/3/0", json!("{}"), ".groups in column \"page\""),
            ("/frames/0/data/values/3/0", json!("{\"groups\": 1}"), "was array and is number"),
        ] {
            let mut new = old.clone();
            let (parent, key) = path.rsplit_once('/').expect("a path");
            let parent = new.pointer_mut(parent).expect("the parent");
            match key.parse::<usize>() {
                Ok(index) => parent[index] = value,
                Err(_) => parent[key] = value,
            }
            let found = breaks(&old, &new);
            assert!(found.iter().any(|found| found.contains(complaint)), "{path}: {found:?}");
        }
    }
}
