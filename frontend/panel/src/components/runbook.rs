//! The page of the alert, with commands filled in and steps answered.

use model::frames::AlertRow;
use model::runbook::{FilledCommand, FilledPage, FilledStep};
use yew::prelude::*;

use super::ui::Act;
use crate::boundary::Bridge;
use crate::components::command::Command;
use crate::components::copy::{self, Copying};
use crate::components::evidence::finding;
use crate::components::progress::{Progress, where_kept};
use crate::components::text::{blocks, link, spans, web_address};
use crate::data::{Data, Page};
use crate::same::Same;
use crate::strings;
use crate::view::clock::Clock;
use crate::view::progress::Tick;
use crate::view::text::{NAME_CHARS, visible};

/// Properties of [`Runbook`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct RunbookProps {
    /// The frames.
    pub data: Same<Data>,
    /// The alert at hand.
    pub alert: Option<AlertRow>,
    /// Whether the dashboard names one, at hand or not.
    pub is_named: bool,
    /// What was opened or closed.
    pub open: Vec<(String, bool)>,
    /// What has been done.
    pub progress: Progress,
    /// Makes the summary.
    pub summary: Callback<(), String>,
    /// The dashboard's clock.
    pub clock: Clock,
    /// The present, milliseconds since the epoch.
    pub now_ms: f64,
    /// Where acts go.
    pub act: Callback<Act>,
    /// The host.
    pub bridge: Bridge,
}

/// The runbook: the alert's page open, further pages and general sections folded.
#[component]
pub fn Runbook(props: &RunbookProps) -> Html {
    let copying = use_state_eq(|| Copying::Idle);
    let alertname = props.alert.as_ref().map(|alert| alert.alertname.as_str());
    let (own, general): (Vec<_>, Vec<_>) = props.data.pages.iter().partition(|page| page.for_alert);
    // The page of the alert at hand comes first, the rest stay in the order of the answer.
    let (mut own, others): (Vec<_>, Vec<_>) = own
        .into_iter()
        .partition(|page| alertname.is_some_and(|name| page.page.alerts.iter().any(|alert| alert == name)));
    own.extend(others);
    let external = props.alert.as_ref().and_then(|alert| web_address(&alert.runbook_url));
    html! {
        <section class="ll-section ll-runbook" aria-label={strings::RUNBOOK}>
            <div class="ll-heading-row ll-spread">
                <h3 class="ll-heading">{strings::RUNBOOK}</h3>
                {copy::button(strings::COPY_SUMMARY, props.summary.clone(), &props.bridge, &copying)}
            </div>
            {where_kept(&props.progress.recorded)}
            if own.is_empty() {
                if props.alert.is_some() || props.is_named {
                    <p class="ll-weak">{strings::NO_PAGE}</p>
                    <p class="ll-weak">{strings::NO_PAGE_REMEDY}</p>
                } else {
                    <p class="ll-weak">{strings::NO_ALERT_PAGE}</p>
                }
            }
            for (index, page) in own.into_iter().enumerate() { {folding(props, page, index == 0)} }
            if let Some(href) = external {
                <p class="ll-paragraph">{link(href, html! { {strings::EXTERNAL_RUNBOOK} })}</p>
            }
            if !general.is_empty() {
                <h4 class="ll-subheading">{strings::GENERAL}</h4>
            }
            for page in general { {folding(props, page, false)} }
        </section>
    }
}

/// A page under a heading that opens and closes it.
fn folding(props: &RunbookProps, page: &Page, open_at_first: bool) -> Html {
    let Page { for_alert, page } = page;
    let key = format!("page:{}", page.id);
    let chosen = props.open.iter().find(|(other, _)| *other == key);
    let open = chosen.map_or(open_at_first, |(_, open)| *open);
    let onclick = {
        let (act, key) = (props.act.clone(), key.clone());
        Callback::from(move |_: MouseEvent| act.emit(Act::Open(key.clone(), !open)))
    };
    html! {
        <article class="ll-page" key={key}>
            <h4 class="ll-page-title">
                <button type="button" class="ll-fold" aria-expanded={open.to_string()} {onclick}>
                    <svg class="ll-chevron" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
                        <path d="M6 3.5 10.5 8 6 12.5" />
                    </svg>
                    {&page.title}
                </button>
            </h4>
            if open { {body(props, page, *for_alert)} }
        </article>
    }
}

fn body(props: &RunbookProps, page: &FilledPage, for_alert: bool) -> Html {
    html! {
        <div class="ll-page-body">
            if !page.trigger.is_empty() {
                <p class="ll-trigger"><span class="ll-weak">{strings::TRIGGER}</span>{" "}{&page.trigger}</p>
            }
            for group in &page.groups {
                <div class="ll-group">
                    if !group.title.is_empty() { <h5 class="ll-group-title">{&group.title}</h5> }
                    {blocks(&group.notes)}
                    if !group.steps.is_empty() {
                        <ol class="ll-steps">for one in &group.steps { {step(props, page, one, for_alert)} }</ol>
                    }
                    {commands(props, &group.commands)}
                </div>
            }
        </div>
    }
}

/// A step. Those of an alert's page can be ticked, as long as there is an incident to record it under.
fn step(props: &RunbookProps, page: &FilledPage, step: &FilledStep, for_alert: bool) -> Html {
    let Progress { incident, recorded, tick } = &props.progress;
    let record = recorded.of(&page.hash, &step.id);
    let done = record.is_some_and(|record| record.done);
    let said = record.map(|record| {
        let moment = props.clock.moment(record.at_ms, props.now_ms);
        strings::ticked(record.done, &visible(&record.who, NAME_CHARS), &moment)
    });
    let text = visible(&step.text, 200);
    let incident = incident.clone().filter(|_| for_alert);
    html! {
        <li class="ll-step" key={step.id.clone()}>
            <div class="ll-step-text">
                if let Some(incident) = incident {
                    <input type="checkbox" class="ll-tick" checked={done} aria-label={strings::done_label(&text)}
                        onchange={
                            let alertname = props.alert.as_ref().map(|alert| alert.alertname.clone()).unwrap_or_default();
                            let record = Tick {
                                incident: incident.to_string(),
                                page: page.hash.clone(),
                                step: step.id.clone(),
                                done: !done,
                                text: strings::record(&alertname, !done, &text),
                            };
                            tick.reform(move |_: Event| record.clone())
                        } />
                }
                {spans(&step.spans)}
            </div>
            if let Some(said) = said { <p class="ll-weak ll-ticked">{said}</p> }
            for one in &step.findings { {finding(one, &props.bridge)} }
            {blocks(&step.detail)}
            {commands(props, &step.commands)}
        </li>
    }
}

fn commands(props: &RunbookProps, commands: &[FilledCommand]) -> Html {
    html! {
        for command in commands { <Command command={command.clone()} bridge={props.bridge.clone()} /> }
    }
}
