//! Days of use a year ago. They decide only where usage has fallen, so they are read for few accounts, after a first
//! evaluation has said which ([`crate::scoring::evaluating`]).

use std::collections::HashMap;

use engagement::id::AccountId;
use engagement::windows::Windows;
use sea_orm::{ConnectionTrait, Statement};
use uuid::Uuid;

use crate::error::{During, ServiceError};
use crate::sql::dialect::{batch_of, nobody};

/// The days of use of each account in this window and in the previous one, both moved back by 12 months
/// ([`engagement::row::AccountRows::year_ago_usage`]): one statement, whatever the number of accounts.
///
/// # Errors
/// Those of the database.
pub async fn load_year_ago_usage(
    db: &impl ConnectionTrait,
    windows: &Windows,
    accounts: &[AccountId],
) -> Result<HashMap<AccountId, [u32; 2]>, ServiceError> {
    let operation = "reading usage of a year ago";
    let backend = db.get_database_backend();
    let ids: Vec<Uuid> = accounts.iter().map(|account| account.uuid()).collect();
    let (batch, ids) = batch_of(backend, &ids);
    let nobody = nobody(backend);
    // Pairs of contact and day, and of feature and day where nobody is named.
    let days = |first: &str, last: &str| {
        format!(
            "(SELECT count(*) FROM (
                SELECT DISTINCT u.day, u.contact_key, CASE WHEN u.contact_key = {nobody} THEN u.feature END AS feature FROM usage u
                WHERE u.account_id = batch.id AND u.day BETWEEN {first} AND {last} AND u.count > 0) AS pairs)"
        )
    };
    let statement = format!(
        "SELECT batch.id, {}, {} FROM {batch}",
        days("$2", "$3"),
        days("$4", "$5")
    );
    let [current, previous] = [windows.a_year_before(), windows.previous().a_year_before()];
    let values = [
        ids,
        current.start_day.into(),
        current.last_day().into(),
        previous.start_day.into(),
        previous.last_day().into(),
    ];
    let rows = db
        .query_all_raw(Statement::from_sql_and_values(backend, statement, values))
        .await
        .during(operation)?;
    let counted = rows.iter().map(|row| {
        let [now, before]: [i64; 2] = [row.try_get_by_index(1)?, row.try_get_by_index(2)?];
        let id: Uuid = row.try_get_by_index(0)?;
        Ok((
            id.into(),
            [now, before].map(|days| u32::try_from(days).unwrap_or(u32::MAX)),
        ))
    });
    counted.collect::<Result<_, sea_orm::DbErr>>().during(operation)
}
