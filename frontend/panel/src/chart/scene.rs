//! What there is to see in a chart, in milliseconds and bytes.

use model::format;
use model::frames::SuspectRow;
use model::reduce::{Point, min_max, thin};

use crate::data::History;
use crate::strings;
use crate::view::clock::Clock;
use crate::view::suspects::{Verdict, rate, time_to_limit};

/// A forecast takes at most this share of the time range beyond its end.
const FORECAST_SHARE: f64 = 0.4;
/// A limit within this multiple of the highest value is on the picture.
const LIMIT_IN_SIGHT: f64 = 2.5;
/// Where the lowest value is above this share of the highest, the axis does not start at zero.
const ZERO_SHARE: f64 = 0.6;

/// A band: when, and its lower and upper edge.
pub type Edge = (f64, f64, f64);

/// A suspect's chart.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scene {
    /// First and last moment of the time axis.
    pub times: (f64, f64),
    /// Lowest and highest value of the axis of bytes.
    pub bytes: (f64, f64),
    /// Other pods of the workload: name, and samples cut at gaps.
    pub siblings: Vec<(String, Vec<Vec<Point>>)>,
    /// Samples, cut at gaps.
    pub samples: Vec<Vec<Point>>,
    /// Their floor, cut at restarts.
    pub floor: Vec<Vec<Point>>,
    /// The fitted trend.
    pub trend: Vec<Point>,
    /// Its band.
    pub trend_band: Vec<Edge>,
    /// The trend drawn on.
    pub forecast: Vec<Point>,
    /// Its band.
    pub forecast_band: Vec<Edge>,
    /// Memory limit, where it is in sight.
    pub limit: Option<f64>,
    /// Memory request, where it is in sight.
    pub request: Option<f64>,
    /// Restarts that were no kills.
    pub restarts: Vec<f64>,
    /// Kills at the memory limit.
    pub kills: Vec<f64>,
    /// Deploys.
    pub deploys: Vec<f64>,
    /// When the growth began.
    pub onset: Option<f64>,
    /// When the alert began.
    pub alert: Option<f64>,
    /// Where the forecast begins.
    pub now: Option<f64>,
    /// Whether that is past.
    pub is_past: bool,
    /// First and last sample, also where samples are switched off.
    pub ends: Option<(Point, Point)>,
    /// What the legend names, in order: what is switched off as well.
    pub legend: Vec<Part>,
}

/// What a legend entry stands for; its name is that of its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Samples.
    Samples,
    /// Their floor.
    Floor,
    /// Trend and band.
    Trend,
    /// Forecast.
    Forecast,
    /// Limit.
    Limit,
    /// Request.
    Request,
    /// Other pods of the workload.
    Siblings,
    /// Restarts.
    Restart,
    /// Kills at the memory limit.
    Kill,
    /// Deploys.
    Deploy,
}

impl Part {
    /// Its name in class names.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Samples => "samples",
            Self::Floor => "floor",
            Self::Trend => "trend",
            Self::Forecast => "forecast",
            Self::Limit => "limit",
            Self::Request => "request",
            Self::Siblings => "siblings",
            Self::Restart => "restart",
            Self::Kill => "kill",
            Self::Deploy => "deploy",
        }
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Samples => strings::SAMPLES,
            Self::Floor => strings::FLOOR,
            Self::Trend => strings::TREND,
            Self::Forecast => strings::FORECAST,
            Self::Limit => strings::LIMIT,
            Self::Request => strings::REQUEST,
            Self::Siblings => strings::SIBLINGS,
            Self::Restart => strings::RESTART,
            Self::Kill => strings::KILL,
            Self::Deploy => strings::DEPLOY,
        }
    }
}

/// The points up to a time, the last one between its neighbours where the line goes on: what lies beyond the plot would
/// be drawn at its edge.
fn until<const N: usize>(points: impl Iterator<Item = (f64, [f64; N])>, end: f64) -> Vec<(f64, [f64; N])> {
    let mut kept: Vec<(f64, [f64; N])> = Vec::new();
    for (time, values) in points {
        if time <= end {
            kept.push((time, values));
            continue;
        }
        if let Some((before, last)) = kept.last().copied() {
            let share = (end - before) / (time - before);
            kept.push((end, std::array::from_fn(|at| last[at] + (values[at] - last[at]) * share)));
        }
        break;
    }
    kept
}

impl Scene {
    /// The scene of a history in a time range, for a plot of that width and height, CSS pixels, without the parts that are
    /// switched off.
    pub fn new(
        history: &History,
        alert_ms: Option<f64>,
        (from, to): (f64, f64),
        (width, height): (f64, f64),
        hidden: &[Part],
    ) -> Self {
        let horizon = to + (to - from) * FORECAST_SHARE;
        let forecast_end = history.rows.forecast.last().map_or(to, |row| row.time.0 as f64);
        let end = forecast_end.clamp(to, horizon);
        let inside = |time: &f64| *time >= from && *time <= end;
        let events = |kinds: &[&str]| -> Vec<f64> {
            let events = history.rows.events.iter().filter(|event| kinds.contains(&event.event.as_str()));
            events.map(|event| event.time.0 as f64).filter(inside).collect()
        };
        let (restarts, kills) = (events(&["restart"]), events(&["oom_kill"]));
        let ends = events(&["restart", "oom_kill"]);
        let columns = width.max(1.0) as usize;
        let reduced = |times: &[f64], bytes: &[f64]| min_max(times, bytes, (from, end), columns);
        let samples = history.rows.samples.iter();
        let (sampled, samples): (Vec<_>, Vec<_>) =
            samples.map(|row| (row.time.0 as f64, row.value_bytes.unwrap_or(f64::NAN))).unzip();
        let floor = history.rows.floor.iter().map(|row| (row.time.0 as f64, row.floor_bytes));
        let (floored, floor): (Vec<_>, Vec<_>) = cut(floor, &ends).unzip();
        let forecast = history.rows.forecast.iter();
        let forecast = until(
            forecast.map(|row| (row.time.0 as f64, [row.forecast_bytes, row.low_bytes, row.high_bytes])),
            end,
        );
        let mut scene = Self {
            times: (from, end),
            siblings: history
                .siblings
                .iter()
                .map(|one| (one.pod.clone(), reduced(&one.times_ms, &one.bytes)))
                .filter(|(_, runs)| !runs.is_empty())
                .collect(),
            samples: reduced(&sampled, &samples),
            floor: reduced(&floored, &floor),
            trend: history.rows.trend.iter().map(|row| (row.time.0 as f64, row.trend_bytes)).collect(),
            trend_band: history
                .rows
                .trend
                .iter()
                .map(|row| (row.time.0 as f64, row.low_bytes, row.high_bytes))
                .collect(),
            forecast: forecast.iter().map(|(time, [bytes, ..])| (*time, *bytes)).collect(),
            forecast_band: forecast.iter().map(|(time, [_, low, high])| (*time, *low, *high)).collect(),
            onset: events(&["onset"]).first().copied(),
            alert: alert_ms.filter(|time| *time >= from && *time <= to),
            now: history.rows.forecast.first().map(|row| row.time.0 as f64).filter(inside),
            restarts,
            kills,
            deploys: events(&["deploy"]),
            limit: history.line("limit"),
            request: history.line("request"),
            ..Self::default()
        };
        scene.legend = scene.parts();
        let points = || scene.samples.iter().flatten().copied();
        scene.ends = points().next().zip(points().last());
        for part in hidden {
            scene.leave_out(*part);
        }
        scene.scale();
        scene.thin((end - from) / width.max(1.0), (scene.bytes.1 - scene.bytes.0) / height.max(1.0));
        scene
    }

    /// What there is to switch on and off.
    fn parts(&self) -> Vec<Part> {
        let present = [
            (Part::Samples, !self.samples.is_empty()),
            (Part::Floor, !self.floor.is_empty()),
            (Part::Trend, !self.trend.is_empty()),
            (Part::Forecast, !self.forecast.is_empty()),
            (Part::Limit, self.limit.is_some()),
            (Part::Request, self.request.is_some()),
            (Part::Siblings, !self.siblings.is_empty()),
            (Part::Restart, !self.restarts.is_empty()),
            (Part::Kill, !self.kills.is_empty()),
            (Part::Deploy, !self.deploys.is_empty()),
        ];
        present.into_iter().filter(|(_, present)| *present).map(|(part, _)| part).collect()
    }

    fn leave_out(&mut self, part: Part) {
        match part {
            Part::Samples => self.samples.clear(),
            Part::Floor => self.floor.clear(),
            Part::Trend => {
                self.trend.clear();
                self.trend_band.clear();
            }
            Part::Forecast => {
                self.forecast.clear();
                self.forecast_band.clear();
            }
            Part::Limit => self.limit = None,
            Part::Request => self.request = None,
            Part::Siblings => self.siblings.clear(),
            Part::Restart => self.restarts.clear(),
            Part::Kill => self.kills.clear(),
            Part::Deploy => self.deploys.clear(),
        }
    }

    /// Chooses the axis of bytes and what of limit and request is in sight.
    fn scale(&mut self) {
        let siblings = self.siblings.iter().flat_map(|(_, runs)| runs);
        let drawn = self.samples.iter().chain(&self.floor).chain(siblings).flatten().chain(&self.trend);
        let values = drawn.chain(&self.forecast).map(|(_, bytes)| *bytes).filter(|bytes| bytes.is_finite());
        let (low, high) =
            values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
        if low > high {
            return;
        }
        let in_sight =
            |level: Option<f64>| level.filter(|level| *level > 0.0 && *level <= high * LIMIT_IN_SIGHT);
        self.limit = in_sight(self.limit);
        self.request = in_sight(self.request);
        let top = [self.limit, self.request].into_iter().flatten().fold(high, f64::max);
        let bottom = if low > top * ZERO_SHARE { low - (top - low) * 0.1 } else { 0.0 };
        let room = (top - bottom).max(top.abs() * 0.02).max(1.0);
        self.bytes = (bottom.max(0.0), bottom.max(0.0) + room * 1.08);
    }

    /// Leaves out what is less than a pixel to the side and half a pixel up or down.
    fn thin(&mut self, pixel_ms: f64, pixel_bytes: f64) {
        let siblings = self.siblings.iter_mut().flat_map(|(_, runs)| runs);
        for run in self.samples.iter_mut().chain(&mut self.floor).chain(siblings) {
            thin(run, pixel_ms, pixel_bytes / 2.0);
        }
    }

    /// Whether there is nothing to draw, however much is switched on.
    pub fn is_empty(&self) -> bool {
        !self.legend.contains(&Part::Samples) && !self.legend.contains(&Part::Floor)
    }

    /// The chart in words.
    pub fn text(&self, name: &str, suspect: &SuspectRow, clock: &Clock) -> String {
        let Some((first, last)) = self.ends else { return strings::CHART_EMPTY.to_owned() };
        let mut text = strings::chart_text(
            name,
            &clock.full(first.0),
            &clock.full(last.0),
            &format::bytes(first.1),
            &format::bytes(last.1),
        );
        if Verdict::of(suspect).grows() {
            let since = self.onset.map(|onset| clock.full(onset));
            text += &strings::chart_text_growth(&rate(suspect), since.as_deref());
        }
        if let Some(limit) = suspect.limit_bytes {
            text += &strings::chart_text_limit(&format::bytes(limit), &time_to_limit(suspect));
        }
        text + &strings::chart_text_restarts(self.restarts.len())
            + &strings::chart_text_kills(self.kills.len())
            + &strings::chart_text_deploys(self.deploys.len())
            + &strings::chart_text_siblings(self.siblings.len())
    }
}

/// Puts a gap before the first point at or after each cut. Both are in order of time.
fn cut(points: impl Iterator<Item = Point>, cuts: &[f64]) -> impl Iterator<Item = Point> {
    let cuts = cuts.to_vec();
    let mut next = 0;
    points.flat_map(move |(time, bytes)| {
        let before = next;
        while cuts.get(next).is_some_and(|cut| *cut <= time) {
            next += 1;
        }
        let gap = (next > before).then_some((time, f64::NAN));
        gap.into_iter().chain([(time, bytes)])
    })
}

#[cfg(test)]
mod tests {
    use model::report::HistoryRows;

    use super::*;
    use crate::data::Sibling;
    use model::frames::{HistoryEvent, HistoryForecast, HistoryLine, HistorySample, Millis};
    use model::thresholds::MIB;

    const SIZE: (f64, f64) = (500.0, 300.0);

    fn history() -> History {
        let samples = (0..100).map(|i| HistorySample {
            time: Millis(i * 60_000),
            value_bytes: Some(500.0 * MIB + i as f64 * MIB),
        });
        let forecast = (0..50).map(|i| HistoryForecast {
            time: Millis(6_000_000 + i * 600_000),
            forecast_bytes: 600.0 * MIB + i as f64 * 10.0 * MIB,
            low_bytes: 0.0,
            high_bytes: 0.0,
        });
        let rows = HistoryRows {
            samples: samples.collect(),
            forecast: forecast.collect(),
            ..HistoryRows::default()
        };
        History { rows, ..History::default() }
    }

    #[test]
    fn a_far_forecast_does_not_squeeze_the_past() {
        let scene = Scene::new(&history(), None, (0.0, 6_000_000.0), SIZE, &[]);
        assert_eq!(scene.times, (0.0, 8_400_000.0));
        assert!(
            scene.bytes.1 < 800.0 * MIB,
            "what lies beyond the axis does not stretch it: {:?}",
            scene.bytes
        );
    }

    #[test]
    fn a_line_that_goes_on_is_cut_at_the_edge_and_not_bent() {
        let points = [(0.0, [0.0]), (10.0, [100.0]), (20.0, [200.0])];
        assert_eq!(until(points.into_iter(), 15.0), [(0.0, [0.0]), (10.0, [100.0]), (15.0, [150.0])]);
        assert_eq!(until(points.into_iter(), 30.0), points);
    }

    #[test]
    fn a_limit_out_of_sight_is_left_out() {
        let with = |level: f64| {
            let line = HistoryLine { line: "limit".to_owned(), level_bytes: level };
            Scene::new(
                &History { rows: HistoryRows { lines: vec![line], ..history().rows }, ..history() },
                None,
                (0.0, 6_000_000.0),
                SIZE,
                &[],
            )
        };
        assert_eq!(with(1024.0 * MIB).limit, Some(1024.0 * MIB));
        assert!(with(1024.0 * MIB).bytes.1 > 1024.0 * MIB);
        assert_eq!(with(64.0 * 1024.0 * MIB).limit, None);
    }

    #[test]
    fn the_floor_is_cut_where_the_process_restarted() {
        let event = HistoryEvent { time: Millis(90_000), event: "restart".to_owned(), text: String::new() };
        let floor =
            (0..4).map(|i| model::frames::HistoryFloor { time: Millis(i * 60_000), floor_bytes: MIB });
        let rows = HistoryRows { events: vec![event], floor: floor.collect(), ..history().rows };
        let history = History { rows, ..history() };
        let scene = Scene::new(&history, None, (0.0, 6_000_000.0), SIZE, &[]);
        assert_eq!(scene.floor.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2]);
        assert_eq!(scene.restarts, [90_000.0]);
    }

    #[test]
    fn what_is_switched_off_stays_in_the_legend_and_leaves_its_room() {
        let times_ms: Vec<f64> = (0..100).map(|i| f64::from(i) * 60_000.0).collect();
        let sibling =
            Sibling { pod: "web-2".to_owned(), times_ms: times_ms.into(), bytes: vec![5000.0 * MIB; 100] };
        let event =
            |event: &str| HistoryEvent { time: Millis(90_000), event: event.to_owned(), text: String::new() };
        let rows = HistoryRows { events: vec![event("oom_kill"), event("deploy")], ..history().rows };
        let history = History { rows, siblings: vec![sibling], ..History::default() };
        let scene = |hidden: &[Part]| Scene::new(&history, None, (0.0, 6_000_000.0), SIZE, hidden);
        let all = scene(&[]);
        assert_eq!(all.legend, [Part::Samples, Part::Forecast, Part::Siblings, Part::Kill, Part::Deploy]);
        assert!(all.bytes.1 > 5000.0 * MIB);
        assert_eq!((all.kills.len(), all.deploys.len()), (1, 1));
        let few = scene(&[Part::Siblings, Part::Kill, Part::Samples]);
        assert_eq!(few.legend, all.legend);
        assert!(few.bytes.1 < 1000.0 * MIB && few.kills.is_empty() && few.samples.is_empty());
        assert!(!few.is_empty());
    }

    #[test]
    fn nothing_makes_an_empty_scene() {
        let scene = Scene::new(&History::default(), None, (0.0, 1.0), SIZE, &[]);
        assert!(scene.is_empty());
        assert!(scene.legend.is_empty());
    }
}
