//! The parts of the page, with a real incident.

use js_sys::Date;
use serde_json::{Value, json};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlInputElement};

use crate::sample;
use crate::stage::{self, Stage};

#[wasm_bindgen_test]
async fn an_incident_is_told_in_one_glance() {
    let now = Date::now();
    let stage = Stage::mount(&sample::snapshot(now), now).await;
    let verdict = stage.text(".ll-verdict");
    for piece in [
        "Leak",
        "checkout-7f9c6d5b8-x2x4k / app leaks 61 MiB/h since",
        "1 GiB limit in 4 h 36 min",
        "97 % sure",
    ] {
        assert!(verdict.contains(piece), "{piece:?} is missing in {verdict:?}");
    }
    let alert = stage.text(".ll-alert");
    for piece in [
        "Firing",
        "HighMemoryGrowthRate",
        "3 h 12 min ago",
        "61.3 MiB/h, threshold 10 MiB/h",
        "1 more pending",
    ] {
        assert!(alert.contains(piece), "{piece:?} is missing in {alert:?}");
    }
    assert_eq!(stage.all("[role=option]").len(), 12);
    assert_eq!(stage.chosen(), ["checkout-7f9c6d5b8-x2x4k / app"]);
    assert!(stage.text("[role=option]").contains("61 MiB/h"));
    assert!(
        stage.find("[role=option] svg.ll-sparkline path").get_attribute("d").is_some_and(|d| d.len() > 100)
    );
    stage.leave().await;
}

#[wasm_bindgen_test]
async fn the_chart_shows_the_chosen_suspect_and_touches_nothing_else() {
    let now = Date::now();
    let body = stage::document().body().expect("a body");
    let records = js_sys::Array::new();
    let seen = records.clone();
    let callback =
        wasm_bindgen::closure::Closure::<dyn FnMut(js_sys::Array)>::new(move |more: js_sys::Array| {
            seen.push(&more.length().into());
        });
    let observer = web_sys::MutationObserver::new(callback.as_ref().unchecked_ref()).expect("an observer");
    let stage = Stage::mount(&sample::snapshot(now), now).await;
    let init = web_sys::MutationObserverInit::new();
    init.set_child_list(true);
    observer.observe_with_options(&body, &init).expect("observed");

    stage.press("[role=listbox]", "ArrowDown").await;
    assert_eq!(stage.chosen(), ["payments-5d8f7c9b6-qq7lm / worker"]);
    stage.press("[role=listbox]", "Home").await;
    assert_eq!(records.length(), 0, "text is measured without elements in the host's page");
    observer.disconnect();

    let legend = stage.text(".ll-legend");
    for part in [
        "Samples",
        "Floor",
        "Trend",
        "Forecast",
        "Limit",
        "Request",
        "Restart",
        "OOM kill",
        "Deploy",
        "Other pods",
    ] {
        assert!(legend.contains(part), "{part} is missing in {legend}");
    }
    let area = stage.find(".ll-chart-area").get_attribute("aria-label").unwrap_or_default();
    assert!(area.contains("the floor grows 61 MiB/h since"), "the chart is told in words: {area}");
    let canvas: HtmlCanvasElement = stage.find("canvas").unchecked_into();
    assert!(canvas.width() > 300 && canvas.height() > 150, "{} x {}", canvas.width(), canvas.height());
    assert!(colours(&canvas) > 8, "a picture has many colours, an empty canvas one");
    let queries: Vec<Value> =
        stage.asked("queries").iter().map(|q| serde_json::from_str(q).expect("JSON")).collect();
    assert_eq!(queries[0]["queryType"], "history");
    assert_eq!(queries[0]["suspect"], json!(sample::id("checkout-7f9c6d5b8-x2x4k", "app")));

    assert!(area.contains("1 OOM kill; 1 deploy; 1 other pod"), "{area}");

    stage.press(".ll-chart-area", "ArrowLeft").await;
    stage.settled(".ll-readout").await;
    assert!(stage.text(".ll-readout").contains("Trend"), "{}", stage.text(".ll-readout"));
    stage.press(".ll-chart-area", "Home").await;
    let read_out = stage.text(".ll-readout");
    assert!(read_out.contains("Samples") && read_out.contains("sibling-1"), "{read_out}");
    let all = colours(&canvas);
    stage.click(".ll-legend button").await;
    stage.settled(".ll-legend [aria-pressed=false]").await;
    assert_ne!(colours(&canvas), all, "samples are gone from the picture");
    assert!(!stage.text(".ll-readout").contains("Samples"));
    stage.click(".ll-legend button").await;
    stage.settled(".ll-legend:not(:has([aria-pressed=false]))").await;
    assert_eq!(colours(&canvas), all, "and back");
    stage.leave().await;
}

fn pixels(canvas: &HtmlCanvasElement) -> Vec<u8> {
    let context: CanvasRenderingContext2d =
        canvas.get_context("2d").expect("2d").expect("2d").unchecked_into();
    let image = context.get_image_data(0.0, 0.0, f64::from(canvas.width()), f64::from(canvas.height()));
    image.expect("pixels").data().0
}

fn colours(canvas: &HtmlCanvasElement) -> usize {
    let bytes = pixels(canvas);
    let colours: std::collections::BTreeSet<&[u8]> = bytes.chunks(4).collect();
    colours.len()
}

#[wasm_bindgen_test]
async fn the_page_of_the_alert_is_open_with_answers_and_commands() {
    let now = Date::now();
    let stage = Stage::mount(&sample::snapshot(now), now).await;
    let page = stage.text(".ll-page");
    for piece in [
        "Memory grows too fast",
        "Fires when memory grows",
        "Grows 61 MiB/h since 23:10",
        "kubectl -n shop top pods",
    ] {
        assert!(page.contains(piece), "{piece:?} is missing in {page:?}");
    }
    let folds: Vec<_> = stage.all(".ll-fold").iter().map(|f| f.get_attribute("aria-expanded")).collect();
    assert_eq!(folds, [Some("true".to_owned()), Some("false".to_owned()), Some("false".to_owned())]);
    assert_eq!(stage.text(".ll-gap"), "<deployment>");
    assert!(page.contains("Fill in before running: <deployment>"));
    let link = stage.find("a.ll-link");
    assert_eq!(link.get_attribute("rel").as_deref(), Some("noopener noreferrer"));
    stage.leave().await;
}

#[wasm_bindgen_test]
async fn copying_confirms_and_a_destructive_command_asks_first() {
    let now = Date::now();
    let stage = Stage::mount(&sample::snapshot(now), now).await;
    stage.click(".ll-command .ll-button").await;
    assert_eq!(stage.asked("copied"), ["kubectl -n shop top pods --containers"]);
    assert_eq!(stage.text(".ll-command .ll-button"), "Copied");

    stage.click(".ll-command-destructive .ll-button").await;
    assert_eq!(stage.asked("copied").len(), 1, "nothing is copied before the answer");
    stage.click(".ll-ask .ll-button:last-child").await;
    assert_eq!(stage.all(".ll-ask").len(), 0);
    assert_eq!(stage.asked("copied").len(), 1);
    stage.click(".ll-command-destructive .ll-button").await;
    stage.click(".ll-ask .ll-button-danger").await;
    assert_eq!(
        stage.asked("copied").last().map(String::as_str),
        Some("kubectl -n shop delete pod checkout-7f9c6d5b8-x2x4k")
    );

    stage.host_does("copy", "text", "return Promise.resolve(false)");
    stage.click(".ll-command .ll-button").await;
    assert!(stage.text(".ll-command [role=status]").contains("copy it by hand"));
    stage.leave().await;
}

#[wasm_bindgen_test]
async fn steps_of_the_alerts_page_are_ticked_for_this_incident_alone() {
    let now = Date::now();
    let stage = Stage::mount(&sample::snapshot(now), now).await;
    let boxes = stage.all(".ll-page .ll-tick").len();
    assert_eq!(boxes, stage.all(".ll-page .ll-step").len());
    stage.click(".ll-tick").await;
    let since = ((now - 3.2 * 3_600_000.0) / 1000.0).floor();
    let tick = format!("fingerprint-of-HighMemoryGrowthRate-{since} c0ffee 1 true");
    assert_eq!(stage.asked("ticks"), [tick]);
    assert!(stage.text(".ll-step").contains("done by alice"), "{}", stage.text(".ll-step"));
    stage.click(".ll-page:nth-of-type(2) .ll-fold").await;
    assert_eq!(stage.all(".ll-tick").len(), boxes, "general sections belong to no incident");

    stage.host_does("progress", "incident", "return Promise.reject(new Error('gone'))");
    stage.host_does("tick", "incident", "return Promise.reject(new Error('full'))");
    stage.click(".ll-tick").await;
    assert!(stage.page().contains("Your tick is lost: full"), "{}", stage.page());
    stage.leave().await;
}

#[wasm_bindgen_test]
async fn the_summary_is_copied() {
    let now = Date::now();
    let stage = Stage::mount(&sample::snapshot(now), now).await;
    stage.click(".ll-tick").await;
    stage.click(".ll-heading-row .ll-button").await;
    let copied = stage.asked("copied");
    let text = copied.last().expect("a text");
    for piece in [
        "# HighMemoryGrowthRate\n",
        "**Leak**: checkout-7f9c6d5b8-x2x4k / app leaks 61 MiB/h since",
        "HighMemoryGrowthRate is firing since",
        "- **Bad** Growth: Grows 61 MiB/h since 23:10, 97 % sure\n",
        "- [x] See whether it still grows, and how fast (done by alice, ",
        "- [ ] Compare usage with the limit\n",
    ] {
        assert!(text.contains(piece), "{piece:?} is missing in {text}");
    }
    stage.leave().await;
}

#[wasm_bindgen_test]
async fn a_refresh_keeps_what_the_reader_did() {
    let now = Date::now();
    let mut snapshot = sample::snapshot(now);
    let mut stage = Stage::mount(&snapshot, now).await;
    stage.press("[role=listbox]", "End").await;
    let last = ["checkout-7f9c6d5b8-n8h2q / app"];
    assert_eq!(stage.chosen(), last);
    stage.click(".ll-page:nth-of-type(2) .ll-fold").await;
    let before = stage.find(".ll-columns").get_bounding_client_rect().top();
    let queries = stage.asked("queries").len();

    // The host tells of a refresh under way, without frames; then of its answer.
    let frames = snapshot["frames"].take();
    snapshot["state"] = json!("Loading");
    stage.update(&snapshot).await;
    assert_eq!(stage.all("[role=progressbar]").len(), 1);
    assert_eq!(stage.find(".ll-columns").get_bounding_client_rect().top(), before, "nothing moves");
    assert_eq!(stage.chosen(), last);
    assert_eq!(stage.asked("queries").len(), queries, "nothing is asked before there is an answer");
    snapshot["state"] = json!("Done");
    snapshot["requestId"] = json!("Q2");
    snapshot["frames"] = frames;
    stage.update(&snapshot).await;
    assert_eq!(stage.all("[role=progressbar]").len(), 0);
    assert_eq!(stage.chosen(), last);
    assert_eq!(stage.asked("queries").len(), queries + 1);
    let open = stage.all(".ll-fold[aria-expanded=true]");
    assert_eq!(open.len(), 2, "what was opened stays open");
    stage.leave().await;
}

#[wasm_bindgen_test]
async fn typing_narrows_the_list() {
    let now = Date::now();
    let stage = Stage::mount(&sample::snapshot(now), now).await;
    let input: HtmlInputElement = stage.find("input[type=search]").unchecked_into();
    for (typed, rows) in [("stable", 6), ("cart stable", 1), ("nothing like it", 0)] {
        input.set_value(typed);
        input.dispatch_event(&web_sys::InputEvent::new("input").expect("an event")).expect("dispatched");
        stage::settle().await;
        assert_eq!(stage.all("[role=option]").len(), rows, "{typed}");
    }
    assert!(stage.page().contains("No suspect matches the filter"));
    stage.leave().await;
}

#[wasm_bindgen_test]
async fn narrow_panels_have_tabs_and_tiny_ones_the_verdict_alone() {
    let now = Date::now();
    let mut snapshot = sample::snapshot(now);
    snapshot["width"] = json!(480);
    let mut stage = Stage::mount(&snapshot, now).await;
    assert_eq!(stage.all("[role=tab]").len(), 3);
    assert_eq!(stage.all("canvas").len(), 0);
    stage.press("[role=tablist]", "ArrowRight").await;
    assert_eq!(stage.all("canvas").len(), 1);
    assert_eq!(stage.all(".ll-page").len(), 0);
    stage.click("[role=tab]:last-child").await;
    assert!(stage.page().contains("Memory grows too fast"));
    let wide = stage.find(".leaklens").scroll_width();
    assert!(wide <= 480, "nothing sticks out: {wide}");

    snapshot["height"] = json!(90);
    stage.update(&snapshot).await;
    assert_eq!(stage.all("[role=tab], .ll-alert, .ll-column").len(), 0);
    assert!(stage.text(".ll-verdict").contains("checkout"));
    stage.leave().await;
}

#[wasm_bindgen_test]
async fn the_dashboards_theme_and_zone_are_followed() {
    let now = Date::now();
    let mut snapshot = sample::snapshot(now);
    let mut stage = Stage::mount(&snapshot, now).await;
    let style = |stage: &Stage| stage.find(".leaklens").get_attribute("style").unwrap_or_default();
    assert!(style(&stage).contains("color-scheme:dark"));
    let utc = stage.text(".ll-alert");
    snapshot["theme"] = json!({"isDark": false, "colors": {"text.primary": "rgb(1, 2, 3)"}});
    snapshot["timeZone"] = json!("Asia/Kolkata");
    stage.update(&snapshot).await;
    assert!(style(&stage).contains("--leaklens-text:rgb(1, 2, 3);"));
    assert_ne!(stage.text(".ll-alert"), utc, "half past the hour elsewhere");
    snapshot["timeZone"] = json!("No/Such_Zone");
    stage.update(&snapshot).await;
    assert!(stage.text(".ll-alert").contains("since"));
    stage.leave().await;
}

#[wasm_bindgen_test]
async fn nothing_is_left_behind() {
    let now = Date::now();
    let snapshot = sample::snapshot(now);
    let head = stage::document().head().expect("a head").child_element_count();
    let body = stage::document().body().expect("a body").child_element_count();
    for _ in 0..5 {
        let stage = Stage::mount(&snapshot, now).await;
        stage.leave().await;
    }
    // Gone before its history arrives.
    let mut stage = Stage::mount(&snapshot, now).await;
    stage.host_does(
        "query",
        "json",
        "return new Promise((resolve) => setTimeout(() => resolve(['{}', []]), 20))",
    );
    stage
        .panel
        .update(&json!({"requestId": "Q9", "width": 1200, "height": 800}).to_string(), &js_sys::Array::new())
        .expect("a snapshot");
    stage.leave().await;
    assert_eq!(stage::document().head().expect("a head").child_element_count(), head);
    assert_eq!(stage::document().body().expect("a body").child_element_count(), body);
}
