//! Changes by hand: who may make them, what they leave in the audit log, and that nothing is half done.

use chrono::{NaiveDate, TimeDelta};
use engagement::id::{AccountId, ContactId, SponsorshipId, TokenId, UserId};
use engagement::vocabulary::{SponsorRank, TeamRole, Weekday};
use rapport_tests::{TestDb, on_both_databases};
use sea_orm::{ConnectionTrait, Statement};
use service::access::audit::{AuditEntry, AuditFilter};
use service::access::{Access, audit, rights};
use service::change::sponsorship::{self, NewSponsor, Sponsorship};
use service::clock::Moment;
use service::error::ServiceError;
use service::record::digest_preferences as preferences;
use service::record::digest_preferences::{self, DigestChange};
use service::record::user::DigestPreferences;
use service::record::{contact, team};
use service::scoring::touched;
use service::settings::Settings;
use service::sql::page::{Edge, PageRequest};
use service::token;
use uuid::Uuid;

use crate::access_stage::{Actor, stage};
use crate::import_stage::{count, import_texts, texts};

pub(crate) fn moment(db: &TestDb) -> Moment {
    Moment {
        now: db.clock.now(),
        today: db.clock.now().date_naive(),
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The id of a contact, by account and external id.
pub(crate) async fn contact_id(db: &TestDb, account: &str, key: &str) -> ContactId {
    let sql = format!(
        "SELECT c.id FROM contact c JOIN account a ON a.id = c.account_id WHERE a.external_id = '{account}' AND c.external_id = '{key}'"
    );
    let row = db
        .read()
        .query_one_raw(Statement::from_string(db.backend(), sql))
        .await
        .unwrap()
        .unwrap();
    row.try_get_by_index::<Uuid>(0).unwrap().into()
}

/// The log, the oldest first, without what the stage's files left there.
async fn log(db: &TestDb) -> Vec<AuditEntry> {
    let request = PageRequest {
        backward: true,
        ..PageRequest::first(100)
    };
    let page = audit::list(db, &db.system(), &AuditFilter::default(), &request, true)
        .await
        .unwrap();
    assert_eq!(page.total_count, Some(page.edges.len() as u64));
    page.edges
        .into_iter()
        .rev()
        .map(|edge| edge.node)
        .filter(|entry| entry.action != "import")
        .collect()
}

/// An entry in one line: action, target, before, after.
fn line(entry: &AuditEntry) -> String {
    let shown =
        |value: &Option<serde_json::Value>| value.as_ref().map_or("-".to_owned(), ToString::to_string);
    format!(
        "{} {} {} {}",
        entry.action,
        entry.target,
        shown(&entry.before),
        shown(&entry.after)
    )
}

/// The log in lines, in the order of their texts: what happened at one instant has no other order.
async fn lines(db: &TestDb) -> Vec<String> {
    let mut lines: Vec<String> = log(db).await.iter().map(line).collect();
    lines.sort();
    lines
}

fn kind<T: std::fmt::Debug>(result: &Result<T, ServiceError>) -> &'static str {
    match result {
        Ok(_) => "done",
        Err(ServiceError::NotFound { .. }) => "not found",
        Err(ServiceError::Forbidden(_)) => "forbidden",
        Err(ServiceError::Conflict(_)) => "conflict",
        Err(ServiceError::BadInput { .. }) => "bad input",
        Err(other) => panic!("{other:?}"),
    }
}

on_both_databases! {
    async fn teams_are_made_by_admins_and_managers(db: TestDb) {
        let [north, _] = stage(db).await;
        let uma = Actor::LoneCsm.user(db).await.id;
        let expected = [
            (Actor::Admin, "done"), (Actor::Manager, "done"), (Actor::Csm, "forbidden"), (Actor::OtherCsm, "not found"),
            // Uma sees the account from the admin's assignment on.
            (Actor::LoneCsm, "forbidden"), (Actor::Viewer, "forbidden"), (Actor::FreeViewer, "forbidden"),
        ];
        for (actor, outcome) in expected {
            let access = actor.access(db).await;
            let assigned = team::assign(db, &access, db.clock.now(), north, uma, TeamRole::AccountExecutive).await;
            assert_eq!(kind(&assigned), outcome, "{actor:?} {assigned:?}");
        }
        let lone = Actor::LoneCsm.access(db).await;
        assert_eq!(service::record::account::by_ids(db, &lone, &[north]).await.unwrap().len(), 1, "who was assigned sees the account");
        for (actor, outcome) in expected.into_iter().rev() {
            let removed = team::remove(db, &actor.access(db).await, db.clock.now(), north, uma).await;
            let outcome = if actor == Actor::Admin { "not found" } else { outcome };
            assert_eq!(kind(&removed), outcome, "{actor:?} {removed:?}");
        }
        let admin = Actor::Admin.access(db).await;
        let unknown = UserId::from(Uuid::from_u128(7));
        let refused = team::assign(db, &admin, db.clock.now(), north, unknown, TeamRole::Csm).await;
        assert!(matches!(&refused, Err(ServiceError::NotFound { field, .. }) if field == "userId"), "{refused:?}");
        let refused = team::remove(db, &admin, db.clock.now(), AccountId::from(Uuid::from_u128(7)), uma).await;
        assert!(matches!(&refused, Err(ServiceError::NotFound { field, .. }) if field == "accountId"), "{refused:?}");
        team::assign(db, &admin, db.clock.now(), north, Actor::Csm.user(db).await.id, TeamRole::Manager).await.unwrap();
        // One entry per change: the manager's assignment was there already.
        assert_eq!(lines(db).await, [
            "assignTeamMember TEAM_MEMBER - {\"team_role\":\"ACCOUNT_EXECUTIVE\"}",
            "assignTeamMember TEAM_MEMBER {\"team_role\":\"CSM\"} {\"team_role\":\"MANAGER\"}",
            "removeTeamMember TEAM_MEMBER {\"team_role\":\"ACCOUNT_EXECUTIVE\"} -",
        ]);
        let log = log(db).await;
        let made = log.iter().find(|entry| entry.before.is_none()).unwrap();
        assert_eq!((made.user_id, made.at, made.account_id), (admin.user(), db.clock.now(), Some(north)));
        assert_eq!(made.target_id, Some(uma.to_string()));
        let removed = log.iter().find(|entry| entry.after.is_none()).unwrap();
        assert_eq!(removed.user_id, Some(Actor::Manager.user(db).await.id));
    }

    async fn tokens_are_ones_own_or_the_admins(db: TestDb) {
        stage(db).await;
        let (clock, ann) = (&db.clock, Actor::Csm.user(db).await);
        for (actor, outcome) in [
            (Actor::Admin, "done"), (Actor::Manager, "forbidden"), (Actor::Csm, "done"), (Actor::OtherCsm, "not found"),
            (Actor::LoneCsm, "not found"), (Actor::Viewer, "forbidden"), (Actor::FreeViewer, "forbidden"),
        ] {
            let access = actor.access(db).await;
            let made = token::create(db, clock, &access, ann.id, "script", None).await;
            assert_eq!(kind(&made), outcome, "{actor:?}");
            let own = token::create(db, clock, &access, access.user().unwrap(), "own", None).await.unwrap();
            assert_eq!(own.token.expires_at, Some(clock.now() + token::DEFAULT_LIFE), "{actor:?}");
            let listed = token::pages_of(db, &access, &[ann.id, access.user().unwrap()], &PageRequest::first(99), true).await.unwrap();
            assert_eq!(listed[&ann.id].total_count > Some(0), matches!(actor, Actor::Admin | Actor::Csm), "{actor:?}");
            assert!(listed[&access.user().unwrap()].edges.iter().any(|Edge { node: t, .. }| t.id == own.id && t.last4 == own.secret[own.secret.len() - 4..]));
        }
        let access = Actor::Csm.access(db).await;
        let page = token::pages_of(db, &access, &[ann.id], &PageRequest::first(99), false).await.unwrap().remove(&ann.id).unwrap();
        let theirs: Vec<_> = page.edges.into_iter().map(|edge| edge.node).collect();
        let stranger = token::revoke(db, clock, &Actor::Manager.access(db).await, theirs[0].id).await;
        assert_eq!(kind(&stranger), "not found", "a token that one may not revoke is not there");
        assert_eq!(kind(&token::revoke(db, clock, &access, TokenId::from(Uuid::from_u128(1))).await), "not found");
        assert_eq!(token::revoke(db, clock, &access, theirs[0].id).await.unwrap().revoked_at, Some(clock.now()));
        token::revoke(db, clock, &Actor::Admin.access(db).await, theirs[1].id).await.unwrap();
        let (now, year) = (clock.now(), TimeDelta::days(365));
        for (name, expires_at) in [("", None), (" \n", None), ("two\nlines", None), ("t", Some(now)), ("t", Some(now + year + TimeDelta::seconds(1)))] {
            assert_eq!(kind(&token::create(db, clock, &access, ann.id, name, expires_at).await), "bad input", "{name:?} {expires_at:?}");
        }
        token::create(db, clock, &access, ann.id, "t", Some(now + year)).await.unwrap();
        let log = log(db).await;
        assert_eq!(log.iter().filter(|e| e.action == "createApiToken").count(), 10);
        assert_eq!(log.iter().filter(|e| e.action == "revokeApiToken").count(), 2);
        let all = log.iter().map(line).collect::<String>();
        assert!(!all.contains("rap_pat_") && !all.contains("token_hash"), "{all}");
    }

    async fn digest_preferences_are_ones_own(db: TestDb) {
        stage(db).await;
        let (access, ann) = (Actor::Viewer.access(db).await, Actor::Viewer.user(db).await);
        let default = DigestPreferences { off: false, day: Weekday::Monday, hour: 8, zone: None };
        assert_eq!(ann.digest, default);
        let wish = DigestChange { hour: Some(17), day: Some(Weekday::Friday), ..DigestChange::default() };
        let user = digest_preferences::set(db, &access, db.clock.now(), ann.id, &wish).await.unwrap();
        assert_eq!(user.digest, DigestPreferences { hour: 17, day: Weekday::Friday, ..default });
        let wish = DigestChange { off: Some(true), zone: Some(chrono_tz::Asia::Tokyo), ..DigestChange::default() };
        preferences::set(db, &access, db.clock.now(), ann.id, &wish).await.unwrap();
        preferences::set(db, &access, db.clock.now(), ann.id, &wish).await.unwrap();
        // Importing users again changes no preference.
        import_texts(db, &[("users.csv", "email,name,time_zone\nvera@example.com,Vera V.,Europe/Berlin\n")]).await;
        let user = Actor::Viewer.user(db).await;
        let expected = DigestPreferences { off: true, day: Weekday::Friday, hour: 17, zone: Some(chrono_tz::Asia::Tokyo) };
        assert_eq!((user.digest, user.time_zone), (expected, Some(chrono_tz::Europe::Berlin)));
        for (actor, outcome) in [(Actor::Admin, "forbidden"), (Actor::Csm, "forbidden"), (Actor::OtherCsm, "not found")] {
            let refused = preferences::set(db, &actor.access(db).await, db.clock.now(), ann.id, &wish).await;
            assert_eq!(kind(&refused), outcome, "{actor:?}");
        }
        let late = DigestChange { hour: Some(24), ..DigestChange::default() };
        assert_eq!(kind(&preferences::set(db, &access, db.clock.now(), ann.id, &late).await), "bad input");
        assert_eq!(lines(db).await, [
            "setDigestPreferences USER {\"digest_day\":\"MONDAY\",\"digest_hour\":8} {\"digest_day\":\"FRIDAY\",\"digest_hour\":17}",
            "setDigestPreferences USER {\"digest_off\":false,\"digest_zone\":null} {\"digest_off\":true,\"digest_zone\":\"Asia/Tokyo\"}",
        ]);
    }

    async fn an_account_has_one_primary_sponsor_at_a_time(db: TestDb) {
        use SponsorRank::{Backup, Primary};
        let [north, south] = stage(db).await;
        let (cleo, dan, eve) = (contact_id(db, "north", "c1").await, contact_id(db, "north", "c2").await, contact_id(db, "south", "c1").await);
        let ann = Actor::Csm.access(db).await;
        let assign = async |access: &Access, account: AccountId, contact: ContactId, rank: SponsorRank, since: &str, until: Option<&str>| {
            let new = NewSponsor { account, contact, rank, since: day(since), until: until.map(day) };
            sponsorship::assign(db, access, &Settings::default(), moment(db), &new).await
        };
        // Cleo is the primary sponsor since 2025.
        for (contact, rank, since, until, outcome) in [
            (dan, Primary, "2026-06-17", None, "conflict"),
            (dan, Primary, "2024-01-01", Some("2025-01-02"), "conflict"),
            (cleo, Backup, "2026-06-17", None, "conflict"),
            (dan, Backup, "2026-06-17", Some("2026-06-17"), "bad input"),
            (dan, Backup, "2026-06-17", Some("2026-06-16"), "bad input"),
            (eve, Backup, "2026-06-17", None, "not found"),
            (dan, Primary, "2024-01-01", Some("2025-01-01"), "done"),
            (dan, Backup, "2026-06-17", None, "done"),
            (dan, Backup, "2026-06-17", None, "conflict"),
        ] {
            let result = assign(&ann, north, contact, rank, since, until).await;
            assert_eq!(kind(&result), outcome, "{rank} {since} {until:?}: {result:?}");
        }
        let other = assign(&Actor::Admin.access(db).await, north, eve, Backup, "2026-06-17", None).await;
        assert!(matches!(&other, Err(ServiceError::BadInput { field, .. }) if field == "contactId"), "{other:?}");
        for (actor, outcome) in [(Actor::Viewer, "forbidden"), (Actor::FreeViewer, "forbidden"), (Actor::OtherCsm, "not found")] {
            let result = assign(&actor.access(db).await, north, dan, Primary, "2030-01-01", None).await;
            assert_eq!(kind(&result), outcome, "{actor:?}");
        }
        assert_eq!(kind(&assign(&ann, south, dan, Backup, "2026-06-17", None).await), "not found");
        assert_eq!(touched::count(db, &ann).await.unwrap(), 1, "the account is scored again");
        let log = log(db).await;
        assert_eq!(log.len(), 2, "what was refused left nothing: {log:?}");
        assert_eq!(count(db, "sponsorship").await, 4);
        let lines: Vec<String> = log.iter().map(line).collect();
        assert!(lines.iter().all(|line| line.starts_with("assignSponsor SPONSORSHIP - {\"contact\":\"con_")), "{lines:?}");
        assert!(lines.iter().any(|line| line.contains("BACKUP")) && lines.iter().any(|line| line.contains("2025-01-01")), "{lines:?}");
    }

    async fn two_who_name_a_primary_sponsor_at_once_do_not_both_succeed(db: TestDb) {
        let [_, south] = stage(db).await;
        import_texts(db, &[
            ("sponsorships.csv", "account_external_id,contact_external_id,since,deleted,rank\nsouth,c1,2025-01-01,true,primary\n"),
            ("contacts.csv", "account_external_id,external_id,name\nsouth,c2,Fay\n"),
        ]).await;
        let contacts = [contact_id(db, "south", "c1").await, contact_id(db, "south", "c2").await];
        let access = Actor::OtherCsm.access(db).await;
        let both = contacts.map(|contact| {
            let new = NewSponsor { account: south, contact, rank: SponsorRank::Primary, since: day("2026-01-01"), until: None };
            let (db, access, moment) = (db.db.clone(), access.clone(), moment(db));
            tokio::spawn(async move { sponsorship::assign(&db, &access, &Settings::default(), moment, &new).await })
        });
        let mut outcomes = Vec::new();
        for one in both {
            outcomes.push(kind(&one.await.unwrap()));
        }
        outcomes.sort_unstable();
        assert_eq!(outcomes, ["conflict", "done"]);
    }

    async fn a_sponsorship_ends_once_and_after_it_began(db: TestDb) {
        stage(db).await;
        let id = texts(db, "SELECT a.external_id FROM sponsorship s JOIN account a ON a.id = s.account_id ORDER BY a.external_id").await;
        assert_eq!(id, ["north", "south"]);
        let row = db.read().query_one_raw(Statement::from_string(db.backend(), "SELECT s.id FROM sponsorship s JOIN account a ON a.id = s.account_id WHERE a.external_id = 'north'")).await.unwrap().unwrap();
        let id = SponsorshipId::from(row.try_get_by_index::<Uuid>(0).unwrap());
        let ann = Actor::Csm.access(db).await;
        let end = async |access: &Access, on: &str| -> Result<Sponsorship, ServiceError> { sponsorship::end(db, access, &Settings::default(), moment(db), id, day(on)).await };
        for (actor, outcome) in [(Actor::Viewer, "forbidden"), (Actor::OtherCsm, "not found"), (Actor::LoneCsm, "not found")] {
            assert_eq!(kind(&end(&actor.access(db).await, "2026-06-17").await), outcome, "{actor:?}");
        }
        assert_eq!(kind(&end(&ann, "2025-01-01").await), "bad input");
        assert_eq!(end(&ann, "2026-12-31").await.unwrap().until, Some(day("2026-12-31")));
        assert_eq!(end(&ann, "2026-06-17").await.unwrap().until, Some(day("2026-06-17")), "sooner than was thought");
        assert_eq!(kind(&end(&ann, "2026-06-17").await), "conflict");
        assert_eq!(kind(&end(&ann, "2026-07-01").await), "conflict", "what is over is not prolonged");
        // Whoever left can be no sponsor from that day on.
        import_texts(db, &[("contacts.csv", "account_external_id,external_id,status,departed_on\nnorth,c2,departed,2026-06-10\n")]).await;
        let new = NewSponsor {
            account: ann_account(db).await, contact: contact_id(db, "north", "c2").await, rank: SponsorRank::Primary, since: day("2026-06-17"), until: None,
        };
        let refused = sponsorship::assign(db, &ann, &Settings::default(), moment(db), &new).await;
        assert!(matches!(&refused, Err(ServiceError::BadInput { field, message }) if field == "contactId" && message.contains("2026-06-10")), "{refused:?}");
        assert_eq!(lines(db).await, [
            "endSponsorship SPONSORSHIP {\"until\":\"2026-12-31\"} {\"until\":\"2026-06-17\"}",
            "endSponsorship SPONSORSHIP {\"until\":null} {\"until\":\"2026-12-31\"}",
        ]);
    }

    async fn the_log_is_read_by_those_who_may_page_by_page(db: TestDb) {
        let [north, south] = stage(db).await;
        let admin = Actor::Admin.access(db).await;
        let uma = Actor::LoneCsm.user(db).await.id;
        for account in [north, south] {
            for role in [TeamRole::Csm, TeamRole::Manager, TeamRole::AccountExecutive] {
                db.clock.advance(TimeDelta::minutes(1));
                team::assign(db, &admin, db.clock.now(), account, uma, role).await.unwrap();
            }
        }
        for actor in Actor::ALL {
            let listed = audit::list(db, &actor.access(db).await, &AuditFilter::default(), &PageRequest::first(3), true).await;
            assert_eq!(kind(&listed), if matches!(actor, Actor::Admin | Actor::Manager) { "done" } else { "forbidden" }, "{actor:?}");
        }
        let mut request = PageRequest::first(2);
        let mut seen = Vec::new();
        loop {
            let page = audit::list(db, &admin, &AuditFilter { account: Some(north), user: admin.user() }, &request, true).await.unwrap();
            assert_eq!(page.total_count, Some(3));
            seen.extend(page.edges.iter().map(|edge| edge.node.at));
            if !page.has_next_page {
                break;
            }
            request.after = page.edges.last().map(|edge| edge.cursor.clone());
        }
        assert!(seen.len() == 3 && seen.is_sorted_by(|newer, older| newer > older), "{seen:?}");
        let nobody = AuditFilter { user: Some(uma), ..AuditFilter::default() };
        assert_eq!(audit::list(db, &admin, &nobody, &request, true).await.unwrap().total_count, Some(0));
    }

    async fn a_change_and_its_entry_land_together_or_not_at_all(db: TestDb) {
        let [north, _] = stage(db).await;
        db.write_tx(async |tx| {
            tx.execute_unprepared("ALTER TABLE audit_log RENAME TO elsewhere").await.unwrap();
            Ok(())
        })
        .await
        .unwrap();
        let (admin, uma) = (Actor::Admin.access(db).await, Actor::LoneCsm.user(db).await.id);
        let members = count(db, "team_member").await;
        let failed = team::assign(db, &admin, db.clock.now(), north, uma, TeamRole::Csm).await;
        assert!(matches!(failed, Err(ServiceError::Database { .. })), "{failed:?}");
        assert_eq!(count(db, "team_member").await, members);
        let cleo = contact_id(db, "north", "c1").await;
        assert!(service::change::erasure::erase(db, &admin, moment(db), cleo).await.is_err());
        assert_eq!(contact::by_ids(db, &admin, &[cleo]).await.unwrap()[&cleo].name, "Cleo North");
    }
}

async fn ann_account(db: &TestDb) -> AccountId {
    service::record::account::find(db, &db.system(), "north")
        .await
        .unwrap()
        .unwrap()
        .id
}

#[test]
fn the_table_of_rights_stands_in_the_documentation() {
    let documented = include_str!("../../docs/api.md");
    let table = rights::as_markdown();
    assert!(
        documented.contains(&table),
        "docs/api.md must hold this table:\n{table}"
    );
}
