//! What is shown where something is missing, hostile or at odds.

use js_sys::Date;
use model::frames::{AlertRow, RunbookRow, SuspectRow, Table as _};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::sample;
use crate::stage::{self, Stage};

/// A snapshot with those suspects and alerts.
fn snapshot(suspects: Vec<SuspectRow>, alerts: Vec<AlertRow>, now: f64) -> Value {
    let mut snapshot = sample::snapshot(now);
    snapshot["frames"] = json!([
        sample::to_grafana(&SuspectRow::to_frame(suspects)),
        sample::to_grafana(&AlertRow::to_frame(alerts)),
    ]);
    snapshot
}

fn with_verdict(verdict: &str, now: f64) -> Vec<SuspectRow> {
    sample::suspects(now).into_iter().filter(|row| row.verdict == verdict).collect()
}

#[wasm_bindgen_test]
async fn before_the_first_answer_it_says_so() {
    let now = Date::now();
    let loading = json!({"state": "Loading", "frames": [], "width": 1200, "height": 600});
    let stage = Stage::mount(&loading, now).await;
    assert!(stage.text(".ll-verdict").contains("Reading memory metrics"));
    assert_eq!(stage.all("[role=progressbar]").len(), 1);
    stage.leave().await;
}

#[wasm_bindgen_test]
async fn a_failed_query_names_its_cause_and_a_remedy() {
    let now = Date::now();
    let failed = json!({
        "state": "Error", "frames": [], "errors": ["connection refused: http://prometheus:9090"],
        "width": 1200, "height": 600,
    });
    let stage = Stage::mount(&failed, now).await;
    let page = stage.page();
    for piece in ["Cannot tell", "connection refused", "Save & test"] {
        assert!(page.contains(piece), "{piece:?} is missing in {page:?}");
    }
    assert!(stage.all(".ll-verdict.ll-tone-calm").is_empty());
    stage.leave().await;
}

#[wasm_bindgen_test]
async fn an_empty_answer_says_what_to_try() {
    let now = Date::now();
    let stage = Stage::mount(&snapshot(vec![], vec![], now), now).await;
    assert!(stage.page().contains("No memory series found"));
    assert!(stage.page().contains("Widen the dashboard's variables"));
    assert!(stage.all(".ll-verdict.ll-tone-unknown").len() == 1);
    stage.leave().await;
}

#[wasm_bindgen_test]
async fn another_data_source_is_told_from_an_empty_answer() {
    let now = Date::now();
    let mut foreign = sample::snapshot(now);
    foreign["frames"] = json!([{"schema": {"name": "up", "fields": []}, "data": {"values": []}}]);
    let stage = Stage::mount(&foreign, now).await;
    assert!(stage.page().contains("answered with “up”"));
    stage.leave().await;
}

#[wasm_bindgen_test]
async fn a_partial_answer_is_shown_with_what_is_missing() {
    let now = Date::now();
    let mut partial = sample::snapshot(now);
    let stable = with_verdict("stable", now);
    partial["frames"] = json!([
        sample::with_warning(SuspectRow::to_frame(stable), "limits could not be read: timeout"),
        sample::to_grafana(&AlertRow::to_frame(vec![])),
        {"schema": {"name": "runbook", "fields": [{"name": "id", "type": "string"}]}, "data": {"values": [["x"]]}},
    ]);
    let stage = Stage::mount(&partial, now).await;
    let banner = stage.text(".ll-banner");
    assert!(banner.contains("limits could not be read"), "{banner}");
    assert!(banner.contains("frame \"runbook\" has no column \"title\""), "{banner}");
    assert_eq!(stage.all("[role=option]").len(), 6);
    assert!(stage.all(".ll-verdict.ll-tone-calm").is_empty(), "part is missing: no all-clear");
    stage.leave().await;
}

#[wasm_bindgen_test]
async fn calm_is_said_only_where_all_is_known_and_well() {
    let now = Date::now();
    let mut stage = Stage::mount(&snapshot(with_verdict("stable", now), vec![], now), now).await;
    assert!(stage.text(".ll-verdict").contains("No leak in 6 memory series"));
    assert_eq!(stage.all(".ll-verdict.ll-tone-calm").len(), 1);
    stage.update(&snapshot(with_verdict("stable", now), sample::alerts(now), now)).await;
    assert!(stage.all(".ll-verdict.ll-tone-calm").is_empty(), "an alert fires");
    stage.update(&snapshot(with_verdict("insufficient", now), vec![], now)).await;
    assert!(stage.all(".ll-verdict.ll-tone-calm").is_empty(), "nothing could be judged");
    stage.leave().await;
}

#[wasm_bindgen_test]
async fn alert_and_detector_at_odds_are_both_told_and_why() {
    let now = Date::now();
    let bounded = with_verdict("bounded", now);
    let mut alerts = sample::alerts(now);
    alerts[0].pod.clone_from(&bounded[0].pod);
    let stage = Stage::mount(&snapshot(bounded, alerts, now), now).await;
    let verdict = stage.text(".ll-verdict");
    for piece in [
        "HighMemoryGrowthRate fires since",
        "61.3 MiB/h, threshold 10 MiB/h",
        "but catalog",
        "has levelled off",
        "a warm-up or a cache that filled",
    ] {
        assert!(verdict.contains(piece), "{piece:?} is missing in {verdict:?}");
    }
    stage.leave().await;
}

#[wasm_bindgen_test]
async fn a_history_that_fails_leaves_the_rest_standing() {
    let now = Date::now();
    let stage = Stage::mount(&sample::snapshot(now), now).await;
    stage.host_does("query", "json", "return Promise.reject(new Error('timed out after 30 s'))");
    stage.press("[role=listbox]", "ArrowDown").await;
    stage.says(".ll-chart", "Samples could not be read: timed out after 30 s").await;
    assert_eq!(stage.all("[role=option]").len(), 12);
    stage.host_does("query", "json", "throw new Error('no data source')");
    stage.press("[role=listbox]", "ArrowDown").await;
    stage.says(".ll-chart", "no data source").await;
    stage.leave().await;
}

#[wasm_bindgen_test]
async fn hostile_labels_neither_run_nor_break_the_page() {
    let now = Date::now();
    let hostile = [
        "<img src=x onerror=\"window.leaklensHacked=1\">".to_owned(),
        "\"; rm -rf ~ #\n\u{202e}evil\u{7}".to_owned(),
        "x".repeat(10_000),
        "שלום-עולם".to_owned(),
    ];
    let rows = sample::suspects(now).into_iter().zip(hostile.iter().cycle()).map(|(row, value)| SuspectRow {
        id: format!("pod={value:?},{}", row.id),
        pod: value.clone(),
        namespace: value.clone(),
        ..row
    });
    let rows: Vec<_> = rows.collect();
    let mut alerts = sample::alerts(now);
    for (alert, value) in alerts.iter_mut().zip(&hostile) {
        alert.alertname.clone_from(value);
        alert.pod.clone_from(value);
        alert.namespace.clone_from(value);
        alert.summary.clone_from(value);
    }
    let mut all = snapshot(rows, alerts, now);
    let runbook = RunbookRow::to_frame(sample::runbook());
    all["frames"].as_array_mut().expect("frames").push(sample::to_grafana(&runbook));
    for width in [1600, 480] {
        all["width"] = json!(width);
        let stage = Stage::mount(&all, now).await;
        assert!(stage.all("img").is_empty());
        assert!(stage.page().contains("<img src=x"), "shown as it is");
        assert!(!stage.page().contains('\u{202e}'), "nothing turns the text around");
        assert!(
            js_sys::Reflect::get(&js_sys::global(), &"leaklensHacked".into()).is_ok_and(|v| v.is_undefined())
        );
        let root = stage.find(".leaklens");
        assert!(root.scroll_width() <= width, "{} in {width}", root.scroll_width());
        assert!(root.scroll_height() <= 860, "{}", root.scroll_height());
        stage.leave().await;
    }
}

#[wasm_bindgen_test]
async fn what_is_not_a_snapshot_is_refused_with_a_reason() {
    let root = stage::document().create_element("div").expect("an element");
    let bridge: panel::boundary::Bridge = wasm_bindgen::JsCast::unchecked_into(js_sys::Object::new());
    assert!(panel::Panel::new(&root, "{\"state\": 7}", &js_sys::Array::new(), bridge).is_err());
}
