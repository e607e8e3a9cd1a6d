//! Our own silence (`data.owner_silent`): who has stopped recording is told to their managers, and of accounts that nobody else is
//! in touch with nothing is concluded; as of the windows that are asked for, on both databases.

use std::fmt::Write as _;

use chrono::{Days, NaiveDate};
use engagement::alert::Subject;
use engagement::measure::Collect;
use engagement::policy::Policy;
use engagement::vocabulary::Period;
use engagement::windows::Windows;
use rapport_tests::{TestDb, on_both_databases};
use service::engagement_rows::{Organisation, load};
use service::mail::{Audience, Content, Standing, look_again};
use service::outbox::{Lane, claim};
use service::record::account;
use service::report::engagement_reports;

use crate::alert_stage::{alerts, evaluate, queued, shown, the, watch, who};
use crate::import_stage::import_texts;
use crate::link_stage::run_sql;

/// Ann looks after five accounts, Max records up to today, Ada is the administrator. `owned` are rows of `account,key,owner,at`
/// of calls that they answered; those whose key begins with `x` name nobody of theirs.
async fn stage(db: &TestDb, users: &str, teams: &str, owned: &str) {
    let users = format!(
        "email,name,role,manager_email\nada@example.com,Ada,admin,\nmax@example.com,Max,csm,\n{users}"
    );
    let (mut accounts, mut contacts) = (
        "external_id,name,tier\n".to_owned(),
        "account_external_id,external_id,name,seniority\n".to_owned(),
    );
    for name in ["a1", "a2", "a3", "a4", "a5", "busy"] {
        writeln!(accounts, "{name},Account {name},enterprise").unwrap();
        writeln!(contacts, "{name},c1,Cleo of {name},vp").unwrap();
    }
    let teams = format!("account_external_id,user_email,team_role\n{teams}");
    import_texts(
        db,
        &[
            ("users.csv", &users),
            ("accounts.csv", &accounts),
            ("contacts.csv", &contacts),
            ("teams.csv", &teams),
        ],
    )
    .await;
    record(db, owned).await;
    max_goes_on(db, "2026-04-19", 60).await;
}

/// Max records something every day, from one on.
async fn max_goes_on(db: &TestDb, from: &str, days: usize) {
    let mut busy = String::new();
    for on in day(from).iter_days().take(days) {
        writeln!(busy, "busy,m{on},max@example.com,{on}").unwrap();
    }
    record(db, &busy).await;
}

async fn record(db: &TestDb, owned: &str) {
    let mut rows =
        "account_external_id,external_id,kind,direction,status,occurred_at,owner_email,participants\n"
            .to_owned();
    for line in owned.lines() {
        let [account, key, owner, at] = line.split(',').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let at = if at.contains('T') {
            at.to_owned()
        } else {
            format!("{at}T08:00:00Z")
        };
        let status = if key.starts_with('s') {
            "scheduled"
        } else {
            "completed"
        };
        let people = if key.starts_with('x') { "" } else { "c1" };
        writeln!(
            rows,
            "{account},{key},call,inbound,{status},{at},{owner},{people}"
        )
        .unwrap();
    }
    let (_, told) = import_texts(db, &[("interactions.csv", &rows)]).await;
    assert_eq!(told.rejected(), Vec::<String>::new());
}

const ANN: &str = "ann@example.com,Ann,csm,bea@example.com\n";

/// Ann's last day is 20 May; every week she called three accounts.
fn of_ann() -> String {
    let mut owned = String::new();
    for week in 0..8 {
        let on = day("2026-05-20") - Days::new(7 * week);
        writeln!(owned, "a1,w{week},ann@example.com,{on}\na2,w{week},ann@example.com,{on}\na5,w{week},ann@example.com,{on}").unwrap();
    }
    owned
        // Somebody else's on her last day is not after it; what Max did a day later is.
        + "a1,o1,max@example.com,2026-05-20T20:00:00Z\na2,o1,max@example.com,2026-05-21\n\
        a3,k1,ann@example.com,2026-05-20\na3,k2,ann@example.com,2026-05-19\na3,x1,,2026-05-18\na3,k4,stranger@example.com,2026-05-18\n\
        a4,k1,ann@example.com,2026-05-20\na4,k2,ann@example.com,2026-05-19\na4,x1,,2026-05-18\na4,k4,max@example.com,2026-02-18\n\
        a5,s1,ann@example.com,2026-06-10\na5,s2,max@example.com,2026-06-01\n"
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The accounts whose contact feed is silent, at the end of a day, and the statements that reading them cost.
async fn silent_on(db: &TestDb, on: &str, zone: chrono_tz::Tz, among: &[&str]) -> (Vec<String>, u64) {
    let windows = Windows::new(day(on), db.clock.now(), zone, Period::Quarterly);
    let mut ids = Vec::new();
    for name in among {
        ids.push(account::find(db, &db.system(), name).await.unwrap().unwrap().id);
    }
    let before = db.statements();
    let organisation = Organisation::read(db, &windows).await.unwrap();
    let rows = load(db, &db.system(), &organisation, &windows, &ids)
        .await
        .unwrap();
    let cost = db.statements() - before;
    let named = rows
        .iter()
        .filter(|rows| rows.contact_feed_silent)
        .map(|rows| ids.iter().position(|id| *id == rows.account.id).unwrap());
    let mut named: Vec<String> = named.map(|at| among[at].to_owned()).collect();
    named.sort();
    (named, cost)
}

const ALL: [&str; 6] = ["a1", "a2", "a3", "a4", "a5", "busy"];

on_both_databases! {
    async fn an_account_is_silent_where_whoever_recorded_most_of_it_is(db: TestDb) {
        stage(db, ANN, "", &of_ann()).await;
        let (silent, cost) = silent_on(db, "2026-06-17", chrono_tz::UTC, &ALL).await;
        // a2: Max has followed. a3: half of it is not more than half, nameless calls and those of a stranger counted. a4: what
        // lies more than 90 days before her last day does not count. a5: what is only booked follows nobody.
        assert_eq!(silent, ["a1", "a4", "a5"]);
        let (one, cost_of_one) = silent_on(db, "2026-06-17", chrono_tz::UTC, &["a1"]).await;
        assert_eq!((one, cost_of_one), (vec!["a1".to_owned()], cost), "one statement for all that may be");
        let (none, without) = silent_on(db, "2026-06-17", chrono_tz::UTC, &["busy"]).await;
        assert_eq!((none.len(), without), (0, cost - 1), "and none where none may be");
    }

    async fn a_past_day_says_what_held_then(db: TestDb) {
        stage(db, ANN, "", &of_ann()).await;
        let before = silent_on(db, "2026-06-09", chrono_tz::UTC, &ALL).await.0;
        let since = silent_on(db, "2026-06-10", chrono_tz::UTC, &ALL).await.0;
        assert_eq!((before.len(), since), (0, vec!["a1".to_owned(), "a4".to_owned(), "a5".to_owned()]), "21 days");
        record(db, "a1,w9,ann@example.com,2026-06-11\n").await;
        assert_eq!(silent_on(db, "2026-06-10", chrono_tz::UTC, &ALL).await.0.len(), 3, "past days do not move");
        assert_eq!(silent_on(db, "2026-06-11", chrono_tz::UTC, &ALL).await.0.len(), 0);
        // Where the day ends four hours later, a call at one in the morning is yesterday's.
        record(db, "a2,w10,ann@example.com,2026-06-12T01:00:00Z\n").await;
        let (here, there) = (chrono_tz::UTC, chrono_tz::America::New_York);
        db.clock.set("2026-09-01T12:00:00Z".parse().unwrap());
        let first = async |zone| {
            let mut days = day("2026-08-10").iter_days().map(|day| day.to_string());
            loop {
                let on = days.next().unwrap();
                if !silent_on(db, &on, zone, &["a1"]).await.0.is_empty() { return on; }
            }
        };
        assert_eq!((first(here).await, first(there).await), ("2026-08-17".to_owned(), "2026-08-16".to_owned()), "three times the 22 days without her");
    }

    async fn managers_are_told_once_and_the_alert_ends_when_they_record_again(db: TestDb) {
        stage(db, ANN, "", &of_ann()).await;
        evaluate(db).await;
        let watched = watch(db).await;
        assert_eq!((watched.silent_owners, watched.stale_feeds), (1, 0));
        let alert = the(db, "data.owner_silent").await;
        let ann = who(db, "ann@example.com").await.user().unwrap();
        assert_eq!((alert.account_id, alert.alert.key.subject, alert.alert.severity.as_str()), (None, Subject::User(ann), "HIGH"));
        assert!(alert.alert.message.starts_with("Ann has recorded nothing of any account for 28 days, the last on 2026-05-20;"), "{}", alert.alert.message);
        assert!(queued(db).await.contains(&"ALERT bea@example.com".to_owned()), "{:?}", queued(db).await);
        let messages = queued(db).await.len();
        // Bea is no user: her address is told of Ann while Ann reports to it.
        let claimed = claim(db, Lane::Urgent, "w", 50, db.clock.now()).await.unwrap();
        let of_bea = claimed.iter().find(|row| row.recipient.as_ref().unwrap().expose() == "bea@example.com").unwrap();
        let standing = async || look_again(db, &claimed, &[], chrono_tz::UTC).await.unwrap().remove(&of_bea.id).unwrap();
        let Standing::Wanted { content, .. } = standing().await else { panic!("it is wanted") };
        let Content::Alert(content) = *content.unwrap() else { panic!("it is about an alert") };
        assert_eq!((content.audience, content.alerts.len()), (Audience::UsersManager, 1));
        run_sql(db, "UPDATE app_user SET manager_email = 'eve@example.com' WHERE email = 'ann@example.com'").await;
        assert!(matches!(standing().await, Standing::Unwanted(_)), "she reports to somebody else");
        watch(db).await;
        assert_eq!(queued(db).await.len(), messages, "once");
        let max = who(db, "max@example.com").await;
        assert!(alerts(db, &max).await.iter().all(|one| one.account_id.is_some()), "it is not for colleagues");
        // What is only booked is no sign of life.
        record(db, "a1,s9,ann@example.com,2026-06-17\n").await;
        watch(db).await;
        assert_eq!(the(db, "data.owner_silent").await.alert.status.as_str(), "OPEN");
        record(db, "a1,w9,ann@example.com,2026-06-17\n").await;
        watch(db).await;
        assert_eq!(the(db, "data.owner_silent").await.alert.status.as_str(), "RESOLVED");
    }

    async fn alerts_of_such_an_account_stand_still_and_its_report_shows_the_signals(db: TestDb) {
        stage(db, ANN, "", &of_ann()).await;
        evaluate(db).await;
        let of = async |name: &str| {
            let id = account::find(db, &db.system(), name).await.unwrap().unwrap().id;
            let mut rules: Vec<String> = alerts(db, &db.system()).await.iter().filter(|one| one.account_id == Some(id))
                .map(|one| format!("{} {}", one.alert.key.rule, one.alert.status)).collect();
            rules.sort();
            rules
        };
        assert_eq!(of("a1").await, ["backup.missing OPEN"], "neither opened …");
        assert_eq!(of("a3").await, ["backup.missing OPEN", "signal.sponsor_missing OPEN"]);
        let id = account::find(db, &db.system(), "a1").await.unwrap().unwrap().id;
        let windows = Windows::at(db.clock.now(), chrono_tz::UTC, Period::Quarterly);
        let reports = engagement_reports(db, &db.system(), &Policy::default(), &windows, (Collect::Numbers, service::report::Naming::NoNames), &[id]).await.unwrap();
        assert!(!reports.reports[&id].0.evaluation.signals.is_empty());
        // She records again: what was held back opens. Then she is silent again: what has opened does not end.
        record(db, "a1,w9,ann@example.com,2026-06-17\n").await;
        evaluate(db).await;
        assert_eq!(of("a1").await, ["backup.missing OPEN", "signal.sponsor_missing OPEN"]);
        db.clock.set("2026-09-15T12:00:00Z".parse().unwrap());
        max_goes_on(db, "2026-06-18", 94).await;
        import_texts(db, &[("sponsorships.csv", "account_external_id,contact_external_id,since,rank\na1,c1,2026-09-14,primary\n")]).await;
        for _ in 0..4 {
            evaluate(db).await;
            db.clock.advance(chrono::TimeDelta::days(1));
        }
        assert_eq!(of("a1").await, ["backup.missing OPEN", "signal.sponsor_missing OPEN"], "… nor resolved");
    }

    async fn without_a_manager_the_team_is_asked_and_at_last_the_administrators(db: TestDb) {
        let owned = |who: &str, key: &str| ["a1", "a2", "a3"].map(|a| format!("{a},{key},{who}@example.com,2026-05-01\n")).concat();
        stage(
            db,
            "zed@example.com,Zed,csm,\nzoe@example.com,Zoe,csm,\nlou@example.com,Lou,manager,\n",
            "a1,zed@example.com,csm\na1,lou@example.com,manager\n",
            &(owned("zed", "z1") + &owned("zoe", "z2")),
        )
        .await;
        assert_eq!(watch(db).await.silent_owners, 2);
        let told = queued(db).await;
        let about = |email: &str| told.iter().filter(|one| **one == format!("ALERT {email}")).count();
        assert_eq!((about("lou@example.com"), about("ada@example.com")), (1, 1), "{told:?}");
        // Who is erased is nobody any more: their interactions are somebody else's, and the alert ends.
        run_sql(db, "DELETE FROM app_user WHERE email = 'zoe@example.com'").await;
        assert_eq!(watch(db).await.silent_owners, 1);
        let mut left: Vec<String> = shown(db).await.into_iter().filter(|one| one.starts_with("data.")).collect();
        left.sort();
        assert_eq!(left, ["data.owner_silent HIGH OPEN", "data.owner_silent HIGH RESOLVED"]);
    }

    async fn a_book_without_contacts_has_nobody_who_is_silent(db: TestDb) {
        import_texts(db, &[
            ("users.csv", "email,name,role\nada@example.com,Ada,admin\n"),
            ("accounts.csv", "external_id,name,tier\na1,One,smb\n"),
            ("usage.csv", "account_external_id,feature,day,count\na1,export,2026-01-05,3\n"),
        ]).await;
        assert_eq!(silent_on(db, "2026-06-17", chrono_tz::UTC, &["a1"]).await.0, Vec::<String>::new());
        assert_eq!(watch(db).await.silent_owners, 0);
    }
}
