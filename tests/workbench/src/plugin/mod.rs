//! A backend plugin: started, called, started again when it dies, and stopped as Grafana does it.

mod client;
mod process;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;

pub(crate) use client::{Client, ResourceCall};
use process::Process;

/// Grafana looks once a second whether a plugin has left.
const RESTART_AFTER: Duration = Duration::from_secs(1);

/// A plugin under supervision.
#[derive(Debug)]
pub(crate) struct Plugin {
    channel: watch::Receiver<Option<Channel>>,
    stop: CancellationToken,
    supervisor: JoinHandle<Result<()>>,
}

impl Plugin {
    /// Starts it; fails when the handshake does.
    pub(crate) async fn start(executable: PathBuf) -> Result<Self> {
        let process = Process::start(&executable).await?;
        let (sender, channel) = watch::channel(Some(process.channel()));
        let stop = CancellationToken::new();
        let supervisor = tokio::spawn(supervise(executable, process, sender, stop.clone()));
        Ok(Self { channel, stop, supervisor })
    }

    /// A client of the process that runs now.
    pub(crate) fn client(&self) -> Result<Client> {
        Ok(Client::new(self.channel.borrow().clone().context("plugin unavailable")?))
    }

    /// Asks it to leave and waits until it has.
    pub(crate) async fn stop(self) -> Result<()> {
        self.stop.cancel();
        self.supervisor.await?
    }
}

async fn supervise(
    executable: PathBuf,
    mut process: Process,
    channel: watch::Sender<Option<Channel>>,
    stop: CancellationToken,
) -> Result<()> {
    loop {
        tokio::select! {
            () = stop.cancelled() => return process.stop().await,
            status = process.wait() => eprintln!("workbench: plugin left with {}", status?),
        }
        channel.send_replace(None);
        process = loop {
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                () = tokio::time::sleep(RESTART_AFTER) => {}
            }
            match Process::start(&executable).await {
                Ok(process) => break process,
                Err(error) => eprintln!("workbench: plugin not restarted: {error:#}"),
            }
        };
        channel.send_replace(Some(process.channel()));
    }
}
