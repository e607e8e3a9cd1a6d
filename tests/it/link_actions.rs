//! Links that do something, as a person and as a mailbox provider follow them: what opening one shows and leaves alone, what
//! pressing its button does, and what a link says that is not theirs any more.

use chrono::TimeDelta;
use engagement::id::AlertId;
use rapport_tests::mail::{ACCOUNT, ALERT};
use rapport_tests::{TestDb, on_both_databases};
use service::access::Access;
use service::clock::Moment;
use service::link::{ActionLink, ReportKind, ReportLink, ReportReader, SigningKey};
use service::record::user::User;
use uuid::Uuid;

use crate::graphql_server::{Server, state};
use crate::import_stage::{number, texts};
use crate::link_stage::*;

fn unsubscribe() -> ActionLink {
    ActionLink::Unsubscribe { user: user(ANN) }
}

fn resubscribe() -> ActionLink {
    ActionLink::Resubscribe { user: user(ANN) }
}

async fn ann(db: &TestDb) -> User {
    service::record::user::by_ids(db, &db.system(), &[user(ANN)])
        .await
        .unwrap()
        .remove(&user(ANN))
        .unwrap()
}

/// What a change of anything would change.
async fn everything(db: &TestDb) -> Vec<String> {
    let mut rows = texts(
        db,
        "SELECT name || ' ' || digest_off || ' ' || coalesce(digest_day, '') FROM app_user ORDER BY id",
    )
    .await;
    rows.extend(
        texts(
            db,
            "SELECT status || ' ' || coalesce(acknowledged_at, 0) || ' ' || revision FROM alert",
        )
        .await,
    );
    rows.extend(
        texts(
            db,
            "SELECT action FROM audit_log WHERE action NOT IN ('import', 'init') ORDER BY id",
        )
        .await,
    );
    rows
}

/// The audit log: who did what, with a token or without.
async fn audit(db: &TestDb) -> Vec<String> {
    let sql = "SELECT a.action || ' by ' || u.name || CASE WHEN a.token_id IS NULL THEN ' by link' ELSE ' by token' END
        FROM audit_log a JOIN app_user u ON u.id = a.user_id ORDER BY a.at, a.id";
    texts(db, sql).await
}

on_both_databases! {
    async fn unsubscribing_asks_does_and_can_be_taken_back(db: TestDb) {
        stage(db).await;
        let server = Server::start(db).await;
        let (off, on) = (path(&unsubscribe()), path(&resubscribe()));
        let before = everything(db).await;
        for _ in 0..2 {
            for answer in [get(&server, &off).await, head(&server, &off).await, get(&server, &on).await, head(&server, &on).await] {
                assert_eq!(answer.status, 200);
                assert_headers(&answer);
            }
        }
        assert!(head(&server, &off).await.body.is_empty());
        assert_eq!(everything(db).await, before, "looking changes nothing");
        insta::assert_snapshot!("unsubscribe", without_style(&get(&server, &off).await.body));

        let done = press(&server, &off).await;
        assert_eq!(done.status, 200);
        assert_headers(&done);
        insta::assert_snapshot!("unsubscribed", without_style(&done.body));
        assert!(ann(db).await.digest.off);
        let again = press(&server, &off).await;
        assert_eq!((again.status, &again.body), (200, &done.body), "twice is once");
        assert_eq!(get(&server, &off).await.body, done.body);
        assert_eq!(audit(db).await, ["setDigestPreferences by Ann by link"]);
        insta::assert_snapshot!("resubscribe", without_style(&get(&server, &on).await.body));

        // The page's own button leads where it says, whatever the path before it.
        let token = done.body.split("action=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert_eq!(format!("/m/{token}"), on);
        db.clock.advance(TimeDelta::days(400));
        let back = press(&server, &on).await;
        insta::assert_snapshot!("subscribed", without_style(&back.body));
        assert!(!ann(db).await.digest.off);
        assert_eq!(press(&server, &on).await.body, back.body);
        assert_eq!(audit(db).await.len(), 2);
        server.stop().await;
    }

    async fn a_mailbox_provider_unsubscribes_with_one_post(db: TestDb) {
        stage(db).await;
        let server = Server::start(db).await;
        let off = path(&unsubscribe());
        let form = format!("POST {off} HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nUser-Agent: Mailbox");
        let answer = server.send(&form, b"List-Unsubscribe=One-Click").await;
        assert_eq!(answer.status, 200, "{}", answer.head);
        assert_headers(&answer);
        assert!(ann(db).await.digest.off);
        press(&server, &path(&resubscribe())).await;
        // RFC 8058 prefers a form of several parts.
        let parts = b"--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n";
        let answer = server.send(&format!("POST {off} HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=x"), parts).await;
        assert_eq!(answer.status, 200);
        assert!(ann(db).await.digest.off);
        server.stop().await;
    }

    async fn an_alert_is_taken_up_by_its_recipient(db: TestDb) {
        stage(db).await;
        let mut state = state(db);
        state.account_url = Some("https://crm.example/accounts/{external_id}".to_owned());
        let server = Server::serving(db, state).await;
        let (ann, ben) = (path(&acknowledge(db, ANN)), path(&acknowledge(db, BEN)));
        let before = everything(db).await;
        let page = get(&server, &ann).await;
        assert_eq!(page.status, 200);
        assert_headers(&page);
        head(&server, &ann).await;
        assert_eq!(everything(db).await, before, "looking changes nothing");
        insta::assert_snapshot!("alert_open", without_style(&page.body));

        db.clock.advance(TimeDelta::minutes(5));
        let done = press(&server, &ann).await;
        assert_eq!(done.status, 200);
        assert_headers(&done);
        insta::assert_snapshot!("alert_taken_up", without_style(&done.body));
        db.clock.advance(TimeDelta::minutes(5));
        assert_eq!(press(&server, &ann).await.body, done.body, "twice is once");
        assert_eq!(audit(db).await, ["acknowledgeAlert by Ann by link"]);
        // The second to press is told that Ann was first, in his own zone.
        let second = press(&server, &ben).await;
        assert!(second.body.contains("<h1>Ann is on it</h1>") && second.body.contains("Ann took this up on Wed 17 June 2026, 12:05 UTC."), "{}", second.body);
        assert_eq!(audit(db).await.len(), 1);

        let access = Access::of(user(BEN), engagement::vocabulary::Role::Csm);
        let moment = Moment { now: db.clock.now(), today: db.clock.now().date_naive() };
        let acted = engagement::vocabulary::Disposition::Acted;
        service::alert::resolve(db, &access, &engagement::policy::Policy::default(), moment, AlertId::from(ALERT), acted, None).await.unwrap();
        let resolved = get(&server, &ann).await;
        assert_eq!(resolved.status, 200);
        insta::assert_snapshot!("alert_resolved", without_style(&resolved.body));
        assert_eq!(press(&server, &ann).await.body, resolved.body);
        run_sql(db, "UPDATE alert SET disposition = NULL, resolved_by = NULL").await;
        assert!(get(&server, &ann).await.body.contains("It resolved itself on Wed 17 June 2026, 14:10 CEST."));
        server.stop().await;
    }

    async fn a_snoozed_alert_says_until_when_and_a_manager_may_take_it_up(db: TestDb) {
        stage(db).await;
        let server = Server::start(db).await;
        run_sql(db, "UPDATE alert SET status = 'SNOOZED', snoozed_until = '2026-06-20'").await;
        let link = path(&acknowledge(db, MAX));
        assert!(get(&server, &link).await.body.contains("It is put off until 20 June 2026."));
        assert!(press(&server, &link).await.body.contains("You are on it"));
        server.stop().await;
    }

    async fn an_alert_about_the_installation_is_for_those_who_see_everything(db: TestDb) {
        stage(db).await;
        let server = Server::start(db).await;
        run_sql(db, "UPDATE alert SET account_id = NULL, rule = 'data.stale'").await;
        assert_eq!(get(&server, &path(&acknowledge(db, ANN))).await.status, 404);
        let page = get(&server, &path(&acknowledge(db, MAX))).await.body;
        assert!(page.contains("<h1>Data has stopped coming</h1>"), "{page}");
        assert!(press(&server, &path(&acknowledge(db, MAX))).await.body.contains("You are on it"));
        server.stop().await;
    }

    async fn who_lost_their_rights_is_told_what_a_stranger_is_told(db: TestDb) {
        stage(db).await;
        let server = Server::start(db).await;
        let stranger = get(&server, "/m/AQEAAAAAAAAAAAAAAAAAAAABLiLo").await;
        assert_eq!(stranger.status, 404);
        assert_headers(&stranger);
        insta::assert_snapshot!("nothing", without_style(&stranger.body));
        let nobody = ActionLink::Unsubscribe { user: user(0xff) };
        let gone = ActionLink::Acknowledge { alert: Uuid::from_u128(99).into(), user: user(ANN), until: db.clock.now() + TimeDelta::days(1) };
        let before = everything(db).await;
        for link in [acknowledge(db, CY), acknowledge(db, VIC), acknowledge(db, 0xff), nobody, gone] {
            for answer in [get(&server, &path(&link)).await, press(&server, &path(&link)).await] {
                assert_eq!((answer.status, &answer.body), (404, &stranger.body), "{link:?}");
                assert_headers(&answer);
            }
        }
        assert_eq!(everything(db).await, before);
        // Ann has it, loses it, and has it again.
        let ann = path(&acknowledge(db, ANN));
        assert_eq!(get(&server, &ann).await.status, 200);
        run_sql(db, "DELETE FROM team_member").await;
        assert_eq!(press(&server, &ann).await.body, stranger.body);
        assert_eq!(number(db, "SELECT count(*) FROM alert WHERE status = 'OPEN'").await, 1);
        run_sql(db, "UPDATE app_user SET role = 'MANAGER' WHERE name = 'Ann'").await;
        assert_eq!(press(&server, &ann).await.status, 200);
        assert_eq!(number(db, "SELECT count(*) FROM alert WHERE status = 'ACKNOWLEDGED'").await, 1);
        server.stop().await;
    }

    async fn a_link_that_is_damaged_or_made_up_or_for_something_else_does_nothing(db: TestDb) {
        stage(db).await;
        let server = Server::start(db).await;
        let before = everything(db).await;
        let token = unsubscribe().token(&key());
        let other_key = unsubscribe().token(&SigningKey::new(&[8; 32]));
        let at = db.clock.now();
        let report = ReportLink { kind: ReportKind::Sponsor, account: ACCOUNT.into(), reader: ReportReader::User(user(ANN)), as_of: at, until: at + TimeDelta::days(1) };
        let mut flipped = token.clone().into_bytes();
        flipped[10] ^= 1;
        let flipped = String::from_utf8(flipped).unwrap();
        for wrong in [flipped, other_key, report.token(&key()), token[..60].to_owned(), format!("{token}A"), "x".repeat(5_000), "%00".to_owned(), "%ff%fe".to_owned(), "%".to_owned(), "%c3%28".to_owned(), "%3Cscript%3E".to_owned(), "..%2f..".to_owned()] {
            for method in ["GET", "HEAD", "POST"] {
                let answer = server.send(&format!("{method} /m/{wrong} HTTP/1.1"), b"").await;
                assert_eq!(answer.status, 404, "{method} {wrong}");
                assert!(!answer.body.contains("<script") && !answer.body.contains(&token), "{wrong}");
            }
        }
        for (method, allowed) in [("PUT", "GET, HEAD, POST"), ("DELETE", "GET, HEAD, POST"), ("OPTIONS", "GET, HEAD, POST")] {
            let answer = server.send(&format!("{method} /m/{token} HTTP/1.1"), b"").await;
            assert_eq!((answer.status, answer.header("allow")), (405, Some(allowed)), "{method}");
        }
        let long = server.send(&format!("POST /m/{token} HTTP/1.1"), &[b'x'; 5_000]).await;
        assert_eq!(long.status, 413, "{}", long.head);
        assert_eq!(everything(db).await, before);
        server.stop().await;
    }

    async fn what_fails_says_where_the_log_has_it_and_changes_nothing(db: TestDb) {
        stage(db).await;
        let server = Server::start(db).await;
        run_sql(db, "ALTER TABLE audit_log RENAME TO elsewhere").await;
        let answer = press(&server, &path(&unsubscribe())).await;
        assert_eq!(answer.status, 500);
        assert_headers(&answer);
        let trace = answer.header("x-trace-id").unwrap();
        assert!(answer.body.contains(trace) && !answer.body.contains("audit_log"), "{}", answer.body);
        assert!(!ann(db).await.digest.off, "what cannot be written down is not done");
        server.stop().await;
    }

    async fn a_link_to_an_alert_ends_and_one_to_unsubscribe_does_not(db: TestDb) {
        stage(db).await;
        let server = Server::start(db).await;
        let (alert, digest) = (path(&acknowledge(db, ANN)), path(&unsubscribe()));
        db.clock.advance(TimeDelta::days(1) - TimeDelta::microseconds(1));
        assert_eq!(get(&server, &alert).await.status, 200);
        db.clock.advance(TimeDelta::microseconds(1));
        let over = get(&server, &alert).await;
        assert_eq!(over.status, 410);
        assert_headers(&over);
        insta::assert_snapshot!("alert_expired", without_style(&over.body));
        assert_eq!(press(&server, &alert).await.body, over.body);
        assert_eq!(number(db, "SELECT count(*) FROM alert WHERE status = 'OPEN'").await, 1);
        db.clock.advance(TimeDelta::days(2_000));
        assert_eq!(press(&server, &digest).await.status, 200);
        assert!(ann(db).await.digest.off);
        server.stop().await;
    }

    async fn what_comes_from_outside_is_text(db: TestDb) {
        stage(db).await;
        let mut state = state(db);
        state.account_url = Some("https://crm.example/accounts/{external_id}".to_owned());
        let server = Server::serving(db, state).await;
        let evil = "<script>alert(1)</script>\"><img src=x onerror=''alert(2)''>";
        run_sql(db, &format!("UPDATE account SET name = '{evil}', external_id = '{evil}'")).await;
        run_sql(db, &format!("UPDATE alert SET message = '{evil} wrote'")).await;
        run_sql(db, &format!("UPDATE app_user SET name = '{evil}' WHERE name = 'Ben <b>'")).await;
        press(&server, &path(&acknowledge(db, BEN))).await;
        run_sql(db, "UPDATE alert SET status = 'OPEN'").await;
        let open = get(&server, &path(&acknowledge(db, ANN))).await.body;
        run_sql(db, "UPDATE alert SET status = 'ACKNOWLEDGED'").await;
        let taken = get(&server, &path(&acknowledge(db, ANN))).await.body;
        for page in [&open, &taken] {
            assert!(!page.contains("<script") && !page.contains("<img") && page.contains("&lt;script&gt;"), "{page}");
            assert!(page.contains("href=\"https://crm.example/accounts/%3Cscript%3E"), "{page}");
            assert_eq!(page.matches("<a ").count(), 1);
        }
        server.stop().await;
    }
}
