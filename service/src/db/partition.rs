//! Partitions of the usage table (PostgreSQL): made before the rows come that go to them.

use std::collections::BTreeSet;

use chrono::{Datelike, Months, NaiveDate};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::Db;
use crate::error::{During, ServiceError};

/// Years for whose months partitions are made; what lies outside is too little to deserve one, or a slip of the pen.
const PARTITIONED_YEARS: std::ops::RangeInclusive<i32> = 2010..=2060;

/// Held while partitions are made. Any number will do: it spells "usage" in ASCII.
const PARTITION_LOCK: i64 = 0x0075_7361_6765;

/// Makes the monthly partitions that rows of these days go to (PostgreSQL; SQLite has none), in a transaction of its own: making
/// a partition locks the whole table, and whoever does so must wait for nothing else.
///
/// # Errors
/// Those of the database.
pub async fn ensure_usage_partitions(
    db: &Db,
    days: impl IntoIterator<Item = NaiveDate>,
) -> Result<(), ServiceError> {
    if db.backend() != DbBackend::Postgres {
        return Ok(());
    }
    let months: BTreeSet<NaiveDate> = days
        .into_iter()
        .filter(|day| PARTITIONED_YEARS.contains(&day.year()))
        .filter_map(|day| day.with_day(1))
        .collect();
    if missing_partitions(db.read(), &months).await?.is_empty() {
        return Ok(());
    }
    let operation = "making a partition of usage";
    db.write_tx(async |tx| {
        tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({PARTITION_LOCK})"))
            .await
            .during(operation)?;
        // Another transaction may have made them while this one waited.
        for month in missing_partitions(tx, &months).await? {
            let end = month.checked_add_months(Months::new(1)).unwrap_or(NaiveDate::MAX);
            let name = partition(month);
            tx.execute_unprepared(&format!(
                "CREATE TABLE {name} PARTITION OF usage FOR VALUES FROM ('{month}') TO ('{end}')"
            ))
            .await
            .during(operation)?;
        }
        Ok(())
    })
    .await
}

pub(super) fn partition(month: NaiveDate) -> String {
    format!("usage_{}_{:02}", month.year(), month.month())
}

async fn missing_partitions(
    connection: &impl ConnectionTrait,
    months: &BTreeSet<NaiveDate>,
) -> Result<Vec<NaiveDate>, ServiceError> {
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
    let present: Vec<String> = rows
        .iter()
        .map(|row| row.try_get_by_index(0))
        .collect::<Result<_, _>>()
        .during(operation)?;
    Ok(months
        .iter()
        .copied()
        .filter(|m| present.iter().all(|name| *name != partition(*m)))
        .collect())
}
