//! How long scoring takes in WebAssembly. `cargo xtask bench wasm` runs it as it ships, compiled for speed.
#![cfg(target_arch = "wasm32")]

use js_sys::Date;
use judge::judging::Judging;
use judge::options::Options;
use judge::series::Unjudged;
use model::labels::Labels;
use model::series::Series;
use model::thresholds::MIB;
use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const SERIES: u32 = 500;
/// A day, a sample a minute.
const SAMPLES: u32 = 1440;
const ROUNDS: usize = 5;

/// Noise from 0 to 1, the same in every run.
fn noise(number: u32) -> f64 {
    let mixed = number.wrapping_mul(2_654_435_761);
    f64::from((mixed ^ (mixed >> 15)).wrapping_mul(2_246_822_519) >> 8) / f64::from(1 << 24)
}

/// Leaks, levels, collector teeth, warm-ups and daily cycles in turn.
fn series(number: u32) -> Unjudged {
    let value = |index: u32| {
        let hour = f64::from(index) / 60.0;
        let shape = match number % 5 {
            0 => 20.0 * hour,
            1 => 0.0,
            2 => 150.0 * (hour / (0.7 + 3.0 * noise(number))).fract(),
            3 => 200.0 * (1.0 - (-hour / 2.0).exp()),
            _ => 80.0 * (hour / 24.0 * std::f64::consts::TAU).sin(),
        };
        (300.0 + shape + 8.0 * noise(number * SAMPLES + index)) * MIB
    };
    let times = (0..SAMPLES).map(|index| f64::from(index) * 60.0).collect();
    let labels: Labels =
        [("__name__".to_owned(), "rss".to_owned()), ("pod".to_owned(), format!("web-{number}"))]
            .into_iter()
            .collect();
    Unjudged { labels, series: Series::new(times, (0..SAMPLES).map(value).collect()), ..Unjudged::default() }
}

#[wasm_bindgen_test]
#[ignore = "prints times; run by cargo xtask bench wasm"]
fn five_hundred_series_of_a_day() {
    let all: Vec<_> = (0..SERIES).map(series).collect();
    let mut took_ms: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let mut judging = Judging::new(all.clone(), Vec::new(), Options::default());
            let began = Date::now();
            while judging.judge_next() < judging.total() {}
            let took_ms = Date::now() - began;
            let leaks = judging.ranked().iter().filter(|one| one.row.verdict == "leak").count();
            assert!(leaks >= SERIES as usize / 5, "{leaks}");
            took_ms
        })
        .collect();
    took_ms.sort_by(f64::total_cmp);
    let median = took_ms[ROUNDS / 2];
    let each = 1000.0 * median / f64::from(SERIES);
    console_log!(
        "{SERIES} series of {SAMPLES} samples: {median:.0} ms (median of {ROUNDS}), {each:.0} µs each"
    );
}
