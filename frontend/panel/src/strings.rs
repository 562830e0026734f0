//! Every text the panel shows.
//!
//! Labels carry no full stop and no Title Case. Values put into a sentence are fit to be shown already.

use std::fmt::Display;

use crate::view::suspects::Verdict;

mod chart;
mod evidence;
mod progress;

pub use chart::*;
pub use evidence::*;
pub use progress::*;

// Verdicts
/// A leak.
pub const LEAK: &str = "Leak";
/// Probably a leak.
pub const SUSPECT: &str = "Suspect";
/// Grows slowly.
pub const GROWING: &str = "Growing";
/// Levelled off.
pub const BOUNDED: &str = "Levelled off";
/// Does not grow.
pub const STABLE: &str = "Stable";
/// Looked at coarsely.
pub const SCREENED: &str = "Screened";
/// Cannot be judged.
pub const INSUFFICIENT: &str = "Too little data";

// Verdict line
/// Word of the verdict before the first answer.
pub const LOADING: &str = "Loading";
/// Sentence before the first answer.
pub const LOADING_LINE: &str = "Reading memory metrics and alerts";
/// Sentence before the first series is judged.
pub const JUDGING_LINE: &str = "Judging the series";
/// Word when the answer failed.
pub const CANNOT_TELL: &str = "Cannot tell";
/// Sentence when the answer failed.
pub const QUERY_FAILED: &str = "The query failed, so nothing is known about leaks";
/// Sentence when what judges series could not be had.
pub const NOT_JUDGED: &str = "The series could not be judged, so nothing is known about leaks";
/// Word when the answer is empty.
pub const NO_DATA: &str = "No data";
/// Sentence when the answer is empty.
pub const NO_SUSPECTS: &str = "No memory series in this scope";
/// Word when an alert fires and no verdict stands beside it.
pub const ALERT_FIRES: &str = "Alert fires";
/// Word when alert and detector disagree.
pub const DISAGREE: &str = "Alert and trend disagree";
/// After the alert, when the query failed.
pub const AND_QUERY_FAILED: &str = "; the memory series could not be read";
/// After the alert, when there is no series.
pub const AND_NO_SUSPECTS: &str = "; there is no memory series in its scope";
/// After the alert, when no series bears its labels.
pub const AND_NO_MATCH: &str = "; no memory series bears its labels";
/// After an alert of the whole system, when nothing leaks.
pub const AND_NO_LEAK: &str = "; no memory series leaks";
/// Word when nothing leaks.
pub const NO_LEAK: &str = "No leak";
/// Word when no leak is seen but not all was looked at.
pub const NO_LEAK_SEEN: &str = "No leak seen";
/// Word when nothing leaks but usage is high.
pub const NO_LEAK_HIGH_WORD: &str = "High usage";
/// Detail: no alert.
pub const NO_ALERT: &str = "no alert fires";
/// Detail: pending alerts only.
pub const ONLY_PENDING: &str = "an alert is pending, none fires yet";
/// Detail: the answer holds no alerts.
pub const ALERTS_NOT_ASKED: &str = "alerts were not looked at";
/// Detail: no limit.
pub const NO_LIMIT_DETAIL: &str = "no memory limit known";
/// Detail: a threshold is passed; `uses` where it can only be that of usage.
pub fn above_threshold(severity: &str, uses: bool) -> String {
    let whose = if uses { "its memory is " } else { "" };
    format!("{whose}above the {severity} threshold")
}
/// What the detector sees where it grows slowly.
pub const STATE_GROWING: &str = "grows too slowly or too briefly to be called a leak";
/// What the detector sees where growth stopped.
pub const STATE_BOUNDED: &str = "grew and has levelled off";
/// What the detector sees where nothing grows.
pub const STATE_STABLE: &str = "does not grow";
/// What the detector sees where it took only a first look.
pub const STATE_SCREENED: &str = "was only looked at coarsely: narrow the selection to judge it";
/// What the detector sees where it cannot judge.
pub const STATE_INSUFFICIENT: &str = "has too little data to be judged";

/// The sentence about growth; `limit` is empty or a clause.
pub fn growth(verdict: Verdict, name: &str, rate: &str, since: Option<&str>, limit: &str) -> String {
    let does = match verdict {
        Verdict::Leak => "leaks",
        Verdict::Suspect => "probably leaks",
        _ => "grows by",
    };
    let since = since.map_or_else(
        || " (for as long as this range shows it)".to_owned(),
        |since| format!(" since {since}"),
    );
    let slowly = if verdict == Verdict::Growing { ", not enough to be called a leak" } else { "" };
    format!("{name} {does} {rate}{since}{limit}{slowly}")
}

/// Clause: the limit and when it is reached.
pub fn and_reaches_limit(limit: &str, time: &str) -> String {
    format!(" and reaches its {limit} limit in {time}")
}

/// Clause: the limit is passed.
pub fn and_over_limit(limit: &str) -> String {
    format!(" and is over its {limit} limit")
}

/// Detail: how sure, and the interval of the rate.
pub fn sure(sure: &str, interval: &str) -> String {
    match (sure, interval) {
        ("", _) => String::new(),
        (sure, "") => format!("{sure} sure"),
        (sure, interval) => format!("{sure} sure, {interval}"),
    }
}

/// Detail: interval of the time to the limit.
pub fn limit_between(interval: &str) -> String {
    format!("limit in {interval}")
}

/// An open interval.
pub fn or_later(low: &str) -> String {
    format!("{low} or later")
}

/// The alert as a clause.
pub fn fires(name: &str, since: Option<&str>, value: Option<&str>, suppression: Option<&str>) -> String {
    let since = since.map(|since| format!(" since {since}")).unwrap_or_default();
    let value = value.map(|value| format!(" ({value})")).unwrap_or_default();
    let suppression = suppression.map(|word| format!(", {}", word.to_ascii_lowercase())).unwrap_or_default();
    format!("{name} fires{since}{value}{suppression}")
}

/// An alert of the whole system, and a leak.
pub fn and_also(fires: &str, growth: &str) -> String {
    format!("{fires}, and {growth}")
}

/// Detail: a leak that is not the alert's.
pub fn elsewhere(growth: &str) -> String {
    format!("elsewhere {growth}")
}

/// Alert and detector disagree.
pub fn but(fires: &str, name: &str, state: &str) -> String {
    format!("{fires}, but {name} {state}")
}

/// The alert, and what the detector sees beside it.
pub fn and(fires: &str, name: &str, state: &str) -> String {
    format!("{fires}, and {name} {state}")
}

/// What the detector sees, and why.
pub fn with_reason(state: &str, reason: Option<&str>) -> String {
    reason.map_or_else(|| state.to_owned(), |reason| format!("{state}: {}", reason.trim_end_matches('.')))
}

/// Value against threshold.
pub fn against_threshold(value: &str, threshold: &str) -> String {
    format!("{value}, threshold {threshold}")
}

/// Usage against limit.
pub fn of_limit(usage: &str, limit: &str) -> String {
    format!("{usage} of {limit}")
}

/// Nothing leaks.
pub fn no_leak(judged: usize) -> String {
    format!("No leak in {}", series(judged))
}

/// Nothing leaks in what was seen.
pub fn no_leak_partial(judged: usize) -> String {
    format!("No leak seen in {}, but part of the answer is missing", series(judged))
}

/// Nothing leaks in what is old.
pub fn no_leak_stale(judged: usize, stale: usize) -> String {
    format!("No leak seen in {}, but {stale} of them stopped reporting", series(judged))
}

/// Nothing leaks, usage is high.
pub fn no_leak_but_high(high: usize) -> String {
    format!(
        "No leak seen, but {} above a threshold",
        if high == 1 { "1 series is".to_owned() } else { format!("{high} series are") }
    )
}

/// Detail: nothing newer came.
pub fn old_answer_detail(age: &str) -> String {
    format!("this is {age} old")
}

/// Nothing could be judged.
pub fn none_judged(count: usize) -> String {
    format!("None of {} has enough data to be judged", series(count))
}

/// Some could not be judged.
pub fn unjudged(count: usize) -> String {
    format!("{count} with too little data to judge")
}

/// Some were looked at only coarsely.
pub fn screened(count: usize) -> String {
    format!("{count} only screened")
}

/// Others leak as well.
pub fn more_leak(more: usize) -> String {
    if more == 1 { "1 more may leak".to_owned() } else { format!("{more} more may leak") }
}

/// Newest sample is old.
pub fn old_sample(age: &str) -> String {
    format!("newest sample is {age} old")
}

fn series(count: usize) -> String {
    if count == 1 { "1 memory series".to_owned() } else { format!("{count} memory series") }
}

// Suspects
/// Usage is above the limit.
pub const OVER_LIMIT: &str = "over the limit";
/// There is no limit.
pub const NO_LIMIT: &str = "no limit known";
/// The limit will not be reached.
pub const NOT_REACHED: &str = "limit not reached";
/// Heading and label of the list.
pub const SUSPECTS: &str = "Suspects";
/// Label of the filter.
pub const FILTER: &str = "Filter suspects";
/// Placeholder of the filter.
pub const FILTER_HINT: &str = "Name or verdict";
/// Nothing passes the filter.
pub const FILTER_EMPTY: &str = "No suspect matches the filter";
/// Why a suspect has its verdict.
pub fn why(verdict: &str) -> String {
    format!("{verdict}, because")
}

/// Label of the choice of order.
pub const SORT: &str = "Sort suspects by";
/// Order: as the detector ranks them.
pub const ORDER_SUSPICION: &str = "Suspicion";
/// Order: by name.
pub const ORDER_NAME: &str = "Name";

/// How many rows there are, and how many of them pass the filter.
pub fn so_many_of(shown: usize, all: usize) -> String {
    if shown == all { all.to_string() } else { format!("{shown} of {all}") }
}

/// The suspect that was chosen is not in the answer.
pub const SELECTION_GONE: &str = "The suspect chosen before is not in this answer; showing the first";

// Alerts
/// Word of a firing alert.
pub const FIRING: &str = "Firing";
/// Word of a pending alert.
pub const PENDING: &str = "Pending";
/// Word of an alert that somebody silenced.
pub const SILENCED: &str = "Silenced";
/// Word of an alert that another one stands for.
pub const INHIBITED: &str = "Inhibited";

/// Why nobody is told of an alert that fires.
pub fn suppressed(word: &str, by: &str, until: Option<&str>) -> String {
    let by = if by.is_empty() { String::new() } else { format!(" by {by}") };
    let until = until.map(|until| format!(" until {until}")).unwrap_or_default();
    format!("fires, {}{by}{until}", word.to_ascii_lowercase())
}

/// Link to an alert's rule.
pub const LINK_RULE: &str = "Rule";
/// Link to a form that silences an alert.
pub const LINK_SILENCE: &str = "Silence";
/// Label of the links from a suspect onward.
pub const LINKS: &str = "Look further";

/// What a link from a suspect leads to.
pub fn link(link: &str) -> &str {
    match link {
        "explore" => "Explore",
        "logs" => "Logs",
        "profiles" => "Profiles",
        "changes" => "Changes",
        other => other,
    }
}

/// Label of the strip.
pub const ALERT: &str = "Alert";

/// Since when, and for how long.
pub fn since(moment: &str, ago: &str) -> String {
    format!("since {moment} ({ago} ago)")
}

/// Further alerts.
pub fn more_alerts(firing: usize, pending: usize) -> String {
    match (firing, pending) {
        (0, pending) => format!("{pending} more pending"),
        (firing, 0) => format!("{firing} more firing"),
        (firing, pending) => format!("{firing} more firing, {pending} pending"),
    }
}

// Runbook
/// Heading of the runbook.
pub const RUNBOOK: &str = "Runbook";
/// Heading of general sections.
pub const GENERAL: &str = "For every alert";
/// No page.
pub const NO_PAGE: &str = "No runbook page for this alert";
/// What to do without a page.
pub const NO_PAGE_REMEDY: &str = "Add a page whose heading names the alert to the data source's runbooks";
/// No alert, so no page.
pub const NO_ALERT_PAGE: &str = "No alert at hand, so no page is chosen";
/// Before the trigger.
pub const TRIGGER: &str = "Fires when";
/// Link to the runbook the alert names.
pub const EXTERNAL_RUNBOOK: &str = "Runbook the alert links to";
/// Copy button.
pub const COPY: &str = "Copy";
/// Copied.
pub const COPIED: &str = "Copied";
/// The browser refused.
pub const COPY_FAILED: &str = "Not copied: select the text and copy it by hand";
/// Destructive command.
pub const DESTRUCTIVE: &str = "Destructive";
/// Question before copying it.
pub const COPY_DESTRUCTIVE: &str = "This changes or ends what is running. Copy it?";
/// Yes.
pub const COPY_ANYWAY: &str = "Copy it";
/// No.
pub const CANCEL: &str = "Cancel";

/// A page that is not JSON of a page.
pub fn page_unreadable(title: &str, error: &impl Display) -> String {
    format!("runbook page “{title}” could not be read: {error}")
}

/// Gaps of a command.
pub fn gaps(missing: &[String]) -> String {
    format!("Fill in before running: {}", missing.join(", "))
}

/// What the copy button copies, for screen readers.
pub fn copy_label(what: &str) -> String {
    format!("Copy command: {what}")
}

// States
/// What was thrown says nothing.
pub const UNKNOWN_ERROR: &str = "unknown error; the browser's console may say more";
/// Label of the loading bar.
pub const LOADING_BAR: &str = "Loading";
/// Heading of the empty state.
pub const EMPTY_TITLE: &str = "No memory series found";
/// First thing to try.
pub const EMPTY_VARIABLES: &str =
    "Widen the dashboard's variables (namespace, pod, container) or its time range";
/// Second thing to try.
pub const EMPTY_HEALTH: &str =
    "Open the data source's settings and press Save & test: it names the memory metrics it finds";
/// Heading of the error state.
pub const ERROR_TITLE: &str = "The query failed";
/// Remedy of the error state.
pub const ERROR_REMEDY: &str = "Open the data source's settings and press Save & test: it says what to mend";
/// Heading when what judges series could not be had.
pub const NOT_JUDGED_TITLE: &str = "The series are not judged";
/// Remedy of that.
pub const NOT_JUDGED_REMEDY: &str =
    "Reload the page; if that does not help, whoever runs Grafana may have to install the plugin anew";
/// Heading when the frames are not ours.
pub const FOREIGN_TITLE: &str = "These series cannot be read";
/// Label of tabs.
pub const TABS: &str = "Parts of the panel";
/// Summary of notices.
pub const NOTES: &str = "Notes";

/// What to do when the frames are not ours.
pub fn foreign(names: &str) -> String {
    format!("The panel reads the Leaklens data source; this query answered with {names}")
}

/// Part of the answer is missing.
pub fn partial(count: usize) -> String {
    if count == 1 {
        "Part of the answer is missing".to_owned()
    } else {
        format!("{count} parts of the answer are missing")
    }
}

/// Queries failed, the others are shown.
pub fn queries_failed(failed: usize, all: usize) -> String {
    match all {
        1 => "The query failed".to_owned(),
        all => format!("{failed} of {all} queries failed"),
    }
}

/// Nothing newer came.
pub fn old_answer(moment: &str, age: &str) -> String {
    format!("What is shown is the answer of {moment}, {age} old.")
}

/// A field has a unit that is none of memory.
pub fn read_as_bytes(unit: &str) -> String {
    format!(
        "Values of unit “{unit}” are read as bytes; choose a unit of data in the field's settings if they are not"
    )
}

/// Why series have no verdict.
pub fn not_judged(error: &str) -> String {
    format!("The series could not be judged: {error}")
}

/// Why the pages that come with the panel are not shown.
pub fn no_pack(error: &str) -> String {
    format!("The runbook that comes with the panel could not be loaded: {error}")
}

/// The range ends in the past: what is said was so then.
pub fn range_ended(moment: &str) -> String {
    format!("as of {moment}, where the range ends")
}

/// How far the judging of series is.
pub fn judging(done: usize, total: usize) -> String {
    format!("{done} of {total} series judged")
}
