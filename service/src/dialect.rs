//! Everything in which the two databases differ, so that no other file asks which one it talks to.

use std::collections::BTreeSet;

use chrono::{Datelike, Months, NaiveDate};
use sea_orm::sea_query::extension::postgres::PgExpr;
use sea_orm::sea_query::{Expr, IntoColumnRef};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use uuid::Uuid;

use crate::db::{Db, Tx};
use crate::error::{During, ServiceError};
use crate::outbox::due::{DUE, FREE};

/// Parameters that one statement may bind: SQLite 32,766, PostgreSQL 65,535; less a few for what is not a row.
pub fn max_parameters(backend: DbBackend) -> usize {
    if backend == DbBackend::Postgres { 65_000 } else { 32_500 }
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
        Expr::cust_with_exprs("? IN (SELECT unhex(value) FROM json_each(?))", [column, Expr::val(list)])
    }
}

/// `column` is one of `words`.
pub fn text_in<S: Into<String>>(backend: DbBackend, column: impl IntoColumnRef, words: impl IntoIterator<Item = S>) -> Expr {
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
        Expr::cust_with_exprs("($1, $2) IN (SELECT * FROM unnest($3, $4))", [id, number, Expr::val(ids), Expr::val(numbers)])
    } else {
        let list: Vec<serde_json::Value> =
            pairs.into_iter().map(|(id, number)| serde_json::json!([id.simple().to_string(), number])).collect();
        let [id, number] = columns;
        let list = Expr::val(serde_json::Value::from(list).to_string());
        Expr::cust_with_exprs("(?, ?) IN (SELECT unhex(value ->> 0), value ->> 1 FROM json_each(?))", [id, number, list])
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
        Expr::cust_with_exprs("($1, $2) IN (SELECT * FROM unnest($3, $4))", [id, day, Expr::val(ids), Expr::val(days)])
    } else {
        let list: Vec<serde_json::Value> = pairs.into_iter().map(|(id, day)| serde_json::json!([id.simple().to_string(), day])).collect();
        let [id, day] = columns;
        let list = Expr::val(serde_json::Value::from(list).to_string());
        Expr::cust_with_exprs("(?, ?) IN (SELECT unhex(value ->> 0), value ->> 1 FROM json_each(?))", [id, day, list])
    }
}

/// Spans of numbers as rows `span (first, past)`, with the parameters that hold them: one statement text whatever their number.
pub(crate) fn spans(backend: DbBackend, bounds: &[(i64, i64)]) -> (&'static str, Vec<sea_orm::Value>) {
    if backend == DbBackend::Postgres {
        let (first, past): (Vec<i64>, Vec<i64>) = bounds.iter().copied().unzip();
        ("unnest($1, $2) AS span (first, past)", vec![first.into(), past.into()])
    } else {
        let list = serde_json::Value::from(bounds.iter().map(|(first, past)| serde_json::json!([first, past])).collect::<Vec<_>>());
        ("(SELECT value ->> 0 AS first, value ->> 1 AS past FROM json_each($1)) AS span", vec![list.to_string().into()])
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
    if backend == DbBackend::Postgres { Expr::cust_with_exprs("$1 COLLATE \"C\"", [column]) } else { column }
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

/// Tells whoever listens on a channel, once the transaction is committed (PostgreSQL; SQLite tells nobody).
pub(crate) async fn announce(tx: &Tx, channel: &'static str) -> Result<(), ServiceError> {
    if tx.get_database_backend() == DbBackend::Postgres {
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, "SELECT pg_notify($1, '')", [channel.into()]);
        tx.execute_raw(statement).await.during("announcing queued messages")?;
    }
    Ok(())
}

/// The class of the locks on recipients. Any number will do: it spells "mail" in ASCII.
const RECIPIENT_LOCKS: i32 = 0x6d61_696c;

/// Makes whoever else decides about mail to these addresses wait until this transaction is over (PostgreSQL; on SQLite one
/// transaction writes at a time anyway). All are held in one order, and once in a transaction (`alert::joining`), so that two
/// transactions that ask for some of the same do not wait for each other. What is read afterwards holds what the others have committed.
pub(crate) async fn hold_recipients(tx: &Tx, addresses: Vec<String>) -> Result<(), ServiceError> {
    if tx.get_database_backend() != DbBackend::Postgres || addresses.is_empty() {
        return Ok(());
    }
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        // The numbers are put in order before the first is locked: a subquery with DISTINCT stands by itself.
        "SELECT pg_advisory_xact_lock($1, number) FROM
            (SELECT DISTINCT hashtext(address) AS number FROM unnest($2::text[]) AS address ORDER BY number) AS ordered",
        [RECIPIENT_LOCKS.into(), addresses.into()],
    );
    tx.execute_raw(statement).await.map(drop).during("waiting for others who mail the same people")
}

/// The class of the locks on names. Any number will do: it spells "name" in ASCII.
const NAME_LOCKS: i32 = 0x6e61_6d65;

/// Makes whoever else makes rows of these names in a table wait until this transaction is over (PostgreSQL): a row that is not
/// there cannot be held by itself. Names share 256 locks, taken in one order: an import has more names than the server has locks.
pub(crate) async fn hold_names(tx: &Tx, table: &str, names: Vec<String>) -> Result<(), ServiceError> {
    if tx.get_database_backend() != DbBackend::Postgres || names.is_empty() {
        return Ok(());
    }
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT pg_advisory_xact_lock($1, number) FROM
            (SELECT DISTINCT hashtext($2 || ':' || name) & 255 AS number FROM unnest($3::text[]) AS name ORDER BY number) AS ordered",
        [NAME_LOCKS.into(), table.into(), names.into()],
    );
    tx.execute_raw(statement).await.map(drop).during("waiting for others who make the same rows")
}

/// Claims due rows of the outbox and returns them: due by $1 to $4 (`outbox::due::bounds`), of priority $5, at most $6, for the
/// token $7, until $8, but none of $9 (a JSON list of ids). Concurrent claims on PostgreSQL pass over each other's rows; on
/// SQLite one transaction writes at a time anyway.
pub(crate) fn claim_messages(backend: DbBackend) -> String {
    let others = none_of(backend, "$9");
    let picked = format!(
        "SELECT id FROM outbox WHERE status = 'QUEUED' AND priority = $5 AND {DUE} AND {FREE} AND {others} ORDER BY due_at, id LIMIT $6"
    );
    let claimed = "UPDATE outbox SET leased_by = $7, leased_until = $8, attempts = attempts + 1";
    match backend {
        // Materialised: in a plain subquery the limit may be applied more than once.
        DbBackend::Postgres => {
            format!(
                "WITH picked AS MATERIALIZED ({picked} FOR UPDATE SKIP LOCKED) {claimed} FROM picked WHERE outbox.id = picked.id RETURNING outbox.*"
            )
        }
        _ => format!("{claimed} WHERE id IN ({picked}) RETURNING *"),
    }
}

/// That an id is none of a JSON list of ids.
fn none_of(backend: DbBackend, list: &str) -> String {
    match backend {
        DbBackend::Postgres => format!("id NOT IN (SELECT value::uuid FROM jsonb_array_elements_text({list}::jsonb))"),
        _ => format!("id NOT IN (SELECT unhex(value) FROM json_each({list}))"),
    }
}

/// Writes rendered messages ($1, a JSON list) into the rows that are still their worker's, with their contexts where those
/// have changed, renews the leases until $2, and returns the ids.
pub(crate) const fn keep_messages(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => {
            "UPDATE outbox SET message_id = v.message_id, message = v.message, context = coalesce(v.context, outbox.context), leased_until = $2
            FROM jsonb_to_recordset($1::jsonb) AS v (id uuid, token text, message_id text, message text, context text)
            WHERE outbox.id = v.id AND outbox.leased_by = v.token AND outbox.status = 'QUEUED' RETURNING outbox.id"
        }
        _ => {
            "UPDATE outbox SET message_id = v.value ->> 'message_id', message = v.value ->> 'message',
                context = coalesce(v.value ->> 'context', outbox.context), leased_until = $2
            FROM json_each($1) AS v
            WHERE outbox.id = unhex(v.value ->> 'id') AND outbox.leased_by = v.value ->> 'token' AND outbox.status = 'QUEUED'
            RETURNING id"
        }
    }
}

/// Settles the rows ($1, a JSON list) that are still their worker's, and returns the ids.
pub(crate) const fn settle_messages(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => {
            "UPDATE outbox SET status = v.status, error = v.error, due_at = coalesce(v.due_at, outbox.due_at), finished_at = v.finished_at,
                attempts = outbox.attempts - v.untried, leased_by = NULL, leased_until = NULL
            FROM jsonb_to_recordset($1::jsonb)
                AS v (id uuid, token text, status text, error text, due_at bigint, finished_at bigint, untried integer)
            WHERE outbox.id = v.id AND outbox.leased_by = v.token AND outbox.status = 'QUEUED' RETURNING outbox.id"
        }
        _ => {
            "UPDATE outbox SET status = v.value ->> 'status', error = v.value ->> 'error', due_at = coalesce(v.value ->> 'due_at', due_at),
                finished_at = v.value ->> 'finished_at', attempts = attempts - (v.value ->> 'untried'), leased_by = NULL, leased_until = NULL
            FROM json_each($1) AS v
            WHERE outbox.id = unhex(v.value ->> 'id') AND outbox.leased_by = v.value ->> 'token' AND outbox.status = 'QUEUED'
            RETURNING id"
        }
    }
}

/// Gives up the rows that are overdue at $1 and nobody's (no lease reaches beyond $2), none of $4 (a JSON list of ids), with the
/// error $3, and returns them.
pub(crate) fn overdue_messages(backend: DbBackend) -> String {
    let given_up = "UPDATE outbox SET status = 'FAILED', error = $3, finished_at = $1, leased_by = NULL, leased_until = NULL";
    let overdue = format!("status = 'QUEUED' AND give_up_at <= $1 AND {FREE} AND {}", none_of(backend, "$4"));
    match backend {
        DbBackend::Postgres => {
            format!(
                "WITH picked AS MATERIALIZED (SELECT id FROM outbox WHERE {overdue} FOR UPDATE SKIP LOCKED)
                {given_up} FROM picked WHERE outbox.id = picked.id RETURNING outbox.*"
            )
        }
        _ => format!("{given_up} WHERE {overdue} RETURNING *"),
    }
}

/// Claims the first free batch of the earliest run of a job ($1) that is under way, and returns it: free at $2, when nobody has
/// it, or somebody whose lease has run out or is longer ($3) than any lease; for the token $4, until $5.
pub(crate) const fn claim_batch(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => {
            "WITH picked AS MATERIALIZED (
                SELECT b.run_id, b.number FROM job_batch b JOIN job_run r ON r.id = b.run_id
                WHERE r.job = $1 AND r.outcome = 'RUNNING' AND b.done_at IS NULL
                    AND (b.leased_until IS NULL OR b.leased_until <= $2 OR b.leased_until > $3)
                ORDER BY r.slot_at, b.number LIMIT 1 FOR UPDATE OF b SKIP LOCKED)
            UPDATE job_batch SET leased_by = $4, leased_until = $5, attempts = attempts + 1
            FROM picked WHERE job_batch.run_id = picked.run_id AND job_batch.number = picked.number RETURNING job_batch.*"
        }
        _ => {
            "UPDATE job_batch SET leased_by = $4, leased_until = $5, attempts = attempts + 1
            WHERE (run_id, number) = (
                SELECT b.run_id, b.number FROM job_batch b JOIN job_run r ON r.id = b.run_id
                WHERE r.job = $1 AND r.outcome = 'RUNNING' AND b.done_at IS NULL
                    AND (b.leased_until IS NULL OR b.leased_until <= $2 OR b.leased_until > $3)
                ORDER BY r.slot_at, b.number LIMIT 1)
            RETURNING *"
        }
    }
}

/// Pairs of user and account from a JSON list ($1), as a table `pair (user_id, account_id)`.
pub(crate) const fn user_account_pairs(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => {
            "(SELECT (value ->> 0)::uuid AS user_id, (value ->> 1)::uuid AS account_id FROM jsonb_array_elements($1::jsonb)) AS pair"
        }
        _ => "(SELECT unhex(value ->> 0) AS user_id, unhex(value ->> 1) AS account_id FROM json_each($1)) AS pair",
    }
}

/// Ids as a table `batch (id)`, and the one parameter ($1) that it takes.
pub(crate) fn batch_of(backend: DbBackend, ids: &[Uuid]) -> (&'static str, sea_orm::Value) {
    if backend == DbBackend::Postgres {
        ("unnest($1) AS batch (id)", ids.to_vec().into())
    } else {
        let list = serde_json::Value::from(ids.iter().map(|id| id.simple().to_string()).collect::<Vec<_>>());
        ("(SELECT unhex(value) AS id FROM json_each($1)) AS batch", list.to_string().into())
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

/// Years for whose months partitions are made; what lies outside is too little to deserve one, or a slip of the pen.
const PARTITIONED_YEARS: std::ops::RangeInclusive<i32> = 2010..=2060;
/// Held while partitions are made. Any number will do: it spells "usage" in ASCII.
const PARTITION_LOCK: i64 = 0x0075_7361_6765;

/// Makes the monthly partitions that rows of these days go to (PostgreSQL; SQLite has none), in a transaction of its own: making
/// a partition locks the whole table, and whoever does so must wait for nothing else.
///
/// # Errors
/// Those of the database.
pub async fn ensure_usage_partitions(db: &Db, days: impl IntoIterator<Item = NaiveDate>) -> Result<(), ServiceError> {
    if db.backend() != DbBackend::Postgres {
        return Ok(());
    }
    let months: BTreeSet<NaiveDate> =
        days.into_iter().filter(|day| PARTITIONED_YEARS.contains(&day.year())).filter_map(|day| day.with_day(1)).collect();
    if missing_partitions(db.read(), &months).await?.is_empty() {
        return Ok(());
    }
    let operation = "making a partition of usage";
    db.write_tx(async |tx| {
        tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({PARTITION_LOCK})")).await.during(operation)?;
        // Another transaction may have made them while this one waited.
        for month in missing_partitions(tx, &months).await? {
            let end = month.checked_add_months(Months::new(1)).unwrap_or(NaiveDate::MAX);
            let name = partition(month);
            tx.execute_unprepared(&format!("CREATE TABLE {name} PARTITION OF usage FOR VALUES FROM ('{month}') TO ('{end}')"))
                .await
                .during(operation)?;
        }
        Ok(())
    })
    .await
}

fn partition(month: NaiveDate) -> String {
    format!("usage_{}_{:02}", month.year(), month.month())
}

async fn missing_partitions(connection: &impl ConnectionTrait, months: &BTreeSet<NaiveDate>) -> Result<Vec<NaiveDate>, ServiceError> {
    if months.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<String> = months.iter().map(|m| partition(*m)).collect();
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT name FROM unnest($1) AS name WHERE to_regclass(name) IS NOT NULL",
        [names.into()],
    );
    let operation = "looking for partitions of usage";
    let rows = connection.query_all_raw(statement).await.during(operation)?;
    let present: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>().during(operation)?;
    Ok(months.iter().copied().filter(|m| present.iter().all(|name| *name != partition(*m))).collect())
}

/// A database URL as it may be shown: without password, also where it stands in the query.
pub fn without_password(url: &str) -> String {
    // Credentials end at the last `@`: a password may itself hold any character, rightly escaped or not.
    let url = match url.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?))) {
        Some((scheme, (credentials, host))) => {
            let user = credentials.split_once(':').map_or(credentials, |(user, _)| user);
            format!("{scheme}://{user}@{host}")
        }
        None => url.to_owned(),
    };
    let Some((base, query)) = url.split_once('?') else { return url };
    let shown: Vec<&str> = query.split('&').filter(|parameter| !parameter.starts_with("password=")).collect();
    if shown.is_empty() { base.to_owned() } else { format!("{base}?{}", shown.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        for (url, shown) in [
            ("postgres://app:s3cret@db:5432/rapport", "postgres://app@db:5432/rapport"),
            ("postgres://app:p@ss@db/rapport?sslmode=require&password=x", "postgres://app@db/rapport?sslmode=require"),
            ("postgres://app:p?s@db/rapport", "postgres://app@db/rapport"),
            ("sqlite://rapport.db?mode=rwc", "sqlite://rapport.db?mode=rwc"),
            ("postgres:///rapport?password=x", "postgres:///rapport"),
            ("nonsense", "nonsense"),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }

    #[test]
    fn an_insert_never_binds_more_than_the_database_takes() {
        for backend in [DbBackend::Sqlite, DbBackend::Postgres] {
            for columns in [1, 11, 19, 500] {
                assert!(rows_per_insert(backend, columns) * columns <= max_parameters(backend));
            }
        }
    }
}
