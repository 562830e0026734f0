//! The real panel, mounted in a browser.
#![cfg(target_arch = "wasm32")]

mod page;
mod sample;
mod series;
mod stage;
mod states;

use wasm_bindgen_test::wasm_bindgen_test_configure;

wasm_bindgen_test_configure!(run_in_browser);
