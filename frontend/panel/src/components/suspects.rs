//! The ranked list of suspects.

use model::frames::SuspectRow;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::size::use_size;
use super::ui::Act;
use crate::components::mark::{Mark, Sign};
use crate::components::sparkline::Sparkline;
use crate::data::Data;
use crate::same::Same;
use crate::strings;
use crate::view::name;
use crate::view::number::beside;
use crate::view::order::{Order, listed};
use crate::view::suspects::{
    Verdict, certainty, rate, rate_interval, time_to_limit, time_to_limit_interval, usage,
};

/// Height of a row, CSS pixels; the style sheet says the same.
const ROW_PX: f64 = 92.0;
/// So many rows more than are in sight stand ready on either side.
const SPARE_ROWS: usize = 6;
/// From so many suspects on there is a filter and a choice of order.
const FILTER_FROM: usize = 8;

/// Properties of [`Suspects`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct SuspectsProps {
    /// The frames.
    pub data: Same<Data>,
    /// The chosen suspect's id.
    pub selected: Option<AttrValue>,
    /// What the list is filtered by.
    pub filter: AttrValue,
    /// What it is sorted by.
    pub order: Order,
    /// Where acts go.
    pub act: Callback<Act>,
    /// Makes ids unique on the page.
    pub panel_id: usize,
}

/// A list box: arrow keys move the choice, typing in the filter narrows it. Of thousands of rows only those in sight are
/// on the page.
#[component]
pub fn Suspects(props: &SuspectsProps) -> Html {
    let rows = props.data.suspects.as_deref().unwrap_or_default();
    let deps = (props.data.clone(), props.filter.clone(), props.order);
    let shown = use_memo(deps, |(_, filter, order)| listed(rows, filter, *order));
    let list = use_node_ref();
    let size = use_size(&list);
    let first = use_state_eq(|| 0_usize);
    let place = shown.iter().position(|at| props.selected.as_deref() == Some(rows[*at].id.as_str()));
    {
        // A choice made elsewhere, such as the alert's, is shown; a refresh leaves the scroll as it is.
        let list = list.clone();
        use_effect_with(props.selected.clone(), move |_| {
            if let (Some(list), Some(place)) = (list.cast::<Element>(), place) {
                keep_in_sight(&list, place);
            }
        });
    }
    let in_sight = (size.1 / ROW_PX).ceil().max(1.0) as usize;
    let start = first.saturating_sub(SPARE_ROWS).min(shown.len().saturating_sub(1));
    let end = (*first + in_sight + SPARE_ROWS).min(shown.len());
    let option_id = |place: usize| format!("leaklens-{}-suspect-{place}", props.panel_id);
    let active = place.filter(|place| (start..end).contains(place)).map(option_id);

    let onscroll = {
        let (list, first) = (list.clone(), first.clone());
        Callback::from(move |_: Event| {
            let top = list.cast::<Element>().map_or(0, |list| list.scroll_top());
            first.set((f64::from(top) / ROW_PX).max(0.0) as usize);
        })
    };
    let onkeydown = {
        let (act, list, data, shown) = (props.act.clone(), list.clone(), props.data.clone(), shown.clone());
        Callback::from(move |event: KeyboardEvent| {
            let last = shown.len().saturating_sub(1);
            let at = place.unwrap_or(0);
            let to = match event.key().as_str() {
                "ArrowDown" => place.map_or(0, |at| at + 1),
                "ArrowUp" => at.saturating_sub(1),
                "PageDown" => at + in_sight,
                "PageUp" => at.saturating_sub(in_sight),
                "Home" => 0,
                "End" => last,
                _ => return,
            };
            event.prevent_default();
            let to = to.min(last);
            let row = shown.get(to).and_then(|at| data.suspects.as_deref()?.get(*at));
            if let (Some(row), Some(list)) = (row, list.cast::<Element>()) {
                keep_in_sight(&list, to);
                act.emit(Act::Select(row.id.clone()));
            }
        })
    };
    html! {
        <section class="ll-section ll-suspects" aria-label={strings::SUSPECTS}>
            <div class="ll-heading-row">
                <h3 class="ll-heading">{strings::SUSPECTS}</h3>
                <span class="ll-weak ll-number">{strings::so_many_of(shown.len(), rows.len())}</span>
            </div>
            if rows.len() >= FILTER_FROM { {controls(props)} }
            if shown.is_empty() && !rows.is_empty() {
                <p class="ll-weak" role="status">{strings::FILTER_EMPTY}</p>
            }
            <div class="ll-options" role="listbox" tabindex="0" aria-label={strings::SUSPECTS}
                aria-activedescendant={active} ref={list} {onscroll} {onkeydown}>
                <div role="presentation" style={format!("height:{}px", shown.len() as f64 * ROW_PX)}>
                    for place in start..end {
                        {option(props, &rows[shown[place]], (place, shown[place], shown.len()), option_id(place))}
                    }
                </div>
            </div>
        </section>
    }
}

/// The filter and the order.
fn controls(props: &SuspectsProps) -> Html {
    let oninput = {
        let act = props.act.clone();
        Callback::from(move |event: InputEvent| {
            let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
            act.emit(Act::Filter(input.map(|input| input.value()).unwrap_or_default()));
        })
    };
    let onchange = {
        let act = props.act.clone();
        Callback::from(move |event: Event| {
            let select = event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok());
            let chosen = select.and_then(|select| usize::try_from(select.selected_index()).ok());
            act.emit(Act::Sort(chosen.and_then(|at| Order::ALL.get(at).copied()).unwrap_or_default()));
        })
    };
    html! {
        <div class="ll-controls">
            <input class="ll-input" type="search" aria-label={strings::FILTER} placeholder={strings::FILTER_HINT}
                value={props.filter.clone()} {oninput} />
            <select class="ll-input" aria-label={strings::SORT} {onchange}>
                for order in Order::ALL { <option selected={order == props.order}>{order.word()}</option> }
            </select>
        </div>
    }
}

fn option(
    props: &SuspectsProps,
    row: &SuspectRow,
    (place, rank, all): (usize, usize, usize),
    id: String,
) -> Html {
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
        <div class="ll-option" role="option" key={rank} {id} aria-selected={selected.to_string()}
            aria-posinset={(place + 1).to_string()} aria-setsize={all.to_string()}
            style={format!("top:{}px", place as f64 * ROW_PX)} {onclick}>
            <span class="ll-rank ll-number">{rank + 1}</span>
            <span class="ll-option-name">
                <span class="ll-cut ll-option-main" title={name.main.clone()}>{&name.main}</span>
                <span class="ll-cut ll-weak" title={name.context.clone()}>{&name.context}</span>
            </span>
            <span class={classes!("ll-option-verdict", tone)} title={strings::FIGURE_SCORE}>
                <Mark sign={Sign::Verdict(verdict)} />{verdict.word()}
                if verdict.grows() { {" "}{certainty(row)} }
            </span>
            <span class="ll-option-row">
                <Sparkline values={props.data.sparklines.get(&row.id).cloned().unwrap_or_default()} />
                <span class="ll-option-figures ll-number">
                    <span title={interval.clone()}>{rate(row)}</span>
                    <span class="ll-weak">{beside(&rate(row), &interval)}</span>
                </span>
                <span class="ll-option-figures ll-number">
                    <span title={time_to_limit_interval(row)}>{time_to_limit(row)}</span>
                    <span class="ll-weak">{usage(row)}</span>
                </span>
            </span>
        </div>
    }
}

/// Scrolls the list alone: scrollIntoView would move the whole dashboard.
fn keep_in_sight(list: &Element, place: usize) {
    let (top, height) = (place as f64 * ROW_PX, f64::from(list.client_height()));
    let scroll = f64::from(list.scroll_top());
    if height <= 0.0 {
        return;
    }
    if top < scroll {
        list.set_scroll_top(top as i32);
    } else if top + ROW_PX > scroll + height {
        list.set_scroll_top((top + ROW_PX - height).ceil() as i32);
    }
}
