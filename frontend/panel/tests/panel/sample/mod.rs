//! Snapshots as a host would send them: an incident in a shop, told by rows of the contract.

mod runbook;

pub(crate) use runbook::runbook;

use std::collections::BTreeMap;

use model::frames::{
    AlertRow, Column, Frame, HistoryEvent, HistoryFloor, HistoryForecast, HistoryLine, HistorySample,
    HistoryTrend, Kind, Millis, Notice, NoticeSeverity, RunbookRow, SIBLINGS, SPARKLINES, SuspectRow,
    Table as _, Values,
};
use model::thresholds::MIB;
use serde_json::{Value, json};

pub(crate) const HOUR_MS: f64 = 3_600_000.0;

/// What `dataFrameToJSON` makes of a frame.
pub(crate) fn to_grafana(frame: &Frame) -> Value {
    let fields: Vec<Value> = frame
        .columns
        .iter()
        .map(|column| {
            let kind = match column.values.kind() {
                Kind::String => "string",
                Kind::Number => "number",
                Kind::Time => "time",
            };
            json!({"name": column.name, "type": kind, "labels": column.labels, "config": {"unit": column.unit}})
        })
        .collect();
    let values: Vec<Value> = frame
        .columns
        .iter()
        .map(|column| match &column.values {
            Values::Text(cells) => json!(cells),
            Values::Number(cells) => json!(cells),
            Values::Time(cells) => json!(cells),
        })
        .collect();
    json!({
        "schema": {"name": frame.name, "fields": fields, "meta": {"notices": frame.notices}},
        "data": {"values": values, "entities": vec![Value::Null; values.len()]},
    })
}

/// A snapshot of the incident, as JSON to change before it is sent.
pub(crate) fn snapshot(now_ms: f64) -> Value {
    json!({
        "state": "Done",
        "requestId": "Q1",
        "frames": [
            to_grafana(&SuspectRow::to_frame(suspects(now_ms))),
            to_grafana(&sparklines(now_ms)),
            to_grafana(&AlertRow::to_frame(alerts(now_ms))),
            to_grafana(&RunbookRow::to_frame(runbook())),
        ],
        "errors": [],
        "fromMs": now_ms - 12.0 * HOUR_MS,
        "toMs": now_ms,
        "timeZone": "utc",
        "width": 1600,
        "height": 860,
        "theme": {"isDark": true},
        "variables": {"alertname": "[\"HighMemoryGrowthRate\"]", "pod": "${pod:json}"},
    })
}

/// What the bridge's `query` answers for a suspect.
pub(crate) fn history(id: &str, now_ms: f64) -> Value {
    let from = now_ms - 12.0 * HOUR_MS;
    let onset = now_ms - 7.0 * HOUR_MS;
    let leaks = id.contains("checkout");
    let floor_at = |time: f64| {
        let growth = if leaks { ((time - onset) / HOUR_MS).max(0.0) * 61.0 } else { 0.0 };
        (310.0 + growth) * MIB
    };
    let restart = from + 2.2 * HOUR_MS;
    let sample_at = |index: u32| {
        let time = from + f64::from(index) * 60_000.0;
        let tooth = f64::from(index % 37) * 2.2 + f64::from(index * 7919 % 23);
        let warm_up = ((time - restart) / (0.4 * HOUR_MS)).clamp(0.0, 1.0);
        let base = if time < restart { 330.0 * MIB } else { floor_at(time) * (0.55 + 0.45 * warm_up) };
        (time, base + tooth * MIB)
    };
    let samples = (0..=720).map(|index| {
        let (time, bytes) = sample_at(index);
        let gap = (520..530).contains(&index);
        HistorySample { time: Millis(time as i64), value_bytes: (!gap).then_some(bytes) }
    });
    let floor = (0..=720).step_by(5).map(|index| {
        let (time, bytes) = sample_at(index - index % 37);
        let time = time + f64::from(index % 37) * 60_000.0;
        HistoryFloor { time: Millis(time as i64), floor_bytes: bytes }
    });
    let trend = (0..=70).filter(|_| leaks).map(|index| {
        let time = onset + f64::from(index) * 0.1 * HOUR_MS;
        let spread = (12.0 + f64::from(index) * 0.25) * MIB;
        HistoryTrend {
            time: Millis(time as i64),
            trend_bytes: floor_at(time),
            low_bytes: floor_at(time) - spread,
            high_bytes: floor_at(time) + spread,
        }
    });
    let forecast = (0..=48).filter(|_| leaks).map(|index| {
        let time = now_ms + f64::from(index) * 0.1 * HOUR_MS;
        let spread = (29.5 + f64::from(index) * 2.5) * MIB;
        HistoryForecast {
            time: Millis(time as i64),
            forecast_bytes: floor_at(time),
            low_bytes: floor_at(time) - spread,
            high_bytes: floor_at(time) + spread,
        }
    });
    let lines = [("limit", 1024.0), ("request", 512.0)]
        .map(|(line, level)| HistoryLine { line: line.to_owned(), level_bytes: level * MIB });
    let mut events = vec![HistoryEvent {
        time: Millis(restart as i64),
        event: "restart".to_owned(),
        text: "restarted".to_owned(),
    }];
    if leaks {
        let (event, text) = ("onset".to_owned(), "growth began".to_owned());
        events.push(HistoryEvent { time: Millis(onset as i64), event, text });
    }
    let mark = |event: &str, hours: f64| HistoryEvent {
        time: Millis((from + hours * HOUR_MS) as i64),
        event: event.to_owned(),
        text: String::new(),
    };
    events.extend([mark("deploy", 1.5), mark("oom_kill", 3.1)]);
    let sibling_at = |index: u32| {
        let (time, bytes) = sample_at(index);
        (Some(time as i64), Some(bytes * 0.8))
    };
    let (times, bytes) = (0..=720).step_by(3).map(sibling_at).unzip();
    let siblings = Frame {
        name: SIBLINGS.to_owned(),
        columns: vec![
            column("time".to_owned(), Values::Time(times)),
            column("sibling-1".to_owned(), Values::Number(bytes)),
        ],
        ..Frame::default()
    };
    json!({
        "frames": [
            to_grafana(&siblings),
            to_grafana(&HistorySample::to_frame(samples.collect())),
            to_grafana(&HistoryFloor::to_frame(floor.collect())),
            to_grafana(&HistoryTrend::to_frame(trend.collect())),
            to_grafana(&HistoryForecast::to_frame(forecast.collect())),
            to_grafana(&HistoryLine::to_frame(lines.into())),
            to_grafana(&HistoryEvent::to_frame(events)),
        ],
        "errors": [],
    })
}

/// Verdict, pod, container, rate (MiB/h), usage and limit (MiB).
type Told = (&'static str, &'static str, &'static str, f64, f64, Option<f64>);

const SUSPECTS: [Told; 12] = [
    ("leak", "checkout-7f9c6d5b8-x2x4k", "app", 61.0, 743.0, Some(1024.0)),
    ("suspect", "payments-5d8f7c9b6-qq7lm", "worker", 14.2, 402.0, Some(512.0)),
    ("growing", "search-indexer-0", "indexer", 4.1, 1311.0, Some(4096.0)),
    ("bounded", "catalog-6c5b4d7f8-9hmzt", "app", 0.3, 688.0, Some(1024.0)),
    ("bounded", "sessions-cache-1", "redis", 0.1, 2140.0, None),
    ("stable", "cart-84b6c7d9f-l5v2p", "app", 0.0, 233.0, Some(512.0)),
    ("stable", "gateway-55d4c8b7f-7xk8w", "nginx", -0.2, 96.0, Some(256.0)),
    ("stable", "mailer-7b9d6f5c4-tt2ns", "app", 0.0, 141.0, Some(256.0)),
    ("stable", "stock-6f7d8c9b5-j4k2m", "app", 0.1, 318.0, Some(512.0)),
    ("stable", "reports-59c8d7b6f-vw9xz", "app", 0.0, 201.0, Some(512.0)),
    ("stable", "auth-7d6c5b8f9-mm3kd", "app", 0.0, 187.0, Some(256.0)),
    ("insufficient", "checkout-7f9c6d5b8-n8h2q", "app", 0.0, 164.0, Some(1024.0)),
];

pub(crate) fn id(pod: &str, container: &str) -> String {
    format!("container=\"{container}\",namespace=\"shop\",pod=\"{pod}\"")
}

pub(crate) fn suspects(now_ms: f64) -> Vec<SuspectRow> {
    SUSPECTS.iter().map(|told| suspect(told, now_ms)).collect()
}

fn suspect(told: &Told, now_ms: f64) -> SuspectRow {
    let &(verdict, pod, container, rate, usage, limit) = told;
    let grows = matches!(verdict, "leak" | "suspect" | "growing");
    let judged = verdict != "insufficient";
    let secs = limit.filter(|_| grows).map(|limit| (limit - usage) / rate * 3600.0);
    let (score, shape, reasons) = match verdict {
        "leak" => (
            0.97,
            "linear",
            json!([
                "The floor grew 427 MiB in 7 h and grew in every one of the last 8 windows",
                "The growth goes on: 63 MiB/h in the last quarter",
                "Growth is linear; a curve that levels off fits worse",
            ]),
        ),
        "suspect" => (0.44, "linear", json!(["The floor grows, but only for the last 1 h 40 min"])),
        "growing" => (0.22, "linear", json!(["The floor grows slower than the threshold of 10 MiB/h"])),
        "bounded" => (
            0.06,
            "saturating",
            json!([
                "The floor grew 212 MiB and has been level for the last 5 h: a warm-up or a cache that filled",
            ]),
        ),
        "stable" => (0.01, "flat", json!(["The floor moved by less than its own noise"])),
        _ => (0.0, "", json!(["Only 11 min of samples since the start; 30 min are needed"])),
    };
    SuspectRow {
        id: id(pod, container),
        labels: json!({"namespace": "shop", "pod": pod, "container": container}).to_string(),
        namespace: "shop".to_owned(),
        pod: pod.to_owned(),
        container: container.to_owned(),
        workload: pod.split('-').next().unwrap_or_default().to_owned(),
        metric: "container_memory_working_set_bytes".to_owned(),
        score,
        verdict: verdict.to_owned(),
        shape: shape.to_owned(),
        severity: if verdict == "leak" { "critical".to_owned() } else { String::new() },
        rate_bytes_per_hour: judged.then_some(rate * MIB),
        rate_low_bytes_per_hour: judged.then_some(rate * 0.92 * MIB - 0.2 * MIB),
        rate_high_bytes_per_hour: judged.then_some(rate * 1.07 * MIB + 0.2 * MIB),
        current_bytes: Some(usage * MIB),
        floor_bytes: Some(usage * 0.95 * MIB),
        limit_bytes: limit.map(|limit| limit * MIB),
        secs_to_limit: secs,
        secs_to_limit_low: secs.map(|secs| secs * 0.93),
        secs_to_limit_high: secs.filter(|_| verdict == "leak").map(|secs| secs * 1.09),
        onset: grows.then_some(Millis((now_ms - 7.0 * HOUR_MS) as i64)),
        restarts: Some(if pod.starts_with("checkout") { 1.0 } else { 0.0 }),
        samples: 720.0,
        span_secs: 43_200.0,
        last_sample: Some(Millis((now_ms - 20_000.0) as i64)),
        reasons: reasons.to_string(),
        ..SuspectRow::default()
    }
}

fn column(name: String, values: Values) -> Column {
    Column { name, unit: String::new(), nullable: true, labels: BTreeMap::new(), values }
}

fn sparklines(now_ms: f64) -> Frame {
    let times = (0..48).map(|i| Some((now_ms - 12.0 * HOUR_MS) as i64 + i * 900_000)).collect();
    let mut columns = vec![column("time".to_owned(), Values::Time(times))];
    for (verdict, pod, container, rate, usage, _) in SUSPECTS {
        let cells = (0..48).map(|i| {
            let left = f64::from(47 - i) / 4.0;
            let course = match verdict {
                "bounded" => usage - 210.0 * (-f64::from(i) / 6.0).exp(),
                "insufficient" if i < 46 => return None,
                _ => usage - rate * left.min(7.0),
            };
            Some((course + f64::from(i * 7 % 5) * usage * 0.004) * MIB)
        });
        columns.push(column(id(pod, container), Values::Number(cells.collect())));
    }
    Frame { name: SPARKLINES.to_owned(), columns, ..Frame::default() }
}

pub(crate) fn alerts(now_ms: f64) -> Vec<AlertRow> {
    let alert = |name: &str, state: &str, severity: &str, hours: f64| AlertRow {
        alertname: name.to_owned(),
        state: state.to_owned(),
        severity: severity.to_owned(),
        since: Some(Millis((now_ms - hours * HOUR_MS) as i64)),
        value: Some(61.3 * MIB),
        threshold: Some(10.0 * MIB),
        value_unit: "bytes_per_hour".to_owned(),
        namespace: "shop".to_owned(),
        pod: SUSPECTS[0].1.to_owned(),
        container: SUSPECTS[0].2.to_owned(),
        summary: "Memory of checkout grows faster than 10 MiB/h".to_owned(),
        source: "Prometheus".to_owned(),
        fingerprint: format!("fingerprint-of-{name}"),
        labels: "{}".to_owned(),
        annotations: "{}".to_owned(),
        ..AlertRow::default()
    };
    vec![
        alert("HighMemoryGrowthRate", "firing", "warning", 3.2),
        alert("CriticalMemoryUsage", "pending", "critical", 0.1),
    ]
}

/// A frame with a notice that part of it is missing.
pub(crate) fn with_warning(mut frame: Frame, text: &str) -> Value {
    frame.notices.push(Notice { severity: NoticeSeverity::Warning, text: text.to_owned() });
    to_grafana(&frame)
}
