//! A climb in separate jumps: a leak that comes with jobs, deploys of data or arenas.

use super::floor::running_median;
use super::shape::Run;
use super::stats::robust_sigma;

/// Jumps that make stairs rather than one or two steps.
const FEWEST_JUMPS: usize = 4;
/// A jump is at least this share of the whole climb...
const SHARE_OF_CLIMB: f64 = 0.03;
/// ...and this many robust sigma of the changes from point to point.
const JUMP_SIGMAS: f64 = 3.0;
/// Together the jumps carry at least this share of the climb.
const JUMPS_CARRY: f64 = 0.6;
/// A fall larger than this share of the climb, and memory is given back.
const LARGEST_FALL: f64 = 0.12;
/// The mean position of the jumps, weighted by height: earlier, and the climb is dying out.
const EARLIEST_CENTRE: f64 = 0.33;
/// The wait since the last jump may be this many times the longest wait before.
const LONGEST_WAIT: f64 = 1.3;

/// Bytes per hour over the last jumps, their final wait included; `None` when the run is no stairs.
pub(super) fn rate(run: &Run, net: f64) -> Option<f64> {
    let len = run.len();
    if len < 12 || net <= 0.0 {
        return None;
    }
    let lasting = running_median(&run.bytes, std::iter::once(0..len), 3);
    let changes: Vec<f64> = lasting.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let noise = robust_sigma(&mut changes.clone());
    let least = (SHARE_OF_CLIMB * net).max(JUMP_SIGMAS * noise);
    let mut jumps: Vec<(usize, f64)> = Vec::new();
    let mut largest_fall = 0.0f64;
    for (index, &change) in changes.iter().enumerate().map(|(index, change)| (index + 1, change)) {
        if change >= least {
            // A jump inside a bin shows as two changes; a ramp as many, side by side.
            match jumps.last_mut() {
                Some(last) if index - last.0 <= 2 => *last = (index, last.1 + change),
                _ => jumps.push((index, change)),
            }
        }
        largest_fall = largest_fall.min(change);
    }
    let carried: f64 = jumps.iter().map(|jump| jump.1).sum();
    if jumps.len() < FEWEST_JUMPS || carried < JUMPS_CARRY * net || -largest_fall > LARGEST_FALL * net {
        return None;
    }
    let centre = jumps.iter().map(|&(index, height)| run.xs[index] * height).sum::<f64>() / carried;
    let last = jumps[jumps.len() - 1].0;
    let longest_wait = jumps.windows(2).map(|pair| run.xs[pair[1].0] - run.xs[pair[0].0]).fold(0.0, f64::max);
    if centre < EARLIEST_CENTRE || 1.0 - run.xs[last] > LONGEST_WAIT * longest_wait {
        return None;
    }
    // The last half of the jumps, at least three: from the level before them to the end.
    let recent = jumps[jumps.len() - (jumps.len() / 2).max(3)].0 - 1;
    let hours = run.hours[len - 1] - run.hours[recent];
    (hours > 0.0).then(|| (lasting[len - 1] - lasting[recent]) / hours)
}
