//! Scores: every night all of them, every minute those that changed. Any number of workers share a run.

use chrono::{Days, NaiveDate};
use engagement::windows::day_of;
use service::access::Access;
use service::alert::AlertCounts;
use service::job::job_batch::Coverage;
use service::job::recompute::{Portion, Recomputed, Which, recompute_portion};
use service::scoring::touched;
use tokio_util::sync::CancellationToken;

use crate::context::Context;
use crate::job::{BatchOutcome, Counts, JobError, Sharing};

/// How many days back a missing score is made up for.
const LOOK_BACK: u64 = 7;

/// Yesterday, which is over and becomes final; today; and what the last week lacks.
pub(super) const NIGHTLY: Sharing = Sharing {
    coverage: last_week,
    batch: |context, portion, stop| Box::pin(score(context, portion, stop)),
};

/// Today, for accounts that changed.
pub(super) const TOUCHED: Sharing = Sharing {
    coverage: |context| {
        vec![Coverage {
            day: today(context),
            which: Which::Touched,
        }]
    },
    batch: |context, portion, stop| Box::pin(score(context, portion, stop)),
};

fn last_week(context: &Context) -> Vec<Coverage> {
    let today = today(context);
    // Today first: it is what people look at in the morning.
    let whole = [0, 1].map(|days| Coverage {
        day: before(today, days),
        which: Which::All,
    });
    let missing = (2..=LOOK_BACK).map(|days| Coverage {
        day: before(today, days),
        which: Which::Missing,
    });
    whole.into_iter().chain(missing).collect()
}

/// Whether an account has changed since it was scored.
pub(super) async fn anything_touched(context: Context) -> Result<bool, JobError> {
    Ok(touched::any_due(&context.db, &Access::system(), context.clock.now()).await?)
}

/// Scores a part of a day. What is scored in it is stored batch by batch in transactions of their own: one that is dropped
/// between two of them leaves nothing half done.
async fn score(
    context: Context,
    portion: Portion,
    stop: CancellationToken,
) -> Result<BatchOutcome, JobError> {
    let (access, settings) = (Access::system(), context.settings());
    // The instant is that of now, also for a run that was begun long ago: what is scored is what is true.
    let work = recompute_portion(&context.db, &access, &settings, &portion, context.clock.now());
    let Some(done) = stop.run_until_cancelled(work).await else {
        return Ok(BatchOutcome::Stopped);
    };
    let done = done?;
    Ok(BatchOutcome::Done(counts_of(&done), done.set_aside))
}

fn counts_of(done: &Recomputed) -> Counts {
    let mut counts = Counts::from([
        ("accounts", done.accounts),
        ("not_enough_data", done.without_pattern),
        ("provisional", done.provisional),
    ]);
    if !done.set_aside.is_empty() {
        counts.insert("set_aside", done.set_aside.len() as u64);
    }
    note_alerts(&mut counts, &done.alerts);
    counts
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

fn today(context: &Context) -> NaiveDate {
    day_of(context.clock.now(), context.zone)
}

fn before(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_sub_days(Days::new(days)).unwrap_or(day)
}
