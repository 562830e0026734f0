//! The parts of the panel: beside one another where there is room, else one at a time.

use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::ui::{Act, Tab};
use crate::strings;
use crate::view::options::{Options, Shown};

/// Every part, in order.
pub const TABS: [Tab; 3] = [Tab::Suspects, Tab::Chart, Tab::Runbook];

impl Options {
    /// Whether there is anything in a part.
    pub fn shows_tab(&self, tab: Tab) -> bool {
        match tab {
            Tab::Suspects => self.shows(Shown::Suspects),
            Tab::Chart => self.shows(Shown::Chart) || self.shows(Shown::Evidence),
            Tab::Runbook => self.shows(Shown::Runbook),
        }
    }
}

/// How wide a part's column is.
pub fn column(tab: Tab) -> &'static str {
    match tab {
        Tab::Suspects => "minmax(300px,3fr)",
        Tab::Chart => "minmax(380px,5fr)",
        Tab::Runbook => "minmax(320px,4fr)",
    }
}

fn word(tab: Tab, options: &Options) -> &'static str {
    match tab {
        Tab::Suspects => strings::SUSPECTS,
        Tab::Chart => match (options.shows(Shown::Chart), options.shows(Shown::Evidence)) {
            (true, true) => strings::CHART_AND_EVIDENCE_TAB,
            (true, false) => strings::CHART_TAB,
            (false, _) => strings::EVIDENCE,
        },
        Tab::Runbook => strings::RUNBOOK,
    }
}

/// Identifies a tab on the page.
pub fn tab_id(panel_id: usize, tab: Tab) -> String {
    format!("leaklens-{panel_id}-tab-{}", TABS.iter().position(|other| *other == tab).unwrap_or_default())
}

/// Tabs: arrow keys turn to the next part.
pub fn tabs(turned: Tab, shown: &[Tab], options: &Options, act: &Callback<Act>, panel_id: usize) -> Html {
    let onkeydown = {
        let (act, shown) = (act.clone(), shown.to_vec());
        Callback::from(move |event: KeyboardEvent| {
            let at = shown.iter().position(|other| *other == turned).unwrap_or_default();
            let to = match event.key().as_str() {
                "ArrowRight" => (at + 1) % shown.len(),
                "ArrowLeft" => (at + shown.len() - 1) % shown.len(),
                _ => return,
            };
            event.prevent_default();
            act.emit(Act::Turn(shown[to]));
            let list = event.current_target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
            let next = list.and_then(|list| list.children().item(to as u32));
            if let Some(next) = next.and_then(|next| next.dyn_into::<HtmlElement>().ok()) {
                // A button that is on the page can be focused; where it cannot, the tab is turned all the same.
                let _ignored = next.focus();
            }
        })
    };
    html! {
        <div class="ll-tabs" role="tablist" aria-label={strings::TABS} {onkeydown}>
            for tab in shown.iter().copied() {
                <button type="button" class="ll-tab" role="tab" id={tab_id(panel_id, tab)}
                    aria-controls={format!("leaklens-{panel_id}-part")} aria-selected={(tab == turned).to_string()}
                    tabindex={if tab == turned { "0" } else { "-1" }}
                    onclick={act.reform(move |_: MouseEvent| Act::Turn(tab))}>
                    {word(tab, options)}
                </button>
            }
        </div>
    }
}
