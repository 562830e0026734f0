//! Judges series that come without a verdict, in slices between which the page stays responsive.

use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::window;
use yew::prelude::*;

use crate::data::{Data, History};
use crate::view::judge::{Judged, history, judge, rank, to_judge, with_suspects};
use crate::view::options::Options;

/// How long a slice goes on before it gives way; the series at hand is finished, which takes well under 2 ms more.
const SLICE_MS: f64 = 8.0;

/// How far the judging is.
#[derive(Debug, Clone, Default)]
pub struct Judging {
    /// The newest frames that are judged whole; they stay while the next are under way.
    whole: Option<Rc<Whole>>,
    /// Address of the frames that were looked at last.
    asked: usize,
    /// So many series are judged.
    pub done: usize,
    /// Of so many.
    pub total: usize,
}

#[derive(Debug)]
struct Whole {
    received: Rc<Data>,
    shown: Rc<Data>,
    judged: Vec<Judged>,
}

impl Judging {
    /// What to show: the frames received, or, where their series must be judged first, those judged last.
    pub fn data(&self, received: &Rc<Data>) -> Rc<Data> {
        match &self.whole {
            Some(whole) if !received.unjudged.is_empty() => whole.shown.clone(),
            _ => received.clone(),
        }
    }

    /// Whether verdicts are still to come.
    pub fn pending(&self) -> bool {
        self.done < self.total
    }

    /// The history of a series judged here, over a range in milliseconds.
    pub fn history(&self, id: &str, from_ms: f64, to_ms: f64) -> Option<History> {
        let whole = self.whole.as_deref()?;
        let one = whole.judged.iter().find(|one| one.row.id == id)?;
        Some(history(&whole.received, &whole.judged, one, from_ms, to_ms))
    }
}

/// Judges the series of `data` whenever they change; what is under way for older ones is given up.
#[hook]
pub fn use_judging(data: &Rc<Data>, options: &Rc<Options>, from_ms: f64, to_ms: f64) -> Judging {
    let judging = use_state(Judging::default);
    let address = Rc::as_ptr(data) as usize;
    let newest = use_mut_ref(|| 0_u64);
    {
        let (judging, received) = (judging.clone(), data.clone());
        // Frames are decoded once per answer: another answer has another address.
        use_effect_with((address, options.clone()), move |(_, options)| {
            *newest.borrow_mut() += 1;
            let turn = *newest.borrow();
            let indices = to_judge(&received, options);
            let total = indices.len();
            if total == 0 {
                if judging.total > 0 || !received.unjudged.is_empty() {
                    judging.set(Judging { asked: address, ..Judging::default() });
                }
                return;
            }
            let (whole, options) = (judging.whole.clone(), options.clone());
            judging.set(Judging { whole: whole.clone(), asked: address, done: 0, total });
            spawn_local(async move {
                let mut judged = Vec::with_capacity(total);
                let mut began_ms = now_ms();
                for index in indices {
                    judged.push(judge(&received, index, &options));
                    if now_ms() - began_ms < SLICE_MS {
                        continue;
                    }
                    judging.set(Judging { whole: whole.clone(), asked: address, done: judged.len(), total });
                    give_way().await;
                    if *newest.borrow() != turn {
                        return;
                    }
                    began_ms = now_ms();
                }
                rank(&mut judged);
                let shown = Rc::new(with_suspects(&received, &judged, from_ms, to_ms));
                let whole = Some(Rc::new(Whole { received, shown, judged }));
                judging.set(Judging { whole, asked: address, done: total, total });
            });
        });
    }
    let mut now = (*judging).clone();
    if now.asked != address && !data.unjudged.is_empty() {
        // New frames are drawn once before anything is judged: that is no answer yet.
        (now.done, now.total) = (0, data.unjudged.len());
    }
    now
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
