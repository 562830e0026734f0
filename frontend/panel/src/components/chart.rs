//! The chosen suspect's chart.

use model::frames::SuspectRow;
use yew::prelude::*;

use super::history::Loaded;
use crate::boundary::{Bridge, Theme};
use crate::strings;
use crate::view::clock::Clock;
use crate::view::name;

/// Properties of [`Chart`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct ChartProps {
    /// Whose chart it is.
    pub suspect: SuspectRow,
    /// Its samples.
    pub loaded: Loaded,
    /// When the alert at hand began, milliseconds since the epoch.
    pub alert_since_ms: Option<f64>,
    /// The dashboard's clock.
    pub clock: Clock,
    /// Colours and fonts.
    pub theme: Theme,
    /// Start of the time range, milliseconds since the epoch.
    pub from_ms: f64,
    /// End of the time range, milliseconds since the epoch.
    pub to_ms: f64,
    /// The host.
    pub bridge: Bridge,
}

/// Heading, canvas, legend.
#[component]
pub fn Chart(props: &ChartProps) -> Html {
    html! {
        <section class="ll-section ll-chart" aria-label={strings::CHART}>
            <h3 class="ll-heading ll-cut">{name::of(&props.suspect).main}</h3>
        </section>
    }
}
