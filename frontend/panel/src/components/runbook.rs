//! The page of the alert, with commands filled in and steps answered.

use std::rc::Rc;

use model::frames::AlertRow;
use model::runbook::{FilledCommand, FilledGroup, FilledPage, FilledStep};
use yew::prelude::*;

use super::ui::Act;
use crate::boundary::Bridge;
use crate::components::command::Command;
use crate::components::evidence::finding;
use crate::components::text::{blocks, link, spans, web_address};
use crate::data::Data;
use crate::strings;

/// Properties of [`Runbook`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct RunbookProps {
    /// The frames.
    pub data: Rc<Data>,
    /// The alert at hand.
    pub alert: Option<AlertRow>,
    /// What was opened or closed.
    pub open: Vec<(String, bool)>,
    /// Where acts go.
    pub act: Callback<Act>,
    /// The host.
    pub bridge: Bridge,
}

/// The runbook: the alert's page open, further pages and general sections folded.
#[component]
pub fn Runbook(props: &RunbookProps) -> Html {
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
            <h3 class="ll-heading">{strings::RUNBOOK}</h3>
            if own.is_empty() {
                if props.alert.is_some() {
                    <p class="ll-weak">{strings::NO_PAGE}</p>
                    <p class="ll-weak">{strings::NO_PAGE_REMEDY}</p>
                } else {
                    <p class="ll-weak">{strings::NO_ALERT_PAGE}</p>
                }
            }
            for (index, page) in own.into_iter().enumerate() { {folding(props, &page.page, index == 0)} }
            if let Some(href) = external {
                <p class="ll-paragraph">{link(href, html! { {strings::EXTERNAL_RUNBOOK} })}</p>
            }
            if !general.is_empty() {
                <h4 class="ll-subheading">{strings::GENERAL}</h4>
            }
            for page in general { {folding(props, &page.page, false)} }
        </section>
    }
}

/// A page under a heading that opens and closes it.
fn folding(props: &RunbookProps, page: &FilledPage, open_at_first: bool) -> Html {
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
            if open { {body(props, page)} }
        </article>
    }
}

fn body(props: &RunbookProps, page: &FilledPage) -> Html {
    html! {
        <div class="ll-page-body">
            if !page.trigger.is_empty() {
                <p class="ll-trigger"><span class="ll-weak">{strings::TRIGGER}</span>{" "}{&page.trigger}</p>
            }
            for group in &page.groups { {self::group(props, group)} }
        </div>
    }
}

fn group(props: &RunbookProps, group: &FilledGroup) -> Html {
    html! {
        <div class="ll-group">
            if !group.title.is_empty() { <h5 class="ll-group-title">{&group.title}</h5> }
            {blocks(&group.notes)}
            if !group.steps.is_empty() {
                <ol class="ll-steps">for one in &group.steps { {step(props, one)} }</ol>
            }
            {commands(props, &group.commands)}
        </div>
    }
}

fn step(props: &RunbookProps, step: &FilledStep) -> Html {
    html! {
        <li class="ll-step" key={step.id.clone()}>
            <div class="ll-step-text">{spans(&step.spans)}</div>
            for one in &step.findings { {finding(one)} }
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
