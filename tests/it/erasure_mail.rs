//! Mails that tell of a contact who is erased, written as the product writes them: what is not sent yet is written anew, of what
//! was sent the text is gone.

use std::fmt::Write as _;

use chrono::TimeDelta;
use engagement::id::ContactId;
use engagement::vocabulary::{InteractionKind, Purpose};
use rapport_tests::smtp::{Answer, SmtpServer, Verb};
use rapport_tests::{Kind, TestDb, on_both_databases, run};
use service::access::Access;
use service::change::erasure::erase;
use service::change::outreach::{self, NewOutreach};
use service::clock::Moment;
use service::mail::{Kept, keep, look_again};
use service::outbox::{Lane, claim};
use uuid::Uuid;
use worker::mail::deliver_due;

use crate::digests::{self, MONDAY, counts};
use crate::import_stage::{every_text, import_texts, number, texts};
use crate::mail_stage::{LONG, context, mail_to};

/// Who is erased.
const NAME: [&str; 2] = ["Dana", "Whitfield"];

/// A text as a mail program shows it: lines that were broken for the way are whole again.
fn unfolded(text: &str) -> String {
    text.replace("=\r\n", "").replace("=\n", "")
}

/// Where the name stands.
async fn traces(db: &TestDb) -> Vec<String> {
    let all = unfolded(&every_text(db).await);
    let mut found: Vec<String> = Vec::new();
    let mut at = "";
    for line in all.lines() {
        let starts = line
            .split_once(": ")
            .map(|(path, _)| path)
            .filter(|path| path.contains('.') && !path.contains(' '));
        at = starts.unwrap_or(at);
        if NAME.iter().any(|word| line.contains(word)) {
            found.push(format!("{at}: {}", line.chars().take(120).collect::<String>()));
        }
    }
    found
}

/// Kinds and states of the messages whose text tells of the contact.
async fn telling(db: &TestDb) -> Vec<String> {
    let rows =
        texts(db, "SELECT kind || ' ' || status || ' ' || message FROM outbox WHERE message IS NOT NULL ORDER BY kind, status").await;
    let mut told: Vec<String> = rows
        .iter()
        .filter(|row| unfolded(row).contains("Dana Whitfield"))
        .map(|row| row.split(' ').take(2).collect::<Vec<_>>().join(" "))
        .collect();
    told.dedup();
    told
}

async fn contact(db: &TestDb, key: &str) -> ContactId {
    contact_of(db, "acme", key).await
}

async fn contact_of(db: &TestDb, account: &str, key: &str) -> ContactId {
    use sea_orm::ConnectionTrait;
    let sql = format!(
        "SELECT c.id FROM contact c JOIN account a ON a.id = c.account_id WHERE a.external_id = '{account}' AND c.external_id = '{key}'"
    );
    let row = db
        .read()
        .query_one_raw(sea_orm::Statement::from_string(db.backend(), sql))
        .await
        .unwrap()
        .unwrap();
    row.try_get_by_index::<Uuid>(0).unwrap().into()
}

fn moment(db: &TestDb) -> Moment {
    Moment {
        now: db.clock.now(),
        today: db.clock.now().date_naive(),
    }
}

/// A server that takes Ann's mail, puts Lou's off, and refuses Vi's.
fn server() -> SmtpServer {
    let server = SmtpServer::start();
    server.script(|moment| match (moment.verb, moment.recipient.as_str()) {
        (Verb::Message, "lou@x.example") => Answer::Say("451 4.3.0 later"),
        (Verb::Message, "vi@x.example") => Answer::Say("554 5.7.1 not like this"),
        _ => Answer::Accept,
    });
    server
}

async fn departs(db: &TestDb, key: &str) {
    let day = db.clock.now().date_naive();
    let text = format!(
        "account_external_id,kind,observed_on,contact_external_id,summary,source,certainty\nacme,departure,{day},{key},Said so herself,manual,confirmed\n"
    );
    let (summary, told) = import_texts(db, &[("org_changes.csv", &text)]).await;
    assert!(summary.is_clean(), "{:?}", told.rejected());
}

/// Ann plans to call the contact, and everybody in the team is told.
async fn plan(db: &TestDb) {
    let plan = NewOutreach {
        contact: contact(db, "c1").await,
        kind: InteractionKind::Call,
        purpose: Purpose::Strategic,
        planned_for: db.clock.now() + TimeDelta::days(20),
        subject: "Roadmap with Dana".to_owned(),
        coordinated_with: vec![],
    };
    let ann = service::record::user::find_by_email(db, &db.system(), &"ann@x.example".parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    let ann = Access::of(ann.id, ann.role);
    outreach::plan(
        db,
        &ann,
        &service::settings::Settings::default(),
        moment(db),
        plan,
    )
    .await
    .unwrap();
}

/// A digest, a plan, departures by themselves and joined: each of them sent, put off and given up.
async fn mails(db: &TestDb, server: &SmtpServer) {
    let settings = digests::stage(db).await;
    // Vi and Lou look after the account as well as Ann, and more people who will leave.
    let mut contacts = "account_external_id,external_id,name,title,department,seniority,status\n".to_owned();
    let mut sponsors = "account_external_id,contact_external_id,since,until,rank\n".to_owned();
    for n in 10..18 {
        writeln!(contacts, "acme,c{n},Person {n},,,vp,active").unwrap();
        writeln!(sponsors, "acme,c{n},2026-01-01,,backup").unwrap();
    }
    import_texts(
        db,
        &[
            (
                "teams.csv",
                "account_external_id,user_email,team_role\nacme,lou@x.example,csm\nacme,vi@x.example,csm\n",
            ),
            ("contacts.csv", &contacts),
            ("sponsorships.csv", &sponsors),
        ],
    )
    .await;
    assert_eq!(digests::look(db, &settings, MONDAY).await, counts(3, 3, 0));
    let mail = mail_to(server);
    deliver_due(&context(db, "w"), &mail).await;
    plan(db).await;
    deliver_due(&context(db, "w"), &mail).await;
    // Of a departure the mail tells who could follow; of her own, that it is she.
    departs(db, "c2").await;
    departs(db, "c1").await;
    deliver_due(&context(db, "w"), &mail).await;
    for key in ["c10", "c11", "c12", "c13", "c14", "c15"] {
        departs(db, key).await;
    }
    db.clock.advance(TimeDelta::hours(1));
    deliver_due(&context(db, "w"), &mail).await;
}

async fn run_sql(db: &TestDb, sql: &str) {
    let done = db.write_tx(async |tx| {
        sea_orm::ConnectionTrait::execute_unprepared(tx, sql)
            .await
            .expect("a statement");
        Ok(())
    });
    done.await.unwrap();
}

#[test]
fn nobody_claims_a_message_that_tells_of_somebody_who_is_being_erased() {
    run(Kind::Postgres, async |db| {
        digests::stage(db).await;
        plan(db).await;
        let id = contact(db, "c1").await;
        let (held, done) = (tokio::sync::Notify::new(), tokio::sync::Notify::new());
        let other = service::db::Db::connect(&db.url).await.unwrap();
        // The last thing that an erasure writes about them is their row.
        let holding = other.write_tx(async |tx| {
            let sql = "SELECT 1 FROM contact WHERE external_id = 'c1' FOR UPDATE";
            sea_orm::ConnectionTrait::execute_unprepared(tx, sql)
                .await
                .unwrap();
            held.notify_one();
            done.notified().await;
            Ok(())
        });
        let claiming = async {
            let waits = "SELECT count(*) FROM pg_stat_activity
                WHERE cardinality(pg_blocking_pids(pid)) > 0 AND query LIKE 'UPDATE \"contact\"%'";
            let waiting = async {
                while number(db, waits).await == 0 {
                    tokio::task::yield_now().await;
                }
            };
            tokio::time::timeout(std::time::Duration::from_mins(1), waiting)
                .await
                .expect("the erasure waits for the row");
            let claimed = claim(db, Lane::Ordinary, "w", 9, db.clock.now()).await.unwrap();
            done.notify_one();
            claimed
        };
        let erasing = async {
            held.notified().await;
            erase(db, &db.system(), moment(db), id).await
        };
        let (holding, erased, claimed) = tokio::join!(holding, erasing, claiming);
        holding.unwrap();
        erased.unwrap();
        assert_eq!(claimed, [], "whoever had it would read the name");
        assert!(
            !claim(db, Lane::Ordinary, "w", 9, db.clock.now())
                .await
                .unwrap()
                .is_empty()
        );
        other.close().await.unwrap();
    });
}

on_both_databases! {
    async fn erasing_again_takes_the_text_of_mails_that_an_earlier_version_kept(db: TestDb) {
        digests::stage(db).await;
        plan(db).await;
        let server = SmtpServer::start();
        deliver_due(&context(db, "w"), &mail_to(&server)).await;
        let id = contact(db, "c1").await;
        erase(db, &db.system(), moment(db), id).await.unwrap();
        run_sql(db, "UPDATE outbox SET message = 'Ann plans to call Dana Whitfield', error = NULL").await;
        assert!(!traces(db).await.is_empty());
        erase(db, &db.system(), moment(db), id).await.unwrap();
        assert_eq!(traces(db).await, Vec::<String>::new());
        let why = texts(db, "SELECT DISTINCT error FROM outbox").await;
        assert!(!why.is_empty() && why.iter().all(|why| why.contains("erased")), "{why:?}");
    }

    async fn what_was_read_before_somebody_was_erased_is_not_kept_and_not_sent(db: TestDb) {
        digests::stage(db).await;
        plan(db).await;
        let row = claim(db, Lane::Ordinary, "w", 9, db.clock.now()).await.unwrap().remove(0);
        let read = look_again(db, std::slice::from_ref(&row), &[], chrono_tz::Tz::UTC).await.unwrap();
        assert!(format!("{read:?}").contains("Dana Whitfield"));
        erase(db, &db.system(), moment(db), contact(db, "c1").await).await.unwrap();
        let kept = Kept { row: &row, message_id: "m@v", message: "Dana Whitfield", narrowed: None };
        assert!(keep(db, &[kept], db.clock.now()).await.unwrap().is_empty(), "it is not theirs to send any more");
        let again = claim(db, Lane::Ordinary, "w", 9, db.clock.now()).await.unwrap().remove(0);
        assert_eq!(again.id, row.id, "and the next look reads it anew");
        let read = look_again(db, std::slice::from_ref(&again), &[], chrono_tz::Tz::UTC).await.unwrap();
        assert!(!format!("{read:?}").contains("Dana"), "{read:?}");
        assert_eq!(traces(db).await, Vec::<String>::new());
    }

    async fn mails_about_other_accounts_stay_as_they_were(db: TestDb) {
        let server = server();
        mails(db, &server).await;
        import_texts(db, &[("contacts.csv", "account_external_id,external_id,name\ncato,z1,Zed Young\n")]).await;
        let kept = async || {
            let of_acme = number(db, "SELECT count(*) FROM outbox WHERE message IS NOT NULL AND account_id IS NOT NULL").await;
            (of_acme, number(db, "SELECT count(*) FROM outbox WHERE message IS NOT NULL AND natural_key LIKE 'JOINED%'").await)
        };
        let before = kept().await;
        assert!(before.0 > 0 && before.1 > 0, "{before:?}");
        erase(db, &db.system(), moment(db), contact_of(db, "cato", "z1").await).await.unwrap();
        assert_eq!(kept().await, before);
    }

    async fn no_kept_mail_tells_of_somebody_who_was_erased(db: TestDb) {
        let server = server();
        mails(db, &server).await;
        let before = telling(db).await;
        for kind in ["WEEKLY_DIGEST", "OUTREACH_PLANNED", "SPONSOR_DEPARTED"] {
            for status in ["SENT", "QUEUED", "FAILED"] {
                assert!(before.contains(&format!("{kind} {status}")), "{kind} {status}: {before:?}");
            }
        }
        assert!(number(db, "SELECT count(*) FROM outbox WHERE natural_key LIKE 'JOINED%' AND message IS NOT NULL").await > 0);
        erase(db, &db.system(), moment(db), contact(db, "c1").await).await.unwrap();
        let left = traces(db).await;
        assert!(left.is_empty(), "{} places still name the contact, among them {:?}", left.len(), &left[..left.len().min(6)]);
        // What was not sent yet is written anew.
        server.accept_all();
        let told_before = server.accepted().len();
        db.clock.advance(LONG);
        deliver_due(&context(db, "w"), &mail_to(&server)).await;
        assert_eq!(number(db, "SELECT count(*) FROM outbox WHERE status = 'QUEUED'").await, 0);
        let anew = server.accepted().split_off(told_before);
        assert!(!anew.is_empty());
        for message in anew {
            assert!(!NAME.iter().any(|word| unfolded(&message.message).contains(word)), "{}", message.message);
        }
        // And nobody is left to wonder where a text went.
        let why = texts(db, "SELECT DISTINCT error FROM outbox WHERE message IS NULL AND status = 'SENT'").await;
        assert!(!why.is_empty() && why.iter().all(|why| why.contains("erased")), "{why:?}");
        assert_eq!(traces(db).await, Vec::<String>::new());
    }
}
