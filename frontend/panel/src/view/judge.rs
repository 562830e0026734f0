//! Judging series that come without a verdict: the data source's own detector, run here.

use model::detect::{Assessment, Context, assess};
use model::frames::SuspectRow;
use model::labels::Labels;
use model::report::{self, HistoryRows};

use crate::data::{Data, Unjudged};

/// Labels that play a role, in order of preference.
const NAMESPACE: &[&str] = &["exported_namespace", "namespace", "kubernetes_namespace"];
const POD: &[&str] = &["exported_pod", "pod", "pod_name", "kubernetes_pod_name"];
const CONTAINER: &[&str] = &["exported_container", "container", "container_name"];
const WORKLOAD: &[&str] = &["workload", "deployment", "app"];

/// A series with what is concluded of it. Neither limit nor restarts are known here: falls of the floor tell restarts.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// Which of [`Data::unjudged`] it is.
    pub index: usize,
    /// Its row in the list.
    pub row: SuspectRow,
    assessment: Assessment,
}

/// Judges one series.
pub fn judge(index: usize, one: &Unjudged) -> Judged {
    let context = Context::default();
    let assessment = assess(&one.series, &context);
    let role =
        |names: &[&str]| names.iter().find_map(|name| one.labels.get(name)).unwrap_or_default().to_owned();
    let labels: Labels = one.labels.0.iter().filter(|(name, _)| *name != "__name__").collect();
    let row = SuspectRow {
        id: serde_json::json!(one.labels).to_string(),
        labels: serde_json::json!(labels).to_string(),
        namespace: role(NAMESPACE),
        pod: role(POD),
        container: role(CONTAINER),
        workload: role(WORKLOAD),
        instance: role(&["instance"]),
        job: role(&["job"]),
        metric: role(&["__name__"]),
        ..report::suspect_row(&one.series, &context, &assessment)
    };
    Judged { index, row, assessment }
}

/// Most suspicious first.
pub fn rank(judged: &mut [Judged]) {
    judged.sort_by(|a, b| {
        report::most_suspicious_first(&a.assessment, &b.assessment).then_with(|| a.row.id.cmp(&b.row.id))
    });
}

/// The frames with their series as suspects, over a range in milliseconds.
pub fn with_suspects(data: &Data, judged: &[Judged], from_ms: f64, to_ms: f64) -> Data {
    let mut shown = data.clone();
    for one in judged {
        let series = &data.unjudged[one.index].series;
        let cells = report::sparkline(series, from_ms / 1000.0, to_ms / 1000.0);
        shown.sparklines.insert(one.row.id.clone(), cells);
    }
    shown.suspects.get_or_insert_default().extend(judged.iter().map(|one| one.row.clone()));
    shown
}

/// The samples, floor and trend of a judged series, over a range in milliseconds.
pub fn history(data: &Data, one: &Judged, from_ms: f64, to_ms: f64) -> HistoryRows {
    let series = &data.unjudged[one.index].series;
    report::history(series, &Context::default(), &one.assessment, (to_ms - from_ms) / 1000.0)
}

#[cfg(test)]
mod tests {
    use model::series::Series;
    use model::thresholds::MIB;

    use super::*;

    fn series(pod: &str, bytes_per_hour: f64) -> Unjudged {
        let times: Vec<f64> = (0..720).map(|minute| f64::from(minute) * 60.0).collect();
        let noise = |at: usize| ((at * 7919) % 13) as f64 * 20_000.0;
        let value = |(at, time): (usize, &f64)| 300.0 * MIB + bytes_per_hour * time / 3600.0 + noise(at);
        let values = times.iter().enumerate().map(value).collect();
        let labels = [("__name__", "rss_bytes"), ("pod", pod)].into_iter().collect();
        Unjudged { labels, series: Series::new(times, values) }
    }

    #[test]
    fn a_leak_is_found_and_ranked_above_what_is_flat() {
        let data = Data {
            unjudged: vec![series("flat", 0.0), series("leaky", 20.0 * MIB)].into(),
            ..Data::default()
        };
        let mut judged: Vec<_> =
            data.unjudged.iter().enumerate().map(|(index, one)| judge(index, one)).collect();
        rank(&mut judged);
        assert_eq!((judged[0].row.pod.as_str(), judged[0].row.verdict.as_str()), ("leaky", "leak"));
        assert_eq!(judged[1].row.verdict, "stable");
        let to_ms = 720.0 * 60_000.0;
        let shown = with_suspects(&data, &judged, 0.0, to_ms);
        assert_eq!(shown.suspects.as_ref().map(Vec::len), Some(2));
        assert!(shown.sparklines[&judged[0].row.id].iter().all(Option::is_some));
        assert_eq!(history(&data, &judged[0], 0.0, to_ms).samples.len(), 720);
    }
}
