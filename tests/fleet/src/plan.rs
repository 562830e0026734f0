//! Which pods there are and what happens to them.

use crate::MIB;
use crate::curve::Shape;
use crate::noise::{Dice, hash};
use crate::pod::{Page, Pod};

/// Length of the history before the anchor.
pub const HISTORY_SECS: f64 = 86_400.0;
/// How long after the anchor the fleet goes on.
pub const FUTURE_SECS: f64 = 172_800.0;

const HOUR: f64 = 3600.0;
const NAMESPACES: [&str; 5] = ["shop", "payments", "search", "media", "back-office"];
const WORKLOADS: [&str; 30] = [
    "checkout",
    "cart",
    "catalogue",
    "invoices",
    "ledger",
    "payouts",
    "refunds",
    "suggest",
    "ranking",
    "indexer",
    "thumbnails",
    "uploads",
    "transcoder",
    "newsletter",
    "accounts",
    "sessions",
    "pricing",
    "stock",
    "shipping",
    "returns",
    "reviews",
    "coupons",
    "taxes",
    "audit",
    "exports",
    "webhooks",
    "support",
    "partners",
    "wishlist",
    "loyalty",
];
const LIMITS_MIB: [f64; 8] = [256.0, 384.0, 512.0, 768.0, 1024.0, 1536.0, 2048.0, 3072.0];

/// A seeded fleet around an anchor.
#[derive(Debug, Clone)]
pub struct Fleet {
    /// When history ends and life begins, seconds since the epoch.
    pub anchor_secs: f64,
    /// All pods, those that are gone by the anchor included.
    pub pods: Vec<Pod>,
}

/// What one deployment's pods have in common before chance has its say.
#[derive(Clone)]
struct Deployment {
    replicas: usize,
    shape: Shape,
    leaks: bool,
    /// How long before the anchor the pods were created.
    age_secs: f64,
    base_mib: f64,
    warmup_mib: f64,
    warmup_tau_secs: f64,
    limit_mib: Option<f64>,
    page: Page,
    crashes: Vec<f64>,
    /// Where it is not by chance.
    requests_per_second: Option<f64>,
    /// Whether a sound version ran until the pods were created.
    replaces: bool,
}

struct Dealer {
    dice: Dice,
    anchor_secs: f64,
    names: Vec<&'static str>,
    pods: Vec<Pod>,
}

/// Deals out the fleet of a seed.
pub fn deal(seed: u64, anchor_secs: f64) -> Fleet {
    let mut dice = Dice::new(hash(seed, 0x1eaf));
    let mut names = WORKLOADS.to_vec();
    for place in (1..names.len()).rev() {
        names.swap(place, dice.bits() as usize % (place + 1));
    }
    let mut dealer = Dealer { dice, anchor_secs, names, pods: Vec::new() };
    dealer.leaks();
    dealer.sound();
    dealer.broken_pages();
    dealer.busy_leak();
    Fleet { anchor_secs, pods: dealer.pods }
}

impl Dealer {
    fn between(&mut self, low: f64, high: f64) -> f64 {
        self.dice.between(low, high)
    }

    fn rate(&mut self, low_mib: f64, high_mib: f64) -> f64 {
        self.between(low_mib, high_mib) * MIB
    }

    fn hours(&mut self, low: f64, high: f64) -> f64 {
        self.between(low, high) * HOUR
    }

    fn deployment(&mut self, shape: Shape) -> Deployment {
        Deployment {
            replicas: 1,
            shape,
            leaks: false,
            age_secs: self.hours(9.0, 40.0),
            base_mib: self.between(140.0, 320.0),
            warmup_mib: self.between(20.0, 60.0),
            warmup_tau_secs: self.between(120.0, 360.0),
            limit_mib: None,
            page: Page::Fine,
            crashes: Vec::new(),
            requests_per_second: None,
            replaces: false,
        }
    }

    fn leak(&mut self, shape: Shape) -> Deployment {
        Deployment { leaks: true, ..self.deployment(shape) }
    }

    fn leaks(&mut self) {
        let anchor = self.anchor_secs;

        let shape = Shape::Linear { rate: self.rate(15.0, 30.0) };
        let steady = Deployment { replicas: 2, ..self.leak(shape) };
        self.create(&steady);

        // Above 1000 MiB since about twenty minutes.
        let rate = self.between(28.0, 40.0);
        let age_secs = self.hours(14.0, 20.0);
        let shape = Shape::Linear { rate: rate * MIB };
        let mut critical = Deployment { age_secs, limit_mib: Some(1536.0), ..self.leak(shape) };
        critical.base_mib =
            1000.0 + rate * self.between(0.4, 0.7) - rate * age_secs / HOUR - critical.warmup_mib;
        self.create(&critical);

        let shape = Shape::Sawtooth {
            rate: self.rate(16.0, 30.0),
            period_secs: self.between(700.0, 1500.0),
            height_bytes: self.rate(40.0, 80.0),
        };
        let teeth = Deployment { replicas: 2, age_secs: self.hours(8.0, 20.0), ..self.leak(shape) };
        self.create(&teeth);

        let shape = Shape::Cycle {
            rate: self.rate(20.0, 32.0),
            period_secs: self.hours(4.0, 6.0),
            height_bytes: self.rate(20.0, 35.0),
        };
        let tide = self.leak(shape);
        self.create(&tide);

        let shape = Shape::Stairs { rate: self.rate(18.0, 32.0), period_secs: self.between(1200.0, 2400.0) };
        let stairs = self.leak(shape);
        self.create(&stairs);

        let onset_secs = anchor - self.hours(5.0, 8.0);
        let shape = Shape::Late { rate: self.rate(22.0, 45.0), onset_secs };
        let late = Deployment { age_secs: self.hours(30.0, 60.0), ..self.leak(shape) };
        self.create(&late);

        let shape = Shape::Linear { rate: self.rate(25.0, 50.0) };
        let age_secs = self.hours(6.0, 9.0);
        let deploy = Deployment { replicas: 3, age_secs, replaces: true, ..self.leak(shape) };
        self.create(&deploy);

        let shape = Shape::Linear { rate: self.rate(16.0, 30.0) };
        let mut slow_start = Deployment { age_secs: self.hours(7.0, 10.0), ..self.leak(shape) };
        (slow_start.warmup_mib, slow_start.warmup_tau_secs) = (self.between(120.0, 180.0), 1200.0);
        self.create(&slow_start);

        // Killed at its limit every few hours; the run at hand has lasted for three or four.
        let rate = self.between(40.0, 60.0);
        let base_mib = self.between(150.0, 180.0);
        let shape = Shape::Linear { rate: rate * MIB };
        let killed = self.leak(shape);
        let run_hours = (512.0 - base_mib - killed.warmup_mib) / rate;
        let age_secs = (run_hours * 3.0 + self.between(3.0, 4.0)) * HOUR;
        self.create(&Deployment { base_mib, age_secs, limit_mib: Some(512.0), ..killed });

        let age_hours = self.between(14.0, 20.0);
        let shape = Shape::Accelerating { rate_per_hour: self.rate(28.0, 40.0) / age_hours };
        let faster = Deployment { age_secs: age_hours * HOUR, ..self.leak(shape) };
        self.create(&faster);

        // Runs of a quarter of an hour, each ending at the limit.
        let shape = Shape::Uneven { rate: self.rate(430.0, 500.0) };
        let mut looping = Deployment { limit_mib: Some(256.0), ..self.leak(shape) };
        (looping.base_mib, looping.warmup_mib) = (self.between(120.0, 130.0), 15.0);
        self.create(&looping);
    }

    fn sound(&mut self) {
        let anchor = self.anchor_secs;
        for replicas in [4, 2] {
            let flat = Deployment { replicas, ..self.deployment(Shape::Flat) };
            self.create(&flat);
        }

        let shape =
            Shape::Wandering { height_bytes: self.rate(15.0, 25.0), scale_secs: self.hours(2.0, 4.0) };
        let wandering = Deployment { replicas: 2, ..self.deployment(shape) };
        self.create(&wandering);

        let mut rolled_out = Deployment { replicas: 3, replaces: true, ..self.deployment(Shape::Flat) };
        rolled_out.age_secs = self.hours(3.5, 6.0);
        (rolled_out.warmup_mib, rolled_out.warmup_tau_secs) =
            (self.between(90.0, 150.0), self.between(700.0, 1000.0));
        self.create(&rolled_out);

        let shape = Shape::Filling { size_bytes: self.rate(120.0, 240.0), tau_secs: self.hours(0.7, 1.3) };
        let cache = Deployment { replicas: 3, age_secs: self.hours(9.0, 14.0), ..self.deployment(shape) };
        self.create(&cache);

        for replicas in [3, 1] {
            let shape = Shape::Sawtooth {
                rate: 0.0,
                period_secs: self.between(500.0, 1500.0),
                height_bytes: self.rate(30.0, 90.0),
            };
            let teeth = Deployment { replicas, ..self.deployment(shape) };
            self.create(&teeth);
        }

        let shape = Shape::Cycle {
            rate: 0.0,
            period_secs: self.hours(5.0, 7.0),
            height_bytes: self.rate(11.0, 16.0),
        };
        let tide = Deployment { replicas: 2, ..self.deployment(shape) };
        self.create(&tide);

        let shape =
            Shape::Step { size_bytes: self.rate(80.0, 150.0), at_secs: anchor - self.hours(6.0, 12.0) };
        let step = Deployment { age_secs: self.hours(25.0, 40.0), ..self.deployment(shape) };
        self.create(&step);

        let crashes =
            vec![anchor - self.hours(16.0, 20.0), anchor - self.hours(9.0, 12.0), anchor - 4.2 * HOUR];
        let restarting = Deployment { replicas: 2, crashes, ..self.deployment(Shape::Flat) };
        self.create(&restarting);

        let shape = Shape::Linear { rate: self.rate(1.5, 3.5) };
        let creeping = self.deployment(shape);
        self.create(&creeping);

        let shape =
            Shape::Spikes { height_bytes: self.rate(100.0, 200.0), period_secs: self.hours(0.7, 1.2) };
        let spiky = self.deployment(shape);
        self.create(&spiky);
    }

    fn broken_pages(&mut self) {
        let since = self.anchor_secs - self.between(1200.0, 2400.0);
        for page in [Page::WrongPassword(since), Page::NoCredentials(since), Page::NoMiddleware(since)] {
            let broken = Deployment { page, ..self.deployment(Shape::Flat) };
            self.create(&broken);
        }
    }

    /// Loses memory with each of many requests: growth and collections are above every threshold.
    fn busy_leak(&mut self) {
        let shape = Shape::Linear { rate: self.rate(62.0, 78.0) };
        let mut busy = Deployment { age_secs: self.hours(6.0, 8.0), ..self.leak(shape) };
        busy.requests_per_second = Some(self.between(130.0, 160.0));
        self.create(&busy);
    }

    fn create(&mut self, deployment: &Deployment) {
        let namespace = (*self.dice.pick(&NAMESPACES)).to_owned();
        let workload = self.names.pop().unwrap_or("spare").to_owned();
        let created_secs = self.anchor_secs - deployment.age_secs;
        let version = 10 + self.dice.bits() % 80;
        if deployment.replaces {
            let sound = Deployment {
                shape: Shape::Flat,
                leaks: false,
                age_secs: deployment.age_secs + HISTORY_SECS,
                replaces: false,
                crashes: Vec::new(),
                ..deployment.clone()
            };
            self.replica_set(&namespace, &workload, version, &sound, Some(created_secs + 90.0));
        }
        self.replica_set(&namespace, &workload, version + 1, deployment, None);
    }

    fn replica_set(
        &mut self,
        namespace: &str,
        workload: &str,
        version: u64,
        deployment: &Deployment,
        deleted_secs: Option<f64>,
    ) {
        let replica_set = format!("{workload}-{}", self.dice.suffix(9));
        let by_chance = self.between(2.0, 40.0);
        let requests_per_second = deployment.requests_per_second.unwrap_or(by_chance);
        for replica in 0..deployment.replicas {
            let number = self.pods.len();
            let mut pod = Pod {
                namespace: namespace.to_owned(),
                workload: workload.to_owned(),
                pod: format!("{replica_set}-{}", self.dice.suffix(5)),
                replica_set: replica_set.clone(),
                container: "web".to_owned(),
                image: format!("registry.example.org/{namespace}/{workload}:1.{version}.0"),
                node: format!("node-{}", 1 + number % 3),
                instance: format!("10.42.{}.{}:8000", number % 3, 10 + number),
                first: replica == 0,
                replicas: deployment.replicas,
                shape: deployment.shape.clone(),
                leaks: deployment.leaks,
                base_bytes: (deployment.base_mib + self.between(-4.0, 4.0)) * MIB,
                warmup_bytes: deployment.warmup_mib * MIB,
                warmup_tau_secs: deployment.warmup_tau_secs,
                limit_bytes: f64::INFINITY,
                requests_per_second: requests_per_second * self.between(0.9, 1.1),
                page: deployment.page,
                // A rollout goes pod by pod.
                created_secs: self.anchor_secs - deployment.age_secs + 30.0 * replica as f64,
                deleted_secs: deleted_secs.map(|secs| secs + 30.0 * replica as f64),
                runs: Vec::new(),
                seed: self.dice.bits(),
            };
            pod.limit_bytes = self.limit(&pod, deployment.limit_mib);
            pod.live(self.anchor_secs + FUTURE_SECS, &deployment.crashes);
            self.pods.push(pod);
        }
    }

    /// The given limit, or one that leaves room for some hours more.
    fn limit(&self, pod: &Pod, given_mib: Option<f64>) -> f64 {
        let mut unlimited = pod.clone();
        unlimited.live(self.anchor_secs, &[]);
        let now = unlimited.resident_bytes(self.anchor_secs).unwrap_or(pod.base_bytes + pod.warmup_bytes);
        let needed_mib = now * 1.25 / MIB + 80.0;
        let fitting = || LIMITS_MIB.iter().copied().find(|limit| *limit >= needed_mib).unwrap_or(4096.0);
        given_mib.unwrap_or_else(fitting) * MIB
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pod::End;

    const ANCHOR: f64 = 1_790_000_000.0;

    #[test]
    fn every_seed_deals_about_forty_pods_with_names_of_their_own() {
        for seed in 0..8 {
            let fleet = deal(seed, ANCHOR);
            let mut names: Vec<_> = fleet.pods.iter().map(|pod| &pod.pod).collect();
            let alive = fleet.pods.iter().filter(|pod| pod.exists(ANCHOR)).count();
            assert!((38..=47).contains(&alive), "seed {seed}: {alive} pods");
            assert!(fleet.pods.iter().all(|pod| pod.base_bytes > 50.0 * MIB), "seed {seed}");
            names.sort();
            names.dedup();
            assert_eq!(names.len(), fleet.pods.len(), "seed {seed}");
        }
    }

    #[test]
    fn memory_has_no_seam_at_the_anchor() {
        for seed in 0..5 {
            for pod in deal(seed, ANCHOR).pods.iter().filter(|pod| pod.exists(ANCHOR)) {
                let restarts = pod.runs.iter().any(|run| (run.start_secs - ANCHOR).abs() < 60.0);
                let at = |secs: f64| pod.resident_bytes(secs).expect("it is there");
                let step = (at(ANCHOR + 1.0) - at(ANCHOR - 1.0)).abs();
                let usual = (at(ANCHOR - 60.0) - at(ANCHOR - 62.0)).abs().max(4.0 * MIB);
                assert!(restarts || step <= 2.0 * usual, "{}: {step} bytes in two seconds", pod.pod);
            }
        }
    }

    #[test]
    fn the_looping_pod_is_killed_every_quarter_of_an_hour() {
        for seed in 0..8 {
            let fleet = deal(seed, ANCHOR);
            let looping = fleet.pods.iter().find(|pod| pod.shape.name() == "uneven").expect("one loops");
            let day = looping.runs.windows(2).filter(|runs| runs[0].start_secs > ANCHOR - HISTORY_SECS);
            let lengths: Vec<_> = day.map(|runs| runs[1].start_secs - runs[0].start_secs).collect();
            assert!(lengths.iter().all(|secs| (480.0..=1500.0).contains(secs)), "seed {seed}: {lengths:?}");
            assert!(looping.runs.iter().skip(1).all(|run| run.after == Some(End::OomKilled)), "seed {seed}");
        }
    }

    #[test]
    fn the_critical_pod_has_passed_1000_mib_and_nobody_else_has() {
        for seed in 0..8 {
            let fleet = deal(seed, ANCHOR);
            let above =
                |pod: &&Pod| pod.resident_bytes(ANCHOR - 900.0).is_some_and(|bytes| bytes > 1000.0 * MIB);
            let found: Vec<_> = fleet.pods.iter().filter(above).collect();
            assert!(!found.is_empty() && found.iter().all(|pod| pod.leaks), "seed {seed}: {}", found.len());
        }
    }
}
