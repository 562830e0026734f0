//! `leaklens`: leaks and runbooks without Grafana.

use std::process::ExitCode;

fn main() -> ExitCode {
    backend::cli::run()
}
