//! Digests from the database: who gets one, about what, when, and once.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use engagement::email_address::EmailAddress;
use engagement::policy::Policy;
use engagement::report::digest::{Digest, NothingToSay};
use engagement::vocabulary::Weekday;
use rapport_tests::TestDb;
use sea_orm::ConnectionTrait;
use service::access::Access;
use service::digest::{DigestCounts, DigestSettings, preview, queue_due};
use service::job::recompute::{Recompute, Scope, recompute};
use service::mail::{Content, Standing, look_again};
use service::outbox::{Lane, claim};
use service::record::digest_preferences::{self, DigestChange};
use service::record::user;
use service::settings::Settings;
use tokio_util::sync::CancellationToken;
use worker::jobs::find;
use worker::{Ran, run_if_due};

use crate::import_stage::{import_texts, number, texts};
use crate::mail_stage::instant;

/// Ann looks after `acme` and `bolt`, Bo after `cato`. Both report to Lou, who reports to Vi; Rex, a csm, is said to lead Bo
/// too, but may see none of his accounts. Old Tom is in no team.
pub(crate) const FILES: &[(&str, &str)] = &[
    (
        "users.csv",
        "email,name,role,time_zone,manager_email\nann@x.example,Ann,csm,Europe/Berlin,lou@x.example\nbo@x.example,Bo,csm,,lou@x.example\n\
         lou@x.example,Lou,manager,,vi@x.example\nvi@x.example,Vi,admin,,\ntom@x.example,Tom,csm,,\nrex@x.example,Rex,csm,,\n\
         cy@x.example,Cy,viewer,,rex@x.example\n",
    ),
    (
        "accounts.csv",
        "external_id,name,tier,status,arr,currency,renewal_date\nacme,Acme,enterprise,active,500000,USD,2026-07-10\n\
         bolt,Bolt,smb,active,20000,USD,\ncato,Cato,smb,active,30000,EUR,2027-03-01\n",
    ),
    (
        "teams.csv",
        "account_external_id,user_email,team_role\nacme,ann@x.example,csm\nbolt,ann@x.example,csm\ncato,bo@x.example,csm\ncato,cy@x.example,csm\n",
    ),
    (
        "contacts.csv",
        "account_external_id,external_id,name,title,department,seniority,status\nacme,c1,Dana Whitfield,COO,Ops,c_level,active\n\
         acme,c2,Ben Osei,,Ops,vp,active\nbolt,c1,Ida Falk,CEO,,c_level,active\n",
    ),
    (
        "sponsorships.csv",
        "account_external_id,contact_external_id,since,until,rank\nacme,c1,2026-01-01,,primary\nacme,c2,2026-01-01,,backup\n",
    ),
    (
        "interactions.csv",
        "account_external_id,external_id,kind,direction,status,purpose,occurred_at,responded_at,responded_by,participants\n\
         acme,i1,meeting,outbound,completed,strategic,2026-05-20T10:00:00Z,,,c1\n\
         acme,i2,qbr,outbound,completed,strategic,2026-05-22T10:00:00Z,,,c1;c2\n\
         acme,i3,email,outbound,completed,strategic,2026-04-01T10:00:00Z,2026-04-01T12:00:00Z,c1,c1\n\
         acme,i4,email,outbound,completed,strategic,2026-04-08T10:00:00Z,2026-04-08T12:00:00Z,c1,c1\n\
         acme,i5,email,outbound,completed,strategic,2026-04-15T10:00:00Z,2026-04-15T12:00:00Z,c1,c1\n\
         acme,i6,call,outbound,scheduled,strategic,2026-06-19T10:00:00Z,,,c1\n\
         bolt,i1,email,inbound,completed,,2026-05-05T10:00:00Z,,,c1\n",
    ),
];

/// Monday, eight o'clock in UTC; in Berlin it was two hours ago.
pub(crate) const MONDAY: &str = "2026-06-15T08:00:00Z";

fn settings(db: &TestDb) -> DigestSettings {
    DigestSettings {
        policy: Arc::new(Policy::default()),
        zone: chrono_tz::Tz::UTC,
        installed_at: db.clock.now(),
    }
}

/// Installed on the Friday before the Monday at hand, with scores of the days around.
pub(crate) async fn stage(db: &TestDb) -> DigestSettings {
    db.clock.set(instant("2026-06-12T12:00:00Z"));
    let settings = settings(db);
    import_texts(db, FILES).await;
    settings
}

async fn score(db: &TestDb, day: &str) {
    let request = Recompute {
        as_of: db.clock.now(),
        ending_on: day.parse().unwrap(),
        scope: Scope::All,
    };
    recompute(db, &Access::system(), &Settings::default(), &request, |_| {})
        .await
        .unwrap();
}

async fn run_sql(db: &TestDb, sql: &str) {
    db.write_tx(async |tx| {
        tx.execute_unprepared(sql).await.expect("a statement");
        Ok(())
    })
    .await
    .unwrap();
}

pub(crate) async fn add_alert(
    db: &TestDb,
    n: u8,
    account: &str,
    severity: &str,
    status: &str,
    opened_at: &str,
) {
    let id = match db.kind() {
        rapport_tests::Kind::Sqlite => format!("x'0000000000000000000000000000000{n}'"),
        rapport_tests::Kind::Postgres => format!("'00000000-0000-0000-0000-00000000000{n}'::uuid"),
    };
    let opened = instant(opened_at).timestamp_micros();
    let until = if status == "SNOOZED" {
        "'2026-12-01'"
    } else {
        "NULL"
    };
    let flag = if db.kind() == rapport_tests::Kind::Sqlite {
        "0"
    } else {
        "false"
    };
    run_sql(
        db,
        &format!(
            "INSERT INTO alert (id, account_id, rule, subject_kind, subject, severity, status, baseline, message, opened_at, last_seen_on,
                snoozed_until, cleared_since)
             SELECT {id}, id, 'signal.qbr_missed', 'FEED', '{n}', '{severity}', '{status}', {flag}, 'Message {n}.', {opened}, '2026-06-12', {until}, {flag}
             FROM account WHERE external_id = '{account}'"
        ),
    )
    .await;
}

pub(crate) async fn look(db: &TestDb, settings: &DigestSettings, now: &str) -> DigestCounts {
    db.clock.set(instant(now));
    queue_due(db, settings, db.clock.now()).await.unwrap()
}

/// What is in the outbox, by recipient.
async fn queued(db: &TestDb) -> BTreeMap<String, Digest> {
    let keys = texts(db, "SELECT recipient FROM outbox ORDER BY recipient").await;
    let contexts = texts(db, "SELECT context FROM outbox ORDER BY recipient").await;
    keys.into_iter()
        .zip(contexts.iter().map(|text| serde_json::from_str(text).unwrap()))
        .collect()
}

/// What would be sent now, by reader.
async fn contents(db: &TestDb) -> BTreeMap<String, Digest> {
    let claimed = claim(db, Lane::Ordinary, "one", 100, db.clock.now())
        .await
        .unwrap();
    let standings = look_again(db, &claimed, &[], chrono_tz::Tz::UTC).await.unwrap();
    let digests = standings.into_values().filter_map(|standing| match standing {
        Standing::Wanted {
            recipient: Some(recipient),
            content: Ok(content),
            ..
        } => match *content {
            Content::WeeklyDigest(digest) => Some((recipient.name, *digest)),
            _ => None,
        },
        _ => None,
    });
    digests.collect()
}

async fn seen_by(
    db: &TestDb,
    settings: &DigestSettings,
    email: &str,
) -> Option<Result<Digest, NothingToSay>> {
    let address: EmailAddress = email.parse().unwrap();
    let found = user::find_by_email(db, &Access::system(), &address)
        .await
        .unwrap()
        .unwrap();
    preview(db, &Access::system(), settings, db.clock.now(), found.id)
        .await
        .unwrap()
}

pub(crate) fn counts(queued: u64, empty: u64, missed: u64) -> DigestCounts {
    DigestCounts {
        queued,
        empty,
        missed,
        failed: 0,
    }
}

rapport_tests::on_both_databases! {
    async fn each_reader_gets_one_digest_a_week_at_their_hour(db: TestDb) {
        let settings = stage(db).await;
        add_alert(db, 1, "acme", "HIGH", "OPEN", "2026-06-10T10:00:00Z").await;
        // Eight in Berlin is six in UTC: Ann is first.
        assert_eq!(look(db, &settings, "2026-06-15T05:59:59Z").await, counts(0, 0, 0));
        assert_eq!(look(db, &settings, "2026-06-15T06:00:00Z").await, counts(1, 0, 0));
        // Bo, Cy and Rex, who leads Cy but sees nothing of his, have nothing to be told; Lou and Vi lead Ann.
        assert_eq!(look(db, &settings, MONDAY).await, counts(2, 3, 0));
        assert_eq!(look(db, &settings, MONDAY).await, counts(0, 0, 0), "again");
        assert_eq!(look(db, &settings, "2026-06-21T23:59:59Z").await, counts(0, 0, 0), "later in the week");
        assert_eq!(queued(db).await.into_keys().collect::<Vec<_>>(), ["ann@x.example", "lou@x.example", "vi@x.example"]);
        assert_eq!(texts(db, "SELECT natural_key FROM outbox").await.iter().filter(|key| key.ends_with(":2026-W25")).count(), 3);
        let settled = texts(db, "SELECT u.name || ' ' || d.week || ' ' || d.outcome FROM digest d JOIN app_user u ON u.id = d.user_id ORDER BY u.name").await;
        assert_eq!(
            settled,
            ["Ann 2026-W25 QUEUED", "Bo 2026-W25 EMPTY", "Cy 2026-W25 EMPTY", "Lou 2026-W25 QUEUED", "Rex 2026-W25 EMPTY", "Vi 2026-W25 QUEUED"]
        );
        assert_eq!(look(db, &settings, "2026-06-22T08:00:00Z").await, counts(3, 3, 0), "the next week");
    }

    async fn what_was_missed_for_three_days_is_said_and_left(db: TestDb) {
        let settings = stage(db).await;
        add_alert(db, 1, "acme", "HIGH", "OPEN", "2026-06-10T10:00:00Z").await;
        assert_eq!(look(db, &settings, "2026-06-18T08:00:00.000001Z").await, counts(0, 0, 6));
        assert_eq!(look(db, &settings, "2026-06-19T08:00:00Z").await, counts(0, 0, 0));
        assert_eq!(number(db, "SELECT count(*) FROM outbox").await, 0);
        // Two weeks away: only the latest is made up for.
        assert_eq!(look(db, &settings, "2026-07-01T08:00:00Z").await, counts(3, 3, 0));
        assert_eq!(number(db, "SELECT count(*) FROM digest WHERE outcome = 'MISSED'").await, 6);
    }

    async fn a_fresh_installation_owes_nothing_and_a_new_user_neither(db: TestDb) {
        db.clock.set(instant(MONDAY));
        let settings = settings(db);
        import_texts(db, FILES).await;
        add_alert(db, 1, "acme", "HIGH", "OPEN", "2026-06-10T10:00:00Z").await;
        assert_eq!(look(db, &settings, "2026-06-15T09:00:00Z").await, counts(0, 0, 0));
        let earlier = DigestSettings { installed_at: instant("2026-01-01T00:00:00Z"), ..settings };
        assert_eq!(look(db, &earlier, "2026-06-15T09:00:00Z").await, counts(0, 0, 0), "the users are as new");
        assert_eq!(look(db, &earlier, "2026-06-22T09:00:00Z").await, counts(3, 3, 0));
    }

    async fn preferences_decide(db: TestDb) {
        let settings = stage(db).await;
        add_alert(db, 1, "acme", "CRITICAL", "OPEN", "2026-06-10T10:00:00Z").await;
        let off = if db.kind() == rapport_tests::Kind::Sqlite { "1" } else { "true" };
        run_sql(db, &format!("UPDATE app_user SET digest_off = {off} WHERE name = 'Vi'")).await;
        run_sql(db, "UPDATE app_user SET digest_day = 'TUESDAY', digest_hour = 23, digest_zone = 'Asia/Tokyo' WHERE name = 'Lou'").await;
        run_sql(db, "UPDATE app_user SET mail_disabled_at = 1 WHERE name = 'Ann'").await;
        assert_eq!(look(db, &settings, MONDAY).await, counts(0, 3, 0));
        assert_eq!(look(db, &settings, "2026-06-16T13:59:59Z").await, counts(0, 0, 0));
        assert_eq!(look(db, &settings, "2026-06-16T14:00:00Z").await, counts(1, 0, 0));
        assert_eq!(queued(db).await.into_keys().collect::<Vec<_>>(), ["lou@x.example"]);
    }

    async fn what_was_due_before_they_asked_for_it_is_not_owed(db: TestDb) {
        let settings = stage(db).await;
        add_alert(db, 1, "acme", "CRITICAL", "OPEN", "2026-06-10T10:00:00Z").await;
        let ann = user::find_by_email(db, &Access::system(), &"ann@x.example".parse().unwrap()).await.unwrap().unwrap();
        let asks = async |at: &str, change: DigestChange| {
            digest_preferences::set(db, &Access::of(ann.id, ann.role), instant(at), ann.id, &change).await.unwrap();
        };
        asks("2026-06-14T12:00:00Z", DigestChange { off: Some(true), ..DigestChange::default() }).await;
        assert_eq!(look(db, &settings, MONDAY).await, counts(2, 3, 0));
        // Back on Tuesday: Monday's is past.
        asks("2026-06-16T12:00:00Z", DigestChange { off: Some(false), ..DigestChange::default() }).await;
        assert_eq!(look(db, &settings, "2026-06-16T12:15:00Z").await, counts(0, 0, 0));
        assert_eq!(look(db, &settings, "2026-06-19T12:15:00Z").await, counts(0, 0, 0), "and not missed either");
        // Moved to a day that is still to come in this week: that one is theirs.
        asks("2026-06-19T13:00:00Z", DigestChange { day: Some(Weekday::Saturday), ..DigestChange::default() }).await;
        assert_eq!(look(db, &settings, "2026-06-20T06:00:00Z").await, counts(1, 0, 0));
        assert_eq!(queued(db).await.into_keys().collect::<Vec<_>>(), ["ann@x.example", "lou@x.example", "vi@x.example"]);
    }

    async fn what_this_binary_does_not_know_keeps_only_its_own_from_a_digest(db: TestDb) {
        let settings = stage(db).await;
        add_alert(db, 1, "acme", "HIGH", "OPEN", "2026-06-10T10:00:00Z").await;
        add_alert(db, 2, "cato", "HIGH", "OPEN", "2026-06-10T10:00:00Z").await;
        // A reader as another version may write them.
        run_sql(db, "UPDATE app_user SET digest_zone = 'Mars/Olympus' WHERE name = 'Cy'").await;
        let counts = look(db, &settings, MONDAY).await;
        assert_eq!((counts.queued, counts.failed), (4, 0), "{counts:?}");
        assert_eq!(queued(db).await.into_keys().collect::<Vec<_>>(), ["ann@x.example", "bo@x.example", "lou@x.example", "vi@x.example"]);
    }

    async fn a_digest_tells_what_its_reader_may_see(db: TestDb) {
        let settings = stage(db).await;
        add_alert(db, 1, "acme", "HIGH", "OPEN", "2026-06-10T10:00:00Z").await;
        add_alert(db, 2, "acme", "CRITICAL", "SNOOZED", "2026-06-10T10:00:00Z").await;
        add_alert(db, 3, "cato", "HIGH", "ACKNOWLEDGED", "2026-05-10T10:00:00Z").await;
        add_alert(db, 4, "bolt", "MEDIUM", "OPEN", "2026-05-10T10:00:00Z").await;
        assert_eq!(look(db, &settings, MONDAY).await, counts(5, 1, 0));
        let mails = queued(db).await;
        let of = |email: &str| -> Vec<String> {
            mails[email].alerts.lines.iter().map(|line| format!("{} {} {} {}", line.account.name, line.severity, line.new, line.acknowledged)).collect()
        };
        assert_eq!(of("ann@x.example"), ["Acme HIGH true false", "Bolt MEDIUM false false"]);
        assert_eq!(of("bo@x.example"), ["Cato HIGH false true"]);
        assert_eq!(of("cy@x.example"), ["Cato HIGH false true"]);
        assert_eq!(of("lou@x.example"), ["Acme HIGH true false", "Cato HIGH false true", "Bolt MEDIUM false false"]);
        let people = |email: &str| -> Vec<String> {
            mails[email].people.lines.iter().map(|line| format!("{} {} {:?}", line.name, line.accounts, line.arr)).collect()
        };
        // Cato is all there is in euros; dollars are never compared with them as numbers.
        assert_eq!(people("lou@x.example"), ["Bo 1 Some(\"30,000 EUR\")", "Ann 2 Some(\"520,000 USD\")"]);
        assert_eq!(people("vi@x.example"), ["Lou 3 Some(\"30,000 EUR, 520,000 USD\")"], "and whom he leads");
        assert_eq!((people("ann@x.example").len(), mails["vi@x.example"].book.accounts), (0, 3));
        // Of both of Ann's executives the touch was due 30 days after the last contact; one is planned already.
        assert!(mails["ann@x.example"].touches.lines.iter().all(|line| line.person == "A former contact"), "no name waits to be sent");
        let sent = contents(db).await;
        let touches: Vec<_> = sent["Ann"].touches.lines.iter().map(|t| (t.person.as_str(), t.due.as_str(), t.planned.as_deref())).collect();
        assert_eq!(touches, [("Dana Whitfield, COO", "Sun 21 June", Some("Fri 19 June")), ("Ben Osei", "Sun 21 June", None)]);
        assert_eq!(mails["ann@x.example"].renewals.lines.iter().map(|line| (line.account.name.as_str(), line.ahead.as_str())).collect::<Vec<_>>(), [("Acme", "in 25 days")]);
        assert_eq!(mails["ann@x.example"].metrics.len(), 5);
        assert!(!mails["ann@x.example"].actions.is_empty());
    }

    async fn a_fall_is_told_with_the_rows_that_moved(db: TestDb) {
        let settings = stage(db).await;
        db.clock.set(instant("2026-06-15T01:00:00Z"));
        for day in ["2026-06-07", "2026-06-08", "2026-06-14", "2026-06-15"] {
            score(db, day).await;
        }
        // As if it had been much better a week ago.
        run_sql(db, "UPDATE assessment SET overall_rounded = 90, pattern = 'HIGHLY_ENGAGED' WHERE day < '2026-06-10' AND overall_rounded IS NOT NULL AND account_id = (SELECT id FROM account WHERE external_id = 'acme')").await;
        assert_eq!(look(db, &settings, MONDAY).await.queued, 3);
        let digest = &queued(db).await["ann@x.example"];
        let change = &digest.changes.lines[0];
        assert_eq!((change.account.name.as_str(), change.worse, change.before), ("Acme", true, Some(90)));
        assert!(change.sentence.starts_with("From highly engaged to ") && change.sentence.ends_with(" since Mon 8 June."), "{}", change.sentence);
        assert!(change.drivers.len() <= 2);
        let now = number(db, "SELECT CAST(overall_rounded AS bigint) FROM assessment WHERE day = '2026-06-15' AND account_id = (SELECT id FROM account WHERE external_id = 'acme')").await;
        assert_eq!(i64::from(change.now.unwrap()), now);
        // A week later it is no news any more.
        db.clock.set(instant("2026-06-22T01:00:00Z"));
        for day in ["2026-06-21", "2026-06-22"] {
            score(db, day).await;
        }
        look(db, &settings, "2026-06-22T08:00:00Z").await;
        let again = seen_by(db, &settings, "ann@x.example").await.unwrap();
        assert!(again.is_err() || again.unwrap().changes.lines.iter().all(|line| line.before != Some(90)));
    }

    async fn who_is_at_risk_is_told_with_reasons_and_is_new_once(db: TestDb) {
        let settings = stage(db).await;
        let since = |digest: &Digest| digest.at_risk.lines.iter().find(|line| line.account.name == "Acme").map(|line| line.new);
        for day in ["2026-06-07", "2026-06-08"] {
            score(db, day).await;
        }
        run_sql(db, "UPDATE assessment SET standing = 'WATCH'").await;
        // The sponsor declines three meetings, a month before the renewal.
        let declined = "account_external_id,external_id,kind,direction,status,purpose,occurred_at,participants\n\
            acme,d1,meeting,outbound,declined,strategic,2026-06-09T10:00:00Z,c1\n\
            acme,d2,meeting,outbound,declined,strategic,2026-06-10T10:00:00Z,c1\n\
            acme,d3,meeting,outbound,declined,strategic,2026-06-11T10:00:00Z,c1\n";
        import_texts(db, &[("interactions.csv", declined)]).await;
        assert_eq!(look(db, &settings, MONDAY).await.queued, 3);
        let waiting = &queued(db).await["ann@x.example"];
        assert_eq!(since(waiting), Some(true));
        assert!(!format!("{waiting:?}").contains("Dana"), "what waits names nobody");
        let sent = contents(db).await;
        assert_eq!(
            sent["Ann"].at_risk.lines[0].sentences[0],
            "Dana Whitfield, the primary sponsor, declined or missed the last 3 meetings, the latest on 2026-06-11."
        );
        assert_eq!(sent["Lou"].people.lines.iter().map(|line| (line.name.as_str(), line.at_risk)).collect::<Vec<_>>(), [("Ann", 2), ("Bo", 0)]);
        // A week later it is known, and still told.
        db.clock.set(instant("2026-06-22T01:00:00Z"));
        for day in ["2026-06-15", "2026-06-21", "2026-06-22"] {
            score(db, day).await;
        }
        look(db, &settings, "2026-06-22T08:00:00Z").await;
        assert_eq!(since(&seen_by(db, &settings, "ann@x.example").await.unwrap().unwrap()), Some(false));
    }

    async fn of_a_score_that_is_not_known_neither_falls_nor_actions_are_told(db: TestDb) {
        let settings = stage(db).await;
        db.clock.set(instant("2026-06-15T01:00:00Z"));
        for day in ["2026-06-07", "2026-06-08", "2026-06-14", "2026-06-15"] {
            score(db, day).await;
        }
        run_sql(db, "UPDATE assessment SET overall_rounded = 90, pattern = 'HIGHLY_ENGAGED' WHERE day < '2026-06-10' AND overall_rounded IS NOT NULL").await;
        db.clock.set(instant(MONDAY));
        let known = seen_by(db, &settings, "ann@x.example").await.unwrap().unwrap();
        assert!(known.changes.lines.iter().any(|line| line.account.name == "Acme"));
        assert!(known.actions.iter().any(|line| line.account.name == "Acme"));
        // The scores are stored, and what they stood on is not there any more.
        run_sql(db, "DELETE FROM interaction_participant").await;
        run_sql(db, "DELETE FROM interaction").await;
        let unknown = seen_by(db, &settings, "ann@x.example").await.unwrap();
        let told = unknown.iter().flat_map(|digest| {
            let changes = digest.changes.lines.iter().map(|line| line.account.name.clone());
            changes.chain(digest.actions.iter().map(|line| line.account.name.clone()))
        });
        assert_eq!(told.filter(|name| name == "Acme").count(), 0);
    }

    async fn the_preview_is_what_would_be_sent(db: TestDb) {
        let settings = stage(db).await;
        add_alert(db, 1, "acme", "HIGH", "OPEN", "2026-06-10T10:00:00Z").await;
        db.clock.set(instant(MONDAY));
        let before = seen_by(db, &settings, "ann@x.example").await.unwrap().unwrap();
        assert_eq!(seen_by(db, &settings, "tom@x.example").await.unwrap(), Err(NothingToSay::NoAccounts));
        assert_eq!(seen_by(db, &settings, "bo@x.example").await.unwrap(), Err(NothingToSay::QuietWeek));
        look(db, &settings, MONDAY).await;
        assert_eq!(queued(db).await["ann@x.example"], before.without_names());
        assert_eq!(contents(db).await["Ann"], before);
        assert_eq!(seen_by(db, &settings, "ann@x.example").await.unwrap().unwrap(), before, "told already");
        // A csm who asks for somebody they may not see gets nothing.
        let bo = user::find_by_email(db, &Access::system(), &"bo@x.example".parse().unwrap()).await.unwrap().unwrap();
        let ann = user::find_by_email(db, &Access::system(), &"ann@x.example".parse().unwrap()).await.unwrap().unwrap();
        assert_eq!(preview(db, &Access::of(bo.id, bo.role), &settings, db.clock.now(), ann.id).await.unwrap(), None);
    }

    async fn statements_do_not_grow_with_readers_or_accounts(db: TestDb) {
        let settings = stage(db).await;
        add_alert(db, 1, "acme", "HIGH", "OPEN", "2026-06-10T10:00:00Z").await;
        let cost = async |now: &str| {
            let before = db.statements();
            look(db, &settings, now).await;
            db.statements() - before
        };
        let few = cost(MONDAY).await;
        let (mut users, mut accounts, mut teams) = (
            "email,name,role,manager_email\n".to_owned(),
            "external_id,name,tier,status\n".to_owned(),
            "account_external_id,user_email,team_role\n".to_owned(),
        );
        for n in 0..40 {
            writeln!(users, "u{n}@x.example,U{n},csm,lou@x.example").unwrap();
            for k in 0..5 {
                writeln!(accounts, "a{n}-{k},A {n} {k},smb,active").unwrap();
                writeln!(teams, "a{n}-{k},u{n}@x.example,csm").unwrap();
            }
        }
        import_texts(db, &[("users.csv", &users), ("accounts.csv", &accounts), ("teams.csv", &teams)]).await;
        assert!(cost("2026-06-22T08:00:00Z").await <= few);
        assert_eq!(number(db, "SELECT count(*) FROM digest WHERE week = '2026-W26'").await, 46);
    }

    async fn two_who_look_at_once_settle_each_week_once(db: TestDb) {
        let settings = stage(db).await;
        add_alert(db, 1, "acme", "HIGH", "OPEN", "2026-06-10T10:00:00Z").await;
        db.clock.set(instant(MONDAY));
        let now = db.clock.now();
        let (one, other) = tokio::join!(queue_due(db, &settings, now), queue_due(db, &settings, now));
        let (one, other) = (one.unwrap(), other.unwrap());
        assert_eq!((one.queued + other.queued, one.empty + other.empty), (3, 3));
        assert_eq!(number(db, "SELECT count(*) FROM outbox").await, 3);
    }

    async fn whoever_is_erased_or_resolved_meanwhile_is_not_in_it(db: TestDb) {
        let settings = stage(db).await;
        add_alert(db, 1, "acme", "HIGH", "OPEN", "2026-06-10T10:00:00Z").await;
        look(db, &settings, MONDAY).await;
        run_sql(db, "DELETE FROM alert").await;
        run_sql(db, "DELETE FROM sponsorship").await;
        run_sql(db, "UPDATE contact SET name = 'Erased', title = NULL").await;
        let sent = contents(db).await;
        assert!(sent["Ann"].alerts.lines.is_empty());
        assert!(sent["Ann"].touches.lines.iter().all(|line| line.person == "Erased"));
        run_sql(db, "DELETE FROM team_member WHERE user_id = (SELECT id FROM app_user WHERE name = 'Ann')").await;
        db.clock.advance(chrono::TimeDelta::minutes(2));
        assert!(!contents(db).await.contains_key("Ann"), "she may not see the accounts any more");
    }

    async fn the_job_counts_what_it_did(db: TestDb) {
        let settings = stage(db).await;
        add_alert(db, 1, "acme", "HIGH", "OPEN", "2026-06-10T10:00:00Z").await;
        let context = crate::mail_stage::context(db, "one");
        let context = worker::Context { installed_at: settings.installed_at, zone: chrono_tz::Tz::UTC, ..context };
        db.clock.set(instant(MONDAY));
        let ran = run_if_due(find("queue_digests").expect("a job"), &context, &CancellationToken::new()).await.unwrap();
        let Ran::Done(counts) = ran else { panic!("{ran:?}") };
        let counts: Vec<_> = counts.into_iter().collect();
        assert_eq!(counts, [("empty", 3), ("failed", 0), ("missed", 0), ("queued", 3)].map(|(name, count)| (name.to_owned(), count)));
        assert_eq!(number(db, "SELECT count(*) FROM job_run WHERE job = 'queue_digests' AND outcome = 'DONE'").await, 1);
    }
}
