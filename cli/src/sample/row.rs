//! Rows as an import file has them: a file, and fields by column name, all text. The sample company has no other way in.

/// One row of an import file; a column that is not named is absent.
pub type Row = Vec<(&'static str, String)>;

/// The rows of one import file.
#[derive(Debug, Default)]
pub struct File {
    /// The file's name without ending: `accounts`.
    pub name: &'static str,
    /// Its rows, in order.
    pub rows: Vec<Row>,
}

/// Writes a row field by field; what is absent is left out.
#[derive(Debug, Default)]
pub struct RowWriter(Row);

impl RowWriter {
    /// A field that is there.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "what is written is mostly made on the spot"
    )]
    pub fn field(mut self, column: &'static str, value: impl ToString) -> Self {
        self.0.push((column, value.to_string()));
        self
    }

    /// A field that may be absent.
    pub fn maybe(self, column: &'static str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.field(column, value),
            None => self,
        }
    }

    /// The row.
    pub fn done(self) -> Row {
        self.0
    }
}

/// A list in one cell, as CSV files write it.
pub fn list<'a>(items: impl IntoIterator<Item = &'a str>) -> String {
    items
        .into_iter()
        .map(|item| item.replace(';', "\\;"))
        .collect::<Vec<_>>()
        .join(";")
}
