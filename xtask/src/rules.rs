//! `cargo xtask rules render`: the Prometheus rules, from their template and values.

use std::fs;

use anyhow::{Context as _, Result};

/// What to do with the rules.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Renders them; at scale 1 into provisioning/prometheus, at any other to the standard output.
    Render {
        /// Divides windows and multiplies rates, for rehearsals in minutes.
        #[arg(long, default_value_t = 1.0)]
        scale: f64,
    },
}

/// Runs it.
pub(crate) fn rules(command: &Command) -> Result<()> {
    let Command::Render { scale } = *command;
    let text = stack::rules::render(scale, |_| Ok(()))?;
    if scale != 1.0 {
        print!("{text}");
        return Ok(());
    }
    let path = stack::rules::directory().join(stack::rules::RENDERED);
    fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    println!("xtask: wrote {}", path.display());
    Ok(())
}
