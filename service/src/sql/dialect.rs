//! Everything in which the two databases differ, so that no other file asks which one it talks to.

use chrono::NaiveDate;
use sea_orm::DbBackend;
use sea_orm::sea_query::extension::postgres::PgExpr;
use sea_orm::sea_query::{Expr, IntoColumnRef};
use uuid::Uuid;

/// Parameters that one statement may bind: SQLite 32,766, PostgreSQL 65,535; less a few for what is not a row.
pub fn max_parameters(backend: DbBackend) -> usize {
    if backend == DbBackend::Postgres {
        65_000
    } else {
        32_500
    }
}

/// Rows of that many columns that one multi-row INSERT may carry. Longer statements than a thousand rows gain nothing.
pub fn rows_per_insert(backend: DbBackend, columns: usize) -> usize {
    (max_parameters(backend) / columns.max(1)).clamp(1, 1000)
}

/// `column` is one of `ids`. One statement text whatever their number, so that the databases' statement caches hold: an
/// array on PostgreSQL, a JSON list on SQLite.
pub fn id_in(backend: DbBackend, column: impl IntoColumnRef, ids: impl IntoIterator<Item = Uuid>) -> Expr {
    let column = Expr::col(column);
    if backend == DbBackend::Postgres {
        column.eq_any(ids)
    } else {
        let hex: Vec<String> = ids.into_iter().map(|id| id.simple().to_string()).collect();
        let list = serde_json::Value::from(hex).to_string();
        Expr::cust_with_exprs(
            "? IN (SELECT unhex(value) FROM json_each(?))",
            [column, Expr::val(list)],
        )
    }
}

/// `column` is one of `words`.
pub fn text_in<S: Into<String>>(
    backend: DbBackend,
    column: impl IntoColumnRef,
    words: impl IntoIterator<Item = S>,
) -> Expr {
    let column = Expr::col(column);
    let words = words.into_iter().map(Into::into);
    if backend == DbBackend::Postgres {
        column.eq_any(words)
    } else {
        let list = serde_json::Value::from(words.collect::<Vec<String>>()).to_string();
        Expr::cust_with_exprs("? IN (SELECT value FROM json_each(?))", [column, Expr::val(list)])
    }
}

/// The two columns hold one of these pairs.
pub(crate) fn pair_in(
    backend: DbBackend,
    (id, number): (impl IntoColumnRef, impl IntoColumnRef),
    pairs: impl IntoIterator<Item = (Uuid, i64)>,
) -> Expr {
    let columns = [Expr::col(id), Expr::col(number)];
    if backend == DbBackend::Postgres {
        let (ids, numbers): (Vec<Uuid>, Vec<i64>) = pairs.into_iter().unzip();
        let [id, number] = columns;
        Expr::cust_with_exprs(
            "($1, $2) IN (SELECT * FROM unnest($3, $4))",
            [id, number, Expr::val(ids), Expr::val(numbers)],
        )
    } else {
        let list: Vec<serde_json::Value> = pairs
            .into_iter()
            .map(|(id, number)| serde_json::json!([id.simple().to_string(), number]))
            .collect();
        let [id, number] = columns;
        let list = Expr::val(serde_json::Value::from(list).to_string());
        Expr::cust_with_exprs(
            "(?, ?) IN (SELECT unhex(value ->> 0), value ->> 1 FROM json_each(?))",
            [id, number, list],
        )
    }
}

/// The two columns hold one of these pairs.
pub(crate) fn id_day_in(
    backend: DbBackend,
    (id, day): (impl IntoColumnRef, impl IntoColumnRef),
    pairs: impl IntoIterator<Item = (Uuid, NaiveDate)>,
) -> Expr {
    let columns = [Expr::col(id), Expr::col(day)];
    if backend == DbBackend::Postgres {
        let (ids, days): (Vec<Uuid>, Vec<NaiveDate>) = pairs.into_iter().unzip();
        let [id, day] = columns;
        Expr::cust_with_exprs(
            "($1, $2) IN (SELECT * FROM unnest($3, $4))",
            [id, day, Expr::val(ids), Expr::val(days)],
        )
    } else {
        let list: Vec<serde_json::Value> = pairs
            .into_iter()
            .map(|(id, day)| serde_json::json!([id.simple().to_string(), day]))
            .collect();
        let [id, day] = columns;
        let list = Expr::val(serde_json::Value::from(list).to_string());
        Expr::cust_with_exprs(
            "(?, ?) IN (SELECT unhex(value ->> 0), value ->> 1 FROM json_each(?))",
            [id, day, list],
        )
    }
}

/// Spans of numbers as rows `span (first, past)`, with the parameters that hold them: one statement text whatever their number.
pub(crate) fn spans(backend: DbBackend, bounds: &[(i64, i64)]) -> (&'static str, Vec<sea_orm::Value>) {
    if backend == DbBackend::Postgres {
        let (first, past): (Vec<i64>, Vec<i64>) = bounds.iter().copied().unzip();
        (
            "unnest($1, $2) AS span (first, past)",
            vec![first.into(), past.into()],
        )
    } else {
        let list = serde_json::Value::from(
            bounds
                .iter()
                .map(|(first, past)| serde_json::json!([first, past]))
                .collect::<Vec<_>>(),
        );
        (
            "(SELECT value ->> 0 AS first, value ->> 1 AS past FROM json_each($1)) AS span",
            vec![list.to_string().into()],
        )
    }
}

/// The text of `column` as lists are ordered by it: without regard to case, byte by byte. Without the collation the order
/// would be PostgreSQL's locale's, and differ between the two.
pub fn sort_key(backend: DbBackend, column: impl IntoColumnRef) -> Expr {
    let column = Expr::col(column);
    if backend == DbBackend::Postgres {
        Expr::cust_with_exprs("lower($1) COLLATE \"C\"", [column])
    } else {
        Expr::cust_with_exprs("lower(?)", [column])
    }
}

/// The text of `column`, ordered byte by byte, whatever the database's locale.
pub fn bytewise(backend: DbBackend, column: impl IntoColumnRef) -> Expr {
    let column = Expr::col(column);
    if backend == DbBackend::Postgres {
        Expr::cust_with_exprs("$1 COLLATE \"C\"", [column])
    } else {
        column
    }
}

/// `column` contains `text`, without regard to case; `%` and `_` in `text` mean themselves.
pub fn contains(backend: DbBackend, column: impl IntoColumnRef, text: &str) -> Expr {
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    let pattern = Expr::val(format!("%{escaped}%"));
    let column = Expr::col(column);
    if backend == DbBackend::Postgres {
        Expr::cust_with_exprs("$1 ILIKE $2 ESCAPE '\\'", [column, pattern])
    } else {
        Expr::cust_with_exprs("? LIKE ? ESCAPE '\\'", [column, pattern])
    }
}

/// Pairs of user and account from a JSON list ($1), as a table `pair (user_id, account_id)`.
pub(crate) const fn user_account_pairs(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => {
            "(SELECT (value ->> 0)::uuid AS user_id, (value ->> 1)::uuid AS account_id FROM jsonb_array_elements($1::jsonb)) AS pair"
        }
        _ => {
            "(SELECT unhex(value ->> 0) AS user_id, unhex(value ->> 1) AS account_id FROM json_each($1)) AS pair"
        }
    }
}

/// Ids as a table `batch (id)`, and the one parameter ($1) that it takes.
pub(crate) fn batch_of(backend: DbBackend, ids: &[Uuid]) -> (&'static str, sea_orm::Value) {
    if backend == DbBackend::Postgres {
        ("unnest($1) AS batch (id)", ids.to_vec().into())
    } else {
        let list = serde_json::Value::from(ids.iter().map(|id| id.simple().to_string()).collect::<Vec<_>>());
        (
            "(SELECT unhex(value) AS id FROM json_each($1)) AS batch",
            list.to_string().into(),
        )
    }
}

/// The id of nobody, as it stands in keys.
pub(crate) const fn nobody(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => "'00000000-0000-0000-0000-000000000000'::uuid",
        _ => "x'00000000000000000000000000000000'",
    }
}

/// Users and instants from a JSON list ($1), as a table `since (user_id, first)`.
pub(crate) const fn users_since(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => {
            "(SELECT (value ->> 0)::uuid AS user_id, (value ->> 1)::bigint AS first FROM jsonb_array_elements($1::jsonb)) AS since"
        }
        _ => "(SELECT unhex(value ->> 0) AS user_id, value ->> 1 AS first FROM json_each($1)) AS since",
    }
}

/// Accounts, users and spans of time from a JSON list ($1), as a table `part (account_id, user_id, first, past)`.
pub(crate) const fn user_parts(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => {
            "(SELECT (value ->> 0)::uuid AS account_id, (value ->> 1)::uuid AS user_id, (value ->> 2)::bigint AS first,
                (value ->> 3)::bigint AS past FROM jsonb_array_elements($1::jsonb)) AS part"
        }
        _ => {
            "(SELECT unhex(value ->> 0) AS account_id, unhex(value ->> 1) AS user_id, value ->> 2 AS first, value ->> 3 AS past
            FROM json_each($1)) AS part"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_insert_never_binds_more_than_the_database_takes() {
        for backend in [DbBackend::Sqlite, DbBackend::Postgres] {
            for columns in [1, 11, 19, 500] {
                assert!(rows_per_insert(backend, columns) * columns <= max_parameters(backend));
            }
        }
    }
}
