//! Users and their bearer tokens: who gets in, and who does not any more.

use chrono::TimeDelta;
use engagement::email_address::EmailAddress;
use engagement::vocabulary::Role;
use rapport_tests::{TestDb, on_both_databases};
use sea_orm::{ConnectionTrait, Statement};
use service::error::ServiceError;
use service::user::User;
use service::{token, user};

async fn admin(db: &TestDb) -> User {
    let email: EmailAddress = "Ada@Example.com".parse().unwrap();
    user::create_first_admin(db, &db.clock, &email, "Ada").await.unwrap()
}

async fn last_used(db: &TestDb) -> Option<i64> {
    let row = db.read().query_one_raw(Statement::from_string(db.backend(), "SELECT last_used_at FROM api_token")).await.unwrap().unwrap();
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
