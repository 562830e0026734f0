//! The chart of one suspect: [`scene`] works out what there is to see, [`plot`] draws it with plotters on the
//! [`canvas`], along the [`axis`] of bytes and of time.

mod axis;
mod canvas;
mod plot;
pub mod scene;

pub use canvas::FineCanvas;
pub use plot::{Frame, draw};
