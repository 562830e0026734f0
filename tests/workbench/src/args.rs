//! The command line.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

/// Stands in for Grafana: serves a provisioned dashboard with its plugins on loopback.
#[derive(Debug, Parser)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) serve: Option<Serve>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Prints Grafana's JSON of a plugin's answer, kept as it came over the wire (a `QueryDataResponse`).
    Decode {
        /// The file with the answer.
        answer: PathBuf,
    },
}

/// What to serve.
#[derive(Debug, Clone, ClapArgs)]
pub(crate) struct Serve {
    /// Directory of installed plugins, searched for plugin.json files.
    #[arg(long)]
    pub(crate) plugins: PathBuf,
    /// Directory with `datasources`, `plugins` and `dashboards` below it.
    #[arg(long)]
    pub(crate) provisioning: PathBuf,
    /// Directory of the host page.
    #[arg(long)]
    pub(crate) page: PathBuf,
    /// Port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// Role of the one user there is.
    #[arg(long, value_enum, default_value_t = Role::Admin)]
    pub(crate) role: Role,
}

/// Grafana's roles in an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Role {
    None,
    Viewer,
    Editor,
    Admin,
}

impl Role {
    /// As Grafana spells it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Viewer => "Viewer",
            Self::Editor => "Editor",
            Self::Admin => "Admin",
        }
    }
}
