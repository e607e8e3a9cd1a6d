//! From rows to stored scores, on both databases: the same rows are read, the same numbers come out.

use std::sync::Mutex;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use engagement::measure::Collect;
use engagement::policy::Policy;
use engagement::row::{AccountRows, Departure, Span};
use engagement::vocabulary::{Pattern, Period};
use engagement::windows::Windows;
use rapport_tests::{TestDb, on_both_databases};
use service::engagement_rows::{Organisation, load};
use service::job::recompute::{Progress, Recompute, Recomputed, Scope, recompute};
use service::record::account;
use service::report;
use service::scoring::assessment::{self, StoredAssessment};
use service::scoring::touched;
use service::settings::Settings;

use crate::import_stage::{import_texts, number};

/// Two customers, one who left, one without any row. Names that would break a careless separator; every kind of absence.
const FILES: &[(&str, &str)] = &[
    (
        "accounts.csv",
        "external_id,name,tier,status,churned_on\nacme,Acme,smb,active,\nbolt,Bolt,enterprise,active,\ngone,Gone,smb,churned,2026-03-31\nnew,New,smb,active,\n",
    ),
    (
        "contacts.csv",
        "account_external_id,external_id,name,department,seniority,role_started_on,status,departed_on\n\
         acme,c1,Cleo,Sales,vp,2024-02-29,active,\nacme,c2,Abe,,,,active,\nacme,c3,Bea,Ops,manager,,departed,2026-05-01\nbolt,c1,Dan,IT,c_level,,departed,\n",
    ),
    (
        "initiatives.csv",
        "account_external_id,initiative,their_priority,alignment\nacme,Analytics,,low\nacme,Self-service,cost,high\nbolt,Analytics,,medium\n",
    ),
    (
        "sponsorships.csv",
        "account_external_id,contact_external_id,since,until,rank\nacme,c1,2026-01-01,,primary\nacme,c3,2025-01-01,2026-06-01,backup\n",
    ),
    (
        "interactions.csv",
        "account_external_id,external_id,kind,direction,status,purpose,occurred_at,responded_at,responded_by,from_contact,rescheduled_to,canceled_by,subject,participants\n\
         acme,i1,email,outbound,completed,strategic,2026-06-01T10:00:00Z,2026-06-01T12:00:00Z,c1,,,,a|b,c1;c2\n\
         acme,i2,meeting,outbound,completed,,2026-06-02T10:00:00.5Z,,,,,,,c1:attended;c2:absent;c3\n\
         acme,i3,qbr,outbound,canceled,tactical,2026-05-02T10:00:00Z,,,,i9,vendor,,\n\
         acme,i4,email,inbound,completed,,2024-02-01T00:00:00Z,,,c2,,,,\n\
         acme,i5,meeting,outbound,scheduled,,2026-06-10T10:00:00Z,,,,,,,c1\n\
         acme,i6,call,outbound,completed,,2026-06-17T12:00:00Z,,,,,,,c1\n\
         acme,i7,call,outbound,completed,,2023-12-01T10:00:00Z,,,,,,,c1\n\
         gone,i1,call,outbound,completed,,2026-06-01T10:00:00Z,,,,,,,\n",
    ),
    (
        "usage.csv",
        "account_external_id,contact_external_id,feature,day,count\n\
         acme,c1,export,2026-06-01,3\nacme,,export,2026-06-01,4\nacme,c2,\"od|d:nä,me\n2\",2026-05-31,1\nacme,c1,login,2026-06-17,9\n\
         acme,c1,export,2026-06-18,7\nacme,c1,old,2024-05-01,1\nbolt,,export,2024-08-01,2\nbolt,,ancient,2020-01-01,2\n",
    ),
];

/// What scoring reads of the first customer in June 2026: nothing of the future, nothing older than the history of the
/// window before.
const ACME: &[&str] = &[
    r#"EMAIL OUTBOUND COMPLETED Some(Strategic) ("2026-06-01T10:00:00+00:00", Some("2026-06-01T12:00:00+00:00")) ("c1", "-") (false, None) ["c1:UNKNOWN", "c2:UNKNOWN"]"#,
    r#"MEETING OUTBOUND COMPLETED None ("2026-06-02T10:00:00.500+00:00", None) ("-", "-") (false, None) ["c1:ATTENDED", "c2:ABSENT", "c3:UNKNOWN"]"#,
    r#"MEETING OUTBOUND SCHEDULED None ("2026-06-10T10:00:00+00:00", None) ("-", "-") (false, None) ["c1:UNKNOWN"]"#,
    r#"QBR OUTBOUND CANCELED Some(Tactical) ("2026-05-02T10:00:00+00:00", None) ("-", "-") (true, Some(Vendor)) []"#,
    r#"contact c1 Some("Sales") Some(Vp) Some(2024-02-29) None"#,
    "contact c2 None None None None",
    r#"contact c3 Some("Ops") Some(Manager) None On(2026-05-01)"#,
    "initiative HIGH",
    "initiative LOW",
    "sponsor c1 2026-01-01 None PRIMARY",
    "sponsor c3 2025-01-01 Some(2026-05-01) BACKUP",
    "usage - export 2026-06-01 4",
    "usage c1 export 2026-06-01 3",
    "usage c1 login 2026-06-17 9",
    "usage c2 od|d:nä,me\n2 2026-05-31 1",
];

async fn stage(db: &TestDb) {
    let (summary, remembered) = import_texts(db, FILES).await;
    assert!(summary.is_clean(), "{:?}", remembered.rejected());
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn windows(db: &TestDb) -> Windows {
    Windows::at(db.clock.now(), chrono_tz::UTC, Period::Quarterly)
}

async fn rows_of(db: &TestDb, windows: &Windows, named: &str) -> (Organisation, AccountRows) {
    let account = account::find(db, &db.system(), named).await.unwrap().unwrap();
    let organisation = Organisation::read(db, windows).await.unwrap();
    let rows = load(db, &db.system(), &organisation, windows, &[account.id])
        .await
        .unwrap();
    (organisation, rows.into_iter().next().unwrap())
}

/// The rows in words, without ids and in order.
fn tell(organisation: &Organisation, rows: &AccountRows) -> Vec<String> {
    let features: Vec<&str> = organisation.catalogue().keys().collect();
    let name = |at: u32| rows.contacts[at as usize].external_id.clone();
    let someone = |at: Option<u32>| at.map_or("-".to_owned(), name);
    let mut told = Vec::new();
    for c in &rows.contacts {
        told.push(format!(
            "contact {} {:?} {:?} {:?} {:?}",
            c.external_id, c.department, c.seniority, c.role_started_on, c.departure
        ));
    }
    told.extend(
        rows.initiatives
            .iter()
            .map(|alignment| format!("initiative {alignment}")),
    );
    for s in &rows.sponsorships {
        told.push(format!(
            "sponsor {} {} {:?} {}",
            name(s.contact),
            s.since,
            s.until,
            s.rank
        ));
    }
    for i in &rows.interactions {
        let mut people: Vec<String> = i
            .participants
            .iter()
            .map(|p| format!("{}:{}", name(p.contact), p.attendance))
            .collect();
        people.sort();
        let times = (i.occurred_at.to_rfc3339(), i.responded_at.map(|t| t.to_rfc3339()));
        let by = (someone(i.responded_by), someone(i.from_contact));
        let call_off = (i.rescheduled, i.canceled_by);
        told.push(format!(
            "{} {} {} {:?} {times:?} {by:?} {call_off:?} {people:?}",
            i.kind, i.direction, i.status, i.purpose
        ));
    }
    told.extend(rows.usage.iter().map(|u| {
        format!(
            "usage {} {} {} {}",
            someone(u.contact),
            features[u.feature as usize],
            u.day,
            u.count
        )
    }));
    told.sort();
    told
}

async fn run(db: &TestDb, as_of: DateTime<Utc>, ending_on: NaiveDate, scope: Scope) -> Recomputed {
    let request = Recompute {
        as_of,
        ending_on,
        scope,
    };
    recompute(db, &db.system(), &Settings::default(), &request, |_| {})
        .await
        .unwrap()
}

async fn stored(db: &TestDb, named: &str) -> Option<StoredAssessment> {
    let account = account::find(db, &db.system(), named).await.unwrap().unwrap();
    assessment::latest_of(db, &db.system(), &[account.id])
        .await
        .unwrap()
        .remove(&account.id)
}

on_both_databases! {
    async fn exactly_the_rows_that_can_count_are_read(db: TestDb) {
        stage(db).await;
        let (organisation, rows) = rows_of(db, &windows(db), "acme").await;
        assert_eq!(tell(&organisation, &rows), ACME);
        assert_eq!(organisation.catalogue().size(Span::Current), 2, "export and the odd one; `old` and `ancient` are older than the history");
        assert_eq!(rows.first_usage_days, [day("2026-05-31"), day("2024-05-01")], "on or after the start of each history");
        assert_eq!(organisation.data_through, Some(day("2026-06-17")));
    }

    async fn the_catalogue_is_what_was_imported_where_something_was(db: TestDb) {
        stage(db).await;
        import_texts(db, &[("features.csv", "feature\nexport\nlogin\nnever\n")]).await;
        let (organisation, rows) = rows_of(db, &windows(db), "acme").await;
        assert_eq!(organisation.catalogue().size(Span::Current), 2, "export and never");
        let listed = rows.usage.iter().filter(|u| organisation.catalogue().is_listed(u.feature, Span::Current)).count();
        assert_eq!((listed, rows.usage.len()), (2, 4));
        let bolt = rows_of(db, &windows(db), "bolt").await.1;
        assert_eq!((bolt.contacts[0].departure, bolt.usage.len(), bolt.first_usage_days.len()), (Departure::Undated, 0, 2));
    }

    async fn what_is_stored_is_what_the_report_says(db: TestDb) {
        stage(db).await;
        let progress = Mutex::new(Vec::new());
        let request = Recompute { as_of: db.clock.now(), ending_on: day("2026-06-17"), scope: Scope::All };
        let policy = Policy::default();
        let settings = Settings::default();
        let done = recompute(db, &db.system(), &settings, &request, |p| progress.lock().unwrap().push(p)).await.unwrap();
        assert_eq!((done.accounts, done.without_pattern, done.patterns.iter().sum()), (3, 2, 1), "two have too little data");
        assert_eq!(*progress.lock().unwrap(), [Progress { done: 0, total: 3 }, Progress { done: 3, total: 3 }]);
        assert_eq!(stored(db, "gone").await, None, "no customer any more");

        let acme = account::find(db, &db.system(), "acme").await.unwrap().unwrap();
        let reports = report::engagement_reports(db, &db.system(), &policy, &windows(db), (Collect::Evidence, report::Naming::NoNames), &[acme.id]).await.unwrap();
        let (evaluation, stored_acme) = (&reports.reports[&acme.id].0.evaluation, stored(db, "acme").await.unwrap());
        let assessed = &evaluation.assessment;
        assert_eq!(stored_acme.overall, assessed.overall);
        assert!(stored_acme.overall.is_some_and(|overall| overall > 0.0));
        assert_eq!(stored_acme.overall_rounded, assessed.rounded());
        assert_eq!(stored_acme.dimensions.to_vec(), assessed.dimensions.iter().map(|d| d.score).collect::<Vec<_>>());
        assert_eq!((stored_acme.coverage, stored_acme.pattern, stored_acme.provisional_reason), (assessed.coverage, assessed.pattern, assessed.provisional));
        assert_eq!((stored_acme.change, stored_acme.trend, stored_acme.previous_overall), (evaluation.change, evaluation.trend, evaluation.previous_overall));
        assert_eq!(stored_acme.signals, evaluation.signals.iter().map(|s| (s.signal, s.severity)).collect::<Vec<_>>());
        assert_eq!((stored_acme.data_through, stored_acme.as_of), (reports.data_through, evaluation.windows.at));
        assert_eq!(stored_acme.policy_hash, service::policy::hash(&policy));

        let new = stored(db, "new").await.unwrap();
        assert_eq!((new.overall, new.pattern, new.trend, new.coverage), (None, None::<Pattern>, None, 0.0), "no fact, no score");
    }

    async fn running_it_twice_changes_nothing(db: TestDb) {
        stage(db).await;
        run(db, db.clock.now(), day("2026-06-17"), Scope::All).await;
        let before = stored(db, "acme").await;
        run(db, db.clock.now(), day("2026-06-17"), Scope::All).await;
        assert_eq!(stored(db, "acme").await, before);
        assert_eq!(number(db, "SELECT count(*) FROM assessment").await, 3);
    }

    async fn a_past_day_scores_those_who_were_customers_then(db: TestDb) {
        stage(db).await;
        let done = run(db, db.clock.now(), day("2026-03-30"), Scope::All).await;
        assert_eq!(done.accounts, 4, "the one who left the day after is among them");
        assert_eq!(number(db, "SELECT count(*) FROM touched_account").await, 4, "a past score settles no present change");
    }

    async fn only_touched_accounts_are_scored_again(db: TestDb) {
        stage(db).await;
        let (now, today, system) = (db.clock.now(), day("2026-06-17"), db.system());
        assert_eq!(touched::count(db, &system).await.unwrap(), 4);
        assert_eq!(run(db, now, today, Scope::Touched).await.accounts, 3);
        assert_eq!(touched::count(db, &system).await.unwrap(), 0, "the former customer's note is settled too");
        assert_eq!(run(db, now, today, Scope::Touched).await.accounts, 0);
        let acme = account::find(db, &system, "acme").await.unwrap().unwrap();
        // Noted after the instant of the run that follows: that run may not have seen what was written.
        db.write_tx(async |tx| touched::touch(tx, &[acme.id], now + TimeDelta::seconds(1)).await).await.unwrap();
        assert_eq!(run(db, now, today, Scope::Touched).await.accounts, 1);
        assert_eq!(touched::count(db, &system).await.unwrap(), 1, "so the note stays");
        assert_eq!(run(db, now + TimeDelta::seconds(2), today, Scope::Touched).await.accounts, 1);
        assert_eq!(touched::count(db, &system).await.unwrap(), 0);
        assert_eq!(run(db, now, today, Scope::Accounts(vec![acme.id])).await.accounts, 1);
    }

    async fn a_book_larger_than_a_batch_is_scored_whole_with_few_statements(db: TestDb) {
        let mut accounts = "external_id,name,tier\n".to_owned();
        let mut usage = "account_external_id,feature,day,count\n".to_owned();
        for n in 0..1203 {
            use std::fmt::Write as _;
            writeln!(accounts, "a{n},Account {n},smb").unwrap();
            writeln!(usage, "a{n},export,2026-06-{:02},{}", n % 17 + 1, n + 1).unwrap();
        }
        import_texts(db, &[("accounts.csv", &accounts), ("usage.csv", &usage)]).await;
        let before = db.statements();
        let done = run(db, db.clock.now(), day("2026-06-17"), Scope::All).await;
        assert_eq!(done.accounts, 1203);
        assert_eq!(number(db, "SELECT count(*) FROM assessment WHERE product IS NOT NULL").await, 1203);
        let statements = db.statements() - before;
        assert!(statements < 90, "{statements} statements for three batches with their alerts");
    }
}
