//! Chance that can be asked again: the same seed and place always give the same value.

/// `SplitMix64` of a seed and a place.
pub(crate) fn hash(seed: u64, place: u64) -> u64 {
    let mut z = seed.wrapping_add(place.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Evenly from 0 up to 1.
pub(crate) fn unit(seed: u64, place: u64) -> f64 {
    (hash(seed, place) >> 11) as f64 / (1_u64 << 53) as f64
}

/// A smooth wandering between -1 and 1 that forgets itself after about `scale_secs`.
pub(crate) fn wander(seed: u64, secs: f64, scale_secs: f64) -> f64 {
    let place = secs / scale_secs;
    let before = place.floor();
    let at = |step: f64| unit(seed, (before + step) as u64) * 2.0 - 1.0;
    let part = place - before;
    let eased = part * part * (3.0 - 2.0 * part);
    at(0.0) + (at(1.0) - at(0.0)) * eased
}

/// Draws in order, for dealing out a plan.
#[derive(Debug)]
pub(crate) struct Dice {
    seed: u64,
    drawn: u64,
}

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, drawn: 0 }
    }

    pub(crate) fn bits(&mut self) -> u64 {
        self.drawn += 1;
        hash(self.seed, self.drawn)
    }

    /// Evenly between two numbers.
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        self.drawn += 1;
        low + (high - low) * unit(self.seed, self.drawn)
    }

    /// One of some.
    pub(crate) fn pick<'t, T>(&mut self, choices: &'t [T]) -> &'t T {
        &choices[self.bits() as usize % choices.len()]
    }

    /// A word of the letters Kubernetes puts behind names.
    pub(crate) fn suffix(&mut self, length: usize) -> String {
        const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
        (0..length).map(|_| char::from(*self.pick(LETTERS))).collect()
    }
}
