//! The plugin executable that Grafana starts.

use std::process::ExitCode;

use backend::service::Leaklens;
use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    match backend::grafana::run(Leaklens::default) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Grafana shows stderr in its log; stdout is the handshake's.
            eprintln!("gpx_leaklens: {error}");
            ExitCode::FAILURE
        }
    }
}
