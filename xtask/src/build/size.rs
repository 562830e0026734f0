//! What the browser has to load, against the budget.

use std::io::Write as _;

use anyhow::{Result, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::glue::Compiled;
use super::modules::Module;

/// The panel's WebAssembly, gzipped.
const PANEL_GZIP_BUDGET_BYTES: usize = 280 * 1024;
/// The judge's, gzipped: loaded after the panel, and only where series come without a verdict.
const JUDGE_GZIP_BUDGET_BYTES: usize = 208 * 1024;
/// The three script modules together, with the generated glue, gzipped.
const SCRIPTS_GZIP_BUDGET_BYTES: usize = 20 * 1024;

/// Prints the sizes; an error where a budget is exceeded.
pub(crate) fn report(wasm: &Compiled, modules: &[Module]) -> Result<()> {
    let mut over = Vec::new();
    for (one, budget) in [(&wasm.panel, PANEL_GZIP_BUDGET_BYTES), (&wasm.judge, JUDGE_GZIP_BUDGET_BYTES)] {
        let gzip = gzip_len(&one.bytes)?;
        println!("size: {} {} bytes, {gzip} gzipped (budget {budget})", one.file_name, one.bytes.len());
        over.extend((gzip > budget).then_some(&one.file_name));
    }
    let mut scripts_gzip = 0;
    for module in modules {
        let gzip = gzip_len(&module.bytes)?;
        let (whole, ours) = (module.bytes.len(), module.shim_bytes);
        println!("size: {} {whole} bytes, {gzip} gzipped; {ours} without glue", module.name);
        scripts_gzip += gzip;
    }
    println!("size: scripts {scripts_gzip} bytes gzipped (budget {SCRIPTS_GZIP_BUDGET_BYTES})");
    ensure!(over.is_empty(), "over their budget: {over:?}");
    ensure!(scripts_gzip <= SCRIPTS_GZIP_BUDGET_BYTES, "the scripts are over their budget");
    Ok(())
}

/// What gzip makes of it, bytes.
pub(crate) fn gzip_len(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}
