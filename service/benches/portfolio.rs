//! How long a portfolio report takes on SQLite: `cargo bench -p rapport-service --bench portfolio`.
//!
//! Writes a book of accounts (a number behind `--`; 10,000 without) with ten contacts, two sponsors and a month of daily
//! scores each, and asks for the report of its last day, for all accounts and for one tier.
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot run has nothing else to say"
)]

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Days, NaiveDate, Utc};
use engagement::DEFINITIONS;
use engagement::policy::Policy;
use engagement::vocabulary::{AccountTier, Period};
use rapport_service::access::Access;
use rapport_service::clock::Clock;
use rapport_service::db::Db;
use rapport_service::db::schema::migrate;
use rapport_service::ingest::{Folder, ImportOptions, Unwatched, import};
use rapport_service::policy::hash;
use rapport_service::record::account_list::AccountFilter;
use rapport_service::report::portfolio::{PortfolioRequest, portfolio_report};
use sea_orm::ConnectionTrait;

/// The binary's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const CONTACTS: u64 = 10;
const DAYS: u64 = 30;
const ROUNDS: usize = 21;

fn main() {
    let accounts = std::env::args()
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(10_000);
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
    for back in 0..DAYS {
        store_scores(&db, now().date_naive() - Days::new(back)).await;
    }
    println!(
        "{accounts} accounts, {DAYS} days of scores, {} cores",
        std::thread::available_parallelism().unwrap()
    );
    let enterprise = AccountFilter {
        tiers: Some(vec![AccountTier::Enterprise]),
        ..AccountFilter::default()
    };
    for (name, filter, expected) in [
        ("all accounts", AccountFilter::default(), accounts),
        ("one tier", enterprise, accounts / 2),
    ] {
        let mut times = Vec::with_capacity(ROUNDS);
        let before = db.statements();
        for _ in 0..ROUNDS {
            times.push(ask(&db, filter.clone(), expected).await);
        }
        times.sort();
        println!(
            "{name}: median {:.1} ms, slowest {:.1} ms, {} statements",
            millis(times[ROUNDS / 2]),
            millis(times[ROUNDS - 1]),
            (db.statements() - before) / ROUNDS as u64
        );
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

async fn ask(db: &Db, filter: AccountFilter, expected: u64) -> Duration {
    let request = PortfolioRequest {
        period: Period::Quarterly,
        ending_on: now().date_naive(),
        as_of: now(),
        filter,
    };
    let started = Instant::now();
    let answer = portfolio_report(
        db,
        &Access::system(),
        &Policy::default(),
        chrono_tz::UTC,
        &request,
    )
    .await
    .unwrap();
    let markdown = answer.report.markdown(&answer.labels);
    let time = started.elapsed();
    assert!(answer.report.days.stored && answer.report.all.accounts == expected && !markdown.is_empty());
    time
}

/// Scores that differ from account to account as real ones do, without the hours it would take to live them.
async fn store_scores(db: &Db, day: NaiveDate) {
    let hash = hash(&Policy::default());
    let statement = format!(
        "INSERT INTO assessment (account_id, day, as_of, overall, overall_rounded, previous_overall, change, pattern, trend, frequency,
            quality, breadth, product, coverage, provisional, coverage_changed, single_threaded, multi_threaded, signals, policy_hash,
            executive_level, executive_score, sponsor_engaged, executive_contact_days, known_days, qbrs_in_year, qbrs_with_executive,
            engaged_executives, standing, definitions)
        SELECT id, '{day}', 0, n % 101, n % 101, 50, n % 101 - 50,
            CASE WHEN n % 101 >= 80 THEN 'HIGHLY_ENGAGED' WHEN n % 101 >= 60 THEN 'MODERATELY_ENGAGED' WHEN n % 101 >= 40 THEN 'LOW_ENGAGED'
                ELSE 'DISENGAGED' END,
            'STABLE', 50, 50, 50, 50, 100, n % 17 = 0, 0, 0, 1, (n % 5) * 16, '{hash}', 'ENGAGED', 60, n % 3 > 0, n % 40, 365, n % 5, n % 4, n % 3,
            CASE n % 4 WHEN 0 THEN 'AT_RISK' WHEN 1 THEN 'WATCH' WHEN 2 THEN 'NOT_KNOWN' ELSE 'ON_TRACK' END, {DEFINITIONS}
        FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM account)"
    );
    let operation = "storing scores";
    db.write_tx(async |tx| {
        let stored = tx.execute_unprepared(&statement).await;
        stored
            .map(drop)
            .map_err(|source| rapport_service::error::ServiceError::Database { operation, source })
    })
    .await
    .unwrap();
}

fn write_book(folder: &Path, accounts: u64) {
    let mut out = file(folder, "accounts.csv", "external_id,name,tier,arr,currency");
    for account in 0..accounts {
        let tier = if account.is_multiple_of(2) {
            "enterprise"
        } else {
            "smb"
        };
        let currency = ["EUR", "USD"][(account / 2 % 2) as usize];
        writeln!(out, "A{account},Account {account},{tier},{account}.50,{currency}").unwrap();
    }
    let mut contacts = file(
        folder,
        "contacts.csv",
        "account_external_id,external_id,name,seniority",
    );
    let mut sponsorships = file(
        folder,
        "sponsorships.csv",
        "account_external_id,contact_external_id,since,rank",
    );
    for account in 0..accounts {
        for contact in 0..CONTACTS {
            writeln!(contacts, "A{account},C{contact},Contact {contact},vp").unwrap();
        }
        writeln!(sponsorships, "A{account},C0,2024-01-01,primary").unwrap();
        writeln!(sponsorships, "A{account},C1,2025-09-01,backup").unwrap();
    }
}

fn file(folder: &Path, name: &str, header: &str) -> BufWriter<File> {
    let mut out = BufWriter::new(File::create(folder.join(name)).unwrap());
    writeln!(out, "{header}").unwrap();
    out
}
