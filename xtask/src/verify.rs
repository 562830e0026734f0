//! `cargo xtask verify`: `test`, and what is too long for every change.

use std::process::Command;

use anyhow::Result;

use crate::deny;
use crate::fuzz;
use crate::package;
use crate::page;
use crate::rules;
use crate::run::{cargo, root};
use crate::setup::{self, ALL_ARCHITECTURES};
use crate::test::parts::{node_tests, xtask};
use crate::test::report::{Outcome, Part, run_all};
use crate::test::tally::{Tally, count};
use crate::test::{Options, chosen, parts};

/// The checker of GitHub's workflows, as its Go module is called.
const ACTIONLINT: &str = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12";

/// What is added to the parts of `test`. Longer things come here, each as a part of its own.
const MORE: &[Part] = &[
    Part { name: "architectures", needs: &[], run: architectures },
    Part { name: "package", needs: &["build", "architectures"], run: package::validate },
    Part { name: "rules-elsewhere", needs: &[], run: rules::elsewhere },
    Part { name: "deny", needs: &[], run: deny::deny },
    Part { name: "workflows", needs: &[], run: workflows },
    Part { name: "soak", needs: &["build"], run: soak },
    Part { name: "fuzz", needs: &[], run: fuzz::fuzz },
    Part { name: "dashboards", needs: &[], run: dashboards },
    Part { name: "alert-state", needs: &["build"], run: alert_state },
    Part { name: "hosts", needs: &["build"], run: hosts },
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

/// Twenty thousand queries of the executable that ships, whose memory must stay where it is.
fn soak() -> Result<Outcome> {
    let go_arch = if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" };
    let plugin = root().join(format!("dist/leaklens-app/datasource/gpx_leaklens_linux_{go_arch}"));
    let arguments = ["test", "--test", "process", "soak", "--", "--ignored", "--nocapture"];
    Ok(Outcome::Counted(count(cargo().args(arguments).env("LEAKLENS_PLUGIN", plugin))?))
}

/// The workflows, by actionlint.
fn workflows() -> Result<Outcome> {
    let Some(actionlint) = setup::go_program(ACTIONLINT)? else {
        return Ok(Outcome::Skipped("actionlint can be had neither from PATH nor by Go".to_owned()));
    };
    // Scripts in them are checked by shellcheck where it is installed.
    Ok(Outcome::Counted(count(Command::new(actionlint).current_dir(root()))?))
}

/// Ten minutes in which the panel's list of alerts is Alertmanager's.
fn alert_state() -> Result<Outcome> {
    Ok(Outcome::Counted(count(xtask(&["e2e", "live"])?.env("LEAKLENS_POLL_SECS", "600"))?))
}

/// The pages under the packages of every other Grafana and React.
fn hosts() -> Result<Outcome> {
    let mut tally = Tally::default();
    for host in page::others()? {
        page::build(&host)?;
        tally += count(
            Command::new("npm")
                .args(["test", "--silent"])
                .current_dir(root().join("tests/e2e"))
                .env("LEAKLENS_HOST", host),
        )?;
    }
    Ok(Outcome::Counted(tally))
}

/// The dashboards against the types of Grafana's own schema.
fn dashboards() -> Result<Outcome> {
    node_tests(&root().join("tests/dashboards"))
}
