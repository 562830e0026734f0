//! Small pictures that say by their shape what their colour says too.

use yew::prelude::*;

use crate::view::suspects::{Tone, Verdict};

/// What a mark stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// A suspect's verdict.
    Verdict(Verdict),
    /// How grave something else is.
    Tone(Tone),
}

/// Properties of [`Mark`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct MarkProps {
    /// What it stands for.
    pub sign: Sign,
}

/// A mark. The word beside it says the same, so it is hidden from screen readers.
#[component]
pub fn Mark(props: &MarkProps) -> Html {
    let (tone, filled, path) = match props.sign {
        // A filled triangle, a hollow one, an arrow, a curve that flattens, a level line, a question.
        Sign::Verdict(Verdict::Leak) | Sign::Tone(Tone::Bad) => {
            (Tone::Bad, true, "M8 1.5 15 14H1ZM7.2 6v4h1.6V6ZM7.2 11v1.6h1.6V11Z")
        }
        Sign::Verdict(Verdict::Suspect) | Sign::Tone(Tone::Attention) => {
            (Tone::Attention, false, "M8 2.5 14 13.5H2ZM8 6.5v3.2M8 11.2v.8")
        }
        Sign::Verdict(Verdict::Growing) => (Tone::Neutral, false, "M2.5 13 13 3.5M6.5 3.5H13V10"),
        Sign::Verdict(Verdict::Bounded) => (Tone::Neutral, false, "M2 13.5C4 5.5 6.5 5 14 5"),
        Sign::Tone(Tone::Neutral) => (Tone::Neutral, false, "M8 2.2a5.8 5.8 0 1 0 .01 0ZM8 7v4.2M8 4.8v.8"),
        Sign::Verdict(Verdict::Stable) => (Tone::Calm, false, "M2 8h12"),
        Sign::Tone(Tone::Calm) => (Tone::Calm, false, "M2.5 8.5 6.2 12 13.5 4"),
        Sign::Verdict(Verdict::Insufficient | Verdict::Screened) | Sign::Tone(Tone::Unknown) => {
            (Tone::Unknown, false, "M5 6a3 3 0 1 1 4.4 2.6C8.4 9.2 8 9.6 8 10.6M8 12.6v.8")
        }
    };
    let style = if filled { "ll-mark ll-mark-filled" } else { "ll-mark" };
    html! {
        <svg class={classes!(style, format!("ll-tone-{}", tone.as_str()))} viewBox="0 0 16 16" aria-hidden="true"
            focusable="false">
            <path d={path} />
        </svg>
    }
}
