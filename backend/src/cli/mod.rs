//! The command line `leaklens`.

mod input;
pub mod matching;
pub mod page_text;
mod report;
pub mod runbook;
mod scan;
mod server;
mod together;

use std::fmt::Display;
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
    /// Ranks suspects of a server, a file or a labelled set
    Scan(Box<scan::Arguments>),
    /// Shows and checks runbooks
    #[command(subcommand)]
    Runbook(runbook::Runbook),
}

/// Runs the command line. Exit codes: 0 all is well, 1 something was found, 2 it could not be done.
pub fn run() -> ExitCode {
    match Arguments::parse().command {
        Command::Scan(arguments) => code_of(scan::run(&arguments), scan::ScanError::is_closed_pipe),
        Command::Runbook(command) => code_of(
            runbook::run(command, &mut std::io::stdout().lock()),
            runbook::RunbookError::is_closed_pipe,
        ),
    }
}

fn code_of<E: Display>(outcome: Result<ExitCode, E>, is_closed_pipe: impl Fn(&E) -> bool) -> ExitCode {
    match outcome {
        Ok(code) => code,
        // Whoever reads us has closed the pipe, as `head` does: nothing is wrong.
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("leaklens: {error}");
            ExitCode::from(2)
        }
    }
}
