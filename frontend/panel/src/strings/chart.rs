//! Words of the chart.

/// Heading of the chart.
pub const CHART: &str = "Memory";
/// Label of the tab with the chart and the evidence.
pub const CHART_AND_EVIDENCE_TAB: &str = "Chart and evidence";
/// Its tab where there is no evidence.
pub const CHART_TAB: &str = "Chart";
/// While the chart's data is on its way.
pub const CHART_LOADING: &str = "Reading samples";
/// Nothing to draw.
pub const CHART_EMPTY: &str = "No samples in this time range; widen it";
/// Legend: samples.
pub const SAMPLES: &str = "Samples";
/// Legend: floor.
pub const FLOOR: &str = "Floor";
/// Legend: trend.
pub const TREND: &str = "Trend, 90 % band";
/// Legend: forecast.
pub const FORECAST: &str = "Forecast";
/// Legend: limit.
pub const LIMIT: &str = "Limit";
/// Legend: request.
pub const REQUEST: &str = "Request";
/// Legend: restarts.
pub const RESTART: &str = "Restart";
/// Legend: other pods of the workload.
pub const SIBLINGS: &str = "Other pods";
/// Legend: kills at the memory limit.
pub const KILL: &str = "OOM kill";
/// Legend: deploys.
pub const DEPLOY: &str = "Deploy";
/// Label of the legend.
pub const LEGEND: &str = "Parts of the chart";
/// Legend: onset.
pub const ONSET: &str = "Growth began";
/// Legend: alert.
pub const ALERT_ONSET: &str = "Alert began";
/// Label of the present.
pub const NOW: &str = "now";
/// Label of the moment that was the present for the detector, where that is past.
pub const RANGE_END: &str = "end of range";

/// The chart in words: how it went.
pub fn chart_text(name: &str, from: &str, to: &str, first: &str, last: &str) -> String {
    format!("Memory of {name}: {first} at {from}, {last} at {to}")
}

/// The chart in words: growth.
pub fn chart_text_growth(rate: &str, since: Option<&str>) -> String {
    let since = since.map(|since| format!(" since {since}")).unwrap_or_default();
    format!("; the floor grows {rate}{since}")
}

/// The chart in words: limit.
pub fn chart_text_limit(limit: &str, time: &str) -> String {
    format!("; limit {limit}: {time}")
}

/// The chart in words: restarts.
pub fn chart_text_restarts(count: usize) -> String {
    some(count, "restart")
}

/// The chart in words: kills at the memory limit.
pub fn chart_text_kills(count: usize) -> String {
    some(count, "OOM kill")
}

/// The chart in words: deploys.
pub fn chart_text_deploys(count: usize) -> String {
    some(count, "deploy")
}

/// The chart in words: other pods.
pub fn chart_text_siblings(count: usize) -> String {
    some(count, "other pod")
}

fn some(count: usize, what: &str) -> String {
    match count {
        0 => String::new(),
        1 => format!("; 1 {what}"),
        count => format!("; {count} {what}s"),
    }
}

/// What the chart is, for screen readers.
pub const CHART_ROLE: &str = "chart";
/// How to use the chart, for screen readers.
pub const CHART_KEYS: &str = "Arrow keys move the read-out";
/// Figure: rate.
pub const FIGURE_RATE: &str = "Growth";
/// Figure: usage.
pub const FIGURE_USAGE: &str = "Usage";
/// Figure: time to the limit.
pub const FIGURE_LIMIT: &str = "Time to limit";
/// Figure: score.
pub const FIGURE_SCORE: &str = "Leak, how sure";
/// Figure: restarts.
pub const FIGURE_RESTARTS: &str = "Restarts";
/// In the read-out: the trend or forecast.
pub const READOUT_TREND: &str = "Trend";

/// The chart failed.
pub fn chart_failed(why: &str) -> String {
    format!("Samples could not be read: {why}")
}
