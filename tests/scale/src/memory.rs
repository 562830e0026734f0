//! The memory of a process, from /proc.

use anyhow::{Context as _, Result};

/// In bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory {
    /// Resident now.
    pub(crate) resident: u64,
    /// The most that ever was.
    pub(crate) peak: u64,
}

/// Of a process by its id.
pub(crate) fn of(pid: u32) -> Result<Memory> {
    let path = format!("/proc/{pid}/status");
    let status = std::fs::read_to_string(&path).with_context(|| path.clone())?;
    let bytes = |key: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(key));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        kib.map(|kib| kib << 10).with_context(|| format!("{path} has no {key}"))
    };
    Ok(Memory { resident: bytes("VmRSS:")?, peak: bytes("VmHWM:")? })
}
