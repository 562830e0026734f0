//! Real processes that leak or do not, their resident memory read from /proc in compressed time.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use model::series::Series;

use crate::chance::Chance;
use crate::generate::Labelled;

/// A program that behaves as told.
#[derive(Debug, Clone, Copy)]
struct Runtime {
    name: &'static str,
    command: &'static str,
    script: &'static str,
    leaks: &'static [&'static str],
    safe: &'static [&'static str],
}

const RUNTIMES: [Runtime; 2] = [
    Runtime {
        name: "python",
        command: "python3",
        script: "processes/behave.py",
        leaks: &[
            "leak_list",
            "leak_dict",
            "leak_cycles",
            "leak_late",
            "leak_after_warm_up",
            "leak_in_bursts",
            "leak_under_churn",
            "leak_slowly",
            "leak_faster",
            "leak_small_objects",
            "leak_under_waves",
            "leak_text",
        ],
        safe: &[
            "idle",
            "churning",
            "warm_up",
            "cache_of_known_keys",
            "cache_with_a_cap",
            "collector",
            "one_step",
            "steps_up_and_down",
            "waves",
            "spikes",
            "fragmentation",
            "ramp_of_sessions",
            "several_processes_worth_of_imports",
        ],
    },
    Runtime {
        name: "node",
        command: "node",
        script: "processes/behave.js",
        leaks: &[
            "leak_buffers",
            "leak_objects",
            "leak_map",
            "leak_listeners",
            "leak_late",
            "leak_after_warm_up",
            "leak_in_bursts",
            "leak_under_churn",
            "leak_slowly",
            "leak_faster",
            "leak_under_waves",
            "leak_timers",
        ],
        safe: &[
            "idle",
            "churning",
            "warm_up",
            "cache_of_known_keys",
            "cache_with_a_cap",
            "garbage",
            "one_step",
            "steps_up_and_down",
            "waves",
            "spikes",
            "ramp_of_sessions",
            "lazy_loading",
            "heap_to_its_maximum",
        ],
    },
];

/// How the processes are run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Chooses sizes and times of every behaviour.
    pub seed: u64,
    /// Hours each process lives, in its own time.
    pub hours: f64,
    /// Seconds that stand for an hour.
    pub secs_per_hour: f64,
    /// Processes at a time.
    pub batch: usize,
}

/// Seconds of compressed time between samples.
const STEP_SECS: f64 = 60.0;

/// A process under watch. Killed when dropped, so that none is left behind.
#[derive(Debug)]
struct Watched {
    child: Child,
    labelled: Labelled,
    /// Draws the noise of its traffic.
    chance: Chance,
}

impl Drop for Watched {
    fn drop(&mut self) {
        // It may have ended by itself; both calls then say so and there is nothing left to do.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Runs every behaviour of the runtimes of these names, of all where there is none, and returns what was seen of each.
pub fn run(plan: &Plan, names: &[String]) -> Result<Vec<Labelled>> {
    let known = RUNTIMES.map(|runtime| runtime.name);
    if let Some(name) = names.iter().find(|name| !known.contains(&name.as_str())) {
        bail!("no runtime {name}; there are {}", known.join(", "));
    }
    let mut todo: Vec<(Runtime, &str, bool)> = Vec::new();
    for runtime in RUNTIMES {
        if !names.is_empty() && !names.iter().any(|name| name == runtime.name) {
            continue;
        }
        todo.extend(runtime.leaks.iter().map(|behaviour| (runtime, *behaviour, true)));
        todo.extend(runtime.safe.iter().map(|behaviour| (runtime, *behaviour, false)));
    }
    let mut seen = Vec::new();
    for (number, batch) in todo.chunks(plan.batch.max(1)).enumerate() {
        eprintln!(
            "batch {} of {}: {:.0} s",
            number + 1,
            todo.len().div_ceil(plan.batch.max(1)),
            plan.hours * plan.secs_per_hour
        );
        let mut running = Vec::new();
        for &(runtime, behaviour, leaks) in batch {
            running.push(start(runtime, behaviour, leaks, plan)?);
        }
        sample(&mut running, plan)?;
        seen.extend(running.iter().map(|watched| watched.labelled.clone()));
    }
    Ok(seen)
}

fn start(runtime: Runtime, behaviour: &str, leaks: bool, plan: &Plan) -> Result<Watched> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(runtime.script);
    let child = Command::new(runtime.command)
        .arg(script)
        .arg(behaviour)
        .args([plan.secs_per_hour.to_string(), plan.hours.to_string(), plan.seed.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .with_context(|| format!("starting {} for {behaviour}", runtime.command))?;
    let labelled = Labelled {
        class: format!("{}_{behaviour}", runtime.name),
        leaks,
        series: Series::default(),
        step_secs: STEP_SECS,
        restarts_secs: Some(Vec::new()),
        limit_bytes: None,
        rate_bytes_per_hour: None,
        onset_secs: 0.0,
        request_rate: Some(Series::default()),
    };
    let chance = Chance::new(plan.seed, 0x7ea1, 0);
    Ok(Watched { child, labelled, chance })
}

fn sample(running: &mut [Watched], plan: &Plan) -> Result<()> {
    let start = Instant::now();
    // Runtimes take about half a second to load, which is part of the process as it is of any other.
    for tick in 1..=(plan.hours * 3600.0 / STEP_SECS) as u32 {
        let secs = f64::from(tick) * STEP_SECS;
        let due = Duration::from_secs_f64(secs / 3600.0 * plan.secs_per_hour);
        sleep(due.saturating_sub(start.elapsed()));
        for watched in &mut *running {
            let Some(bytes) = resident_bytes(watched.child.id())? else {
                if let Some(status) = watched.child.try_wait()?.filter(|status| !status.success()) {
                    bail!("{} ended with {status}", watched.labelled.class);
                }
                continue;
            };
            watched.labelled.series.times_secs.push(secs);
            watched.labelled.series.values.push(bytes);
            let course = traffic(&watched.labelled.class, secs / 3600.0 / plan.hours);
            if let Some(requests) = &mut watched.labelled.request_rate {
                requests.times_secs.push(secs);
                requests.values.push(20.0 * course * watched.chance.between(0.9, 1.1));
            }
        }
    }
    Ok(())
}

/// Requests a second as a load balancer would count them, beside what is usual, at a share of the process's life: sessions
/// ramp up because traffic does; everywhere else it is steady.
fn traffic(class: &str, share: f64) -> f64 {
    if class.ends_with("ramp_of_sessions") { 0.2 + 0.8 * (share / 0.3).min(1.0) } else { 1.0 }
}

/// Resident memory from /proc; `None` when the process has ended.
fn resident_bytes(pid: u32) -> Result<Option<f64>> {
    let Ok(text) = fs::read_to_string(format!("/proc/{pid}/status")) else { return Ok(None) };
    let Some(line) = text.lines().find(|line| line.starts_with("VmRSS:")) else { return Ok(None) };
    let kib = line.split_whitespace().nth(1).context("VmRSS without a number")?;
    Ok(Some(kib.parse::<f64>().with_context(|| format!("VmRSS of {kib:?}"))? * 1024.0))
}

/// Writes series as a labelled set that others can read.
pub fn keep(dir: &Path, seen: &[Labelled]) -> Result<()> {
    fs::create_dir_all(dir).with_context(|| format!("creating {}", dir.display()))?;
    let write = |path: PathBuf, text: String| {
        fs::write(&path, text).with_context(|| format!("writing {}", path.display()))
    };
    let mut entries = Vec::new();
    for labelled in seen {
        let file = format!("{}.csv", labelled.class);
        let lines: Vec<String> =
            labelled.series.iter().map(|(time, value)| format!("{time},{value}\n")).collect();
        write(dir.join(&file), format!("t_seconds,bytes\n{}", lines.concat()))?;
        entries.push(serde_json::json!({
            "file": file,
            "label": u8::from(labelled.leaks),
            "scenario": labelled.class,
            "restarts": labelled.restarts_secs,
        }));
    }
    write(dir.join("labels.json"), serde_json::to_string_pretty(&entries)?)
}
