//! The whole panel.

use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};

use js_sys::Date;
use model::frames::{AlertRow, SuspectRow};
use model::query::Scope;
use yew::prelude::*;

use super::chart::Chart;
use super::history::{Loaded, use_history};
use super::judging::{use_judged_history, use_judging};
use super::pack::use_pack;
use super::progress::use_progress;
use super::runbook::Runbook;
use super::suspects::Suspects;
use super::tabs::{TABS, column, tab_id, tabs};
use super::ui::{Act, Tab, Ui};
use super::{alert_strip, evidence, header, links, states};
use crate::boundary::{Bridge, LoadingState};
use crate::data::Data;
use crate::same::Same;
use crate::snapshot::Snapshot;
use crate::strings;
use crate::view::options::Shown;
use crate::view::progress::incident;
use crate::view::summary::Summary;
use crate::view::suspects::stands_for;
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
    let options = &snapshot.options;
    let panel_id = *use_memo((), |()| PANELS.fetch_add(1, Ordering::Relaxed));
    let ui = use_reducer_eq(Ui::default);
    let act = {
        let dispatcher = ui.dispatcher();
        use_callback((), move |act: Act, ()| dispatcher.dispatch(act))
    };
    let nothing = use_memo((), |()| Same::new(Data::default()));
    let received = snapshot.data.clone().unwrap_or_else(|| (*nothing).clone());
    let judging = use_judging(&props.bridge, &received, &snapshot.options, snapshot.from_ms, snapshot.to_ms);
    // Whoever answers with pages knows the operator's own; without such an answer ours are better than none.
    let answered = snapshot.data.is_some() || snapshot.failed();
    let data = use_pack(&props.bridge, &judging.data(&received), &snapshot.variables, answered);
    let alerts = data.alerts.as_deref().unwrap_or_default();
    let suspects = data.suspects.as_deref().unwrap_or_default();
    let chosen_alert = alert::chosen(alerts, &snapshot.variables);
    let (suspect, gone) = choose(&ui, suspects, chosen_alert, &snapshot.variables);
    let suspect_id = suspect.map(|suspect| suspect.id.clone());
    let answer = format!("{} {} {}", snapshot.request_id, snapshot.from_ms, snapshot.to_ms);
    // While an answer is under way the last one's history stays.
    let newest = use_mut_ref(String::new);
    if snapshot.state != LoadingState::Loading {
        newest.replace(answer);
    }
    let key = newest.borrow().clone();
    let (from_ms, to_ms) = (snapshot.from_ms, snapshot.to_ms);
    let judged_here = use_judged_history(&judging, suspect_id.as_ref(), from_ms, to_ms);
    let asked = suspect_id.clone().filter(|_| judged_here.is_none());
    let mut history = use_history(&props.bridge, asked, &key);
    if let (Some(suspect), Some(judged)) = (suspect_id.clone(), judged_here) {
        history = Loaded { suspect, history: Some(judged), ..Loaded::default() };
    }

    let progress = use_progress(&props.bridge, chosen_alert.and_then(incident), &key);

    let now_ms = Date::now();
    let line = verdict::line(&verdict::Situation {
        data: &data,
        scope: &snapshot.variables,
        failed: snapshot.failed(),
        waiting: (snapshot.data.is_none() && snapshot.loading()) || judging.pending(),
        old_since_ms: snapshot.old_since_ms(),
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
            return match &data.foreign {
                // What failed stands in the banner where there is anything else to see.
                _ if snapshot.data.is_none() => states::failed(&snapshot.errors),
                _ if data.unjudged > 0 && !snapshot.failed() => states::not_judged(),
                _ if snapshot.failed() || !data.faults.is_empty() => states::failed(&[]),
                foreign if !foreign.is_empty() => states::foreign(foreign),
                _ => states::empty(),
            };
        }
        html! {
            <>
                if gone { <p class="ll-weak" role="status">{strings::SELECTION_GONE}</p> }
                <Suspects data={data.clone()} selected={suspect_id.clone().map(AttrValue::from)}
                    filter={ui.filter.clone()} order={ui.order} act={act.clone()} {panel_id} />
            </>
        }
    };
    let chart = || {
        html! {
            <>
                if let Some(suspect) = suspect.filter(|_| options.shows(Shown::Chart)) {
                    <Chart suspect={suspect.clone()} loaded={history.clone()} alert_since_ms={alert_strip::since_ms(chosen_alert)}
                        clock={snapshot.clock.clone()} theme={snapshot.theme.clone()} from_ms={snapshot.from_ms}
                        to_ms={snapshot.to_ms} hidden={ui.hidden.clone()} act={act.clone()} bridge={props.bridge.clone()} />
                }
                if let Some(history) = &history.history { {links::of_suspect(&history.links, &snapshot.app_sub_url)} }
                if options.shows(Shown::Evidence) { {evidence::evidence(suspect, &data.findings(), &props.bridge)} }
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
            <Runbook data={data.clone()} alert={chosen_alert.cloned()} is_named={!snapshot.variables.alertname.is_any()} progress={progress.clone()} {summary}
                clock={snapshot.clock.clone()} {now_ms} open={ui.open.clone()} act={act.clone()}
                bridge={props.bridge.clone()} />
        }
    };
    let part = |tab: Tab| match tab {
        Tab::Suspects => list(),
        Tab::Chart => chart(),
        Tab::Runbook => runbook(),
    };
    let shown: Vec<Tab> = TABS.into_iter().filter(|tab| options.shows_tab(*tab)).collect();
    let nothing_yet = snapshot.data.is_none() && !snapshot.failed();
    let body = match layout {
        Layout::Tiny => html! {},
        _ if nothing_yet => html! {},
        _ if suspects.is_empty() && data.pages.is_empty() => list(),
        Layout::Wide => {
            let columns: Vec<&str> = shown.iter().map(|tab| column(*tab)).collect();
            html! {
                <div class="ll-columns" style={format!("grid-template-columns:{}", columns.join(" "))}>
                    for tab in shown { <div class="ll-column" key={column(tab)}>{part(tab)}</div> }
                </div>
            }
        }
        Layout::Narrow => {
            let turned = shown.iter().find(|tab| **tab == ui.tab).or(shown.first()).copied();
            html! {
                if let Some(turned) = turned {
                    {tabs(turned, &shown, options, &act, panel_id)}
                    <div class="ll-column" role="tabpanel" tabindex="0" id={format!("leaklens-{panel_id}-part")}
                        aria-labelledby={tab_id(panel_id, turned)}>
                        {part(turned)}
                    </div>
                }
            }
        }
    };
    let busy = snapshot.loading() || history.loading || judging.pending();
    html! {
        <div class={classes!("leaklens", layout.class())} {style} aria-busy={busy.to_string()}>
            <style>{include_str!("../style.css")}</style>
            {states::loading_bar(busy)}
            {header::verdict(&line)}
            if layout != Layout::Tiny {
                if let Some(chosen) = chosen_alert { {alert_strip::strip(chosen, alerts, &snapshot.clock, now_ms, &snapshot.app_sub_url)} }
                if snapshot.data.is_some() { {states::problems(snapshot, &data, now_ms)} }
                {body}
                {states::notes(&data)}
            }
        </div>
    }
}

/// The suspect to show: the reader's choice, else the alert's, else that of the dashboard's variables, else the first. And
/// whether the reader's is gone.
fn choose<'a>(
    ui: &Ui,
    suspects: &'a [SuspectRow],
    chosen_alert: Option<&AlertRow>,
    scope: &Scope,
) -> (Option<&'a SuspectRow>, bool) {
    let wanted = ui.selected.as_ref();
    let is_wanted = |suspect: &&SuspectRow| Some(&suspect.id) == wanted;
    // A pod that was replaced since it was chosen goes on in the row of the one that came after it.
    let goes_on = |suspect: &&SuspectRow| wanted.is_some_and(|id| stands_for(suspect).contains(id));
    if let Some(found) = suspects.iter().find(is_wanted).or_else(|| suspects.iter().find(goes_on)) {
        return (Some(found), false);
    }
    let of_alert = chosen_alert.and_then(|chosen| alert::suspect_of(chosen, suspects));
    let named = of_alert.or_else(|| alert::suspect_in(scope, suspects));
    (named.or_else(|| suspects.first()), wanted.is_some() && !suspects.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_reader_chose_goes_on_in_the_row_that_stands_for_it() {
        let row = |id: &str, stands_for: &[&str]| SuspectRow {
            id: id.to_owned(),
            stands_for: serde_json::json!(stands_for).to_string(),
            ..SuspectRow::default()
        };
        let suspects = [row("worst", &[]), row("new", &["old", "older"])];
        let shown = |id: &str| {
            let ui = Ui { selected: Some(id.to_owned()), ..Ui::default() };
            let (found, gone) = choose(&ui, &suspects, None, &Scope::default());
            (found.map(|row| row.id.as_str()), gone)
        };
        assert_eq!(shown("older"), (Some("new"), false));
        assert_eq!(shown("never"), (Some("worst"), true));
    }
}
