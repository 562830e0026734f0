//! The alert at hand.

use model::format;
use model::frames::AlertRow;
use yew::prelude::*;

use super::links;
use crate::strings;
use crate::view::alert;
use crate::view::clock::Clock;
use crate::view::suspects::Tone;
use crate::view::text::{NAME_CHARS, visible};

/// State, name, since when, value against threshold, summary, and how many more there are.
pub fn strip(chosen: &AlertRow, all: &[AlertRow], clock: &Clock, now_ms: f64, app_sub_url: &str) -> Html {
    let fires = alert::fires(chosen);
    let word = alert::suppression(chosen).unwrap_or(if fires { strings::FIRING } else { strings::PENDING });
    let tone = if fires && chosen.suppression.is_empty() { Tone::Bad } else { Tone::Attention };
    let until = chosen.suppressed_until.map(|until| clock.moment(until.0 as f64, now_ms));
    let suppressed = alert::suppression(chosen)
        .map(|word| strings::suppressed(word, &visible(&chosen.suppressed_by, NAME_CHARS), until.as_deref()));
    let since = chosen.since.map(|since| {
        let at_ms = since.0 as f64;
        strings::since(&clock.moment(at_ms, now_ms), &format::duration((now_ms - at_ms) / 1000.0))
    });
    let (firing, pending): (Vec<_>, Vec<_>) =
        all.iter().filter(|other| *other != chosen).partition(|other| alert::fires(other));
    let place = [&chosen.namespace, &chosen.pod, &chosen.container, &chosen.instance];
    let place: Vec<_> =
        place.into_iter().filter(|part| !part.is_empty()).map(|part| visible(part, NAME_CHARS)).collect();
    let place = place.join(" / ");
    html! {
        <section class="ll-alert" aria-label={strings::ALERT}>
            <span class={classes!("ll-pill", format!("ll-tone-{}", tone.as_str()))}>
                {word}
            </span>
            <strong class="ll-alert-name">{visible(&chosen.alertname, NAME_CHARS)}</strong>
            if !chosen.severity.is_empty() { <span class="ll-weak">{visible(&chosen.severity, 40)}</span> }
            if let Some(since) = since { <span>{since}</span> }
            if let Some(suppressed) = suppressed { <span>{suppressed}</span> }
            if let Some(value) = alert::value(chosen) { <span class="ll-number">{value}</span> }
            if !place.is_empty() { <span class="ll-weak ll-cut" title={place.clone()}>{place}</span> }
            if !chosen.summary.is_empty() { <span class="ll-weak ll-cut ll-alert-summary">{visible(&chosen.summary, 400)}</span> }
            if !chosen.source.is_empty() { <span class="ll-weak">{visible(&chosen.source, NAME_CHARS)}</span> }
            {links::of_alert(chosen, app_sub_url)}
            if all.len() > 1 {
                <span class="ll-weak">{strings::more_alerts(firing.len(), pending.len())}</span>
            }
        </section>
    }
}

/// The alert's since, for the chart.
pub fn since_ms(chosen: Option<&AlertRow>) -> Option<f64> {
    chosen.and_then(|alert| alert.since).map(|since| since.0 as f64)
}
