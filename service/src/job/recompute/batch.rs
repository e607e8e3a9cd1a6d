//! From the ids of a batch of accounts to what is written about them: read, score, write, each for all of them at once. One
//! that cannot be scored is found by halves and set aside; the others are scored all the same.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;
use engagement::id::AccountId;
use engagement::row::AccountRows;
use engagement::windows::Windows;
use uuid::Uuid;

use super::request::{Recompute, Recomputed, Scope, SetAside};
use super::selection::{self, Span};
use crate::access::Access;
use crate::alert::evaluation::{self, AlertCounts};
use crate::alert::feed::StaleFeeds;
use crate::alert::joining;
use crate::alert::round::{Examined, Round};
use crate::db::{Db, Tx};
use crate::engagement_rows::{Organisation, load};
use crate::error::ServiceError;
use crate::policy::hash;
use crate::record::account::hold_all;
use crate::scoring::account_standing::{self, outlived};
use crate::scoring::store::{Run, store};
use crate::scoring::{ScoredAccount, sponsor_level, touched};
use crate::settings::Settings;

/// As many accounts may be set aside in one go. Where there are more, it is not the accounts.
const MOST_SET_ASIDE: usize = 50;

/// What of an evaluation is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// The scores, and the alerts.
    Scores,
    /// The alerts.
    Alerts,
}

/// Everything that is the same for all batches of a request.
pub(super) struct Scoring {
    db: Db,
    access: Access,
    settings: Settings,
    request: Recompute,
    keep: Keep,
    windows: Windows,
    organisation: Arc<Organisation>,
    run: Run,
    /// The day of the evaluation itself, whatever day is scored.
    today: NaiveDate,
    /// Whether it is about today: only that settles the notes of changes, and only that do alerts follow.
    present: bool,
    stale: StaleFeeds,
}

/// A batch that has been read.
pub(super) struct Batch {
    rows: Vec<AccountRows>,
    /// Accounts that are no customers any more.
    over: Vec<AccountId>,
    notes: HashMap<Uuid, i64>,
}

struct Scored {
    accounts: Vec<ScoredAccount>,
    counts: Recomputed,
}

impl Scoring {
    /// Reads what is the same for all.
    pub(super) async fn prepare(
        db: &Db,
        access: &Access,
        settings: &Settings,
        request: &Recompute,
        keep: Keep,
    ) -> Result<Self, ServiceError> {
        let windows = settings.windows(request.ending_on, request.as_of);
        let organisation = Arc::new(Organisation::read(db, &windows).await?);
        let run = Run {
            as_of: windows.at,
            data_through: organisation.data_through,
            policy_hash: hash(&settings.policy),
        };
        let today = settings.day_of(request.as_of);
        let present = request.ending_on == today;
        let stale = if present {
            StaleFeeds::read(db.read(), settings, request.ending_on).await?
        } else {
            StaleFeeds::default()
        };
        Ok(Self {
            db: db.clone(),
            access: access.clone(),
            settings: settings.clone(),
            request: request.clone(),
            keep,
            windows,
            organisation,
            run,
            today,
            present,
            stale,
        })
    }

    /// Takes their standing from accounts that have ceased to be customers without anybody touching them. They are in no batch.
    pub(super) async fn forget_former(&self) -> Result<(), ServiceError> {
        if !self.present
            || self.keep != Keep::Scores
            || !matches!(self.request.scope, Scope::All | Scope::Missing)
        {
            return Ok(());
        }
        let former = outlived(&self.db, &self.access, self.today).await?;
        if former.is_empty() {
            return Ok(());
        }
        let keep = async |tx: &Tx| {
            hold_all(tx, &former).await?;
            account_standing::keep(tx, self.today, &former).await
        };
        self.db.write_tx(keep).await
    }

    /// The accounts of the next batch of a span; none at its end.
    pub(super) async fn next(&self, span: Span) -> Result<Vec<AccountId>, ServiceError> {
        selection::next(&self.db, &self.access, &self.request, span).await
    }

    /// Reads the rows of some accounts.
    pub(super) async fn read(&self, ids: &[AccountId]) -> Result<Batch, ServiceError> {
        let notes = if self.present {
            touched::notes(&self.db, ids, self.request.as_of).await?
        } else {
            HashMap::new()
        };
        let mut rows = load(&self.db, &self.access, &self.organisation, &self.windows, ids).await?;
        let is_over = |rows: &AccountRows| !rows.account.is_active_on(self.request.ending_on);
        let over = rows
            .iter()
            .filter(|rows| is_over(rows))
            .map(|rows| rows.account.id)
            .collect();
        rows.retain(|rows| !is_over(rows));
        Ok(Batch { rows, over, notes })
    }

    /// Scores what was read, and writes it in one transaction.
    pub(super) async fn finish(
        &self,
        batch: Result<Batch, ServiceError>,
    ) -> Result<Recomputed, ServiceError> {
        let Batch { rows, over, notes } = batch?;
        let Scored { accounts, mut counts } = self.score(rows).await?;
        counts.alerts = self
            .db
            .write_tx(async |tx| self.write(tx, &accounts, &over, &notes).await)
            .await?;
        Ok(counts)
    }

    /// Scores, off the threads that serve requests.
    async fn score(&self, rows: Vec<AccountRows>) -> Result<Scored, ServiceError> {
        let accounts = ScoredAccount::of_all(
            self.db.read(),
            rows,
            &self.organisation,
            &self.settings.policy,
            &self.windows,
        )
        .await?;
        let mut counts = Recomputed::default();
        for account in &accounts {
            counts.count(&account.evaluation.assessment);
        }
        Ok(Scored { accounts, counts })
    }

    async fn write(
        &self,
        tx: &Tx,
        scored: &[ScoredAccount],
        over: &[AccountId],
        notes: &HashMap<Uuid, i64>,
    ) -> Result<AlertCounts, ServiceError> {
        let day = self.request.ending_on;
        let accounts: Vec<AccountId> = scored
            .iter()
            .map(|account| account.rows.account.id)
            .chain(over.iter().copied())
            .collect();
        // Accounts before everything else, as everywhere: so nobody waits for somebody who waits for them.
        hold_all(tx, &accounts).await?;
        if self.keep == Keep::Scores {
            store(
                tx,
                scored
                    .iter()
                    .map(|account| account.to_row(&self.run, &self.settings.policy))
                    .collect(),
            )
            .await?;
            account_standing::keep(tx, self.today, &accounts).await?;
            sponsor_level::record(
                tx,
                day,
                scored
                    .iter()
                    .map(|account| (&account.rows, &account.evaluation.sponsors)),
            )
            .await?;
        }
        if !self.present {
            return Ok(AlertCounts::default());
        }
        let renewed = touched::renewed(tx, &accounts, notes).await?;
        if self.keep == Keep::Scores {
            touched::settle(tx, notes).await?;
        }
        // What has changed since it was read is examined in a minute, when that is read.
        let examined: Vec<Examined<'_>> = scored
            .iter()
            .map(Examined::Customer)
            .chain(over.iter().map(|account| Examined::Over(*account)))
            .filter(|examined| !renewed.contains(&examined.account()))
            .collect();
        let round = Round {
            day,
            at: self.request.as_of,
            stale: &self.stale.feeds,
            only: None,
        };
        let mut done = evaluation::follow(tx, &self.settings, &round, &examined).await?;
        done.counts.messages += joining::queue(tx, round.at, done.messages).await?;
        Ok(done.counts)
    }

    /// Finds the accounts that keep a batch from being scored, by halves, and scores the others. Where more than
    /// [`MOST_SET_ASIDE`] cannot be scored, `already` included, the error is that of all.
    pub(super) async fn set_aside(
        &self,
        ids: Vec<AccountId>,
        error: ServiceError,
        already: usize,
    ) -> Result<Recomputed, ServiceError> {
        let mut done = Recomputed::default();
        let mut left = vec![(ids, error)];
        while let Some((ids, error)) = left.pop() {
            if already + done.set_aside.len() + left.len() >= MOST_SET_ASIDE {
                return Err(error);
            }
            if let [account] = ids[..] {
                tracing::error!(%account, day = %self.request.ending_on, error = &error as &dyn std::error::Error, "an account cannot be scored");
                if self.present && self.keep == Keep::Scores {
                    touched::put_off(&self.db, account, self.request.as_of).await?;
                }
                let (day, name) = (self.request.ending_on, account.to_string());
                done.set_aside.push(SetAside {
                    account: Some(account),
                    day,
                    name,
                    reason: reason(&error),
                });
                continue;
            }
            let (one, other) = ids.split_at(ids.len() / 2);
            for half in [one, other] {
                match self.finish(self.read(half).await).await {
                    Ok(part) => done.add(&part),
                    Err(error) if error.is_passing() => return Err(error),
                    Err(error) => left.push((half.to_vec(), error)),
                }
            }
        }
        Ok(done)
    }
}

/// Why an account cannot be scored, for the ledger: without what its rows hold, which the log says.
fn reason(error: &ServiceError) -> String {
    match error {
        ServiceError::Stored { table, column, .. } => {
            format!("{table}.{column} holds what this binary does not know")
        }
        ServiceError::Database { operation, .. } | ServiceError::Internal { operation, .. } => {
            format!("{operation} failed, the log says why")
        }
        other => other.to_string(),
    }
}
