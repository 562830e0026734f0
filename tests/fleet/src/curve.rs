//! How a process's memory moves.

use crate::noise::{unit, wander};

/// What happens to memory besides warming up: what stays (the trend) and what comes and goes (the swing).
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// Nothing.
    Flat,
    /// Grows at one rate.
    Linear {
        /// Bytes per hour.
        rate: f64,
    },
    /// Grows at another rate in every run.
    Uneven {
        /// Bytes per hour, on average.
        rate: f64,
    },
    /// Collector teeth over a floor.
    Sawtooth {
        /// Growth of the floor, bytes per hour.
        rate: f64,
        /// Time from tooth to tooth.
        period_secs: f64,
        /// Height of a tooth.
        height_bytes: f64,
    },
    /// A tide over a floor.
    Cycle {
        /// Growth of the floor, bytes per hour.
        rate: f64,
        /// Time from flood to flood.
        period_secs: f64,
        /// From ebb to flood.
        height_bytes: f64,
    },
    /// Grows by jumps at uneven times.
    Stairs {
        /// Bytes per hour, on average.
        rate: f64,
        /// Time from jump to jump, on average.
        period_secs: f64,
    },
    /// Begins to grow one day.
    Late {
        /// Bytes per hour from then on.
        rate: f64,
        /// When, seconds since the epoch.
        onset_secs: f64,
    },
    /// Grows ever faster.
    Accelerating {
        /// Bytes per hour gained with every hour.
        rate_per_hour: f64,
    },
    /// Fills, ever slower, and is full.
    Filling {
        /// When full.
        size_bytes: f64,
        /// Time to two thirds of it.
        tau_secs: f64,
    },
    /// Ups and downs that lead nowhere.
    Wandering {
        /// From the lowest to the highest.
        height_bytes: f64,
        /// How long it remembers.
        scale_secs: f64,
    },
    /// One lasting jump.
    Step {
        /// Its height.
        size_bytes: f64,
        /// When, seconds since the epoch.
        at_secs: f64,
    },
    /// Short peaks, one at an uneven time in every period.
    Spikes {
        /// Height of a peak.
        height_bytes: f64,
        /// Length of the period.
        period_secs: f64,
    },
}

/// A run at a moment: what the curve depends on.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// Seconds since the epoch.
    pub secs: f64,
    /// Since the start of the process.
    pub age_secs: f64,
    /// Which run of the container, from 0.
    pub run: u64,
    /// The pod's own chance.
    pub seed: u64,
}

impl Shape {
    /// What has been gained for good, bytes.
    pub fn trend(&self, moment: Moment) -> f64 {
        let hours = moment.age_secs / 3600.0;
        match *self {
            Self::Flat | Self::Wandering { .. } | Self::Spikes { .. } => 0.0,
            Self::Linear { rate } | Self::Sawtooth { rate, .. } | Self::Cycle { rate, .. } => rate * hours,
            Self::Uneven { rate } => rate * (0.7 + 0.9 * unit(moment.seed ^ 0x10, moment.run)) * hours,
            Self::Stairs { rate, period_secs } => {
                let steps = moment.age_secs / period_secs;
                // The jump of this period comes at an uneven place within it.
                let whole = steps.floor();
                let jumped = steps - whole > unit(moment.seed ^ 0x20, whole as u64);
                (whole + f64::from(u8::from(jumped))) * rate * period_secs / 3600.0
            }
            Self::Late { rate, onset_secs } => {
                let since = (moment.secs - onset_secs).min(moment.age_secs);
                rate * since.max(0.0) / 3600.0
            }
            Self::Accelerating { rate_per_hour } => rate_per_hour * hours * hours / 2.0,
            Self::Filling { size_bytes, tau_secs } => size_bytes * -(-moment.age_secs / tau_secs).exp_m1(),
            Self::Step { size_bytes, at_secs } => {
                // Jumps are not instantaneous: a table is read in half a minute.
                size_bytes * ((moment.secs - at_secs) / 30.0).clamp(0.0, 1.0)
            }
        }
    }

    /// What will be given back, bytes.
    pub fn swing(&self, moment: Moment) -> f64 {
        match *self {
            Self::Sawtooth { period_secs, height_bytes, .. } => {
                let phase = moment.age_secs / period_secs;
                let tooth = height_bytes * (0.8 + 0.4 * unit(moment.seed ^ 0x30, phase.floor() as u64));
                // It climbs for most of the period and falls within a scrape or two.
                let part = phase.fract();
                if part < 0.97 { tooth * part / 0.97 } else { tooth * (1.0 - part) / 0.03 }
            }
            Self::Cycle { period_secs, height_bytes, .. } => {
                let phase = moment.secs / period_secs + unit(moment.seed ^ 0x40, 0);
                height_bytes * (1.0 - (phase * std::f64::consts::TAU).cos()) / 2.0
            }
            Self::Wandering { height_bytes, scale_secs } => {
                height_bytes * (1.0 + wander(moment.seed ^ 0x50, moment.secs, scale_secs)) / 2.0
            }
            Self::Spikes { height_bytes, period_secs } => {
                let phase = moment.secs / period_secs;
                let peak = 0.1 + 0.8 * unit(moment.seed ^ 0x60, phase.floor() as u64);
                let distance_secs = (phase.fract() - peak).abs() * period_secs;
                height_bytes * (1.0 - distance_secs / 120.0).max(0.0)
            }
            _ => 0.0,
        }
    }

    /// The true growth at a moment, bytes per hour.
    pub fn rate_bytes_per_hour(&self, moment: Moment) -> f64 {
        match *self {
            Self::Linear { rate }
            | Self::Uneven { rate }
            | Self::Sawtooth { rate, .. }
            | Self::Cycle { rate, .. }
            | Self::Stairs { rate, .. } => rate,
            Self::Late { rate, onset_secs } => {
                if moment.secs >= onset_secs {
                    rate
                } else {
                    0.0
                }
            }
            Self::Accelerating { rate_per_hour } => rate_per_hour * moment.age_secs / 3600.0,
            Self::Filling { size_bytes, tau_secs } => {
                size_bytes / tau_secs * 3600.0 * (-moment.age_secs / tau_secs).exp()
            }
            Self::Flat | Self::Wandering { .. } | Self::Step { .. } | Self::Spikes { .. } => 0.0,
        }
    }

    /// Its name in the ground truth.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Flat => "flat",
            Self::Linear { .. } => "linear",
            Self::Uneven { .. } => "uneven",
            Self::Sawtooth { .. } => "sawtooth",
            Self::Cycle { .. } => "cycle",
            Self::Stairs { .. } => "stairs",
            Self::Late { .. } => "late",
            Self::Accelerating { .. } => "accelerating",
            Self::Filling { .. } => "filling",
            Self::Wandering { .. } => "wandering",
            Self::Step { .. } => "step",
            Self::Spikes { .. } => "spikes",
        }
    }
}
