//! Queries by curl, as anyone would try them.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

/// What a query cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    /// From the start of curl's transfer to its end.
    pub(crate) secs: f64,
    /// Of the answer's body.
    pub(crate) bytes: u64,
}

/// Posts a form; the answer goes to a file, or nowhere.
pub(crate) fn post(url: &str, form: &[(&str, String)], to: &Path) -> Result<Cost> {
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error", "--fail", "--write-out", "%{time_total} %{size_download}"]);
    curl.arg("--output").arg(to);
    for (name, value) in form {
        curl.arg("--data-urlencode").arg(format!("{name}={value}"));
    }
    let output = curl.arg(url).stderr(Stdio::inherit()).output().context("cannot start curl")?;
    ensure!(output.status.success(), "curl ended with {}", output.status);
    let text = String::from_utf8(output.stdout)?;
    let (secs, bytes) = text.split_once(' ').context("curl does not say what it took")?;
    Ok(Cost { secs: secs.parse()?, bytes: bytes.parse()? })
}

/// An instant query whose answer nobody keeps.
pub(crate) fn query(url: &str, expr: &str, at_secs: u64) -> Result<Cost> {
    let form = [("query", expr.to_owned()), ("time", at_secs.to_string()), ("nocache", "1".to_owned())];
    post(&format!("{url}/api/v1/query"), &form, Path::new("/dev/null"))
}

/// A range query over the day up to a time.
pub(crate) fn query_range(url: &str, expr: &str, to_secs: u64, step_secs: u32, to: &Path) -> Result<Cost> {
    let form = [
        ("query", expr.to_owned()),
        ("start", (to_secs - 86_400 + u64::from(step_secs)).to_string()),
        ("end", to_secs.to_string()),
        ("step", step_secs.to_string()),
        ("nocache", "1".to_owned()),
    ];
    post(&format!("{url}/api/v1/query_range"), &form, to)
}
