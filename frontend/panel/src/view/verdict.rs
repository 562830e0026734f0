//! The verdict in one sentence.
//!
//! It never reads as all-clear while an alert fires, while usage is above a threshold, or while anything is
//! missing from the answer.

use model::format;
use model::frames::{AlertRow, SuspectRow};
use model::query::Scope;

use super::clock::{Clock, is_past};
use super::suspects::{Tone, Verdict, certainty, rate, rate_interval, reasons, time_to_limit_interval};
use super::{alert, name};
use crate::data::Data;
use crate::strings;

/// A sample older than this at the end of the range is worth saying, milliseconds.
const OLD_MS: f64 = 10.0 * 60_000.0;

/// What the verdict is drawn from.
#[derive(Debug)]
pub struct Situation<'a> {
    /// The frames.
    pub data: &'a Data,
    /// The dashboard's variables.
    pub scope: &'a Scope,
    /// Whether queries failed.
    pub failed: bool,
    /// Whether the first answer is still to come.
    pub waiting: bool,
    /// When the frames came, where the newest answer is a failure, milliseconds since the epoch.
    pub old_since_ms: Option<f64>,
    /// The present, milliseconds since the epoch.
    pub now_ms: f64,
    /// End of the range, milliseconds since the epoch.
    pub to_ms: f64,
    /// The dashboard's clock.
    pub clock: &'a Clock,
}

/// The verdict line.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// How grave it is.
    pub tone: Tone,
    /// One word.
    pub word: &'static str,
    /// The sentence.
    pub sentence: String,
    /// What else to know, a few words each.
    pub details: Vec<String>,
}

impl Line {
    fn new(tone: Tone, word: &'static str, sentence: impl Into<String>) -> Self {
        Self { tone, word, sentence: sentence.into(), details: Vec::new() }
    }
}

/// The verdict.
pub fn line(situation: &Situation<'_>) -> Line {
    let mut line = of_the_frames(situation);
    if let Some(since) = situation.old_since_ms {
        let age = format::duration(((situation.now_ms - since) / 1000.0).max(0.0));
        line.details.push(strings::old_answer_detail(&age));
    } else if is_past(situation.to_ms, situation.now_ms) && !situation.waiting {
        line.details.push(strings::range_ended(&situation.clock.moment(situation.to_ms, situation.now_ms)));
    }
    line
}

fn of_the_frames(situation: &Situation<'_>) -> Line {
    let Situation { data, scope, .. } = situation;
    let alerts = data.alerts.as_deref().unwrap_or_default();
    let firing = alert::chosen(alerts, scope).filter(|alert| alert::fires(alert));
    // Where the chosen alert is only pending, another may fire all the same.
    let firing = firing.or_else(|| alerts.iter().find(|alert| alert::fires(alert)));
    let suspects = data.suspects.as_deref().unwrap_or_default();
    match (firing, suspects) {
        (Some(firing), suspects) => with_alert(situation, firing, suspects),
        (None, _) if situation.waiting => {
            let reads = if data.unjudged > 0 { strings::JUDGING_LINE } else { strings::LOADING_LINE };
            Line::new(Tone::Unknown, strings::LOADING, reads)
        }
        (None, []) if data.unjudged > 0 && !situation.failed => {
            Line::new(Tone::Unknown, strings::CANNOT_TELL, strings::NOT_JUDGED)
        }
        (None, []) if situation.failed || !data.faults.is_empty() => {
            Line::new(Tone::Unknown, strings::CANNOT_TELL, strings::QUERY_FAILED)
        }
        (None, []) => Line::new(Tone::Unknown, strings::NO_DATA, strings::NO_SUSPECTS),
        (None, [worst, ..]) => {
            // Of those that grow, the one the link names comes before the worst.
            let named = alert::suspect_in(scope, suspects).filter(|named| Verdict::of(named).grows());
            without_alert(situation, named.unwrap_or(worst), suspects)
        }
    }
}

fn with_alert(situation: &Situation<'_>, firing: &AlertRow, suspects: &[SuspectRow]) -> Line {
    let fires = fires(situation, firing);
    let Some(suspect) = alert::suspect_of(firing, suspects) else {
        return about_nothing_seen(situation, firing, &fires, suspects);
    };
    let verdict = Verdict::of(suspect);
    if leaks(suspect) {
        let mut line = growth(situation, suspect, verdict);
        line.tone = Tone::Bad;
        line.details.extend(others(suspect, suspects));
        return line;
    }
    let main = name::of(suspect).main;
    let reason = reasons(suspect).into_iter().next();
    let contradicts =
        alert::claims_growth(firing) && !matches!(verdict, Verdict::Insufficient | Verdict::Screened);
    let state = strings::with_reason(state(verdict), reason.as_deref());
    let (word, sentence) = if contradicts {
        (strings::DISAGREE, strings::but(&fires, &main, &state))
    } else {
        (strings::ALERT_FIRES, strings::and(&fires, &main, &state))
    };
    let mut line = Line::new(Tone::Attention, word, sentence);
    line.details.extend(above_threshold(suspect));
    line.details.extend(old(situation, suspect));
    line.details.extend(others(suspect, suspects));
    line
}

/// An alert of the system as a whole, or of something that has no memory series here.
fn about_nothing_seen(
    situation: &Situation<'_>,
    firing: &AlertRow,
    fires: &str,
    suspects: &[SuspectRow],
) -> Line {
    let leaking = suspects.first().filter(|worst| leaks(worst));
    let growth = leaking.map(|worst| growth(situation, worst, Verdict::of(worst)));
    if let (Some(growth), false) = (&growth, alert::names_something(firing)) {
        let mut line = Line::new(Tone::Bad, growth.word, strings::and_also(fires, &growth.sentence));
        line.details.clone_from(&growth.details);
        line.details.extend(leaking.and_then(|worst| others(worst, suspects)));
        return line;
    }
    let why = match suspects {
        [] if situation.failed || !situation.data.faults.is_empty() => strings::AND_QUERY_FAILED,
        [] => strings::AND_NO_SUSPECTS,
        _ if alert::names_something(firing) => strings::AND_NO_MATCH,
        _ => strings::AND_NO_LEAK,
    };
    let mut line = Line::new(Tone::Bad, strings::ALERT_FIRES, format!("{fires}{why}"));
    line.details.extend(growth.map(|growth| strings::elsewhere(&growth.sentence)));
    line
}

fn leaks(row: &SuspectRow) -> bool {
    matches!(Verdict::of(row), Verdict::Leak | Verdict::Suspect)
}

fn without_alert(situation: &Situation<'_>, about: &SuspectRow, suspects: &[SuspectRow]) -> Line {
    let verdict = Verdict::of(about);
    let mut line =
        if verdict.grows() { growth(situation, about, verdict) } else { quiet(situation, suspects) };
    let known = situation.data.alerts.as_deref();
    match known {
        None => line.details.push(strings::ALERTS_NOT_ASKED.to_owned()),
        Some([]) => line.details.push(strings::NO_ALERT.to_owned()),
        Some(_) => line.details.push(strings::ONLY_PENDING.to_owned()),
    }
    if verdict.grows() {
        line.details.extend(others(about, suspects));
    }
    line
}

/// `checkout leaks 31 MiB/h since 03:10 and reaches its limit of 1 GiB in 5 h`.
fn growth(situation: &Situation<'_>, suspect: &SuspectRow, verdict: Verdict) -> Line {
    let main = name::of(suspect).main;
    let since = suspect.onset.map(|onset| situation.clock.moment(onset.0 as f64, situation.now_ms));
    let limit = match (suspect.limit_bytes, suspect.current_bytes, suspect.secs_to_limit) {
        (Some(limit), Some(current), _) if current >= limit => strings::and_over_limit(&format::bytes(limit)),
        (Some(limit), _, Some(secs)) => {
            strings::and_reaches_limit(&format::bytes(limit), &format::duration(secs))
        }
        _ => String::new(),
    };
    let sentence = strings::growth(verdict, &main, &rate(suspect), since.as_deref(), &limit);
    let mut line = Line::new(verdict.tone(), verdict.word(), sentence);
    let interval = rate_interval(suspect);
    let sure = certainty(suspect);
    line.details.push(strings::sure(&sure, &interval));
    let when = time_to_limit_interval(suspect);
    if !when.is_empty() && !limit.is_empty() {
        line.details.push(strings::limit_between(&when));
    }
    if suspect.limit_bytes.is_none() {
        line.details.push(strings::NO_LIMIT_DETAIL.to_owned());
    }
    line.details.extend(above_threshold(suspect));
    line.details.extend(old(situation, suspect));
    line
}

/// No suspect grows. Calm only where everything was looked at and nothing is wrong.
fn quiet(situation: &Situation<'_>, suspects: &[SuspectRow]) -> Line {
    let unjudged = suspects.iter().filter(|row| Verdict::of(row) == Verdict::Insufficient).count();
    let high = suspects.iter().filter(|row| !row.severity.is_empty()).count();
    let stale = suspects.iter().filter(|row| old(situation, row).is_some()).count();
    let judged = suspects.len() - unjudged;
    let screened = suspects.iter().filter(|row| Verdict::of(row) == Verdict::Screened).count();
    let mut line = if high > 0 {
        Line::new(Tone::Attention, strings::NO_LEAK_HIGH_WORD, strings::no_leak_but_high(high))
    } else if judged == 0 {
        Line::new(Tone::Unknown, strings::INSUFFICIENT, strings::none_judged(suspects.len()))
    } else if situation.failed || !situation.data.faults.is_empty() {
        Line::new(Tone::Unknown, strings::NO_LEAK_SEEN, strings::no_leak_partial(judged))
    } else if situation.data.alerts.is_none() {
        Line::new(Tone::Unknown, strings::NO_LEAK_SEEN, strings::no_leak(judged))
    } else if stale > 0 {
        Line::new(Tone::Unknown, strings::NO_LEAK_SEEN, strings::no_leak_stale(judged, stale))
    } else if unjudged > 0 {
        Line::new(Tone::Unknown, strings::NO_LEAK_SEEN, strings::no_leak(judged))
    } else if situation.data.alerts.as_ref().is_some_and(|alerts| !alerts.is_empty()) {
        Line::new(Tone::Neutral, strings::NO_LEAK_SEEN, strings::no_leak(judged))
    } else {
        Line::new(Tone::Calm, strings::NO_LEAK, strings::no_leak(judged))
    };
    if unjudged > 0 && judged > 0 {
        line.details.push(strings::unjudged(unjudged));
    }
    if screened > 0 {
        line.details.push(strings::screened(screened));
    }
    line
}

/// `HighMemoryGrowthRate fires since 03:10 (14 MiB/h, threshold 10 MiB/h)`.
fn fires(situation: &Situation<'_>, firing: &AlertRow) -> String {
    let since = firing.since.map(|since| situation.clock.moment(since.0 as f64, situation.now_ms));
    let alertname = super::text::visible(&firing.alertname, super::text::NAME_CHARS);
    let value = alert::value(firing);
    strings::fires(&alertname, since.as_deref(), value.as_deref(), alert::suppression(firing))
}

fn state(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Growing => strings::STATE_GROWING,
        Verdict::Bounded => strings::STATE_BOUNDED,
        Verdict::Stable => strings::STATE_STABLE,
        Verdict::Screened => strings::STATE_SCREENED,
        _ => strings::STATE_INSUFFICIENT,
    }
}

/// Of what does not leak only the usage can be too high.
fn above_threshold(suspect: &SuspectRow) -> Option<String> {
    let severity = suspect.severity.as_str();
    let is_known = matches!(severity, "critical" | "warning");
    is_known.then(|| strings::above_threshold(severity, !leaks(suspect)))
}

fn old(situation: &Situation<'_>, suspect: &SuspectRow) -> Option<String> {
    let age = situation.to_ms.min(situation.now_ms) - suspect.last_sample?.0 as f64;
    (age > OLD_MS).then(|| strings::old_sample(&format::duration(age / 1000.0)))
}

fn others(this: &SuspectRow, suspects: &[SuspectRow]) -> Option<String> {
    let more = suspects.iter().filter(|row| row.id != this.id && leaks(row)).count();
    (more > 0).then(|| strings::more_leak(more))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::frames::Millis;
    use model::query::Selection;
    use model::thresholds::MIB;

    const NOW: f64 = 1_795_521_600_000.0;

    fn suspect(verdict: &str) -> SuspectRow {
        SuspectRow {
            id: format!("{verdict}-1"),
            pod: "cart-1".to_owned(),
            container: "app".to_owned(),
            verdict: verdict.to_owned(),
            score: 0.97,
            rate_bytes_per_hour: Some(31.0 * MIB),
            rate_low_bytes_per_hour: Some(28.0 * MIB),
            rate_high_bytes_per_hour: Some(34.0 * MIB),
            current_bytes: Some(800.0 * MIB),
            limit_bytes: Some(1024.0 * MIB),
            secs_to_limit: Some(18_600.0),
            secs_to_limit_low: Some(14_400.0),
            onset: Some(Millis((NOW - 3.0 * 3_600_000.0) as i64)),
            last_sample: Some(Millis(NOW as i64)),
            reasons: r#"["The floor is flat since 10:00."]"#.to_owned(),
            ..SuspectRow::default()
        }
    }

    fn firing() -> AlertRow {
        AlertRow {
            alertname: "Growth".to_owned(),
            state: "firing".to_owned(),
            since: Some(Millis((NOW - 3_600_000.0) as i64)),
            pod: "cart-1".to_owned(),
            value: Some(14.0 * MIB),
            threshold: Some(10.0 * MIB),
            value_unit: "bytes_per_hour".to_owned(),
            ..AlertRow::default()
        }
    }

    fn judge(suspects: Vec<SuspectRow>, alerts: Option<Vec<AlertRow>>, failed: bool) -> Line {
        let data = Data { suspects: Some(suspects), alerts, ..Data::default() };
        of(&data, &Scope::default(), failed)
    }

    fn of(data: &Data, scope: &Scope, failed: bool) -> Line {
        until(NOW, data, scope, failed)
    }

    fn until(to_ms: f64, data: &Data, scope: &Scope, failed: bool) -> Line {
        line(&Situation {
            data,
            scope,
            failed,
            waiting: false,
            old_since_ms: None,
            now_ms: NOW,
            to_ms,
            clock: &Clock::utc(),
        })
    }

    #[test]
    fn a_leak_is_told_with_rate_onset_certainty_and_limit() {
        let line = judge(vec![suspect("leak"), suspect("suspect")], Some(vec![firing()]), false);
        assert_eq!(
            line.sentence,
            "cart-1 / app leaks 31 MiB/h since 09:00 and reaches its 1 GiB limit in 5 h 10 min"
        );
        assert_eq!(line.details, ["97 % sure, 28 to 34 MiB/h", "limit in 4 h or later", "1 more may leak"]);
        assert_eq!((line.tone, line.word), (Tone::Bad, "Leak"));
    }

    #[test]
    fn what_a_past_range_shows_is_said_to_be_past() {
        let data = Data { suspects: Some(vec![suspect("leak")]), alerts: Some(vec![]), ..Data::default() };
        let told = |to_ms| until(to_ms, &data, &Scope::default(), false).details.pop().unwrap_or_default();
        let past = told(NOW - 3.0 * 3_600_000.0);
        assert!(past.starts_with("as of ") && past.ends_with(", where the range ends"), "{past}");
        assert!(!told(NOW - 60_000.0).contains("as of"));
    }

    #[test]
    fn of_those_that_grow_the_named_pod_comes_first() {
        let named = SuspectRow { pod: "cart-2".to_owned(), id: "2".to_owned(), ..suspect("suspect") };
        let still = SuspectRow { pod: "cart-3".to_owned(), id: "3".to_owned(), ..suspect("stable") };
        let suspects = Some(vec![suspect("leak"), named, still]);
        let about = |pod: &str| {
            let scope = Scope { pod: Selection::one(pod), ..Scope::default() };
            let data = Data { suspects: suspects.clone(), alerts: Some(vec![]), ..Data::default() };
            of(&data, &scope, false).sentence
        };
        assert!(about("cart-2").starts_with("cart-2 / app"), "{}", about("cart-2"));
        assert!(about("cart-3").starts_with("cart-1 / app"), "a pod that is still does not hide a leak");
        assert!(about("gone").starts_with("cart-1 / app"));
    }

    #[test]
    fn what_is_not_known_of_a_leak_is_not_claimed() {
        let row = SuspectRow { onset: None, limit_bytes: None, secs_to_limit: None, ..suspect("leak") };
        let line = judge(vec![row], Some(vec![]), false);
        assert_eq!(line.sentence, "cart-1 / app leaks 31 MiB/h (for as long as this range shows it)");
        assert_eq!(line.details, ["97 % sure, 28 to 34 MiB/h", "no memory limit known", "no alert fires"]);
    }

    #[test]
    fn where_alert_and_detector_disagree_both_are_told_and_why() {
        let line = judge(vec![suspect("bounded")], Some(vec![firing()]), false);
        assert_eq!(
            line.sentence,
            "Growth fires since 11:00 (14 MiB/h, threshold 10 MiB/h), but cart-1 / app grew and has levelled off: \
             The floor is flat since 10:00"
        );
        assert_eq!((line.tone, line.word), (Tone::Attention, "Alert and trend disagree"));
    }

    #[test]
    fn a_silenced_alert_fires_all_the_same_and_a_pending_one_does_not_yet() {
        let silenced = AlertRow { suppression: "silenced".to_owned(), ..firing() };
        let line = judge(vec![suspect("bounded")], Some(vec![silenced]), false);
        assert_eq!(
            line.sentence,
            "Growth fires since 11:00 (14 MiB/h, threshold 10 MiB/h), silenced, but cart-1 / app grew and has \
             levelled off: The floor is flat since 10:00"
        );
        assert_eq!((line.tone, line.word), (Tone::Attention, "Alert and trend disagree"));
        let pending = AlertRow { state: "pending".to_owned(), ..firing() };
        let line = judge(vec![suspect("leak")], Some(vec![pending]), false);
        assert!(line.sentence.starts_with("cart-1 / app leaks 31 MiB/h"), "{}", line.sentence);
        assert!(line.details.contains(&strings::ONLY_PENDING.to_owned()), "{line:?}");
    }

    #[test]
    fn an_alert_about_something_else_than_growth_is_not_contradicted_by_a_flat_floor() {
        let usage = AlertRow { value_unit: "bytes".to_owned(), ..firing() };
        let line = judge(vec![suspect("stable")], Some(vec![usage]), false);
        assert_eq!(
            line.sentence,
            "Growth fires since 11:00 (14 MiB, threshold 10 MiB), and cart-1 / app does not grow: \
             The floor is flat since 10:00"
        );
        assert_eq!((line.tone, line.word), (Tone::Attention, "Alert fires"));
        let down = AlertRow { value_unit: String::new(), value: Some(0.0), threshold: Some(0.0), ..firing() };
        let line = judge(vec![suspect("stable")], Some(vec![down]), false);
        assert!(line.sentence.starts_with("Growth fires since 11:00, and cart-1"), "{}", line.sentence);
    }

    #[test]
    fn nothing_is_calm_while_an_alert_fires_or_anything_is_missing() {
        let stale = SuspectRow { last_sample: Some(Millis((NOW - 3_600_000.0) as i64)), ..suspect("stable") };
        let high = SuspectRow { severity: "warning".to_owned(), ..suspect("stable") };
        let not_calm = [
            ("firing", judge(vec![suspect("stable")], Some(vec![firing()]), false)),
            ("firing, no series", judge(vec![], Some(vec![firing()]), false)),
            ("failed", judge(vec![suspect("stable")], Some(vec![]), true)),
            ("failed, no series", judge(vec![], Some(vec![]), true)),
            ("no series", judge(vec![], Some(vec![]), false)),
            ("alerts not asked", judge(vec![suspect("stable")], None, false)),
            ("too little data", judge(vec![suspect("insufficient")], Some(vec![]), false)),
            (
                "partly too little data",
                judge(vec![suspect("stable"), suspect("insufficient")], Some(vec![]), false),
            ),
            ("stopped reporting", judge(vec![stale], Some(vec![]), false)),
            (
                "pending",
                judge(
                    vec![suspect("stable")],
                    Some(vec![AlertRow { state: "pending".to_owned(), ..firing() }]),
                    false,
                ),
            ),
            ("above a threshold", judge(vec![high], Some(vec![]), false)),
            ("grows", judge(vec![suspect("growing")], Some(vec![]), false)),
        ];
        for (case, line) in not_calm {
            assert_ne!(line.tone, Tone::Calm, "{case}: {line:?}");
            assert_ne!(line.word, strings::NO_LEAK, "{case}");
        }
        let calm = judge(vec![suspect("stable"), suspect("bounded")], Some(vec![]), false);
        assert_eq!((calm.tone, calm.sentence.as_str()), (Tone::Calm, "No leak in 2 memory series"));
    }

    #[test]
    fn an_alert_of_the_whole_system_does_not_hide_a_leak() {
        let absent = AlertRow {
            pod: String::new(),
            value: Some(1.0),
            threshold: None,
            value_unit: String::new(),
            ..firing()
        };
        let line = judge(vec![suspect("leak")], Some(vec![absent.clone()]), false);
        assert!(
            line.sentence.starts_with("Growth fires since 11:00, and cart-1 / app leaks 31 MiB/h"),
            "{line:?}"
        );
        let line = judge(vec![suspect("stable")], Some(vec![absent]), false);
        assert_eq!(line.sentence, "Growth fires since 11:00; no memory series leaks");
        let other = AlertRow { pod: "web-9".to_owned(), ..firing() };
        let line = judge(vec![suspect("leak")], Some(vec![other]), false);
        assert!(line.details[0].starts_with("elsewhere cart-1 / app leaks"), "{line:?}");
    }

    #[test]
    fn an_alert_of_something_else_is_not_put_on_the_worst_suspect() {
        let other = AlertRow { pod: "web-9".to_owned(), ..firing() };
        let line = judge(vec![suspect("stable")], Some(vec![other]), false);
        assert!(line.sentence.ends_with("no memory series bears its labels"), "{}", line.sentence);
    }
}
