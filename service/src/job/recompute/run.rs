//! Batch after batch, the next one being read while the last one is scored and written.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use engagement::id::AccountId;
use tokio::sync::mpsc;

use super::batch::{Batch, Keep, Scoring};
use super::request::{Progress, Recompute, Recomputed, Scope, SetAside};
use super::selection::{Portion, Span, count};
use crate::access::Access;
use crate::db::Db;
use crate::error::ServiceError;
use crate::record::account::external_ids;
use crate::settings::Settings;

/// Scores accounts for the policy's standard period and stores one row for each. Where it is the present score, the
/// accounts' alerts follow it in the same transaction. An account that cannot be scored keeps no other from its score.
///
/// # Errors
/// Those of the database, and what keeps many accounts from being scored. Batches that were stored before stay.
pub async fn recompute(
    db: &Db,
    access: &Access,
    settings: &Settings,
    request: &Recompute,
    progress: impl Fn(Progress),
) -> Result<Recomputed, ServiceError> {
    run(
        db,
        access,
        settings,
        request,
        Span::default(),
        Keep::Scores,
        progress,
    )
    .await
}

/// Scores a portion of a shared run.
///
/// # Errors
/// As [`recompute()`].
pub async fn recompute_portion(
    db: &Db,
    access: &Access,
    settings: &Settings,
    portion: &Portion,
    as_of: DateTime<Utc>,
) -> Result<Recomputed, ServiceError> {
    run(
        db,
        access,
        settings,
        &portion.request(as_of),
        portion.span(),
        Keep::Scores,
        |_| {},
    )
    .await
}

/// Lets the alerts of all customers follow what is true now, without storing a score.
///
/// # Errors
/// As [`recompute()`].
pub(crate) async fn examine(
    db: &Db,
    access: &Access,
    settings: &Settings,
    as_of: DateTime<Utc>,
) -> Result<Recomputed, ServiceError> {
    let request = Recompute {
        as_of,
        ending_on: settings.day_of(as_of),
        scope: Scope::All,
    };
    run(
        db,
        access,
        settings,
        &request,
        Span::default(),
        Keep::Alerts,
        |_| {},
    )
    .await
}

pub(super) async fn run(
    db: &Db,
    access: &Access,
    settings: &Settings,
    request: &Recompute,
    span: Span,
    keep: Keep,
    progress: impl Fn(Progress),
) -> Result<Recomputed, ServiceError> {
    let scoring = Arc::new(Scoring::prepare(db, access, settings, request, keep).await?);
    scoring.forget_former().await?;
    let total = count(db, access, request, span).await?;
    let mut done = Recomputed::default();
    progress(Progress { done: 0, total });
    // One batch waits while another is scored and written: the database reads ahead by no more than that.
    let (sender, mut batches) = mpsc::channel(1);
    let reading = tokio::spawn(read_on(Arc::clone(&scoring), span, sender));
    while let Some(read) = batches.recv().await {
        let Read { ids, batch } = read?;
        match scoring.finish(batch).await {
            Ok(part) => done.add(&part),
            Err(error) if error.is_passing() => return Err(error),
            Err(error) => done.add(&scoring.set_aside(ids, error, done.set_aside.len()).await?),
        }
        progress(Progress {
            done: done.accounts,
            total,
        });
    }
    // It has ended, or the channel would be open; a panic in it is a bug that must not look like the end of the list.
    reading
        .await
        .map_err(|error| ServiceError::internal("reading accounts to score", error))?;
    name(db, access, &mut done.set_aside).await?;
    Ok(done)
}

/// A batch, read or not.
pub(super) struct Read {
    ids: Vec<AccountId>,
    batch: Result<Batch, ServiceError>,
}

/// Reads batch after batch of a span.
async fn read_on(scoring: Arc<Scoring>, mut span: Span, batches: mpsc::Sender<Result<Read, ServiceError>>) {
    loop {
        let read = match scoring.next(span).await {
            Ok(ids) => {
                let Some(last) = ids.last() else { return };
                span.after = Some(*last);
                let batch = scoring.read(&ids).await;
                Ok(Read { ids, batch })
            }
            Err(error) => Err(error),
        };
        let failed = read.is_err();
        // Nobody listens any more when a write has failed.
        if batches.send(read).await.is_err() || failed {
            return;
        }
    }
}

/// Says of accounts what imports call them.
pub(super) async fn name(db: &Db, access: &Access, set_aside: &mut [SetAside]) -> Result<(), ServiceError> {
    if set_aside.is_empty() {
        return Ok(());
    }
    let ids: Vec<AccountId> = set_aside.iter().filter_map(|one| one.account).collect();
    let names = external_ids(db, access, &ids).await?;
    for one in set_aside {
        if let Some(name) = one.account.and_then(|account| names.get(&account)) {
            name.clone_into(&mut one.name);
        }
    }
    Ok(())
}
