//! Messages as they arrive: whole, byte for byte, and safe whatever stands in them.

use std::path::Path;

use chrono::TimeDelta;
use engagement::id::{AlertId, MessageId};
use engagement::vocabulary::{MessageKind, MessageStatus, Role};
use rapport_tests::TestDb;
use rapport_tests::mail::ALERT;
use rapport_tests::smtp::{Answer, SmtpServer, Verb};
use sea_orm::ConnectionTrait;
use service::mail::{AlertContent, Audience, Content};
use service::outbox::{EscalationContext, NewMessage, OutboxContext};
use uuid::Uuid;
use worker::mail::{Delivered, Envelope, Renderer, Sender, compose, deliver_due, message_id};

use crate::mail_stage::{
    address, alert_content, alert_note, context, instant, links_of, mail_to, message, new, of_alert,
    of_outreach, outreach_content, queue, queue_to, user,
};

fn renderer() -> Renderer {
    Renderer::new(
        "https://rapport.example",
        Some("https://crm.example/accounts/{external_id}"),
    )
    .unwrap()
}

/// The whole message of a context, as it would be sent.
fn whole(says: &Content, to_name: Option<&str>, unsubscribe: Option<&str>) -> String {
    let id = MessageId::from(Uuid::from_u128(0x0197_7dde_8800_7000_8000_0000_0000_0007));
    let from: Sender = "Rapport <rapport@vendor.example>".parse().unwrap();
    let rendered = renderer()
        .render(says, chrono_tz::Europe::Berlin, &links_of(says))
        .unwrap();
    let message_id = message_id(id, None, from.domain());
    let envelope = Envelope {
        id,
        kind: match says {
            Content::Alert(_) => MessageKind::Alert,
            Content::OutreachPlanned(_) => MessageKind::OutreachPlanned,
            Content::SponsorDeparted(_) => MessageKind::SponsorDeparted,
            Content::WeeklyDigest(_) => MessageKind::WeeklyDigest,
        },
        message_id: &message_id,
        from: &from,
        to: &address("ada@x.example"),
        to_name,
        date: instant("2026-06-17T12:00:00Z"),
        unsubscribe_url: unsubscribe,
    };
    compose(rendered, &envelope).unwrap()
}

fn head(message: &str) -> &str {
    message.split("\r\n\r\n").next().unwrap()
}

#[test]
fn an_alert_whole() {
    let message = whole(&alert_content("Harlan & Voss"), Some("Ada Okafor"), None);
    assert!(message.is_ascii() && message.ends_with("\r\n"));
    insta::assert_snapshot!(message.replace("\r\n", "\n"));
}

#[test]
fn a_planned_outreach_whole() {
    insta::assert_snapshot!(whole(&outreach_content("Dana Whitfield"), None, None).replace("\r\n", "\n"));
}

#[test]
fn several_alerts_in_one() {
    let mut other = alert_note("Bolt");
    other.id = AlertId::from(Uuid::from_u128(9));
    other.account = None;
    other.severity = engagement::vocabulary::Severity::High;
    other.rule = engagement::alert::AlertRule::DataStale;
    other.message = "No interactions have come for 4 days.".to_owned();
    let says = Content::Alert(AlertContent::new(
        Audience::Admins,
        vec![alert_note("Harlan & Voss"), other],
        vec![],
    ));
    let rendered = renderer()
        .render(&says, chrono_tz::Tz::UTC, &links_of(&says))
        .unwrap();
    insta::assert_snapshot!(format!("{}\n\n{}", rendered.subject, rendered.text));
    assert_eq!(rendered.html.matches("<h2").count(), 2);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for says in [alert_content("Acme"), outreach_content("Dana")] {
        assert_eq!(whole(&says, None, None), whole(&says, None, None));
    }
}

#[test]
fn every_kind_and_audience_renders_and_shows_nothing_from_outside() {
    let mut contexts = vec![outreach_content("Dana")];
    for audience in [
        Audience::Team,
        Audience::Managers,
        Audience::Escalation,
        Audience::Admins,
    ] {
        contexts.push(Content::Alert(AlertContent::new(
            audience,
            vec![alert_note("Acme")],
            vec![],
        )));
    }
    let mut bare = outreach_content("Dana");
    if let Content::OutreachPlanned(plan) = &mut bare {
        (plan.contact.title, plan.planned_by, plan.subject) = (None, None, String::new());
        plan.coordinated_with.clear();
    }
    contexts.push(bare);
    // Without a frontend of the user's own there is no link to it.
    let plain = Renderer::new("https://rapport.example", None).unwrap();
    for says in &contexts {
        for (renderer, links) in [(&renderer(), true), (&plain, false)] {
            let rendered = renderer
                .render(says, chrono_tz::Tz::UTC, &links_of(says))
                .unwrap();
            assert_eq!(
                rendered
                    .html
                    .contains("https://crm.example/accounts/harlan%20%26%20voss%2F7"),
                links
            );
            assert_eq!(
                rendered
                    .text
                    .contains("https://crm.example/accounts/harlan%20%26%20voss%2F7"),
                links
            );
            let sources: Vec<_> = rendered
                .html
                .split("src=\"")
                .skip(1)
                .map(|rest| rest.split('"').next().unwrap())
                .collect();
            assert!(
                sources.iter().all(|source| source.starts_with("cid:")),
                "{sources:?}"
            );
            assert!(
                !rendered.html.contains("url(")
                    && !rendered.html.contains("<link")
                    && !rendered.html.contains("<script")
            );
            for part in [&rendered.subject, &rendered.text, &rendered.html] {
                assert!(
                    ![">none<", ": none", " none\n", "undefined"]
                        .iter()
                        .any(|gap| part.contains(gap)),
                    "{part}"
                );
                assert!(
                    !part.contains("{{") && !part.contains("{%") && !part.contains("undefined"),
                    "{part}"
                );
            }
            assert!(!rendered.subject.contains('\n'));
            assert!(!rendered.text.contains("\n\n\n\n"), "{}", rendered.text);
        }
    }
}

#[test]
fn nothing_gets_into_a_header_that_is_not_its_value() {
    let evil = "Acme\r\nBcc: everybody@x.example\r\n\r\nHello\u{0}\u{202e}";
    for says in [alert_content(evil), outreach_content(evil)] {
        let message = whole(&says, Some(evil), Some("https://x.example/u\r\nBcc: a@b.example"));
        let head = head(&message);
        assert!(
            !head
                .lines()
                .any(|line| line.to_ascii_lowercase().starts_with("bcc")),
            "{head}"
        );
        for line in head.split("\r\n") {
            assert!(
                line.len() <= 998
                    && !line.contains('\r')
                    && !line.contains('\n')
                    && line.chars().all(|c| !c.is_control() || c == '\t'),
                "{line:?}"
            );
            assert!(
                line.starts_with([' ', '\t'])
                    || line
                        .split_once(": ")
                        .is_some_and(|(name, _)| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')),
                "{line:?}"
            );
        }
    }
}

#[test]
fn what_comes_from_outside_is_escaped_in_html_and_left_in_text() {
    let evil = "<img src=x onerror=\"alert(1)\">&'";
    let rendered = renderer()
        .render(
            &outreach_content(evil),
            chrono_tz::Tz::UTC,
            &links_of(&outreach_content(evil)),
        )
        .unwrap();
    assert!(
        !rendered.html.contains("<img src=x") && rendered.html.contains("&lt;img src=x"),
        "{}",
        rendered.html
    );
    assert!(rendered.text.contains(evil));
    let mut says = alert_content(evil);
    if let Content::Alert(alert) = &mut says {
        alert.alerts[0].message = format!("{evil} wrote");
        alert.alerts[0].account.as_mut().unwrap().external_id = "\"><script>".to_owned();
    }
    let rendered = renderer()
        .render(&says, chrono_tz::Tz::UTC, &links_of(&says))
        .unwrap();
    assert!(
        !rendered.html.contains("<img src=x") && !rendered.html.contains("<script>"),
        "{}",
        rendered.html
    );
    assert!(
        rendered
            .html
            .contains("https://crm.example/accounts/%22%3E%3Cscript%3E")
    );
}

#[test]
fn mails_that_can_be_ended_say_how() {
    let message = whole(
        &outreach_content("Dana"),
        None,
        Some("https://rapport.example/m/abc"),
    );
    let head = head(&message);
    assert!(
        head.contains("List-Unsubscribe: <https://rapport.example/m/abc>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click"),
        "{head}"
    );
    assert!(!whole(&outreach_content("Dana"), None, None).contains("List-Unsubscribe"));
}

#[test]
fn a_message_that_is_rendered_again_is_another_message() {
    let id = MessageId::from(Uuid::from_u128(7));
    assert_eq!(
        message_id(id, None, "x.example"),
        "msg_00000000000000000000000007@x.example"
    );
    assert_eq!(
        message_id(id, Some(3), "x.example"),
        "msg_00000000000000000000000007.3@x.example"
    );
}

/// Writes the HTML of each kind where `RAPPORT_MAIL_PREVIEW` points, to look at it in a browser. Not a test of anything.
#[test]
#[ignore = "writes files to look at"]
fn write_previews() {
    let folder = Path::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/mail-preview"));
    std::fs::create_dir_all(folder).unwrap();
    let mut second = alert_note("Bolt Logistics with a name that is rather long for a heading");
    second.severity = engagement::vocabulary::Severity::High;
    second.rule = engagement::alert::AlertRule::EngagementFell;
    second.message = "The score fell by 14 points in 28 days, from 71 to 57.".to_owned();
    let several = Content::Alert(AlertContent::new(
        Audience::Escalation,
        vec![alert_note("Harlan & Voss"), second],
        vec![],
    ));
    for (name, says) in [
        ("alert", alert_content("Harlan & Voss")),
        ("alerts", several),
        ("outreach_planned", outreach_content("Dana Whitfield")),
    ] {
        let rendered = renderer()
            .render(&says, chrono_tz::Europe::Berlin, &links_of(&says))
            .unwrap();
        let mut html = rendered.html;
        for picture in &rendered.pictures {
            std::fs::write(folder.join(format!("{}.png", picture.name)), &picture.png).unwrap();
            html = html.replace(&format!("cid:{}", picture.name), &format!("{}.png", picture.name));
        }
        std::fs::write(folder.join(format!("{name}.html")), html).unwrap();
        std::fs::write(
            folder.join(format!("{name}.txt")),
            format!("Subject: {}\n\n{}", rendered.subject, rendered.text),
        )
        .unwrap();
    }
}

async fn execute(db: &TestDb, statement: String) {
    db.write_tx(async |tx| {
        tx.execute_unprepared(&statement).await.expect("the statement");
        Ok(())
    })
    .await
    .unwrap();
}

rapport_tests::on_both_databases! {
    async fn one_that_cannot_be_rendered_fails_alone_and_says_why(db: TestDb) {
        let server = SmtpServer::start();
        let now = db.clock.now();
        let ids = queue_to(db, &["ada@x.example", "ben@x.example", "cy@x.example", "dee@x.example"]).await;
        // No context at all; a rule that this binary does not know; a kind that it cannot send; nothing to tell of.
        for (to, change) in [
            ("ben@x.example", "context = '{\"outreach\": \"nobody\"}'"),
            ("dee@x.example", "kind = 'WEEKLY_DIGEST'"),
        ] {
            execute(db, format!("UPDATE outbox SET {change} WHERE recipient = '{to}'")).await;
        }
        execute(db, "UPDATE contact SET name = ''".to_owned()).await;
        let gone = OutboxContext::Alert(EscalationContext { alerts: vec![AlertId::from(Uuid::from_u128(99))], ..EscalationContext::default() });
        let gone = queue(db, vec![new("gone", "eve@x.example", gone, now)]).await[0].id;
        let no_address = queue(db, vec![new("no address", "fay@x.example", of_alert(), now)]).await[0].id;
        execute(db, "UPDATE outbox SET recipient = 'fay' WHERE recipient = 'fay@x.example'".to_owned()).await;
        assert_eq!(
            deliver_due(&context(db, "w"), &mail_to(&server)).await,
            Delivered { sent: 2, failed: 3, canceled: 1, ..Delivered::default() }
        );
        for (id, expected, said) in [
            (ids[0], MessageStatus::Sent, ""),
            (ids[1], MessageStatus::Failed, "its context cannot be read as one of OUTREACH_PLANNED: not an id"),
            (ids[2], MessageStatus::Sent, ""),
            (ids[3], MessageStatus::Failed, "its context cannot be read as one of WEEKLY_DIGEST: missing field"),
            (gone, MessageStatus::Canceled, "what it tells of is not there any more"),
            (no_address, MessageStatus::Failed, "the recipient is not an e-mail address"),
        ] {
            let row = message(db, id).await;
            assert_eq!((row.status, row.message.is_some()), (expected, expected == MessageStatus::Sent), "{said}");
            assert!(row.error.as_deref().unwrap_or_default().starts_with(said), "{row:?}");
        }
    }

    async fn what_is_over_is_not_told_any_more(db: TestDb) {
        let server = SmtpServer::start();
        let now = db.clock.now();
        let joined = OutboxContext::Alert(EscalationContext { alerts: vec![AlertId::from(ALERT)], ..EscalationContext::default() });
        let told = queue(db, vec![new("a", "ada@x.example", of_alert(), now), new("b", "ben@x.example", joined, now), new("c", "cy@x.example", of_outreach(), now)]).await;
        execute(db, "UPDATE alert SET status = 'RESOLVED', resolved_at = 0".to_owned()).await;
        execute(db, "UPDATE outreach SET status = 'CANCELED', canceled_at = 0".to_owned()).await;
        assert_eq!(deliver_due(&context(db, "w"), &mail_to(&server)).await, Delivered { canceled: 3, ..Delivered::default() });
        for one in told {
            let row = message(db, one.id).await;
            let why = if one.natural_key == "c" { "the plan was called off" } else { "what it tells of has been resolved" };
            assert_eq!((row.status, row.error.as_deref(), row.attempts), (MessageStatus::Canceled, Some(why), 0));
        }
    }

    async fn a_message_says_what_the_rows_say(db: TestDb) {
        let server = SmtpServer::start();
        let now = db.clock.now();
        let told = vec!["ada@x.example".parse().unwrap(), "boss@x.example".parse().unwrap()];
        let departed = OutboxContext::SponsorDeparted(EscalationContext { rung: Some(3), told, alerts: vec![] });
        queue(db, vec![new("a", "ada@x.example", departed, now), new("b", "ben@x.example", of_outreach(), now)]).await;
        let (planner, colleague) = (user(db, "planner@x.example", Role::Csm, None).await, user(db, "colleague@x.example", Role::Csm, None).await);
        let by = if db.kind() == rapport_tests::Kind::Sqlite { format!("x'{}'", planner.uuid().simple()) } else { format!("'{}'", planner.uuid()) };
        execute(db, format!("UPDATE outreach SET planned_by = {by}, coordinated_with = '[\"{colleague}\"]'")).await;
        assert_eq!(deliver_due(&context(db, "w"), &mail_to(&server)).await.sent, 2);
        let mut accepted = server.accepted();
        accepted.sort_by(|a, b| a.to.cmp(&b.to));
        let text = |at: usize| accepted[at].message.replace("=\r\n", "");
        assert_eq!(accepted[0].header("X-Rapport-Kind").as_deref(), Some("SPONSOR_DEPARTED"));
        for part in ["The sponsor stays away, Harlan & Voss", "has not been in contact for 98 days", "Told of it: ada@x.example, boss@x.example.", "escalations are sent to this address"] {
            assert!(text(0).contains(part), "{part}: {}", text(0));
        }
        for part in ["planner plans to reach out to Dana Whitfield, Chief Operating Officer at Harlan & Voss", "With:  colleague", "Wed 24 June 2026, 14:00 CEST"] {
            assert!(text(1).contains(part), "{part}: {}", text(1));
        }
    }

    async fn a_name_that_would_break_a_header_reaches_its_owner_all_the_same(db: TestDb) {
        let server = SmtpServer::start();
        let someone = user(db, "ada@x.example", Role::Admin, None).await;
        execute(db, "UPDATE app_user SET time_zone = 'America/New_York'".to_owned()).await;
        let evil = "Ada\r\nBcc: everybody@x.example".replace('\r', "'||chr(13)||'").replace('\n', "'||chr(10)||'");
        let evil = if db.kind() == rapport_tests::Kind::Sqlite { evil.replace("chr(", "char(") } else { evil };
        execute(db, format!("UPDATE app_user SET name = '{evil}'")).await;
        queue(db, vec![NewMessage { user: Some(someone), ..new("a", "ada@x.example", of_outreach(), db.clock.now()) }]).await;
        assert_eq!(deliver_due(&context(db, "w"), &mail_to(&server)).await.sent, 1);
        let received = server.accepted().remove(0);
        assert_eq!(received.header("Bcc"), None);
        // "Ada Bcc: everybody@x.example", on one line and in base64.
        assert_eq!(received.header("To").as_deref(), Some("=?utf-8?b?QWRhIEJjYzogZXZlcnlib2R5QHguZXhhbXBsZQ==?= <ada@x.example>"));
        assert!(received.message.contains("Wed 24 June 2026, 08:00 EDT"), "in the recipient's zone");
    }

    async fn a_message_whose_text_was_erased_is_rendered_again_under_another_id(db: TestDb) {
        let server = SmtpServer::start();
        server.script(|moment| if moment.verb == Verb::Message { Answer::Say("451 later") } else { Answer::Accept });
        let id = queue_to(db, &["ada@x.example"]).await[0];
        assert_eq!(deliver_due(&context(db, "w"), &mail_to(&server)).await.retried, 1);
        execute(db, "UPDATE outbox SET message = NULL".to_owned()).await;
        execute(db, "UPDATE contact SET name = 'Erased contact'".to_owned()).await;
        server.accept_all();
        db.clock.advance(TimeDelta::minutes(1));
        assert_eq!(deliver_due(&context(db, "w"), &mail_to(&server)).await.sent, 1);
        let received = server.received();
        assert_eq!(received[0].header("Message-ID"), Some(format!("<{id}@vendor.example>")));
        assert_eq!(received[1].header("Message-ID"), Some(format!("<{id}.2@vendor.example>")));
        assert!(received[0].message.contains("Dana") && !received[1].message.contains("Dana"));
        assert_eq!(message(db, id).await.message_id, Some(format!("{id}.2@vendor.example")));
        assert_eq!(received[1].header("X-Rapport-Kind").as_deref(), Some(MessageKind::OutreachPlanned.as_str()));
        assert_eq!(received[1].header("Auto-Submitted").as_deref(), Some("auto-generated"));
        assert_eq!(received[1].header("Date").as_deref(), Some("Wed, 17 Jun 2026 12:01:00 +0000"));
    }
}
