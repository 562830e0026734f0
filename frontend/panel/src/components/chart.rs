//! The chosen suspect's chart.

use js_sys::Date;
use model::format;
use model::frames::SuspectRow;
use model::reduce::{Point, nearest};
use web_sys::{HtmlCanvasElement, HtmlElement};
use yew::prelude::*;

use super::history::Loaded;
use super::size::use_size;
use super::ui::Act;
use crate::boundary::{Bridge, Theme};
use crate::chart::scene::{Part, Scene};
use crate::chart::{FineCanvas, Frame, draw};
use crate::components::mark::{Mark, Sign};
use crate::same::Same;
use crate::strings;
use crate::view::clock::{Clock, is_past};
use crate::view::name;
use crate::view::number::{UNKNOWN, or_unknown};
use crate::view::suspects::{
    Verdict, certainty, rate, rate_interval, time_to_limit, time_to_limit_interval, usage,
};
use crate::view::text::{NAME_CHARS, visible};

/// A drag shorter than this is a click, CSS pixels.
const DRAG_PX: f64 = 8.0;

/// So many other pods, the largest, stand in the read-out.
const READOUT_SIBLINGS: usize = 5;

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
    /// Parts that are switched off.
    pub hidden: Vec<Part>,
    /// Where acts go.
    pub act: Callback<Act>,
    /// The host.
    pub bridge: Bridge,
}

/// Name and figures, canvas with read-out, legend. Dragging over it sets the dashboard's time range.
#[component]
pub fn Chart(props: &ChartProps) -> Html {
    let area = use_node_ref();
    let canvas = use_node_ref();
    let size = use_size(&area);
    let frame = use_mut_ref(Frame::default);
    let pointer = use_state_eq(|| None::<f64>);
    let drag = use_state_eq(|| None::<f64>);
    let scene = {
        let deps = (
            props.loaded.history.clone(),
            props.alert_since_ms.map(f64::to_bits),
            (props.from_ms, props.to_ms),
            *size,
            props.hidden.clone(),
        );
        use_memo(deps, |(history, alert, range, size, hidden)| {
            let history = history.as_ref()?;
            let mut scene = Scene::new(history, alert.map(f64::from_bits), *range, *size, hidden);
            scene.is_past = is_past(range.1, Date::now());
            Some(Same::new(scene))
        })
    };
    {
        let (frame, canvas) = (frame.clone(), canvas.clone());
        let deps = (scene.clone(), *size, props.theme.clone(), props.clock.clone());
        use_effect_with(deps, move |(scene, (width, height), theme, clock)| {
            let drawn = || -> Option<Frame> {
                let scene = scene.as_ref().as_ref().filter(|scene| !scene.is_empty())?;
                let canvas: HtmlCanvasElement = canvas.cast()?;
                if *width < 40.0 || *height < 40.0 {
                    return None;
                }
                let dots = web_sys::window().map_or(1.0, |window| window.device_pixel_ratio());
                let backend = FineCanvas::new(&canvas, (*width, *height), dots, theme.color("bg"))?;
                draw(backend, scene, theme, clock).ok()
            };
            frame.replace(drawn().unwrap_or_default());
        });
    }
    let shown = scene.as_ref().as_ref().filter(|scene| !scene.is_empty());
    let name = name::of(&props.suspect).main;
    let text = shown
        .map(|scene| format!("{}. {}", scene.text(&name, &props.suspect, &props.clock), strings::CHART_KEYS));

    let x_of = |event: &PointerEvent, area: &NodeRef| {
        let bounds = area.cast::<HtmlElement>().map(|area| area.get_bounding_client_rect());
        bounds.map(|bounds| f64::from(event.client_x()) - bounds.left())
    };
    let onpointermove = {
        let (pointer, area) = (pointer.clone(), area.clone());
        Callback::from(move |event: PointerEvent| pointer.set(x_of(&event, &area)))
    };
    let onpointerleave = {
        let (pointer, drag) = (pointer.clone(), drag.clone());
        Callback::from(move |_: PointerEvent| {
            pointer.set(None);
            drag.set(None);
        })
    };
    let onpointerdown = {
        let (drag, area) = (drag.clone(), area.clone());
        Callback::from(move |event: PointerEvent| {
            if event.button() == 0 {
                drag.set(x_of(&event, &area));
            }
        })
    };
    let onpointerup = {
        let (drag, area, frame, bridge) = (drag.clone(), area.clone(), frame.clone(), props.bridge.clone());
        Callback::from(move |event: PointerEvent| {
            if let (Some(start), Some(end)) = (*drag, x_of(&event, &area)) {
                let frame = *frame.borrow();
                let (low, high) = (start.min(end), start.max(end));
                if high - low > DRAG_PX && frame.x.1 > frame.x.0 {
                    // A host that cannot set its range leaves it as it is; nothing else hangs on it.
                    let _ignored = bridge.set_time_range(frame.time_at(low), frame.time_at(high));
                }
            }
            drag.set(None);
        })
    };
    let onkeydown = {
        let (pointer, frame) = (pointer.clone(), frame.clone());
        Callback::from(move |event: KeyboardEvent| {
            let frame = *frame.borrow();
            let step = (frame.x.1 - frame.x.0) / 50.0;
            let at = pointer.unwrap_or(frame.x.1);
            let to = match event.key().as_str() {
                "ArrowLeft" => at - step,
                "ArrowRight" => at + step,
                "Home" => frame.x.0,
                "End" => frame.x.1,
                "Escape" => return pointer.set(None),
                _ => return,
            };
            event.prevent_default();
            pointer.set(Some(to.clamp(frame.x.0, frame.x.1)));
        })
    };
    html! {
        <section class="ll-section ll-chart" aria-label={strings::CHART}>
            {figures(&props.suspect, &name)}
            <div class="ll-chart-area" ref={area} role="group" tabindex="0"
                aria-roledescription={strings::CHART_ROLE} aria-label={text} {onpointermove} {onpointerleave}
                {onpointerdown} {onpointerup} {onkeydown}>
                <canvas class={classes!("ll-canvas", shown.is_none().then_some("ll-hidden"))} aria-hidden="true" ref={canvas}></canvas>
                if shown.is_none() { <p class="ll-chart-message ll-weak" role="status">{message(&props.loaded)}</p> }
                if let (Some(scene), Some(x)) = (shown, *pointer) {
                    {read_out(scene, &frame.borrow(), x, *drag, &props.clock)}
                }
            </div>
            {legend(shown.map(|scene| &**scene), props)}
            if let Some(error) = &props.loaded.error {
                if shown.is_some() { <p class="ll-caution ll-tone-attention" role="alert">{strings::chart_failed(error)}</p> }
            }
            if let Some(history) = &props.loaded.history {
                for fault in &history.faults { <p class="ll-caution ll-tone-attention">{fault}</p> }
            }
        </section>
    }
}

fn figures(suspect: &SuspectRow, name: &str) -> Html {
    let verdict = Verdict::of(suspect);
    let restarts = or_unknown(suspect.restarts, |count| format!("{count:.0}"));
    let sure = certainty(suspect);
    let figures = [
        (strings::FIGURE_RATE, rate(suspect), rate_interval(suspect)),
        (strings::FIGURE_LIMIT, time_to_limit(suspect), time_to_limit_interval(suspect)),
        (strings::FIGURE_USAGE, usage(suspect), String::new()),
        (strings::FIGURE_SCORE, if sure.is_empty() { UNKNOWN.to_owned() } else { sure }, String::new()),
        (strings::FIGURE_RESTARTS, restarts, String::new()),
    ];
    html! {
        <>
            <div class="ll-heading-row">
                <h3 class="ll-heading ll-cut" title={name.to_owned()}>{name.to_owned()}</h3>
                <span class={classes!("ll-tag", format!("ll-tone-{}", verdict.tone().as_str()))}>
                    <Mark sign={Sign::Verdict(verdict)} />{verdict.word()}
                </span>
            </div>
            <dl class="ll-figures">
                for (title, value, more) in figures {
                    <div class="ll-figure">
                        <dt>{title}</dt>
                        <dd class="ll-number">{value}if !more.is_empty() { <span class="ll-weak">{more}</span> }</dd>
                    </div>
                }
            </dl>
        </>
    }
}

fn message(loaded: &Loaded) -> String {
    match (&loaded.error, loaded.loading) {
        (Some(error), _) => strings::chart_failed(error),
        (None, true) => strings::CHART_LOADING.to_owned(),
        (None, false) => strings::CHART_EMPTY.to_owned(),
    }
}

/// What there is on the chart; each part can be switched off.
fn legend(scene: Option<&Scene>, props: &ChartProps) -> Html {
    let parts = scene.map(|scene| scene.legend.as_slice()).unwrap_or_default();
    html! {
        <div class="ll-legend" role="group" aria-label={strings::LEGEND}>
            for part in parts.iter().copied() {
                <button type="button" aria-pressed={(!props.hidden.contains(&part)).to_string()}
                    onclick={props.act.reform(move |_: MouseEvent| Act::Toggle(part))}>
                    <span class={classes!("ll-swatch", format!("ll-swatch-{}", part.as_str()))} aria-hidden="true"></span>{part.word()}
                </button>
            }
        </div>
    }
}

/// A line at the pointer and what stands there.
fn read_out(scene: &Scene, frame: &Frame, x: f64, drag: Option<f64>, clock: &Clock) -> Html {
    if frame.x.1 <= frame.x.0 {
        return html! {};
    }
    let x = x.clamp(frame.x.0, frame.x.1);
    let pointed = frame.time_at(x);
    let reach = (frame.times.1 - frame.times.0) / 40.0;
    let at = |runs: &[Vec<Point>]| {
        let nearest = runs.iter().filter_map(|run| nearest(run, pointed));
        nearest
            .min_by(|a, b| (a.0 - pointed).abs().total_cmp(&(b.0 - pointed).abs()))
            .filter(|point| (point.0 - pointed).abs() <= reach)
    };
    let line = [scene.trend.clone(), scene.forecast.clone()];
    let sample = at(&scene.samples);
    let values = [
        (Part::Samples.as_str(), strings::SAMPLES, sample),
        (Part::Floor.as_str(), strings::FLOOR, at(&scene.floor)),
        (Part::Trend.as_str(), strings::READOUT_TREND, at(&line)),
    ];
    let mut siblings: Vec<(&str, f64)> = Vec::new();
    for (name, (_, bytes)) in scene.siblings.iter().filter_map(|(name, runs)| Some((name, at(runs)?))) {
        siblings.insert(siblings.partition_point(|(_, other)| *other >= bytes), (name, bytes));
        siblings.truncate(READOUT_SIBLINGS);
    }
    let time = sample.map_or(pointed, |sample| sample.0);
    let x = frame.x_of(time);
    let side = if x > f64::midpoint(frame.x.0, frame.x.1) {
        format!("right:calc(100% - {:.0}px);top:{:.0}px", x - 10.0, frame.y.0 + 4.0)
    } else {
        format!("left:{:.0}px;top:{:.0}px", x + 10.0, frame.y.0 + 4.0)
    };
    let band = drag.map(|start| {
        let (low, high) = (start.min(x).max(frame.x.0), start.max(x));
        format!(
            "left:{low:.0}px;width:{:.0}px;top:{:.0}px;height:{:.0}px",
            high - low,
            frame.y.0,
            frame.y.1 - frame.y.0
        )
    });
    let rule = format!("left:{x:.0}px;top:{:.0}px;height:{:.0}px", frame.y.0, frame.y.1 - frame.y.0);
    html! {
        <>
            if let Some(style) = band { <div class="ll-drag" {style}></div> }
            <div class="ll-rule" style={rule}></div>
            <div class="ll-readout" style={side} role="status">
                <div class="ll-readout-time">{clock.full(time)}</div>
                for (part, word, value) in values {
                    if let Some((_, bytes)) = value { {read_out_row(part, word, bytes)} }
                }
                for (name, bytes) in siblings { {read_out_row(Part::Siblings.as_str(), &visible(name, NAME_CHARS), bytes)} }
            </div>
        </>
    }
}

fn read_out_row(part: &str, word: &str, bytes: f64) -> Html {
    html! {
        <div class="ll-readout-row">
            <span class={classes!("ll-swatch", format!("ll-swatch-{part}"))} aria-hidden="true"></span>
            <span class="ll-cut">{word.to_owned()}</span><span class="ll-number">{format::bytes(bytes)}</span>
        </div>
    }
}
