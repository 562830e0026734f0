//! `fleet history` writes the day before the anchor, `fleet serve` goes on from there, `fleet receive` keeps the
//! messages about it.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::{Args, Parser, Subcommand};
use fleet::plan::{self, Fleet};
use fleet::serve::{self, Credentials};
use fleet::truth::Truth;

#[derive(Parser)]
#[command(about = "A seeded fleet of pods: a day of history, then live")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Args)]
struct Which {
    /// The same seed and anchor always give the same fleet.
    #[arg(long)]
    seed: u64,
    /// When history ends and life begins, milliseconds since the epoch.
    #[arg(long, required_unless_present = "anchor_file")]
    anchor_ms: Option<i64>,
    /// A file that says so.
    #[arg(long, conflicts_with = "anchor_ms")]
    anchor_file: Option<PathBuf>,
}

impl Which {
    fn fleet(&self) -> Result<Fleet> {
        let anchor_ms = match (self.anchor_ms, &self.anchor_file) {
            (Some(millis), _) => millis,
            (None, Some(path)) => {
                let text =
                    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
                text.trim().parse().with_context(|| format!("no milliseconds in {}", path.display()))?
            }
            (None, None) => anyhow::bail!("--anchor-ms or --anchor-file is needed"),
        };
        Ok(plan::deal(self.seed, anchor_ms as f64 / 1000.0))
    }
}

#[derive(Subcommand)]
enum Command {
    /// Write a day of history as OpenMetrics, for promtool.
    History {
        #[command(flatten)]
        which: Which,
        /// Where to.
        #[arg(long)]
        out: PathBuf,
        /// Where to write what is really the case.
        #[arg(long)]
        truth: Option<PathBuf>,
    },
    /// Serve the metrics pages of every pod, and list them for Prometheus.
    Serve {
        #[command(flatten)]
        which: Which,
        /// Where to listen; port 0 takes a free one.
        #[arg(long, default_value = "127.0.0.1:0")]
        listen: SocketAddr,
        /// The address Prometheus reaches it at, where that is not the one it listens on.
        #[arg(long)]
        advertise: Option<String>,
        /// Directory for the files of service discovery.
        #[arg(long)]
        targets: PathBuf,
        /// Who may read the pages.
        #[arg(long, default_value = "prometheus")]
        username: String,
        /// File with the password.
        #[arg(long)]
        password_file: PathBuf,
    },
    /// Keep Alertmanager's messages, a line of JSON each.
    Receive {
        /// Where to listen.
        #[arg(long, default_value = "127.0.0.1:0")]
        listen: SocketAddr,
        /// The file the messages are appended to.
        #[arg(long)]
        out: PathBuf,
    },
}

#[tokio::main]
async fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::History { which, out, truth } => {
            let fleet = which.fleet()?;
            let file = File::create(&out).with_context(|| format!("cannot write {}", out.display()))?;
            let mut file = BufWriter::new(file);
            fleet::history::write(&fleet, &mut file)?;
            file.flush()?;
            if let Some(path) = truth {
                let text = serde_json::to_string_pretty(&Truth::of(which.seed, &fleet))?;
                fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
            }
            Ok(())
        }
        Command::Serve { which, listen, advertise, targets, username, password_file } => {
            let fleet = which.fleet()?;
            let password = fs::read_to_string(&password_file)
                .with_context(|| format!("cannot read {}", password_file.display()))?;
            let listener = tokio::net::TcpListener::bind(listen).await?;
            let address = listener.local_addr()?;
            serve::write_discovery(&fleet, &advertise.unwrap_or_else(|| address.to_string()), &targets)?;
            println!("fleet: ready at http://{address}");
            let credentials = Credentials { username, password: password.trim_end().to_owned() };
            serve::serve(&fleet, listener, &credentials).await
        }
        Command::Receive { listen, out } => {
            let listener = tokio::net::TcpListener::bind(listen).await?;
            println!("fleet: receiving at http://{}", listener.local_addr()?);
            fleet::receive::receive(listener, &out).await
        }
    }
}
