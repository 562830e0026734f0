//! What the panel asks of its host.

use js_sys::{Array, Promise};
use model::query::{Query, Scope};
use serde::Deserialize;
use serde_json::Value;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::snapshot::Frames;
use crate::strings;
use crate::view::progress::{Recorded, Tick};

#[wasm_bindgen]
extern "C" {
    /// The host's functions, see README.md.
    #[derive(Debug, Clone, PartialEq)]
    pub type Bridge;

    /// Puts text on the clipboard; resolves to whether it is there now.
    #[wasm_bindgen(method, catch)]
    pub fn copy(this: &Bridge, text: &str) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch, js_name = query)]
    fn query_json(this: &Bridge, json: &str) -> Result<Promise, JsValue>;

    /// The address in Grafana at which a PromQL query can be explored; empty where there is none.
    #[wasm_bindgen(method, catch)]
    pub fn explore(this: &Bridge, query: &str) -> Result<String, JsValue>;

    #[wasm_bindgen(method, catch, js_name = progress)]
    fn progress_json(this: &Bridge, incident: &str) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch, js_name = tick)]
    fn add(
        this: &Bridge,
        incident: &str,
        page: &str,
        step: &str,
        done: bool,
        text: &str,
    ) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch, js_name = judge)]
    fn judge_of(this: &Bridge, options_json: &str) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch, js_name = pages)]
    fn pages_json(this: &Bridge, scope_json: &str) -> Result<Promise, JsValue>;

    /// Sets the dashboard's time range, milliseconds since the epoch.
    #[wasm_bindgen(method, catch, js_name = setTimeRange)]
    pub fn set_time_range(this: &Bridge, from_ms: f64, to_ms: f64) -> Result<(), JsValue>;
}

#[wasm_bindgen]
extern "C" {
    /// The detector with the series of the newest frames, in a WebAssembly module of its own (`frontend/judge`).
    #[derive(Debug)]
    type Detector;

    #[wasm_bindgen(method)]
    fn total(this: &Detector) -> usize;

    #[wasm_bindgen(method, js_name = judgeNext)]
    fn judge_next(this: &Detector) -> usize;

    #[wasm_bindgen(method)]
    fn suspects(this: &Detector, from_ms: f64, to_ms: f64) -> JsValue;

    #[wasm_bindgen(method)]
    fn history(this: &Detector, id: &str, from_ms: f64, to_ms: f64) -> Option<Array>;

    #[wasm_bindgen(method)]
    fn free(this: &Detector);
}

/// Judges the series of one answer; gives its memory back when it is dropped.
#[derive(Debug)]
pub struct Judge(Detector);

impl Judge {
    /// How many series are to be judged.
    pub fn total(&self) -> usize {
        self.0.total()
    }

    /// Judges one more; how many are judged now.
    pub fn judge_next(&self) -> usize {
        self.0.judge_next()
    }

    /// What is judged, the most suspicious first, over a range in milliseconds.
    pub fn suspects(&self, from_ms: f64, to_ms: f64) -> Result<Answer, String> {
        Answer::read(&self.0.suspects(from_ms, to_ms)).map_err(|error| error.to_string())
    }

    /// The history of the suspect with that id, if it was judged.
    pub fn history(&self, id: &str, from_ms: f64, to_ms: f64) -> Option<Result<Answer, String>> {
        let answer = self.0.history(id, from_ms, to_ms)?;
        Some(Answer::read(&answer).map_err(|error| error.to_string()))
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        self.0.free();
    }
}

/// What the data source answered to an extra query.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Answer {
    /// What it found.
    #[serde(skip)]
    pub frames: Frames,
    /// What went wrong.
    pub errors: Vec<String>,
}

impl Answer {
    /// Reads `[text, numbers]`, as the host answers.
    fn read(answer: &JsValue) -> Result<Self, serde_json::Error> {
        let answer = Array::from(answer);
        let text = answer.get(0).as_string().unwrap_or_default();
        let mut tree: Value = serde_json::from_str(&text)?;
        let frames = Frames::take(&mut tree, &Array::from(&answer.get(1))).unwrap_or_default();
        Ok(Self { frames, ..Self::deserialize(&tree)? })
    }
}

/// Asks the data source once more. The error is a message for people.
pub async fn query(bridge: &Bridge, query: &Query) -> Result<Answer, String> {
    let json = serde_json::to_string(query).map_err(|error| error.to_string())?;
    Answer::read(&kept(bridge.query_json(&json)).await?).map_err(|error| error.to_string())
}

/// A judge of the newest frames' series. The error is a message for people.
pub async fn judge(bridge: &Bridge, options_json: &str) -> Result<Judge, String> {
    Ok(Judge(kept(bridge.judge_of(options_json)).await?.unchecked_into()))
}

/// The compiled-in pages, for what the dashboard's variables say. The error is a message for people.
pub async fn pages(bridge: &Bridge, scope: &Scope) -> Result<Answer, String> {
    let json = serde_json::to_string(scope).map_err(|error| error.to_string())?;
    Answer::read(&kept(bridge.pages_json(&json)).await?).map_err(|error| error.to_string())
}

/// What has been done in an incident. The error is a message for people.
pub async fn progress(bridge: &Bridge, incident: &str) -> Result<Recorded, String> {
    let text = kept(bridge.progress_json(incident)).await?.as_string().unwrap_or_default();
    let answer: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    Ok(Recorded::read(&answer))
}

/// Adds a record to an incident's progress.
pub async fn tick(bridge: &Bridge, tick: &Tick) -> Result<(), String> {
    let Tick { incident, page, step, done, text } = tick;
    kept(bridge.add(incident, page, step, *done, text)).await.map(|_| ())
}

/// What a promise of the host's is kept with.
async fn kept(promise: Result<Promise, JsValue>) -> Result<JsValue, String> {
    let promise = promise.map_err(|error| message(&error))?;
    JsFuture::from(promise).await.map_err(|error| message(&error))
}

/// The message of whatever JavaScript threw.
fn message(thrown: &JsValue) -> String {
    let error = thrown.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
    error.or_else(|| thrown.as_string()).unwrap_or_else(|| strings::UNKNOWN_ERROR.to_owned())
}
