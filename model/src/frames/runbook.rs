//! Rows of `runbook`.

use super::table::table;
use crate::runbook::FilledPage;

table! {
    /// A row per page, filled in and with findings: the pages of the alerts, worst first, then the general sections.
    RunbookRow in "runbook" {
        /// Stable identifier of the page.
        id: String = "",
        /// Its heading.
        title: String = "",
        /// `alert` for a page of an alert at hand, `general` for a section that serves every alert.
        role: String = "",
        /// The page, a JSON object: `FilledPage` of the runbook module.
        page: String = "",
    }
}

impl RunbookRow {
    /// The row of a page in that role.
    pub fn of(role: &str, page: &FilledPage) -> Self {
        Self {
            id: page.id.clone(),
            title: page.title.clone(),
            role: role.to_owned(),
            page: serde_json::json!(page).to_string(),
        }
    }
}
