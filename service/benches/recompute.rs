//! How fast a book is scored on SQLite, against a bare loop that only reads the same rows through the same driver, and in
//! how much memory: `cargo bench -p rapport-service --bench recompute`.
//!
//! Writes a book of as many accounts as asked for (a number behind `--`; 5,000 without) with 10 contacts each, and 50
//! interactions and 100 usage rows in the two windows; imports it; then reads it and scores it, three times in turn.
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot run has nothing else to say"
)]

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, Days, NaiveDate, Utc};
use futures_util::TryStreamExt;
use rapport_service::access::Access;
use rapport_service::clock::Clock;
use rapport_service::db::Db;
use rapport_service::db::schema::migrate;
use rapport_service::ingest::{Folder, ImportOptions, Unwatched, import};
use rapport_service::job::recompute::{Recompute, Scope, recompute};
use rapport_service::settings::Settings;
use sqlx::{AssertSqlSafe, Row, ValueRef};

/// What the shipped binary allocates with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const CONTACTS: u64 = 10;
const INTERACTIONS: u64 = 50;
const USAGE: u64 = 100;
const FEATURES: u64 = 20;
/// Days of the two quarterly windows that end on the day of [`now`].
const WINDOWS: u64 = 180;

fn main() {
    let accounts = std::env::args()
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(5_000);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(run(accounts));
}

fn now() -> DateTime<Utc> {
    "2026-06-17T12:00:00Z".parse().unwrap()
}

async fn run(accounts: u64) {
    let folder = tempfile::tempdir().unwrap();
    write_book(folder.path(), accounts);
    let db = Db::connect(&format!(
        "sqlite://{}?mode=rwc",
        folder.path().join("bench.db").display()
    ))
    .await
    .unwrap();
    migrate(&db).await.unwrap();
    println!(
        "{accounts} accounts, {} cores",
        std::thread::available_parallelism().unwrap()
    );
    let started = Instant::now();
    let source = Arc::new(Folder::open(folder.path()).unwrap());
    let summary = import(
        &db,
        &Access::system(),
        &Clock::fixed(now()),
        source,
        &ImportOptions::default(),
        &Unwatched,
    )
    .await
    .unwrap();
    assert!(summary.is_clean(), "{summary:#?}");
    println!("import: {:.1} s", started.elapsed().as_secs_f64());
    let mut ratios = Vec::new();
    for _ in 0..3 {
        let started = Instant::now();
        let rows = read_bare(&db).await;
        let bare = started.elapsed().as_secs_f64();
        forget_peak();
        let scored = score(&db, accounts).await;
        ratios.push(scored / bare);
        println!(
            "bare loop: {rows} rows in {bare:.2} s; recompute: {scored:.2} s, {:.0} accounts/s, {:.2} x the bare loop, peak memory {} MiB",
            accounts as f64 / scored,
            scored / bare,
            peak()
        );
    }
    ratios.sort_by(f64::total_cmp);
    println!("median: {:.2} x the bare loop", ratios[1]);
}

async fn score(db: &Db, accounts: u64) -> f64 {
    let request = Recompute {
        as_of: now(),
        ending_on: now().date_naive(),
        scope: Scope::All,
    };
    let started = Instant::now();
    let done = recompute(db, &Access::system(), &Settings::default(), &request, |_| {})
        .await
        .unwrap();
    let seconds = started.elapsed().as_secs_f64();
    assert_eq!(
        (done.accounts, done.without_pattern),
        (accounts, 0),
        "each is scored, from enough data"
    );
    seconds
}

/// Reads every column that scoring reads, row by row, and looks at each: the least that any reader does.
async fn read_bare(db: &Db) -> u64 {
    let since = now().date_naive() - Days::new(WINDOWS + 5);
    let micros = since
        .and_time(chrono::NaiveTime::MIN)
        .and_utc()
        .timestamp_micros();
    let statements = [
        "SELECT account_id, id, external_id, department, seniority, status, departed_on, left_on FROM contact".to_owned(),
        format!(
            "SELECT account_id, id, kind, direction, status, purpose, occurred_at, responded_at, responded_by, from_contact,
                rescheduled_to, canceled_by, bulk FROM interaction WHERE occurred_at >= {micros}"
        ),
        "SELECT account_id, interaction_id, contact_id, attendance FROM interaction_participant".to_owned(),
        format!("SELECT account_id, contact_key, feature, day, count FROM usage WHERE day >= '{since}'"),
    ];
    let mut read = 0;
    let bare = sqlx::SqlitePool::connect(db.url()).await.unwrap();
    for statement in statements {
        let mut rows = sqlx::query(AssertSqlSafe(statement)).fetch(&bare);
        while let Some(row) = rows.try_next().await.unwrap() {
            let present = (0..row.len())
                .filter(|column| !row.try_get_raw(*column).unwrap().is_null())
                .count();
            read += u64::from(present > 0);
        }
    }
    read
}

/// The most memory this process has used, in MiB; zero where the system does not say.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap_or("0");
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) / 1024
}

/// Counts the peak from now on, where the system can.
fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

fn write_book(folder: &Path, accounts: u64) {
    let mut state = 1_u64;
    let mut next = |below: u64| {
        // Knuth's multiplier: the same book on every machine.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let last: NaiveDate = now().date_naive() - Days::new(1);
    let mut out = file(folder, "accounts.csv", "external_id,name,tier");
    (0..accounts).for_each(|account| writeln!(out, "A{account},Account {account},mid_market").unwrap());
    let mut out = file(
        folder,
        "contacts.csv",
        "account_external_id,external_id,name,department,seniority",
    );
    for account in 0..accounts {
        for contact in 0..CONTACTS {
            writeln!(
                out,
                "A{account},C{contact},Contact {contact},Department {},director",
                contact % 4
            )
            .unwrap();
        }
    }
    let header = "account_external_id,external_id,kind,direction,status,occurred_at,purpose,responded_at,responded_by,subject,participants";
    let mut out = file(folder, "interactions.csv", header);
    // By time, not by account: as a book grows.
    for row in 0..INTERACTIONS {
        for account in 0..accounts {
            let (one, other) = (next(CONTACTS), next(CONTACTS));
            let kind = ["email", "call", "meeting", "qbr"][next(4) as usize];
            let day = last - Days::new((INTERACTIONS - 1 - row) * WINDOWS / INTERACTIONS);
            let answer = if next(2) == 0 {
                format!("{day}T18:00:00Z,C{one}")
            } else {
                ",".to_owned()
            };
            let (hour, purpose) = (next(9) + 8, ["strategic", "tactical", ""][next(3) as usize]);
            writeln!(
                out,
                "A{account},I{row},{kind},outbound,completed,{day}T{hour:02}:15:00Z,{purpose},{answer},A subject of some length,C{one};C{other}"
            )
            .unwrap();
        }
    }
    let mut out = file(
        folder,
        "usage.csv",
        "account_external_id,contact_external_id,feature,day,count",
    );
    for row in 0..USAGE {
        for account in 0..accounts {
            let day = last - Days::new((USAGE - 1 - row) * WINDOWS / USAGE);
            writeln!(
                out,
                "A{account},C{},feature_{},{day},{}",
                next(CONTACTS),
                (row * 7) % FEATURES,
                next(9) + 1
            )
            .unwrap();
        }
    }
}

fn file(folder: &Path, name: &str, header: &str) -> BufWriter<File> {
    let mut out = BufWriter::new(File::create(folder.join(name)).unwrap());
    writeln!(out, "{header}").unwrap();
    out
}
