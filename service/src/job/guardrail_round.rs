//! The hourly round over everything: alerts of customers, of accounts that are none any more, and of the installation as a
//! whole; with them the ladder, which climbs by the hour, and snoozes that end.

use chrono::{DateTime, NaiveDate, Utc};
use engagement::alert::lifecycle::Conditions;
use engagement::alert::{AlertRule, Condition};
use engagement::id::AccountId;
use engagement::vocabulary::AlertStatus;
use entity::{account, alert};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::recompute::{SetAside, examine};
use crate::access::{Access, visible_accounts};
use crate::alert::evaluation::{AlertCounts, follow};
use crate::alert::feed::StaleFeeds;
use crate::alert::installation::{follow_installation, for_responsible};
use crate::alert::joining;
use crate::alert::round::{Examined, Round};
use crate::db::{Db, Tx};
use crate::engagement_rows::silent_owners::SilentOwners;
use crate::error::{During, ServiceError};
use crate::record::account::is_active;
use crate::settings::Settings;

/// Accounts that are no customers any more, per transaction.
const BATCH: usize = 500;

/// What a round over everything did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Watched {
    /// Customers that were looked at.
    pub accounts: u64,
    /// Feeds that are stale.
    pub stale_feeds: u64,
    /// Users who have stopped recording.
    pub silent_owners: u64,
    /// What became of the alerts.
    pub alerts: AlertCounts,
    /// Customers that could not be looked at.
    pub set_aside: Vec<SetAside>,
}

/// Lets every alert follow what is true now.
///
/// # Errors
/// Those of the database. Batches that were written before stay.
pub async fn watch(
    db: &Db,
    access: &Access,
    settings: &Settings,
    at: DateTime<Utc>,
) -> Result<Watched, ServiceError> {
    let today = settings.day_of(at);
    let mut watched = Watched::default();
    let stale = StaleFeeds::read(db.read(), settings, today).await?;
    watched.stale_feeds = stale.feeds.len() as u64;
    let silent = SilentOwners::read(db.read(), &settings.windows(today, at))
        .await?
        .conditions(today);
    watched.silent_owners = silent.len() as u64;
    watched
        .alerts
        .add(&of_installation(db, settings, at, stale, silent).await?);
    for accounts in former_customers(db, access, today).await?.chunks(BATCH) {
        let examined: Vec<Examined<'_>> = accounts.iter().copied().map(Examined::Over).collect();
        let round = Round {
            day: today,
            at,
            stale: &[],
            only: None,
        };
        let follow = async |tx: &Tx| {
            let mut done = follow(tx, settings, &round, &examined).await?;
            done.counts.messages += joining::queue(tx, at, done.messages).await?;
            Ok(done.counts)
        };
        watched.alerts.add(&db.write_tx(follow).await?);
    }
    let examined = examine(db, access, settings, at).await?;
    watched.accounts = examined.accounts;
    watched.alerts.add(&examined.alerts);
    watched.set_aside = examined.set_aside;
    Ok(watched)
}

/// Accounts with alerts that are not resolved although they are customers no more.
async fn former_customers(
    db: &Db,
    access: &Access,
    today: NaiveDate,
) -> Result<Vec<AccountId>, ServiceError> {
    let unresolved = Query::select()
        .expr(Expr::val(1))
        .from(alert::Entity)
        .and_where(
            Expr::col((alert::Entity, alert::Column::AccountKey))
                .equals((account::Entity, account::Column::Id)),
        )
        .and_where(Expr::col((alert::Entity, alert::Column::Status)).ne(AlertStatus::Resolved.as_str()))
        .to_owned();
    let ids: Vec<Uuid> = account::Entity::find()
        .select_only()
        .column(account::Column::Id)
        .filter(visible_accounts(access, (account::Entity, account::Column::Id)))
        .filter(is_active(today).not())
        .filter(Expr::exists(unresolved))
        .order_by_asc(account::Column::Id)
        .into_tuple()
        .all(db.read())
        .await
        .during("looking for former customers with alerts")?;
    Ok(ids.into_iter().map(AccountId::from).collect())
}

/// The alerts that are about no account: feeds that have dried up, users who have stopped recording. What else there is of them
/// only wakes and climbs.
async fn of_installation(
    db: &Db,
    settings: &Settings,
    at: DateTime<Utc>,
    stale: StaleFeeds,
    silent: Vec<Condition>,
) -> Result<AlertCounts, ServiceError> {
    const LOOKED_AT: [AlertRule; 2] = [AlertRule::DataStale, AlertRule::OwnerSilent];
    let stands_still = |rule: &AlertRule| {
        !LOOKED_AT.contains(rule) || rule.feeds().iter().any(|feed| stale.feeds.contains(feed))
    };
    let unknown = AlertRule::ALL.iter().copied().filter(stands_still).collect();
    let hold = stale.conditions.into_iter().chain(silent).collect();
    let found = Conditions {
        over: false,
        hold,
        unknown,
        covered: vec![],
    };
    db.write_tx(async |tx| {
        let mut followed = follow_installation(tx, settings, at, &found, |_| true).await?;
        followed
            .messages
            .extend(for_responsible(tx, settings, at, &followed.opened, |_, _| false).await?);
        followed.counts.messages += joining::queue(tx, at, followed.messages).await?;
        Ok(followed.counts)
    })
    .await
}
