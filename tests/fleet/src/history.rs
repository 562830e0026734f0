//! A day of history as OpenMetrics with times, for `promtool tsdb create-blocks-from openmetrics`.

use std::io::{self, Write};

use crate::exposition::{self, END, Family};
use crate::noise::{hash, unit};
use crate::plan::{Fleet, HISTORY_SECS};
use crate::series::{self, Answer, FAMILIES, Series, Target};

/// Time between two scrapes of history.
const STEP_MILLIS: i64 = 60_000;
/// The share of scrapes that are lost.
const LOST: f64 = 0.004;

/// Writes the day before the fleet's anchor.
pub fn write(fleet: &Fleet, out: &mut impl Write) -> io::Result<()> {
    let targets = series::targets(fleet);
    for family in FAMILIES {
        family.head(out)?;
        for (number, target) in targets.iter().enumerate() {
            write_target(fleet, family, number as u64, target, out)?;
        }
    }
    out.write_all(END.as_bytes())
}

fn write_target(
    fleet: &Fleet,
    family: &Family,
    number: u64,
    target: &Target,
    out: &mut impl Write,
) -> io::Result<()> {
    let scrapes: Vec<_> = scrapes(fleet, number, target).collect();
    if family == series::up() {
        let labels = exposition::labels(target.labels.iter().map(|(name, value)| (*name, value.as_str())));
        for (millis, fine) in &scrapes {
            exposition::sample(out, family.name, &labels, f64::from(u8::from(*fine)), Some(*millis))?;
        }
        return Ok(());
    }
    for series in target.series.iter().filter(|series| series.family == family) {
        let labels = labels(target, series);
        let name = format!("{}{}", family.name, series.suffix);
        for (millis, _) in scrapes.iter().filter(|(_, fine)| *fine) {
            if let Some(value) = series.value(*millis as f64 / 1000.0) {
                exposition::sample(out, &name, &labels, value, Some(*millis))?;
            }
        }
    }
    Ok(())
}

/// When the target was scraped, and whether it worked.
fn scrapes(fleet: &Fleet, number: u64, target: &Target) -> impl Iterator<Item = (i64, bool)> {
    let end = (fleet.anchor_secs * 1000.0) as i64;
    let phase = (unit(number, 0x5c) * STEP_MILLIS as f64) as i64;
    let count = (HISTORY_SECS * 1000.0) as i64 / STEP_MILLIS;
    (0..count).filter_map(move |step| {
        let millis = end - count * STEP_MILLIS + step * STEP_MILLIS + phase;
        let lost = unit(hash(number, 0x105), step as u64) < LOST;
        match target.answer(millis as f64 / 1000.0) {
            Answer::Gone => None,
            Answer::Fine => Some((millis, !lost)),
            Answer::Status(_) => Some((millis, false)),
        }
    })
}

/// The labels as they are stored: the series' own, which win, and the target's.
fn labels(target: &Target, series: &Series) -> String {
    let own = |name: &str| series.labels.iter().any(|(label, _)| *label == name);
    let of_target = target.labels.iter().filter(|(name, _)| !own(name));
    exposition::labels(of_target.chain(&series.labels).map(|(name, value)| (*name, value.as_str())))
}
