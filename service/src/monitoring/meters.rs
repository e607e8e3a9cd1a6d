//! What this process has done since it started: counters and histograms, fed where it happens. Cheap to clone; made once
//! by whoever starts the process and handed to the API and the worker.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use engagement::vocabulary::MessageKind;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Labels: names, and values that are words of ours.
type Labels<const N: usize> = [(&'static str, Cow<'static, str>); N];
type Counters<const N: usize> = Family<Labels<N>, Counter>;
type Histograms<const N: usize> = Family<Labels<N>, Histogram, fn() -> Histogram>;

/// What a GraphQL request may do; `none` where it was refused before that was known.
const OPERATIONS: [&str; 4] = ["query", "mutation", "subscription", "none"];
/// The code of an answer without errors.
const NO_ERROR: &str = "OK";

/// How a slot of a job ended, in this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotOutcome {
    /// It ran through.
    Done,
    /// It ran through but for what the ledger names.
    Partial,
    /// It failed.
    Failed,
    /// We had a part in it, and others finished it.
    Shared,
    /// It was stopped, and what was claimed of it handed back.
    Stopped,
    /// The database was away, or the like: it is tried again.
    Interrupted,
    /// It was too long ago to be made up for.
    Missed,
}

impl SlotOutcome {
    const ALL: [Self; 7] = [
        Self::Done,
        Self::Partial,
        Self::Failed,
        Self::Shared,
        Self::Stopped,
        Self::Interrupted,
        Self::Missed,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::Shared => "shared",
            Self::Stopped => "stopped",
            Self::Interrupted => "interrupted",
            Self::Missed => "missed",
        }
    }
}

/// What became of a message, in this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailOutcome {
    /// The mail server took it.
    Sent,
    /// It was tried in vain and is tried again.
    Retried,
    /// It was given up.
    Failed,
    /// It was not wanted any more.
    Canceled,
}

impl MailOutcome {
    const ALL: [Self; 4] = [Self::Sent, Self::Retried, Self::Failed, Self::Canceled];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Retried => "retried",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }
}

/// Everything that is counted and timed.
#[derive(Debug, Clone)]
pub struct Meters(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    job_runs: Counters<2>,
    job_durations: Histograms<1>,
    mails: Counters<2>,
    mail_attempts: Histograms<1>,
    escalations: Histograms<1>,
    http_requests: Counters<3>,
    http_durations: Histograms<1>,
    graphql_requests: Counters<2>,
    graphql_durations: Histograms<1>,
}

impl Default for Meters {
    fn default() -> Self {
        let meters = Self(Arc::new(Inner {
            job_runs: Family::default(),
            job_durations: Family::new_with_constructor(|| {
                Histogram::new([0.01, 0.05, 0.25, 1.0, 5.0, 15.0, 60.0, 300.0, 1800.0])
            }),
            mails: Family::default(),
            mail_attempts: Family::new_with_constructor(|| {
                Histogram::new([0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 15.0, 45.0])
            }),
            escalations: Family::new_with_constructor(|| {
                Histogram::new([
                    0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0,
                ])
            }),
            http_requests: Family::default(),
            http_durations: Family::new_with_constructor(request_durations),
            graphql_requests: Family::default(),
            graphql_durations: Family::new_with_constructor(request_durations),
        }));
        meters.begin_at_zero();
        meters
    }
}

fn request_durations() -> Histogram {
    Histogram::new([
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
    ])
}

impl Meters {
    /// What is known to happen some day is there from the beginning, with zero: a rate needs a value before the first event.
    fn begin_at_zero(&self) {
        for kind in MessageKind::ALL {
            for outcome in MailOutcome::ALL {
                drop(self.0.mails.get_or_create(&mail_labels(*kind, outcome)));
            }
            drop(
                self.0
                    .mail_attempts
                    .get_or_create(&[("kind", kind.as_str().into())]),
            );
            if kind.is_escalation() {
                drop(
                    self.0
                        .escalations
                        .get_or_create(&[("kind", kind.as_str().into())]),
                );
            }
        }
        for operation in OPERATIONS {
            drop(
                self.0
                    .graphql_durations
                    .get_or_create(&[("operation", operation.into())]),
            );
            if operation != "none" {
                drop(
                    self.0
                        .graphql_requests
                        .get_or_create(&[("operation", operation.into()), ("code", NO_ERROR.into())]),
                );
            }
        }
    }

    /// Lets the counters of a job begin at zero.
    pub(super) fn know_job(&self, job: &'static str) {
        for outcome in SlotOutcome::ALL {
            drop(self.0.job_runs.get_or_create(&run_labels(job, outcome)));
        }
        drop(self.0.job_durations.get_or_create(&[("job", job.into())]));
    }

    /// A run of a job, or our part in it, ended after so long.
    pub fn job_ran(&self, job: &'static str, outcome: SlotOutcome, took: Duration) {
        self.0.job_runs.get_or_create(&run_labels(job, outcome)).inc();
        self.0
            .job_durations
            .get_or_create(&[("job", job.into())])
            .observe(took.as_secs_f64());
    }

    /// A slot of a job was too long ago to be made up for.
    pub fn job_missed(&self, job: &'static str) {
        self.0
            .job_runs
            .get_or_create(&run_labels(job, SlotOutcome::Missed))
            .inc();
    }

    /// Something became of a message.
    pub fn mail_ended(&self, kind: MessageKind, outcome: MailOutcome) {
        self.0.mails.get_or_create(&mail_labels(kind, outcome)).inc();
    }

    /// An attempt to send a message took so long.
    pub fn mail_attempted(&self, kind: MessageKind, took: Duration) {
        self.0
            .mail_attempts
            .get_or_create(&[("kind", kind.as_str().into())])
            .observe(took.as_secs_f64());
    }

    /// The mail server took a message so long after it was queued, or due if that was later. Only escalations are timed.
    pub fn mail_accepted(&self, kind: MessageKind, after: TimeDelta) {
        if kind.is_escalation() {
            let seconds = after.num_milliseconds().max(0) as f64 / 1000.0;
            self.0
                .escalations
                .get_or_create(&[("kind", kind.as_str().into())])
                .observe(seconds);
        }
    }

    /// An HTTP request was answered. The route is a pattern of ours, never the path.
    pub fn http_answered(&self, method: &str, route: Option<String>, status: u16, took: Duration) {
        let method = ["GET", "POST", "HEAD", "OPTIONS"]
            .into_iter()
            .find(|known| *known == method)
            .unwrap_or("OTHER");
        let route: Cow<'static, str> = route.map_or(Cow::Borrowed("none"), Cow::Owned);
        self.0
            .http_durations
            .get_or_create(&[("route", route.clone())])
            .observe(took.as_secs_f64());
        self.0
            .http_requests
            .get_or_create(&[
                ("method", method.into()),
                ("route", route),
                ("status", status.to_string().into()),
            ])
            .inc();
    }

    /// A GraphQL request was answered; `code` is the code of its first error. `operation` is `query`, `mutation` or
    /// `subscription`, absent where it was refused before that was known.
    pub fn graphql_answered(
        &self,
        operation: Option<&'static str>,
        code: Option<&'static str>,
        took: Duration,
    ) {
        let (operation, code) = (operation.unwrap_or("none"), code.unwrap_or(NO_ERROR));
        self.0
            .graphql_durations
            .get_or_create(&[("operation", operation.into())])
            .observe(took.as_secs_f64());
        self.0
            .graphql_requests
            .get_or_create(&[("operation", operation.into()), ("code", code.into())])
            .inc();
    }

    /// Puts all of it into a registry.
    pub(super) fn register(&self, registry: &mut Registry) {
        let inner = &self.0;
        registry.register(
            "job_runs",
            "Runs of jobs in this process, by how they ended",
            inner.job_runs.clone(),
        );
        registry.register(
            "job_duration_seconds",
            "How long runs of jobs took",
            inner.job_durations.clone(),
        );
        registry.register(
            "mails",
            "What became of messages in this process",
            inner.mails.clone(),
        );
        registry.register(
            "mail_attempt_duration_seconds",
            "How long attempts to send a message took",
            inner.mail_attempts.clone(),
        );
        registry.register(
            "escalation_latency_seconds",
            "From the moment an escalation was queued, or due, until the mail server took it",
            inner.escalations.clone(),
        );
        registry.register(
            "http_requests",
            "HTTP requests answered",
            inner.http_requests.clone(),
        );
        registry.register(
            "http_request_duration_seconds",
            "How long answering HTTP requests took",
            inner.http_durations.clone(),
        );
        registry.register(
            "graphql_requests",
            "GraphQL requests answered, by the code of their first error",
            inner.graphql_requests.clone(),
        );
        registry.register(
            "graphql_request_duration_seconds",
            "How long answering GraphQL requests took",
            inner.graphql_durations.clone(),
        );
    }
}

fn run_labels(job: &'static str, outcome: SlotOutcome) -> Labels<2> {
    [("job", job.into()), ("outcome", outcome.as_str().into())]
}

fn mail_labels(kind: MessageKind, outcome: MailOutcome) -> Labels<2> {
    [
        ("kind", kind.as_str().into()),
        ("outcome", outcome.as_str().into()),
    ]
}
