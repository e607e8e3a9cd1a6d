//! `rapport jobs`: what runs when, how the last run went, when the next one is due; and running one now.

use clap::{Args, Subcommand};
use service::clock::Clock;
use service::error::with_causes;
use service::job::job_batch;
use service::job::job_run::{self, JobRun, RunCounts, RunOutcome};
use service::monitoring::Meters;
use worker::jobs::{JOBS, find};
use worker::mail::{DELIVER, Mail, deliver_by_hand};
use worker::{Context, Job, Pulse, Ran};

use crate::failure::Failure;
use crate::lifecycle::stop_on_signal;
use crate::opening::{self, Ready, Schema};
use crate::output::print;
use crate::settings::Settings;

/// What to do about jobs; without anything, list them.
#[derive(Debug, Args)]
pub struct Jobs {
    #[command(subcommand)]
    action: Option<Action>,
}

/// What can be done.
#[derive(Debug, Subcommand)]
enum Action {
    /// Runs a job now
    Run {
        /// Which
        name: String,
    },
}

/// Lists the jobs, or runs one.
///
/// # Errors
/// When there is no such job, the database cannot be used, or the run fails.
pub async fn run(jobs: &Jobs, settings: &Settings) -> Result<(), Failure> {
    let clock = Clock::system();
    match &jobs.action {
        None => {
            let ready = opening::open(settings, Schema::Expect, &clock).await?;
            let mut text = String::new();
            for job in &JOBS {
                text.push_str(&describe(job, &ready, &clock).await?);
            }
            text.push_str(&describe_delivery(&ready, &clock).await?);
            Ok(print(&text)?)
        }
        Some(Action::Run { name }) => {
            if name == DELIVER {
                let ready = opening::open(settings, Schema::Expect, &clock).await?;
                let mail = opening::mail(settings, &ready.db, &clock).await?;
                return deliver(&ready.context(clock, Meters::default(), Pulse::default()), &mail).await;
            }
            let job = find(name).ok_or_else(|| {
                let names: Vec<_> = JOBS.iter().map(|job| job.name).chain([DELIVER]).collect();
                Failure::setup(format!(
                    "there is no job '{name}'; there are {}",
                    names.join(", ")
                ))
            })?;
            let ready = opening::open(settings, Schema::Expect, &clock).await?;
            run_one(job, &ready, clock).await
        }
    }
}

async fn run_one(job: &Job, ready: &Ready, clock: Clock) -> Result<(), Failure> {
    let stop = stop_on_signal()?;
    match worker::run_now(
        job,
        &ready.context(clock, Meters::default(), Pulse::default()),
        &stop,
    )
    .await
    .map_err(|error| Failure::work(with_causes(&error)))?
    {
        Ran::Done(counts) => Ok(print(&format!("{} done: {}", job.name, list(&counts)))?),
        Ran::Partial(counts, error) => {
            print(&format!("{} done in part: {}", job.name, list(&counts)))?;
            Err(Failure::work(format!("{}: {error}", job.name)))
        }
        Ran::Failed(error) => Err(Failure::work(format!("{} failed: {error}", job.name))),
        Ran::Interrupted(error) => Err(Failure::work(format!(
            "{} was interrupted: {error}; workers go on with it",
            job.name
        ))),
        Ran::Stopped => Err(Failure::work(format!(
            "{} was stopped before it was through; run it again",
            job.name
        ))),
        Ran::Nothing | Ran::Shared | Ran::Missed => Err(Failure::work(format!(
            "{} is being run by another worker",
            job.name
        ))),
    }
}

/// Delivers what is due now, and says what came of it.
async fn deliver(context: &Context, mail: &Mail) -> Result<(), Failure> {
    let stop = stop_on_signal()?;
    let counts = deliver_by_hand(context, mail, &stop).await.counts();
    let last = job_run::latest(&context.db, DELIVER, 1).await?.into_iter().next();
    match last.filter(|run| run.worker == *context.worker) {
        Some(JobRun {
            outcome: RunOutcome::Failed | RunOutcome::Partial,
            error: Some(error),
            ..
        }) => Err(Failure::work(format!("{DELIVER}: {error} ({})", list(&counts)))),
        _ => Ok(print(&format!("{DELIVER} done: {}", list(&counts)))?),
    }
}

fn list(counts: &RunCounts) -> String {
    let counts: Vec<_> = counts
        .iter()
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    if counts.is_empty() {
        "nothing to do".to_owned()
    } else {
        counts.join(", ")
    }
}

async fn describe(job: &Job, ready: &Ready, clock: &Clock) -> Result<String, Failure> {
    let schedule = job.schedule().map_err(|error| Failure::work(error.to_string()))?;
    let last = job_run::latest(&ready.db, job.name, 1).await?.into_iter().next();
    let next = schedule.next(clock.now(), ready.zone).map_or_else(
        || "never".to_owned(),
        |next| {
            format!(
                "{}{}",
                next.with_timezone(&ready.zone).format("%Y-%m-%d %H:%M %Z"),
                if job.wanted.is_some() {
                    ", if there is work"
                } else {
                    ""
                }
            )
        },
    );
    let zone = match schedule.clockwork() {
        engagement::schedule::Clockwork::Wall => ready.zone.name(),
        engagement::schedule::Clockwork::Utc => "UTC",
    };
    let shared = match &last {
        Some(last) if last.outcome == RunOutcome::Running => describe_progress(last, ready).await?,
        _ => String::new(),
    };
    Ok(format!(
        "{}\n  why       {}\n  schedule  {} ({zone})\n  last run  {}{shared}\n  next due  {next}\n",
        job.name,
        job.reason,
        schedule.pattern(),
        last.map_or_else(|| "none yet".to_owned(), |last| describe_run(&last, ready)),
    ))
}

/// How far a run has come that workers share.
async fn describe_progress(run: &JobRun, ready: &Ready) -> Result<String, Failure> {
    let progress = job_batch::progress(&ready.db, run.id).await?;
    Ok(match progress.done + progress.claimed + progress.free {
        0 => String::new(),
        all => format!(
            ": {} of {all} batches done, {} claimed",
            progress.done, progress.claimed
        ),
    })
}

/// Delivery has no slots: what matters is how much waits.
async fn describe_delivery(ready: &Ready, clock: &Clock) -> Result<String, Failure> {
    let now = clock.now();
    let depth = service::outbox::depth(&ready.db, now).await?;
    let waiting = match depth.oldest_due_at {
        Some(since) => format!(
            "{} queued, {} due, the oldest for {} s",
            depth.queued,
            depth.due,
            (now - since).num_seconds()
        ),
        None => format!("{} queued, none due", depth.queued),
    };
    let last = job_run::latest(&ready.db, DELIVER, 1).await?.into_iter().next();
    Ok(format!(
        "{DELIVER}\n  why       mail reaches people as soon as it is decided on\n  schedule  at once, whenever mail is queued\n  last run  {}\n  next due  {}\n  waiting   {waiting}\n",
        last.map_or_else(|| "none yet".to_owned(), |last| describe_run(&last, ready)),
        if depth.due > 0 {
            "now"
        } else {
            "when mail is queued"
        },
    ))
}

fn describe_run(run: &JobRun, ready: &Ready) -> String {
    let started = run
        .started_at
        .with_timezone(&ready.zone)
        .format("%Y-%m-%d %H:%M:%S %Z");
    let error = run.error.as_deref().unwrap_or("no reason recorded");
    let how = match run.outcome {
        RunOutcome::Running if run.attempts > 1 => format!("running, begun {} times", run.attempts),
        RunOutcome::Running => "running".to_owned(),
        RunOutcome::Missed => "missed".to_owned(),
        RunOutcome::Failed => format!("failed: {error}"),
        RunOutcome::Done | RunOutcome::Partial => {
            let took = run
                .finished_at
                .map_or(0, |finished| (finished - run.started_at).num_milliseconds());
            let counts = if run.counts.is_empty() {
                String::new()
            } else {
                format!(": {}", list(&run.counts))
            };
            let but = if run.outcome == RunOutcome::Partial {
                format!("; {error}")
            } else {
                String::new()
            };
            format!("done in {:.1} s{counts}{but}", took as f64 / 1000.0)
        }
    };
    format!("{started} by {}, {how}", run.worker)
}
