//! Answers to the checks, and why a suspect has its verdict.

use model::evidence::{Finding, FindingState};
use model::frames::SuspectRow;
use yew::prelude::*;

use crate::boundary::Bridge;
use crate::components::mark::{Mark, Sign};
use crate::components::sparkline::Sparkline;
use crate::components::text::link;
use crate::strings;
use crate::view::suspects::{Tone, Verdict, reasons};

fn tone(state: FindingState) -> Tone {
    match state {
        FindingState::Ok => Tone::Calm,
        FindingState::Attention => Tone::Attention,
        FindingState::Bad => Tone::Bad,
        FindingState::Unknown => Tone::Unknown,
        FindingState::NotAnswerable => Tone::Neutral,
    }
}

/// One answered check: shape, word, what it is about, sentence, and where its query can be explored.
pub fn finding(finding: &Finding, bridge: &Bridge) -> Html {
    answered(strings::evidence_title(finding.kind), finding, bridge)
}

fn answered(title: &str, finding: &Finding, bridge: &Bridge) -> Html {
    let tone = tone(finding.state);
    let address = match finding.query.as_str() {
        "" => None,
        // A host that cannot tell has no Explore to lead to.
        query => bridge.explore(query).ok().filter(|address| address.starts_with('/')),
    };
    html! {
        <div class="ll-finding">
            <span class={classes!("ll-finding-state", format!("ll-tone-{}", tone.as_str()))}>
                <Mark sign={Sign::Tone(tone)} />{strings::finding_word(finding.state)}
            </span>
            <span class="ll-finding-sentence">
                <span class="ll-finding-kind">{title.to_owned()}</span>{" "}{&finding.sentence}
                if let Some(address) = address { {" "}{link(&address, html! { {strings::EXPLORE} })} }
                if !finding.course.is_empty() { <Sparkline values={finding.course.clone()} /> }
            </span>
        </div>
    }
}

/// Findings that say the same word for word, such as that nothing is known, as one under the titles of all.
fn alike<'a>(findings: &[&'a Finding]) -> Vec<(Vec<&'static str>, &'a Finding)> {
    let mut groups: Vec<(Vec<&str>, &Finding)> = Vec::new();
    for one in findings {
        let title = strings::evidence_title(one.kind);
        let same = |(_, other): &&mut (_, &Finding)| {
            (other.state, &other.sentence, &other.query, &other.course)
                == (one.state, &one.sentence, &one.query, &one.course)
        };
        match groups.iter_mut().find(same) {
            Some((titles, _)) => titles.push(title),
            None => groups.push((vec![title], one)),
        }
    }
    groups
}

/// The chosen suspect's reasons and the answered checks of the alert's page.
pub fn evidence(suspect: Option<&SuspectRow>, findings: &[&Finding], bridge: &Bridge) -> Html {
    let reasons = suspect.map(reasons).unwrap_or_default();
    let verdict = suspect.map(Verdict::of);
    html! {
        <section class="ll-section" aria-label={strings::EVIDENCE}>
            <h3 class="ll-heading">{strings::EVIDENCE}</h3>
            if let Some(verdict) = verdict {
                if !reasons.is_empty() {
                    <div class="ll-why">
                        <span class="ll-why-title">
                            <Mark sign={Sign::Verdict(verdict)} />{strings::why(verdict.word())}
                        </span>
                        <ul class="ll-list">for reason in reasons { <li>{reason}</li> }</ul>
                    </div>
                }
            }
            for (titles, one) in alike(findings) { {answered(&titles.join(", "), one, bridge)} }
            if findings.is_empty() && suspect.is_none() { <p class="ll-weak">{strings::NO_EVIDENCE}</p> }
        </section>
    }
}

#[cfg(test)]
mod tests {
    use model::evidence::EvidenceKind;

    use super::*;

    #[test]
    fn what_says_the_same_stands_once_under_all_its_titles() {
        let finding = |kind, sentence: &str| Finding {
            kind,
            state: FindingState::Unknown,
            sentence: sentence.to_owned(),
            query: String::new(),
            course: Vec::new(),
        };
        let all = [
            finding(EvidenceKind::Growth, "Nothing is known"),
            finding(EvidenceKind::Restarts, "It never restarted"),
            finding(EvidenceKind::Usage, "Nothing is known"),
        ];
        let found = alike(&all.iter().collect::<Vec<_>>());
        let said: Vec<_> =
            found.iter().map(|(titles, one)| (titles.join(", "), one.sentence.as_str())).collect();
        assert_eq!(
            said,
            [("Growth, Usage".to_owned(), "Nothing is known"), ("Restarts".to_owned(), "It never restarted")]
        );
    }
}
