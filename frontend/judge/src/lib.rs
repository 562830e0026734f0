//! What our data source does for its own series, done in the browser for those of any other.
//!
//! A module of its own beside the panel, which fetches it when there is something for it to do: with our data source it is
//! never loaded. It answers in the frames of the contract, as the data source does, so that the panel reads both alike.
//! Data flows one way: [`series`] are read from the host's frames, [`options`] say what counts as too much, [`judging`] judges
//! them; [`pack`] fills the compiled-in pages in.

pub mod judging;
pub mod options;
pub mod pack;
pub mod series;

use js_sys::{Array, Float64Array};
use model::frames::{Frame, RunbookRow, Table as _};
use model::query::Scope;
use serde_json::{Value, json};
use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::*;

use judging::Judging;
use options::Options;

/// Judges the series of one answer, one after the other.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Judge(Judging);

#[wasm_bindgen]
impl Judge {
    /// Reads the series of frames and the panel's options, both JSON text, with the numbers of the frames beside it
    /// (frontend/panel/README.md).
    #[wasm_bindgen(constructor)]
    pub fn new(frames_json: &str, numbers: &Array, options_json: &str) -> Result<Judge, JsError> {
        let frames: Vec<Value> = serde_json::from_str(frames_json)?;
        let options = Options::read(&serde_json::from_str(options_json)?);
        let mut cells = |place: usize| {
            let cells = numbers.get(u32::try_from(place).ok()?);
            Some(cells.dyn_into::<Float64Array>().ok()?.to_vec())
        };
        let (series, faults) = series::read(&frames, &mut cells);
        Ok(Self(Judging::new(series, faults, options)))
    }

    /// How many series are to be judged.
    pub fn total(&self) -> usize {
        self.0.total()
    }

    /// Judges one more; how many are judged now.
    #[wasm_bindgen(js_name = judgeNext)]
    pub fn judge_next(&mut self) -> usize {
        self.0.judge_next()
    }

    /// What is judged, the most suspicious first, over a range in milliseconds: the frames that answer `suspects`.
    pub fn suspects(&mut self, from_ms: f64, to_ms: f64) -> Array {
        answer(&self.0.suspects(from_ms, to_ms))
    }

    /// The frames that answer `history`, of the suspect with that id; nothing where none has it.
    pub fn history(&self, id: &str, from_ms: f64, to_ms: f64) -> Option<Array> {
        self.0.history(id, from_ms, to_ms).map(|frames| answer(&frames))
    }
}

/// The frames that answer `runbook`, from the compiled-in pages, for what the dashboard's variables say; JSON text as in
/// [`model::query::Scope`].
#[wasm_bindgen]
pub fn pages(scope_json: &str) -> Result<Array, JsError> {
    let scope: Scope = serde_json::from_str(scope_json)?;
    let pages = pack::pages(&scope)?;
    Ok(answer(&[RunbookRow::to_frame(pages)]))
}

/// As the panel's host answers a query: `[text, numbers]`.
fn answer(frames: &[Frame]) -> Array {
    let mut numbers = Vec::new();
    let frames: Vec<Value> = frames.iter().map(|frame| frame.to_grafana(&mut numbers)).collect();
    let numbers: Array = numbers.iter().map(|cells| Float64Array::from(cells.as_slice())).collect();
    Array::of2(&json!({ "frames": frames }).to_string().into(), &numbers)
}
