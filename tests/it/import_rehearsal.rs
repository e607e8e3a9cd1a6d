//! A dry run, and the one before a strict import, hold nothing that a writer waits for while they run, and say exactly what the
//! import then does, whatever the files remove that later rows of theirs refer to.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rapport_tests::{Kind, TestDb, on_both_databases};
use sea_orm::ConnectionTrait;
use service::db::Db;
use service::ingest::{Folder, ImportOptions, ImportSummary, Part, Rows, Source, Target, Unwatched, import};

use crate::import_stage::{folder, import_folder, import_texts, number, texts};

/// Files that can be read up to those of one target, and on from there when the test says so.
struct Gated {
    files: Folder,
    target: Target,
    reached: Mutex<Option<Sender<()>>>,
    gate: Mutex<Receiver<()>>,
}

impl Gated {
    /// With what says that the files of the target are asked for, and what lets them be read.
    fn over(folder: &Path, target: Target) -> (Arc<Self>, Receiver<()>, Sender<()>) {
        let ((reached, is_reached), (open, gate)) = (channel(), channel());
        let files = Folder::open(folder).unwrap();
        (
            Arc::new(Self {
                files,
                target,
                reached: Mutex::new(Some(reached)),
                gate: Mutex::new(gate),
            }),
            is_reached,
            open,
        )
    }
}

impl Source for Gated {
    fn parts(&self) -> Vec<Part> {
        self.files.parts()
    }

    fn open(&self, part: usize) -> Result<Box<dyn Rows>, String> {
        if self.files.parts()[part].target == self.target
            && let Some(reached) = self.reached.lock().unwrap().take()
        {
            reached.send(()).unwrap();
            self.gate.lock().unwrap().recv().unwrap();
        }
        self.files.open(part)
    }
}

const FILES: &[(&str, &[u8])] = &[
    ("users.csv", b"email,name\nann@x.example,Ann\n"),
    (
        "accounts.csv",
        b"external_id,name,tier\nacme,Acme Inc,smb\nbolt,Bolt,smb\n",
    ),
    (
        "contacts.csv",
        b"account_external_id,external_id,name\nacme,c1,Cleo\nbolt,c1,Dan\n",
    ),
    (
        "usage.csv",
        b"account_external_id,contact_external_id,feature,day,count\nacme,c1,reports,2026-06-01,3\n",
    ),
];

async fn somebody_writes_meanwhile(db: &TestDb, options: ImportOptions) -> ImportSummary {
    import_texts(db, &[("accounts.csv", "external_id,name,tier\nacme,Acme,smb\n")]).await;
    let (source, reached, open) = Gated::over(&folder(db, "gated", FILES), Target::Usage);
    let access = db.system();
    let importing = import(db, &access, &db.clock, source, &options, &Unwatched);
    let writing = async {
        tokio::task::spawn_blocking(move || reached.recv().unwrap())
            .await
            .unwrap();
        // Accounts and contacts have been looked at. Another process writes the same rows.
        let other = Db::connect(&db.url).await.unwrap();
        let write = other.write_tx(async |tx| {
            tx.execute_unprepared("UPDATE account SET name = 'Renamed' WHERE external_id = 'acme'")
                .await
                .unwrap();
            Ok(())
        });
        let written = tokio::time::timeout(Duration::from_mins(1), write).await;
        let held = match db.kind() {
            Kind::Sqlite => 0,
            Kind::Postgres => {
                let locks = "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
                    WHERE a.datname = current_database() AND l.pid <> pg_backend_pid() AND l.locktype IN ('relation', 'tuple', 'advisory')";
                number(db, locks).await
            }
        };
        open.send(()).unwrap();
        other.close().await.unwrap();
        assert!(
            matches!(written, Ok(Ok(()))),
            "the import stands still and somebody else has to wait: {written:?}"
        );
        assert_eq!(held, 0, "locks of a rehearsal that waits for its next file");
    };
    let (summary, ()) = tokio::join!(importing, writing);
    summary.unwrap()
}

on_both_databases! {
    async fn a_dry_run_keeps_nobody_from_writing(db: TestDb) {
        let told = somebody_writes_meanwhile(db, ImportOptions { dry_run: true, ..ImportOptions::default() }).await;
        assert!(!told.written);
        let counts: Vec<(u64, u64)> = told.files.iter().map(|file| (file.inserted, file.updated)).collect();
        assert_eq!(counts, [(1, 0), (1, 1), (2, 0), (1, 0)]);
        assert_eq!(texts(db, "SELECT name FROM account").await, ["Renamed"]);
    }

    async fn a_strict_import_keeps_nobody_from_writing_while_it_looks(db: TestDb) {
        let told = somebody_writes_meanwhile(db, ImportOptions { strict: true, ..ImportOptions::default() }).await;
        assert!(told.written && told.is_clean());
        assert_eq!(texts(db, "SELECT name FROM account ORDER BY external_id").await, ["Acme Inc", "Bolt"]);
    }
}

/// Numbers that look drawn, the same in every run.
struct Drawn(u64);

impl Drawn {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn one<'a>(&mut self, among: &[&'a str]) -> &'a str {
        among[usize::try_from(self.below(among.len() as u64)).unwrap()]
    }

    /// `true` now and then, for the column `deleted`.
    fn deleted(&mut self) -> &'static str {
        self.one(&["", "", "", "true"])
    }
}

const ACCOUNTS: &[&str] = &["a0", "a1", "a2", "a3"];
const CONTACTS: &[&str] = &["c0", "c1", "c2", "c3", ""];
const USERS: &[&str] = &["u0@x.example", "u1@x.example", "u2@x.example", ""];

/// A few rows of every file, most of them about the same things.
fn drawn_files(from: &mut Drawn) -> Vec<(&'static str, String)> {
    let mut files = vec![
        ("users.csv", "email,name,deleted\n".to_owned()),
        ("accounts.csv", "external_id,name,tier,arr,currency,deleted\n".to_owned()),
        ("teams.csv", "account_external_id,user_email,team_role,deleted\n".to_owned()),
        ("contacts.csv", "account_external_id,external_id,name,status,deleted\n".to_owned()),
        ("sponsorships.csv", "account_external_id,contact_external_id,since,until,rank,deleted\n".to_owned()),
        ("interactions.csv", "account_external_id,external_id,kind,direction,status,occurred_at,responded_by,from_contact,owner_email,participants,deleted\n".to_owned()),
        ("features.csv", "feature,name,deleted\n".to_owned()),
        ("usage.csv", "account_external_id,contact_external_id,feature,day,count,deleted\n".to_owned()),
        ("goals.csv", "account_external_id,goal,progress,deleted\n".to_owned()),
        ("org_changes.csv", "account_external_id,kind,observed_on,contact_external_id,summary,source,deleted\n".to_owned()),
        ("outcomes.csv", "account_external_id,kind,on,arr_before,arr_after,deleted\n".to_owned()),
    ];
    for (name, text) in &mut files {
        for _ in 0..from.below(7) {
            let (account, contact, other, user) = (
                from.one(ACCOUNTS),
                from.one(CONTACTS),
                from.one(CONTACTS),
                from.one(USERS),
            );
            let (n, day, gone) = (from.below(3), 1 + from.below(3), from.deleted());
            let line = match *name {
                "users.csv" => format!("{user},User {n},{gone}"),
                "accounts.csv" => {
                    format!(
                        "{account},Account {n},smb,{},{},{gone}",
                        from.one(&["", "100", "100.5"]),
                        from.one(&["", "EUR", "JPY"])
                    )
                }
                "teams.csv" => format!("{account},{user},{},{gone}", from.one(&["csm", "manager"])),
                "contacts.csv" => format!(
                    "{account},{contact},Contact {n},{},{gone}",
                    from.one(&["active", "departed"])
                ),
                "sponsorships.csv" => format!(
                    "{account},{contact},2025-01-0{day},,{},{gone}",
                    from.one(&["primary", "backup"])
                ),
                "interactions.csv" => format!(
                    "{account},i{n},call,outbound,completed,2026-06-0{day}T10:00:00Z,{contact},{other},{user},{contact};{other},{gone}"
                ),
                "features.csv" => format!("f{n},Feature {day},{gone}"),
                "usage.csv" => format!("{account},{contact},f{n},2026-06-0{day},{day},{gone}"),
                "goals.csv" => format!("{account},g{n},{day}0,{gone}"),
                "org_changes.csv" => {
                    format!(
                        "{account},departure,2026-06-0{day},{contact},Left {n},{},{gone}",
                        from.one(&["linkedin", "manual"])
                    )
                }
                _ => format!(
                    "{account},renewed,2026-06-0{day},{},{},{gone}",
                    from.one(&["", "100", "10.5"]),
                    from.one(&["", "200"])
                ),
            };
            let _ = writeln!(text, "{line}");
        }
    }
    files
}

on_both_databases! {
    async fn a_dry_run_of_whatever_files_says_what_the_import_does(db: TestDb) {
        let mut drawn = Drawn(20_260_617);
        let (mut changes, mut rejected, mut warned) = (0, 0, 0);
        for round in 0..30 {
            let files = drawn_files(&mut drawn);
            let bytes: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
            let place = folder(db, "drawn", &bytes);
            let (told, of_told) = import_folder(db, &place, &ImportOptions { dry_run: true, ..ImportOptions::default() }).await;
            let (done, of_done) = import_folder(db, &place, &ImportOptions::default()).await;
            assert_eq!(told.files, done.files, "round {round}: {files:#?}");
            assert_eq!((of_told.rejected(), of_told.warned()), (of_done.rejected(), of_done.warned()), "round {round}: {files:#?}");
            changes += done.changes();
            rejected += of_done.rejected().len();
            warned += of_done.warned().len();
        }
        assert!(changes > 150 && rejected > 50 && warned > 25, "the files are worth a look: {changes}, {rejected}, {warned}");
    }

    /// More accounts than there are in a batch; what refers to them comes later.
    async fn a_dry_run_knows_what_an_earlier_batch_would_have_made(db: TestDb) {
        let mut accounts = "external_id,name,tier\n".to_owned();
        for number in 0..17_000 {
            let _ = writeln!(accounts, "a{number},A,smb");
        }
        let contacts = "account_external_id,external_id,name\na0,c,C\na16999,c,C\na17000,c,C\n";
        let files: &[(&str, &[u8])] = &[("accounts.csv", accounts.as_bytes()), ("contacts.csv", contacts.as_bytes())];
        let (told, of_told) = import_folder(db, &folder(db, "many", files), &ImportOptions { dry_run: true, ..ImportOptions::default() }).await;
        let counts: Vec<(u64, u64)> = told.files.iter().map(|file| (file.inserted, file.rejected)).collect();
        assert_eq!(counts, [(17_000, 0), (2, 1)]);
        assert_eq!(of_told.rejected(), ["contacts.csv:4 account_external_id: unknown account \"a17000\""]);
    }
}
