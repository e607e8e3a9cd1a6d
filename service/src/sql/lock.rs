//! Locks on what is no row (PostgreSQL): on recipients and on names. A lock ends with its transaction.

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::db::Tx;
use crate::error::{During, ServiceError};

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
    tx.execute_raw(statement)
        .await
        .map(drop)
        .during("waiting for others who mail the same people")
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
    tx.execute_raw(statement)
        .await
        .map(drop)
        .during("waiting for others who make the same rows")
}
