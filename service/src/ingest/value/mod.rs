//! What a cell means: the one place where text becomes a typed value, with a reason that says what was expected.

use std::borrow::Cow;

use chrono::NaiveDate;
use engagement::email_address::EmailAddress;
use engagement::vocabulary::Attendance;
use uuid::Uuid;

use crate::ingest::target::column::Kind;
use crate::ingest::value::cell::Cell;

pub(crate) mod cell;
mod list;
pub(crate) mod money;
mod name;
mod number;
pub(crate) mod reading;
pub(crate) mod row;
pub(crate) mod time;

use money::Decimal;
use name::{free_text, name};

/// A typed value, on its way from a cell to a column of the database.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    /// A text, a word of the vocabulary, a list as JSON, or the external id of something that is not resolved yet.
    Text(Cow<'static, str>),
    /// True or false.
    Truth(bool),
    /// A day.
    Day(NaiveDate),
    /// A whole number: counts, minor units, instants as microseconds since 1970.
    Whole(i64),
    /// Any number.
    Real(f64),
    /// An amount whose currency is not known yet.
    Amount(Decimal),
    /// What an external id stands for.
    Id(Uuid),
    /// Participants, by external id.
    Participants(Vec<(String, Attendance)>),
}

impl Value {
    /// The text, where it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The day, where it is one.
    pub(crate) fn day(&self) -> Option<NaiveDate> {
        match self {
            Self::Day(day) => Some(*day),
            _ => None,
        }
    }

    /// The truth value, where it is one.
    pub(crate) fn truth(&self) -> Option<bool> {
        match self {
            Self::Truth(truth) => Some(*truth),
            _ => None,
        }
    }

    /// The whole number, where it is one.
    pub(crate) fn whole(&self) -> Option<i64> {
        match self {
            Self::Whole(number) => Some(*number),
            _ => None,
        }
    }

    /// The id, where it is one.
    pub(crate) fn id(&self) -> Option<Uuid> {
        match self {
            Self::Id(id) => Some(*id),
            _ => None,
        }
    }
}

/// Reads a cell that is not empty.
pub(crate) fn read(kind: Kind, cell: &Cell) -> Result<Value, String> {
    match (kind, cell) {
        (Kind::List, Cell::List(items)) => list::read_items(items.iter().map(String::as_str)).map(owned),
        (Kind::List, Cell::Text(text)) => {
            list::read_items(list::split(text).iter().map(String::as_str)).map(owned)
        }
        (Kind::Participants, Cell::List(items)) => {
            list::read_participants(items.iter().map(String::as_str)).map(Value::Participants)
        }
        (Kind::Participants, Cell::Text(text)) => {
            list::read_participants(list::split(text).iter().map(String::as_str)).map(Value::Participants)
        }
        (Kind::Flag, cell) => read_truth(cell).map(Value::Truth),
        (_, Cell::List(_)) => Err("expected one value, not a list".to_owned()),
        (kind, Cell::Text(text)) => read_text(kind, text),
    }
}

fn owned(text: String) -> Value {
    Value::Text(Cow::Owned(text))
}

fn read_text(kind: Kind, text: &str) -> Result<Value, String> {
    let trimmed = text.trim();
    match kind {
        Kind::Text => free_text(text).map(owned),
        Kind::Name | Kind::Account | Kind::Contact => name(text).map(owned),
        Kind::Email | Kind::User => trimmed
            .parse::<EmailAddress>()
            .map_err(|e| e.to_string())
            .and_then(|e| name(e.expose()).map(owned)),
        Kind::Zone => match trimmed.parse::<chrono_tz::Tz>() {
            Ok(zone) => Ok(Value::Text(Cow::Borrowed(zone.name()))),
            Err(_) => Err(format!(
                "expected an IANA time zone such as Europe/Berlin, found {}",
                shown(text)
            )),
        },
        Kind::Word(word) => match word(trimmed) {
            Ok(word) => Ok(Value::Text(Cow::Borrowed(word))),
            Err(unknown) => Err(format!(
                "expected one of {}, found {}",
                unknown.expected,
                shown(text)
            )),
        },
        Kind::Day => time::read_day(trimmed).map(Value::Day).ok_or_else(|| {
            format!(
                "expected a day YYYY-MM-DD from 1970 to 2199, found {}",
                shown(text)
            )
        }),
        Kind::Instant => time::read_instant(trimmed).map(Value::Whole).ok_or_else(|| {
            format!(
                "expected a time, RFC 3339 or YYYY-MM-DD HH:MM[:SS] in UTC, from 1970 to 2199, found {}",
                shown(text)
            )
        }),
        Kind::Money => money::read(trimmed).map(Value::Amount).ok_or_else(|| {
            format!(
                "expected an amount that is not negative, with a decimal point and no separators, found {}",
                shown(text)
            )
        }),
        Kind::Currency => engagement::money::currency(trimmed)
            .map(|code| Value::Text(Cow::Borrowed(code)))
            .ok_or_else(|| {
                format!(
                    "expected an ISO 4217 currency code such as EUR, found {}",
                    shown(text)
                )
            }),
        Kind::Count => number::read_count(trimmed).map(Value::Whole).ok_or_else(|| {
            format!(
                "expected a whole number that is not negative, found {}",
                shown(text)
            )
        }),
        Kind::Number(least, most) => match number::read_real(trimmed) {
            Some(number) if number >= least && number <= most => Ok(Value::Real(number)),
            Some(_) if most <= 100.0 => Err(format!(
                "expected a number from {least} to {most}, found {}",
                shown(text)
            )),
            _ => Err(format!(
                "expected a finite number with a decimal point, found {}",
                shown(text)
            )),
        },
        Kind::Flag | Kind::List | Kind::Participants => Err("expected another kind of cell".to_owned()),
    }
}

/// Whether a cell says true; empty says false.
pub(crate) fn read_truth(cell: &Cell) -> Result<bool, String> {
    match cell {
        Cell::Text(text) => match text.trim().to_ascii_lowercase().as_str() {
            "" | "false" | "no" | "0" => Ok(false),
            "true" | "yes" | "1" => Ok(true),
            _ => Err(format!("expected true or false, found {}", shown(text))),
        },
        Cell::List(_) => Err("expected true or false, not a list".to_owned()),
    }
}

/// A value as a message may quote it: in quotes, without control characters, not longer than a line.
pub(crate) fn shown(text: &str) -> String {
    const LONGEST: usize = 40;
    let mut quoted: String = text
        .chars()
        .take(LONGEST)
        .map(|c| if c.is_control() { '�' } else { c })
        .collect();
    if text.chars().nth(LONGEST).is_some() {
        quoted.push('…');
    }
    format!("\"{quoted}\"")
}

#[cfg(test)]
mod tests;
