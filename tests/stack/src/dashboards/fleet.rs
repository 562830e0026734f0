//! All namespaces at a glance: stock panels on our queries.

use serde_json::{Value, json};

use super::parts::{Board, LEAKLENS, Panel, field, merged, thresholds};

const MIB: f64 = 1_048_576.0;
const DAY_SECS: f64 = 86_400.0;
const WEEK_SECS: f64 = 7.0 * DAY_SECS;

/// A row's way to the leak view, with the same data source.
const FIND_THE_LEAK: &str = "/d/leaklens/leaklens?var-source=${source:percentencode}\
    &var-namespace=${__data.fields.namespace:percentencode}&var-pod=${__data.fields.pod:percentencode}\
    &var-container=${__data.fields.container:percentencode}&${__url_time_range}";

pub(super) fn board() -> Value {
    Board {
        uid: "leaklens-fleet",
        title: "Memory of the fleet",
        description: "Who leaks in all namespaces, how soon it matters, and whose limit does not fit.",
        from: "now-24h",
        refresh: "5m",
        shared_crosshair: false,
        variables: vec![
            LEAKLENS.choice(),
            LEAKLENS.list("namespace", "Namespace", &json!({ "kind": "namespaces" }), "All"),
        ],
        panels: vec![verdicts(), growth(), time_to_limit(), suspects(), right_sizing()],
    }
    .render()
}

/// A query within the chosen namespaces.
fn query(kind: &str, more: Value) -> Value {
    merged(json!({ "queryType": kind, "namespace": "${namespace:json}" }), more)
}

fn transformation(id: &str, options: &Value) -> Value {
    json!({ "id": id, "options": options })
}

fn only(columns: &[&str]) -> Value {
    transformation("filterFieldsByName", &json!({ "include": { "names": columns } }))
}

fn sorted(column: &str, descending: bool) -> Value {
    transformation("sortBy", &json!({ "fields": {}, "sort": [{ "field": column, "desc": descending }] }))
}

/// Rows of which one or all conditions hold: a column, a comparison and a value each.
fn rows(matching: &str, conditions: &[(&str, &str, Value)]) -> Value {
    let filters = conditions.iter().map(|(column, comparison, value)| {
        json!({ "fieldName": column, "config": { "id": comparison, "options": { "value": value } } })
    });
    transformation(
        "filterByValue",
        &json!({ "type": "include", "match": matching, "filters": filters.collect::<Vec<_>>() }),
    )
}

/// One line for each value of `by`, with `what` aggregated.
fn grouped(by: &str, what: &str, aggregation: &str) -> Value {
    let group = json!({ "operation": "groupby", "aggregations": [] });
    let aggregate = json!({ "operation": "aggregate", "aggregations": [aggregation] });
    transformation("groupBy", &json!({ "fields": { by: group, what: aggregate } }))
}

fn verdicts() -> Panel {
    Panel {
        kind: "stat",
        title: "Verdicts",
        description: "How many processes and containers have which verdict.",
        size: (6, 6),
        source: &LEAKLENS,
        queries: vec![query("suspects", json!({ "limit": 1000 }))],
        transformations: vec![grouped("verdict", "metric", "count")],
        defaults: json!({ "unit": "none", "decimals": 0, "color": { "mode": "fixed", "fixedColor": "text" } }),
        overrides: vec![],
        options: json!({
            "reduceOptions": { "values": true, "calcs": ["lastNotNull"], "fields": r"/^metric \(count\)$/" },
            "colorMode": "value", "graphMode": "none", "justifyMode": "auto", "textMode": "value_and_name",
            "orientation": "horizontal",
        }),
    }
}

/// Horizontal bars of the ten first rows. What is shown of the column stands in `look`, and again as an override: a
/// unit that comes with the data has precedence over the panel's.
fn bars(title: &'static str, description: &'static str, column: &str, pattern: &str, look: Value) -> Panel {
    let unit = json!({ "unit": look["unit"] });
    Panel {
        kind: "bargauge",
        title,
        description,
        size: (9, 6),
        source: &LEAKLENS,
        queries: vec![],
        transformations: vec![],
        defaults: merged(json!({ "decimals": 1, "min": 0, "color": { "mode": "thresholds" } }), look),
        overrides: vec![field(column, &unit)],
        options: json!({
            "reduceOptions": { "values": true, "limit": 10, "calcs": ["lastNotNull"], "fields": pattern },
            "orientation": "horizontal", "displayMode": "basic", "showUnfilled": true, "minVizHeight": 10,
            "minVizWidth": 0,
        }),
    }
}

fn growth() -> Panel {
    let sum = "rate_bytes_per_hour (sum)";
    let leaking = [("verdict", "equal", json!("leak")), ("verdict", "equal", json!("suspect"))];
    Panel {
        queries: vec![query("suspects", json!({ "limit": 1000 }))],
        transformations: vec![
            only(&["workload", "verdict", "rate_bytes_per_hour"]),
            rows("any", &leaking),
            grouped("workload", "rate_bytes_per_hour", "sum"),
            sorted(sum, true),
        ],
        ..bars(
            "Growth by workload",
            "What the pods of a workload leak together; what does not leak counts as nothing.",
            sum,
            r"/^rate_bytes_per_hour \(sum\)$/",
            json!({
                "unit": "bytes",
                "thresholds": thresholds("green", &[("orange", 10.0 * MIB), ("red", 50.0 * MIB)]),
            }),
        )
    }
}

fn time_to_limit() -> Panel {
    Panel {
        queries: vec![query("growth", json!({ "value": "secs_to_limit" }))],
        transformations: vec![
            rows("all", &[("value", "lower", json!(WEEK_SECS))]),
            sorted("value", false),
            only(&["pod", "value"]),
        ],
        ..bars(
            "Time to limit",
            "What reaches its limit within a week at its present rate, soonest first.",
            "value",
            "/^value$/",
            json!({
                "unit": "s",
                "max": WEEK_SECS,
                "thresholds": thresholds("red", &[("orange", DAY_SECS), ("green", 3.0 * DAY_SECS)]),
            }),
        )
    }
}

/// A table of the suspects with those columns in that order.
fn table(title: &'static str, description: &'static str, unit: &str, columns: &[(&str, Value)]) -> Panel {
    let order: serde_json::Map<_, _> =
        columns.iter().zip(0..).map(|((name, _), at)| ((*name).to_owned(), json!(at))).collect();
    Panel {
        kind: "table",
        title,
        description,
        size: (24, 11),
        source: &LEAKLENS,
        queries: vec![],
        transformations: vec![transformation(
            "organize",
            &json!({ "excludeByName": {}, "indexByName": order, "renameByName": {} }),
        )],
        defaults: json!({
            "unit": unit,
            "custom": { "align": "auto", "displayMode": "auto", "filterable": true },
            "links": [{ "title": "Find the leak", "url": FIND_THE_LEAK, "targetBlank": false }],
        }),
        overrides: columns.iter().map(|(name, look)| field(name, look)).collect(),
        options: json!({ "showHeader": true, "frameIndex": 0 }),
    }
}

/// Who it is, and what the detector says.
fn identity() -> [(&'static str, Value); 5] {
    let column = |title: &str, width: u32| json!({ "displayName": title, "custom.width": width });
    // In the words of the panel.
    let verdicts = [
        ("leak", "Leak", "red"),
        ("suspect", "Suspect", "orange"),
        ("growing", "Growing", "yellow"),
        ("bounded", "Levelled off", "blue"),
        ("stable", "Stable", "green"),
        ("screened", "Screened", "text"),
        ("insufficient", "Too little data", "text"),
    ];
    let colors = verdicts.into_iter().enumerate().map(|(at, (verdict, text, color))| {
        (verdict.to_owned(), json!({ "text": text, "color": color, "index": at }))
    });
    let verdict = json!({
        "custom.displayMode": "color-text",
        "mappings": [{ "type": "value", "options": colors.collect::<serde_json::Map<_, _>>() }],
    });
    [
        ("namespace", column("Namespace", 120)),
        ("workload", column("Workload", 120)),
        ("pod", column("Pod", 240)),
        ("container", column("Container", 110)),
        ("verdict", merged(column("Verdict", 100), verdict)),
    ]
}

fn suspects() -> Panel {
    let column = |title: &str, unit: &str| json!({ "displayName": title, "unit": unit });
    let score = merged(column("Score", "percentunit"), json!({ "decimals": 0, "custom.width": 90 }));
    let columns: Vec<_> = identity()
        .into_iter()
        .chain([
            ("score", score),
            ("rate_bytes_per_hour", merged(column("Growth per hour", "bytes"), json!({ "decimals": 1 }))),
            ("current_bytes", column("Now", "bytes")),
            ("limit_bytes", column("Limit", "bytes")),
            ("secs_to_limit", column("To the limit", "s")),
            ("onset", column("Since", "dateTimeFromNow")),
            ("restarts", column("Restarts", "none")),
        ])
        .collect();
    let names: Vec<_> = columns.iter().map(|(name, _)| *name).collect();
    let table = table(
        "Suspects",
        "Every process and container, the most suspicious first. A row leads to the leak view.",
        "none",
        &columns,
    );
    Panel {
        queries: vec![query("suspects", json!({ "limit": 100 }))],
        transformations: [only(&names)].into_iter().chain(table.transformations).collect(),
        ..table
    }
}

fn right_sizing() -> Panel {
    let column = |title: &str| json!({ "displayName": title });
    let used = json!({
        "displayName": "Floor of limit", "unit": "percentunit", "decimals": 0, "min": 0, "max": 1,
        "custom.displayMode": "basic", "thresholds": thresholds("blue", &[("green", 0.4), ("red", 0.85)]),
    });
    let columns: Vec<_> = identity()
        .into_iter()
        .chain([
            ("floor_bytes", column("Floor")),
            ("current_bytes", column("Now")),
            ("limit_bytes", column("Limit")),
            ("used", used),
        ])
        .collect();
    let asked: Vec<_> = columns.iter().map(|(name, _)| *name).filter(|name| *name != "used").collect();
    let share = json!({
        "mode": "binary", "alias": "used", "reduce": { "reducer": "sum" },
        "binary": { "left": "floor_bytes", "operator": "/", "right": "limit_bytes", "reducer": "sum" },
    });
    let table = table(
        "Right-sizing",
        "The floor of memory against the limit, the emptiest first: what needs far less than it may have, and what is \
         close to its limit without leaking.",
        "bytes",
        &columns,
    );
    Panel {
        size: (24, 9),
        queries: vec![query("suspects", json!({ "limit": 1000 }))],
        transformations: [
            only(&asked),
            rows("all", &[("limit_bytes", "greater", json!(0))]),
            transformation("calculateField", &share),
            sorted("used", false),
        ]
        .into_iter()
        .chain(table.transformations)
        .collect(),
        ..table
    }
}
