//! `cargo xtask test`: everything that is worth checking on every change, from cheap to dear.

pub(crate) mod parts;
pub(crate) mod report;
pub(crate) mod tally;

use anyhow::{Result, bail};

use report::Part;

/// Options of `test` and `verify`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Only these parts.
    only: Vec<String>,
}

/// Runs the parts of `test`.
pub(crate) fn test(options: &Options) -> Result<()> {
    report::run_all(&chosen(parts::ALL, options)?)
}

/// Those of `parts` that the options ask for.
pub(crate) fn chosen(parts: &[Part], options: &Options) -> Result<Vec<Part>> {
    let names: Vec<_> = parts.iter().map(|part| part.name).collect();
    if let Some(unknown) = options.only.iter().find(|name| !names.contains(&name.as_str())) {
        bail!("no part is called {unknown:?}: there are {}", names.join(", "));
    }
    let wanted = |part: &&Part| options.only.is_empty() || options.only.iter().any(|name| name == part.name);
    Ok(parts.iter().filter(wanted).copied().collect())
}

/// The parts of `test`.
pub(crate) fn parts() -> &'static [Part] {
    parts::ALL
}
