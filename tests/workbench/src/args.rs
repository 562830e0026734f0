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
    /// Starts a plugin, asks it one request, prints Grafana's JSON of the answer and stops it.
    Query(Query),
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

/// One request.
#[derive(Debug, ClapArgs)]
pub(crate) struct Query {
    /// The plugin's executable.
    #[arg(long)]
    pub(crate) plugin: PathBuf,
    /// A data source as in a provisioning file: one element of `datasources`, YAML or JSON.
    #[arg(long)]
    pub(crate) settings: PathBuf,
    /// The body of `POST /api/ds/query`.
    #[arg(long)]
    pub(crate) request: PathBuf,
    /// Role of the asking user.
    #[arg(long, value_enum, default_value_t = Role::Viewer)]
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
