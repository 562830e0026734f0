//! `cargo xtask package`: the archive that Grafana installs, and whether it is what Grafana expects.

use std::fs::{self, File};
use std::io::{Read as _, Seek, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use crate::build;
use crate::run::root;
use crate::setup;
use crate::test::report::Outcome;
use crate::test::tally::{Tally, count};

/// The one folder of the archive, named by the plugin's id.
const FOLDER: &str = "leaklens-app";
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Grafana's plugin validator, as its Go module is called; its versions are no versions of the module.
const VALIDATOR: &str =
    "github.com/grafana/plugin-validator/pkg/cmd/plugincheck2@a7e38aae36a336062e9aa5ee9dd36435851daac2";
/// What must be there beside executables and WebAssembly.
const FILES: [&str; 9] = [
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "datasource/module.js",
    "datasource/plugin.json",
    "img/logo.svg",
    "module.js",
    "panel/module.js",
    "plugin.json",
];
/// The executables, each with ELF's number of its machine.
const EXECUTABLES: [(&str, u16); 2] =
    [("datasource/gpx_leaklens_linux_amd64", 0x3e), ("datasource/gpx_leaklens_linux_arm64", 0xb7)];

/// Options of `package`.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Options {
    /// Packs dist/leaklens-app as it is instead of building it anew for both architectures.
    #[arg(long)]
    built: bool,
}

/// Builds, packs, looks at what was packed and writes its checksum.
pub(crate) fn package(options: &Options) -> Result<()> {
    let dist = root().join("dist");
    let folder = dist.join(FOLDER);
    if !options.built {
        setup::debian(setup::BUILD)?;
        setup::debian(setup::ALL_ARCHITECTURES)?;
        setup::rust_targets(&[
            setup::WASM_TARGET,
            "x86_64-unknown-linux-musl",
            "aarch64-unknown-linux-musl",
        ])?;
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
        }
        build::build(&build::Options::everything())?;
    }
    let archive = archive();
    let name = archive.file_name().context("the archive has a name")?;
    pack(&folder, File::create(&archive).with_context(|| format!("cannot write {}", archive.display()))?)?;
    inspect(File::open(&archive)?).with_context(|| archive.display().to_string())?;
    let mut sum = Command::new("sha256sum");
    let sum = sum.arg(name).current_dir(&dist).output().context("cannot start sha256sum")?;
    ensure!(sum.status.success(), "sha256sum failed: {}", String::from_utf8_lossy(&sum.stderr).trim());
    fs::write(archive.with_extension("zip.sha256"), &sum.stdout)?;
    print!(
        "xtask: packed {} bytes, sha256 {}",
        fs::metadata(&archive)?.len(),
        String::from_utf8_lossy(&sum.stdout)
    );
    Ok(())
}

fn archive() -> PathBuf {
    root().join(format!("dist/{FOLDER}-{VERSION}.zip"))
}

/// A part of `verify`: the archive of what is built, and Grafana's own validator on it.
pub(crate) fn validate() -> Result<Outcome> {
    package(&Options { built: true })?;
    let packed = Tally::of(1, 0);
    let Some(validator) = setup::go_program(VALIDATOR)? else {
        println!("xtask: Grafana's validator cannot be had here; the archive has been looked at without it");
        return Ok(Outcome::Counted(packed));
    };
    let mut check = Command::new(validator);
    check.arg("-strict").arg("-config").arg(root().join("xtask/validator.yaml")).arg(archive());
    let mut tally = count(&mut check)?;
    tally += packed;
    Ok(Outcome::Counted(tally))
}

/// Writes a folder into an archive: the same folder at the same commit makes the same bytes.
fn pack(folder: &Path, target: impl Write + Seek) -> Result<()> {
    let mut files = Vec::new();
    list(folder, &mut files)?;
    files.sort();
    let date = last_change()?;
    let mut archive = ZipWriter::new(target);
    for file in files {
        let name = file.strip_prefix(folder)?.to_str().context("a file name that is no text")?;
        let mode = if name.starts_with("datasource/gpx_") { 0o755 } else { 0o644 };
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(date)
            .unix_permissions(mode);
        archive.start_file(format!("{FOLDER}/{name}"), options)?;
        archive.write_all(&fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?)?;
    }
    archive.finish()?;
    Ok(())
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let entries = fs::read_dir(folder)
        .with_context(|| format!("cannot read {}: `cargo xtask build --all` makes it", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() { list(&path, files)? } else { files.push(path) }
    }
    Ok(())
}

/// When the last commit was made.
fn last_change() -> Result<DateTime> {
    let git = Command::new("git").args(["log", "-1", "--format=%cs"]).current_dir(root()).output()?;
    let text = String::from_utf8_lossy(&git.stdout).trim().to_owned();
    let mut numbers = text.split('-').map(str::parse::<u16>);
    let mut next = || numbers.next().context("no date")?.map_err(anyhow::Error::from);
    let (year, month, day) = (next()?, next()?, next()?);
    Ok(DateTime::from_date_and_time(year, u8::try_from(month)?, u8::try_from(day)?, 0, 0, 0)?)
}

/// Whether an archive is what Grafana expects of this plugin.
fn inspect(archive: impl std::io::Read + Seek) -> Result<()> {
    let mut archive = ZipArchive::new(archive).context("no zip archive")?;
    let mut names = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index)?;
        let whole = entry.name().context("a name that cannot be read")?.into_owned();
        let name = whole.strip_prefix(&format!("{FOLDER}/"));
        let name = name.with_context(|| format!("{whole} lies outside {FOLDER}/"))?.to_owned();
        ensure!(entry.is_file() && !name.contains(".."), "{name} is no plain file");
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        let executable = EXECUTABLES.iter().find(|(executable, _)| *executable == name);
        let wanted = if executable.is_some() { 0o755 } else { 0o644 };
        let mode = entry.unix_mode().unwrap_or_default() & 0o777;
        ensure!(mode == wanted, "{name} has the mode {mode:o}, not {wanted:o}");
        if let Some((_, machine)) = executable {
            is_static_elf(&bytes, *machine).with_context(|| name.clone())?;
        } else if name.ends_with("plugin.json") {
            is_filled_in(&bytes).with_context(|| name.clone())?;
        }
        names.push(name);
    }
    let wasm = names.iter().filter(|name| {
        name.starts_with("panel/") && Path::new(name).extension().is_some_and(|end| end == "wasm")
    });
    ensure!(
        wasm.count() == 2,
        "there are not exactly two WebAssembly files in panel/: the panel and the judge"
    );
    for wanted in FILES.iter().chain(EXECUTABLES.iter().map(|(name, _)| name)) {
        ensure!(names.iter().any(|name| name == wanted), "{wanted} is missing");
    }
    Ok(())
}

/// Version and date are there, and those of this build.
fn is_filled_in(manifest: &[u8]) -> Result<()> {
    let text = std::str::from_utf8(manifest)?;
    ensure!(!text.contains('%'), "a placeholder is left");
    let manifest: Value = serde_json::from_str(text)?;
    let info = &manifest["info"];
    ensure!(info["version"] == VERSION, "the version is {}, not {VERSION}", info["version"]);
    let updated = info["updated"].as_str().unwrap_or_default();
    let shape: String = updated.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    ensure!(shape == "0000-00-00", "the date is {updated:?}");
    Ok(())
}

/// An executable for that machine, and one that asks for no interpreter: Grafana's images have no glibc.
fn is_static_elf(bytes: &[u8], machine: u16) -> Result<()> {
    const INTERPRETER: u32 = 3;
    let number = |at: usize, len: usize| -> Result<u64> {
        let mut number = [0; 8];
        let part = bytes.get(at..at + len).context("it is cut off")?;
        number[..len].copy_from_slice(part);
        Ok(u64::from_le_bytes(number))
    };
    ensure!(bytes.starts_with(b"\x7fELF\x02\x01"), "no 64-bit ELF");
    let built_for = number(18, 2)?;
    ensure!(built_for == u64::from(machine), "built for the machine {built_for:#x}, not {machine:#x}");
    let (headers, size, count) = (number(32, 8)? as usize, number(54, 2)? as usize, number(56, 2)? as usize);
    for index in 0..count {
        if number(headers + index * size, 4)? == u64::from(INTERPRETER) {
            bail!("it is linked dynamically");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// An executable of nothing but its headers: one program header of a kind.
    fn elf(machine: u16, kind: u32) -> Vec<u8> {
        let mut bytes = vec![0; 64 + 56];
        bytes[..6].copy_from_slice(b"\x7fELF\x02\x01");
        bytes[18..20].copy_from_slice(&machine.to_le_bytes());
        bytes[32..40].copy_from_slice(&64_u64.to_le_bytes());
        bytes[54..56].copy_from_slice(&56_u16.to_le_bytes());
        bytes[56..58].copy_from_slice(&1_u16.to_le_bytes());
        bytes[64..68].copy_from_slice(&kind.to_le_bytes());
        bytes
    }

    fn manifest(version: &str, updated: &str) -> Vec<u8> {
        format!(r#"{{"info":{{"version":"{version}","updated":"{updated}"}}}}"#).into_bytes()
    }

    /// A good archive's files, each changed by `change`, which may drop one.
    fn complaint(change: impl Fn(&str, Vec<u8>, u32) -> Option<(String, Vec<u8>, u32)>) -> String {
        let plain = FILES.iter().map(|name| {
            let bytes =
                if name.ends_with("plugin.json") { manifest(VERSION, "2026-01-01") } else { Vec::new() };
            ((*name).to_owned(), bytes, 0o644)
        });
        let executables =
            EXECUTABLES.iter().map(|(name, machine)| ((*name).to_owned(), elf(*machine, 1), 0o755));
        let more = [
            ("panel/plugin.json".to_owned(), manifest(VERSION, "2026-01-01"), 0o644),
            ("panel/leaklens.0.wasm".to_owned(), Vec::new(), 0o644),
            ("panel/leaklens-judge.0.wasm".to_owned(), Vec::new(), 0o644),
        ];
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes, mode) in plain.chain(executables).chain(more) {
            let Some((name, bytes, mode)) = change(&format!("{FOLDER}/{name}"), bytes, mode) else {
                continue;
            };
            archive.start_file(name, SimpleFileOptions::default().unix_permissions(mode)).expect("an entry");
            archive.write_all(&bytes).expect("written");
        }
        inspect(archive.finish().expect("an archive"))
            .map_or_else(|error| format!("{error:#}"), |()| String::new())
    }

    /// With the file of that name changed.
    fn with(name: &str, change: impl Fn(Vec<u8>, u32) -> Option<(Vec<u8>, u32)>) -> String {
        complaint(|each, bytes, mode| {
            if each.strip_prefix("leaklens-app/") == Some(name) {
                change(bytes, mode).map(|(bytes, mode)| (each.to_owned(), bytes, mode))
            } else {
                Some((each.to_owned(), bytes, mode))
            }
        })
    }

    #[test]
    fn a_good_archive_is_good_and_every_fault_is_named() {
        assert_eq!(complaint(|name, bytes, mode| Some((name.to_owned(), bytes, mode))), "");
        let (amd64, arm64) = (EXECUTABLES[0].0, EXECUTABLES[1].0);
        let has =
            |complaint: String, words: &str| assert!(complaint.contains(words), "{complaint:?}: {words}");
        has(with("LICENSE", |_, _| None), "LICENSE is missing");
        has(with(arm64, |_, _| None), "gpx_leaklens_linux_arm64 is missing");
        has(with(amd64, |bytes, _| Some((bytes, 0o644))), "mode 644, not 755");
        has(with("module.js", |bytes, _| Some((bytes, 0o755))), "mode 755, not 644");
        has(with(amd64, |_, mode| Some((elf(0xb7, 1), mode))), "not 0x3e");
        has(with(amd64, |_, mode| Some((elf(0x3e, 3), mode))), "linked dynamically");
        has(with(amd64, |_, mode| Some((b"#!/bin/sh".to_vec(), mode))), "no 64-bit ELF");
        has(with("plugin.json", |_, mode| Some((manifest("%VERSION%", "2026-01-01"), mode))), "placeholder");
        has(with("plugin.json", |_, mode| Some((manifest("0.0.0", "2026-01-01"), mode))), "version");
        has(with("datasource/plugin.json", |_, mode| Some((manifest(VERSION, "today"), mode))), "date");
        has(with("panel/leaklens.0.wasm", |_, _| None), "WebAssembly");
        let renamed = complaint(|name, bytes, mode| Some((name.replace(FOLDER, "dist"), bytes, mode)));
        has(renamed, "lies outside leaklens-app/");
    }

    #[test]
    fn the_same_folder_makes_the_same_bytes() {
        let once = || {
            let mut bytes = Cursor::new(Vec::new());
            pack(&root().join("img"), &mut bytes).expect("packed");
            bytes.into_inner()
        };
        assert_eq!(once(), once());
    }
}
