//! A plotters backend around plotters-canvas.
//!
//! Three things are different: coordinates are in fractions of a pixel, because plotters' are whole numbers and
//! lines between whole pixels are jagged; the picture has as many dots as the screen has; and text is measured by
//! the canvas itself, where plotters would append an element to the host's page for every label.

use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
};
use plotters_canvas::CanvasBackend;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

/// Plotters' pixels in one CSS pixel.
pub(super) const FINE: f64 = 8.0;

/// Width of the rim around text, CSS pixels.
const RIM_PX: f64 = 4.0;

/// The backend.
#[derive(Debug)]
pub struct FineCanvas {
    inner: Inner,
    context: CanvasRenderingContext2d,
    size: (u32, u32),
    dots_per_fine: f64,
    ground: String,
}

/// plotters-canvas implements no `Debug`.
struct Inner(CanvasBackend);

impl std::fmt::Debug for Inner {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("CanvasBackend")
    }
}

/// plotters-canvas does not export its error's name.
pub(super) type CanvasError = <CanvasBackend as DrawingBackend>::ErrorType;

type Drawn = Result<(), DrawingErrorKind<CanvasError>>;

impl FineCanvas {
    /// A cleared canvas of that size, CSS pixels, on a screen of that many dots a CSS pixel. `None` where the browser
    /// gives no 2D context. `ground` is the CSS colour behind it.
    pub fn new(
        canvas: &HtmlCanvasElement,
        (width, height): (f64, f64),
        dots_per_pixel: f64,
        ground: &str,
    ) -> Option<Self> {
        canvas.set_width((width * dots_per_pixel).round() as u32);
        canvas.set_height((height * dots_per_pixel).round() as u32);
        let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
        let dots_per_fine = dots_per_pixel / FINE;
        context.set_transform(dots_per_fine, 0.0, 0.0, dots_per_fine, 0.0, 0.0).ok()?;
        context.set_line_join("round");
        let inner = Inner(CanvasBackend::with_canvas_object(canvas.clone())?);
        let size = ((width * FINE) as u32, (height * FINE) as u32);
        Some(Self { inner, context, size, dots_per_fine, ground: ground.to_owned() })
    }

    /// The context, for clipping and dashes.
    pub fn context(&self) -> &CanvasRenderingContext2d {
        &self.context
    }

    /// A coordinate moved to the middle of the dot it is in, so that a thin line fills dots wholly.
    fn snap(&self, coordinate: i32) -> f64 {
        ((f64::from(coordinate) * self.dots_per_fine).floor() + 0.5) / self.dots_per_fine
    }

    /// A line along an axis, without blur.
    fn straight<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) {
        let color = style.color();
        if color.alpha == 0.0 {
            return;
        }
        let (red, green, blue) = color.rgb;
        self.context.set_stroke_style_str(&format!("rgba({red},{green},{blue},{})", color.alpha));
        self.context.set_line_width(f64::from(style.stroke_width()));
        self.context.begin_path();
        self.context.move_to(self.snap(from.0), self.snap(from.1));
        self.context.line_to(self.snap(to.0), self.snap(to.1));
        self.context.stroke();
    }
}

impl DrawingBackend for FineCanvas {
    type ErrorType = CanvasError;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        self.inner.0.ensure_prepared()
    }

    fn present(&mut self) -> Drawn {
        self.inner.0.present()
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Drawn {
        self.inner.0.draw_pixel(point, color)
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        if from.0 == to.0 || from.1 == to.1 {
            self.straight(from, to, style);
            return Ok(());
        }
        self.inner.0.draw_line(from, to, style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        self.inner.0.draw_rect(upper_left, bottom_right, style, fill)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        let path: Vec<BackendCoord> = path.into_iter().collect();
        match path.as_slice() {
            [from, to] => self.draw_line(*from, *to, style),
            _ => self.inner.0.draw_path(path, style),
        }
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        vertices: I,
        style: &S,
    ) -> Drawn {
        self.inner.0.fill_polygon(vertices, style)
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Drawn {
        self.inner.0.draw_circle(center, radius, style, fill)
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, at: BackendCoord) -> Drawn {
        // Lines behind a text are pushed back by a rim in the colour of the ground. Drawing the text sets font and
        // anchor for the rim, which then hides that text, so it is drawn twice.
        self.inner.0.draw_text(text, style, at)?;
        self.context.set_stroke_style_str(&self.ground);
        self.context.set_line_width(RIM_PX * FINE);
        // A browser that draws no rim draws the text all the same.
        let _ignored = self.context.stroke_text(text, f64::from(at.0), f64::from(at.1));
        self.inner.0.draw_text(text, style, at)
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<CanvasError>> {
        self.context.set_font(&format!("{}px {}", style.size(), style.family().as_str()));
        let width = self.context.measure_text(text).map_or(0.0, |metrics| metrics.width());
        Ok((width.ceil() as u32, (style.size() * 1.2).ceil() as u32))
    }
}
