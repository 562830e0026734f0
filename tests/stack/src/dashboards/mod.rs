//! The dashboards, from a small source: what differs from panel to panel stands here, what every panel needs is added.
//!
//! No dashboard names a data source of one installation. Each has a variable of its kind; Grafana takes the default or
//! the first one where a link chooses none.

mod fleet;
mod leak;
mod load;
mod parts;

use std::path::PathBuf;

use serde_json::Value;

/// Where the rendered dashboards lie.
pub fn directory() -> PathBuf {
    crate::root().join("provisioning/dashboards")
}

/// Every dashboard: its file's name in [`directory`] and its text.
pub fn rendered() -> Vec<(String, String)> {
    let text = |board: Value| {
        let uid = board["uid"].as_str().unwrap_or_default();
        (format!("{uid}.json"), format!("{board:#}\n"))
    };
    [leak::board(), fleet::board(), load::board()].map(text).into()
}
