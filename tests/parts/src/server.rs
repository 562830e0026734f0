//! One server process.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use tempfile::TempDir;

use crate::http;

/// How long a server may take until it is ready; a loaded machine is slow.
const START_TIMEOUT: Duration = Duration::from_mins(1);
/// Another process may take a free port first: so often another one is tried.
const PORT_ATTEMPTS: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Prometheus,
    Alertmanager,
    VictoriaMetrics,
}

impl Kind {
    fn binary(self) -> &'static str {
        match self {
            Self::Prometheus => "prometheus",
            Self::Alertmanager => "prometheus-alertmanager",
            Self::VictoriaMetrics => "victoria-metrics",
        }
    }

    fn ready_path(self) -> &'static str {
        match self {
            Self::Prometheus | Self::Alertmanager => "/-/ready",
            Self::VictoriaMetrics => "/health",
        }
    }

    fn default_config(self) -> &'static str {
        match self {
            Self::Prometheus => "global: {}\n",
            Self::Alertmanager => "route: {receiver: none}\nreceivers: [{name: none}]\n",
            Self::VictoriaMetrics => "",
        }
    }
}

/// What to start.
#[derive(Debug)]
pub struct Builder {
    kind: Kind,
    config: String,
    web_config: Option<String>,
    files: Vec<(String, String)>,
    openmetrics: Option<PathBuf>,
    args: Vec<String>,
    port: Option<u16>,
    path_prefix: String,
}

impl Builder {
    pub(crate) fn new(kind: Kind) -> Self {
        Self {
            kind,
            config: kind.default_config().to_owned(),
            web_config: None,
            files: Vec::new(),
            openmetrics: None,
            args: Vec::new(),
            port: None,
            path_prefix: String::new(),
        }
    }

    /// Its configuration, YAML. Relative paths in it start at the server's directory.
    #[must_use]
    pub fn config(mut self, yaml: impl Into<String>) -> Self {
        self.config = yaml.into();
        self
    }

    /// Its `--web.config.file`, YAML: TLS and basic auth.
    #[must_use]
    pub fn web_config(mut self, yaml: impl Into<String>) -> Self {
        self.web_config = Some(yaml.into());
        self
    }

    /// A file beside the configuration, such as rules or a certificate.
    #[must_use]
    pub fn file(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.files.push((name.into(), text.into()));
        self
    }

    /// An OpenMetrics file to backfill by promtool before Prometheus starts.
    #[must_use]
    pub fn backfill(mut self, openmetrics: impl Into<PathBuf>) -> Self {
        self.openmetrics = Some(openmetrics.into());
        self
    }

    /// A further command line argument.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<String>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// A port chosen by the caller instead of a free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// Serves everything under a path, such as `/prometheus`.
    #[must_use]
    pub fn path_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.path_prefix = prefix.into();
        self
    }

    /// Starts it and waits until it is ready.
    pub fn start(self) -> Result<Server> {
        let dir = tempfile::Builder::new().prefix("leaklens-part-").tempdir()?;
        fs::write(dir.path().join("config.yml"), &self.config)?;
        if let Some(yaml) = &self.web_config {
            fs::write(dir.path().join("web.yml"), yaml)?;
        }
        for (name, text) in &self.files {
            fs::write(dir.path().join(name), text)?;
        }
        let data = dir.path().join("data");
        if let Some(openmetrics) = &self.openmetrics {
            backfill(openmetrics, &data)?;
        }
        let mut attempt = 1;
        loop {
            let port = self.port.map_or_else(free_port, Ok)?;
            match self.spawn(dir.path(), &data, port) {
                Ok(process) => return Ok(Server { process, dir, port, path_prefix: self.path_prefix }),
                Err(error) if attempt == PORT_ATTEMPTS || self.port.is_some() => return Err(error),
                Err(_) => attempt += 1,
            }
        }
    }

    fn spawn(&self, dir: &Path, data: &Path, port: u16) -> Result<Process> {
        let log = dir.join("log");
        let mut command = Command::new(self.kind.binary());
        command
            .current_dir(dir)
            .args(self.kind_args(data, port))
            .args(&self.args)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log)?);
        let binary = self.kind.binary();
        let child = command
            .spawn()
            .with_context(|| format!("cannot start {binary}: is its Debian package installed?"))?;
        let mut process = Process(child);
        let ready_path = format!("{}{}", self.path_prefix, self.kind.ready_path());
        let started = Instant::now();
        loop {
            if let Some(status) = process.0.try_wait()? {
                bail!("{binary} ended with {status}: {}", fs::read_to_string(&log)?);
            }
            // 401 and 400 (TLS wanted) come from a server that is up as well.
            if http::get(port, &ready_path).is_ok_and(|reply| matches!(reply.status, 200 | 400 | 401)) {
                return Ok(process);
            }
            ensure!(
                started.elapsed() < START_TIMEOUT,
                "{binary} is not ready: {}",
                fs::read_to_string(&log)?
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn kind_args(&self, data: &Path, port: u16) -> Vec<String> {
        let data = data.display();
        if self.kind == Kind::VictoriaMetrics {
            return vec![
                format!("-storageDataPath={data}"),
                format!("-httpListenAddr=127.0.0.1:{port}"),
                format!("-http.pathPrefix={}", self.path_prefix),
                "-retentionPeriod=100y".to_owned(),
                "-loggerLevel=WARN".to_owned(),
            ];
        }
        let mut args = vec![
            "--config.file=config.yml".to_owned(),
            format!("--web.listen-address=127.0.0.1:{port}"),
            "--log.level=warn".to_owned(),
        ];
        if self.kind == Kind::Prometheus {
            args.push(format!("--storage.tsdb.path={data}"));
        } else {
            args.extend([format!("--storage.path={data}"), "--cluster.listen-address=".to_owned()]);
        }
        if self.web_config.is_some() {
            args.push("--web.config.file=web.yml".to_owned());
        }
        if !self.path_prefix.is_empty() {
            args.push(format!("--web.external-url=http://127.0.0.1:{port}{}", self.path_prefix));
        }
        args
    }
}

fn backfill(openmetrics: &Path, data: &Path) -> Result<()> {
    let mut promtool = Command::new("promtool");
    // As long as Prometheus itself would have made them by now; promtool reads the file once for each block.
    promtool.args(["tsdb", "create-blocks-from", "--max-block-duration=18h", "openmetrics"]);
    promtool.arg(openmetrics).arg(data);
    let output = promtool.output().context("cannot start promtool: is Debian's prometheus installed?")?;
    ensure!(output.status.success(), "promtool: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// A port of loopback that nobody listens on at the moment.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Killed when dropped.
#[derive(Debug)]
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself, and a test's end is no place to complain.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    process: Process,
    dir: TempDir,
    port: u16,
    path_prefix: String,
}

impl Server {
    /// Where it answers, with its path prefix and without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}{}", self.port, self.path_prefix)
    }

    /// Its port on loopback.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.process.0.id()
    }

    /// Its directory: configuration, data and log.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }
}
