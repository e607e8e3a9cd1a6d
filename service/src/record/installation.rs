//! What this database was installed with: the policy that its scores were computed with, the organisation's zone, and
//! since when. A process that would score differently has to say that it means it.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use engagement::policy::Policy;
use entity::installation::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use crate::clock::instant;
use crate::db::{Db, Tx};
use crate::error::{During, ServiceError};
use crate::policy::{hash, parse};
use crate::settings::Settings;

/// The one row there is.
const ONLY: i32 = 1;

/// What the database was installed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    /// Hash of the policy in force.
    pub policy_hash: String,
    /// The zone in force.
    pub time_zone: Tz,
    /// Since when there is anything to do: what was due before it is owed by nobody.
    pub installed_at: DateTime<Utc>,
}

/// Agrees with the database on policy and zone. The first process says what holds; another policy is refused unless it
/// is to be adopted; another zone is taken over, and said.
///
/// # Errors
/// [`ServiceError::PolicyChanged`] when the database was scored with another policy and `adopt` is not set.
pub async fn agree(
    db: &Db,
    policy: &Policy,
    zone: Tz,
    adopt: bool,
    now: DateTime<Utc>,
) -> Result<Installation, ServiceError> {
    let given = hash(policy);
    let stored = match find(db).await? {
        Some(stored) => stored,
        None => install(db, policy, zone, now).await?,
    };
    if stored.policy_hash != given && !adopt {
        return Err(ServiceError::PolicyChanged {
            stored: stored.policy_hash,
            given,
        });
    }
    let agreed = Installation {
        policy_hash: given,
        time_zone: zone,
        installed_at: instant(stored.installed_at),
    };
    if stored.policy_hash != agreed.policy_hash || stored.time_zone != zone.name() {
        tracing::warn!(
            policy_before = stored.policy_hash,
            policy_now = agreed.policy_hash,
            zone_before = stored.time_zone,
            zone_now = zone.name(),
            "days that are scored already keep their scores; run `rapport recompute --as-of DATE` for those that should change"
        );
        change(db, policy, &agreed).await?;
    }
    Ok(agreed)
}

/// What the organisation has set, as the database has it: for what happens where nobody was handed the settings. Before the
/// installation, the defaults.
pub(crate) async fn settings_in(tx: &Tx) -> Result<Settings, ServiceError> {
    let Some(row) = Entity::find_by_id(ONLY)
        .one(tx)
        .await
        .during("reading the installation")?
    else {
        return Ok(Settings::default());
    };
    let malformed = |column: &'static str, value: &str| ServiceError::Stored {
        table: "installation",
        column,
        value: value.chars().take(80).collect(),
    };
    let policy = parse(&row.policy).map_err(|_| malformed("policy", &row.policy))?;
    let zone = row
        .time_zone
        .parse()
        .map_err(|_| malformed("time_zone", &row.time_zone))?;
    Ok(Settings::new(policy, zone))
}

async fn find(db: &Db) -> Result<Option<Model>, ServiceError> {
    Entity::find_by_id(ONLY)
        .one(db.read())
        .await
        .during("reading the installation")
}

/// Writes the first row, or finds the one that another process has written in between.
async fn install(db: &Db, policy: &Policy, zone: Tz, now: DateTime<Utc>) -> Result<Model, ServiceError> {
    let row = ActiveModel {
        id: Set(ONLY),
        policy_hash: Set(hash(policy)),
        policy: Set(text_of(policy)?),
        time_zone: Set(zone.name().to_owned()),
        installed_at: Set(now.timestamp_micros()),
    };
    db.write_tx(async |tx| {
        Entity::insert(row.clone())
            .on_conflict(OnConflict::column(Column::Id).do_nothing().to_owned())
            .exec_without_returning(tx)
            .await
            .during("writing the installation")?;
        let operation = "reading the installation";
        let row = Entity::find_by_id(ONLY).one(tx).await.during(operation)?;
        row.ok_or_else(|| ServiceError::internal(operation, "its row is gone although it was just written"))
    })
    .await
}

async fn change(db: &Db, policy: &Policy, to: &Installation) -> Result<(), ServiceError> {
    let text = text_of(policy)?;
    db.write_tx(async |tx| {
        Entity::update_many()
            .col_expr(Column::PolicyHash, Expr::value(to.policy_hash.as_str()))
            .col_expr(Column::Policy, Expr::value(text.as_str()))
            .col_expr(Column::TimeZone, Expr::value(to.time_zone.name()))
            .filter(Column::Id.eq(ONLY))
            .exec(tx)
            .await
            .during("adopting a policy")
    })
    .await?;
    Ok(())
}

/// The policy as far as scores and alerts depend on it.
fn text_of(policy: &Policy) -> Result<String, ServiceError> {
    let unreadable = |error: toml::ser::Error| ServiceError::bad_input("policy", error.to_string());
    let mut table = toml::Table::try_from(policy).map_err(unreadable)?;
    table.remove("retention");
    toml::to_string(&table).map_err(unreadable)
}
