//! Workloads seen as production shows them: often several series, and what is known beside memory.

use model::detect::{Assessment, Context, Verdict, assess};
use model::join::latest_changed;
use model::join::pods::{self, Pod};
use model::labels::Labels;
use model::series::Series;

use crate::generate::Labelled;
use crate::judge::{Detector, with_everything};

/// A workload as it is scraped, and the truth about it.
#[derive(Debug, Clone)]
pub struct Case {
    /// The kind of behaviour.
    pub class: &'static str,
    /// Whether it leaks.
    pub leaks: bool,
    /// How its series belong together.
    pub bond: Bond,
    /// Its series, in the order they appear.
    pub members: Vec<Member>,
}

/// One series of a case.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its labels.
    pub labels: Labels,
    /// Its samples and what is known of them.
    pub labelled: Labelled,
}

/// How the series of a case belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bond {
    /// There is only one.
    Single,
    /// Each shows the same process as it was when that view last ran.
    Views,
    /// Each is a pod of one workload, some after others.
    Pods,
}

impl Case {
    /// The case as one series where our joining makes one of it, else its series.
    pub fn joined(&self) -> Vec<Labelled> {
        let each = || self.members.iter().map(|member| member.labelled.clone());
        match (self.bond, self.members.first()) {
            (Bond::Views, Some(first)) => {
                let gauges: Vec<Series> = each().map(|labelled| labelled.series).collect();
                vec![Labelled { series: latest_changed(gauges), ..first.labelled.clone() }]
            }
            _ => each().collect(),
        }
    }

    /// What our detector, after joining and with everything that is known, says in each row.
    pub fn rows(&self) -> Vec<Assessment> {
        let each = self.joined();
        let contexts: Vec<Context> = each.iter().map(with_everything).collect();
        let mut found: Vec<Assessment> =
            each.iter().zip(&contexts).map(|(labelled, context)| assess(&labelled.series, context)).collect();
        if self.bond != Bond::Pods {
            return found;
        }
        let judged = each.iter().zip(&contexts).zip(&mut found);
        let mut pods: Vec<Pod<'_>> = judged
            .map(|((labelled, context), assessment)| Pod { series: &labelled.series, context, assessment })
            .collect();
        let Some(together) = pods::join(&mut pods) else { return found };
        let heirs = together.stand_in(&mut pods);
        found.into_iter().zip(heirs).filter(|(_, heir)| heir.is_none()).map(|(found, _)| found).collect()
    }

    /// Whether any row says that it leaks.
    pub fn fires(&self) -> bool {
        self.rows().iter().any(|found| found.verdict == Verdict::Leak)
    }

    /// Whether a detector finds a leak in any of its series, each judged alone, as alert rules do.
    pub fn any_fires(&self, detector: Detector) -> bool {
        self.members.iter().any(|member| detector.fires(&member.labelled))
    }
}
