//! Processes of the stack: started with a log of their own, waited for, stopped by their process id.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use signal_hook::consts::{SIGINT, SIGTERM};

/// How long a server may take until it answers; a loaded machine is slow.
const START_TIMEOUT: Duration = Duration::from_mins(1);
/// How long a process may take to end when it is asked to.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(50);

/// Tells everything that takes long to give up.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Is set by Ctrl-C and SIGTERM, which then do not end this process.
    pub fn on_signals() -> Result<Self> {
        let stop = Self::default();
        for signal in [SIGINT, SIGTERM] {
            signal_hook::flag::register(signal, Arc::clone(&stop.0))?;
        }
        Ok(stop)
    }

    /// Whether it is time to stop.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Fails when it is time to stop.
    pub(crate) fn check(&self) -> Result<()> {
        ensure!(!self.is_set(), "stopped");
        Ok(())
    }
}

/// A process, stopped when dropped.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts a command in a process group of its own, with its output in `logs`.
    pub fn start(name: &str, command: &mut Command, logs: &Path) -> Result<Self> {
        let log = logs.join(format!("{name}.log"));
        let file = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {name}: {}", command.get_program().display()))?;
        Ok(Self { name: name.to_owned(), child, log })
    }

    /// Waits until a path on its port answers with 200, or with 401, which a server that is up answers as well.
    pub fn wait_for(&mut self, port: u16, path: &str, stop: &Stop) -> Result<()> {
        let begun = Instant::now();
        while !parts::get(port, path).is_ok_and(|reply| matches!(reply.status, 200 | 401)) {
            stop.check()?;
            self.check()?;
            ensure!(
                begun.elapsed() < START_TIMEOUT,
                "{} does not answer on port {port}: {}",
                self.name,
                self.said()
            );
            sleep(POLL);
        }
        Ok(())
    }

    /// Fails when it has ended.
    pub fn check(&mut self) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!("{} ended with {status}: {}", self.name, self.said());
        }
        Ok(())
    }

    /// Waits for it to end well.
    pub fn finish(mut self, stop: &Stop) -> Result<()> {
        loop {
            stop.check()?;
            if let Some(status) = self.child.try_wait()? {
                ensure!(status.success(), "{} ended with {status}: {}", self.name, self.said());
                return Ok(());
            }
            sleep(POLL);
        }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The end of its log.
    fn said(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = text.lines().collect();
        format!("see {}\n{}", self.log.display(), lines[lines.len().saturating_sub(12)..].join("\n"))
    }

    /// Asks it to end, and its whole group when it does not.
    pub fn stop(&mut self) -> Result<()> {
        let pid = Pid::from_child(&self.child);
        if self.child.try_wait()?.is_some() {
            return Ok(());
        }
        kill_process(pid, Signal::TERM)?;
        let begun = Instant::now();
        while self.child.try_wait()?.is_none() {
            if begun.elapsed() > STOP_TIMEOUT {
                kill_process_group(pid, Signal::KILL)?;
                self.child.wait()?;
            }
            sleep(POLL);
        }
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            eprintln!("{} (pid {}) could not be stopped: {error}", self.name, self.pid());
        }
    }
}

/// A port of loopback that nobody listens on at the moment.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
