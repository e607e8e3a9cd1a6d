//! How rows of bulk mutations are declared, and how they become rows of an import file: same names, same keys, same rules.
//!
//! In a row, a field that is not there leaves the stored value alone and null clears it, as a missing column and an empty
//! cell do in a file.

use async_graphql::MaybeUndefined;
use engagement::vocabulary::{
    AccountStatus, AccountTier, Alignment, ContactStatus, Direction, InteractionKind, InteractionStatus,
    Party, Purpose, Seniority, ServedBy,
};
use service::ingest::{CallRow, Cell};

use crate::graphql::scalar::time::{Date, Instant};

/// A value as a cell of a file.
pub trait IntoCell {
    /// The cell.
    fn into_cell(self) -> Cell;
}

impl IntoCell for String {
    fn into_cell(self) -> Cell {
        Cell::Text(self)
    }
}

impl IntoCell for Vec<String> {
    fn into_cell(self) -> Cell {
        Cell::List(self)
    }
}

impl IntoCell for Date {
    fn into_cell(self) -> Cell {
        Cell::Text(self.0.to_string())
    }
}

impl IntoCell for Instant {
    fn into_cell(self) -> Cell {
        Cell::Text(self.0.to_rfc3339())
    }
}

macro_rules! cells {
    (written: $($written:ty),+; words: $($word:ty),+ $(,)?) => {
        $(
            impl IntoCell for $written {
                fn into_cell(self) -> Cell {
                    Cell::Text(self.to_string())
                }
            }
        )+
        $(
            impl IntoCell for $word {
                fn into_cell(self) -> Cell {
                    Cell::Text(self.as_str().to_owned())
                }
            }
        )+
    };
}

cells! {
    written: bool, i64, f64;
    words: AccountStatus, AccountTier, Alignment, ContactStatus, Direction, InteractionKind, InteractionStatus, Party, Purpose,
        Seniority, ServedBy,
}

/// A field of a row.
pub trait Put {
    /// Puts it into the row under the name of its column.
    fn put(self, column: &'static str, row: &mut CallRow);
}

impl<T: IntoCell> Put for MaybeUndefined<T> {
    fn put(self, column: &'static str, row: &mut CallRow) {
        match self {
            Self::Undefined => {}
            Self::Null => row.push((column, Cell::Text(String::new()))),
            Self::Value(value) => row.push((column, value.into_cell())),
        }
    }
}

impl<T: IntoCell> Put for T {
    fn put(self, column: &'static str, row: &mut CallRow) {
        row.push((column, self.into_cell()));
    }
}

/// A row of a bulk mutation.
pub trait RowInput: Send {
    /// What the client calls it, and its cells.
    fn into_row(self) -> (Option<String>, CallRow);
}

/// Declares the rows of a bulk mutation: fields are named as the columns of the file.
macro_rules! row_input {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)+ }) => {
        $(#[$doc])*
        #[derive(async_graphql::InputObject)]
        pub struct $name {
            /// What you call this row; it stands beside what became of it.
            client_ref: Option<String>,
            $($(#[$field_doc])* $field: $kind,)+
        }

        impl $crate::graphql::mutation::row_input::RowInput for $name {
            fn into_row(self) -> (Option<String>, service::ingest::CallRow) {
                let mut row = service::ingest::CallRow::new();
                $($crate::graphql::mutation::row_input::Put::put(self.$field, stringify!($field), &mut row);)+
                (self.client_ref, row)
            }
        }
    };
}
pub(super) use row_input;
