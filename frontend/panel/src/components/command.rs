//! A command of a runbook and its copy button.

use model::runbook::FilledCommand;
use yew::prelude::*;

use crate::boundary::Bridge;
use crate::components::copy::{Copying, copy as copy_text, told};
use crate::components::mark::{Mark, Sign};
use crate::strings;
use crate::view::suspects::Tone;

/// Properties of [`Command`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct CommandProps {
    /// The command.
    pub command: FilledCommand,
    /// The host.
    pub bridge: Bridge,
}

/// A command: its title, its text with gaps marked, what to mind, and a button that copies it. A destructive one
/// asks first.
#[component]
pub fn Command(props: &CommandProps) -> Html {
    let command = &props.command;
    let copying = use_state_eq(|| Copying::Idle);
    {
        // Another text under the same button is not the one that was copied.
        let copying = copying.clone();
        use_effect_with(command.filled.clone(), move |_| copying.set(Copying::Idle));
    }
    let copy = {
        let (copying, bridge, text) = (copying.clone(), props.bridge.clone(), command.filled.clone());
        Callback::from(move |_: MouseEvent| copy_text(&bridge, &text, &copying))
    };
    let turn = |to: Copying| {
        let copying = copying.clone();
        Callback::from(move |_: MouseEvent| copying.set(to))
    };
    let title = if command.title.is_empty() { &command.filled } else { &command.title };
    let label = strings::copy_label(&crate::view::text::visible(title, 80));
    let button = if *copying == Copying::Copied { strings::COPIED } else { strings::COPY };
    let ask_or_copy = if command.destructive { turn(Copying::Asking) } else { copy.clone() };
    let mut cautions: Vec<String> = Vec::new();
    if !command.missing.is_empty() {
        cautions.push(strings::gaps(&command.missing));
    }
    if !command.caution.is_empty() {
        cautions.push(command.caution.clone());
    }
    html! {
        <div class={classes!("ll-command", command.destructive.then_some("ll-command-destructive"))}>
            if !command.title.is_empty() || command.destructive {
                <div class="ll-command-title">
                    <span>{&command.title}</span>
                    if command.destructive {
                        <span class="ll-tag ll-tone-bad"><Mark sign={Sign::Tone(Tone::Bad)} />{strings::DESTRUCTIVE}</span>
                    }
                </div>
            }
            <div class="ll-command-line">
                <pre class="ll-pre" tabindex="0"><code>{with_gaps(&command.filled, &command.missing)}</code></pre>
                <button type="button" class={classes!("ll-button", (*copying == Copying::Copied).then_some("ll-button-done"))}
                    aria-label={label} onclick={ask_or_copy}>
                    {button}
                </button>
            </div>
            if *copying == Copying::Asking {
                <div class="ll-ask" role="group" aria-label={strings::COPY_DESTRUCTIVE}>
                    <span>{strings::COPY_DESTRUCTIVE}</span>
                    <button type="button" class="ll-button ll-button-danger" onclick={copy}>{strings::COPY_ANYWAY}</button>
                    <button type="button" class="ll-button" onclick={turn(Copying::Idle)}>{strings::CANCEL}</button>
                </div>
            }
            for caution in cautions {
                <p class="ll-caution ll-tone-attention"><Mark sign={Sign::Tone(Tone::Attention)} /><span>{caution}</span></p>
            }
            {told(*copying)}
        </div>
    }
}

/// The text with every gap set off.
fn with_gaps(text: &str, missing: &[String]) -> Html {
    html! {
        for (piece, gap) in pieces(text, missing) {
            if gap { <mark class="ll-gap">{piece}</mark> } else { {piece} }
        }
    }
}

/// Cuts a text at the gaps in it: pieces in order, and whether each is a gap.
fn pieces<'a>(text: &'a str, missing: &[String]) -> Vec<(&'a str, bool)> {
    let mut pieces = Vec::new();
    let mut rest = text;
    let first = |rest: &str| {
        let found = missing.iter().filter(|gap| !gap.is_empty());
        found
            .filter_map(|gap| rest.find(gap.as_str()).map(|at| (at, gap.len())))
            .min_by_key(|(at, len)| (*at, usize::MAX - len))
    };
    while let Some((at, len)) = first(rest) {
        if at > 0 {
            pieces.push((&rest[..at], false));
        }
        pieces.push((&rest[at..at + len], true));
        rest = &rest[at + len..];
    }
    if !rest.is_empty() {
        pieces.push((rest, false));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_set_off_wherever_they_stand() {
        let missing = ["<pod-name>".to_owned(), "$NS".to_owned()];
        assert_eq!(
            pieces("kubectl -n $NS get <pod-name>", &missing),
            [("kubectl -n ", false), ("$NS", true), (" get ", false), ("<pod-name>", true)]
        );
        assert_eq!(pieces("ls", &missing), [("ls", false)]);
        assert_eq!(pieces("", &[String::new()]), []);
    }
}
