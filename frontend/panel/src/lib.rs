//! The Leaklens panel: what the data source found, on one page, for whoever was woken up.
//!
//! [`Panel`] is all that JavaScript sees (README.md). Data flows one way: [`boundary`] reads what the host
//! sends, [`snapshot`] and [`data`] decode it, [`view`] works out what to say without a browser, [`chart`]
//! draws one suspect and [`components`] render the rest. [`strings`] holds every word.

pub mod boundary;
pub mod chart;
pub mod components;
pub mod data;
pub mod snapshot;
pub mod strings;
pub mod view;

use std::fmt;
use std::rc::Rc;

use js_sys::Array;
use wasm_bindgen::prelude::*;
use yew::{AppHandle, Renderer};

use boundary::{Bridge, RawSnapshot};
use components::app::{App, AppProps};
use snapshot::Snapshot;

/// The panel, mounted in an element.
#[wasm_bindgen]
pub struct Panel {
    app: Option<AppHandle<App>>,
    snapshot: Rc<Snapshot>,
    bridge: Bridge,
}

#[wasm_bindgen]
impl Panel {
    /// Mounts the panel in an empty element.
    #[wasm_bindgen(constructor)]
    pub fn new(
        element: web_sys::Element,
        snapshot_json: &str,
        numbers: &Array,
        bridge: Bridge,
    ) -> Result<Panel, JsError> {
        let raw = RawSnapshot::parse(snapshot_json, numbers)?;
        let snapshot = Rc::new(Snapshot::new(raw, None));
        let props = AppProps { snapshot: snapshot.clone(), bridge: bridge.clone() };
        let app = Renderer::<App>::with_root_and_props(element, props).render();
        Ok(Self { app: Some(app), snapshot, bridge })
    }

    /// Shows another snapshot.
    pub fn update(&mut self, snapshot_json: &str, numbers: &Array) -> Result<(), JsError> {
        let raw = RawSnapshot::parse(snapshot_json, numbers)?;
        let snapshot = Rc::new(Snapshot::new(raw, Some(&self.snapshot)));
        self.snapshot = snapshot.clone();
        if let Some(app) = &mut self.app {
            app.update(AppProps { snapshot, bridge: self.bridge.clone() });
        }
        Ok(())
    }

    /// Unmounts the panel and leaves the element empty.
    pub fn destroy(&mut self) {
        if let Some(app) = self.app.take() {
            app.destroy();
        }
    }
}

impl fmt::Debug for Panel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Panel").field("snapshot", &self.snapshot).finish_non_exhaustive()
    }
}
