//! Series with labels: joined and judged by each other as the data source does it.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::detect::Assessment;
use model::labels::Labels;
use model::thresholds::Thresholds;

use super::input::{Input, selector};
use crate::profiles::{self, MemorySource, Profile};
use crate::prometheus::RangeSeries;
use crate::scan::{Rows, Scan, Suspect, by_process, judge_together};

/// The profile whose labels name pods and workloads where the metric is nobody's: most come from client libraries.
const PROFILE_OF_OTHERS: &str = "process";

/// One series of each process: the views of one become one.
pub(super) fn processes(found: Vec<RangeSeries>) -> Vec<Input> {
    let mut by_metric: BTreeMap<String, Vec<RangeSeries>> = BTreeMap::new();
    for one in found {
        let metric = one.labels.get("__name__").unwrap_or_default().to_owned();
        by_metric.entry(metric).or_default().push(one);
    }
    let known: Vec<MemorySource> =
        profiles::builtin().into_iter().flat_map(|profile| profile.memory).collect();
    let joined = by_metric.into_iter().flat_map(|(metric, series)| {
        let source = known.iter().find(|source| source.metric == metric).cloned();
        by_process(&source.unwrap_or(MemorySource { metric, ..MemorySource::default() }), series)
    });
    joined.map(|(labels, series)| Input::of(selector(&labels), labels, series)).collect()
}

/// Judges series, each of which was judged alone, by each other as well.
pub(super) fn judged(
    alone: Vec<(Input, Assessment)>,
    rows: Rows,
    thresholds: &Thresholds,
) -> Vec<(Input, Assessment)> {
    let profiles: Vec<Arc<Profile>> = profiles::builtin().into_iter().map(Arc::new).collect();
    let profile_of = |metric: &str| {
        let knows = |profile: &&Arc<Profile>| profile.memory.iter().any(|source| source.metric == metric);
        let others = || profiles.iter().find(|profile| profile.name == PROFILE_OF_OTHERS);
        profiles.iter().find(knows).or_else(others).cloned()
    };
    let suspect = |(input, assessment): (Input, Assessment)| {
        Some(Suspect {
            profile: profile_of(input.labels.get("__name__").unwrap_or_default())?,
            context: Arc::new(input.context(thresholds)),
            labels: input.labels,
            series: input.series,
            assessment: Box::new(assessment),
            stands_for: Vec::new(),
        })
    };
    let mut scan = Scan { suspects: alone.into_iter().filter_map(suspect).collect(), ..Scan::default() };
    judge_together(&mut scan, rows);
    scan.suspects.into_iter().map(row).collect()
}

/// A suspect as it is printed.
pub(super) fn row(suspect: Suspect) -> (Input, Assessment) {
    let name_of = |id: &String| serde_json::from_str::<Labels>(id).map(|labels| selector(&labels));
    let context = Arc::unwrap_or_clone(suspect.context);
    let input = Input {
        restarts_secs: context.restarts_secs,
        limit_bytes: context.limit_bytes,
        request_rate: context.request_rate,
        stands_for: suspect.stands_for.iter().filter_map(|id| name_of(id).ok()).collect(),
        ..Input::of(selector(&suspect.labels), suspect.labels, suspect.series)
    };
    (input, *suspect.assessment)
}
