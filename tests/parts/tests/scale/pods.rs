//! Hours of pods of which some leak and the others wander.

use std::collections::BTreeSet;
use std::fmt::Write as _;

pub(crate) const MIB: f64 = 1_048_576.0;
pub(crate) const START: i64 = 1_700_000_000;
pub(crate) const STEP_SECS: i64 = 60;
/// Eight hours.
pub(crate) const SCRAPES: i64 = 8 * 60;
pub(crate) const PODS: usize = 400;
/// Every so many leak.
pub(crate) const LEAKS_EVERY: usize = 20;
pub(crate) const METRIC: &str = "process_resident_memory_bytes";

/// Those that leak.
pub(crate) fn planted() -> BTreeSet<String> {
    (0..PODS).filter(|pod| pod % LEAKS_EVERY == 7).map(|pod| format!("web-{pod}")).collect()
}

pub(crate) fn bytes(pod: usize, secs: i64) -> f64 {
    let slope = if pod % LEAKS_EVERY == 7 { 30.0 * MIB / 3600.0 } else { 0.0 };
    let phase = f64::from(u32::try_from(pod).unwrap());
    let wander = (secs as f64 / 700.0 + phase).sin() * 2.0 * MIB;
    300.0 * MIB + slope * secs as f64 + wander
}

/// Labels in braces.
pub(crate) fn labels(pod: usize) -> String {
    let namespace = pod % 3;
    format!("{{namespace=\"shop-{namespace}\",pod=\"web-{pod}\",instance=\"10.0.0.{pod}:80\",job=\"web\"}}")
}

/// A gauge of all pods, in the text format without its end.
pub(crate) fn gauge(
    metric: &str,
    scrapes: &(impl Iterator<Item = i64> + Clone),
    bytes: impl Fn(usize, i64) -> f64,
) -> String {
    let mut text = format!("# TYPE {metric} gauge\n");
    for pod in 0..PODS {
        let labels = labels(pod);
        for scrape in scrapes.clone() {
            let secs = scrape * STEP_SECS;
            writeln!(text, "{metric}{labels} {} {}", bytes(pod, secs), START + secs).unwrap();
        }
    }
    text
}

/// So many scrapes of resident memory.
pub(crate) fn history(scrapes: i64) -> String {
    gauge(METRIC, &(0..scrapes), bytes) + "# EOF\n"
}
