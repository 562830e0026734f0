//! Prints what was found.

use std::io::{self, Write};

use model::detect::{Assessment, Verdict};
use model::format;
use model::labels::Labels;
use model::series::Series;
use serde::Serialize;

use super::input::Input;

/// One line of `--format json`.
#[derive(Debug, Serialize)]
struct Line<'a> {
    series: &'a str,
    labels: &'a Labels,
    score: f64,
    verdict: &'static str,
    shape: &'static str,
    rate_bytes_per_hour: Option<f64>,
    rate_low_bytes_per_hour: Option<f64>,
    rate_high_bytes_per_hour: Option<f64>,
    floor_bytes: Option<f64>,
    /// Seconds on the series' clock.
    onset: Option<f64>,
    secs_to_limit: Option<f64>,
    secs_to_limit_low: Option<f64>,
    secs_to_limit_high: Option<f64>,
    reasons: &'a [String],
    /// Series of pods that came and went before it, for which it stands.
    stands_for: &'a [String],
    /// Of labelled sets only: 1 for a leak.
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scenario: Option<&'a str>,
}

/// One JSON object a line.
pub(super) fn json_lines(out: &mut impl Write, judged: &[(Input, Assessment)]) -> io::Result<()> {
    for (input, assessment) in judged {
        let rate = assessment.rate_bytes_per_hour;
        let forecast = assessment.to_limit;
        let line = Line {
            series: &input.name,
            labels: &input.labels,
            score: assessment.score,
            verdict: assessment.verdict.as_str(),
            shape: assessment.shape,
            rate_bytes_per_hour: rate.map(|rate| rate.mid),
            rate_low_bytes_per_hour: rate.map(|rate| rate.low),
            rate_high_bytes_per_hour: rate.map(|rate| rate.high),
            floor_bytes: assessment.floor_bytes,
            onset: assessment.onset_secs,
            secs_to_limit: forecast.map(|forecast| forecast.likely_secs),
            secs_to_limit_low: forecast.map(|forecast| forecast.earliest_secs),
            secs_to_limit_high: forecast.and_then(|forecast| forecast.latest_secs),
            reasons: &assessment.reasons,
            stands_for: &input.stands_for,
            label: input.truth.as_ref().map(|truth| u8::from(truth.leaks)),
            scenario: input.truth.as_ref().map(|truth| truth.scenario.as_str()),
        };
        serde_json::to_writer(&mut *out, &line)?;
        writeln!(out)?;
    }
    Ok(())
}

/// Widest name shown whole.
const NAME_WIDTH: usize = 48;
const SPARK_WIDTH: usize = 24;

/// A table with sparklines, the reasons of what is not quiet, and for labelled sets how often it was right.
pub(super) fn table(out: &mut impl Write, judged: &[(Input, Assessment)]) -> io::Result<()> {
    if judged.is_empty() {
        return writeln!(out, "no series");
    }
    let names: Vec<String> = judged.iter().map(|(input, _)| shown(&input.name)).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max("series".len());
    writeln!(
        out,
        "{:<12} {:>5}  {:<width$}  {:<SPARK_WIDTH$}  {:>12}  {:>10}  {:>10}  why",
        "verdict", "score", "series", "memory", "growth", "floor", "limit in"
    )?;
    for ((input, assessment), name) in judged.iter().zip(&names) {
        let dash = || "–".to_owned();
        writeln!(
            out,
            "{:<12} {:>5.2}  {name:<width$}  {}  {:>12}  {:>10}  {:>10}  {}",
            assessment.verdict.as_str(),
            assessment.score,
            sparkline(&input.series),
            assessment.rate_bytes_per_hour.map_or_else(dash, |rate| format::bytes_per_hour(rate.mid)),
            assessment.floor_bytes.map_or_else(dash, format::bytes),
            assessment.to_limit.map_or_else(dash, |forecast| format::duration(forecast.likely_secs)),
            assessment.reasons.first().map_or("", String::as_str),
        )?;
    }
    summary(out, judged)
}

/// How many of each verdict; for labelled sets also how many were right.
fn summary(out: &mut impl Write, judged: &[(Input, Assessment)]) -> io::Result<()> {
    let count = |verdict: Verdict| judged.iter().filter(|(_, found)| found.verdict == verdict).count();
    writeln!(
        out,
        "\n{} series: {} leak, {} suspect, {} growing, {} bounded, {} stable, {} with too little data",
        judged.len(),
        count(Verdict::Leak),
        count(Verdict::Suspect),
        count(Verdict::Growing),
        count(Verdict::Bounded),
        count(Verdict::Stable),
        count(Verdict::Insufficient)
    )?;
    let answers = || {
        judged
            .iter()
            .filter_map(|(input, found)| Some((input.truth.as_ref()?.leaks, found.verdict == Verdict::Leak)))
    };
    let of = |wanted: (bool, bool)| answers().filter(|answer| *answer == wanted).count();
    let (found, missed, false_alarms) = (of((true, true)), of((true, false)), of((false, true)));
    if answers().next().is_none() {
        return Ok(());
    }
    let share = |part: usize, whole: usize| {
        if whole == 0 { "–".to_owned() } else { format!("{:.3}", part as f64 / whole as f64) }
    };
    writeln!(
        out,
        "against the labels: precision {}, recall {}, F1 {}; {false_alarms} false alarms, {missed} missed",
        share(found, found + false_alarms),
        share(found, found + missed),
        share(2 * found, 2 * found + false_alarms + missed)
    )
}

/// A name fit for a terminal: no control characters, its end cut when too long.
fn shown(name: &str) -> String {
    let clean = name.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter });
    let mut short: String = clean.clone().take(NAME_WIDTH).collect();
    if clean.count() > NAME_WIDTH {
        short.pop();
        short.push('…');
    }
    short
}

/// The series as a row of bars, the lowest value of each part of the time; blank where samples are missing.
fn sparkline(series: &Series) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let usable = || series.iter().filter(|(time, value)| time.is_finite() && value.is_finite());
    let start = usable().map(|sample| sample.0).fold(f64::INFINITY, f64::min);
    let end = usable().map(|sample| sample.0).fold(f64::NEG_INFINITY, f64::max);
    let mut lows = [f64::INFINITY; SPARK_WIDTH];
    for (time, value) in usable() {
        let part = (time - start) / (end - start).max(f64::MIN_POSITIVE);
        let slot = ((part * SPARK_WIDTH as f64) as usize).min(SPARK_WIDTH - 1);
        lows[slot] = lows[slot].min(value);
    }
    let present = || lows.iter().copied().filter(|low| low.is_finite());
    let lowest = present().fold(f64::INFINITY, f64::min);
    let range = present().fold(f64::NEG_INFINITY, f64::max) - lowest;
    lows.iter()
        .map(|low| {
            if !low.is_finite() {
                return ' ';
            }
            let height = if range > 0.0 { (low - lowest) / range } else { 0.0 };
            BARS[((height * 7.0).round() as usize).min(7)]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sparkline_shows_the_climb_and_the_gap() {
        let times: Vec<f64> = (0..48).map(f64::from).filter(|time| !(20.0..24.0).contains(time)).collect();
        let line = sparkline(&Series::new(times.clone(), times));
        assert_eq!(line.chars().count(), SPARK_WIDTH);
        assert!(line.starts_with('▁') && line.ends_with('█'), "{line}");
        assert!(line.contains(' '), "{line}");
        assert_eq!(sparkline(&Series::default()), " ".repeat(SPARK_WIDTH));
    }

    #[test]
    fn names_do_not_reach_the_terminal_raw() {
        assert_eq!(shown("a\u{1b}[2Jb\n"), "a\u{fffd}[2Jb\u{fffd}");
        assert_eq!(shown(&"x".repeat(100)).chars().count(), NAME_WIDTH);
    }
}
