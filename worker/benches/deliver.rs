//! How fast the outbox is emptied into a mail server on the same machine, against the same bytes handed to it without an
//! outbox, in the same run: `cargo bench -p rapport-worker --bench deliver`.
//!
//! Queues the weekly digests of as many readers as asked for (a number behind `--`; 1,000 without), each about three accounts, on
//! SQLite and delivers them, which includes claiming, looking again, rendering, keeping and settling; then hands what was sent to the same server again through a bare pool of lettre's, and
//! through our own connections, which do not wait for acknowledgements in the middle of a message and so are the higher mark.
//! For three weeks in turn.
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot run has nothing else to say"
)]

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Days, Utc};
use engagement::policy::Policy;
use engagement::vocabulary::MessageKind;
use harness::smtp::SmtpServer;
use lettre::address::Envelope;
use lettre::transport::smtp::PoolConfig;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use rapport_worker::Context;
use rapport_worker::mail::{
    Letter, Limits, Mail, Pace, Progress, Renderer, Smtp, Transport, Verdict, deliver_due,
};
use service::access::Access;
use service::clock::Clock;
use service::db::Db;
use service::db::schema::migrate;
use service::digest::{DigestSettings, queue_due};
use service::ingest::{Folder, ImportOptions, Unwatched, import};
use service::job::recompute::{Recompute, Scope, recompute};
use service::link::{LinkUrls, SigningKey};
use service::settings::Settings;
use tokio::task::JoinSet;

/// What the shipped binary allocates with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const FROM: &str = "rapport@vendor.example";

fn main() {
    let mails = std::env::args()
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(1_000);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(run(mails));
}

fn now() -> DateTime<Utc> {
    "2026-06-17T12:00:00Z".parse().unwrap()
}

async fn run(mails: usize) {
    println!(
        "{mails} mails, {} cores",
        std::thread::available_parallelism().unwrap()
    );
    let mut ratios = Vec::new();
    let folder = tempfile::tempdir().unwrap();
    let db = Db::connect(&format!(
        "sqlite://{}?mode=rwc",
        folder.path().join("bench.db").display()
    ))
    .await
    .unwrap();
    migrate(&db).await.unwrap();
    read_book(&db, mails).await;
    for week in 0..3 {
        let at = now() + Days::new(7 * week);
        queue(&db, at, mails).await;
        let server = SmtpServer::start();
        let (context, mail) = (context(&db, at), mail(&server));
        let started = Instant::now();
        let delivered = deliver_due(&context, &mail).await;
        let ours = started.elapsed();
        assert_eq!(delivered.sent, mails as u64, "{delivered:?}");
        let messages: Vec<(Envelope, Vec<u8>)> = server
            .accepted()
            .into_iter()
            .map(|one| {
                (
                    Envelope::new(Some(FROM.parse().unwrap()), vec![one.to.parse().unwrap()]).unwrap(),
                    one.message.into_bytes(),
                )
            })
            .collect();
        let bytes: usize = messages.iter().map(|(_, message)| message.len()).sum();
        let connections = own(&mail, messages.clone()).await;
        let pool = bare(&server, messages, mail.pace.ordinary).await;
        assert_eq!(server.accepted().len(), mails * 3);
        let rate = |took: Duration| mails as f64 / took.as_secs_f64();
        let percent = |of: Duration| 100.0 * rate(ours) / rate(of);
        ratios.push((percent(pool), percent(connections)));
        println!(
            "{} bytes each; outbox: {:.0} mails/s; lettre's pool: {:.0} mails/s, {:.0} % of it; our connections: {:.0} mails/s, {:.0} % of it",
            bytes / mails,
            rate(ours),
            rate(pool),
            percent(pool),
            rate(connections),
            percent(connections),
        );
    }
    db.close().await.unwrap();
    ratios.sort_by(|a, b| a.1.total_cmp(&b.1));
    println!(
        "median: {:.0} % of the rate of lettre's pool, {:.0} % of our bare connections'",
        ratios[1].0, ratios[1].1
    );
}

/// The same bytes through our own connections, as many at a time as the outbox uses.
async fn own(mail: &Mail, messages: Vec<(Envelope, Vec<u8>)>) -> Duration {
    let messages = Arc::new(std::sync::Mutex::new(messages));
    let started = Instant::now();
    let mut sending = JoinSet::new();
    for _ in 0..mail.pace.ordinary {
        let (mail, messages) = (mail.clone(), Arc::clone(&messages));
        sending.spawn(async move {
            loop {
                let next = messages.lock().unwrap().pop();
                let Some((envelope, message)) = next else { break };
                let (to, message) = (
                    envelope.to()[0].to_string().parse().unwrap(),
                    String::from_utf8(message).unwrap(),
                );
                let letter = Letter {
                    id: uuid::Uuid::nil().into(),
                    kind: MessageKind::WeeklyDigest,
                    queued_at: now(),
                    from: &mail.sender.address,
                    to: &to,
                    message: &message,
                };
                assert_eq!(
                    mail.transport.send(&letter, &Progress::default()).await,
                    Verdict::Sent
                );
            }
        });
    }
    sending.join_all().await;
    started.elapsed()
}

async fn bare(server: &SmtpServer, messages: Vec<(Envelope, Vec<u8>)>, places: usize) -> Duration {
    let pool = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1")
        .port(server.port())
        .pool_config(PoolConfig::new().max_size(u32::try_from(places).unwrap()))
        .build();
    let messages = Arc::new(std::sync::Mutex::new(messages));
    let started = Instant::now();
    let mut sending = JoinSet::new();
    for _ in 0..places {
        let (pool, messages) = (pool.clone(), Arc::clone(&messages));
        sending.spawn(async move {
            loop {
                let next = messages.lock().unwrap().pop();
                let Some((envelope, message)) = next else { break };
                pool.send_raw(&envelope, &message).await.unwrap();
            }
        });
    }
    sending.join_all().await;
    started.elapsed()
}

fn context(db: &Db, at: DateTime<Utc>) -> Context {
    let policy = Policy::default();
    Context {
        db: db.clone(),
        clock: Clock::fixed(at),
        zone: chrono_tz::Europe::Berlin,
        policy: Arc::new(policy),
        escalation_to: Arc::from([]),
        installed_at: now(),
        worker: "bench".into(),
        pulse: rapport_worker::Pulse::default(),
        meters: service::monitoring::Meters::default(),
    }
}

fn mail(server: &SmtpServer) -> Mail {
    let smtp = Smtp::new(server.url().parse().unwrap(), Limits::default()).unwrap();
    Mail {
        transport: Arc::new(Transport::Smtp(Box::new(smtp))),
        renderer: Arc::new(
            Renderer::new(
                "https://rapport.example",
                Some("https://crm.example/accounts/{external_id}"),
            )
            .unwrap(),
        ),
        links: LinkUrls::new(SigningKey::new(&[7; 32]), "https://rapport.example"),
        sender: format!("Rapport <{FROM}>").parse().unwrap(),
        pace: Pace::default(),
    }
}

/// Readers with three accounts each, a year of contact, sponsors who have gone silent, and renewals ahead.
fn write_book(folder: &Path, readers: usize) {
    let mut users = file(folder, "users.csv", "email,name,role,time_zone");
    let mut accounts = file(
        folder,
        "accounts.csv",
        "external_id,name,tier,arr,currency,contract_start,renewal_date",
    );
    let mut teams = file(folder, "teams.csv", "account_external_id,user_email");
    let mut contacts = file(
        folder,
        "contacts.csv",
        "account_external_id,external_id,name,title,department,seniority",
    );
    let mut sponsorships = file(
        folder,
        "sponsorships.csv",
        "account_external_id,contact_external_id,since,rank",
    );
    let mut interactions = file(
        folder,
        "interactions.csv",
        "account_external_id,external_id,kind,direction,status,purpose,occurred_at,participants",
    );
    for reader in 0..readers {
        writeln!(
            users,
            "u{reader}@vendor.example,Reader {reader},csm,Europe/Berlin"
        )
        .unwrap();
        for own in 0..3 {
            let account = format!("A{reader}-{own}");
            let renewal = now().date_naive() + Days::new(20 + (reader % 100) as u64);
            writeln!(
                accounts,
                "{account},Account {reader} of {own},enterprise,{reader}000.50,EUR,2025-01-01,{renewal}"
            )
            .unwrap();
            writeln!(teams, "{account},u{reader}@vendor.example").unwrap();
            for (contact, title) in [
                ("c1", "Chief Operating Officer"),
                ("c2", "VP Operations"),
                ("c3", "Head of Support"),
            ] {
                let seniority = if contact == "c3" { "manager" } else { "vp" };
                writeln!(
                    contacts,
                    "{account},{contact},Contact {contact} of {account},{title},Operations,{seniority}"
                )
                .unwrap();
            }
            writeln!(
                sponsorships,
                "{account},c1,2025-01-01,primary\n{account},c2,2025-06-01,backup"
            )
            .unwrap();
            for week in 0..20_u64 {
                // The sponsor has been silent for longer and longer; others answer.
                let with = if week > 14 {
                    "c1:attended;c3"
                } else {
                    "c3:attended"
                };
                let at = now() - Days::new(3 + 14 * week + own as u64);
                let at = at.format("%Y-%m-%dT10:00:00Z");
                writeln!(
                    interactions,
                    "{account},i{week},meeting,outbound,completed,operational,{at},{with}"
                )
                .unwrap();
            }
        }
    }
}

fn file(folder: &Path, name: &str, header: &str) -> BufWriter<File> {
    let mut out = BufWriter::new(File::create(folder.join(name)).unwrap());
    writeln!(out, "{header}").unwrap();
    out
}

async fn read_book(db: &Db, readers: usize) {
    let folder = tempfile::tempdir().unwrap();
    write_book(folder.path(), readers);
    let source = Arc::new(Folder::open(folder.path()).unwrap());
    let before = Clock::fixed(now() - Days::new(30));
    let summary = import(
        db,
        &Access::system(),
        &before,
        source,
        &ImportOptions::default(),
        &Unwatched,
    )
    .await
    .unwrap();
    assert!(summary.is_clean(), "{summary:#?}");
}

/// Queues everybody's digest of a week.
async fn queue(db: &Db, at: DateTime<Utc>, readers: usize) {
    let settings = Settings::default();
    let request = Recompute {
        as_of: at,
        ending_on: at.date_naive(),
        scope: Scope::All,
    };
    recompute(db, &Access::system(), &settings, &request, |_| {})
        .await
        .unwrap();
    let settings = DigestSettings {
        policy: settings.policy,
        zone: settings.zone,
        installed_at: now() - Days::new(30),
    };
    let counts = queue_due(db, &settings, at).await.unwrap();
    assert_eq!(counts.queued, readers as u64, "{counts:?}");
}
