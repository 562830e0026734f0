//! Loading, partial, empty and failed.

use model::format;
use yew::prelude::*;

use crate::components::mark::{Mark, Sign};
use crate::data::Data;
use crate::snapshot::Snapshot;
use crate::strings;
use crate::view::suspects::Tone;
use crate::view::text::visible;

/// A thin bar over the top edge; it takes no room, so nothing moves when it comes and goes.
pub fn loading_bar(loading: bool) -> Html {
    html! {
        if loading { <div class="ll-loading" role="progressbar" aria-label={strings::LOADING_BAR}></div> }
    }
}

/// What failed or is missing while the rest is shown, and how old that is where nothing newer came.
pub fn problems(snapshot: &Snapshot, data: &Data, now_ms: f64) -> Html {
    let errors = &snapshot.errors;
    let all: Vec<_> = errors.iter().chain(&data.faults).map(|text| visible(text, 600)).collect();
    let title = if errors.is_empty() || snapshot.queries == 0 {
        strings::partial(all.len())
    } else {
        strings::queries_failed(errors.len().min(snapshot.queries), snapshot.queries)
    };
    let old = snapshot.old_since_ms().map(|since| {
        let age = format::duration(((now_ms - since) / 1000.0).max(0.0));
        strings::old_answer(&snapshot.clock.moment(since, now_ms), &age)
    });
    html! {
        if !all.is_empty() {
            <div class="ll-banner ll-tone-attention" role="alert">
                <Mark sign={Sign::Tone(Tone::Attention)} />
                <div>
                    <strong>{title}</strong>
                    if let Some(old) = old { {" "}{old} }
                    <ul class="ll-list">for text in all { <li>{text}</li> }</ul>
                </div>
            </div>
        }
    }
}

/// For information.
pub fn notes(data: &Data) -> Html {
    html! {
        if !data.notes.is_empty() {
            <ul class="ll-notes ll-weak" aria-label={strings::NOTES}>
                for note in &data.notes { <li>{visible(note, 600)}</li> }
            </ul>
        }
    }
}

/// Series are being judged: how many are done.
pub fn judging(done: usize, total: usize) -> Html {
    guide(Tone::Unknown, &strings::judging(done, total), &[], &[])
}

/// Nothing was found: what to try.
pub fn empty() -> Html {
    guide(Tone::Unknown, strings::EMPTY_TITLE, &[], &[strings::EMPTY_VARIABLES, strings::EMPTY_HEALTH])
}

/// The query failed: why, and what to do.
pub fn failed(errors: &[String]) -> Html {
    let causes: Vec<_> = errors.iter().map(|text| visible(text, 600)).collect();
    guide(Tone::Bad, strings::ERROR_TITLE, &causes, &[strings::ERROR_REMEDY])
}

/// What judges series could not be had; why stands in the banner.
pub fn not_judged() -> Html {
    guide(Tone::Unknown, strings::NOT_JUDGED_TITLE, &[], &[strings::NOT_JUDGED_REMEDY])
}

/// The frames are not ours.
pub fn foreign(names: &[String]) -> Html {
    let names: Vec<_> = names.iter().map(|name| format!("“{}”", visible(name, 80))).collect();
    guide(Tone::Unknown, strings::FOREIGN_TITLE, &[strings::foreign(&names.join(", "))], &[])
}

fn guide(tone: Tone, title: &str, causes: &[String], next: &[&str]) -> Html {
    html! {
        <div class="ll-guide" role={if tone == Tone::Bad { "alert" } else { "status" }}>
            <span class="ll-guide-mark"><Mark sign={Sign::Tone(tone)} /></span>
            <h3 class="ll-guide-title">{title.to_owned()}</h3>
            for cause in causes { <p class="ll-paragraph">{cause}</p> }
            if !next.is_empty() {
                <ul class="ll-list">for step in next { <li>{*step}</li> }</ul>
            }
        </div>
    }
}
