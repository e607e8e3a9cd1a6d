//! Users and their bearer tokens: who gets in, and who does not any more.

use chrono::{DateTime, TimeDelta, Utc};
use engagement::email_address::EmailAddress;
use engagement::vocabulary::Role;
use rapport_tests::{TestDb, on_both_databases};
use sea_orm::{ConnectionTrait, Statement};
use service::access::Access;
use service::error::ServiceError;
use service::record::user;
use service::record::user::User;
use service::token;
use service::token::NewToken;

use crate::import_stage::{import_texts, number, texts};

async fn admin(db: &TestDb) -> User {
    let email: EmailAddress = "Ada@Example.com".parse().unwrap();
    user::create_first_admin(db, &db.clock, &email, "Ada")
        .await
        .unwrap()
}

/// The rights of whoever comes with a token; nobody's with one that has ended.
async fn bearer(db: &TestDb, token: &NewToken) -> Option<Access> {
    token::authenticate(db, &db.clock, &token.secret).await.unwrap()
}

/// A token that is made with another.
async fn made_with(
    db: &TestDb,
    parent: &NewToken,
    user: &User,
    until: Option<DateTime<Utc>>,
) -> Result<NewToken, ServiceError> {
    let access = bearer(db, parent).await.expect("a good token");
    token::create(db, &db.clock, &access, user.id, "child", until).await
}

/// Has the schema become what it is from one whose tokens knew no parents, in which this was done.
async fn before_parents(db: &TestDb, done: &[String]) {
    use migration::MigratorTrait;
    let all = migration::Migrator::migrations();
    let at = all
        .iter()
        .position(|step| step.name().contains("token_parent"))
        .expect("the step");
    db.schema_tx(async |tx| {
        migration::Migrator::down(tx, Some(u32::try_from(all.len() - at).unwrap()))
            .await
            .unwrap();
        for statement in done {
            tx.execute_unprepared(statement).await.unwrap();
        }
        migration::Migrator::up(tx, None).await.unwrap();
        Ok(())
    })
    .await
    .unwrap();
}

async fn last_used(db: &TestDb) -> Option<i64> {
    let row = db
        .read()
        .query_one_raw(Statement::from_string(
            db.backend(),
            "SELECT last_used_at FROM api_token",
        ))
        .await
        .unwrap()
        .unwrap();
    row.try_get_by_index(0).unwrap()
}

on_both_databases! {
    async fn the_first_user_is_an_admin_and_there_is_only_one_first(db: TestDb) {
        let ada = admin(db).await;
        let found = user::find_by_email(db, &db.system(), &"ada@example.com".parse().unwrap()).await.unwrap();
        assert_eq!(found, Some(ada.clone()));
        assert_eq!(ada.role, Role::Admin);
        let again = user::create_first_admin(db, &db.clock, &"bob@example.com".parse().unwrap(), "Bob").await;
        assert!(matches!(again, Err(ServiceError::Conflict(_))), "{again:?}");
        assert_eq!(user::by_ids(db, &db.system(), &[ada.id]).await.unwrap().len(), 1);
    }

    async fn a_token_opens_until_it_expires_or_is_revoked(db: TestDb) {
        let ada = admin(db).await;
        let (clock, system) = (&db.clock, db.system());
        let tomorrow = clock.now() + TimeDelta::days(1);
        let short = token::create(db, clock, &system, ada.id, "short", Some(tomorrow)).await.unwrap();
        let long = token::create(db, clock, &system, ada.id, "long", None).await.unwrap();
        for secret in [&short.secret, &long.secret] {
            let access = token::authenticate(db, clock, secret).await.unwrap().expect("a good token");
            assert_eq!((access.user(), access.role()), (Some(ada.id), Role::Admin));
        }
        let (kept, last) = long.secret.split_at(long.secret.len() - 1);
        let stranger = format!("{kept}{}", if last == "x" { "y" } else { "x" });
        for secret in ["", "rap_pat_", &stranger, &long.secret.to_uppercase()] {
            assert_eq!(token::authenticate(db, clock, secret).await.unwrap(), None, "{secret}");
        }
        clock.set(tomorrow);
        assert_eq!(token::authenticate(db, clock, &short.secret).await.unwrap(), None, "it expires at its instant");
        assert!(token::authenticate(db, clock, &long.secret).await.unwrap().is_some());
        let revoked = token::revoke(db, clock, &system, long.id).await.unwrap();
        assert_eq!(revoked.revoked_at, Some(tomorrow));
        clock.advance(TimeDelta::hours(1));
        assert_eq!(token::revoke(db, clock, &system, long.id).await.unwrap(), revoked, "only once");
        assert_eq!(token::authenticate(db, clock, &long.secret).await.unwrap(), None);
    }

    async fn a_token_ends_with_the_one_that_it_was_made_with(db: TestDb) {
        let ada = admin(db).await;
        let (clock, system) = (&db.clock, db.system());
        let root = token::create(db, clock, &system, ada.id, "root", None).await.unwrap();
        let other = token::create(db, clock, &system, ada.id, "other", None).await.unwrap();
        let child = made_with(db, &root, &ada, None).await.unwrap();
        let grandchild = made_with(db, &child, &ada, None).await.unwrap();
        let sibling = made_with(db, &root, &ada, None).await.unwrap();
        token::revoke(db, clock, &system, sibling.id).await.unwrap();
        for living in [&root, &child, &grandchild] {
            assert!(bearer(db, living).await.is_some(), "{living:?}");
        }
        token::revoke(db, clock, &system, root.id).await.unwrap();
        for dead in [&root, &child, &grandchild, &sibling] {
            assert_eq!(bearer(db, dead).await, None, "it was made with a token that is revoked: {dead:?}");
        }
        assert!(bearer(db, &other).await.is_some(), "it has nothing to do with it");
        let revoked = "SELECT count(*) FROM audit_log WHERE action = 'revokeApiToken' AND target_kind = 'TOKEN'";
        assert_eq!(number(db, revoked).await, 4, "each with an entry of its own, and once");
    }

    async fn a_token_lasts_no_longer_than_the_one_that_it_was_made_with(db: TestDb) {
        let ada = admin(db).await;
        let (clock, system) = (&db.clock, db.system());
        let at = |days: i64| clock.now() + TimeDelta::days(days);
        let (soon, late) = (at(10), at(400));
        let short = token::create(db, clock, &system, ada.id, "short", Some(soon)).await.unwrap();
        let child = made_with(db, &short, &ada, None).await.unwrap();
        assert_eq!(child.token.expires_at, Some(soon), "not ninety days");
        for (until, good) in [(soon, true), (soon + TimeDelta::microseconds(1), false), (at(90), false), (late, false)] {
            let made = made_with(db, &child, &ada, Some(until)).await;
            assert_eq!(made.is_ok(), good, "{until}: {made:?}");
            assert!(good || matches!(made, Err(ServiceError::BadInput { ref field, .. }) if field == "expiresAt"), "{made:?}");
        }
        let endless = token::create(db, clock, &system, ada.id, "endless", None).await.unwrap();
        assert_eq!(made_with(db, &endless, &ada, None).await.unwrap().token.expires_at, Some(at(90)));
        clock.set(soon);
        assert_eq!(bearer(db, &child).await, None);
    }

    async fn a_token_for_somebody_else_ends_with_its_maker(db: TestDb) {
        let ada = admin(db).await;
        import_texts(db, &[("users.csv", "email,name,role\nbob@example.com,Bob,csm\neve@example.com,Eve,admin\n")]).await;
        let user = async |email: &str| user::find_by_email(db, &db.system(), &email.parse().unwrap()).await.unwrap().unwrap();
        let (bob, eve) = (user("bob@example.com").await, user("eve@example.com").await);
        let hers = token::create(db, &db.clock, &db.system(), eve.id, "hers", None).await.unwrap();
        let his = made_with(db, &hers, &bob, None).await.unwrap();
        let own = made_with(db, &his, &bob, None).await.unwrap();
        let by_ada = token::create(db, &db.clock, &Access::of(ada.id, Role::Admin), bob.id, "by the admin", None).await.unwrap();
        import_texts(db, &[("users.csv", "email,deleted\neve@example.com,true\n")]).await;
        assert_eq!((bearer(db, &his).await, bearer(db, &own).await), (None, None));
        assert!(bearer(db, &by_ada).await.is_some());
    }

    async fn tokens_from_before_are_told_their_parents_by_the_log(db: TestDb) {
        let ada = admin(db).await;
        let root = token::create(db, &db.clock, &db.system(), ada.id, "root", None).await.unwrap();
        db.clock.advance(TimeDelta::seconds(1));
        let child = made_with(db, &root, &ada, None).await.unwrap();
        before_parents(db, &[]).await;
        let tokens = token::list(db, &db.system(), None).await.unwrap();
        let parents: Vec<_> = tokens.iter().map(|(token, _)| (token.id, token.parent)).collect();
        assert_eq!(parents, [(child.id, Some(root.id)), (root.id, None)]);
        token::revoke(db, &db.clock, &db.system(), root.id).await.unwrap();
        assert_eq!(bearer(db, &child).await, None);
    }

    async fn tokens_from_before_end_where_their_makers_had_ended(db: TestDb) {
        let ada = admin(db).await;
        import_texts(db, &[("users.csv", "email,name,role\neve@example.com,Eve,admin\n")]).await;
        let eve = user::find_by_email(db, &db.system(), &"eve@example.com".parse().unwrap()).await.unwrap().unwrap();
        let root = async |name: &str, owner: &User| token::create(db, &db.clock, &db.system(), owner.id, name, None).await.unwrap();
        let family = async |root: &NewToken| {
            let child = made_with(db, root, &ada, None).await.unwrap();
            let access = bearer(db, &child).await.unwrap();
            let grandchild = token::create(db, &db.clock, &access, ada.id, &format!("of {}", root.token.name), None).await.unwrap();
            [child, grandchild]
        };
        let (living, revoked, short, hers) = (root("living", &ada).await, root("revoked", &ada).await, root("short", &ada).await, root("hers", &eve).await);
        let (alive, orphans, brief, left) = (family(&living).await, family(&revoked).await, family(&short).await, family(&hers).await);
        let (ended, soon) = (db.clock.now(), db.clock.now() + TimeDelta::days(3));
        let sooner = soon - TimeDelta::days(1);
        // Before tokens had parents, each of these was a token's or a user's alone.
        before_parents(db, &[
            format!("UPDATE api_token SET revoked_at = {} WHERE name = 'revoked'", ended.timestamp_micros()),
            format!("UPDATE api_token SET expires_at = {} WHERE name = 'short'", soon.timestamp_micros()),
            format!("UPDATE api_token SET expires_at = {} WHERE name = 'of short'", sooner.timestamp_micros()),
            "DELETE FROM api_token WHERE name = 'hers'".to_owned(),
            "DELETE FROM app_user WHERE email = 'eve@example.com'".to_owned(),
        ])
        .await;
        let all = token::list(db, &db.system(), None).await.unwrap();
        let stored = |token: &NewToken| all.iter().find(|(one, _)| one.id == token.id).unwrap().0.clone();
        for token in [&living, &alive[0], &alive[1], &short, &brief[0], &brief[1]] {
            assert!(bearer(db, token).await.is_some(), "it has nothing to do with those that ended: {token:?}");
        }
        for token in &orphans {
            assert_eq!((bearer(db, token).await, stored(token).revoked_at), (None, Some(ended)), "its maker was revoked: {token:?}");
        }
        for token in &left {
            assert_eq!(bearer(db, token).await, None, "its maker went with its user: {token:?}");
        }
        assert_eq!([&short, &brief[0], &brief[1]].map(|token| stored(token).expires_at), [Some(soon), Some(soon), Some(sooner)]);
        assert_eq!(stored(&alive[1]).expires_at, alive[1].token.expires_at);
    }

    /// Whoever revokes a stolen token must not be outrun by its thief.
    async fn what_is_made_while_its_parent_is_revoked_ends_too(db: TestDb) {
        let ada = admin(db).await;
        let (clock, system) = (&db.clock, db.system());
        for round in 0..20 {
            let root = token::create(db, clock, &system, ada.id, "root", None).await.unwrap();
            let child = made_with(db, &root, &ada, None).await.unwrap();
            let (by_root, by_child) = (bearer(db, &root).await.unwrap(), bearer(db, &child).await.unwrap());
            let (one, two, revoked) = tokio::join!(
                token::create(db, clock, &by_root, ada.id, "late", None),
                token::create(db, clock, &by_child, ada.id, "later", None),
                token::revoke(db, clock, &system, root.id),
            );
            revoked.unwrap();
            for made in [one, two] {
                match made {
                    Ok(made) => assert_eq!(bearer(db, &made).await, None, "round {round}: it outlived the token that it was made with"),
                    Err(refused) => assert!(matches!(refused, ServiceError::Forbidden(_)), "{refused:?}"),
                }
            }
        }
        let living = texts(db, "SELECT name FROM api_token WHERE revoked_at IS NULL").await;
        assert_eq!(living, Vec::<String>::new());
    }

    async fn a_tokens_use_is_noted_every_five_minutes(db: TestDb) {
        let ada = admin(db).await;
        let clock = &db.clock;
        let secret = token::create(db, clock, &db.system(), ada.id, "t", None).await.unwrap().secret;
        assert_eq!(last_used(db).await, None);
        let first = clock.now().timestamp_micros();
        for (minutes, expected) in [(0, 0), (4, 0), (1, 0), (1, 6), (3, 6)] {
            clock.advance(TimeDelta::minutes(minutes));
            token::authenticate(db, clock, &secret).await.unwrap().expect("a good token");
            assert_eq!(last_used(db).await, Some(first + expected * 60_000_000), "after {minutes} more minutes");
        }
    }

    async fn the_secret_is_not_in_the_database(db: TestDb) {
        let ada = admin(db).await;
        let secret = token::create(db, &db.clock, &db.system(), ada.id, "t", None).await.unwrap().secret;
        let row = db.read().query_one_raw(Statement::from_string(db.backend(), "SELECT token_hash, last4 FROM api_token")).await.unwrap().unwrap();
        let (hash, last4): (String, String) = (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap());
        assert!(!hash.contains(&secret[8..48]) && hash.len() == 64);
        assert!(secret.ends_with(&last4) && last4.len() == 4);
    }
}
