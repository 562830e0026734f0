//! Grafana's `from` and `to`: milliseconds since the epoch, or `now` and what lies before it.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};

/// Milliseconds since the epoch.
pub(crate) fn now_ms() -> Result<i64> {
    Ok(i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?)
}

/// Reads `1700000000000`, `now`, `now-6h`.
pub(crate) fn parse(text: &str) -> Result<i64> {
    let unreadable = || format!("not a time: {text:?}");
    let Some(rest) = text.strip_prefix("now") else {
        return text.parse().with_context(unreadable);
    };
    if rest.is_empty() {
        return now_ms();
    }
    let (count, unit) = rest.split_at(rest.len() - 1);
    let unit_ms = match unit {
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        "w" => 604_800_000,
        _ => anyhow::bail!(unreadable()),
    };
    Ok(now_ms()? + count.parse::<i64>().with_context(unreadable)? * unit_ms)
}
