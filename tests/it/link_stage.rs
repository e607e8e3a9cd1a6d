//! What the tests of links share: people beside an account with an alert, a server, and requests as browsers and mailbox
//! providers send them.

use engagement::id::{AlertId, UserId};
use engagement::vocabulary::Role;
use entity::{app_user, team_member};
use rapport_tests::TestDb;
use rapport_tests::mail::{ACCOUNT, ALERT, plant};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};
use service::link::{ActionLink, SigningKey};
use uuid::Uuid;

use crate::graphql_server::{Answer, Server};
use crate::mail_stage::{address, instant};

/// Looks after the account.
pub(crate) const ANN: u128 = 0xa;
/// Looks after it too.
pub(crate) const BEN: u128 = 0xb;
/// Is in no team, and a csm.
pub(crate) const CY: u128 = 0xc;
/// A viewer in the account's team.
pub(crate) const VIC: u128 = 0xd;
/// A manager.
pub(crate) const MAX: u128 = 0xe;

pub(crate) fn user(n: u128) -> UserId {
    Uuid::from_u128(n).into()
}

pub(crate) fn key() -> SigningKey {
    SigningKey::new(&[7; 32])
}

/// The account, its alert, and the people.
pub(crate) async fn stage(db: &TestDb) {
    // Whom the server's token is of.
    service::record::user::create_first_admin(db, &db.clock, &address("admin@example.com"), "Ada Admin")
        .await
        .expect("the first user");
    plant(db, instant("2026-06-17T09:30:00Z")).await;
    let people = [
        (ANN, "Ann", Role::Csm, Some("Europe/Berlin"), true),
        (BEN, "Ben <b>", Role::Csm, None, true),
        (CY, "Cy", Role::Csm, None, false),
        (VIC, "Vic", Role::Viewer, None, true),
        (MAX, "Max", Role::Manager, None, false),
    ];
    db.write_tx(async |tx| {
        for (n, name, role, zone, in_team) in people {
            let row = app_user::ActiveModel {
                id: Set(Uuid::from_u128(n)),
                email: Set(format!(
                    "{}@x.example",
                    name.split(' ').next().unwrap().to_lowercase()
                )),
                name: Set(name.to_owned()),
                role: Set(role.as_str().to_owned()),
                time_zone: Set(zone.map(str::to_owned)),
                digest_off: Set(false),
                created_at: Set(0),
                ..Default::default()
            };
            app_user::Entity::insert(row)
                .exec_without_returning(tx)
                .await
                .expect("a user");
            if in_team {
                let row = team_member::ActiveModel {
                    account_id: Set(ACCOUNT),
                    user_id: Set(Uuid::from_u128(n)),
                    team_role: Set("CSM".to_owned()),
                };
                team_member::Entity::insert(row)
                    .exec_without_returning(tx)
                    .await
                    .expect("a member");
            }
        }
        Ok(())
    })
    .await
    .expect("the stage");
}

/// The alert for somebody, for a day.
pub(crate) fn acknowledge(db: &TestDb, n: u128) -> ActionLink {
    ActionLink::Acknowledge {
        alert: AlertId::from(ALERT),
        user: user(n),
        until: db.clock.now() + chrono::TimeDelta::days(1),
    }
}

/// The same text as a path.
pub(crate) fn path(link: &ActionLink) -> String {
    format!("/m/{}", link.token(&key()))
}

pub(crate) async fn run_sql(db: &TestDb, sql: &str) {
    db.write_tx(async |tx| {
        tx.execute_unprepared(sql).await.expect("a statement");
        Ok(())
    })
    .await
    .unwrap();
}

pub(crate) async fn get(server: &Server, path: &str) -> Answer {
    server.send(&format!("GET {path} HTTP/1.1"), b"").await
}

pub(crate) async fn head(server: &Server, path: &str) -> Answer {
    server.send(&format!("HEAD {path} HTTP/1.1"), b"").await
}

/// As the button of a page posts.
pub(crate) async fn press(server: &Server, path: &str) -> Answer {
    server
        .send(
            &format!(
                "POST {path} HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nOrigin: null"
            ),
            b"",
        )
        .await
}

/// Every page says the same to browsers, search engines and caches.
pub(crate) fn assert_headers(answer: &Answer) {
    let policy = answer.header("content-security-policy").unwrap_or_default();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-") && !policy.contains("unsafe"),
        "{}",
        answer.head
    );
    for (name, value) in [
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("x-robots-tag", "noindex"),
        ("content-type", "text/html; charset=utf-8"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{}", answer.head);
    }
    assert!(
        answer.header("set-cookie").is_none() && answer.header("location").is_none(),
        "{}",
        answer.head
    );
}

/// A page without its style, which is the same for all.
pub(crate) fn without_style(page: &str) -> String {
    let (before, rest) = page.split_once("<style>").expect("a style");
    let (_, after) = rest.split_once("</style>").expect("its end");
    format!("{before}<style></style>{after}")
}
