//! How fast a sponsor report is written on SQLite: `cargo bench -p rapport-service --bench sponsor_report`.
//!
//! Writes a book of as many accounts as asked for (a number behind `--`; 10,000 without). Every hundredth has 50
//! interactions a quarter for two years with 10 contacts, the others a few; imports it; then writes the reports of the
//! former one by one, and of 50 accounts at once.
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
use engagement::id::AccountId;
use engagement::policy::Policy;
use engagement::vocabulary::Period;
use engagement::windows::Windows;
use rapport_service::access::Access;
use rapport_service::clock::Clock;
use rapport_service::db::Db;
use rapport_service::db::schema::migrate;
use rapport_service::ingest::{Folder, ImportOptions, Unwatched, import};
use rapport_service::record::account;
use rapport_service::report::sponsor_report::sponsor_reports;

/// What the shipped binary allocates with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const CONTACTS: u64 = 10;
/// 50 a quarter for two years.
const INTERACTIONS: u64 = 400;
/// Of an account that is not measured.
const FEW: u64 = 10;
/// One in so many is measured.
const MEASURED: usize = 100;
const DAYS: u64 = 730;

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

async fn run(accounts: usize) {
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
    let (access, policy) = (Access::system(), Policy::default());
    let windows = Windows::at(now(), chrono_tz::UTC, Period::Quarterly);
    let names: Vec<String> = (0..accounts)
        .step_by(MEASURED)
        .map(|account| format!("A{account}"))
        .collect();
    let found = account::by_external_ids(&db, &access, &names).await.unwrap();
    let ids: Vec<AccountId> = names.iter().map(|name| found[name].id).collect();

    let mut times = Vec::new();
    let before = db.statements();
    for id in &ids {
        let started = Instant::now();
        let reports = sponsor_reports(&db, &access, &policy, &windows, &[*id])
            .await
            .unwrap();
        let markdown = reports[id].markdown();
        times.push(started.elapsed().as_secs_f64() * 1000.0);
        assert!(markdown.len() > 1000 && reports[id].report.bus_factor.len() as u64 == CONTACTS);
    }
    let statements = (db.statements() - before) / ids.len() as u64;
    times.sort_by(f64::total_cmp);
    println!(
        "{accounts} accounts; a sponsor report of {INTERACTIONS} interactions and {CONTACTS} people, with Markdown: median {:.1} ms, slowest {:.1} ms, {statements} statements",
        times[times.len() / 2],
        times[times.len() - 1]
    );
    let fifty = &ids[..Ord::min(50, ids.len())];
    let started = Instant::now();
    let reports = sponsor_reports(&db, &access, &policy, &windows, fifty)
        .await
        .unwrap();
    println!(
        "{} reports at once: {:.1} ms",
        reports.len(),
        started.elapsed().as_secs_f64() * 1000.0
    );
}

fn write_book(folder: &Path, accounts: usize) {
    let mut state = 1_u64;
    let mut next = |below: u64| {
        // Knuth's multiplier: the same book on every machine.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let last: NaiveDate = now().date_naive() - Days::new(1);
    let mut out = file(folder, "accounts.csv", "external_id,name,tier,renewal_date");
    (0..accounts)
        .for_each(|account| writeln!(out, "A{account},Account {account},enterprise,2027-01-01").unwrap());
    let mut out = file(
        folder,
        "contacts.csv",
        "account_external_id,external_id,name,department,seniority",
    );
    for account in 0..accounts {
        for contact in 0..CONTACTS {
            let seniority = if contact < 4 { "vp" } else { "director" };
            writeln!(
                out,
                "A{account},C{contact},Contact {contact},Department {},{seniority}",
                contact % 4
            )
            .unwrap();
        }
    }
    let mut out = file(
        folder,
        "sponsorships.csv",
        "account_external_id,contact_external_id,since,rank",
    );
    (0..accounts).for_each(|account| {
        writeln!(
            out,
            "A{account},C0,2025-01-01,primary\nA{account},C1,2025-01-01,backup"
        )
        .unwrap();
    });
    let header = "account_external_id,external_id,kind,direction,status,occurred_at,purpose,responded_at,responded_by,subject,participants";
    let mut out = file(folder, "interactions.csv", header);
    // By time, not by account: as a book grows.
    for row in 0..INTERACTIONS {
        for account in (0..accounts).filter(|account| row >= INTERACTIONS - FEW || account % MEASURED == 0) {
            let (one, other) = (next(CONTACTS), next(CONTACTS));
            let kind = ["email", "call", "meeting", "qbr"][next(4) as usize];
            let day = last - Days::new((INTERACTIONS - 1 - row) * DAYS / INTERACTIONS);
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
        "metrics.csv",
        "account_external_id,metric,observed_on,value",
    );
    for account in (0..accounts).step_by(MEASURED) {
        for month in 1..=5 {
            writeln!(out, "A{account},roi,2026-0{month}-01,{month}\nA{account},executive_dashboard_views,2026-0{month}-01,{month}")
                .unwrap();
        }
    }
}

fn file(folder: &Path, name: &str, header: &str) -> BufWriter<File> {
    let mut out = BufWriter::new(File::create(folder.join(name)).unwrap());
    writeln!(out, "{header}").unwrap();
    out
}
