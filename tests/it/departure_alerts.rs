//! A sponsor leaves: whoever writes it, the alert, the picture of who could follow and the escalation are there with it,
//! once; and old history wakes nobody.

use std::fmt::Write as _;

use chrono::TimeDelta;
use engagement::vocabulary::{EngagementLevel, OrgChangeKind, OrgChangeSource, SponsorRank};
use rapport_tests::{TestDb, on_both_databases};
use service::change::org_change::{self, NewOrgChange};
use service::ingest::ImportOptions;
use service::settings::Settings;

use crate::alert_stage::{
    alerts, contact, evaluate, import, moment, queued, settings, shown, stage, the, watch, who,
};
use crate::import_stage::{count, folder, import_folder, number, texts};

const ORG_CHANGES: &str =
    "account_external_id,kind,observed_on,contact_external_id,summary,source,certainty\n";
const CONTACTS: &str = "account_external_id,external_id,name,status,departed_on\n";
const TEAM: [&str; 3] = [
    "SPONSOR_DEPARTED ann@example.com",
    "SPONSOR_DEPARTED bea@example.com",
    "SPONSOR_DEPARTED max@example.com",
];

/// Accounts of nobody's, each with a sponsor, and that all of these left: the administrators hear of them.
fn of_nobodys(accounts: usize) -> ([(&'static str, String); 4], String) {
    let mut book = [
        (
            "users.csv",
            "email,name,role\nada@example.com,Ada,admin\n".to_owned(),
        ),
        ("accounts.csv", "external_id,name,tier\n".to_owned()),
        (
            "contacts.csv",
            "account_external_id,external_id,name\n".to_owned(),
        ),
        (
            "sponsorships.csv",
            "account_external_id,contact_external_id,since,rank\n".to_owned(),
        ),
    ];
    let mut changes = ORG_CHANGES.to_owned();
    for n in 0..accounts {
        writeln!(book[1].1, "a{n},Account {n},smb").unwrap();
        writeln!(book[2].1, "a{n},c,Contact {n}").unwrap();
        writeln!(book[3].1, "a{n},c,2025-01-01,primary").unwrap();
        writeln!(changes, "a{n},departure,2026-06-16,c,Left,crm,").unwrap();
    }
    (book, changes)
}

/// Somebody says that the sponsor of one of these left.
async fn say_left(db: &TestDb, account: &str) {
    let new = NewOrgChange {
        account: None,
        contact: Some(contact(db, account, "c").await),
        kind: OrgChangeKind::Departure,
        observed_on: "2026-06-16".parse().unwrap(),
        source: OrgChangeSource::Manual,
        certainty: None,
        summary: "Left".to_owned(),
        url: None,
        impact: None,
    };
    org_change::record(
        db,
        &who(db, "ada@example.com").await,
        &Settings::default(),
        moment(db),
        new,
    )
    .await
    .unwrap();
}

on_both_databases! {
    async fn an_imported_departure_opens_the_alert_draws_the_picture_and_tells_everybody(db: TestDb) {
        stage(db).await;
        evaluate(db).await;
        import(db, &[("org_changes.csv", &format!("{ORG_CHANGES}acme,departure,2026-06-14,c1,Left for a competitor,crm,\n"))]).await;
        assert_eq!(shown(db).await, ["backup.missing MEDIUM OPEN *", "sponsor.departed CRITICAL OPEN"]);
        let stored = the(db, "sponsor.departed").await;
        assert!(stored.alert.message.starts_with("Cleo Carter, the primary sponsor, left on 2026-06-14."), "{}", stored.alert.message);
        let picture = stored.succession.clone().unwrap();
        let (dan, eve) = (contact(db, "acme", "c2").await, contact(db, "acme", "c3").await);
        assert_eq!((picture.picture.departed, picture.picture.rank), (contact(db, "acme", "c1").await, SponsorRank::Primary));
        assert_eq!(picture.source, Some(OrgChangeSource::Crm));
        assert_eq!(picture.stakes.arr().unwrap().amount(), "90000.00");
        assert_eq!((picture.stakes.renewal_on.unwrap().to_string(), picture.open_alerts), ("2026-08-01".to_owned(), 0));
        assert!(picture.overall.is_some() && picture.pattern.is_some());
        let [backup] = picture.picture.sponsors.as_slice() else { panic!("{picture:?}") };
        assert_eq!((backup.contact, backup.rank, backup.level), (dan, Some(SponsorRank::Backup), EngagementLevel::Passive));
        assert_eq!(picture.picture.executives.iter().map(|one| one.contact).collect::<Vec<_>>(), [eve]);
        // The team and its managers at once. The settings of a plain import name no address: administrators are left in peace.
        assert_eq!(queued(db).await, TEAM);
        assert_eq!(number(db, "SELECT count(*) FROM outbox WHERE alert_id IS NOT NULL AND account_id IS NOT NULL").await, 3);

        // The same again, from another source, and a day later: nothing new; what it speaks for is not opened.
        import(db, &[("org_changes.csv", &format!("{ORG_CHANGES}acme,departure,2026-06-14,c1,Left for a competitor,crm,\n\
            acme,departure,2026-06-15,c1,Profile changed,linkedin,confirmed\n"))]).await;
        import(db, &[("contacts.csv", &format!("{CONTACTS}acme,c1,Cleo Carter,departed,2026-06-14\n"))]).await;
        db.clock.advance(TimeDelta::days(1));
        evaluate(db).await;
        watch(db).await;
        assert_eq!(shown(db).await, ["backup.missing MEDIUM OPEN *", "sponsor.departed CRITICAL OPEN"]);
        assert_eq!(queued(db).await.len(), 3);
        assert_eq!(the(db, "sponsor.departed").await.succession, stored.succession, "drawn once");
    }

    async fn a_contact_set_to_departed_does_the_same_and_a_backup_is_high(db: TestDb) {
        stage(db).await;
        evaluate(db).await;
        import(db, &[("contacts.csv", &format!("{CONTACTS}acme,c2,Dan Dee,departed,2026-06-16\n"))]).await;
        assert_eq!(shown(db).await, ["backup.missing MEDIUM OPEN *", "sponsor.departed HIGH OPEN"]);
        assert_eq!(the(db, "sponsor.departed").await.succession.unwrap().source, None);
        assert_eq!(queued(db).await.len(), 3, "whatever its severity");
    }

    async fn a_departure_without_a_day_is_news_on_the_day_it_is_seen(db: TestDb) {
        stage(db).await;
        import(db, &[("contacts.csv", &format!("{CONTACTS}acme,c1,Cleo Carter,departed,\n"))]).await;
        let departed = the(db, "sponsor.departed").await;
        assert!(!departed.alert.baseline, "a departure never is");
        assert_eq!(departed.succession.unwrap().picture.left_on.to_string(), "2026-06-17");
        assert_eq!(queued(db).await.len(), 3);
    }

    async fn an_older_departure_ends_the_sponsorship_and_wakes_nobody(db: TestDb) {
        stage(db).await;
        evaluate(db).await;
        // 15 days ago, in either way; 14 days ago is news.
        import(db, &[("org_changes.csv", &format!("{ORG_CHANGES}acme,departure,2026-06-02,c1,Left,crm,\n"))]).await;
        import(db, &[("contacts.csv", &format!("{CONTACTS}bolt,c1,Flo Finch,departed,2024-02-01\n"))]).await;
        assert_eq!(shown(db).await, ["backup.missing MEDIUM OPEN *"]);
        assert_eq!(texts(db, "SELECT cast(ended_on AS text) FROM sponsorship WHERE ended_on IS NOT NULL").await, ["2026-06-02"]);
        assert_eq!(queued(db).await, Vec::<String>::new());
        import(db, &[("org_changes.csv", &format!("{ORG_CHANGES}acme,departure,2026-06-03,c2,Left,crm,\n"))]).await;
        assert_eq!(shown(db).await, ["backup.missing MEDIUM OPEN *", "sponsor.departed HIGH OPEN"]);
    }

    async fn somebody_who_sponsors_nothing_may_leave_quietly(db: TestDb) {
        stage(db).await;
        evaluate(db).await;
        import(db, &[("org_changes.csv", &format!("{ORG_CHANGES}acme,departure,2026-06-16,c3,Left,crm,\n"))]).await;
        assert_eq!(shown(db).await, ["backup.missing MEDIUM OPEN *"]);
        assert_eq!(count(db, "outbox").await, 0);
    }

    async fn a_suspicion_asks_and_is_settled_by_a_confirmation(db: TestDb) {
        stage(db).await;
        evaluate(db).await;
        import(db, &[("org_changes.csv", &format!("{ORG_CHANGES}acme,departure,2026-06-16,c1,Profile changed,linkedin,\n"))]).await;
        assert_eq!(shown(db).await, ["backup.missing MEDIUM OPEN *", "sponsor.departure_suspected HIGH OPEN"]);
        assert_eq!(count(db, "outbox").await, 0, "it is not known yet");
        import(db, &[("org_changes.csv", &format!("{ORG_CHANGES}acme,departure,2026-06-16,c1,Profile changed,linkedin,confirmed\n"))]).await;
        assert_eq!(shown(db).await, [
            "backup.missing MEDIUM OPEN *",
            "sponsor.departed CRITICAL OPEN",
            "sponsor.departure_suspected HIGH RESOLVED",
        ]);
        assert_eq!(queued(db).await.len(), 3);
    }

    async fn a_rehearsal_leaves_neither_alert_nor_message(db: TestDb) {
        stage(db).await;
        let text = format!("{ORG_CHANGES}acme,departure,2026-06-16,c1,Left,crm,\n");
        let dry = ImportOptions { dry_run: true, settings: settings(), ..ImportOptions::default() };
        let (summary, _) = import_folder(db, &folder(db, "dry", &[("org_changes.csv", text.as_bytes())]), &dry).await;
        assert!(summary.is_clean() && alerts(db, &db.system()).await.is_empty());
        assert_eq!(count(db, "outbox").await, 0);
        // For good, with an address for escalations.
        let strict = ImportOptions { dry_run: false, strict: true, ..dry };
        import_folder(db, &folder(db, "strict", &[("org_changes.csv", text.as_bytes())]), &strict).await;
        assert_eq!(queued(db).await, [TEAM[0], TEAM[1], "SPONSOR_DEPARTED board@example.com", TEAM[2]].iter().map(|s| (*s).to_owned())
            .collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>());
    }

    async fn beyond_five_an_hour_the_rest_is_one_message(db: TestDb) {
        let (book, changes) = of_nobodys(8);
        import(db, &book.iter().map(|(name, text)| (*name, text.as_str())).chain([("org_changes.csv", changes.as_str())]).collect::<Vec<_>>()).await;
        assert_eq!(count(db, "alert").await, 8);
        let queued = queued(db).await;
        assert_eq!(queued.iter().filter(|line| line.starts_with("SPONSOR_DEPARTED")).count(), 5);
        assert_eq!(queued.iter().filter(|line| *line == "ALERT ada@example.com").count(), 1);
        let joined = "SELECT context FROM outbox WHERE kind = 'ALERT'";
        let alerts_in = |context: &str| serde_json::from_str::<serde_json::Value>(context).unwrap()["alerts"].as_array().unwrap().len();
        assert_eq!(alerts_in(&texts(db, joined).await[0]), 3);
        let due = number(db, "SELECT due_at FROM outbox WHERE kind = 'ALERT'").await;
        assert_eq!(due, (db.clock.now() + TimeDelta::hours(1)).timestamp_micros(), "when the hour is over; it has just begun");

        // One more in the same hour joins them; an hour later there is room again.
        import(db, &[("accounts.csv", "external_id,name,tier\nb,B,smb\nd,D,smb\n"), ("contacts.csv", "account_external_id,external_id,name\nb,c,C\nd,c,C\n"),
            ("sponsorships.csv", "account_external_id,contact_external_id,since,rank\nb,c,2025-01-01,primary\nd,c,2025-01-01,primary\n")]).await;
        db.clock.advance(TimeDelta::minutes(30));
        import(db, &[("org_changes.csv", &format!("{ORG_CHANGES}b,departure,2026-06-16,c,Left,crm,\n"))]).await;
        assert_eq!(alerts_in(&texts(db, joined).await[0]), 4);
        db.clock.advance(TimeDelta::minutes(31));
        import(db, &[("org_changes.csv", &format!("{ORG_CHANGES}d,departure,2026-06-16,c,Left,crm,\n"))]).await;
        assert_eq!(number(db, "SELECT count(*) FROM outbox WHERE kind = 'SPONSOR_DEPARTED'").await, 6);
    }

    async fn those_who_leave_at_the_same_moment_are_counted_together_and_none_is_lost(db: TestDb) {
        let (book, _) = of_nobodys(8);
        import(db, &book.iter().map(|(name, text)| (*name, text.as_str())).collect::<Vec<_>>()).await;
        for account in ["a0", "a1", "a2", "a3"] {
            say_left(db, account).await;
        }
        assert_eq!(queued(db).await, ["SPONSOR_DEPARTED ada@example.com"; 4]);
        // One of them is the fifth of the hour; the others are joined, whoever begins the message.
        tokio::join!(say_left(db, "a4"), say_left(db, "a5"), say_left(db, "a6"), say_left(db, "a7"));
        assert_eq!(queued(db).await, [["ALERT ada@example.com"].as_slice(), &["SPONSOR_DEPARTED ada@example.com"; 5]].concat());
        let joined = texts(db, "SELECT context FROM outbox WHERE kind = 'ALERT'").await;
        let joined: serde_json::Value = serde_json::from_str(&joined[0]).unwrap();
        assert_eq!(joined["alerts"].as_array().unwrap().len(), 3, "{joined}");
    }
}
