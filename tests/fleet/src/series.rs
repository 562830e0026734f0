//! The metrics of the fleet: which targets there are, and which series each of them has.

use std::sync::Arc;

use crate::curve::{Moment, Shape};
use crate::exposition::{Family, Kind};
use crate::noise::{hash, unit, wander};
use crate::plan::Fleet;
use crate::pod::{End, Page, Pod};

/// A series: its value at a time (seconds since the epoch), or nothing.
pub struct Series {
    /// The family it belongs to.
    pub family: &'static Family,
    /// What follows the family's name, as with `_bucket`.
    pub suffix: &'static str,
    /// Its own labels.
    pub labels: Vec<(&'static str, String)>,
    value: Box<dyn Fn(f64) -> Option<f64> + Send + Sync>,
}

impl Series {
    /// Its value at a time.
    pub fn value(&self, secs: f64) -> Option<f64> {
        (self.value)(secs)
    }

    fn of(
        family: &'static Family,
        labels: &[(&'static str, &str)],
        value: impl Fn(f64) -> Option<f64> + Send + Sync + 'static,
    ) -> Self {
        let labels = labels.iter().map(|(name, text)| (*name, (*text).to_owned())).collect();
        Self { family, suffix: "", labels, value: Box::new(value) }
    }

    fn suffixed(self, suffix: &'static str) -> Self {
        Self { suffix, ..self }
    }
}

impl std::fmt::Debug for Series {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}{}{:?}", self.family.name, self.suffix, self.labels)
    }
}

/// One metrics page.
#[derive(Debug)]
pub struct Target {
    /// Its path on the exporter.
    pub path: String,
    /// The file of service discovery it is listed in.
    pub file: &'static str,
    /// What service discovery says of it: its target labels.
    pub labels: Vec<(&'static str, String)>,
    /// Its series.
    pub series: Vec<Series>,
    /// The pod whose page this is.
    pub pod: Option<Arc<Pod>>,
}

/// How a page answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// With its series.
    Fine,
    /// With an HTTP status.
    Status(u16),
    /// The pod is not there.
    Gone,
}

impl Target {
    /// How it answers at a time.
    pub fn answer(&self, secs: f64) -> Answer {
        let Some(pod) = &self.pod else { return Answer::Fine };
        match pod.page {
            _ if !pod.exists(secs) => Answer::Gone,
            Page::WrongPassword(since) if secs >= since => Answer::Status(401),
            Page::NoCredentials(since) if secs >= since => Answer::Status(500),
            _ => Answer::Fine,
        }
    }
}

macro_rules! families {
    ($($(#[$doc:meta])* $id:ident: $kind:ident $name:literal $help:literal;)+) => {
        $(static $id: Family = Family { name: $name, kind: Kind::$kind, help: $help };)+
        /// Every family, in the order they are written.
        pub static FAMILIES: &[&Family] = &[$(&$id),+];
    };
}

families! {
    UP: Gauge "up" "Whether the last scrape succeeded";
    MEMORY: Gauge "django_memory_usage_bytes" "Resident memory as it was at the end of the view's last request";
    GROWTH_EVENTS: Counter "django_memory_growth_events_total" "How often memory rose by the threshold";
    OBJECTS: Gauge "django_python_objects_total" "Objects the garbage collector tracks, by type";
    COLLECTIONS: Counter "django_gc_collections_total" "Garbage collections, by generation";
    ALLOCATION: Histogram "django_allocation_bytes" "What a request added to resident memory";
    START_TIME: Gauge "process_start_time_seconds" "Start time of the process since the epoch";
    RESIDENT: Gauge "process_resident_memory_bytes" "Resident memory size in bytes";
    WORKING_SET: Gauge "container_memory_working_set_bytes" "Current working set in bytes";
    CONTAINER_RSS: Gauge "container_memory_rss" "Size of RSS in bytes";
    CONTAINER_START: Gauge "container_start_time_seconds" "Start time of the container since the epoch";
    RESTARTS: Counter "kube_pod_container_status_restarts_total" "The number of container restarts";
    TERMINATED: Gauge "kube_pod_container_status_last_terminated_reason" "Why the container was last terminated";
    LIMITS: Gauge "kube_pod_container_resource_limits" "The number of requested limit resource by a container";
    OWNER: Gauge "kube_pod_owner" "Information about the Pod's owner";
    SET_OWNER: Gauge "kube_replicaset_owner" "Information about the ReplicaSet's owner";
    INFO: Gauge "kube_pod_container_info" "Information about a container in a pod";
    REPLICAS: Gauge "kube_deployment_spec_replicas" "Number of desired pods for a deployment";
}

/// A view and how long it is from one call to the next.
const VIEWS: [(&str, f64, f64); 3] = [("list", 3.0, 0.62), ("detail", 17.0, 0.37), ("export", 9000.0, 0.01)];
/// The view whose requests leave something behind.
const LEAKY_VIEW: &str = "detail";
const BUCKETS: [(&str, f64); 5] =
    [("4096.0", 0.90), ("65536.0", 0.97), ("1048576.0", 0.999), ("16777216.0", 1.0), ("+Inf", 1.0)];
const GROWTH_THRESHOLDS: [(&str, f64); 2] = [("10MiB", 10.0), ("50MiB", 50.0)];
const NODES: [&str; 3] = ["node-1", "node-2", "node-3"];

/// Every target of a fleet: a page for each pod, cAdvisor on each node, kube-state-metrics.
pub fn targets(fleet: &Fleet) -> Vec<Target> {
    let pods: Vec<_> = fleet.pods.iter().cloned().map(Arc::new).collect();
    let pages = pods.iter().map(|pod| Target {
        path: format!("/pods/{}/{}", pod.namespace, pod.pod),
        file: "fleet.json",
        labels: vec![
            ("job", "django".to_owned()),
            ("instance", pod.instance.clone()),
            ("namespace", pod.namespace.clone()),
            ("pod", pod.pod.clone()),
            ("app", pod.workload.clone()),
        ],
        series: application(pod),
        pod: Some(Arc::clone(pod)),
    });
    let kubelets = NODES.iter().map(|node| Target {
        path: format!("/nodes/{node}"),
        file: "kubernetes.json",
        labels: vec![("job", "kubelet".to_owned()), ("instance", format!("{node}:10250"))],
        series: pods.iter().filter(|pod| pod.node == *node).flat_map(cadvisor).collect(),
        pod: None,
    });
    let state = Target {
        path: "/kube-state-metrics".to_owned(),
        file: "kubernetes.json",
        labels: vec![
            ("job", "kube-state-metrics".to_owned()),
            ("instance", "kube-state-metrics:8080".to_owned()),
        ],
        series: pods.iter().flat_map(kube_state).collect(),
        pod: None,
    };
    pages.chain(kubelets).chain([state]).collect()
}

fn application(pod: &Arc<Pod>) -> Vec<Series> {
    let container = ("container", pod.container.as_str());
    let process = |family, value: fn(&Pod, f64) -> Option<f64>| {
        let pod = Arc::clone(pod);
        Series::of(family, &[], move |secs| value(&pod, secs))
    };
    let mut series = vec![process(&START_TIME, start_secs), process(&RESIDENT, Pod::resident_bytes)];

    // What the middleware adds is there as long as the middleware is.
    let mut add = |family, labels: &[(&'static str, &str)], suffix, value: PodValue| {
        let pod = Arc::clone(pod);
        let made = Series::of(family, labels, move |secs| match pod.page {
            Page::NoMiddleware(since) if secs >= since => None,
            _ => value(&pod, secs, pod.at(secs)?.1),
        });
        series.push(made.suffixed(suffix));
    };
    for (place, (view, every_secs, share)) in VIEWS.into_iter().enumerate() {
        add(
            &MEMORY,
            &[container, ("view_name", view)],
            "",
            boxed(move |pod, secs, moment| {
                // The gauge holds what the process used when the view last ran.
                let phase_secs = every_secs * unit(pod.seed ^ 0x80, place as u64);
                let called = ((secs - phase_secs) / every_secs).floor() * every_secs + phase_secs;
                (called >= secs - moment.age_secs).then(|| pod.resident_bytes(called))?
            }),
        );
        let requests =
            move |pod: &Pod, moment: Moment| (moment.age_secs * pod.requests_per_second * share).floor();
        for (bound, part) in BUCKETS {
            add(
                &ALLOCATION,
                &[("view_name", view), ("le", bound)],
                "_bucket",
                boxed(move |pod, _, moment| Some((requests(pod, moment) * part).floor())),
            );
        }
        add(
            &ALLOCATION,
            &[("view_name", view)],
            "_count",
            boxed(move |pod, _, moment| Some(requests(pod, moment))),
        );
        add(
            &ALLOCATION,
            &[("view_name", view)],
            "_sum",
            boxed(move |pod, _, moment| {
                let left = if view == LEAKY_VIEW { pod.shape.trend(moment) } else { 0.0 };
                Some((requests(pod, moment) * 700.0 + left).floor())
            }),
        );
    }
    for (threshold, mib) in GROWTH_THRESHOLDS {
        add(
            &GROWTH_EVENTS,
            &[container, ("threshold", threshold)],
            "",
            boxed(move |pod, secs, moment| {
                let teeth = match pod.shape {
                    Shape::Sawtooth { period_secs, height_bytes, .. } => {
                        moment.age_secs / period_secs * height_bytes
                    }
                    _ => 0.0,
                };
                Some(((pod.gained_bytes(secs)? + teeth) / (mib * crate::MIB)).floor())
            }),
        );
    }
    for (place, (kind, usual, share)) in
        [("dict", 42_000.0, 0.9), ("list", 15_000.0, 0.4)].into_iter().enumerate()
    {
        add(
            &OBJECTS,
            &[container, ("object_type", kind)],
            "",
            boxed(move |pod, secs, _| {
                let bytes_per_object = if pod.leaks { 4096.0 } else { 65_536.0 };
                let breath = 1.0 + 0.004 * wander(hash(pod.seed, 90 + place as u64), secs, 120.0);
                Some((usual * breath + share * pod.gained_bytes(secs)? / bytes_per_object).floor())
            }),
        );
    }
    for (generation, per_request) in [("0", 0.1), ("1", 0.009), ("2", 0.0004)] {
        add(
            &COLLECTIONS,
            &[container, ("generation", generation)],
            "",
            boxed(move |pod, _, moment| {
                Some((moment.age_secs * pod.requests_per_second * per_request).floor())
            }),
        );
    }
    series
}

type PodValue = Box<dyn Fn(&Pod, f64, Moment) -> Option<f64> + Send + Sync>;

fn boxed(value: impl Fn(&Pod, f64, Moment) -> Option<f64> + Send + Sync + 'static) -> PodValue {
    Box::new(value)
}

fn start_secs(pod: &Pod, secs: f64) -> Option<f64> {
    let (run, _) = pod.at(secs)?;
    Some(pod.runs[run].start_secs)
}

fn cadvisor(pod: &Arc<Pod>) -> Vec<Series> {
    let of = |family, value: fn(&Pod, f64) -> Option<f64>| kubernetes(pod, family, &[], value);
    vec![
        of(&WORKING_SET, |pod, secs| Some(pod.resident_bytes(secs)? + pod.cache_bytes(secs)?)),
        of(&CONTAINER_RSS, Pod::resident_bytes),
        of(&CONTAINER_START, start_secs),
    ]
}

fn kube_state(pod: &Arc<Pod>) -> Vec<Series> {
    let of = |family, more: &[(&'static str, &str)], value: fn(&Pod, f64) -> Option<f64>| {
        kubernetes(pod, family, more, value)
    };
    let one = |pod: &Pod, secs: f64| pod.exists(secs).then_some(1.0);
    let mut series = vec![
        of(&RESTARTS, &[], |pod, secs| Some(pod.at(secs)?.0 as f64)),
        of(&TERMINATED, &[("reason", "OOMKilled")], |pod, secs| ended(pod, secs, End::OomKilled)),
        of(&TERMINATED, &[("reason", "Error")], |pod, secs| ended(pod, secs, End::Error)),
        of(&LIMITS, &[("node", pod.node.as_str()), ("resource", "memory"), ("unit", "byte")], |pod, secs| {
            pod.exists(secs).then_some(pod.limit_bytes)
        }),
        of(&INFO, &[("image", pod.image.as_str())], one),
    ];
    let names = [("namespace", pod.namespace.as_str()), ("pod", pod.pod.as_str())];
    let set = [
        ("owner_kind", "ReplicaSet"),
        ("owner_name", pod.replica_set.as_str()),
        ("owner_is_controller", "true"),
    ];
    let alive = |pod: &Arc<Pod>| {
        let pod = Arc::clone(pod);
        move |secs| pod.exists(secs).then_some(1.0)
    };
    series.push(Series::of(&OWNER, &[&names[..], &set[..]].concat(), alive(pod)));
    // One series per replica set and per deployment: its first pod speaks for it.
    if pod.first {
        let set = ("replicaset", pod.replica_set.as_str());
        let deployment = [
            ("owner_kind", "Deployment"),
            ("owner_name", pod.workload.as_str()),
            ("owner_is_controller", "true"),
        ];
        series.push(Series::of(&SET_OWNER, &[&[names[0], set][..], &deployment[..]].concat(), alive(pod)));
    }
    if pod.first && pod.deleted_secs.is_none() {
        let replicas = pod.replicas as f64;
        let labels = [names[0], ("deployment", pod.workload.as_str())];
        series.push(Series::of(&REPLICAS, &labels, move |_| Some(replicas)));
    }
    series
}

fn ended(pod: &Pod, secs: f64, end: End) -> Option<f64> {
    let (run, _) = pod.at(secs)?;
    (pod.runs[run].after == Some(end)).then_some(1.0)
}

fn kubernetes(
    pod: &Arc<Pod>,
    family: &'static Family,
    more: &[(&'static str, &str)],
    value: fn(&Pod, f64) -> Option<f64>,
) -> Series {
    let names = [
        ("namespace", pod.namespace.as_str()),
        ("pod", pod.pod.as_str()),
        ("container", pod.container.as_str()),
    ];
    let subject = Arc::clone(pod);
    Series::of(family, &[&names[..], more].concat(), move |secs| value(&subject, secs))
}

/// The series of `up`, which Prometheus makes itself while it scrapes.
pub fn up() -> &'static Family {
    &UP
}
