//! What stays on a root from one mount to the next.

use yew::prelude::*;

use super::app::{App, AppProps};

/// Properties of [`Root`].
#[derive(Debug, Clone, Default, PartialEq, Properties)]
pub struct RootProps {
    /// The panel, while it is mounted.
    pub shown: Option<AppProps>,
    /// Which mount it is: another one begins anew, with nothing of what the reader did in the one before.
    pub mount: usize,
}

/// The panel or nothing.
#[component]
pub fn Root(props: &RootProps) -> Html {
    html! {
        if let Some(AppProps { snapshot, bridge }) = props.shown.clone() {
            <App key={props.mount} {snapshot} {bridge} />
        }
    }
}
