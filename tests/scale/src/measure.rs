//! The measurements, in the order they are printed.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use futures_util::future::{join_all, try_join_all};
use parts::Server;
use serde_json::{Value, json};

use crate::Options;
use crate::counter::Counter;
use crate::curl::{self, Cost};
use crate::decoding::{self, Who};
use crate::plugin::{Plugin, Suspects};
use crate::pods::{METRIC, PODS_PER_NAMESPACE, Pod, STEP_SECS};
use crate::report::{Figure, median, print};
use crate::{generated, stores};

const MIB: f64 = 1_048_576.0;
/// The windows of a day, as the first look chooses them.
const WINDOW_SECS: u32 = 1800;
const DASHBOARDS: usize = 50;
/// After so long a query is cancelled.
const ASKED_FOR: Duration = Duration::from_millis(100);
/// After so long a connection is taken to have been idle.
const GIVEN_UP: Duration = Duration::from_secs(5);
const STARTS: usize = 10;
const NOWHERE: &str = "/dev/null";

/// Everything.
pub(crate) async fn all(options: &Options) -> Result<()> {
    ensure!(options.series >= PODS_PER_NAMESPACE, "at least {PODS_PER_NAMESPACE} series are needed");
    eprintln!("filling Prometheus with {} series", options.series);
    let prometheus = stores::prometheus(options.series)?;
    eprintln!("filling VictoriaMetrics");
    let victoria = stores::victoria_metrics(options.series)?;

    print("The process", &process(&options.plugin, &prometheus).await?);
    let bounds = Bounds { deriv: 1.5, all: 0.7 };
    print("Prometheus", &server(options, &prometheus, bounds, "").await?);
    let bounds = Bounds { deriv: 2.5, all: 0.2 };
    print("VictoriaMetrics", &server(options, &victoria, bounds, "/select/0/prometheus").await?);
    print("Decoding", &decode(&prometheus.url())?);
    drop(victoria);
    if !options.no_growth {
        growth(options, &prometheus).await?;
    }
    Ok(())
}

/// As they are unless set: over loopback nothing is compressed.
fn settings() -> Value {
    // VictoriaMetrics keeps results; a first look must not profit from the round before.
    json!({ "customQueryParameters": "nocache=1", "timeout": 300 })
}

/// As over a network, where the server compresses.
fn compressed() -> Value {
    let mut settings = settings();
    settings["gzip"] = json!("on");
    settings
}

/// Size, start and idle memory.
async fn process(executable: &Path, server: &Server) -> Result<Vec<Figure>> {
    let size = std::fs::metadata(executable)?.len();
    let (mut starts, mut idle) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let (plugin, secs) = Plugin::start(executable, &server.url(), &settings()).await?;
        starts.push(secs * 1000.0);
        idle.push(plugin.memory()?.resident as f64 / MIB);
        plugin.stop().await?;
    }
    Ok(vec![
        Figure::bound("executable, MB", size as f64 / 1e6, 14.0),
        Figure::bound("start to first answered health check, ms", median(starts), 50.0),
        Figure::bound("idle memory, MiB", median(idle), 25.0),
    ])
}

/// What the first look may cost, in other queries' time.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    deriv: f64,
    all: f64,
}

/// What one round took.
struct Round {
    deriv: Cost,
    coarse: Cost,
    all: Cost,
    first: Suspects,
    refresh: Suspects,
    compressed: Suspects,
    peak_mib: f64,
    shards: f64,
}

async fn server(options: &Options, server: &Server, bounds: Bounds, prefix: &str) -> Result<Vec<Figure>> {
    let mut rounds = Vec::new();
    for number in 1..=options.rounds {
        eprintln!("round {number} of {} at {}", options.rounds, server.url());
        rounds.push(round(options, server).await?);
    }
    let of = |ratio: fn(&Round) -> f64| median(rounds.iter().map(ratio));
    let bound = |name, ratio, limit| Figure::bound(name, of(ratio), limit);
    let counted = count(options, server, prefix).await?;
    let all_bytes = rounds[0].all.bytes as f64;
    let first_rows = &counted.ranking.rows;
    let leaks = (0..options.series).filter(|number| Pod(*number).leaks()).count();
    let before_safe = first_rows.iter().take_while(|row| leaks_by_name(options.series, &row.pod)).count();
    let called = first_rows.iter().filter(|row| row.verdict == "leak");
    let called = called.filter(|row| leaks_by_name(options.series, &row.pod)).count();
    for notice in &counted.ranking.notices {
        eprintln!("notice: {notice}");
    }
    Ok(vec![
        Figure::told("topk(20, deriv(metric[24h])), s", of(|round| round.deriv.secs)),
        Figure::told("all samples by query_range at 60 s, s", of(|round| round.all.secs)),
        Figure::told("all samples, MB", all_bytes / 1e6),
        Figure::told("the coarse query alone by curl, s", of(|round| round.coarse.secs)),
        Figure::told("the coarse query alone, MB", rounds[0].coarse.bytes as f64 / 1e6),
        Figure::told("first suspects, s", of(|round| round.first.secs)),
        bound(
            "first suspects / topk(20, deriv(metric[24h]))",
            |round| round.first.secs / round.deriv.secs,
            bounds.deriv,
        ),
        bound("first suspects / all samples", |round| round.first.secs / round.all.secs, bounds.all),
        Figure::told("bytes of first suspects / of all samples", counted.bytes as f64 / all_bytes),
        Figure::bound(
            "the same with `gzip: on`: bytes / of all samples",
            counted.compressed_bytes as f64 / all_bytes,
            1.0 / 25.0,
        ),
        bound(
            "the same: first suspects / topk(20, deriv(metric[24h]))",
            |round| round.compressed.secs / round.deriv.secs,
            bounds.deriv,
        ),
        bound(
            "the same: first suspects / all samples",
            |round| round.compressed.secs / round.all.secs,
            bounds.all,
        ),
        bound(
            "a refresh a minute later / first suspects",
            |round| round.refresh.secs / round.first.secs,
            0.3,
        ),
        Figure::bound("coarse queries of 50 dashboards at once / of one", counted.coarse_ratio, 1.0),
        bound("two shards at once / one query", |round| round.shards / round.coarse.secs, 0.75),
        Figure::bound("from Grafana's cancel to a closed connection, ms", counted.cancelled_ms, 100.0),
        bound("backend memory at most, MiB", |round| round.peak_mib, 300.0),
        Figure::bound("backend memory with 50 dashboards, MiB", counted.peak_mib, 300.0),
        Figure::bound("planted leaks behind a safe series", (leaks - before_safe) as f64, 0.0),
        Figure::told("planted leaks called a leak / all of them", called as f64 / leaks as f64),
    ])
}

fn leaks_by_name(series: usize, pod: &str) -> bool {
    // web-<deployment>-<hash>-<suffix><replica>
    let deployment = pod.split('-').nth(1).and_then(|text| text.parse::<usize>().ok());
    let replica = pod.chars().last().and_then(|last| last.to_digit(10));
    let number = deployment.zip(replica).map(|(deployment, replica)| deployment * 10 + replica as usize);
    number.is_some_and(|number| number < series && Pod(number).leaks())
}

async fn round(options: &Options, server: &Server) -> Result<Round> {
    let (url, end) = (server.url(), stores::DAY_ENDS_SECS);
    let nowhere = Path::new(NOWHERE);
    let deriv = curl::query(&url, &format!("topk(20, deriv({METRIC}[24h]))"), end)?;
    let coarse_of = |matcher: &str| format!("min_over_time({METRIC}{{{matcher}}}[30m])");
    let coarse = curl::query_range(&url, &coarse_of(""), end, WINDOW_SECS, nowhere)?;

    let (plugin, _) = Plugin::start(&options.plugin, &url, &settings()).await?;
    let first = plugin.suspects(end, &json!({})).await?;
    let refresh = plugin.suspects(end + 60, &json!({})).await?;
    let peak_mib = plugin.memory()?.peak as f64 / MIB;
    plugin.stop().await?;

    let (plugin, _) = Plugin::start(&options.plugin, &url, &self::compressed()).await?;
    let compressed = plugin.suspects(end, &json!({})).await?;
    plugin.stop().await?;

    let all = curl::query_range(&url, METRIC, end, STEP_SECS, nowhere)?;
    let half = (options.series / PODS_PER_NAMESPACE).div_ceil(2);
    let names = |from: usize, to: usize| {
        let names: Vec<String> = (from..to).map(|number| format!("team-{number}")).collect();
        coarse_of(&format!("namespace=~\"{}\"", names.join("|")))
    };
    let halves = [names(0, half), names(half, options.series.div_ceil(PODS_PER_NAMESPACE))];
    let began = Instant::now();
    let costs = halves.map(|half| {
        let url = url.clone();
        tokio::task::spawn_blocking(move || {
            curl::query_range(&url, &half, end, WINDOW_SECS, Path::new(NOWHERE))
        })
    });
    for cost in try_join_all(costs).await? {
        cost?;
    }
    let shards = began.elapsed().as_secs_f64();
    Ok(Round { deriv, coarse, all, first, refresh, compressed, peak_mib, shards })
}

/// What is measured once.
struct Counted {
    bytes: u64,
    compressed_bytes: u64,
    cancelled_ms: f64,
    coarse_ratio: f64,
    peak_mib: f64,
    ranking: Suspects,
}

async fn count(options: &Options, server: &Server, prefix: &str) -> Result<Counted> {
    let counter = Counter::before(server.port()).await?;
    let url = format!("http://127.0.0.1:{}{prefix}", counter.port());
    let end = stores::DAY_ENDS_SECS;
    let (plugin, _) = Plugin::start(&options.plugin, &url, &settings()).await?;
    counter.take();
    plugin.suspects(end, &json!({})).await?;
    let (bytes, coarse) = counter.take();
    let cancelled_ms = cancelled(&plugin, &counter).await?;
    let ranking = plugin.suspects(end, &json!({ "limit": options.series })).await?;
    plugin.stop().await?;

    let (plugin, _) = Plugin::start(&options.plugin, &url, &settings()).await?;
    counter.take();
    for answer in join_all((0..DASHBOARDS).map(|_| plugin.suspects(end, &Value::Null))).await {
        answer?;
    }
    let (_, coarse_of_all) = counter.take();
    let peak_mib = plugin.memory()?.peak as f64 / MIB;
    plugin.stop().await?;

    let (plugin, _) = Plugin::start(&options.plugin, &url, &compressed()).await?;
    counter.take();
    plugin.suspects(end, &json!({})).await?;
    let (compressed_bytes, _) = counter.take();
    plugin.stop().await?;
    Ok(Counted {
        bytes,
        compressed_bytes,
        cancelled_ms,
        coarse_ratio: coarse_of_all as f64 / coarse as f64,
        peak_mib,
        ranking,
    })
}

/// How long after Grafana's cancel the first connection to the server is closed, milliseconds; NaN where the server had
/// answered by then.
async fn cancelled(plugin: &Plugin, counter: &Counter) -> Result<f64> {
    // Another range than before, so that much is asked.
    let mut query = Box::pin(plugin.suspects(stores::DAY_ENDS_SECS - 7200, &Value::Null));
    let asked = tokio::time::timeout(ASKED_FOR, &mut query).await;
    ensure!(asked.is_err(), "the answer came before it could be cancelled");
    // Counted before the cancel, which may be quicker than this thread.
    let (began, open) = (Instant::now(), counter.open());
    drop(query);
    while counter.open() >= open {
        if began.elapsed() > GIVEN_UP {
            return Ok(f64::NAN);
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Ok(began.elapsed().as_secs_f64() * 1000.0)
}

/// The backend's decoder against `serde_json` into types, on the same bytes.
fn decode(url: &str) -> Result<Vec<Figure>> {
    let folder = tempfile::tempdir()?;
    let mut figures = Vec::new();
    for (what, expr, step) in [
        ("windows", format!("min_over_time({METRIC}[30m])"), WINDOW_SECS),
        ("a namespace's samples", format!("{METRIC}{{namespace=\"team-0\"}}"), STEP_SECS),
    ] {
        let answer = folder.path().join("answer.json");
        let cost = curl::query_range(url, &expr, stores::DAY_ENDS_SECS, step, &answer)?;
        let (mut secs, mut bytes, mut rates) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..5 {
            let ours = decoding::apart(Who::Backend, &answer)?;
            let typed = decoding::apart(Who::Typed, &answer)?;
            ensure!(ours.samples == typed.samples && ours.samples > 0, "the decoders disagree");
            secs.push(ours.secs / typed.secs);
            bytes.push(ours.peak_bytes as f64 / typed.peak_bytes as f64);
            rates.push(cost.bytes as f64 / 1e6 / ours.secs);
        }
        figures.push(Figure::told(format!("{what}: decoded, MB/s"), median(rates)));
        figures.push(Figure::bound(format!("{what}: time / typed"), median(secs), 0.9));
        figures.push(Figure::bound(format!("{what}: memory / typed"), median(bytes), 0.5));
    }
    Ok(figures)
}

/// The same over ever more series: real ones of a namespace and of all, then generated answers.
async fn growth(options: &Options, prometheus: &Server) -> Result<()> {
    println!(
        "\nHow it grows\n\n| series | answers | first, s | refresh, s | memory, MiB |\n|---:|---|---:|---:|---:|"
    );
    let namespace = json!({ "namespace": ["team-0"] });
    let row = async |series: usize, kind: &str, url: &str, more: &Value| -> Result<f64> {
        let (plugin, _) = Plugin::start(&options.plugin, url, &settings()).await?;
        let first = plugin.suspects(stores::DAY_ENDS_SECS, more).await?;
        let refresh = plugin.suspects(stores::DAY_ENDS_SECS + 60, more).await?;
        let peak = plugin.memory()?.peak as f64 / MIB;
        plugin.stop().await?;
        println!("| {series} | {kind} | {:.3} | {:.3} | {peak:.0} |", first.secs, refresh.secs);
        Ok(first.secs)
    };
    row(PODS_PER_NAMESPACE, "Prometheus", &prometheus.url(), &namespace).await?;
    row(options.series, "Prometheus", &prometheus.url(), &json!({})).await?;
    let mut first = Vec::new();
    for series in [1_000, 10_000, 100_000] {
        let url = generated::serve(series).await?;
        // Answers are generated once; the plugin that waits for that is not the one that is measured.
        let (plugin, _) = Plugin::start(&options.plugin, &url, &settings()).await?;
        plugin.suspects(stores::DAY_ENDS_SECS, &json!({})).await?;
        plugin.suspects(stores::DAY_ENDS_SECS + 60, &json!({})).await?;
        plugin.stop().await?;
        first.push(row(series, "generated", &url, &json!({})).await?);
    }
    let grown = first[2] / first[1];
    print(
        "Ten times the series",
        &[Figure::bound("100,000 / 10,000 generated, first suspects", grown, 10.0)],
    );
    Ok(())
}
