//! `cargo xtask verify`: `test`, and what is too long for every change.

use anyhow::Result;

use crate::fuzz;
use crate::rules;
use crate::run::root;
use crate::setup::{self, ALL_ARCHITECTURES};
use crate::test::parts::{node_tests, xtask};
use crate::test::report::{Outcome, Part, run_all};
use crate::test::tally::count;
use crate::test::{Options, chosen, parts};

/// What is added to the parts of `test`. Longer things come here, each as a part of its own.
const MORE: &[Part] = &[
    Part { name: "architectures", needs: &[], run: architectures },
    Part { name: "rules-elsewhere", needs: &[], run: rules::elsewhere },
    Part { name: "fuzz", needs: &[], run: fuzz::fuzz },
    Part { name: "dashboards", needs: &[], run: dashboards },
    Part { name: "alert-state", needs: &["build"], run: alert_state },
];

/// Runs the parts of `test` and these.
pub(crate) fn verify(options: &Options) -> Result<()> {
    let all: Vec<_> = parts().iter().chain(MORE).copied().collect();
    run_all(&chosen(&all, options)?)
}

/// The backend for every architecture that ships.
fn architectures() -> Result<Outcome> {
    setup::debian(ALL_ARCHITECTURES)?;
    setup::rust_targets(&["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl"])?;
    Ok(Outcome::Counted(count(&mut xtask(&["build", "--all"])?)?))
}

/// Ten minutes in which the panel's list of alerts is Alertmanager's.
fn alert_state() -> Result<Outcome> {
    Ok(Outcome::Counted(count(xtask(&["e2e", "live"])?.env("LEAKLENS_POLL_SECS", "600"))?))
}

/// The dashboards against the types of Grafana's own schema.
fn dashboards() -> Result<Outcome> {
    node_tests(&root().join("tests/dashboards"))
}
