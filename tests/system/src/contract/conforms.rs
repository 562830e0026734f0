//! Whether an answer is what the contract says.

use model::query::QueryType;
use serde_json::Value;

use super::breaks::{list, text};
use super::{FrameSpec, frames, kind_name};

/// What is wrong with an answer to a query, each a sentence; `answer` is what `/api/ds/query` has under its `refId`.
pub fn conforms(query_type: QueryType, answer: &Value) -> Vec<String> {
    let answered = list(answer, "/frames");
    let names: Vec<_> = answered.iter().map(|frame| text(frame, "/schema/name")).collect();
    let declared = frames(query_type);
    let expected: Vec<_> = declared.iter().map(|frame| frame.name).collect();
    if names != expected {
        return vec![format!("frames {names:?} instead of {expected:?}, error {:?}", text(answer, "/error"))];
    }
    declared.iter().zip(answered).flat_map(|(declared, answered)| wrong(declared, answered)).collect()
}

/// What of an answer given earlier today's declarations no longer have, each a sentence: they may have gained frames and
/// columns since.
pub fn dropped(query_type: QueryType, answer: &Value) -> Vec<String> {
    let declared = frames(query_type);
    let mut found = Vec::new();
    for answered in list(answer, "/frames") {
        let name = text(answered, "/schema/name");
        match declared.iter().find(|declared| declared.name == name) {
            Some(declared) => found.extend(undeclared(declared, answered)),
            None => found.push(format!("frame {name:?} is gone")),
        }
    }
    found
}

fn wrong(declared: &FrameSpec, answered: &Value) -> Vec<String> {
    let mut found = undeclared(declared, answered);
    let fields = list(answered, "/schema/fields");
    let has = |name: &str| fields.iter().any(|field| text(field, "/name") == name);
    let absent = declared.columns.iter().filter(|column| !has(column.name));
    found.extend(absent.map(|column| format!("frame {:?} has no column {:?}", declared.name, column.name)));
    found
}

/// Columns that are not declared as they are.
fn undeclared(declared: &FrameSpec, answered: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let fields = list(answered, "/schema/fields");
    for (at, field) in fields.iter().enumerate() {
        let (name, frame) = (text(field, "/name"), declared.name);
        let column = declared.columns.iter().find(|column| column.name == name).or(declared.open.as_ref());
        let Some(column) = column else {
            found.push(format!("column {name:?} of frame {frame:?} is not declared"));
            continue;
        };
        let is = (text(field, "/type"), text(field, "/config/unit"));
        if is != (kind_name(column.kind), column.unit) {
            found.push(format!("column {name:?} of frame {frame:?} is {is:?}"));
        }
        let cells = list(answered, "/data/values").get(at).and_then(Value::as_array);
        if !column.nullable && cells.is_some_and(|cells| cells.iter().any(Value::is_null)) {
            found.push(format!("column {name:?} of frame {frame:?} has a null"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::contract::{QUERY_TYPES, answer};

    #[test]
    fn the_samples_conform() {
        for query_type in QUERY_TYPES {
            assert_eq!(conforms(query_type, &answer(query_type)), Vec::<String>::new());
            assert_eq!(dropped(query_type, &answer(query_type)), Vec::<String>::new());
        }
    }

    #[test]
    fn what_is_not_declared_is_found() {
        for (path, value) in [
            ("/frames/0/schema/name", json!("other")),
            ("/frames/0/schema/fields/0/name", json!("other")),
            ("/frames/0/schema/fields/0/type", json!("number")),
            ("/frames/0/schema/fields/9/config/unit", json!("s")),
            ("/frames/0/data/values/0/0", Value::Null),
            ("/frames/1/schema/fields/1/type", json!("string")),
        ] {
            let mut answer = answer(QueryType::Suspects);
            *answer.pointer_mut(path).expect(path) = value;
            assert!(!conforms(QueryType::Suspects, &answer).is_empty(), "{path}");
            assert!(!dropped(QueryType::Suspects, &answer).is_empty(), "{path}");
        }
    }

    #[test]
    fn an_earlier_answer_may_lack_what_came_later() {
        let mut answer = answer(QueryType::Suspects);
        for list in ["/frames/0/schema/fields", "/frames/0/data/values"] {
            answer.pointer_mut(list).and_then(Value::as_array_mut).expect(list).pop();
        }
        answer.pointer_mut("/frames").and_then(Value::as_array_mut).expect("frames").pop();
        assert_eq!(dropped(QueryType::Suspects, &answer), Vec::<String>::new());
        assert!(!conforms(QueryType::Suspects, &answer).is_empty());
    }
}
