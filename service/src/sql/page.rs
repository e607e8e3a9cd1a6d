//! Pages of a list, forwards and backwards, by keyset: a page starts where a row ended, not at a number of rows, so that
//! rows which come or go between two pages neither repeat nor hide others, and the last page costs what the first does.
//!
//! A list is ordered by one key, rows without it last in either direction, and then by id, so that the order is total.

use chrono::NaiveDate;
use engagement::id::IdError;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Order, SelectStatement, Value};
use uuid::Uuid;

use crate::error::ServiceError;

/// Which page.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PageRequest {
    /// At most so many rows.
    pub limit: u32,
    /// The last rows instead of the first ones.
    pub backward: bool,
    /// Only rows after this cursor.
    pub after: Option<String>,
    /// Only rows before this cursor.
    pub before: Option<String>,
}

impl PageRequest {
    /// The first so many rows.
    pub fn first(limit: u32) -> Self {
        Self {
            limit,
            backward: false,
            after: None,
            before: None,
        }
    }
}

/// A row and its place in the list.
#[derive(Debug, Clone, PartialEq)]
pub struct Edge<T> {
    /// Stands for the place; opaque.
    pub cursor: String,
    /// The row.
    pub node: T,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// The rows, in the list's order.
    pub edges: Vec<Edge<T>>,
    /// Whether rows follow.
    pub has_next_page: bool,
    /// Whether rows precede.
    pub has_previous_page: bool,
    /// How many rows the whole list has, if that was asked for.
    pub total_count: Option<u64>,
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self {
            edges: Vec::new(),
            has_next_page: false,
            has_previous_page: false,
            total_count: None,
        }
    }
}

/// What a list is ordered by, for one row. Floating-point keys are their bits, so that none is lost on the way.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Key {
    Absent,
    Text(String),
    Number(f64),
    Whole(i64),
    Day(NaiveDate),
}

/// The type of a list's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyKind {
    Text,
    Number,
    Whole,
    Day,
}

/// A place in a list.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Place {
    pub(crate) key: Key,
    pub(crate) id: Uuid,
}

impl Place {
    /// As a client sees it.
    pub(crate) fn cursor(&self) -> String {
        let key = match &self.key {
            Key::Absent => "-".to_owned(),
            Key::Text(text) => format!("t{text}"),
            Key::Number(number) => format!("n{:016x}", number.to_bits()),
            Key::Whole(number) => format!("w{number}"),
            Key::Day(day) => format!("d{day}"),
        };
        let mut cursor = self.id.simple().to_string();
        key.bytes().for_each(|byte| {
            cursor.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
            cursor.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
        });
        cursor
    }

    /// A cursor of a list with keys of another type would be compared with what it cannot be compared with.
    fn read(field: &'static str, cursor: &str, kind: KeyKind) -> Result<Self, ServiceError> {
        Self::parse(cursor)
            .filter(|place| place.key.fits(kind))
            .ok_or_else(|| ServiceError::bad_input(field, "not a cursor of this list"))
    }

    fn parse(cursor: &str) -> Option<Self> {
        let (id, hex) = cursor.split_at_checked(32)?;
        let id = Uuid::try_parse(id).ok()?;
        let nibbles = hex
            .chars()
            .map(|c| c.to_digit(16))
            .collect::<Option<Vec<u32>>>()?;
        if nibbles.len() % 2 != 0 {
            return None;
        }
        let bytes = nibbles
            .chunks(2)
            .map(|pair| (pair[0] << 4 | pair[1]) as u8)
            .collect();
        let text = String::from_utf8(bytes).ok()?;
        let (kind, value) = text.split_at_checked(1)?;
        let key = match kind {
            "-" if value.is_empty() => Key::Absent,
            "t" => Key::Text(value.to_owned()),
            "n" => Key::Number(f64::from_bits(u64::from_str_radix(value, 16).ok()?)),
            "w" => Key::Whole(value.parse().ok()?),
            "d" => Key::Day(value.parse().ok()?),
            _ => return None,
        };
        Some(Self { key, id })
    }
}

impl Key {
    fn fits(&self, kind: KeyKind) -> bool {
        match self {
            Self::Absent => true,
            // PostgreSQL has no texts with a zero in them.
            Self::Text(text) => kind == KeyKind::Text && !text.contains('\0'),
            Self::Number(_) => kind == KeyKind::Number,
            Self::Whole(_) => kind == KeyKind::Whole,
            Self::Day(_) => kind == KeyKind::Day,
        }
    }

    fn value(&self) -> Option<Value> {
        match self {
            Self::Absent => None,
            Self::Text(text) => Some(text.clone().into()),
            Self::Number(number) => Some((*number).into()),
            Self::Whole(number) => Some((*number).into()),
            Self::Day(day) => Some((*day).into()),
        }
    }
}

/// How a list is ordered.
#[derive(Debug, Clone)]
pub(crate) struct Ordering {
    /// The key.
    pub(crate) key: Expr,
    /// Its type.
    pub(crate) kind: KeyKind,
    /// Largest first.
    pub(crate) descending: bool,
    /// The id that makes the order total, in the direction of the key.
    pub(crate) id: Expr,
}

impl Ordering {
    /// The conditions that a request's cursors put on the list.
    ///
    /// # Errors
    /// [`ServiceError::BadInput`] for what is no cursor.
    pub(crate) fn bounds(&self, request: &PageRequest) -> Result<Condition, ServiceError> {
        let mut bounds = Condition::all();
        if let Some(cursor) = &request.after {
            bounds = bounds.add(self.beyond(&Place::read("after", cursor, self.kind)?, true));
        }
        if let Some(cursor) = &request.before {
            bounds = bounds.add(self.beyond(&Place::read("before", cursor, self.kind)?, false));
        }
        Ok(bounds)
    }

    /// Rows that come after the place, or before it.
    fn beyond(&self, place: &Place, after: bool) -> Condition {
        let ascending = self.descending != after;
        let past = |expr: &Expr, value: Value| {
            if ascending {
                expr.clone().gt(value)
            } else {
                expr.clone().lt(value)
            }
        };
        let id = past(&self.id, place.id.into());
        match (place.key.value(), after) {
            (Some(key), _) => {
                let same = Condition::all().add(self.key.clone().eq(key.clone())).add(id);
                let beyond = Condition::any().add(past(&self.key, key)).add(same);
                if after {
                    beyond.add(self.key.clone().is_null())
                } else {
                    beyond
                }
            }
            (None, true) => Condition::all().add(self.key.clone().is_null()).add(id),
            (None, false) => Condition::any()
                .add(self.key.clone().is_not_null())
                .add(Condition::all().add(self.key.clone().is_null()).add(id)),
        }
    }

    /// Puts a statement in this order, from the end that the request asks for.
    pub(crate) fn apply(&self, select: &mut SelectStatement, backward: bool) {
        for (expr, order) in self.terms(backward) {
            select.order_by_expr(expr, order);
        }
    }

    /// The terms of the order: rows without the key last (first, read from the end), the key, the id.
    pub(crate) fn terms(&self, backward: bool) -> [(Expr, Order); 3] {
        let direction = |descending: bool| if descending { Order::Desc } else { Order::Asc };
        let keyed = direction(self.descending != backward);
        [
            (self.key.clone().is_null(), direction(backward)),
            (self.key.clone(), keyed.clone()),
            (self.id.clone(), keyed),
        ]
    }
}

/// Makes a page of rows that were read from the end the request asks for, one more than it wants.
pub(crate) fn into_page<T>(
    request: &PageRequest,
    mut rows: Vec<(Place, T)>,
    total_count: Option<u64>,
) -> Page<T> {
    let more = rows.len() > request.limit as usize;
    rows.truncate(request.limit as usize);
    if request.backward {
        rows.reverse();
    }
    Page {
        edges: rows
            .into_iter()
            .map(|(place, node)| Edge {
                cursor: place.cursor(),
                node,
            })
            .collect(),
        has_next_page: if request.backward {
            request.before.is_some()
        } else {
            more
        },
        has_previous_page: if request.backward {
            more
        } else {
            request.after.is_some()
        },
        total_count,
    }
}

impl From<IdError> for ServiceError {
    fn from(error: IdError) -> Self {
        Self::bad_input("id", error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_the_place_it_was_made_of() {
        let id = Uuid::from_u128(0x0188_bac7_4afa_78aa_bc3b_bd1e_ef28_d881);
        let day = NaiveDate::from_ymd_opt(2026, 2, 28).unwrap();
        let number = 0.1 + 0.2;
        for key in [
            Key::Absent,
            Key::Text("Ünïcode ✓ 'quoted'".to_owned()),
            Key::Number(number),
            Key::Whole(i64::MIN),
            Key::Day(day),
        ] {
            let place = Place { key, id };
            assert_eq!(Place::parse(&place.cursor()), Some(place));
        }
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        let id = "0188bac74afa78aabc3bbd1eef28d881";
        for text in [
            "",
            "x",
            id,
            &format!("{id}2"),
            &format!("{id}zz"),
            &format!("{id}7a"),
            &format!("{id}ff"),
            "ééééééééééééééééé",
        ] {
            assert_eq!(Place::parse(text), None, "{text}");
        }
    }
}
