//! Row types and how they become columns.

use super::cell::Kind;
use super::frame::{Frame, FrameError};

/// One column of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnSpec {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Whether cells may be null.
    pub nullable: bool,
    /// Grafana's unit id, or empty.
    pub unit: &'static str,
    /// What it says.
    pub doc: &'static str,
}

/// A type that is one row of a frame.
pub trait Table: Sized {
    /// The frame's name.
    const NAME: &'static str;
    /// What the frame holds.
    const DOC: &'static str;
    /// Its columns in order.
    fn columns() -> Vec<ColumnSpec>;
    /// The rows as a frame. Numbers that are not finite become nulls.
    fn to_frame(rows: Vec<Self>) -> Frame;
    /// The rows of a frame.
    fn from_frame(frame: &Frame) -> Result<Vec<Self>, FrameError>;
}

/// Declares a row type and implements [`Table`] for it.
///
/// Each field reads `/// what it says` then `name: Type = "unit",`.
macro_rules! table {
    (
        $(#[doc = $doc:literal])+
        $row:ident in $name:literal {
            $( $(#[doc = $field_doc:literal])+ $field:ident: $type:ty = $unit:literal, )+
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct $row {
            $( $(#[doc = $field_doc])+ pub $field: $type, )+
        }

        impl $crate::frames::Table for $row {
            const NAME: &'static str = $name;
            const DOC: &'static str = concat!($($doc),+);

            fn columns() -> Vec<$crate::frames::ColumnSpec> {
                use $crate::frames::Cell as _;
                vec![$( $crate::frames::ColumnSpec {
                    name: stringify!($field),
                    kind: <$type>::KIND,
                    nullable: <$type>::NULLABLE,
                    unit: $unit,
                    doc: concat!($($field_doc),+),
                }, )+]
            }

            fn to_frame(rows: Vec<Self>) -> $crate::frames::Frame {
                use $crate::frames::Cell as _;
                $( let mut $field = Vec::with_capacity(rows.len()); )+
                for row in rows {
                    $( $field.push(row.$field); )+
                }
                let columns = vec![$( $crate::frames::table::column::<$type>(
                    stringify!($field), $unit, <$type>::collect($field),
                ), )+];
                $crate::frames::Frame { name: $name.to_owned(), columns, ..Default::default() }
            }

            fn from_frame(frame: &$crate::frames::Frame) -> Result<Vec<Self>, $crate::frames::FrameError> {
                use $crate::frames::Cell as _;
                let mut rows = vec![Self::default(); frame.rows()];
                $crate::frames::table::fill(frame, &mut rows, &[$( (
                    stringify!($field),
                    |row, values, at| <$type>::read(values, at).map(|cell| row.$field = cell),
                ), )+])?;
                Ok(rows)
            }
        }
    };
}
pub(super) use table;

use super::cell::Cell;
use super::frame::{Column, Values};

pub(super) fn column<C: Cell>(name: &str, unit: &str, mut values: Values) -> Column {
    if let Values::Number(cells) = &mut values {
        for cell in cells {
            *cell = cell.filter(|number| number.is_finite());
        }
    }
    Column { nullable: C::NULLABLE, ..Column::new(name, unit, values) }
}

/// Takes over the cell of a column that stands at a row, if it is one of the contract.
type Setter<R> = fn(&mut R, &Values, usize) -> Option<()>;

/// Reads each column into its field of every row. By a list of columns, not by code for each of them: the panel loads it.
pub(super) fn fill<R>(
    frame: &Frame,
    rows: &mut [R],
    columns: &[(&'static str, Setter<R>)],
) -> Result<(), FrameError> {
    for &(column, set) in columns {
        let missing = || FrameError::MissingColumn { frame: frame.name.clone(), column };
        let values = &frame.column(column).ok_or_else(missing)?.values;
        for (at, row) in rows.iter_mut().enumerate() {
            let wrong = || FrameError::WrongCell { frame: frame.name.clone(), column, row: at };
            set(row, values, at).ok_or_else(wrong)?;
        }
    }
    Ok(())
}
