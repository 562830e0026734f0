//! What suspects say together: pods of one workload that come and go, replicas side by side, and all of a scan.

use std::collections::BTreeMap;

use model::detect::Verdict;
use model::join::discoveries;
use model::join::pods::{self, Pod};
use model::join::replicas::{self, Replica};
use model::labels::Role;

use super::Suspect;

/// Judges suspects, each of which was judged alone, by each other as well. To be called once on fresh assessments.
pub fn judge_together(suspects: &mut [Suspect]) {
    let mut workloads: BTreeMap<[String; 4], Vec<&mut Suspect>> = BTreeMap::new();
    for suspect in &mut *suspects {
        let Some(workload) = suspect.workload() else { continue };
        let key = [suspect.metric(), suspect.role(Role::Namespace), workload, suspect.role(Role::Container)];
        workloads.entry(key.map(str::to_owned)).or_default().push(suspect);
    }
    for mut members in workloads.into_values() {
        members.sort_by(|a, b| a.role(Role::Pod).cmp(b.role(Role::Pod)));
        // Two processes of one pod are no replicas.
        members.dedup_by(|later, earlier| later.role(Role::Pod) == earlier.role(Role::Pod));
        // A life that was only looked at coarsely is no life to learn from.
        let mut pods: Vec<Pod<'_>> = members
            .iter_mut()
            .filter(|one| one.assessment.verdict != Verdict::Screened)
            .map(|one| Pod { series: &one.series, context: &one.context, assessment: &mut one.assessment })
            .collect();
        pods::join(&mut pods);
        let mut side_by_side: Vec<Replica<'_>> = members
            .iter_mut()
            .map(|one| Replica { series: &one.series, assessment: &mut one.assessment })
            .collect();
        replicas::compare(&mut side_by_side);
    }
    discoveries::control(suspects.iter_mut().map(|suspect| &mut suspect.assessment));
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use model::detect::{Context, assess};
    use model::series::Series;

    use super::*;

    /// Eight hours of a pod of a deployment, growing by MiB an hour.
    fn pod(name: &str, rate: f64) -> Suspect {
        let minutes = || (0..480).map(f64::from);
        let bytes = |minute: f64| (300.0 + rate * minute / 60.0 + (minute * 7.0) % 3.0) * 1_048_576.0;
        let series =
            Series::new(minutes().map(|minute| minute * 60.0).collect(), minutes().map(bytes).collect());
        let labels = [("__name__", "m"), ("namespace", "shop"), ("pod", name), ("container", "web")];
        let assessment = assess(&series, &Context::default());
        Suspect {
            labels: Arc::new(labels.into_iter().collect()),
            profile: Arc::new(crate::profiles::builtin().remove(0)),
            series,
            context: Context::default(),
            assessment,
        }
    }

    #[test]
    fn replicas_of_one_workload_are_compared_and_others_are_not() {
        let mut suspects = vec![
            pod("web-7d9f8b6c5d-x4k2p", 30.0),
            pod("web-7d9f8b6c5d-b7wzq", 0.0),
            pod("web-7d9f8b6c5d-c9vtl", 0.0),
            pod("api-7d9f8b6c5d-d2mnr", 30.0),
        ];
        judge_together(&mut suspects);
        let alone = |suspect: &Suspect| {
            suspect.assessment.reasons.iter().any(|one| one.starts_with("It grows alone"))
        };
        assert!(alone(&suspects[0]), "{:?}", suspects[0].assessment.reasons);
        assert!(!alone(&suspects[3]), "{:?}", suspects[3].assessment.reasons);
        assert!(suspects.iter().filter(|one| one.assessment.verdict == Verdict::Leak).count() == 2);
    }
}
