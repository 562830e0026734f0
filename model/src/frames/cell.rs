//! The types a cell can have.

use serde::{Deserialize, Serialize};

use super::frame::Values;

/// A time, milliseconds since the epoch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Millis(pub i64);

/// A column's type, in Grafana's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Text.
    String,
    /// A 64-bit float.
    Number,
    /// A time.
    Time,
}

/// A Rust type that fills a column.
pub trait Cell: Sized {
    /// The column's type.
    const KIND: Kind;
    /// Whether cells may be null.
    const NULLABLE: bool;
    /// A column of these cells.
    fn collect(cells: Vec<Self>) -> Values;
    /// The cell in row `row`, or `None` where the column has another type, no such row, or a null that may not be.
    fn read(values: &Values, row: usize) -> Option<Self>;
}

// `read` is never inlined: there is a caller for every column, and the panel loads them.
macro_rules! cell {
    ($type:ty, $variant:ident, $kind:ident, $pack:expr, $unpack:expr) => {
        impl Cell for $type {
            const KIND: Kind = Kind::$kind;
            const NULLABLE: bool = false;
            fn collect(cells: Vec<Self>) -> Values {
                Values::$variant(cells.into_iter().map(|cell| Some($pack(cell))).collect())
            }
            #[inline(never)]
            fn read(values: &Values, row: usize) -> Option<Self> {
                match values {
                    Values::$variant(cells) => cells.get(row)?.clone().map($unpack),
                    _ => None,
                }
            }
        }
        impl Cell for Option<$type> {
            const KIND: Kind = Kind::$kind;
            const NULLABLE: bool = true;
            fn collect(cells: Vec<Self>) -> Values {
                Values::$variant(cells.into_iter().map(|cell| cell.map($pack)).collect())
            }
            #[inline(never)]
            fn read(values: &Values, row: usize) -> Option<Self> {
                match values {
                    Values::$variant(cells) => Some(cells.get(row)?.clone().map($unpack)),
                    _ => None,
                }
            }
        }
    };
}

cell!(String, Text, String, |text| text, |text| text);
cell!(f64, Number, Number, |number| number, |number| number);
cell!(Millis, Time, Time, |time: Millis| time.0, Millis);
