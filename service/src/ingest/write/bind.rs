//! Values on their way to and from the database: which column type each kind of value has.

use std::borrow::Cow;

use sea_orm::{DbErr, QueryResult};
use uuid::Uuid;

use crate::ingest::target::column::{Column, Kind};
use crate::ingest::value::Value;

/// A value as a parameter. Its type is the column's also when it is NULL, which PostgreSQL insists on.
pub(super) fn parameter(column: &Column, value: &Value) -> sea_orm::Value {
    match column.kind {
        Kind::Day => sea_orm::Value::ChronoDate(value.day()),
        Kind::Flag => sea_orm::Value::Bool(value.truth()),
        Kind::Instant | Kind::Money | Kind::Count => sea_orm::Value::BigInt(value.whole()),
        Kind::Number(..) => sea_orm::Value::Double(match value {
            Value::Real(number) => Some(*number),
            _ => None,
        }),
        Kind::Account | Kind::Contact | Kind::User => {
            let nobody = is_never_null(column).then(Uuid::nil);
            sea_orm::Value::Uuid(value.id().or(nobody))
        }
        Kind::Name
        | Kind::Text
        | Kind::Email
        | Kind::Zone
        | Kind::Word(_)
        | Kind::Currency
        | Kind::List
        | Kind::Participants => sea_orm::Value::String(value.text().map(str::to_owned)),
    }
}

/// A value as a part of the key: an absent contact is the nil id there.
pub(super) fn key_parameter(column: &Column, value: &Value) -> sea_orm::Value {
    match (column.kind, value.id()) {
        (Kind::Contact, None) => sea_orm::Value::Uuid(Some(Uuid::nil())),
        _ => parameter(column, value),
    }
}

/// The key's name for a column: the one that is never NULL.
pub(super) fn key_name(column: &Column) -> &'static str {
    if matches!(column.need, crate::ingest::target::column::Need::KeyOrAbsent) {
        "contact_key"
    } else {
        column.db
    }
}

fn is_never_null(column: &Column) -> bool {
    column.db == key_name(column) && matches!(column.need, crate::ingest::target::column::Need::KeyOrAbsent)
}

/// A stored value.
pub(super) fn fetch(column: &Column, row: &QueryResult, at: usize) -> Result<Value, DbErr> {
    Ok(match column.kind {
        Kind::Day => row
            .try_get_by_index::<Option<chrono::NaiveDate>>(at)?
            .map(Value::Day),
        Kind::Flag => row.try_get_by_index::<Option<bool>>(at)?.map(Value::Truth),
        Kind::Instant | Kind::Money | Kind::Count => {
            row.try_get_by_index::<Option<i64>>(at)?.map(Value::Whole)
        }
        Kind::Number(..) => row.try_get_by_index::<Option<f64>>(at)?.map(Value::Real),
        Kind::Account | Kind::Contact | Kind::User => row
            .try_get_by_index::<Option<Uuid>>(at)?
            .filter(|id| !id.is_nil())
            .map(Value::Id),
        Kind::Name
        | Kind::Text
        | Kind::Email
        | Kind::Zone
        | Kind::Word(_)
        | Kind::Currency
        | Kind::List
        | Kind::Participants => row
            .try_get_by_index::<Option<String>>(at)?
            .map(|text| Value::Text(Cow::Owned(text))),
    }
    .unwrap_or(Value::Null))
}
