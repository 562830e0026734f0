//! A server that is well and has strange things to say, and ranges that make no sense.

use std::fmt::Write as _;
use std::io::Cursor;

use grafana_plugin_sdk::arrow2::array::PrimitiveArray;
use grafana_plugin_sdk::arrow2::io::ipc::read::{FileReader, read_file_metadata};
use grafana_plugin_sdk::pluginv2::{self, DataResponse};
use serde_json::json;

use crate::plugin::{Plugin, Source, TO_MS, query};
use crate::upstream::{Upstream, growing};

const TO_SECS: i64 = TO_MS / 1000;

/// Numbers in an answer's frames that are not finite, and how many rows there are in all.
fn read(answer: &DataResponse) -> (usize, usize) {
    let (mut wrong, mut rows) = (0, 0);
    for frame in &answer.frames {
        let mut cursor = Cursor::new(frame.as_slice());
        let metadata = read_file_metadata(&mut cursor).unwrap();
        for chunk in FileReader::new(cursor, metadata, None, None) {
            let chunk = chunk.unwrap();
            rows += chunk.len();
            for array in chunk.arrays() {
                if let Some(numbers) = array.as_any().downcast_ref::<PrimitiveArray<f64>>() {
                    wrong += numbers.iter().flatten().filter(|number| !number.is_finite()).count();
                }
            }
        }
    }
    (wrong, rows)
}

fn values(pairs: &[(i64, &str)]) -> String {
    let texts: Vec<_> = pairs.iter().map(|(secs, value)| format!(r#"[{secs},"{value}"]"#)).collect();
    texts.join(",")
}

fn series(labels: &str, values: &str) -> String {
    format!(r#"{{"metric":{{"__name__":"process_resident_memory_bytes"{labels}}},"values":[{values}]}}"#)
}

/// As [`growing`], with something done to its samples.
fn changed(labels: &str, change: impl Fn(usize, String) -> String) -> String {
    let whole = growing(labels, TO_SECS);
    let (head, samples) = whole.split_once(r#""values":["#).unwrap();
    let samples: Vec<_> = samples
        .trim_end_matches("]}")
        .split("],[")
        .enumerate()
        .map(|(index, sample)| change(index, format!("[{}]", sample.trim_matches(['[', ']']))))
        .collect();
    format!(r#"{head}"values":[{}]}}"#, samples.join(","))
}

/// Series by what is strange about them.
fn strange() -> Vec<(&'static str, String)> {
    let long = "x".repeat(100_000);
    let mut many = String::new();
    for number in 0..10_000 {
        write!(many, r#","l{number}":"v""#).unwrap();
    }
    let plain = r#","instance":"a:1","job":"a""#;
    let with = |word: &'static str| {
        changed(plain, move |index, sample| {
            let time = sample.split(',').next().unwrap_or_default().to_owned();
            if index % 5 == 0 { format!(r#"{time},"{word}"]"#) } else { sample }
        })
    };
    let histogram = r#"{"metric":{"__name__":"process_resident_memory_bytes","instance":"h:1"},"histograms":[[1699999000,{"count":"3","sum":"4","buckets":[[0,"1","2","3"]]}]]}"#;
    let twice = changed(plain, |_, sample| format!("{sample},{sample}"));
    let backwards = {
        let whole = growing(plain, TO_SECS);
        let (head, samples) = whole.split_once(r#""values":["#).unwrap();
        let mut samples: Vec<_> = samples.trim_end_matches("]}").split("],[").collect();
        samples.reverse();
        let samples: Vec<_> =
            samples.iter().map(|sample| format!("[{}]", sample.trim_matches(['[', ']']))).collect();
        format!(r#"{head}"values":[{}]}}"#, samples.join(","))
    };
    vec![
        ("NaN", with("NaN")),
        ("+Inf", with("+Inf")),
        ("-Inf", with("-Inf")),
        // A stale marker that a server hands out is the NaN with a payload of its own: as text it is NaN.
        (
            "stale at the end",
            series(plain, &values(&[(TO_SECS - 120, "1e8"), (TO_SECS - 60, "1e8"), (TO_SECS, "NaN")])),
        ),
        ("nothing but NaN", series(plain, &values(&[(TO_SECS - 60, "NaN"), (TO_SECS, "NaN")]))),
        ("negative and huge", series(plain, &values(&[(TO_SECS - 60, "-1e308"), (TO_SECS, "1.7e308")]))),
        ("each sample twice", twice),
        ("backwards", backwards),
        ("times beyond all clocks", series(plain, &values(&[(i64::MIN, "1"), (0, "2"), (i64::MAX, "3")]))),
        ("a series without samples", series(plain, "")),
        ("no series", String::new()),
        ("a native histogram", format!("{histogram},{}", growing(plain, TO_SECS))),
        ("a label of 100 KB", growing(&format!(r#","instance":"{long}","job":"a""#), TO_SECS)),
        ("10,000 labels", growing(&format!(r#","instance":"a:1"{many}"#), TO_SECS)),
        (
            "hostile labels",
            growing(
                r#","instance":"a\"} or vector(1) #\n<script>$(id)\u0000\u202e","job":"a'b\\c""#,
                TO_SECS,
            ),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn strange_series_are_answered_without_a_number_that_is_none() {
    let plugin = Plugin::start().await;
    for (name, series) in strange() {
        let neighbour = growing(r#","instance":"neighbour:1","job":"n""#, TO_SECS);
        let all = if series.is_empty() { series } else { format!("{series},{neighbour}") };
        let is_empty = all.is_empty();
        let upstream = Upstream::prometheus(all).await;
        let source = Source::of(&upstream.url, json!({ "profile": "process" }));
        let kinds = ["overview", "suspects", "growth", "runbook"];
        let mut queries: Vec<_> = kinds.iter().map(|kind| query(kind, kind, "")).collect();
        queries.push(query("history", "history", r#","instance":"neighbour:1""#));
        for (ref_id, answer) in plugin.ask(&source, queries).await.unwrap() {
            if ref_id == "history" && is_empty {
                assert_eq!(answer.status, 404, "{name}: {}", answer.error);
                continue;
            }
            assert_eq!((answer.status, answer.error.as_str()), (200, ""), "{name}: {ref_id}");
            let (wrong, rows) = read(&answer);
            assert_eq!(wrong, 0, "{name}: {ref_id} has numbers that are none");
            assert!(is_empty || rows > 0 || ref_id == "runbook", "{name}: {ref_id} has lost the neighbour");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ranges_that_make_no_sense_are_answered_or_refused() {
    const YEAR_MS: i64 = 365 * 86_400_000;
    let plugin = Plugin::start().await;
    let upstream = Upstream::prometheus(growing(r#","instance":"a:1","job":"a""#, TO_SECS)).await;
    let source = Source::of(&upstream.url, json!({}));
    let ranges = [
        ("nothing", TO_MS, TO_MS, 200),
        ("ten years", TO_MS - 10 * YEAR_MS, TO_MS, 200),
        ("the future", TO_MS + YEAR_MS, TO_MS + 2 * YEAR_MS, 200),
        ("all of time", i64::MIN, i64::MAX, 200),
        ("before the epoch", -2 * YEAR_MS, -YEAR_MS, 200),
        ("the end before the start", TO_MS, TO_MS - YEAR_MS, 400),
    ];
    for (name, from_epoch_ms, to_epoch_ms, status) in ranges {
        for kind in ["overview", "suspects", "growth", "alerts", "runbook"] {
            let mut asked = query("A", kind, "");
            asked.time_range = Some(pluginv2::TimeRange { from_epoch_ms, to_epoch_ms });
            let answer = plugin.ask(&source, vec![asked]).await.unwrap().remove("A").unwrap();
            assert_eq!(answer.status, status, "{name}: {kind}: {}", answer.error);
            assert_eq!(answer.error.is_empty(), status == 200, "{name}: {kind}: {}", answer.error);
            assert_eq!(read(&answer).0, 0, "{name}: {kind}");
        }
    }
    let resident = plugin.resident_bytes();
    assert!(resident < 256 << 20, "{resident} bytes are resident");
}
