//! What stands around a suspect's samples in its chart: the request, kills, deploys, the other pods of the workload.

use super::ask::Ask;
use super::{deploys, restarts, siblings};
use crate::profiles::Signal;
use crate::prometheus::Client;
use crate::promql::Selector;
use crate::scan::{Suspect, Window};
use crate::settings::Settings;

/// Most other pods in a chart.
const MAX_SIBLINGS: usize = 20;

/// The surroundings. What cannot be read is left out: the checks beside the chart say why it is unknown.
#[derive(Debug, Default)]
pub struct Surroundings {
    /// The memory request, bytes.
    pub request_bytes: Option<f64>,
    /// Those restarts that came after a kill at the memory limit, seconds since the epoch.
    pub kills_secs: Vec<f64>,
    /// When which version came after another, seconds since the epoch.
    pub deploys: Vec<(f64, String)>,
    /// Other pods of the workload, those that have gone since included.
    pub siblings: Vec<Suspect>,
}

/// Asks for what stands around a suspect.
pub async fn surroundings(
    client: &Client,
    settings: &Settings,
    suspect: &Suspect,
    window: Window,
) -> Surroundings {
    let ask = Ask { client, suspect, window };
    let last = |selector: &Selector| selector.last_over(window.length_secs());
    let (request, kills_secs, siblings) = tokio::join!(
        ask.amounts(Signal::MemoryRequest, last),
        restarts::kills(ask),
        // Boxed: a scan within a scan is a large future.
        Box::pin(siblings::asked_for(client, settings, suspect, window)),
    );
    let mut siblings = siblings.unwrap_or_default();
    let deploys = deploys::moments(ask, &siblings.iter().collect::<Vec<_>>()).await;
    siblings.truncate(MAX_SIBLINGS);
    Surroundings { request_bytes: request.ok().map(|request| request.total()), kills_secs, deploys, siblings }
}
