//! Alerts that cannot wait for the next score: a departure, and what a person has just looked at. Their rules are judged in
//! the transaction that wrote the cause, over the rows as that transaction sees them.

use std::sync::Arc;

use engagement::alert::AlertRule;
use engagement::id::AccountId;

use super::evaluation::{RoundResult, follow};
use super::round::{Examined, Round};
use crate::clock::Moment;
use crate::db::Tx;
use crate::engagement_rows::{Organisation, load_within};
use crate::error::ServiceError;
use crate::scoring::ScoredAccount;
use crate::settings::Settings;

/// Accounts whose rows are in memory at a time.
const BATCH: usize = 50;

/// Lets the alerts of some rules follow, for a few accounts, which the caller holds. None of these rules depends on a feed.
/// The caller queues the messages, with whatever else the transaction has to say.
///
/// # Errors
/// Those of the database.
pub(crate) async fn follow_within(
    tx: &Tx,
    settings: &Settings,
    moment: Moment,
    accounts: &[AccountId],
    only: &'static [AlertRule],
) -> Result<RoundResult, ServiceError> {
    let mut result = RoundResult::default();
    if accounts.is_empty() {
        return Ok(result);
    }
    let windows = settings.windows(moment.today, moment.now);
    let organisation = Arc::new(Organisation::read_from(tx, &windows).await?);
    let round = Round {
        day: moment.today,
        at: moment.now,
        stale: &[],
        only: Some(only),
    };
    for accounts in accounts.chunks(BATCH) {
        let rows = load_within(tx, &organisation, &windows, accounts).await?;
        let customers = rows
            .into_iter()
            .filter(|rows| rows.account.is_active_on(moment.today))
            .collect();
        let scored = ScoredAccount::of_all(tx, customers, &organisation, &settings.policy, &windows).await?;
        let examined: Vec<Examined<'_>> = scored.iter().map(Examined::Customer).collect();
        result.add(follow(tx, settings, &round, &examined).await?);
    }
    Ok(result)
}
