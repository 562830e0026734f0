//! Copying: what happens to a text on its way to the clipboard.

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use yew::prelude::*;

use crate::boundary::Bridge;
use crate::strings;

/// How long a copy is confirmed.
const CONFIRMED_MILLIS: i32 = 2500;

/// How copying stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copying {
    /// Nothing is copied.
    Idle,
    /// The reader is asked first.
    Asking,
    /// It is on the clipboard.
    Copied,
    /// The browser refused.
    Failed,
}

/// Copies a text and says so for a moment.
pub fn copy(bridge: &Bridge, text: &str, copying: &UseStateHandle<Copying>) {
    let promise = bridge.copy(text);
    let copying = copying.clone();
    spawn_local(async move {
        let copied = match promise {
            Ok(promise) => JsFuture::from(promise).await.is_ok_and(|copied| copied.is_truthy()),
            Err(_) => false,
        };
        copying.set(if copied { Copying::Copied } else { Copying::Failed });
        if copied {
            pause(CONFIRMED_MILLIS).await;
            copying.set(Copying::Idle);
        }
    });
}

/// What is told of it.
pub fn told(copying: Copying) -> Html {
    html! {
        <span class={if copying == Copying::Failed { "ll-caution" } else { "ll-sr-only" }} role="status">
            {match copying {
                Copying::Copied => strings::COPIED,
                Copying::Failed => strings::COPY_FAILED,
                Copying::Idle | Copying::Asking => "",
            }}
        </span>
    }
}

/// A button that copies the text it makes when it is pressed.
pub fn button(
    label: &'static str,
    text: Callback<(), String>,
    bridge: &Bridge,
    copying: &UseStateHandle<Copying>,
) -> Html {
    let done = **copying == Copying::Copied;
    let onclick = {
        let (copying, bridge) = (copying.clone(), bridge.clone());
        Callback::from(move |_: MouseEvent| copy(&bridge, &text.emit(()), &copying))
    };
    html! {
        <>
            <button type="button" class={classes!("ll-button", done.then_some("ll-button-done"))} {onclick}>
                {if done { strings::COPIED } else { label }}
            </button>
            {told(**copying)}
        </>
    }
}

/// Waits. A panel that is gone by then is not told.
async fn pause(millis: i32) {
    let promise = Promise::new(&mut |resolve, _| {
        let timer = web_sys::window()
            .map(|window| window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, millis));
        if !matches!(timer, Some(Ok(_))) {
            // Without a timer there is nothing to wait for.
            let _ignored = resolve.call0(&JsValue::UNDEFINED);
        }
    });
    // The promise above is only ever kept.
    let _ignored = JsFuture::from(promise).await;
}
