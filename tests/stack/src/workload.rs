//! The application that leaks: gunicorn with some workers, and traffic for it.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::process::{Process, Stop, free_port};

/// How the application's workers share their metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// One worker.
    Single,
    /// Three workers with prometheus' multiprocess files.
    Multiprocess,
    /// Three workers that know nothing of each other.
    Separate,
}

impl Mode {
    fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Multiprocess => "multiprocess",
            Self::Separate => "separate",
        }
    }
}

/// What the application knows of the name and password its metrics are asked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credentials {
    /// Those Prometheus has.
    Right,
    /// Another password: it answers 401.
    Wrong,
    /// None: it answers 500.
    Missing,
}

/// One pod of the application.
#[derive(Debug, Clone)]
pub struct Workload {
    /// How its workers share their metrics.
    pub mode: Mode,
    /// Its namespace.
    pub namespace: String,
    /// Its pod.
    pub pod: String,
    /// Its container.
    pub container: String,
    /// How fast each worker leaks.
    pub leak_bytes_per_second: f64,
    /// When its cache is full.
    pub cache_bytes: u64,
    /// Requests per second.
    pub requests_per_second: f64,
    /// Who may read its metrics.
    pub credentials: Credentials,
}

impl Default for Workload {
    fn default() -> Self {
        Self {
            mode: Mode::Single,
            namespace: "shop".to_owned(),
            pod: "orders-5c9d8b7f6-x7k2m".to_owned(),
            container: "web".to_owned(),
            leak_bytes_per_second: 0.0,
            cache_bytes: 16 << 20,
            requests_per_second: 10.0,
            credentials: Credentials::Right,
        }
    }
}

/// A running pod of the application.
#[derive(Debug)]
pub struct Running {
    /// What it was started as.
    pub workload: Workload,
    /// Where it is scraped.
    pub port: u16,
    /// Traffic; it ends before the server.
    _driver: Process,
    server: Process,
}

impl Workload {
    /// Starts it with a virtual environment's interpreter.
    pub(crate) fn start(
        &self,
        number: usize,
        python: &Path,
        password: &str,
        directory: &Path,
        stop: &Stop,
    ) -> Result<Running> {
        let port = free_port()?;
        let source = crate::root().join("tests/workload");
        let mut gunicorn = Command::new(python);
        gunicorn
            .current_dir(&source)
            .args(["-m", "gunicorn", "--log-level", "warning"])
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("WORKLOAD_MODE", self.mode.name())
            .env("BIND", format!("127.0.0.1:{port}"))
            .env("CONTAINER_NAME", &self.container)
            .env("LEAK_BYTES_PER_SECOND", self.leak_bytes_per_second.to_string())
            .env("CACHE_BYTES", self.cache_bytes.to_string());
        let password = match self.credentials {
            Credentials::Right => Some(password),
            Credentials::Wrong => Some("that-of-last-year"),
            Credentials::Missing => None,
        };
        for key in ["METRICS_AUTH_USERNAME", "METRICS_AUTH_PASSWORD"] {
            gunicorn.env_remove(key);
        }
        if let Some(password) = password {
            gunicorn.env("METRICS_AUTH_USERNAME", "prometheus").env("METRICS_AUTH_PASSWORD", password);
        }
        if self.mode == Mode::Multiprocess {
            let files = directory.join(format!("workload-{number}-metrics"));
            fs::create_dir_all(&files)?;
            gunicorn.env("PROMETHEUS_MULTIPROC_DIR", files);
        }
        let mut server = Process::start(&format!("workload-{number}"), &mut gunicorn, directory)?;
        server.wait_for(port, "/", stop)?;
        let mut traffic = Command::new(python);
        traffic.arg(source.join("drive.py")).arg(format!("http://127.0.0.1:{port}"));
        traffic.args(["--per-second", &self.requests_per_second.to_string()]);
        let driver = Process::start(&format!("traffic-{number}"), &mut traffic, directory)?;
        Ok(Running { workload: self.clone(), port, _driver: driver, server })
    }

    /// What service discovery says of it.
    pub(crate) fn labels(&self) -> Vec<(String, String)> {
        let labels = [("namespace", &self.namespace), ("pod", &self.pod)];
        labels.into_iter().map(|(name, value)| (name.to_owned(), value.clone())).collect()
    }
}

impl Running {
    /// Its process id: gunicorn's, the parent of the workers.
    pub fn pid(&self) -> u32 {
        self.server.pid()
    }

    /// Fails when it has ended.
    pub fn check(&mut self) -> Result<()> {
        self.server.check()
    }
}
