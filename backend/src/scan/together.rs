//! What suspects say together: pods of one workload that come and go, replicas side by side, and all of a scan.

use std::collections::HashMap;

use model::detect::Verdict;
use model::join::discoveries;
use model::join::pods::{self, Pod};
use model::join::replicas::{self, Replica};
use model::labels::Role;

use super::{Scan, Suspect};

/// Which pods of a workload have rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// Each one.
    Each,
    /// Of those that came and went one after the other, the latest.
    Latest,
}

/// Judges suspects, each of which was judged alone, by each other as well, and moves those for which others stand to
/// `replaced`. To be called once on fresh assessments.
pub fn judge_together(scan: &mut Scan, rows: Rows) {
    let mut heirs = vec![None; scan.suspects.len()];
    let places = workloads(&scan.suspects);
    let mut workloads: Vec<Vec<(usize, &mut Suspect)>> = Vec::new();
    for (place, (suspect, workload)) in scan.suspects.iter_mut().zip(places).enumerate() {
        let Some(workload) = workload else { continue };
        workloads.resize_with(workloads.len().max(workload + 1), Vec::new);
        workloads[workload].push((place, suspect));
    }
    for mut members in workloads {
        members.sort_by(|(_, a), (_, b)| a.role(Role::Pod).cmp(b.role(Role::Pod)));
        // Two processes of one pod are no replicas.
        members.dedup_by(|(_, later), (_, earlier)| later.role(Role::Pod) == earlier.role(Role::Pod));
        let together = pods::join(&mut pods_of(&mut members));
        let mut side_by_side: Vec<Replica<'_>> = members
            .iter_mut()
            .map(|(_, one)| Replica { series: &one.series, assessment: &mut one.assessment })
            .collect();
        replicas::compare(&mut side_by_side);
        // Only now is it known how bad each of them is.
        let Some(together) = together.filter(|_| rows == Rows::Latest) else { continue };
        let stood_for = together.stand_in(&mut pods_of(&mut members));
        for ((place, _), heir) in members.iter().zip(stood_for) {
            heirs[*place] = heir.map(|heir| members[heir].0);
        }
    }
    take_out(scan, &heirs);
    discoveries::control(scan.suspects.iter_mut().map(|suspect| &mut *suspect.assessment));
}

/// The number of each one's workload. Where all of a workload were only looked at coarsely, it has nothing to say: of
/// thousands that is most.
fn workloads(suspects: &[Suspect]) -> Vec<Option<usize>> {
    fn key(one: &Suspect) -> Option<[&str; 4]> {
        Some([one.metric(), one.role(Role::Namespace), one.workload()?, one.role(Role::Container)])
    }
    let mut numbers = HashMap::new();
    let looked_at = suspects.iter().filter(|one| one.assessment.verdict != Verdict::Screened);
    for key in looked_at.filter_map(key) {
        let next = numbers.len();
        numbers.entry(key).or_insert(next);
    }
    suspects.iter().map(|one| numbers.get(&key(one)?).copied()).collect()
}

fn pods_of<'m>(members: &'m mut [(usize, &mut Suspect)]) -> Vec<Pod<'m>> {
    let pod = |(_, one): &'m mut (usize, &mut Suspect)| Pod {
        series: &one.series,
        context: &one.context,
        assessment: &mut one.assessment,
    };
    members.iter_mut().map(pod).collect()
}

/// Moves each suspect that has an heir, by its place, to those that are stood for.
fn take_out(scan: &mut Scan, heirs: &[Option<usize>]) {
    if heirs.iter().all(Option::is_none) {
        return;
    }
    for (place, heir) in heirs.iter().enumerate() {
        if let Some(heir) = heir {
            let id = scan.suspects[place].id();
            scan.suspects[*heir].stands_for.push(id);
        }
    }
    let (replaced, suspects): (Vec<_>, Vec<_>) =
        std::mem::take(&mut scan.suspects).into_iter().zip(heirs).partition(|(_, heir)| heir.is_some());
    scan.suspects = suspects.into_iter().map(|(suspect, _)| suspect).collect();
    scan.replaced.extend(replaced.into_iter().map(|(suspect, _)| suspect));
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use model::detect::{Context, assess};
    use model::series::Series;

    use super::*;

    /// A pod of a deployment that lives from one minute to another and grows by MiB an hour.
    fn living(name: &str, minutes: std::ops::Range<u32>, rate: f64) -> Suspect {
        let born = f64::from(minutes.start);
        let minutes = || minutes.clone().map(f64::from);
        let bytes =
            |minute: f64| (300.0 + rate * (minute - born) / 60.0 + (minute * 7.0) % 3.0) * 1_048_576.0;
        let series =
            Series::new(minutes().map(|minute| minute * 60.0).collect(), minutes().map(bytes).collect());
        let labels = [("__name__", "m"), ("namespace", "shop"), ("pod", name), ("container", "web")];
        let assessment = Box::new(assess(&series, &Context::default()));
        Suspect {
            labels: Arc::new(labels.into_iter().collect()),
            profile: Arc::new(crate::profiles::builtin().remove(0)),
            series,
            context: Arc::default(),
            assessment,
            stands_for: Vec::new(),
        }
    }

    fn together(suspects: Vec<Suspect>, rows: Rows) -> Scan {
        let mut scan = Scan { suspects, ..Scan::default() };
        judge_together(&mut scan, rows);
        scan
    }

    #[test]
    fn replicas_of_one_workload_are_compared_and_others_are_not() {
        let Scan { suspects, .. } = together(
            vec![
                living("web-7d9f8b6c5d-x4k2p", 0..480, 30.0),
                living("web-7d9f8b6c5d-b7wzq", 0..480, 0.0),
                living("web-7d9f8b6c5d-c9vtl", 0..480, 0.0),
                living("api-7d9f8b6c5d-d2mnr", 0..480, 30.0),
            ],
            Rows::Latest,
        );
        let alone = |suspect: &Suspect| {
            suspect.assessment.reasons.iter().any(|one| one.starts_with("It grows alone"))
        };
        assert!(alone(&suspects[0]), "{:?}", suspects[0].assessment.reasons);
        assert!(!alone(&suspects[3]), "{:?}", suspects[3].assessment.reasons);
        assert!(suspects.iter().filter(|one| one.assessment.verdict == Verdict::Leak).count() == 2);
    }

    /// Two replicas, each replaced every two hours, and a pod of another workload.
    fn churned() -> Vec<Suspect> {
        let letters = ["b", "c", "d", "f"];
        let replica = |letter: &'static str, late: u32| {
            (0..4).map(move |life: usize| {
                let born = late + 120 * u32::try_from(life).unwrap();
                let name = format!("web-7d9f8b6c5d-{letter}{}wzq", letters[life]);
                living(&name, born..born + 118, 30.0)
            })
        };
        let other = living("api-7d9f8b6c5d-d2mnr", 0..480, 0.0);
        replica("g", 0).chain(replica("h", 2)).chain([other]).collect()
    }

    #[test]
    fn pods_that_came_one_after_the_other_are_one_row_each_replica() {
        let scan = together(churned(), Rows::Latest);
        let pods: Vec<&str> = scan.suspects.iter().map(|one| one.role(Role::Pod)).collect();
        assert_eq!(pods, ["web-7d9f8b6c5d-gfwzq", "web-7d9f8b6c5d-hfwzq", "api-7d9f8b6c5d-d2mnr"]);
        assert_eq!(scan.replaced.len(), 6);
        for row in &scan.suspects[..2] {
            assert_eq!((row.assessment.verdict, row.stands_for.len()), (Verdict::Leak, 3));
        }
        let stood_for: Vec<&String> = scan.suspects.iter().flat_map(|row| &row.stands_for).collect();
        assert!(scan.replaced.iter().all(|one| stood_for.contains(&&one.id())));
    }

    #[test]
    fn pods_that_were_named_keep_their_rows() {
        let scan = together(churned(), Rows::Each);
        assert_eq!((scan.suspects.len(), scan.replaced.len()), (9, 0));
        let says = |one: &Suspect| one.assessment.reasons.iter().any(|reason| reason.contains("stands for"));
        assert!(!scan.suspects.iter().any(says));
    }
}
