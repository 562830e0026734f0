//! The whole panel.

use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};

use js_sys::Date;
use model::frames::{AlertRow, SuspectRow};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::chart::Chart;
use super::history::{Loaded, use_history};
use super::judging::use_judging;
use super::progress::use_progress;
use super::runbook::Runbook;
use super::suspects::Suspects;
use super::ui::{Act, Tab, Ui};
use super::{alert_strip, evidence, header, links, states};
use crate::boundary::{Bridge, LoadingState};
use crate::data::Data;
use crate::snapshot::Snapshot;
use crate::strings;
use crate::view::progress::incident;
use crate::view::summary::Summary;
use crate::view::{alert, verdict};

/// Columns side by side from this width and height on, CSS pixels.
const WIDE_PX: (f64, f64) = (1000.0, 320.0);
/// Below this, the verdict line alone.
const TINY_PX: (f64, f64) = (260.0, 150.0);

static PANELS: AtomicUsize = AtomicUsize::new(0);

/// Properties of [`App`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct AppProps {
    /// What to show.
    pub snapshot: Rc<Snapshot>,
    /// The host.
    pub bridge: Bridge,
}

/// How much room there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    Wide,
    Narrow,
    Tiny,
}

impl Layout {
    fn of(width: f64, height: f64) -> Self {
        if width < TINY_PX.0 || height < TINY_PX.1 {
            Self::Tiny
        } else if width >= WIDE_PX.0 && height >= WIDE_PX.1 {
            Self::Wide
        } else {
            Self::Narrow
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Wide => "ll-wide",
            Self::Narrow => "ll-narrow",
            Self::Tiny => "ll-tiny",
        }
    }
}

/// The panel: verdict, alert, suspects, chart, evidence, runbook.
#[component]
pub fn App(props: &AppProps) -> Html {
    let snapshot = &props.snapshot;
    let panel_id = *use_memo((), |()| PANELS.fetch_add(1, Ordering::Relaxed));
    let ui = use_reducer_eq(Ui::default);
    let act = {
        let dispatcher = ui.dispatcher();
        use_callback((), move |act: Act, ()| dispatcher.dispatch(act))
    };
    let nothing = use_memo((), |()| Data::default());
    let received = snapshot.data.clone().unwrap_or(nothing);
    let judging = use_judging(&received, snapshot.from_ms, snapshot.to_ms);
    let data = judging.data(&received);
    let alerts = data.alerts.as_deref().unwrap_or_default();
    let suspects = data.suspects.as_deref().unwrap_or_default();
    let chosen_alert = alert::chosen(alerts, &snapshot.variables);
    let (suspect, gone) = choose(&ui, suspects, chosen_alert);
    let suspect_id = suspect.map(|suspect| suspect.id.clone());
    let answer = format!("{} {} {}", snapshot.request_id, snapshot.from_ms, snapshot.to_ms);
    // While an answer is under way the last one's history stays.
    let answered = use_mut_ref(String::new);
    if snapshot.state != LoadingState::Loading {
        answered.replace(answer);
    }
    let key = answered.borrow().clone();
    let (from_ms, to_ms) = (snapshot.from_ms, snapshot.to_ms);
    let judged_here = suspect_id.as_ref().and_then(|id| judging.history(id, from_ms, to_ms));
    let asked = suspect_id.clone().filter(|_| judged_here.is_none());
    let mut history = use_history(&props.bridge, asked, &key);
    if let (Some(suspect), Some(judged)) = (suspect_id.clone(), judged_here) {
        history = Loaded { suspect, history: Some(Rc::new(judged)), ..Loaded::default() };
    }

    let progress = use_progress(&props.bridge, chosen_alert.and_then(incident), &key);

    let now_ms = Date::now();
    let line = verdict::line(&verdict::Situation {
        data: &data,
        scope: &snapshot.variables,
        failed: snapshot.failed(),
        waiting: (snapshot.data.is_none() && snapshot.loading()) || judging.pending(),
        now_ms,
        to_ms: snapshot.to_ms,
        clock: &snapshot.clock,
    });
    let layout = Layout::of(snapshot.width, snapshot.height);
    let style = format!("{}width:{}px;height:{}px;", snapshot.theme.style(), snapshot.width, snapshot.height);

    let list = || {
        if suspects.is_empty() {
            if judging.pending() {
                return states::judging(judging.done, judging.total);
            }
            let failed = snapshot.failed() || !data.faults.is_empty();
            return if failed { states::failed(&[]) } else { states::empty() };
        }
        html! {
            <>
                if gone { <p class="ll-weak" role="status">{strings::SELECTION_GONE}</p> }
                <Suspects data={data.clone()} selected={suspect_id.clone().map(AttrValue::from)}
                    filter={ui.filter.clone()} act={act.clone()} {panel_id} />
            </>
        }
    };
    let chart = || {
        html! {
            <>
                if let Some(suspect) = suspect {
                    <Chart suspect={suspect.clone()} loaded={history.clone()} alert_since_ms={alert_strip::since_ms(chosen_alert)}
                        clock={snapshot.clock.clone()} theme={snapshot.theme.clone()} from_ms={snapshot.from_ms}
                        to_ms={snapshot.to_ms} bridge={props.bridge.clone()} />
                }
                if let Some(history) = &history.history { {links::of_suspect(&history.links, &snapshot.app_sub_url)} }
                {evidence::evidence(suspect, &data.findings(), &props.bridge)}
            </>
        }
    };
    let runbook = || {
        let summary = {
            let (line, data, alert) = (line.clone(), data.clone(), chosen_alert.cloned());
            let recorded = progress.recorded.clone();
            Callback::from(move |()| {
                let address = web_sys::window().and_then(|window| window.location().href().ok());
                let summary = Summary {
                    line: &line,
                    alert: alert.as_ref(),
                    data: &data,
                    recorded: &recorded,
                    now_ms: Date::now(),
                    address: &address.unwrap_or_default(),
                };
                summary.markdown()
            })
        };
        html! {
            <Runbook data={data.clone()} alert={chosen_alert.cloned()} progress={progress.clone()} {summary}
                clock={snapshot.clock.clone()} {now_ms} open={ui.open.clone()} act={act.clone()}
                bridge={props.bridge.clone()} />
        }
    };
    let body = match (layout, snapshot.data.is_some(), suspects.is_empty()) {
        (Layout::Tiny, ..) => html! {},
        (_, false, _) if snapshot.failed() => states::failed(&snapshot.errors),
        (_, false, _) => html! {},
        (_, true, true) if !data.foreign.is_empty() && data.pages.is_empty() => {
            states::foreign(&data.foreign)
        }
        (_, true, true) if data.pages.is_empty() => list(),
        (Layout::Wide, ..) => html! {
            <div class="ll-columns">
                <div class="ll-column">{list()}</div>
                <div class="ll-column">{chart()}</div>
                <div class="ll-column">{runbook()}</div>
            </div>
        },
        (Layout::Narrow, ..) => html! {
            <>
                {tabs(ui.tab, &act, panel_id)}
                <div class="ll-column" role="tabpanel" id={format!("leaklens-{panel_id}-part")}
                    aria-labelledby={format!("leaklens-{panel_id}-tab-{}", place(ui.tab))}>
                    {match ui.tab {
                        Tab::Suspects => list(),
                        Tab::Chart => chart(),
                        Tab::Runbook => runbook(),
                    }}
                </div>
            </>
        },
    };
    let busy = snapshot.loading() || history.loading || judging.pending();
    html! {
        <div class={classes!("leaklens", layout.class())} {style} aria-busy={busy.to_string()}>
            <style>{include_str!("../style.css")}</style>
            {states::loading_bar(busy)}
            {header::verdict(&line)}
            if layout != Layout::Tiny {
                if let Some(chosen) = chosen_alert { {alert_strip::strip(chosen, alerts, &snapshot.clock, now_ms, &snapshot.app_sub_url)} }
                if snapshot.data.is_some() { {states::problems(&snapshot.errors, &data)} }
                {body}
                {states::notes(&data)}
            }
        </div>
    }
}

/// The suspect to show: the reader's choice, else the alert's, else the first. And whether the reader's is gone.
fn choose<'a>(
    ui: &Ui,
    suspects: &'a [SuspectRow],
    chosen_alert: Option<&AlertRow>,
) -> (Option<&'a SuspectRow>, bool) {
    let wanted = ui.selected.as_ref();
    if let Some(found) = suspects.iter().find(|suspect| Some(&suspect.id) == wanted) {
        return (Some(found), false);
    }
    let of_alert = chosen_alert.and_then(|chosen| alert::suspect_of(chosen, suspects));
    (of_alert.or_else(|| suspects.first()), wanted.is_some() && !suspects.is_empty())
}

const TABS: [(Tab, &str); 3] =
    [(Tab::Suspects, strings::SUSPECTS), (Tab::Chart, strings::CHART_TAB), (Tab::Runbook, strings::RUNBOOK)];

fn place(tab: Tab) -> usize {
    TABS.iter().position(|(other, _)| *other == tab).unwrap_or_default()
}

/// Tabs: arrow keys turn to the next part.
fn tabs(tab: Tab, act: &Callback<Act>, panel_id: usize) -> Html {
    let onkeydown = {
        let act = act.clone();
        Callback::from(move |event: KeyboardEvent| {
            let at = place(tab);
            let to = match event.key().as_str() {
                "ArrowRight" => (at + 1) % TABS.len(),
                "ArrowLeft" => (at + TABS.len() - 1) % TABS.len(),
                _ => return,
            };
            event.prevent_default();
            act.emit(Act::Turn(TABS[to].0));
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
            for (index, (other, label)) in TABS.into_iter().enumerate() {
                <button type="button" class="ll-tab" role="tab" id={format!("leaklens-{panel_id}-tab-{index}")}
                    aria-controls={format!("leaklens-{panel_id}-part")} aria-selected={(other == tab).to_string()}
                    tabindex={if other == tab { "0" } else { "-1" }}
                    onclick={act.reform(move |_: MouseEvent| Act::Turn(other))}>
                    {label}
                </button>
            }
        </div>
    }
}
