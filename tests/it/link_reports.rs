//! Reports as pages: what a mail's recipient reads, for how long, with whose rights, and as of when.

use std::sync::Arc;

use chrono::TimeDelta;
use rapport_tests::mail::ACCOUNT;
use rapport_tests::{TestDb, on_both_databases};
use service::link::{ReportKind, ReportLink, ReportReader};

use crate::graphql_server::{Server, state};
use crate::import_stage::import_texts;
use crate::link_stage::*;
use crate::mail_stage::{address, instant};

/// When the mail was written: when every test begins.
const NOW: &str = "2026-06-17T12:00:00Z";

fn report(db: &TestDb, kind: ReportKind, reader: ReportReader) -> ReportLink {
    let now = db.clock.now();
    ReportLink {
        kind,
        account: ACCOUNT.into(),
        reader,
        as_of: now,
        until: now + TimeDelta::days(14),
    }
}

fn path(link: &ReportLink) -> String {
    format!("/r/{}", link.token(&key()))
}

fn of(db: &TestDb, n: u128) -> ReportLink {
    report(db, ReportKind::Engagement, ReportReader::User(user(n)))
}

/// Something to report.
async fn history(db: &TestDb) {
    stage(db).await;
    import_texts(
        db,
        &[
            (
                "contacts.csv",
                "account_external_id,external_id,name,title,department,seniority,status\nharlan & voss/7,c1,Dana Whitfield,COO,Ops,c_level,active\n\
                 harlan & voss/7,c2,Ben Osei,,Ops,vp,active\n",
            ),
            ("sponsorships.csv", "account_external_id,contact_external_id,since,until,rank\nharlan & voss/7,c1,2026-01-01,,primary\n"),
            (
                "interactions.csv",
                "account_external_id,external_id,kind,direction,status,purpose,occurred_at,responded_at,responded_by,participants\n\
                 harlan & voss/7,i1,meeting,outbound,completed,strategic,2026-05-20T10:00:00Z,,,c1\n\
                 harlan & voss/7,i2,qbr,outbound,completed,strategic,2026-05-22T10:00:00Z,,,c1;c2\n\
                 harlan & voss/7,i3,email,outbound,completed,strategic,2026-06-01T10:00:00Z,2026-06-01T12:00:00Z,c1,c1\n",
            ),
        ],
    )
    .await;
}

on_both_databases! {
    async fn both_reports_are_pages(db: TestDb) {
        history(db).await;
        let mut state = state(db);
        state.account_url = Some("https://crm.example/accounts/{external_id}".to_owned());
        let server = Server::serving(db, state).await;
        let engagement = get(&server, &path(&of(db, ANN))).await;
        assert_eq!(engagement.status, 200);
        assert_headers(&engagement);
        insta::assert_snapshot!("report_engagement", without_style(&engagement.body));
        let sponsor = path(&report(db, ReportKind::Sponsor, ReportReader::User(user(ANN))));
        // The way there is on the page, below whatever path.
        assert!(engagement.body.contains(&format!("href=\"{}\"", &sponsor[3..])), "{}", engagement.body);
        let sponsor = get(&server, &sponsor).await;
        assert_eq!(sponsor.status, 200);
        insta::assert_snapshot!("report_sponsor", without_style(&sponsor.body));
        let only_head = head(&server, &path(&of(db, ANN))).await;
        assert_eq!((only_head.status, only_head.body.as_str()), (200, ""));
        let posted = press(&server, &path(&of(db, ANN))).await;
        assert_eq!((posted.status, posted.header("allow")), (405, Some("GET, HEAD")));
        server.stop().await;
    }

    async fn a_report_says_what_the_mail_said_for_fourteen_days(db: TestDb) {
        history(db).await;
        let server = Server::start(db).await;
        let link = path(&of(db, ANN));
        let first = get(&server, &link).await.body;
        // Later on the same day, and in the days after it, a lot happens.
        db.clock.advance(TimeDelta::hours(6));
        let row = |n| format!("harlan & voss/7,late{n},meeting,outbound,completed,strategic,2026-06-{}T15:00:00Z,,,c1;c2\n", 17 + n / 10);
        let rows: Vec<String> = (0..40).map(row).collect();
        let head = "account_external_id,external_id,kind,direction,status,purpose,occurred_at,responded_at,responded_by,participants\n";
        db.clock.advance(TimeDelta::days(13));
        import_texts(db, &[("interactions.csv", &format!("{head}{}", rows.concat()))]).await;
        assert_eq!(get(&server, &link).await.body, first);
        assert_ne!(get(&server, &path(&of(db, ANN))).await.body, first, "a newer mail says something else");
        db.clock.set(instant(NOW) + TimeDelta::days(14) - TimeDelta::microseconds(1));
        assert_eq!(get(&server, &link).await.status, 200);
        db.clock.advance(TimeDelta::microseconds(1));
        let over = get(&server, &link).await;
        assert_eq!(over.status, 410);
        assert_headers(&over);
        insta::assert_snapshot!("report_expired", without_style(&over.body));
        server.stop().await;
    }

    async fn whoever_may_not_see_the_account_any_more_reads_nothing(db: TestDb) {
        history(db).await;
        let server = Server::start(db).await;
        let stranger = get(&server, "/r/AQEAAAAAAAAAAAAAAAAAAAABLiLo").await;
        assert_eq!(stranger.status, 404);
        for (n, status) in [(ANN, 200), (VIC, 200), (MAX, 200), (CY, 404), (0xff, 404)] {
            let answer = get(&server, &path(&of(db, n))).await;
            assert_eq!(answer.status, status, "{n:x}");
            assert!(status == 200 || answer.body == stranger.body);
        }
        let (ann, max) = (path(&of(db, ANN)), path(&of(db, MAX)));
        run_sql(db, "DELETE FROM team_member").await;
        run_sql(db, "UPDATE app_user SET role = 'CSM' WHERE name = 'Max'").await;
        for link in [&ann, &max] {
            assert_eq!(get(&server, link).await.body, stranger.body);
        }
        // Also when its time is over as well: nobody learns that it ever was one.
        db.clock.advance(TimeDelta::days(30));
        assert_eq!(get(&server, &ann).await.status, 404);
        server.stop().await;
    }

    async fn an_escalation_address_reads_as_long_as_it_is_one(db: TestDb) {
        history(db).await;
        let board = address("board@vendor.example");
        let fingerprint = ReportReader::Address(key().fingerprint(&board));
        let link = path(&report(db, ReportKind::Sponsor, fingerprint));
        // Both before either stops: what a server has open goes down with it.
        let named = Server::serving(db, api::AppState { escalation_to: Arc::from([board, address("cy@x.example")]), ..state(db) }).await;
        let server = Server::start(db).await;
        // Cy sees nothing of it, but is told of escalations.
        for link in [link, path(&of(db, CY))] {
            assert_eq!((get(&named, &link).await.status, get(&server, &link).await.status), (200, 404));
        }
        named.stop().await;
        server.stop().await;
    }

    async fn names_and_subjects_from_outside_are_text(db: TestDb) {
        history(db).await;
        let server = Server::start(db).await;
        let evil = "<script>alert(1)</script> \"><img src=x onerror=alert(2)> [x](javascript:alert(3)) ![y](https://evil.example/p.png) | a | `b` # c";
        for sql in ["UPDATE account SET name = '{}'", "UPDATE contact SET name = '{}', title = '{}', department = '{}'", "UPDATE interaction SET subject = '{}', outcome = '{}'"] {
            run_sql(db, &sql.replace("{}", evil)).await;
        }
        for kind in [ReportKind::Engagement, ReportKind::Sponsor] {
            let page = get(&server, &path(&report(db, kind, ReportReader::User(user(ANN))))).await.body;
            assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{page}");
            assert!(!page.contains("<script") && !page.contains("<img"), "{page}");
            let references: Vec<&str> = page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
            assert_eq!(references.len(), 3, "the icon and two reports: {references:?}");
            assert!(references.iter().all(|reference| !reference.contains(':') || *reference == "data:,"), "{references:?}");
        }
        server.stop().await;
    }

    async fn a_token_for_something_else_shows_no_report(db: TestDb) {
        history(db).await;
        let server = Server::start(db).await;
        let unsubscribe = service::link::ActionLink::Unsubscribe { user: user(ANN) }.token(&key());
        let mut damaged = of(db, ANN).token(&key()).into_bytes();
        damaged[40] ^= 1;
        for token in [unsubscribe, String::from_utf8(damaged).unwrap(), "x".repeat(300)] {
            assert_eq!(get(&server, &format!("/r/{token}")).await.status, 404);
        }
        server.stop().await;
    }
}
