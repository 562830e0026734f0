//! `growth`: one number per suspect, for alert rules.

use std::collections::BTreeMap;

use model::detect::Verdict;
use model::frames::{Frame, GrowthRow, Table as _};
use model::labels::Role;
use model::query::GrowthValue;

use super::{AnswerError, Asked, suspects, warnings};
use crate::scan::Suspect;

/// "Never", for a rule that compares seconds to the limit with a number: a hundred years.
const NEVER_SECS: f64 = 100.0 * 365.25 * 86_400.0;

pub(super) async fn answer(asked: Asked<'_>) -> Result<Vec<Frame>, AnswerError> {
    let scan = suspects::scan_of(asked).await?;
    // Rows must be unique by their labels; the most suspicious of equal ones comes first and stays.
    let mut rows: BTreeMap<[String; 6], f64> = BTreeMap::new();
    for suspect in &scan.suspects {
        let role = |role| suspect.role(role).to_owned();
        let key = [
            role(Role::Namespace),
            role(Role::Pod),
            role(Role::Container),
            role(Role::Instance),
            role(Role::Job),
            suspect.metric().to_owned(),
        ];
        rows.entry(key).or_insert_with(|| number(suspect, asked.query.value));
    }
    let rows = rows.into_iter().map(|([namespace, pod, container, instance, job, metric], value)| {
        GrowthRow { namespace, pod, container, instance, job, metric, value }
    });
    let mut frame = GrowthRow::to_frame(rows.collect());
    frame.executed_query = scan.queries.join("\n");
    frame.notices.extend(warnings(scan.notices.clone()));
    Ok(vec![frame])
}

fn number(suspect: &Suspect, value: GrowthValue) -> f64 {
    let assessment = &suspect.assessment;
    let leaks = matches!(assessment.verdict, Verdict::Leak | Verdict::Suspect);
    match value {
        GrowthValue::Score => assessment.score,
        GrowthValue::Rate => assessment.rate_bytes_per_hour.filter(|_| leaks).map_or(0.0, |rate| rate.mid),
        GrowthValue::SecsToLimit => {
            assessment.to_limit.filter(|_| leaks).map_or(NEVER_SECS, |to| to.likely_secs.min(NEVER_SECS))
        }
    }
}
