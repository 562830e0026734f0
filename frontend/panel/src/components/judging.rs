//! Judges series that come without a verdict, in slices between which the page stays responsive.

use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::window;
use yew::prelude::*;

use crate::data::{Data, History};
use crate::same::Same;
use crate::view::judge::{Judged, history, judge, rank, to_judge, with_suspects};
use crate::view::options::Options;

/// How long a slice goes on before it gives way; the series at hand is finished, which takes well under 2 ms more.
const SLICE_MS: f64 = 8.0;

/// How far the judging is.
#[derive(Debug, Clone, Default)]
pub struct Judging {
    /// The newest frames that are judged whole; they stay while the next are under way.
    whole: Option<Same<Whole>>,
    /// The frames that were looked at last.
    asked: Option<Same<Data>>,
    /// So many series are judged.
    pub done: usize,
    /// Of so many.
    pub total: usize,
}

#[derive(Debug)]
struct Whole {
    received: Same<Data>,
    shown: Same<Data>,
    judged: Vec<Judged>,
}

impl Judging {
    /// What to show: the frames received, or, where their series must be judged first, those judged last.
    pub fn data(&self, received: &Same<Data>) -> Same<Data> {
        match &self.whole {
            Some(whole) if !received.unjudged.is_empty() => whole.shown.clone(),
            _ => received.clone(),
        }
    }

    /// Whether verdicts are still to come.
    pub fn pending(&self) -> bool {
        self.done < self.total
    }
}

/// Judges the series of `data` whenever they change; what is under way for older ones is given up.
#[hook]
pub fn use_judging(data: &Same<Data>, options: &Rc<Options>, from_ms: f64, to_ms: f64) -> Judging {
    let judging = use_state(Judging::default);
    let newest = use_mut_ref(|| 0_u64);
    {
        let judging = judging.clone();
        use_effect_with((data.clone(), options.clone()), move |(received, options)| {
            *newest.borrow_mut() += 1;
            let turn = *newest.borrow();
            let indices = to_judge(received, options);
            let total = indices.len();
            if total == 0 {
                if judging.total > 0 || !received.unjudged.is_empty() {
                    judging.set(Judging { asked: Some(received.clone()), ..Judging::default() });
                }
                return;
            }
            let (received, options) = (received.clone(), options.clone());
            let so_far = Judging { asked: Some(received.clone()), done: 0, total, ..(*judging).clone() };
            judging.set(so_far.clone());
            spawn_local(async move {
                let mut judged = Vec::with_capacity(total);
                let mut began_ms = now_ms();
                for index in indices {
                    judged.push(judge(&received, index, &options));
                    if now_ms() - began_ms < SLICE_MS {
                        continue;
                    }
                    judging.set(Judging { done: judged.len(), ..so_far.clone() });
                    give_way().await;
                    if *newest.borrow() != turn {
                        return;
                    }
                    began_ms = now_ms();
                }
                rank(&mut judged);
                let shown = Same::new(with_suspects(&received, &judged, from_ms, to_ms));
                let whole = Some(Same::new(Whole { received, shown, judged }));
                judging.set(Judging { whole, done: total, ..so_far });
            });
        });
    }
    let mut now = (*judging).clone();
    if now.asked.as_ref() != Some(data) && !data.unjudged.is_empty() {
        // New frames are drawn once before anything is judged: that is no answer yet.
        (now.done, now.total) = (0, data.unjudged.len());
    }
    now
}

/// The history of a series judged here, over a range in milliseconds.
#[hook]
pub fn use_judged_history(
    judging: &Judging,
    id: Option<&String>,
    from_ms: f64,
    to_ms: f64,
) -> Option<Same<History>> {
    let deps = (judging.whole.clone(), id.cloned(), from_ms.to_bits(), to_ms.to_bits());
    let found = use_memo(deps, |(whole, id, ..)| {
        let (whole, id) = (whole.as_ref()?, id.as_ref()?);
        let one = whole.judged.iter().find(|one| one.row.id == *id)?;
        Some(Same::new(history(&whole.received, &whole.judged, one, from_ms, to_ms)))
    });
    (*found).clone()
}

fn now_ms() -> f64 {
    window().and_then(|window| window.performance()).map_or_else(js_sys::Date::now, |clock| clock.now())
}

/// Lets the browser handle input and draw. Without timers there is nobody to give way to.
async fn give_way() {
    let promise = Promise::new(&mut |resolve, _| {
        let timer = window().and_then(|window| window.set_timeout_with_callback(&resolve).ok());
        if timer.is_none() {
            let _undefined = resolve.call0(&JsValue::UNDEFINED);
        }
    });
    let _waited = JsFuture::from(promise).await;
}
