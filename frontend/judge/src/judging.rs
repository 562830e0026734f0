//! Judging series that come without a verdict: the data source's own detector, run here.

use model::detect::{Assessment, Context, assess};
use model::frames::{
    Column, Frame, HistoryLink, Notice, NoticeSeverity, SIBLINGS, SPARKLINES, SuspectRow, Table as _, Values,
};
use model::report;
use model::runbook::workload_of;

use crate::options::Options;
use crate::series::Unjudged;

/// Most other pods in a chart.
const MAX_SIBLINGS: usize = 20;

/// The series of one answer, of which some are judged.
#[derive(Debug)]
pub struct Judging {
    series: Vec<Unjudged>,
    faults: Vec<String>,
    options: Options,
    /// Which of the series are to be judged; the others are limits.
    to_judge: Vec<usize>,
    judged: Vec<Judged>,
}

/// A series with what is concluded of it. Restarts are not known here: falls of the floor tell them.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// Which of the series it is.
    index: usize,
    /// Its row in the list.
    pub row: SuspectRow,
    context: Context,
    assessment: Assessment,
}

impl Judging {
    /// Series, what could not be read of them, and what counts as too much.
    pub fn new(series: Vec<Unjudged>, faults: Vec<String>, options: Options) -> Self {
        let is_limit = |one: &Unjudged| !options.limit_query.is_empty() && one.ref_id == options.limit_query;
        let to_judge = (0..series.len()).filter(|index| !is_limit(&series[*index])).collect();
        Self { series, faults, options, to_judge, judged: Vec::new() }
    }

    /// How many are to be judged.
    pub fn total(&self) -> usize {
        self.to_judge.len()
    }

    /// Judges one more, if there is one; how many are judged now.
    pub fn judge_next(&mut self) -> usize {
        if let Some(index) = self.to_judge.get(self.judged.len()) {
            self.judged.push(self.judge(*index));
        }
        self.judged.len()
    }

    fn judge(&self, index: usize) -> Judged {
        let (one, options) = (&self.series[index], &self.options);
        let context = Context {
            limit_bytes: self.limit_of(one).or(options.limit_bytes),
            thresholds: options.thresholds.clone(),
            ..Context::default()
        };
        let assessment = assess(&one.series, &context);
        let role = |role: &str| options.role(role, |name| one.labels.get(name)).to_owned();
        let label = |name: &str| one.labels.get(name).unwrap_or_default().to_owned();
        let labels = one.labels.filtered(|name| name != "__name__");
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
    fn limit_of(&self, one: &Unjudged) -> Option<f64> {
        let options = &self.options;
        if options.limit_query.is_empty() {
            return None;
        }
        let key = |one: &Unjudged| {
            ["namespace", "pod", "container"]
                .map(|role| options.role(role, |name| one.labels.get(name)).to_owned())
        };
        let wanted = key(one);
        let mut limits = self.series.iter().filter(|other| other.ref_id == options.limit_query);
        let limit = limits.find(|other| key(other) == wanted)?;
        report::last_sample(&limit.series).map(|(_, bytes)| bytes).filter(|bytes| *bytes > 0.0)
    }

    /// What is judged, the most suspicious first.
    pub fn ranked(&mut self) -> &[Judged] {
        self.judged.sort_by(|a, b| {
            report::most_suspicious_first(&a.assessment, &b.assessment).then_with(|| a.row.id.cmp(&b.row.id))
        });
        &self.judged
    }

    /// The rows of what is judged and their sparklines, over a range in milliseconds. What could not be read is told by
    /// notices.
    pub fn suspects(&mut self, from_ms: f64, to_ms: f64) -> Vec<Frame> {
        let rows: Vec<SuspectRow> = self.ranked().iter().map(|one| one.row.clone()).collect();
        let sparkline = |one: &Judged| {
            let cells = report::sparkline(&self.series[one.index].series, from_ms / 1000.0, to_ms / 1000.0);
            Column::new(&one.row.id, "bytes", Values::Number(cells))
        };
        let columns = self.judged.iter().map(sparkline).collect();
        let mut suspects = SuspectRow::to_frame(rows);
        let notice = |text: &String| Notice { severity: NoticeSeverity::Warning, text: text.clone() };
        suspects.notices.extend(self.faults.iter().map(notice));
        vec![suspects, Frame { name: SPARKLINES.to_owned(), columns, ..Frame::default() }]
    }

    /// The samples, floor and trend of a judged series, over a range in milliseconds, with other pods of its workload and
    /// the links of its field.
    pub fn history(&self, id: &str, from_ms: f64, to_ms: f64) -> Option<Vec<Frame>> {
        let one = self.judged.iter().find(|one| one.row.id == id)?;
        let of = &self.series[one.index];
        let range_secs = (to_ms - from_ms) / 1000.0;
        let mut frames = report::history(&of.series, &one.context, &one.assessment, range_secs).into_frames();
        let link = |(title, href): &(String, String)| HistoryLink { link: title.clone(), url: href.clone() };
        frames.push(HistoryLink::to_frame(of.links.iter().map(link).collect()));
        let siblings = self.judged.iter().filter(|other| are_siblings(&one.row, &other.row));
        frames.extend(siblings.take(MAX_SIBLINGS).map(|other| self.sibling(other)));
        Some(frames)
    }

    /// A frame of its own: each pod was sampled at times of its own.
    fn sibling(&self, one: &Judged) -> Frame {
        let series = &self.series[one.index].series;
        let times = series.iter().map(|(secs, _)| Some(report::millis(secs).0)).collect();
        let bytes = series.iter().map(|(_, bytes)| Some(bytes)).collect();
        let columns = vec![
            Column::new("time", "", Values::Time(times)),
            Column::new(&one.row.pod, "bytes", Values::Number(bytes)),
        ];
        Frame { name: SIBLINGS.to_owned(), columns, ..Frame::default() }
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
    use model::frames::HistorySample;
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

    fn judged(series: Vec<Unjudged>, options: Options) -> Judging {
        let mut judging = Judging::new(series, Vec::new(), options);
        while judging.judge_next() < judging.total() {}
        judging.ranked();
        judging
    }

    #[test]
    fn a_leak_is_found_and_ranked_above_what_is_flat() {
        let mut judging = judged(vec![series("flat", 0.0), series("leaky", 20.0 * MIB)], Options::default());
        let rows: Vec<&SuspectRow> = judging.judged.iter().map(|one| &one.row).collect();
        assert_eq!((rows[0].pod.as_str(), rows[0].verdict.as_str()), ("leaky", "leak"));
        assert_eq!(rows[1].verdict, "stable");
        let (id, to_ms) = (rows[0].id.clone(), 720.0 * 60_000.0);
        let frames = judging.suspects(0.0, to_ms);
        assert_eq!(frames[0].rows(), 2);
        assert_eq!(frames[1].columns[0].name, id);
        let Values::Number(cells) = &frames[1].columns[0].values else { panic!("numbers") };
        assert!(cells.iter().all(Option::is_some));
        let history = judging.history(&id, 0.0, to_ms).expect("judged");
        assert_eq!((history[0].name.as_str(), history[0].rows()), (HistorySample::NAME, 720));
        assert!(judging.history("another", 0.0, to_ms).is_none());
    }

    #[test]
    fn the_options_thresholds_count_and_limits_are_found_by_pod() {
        let all = || {
            let limit = Unjudged { ref_id: "B".to_owned(), ..series("leaky", 1.0) };
            vec![series("leaky", 20.0 * MIB), limit]
        };
        let found = judged(all(), Options::read(&json!({"limitQuery": "B", "growth": 100}))).judged;
        assert_eq!(found.len(), 1, "a limit is no suspect");
        assert_eq!(found[0].row.limit_bytes.map(|bytes| (bytes / MIB).round()), Some(300.0));
        assert_ne!(found[0].row.verdict, "leak", "20 MiB/h are below 100 MiB/h");
        let fixed = judged(all(), Options::read(&json!({"limit": 2048}))).judged;
        assert_eq!(fixed[0].row.limit_bytes, Some(2048.0 * MIB));
    }

    #[test]
    fn pods_of_one_workload_stand_beside_each_other() {
        let pods = ["web-7f9c6d5b8-x2x4k", "web-7f9c6d5b8-n8h2q", "mail-55d4c8b7f-7xk8w"];
        let judging = judged(pods.map(|pod| series(pod, 0.0)).to_vec(), Options::default());
        let web = judging.judged.iter().find(|one| one.row.pod == pods[0]).expect("judged");
        let history = judging.history(&web.row.id, 0.0, 1.0).expect("judged");
        let siblings = history.iter().filter(|frame| frame.name == SIBLINGS);
        let names: Vec<&str> = siblings.map(|frame| frame.columns[1].name.as_str()).collect();
        assert_eq!(names, [pods[1]]);
    }

    #[test]
    fn what_could_not_be_read_is_told_beside_what_could() {
        let mut judging = Judging::new(vec![series("a", 0.0)], vec!["broken".to_owned()], Options::default());
        assert_eq!((judging.judge_next(), judging.judge_next()), (1, 1), "there is but one");
        let frames = judging.suspects(0.0, 1.0);
        assert_eq!(frames[0].notices[0].severity, NoticeSeverity::Warning);
        assert_eq!(frames[0].notices[0].text, "broken");
    }
}
