//! A server of generated answers: more pods than a real one on this machine would answer for in time.
//!
//! Answers are kept, so that only the first to ask waits for them to be generated.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use axum::Form;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use tokio::net::TcpListener;

use crate::pods::{METRIC, Pod, STEP_SECS};
use crate::stores::START_SECS;

type Fields = BTreeMap<String, String>;

#[derive(Debug, Default)]
struct Answers {
    pods: usize,
    known: Mutex<BTreeMap<Fields, Bytes>>,
}

/// Serves so many pods until the process ends; where.
pub(crate) async fn serve(pods: usize) -> Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let answers = Arc::new(Answers { pods, ..Answers::default() });
    let router = axum::Router::new()
        .route("/api/v1/query_range", post(answer))
        .route("/api/v1/query", post(answer))
        .with_state(answers);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(url)
}

async fn answer(State(answers): State<Arc<Answers>>, Form(fields): Form<Fields>) -> Bytes {
    if let Some(known) = answers.known.lock().unwrap_or_else(PoisonError::into_inner).get(&fields) {
        return known.clone();
    }
    let kind =
        if fields.contains_key("step") || fields["query"].ends_with(']') { "matrix" } else { "vector" };
    let series = series(answers.pods, &fields).unwrap_or_default();
    let body =
        format!("{{\"status\":\"success\",\"data\":{{\"resultType\":\"{kind}\",\"result\":[{series}]}}}}");
    let body = Bytes::from(body);
    answers.known.lock().unwrap_or_else(PoisonError::into_inner).insert(fields, body.clone());
    body
}

/// What is asked of our metric; nothing of others.
fn series(pods: usize, fields: &Fields) -> Option<String> {
    let number = |key: &str| fields.get(key)?.parse::<f64>().ok();
    let query = &fields["query"];
    if query.starts_with(&format!("min_over_time({METRIC}")) {
        let (start, end, step) = (number("start")?, number("end")?, number("step")?);
        let times = || {
            let count = ((end - start) / step).floor() as usize + 1;
            (0..count).map(move |point| start + step * point as f64)
        };
        return Some(matrix((0..pods).map(Pod), false, times));
    }
    if query.starts_with(METRIC) {
        let end = number("time")?;
        let range: f64 = query.rsplit_once('[')?.1.trim_end_matches("s]").parse().ok()?;
        let first = ((end - range - START_SECS as f64) / f64::from(STEP_SECS)).floor().max(0.0) as u64 + 1;
        let last = ((end - START_SECS as f64) / f64::from(STEP_SECS)).floor() as u64;
        let times = || (first..=last).map(|sample| (START_SECS + sample * u64::from(STEP_SECS)) as f64);
        return Some(matrix(named(query)?.into_iter(), true, times));
    }
    None
}

/// The pods that a selector names by their addresses.
fn named(query: &str) -> Option<Vec<Pod>> {
    let (_, addresses) = query.split_once("instance=")?;
    let addresses = addresses.trim_start_matches('~').trim_start_matches('"').split('"').next()?;
    let number = |address: &str| {
        let plain = address.replace('\\', "");
        let mut parts = plain.split(':').next()?.split('.').skip(1).map(str::parse::<usize>);
        let (a, b, c) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
        Some(Pod((a << 16) + (b << 8) + c))
    };
    addresses.split('|').map(number).collect()
}

fn matrix<T: Iterator<Item = f64>>(
    pods: impl Iterator<Item = Pod>,
    with_name: bool,
    times: impl Fn() -> T,
) -> String {
    let mut text = String::new();
    for pod in pods {
        let mut labels: BTreeMap<&str, String> = pod.labels().into_iter().collect();
        if with_name {
            labels.insert("__name__", METRIC.to_owned());
        }
        let comma = if text.is_empty() { "" } else { "," };
        // A String takes whatever is written.
        write!(text, "{comma}{{\"metric\":{},\"values\":[", serde_json::json!(labels))
            .expect("a string takes all");
        for (index, secs) in times().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let sample = ((secs - START_SECS as f64) / f64::from(STEP_SECS)).max(0.0) as usize;
            write!(text, "{comma}[{secs},\"{}\"]", pod.bytes(sample)).expect("a string takes all");
        }
        text.push_str("]}");
    }
    text
}
