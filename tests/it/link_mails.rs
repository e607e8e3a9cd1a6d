//! From a mail to what its links do: the digest that is ended by its own header, with one that waits; the next one after it is
//! wanted again; and which links whose mail holds.

use std::collections::HashMap;
use std::path::Path;

use engagement::email_address::EmailAddress;
use engagement::id::{AlertId, UserId};
use engagement::vocabulary::{MessageKind, MessageStatus};
use rapport_tests::mail::ALERT;
use rapport_tests::{TestDb, on_both_databases};
use serde_json::json;
use service::link::{ActionLink, ReportLink};
use service::mail::LinkReader;
use service::outbox::{EscalationContext, ListFilter, NewMessage, OutboxContext, list};
use service::record::digest_preferences::{DigestChange, set};
use worker::mail::deliver_due;

use crate::digests::{MONDAY, add_alert, counts, look, stage as stage_digests};
use crate::graphql_server::{Server, state};
use crate::import_stage::import_texts;
use crate::link_stage::{ANN, BEN, CY, MAX, VIC, get, key, press, run_sql, stage, user};
use crate::mail_stage::{address, alert_content, context, instant, links, mail_into, queue};

/// The messages in a folder, unfolded and decoded, by recipient.
fn mails(folder: &Path) -> HashMap<String, String> {
    let mut found = HashMap::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let raw = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let to = raw.lines().find_map(|line| line.strip_prefix("To: ")).unwrap();
        let to = to.rsplit('<').next().unwrap().trim_end_matches('>').to_owned();
        found.insert(to, raw.replace("=\r\n", "").replace("=3D", "="));
    }
    found
}

/// The paths of the links in a mail that begin with this.
fn paths(mail: &str, below: &str) -> Vec<String> {
    let start = format!("https://rapport.example{below}");
    let ends = |c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_');
    let mut found: Vec<String> = mail
        .split(&start)
        .skip(1)
        .map(|rest| format!("{below}{}", rest.split(ends).next().unwrap()))
        .collect();
    found.sort();
    found.dedup();
    found
}

async fn canceled(db: &TestDb) -> Vec<(String, String)> {
    let (messages, _) = list(
        db,
        ListFilter {
            status: Some(MessageStatus::Canceled),
            kind: None,
        },
        100,
    )
    .await
    .unwrap();
    messages
        .into_iter()
        .map(|m| {
            (
                m.recipient.map(|to| to.expose().to_owned()).unwrap_or_default(),
                m.error.unwrap_or_default(),
            )
        })
        .collect()
}

on_both_databases! {
    async fn a_digest_is_ended_by_its_own_link_and_comes_again_when_it_is_wanted(db: TestDb) {
        service::record::user::create_first_admin(db, &db.clock, &address("admin@example.com"), "Ada Admin").await.unwrap();
        let settings = stage_digests(db).await;
        add_alert(db, 1, "acme", "HIGH", "OPEN", "2026-06-10T10:00:00Z").await;
        let server = Server::start(db).await;
        let folder = db.scratch().join("outbox");
        assert_eq!(look(db, &settings, MONDAY).await.queued, 3);
        let context = worker::Context { installed_at: settings.installed_at, zone: chrono_tz::Tz::UTC, ..context(db, "one") };
        assert_eq!(deliver_due(&context, &mail_into(&folder)).await.sent, 3);
        let mail = mails(&folder).remove("ann@x.example").expect("Ann's digest");

        let header = mail.lines().find_map(|line| line.strip_prefix("List-Unsubscribe: <")).expect("the header").trim_end_matches('>').to_owned();
        assert!(mail.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"));
        let off = header.strip_prefix("https://rapport.example").unwrap();
        assert_eq!(paths(&mail, "/m/"), [off], "the footers lead to the same");
        assert!(mail.matches(off).count() >= 3, "header, text and HTML");
        for report in paths(&mail, "/r/") {
            assert_eq!(get(&server, &report).await.status, 200, "{report}");
        }

        // The next one waits already when she has had enough.
        assert_eq!(look(db, &settings, "2026-06-22T08:00:00Z").await.queued, 3);
        let answer = server.send(&format!("POST {off} HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded"), b"List-Unsubscribe=One-Click").await;
        assert_eq!(answer.status, 200);
        let delivered = deliver_due(&context, &mail_into(&folder)).await;
        assert_eq!((delivered.sent, delivered.canceled), (2, 1));
        assert_eq!(canceled(db).await, [("ann@x.example".to_owned(), "the recipient wants no digest any more".to_owned())]);
        assert_eq!(look(db, &settings, "2026-06-29T08:00:00Z").await, counts(2, 3, 0), "Ann is not asked");
        deliver_due(&context, &mail_into(&folder)).await;

        // Through the API, as a frontend does it.
        let ann = service::record::user::find_by_email(db, &db.system(), &address("ann@x.example")).await.unwrap().unwrap();
        assert!(ann.digest.off);
        let token = service::token::create(db, &db.clock, &db.system(), ann.id, "frontend", None).await.unwrap();
        let query = json!({"query": "mutation { setDigestPreferences(input: {off: false}) { user { email } } }"}).to_string();
        let head = format!("POST /graphql HTTP/1.1\r\nContent-Type: application/json\r\nAuthorization: Bearer {}", token.secret);
        let answer = server.send(&head, query.as_bytes()).await;
        assert!(answer.json().get("errors").is_none(), "{}", answer.body);
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(look(db, &settings, "2026-07-06T08:00:00Z").await.queued, 3);
        assert_eq!(deliver_due(&context, &mail_into(&folder)).await.sent, 3);
        let mail = mails(&folder).remove("ann@x.example").expect("Ann's digest, again");
        assert_eq!(paths(&mail, "/m/"), [off], "the link is hers for ever");
        server.stop().await;
    }

    async fn an_escalation_holds_the_links_that_work_for_its_recipient(db: TestDb) {
        stage(db).await;
        // Lea leads Ben by address and sees nothing; she has an account here, her twin, who leads Ann, has none.
        import_texts(db, &[("users.csv", "email,name,role,manager_email\nlea@x.example,Lea,csm,\nben@x.example,Ben,csm,lea@x.example\nann@x.example,Ann,csm,twin@x.example\n")]).await;
        let lea = service::record::user::find_by_email(db, &db.system(), &address("lea@x.example")).await.unwrap().unwrap().id;
        let board = address("board@vendor.example");
        let people: [(&str, Option<UserId>); 8] = [
            ("ann@x.example", Some(user(ANN))),
            ("ben@x.example", Some(user(BEN))),
            ("cy@x.example", Some(user(CY))),
            ("vic@x.example", Some(user(VIC))),
            ("max@x.example", Some(user(MAX))),
            ("lea@x.example", Some(lea)),
            ("board@vendor.example", None),
            ("twin@x.example", None),
        ];
        let about = OutboxContext::Alert(EscalationContext { rung: Some(1), ..EscalationContext::default() });
        let messages = people.map(|(to, user)| NewMessage {
            natural_key: format!("alert:{to}"),
            recipient: address(to),
            user,
            account: Some(rapport_tests::mail::ACCOUNT.into()),
            alert: Some(AlertId::from(ALERT)),
            context: about.clone(),
            due_at: None,
        });
        queue(db, messages.into()).await;
        let folder = db.scratch().join("outbox");
        let named: [EmailAddress; 1] = [board];
        let context = worker::Context { escalation_to: named.clone().into(), ..context(db, "one") };
        let delivered = deliver_due(&context, &mail_into(&folder)).await;
        assert_eq!((delivered.sent, delivered.canceled), (7, 1), "Cy has nothing to do with it");
        let mails = mails(&folder);
        let server = Server::serving(db, api::AppState { escalation_to: named.into(), ..state(db) }).await;
        for (to, actions, reports) in [
            ("ann@x.example", 1, 2),
            ("ben@x.example", 1, 2),
            ("max@x.example", 1, 2),
            ("vic@x.example", 0, 2),
            ("lea@x.example", 0, 0),
            ("board@vendor.example", 0, 2),
            ("twin@x.example", 0, 0),
        ] {
            let mail = &mails[to];
            assert!(!mail.contains("List-Unsubscribe"), "an escalation is no list");
            let (m, r) = (paths(mail, "/m/"), paths(mail, "/r/"));
            assert_eq!((m.len(), r.len()), (actions, reports), "{to}");
            for path in m.iter().chain(&r) {
                assert_eq!(get(&server, path).await.status, 200, "{to} {path}");
            }
            if to == "max@x.example" {
                assert!(press(&server, &m[0]).await.body.contains("You are on it"));
            }
        }
        assert!(get(&server, &paths(&mails["ann@x.example"], "/m/")[0]).await.body.contains("<h1>Max is on it</h1>"));
        server.stop().await;
    }

    async fn managers_and_escalation_addresses_who_are_users_are_told_as_users(db: TestDb) {
        use crate::alert_stage::{contact, evaluate, import, moment, settings, stage, who};
        // Bea leads Ann by address and is in no team; Val is in no team either, and her address is to be told of everything.
        stage(db).await;
        import(db, &[("users.csv", "email,name,role,time_zone\nbea@example.com,Bea,manager,America/New_York\nval@example.com,Val,csm,\n")]).await;
        evaluate(db).await;
        let named: [EmailAddress; 2] = [address("val@example.com"), address("board@example.com")];
        let settings = service::settings::Settings { escalation_to: named.clone().into(), ..settings() };
        let departure = service::change::org_change::NewOrgChange {
            account: None,
            contact: Some(contact(db, "acme", "c1").await),
            kind: engagement::vocabulary::OrgChangeKind::Departure,
            observed_on: "2026-06-15".parse().unwrap(),
            source: engagement::vocabulary::OrgChangeSource::Manual,
            certainty: None,
            summary: "Left".to_owned(),
            url: None,
            impact: None,
        };
        service::change::org_change::record(db, &who(db, "ann@example.com").await, &settings, moment(db), departure).await.unwrap();
        let strangers = crate::import_stage::texts(db, "SELECT recipient FROM outbox WHERE user_id IS NULL").await;
        assert_eq!(strangers, ["board@example.com"]);

        let folder = db.scratch().join("outbox");
        let context = worker::Context { escalation_to: named.into(), ..context(db, "one") };
        // Val's mail does not reach her any more: what is queued for a user is looked at again, and a stranger's is not.
        run_sql(db, "UPDATE app_user SET mail_disabled_at = 1 WHERE email = 'val@example.com'").await;
        let delivered = deliver_due(&context, &mail_into(&folder)).await;
        assert_eq!((delivered.sent, delivered.canceled), (4, 1));
        let mails = mails(&folder);
        assert!(mails["bea@example.com"].contains("To: Bea <bea@example.com>"), "{}", mails["bea@example.com"]);
        for (to, actions, reports) in [("bea@example.com", 1, 2), ("ann@example.com", 1, 2), ("board@example.com", 0, 2)] {
            assert_eq!((paths(&mails[to], "/m/").len(), paths(&mails[to], "/r/").len()), (actions, reports), "{to}");
        }
    }

    async fn a_link_lasts_from_when_its_mail_was_written(db: TestDb) {
        stage(db).await;
        let now = db.clock.now();
        let reader = LinkReader::User { id: user(ANN), role: engagement::vocabulary::Role::Csm, hidden: [].into(), named: false };
        let found = links().of_mail(&alert_content("Acme"), &reader, instant("2026-06-16T07:00:00Z"), now);
        let token = |url: &String| url.rsplit('/').next().unwrap().to_owned();
        let report = ReportLink::open(&key(), &token(&found.accounts[0].engagement)).unwrap();
        assert_eq!((report.as_of, report.until), (now, now + chrono::TimeDelta::days(14)), "an alert is told as it stands");
        let action = found.acknowledge.values().next().map(token).and_then(|token| ActionLink::open(&key(), &token)).unwrap();
        assert!(matches!(action, ActionLink::Acknowledge { until, .. } if until == now + chrono::TimeDelta::days(30)));
        assert_eq!(found.unsubscribe, None);
    }

    async fn a_mail_that_is_tried_again_after_unsubscribing_is_not_sent(db: TestDb) {
        service::record::user::create_first_admin(db, &db.clock, &address("admin@example.com"), "Ada Admin").await.unwrap();
        let settings = stage_digests(db).await;
        add_alert(db, 1, "acme", "HIGH", "OPEN", "2026-06-10T10:00:00Z").await;
        look(db, &settings, MONDAY).await;
        let context = worker::Context { installed_at: settings.installed_at, zone: chrono_tz::Tz::UTC, ..context(db, "one") };
        // Rendered and kept, but the folder is a file: nothing is sent.
        let blocked = db.scratch().join("blocked");
        std::fs::write(&blocked, "").unwrap();
        assert_eq!(deliver_due(&context, &mail_into(&blocked)).await.sent, 0);
        let ann = service::record::user::find_by_email(db, &db.system(), &address("ann@x.example")).await.unwrap().unwrap();
        let access = service::access::Access::of(ann.id, ann.role);
        set(db, &access, db.clock.now(), ann.id, &DigestChange { off: Some(true), ..DigestChange::default() }).await.unwrap();
        db.clock.advance(chrono::TimeDelta::hours(2));
        let delivered = deliver_due(&context, &mail_into(&db.scratch().join("outbox"))).await;
        assert_eq!((delivered.sent, delivered.canceled), (2, 1));
        let (messages, _) = list(db, ListFilter { status: None, kind: Some(MessageKind::WeeklyDigest) }, 100).await.unwrap();
        assert_eq!(messages.len(), 3);
        run_sql(db, "DELETE FROM outbox").await;
    }
}
