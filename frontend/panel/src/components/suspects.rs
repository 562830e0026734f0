//! The ranked list of suspects.

use std::rc::Rc;

use model::frames::SuspectRow;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement};
use yew::prelude::*;

use super::ui::Act;
use crate::components::mark::{Mark, Sign};
use crate::components::sparkline::Sparkline;
use crate::data::Data;
use crate::strings;
use crate::view::name;
use crate::view::suspects::{Verdict, rate, rate_interval, time_to_limit, time_to_limit_interval, usage};

/// More rows than this are not rendered; the filter finds them.
const MAX_ROWS: usize = 200;
/// From so many suspects on there is a filter.
const FILTER_FROM: usize = 8;

/// Properties of [`Suspects`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct SuspectsProps {
    /// The frames.
    pub data: Rc<Data>,
    /// The chosen suspect's id.
    pub selected: Option<AttrValue>,
    /// What the list is filtered by.
    pub filter: AttrValue,
    /// Where acts go.
    pub act: Callback<Act>,
    /// Makes ids unique on the page.
    pub panel_id: usize,
}

/// A list box: arrow keys move the choice, typing in the filter narrows it.
#[component]
pub fn Suspects(props: &SuspectsProps) -> Html {
    let rows = props.data.suspects.as_deref().unwrap_or_default();
    let shown: Rc<Vec<(usize, &SuspectRow)>> =
        Rc::new(rows.iter().enumerate().filter(|(_, row)| passes(row, &props.filter)).collect());
    let list = use_node_ref();
    let option_id = |rank: usize| format!("leaklens-{}-suspect-{rank}", props.panel_id);
    let chosen = shown.iter().find(|(_, row)| props.selected.as_deref() == Some(row.id.as_str()));
    let active = chosen.map(|(rank, _)| option_id(*rank));

    let onkeydown = {
        let ids: Vec<String> = shown.iter().take(MAX_ROWS).map(|(_, row)| row.id.clone()).collect();
        let at = ids.iter().position(|id| props.selected.as_deref() == Some(id));
        let (act, list) = (props.act.clone(), list.clone());
        Callback::from(move |event: KeyboardEvent| {
            let last = ids.len().saturating_sub(1);
            let to = match event.key().as_str() {
                "ArrowDown" => at.map_or(0, |at| (at + 1).min(last)),
                "ArrowUp" => at.map_or(0, |at| at.saturating_sub(1)),
                "Home" => 0,
                "End" => last,
                _ => return,
            };
            event.prevent_default();
            if let Some(id) = ids.get(to) {
                act.emit(Act::Select(id.clone()));
                let option = list.cast::<Element>().and_then(|list| list.children().item(to as u32));
                if let Some(option) = option {
                    keep_in_sight(&option);
                }
            }
        })
    };
    let oninput = {
        let act = props.act.clone();
        Callback::from(move |event: InputEvent| {
            let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
            act.emit(Act::Filter(input.map(|input| input.value()).unwrap_or_default()));
        })
    };
    html! {
        <section class="ll-section ll-suspects" aria-label={strings::SUSPECTS}>
            <div class="ll-heading-row">
                <h3 class="ll-heading">{strings::SUSPECTS}</h3>
                <span class="ll-weak ll-number">{rows.len()}</span>
            </div>
            if rows.len() >= FILTER_FROM {
                <input class="ll-input" type="search" aria-label={strings::FILTER} placeholder={strings::FILTER_HINT}
                    value={props.filter.clone()} {oninput} />
            }
            if shown.is_empty() && !rows.is_empty() {
                <p class="ll-weak" role="status">{strings::FILTER_EMPTY}</p>
            }
            <ul class="ll-options" role="listbox" tabindex="0" aria-label={strings::SUSPECTS}
                aria-activedescendant={active} ref={list} {onkeydown}>
                for (rank, row) in shown.iter().take(MAX_ROWS) {
                    {option(props, *rank, row, option_id(*rank))}
                }
            </ul>
            if shown.len() > MAX_ROWS {
                <p class="ll-weak">{strings::more_rows(shown.len() - MAX_ROWS)}</p>
            }
        </section>
    }
}

fn option(props: &SuspectsProps, rank: usize, row: &SuspectRow, id: String) -> Html {
    let verdict = Verdict::of(row);
    let name = name::of(row);
    let selected = props.selected.as_deref() == Some(row.id.as_str());
    let onclick = {
        let (act, id) = (props.act.clone(), row.id.clone());
        Callback::from(move |_: MouseEvent| act.emit(Act::Select(id.clone())))
    };
    let tone = format!("ll-tone-{}", verdict.tone().as_str());
    let interval = rate_interval(row);
    html! {
        <li class="ll-option" role="option" key={row.id.clone()} {id} aria-selected={selected.to_string()} {onclick}>
            <span class="ll-rank ll-number">{rank + 1}</span>
            <span class="ll-option-name">
                <span class="ll-cut ll-option-main" title={name.main.clone()}>{&name.main}</span>
                <span class="ll-cut ll-weak" title={name.context.clone()}>{&name.context}</span>
            </span>
            <span class={classes!("ll-option-verdict", tone)}><Mark sign={Sign::Verdict(verdict)} />{verdict.word()}</span>
            <span class="ll-option-row">
                <Sparkline values={props.data.sparklines.get(&row.id).cloned().unwrap_or_default()} />
                <span class="ll-option-figures ll-number">
                    <span title={interval.clone()}>{rate(row)}</span>
                    <span class="ll-weak">{interval}</span>
                </span>
                <span class="ll-option-figures ll-number">
                    <span title={time_to_limit_interval(row)}>{time_to_limit(row)}</span>
                    <span class="ll-weak">{usage(row)}</span>
                </span>
            </span>
        </li>
    }
}

/// Whether a row passes the filter: every word of it is in a label or is the verdict.
fn passes(row: &SuspectRow, filter: &str) -> bool {
    let hay = format!("{} {} {}", row.id, Verdict::of(row).word(), row.verdict).to_ascii_lowercase();
    filter.to_ascii_lowercase().split_whitespace().all(|word| hay.contains(word))
}

fn keep_in_sight(option: &Element) {
    let Some(list) = option.parent_element() else { return };
    let (inner, outer) = (option.get_bounding_client_rect(), list.get_bounding_client_rect());
    // Scrolls the list alone: scrollIntoView would move the whole dashboard.
    if inner.top() < outer.top() {
        list.set_scroll_top(list.scroll_top() - (outer.top() - inner.top()).ceil() as i32);
    } else if inner.bottom() > outer.bottom() {
        list.set_scroll_top(list.scroll_top() + (inner.bottom() - outer.bottom()).ceil() as i32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_looks_at_labels_and_verdict() {
        let row = SuspectRow {
            id: r#"namespace="shop",pod="Cart-1""#.to_owned(),
            verdict: "bounded".to_owned(),
            ..SuspectRow::default()
        };
        for (filter, found) in [("", true), ("cart shop", true), ("levelled", true), ("cart web", false)] {
            assert_eq!(passes(&row, filter), found, "{filter}");
        }
    }
}
