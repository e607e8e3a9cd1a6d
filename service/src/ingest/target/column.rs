//! How a target file is declared: its columns, what each may hold, where it goes, and what makes a row's key.
//!
//! Everything else about importing is written once over these declarations. A new file is a new declaration.

use engagement::vocabulary::UnknownWord;

use crate::ingest::target::file::Target;

/// Longest text that is part of a key or of an index, in characters: PostgreSQL's index entries end at 2,704 bytes.
pub(crate) const LONGEST_NAME: usize = 512;
/// The column every file may have: true removes the row of that key.
pub(crate) const DELETED: &str = "deleted";

/// A target file.
#[derive(Debug)]
pub(crate) struct Spec {
    /// Which one.
    pub(crate) target: Target,
    /// The table its rows go to.
    pub(crate) table: &'static str,
    /// Its columns; the account's, where there is one, is the first.
    pub(crate) columns: &'static [Column],
    /// Which columns the table has beside those: filled by the writer.
    pub(crate) stamps: &'static [Stamp],
}

/// A column of the table that no file names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stamp {
    /// `id`: made when the row comes to be.
    Id,
    /// `created_at`: set when the row comes to be.
    CreatedAt,
    /// `updated_at`: set whenever the row changes.
    UpdatedAt,
}

/// One column of a target file.
#[derive(Debug)]
pub(crate) struct Column {
    /// Its name in the file.
    pub(crate) name: &'static str,
    /// Its name in the table.
    pub(crate) db: &'static str,
    /// What it may hold.
    pub(crate) kind: Kind,
    /// Whether a row can do without it.
    pub(crate) need: Need,
    /// What a new row has without it, and a cleared cell sets it to.
    pub(crate) default: Option<&'static str>,
}

/// Whether a row can do without a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// Part of the key.
    Key,
    /// Part of the key; absent equals absent.
    KeyOrAbsent,
    /// Required of a new row, and cannot be cleared.
    Required,
    Optional,
    /// In no file: the writer derives it from the row's other values.
    Derived,
}

/// What a column may hold.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// A short text, at most [`LONGEST_NAME`] characters.
    Name,
    /// A text of any length.
    Text,
    /// An e-mail address.
    Email,
    /// An IANA time zone.
    Zone,
    /// A word of the vocabulary.
    Word(fn(&str) -> Result<&'static str, UnknownWord>),
    /// A calendar day.
    Day,
    /// An instant.
    Instant,
    /// An amount, in the currency that the row or its account has.
    Money,
    /// An ISO 4217 code.
    Currency,
    /// True or false; stored as such.
    Flag,
    /// A whole number, not negative.
    Count,
    /// Any finite number from the first to the second.
    Number(f64, f64),
    /// Texts, stored as a JSON array.
    List,
    /// An account, by external id.
    Account,
    /// A contact of the row's account, by external id.
    Contact,
    /// A user, by e-mail address.
    User,
    /// Contacts of the row's account with their attendance; they go to a table of their own.
    Participants,
}

impl Column {
    const fn new(name: &'static str, kind: Kind, need: Need) -> Self {
        Self {
            name,
            db: name,
            kind,
            need,
            default: None,
        }
    }

    /// Part of the key.
    pub(crate) const fn key(name: &'static str, kind: Kind) -> Self {
        Self::new(name, kind, Need::Key)
    }

    /// Part of the key that may be absent.
    pub(crate) const fn key_or_absent(name: &'static str, kind: Kind) -> Self {
        Self::new(name, kind, Need::KeyOrAbsent)
    }

    /// Required.
    pub(crate) const fn required(name: &'static str, kind: Kind) -> Self {
        Self::new(name, kind, Need::Required)
    }

    /// Optional.
    pub(crate) const fn optional(name: &'static str, kind: Kind) -> Self {
        Self::new(name, kind, Need::Optional)
    }

    /// Derived.
    pub(crate) const fn derived(name: &'static str, kind: Kind) -> Self {
        Self::new(name, kind, Need::Derived)
    }

    /// Goes to a column of another name.
    pub(crate) const fn to(mut self, db: &'static str) -> Self {
        self.db = db;
        self
    }

    /// Has a value where the file gives none.
    pub(crate) const fn or(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }

    /// Whether it is part of the key.
    pub(crate) const fn is_key(&self) -> bool {
        matches!(self.need, Need::Key | Need::KeyOrAbsent)
    }

    /// Whether it is a column of the target's own table.
    pub(crate) const fn is_stored(&self) -> bool {
        !matches!(self.kind, Kind::Participants)
    }

    /// Whether rows that fall on one key can be added up in this column.
    pub(crate) const fn is_additive(&self) -> bool {
        matches!(self.kind, Kind::Count)
            || (matches!(self.need, Need::Required) && matches!(self.kind, Kind::Number(..)))
    }
}

impl Spec {
    /// Where a column stands.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.columns
            .iter()
            .position(|c| c.name == name && !matches!(c.need, Need::Derived))
    }

    /// The columns a file may have, with `deleted`, in the order of a raw row's cells.
    pub(crate) fn cell_names(&self) -> Vec<&'static str> {
        // No header holds a NUL: a derived column is in no file.
        let name = |c: &Column| {
            if matches!(c.need, Need::Derived) {
                "\0"
            } else {
                c.name
            }
        };
        self.columns.iter().map(name).chain([DELETED]).collect()
    }

    /// The columns a file must have.
    pub(crate) fn required_names(&self) -> Vec<&'static str> {
        self.columns
            .iter()
            .filter(|c| matches!(c.need, Need::Key))
            .map(|c| c.name)
            .collect()
    }

    /// Names the columns of a file for a message.
    pub(crate) fn listed(&self) -> String {
        let names: Vec<&str> = self
            .columns
            .iter()
            .filter(|c| !matches!(c.need, Need::Derived))
            .map(|c| c.name)
            .collect();
        names.join(", ")
    }
}

/// Makes a [`Kind::Word`] of an enumeration of the vocabulary.
macro_rules! word {
    ($name:ident) => {
        $crate::ingest::target::column::Kind::Word(|text| {
            text.parse::<engagement::vocabulary::$name>()
                .map(engagement::vocabulary::$name::as_str)
        })
    };
}
pub(crate) use word;
