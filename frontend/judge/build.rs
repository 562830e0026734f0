//! Fills in our pack of runbooks with marks that the panel replaces: it then needs its pages, and neither the parser nor
//! the shell's rules of quoting.

use std::path::PathBuf;
use std::{env, fs};

use model::alert::{Alert, AlertState};
use model::labels::Labels;
use model::runbook::{FilledRunbook, Library, RunbookSettings};

include!("src/marks.rs");

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let library = Library::builtin();
    let labels: Labels = MARKS.iter().map(|(role, mark)| (*role, *mark)).collect();
    let mut pack = FilledRunbook::default();
    for name in library.pages().flat_map(|page| page.alerts.clone()) {
        let alert = Alert { name, state: AlertState::Firing, labels: labels.clone(), ..Alert::default() };
        let filled = library.fill(&[alert], None, &RunbookSettings::default());
        pack.general = filled.general;
        pack.pages
            .extend(filled.pages.into_iter().filter(|page| !pack.pages.contains(page)).collect::<Vec<_>>());
    }
    let folder = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(folder.join("pack.json"), serde_json::to_string(&pack)?)?;
    // The pack is part of `model`, whose changes run this again.
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/marks.rs");
    Ok(())
}
