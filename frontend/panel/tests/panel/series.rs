//! Time series of any data source, judged here.

use js_sys::Date;
use serde_json::{Value, json};
use wasm_bindgen_test::{console_log, wasm_bindgen_test};

use crate::sample;
use crate::stage::{self, Stage};

const MINUTE_MS: f64 = 60_000.0;
const MIB: f64 = 1_048_576.0;

/// A day of samples of a pod that grows by so many bytes per hour.
fn day(now: f64, bytes_per_hour: f64, seed: usize) -> (Vec<f64>, Vec<f64>) {
    let time = |minute: usize| now - (1440 - minute) as f64 * MINUTE_MS;
    let noise = |minute: usize| ((minute * 7919 + seed * 104_729) % 101) as f64 * 10_000.0;
    let bytes = |minute: usize| 200.0 * MIB + bytes_per_hour * minute as f64 / 60.0 + noise(minute);
    ((0..1440).map(time).collect(), (0..1440).map(bytes).collect())
}

/// Grafana 9.4: the metric is a label, the column is called `Value`. Later versions: the column is called after it.
fn frame(metric_is_a_label: bool, pod: &str, samples: &(Vec<f64>, Vec<f64>)) -> Value {
    let mut labels = json!({ "pod": pod, "container": "app" });
    if metric_is_a_label {
        labels["__name__"] = json!("container_memory_rss");
    }
    let name = if metric_is_a_label { "Value" } else { "container_memory_rss" };
    json!({
        "schema": { "fields": [
            { "name": "Time", "type": "time" },
            { "name": name, "type": "number", "labels": labels, "config": { "unit": "bytes" } },
        ] },
        "data": { "values": [samples.0, samples.1] },
    })
}

fn snapshot(now: f64, frames: &[Value], request: &str) -> Value {
    let mut snapshot = sample::snapshot(now);
    snapshot["frames"] = json!(frames);
    snapshot["requestId"] = json!(request);
    snapshot["fromMs"] = json!(now - 1440.0 * MINUTE_MS);
    snapshot["toMs"] = json!(now);
    snapshot
}

#[wasm_bindgen_test]
async fn series_of_any_data_source_are_judged_ranked_and_drawn() {
    let now = Date::now();
    for metric_is_a_label in [true, false] {
        let frames = [
            frame(metric_is_a_label, "flat-1", &day(now, 0.0, 1)),
            frame(metric_is_a_label, "leaky-1", &day(now, 20.0 * MIB, 2)),
        ];
        let stage = Stage::mount(&snapshot(now, &frames, "Q1"), now).await;
        stage.settled("[role=option]").await;
        assert_eq!(stage.all("[role=option]").len(), 2);
        assert_eq!(stage.chosen(), ["leaky-1 / app"]);
        let verdict = stage.text(".ll-verdict");
        assert!(verdict.contains("leaky-1 / app leaks 20 MiB/h"), "{verdict}");
        assert_eq!(stage.all("canvas").len(), 1, "the chart is drawn from the series itself");
        assert!(stage.asked("queries").is_empty(), "another data source cannot answer for their history");
        let page = stage.text(".ll-page");
        assert!(page.contains("HighMemoryGrowthRate"), "the compiled-in page of the alert: {page}");
        stage.leave().await;
    }
}

#[wasm_bindgen_test]
async fn many_series_are_judged_in_slices_and_the_newest_request_wins() {
    let now = Date::now();
    let frames = |prefix: &str, count: usize| -> Vec<Value> {
        let one = |at: usize| {
            let growth = if at.is_multiple_of(50) { 30.0 * MIB } else { 0.0 };
            frame(false, &format!("{prefix}-{at}"), &day(now, growth, at))
        };
        (0..count).map(one).collect()
    };
    let mut stage = Stage::mount(&snapshot(now, &frames("old", 150), "Q1"), now).await;
    let before = stage.page();
    assert!(before.contains("of 150 series judged"), "progress is shown and the page is alive: {before}");
    assert!(stage.all(".ll-verdict.ll-tone-calm").is_empty(), "no all-clear before the end");
    stage.update(&snapshot(now, &frames("new", 100), "Q2")).await;
    let began = Date::now();
    stage.settled("[role=option]").await;
    console_log!("100 series of 1,440 points judged within {} ms of the update", Date::now() - began);
    assert_eq!(stage.find("[role=option]").get_attribute("aria-setsize").as_deref(), Some("100"));
    assert!(!stage.page().contains("old-"), "the answer that was overtaken is never shown");
    stage::settle().await;
    assert!(stage.text(".ll-verdict").contains("30 MiB/h"));
    stage.leave().await;
}
