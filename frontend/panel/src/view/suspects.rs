//! What is known of a suspect, in words.

use model::format;
use model::frames::SuspectRow;

use super::number::{UNKNOWN, or_unknown, percent};
use crate::strings;

/// How grave something is. Each has a colour, a shape and a word of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tone {
    /// As it should be.
    Calm,
    /// For information.
    Neutral,
    /// Could not be told.
    Unknown,
    /// Worth a look.
    Attention,
    /// Wrong.
    Bad,
}

impl Tone {
    /// Its name in class names.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Calm => "calm",
            Self::Neutral => "neutral",
            Self::Unknown => "unknown",
            Self::Attention => "attention",
            Self::Bad => "bad",
        }
    }
}

/// A verdict as the frames name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A leak.
    Leak,
    /// Probably a leak.
    Suspect,
    /// Grows, but slowly or not for long.
    Growing,
    /// Grew and levelled off.
    Bounded,
    /// Does not grow.
    Stable,
    /// Only looked at coarsely, among many.
    Screened,
    /// Too little data, or a word this panel does not know: never read as healthy.
    Insufficient,
}

impl Verdict {
    /// The verdict of a row.
    pub fn of(row: &SuspectRow) -> Self {
        match row.verdict.as_str() {
            "leak" => Self::Leak,
            "suspect" => Self::Suspect,
            "growing" => Self::Growing,
            "bounded" => Self::Bounded,
            "stable" => Self::Stable,
            "screened" => Self::Screened,
            _ => Self::Insufficient,
        }
    }

    /// How grave it is.
    pub fn tone(self) -> Tone {
        match self {
            Self::Leak => Tone::Bad,
            Self::Suspect => Tone::Attention,
            Self::Growing | Self::Bounded => Tone::Neutral,
            Self::Stable => Tone::Calm,
            Self::Screened | Self::Insufficient => Tone::Unknown,
        }
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Leak => strings::LEAK,
            Self::Suspect => strings::SUSPECT,
            Self::Growing => strings::GROWING,
            Self::Bounded => strings::BOUNDED,
            Self::Stable => strings::STABLE,
            Self::Screened => strings::SCREENED,
            Self::Insufficient => strings::INSUFFICIENT,
        }
    }

    /// Whether growth is told of it.
    pub fn grows(self) -> bool {
        matches!(self, Self::Leak | Self::Suspect | Self::Growing)
    }
}

/// `31 MiB/h`, or a dash where there was too little data.
pub fn rate(row: &SuspectRow) -> String {
    row.rate_bytes_per_hour.map_or_else(|| UNKNOWN.to_owned(), format::bytes_per_hour)
}

/// `28 to 34 MiB/h`, or empty, also where it reads like the rate itself.
pub fn rate_interval(row: &SuspectRow) -> String {
    let (Some(low), Some(high)) = (row.rate_low_bytes_per_hour, row.rate_high_bytes_per_hour) else {
        return String::new();
    };
    let interval = format::range(&format::bytes_per_hour(low), &format::bytes_per_hour(high));
    if interval == rate(row) { String::new() } else { interval }
}

/// `5 h 10 min`, `no limit known`, `not reached`, `over the limit`.
pub fn time_to_limit(row: &SuspectRow) -> String {
    match (row.secs_to_limit, row.limit_bytes, row.current_bytes) {
        (_, Some(limit), Some(current)) if current >= limit => strings::OVER_LIMIT.to_owned(),
        (Some(secs), ..) => format::duration(secs),
        (None, None, _) => strings::NO_LIMIT.to_owned(),
        _ => strings::NOT_REACHED.to_owned(),
    }
}

/// `4 h to 7 h`, `4 h or later`, or empty.
pub fn time_to_limit_interval(row: &SuspectRow) -> String {
    match (row.secs_to_limit.and(row.secs_to_limit_low), row.secs_to_limit_high) {
        (Some(low), Some(high)) => format::range(&format::duration(low), &format::duration(high)),
        (Some(low), None) => strings::or_later(&format::duration(low)),
        _ => String::new(),
    }
}

/// Usage against the limit: `812 MiB of 1 GiB`.
pub fn usage(row: &SuspectRow) -> String {
    let current = or_unknown(row.current_bytes, format::bytes);
    match row.limit_bytes {
        Some(limit) => strings::of_limit(&current, &format::bytes(limit)),
        None => current,
    }
}

/// How sure it is that this leaks; empty where nothing could be told.
pub fn certainty(row: &SuspectRow) -> String {
    if Verdict::of(row) == Verdict::Insufficient { String::new() } else { percent(row.score) }
}

/// The ids of those that came and went before it and for which it stands.
pub fn stands_for(row: &SuspectRow) -> Vec<String> {
    crate::data::parse(&row.stands_for).unwrap_or_default()
}

/// The sentences that say why.
pub fn reasons(row: &SuspectRow) -> Vec<String> {
    crate::data::parse(&row.reasons).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::thresholds::MIB;

    fn row() -> SuspectRow {
        SuspectRow {
            verdict: "leak".to_owned(),
            rate_bytes_per_hour: Some(31.0 * MIB),
            current_bytes: Some(812.0 * MIB),
            limit_bytes: Some(1024.0 * MIB),
            secs_to_limit: Some(18_600.0),
            secs_to_limit_low: Some(14_400.0),
            ..SuspectRow::default()
        }
    }

    #[test]
    fn times_to_the_limit_tell_never_unknown_and_too_late_apart() {
        assert_eq!(time_to_limit(&row()), "5 h 10 min");
        assert_eq!(time_to_limit_interval(&row()), "4 h or later");
        let over = SuspectRow { current_bytes: Some(1025.0 * MIB), ..row() };
        assert_eq!(time_to_limit(&over), strings::OVER_LIMIT);
        let never = SuspectRow { secs_to_limit: None, ..row() };
        assert_eq!(time_to_limit(&never), strings::NOT_REACHED);
        assert_eq!(time_to_limit_interval(&never), "");
        let unlimited = SuspectRow { limit_bytes: None, ..never };
        assert_eq!(time_to_limit(&unlimited), strings::NO_LIMIT);
    }

    #[test]
    fn an_unknown_verdict_is_not_read_as_healthy() {
        let odd = SuspectRow { verdict: "later-word".to_owned(), ..SuspectRow::default() };
        assert_eq!(Verdict::of(&odd).tone(), Tone::Unknown);
        assert_eq!(rate(&odd), "–");
    }
}
