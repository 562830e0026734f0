//! The classes of [`crate::class::PRODUCTION`]: what production adds to the standard ones.

use model::labels::Labels;
use model::series::Series;
use model::thresholds::MIB;

use super::Labelled;
use crate::case::{Bond, Case, Member};
use crate::chance::Chance;
use crate::class::Class;

/// Six hours to two days.
const GRIDS: [(usize, u32); 5] = [(360, 60), (720, 30), (1440, 60), (576, 300), (2880, 60)];
/// Growth at the end of what is safe, bytes per hour.
const SAFE_END: f64 = 4.0 * MIB;

/// What the series of one case have in common.
#[derive(Debug)]
struct Setting {
    class: Class,
    step_secs: f64,
    count: usize,
    span_hours: f64,
    base: f64,
    sigma: f64,
    /// Growth of a leak, bytes per hour: at least 3 sigma and 5 MiB over the span.
    rate: f64,
    correlation: f64,
}

impl Setting {
    fn draw(class: Class, grid: (usize, u32), chance: &mut Chance) -> Self {
        let (count, step_secs) = (grid.0, f64::from(grid.1));
        let span_hours = count as f64 * step_secs / 3600.0;
        let base = chance.between_logs(90.0, 1200.0) * MIB;
        let sigma = base * chance.between_logs(0.001, 0.03);
        let least = 12f64.max(3.0 * sigma / MIB / span_hours).max(5.0 / span_hours);
        let rate = chance.between_logs(least, (2.0 * least).max(150.0)) * MIB;
        let correlation = (-step_secs / chance.between_logs(30.0, 900.0)).exp();
        Self { class, step_secs, count, span_hours, base, sigma, rate, correlation }
    }

    fn hours(&self) -> Vec<f64> {
        (0..self.count).map(|index| index as f64 * self.step_secs / 3600.0).collect()
    }

    /// Memory over time: the base, what has grown, and noise.
    fn memory(&self, grown: impl Fn(f64) -> f64, chance: &mut Chance) -> Series {
        let noise = chance.autoregressive(self.count, self.correlation, false);
        let hours = self.hours();
        let bytes = hours.iter().zip(&noise).map(|(&hour, noise)| {
            let bytes = (self.base + grown(hour) + noise * self.sigma).max(0.05 * self.base);
            (bytes / 4096.0).round() * 4096.0
        });
        Series::new(hours.iter().map(|hour| hour * 3600.0).collect(), bytes.collect())
    }

    /// A leak's line, or a warm-up that ends.
    fn line_or_warm_up(&self, chance: &mut Chance) -> impl Fn(f64) -> f64 + use<> {
        let (leaks, rate) = (self.class.leaks, self.rate);
        let height = chance.between(0.2, 0.8) * self.base;
        let constant = self.span_hours * chance.between(0.02, 0.08);
        move |hour| if leaks { rate * hour } else { height * (1.0 - (-hour / constant).exp()) }
    }

    fn member(&self, series: Series, labels: &[(&str, &str)], restarts_hours: &[f64]) -> Member {
        let highest = series.values.iter().copied().filter(|value| value.is_finite()).fold(0.0, f64::max);
        Member {
            labels: labels.iter().copied().collect::<Labels>(),
            labelled: Labelled {
                class: self.class.name.to_owned(),
                leaks: self.class.leaks,
                series,
                step_secs: self.step_secs,
                restarts_secs: Some(restarts_hours.iter().map(|hours| hours * 3600.0).collect()),
                limit_bytes: Some(2.0 * highest),
                rate_bytes_per_hour: self.class.leaks.then_some(self.rate),
                onset_secs: 0.0,
                request_rate: None,
            },
        }
    }

    fn single(&self, series: Series, restarts_hours: &[f64]) -> Case {
        let labels = [("namespace", "shop"), ("pod", "web-0"), ("container", "web")];
        self.case(Bond::Single, vec![self.member(series, &labels, restarts_hours)])
    }

    fn case(&self, bond: Bond, members: Vec<Member>) -> Case {
        Case { class: self.class.name, leaks: self.class.leaks, bond, members }
    }
}

/// Makes case number `index` of `class` from `seed`.
pub fn case(class: Class, seed: u64, index: u64) -> Case {
    let mut chance = Chance::new(seed, class.number(), index);
    let grid = if class.name.starts_with("crash") {
        // Runs of minutes are seen only by a close look.
        chance.one_of(&[(720, 15), (720, 30), (1440, 15)])
    } else if class.name.starts_with("churn") {
        chance.one_of(&[(480, 60), (960, 30), (720, 60)])
    } else {
        chance.one_of(&GRIDS)
    };
    let setting = Setting::draw(class, grid, &mut chance);
    let kind = class.name.split_once('_').map_or(class.name, |(kind, _)| kind);
    match kind {
        "workers" => workers(&setting, &mut chance),
        "views" => views(&setting, &mut chance),
        "crash" => crash_loop(&setting, &mut chance),
        "ramp" => ramp(&setting, &mut chance),
        "two" => two_rates(&setting, &mut chance),
        "churn" => churn(&setting, &mut chance),
        "limit" => limit_change(&setting, &mut chance),
        "stale" => staleness(&setting, &mut chance),
        _ => skew(&setting, &mut chance),
    }
}

/// `per_class` cases of each class.
pub fn cases(classes: &[Class], seed: u64, per_class: u64) -> Vec<Case> {
    classes.iter().flat_map(|&class| (0..per_class).map(move |index| case(class, seed, index))).collect()
}

/// Two to four workers behind one port: each scrape is answered by any of them.
fn workers(setting: &Setting, chance: &mut Chance) -> Case {
    let workers: Vec<Series> = (0..chance.whole(2, 5))
        .map(|_| {
            let offset = setting.base * chance.between(-0.3, 0.3);
            let share = chance.between(0.8, 1.2);
            let grown = setting.line_or_warm_up(chance);
            setting.memory(|hour| offset + share * grown(hour), chance)
        })
        .collect();
    let answers = (0..setting.count).map(|index| workers[chance.whole(0, workers.len())].values[index]);
    setting.single(Series::new(workers[0].times_secs.clone(), answers.collect()), &[])
}

/// One process shown by a gauge of each view, each as it was when that view last ran.
fn views(setting: &Setting, chance: &mut Chance) -> Case {
    let grown = setting.line_or_warm_up(chance);
    let process = setting.memory(grown, chance);
    let members = (0..chance.whole(3, 9))
        .map(|view| {
            let mean_gap_secs = chance.between_logs(60.0, 5400.0);
            let runs = (setting.step_secs / mean_gap_secs).min(1.0);
            let mut shown: Option<f64> = None;
            let mut gauge = Series::default();
            for (time, value) in process.iter() {
                if chance.happens(runs) {
                    shown = Some(value);
                }
                if let Some(value) = shown {
                    gauge.times_secs.push(time);
                    gauge.values.push(value);
                }
            }
            let name = format!("view_{view}");
            setting.member(gauge, &[("pod", "web-0"), ("view_name", &name)], &[])
        })
        .collect();
    setting.case(Bond::Views, members)
}

/// Runs of 8 to 25 minutes: ended by the limit, or by something that has nothing to do with memory.
fn crash_loop(setting: &Setting, chance: &mut Chance) -> Case {
    let limit = setting.base * chance.between(1.5, 3.0);
    let usual_hours = chance.between(8.0 / 0.75, 25.0 / 1.25) / 60.0;
    let constant = chance.between(0.03, 0.15) * usual_hours;
    let (mut starts, mut ends) = (vec![0.0], Vec::new());
    while starts[starts.len() - 1] < setting.span_hours {
        let end = starts[starts.len() - 1] + usual_hours * chance.between(0.75, 1.25);
        ends.push(end);
        starts.push(end + chance.between(10.0, 120.0) / 3600.0);
    }
    let run = |hour: f64| ends.iter().position(|end| hour < *end).filter(|run| starts[*run] <= hour);
    let grown = |hour: f64| {
        let Some(run) = run(hour) else { return 0.0 };
        let (age, length) = (hour - starts[run], ends[run] - starts[run]);
        let height = limit - setting.base;
        if setting.class.leaks {
            height * age / length
        } else {
            0.6 * height * (1.0 - (-age / constant).exp())
        }
    };
    let memory = setting.memory(grown, chance);
    // Between two runs there is no process to scrape.
    let (times, values) = memory.iter().filter(|(time, _)| run(time / 3600.0).is_some()).unzip();
    let restarts: Vec<f64> =
        starts[1..].iter().copied().filter(|start| *start < setting.span_hours).collect();
    let mut case = setting.single(Series::new(times, values), &restarts);
    let labelled = &mut case.members[0].labelled;
    labelled.limit_bytes = Some(limit * 1.02);
    labelled.rate_bytes_per_hour = setting.class.leaks.then_some((limit - setting.base) / usual_hours);
    case
}

/// Traffic that still grows at the end, and memory with it; in the leak, memory grows beyond what traffic explains.
fn ramp(setting: &Setting, chance: &mut Chance) -> Case {
    let from = chance.between(0.0, 0.5) * setting.span_hours;
    let (calm, busy) = (chance.between(5.0, 50.0), chance.between(1.5, 5.0));
    let climbed = |hour: f64| ((hour - from) / (setting.span_hours - from)).clamp(0.0, 1.0);
    let height = chance.between(0.2, 0.8) * setting.base;
    let leak = if setting.class.leaks { setting.rate } else { 0.0 };
    let memory = setting.memory(|hour| height * climbed(hour) + leak * hour, chance);
    let noise = chance.autoregressive(setting.count, 0.5, false);
    let requests =
        setting.hours().into_iter().zip(noise).map(|(hour, noise)| {
            (calm * (1.0 + (busy - 1.0) * climbed(hour)) * (1.0 + 0.05 * noise)).max(0.0)
        });
    let request_rate = Series::new(memory.times_secs.clone(), requests.collect());
    let mut case = setting.single(memory, &[]);
    case.members[0].labelled.request_rate = Some(request_rate);
    case
}

/// One rate up to a time, another from then on; in the safe class the second is below the threshold.
fn two_rates(setting: &Setting, chance: &mut Chance) -> Case {
    let knee = chance.between(0.3, 0.7) * setting.span_hours;
    let first = setting.rate * chance.between_logs(0.4, 3.0);
    let second = if setting.class.leaks { setting.rate } else { chance.between(0.0, SAFE_END) };
    setting
        .single(setting.memory(|hour| first * hour.min(knee) + second * (hour - knee).max(0.0), chance), &[])
}

/// Replicas that live for one to three hours, each followed by one with another name.
fn churn(setting: &Setting, chance: &mut Chance) -> Case {
    let rate = setting.rate.max(5.0 * setting.sigma);
    let mut members = Vec::new();
    for replica in 0..chance.whole(2, 5) {
        let mut born = -chance.between(0.0, 1.0);
        let mut generation = 0;
        while born < setting.span_hours {
            let dies = born + chance.between(1.0, 3.0);
            let height = chance.between(0.2, 0.6) * setting.base;
            let grown = |hour: f64| {
                let age = (hour - born).max(0.0);
                if setting.class.leaks { rate * age } else { height * (1.0 - (-age / 0.1).exp()) }
            };
            let memory = setting.memory(grown, chance);
            let lives = |time: f64| time >= born * 3600.0 && time < dies * 3600.0;
            let (times, values): (Vec<_>, Vec<_>) = memory.iter().filter(|(time, _)| lives(*time)).unzip();
            let pod = format!("web-7d9f{generation}-{replica}x{generation:02}k");
            let labels =
                [("namespace", "shop"), ("pod", pod.as_str()), ("container", "web"), ("deployment", "web")];
            let mut member = setting.member(Series::new(times, values), &labels, &[]);
            member.labelled.rate_bytes_per_hour = setting.class.leaks.then_some(rate);
            members.push(member);
            generation += 1;
            born = dies + chance.between(0.0, 120.0) / 3600.0;
        }
    }
    members.sort_by(|a, b| {
        a.labelled
            .series
            .times_secs
            .first()
            .partial_cmp(&b.labelled.series.times_secs.first())
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    setting.case(Bond::Pods, members)
}

/// The limit is raised: a leak does not care, a program that sizes itself by it restarts and fills what it may.
fn limit_change(setting: &Setting, chance: &mut Chance) -> Case {
    let at = chance.between(0.2, 0.7) * setting.span_hours;
    let (before, after) = (chance.between(0.2, 0.4) * setting.base, chance.between(0.6, 1.4) * setting.base);
    let constant = setting.span_hours * chance.between(0.01, 0.06);
    let grown = |hour: f64| {
        if setting.class.leaks {
            return setting.rate * hour;
        }
        let (height, age) = if hour < at { (before, hour) } else { (after, hour - at) };
        height * (1.0 - (-age / constant).exp())
    };
    let restarts = if setting.class.leaks { vec![] } else { vec![at] };
    setting.single(setting.memory(grown, chance), &restarts)
}

/// Scrapes that fail for a while, each time with the NaN by which Prometheus marks that a series has ended.
fn staleness(setting: &Setting, chance: &mut Chance) -> Case {
    let grown = setting.line_or_warm_up(chance);
    let mut memory = setting.memory(grown, chance);
    let mut dropped = vec![false; setting.count];
    for _ in 0..chance.whole(2, 12) {
        let start = chance.whole(0, setting.count);
        let end = setting.count.min(start + chance.whole(1, setting.count / 20));
        memory.values[start] = f64::NAN;
        dropped[(start + 1).min(end)..end].fill(true);
    }
    let kept = memory.iter().zip(&dropped).filter(|(_, dropped)| !**dropped).map(|(sample, _)| sample);
    let (times, values) = kept.unzip();
    setting.single(Series::new(times, values), &[])
}

/// Samples whose times are set by a clock that wanders and is put right: out of order, twice the same, far apart.
fn skew(setting: &Setting, chance: &mut Chance) -> Case {
    let grown = setting.line_or_warm_up(chance);
    let mut memory = setting.memory(grown, chance);
    let drift = chance.between(-0.01, 0.01);
    let put_right_at = chance.whole(setting.count / 4, 3 * setting.count / 4);
    let jump_secs = chance.between(-600.0, 600.0);
    for (index, time) in memory.times_secs.iter_mut().enumerate() {
        *time += chance.between(-0.7, 0.7) * setting.step_secs;
        *time += if index < put_right_at { drift * *time + jump_secs } else { 0.0 };
        *time = time.round();
    }
    setting.single(memory, &[])
}
