//! Hours and weekdays at which memory grows.

use model::evidence::{EvidenceKind, Finding, FindingState};
use model::format;
use model::pattern::{TimePattern, time_pattern};

use crate::scan::Suspect;

pub(super) fn finding(suspect: &Suspect) -> Finding {
    let (state, sentence) = judge(&suspect.name(), time_pattern(&suspect.series));
    super::finding(EvidenceKind::TimePattern, state, sentence, suspect.selector().to_string())
}

fn judge(name: &str, pattern: Result<TimePattern, f64>) -> (FindingState, String) {
    let pattern = match pattern {
        Ok(pattern) => pattern,
        Err(days) => {
            let span = format::duration(days * 86_400.0);
            let sentence = format!(
                "whether {name} grows at certain hours is unknown: it takes 3 days to tell and weekdays 14, and there are {span}; widen the range"
            );
            return (FindingState::Unknown, sentence);
        }
    };
    let weekday = match pattern.weekday {
        Some((weekday, share)) => format!("; {:.0} % falls on {weekday}", share * 100.0),
        None if pattern.weekdays_told => "; no weekday stands out".to_owned(),
        None => "; weekdays need 14 days to tell".to_owned(),
    };
    if let Some(hours) = pattern.hours {
        let sentence = format!(
            "{:.0} % of the growth of {name} falls between {:02}:00 and {:02}:00 UTC, on {} of {} days{weekday}",
            hours.share * 100.0,
            hours.from_hour,
            hours.to_hour,
            hours.days,
            pattern.days
        );
        return (FindingState::Attention, sentence);
    }
    let state = if pattern.weekday.is_some() { FindingState::Attention } else { FindingState::Ok };
    (state, format!("{name} grows at no particular hours in {} days{weekday}", pattern.days))
}

#[cfg(test)]
mod tests {
    use model::pattern::HoursOfGrowth;

    use super::*;

    #[test]
    fn a_pattern_is_said_with_its_figures() {
        let hours = HoursOfGrowth { from_hour: 22, to_hour: 4, share: 0.81, days: 5 };
        let pattern = TimePattern { days: 6, hours: Some(hours), weekday: None, weekdays_told: false };
        let (state, sentence) = judge("web", Ok(pattern));
        assert_eq!(state, FindingState::Attention);
        assert!(
            sentence.contains("81 % of the growth of web falls between 22:00 and 04:00 UTC, on 5 of 6 days")
        );
        assert_eq!(judge("web", Err(1.0)).0, FindingState::Unknown);
    }
}
