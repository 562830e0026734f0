//! Starting everything in order, and stopping it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use crate::config::{self, Ports};
use crate::past::Past;
use crate::process::{Process, Stop, free_port};
use crate::prometheus;
use crate::workload::{Running, Workload};

/// The workbench's part of a stack.
#[derive(Debug, Clone)]
pub struct Workbench {
    /// Directory of installed plugins.
    pub plugins: PathBuf,
    /// Directory of the host page.
    pub page: PathBuf,
    /// Port to listen on; 0 takes a free one.
    pub port: u16,
}

/// What to start.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where everything of this run lies; emptied first.
    pub directory: PathBuf,
    /// Where cargo puts programs: `fleet` and `workbench` are taken from there.
    pub programs: PathBuf,
    /// Interpreter of the virtual environment with the workload's requirements; needed for workloads only.
    pub python: PathBuf,
    /// Seed of the fleet with a day of history; `None` starts without one.
    pub seed: Option<u64>,
    /// Where to write what is really the case with the fleet: nowhere plugin or workbench look.
    pub truth: PathBuf,
    /// Pods of the application.
    pub workloads: Vec<Workload>,
    /// Hours are divided by this: windows of rules, evidence; rates are multiplied. 1 is how things ship.
    pub scale: f64,
    /// Without it, everything but the panel.
    pub workbench: Option<Workbench>,
    /// Makes starting and waiting give up.
    pub stop: Stop,
}

/// A running stack. Dropping it stops everything, the last started first.
#[derive(Debug)]
pub struct Stack {
    // Dropped in this order.
    workbench: Option<Process>,
    prometheus: Process,
    /// The running pods of the application.
    pub workloads: Vec<Running>,
    alertmanager: Process,
    fleet: Option<Process>,
    receiver: Process,
    ports: Ports,
    stop: Stop,
    /// Everything of this run.
    pub directory: PathBuf,
    /// When the fleet's history ends, milliseconds since the epoch.
    pub anchor_ms: i64,
}

/// A firing alert, as Prometheus tells it.
#[derive(Debug, Clone, Deserialize)]
pub struct FiringAlert {
    /// Its labels, the alert's name among them.
    pub labels: std::collections::BTreeMap<String, String>,
    /// Its annotations.
    pub annotations: std::collections::BTreeMap<String, String>,
    /// `firing` or `pending`.
    pub state: String,
    /// Since when its expression holds, RFC 3339.
    #[serde(rename = "activeAt")]
    pub active_at: String,
    /// The value of its expression.
    pub value: String,
}

impl Stack {
    /// Starts everything; `progress` is told each step.
    pub fn start(options: &Options, progress: impl Fn(&str)) -> Result<Self> {
        let stop = &options.stop;
        let directory = fresh(&options.directory)?;
        let prometheus_dir = directory.join("prometheus");
        let logs = directory.join("logs");
        fs::create_dir_all(&logs)?;
        let ports = Ports {
            prometheus: free_port()?,
            alertmanager: free_port()?,
            receiver: free_port()?,
            workbench: match &options.workbench {
                Some(Workbench { port, .. }) if *port != 0 => *port,
                _ => free_port()?,
            },
        };
        let password = password()?;
        let rules = config::prometheus(&prometheus_dir, ports, options.scale, &password)?;
        config::alertmanager(&directory.join("alertmanager"), ports, options.scale)?;

        progress("starting Alertmanager and a receiver for its messages");
        let mut command = Command::new(options.programs.join("fleet"));
        command.args(["receive", "--listen", &format!("127.0.0.1:{}", ports.receiver)]);
        command.arg("--out").arg(directory.join("messages.jsonl"));
        let mut receiver = Process::start("receiver", &mut command, &logs)?;
        receiver.wait_for(ports.receiver, "/ready", stop)?;
        let alertmanager = start_alertmanager(&directory, ports, &logs, stop)?;

        let anchor_ms = now_ms()?;
        let data = directory.join("prometheus-data");
        let mut fleet = None;
        if let Some(seed) = options.seed {
            progress("writing a day of history of some forty pods into Prometheus' storage");
            let program = options.programs.join("fleet");
            Past {
                fleet: &program,
                seed,
                anchor_ms,
                data: &data,
                scratch: &logs,
                truth: &options.truth,
                rules: &rules,
                stop,
            }
            .make()?;
            fleet = Some(start_fleet(&program, (seed, anchor_ms), &prometheus_dir, &logs, stop)?);
        }

        let mut workloads = Vec::new();
        if !options.workloads.is_empty() {
            progress("starting the application that leaks, and traffic for it");
        }
        for (number, workload) in options.workloads.iter().enumerate() {
            workloads.push(workload.start(number, &options.python, &password, &logs, stop)?);
        }
        let targets: Vec<_> =
            workloads.iter().map(|running| (running.port, running.workload.labels())).collect();
        config::targets(&prometheus_dir, "django", &targets)?;

        progress("starting Prometheus");
        let prometheus = start_prometheus(&prometheus_dir, &data, ports, &logs, stop)?;
        let mut workbench = None;
        if let Some(settings) = &options.workbench {
            progress("starting the workbench with the plugin");
            let provisioning = directory.join("provisioning");
            config::grafana(&provisioning, options.scale)?;
            workbench = Some(start_workbench(options, settings, &provisioning, ports, &logs)?);
        }
        Ok(Self {
            workbench,
            prometheus,
            workloads,
            alertmanager,
            fleet,
            receiver,
            ports,
            stop: stop.clone(),
            directory,
            anchor_ms,
        })
    }

    /// Fails when a part has ended by itself.
    pub fn check(&mut self) -> Result<()> {
        let parts = [Some(&mut self.prometheus), Some(&mut self.alertmanager), Some(&mut self.receiver)];
        let optional = [self.workbench.as_mut(), self.fleet.as_mut()];
        parts.into_iter().chain(optional).flatten().try_for_each(Process::check)?;
        self.workloads.iter_mut().try_for_each(Running::check)
    }

    /// The alerts Prometheus has, pending ones included.
    pub fn alerts(&self) -> Result<Vec<FiringAlert>> {
        let mut answer = prometheus::get(self.ports.prometheus, "alerts", &[])?;
        Ok(serde_json::from_value(answer["alerts"].take())?)
    }

    /// Waits until an alert of that name fires.
    pub fn wait_for(&mut self, name: &str, timeout: Duration) -> Result<()> {
        let begun = Instant::now();
        loop {
            self.check()?;
            let fires = |alert: &FiringAlert| {
                alert.state == "firing" && alert.labels.get("alertname").is_some_and(|found| found == name)
            };
            if self.alerts()?.iter().any(fires) {
                return Ok(());
            }
            ensure!(begun.elapsed() < timeout, "{name} has not fired within {} s", timeout.as_secs());
            sleep(Duration::from_millis(500));
        }
    }

    /// Waits for an alert to fire: of those that do, the fastest growth, or else any.
    pub fn wait_for_alert(&mut self, timeout: Duration) -> Result<FiringAlert> {
        let begun = Instant::now();
        loop {
            self.stop.check()?;
            self.check()?;
            let mut firing = self.alerts()?;
            firing.retain(|alert| alert.state == "firing");
            let rank = |alert: &FiringAlert| {
                let growth = alert.labels.get("alertname").is_some_and(|name| name.contains("Growth"));
                (growth, alert.value.parse::<f64>().unwrap_or(0.0))
            };
            firing.sort_by(|one, other| {
                rank(one).partial_cmp(&rank(other)).unwrap_or(std::cmp::Ordering::Equal)
            });
            if let Some(alert) = firing.pop() {
                return Ok(alert);
            }
            ensure!(begun.elapsed() < timeout, "no alert has fired within {} s", timeout.as_secs());
            sleep(Duration::from_millis(500));
        }
    }

    /// Prometheus' address.
    pub fn prometheus_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.prometheus)
    }

    /// Alertmanager's address.
    pub fn alertmanager_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.alertmanager)
    }

    /// The workbench's address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.workbench)
    }

    /// What Alertmanager has sent: a line of JSON with `path` and `body` for each message.
    pub fn messages(&self) -> PathBuf {
        self.directory.join("messages.jsonl")
    }
}

fn start_alertmanager(directory: &Path, ports: Ports, logs: &Path, stop: &Stop) -> Result<Process> {
    let mut command = Command::new("prometheus-alertmanager");
    command
        .arg(format!("--config.file={}", directory.join("alertmanager/alertmanager.yaml").display()))
        .arg(format!("--storage.path={}", directory.join("alertmanager-data").display()))
        .arg(format!("--web.listen-address=127.0.0.1:{}", ports.alertmanager))
        .arg(format!("--web.external-url=http://127.0.0.1:{}", ports.alertmanager))
        .arg("--cluster.listen-address=");
    let mut process = Process::start("alertmanager", &mut command, logs)?;
    process.wait_for(ports.alertmanager, "/-/ready", stop)?;
    Ok(process)
}

fn start_fleet(
    program: &Path,
    (seed, anchor_ms): (u64, i64),
    prometheus: &Path,
    logs: &Path,
    stop: &Stop,
) -> Result<Process> {
    let port = free_port()?;
    let mut command = Command::new(program);
    command
        .args(["serve", "--seed", &seed.to_string(), "--anchor-ms", &anchor_ms.to_string()])
        .args(["--listen", &format!("127.0.0.1:{port}")])
        .arg("--targets")
        .arg(prometheus.join("targets"))
        .arg("--password-file")
        .arg(prometheus.join("metrics-password"));
    let mut process = Process::start("fleet", &mut command, logs)?;
    process.wait_for(port, "/kube-state-metrics", stop)?;
    Ok(process)
}

fn start_prometheus(
    directory: &Path,
    data: &Path,
    ports: Ports,
    logs: &Path,
    stop: &Stop,
) -> Result<Process> {
    let mut command = Command::new("prometheus");
    command
        .arg(format!("--config.file={}", directory.join("prometheus.yaml").display()))
        .arg(format!("--storage.tsdb.path={}", data.display()))
        .arg(format!("--web.listen-address=127.0.0.1:{}", ports.prometheus))
        .arg(format!("--web.external-url=http://127.0.0.1:{}", ports.prometheus))
        // Alerts with a `for` shorter than this would start waiting anew after a restart.
        .arg("--rules.alert.for-grace-period=1m");
    let mut process = Process::start("prometheus", &mut command, logs)?;
    process.wait_for(ports.prometheus, "/-/ready", stop)?;
    Ok(process)
}

fn start_workbench(
    options: &Options,
    settings: &Workbench,
    provisioning: &Path,
    ports: Ports,
    logs: &Path,
) -> Result<Process> {
    let mut command = Command::new(options.programs.join("workbench"));
    command
        .arg("--plugins")
        .arg(&settings.plugins)
        .arg("--provisioning")
        .arg(provisioning)
        .arg("--page")
        .arg(&settings.page)
        .args(["--port", &ports.workbench.to_string()])
        .env("PROMETHEUS_URL", format!("http://127.0.0.1:{}", ports.prometheus))
        .env("ALERTMANAGER_URL", format!("http://127.0.0.1:{}", ports.alertmanager));
    let mut process = Process::start("workbench", &mut command, logs)?;
    process.wait_for(ports.workbench, "/api/workbench/boot", &options.stop)?;
    Ok(process)
}

/// An empty directory. One that is not ours is left alone.
fn fresh(directory: &Path) -> Result<PathBuf> {
    const MARK: &str = ".leaklens-run";
    if directory.exists() {
        let empty = fs::read_dir(directory)?.next().is_none();
        ensure!(
            empty || directory.join(MARK).exists(),
            "{} is not a directory of an earlier run; remove it or choose another",
            directory.display()
        );
        fs::remove_dir_all(directory)?;
    }
    fs::create_dir_all(directory)?;
    fs::write(directory.join(MARK), "")?;
    directory.canonicalize().with_context(|| format!("cannot find {}", directory.display()))
}

/// A password nobody knows beforehand.
fn password() -> Result<String> {
    let mut bytes = [0_u8; 16];
    std::io::Read::read_exact(&mut fs::File::open("/dev/urandom")?, &mut bytes)?;
    Ok(format!("{:032x}", u128::from_le_bytes(bytes)))
}

fn now_ms() -> Result<i64> {
    Ok(i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?)
}
