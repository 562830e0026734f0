//! The pods that are measured: one memory series each, every fiftieth leaking.

use std::fmt::Write as _;

const MIB: f64 = 1_048_576.0;
/// Resident memory comes in pages.
const PAGE: f64 = 4096.0;
/// Every so many leak: two in a hundred.
const LEAKS_EVERY: usize = 50;
const REPLICAS: usize = 10;

/// The metric.
pub(crate) const METRIC: &str = "process_resident_memory_bytes";
/// Distance of samples.
pub(crate) const STEP_SECS: u32 = 60;
/// Pods of a namespace.
pub(crate) const PODS_PER_NAMESPACE: usize = 1000;

/// One pod by its number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pod(pub(crate) usize);

impl Pod {
    /// Whether it leaks.
    pub(crate) fn leaks(self) -> bool {
        self.0 % LEAKS_EVERY == 7
    }

    /// Its name, as a deployment makes it.
    pub(crate) fn name(self) -> String {
        let deployment = self.0 / REPLICAS;
        // Five letters and digits that pods' names are made of, and no vowels.
        let letters = b"bcdfghjklmnpqrstvwxz2456789";
        let suffix: String = (0..5)
            .map(|place| letters[(hash(self.0 as u64 + 1, place) % letters.len() as u64) as usize] as char)
            .collect();
        format!("web-{deployment}-7d9f8b6c5d-{suffix}{}", self.0 % REPLICAS)
    }

    /// Its namespace.
    pub(crate) fn namespace(self) -> String {
        format!("team-{}", self.0 / PODS_PER_NAMESPACE)
    }

    /// Its labels without the metric's name, in the order of their names.
    pub(crate) fn labels(self) -> [(&'static str, String); 6] {
        let number = self.0;
        [
            ("container", "app".to_owned()),
            ("instance", format!("10.{}.{}.{}:8080", number >> 16, (number >> 8) & 255, number & 255)),
            ("job", format!("web-{}", number / REPLICAS)),
            ("namespace", self.namespace()),
            ("node", format!("node-{}", number % 100)),
            ("pod", self.name()),
        ]
    }

    /// Its memory at a sample, bytes: a level of its own and one of four shapes, and growth if it leaks.
    pub(crate) fn bytes(self, sample: usize) -> f64 {
        let minutes = sample as f64 * f64::from(STEP_SECS) / 60.0;
        let chance = |what: u64| unit(hash(self.0 as u64 + 1, what));
        let noise = unit(hash(self.0 as u64 + 1, 1000 + sample as u64)) - 0.5;
        let phase = chance(1);
        let shape = match self.0 % 4 {
            // Steady.
            0 => 3.0 * noise,
            // A garbage collector's teeth of three quarters of an hour to an hour and a half.
            1 => 40.0 * (minutes / (45.0 + 45.0 * chance(2)) + phase).fract() + noise,
            // The day's users.
            2 => 25.0 * (std::f64::consts::TAU * (minutes / 1440.0 + phase)).sin() + 2.0 * noise,
            // Batches of ten minutes an hour.
            _ if (minutes / 60.0 + phase).fract() < 1.0 / 6.0 => 60.0 + 2.0 * noise,
            _ => 2.0 * noise,
        };
        let growth = if self.leaks() { (15.0 + 45.0 * chance(3)) * minutes / 60.0 } else { 0.0 };
        let mib = 200.0 + 300.0 * chance(4) + shape + growth;
        (mib * MIB / PAGE).floor() * PAGE
    }

    /// The selector of its series, in the text format.
    pub(crate) fn selector(self) -> String {
        let mut text = format!("{METRIC}{{");
        for (index, (name, value)) in self.labels().iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            // A String takes whatever is written.
            write!(text, "{comma}{name}=\"{value}\"").expect("a string takes all");
        }
        text + "}"
    }
}

/// A number that looks like chance (splitmix64).
fn hash(of: u64, salt: u64) -> u64 {
    let mut x = of.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ salt.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// From 0 to below 1.
fn unit(hash: u64) -> f64 {
    (hash >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_pods_share_a_name_and_two_in_a_hundred_leak() {
        let names: BTreeSet<String> = (0..20_000).map(|number| Pod(number).name()).collect();
        assert_eq!(names.len(), 20_000);
        assert_eq!((0..20_000).filter(|number| Pod(*number).leaks()).count(), 400);
    }
}
