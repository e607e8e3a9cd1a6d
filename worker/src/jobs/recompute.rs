//! Scores: every night all of them, every minute those that changed.

use chrono::{Days, NaiveDate};
use engagement::windows::day_of;
use service::access::Access;
use service::alert::AlertCounts;
use service::assessment::missing_on;
use service::error::ServiceError;
use service::recompute::{Recompute, Recomputed, Scope, recompute};
use service::touched;
use tokio_util::sync::CancellationToken;

use crate::context::Context;
use crate::job::{Counts, JobError, Outcome};

/// How many days back a missing score is made up for.
const LOOK_BACK: u64 = 7;

/// Yesterday, which is over and becomes final; today; and what the last week lacks.
pub(super) async fn nightly(context: Context, stop: CancellationToken) -> Result<Outcome, JobError> {
    let today = day_of(context.clock.now(), context.zone);
    let yesterday = before(today, 1);
    let mut counts = Counts::from([("days", 0)]);
    // Today first: it is what people look at in the morning.
    for (day, scope) in [(today, Scope::All), (yesterday, Scope::All)] {
        if !score(&context, &stop, day, scope, &mut counts).await? {
            return Ok(Outcome::Stopped);
        }
    }
    for day in (2..=LOOK_BACK).map(|days| before(today, days)) {
        let missing = missing_on(&context.db, &Access::system(), day).await.map_err(failed)?;
        if !missing.is_empty() && !score(&context, &stop, day, Scope::Accounts(missing), &mut counts).await? {
            return Ok(Outcome::Stopped);
        }
    }
    Ok(Outcome::Done(counts))
}

/// Whether an account has changed since it was scored.
pub(super) async fn anything_touched(context: Context) -> Result<bool, JobError> {
    Ok(touched::count(&context.db, &Access::system()).await.map_err(failed)? > 0)
}

/// Today, for accounts that changed.
pub(super) async fn touched(context: Context, stop: CancellationToken) -> Result<Outcome, JobError> {
    let mut counts = Counts::new();
    let today = day_of(context.clock.now(), context.zone);
    let done = score(&context, &stop, today, Scope::Touched, &mut counts).await?;
    Ok(if done { Outcome::Done(counts) } else { Outcome::Stopped })
}

/// Scores a day; `false` when it was stopped. Batches are transactions of their own, and a run that is dropped between
/// two of them leaves nothing half done.
async fn score(context: &Context, stop: &CancellationToken, day: NaiveDate, scope: Scope, counts: &mut Counts) -> Result<bool, JobError> {
    let request = Recompute { as_of: context.clock.now(), ending_on: day, scope };
    let access = Access::system();
    let settings = context.settings();
    let work = recompute(&context.db, &access, &settings, &request, |_| {});
    let Some(done) = stop.run_until_cancelled(work).await else { return Ok(false) };
    note(counts, &done.map_err(failed)?);
    Ok(true)
}

fn note(counts: &mut Counts, done: &Recomputed) {
    let mut add = |name, more| *counts.entry(name).or_default() += more;
    add("days", 1);
    add("accounts", done.accounts);
    add("not_enough_data", done.without_pattern);
    add("provisional", done.provisional);
    note_alerts(counts, &done.alerts);
}

/// What became of alerts; nothing where nothing did.
pub(super) fn note_alerts(counts: &mut Counts, alerts: &AlertCounts) {
    let changes = [
        ("alerts_opened", alerts.opened),
        ("alerts_reopened", alerts.reopened),
        ("alerts_raised", alerts.raised),
        ("alerts_resolved", alerts.resolved),
        ("alerts_returned", alerts.returned),
        ("messages", alerts.messages),
    ];
    for (name, more) in changes.into_iter().filter(|(_, more)| *more > 0) {
        *counts.entry(name).or_default() += more;
    }
}

fn before(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_sub_days(Days::new(days)).unwrap_or(day)
}

/// The error with its causes: the ledger is read by operators.
#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
pub(super) fn failed(error: ServiceError) -> JobError {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    JobError(text)
}
