//! The verdict line.

use yew::prelude::*;

use crate::components::mark::{Mark, Sign};
use crate::view::verdict::Line;

/// The verdict: shape and word, sentence, details. Told to screen readers when it changes.
pub fn verdict(line: &Line) -> Html {
    let tone = format!("ll-tone-{}", line.tone.as_str());
    html! {
        <header class={classes!("ll-verdict", tone)} role="status">
            <span class="ll-verdict-word"><Mark sign={Sign::Tone(line.tone)} />{line.word}</span>
            <p class="ll-verdict-sentence" title={line.sentence.clone()}>{&line.sentence}</p>
            if !line.details.is_empty() {
                <p class="ll-verdict-details">
                    for detail in line.details.iter().filter(|detail| !detail.is_empty()) { <span>{detail}</span> }
                </p>
            }
        </header>
    }
}
