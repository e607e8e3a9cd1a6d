//! What a value becomes at the place where it is given: GraphQL's input coercion (October 2021, sections 3 and 6.1.2), for
//! literals of the query and for the JSON of variables. graphql-js is the judge: `api/fixtures/coercion` holds its answers.
//!
//! Scalars of our own (days, instants) are handed on as they are: the schema reads them.

use std::fmt;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{BaseType, Type};
use async_graphql::{Name, Value as ConstValue};
use serde_json::{Number, Value as Json};

use crate::graphql::gate::types::{Kind, Types};

/// A value of the query text; it may hold variables.
pub use async_graphql_value::Value as Literal;

/// Where a value stands, for whoever is told that it is wrong: `input.rows.517.occurredAt`.
#[derive(Clone, Copy)]
pub struct Path<'p> {
    above: Option<&'p Self>,
    here: Step<'p>,
}

#[derive(Clone, Copy)]
enum Step<'p> {
    Name(&'p str),
    Item(usize),
}

impl<'p> Path<'p> {
    /// An argument.
    pub fn new(argument: &'p str) -> Self {
        Self {
            above: None,
            here: Step::Name(argument),
        }
    }

    /// A field of the input object at this place.
    pub fn field(&'p self, name: &'p str) -> Self {
        Self {
            above: Some(self),
            here: Step::Name(name),
        }
    }

    /// An item of the list at this place, counted from 0.
    pub fn item(&'p self, at: usize) -> Self {
        Self {
            above: Some(self),
            here: Step::Item(at),
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(above) = self.above {
            write!(f, "{above}.")?;
        }
        match self.here {
            Step::Name(name) => f.write_str(name),
            Step::Item(at) => write!(f, "{at}"),
        }
    }
}

/// A value that its place does not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfit {
    /// Where it stands.
    pub field: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Unfit {
    /// A value of another type than the schema asks for.
    pub fn expected(path: &Path<'_>, ty: impl fmt::Display) -> Self {
        Self {
            field: path.to_string(),
            reason: format!("expected type \"{ty}\""),
        }
    }

    /// A field that the input object does not have.
    pub fn unknown(path: &Path<'_>, name: &str, object: &str) -> Self {
        Self {
            field: path.to_string(),
            reason: format!("unknown field \"{name}\" of type \"{object}\""),
        }
    }

    /// A field without which the input object is incomplete.
    pub fn missing(path: &Path<'_>, name: &str, ty: &Type) -> Self {
        Self {
            field: path.to_string(),
            reason: format!("field \"{name}\" of type \"{ty}\" is required but not provided"),
        }
    }
}

/// A scalar or an enumeration as it is written in the query. Nothing for a value that is no such type's.
pub fn leaf(types: &Types, name: &str, value: Literal) -> Option<Literal> {
    match (name, types.get(name)?) {
        ("Int", _) => matches!(&value, Literal::Number(n) if n.as_i64().is_some_and(is_int)).then_some(value),
        ("Float", _) => matches!(value, Literal::Number(_)).then_some(value),
        ("String", _) => matches!(value, Literal::String(_)).then_some(value),
        ("Boolean", _) => matches!(value, Literal::Boolean(_)).then_some(value),
        ("ID", _) => match value {
            Literal::Number(number) if !number.is_f64() => Some(Literal::String(number.to_string())),
            Literal::String(_) => Some(value),
            _ => None,
        },
        (_, Kind::Enum(values)) => {
            matches!(&value, Literal::Enum(word) if values.contains(word.as_str())).then_some(value)
        }
        (_, Kind::Scalar) => Some(value),
        (_, Kind::Input(_) | Kind::Output(_)) => None,
    }
}

/// GraphQL's whole numbers have 32 bits.
fn is_int(number: i64) -> bool {
    i32::try_from(number).is_ok()
}

/// The value of a variable, as the JSON of the request has it, for its declared type.
///
/// # Errors
/// Where in it something is that the type does not take.
pub fn read(types: &Types, ty: &Type, value: Json, path: &Path<'_>) -> Result<Literal, Unfit> {
    match (&ty.base, value) {
        (_, Json::Null) if ty.nullable => Ok(Literal::Null),
        (_, Json::Null) => Err(Unfit::expected(path, ty)),
        (BaseType::List(item), Json::Array(items)) => {
            let one = |(at, value)| read(types, item, value, &path.item(at));
            items
                .into_iter()
                .enumerate()
                .map(one)
                .collect::<Result<_, _>>()
                .map(Literal::List)
        }
        (BaseType::List(item), value) => Ok(Literal::List(vec![read(types, item, value, path)?])),
        (BaseType::Named(name), value) => match types.get(name) {
            Some(Kind::Input(_)) => read_object(types, name, value, path),
            _ => read_leaf(types, name, value).ok_or_else(|| Unfit::expected(path, name)),
        },
    }
}

fn read_object(types: &Types, name: &Name, value: Json, path: &Path<'_>) -> Result<Literal, Unfit> {
    let (Some(Kind::Input(slots)), Json::Object(given)) = (types.get(name), value) else {
        return Err(Unfit::expected(path, name));
    };
    let mut object = IndexMap::with_capacity(given.len());
    for (field, value) in given {
        let slot = slots
            .get(&field)
            .ok_or_else(|| Unfit::unknown(path, &field, name))?;
        let value = read(types, &slot.ty, value, &path.field(&field))?;
        object.insert(Name::new(field), value);
    }
    let missing = slots
        .iter()
        .filter(|(field, slot)| !slot.ty.nullable && !slot.default && !object.contains_key(field.as_str()));
    match missing.min_by_key(|(field, _)| field.as_str()) {
        Some((field, slot)) => Err(Unfit::missing(path, field, &slot.ty)),
        None => Ok(Literal::Object(object)),
    }
}

fn read_leaf(types: &Types, name: &str, value: Json) -> Option<Literal> {
    match (name, types.get(name)?) {
        ("Int", _) => whole(value.as_number()?)
            .filter(|n| is_int(*n))
            .map(|n| Literal::Number(n.into())),
        ("ID", _) => match value {
            Json::Number(number) => id_of(&number).map(Literal::String),
            Json::String(text) => Some(Literal::String(text)),
            _ => None,
        },
        ("Float" | "String" | "Boolean", _) => leaf(types, name, any(value)),
        (_, Kind::Enum(values)) => value
            .as_str()
            .filter(|word| values.contains(*word))
            .map(|word| Literal::Enum(Name::new(word))),
        (_, Kind::Scalar) => Some(any(value)),
        (_, Kind::Input(_) | Kind::Output(_)) => None,
    }
}

/// JSON knows one kind of number: 2.0 is whole.
fn whole(number: &Number) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it has no fraction and its size is checked"
    )]
    number.as_i64().or_else(|| {
        number
            .as_f64()
            .filter(|n| n.fract() == 0.0 && n.abs() <= EXACT)
            .map(|n| n as i64)
    })
}

/// A whole number as the text of an id, as JavaScript writes it.
fn id_of(number: &Number) -> Option<String> {
    match number.as_f64()? {
        _ if !number.is_f64() => Some(number.to_string()),
        large if large.fract() == 0.0 && large.abs() >= 1e21 => Some(format!("{large:e}").replace('e', "e+")),
        other => (other.fract() == 0.0).then(|| other.to_string()),
    }
}

/// JSON as it stands.
fn any(value: Json) -> Literal {
    ConstValue::from_json(value).map_or(Literal::Null, ConstValue::into_value)
}
