//! How things stand, as the database has it: right also when no worker runs at all. Three statements, whatever there is.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use engagement::schedule::Schedule;
use engagement::vocabulary::MessageKind;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::access::Access;
use crate::db::Db;
use crate::error::ServiceError;
use crate::job::job_run::{self, Standing};
use crate::outbox::{self, Depth};
use crate::scoring::touched;

/// A job as its schedule has it.
#[derive(Debug, Clone)]
pub struct ScheduledJob {
    /// Its name.
    pub name: &'static str,
    /// When it is due.
    pub schedule: Schedule,
    /// It has work only while accounts wait to be scored.
    pub only_if_touched: bool,
}

/// What the lag of a job is counted from.
#[derive(Debug, Clone, Copy)]
pub struct Since {
    /// What was due before it is owed by nobody.
    pub installed_at: DateTime<Utc>,
    /// The organisation's zone.
    pub zone: Tz,
}

/// How things stand.
#[derive(Debug, Clone, PartialEq)]
pub struct Vitals {
    /// Each job, in the schedule's order.
    pub jobs: Vec<JobVitals>,
    /// What waits to be sent, of every kind of message.
    pub outbox: Vec<(MessageKind, Depth)>,
    /// How many accounts wait to be scored.
    pub touched: u64,
    /// When this was read.
    pub read_at: DateTime<Utc>,
}

/// How a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobVitals {
    pub name: &'static str,
    /// For how long the oldest slot has been due that no run has ended for; zero when there is none.
    pub lag: TimeDelta,
    /// When a run last ended well.
    pub last_success_at: Option<DateTime<Utc>>,
}

impl Vitals {
    /// Reads them.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn read(
        db: &Db,
        jobs: &[ScheduledJob],
        since: Since,
        now: DateTime<Utc>,
    ) -> Result<Self, ServiceError> {
        let names: Vec<&str> = jobs.iter().map(|job| job.name).collect();
        let standings = job_run::standings(db, &names, now).await?;
        let waiting = touched::waiting(db, &Access::system()).await?;
        let depths = outbox::depth_by_kind(db, now).await?;
        let jobs = jobs
            .iter()
            .map(|job| {
                let standing = standings.get(job.name).copied().unwrap_or_default();
                let from = match (job.only_if_touched, waiting.oldest) {
                    (true, None) => None,
                    (true, Some(oldest)) => Some(oldest.max(since.installed_at)),
                    (false, _) => Some(since.installed_at),
                };
                let lag = from.map_or(TimeDelta::zero(), |from| {
                    lag(&job.schedule, standing, from, since.zone, now)
                });
                JobVitals {
                    name: job.name,
                    lag,
                    last_success_at: standing.last_success_at,
                }
            })
            .collect();
        let outbox = MessageKind::ALL
            .iter()
            .map(|kind| (*kind, depths.get(kind).copied().unwrap_or_default()))
            .collect();
        Ok(Self {
            jobs,
            outbox,
            touched: waiting.accounts,
            read_at: now,
        })
    }

    /// Puts all of it into a registry.
    pub(super) fn register(&self, registry: &mut Registry, now: DateTime<Utc>) {
        let gauges = || {
            Family::<[(&'static str, &'static str); 1], Gauge<f64, std::sync::atomic::AtomicU64>>::default()
        };
        let (lags, successes) = (gauges(), gauges());
        for job in &self.jobs {
            lags.get_or_create(&[("job", job.name)]).set(seconds(job.lag));
            if let Some(at) = job.last_success_at {
                successes
                    .get_or_create(&[("job", job.name)])
                    .set(at.timestamp_micros() as f64 / 1e6);
            }
        }
        registry.register(
            "job_lag_seconds",
            "For how long the oldest slot of a job has been due that no run has ended for",
            lags,
        );
        registry.register(
            "job_last_success_timestamp_seconds",
            "When a run of a job last ended well, in seconds since 1970",
            successes,
        );
        let (queued, due, ages) = (gauges(), gauges(), gauges());
        for (kind, depth) in &self.outbox {
            let labels = [("kind", kind.as_str())];
            queued.get_or_create(&labels).set(depth.queued as f64);
            due.get_or_create(&labels).set(depth.due as f64);
            let age = depth.oldest_due_at.map_or(TimeDelta::zero(), |since| now - since);
            ages.get_or_create(&labels).set(seconds(age));
        }
        registry.register(
            "outbox_messages",
            "Messages that wait to be sent, due or not",
            queued,
        );
        registry.register("outbox_due_messages", "Messages that are due", due);
        registry.register(
            "outbox_oldest_due_seconds",
            "For how long the message has been due that has been due longest",
            ages,
        );
        let touched = Gauge::<f64, std::sync::atomic::AtomicU64>::default();
        touched.set(self.touched as f64);
        registry.register(
            "touched_accounts",
            "Accounts that have changed since they were scored",
            touched,
        );
    }
}

/// For how long the first slot has been due after the last one that a run has ended for.
fn lag(
    schedule: &Schedule,
    standing: Standing,
    from: DateTime<Utc>,
    zone: Tz,
    now: DateTime<Utc>,
) -> TimeDelta {
    let from = standing.last_ended_slot.map_or(from, |slot| slot.max(from));
    schedule
        .next(from, zone)
        .map_or(TimeDelta::zero(), |slot| (now - slot).max(TimeDelta::zero()))
}

fn seconds(span: TimeDelta) -> f64 {
    Duration::from_micros(u64::try_from(span.num_microseconds().unwrap_or(0)).unwrap_or(0)).as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;
    use engagement::schedule::Clockwork;

    #[test]
    fn a_slot_is_behind_from_its_moment_until_a_run_has_ended() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let hourly = Schedule::parse("0 * * * *", Clockwork::Utc, TimeDelta::hours(1)).unwrap();
        let installed = at("2026-06-17T09:30:00Z");
        let lag = |ended: Option<&str>, now: &str| {
            let standing = Standing {
                last_ended_slot: ended.map(at),
                last_success_at: None,
            };
            lag(&hourly, standing, installed, Tz::UTC, at(now)).num_seconds()
        };
        assert_eq!(
            lag(None, "2026-06-17T09:59:59Z"),
            0,
            "an installation owes no past slot"
        );
        assert_eq!(lag(None, "2026-06-17T10:00:00Z"), 0);
        assert_eq!(
            lag(None, "2026-06-17T12:00:05Z"),
            7205,
            "counted from the first slot that was left"
        );
        assert_eq!(lag(Some("2026-06-17T12:00:00Z"), "2026-06-17T12:59:59Z"), 0);
        assert_eq!(lag(Some("2026-06-17T12:00:00Z"), "2026-06-17T13:00:30Z"), 30);
        assert_eq!(
            lag(Some("2026-06-17T14:00:00Z"), "2026-06-17T13:00:30Z"),
            0,
            "a clock that was set back owes nothing"
        );
    }
}
