//! How fast interactions are imported into SQLite, and in how much memory: `cargo bench -p rapport-service --bench import`.
//!
//! Writes a book of 2,000 accounts with ten contacts each and as many interactions as asked for (a number behind `--`;
//! 400,000 without), imports it, and imports it again, which must change nothing.
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot run has nothing else to say"
)]

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use rapport_service::access::Access;
use rapport_service::clock::{Clock, instant};
use rapport_service::db::Db;
use rapport_service::db::schema::migrate;
use rapport_service::ingest::{Folder, ImportOptions, ImportSummary, Target, Unwatched, import};

/// The binary's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ACCOUNTS: u64 = 2_000;
const CONTACTS: u64 = 10;

fn main() {
    let rows = std::env::args()
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(400_000);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(run(rows));
}

async fn run(rows: u64) {
    let folder = tempfile::tempdir().unwrap();
    write_book(folder.path(), rows);
    let db = Db::connect(&format!(
        "sqlite://{}?mode=rwc",
        folder.path().join("bench.db").display()
    ))
    .await
    .unwrap();
    migrate(&db).await.unwrap();
    println!(
        "{rows} interactions, {} cores",
        std::thread::available_parallelism().unwrap()
    );
    for pass in ["new rows", "the same rows again"] {
        let (started, busy) = (Instant::now(), processor_seconds());
        let summary = import_once(&db, folder.path()).await;
        let seconds = started.elapsed().as_secs_f64();
        let file = summary
            .files
            .iter()
            .find(|f| f.target == Target::Interactions)
            .unwrap();
        assert!(summary.is_clean() && file.rows == rows, "{summary:#?}");
        println!(
            "{pass}: {:.1} s, {:.0} rows/s, {:.1} s of processors, {} changes, peak memory {} MiB",
            seconds,
            rows as f64 / seconds,
            processor_seconds() - busy,
            summary.changes(),
            peak()
        );
    }
}

async fn import_once(db: &Db, folder: &Path) -> ImportSummary {
    let clock = Clock::fixed(instant(1_781_000_000_000_000));
    let source = Arc::new(Folder::open(folder).unwrap());
    import(
        db,
        &Access::system(),
        &clock,
        source,
        &ImportOptions::default(),
        &Unwatched,
    )
    .await
    .unwrap()
}

/// How long processors have worked for this process: on a busy machine it says more than the clock. Zero where the system
/// does not say.
fn processor_seconds() -> f64 {
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    fields
        .iter()
        .skip(11)
        .take(2)
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum::<f64>()
        / TICKS
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

fn write_book(folder: &Path, rows: u64) {
    let mut out = file(folder, "accounts.csv", "external_id,name,tier,arr,currency");
    for account in 0..ACCOUNTS {
        writeln!(out, "A{account},Account {account},smb,1200.50,EUR").unwrap();
    }
    let mut out = file(
        folder,
        "contacts.csv",
        "account_external_id,external_id,name,email,seniority",
    );
    for account in 0..ACCOUNTS {
        for contact in 0..CONTACTS {
            writeln!(
                out,
                "A{account},C{contact},Contact {contact},c{contact}@a{account}.example,director"
            )
            .unwrap();
        }
    }
    let header = "account_external_id,external_id,kind,direction,status,occurred_at,purpose,responded_at,responded_by,subject,topics,\
                  outcome,participants";
    let mut out = file(folder, "interactions.csv", header);
    let mut state = 1_u64;
    let mut next = |below: u64| {
        // Knuth's multiplier: the same book on every machine.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for row in 0..rows {
        let (account, one, other) = (next(ACCOUNTS), next(CONTACTS), next(CONTACTS));
        let kind = ["email", "call", "meeting"][next(3) as usize];
        let (month, day, hour, minute) = (next(12) + 1, next(28) + 1, next(24), next(60));
        write!(out, "A{account},I{row},{kind},outbound,completed,2025-{month:02}-{day:02}T{hour:02}:{minute:02}:00Z,strategic,").unwrap();
        if row.is_multiple_of(2) {
            write!(out, "2025-{month:02}-{day:02}T{hour:02}:{minute:02}:30Z,C{one}").unwrap();
        } else {
            write!(out, ",").unwrap();
        }
        writeln!(
            out,
            ",Subject of {row},roadmap;value,agreed,C{one};C{other}:attended"
        )
        .unwrap();
    }
}

fn file(folder: &Path, name: &str, header: &str) -> BufWriter<File> {
    let mut out = BufWriter::new(File::create(folder.join(name)).unwrap());
    writeln!(out, "{header}").unwrap();
    out
}
