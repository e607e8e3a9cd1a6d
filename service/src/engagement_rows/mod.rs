//! Reads, for a batch of accounts, every row that scoring needs: one statement per table and batch, whatever the number
//! of accounts, and nothing that cannot change a result.
//!
//! This is the hot path of the product: a nightly run reads every account's rows. It goes past the ORM and takes columns
//! by their place. How the rows travel is the database's own business (`sqlite`, `postgres`); what they become is not
//! (`assembly`).

mod assembly;
mod organisation;
mod packed;
mod postgres;
mod source;
mod sqlite;
mod year_ago;

use chrono::{NaiveDate, TimeDelta};
use engagement::id::AccountId;
use engagement::measure::BOOKED_DAYS;
use engagement::row::{AccountRows, Catalogue};
use engagement::vocabulary::Period;
use engagement::windows::{Windows, start_of_day};
use entity::account;
use sea_orm::sea_query::IntoColumnRef;
use sea_orm::{DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::access::{Access, visible_accounts};
use crate::db::{Db, Tx};
use crate::dialect::id_in;
use crate::error::{During, ServiceError};
use crate::money::Money;
use crate::stored::parse;
use assembly::Assembly;
pub use organisation::Organisation;
use source::Source;
pub use year_ago::load_year_ago_usage;

/// From when until when rows can change the result of one evaluation and of the one before it.
#[derive(Debug, Clone, Copy)]
struct Reach {
    /// Interactions at or after this instant, in microseconds since 1970, …
    interactions_from: i64,
    /// … and before this one.
    interactions_until: i64,
    /// Usage from this day …
    usage_from: NaiveDate,
    /// … to this one, both counted.
    usage_to: NaiveDate,
    /// The first days of the two histories: proof of earlier usage is looked for from them on.
    histories: [NaiveDate; 2],
    /// What is booked is looked for at or after this instant, in microseconds since 1970, …
    booked_from: i64,
    /// … and before this one.
    booked_until: i64,
}

impl Reach {
    /// The standing and the sponsors are of the standard period, whatever the report's: a quarter and the one before it hold
    /// the windows of either.
    fn of(windows: &Windows) -> Self {
        let previous = Windows::new(windows.ending_on, windows.at, windows.zone, Period::Quarterly).previous();
        let past_booked = windows.ending_on.checked_add_signed(TimeDelta::days(BOOKED_DAYS + 1)).unwrap_or(NaiveDate::MAX);
        Self {
            interactions_from: previous.history_start.timestamp_micros(),
            interactions_until: windows.at.timestamp_micros(),
            usage_from: previous.start_day,
            usage_to: windows.last_day(),
            histories: [windows.history_start_day, previous.history_start_day],
            booked_from: start_of_day(windows.ending_on, windows.zone).timestamp_micros(),
            booked_until: start_of_day(past_booked, windows.zone).timestamp_micros(),
        }
    }
}

/// Reads the rows of accounts, for one evaluation of each; those that do not exist or may not be seen are left out.
///
/// # Errors
/// Those of the database; [`ServiceError::Stored`] for a value that this binary does not know.
pub async fn load(
    db: &Db,
    access: &Access,
    organisation: &Organisation,
    windows: &Windows,
    accounts: &[AccountId],
) -> Result<Vec<AccountRows>, ServiceError> {
    read(Source::Pool(db), access, organisation, windows, accounts).await
}

/// The same, with what a transaction has written: for few accounts.
pub(crate) async fn load_within(
    tx: &Tx,
    organisation: &Organisation,
    windows: &Windows,
    accounts: &[AccountId],
) -> Result<Vec<AccountRows>, ServiceError> {
    read(Source::Tx(tx), &Access::system(), organisation, windows, accounts).await
}

async fn read(
    source: Source<'_>,
    access: &Access,
    organisation: &Organisation,
    windows: &Windows,
    accounts: &[AccountId],
) -> Result<Vec<AccountRows>, ServiceError> {
    let visible = read_accounts(source, access, accounts).await?;
    let ids: Vec<Uuid> = visible.iter().map(|account| account.id.uuid()).collect();
    let mut assembly = Assembly::new(visible, organisation, windows);
    if !ids.is_empty() {
        let reach = Reach::of(windows);
        match source.backend() {
            DbBackend::Postgres => postgres::read(source, &ids, &reach, &mut assembly).await?,
            _ => sqlite::read(source, &ids, &reach, &mut assembly).await?,
        }
    }
    let mut rows = assembly.into_rows();
    match source {
        Source::Pool(db) => organisation.silent.mark(db.read(), windows, &mut rows).await?,
        Source::Tx(tx) => organisation.silent.mark(tx, windows, &mut rows).await?,
    }
    Ok(rows)
}

async fn read_accounts(source: Source<'_>, access: &Access, accounts: &[AccountId]) -> Result<Vec<engagement::row::Account>, ServiceError> {
    use account::Column;
    let select = account::Entity::find()
        .select_only()
        .columns([Column::Id, Column::Tier, Column::Status, Column::ChurnedOn, Column::RenewalDate, Column::ServedBy])
        .columns([Column::ArrMinor, Column::Currency])
        .filter(id_in(source.backend(), Column::Id, accounts.iter().map(|id| id.uuid())))
        .filter(visible_accounts(access, Column::Id.into_column_ref()))
        .order_by_asc(Column::Id)
        .into_tuple::<(Uuid, String, String, Option<NaiveDate>, Option<NaiveDate>, String, Option<i64>, Option<String>)>();
    let rows = match source {
        Source::Pool(db) => select.all(db.read()).await,
        Source::Tx(tx) => select.all(tx).await,
    };
    let rows = rows.during("reading accounts to score")?;
    rows.into_iter()
        .map(|(id, tier, status, churned_on, renewal_on, served_by, arr, currency)| {
            Ok(engagement::row::Account {
                id: id.into(),
                tier: parse("account", "tier", &tier)?,
                status: parse("account", "status", &status)?,
                churned_on,
                served_by: parse("account", "served_by", &served_by)?,
                renewal_on,
                arr: arr.map(|minor| Money::new(minor, currency)),
            })
        })
        .collect()
}

impl Organisation {
    /// What adoption is measured against.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }
}
