//! Has series judged that come without a verdict, in slices between which the page stays responsive.

use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::window;
use yew::prelude::*;

use crate::boundary::{Bridge, Judge, judge};
use crate::data::{Data, History};
use crate::same::Same;
use crate::strings;
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
    shown: Same<Data>,
    /// Nothing where the judge could not be had; the frames say so.
    judge: Option<Judge>,
}

impl Judging {
    /// What to show: the frames received, or, where their series must be judged first, those judged last.
    pub fn data(&self, received: &Same<Data>) -> Same<Data> {
        match &self.whole {
            Some(whole) if received.unjudged > 0 => whole.shown.clone(),
            _ => received.clone(),
        }
    }

    /// Whether verdicts are still to come.
    pub fn pending(&self) -> bool {
        self.done < self.total
    }
}

/// Has the series of `data` judged whenever they change; what is under way for older ones is given up.
#[hook]
pub fn use_judging(
    bridge: &Bridge,
    data: &Same<Data>,
    options: &Rc<Options>,
    from_ms: f64,
    to_ms: f64,
) -> Judging {
    let judging = use_state(Judging::default);
    let newest = use_mut_ref(|| 0_u64);
    {
        let (judging, bridge) = (judging.clone(), bridge.clone());
        use_effect_with((data.clone(), options.clone()), move |(received, options)| {
            *newest.borrow_mut() += 1;
            let turn = *newest.borrow();
            let total = received.unjudged;
            if total == 0 {
                if judging.total > 0 {
                    judging.set(Judging::default());
                }
                return;
            }
            let (received, options) = (received.clone(), options.clone());
            let so_far = Judging { asked: Some(received.clone()), done: 0, total, ..(*judging).clone() };
            judging.set(so_far.clone());
            spawn_local(async move {
                let under_way = |done, total| judging.set(Judging { done, total, ..so_far.clone() });
                // Gives way; whether nothing newer has come meanwhile.
                let goes_on = async || {
                    give_way().await;
                    *newest.borrow() == turn
                };
                // Reading the frames here and there, and what comes after the last, are tasks of their own.
                if !goes_on().await {
                    return;
                }
                let judge = judge(&bridge, &options.json).await;
                if !goes_on().await {
                    return;
                }
                let whole = match judge {
                    Err(error) => Whole { shown: unjudged(&received, &error), judge: None },
                    Ok(judge) => {
                        let (mut done, total) = (0, judge.total());
                        let mut began_ms = now_ms();
                        while done < total {
                            done = judge.judge_next();
                            if now_ms() - began_ms < SLICE_MS {
                                continue;
                            }
                            // The last is not the end: until they are ranked nothing is to be seen.
                            under_way(done.min(total - 1), total);
                            if !goes_on().await {
                                return;
                            }
                            began_ms = now_ms();
                        }
                        if !goes_on().await {
                            return;
                        }
                        let answer = judge.suspects(from_ms, to_ms);
                        if !goes_on().await {
                            return;
                        }
                        let shown = match answer {
                            Ok(answer) => Same::new(received.with_judged(Data::decode(&answer.frames))),
                            Err(error) => unjudged(&received, &error),
                        };
                        if !goes_on().await {
                            return;
                        }
                        Whole { shown, judge: Some(judge) }
                    }
                };
                let whole = Some(Same::new(whole));
                judging.set(Judging { whole, done: total, total, ..so_far });
            });
        });
    }
    let mut now = (*judging).clone();
    if now.asked.as_ref() != Some(data) && data.unjudged > 0 {
        // New frames are drawn once before anything is judged: that is no answer yet.
        (now.done, now.total) = (0, data.unjudged);
    }
    now
}

/// The frames with why their series could not be judged.
fn unjudged(received: &Data, error: &str) -> Same<Data> {
    let mut shown = received.clone();
    shown.faults.push(strings::not_judged(error));
    Same::new(shown)
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
        let judge = whole.as_ref()?.judge.as_ref()?;
        Some(Same::new(match judge.history(id.as_ref()?, from_ms, to_ms)? {
            Ok(answer) => History::decode(&answer.frames, answer.errors),
            Err(error) => History { faults: vec![error], ..History::default() },
        }))
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
