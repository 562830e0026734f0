//! The Leaklens panel: what the data source found, on one page, for whoever was woken up.
//!
//! [`Panel`] is all that JavaScript sees (README.md). Data flows one way: [`boundary`] reads what the host
//! sends, [`snapshot`] and [`data`] decode it, [`same`] shares it, [`view`] works out what to say without a browser, [`chart`]
//! draws one suspect and [`components`] render the rest. [`strings`] holds every word.

pub mod boundary;
pub mod chart;
pub mod components;
pub mod data;
pub mod same;
pub mod snapshot;
pub mod strings;
pub mod view;

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::Element;
use yew::{AppHandle, Renderer};

use boundary::{Bridge, RawSnapshot};
use components::app::AppProps;
use components::root::{Root, RootProps};
use snapshot::Snapshot;

thread_local! {
    /// Roots that are not shown. Yew never takes back the listeners it puts on a root: roots are used again, so that
    /// there are only ever as many as were shown at once.
    static IDLE: RefCell<Vec<Mounted>> = const { RefCell::new(Vec::new()) };
}

/// A root with what runs in it.
struct Mounted {
    element: Element,
    app: AppHandle<Root>,
    mounts: usize,
}

/// The panel, mounted in an element.
#[wasm_bindgen]
pub struct Panel {
    mounted: Option<Mounted>,
    snapshot: Rc<Snapshot>,
    bridge: Bridge,
}

#[wasm_bindgen]
impl Panel {
    /// Mounts the panel in an empty element.
    #[wasm_bindgen(constructor)]
    pub fn new(
        element: &Element,
        snapshot_json: &str,
        numbers: &Array,
        bridge: Bridge,
    ) -> Result<Panel, JsError> {
        let raw = RawSnapshot::parse(snapshot_json, numbers)?;
        let snapshot = Rc::new(Snapshot::new(raw, None));
        let idle = IDLE.with_borrow_mut(Vec::pop);
        let mut mounted = match idle {
            Some(idle) => idle,
            None => Mounted::new(element)?,
        };
        mounted.mounts += 1;
        element
            .append_child(&mounted.element)
            .map_err(|_taken| JsError::new("the element takes no child"))?;
        let mut panel = Self { mounted: Some(mounted), snapshot, bridge };
        panel.show();
        Ok(panel)
    }

    /// Shows another snapshot.
    pub fn update(&mut self, snapshot_json: &str, numbers: &Array) -> Result<(), JsError> {
        let raw = RawSnapshot::parse(snapshot_json, numbers)?;
        self.snapshot = Rc::new(Snapshot::new(raw, Some(&self.snapshot)));
        self.show();
        Ok(())
    }

    /// Unmounts the panel and leaves the element empty.
    pub fn destroy(&mut self) {
        if let Some(mut mounted) = self.mounted.take() {
            mounted.app.update(RootProps::default());
            mounted.element.remove();
            IDLE.with_borrow_mut(|idle| idle.push(mounted));
        }
    }
}

impl Panel {
    fn show(&mut self) {
        if let Some(mounted) = &mut self.mounted {
            let shown = AppProps { snapshot: self.snapshot.clone(), bridge: self.bridge.clone() };
            mounted.app.update(RootProps { shown: Some(shown), mount: mounted.mounts });
        }
    }
}

impl Mounted {
    fn new(beside: &Element) -> Result<Self, JsError> {
        let document =
            beside.owner_document().ok_or_else(|| JsError::new("the element is in no document"))?;
        let element =
            document.create_element("div").map_err(|_refused| JsError::new("no element can be made"))?;
        let app = Renderer::<Root>::with_root_and_props(element.clone(), RootProps::default()).render();
        Ok(Self { element, app, mounts: 0 })
    }
}

impl fmt::Debug for Panel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Panel").field("snapshot", &self.snapshot).finish_non_exhaustive()
    }
}
