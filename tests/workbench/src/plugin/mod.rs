//! A backend plugin: started, called, started again when it dies, and stopped as Grafana does it.

mod client;
mod process;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;

pub use client::{Client, ResourceCall};
pub use process::Process;

/// Grafana looks once a second whether a plugin has left.
const RESTART_AFTER: Duration = Duration::from_secs(1);

/// A plugin under supervision.
#[derive(Debug)]
pub struct Plugin {
    /// Ends when the supervisor does.
    channel: watch::Receiver<Option<Channel>>,
    stop: CancellationToken,
}

impl Plugin {
    /// Starts it; fails when the handshake does.
    pub async fn start(executable: PathBuf) -> Result<Self> {
        let process = Process::start(&executable).await?;
        let (sender, channel) = watch::channel(Some(process.channel()));
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        tokio::spawn(async move {
            if let Err(error) = supervise(executable, process, sender, stopped).await {
                eprintln!("workbench: {error:#}");
            }
        });
        Ok(Self { channel, stop })
    }

    /// A client of the process that runs now.
    pub fn client(&self) -> Result<Client> {
        Ok(Client::new(self.channel.borrow().clone().context("plugin unavailable")?))
    }

    /// Asks it to leave and waits until it has.
    pub async fn stop(&self) {
        self.stop.cancel();
        let mut channel = self.channel.clone();
        while channel.changed().await.is_ok() {}
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
