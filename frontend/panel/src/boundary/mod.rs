//! What crosses between the panel and the JavaScript that mounts it. README.md is its reference.

mod bridge;
mod snapshot;
mod theme;
mod zone;

pub use bridge::{Answer, Bridge, Judge, judge, pages, progress, query, tick};
pub use snapshot::{Frames, LoadingState, RawSnapshot};
pub use theme::Theme;
pub use zone::clock;
