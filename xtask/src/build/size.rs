//! What the browser has to load, against the budget.

use std::io::Write as _;

use anyhow::{Result, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::modules::Module;

/// The WebAssembly, gzipped. 280 KiB is the aim; docs/performance.md says what takes it past that.
const WASM_GZIP_BUDGET_BYTES: usize = 378 * 1024;
/// Our own script in the three modules together, minified, without the generated glue.
const SHIM_BUDGET_BYTES: u64 = 25 * 1024;

/// Prints the sizes; an error where a budget is exceeded.
pub(crate) fn report(wasm: &[u8], modules: &[Module]) -> Result<()> {
    let wasm_gzip = gzip_len(wasm)?;
    println!("size: wasm {} bytes, {wasm_gzip} gzipped (budget {WASM_GZIP_BUDGET_BYTES})", wasm.len());
    for module in modules {
        let gzip = gzip_len(&module.bytes)?;
        let (whole, ours) = (module.bytes.len(), module.shim_bytes);
        println!("size: {} {whole} bytes, {gzip} gzipped; {ours} without glue", module.name);
    }
    let shims: u64 = modules.iter().map(|module| module.shim_bytes).sum();
    println!("size: shims {shims} bytes (budget {SHIM_BUDGET_BYTES})");
    ensure!(wasm_gzip <= WASM_GZIP_BUDGET_BYTES, "the WebAssembly is over its budget");
    ensure!(shims <= SHIM_BUDGET_BYTES, "the shims are over their budget");
    Ok(())
}

/// What gzip makes of it, bytes.
pub(crate) fn gzip_len(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}
