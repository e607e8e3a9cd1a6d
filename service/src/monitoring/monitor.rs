//! Whoever asks how this process does: `/metrics` and `/readyz`. Reading the database is bounded in time and, for
//! `/metrics`, in how often: however many scrape, and however often, they cost one reading every few seconds.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::exposition::render;
use super::meters::Meters;
use super::process::Process;
use super::vitals::{ScheduledJob, Since, Vitals};
use crate::clock::Clock;
use crate::db::schema::check_schema;
use crate::db::shared_clock::measure;
use crate::db::{Db, Role};
use crate::error::ServiceError;
use crate::monitoring::heartbeat;

/// How long what was read from the database counts as news.
const FRESH: TimeDelta = TimeDelta::seconds(5);
/// How long the database may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// Whoever asks more often whether this process is ready hears what was found last: asking must not be a way to have the
/// database write.
const BEAT: Duration = Duration::from_secs(1);

/// Something that has to be well for this process to be ready, beside the database: says what is wrong.
pub type Check = Arc<dyn Fn() -> Vec<String> + Send + Sync>;

/// Answers for this process; cheap to clone.
#[derive(Clone)]
pub struct Monitor {
    db: Db,
    clock: Clock,
    meters: Meters,
    jobs: Arc<[ScheduledJob]>,
    since: Since,
    started_at: DateTime<Utc>,
    checks: Vec<Check>,
    read: Arc<Mutex<Option<Reading>>>,
    beat: Arc<Mutex<Option<Beat>>>,
}

/// What was read last: absent vitals where the database did not answer.
#[derive(Debug, Clone)]
struct Reading {
    at: DateTime<Utc>,
    vitals: Option<Vitals>,
}

/// What came of the last write, and when that was: why the database takes none, where it takes none.
#[derive(Debug, Clone)]
struct Beat {
    at: Instant,
    found: Option<String>,
}

impl fmt::Debug for Monitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Monitor")
            .field("db", &self.db.url())
            .field("checks", &self.checks.len())
            .finish_non_exhaustive()
    }
}

impl Monitor {
    /// Watches a process that has just started.
    pub fn new(db: &Db, clock: Clock, jobs: Vec<ScheduledJob>, since: Since) -> Self {
        let meters = Meters::default();
        for job in &jobs {
            meters.know_job(job.name);
        }
        let started_at = clock.now();
        // On connections that nobody else can take.
        let db = db.for_role(Role::Health);
        let (read, beat) = (Arc::default(), Arc::default());
        Self {
            db,
            clock,
            meters,
            jobs: jobs.into(),
            since,
            started_at,
            checks: Vec::new(),
            read,
            beat,
        }
    }

    /// What this process counts.
    pub fn meters(&self) -> &Meters {
        &self.meters
    }

    /// Adds something that has to be well.
    #[must_use]
    pub fn with_check(mut self, check: Check) -> Self {
        self.checks.push(check);
        self
    }

    /// Why this process cannot do its work: all of it; nothing when it can. For anybody: without hosts and paths.
    pub async fn obstacles(&self) -> Vec<String> {
        let mut obstacles: Vec<String> = self.checks.iter().flat_map(|check| check()).collect();
        if let Some(obstacle) = self.database().await {
            obstacles.insert(0, obstacle);
        }
        if !obstacles.is_empty() {
            tracing::warn!(?obstacles, "not ready");
        }
        obstacles
    }

    /// What is wrong with the database: whether it answers, has the schema of this binary, and takes a write.
    async fn database(&self) -> Option<String> {
        let checked = timeout(PATIENCE, async {
            self.db.ping().await?;
            check_schema(&self.db).await
        });
        match checked.await {
            // Others ask, too, or write, for longer than is waited for here: that is no fault.
            Ok(Ok(()) | Err(ServiceError::Busy { .. })) => self.writing().await,
            Ok(Err(error)) => Some(told(&error)),
            Err(_) => Some("the database does not answer in time".to_owned()),
        }
    }

    /// Why the database takes no writes.
    async fn writing(&self) -> Option<String> {
        let mut last = self.beat.lock().await;
        if let Some(beat) = last.as_ref()
            && beat.at.elapsed() < BEAT
        {
            return beat.found.clone();
        }
        let found = match timeout(PATIENCE, heartbeat::beat(&self.db, self.clock.now())).await {
            Ok(Ok(())) => None,
            Err(_) | Ok(Err(ServiceError::Busy { .. })) => {
                tracing::info!("the database is busy with the writes of others");
                last.take().and_then(|beat| beat.found)
            }
            Ok(Err(error)) => Some(told(&error)),
        };
        *last = Some(Beat {
            at: Instant::now(),
            found: found.clone(),
        });
        found
    }

    /// Everything there is to measure, as Prometheus reads it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn scrape(&self) -> Result<String, fmt::Error> {
        let reading = self.reading().await;
        let mut ours = Registry::with_prefix("rapport");
        self.meters.register(&mut ours);
        self.register_database(&mut ours, reading.vitals.is_some());
        if let Some(vitals) = &reading.vitals {
            let ahead = self.db.clock_ahead();
            let seconds = ahead.num_microseconds().unwrap_or(i64::MAX) as f64 / 1e6;
            let help = "How far this process's clock is ahead of the database's; negative where it is behind";
            ours.register("clock_ahead_seconds", help, gauge(seconds));
            vitals.register(&mut ours, self.clock.now() - ahead);
        }
        let mut process = Registry::with_prefix("process");
        self.register_process(&mut process);
        render(&[&ours, &process])
    }

    /// How things stand, read anew when the last reading is old. Scrapes that come at once wait for one reading.
    async fn reading(&self) -> Reading {
        let mut last = self.read.lock().await;
        let now = self.clock.now();
        if let Some(reading) = last.as_ref()
            && (TimeDelta::zero()..FRESH).contains(&(now - reading.at))
        {
            return reading.clone();
        }
        let reading = async {
            let ahead = measure(&self.db, &self.clock).await?;
            Vitals::read(&self.db, &self.jobs, self.since, now - ahead).await
        };
        let vitals = match timeout(PATIENCE, reading).await {
            Ok(Ok(vitals)) => Some(vitals),
            Ok(Err(error)) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "reading how things stand failed"
                );
                None
            }
            Err(_) => {
                tracing::warn!("reading how things stand failed: the database does not answer in time");
                None
            }
        };
        let reading = Reading { at: now, vitals };
        *last = Some(reading.clone());
        reading
    }

    fn register_database(&self, registry: &mut Registry, up: bool) {
        let database = match self.db.backend() {
            sea_orm::DbBackend::Postgres => "postgresql",
            _ => "sqlite",
        };
        registry.register(
            "build",
            "What is running",
            Info::new([("version", env!("CARGO_PKG_VERSION")), ("database", database)]),
        );
        registry.register(
            "database_up",
            "Whether the database answered when it was last asked",
            gauge(f64::from(u8::from(up))),
        );
        let connections = family::<2>();
        let limits = family::<1>();
        for pool in self.db.pools() {
            connections
                .get_or_create(&[("pool", pool.name), ("state", "in_use")])
                .set(f64::from(pool.in_use));
            connections
                .get_or_create(&[("pool", pool.name), ("state", "idle")])
                .set(f64::from(pool.idle));
            limits
                .get_or_create(&[("pool", pool.name)])
                .set(f64::from(pool.limit));
        }
        registry.register("database_connections", "Connections to the database", connections);
        registry.register(
            "database_connections_max",
            "How many connections to the database there may be",
            limits,
        );
        registry.register(
            "database_statements",
            "Statements sent to the database",
            counter(self.db.statements()),
        );
    }

    fn register_process(&self, registry: &mut Registry) {
        let started = self.started_at.timestamp_micros() as f64 / 1e6;
        registry.register(
            "start_time_seconds",
            "When this process started, in seconds since 1970",
            gauge(started),
        );
        let Some(process) = Process::this() else { return };
        let cpu = Counter::<f64, std::sync::atomic::AtomicU64>::default();
        cpu.inc_by(process.cpu_seconds);
        registry.register("cpu_seconds", "Processor time that this process has used", cpu);
        registry.register(
            "resident_memory_bytes",
            "Memory that this process occupies",
            gauge(process.resident_bytes as f64),
        );
        registry.register(
            "threads",
            "Threads of this process",
            gauge(process.threads as f64),
        );
        registry.register(
            "open_fds",
            "Open files and connections of this process",
            gauge(process.open_files as f64),
        );
    }
}

/// What anybody may read of a fault of the database; all of it goes to the log.
fn told(error: &ServiceError) -> String {
    tracing::warn!(
        error = error as &dyn std::error::Error,
        "the database is not as it should be"
    );
    error.client_message()
}

type FloatGauge = Gauge<f64, std::sync::atomic::AtomicU64>;

fn gauge(value: f64) -> FloatGauge {
    let gauge = FloatGauge::default();
    gauge.set(value);
    gauge
}

fn counter(value: u64) -> Counter {
    let counter = Counter::default();
    counter.inc_by(value);
    counter
}

fn family<const N: usize>() -> Family<[(&'static str, &'static str); N], FloatGauge>
where
    [(&'static str, &'static str); N]: EncodeLabelSet,
{
    Family::default()
}
