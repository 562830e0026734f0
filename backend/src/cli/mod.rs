//! The command line `leaklens`.

pub mod page_text;
pub mod runbook;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Finds memory leaks in Prometheus metrics and shows the runbook of the alert that fired.
#[derive(Debug, Parser)]
#[command(name = "leaklens", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Shows and checks runbooks
    #[command(subcommand)]
    Runbook(runbook::Runbook),
}

/// Runs the command line. Exit codes: 0 all is well, 1 something was found, 2 it could not be done.
pub fn run() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Runbook(command) => runbook::run(command, &mut std::io::stdout().lock()),
    };
    match outcome {
        Ok(code) => code,
        // Whoever reads us has closed the pipe, as `head` does: nothing is wrong.
        Err(error) if error.is_closed_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("leaklens: {error}");
            ExitCode::from(2)
        }
    }
}
