//! What the tests of mail share: messages to queue, a worker with short time limits, and the outbox as it stands.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use engagement::alert::AlertRule;
use engagement::email_address::EmailAddress;
use engagement::id::{AccountId, AlertId, ContactId, MessageId, OutreachId, UserId};
use engagement::policy::Policy;
use engagement::report::digest::NamedAccount;
use engagement::vocabulary::{InteractionKind, MessageKind, MessageStatus, Purpose, Role, Severity, Signal};
use rapport_tests::TestDb;
use rapport_tests::mail::{ACCOUNT, ALERT, CONTACT, OUTREACH, plant};
pub(crate) use rapport_tests::mail::{message as new, of_alert, of_outreach};
use rapport_tests::smtp::SmtpServer;
use sea_orm::{ActiveValue::Set, EntityTrait};
use service::link::{LinkUrls, SigningKey};
use service::mail::{
    AlertContent, AlertNote, Audience, ContactNote, Content, LinkReader, MailLinks, OutreachPlannedContent,
};
use service::outbox::{self, ListFilter, Message, NewMessage, Queued};
use uuid::Uuid;
use worker::mail::{Folder, Limits, Mail, Pace, Renderer, Smtp, Transport};
use worker::{Context, Pulse};

/// Limits that a test can wait for.
pub(crate) const SHORT: Limits = Limits {
    connect: Duration::from_millis(400),
    command: Duration::from_millis(400),
    message: Duration::from_millis(400),
    whole: Duration::from_secs(3),
};

/// When the rows that messages tell of were written.
const NOW: &str = "2026-06-17T12:00:00Z";

/// Whom the tests mail although they are no users: escalation addresses, who may be told of anything.
const ESCALATION_TO: [&str; 8] = [
    "ada@x.example",
    "bad@x.example",
    "ben@x.example",
    "boss@x.example",
    "cy@x.example",
    "fay@x.example",
    "held.boss@x.example",
    "u@x.example",
];

pub(crate) fn context(db: &TestDb, worker: &str) -> Context {
    let policy = Policy::default();
    Context {
        db: db.db.clone(),
        clock: db.clock.clone(),
        zone: chrono_tz::Europe::Berlin,
        policy: Arc::new(policy),
        escalation_to: ESCALATION_TO.map(address).into(),
        installed_at: db.clock.now(),
        worker: worker.into(),
        pulse: Pulse::default(),
        meters: service::monitoring::Meters::default(),
    }
}

/// The links of mails, with a key that does not change.
pub(crate) fn links() -> LinkUrls {
    LinkUrls::new(SigningKey::new(&[7; 32]), "https://rapport.example")
}

pub(crate) fn mail_by(transport: Transport) -> Mail {
    let renderer = Renderer::new(
        "https://rapport.example",
        Some("https://crm.example/accounts/{external_id}"),
    )
    .expect("templates");
    Mail {
        transport: Arc::new(transport),
        renderer: Arc::new(renderer),
        links: links(),
        sender: "Rapport <rapport@vendor.example>".parse().expect("a sender"),
        pace: Pace {
            grace: Duration::from_millis(200),
            ..Pace::default()
        },
    }
}

/// Mail to a server that is addressed by this URL.
pub(crate) fn mail_to_url(url: &str) -> Mail {
    mail_by(Transport::Smtp(Box::new(
        Smtp::new(url.parse().expect("a server"), SHORT).expect("a usable server"),
    )))
}

pub(crate) fn mail_to(server: &SmtpServer) -> Mail {
    mail_to_url(&server.url())
}

pub(crate) fn mail_into(folder: &std::path::Path) -> Mail {
    mail_by(Transport::Folder(Folder::new(folder)))
}

pub(crate) fn address(text: &str) -> EmailAddress {
    text.parse().expect("an address")
}

pub(crate) fn note(name: &str) -> NamedAccount {
    NamedAccount {
        id: AccountId::from(ACCOUNT),
        external_id: "harlan & voss/7".to_owned(),
        name: name.to_owned(),
    }
}

pub(crate) fn alert_note(name: &str) -> AlertNote {
    AlertNote {
        user: None,
        id: AlertId::from(ALERT),
        account: Some(note(name)),
        rule: AlertRule::Signal(Signal::SponsorMissing),
        severity: Severity::Critical,
        message: "The primary sponsor has not been in contact for 98 days; the limit for the tier is 60.8."
            .to_owned(),
        opened_at: instant("2026-06-17T09:30:00Z"),
        waiting: Some("Nobody has taken it up for 24 hours.".to_owned()),
        next_step: "Find out who owns the outcome there, and ask them for half an hour this week.",
    }
}

/// The links of a mail to a csm who sees everything that it tells of.
pub(crate) fn links_of(says: &Content) -> MailLinks {
    let reader = LinkReader::User {
        id: UserId::from(Uuid::from_u128(11)),
        role: Role::Csm,
        hidden: HashSet::new(),
        named: false,
    };
    links().of_mail(says, &reader, instant(NOW), instant(NOW))
}

/// What a message about an alert says.
pub(crate) fn alert_content(name: &str) -> Content {
    let told = vec!["ada@x.example".to_owned(), "ben@x.example".to_owned()];
    Content::Alert(AlertContent::new(Audience::Team, vec![alert_note(name)], told))
}

/// What a message about a plan says.
pub(crate) fn outreach_content(contact: &str) -> Content {
    Content::OutreachPlanned(OutreachPlannedContent {
        outreach: OutreachId::from(OUTREACH),
        account: note("Harlan & Voss"),
        contact: ContactNote {
            id: ContactId::from(CONTACT),
            name: contact.to_owned(),
            title: Some("Chief Operating Officer".to_owned()),
        },
        kind: InteractionKind::StrategicCheckIn,
        purpose: Purpose::Strategic,
        planned_for: instant("2026-06-24T13:00:00Z"),
        subject: "Roadmap preview: second half".to_owned(),
        planned_by: Some("Ada Okafor".to_owned()),
        coordinated_with: vec!["Ben Ruiz".to_owned(), "Chloé Martin".to_owned()],
    })
}

pub(crate) fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

pub(crate) async fn queue(db: &TestDb, messages: Vec<NewMessage>) -> Vec<Queued> {
    let now = db.clock.now();
    plant(db, instant(NOW)).await;
    db.write_tx(async |tx| outbox::enqueue(tx, now, messages.clone()).await)
        .await
        .expect("queued")
}

/// Queues plans to reach out, one to each address.
pub(crate) async fn queue_to(db: &TestDb, addresses: &[&str]) -> Vec<MessageId> {
    let now = db.clock.now();
    let messages = addresses
        .iter()
        .map(|to| new(&format!("plan:{to}"), to, of_outreach(), now))
        .collect();
    let queued = queue(db, messages).await;
    addresses
        .iter()
        .map(|to| {
            queued
                .iter()
                .find(|one| one.recipient.expose() == *to)
                .expect("it is new")
                .id
        })
        .collect()
}

pub(crate) async fn message(db: &TestDb, id: MessageId) -> Message {
    outbox::find(db, id)
        .await
        .expect("the outbox")
        .expect("the message")
}

pub(crate) async fn status(db: &TestDb, id: MessageId) -> MessageStatus {
    message(db, id).await.status
}

/// How many messages ended how.
pub(crate) async fn with_status(db: &TestDb, status: MessageStatus) -> u64 {
    outbox::list(
        db,
        ListFilter {
            status: Some(status),
            kind: None,
        },
        0,
    )
    .await
    .expect("the outbox")
    .1
}

pub(crate) async fn user(db: &TestDb, email: &str, role: Role, manager: Option<&str>) -> UserId {
    let id = service::ids::new_id(db.clock.now());
    let row = entity::app_user::ActiveModel {
        id: Set(id),
        email: Set(email.to_owned()),
        name: Set(email.split('@').next().expect("a name").to_owned()),
        role: Set(role.as_str().to_owned()),
        time_zone: Set(None),
        manager_email: Set(manager.map(str::to_owned)),
        created_at: Set(db.clock.now().timestamp_micros()),
        ..Default::default()
    };
    db.write_tx(async |tx| {
        entity::app_user::Entity::insert(row.clone())
            .exec_without_returning(tx)
            .await
            .expect("a user");
        Ok(())
    })
    .await
    .expect("a user");
    id.into()
}

/// Since when mail to a user is off.
pub(crate) async fn disabled(db: &TestDb, id: UserId) -> Option<DateTime<Utc>> {
    let user = entity::app_user::Entity::find_by_id(id.uuid())
        .one(db.read())
        .await
        .expect("users")
        .expect("the user");
    user.mail_disabled_at.map(service::clock::instant)
}

/// Longer than any wait between attempts.
pub(crate) const LONG: TimeDelta = TimeDelta::minutes(61);

/// A kind with the span it is tried for.
pub(crate) const fn patience_hours(kind: MessageKind) -> i64 {
    if kind.is_escalation() { 72 } else { 24 }
}
