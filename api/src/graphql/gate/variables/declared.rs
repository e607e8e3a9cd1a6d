//! A declared variable: its type, what is known of its value, and the places where it may stand.
//!
//! A value weighs what it takes in memory. So the scope can tell how much it repeats.

use async_graphql::Name;
use async_graphql::parser::types::{BaseType, Type};
use serde_json::Value as Json;

use super::coercion::Literal;
use crate::graphql::gate::types::Slot;

/// A declared variable.
pub struct Declared {
    /// Its type.
    pub ty: Type,
    /// Whether its default value is one, and not null.
    pub default: bool,
    /// What is known of its value.
    pub state: State,
}

/// What is known of a variable's value.
pub enum State {
    /// Nothing: its operation is not the one that is executed.
    Unknown,
    /// It has none.
    Absent,
    /// As it was sent; not looked at yet.
    Sent(Json),
    /// As its type has it, and how many bytes it weighs.
    Read(Literal, usize),
}

impl Declared {
    /// Whether it may stand at a place, by their types (October 2021, section 5.8.5).
    pub fn may_stand(&self, slot: &Slot) -> bool {
        let (mine, place) = (&self.ty, &slot.ty);
        let null_is_kept_away = place.nullable || !mine.nullable || self.default || slot.default;
        null_is_kept_away && is_base_of(&place.base, &mine.base)
    }
}

fn is_base_of(place: &BaseType, mine: &BaseType) -> bool {
    match (place, mine) {
        (BaseType::Named(place), BaseType::Named(mine)) => place == mine,
        (BaseType::List(place), BaseType::List(mine)) => {
            (place.nullable || !mine.nullable) && is_base_of(&place.base, &mine.base)
        }
        _ => false,
    }
}

/// About how many bytes a value takes.
pub fn weigh(value: &Literal) -> usize {
    size_of::<Literal>()
        + match value {
            Literal::String(text) => text.len(),
            Literal::List(items) => items.iter().map(weigh).sum(),
            Literal::Object(fields) => fields
                .iter()
                .map(|(name, value)| size_of::<Name>() + name.len() + weigh(value))
                .sum(),
            _ => 0,
        }
}
