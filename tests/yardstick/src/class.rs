//! The kinds of series.

/// A kind of memory behaviour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Class {
    /// Its name in tables and files.
    pub name: &'static str,
    /// Whether it leaks: its floor still grows at the end by at least 10 MiB/h, without bound.
    pub leaks: bool,
}

impl Class {
    /// A number of its own, for the stream of random numbers.
    pub(crate) fn number(self) -> u64 {
        self.name.bytes().fold(0, |sum, byte| sum.wrapping_mul(131).wrapping_add(u64::from(byte)))
    }
}

const fn leak(name: &'static str) -> Class {
    Class { name, leaks: true }
}

const fn safe(name: &'static str) -> Class {
    Class { name, leaks: false }
}

/// The 24 classes every figure is given over.
pub const STANDARD: [Class; 24] = [
    leak("linear"),
    leak("saw_leak"),
    leak("diurnal_leak"),
    leak("stairs"),
    leak("warm_leak"),
    leak("late_leak"),
    leak("restart_leak"),
    leak("accel"),
    leak("spiky_leak"),
    leak("arena_leak"),
    safe("flat"),
    safe("ou"),
    safe("warmup"),
    safe("cache_fill"),
    safe("saw_flat"),
    safe("diurnal"),
    safe("step"),
    safe("steps_updown"),
    safe("restarts"),
    safe("creep"),
    safe("spikes"),
    safe("drain"),
    safe("frag_log"),
    safe("load_ramp"),
];

/// What production adds: printed apart, so that figures over [`STANDARD`] stay comparable.
pub const PRODUCTION: [Class; 18] = [
    leak("workers_leak"),
    safe("workers_safe"),
    leak("views_leak"),
    safe("views_safe"),
    leak("crash_leak"),
    safe("crash_safe"),
    leak("ramp_leak"),
    safe("ramp_rising"),
    leak("two_rates"),
    safe("two_rates_ended"),
    leak("churn_leak"),
    safe("churn_safe"),
    leak("limit_leak"),
    safe("limit_raised"),
    leak("stale_leak"),
    safe("stale_safe"),
    leak("skew_leak"),
    safe("skew_safe"),
];
