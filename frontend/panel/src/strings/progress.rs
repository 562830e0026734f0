//! Texts of progress and of the incident summary.

/// Kept here because Grafana refuses.
pub const KEPT_FORBIDDEN: &str =
    "You may not write annotations here, so your ticks are kept in this browser alone: nobody else sees them";
/// Button that copies the summary.
pub const COPY_SUMMARY: &str = "Copy incident summary";
/// Heading of a summary without an alert.
pub const INCIDENT: &str = "Memory";

/// Kept here because something failed.
pub fn kept_here(why: &str) -> String {
    format!("Grafana did not take your ticks ({why}); they are kept in this browser alone")
}

/// The records could not be read.
pub fn progress_unread(why: &str) -> String {
    format!("What others have ticked could not be read: {why}")
}

/// A record could not be kept at all.
pub fn tick_lost(why: &str) -> String {
    format!("Your tick is lost: {why}")
}

/// What a check box says, for screen readers.
pub fn done_label(step: &str) -> String {
    format!("Done: {step}")
}

/// Who ticked when, or took the tick back.
pub fn ticked(done: bool, who: &str, moment: &str) -> String {
    let what = if done { "done" } else { "taken back" };
    match who {
        "" => format!("{what} in this browser, {moment}"),
        who => format!("{what} by {who}, {moment}"),
    }
}

/// A record in words, for Grafana's own list of annotations.
pub fn record(alertname: &str, done: bool, step: &str) -> String {
    format!("{alertname}: {} “{step}”", if done { "done:" } else { "taken back:" })
}

/// An alert with its state.
pub fn stands(name: &str, state: &str, since: Option<&str>, value: Option<&str>) -> String {
    let since = since.map(|since| format!(" since {since}")).unwrap_or_default();
    let value = value.map(|value| format!(" ({value})")).unwrap_or_default();
    format!("{name} is {state}{since}{value}")
}

/// When a summary was written.
pub fn as_of(moment: &str) -> String {
    format!("As of {moment}")
}
