//! Judging series that come without a verdict: the data source's own detector, run here.

use model::detect::{Assessment, Context, assess};
use model::frames::{HistoryLink, SuspectRow};
use model::labels::Labels;
use model::report;
use model::runbook::workload_of;

use super::options::Options;
use crate::data::{Data, History, Sibling, Unjudged};

/// Most other pods in a chart.
const MAX_SIBLINGS: usize = 20;

/// A series with what is concluded of it. Restarts are not known here: falls of the floor tell them.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// Which of [`Data::unjudged`] it is.
    pub index: usize,
    /// Its row in the list.
    pub row: SuspectRow,
    context: Context,
    assessment: Assessment,
}

/// Which series are to be judged; the others are limits.
pub fn to_judge(data: &Data, options: &Options) -> Vec<usize> {
    let is_limit = |one: &Unjudged| !options.limit_query.is_empty() && one.ref_id == options.limit_query;
    (0..data.unjudged.len()).filter(|index| !is_limit(&data.unjudged[*index])).collect()
}

/// Judges one series.
pub fn judge(data: &Data, index: usize, options: &Options) -> Judged {
    let one = &data.unjudged[index];
    let context = Context {
        limit_bytes: limit_of(data, one, options).or(options.limit_bytes),
        thresholds: options.thresholds.clone(),
        ..Context::default()
    };
    let assessment = assess(&one.series, &context);
    let role = |role: &str| options.role(role, |name| one.labels.get(name)).to_owned();
    let label = |name: &str| one.labels.get(name).unwrap_or_default().to_owned();
    let labels: Labels = one.labels.0.iter().filter(|(name, _)| *name != "__name__").collect();
    let row = SuspectRow {
        id: serde_json::json!(one.labels).to_string(),
        labels: serde_json::json!(labels).to_string(),
        namespace: role("namespace"),
        pod: role("pod"),
        container: role("container"),
        workload: role("workload"),
        instance: label("instance"),
        job: label("job"),
        metric: label("__name__"),
        ..report::suspect_row(&one.series, &context, &assessment)
    };
    Judged { index, row, context, assessment }
}

/// The newest value of the limit that has the same namespace, pod and container.
fn limit_of(data: &Data, one: &Unjudged, options: &Options) -> Option<f64> {
    if options.limit_query.is_empty() {
        return None;
    }
    let key = |one: &Unjudged| {
        ["namespace", "pod", "container"]
            .map(|role| options.role(role, |name| one.labels.get(name)).to_owned())
    };
    let wanted = key(one);
    let mut limits = data.unjudged.iter().filter(|other| other.ref_id == options.limit_query);
    let limit = limits.find(|other| key(other) == wanted)?;
    report::last_sample(&limit.series).map(|(_, bytes)| bytes).filter(|bytes| *bytes > 0.0)
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

/// The samples, floor and trend of a judged series, over a range in milliseconds, with other pods of its workload and the
/// links of its field.
pub fn history(data: &Data, all: &[Judged], one: &Judged, from_ms: f64, to_ms: f64) -> History {
    let of = &data.unjudged[one.index];
    let siblings = all.iter().filter(|other| are_siblings(&one.row, &other.row)).take(MAX_SIBLINGS);
    let sibling = |other: &Judged| {
        let (times_ms, bytes): (Vec<_>, _) =
            data.unjudged[other.index].series.iter().map(|(secs, bytes)| (secs * 1000.0, bytes)).unzip();
        Sibling { pod: other.row.pod.clone(), times_ms: times_ms.into(), bytes }
    };
    let link = |(title, href): &(String, String)| HistoryLink { link: title.clone(), url: href.clone() };
    History {
        rows: report::history(&of.series, &one.context, &one.assessment, (to_ms - from_ms) / 1000.0),
        siblings: siblings.map(sibling).collect(),
        links: of.links.iter().map(link).collect(),
        ..History::default()
    }
}

/// Whether two rows are the same container of the same workload in different pods.
fn are_siblings(one: &SuspectRow, other: &SuspectRow) -> bool {
    let workload = |row: &SuspectRow| {
        let named = Some(row.workload.clone()).filter(|name| !name.is_empty());
        named.or_else(|| workload_of(&row.pod).map(str::to_owned))
    };
    let same = |get: fn(&SuspectRow) -> &String| get(one) == get(other);
    one.pod != other.pod
        && same(|row| &row.metric)
        && same(|row| &row.namespace)
        && same(|row| &row.container)
        && workload(one).is_some_and(|name| workload(other) == Some(name))
}

#[cfg(test)]
mod tests {
    use model::series::Series;
    use model::thresholds::MIB;
    use serde_json::json;

    use super::*;

    fn series(pod: &str, bytes_per_hour: f64) -> Unjudged {
        let times: Vec<f64> = (0..720).map(|minute| f64::from(minute) * 60.0).collect();
        let noise = |at: usize| ((at * 7919) % 13) as f64 * 20_000.0;
        let value = |(at, time): (usize, &f64)| 300.0 * MIB + bytes_per_hour * time / 3600.0 + noise(at);
        let values = times.iter().enumerate().map(value).collect();
        let labels = [("__name__", "rss_bytes"), ("pod", pod)].into_iter().collect();
        Unjudged { labels, series: Series::new(times, values), ..Unjudged::default() }
    }

    fn judged(data: &Data, options: &Options) -> Vec<Judged> {
        let mut judged: Vec<_> =
            to_judge(data, options).into_iter().map(|index| judge(data, index, options)).collect();
        rank(&mut judged);
        judged
    }

    #[test]
    fn a_leak_is_found_and_ranked_above_what_is_flat() {
        let data = Data {
            unjudged: vec![series("flat", 0.0), series("leaky", 20.0 * MIB)].into(),
            ..Data::default()
        };
        let judged = judged(&data, &Options::default());
        assert_eq!((judged[0].row.pod.as_str(), judged[0].row.verdict.as_str()), ("leaky", "leak"));
        assert_eq!(judged[1].row.verdict, "stable");
        let to_ms = 720.0 * 60_000.0;
        let shown = with_suspects(&data, &judged, 0.0, to_ms);
        assert_eq!(shown.suspects.as_ref().map(Vec::len), Some(2));
        assert!(shown.sparklines[&judged[0].row.id].iter().all(Option::is_some));
        assert_eq!(history(&data, &judged, &judged[0], 0.0, to_ms).rows.samples.len(), 720);
    }

    #[test]
    fn the_options_thresholds_count_and_limits_are_found_by_pod() {
        let limit = Unjudged { ref_id: "B".to_owned(), ..series("leaky", 1.0) };
        let data = Data { unjudged: vec![series("leaky", 20.0 * MIB), limit].into(), ..Data::default() };
        let options = Options::read(&json!({"limitQuery": "B", "growth": 100}));
        let found = judged(&data, &options);
        assert_eq!(found.len(), 1, "a limit is no suspect");
        assert_eq!(found[0].row.limit_bytes.map(|bytes| (bytes / MIB).round()), Some(300.0));
        assert_ne!(found[0].row.verdict, "leak", "20 MiB/h are below 100 MiB/h");
        let fixed = judged(&data, &Options::read(&json!({"limit": 2048})));
        assert_eq!(fixed[0].row.limit_bytes, Some(2048.0 * MIB));
    }

    #[test]
    fn pods_of_one_workload_stand_beside_each_other() {
        let pods = ["web-7f9c6d5b8-x2x4k", "web-7f9c6d5b8-n8h2q", "mail-55d4c8b7f-7xk8w"];
        let data = Data { unjudged: pods.map(|pod| series(pod, 0.0)).to_vec().into(), ..Data::default() };
        let judged = judged(&data, &Options::default());
        let web = judged.iter().find(|one| one.row.pod == pods[0]).expect("judged");
        let names: Vec<_> =
            history(&data, &judged, web, 0.0, 1.0).siblings.into_iter().map(|one| one.pod).collect();
        assert_eq!(names, [pods[1]]);
    }
}
