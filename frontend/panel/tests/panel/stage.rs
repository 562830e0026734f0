//! Mounts the real panel in a page with a host that remembers what it was asked.

use js_sys::{Array, Function, Object, Promise, Reflect};
use panel::Panel;
use panel::boundary::Bridge;
use serde_json::Value;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, Element, HtmlElement, KeyboardEvent, KeyboardEventInit};

use crate::sample;

/// A mounted panel.
pub(crate) struct Stage {
    pub(crate) root: HtmlElement,
    pub(crate) panel: Panel,
    host: Object,
}

impl Stage {
    /// Mounts a snapshot and waits until it stands. Histories are those of the sample.
    pub(crate) async fn mount(snapshot: &Value, now_ms: f64) -> Self {
        let host = host(now_ms);
        has(&host, snapshot);
        let root: HtmlElement = document().create_element("div").expect("an element").unchecked_into();
        document().body().expect("a body").append_child(&root).expect("appended");
        let bridge: Bridge = host.clone().unchecked_into();
        let panel =
            Panel::new(root.as_ref(), &snapshot.to_string(), &Array::new(), bridge).expect("a snapshot");
        let stage = Self { root, panel, host };
        settle().await;
        stage
    }

    /// Sends another snapshot and waits until it stands.
    pub(crate) async fn update(&mut self, snapshot: &Value) {
        has(&self.host, snapshot);
        self.panel.update(&snapshot.to_string(), &Array::new()).expect("a snapshot");
        settle().await;
    }

    /// The first element that matches.
    pub(crate) fn find(&self, selector: &str) -> Element {
        self.root.query_selector(selector).expect("a selector").unwrap_or_else(|| panic!("no {selector}"))
    }

    /// All that match.
    pub(crate) fn all(&self, selector: &str) -> Vec<HtmlElement> {
        let found = self.root.query_selector_all(selector).expect("a selector");
        (0..found.length()).filter_map(|at| found.get(at)).map(JsCast::unchecked_into).collect()
    }

    /// Text of the first element that matches.
    pub(crate) fn text(&self, selector: &str) -> String {
        self.find(selector).text_content().unwrap_or_default()
    }

    /// Waits until something matches.
    pub(crate) async fn settled(&self, selector: &str) {
        for _ in 0..500 {
            if !self.all(selector).is_empty() {
                return settle().await;
            }
            settle().await;
        }
        panic!("waited in vain for {selector}: {}", self.page());
    }

    /// Waits until the first element that matches says this.
    pub(crate) async fn says(&self, selector: &str, text: &str) {
        for _ in 0..200 {
            if self.text(selector).contains(text) {
                return;
            }
            settle().await;
        }
        panic!("waited in vain for {text:?}: {}", self.text(selector));
    }

    /// Text of the page without the style sheet.
    pub(crate) fn page(&self) -> String {
        self.root.inner_text()
    }

    /// Clicks the first element that matches.
    pub(crate) async fn click(&self, selector: &str) {
        self.find(selector).unchecked_into::<HtmlElement>().click();
        settle().await;
    }

    /// Presses a key on the first element that matches.
    pub(crate) async fn press(&self, selector: &str, key: &str) {
        let init = KeyboardEventInit::new();
        init.set_key(key);
        init.set_bubbles(true);
        init.set_cancelable(true);
        let event = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).expect("an event");
        self.find(selector).dispatch_event(&event).expect("dispatched");
        settle().await;
    }

    /// Names of the chosen suspects.
    pub(crate) fn chosen(&self) -> Vec<String> {
        let options = self.all("[role=option][aria-selected=true] .ll-option-main");
        options.iter().map(HtmlElement::inner_text).collect()
    }

    /// What was asked of the host under that name.
    pub(crate) fn asked(&self, what: &str) -> Vec<String> {
        let asked: Array = Reflect::get(&self.host, &what.into()).expect("a record").unchecked_into();
        asked.iter().filter_map(|text| text.as_string()).collect()
    }

    /// Replaces one of the host's functions by a JavaScript body.
    pub(crate) fn host_does(&self, name: &str, argument: &str, body: &str) {
        set(&self.host, name, &Function::new_with_args(argument, body));
    }

    /// Unmounts.
    pub(crate) async fn leave(mut self) {
        self.panel.destroy();
        settle().await;
        assert!(!self.root.has_child_nodes(), "the panel leaves its element as it was");
        self.root.remove();
    }
}

fn host(now_ms: f64) -> Object {
    let host = Object::new();
    let histories = Object::new();
    for suspect in sample::suspects(now_ms) {
        set(&histories, &suspect.id, &sample::history(&suspect.id, now_ms).to_string().into());
    }
    set(&host, "histories", &histories);
    for record in ["copied", "queries", "ranges", "ticks"] {
        set(&host, record, &Array::new());
    }
    let copy = "this.copied.push(text); return Promise.resolve(true)";
    set(&host, "copy", &Function::new_with_args("text", copy));
    let query = "this.queries.push(json);\
         return Promise.resolve([this.histories[JSON.parse(json).suspect] || '{}', []])";
    set(&host, "query", &Function::new_with_args("json", query));
    set(&host, "records", &Array::new());
    let progress = "return Promise.resolve(JSON.stringify({ records: this.records, fault: '' }))";
    set(&host, "progress", &Function::new_with_args("incident", progress));
    let tick = "this.ticks.push([incident, page, step, done].join(' '));\
                this.records.push({ page, step, done, who: 'alice', atMs: Date.now() }); return Promise.resolve()";
    set(&host, "tick", &Function::new_with_args("incident, page, step, done, text", tick));
    // The judge is not loaded on its own here: its code is part of the tests.
    let judge: Closure<dyn Fn(String) -> Promise> = {
        let host = host.clone();
        Closure::new(move |options: String| {
            let frames = Reflect::get(&host, &"frames".into()).expect("set on mount").as_string();
            let judge = judge::Judge::new(&frames.expect("JSON"), &Array::new(), &options);
            judge.map_or_else(
                |error| Promise::reject(&error.into()),
                |judge| Promise::resolve(&JsValue::from(judge)),
            )
        })
    };
    set(&host, "judge", &judge.into_js_value());
    let pages: Closure<dyn Fn(String) -> Promise> = Closure::new(|scope: String| {
        let pages = judge::pages(&scope);
        pages.map_or_else(
            |error| Promise::reject(&error.into()),
            |pages| Promise::resolve(&JsValue::from(pages)),
        )
    });
    set(&host, "pages", &pages.into_js_value());
    let explore = "return query ? '/explore?q=' + encodeURIComponent(query) : ''";
    set(&host, "explore", &Function::new_with_args("query", explore));
    set(&host, "setTimeRange", &Function::new_with_args("from, to", "this.ranges.push(from + '/' + to)"));
    host
}

/// Notes the frames a snapshot brings, for the judge.
fn has(host: &Object, snapshot: &Value) {
    if let Some(frames) = snapshot.get("frames").filter(|frames| frames.is_array()) {
        set(host, "frames", &frames.to_string().into());
    }
}

fn set(object: &Object, key: &str, value: &JsValue) {
    Reflect::set(object, &key.into(), value).expect("an own object");
}

pub(crate) fn document() -> Document {
    web_sys::window().and_then(|window| window.document()).expect("a page")
}

/// Waits until promises are kept and the page is rendered.
pub(crate) async fn settle() {
    let promise = Promise::new(&mut |resolve, _| {
        let window = web_sys::window().expect("a page");
        window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, 60).expect("a timer");
    });
    JsFuture::from(promise).await.expect("a timer");
}
