//! The schedule: every job there is, one entry each.

use chrono::TimeDelta;
use engagement::schedule::{Clockwork, UnreadablePattern};
use service::monitoring::ScheduledJob;

use super::{digests, guardrails, prune, recompute};
use crate::job::{Job, Work};

/// All jobs.
pub static JOBS: [Job; 5] = [
    Job {
        name: "recompute",
        pattern: "0 2 * * *",
        clockwork: Clockwork::Wall,
        catch_up: TimeDelta::days(7),
        reason: "yesterday becomes final, today begins, and days of the last week without scores get them",
        wanted: None,
        work: Work::Shared(recompute::NIGHTLY),
    },
    Job {
        name: "recompute_touched",
        pattern: "* * * * *",
        clockwork: Clockwork::Utc,
        catch_up: TimeDelta::minutes(2),
        reason: "today's score follows new rows within a minute",
        wanted: Some(|context| Box::pin(recompute::anything_touched(context))),
        work: Work::Shared(recompute::TOUCHED),
    },
    Job {
        name: "guardrails",
        pattern: "0 * * * *",
        clockwork: Clockwork::Utc,
        catch_up: TimeDelta::hours(1),
        reason: "alerts follow the day and the state of the feeds, snoozes end, and what nobody takes up climbs the ladder",
        wanted: None,
        work: Work::Whole(|context, stop| Box::pin(guardrails::hourly(context, stop))),
    },
    Job {
        name: "queue_digests",
        pattern: "*/15 * * * *",
        clockwork: Clockwork::Utc,
        catch_up: TimeDelta::minutes(15),
        reason: "each reader's weekly digest goes into the outbox at their day and hour, once",
        wanted: None,
        work: Work::Whole(|context, stop| Box::pin(digests::queue(context, stop))),
    },
    Job {
        name: "prune",
        pattern: "0 3 * * *",
        clockwork: Clockwork::Wall,
        catch_up: TimeDelta::days(1),
        reason: "old scores are thinned out, and old mail texts, runs and digests are not kept",
        wanted: None,
        work: Work::Whole(|context, stop| Box::pin(prune::nightly(context, stop))),
    },
];

/// The schedule, for whoever watches how it is kept.
///
/// # Errors
/// When a pattern cannot be read.
pub fn scheduled() -> Result<Vec<ScheduledJob>, UnreadablePattern> {
    JOBS.iter()
        .map(|job| {
            Ok(ScheduledJob {
                name: job.name,
                schedule: job.schedule()?,
                only_if_touched: job.wanted.is_some(),
            })
        })
        .collect()
}

/// The job of a name.
pub fn find(name: &str) -> Option<&'static Job> {
    JOBS.iter().find(|job| job.name == name)
}
