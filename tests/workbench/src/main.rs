//! Stands in for Grafana in demo and tests: starts the plugin as Grafana does, reads the same provisioning
//! files, answers the part of Grafana's HTTP API that plugins use and serves a page that loads their modules.
//!
//! Nothing of Leaklens is known here. Where Grafana does something odd, so does this.

mod args;
mod catalog;
mod provisioning;
mod query;
mod server;
mod time_range;

use anyhow::{Context as _, Result};
use clap::Parser as _;
use grafana_plugin_sdk::pluginv2::QueryDataResponse;
use prost::Message as _;
use workbench::frame_json;

use args::{Args, Command};

#[tokio::main]
async fn main() -> Result<()> {
    let args = Args::parse();
    match args.command {
        Some(Command::Decode { answer }) => {
            let bytes = std::fs::read(&answer).with_context(|| format!("reading {}", answer.display()))?;
            let (json, _) = frame_json::response(QueryDataResponse::decode(bytes.as_slice())?)?;
            println!("{json}");
            Ok(())
        }
        None => {
            let serve = args.serve.context("--plugins, --provisioning and --page are needed")?;
            server::run(serve).await
        }
    }
}
