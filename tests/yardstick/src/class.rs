//! The kinds of series.

/// A kind of memory behaviour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Class {
    /// Its name in tables and files.
    pub name: &'static str,
    /// Whether it leaks: its floor still grows at the end by at least 10 MiB/h, without bound.
    pub leaks: bool,
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
