//! What has been done in the incident at hand.

use std::rc::Rc;

use js_sys::Date;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::boundary::{Bridge, progress, tick};
use crate::components::mark::{Mark, Sign};
use crate::strings;
use crate::view::progress::{Record, Recorded, Tick};
use crate::view::suspects::Tone;

/// Progress, and the way to add to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// The incident; without one nothing can be ticked.
    pub incident: Option<Rc<str>>,
    /// What is known of it.
    pub recorded: Rc<Recorded>,
    /// Adds a record.
    pub tick: Callback<Tick>,
}

/// What has been read, and of which incident.
type Read = (Option<Rc<str>>, Rc<Recorded>);

/// Reads progress whenever the incident or `answer` (the panel's own answer) changes, so that what others tick comes
/// with every refresh, and after every tick. What a tick says is shown at once.
#[hook]
pub fn use_progress(bridge: &Bridge, incident: Option<String>, answer: &str) -> Progress {
    let incident: Option<Rc<str>> = incident.map(Rc::from);
    let read = use_state_eq(Read::default);
    let newest = use_mut_ref(|| 0_u64);
    let ask = {
        let (read, newest, bridge) = (read.setter(), Rc::clone(&newest), bridge.clone());
        move |incident: Rc<str>, added: Option<Tick>| {
            *newest.borrow_mut() += 1;
            let asked = *newest.borrow();
            let (read, newest, bridge) = (read.clone(), Rc::clone(&newest), bridge.clone());
            spawn_local(async move {
                let lost = match added {
                    Some(added) => tick(&bridge, &added).await.err().map(|error| strings::tick_lost(&error)),
                    None => None,
                };
                let mut recorded = progress(&bridge, &incident)
                    .await
                    .unwrap_or_else(|fault| Recorded { fault, ..Recorded::default() });
                if !recorded.fault.is_empty() {
                    recorded.fault = strings::progress_unread(&recorded.fault);
                }
                if let Some(lost) = lost {
                    recorded.fault = lost;
                }
                if *newest.borrow() == asked {
                    read.set((Some(incident), Rc::new(recorded)));
                }
            });
        }
    };
    {
        let ask = ask.clone();
        use_effect_with((incident.clone(), answer.to_owned()), move |(incident, _)| {
            if let Some(incident) = incident {
                ask(Rc::clone(incident), None);
            }
        });
    }
    // What was read of another incident is not shown under this one.
    let recorded = if read.0 == incident { Rc::clone(&read.1) } else { Rc::default() };
    let tick = {
        let (incident, recorded, read) = (incident.clone(), Rc::clone(&recorded), read.setter());
        Callback::from(move |tick: Tick| {
            let Some(incident) = incident.clone() else { return };
            let mut shown = (*recorded).clone();
            shown.records.push(Record {
                page: tick.page.clone(),
                step: tick.step.clone(),
                done: tick.done,
                at_ms: Date::now(),
                ..Record::default()
            });
            read.set((Some(Rc::clone(&incident)), Rc::new(shown)));
            ask(incident, Some(tick));
        })
    };
    Progress { incident, recorded, tick }
}

/// Where ticks are kept, where that is not as it should be.
pub fn where_kept(recorded: &Recorded) -> Html {
    let kept = recorded.kept_here().map(|record| match record.why.as_str() {
        "forbidden" => strings::KEPT_FORBIDDEN.to_owned(),
        why => strings::kept_here(why),
    });
    let fault = Some(recorded.fault.clone()).filter(|fault| !fault.is_empty());
    html! {
        for said in kept.into_iter().chain(fault) {
            <p class="ll-caution ll-tone-attention" role="status">
                <Mark sign={Sign::Tone(Tone::Attention)} /><span>{said}</span>
            </p>
        }
    }
}
