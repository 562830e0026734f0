//! Draws a scene with plotters.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use wasm_bindgen::JsValue;
use web_sys::CanvasRenderingContext2d;

use model::format;
use model::reduce::Point;

use super::axis::Axis;
use super::canvas::{CanvasError, FINE, FineCanvas};
use super::scene::{Edge, Scene};
use crate::boundary::Theme;
use crate::strings;
use crate::view::clock::Clock;
use crate::view::ticks;

/// Size of labels, CSS pixels.
const LABEL_PX: f64 = 12.0;
/// Room a label of the time axis takes, CSS pixels.
const TIME_LABEL_PX: f64 = 84.0;
/// What the last label of the time axis may reach beyond its tick, CSS pixels.
const TIME_LABEL_OVERHANG_PX: f64 = 24.0;
/// Room a label of the axis of bytes takes, CSS pixels.
const BYTES_LABEL_PX: f64 = 44.0;

/// Where the plot stands on the canvas, and what it spans: what a pointer needs to be understood.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Frame {
    /// Left and right edge, CSS pixels.
    pub x: (f64, f64),
    /// Top and bottom edge, CSS pixels.
    pub y: (f64, f64),
    /// First and last moment.
    pub times: (f64, f64),
    /// Lowest and highest value.
    pub bytes: (f64, f64),
}

impl Frame {
    /// The moment under a CSS pixel.
    pub fn time_at(&self, x: f64) -> f64 {
        let share = ((x - self.x.0) / (self.x.1 - self.x.0)).clamp(0.0, 1.0);
        self.times.0 + share * (self.times.1 - self.times.0)
    }

    /// The CSS pixel of a moment.
    pub fn x_of(&self, time: f64) -> f64 {
        self.x.0 + (time - self.times.0) / (self.times.1 - self.times.0) * (self.x.1 - self.x.0)
    }
}

type Drawn<T> = Result<T, DrawingAreaErrorKind<CanvasError>>;
type Context<'a> = ChartContext<'a, FineCanvas, Cartesian2d<Axis, Axis>>;

/// Draws the scene and says where the plot stands.
pub fn draw(canvas: FineCanvas, scene: &Scene, theme: &Theme, clock: &Clock) -> Drawn<Frame> {
    let context = canvas.context().clone();
    let paint = Paint { context: context.clone(), theme };
    let root = canvas.into_drawing_area();
    let (width, height) = root.dim_in_pixel();
    let (width, height) = (f64::from(width) / FINE, f64::from(height) / FINE);

    let byte_ticks = ticks::bytes(scene.bytes.0, scene.bytes.1, ((height - 40.0) / BYTES_LABEL_PX) as usize);
    let label = paint.label("text-weak");
    let mut label_width = 0;
    for tick in &byte_ticks {
        label_width = label_width.max(root.estimate_text_size(&format::bytes(*tick), &label)?.0);
    }
    let left = f64::from(label_width) / FINE + 10.0;
    let time_ticks =
        ticks::times(scene.times.0, scene.times.1, ((width - left) / TIME_LABEL_PX) as usize, clock);
    // One alone is an hour of a day.
    let step = time_ticks.windows(2).map(|pair| pair[1] - pair[0]).reduce(f64::min).unwrap_or(ticks::HOUR_MS);

    let mut chart = ChartBuilder::on(&root)
        .margin_top(fine(8.0))
        .margin_right(fine(TIME_LABEL_OVERHANG_PX))
        .x_label_area_size(fine(22.0))
        .y_label_area_size(fine(left))
        .build_cartesian_2d(
            Axis { range: scene.times.0..scene.times.1, ticks: time_ticks },
            Axis { range: scene.bytes.0..scene.bytes.1, ticks: byte_ticks },
        )?;
    chart
        .configure_mesh()
        .axis_style(TRANSPARENT)
        .bold_line_style(paint.line("border-weak", 1.0))
        .set_all_tick_mark_size(fine(3.0))
        .label_style(label)
        .x_label_formatter(&|tick| ticks::time_label(*tick, step, clock))
        .y_label_formatter(&|tick| format::bytes(*tick))
        .draw()?;

    let (x, y) = chart.plotting_area().get_pixel_range();
    paint.clip(f64::from(x.start), f64::from(y.start), f64::from(x.end), f64::from(y.end));
    series(&mut chart, scene, &paint)?;
    context.restore();
    marks(&mut chart, scene, &paint)?;
    root.present()?;
    Ok(Frame {
        x: (f64::from(x.start) / FINE, f64::from(x.end) / FINE),
        y: (f64::from(y.start) / FINE, f64::from(y.end) / FINE),
        times: scene.times,
        bytes: scene.bytes,
    })
}

/// What moves: bands below, then samples, floor, trend and forecast.
fn series(chart: &mut Context<'_>, scene: &Scene, paint: &Paint<'_>) -> Drawn<()> {
    for band in [&scene.trend_band, &scene.forecast_band] {
        let polygon = outline(band);
        if polygon.len() > 2 {
            chart.draw_series([Polygon::new(polygon, paint.color("chart-trend").mix(0.16))])?;
        }
    }
    for run in scene.siblings.iter().flat_map(|(_, runs)| runs) {
        chart.draw_series(LineSeries::new(run.iter().copied(), paint.line("chart-siblings", 1.0)))?;
    }
    for run in &scene.samples {
        chart.draw_series(LineSeries::new(run.iter().copied(), paint.line("chart-samples", 1.0)))?;
    }
    for run in &scene.floor {
        chart.draw_series(LineSeries::new(run.iter().copied(), paint.line("chart-floor", 2.0)))?;
    }
    chart.draw_series(LineSeries::new(scene.trend.iter().copied(), paint.line("chart-trend", 2.0)))?;
    paint.dashes(&[6.0, 4.0]);
    chart.draw_series(LineSeries::new(scene.forecast.iter().copied(), paint.line("chart-trend", 2.0)))?;
    paint.dashes(&[]);
    Ok(())
}

/// What stands: levels with their name, moments with theirs; restarts, kills and deploys on the bottom edge.
fn marks(chart: &mut Context<'_>, scene: &Scene, paint: &Paint<'_>) -> Drawn<()> {
    let (from, to) = scene.times;
    for (level, color, word, dashes) in [
        (scene.request, "chart-request", strings::REQUEST, &[2.0, 4.0][..]),
        (scene.limit, "chart-limit", strings::LIMIT, &[][..]),
    ] {
        let Some(level) = level else { continue };
        paint.dashes(dashes);
        chart.draw_series(LineSeries::new([(from, level), (to, level)], paint.line(color, 1.5)))?;
        paint.dashes(&[]);
        let text = format!("{word} {}", format::bytes(level));
        let below = level > scene.bytes.1 - (scene.bytes.1 - scene.bytes.0) * 0.08;
        let anchor = Pos::new(HPos::Left, if below { VPos::Top } else { VPos::Bottom });
        let offset = (fine(6.0), if below { fine(3.0) } else { -fine(3.0) });
        label_at(chart, (from, level), text, offset, paint.label(color).pos(anchor))?;
    }
    let half = fine(5.0);
    let (upward, downward, diamond) = (
        vec![(-half, 0), (half, 0), (0, -fine(9.0))],
        vec![(-half, -fine(9.0)), (half, -fine(9.0)), (0, 0)],
        vec![(0, 0), (half, -half), (0, -2 * half), (-half, -half)],
    );
    for (times, color, corners) in [
        (&scene.restarts, "chart-mark", upward),
        (&scene.kills, "chart-limit", downward),
        (&scene.deploys, "link", diamond),
    ] {
        for time in times {
            paint.dashes(&[1.0, 3.0]);
            vertical(chart, scene, *time, paint.line(color, 1.0))?;
            paint.dashes(&[]);
            let marker =
                EmptyElement::at((*time, scene.bytes.0)) + Polygon::new(corners.clone(), paint.color(color));
            chart.draw_series([marker])?;
        }
    }
    let moments = [
        (
            scene.now,
            "text-weak",
            if scene.is_past { strings::RANGE_END } else { strings::NOW },
            &[1.0, 3.0][..],
        ),
        (scene.onset, "chart-trend", strings::ONSET, &[4.0, 3.0][..]),
        (scene.alert, "error-text", strings::ALERT_ONSET, &[4.0, 3.0][..]),
    ];
    for (row, (moment, color, word, dashes)) in moments.into_iter().enumerate() {
        let Some(moment) = moment else { continue };
        paint.dashes(dashes);
        vertical(chart, scene, moment, paint.line(color, 1.0))?;
        paint.dashes(&[]);
        // Near the right edge the name stands on the left of its line.
        let left = moment > from + (to - from) * 0.75;
        let anchor = Pos::new(if left { HPos::Right } else { HPos::Left }, VPos::Bottom);
        let offset = (if left { -fine(4.0) } else { fine(4.0) }, -fine(4.0 + 15.0 * row as f64));
        let style = paint.label(color).pos(anchor);
        label_at(chart, (moment, scene.bytes.0), word.to_owned(), offset, style)?;
    }
    Ok(())
}

fn vertical(chart: &mut Context<'_>, scene: &Scene, time: f64, style: ShapeStyle) -> Drawn<()> {
    chart.draw_series(LineSeries::new([(time, scene.bytes.0), (time, scene.bytes.1)], style))?;
    Ok(())
}

fn label_at(
    chart: &mut Context<'_>,
    at: Point,
    text: String,
    offset: (i32, i32),
    style: TextStyle<'_>,
) -> Drawn<()> {
    chart.draw_series([EmptyElement::at(at) + Text::new(text, offset, style)])?;
    Ok(())
}

/// The outline of a band: along its upper edge and back along the lower.
fn outline(band: &[Edge]) -> Vec<Point> {
    let upper = band.iter().map(|(time, _, high)| (*time, *high));
    let lower = band.iter().rev().map(|(time, low, _)| (*time, *low));
    upper.chain(lower).collect()
}

/// CSS pixels in plotters' pixels.
fn fine(pixels: f64) -> i32 {
    (pixels * FINE).round() as i32
}

/// The theme as plotters' styles, and what plotters has no words for.
struct Paint<'a> {
    context: CanvasRenderingContext2d,
    theme: &'a Theme,
}

impl Paint<'_> {
    /// A colour of the theme. The canvas reads whatever notation it is in and gives it back in one of two.
    fn color(&self, property: &str) -> RGBAColor {
        self.context.set_fill_style_str(self.theme.color(property));
        let normal = self.context.fill_style().as_string();
        normal.and_then(|color| rgba(&color)).unwrap_or(RGBAColor(128, 128, 128, 1.0))
    }

    fn line(&self, property: &str, pixels: f64) -> ShapeStyle {
        ShapeStyle { color: self.color(property), filled: false, stroke_width: fine(pixels) as u32 }
    }

    fn label(&self, property: &str) -> TextStyle<'_> {
        let font = FontDesc::from((FontFamily::Name(&self.theme.font_family), LABEL_PX * FINE));
        TextStyle { color: self.color(property).to_backend_color(), ..TextStyle::from(font) }
    }

    fn dashes(&self, pixels: &[f64]) {
        let dashes: js_sys::Array = pixels.iter().map(|pixels| JsValue::from(pixels * FINE)).collect();
        // The browser refuses only what is negative or no number.
        let _ignored = self.context.set_line_dash(&dashes);
    }

    /// Nothing is drawn outside of this until the context is restored.
    fn clip(&self, left: f64, top: f64, right: f64, bottom: f64) {
        self.context.save();
        self.context.begin_path();
        self.context.rect(left, top, right - left, bottom - top);
        self.context.clip();
    }
}

/// Reads `#rrggbb` and `rgba(r, g, b, a)`.
fn rgba(color: &str) -> Option<RGBAColor> {
    if let Some(hex) = color.strip_prefix('#').filter(|hex| hex.len() == 6) {
        let channel = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
        return Some(RGBAColor(channel(0)?, channel(2)?, channel(4)?, 1.0));
    }
    let mut parts = color.strip_prefix("rgba(")?.strip_suffix(')')?.split(',').map(str::trim);
    let mut channel = || parts.next()?.parse().ok();
    let (red, green, blue) = (channel()?, channel()?, channel()?);
    Some(RGBAColor(red, green, blue, decimal(parts.next()?)?))
}

/// Reads a number such as `1` or `0.35`. The library's reader of all numbers there are brings 11 KB of tables.
fn decimal(text: &str) -> Option<f64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let fraction = fraction.get(..6).unwrap_or(fraction);
    let scale = f64::from(10_u32.pow(fraction.len() as u32));
    Some(f64::from(whole.parse::<u32>().ok()?) + f64::from(fraction.parse::<u32>().ok()?) / scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_notations_of_the_canvas_are_read() {
        assert_eq!(rgba("#ff0080"), Some(RGBAColor(255, 0, 128, 1.0)));
        assert_eq!(rgba("rgba(1, 2, 3, 0.5)"), Some(RGBAColor(1, 2, 3, 0.5)));
        assert_eq!(rgba("rgba(1, 2, 3, 0)"), Some(RGBAColor(1, 2, 3, 0.0)));
        assert_eq!(rgba("rgba(1, 2, 3, 0.35)"), Some(RGBAColor(1, 2, 3, 0.35)));
        assert_eq!(rgba("rgba(1, 2, 3, 0.0509804321)"), Some(RGBAColor(1, 2, 3, 0.050_980)));
        for odd in [
            "",
            "#fff",
            "red",
            "rgba(1, 2, 3)",
            "rgba(1, 2, 3, .)",
            "rgba(1, 2, 3, -0.5)",
            "rgba(1, 2, 3, 0.é)",
            "#zzzzzz",
            "#12é45",
        ] {
            assert_eq!(rgba(odd), None, "{odd}");
        }
    }

    #[test]
    fn pixels_and_moments_agree() {
        let frame = Frame { x: (50.0, 250.0), times: (1000.0, 3000.0), ..Frame::default() };
        assert_eq!(frame.time_at(150.0), 2000.0);
        assert_eq!(frame.x_of(2000.0), 150.0);
        assert_eq!(frame.time_at(-10.0), 1000.0);
    }
}
