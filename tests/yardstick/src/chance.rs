//! Seeded random numbers: the same on every machine and in every release.

use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, StandardNormal, StudentT};
use rand_pcg::Pcg64;

/// A stream of random numbers.
#[derive(Debug)]
pub struct Chance(Pcg64);

impl Chance {
    /// The stream of one series: independent for every seed, class and index.
    pub fn new(seed: u64, class: u64, index: u64) -> Self {
        // SplitMix64's finaliser between the words: neighbouring indices must not give neighbouring streams.
        let mix = |state: u64, word: u64| {
            let mut mixed = (state ^ word).wrapping_add(0x9e37_79b9_7f4a_7c15);
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^ (mixed >> 31)
        };
        Self(Pcg64::seed_from_u64([seed, class, index].into_iter().fold(0, mix)))
    }

    /// Evenly between two numbers.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.0.random::<f64>()
    }

    /// Evenly between the logarithms of two numbers.
    pub fn between_logs(&mut self, low: f64, high: f64) -> f64 {
        self.between(low.ln(), high.ln()).exp()
    }

    /// A whole number from `low` up to, not including, `high`.
    pub fn whole(&mut self, low: usize, high: usize) -> usize {
        self.0.random_range(low..high)
    }

    /// One of several.
    pub fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.whole(0, choices.len())]
    }

    /// True with this probability.
    pub fn happens(&mut self, probability: f64) -> bool {
        self.0.random::<f64>() < probability
    }

    /// One draw from a distribution.
    pub fn draw(&mut self, distribution: &impl Distribution<f64>) -> f64 {
        distribution.sample(&mut self.0)
    }

    /// First-order autoregressive noise of unit variance; with heavy tails its shocks are Student's t with 3 degrees.
    ///
    /// # Panics
    /// Never: three degrees of freedom make a distribution.
    pub fn autoregressive(&mut self, count: usize, correlation: f64, heavy_tails: bool) -> Vec<f64> {
        let student = StudentT::new(3.0).expect("three degrees of freedom are positive");
        let fresh = (1.0 - correlation * correlation).sqrt();
        let mut value = 0.0;
        (0..count)
            .map(|index| {
                let shock: f64 = if heavy_tails {
                    // The standard deviation of Student's t with 3 degrees is the root of 3.
                    self.draw(&student) / 3f64.sqrt()
                } else {
                    self.draw(&StandardNormal)
                };
                value = if index == 0 { shock } else { correlation * value + fresh * shock };
                value
            })
            .collect()
    }

    /// `count` times within `low` to `high`, ascending.
    pub fn times(&mut self, count: usize, low: f64, high: f64) -> Vec<f64> {
        let mut times: Vec<f64> = (0..count).map(|_| self.between(low, high)).collect();
        times.sort_by(f64::total_cmp);
        times
    }
}

#[cfg(test)]
mod tests {
    use super::Chance;

    #[test]
    fn every_index_has_its_own_stream() {
        let first = |index| Chance::new(1, 2, index).between(0.0, 1.0).to_bits();
        let firsts: std::collections::BTreeSet<u64> = (0..1000).map(first).collect();
        assert_eq!(firsts.len(), 1000);
    }
}
