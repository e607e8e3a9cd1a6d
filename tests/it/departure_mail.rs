//! The mail of a departure from the database: from the row that says so to what its recipients read.

use chrono::TimeDelta;
use engagement::report::escalation::DepartureNotice;
use rapport_tests::TestDb;
use sea_orm::ConnectionTrait;
use service::access::Access;
use service::job::recompute::{Recompute, Scope, recompute};
use service::mail::{Content, Standing, look_again};
use service::outbox::{Lane, claim};
use service::settings::Settings;

use crate::import_stage::{import_texts, texts};

const FILES: &[(&str, &str)] = &[
    (
        "users.csv",
        "email,name,role,manager_email\nann@x.example,Ann,csm,lou@x.example\nlou@x.example,Lou,manager,\n",
    ),
    (
        "accounts.csv",
        "external_id,name,tier,status,arr,currency,renewal_date\nacme,Acme,enterprise,active,500000,USD,2026-07-10\n",
    ),
    (
        "teams.csv",
        "account_external_id,user_email,team_role\nacme,ann@x.example,csm\n",
    ),
    (
        "contacts.csv",
        "account_external_id,external_id,name,title,seniority,status\nacme,c1,Dana Whitfield,COO,c_level,active\nacme,c2,Ben Osei,,vp,active\n\
         acme,c3,Eve Lindqvist,CFO,c_level,active\n",
    ),
    (
        "sponsorships.csv",
        "account_external_id,contact_external_id,since,until,rank\nacme,c1,2026-01-01,,primary\nacme,c2,2026-01-01,,backup\n",
    ),
    (
        "interactions.csv",
        "account_external_id,external_id,kind,direction,status,occurred_at,participants\n\
         acme,i1,meeting,outbound,completed,2026-06-10T10:00:00Z,c1;c2\nacme,i2,meeting,outbound,completed,2026-05-10T10:00:00Z,c3\n",
    ),
];

async fn score(db: &TestDb) {
    let now = db.clock.now();
    let request = Recompute {
        as_of: now,
        ending_on: now.date_naive(),
        scope: Scope::All,
    };
    recompute(db, &Access::system(), &Settings::default(), &request, |_| {})
        .await
        .unwrap();
}

/// What would be sent of departures now, by recipient.
async fn notices(db: &TestDb) -> Vec<DepartureNotice> {
    let claimed = claim(db, Lane::Urgent, "one", 100, db.clock.now()).await.unwrap();
    let mut standings = look_again(db, &claimed, &[], chrono_tz::Tz::UTC).await.unwrap();
    let content = |standing| match standing {
        Some(Standing::Wanted {
            content: Ok(content), ..
        }) => match *content {
            Content::SponsorDeparted(notice) => Some(*notice),
            _ => None,
        },
        _ => None,
    };
    claimed
        .iter()
        .filter_map(|row| content(standings.remove(&row.id)))
        .collect()
}

rapport_tests::on_both_databases! {
    async fn everybody_concerned_reads_who_left_what_is_at_stake_and_what_to_do(db: TestDb) {
        import_texts(db, FILES).await;
        score(db).await;
        db.clock.advance(TimeDelta::hours(1));
        import_texts(
            db,
            &[("org_changes.csv", "account_external_id,kind,observed_on,contact_external_id,summary,source,certainty\nacme,departure,2026-06-16,c1,Left,linkedin,confirmed\n")],
        )
        .await;
        score(db).await;
        assert_eq!(texts(db, "SELECT recipient FROM outbox WHERE kind = 'SPONSOR_DEPARTED' ORDER BY recipient").await, ["ann@x.example", "lou@x.example"]);
        assert!(!texts(db, "SELECT context FROM outbox").await.concat().contains("Dana"), "no name waits to be sent");
        let found = notices(db).await;
        assert_eq!(found.len(), 2);
        let notice = &found[0];
        assert_eq!(notice.subject, "Sponsor departed: Dana Whitfield, Acme");
        assert_eq!(notice.left, "Dana Whitfield (COO), the primary sponsor, left on 16 June 2026, yesterday.");
        assert_eq!(notice.known, "We know because it was seen on LinkedIn: “Left”.");
        let stakes: Vec<_> = notice.stakes.iter().map(|fact| fact.value.as_str()).collect();
        assert!(stakes[0].starts_with("At risk — Dana Whitfield, who sponsored us, left on 2026-06-16, yesterday; "), "{}", stakes[0]);
        assert_eq!(stakes[1..3], ["500,000 USD", "10 July 2026, in 23 days"]);
        assert_eq!(notice.sponsors.iter().map(|line| line.person.as_str()).collect::<Vec<_>>(), ["Ben Osei"]);
        assert_eq!(notice.executives.iter().map(|line| line.person.as_str()).collect::<Vec<_>>(), ["Eve Lindqvist (CFO)"]);
        assert_eq!(notice.steps[0].action, "Ask somebody at Acme whether Dana Whitfield has left");
        assert!(notice.steps[1].action.starts_with("Call Ben Osei"), "{:?}", notice.steps);
        assert_eq!(notice.told.len(), 2);

        // Once somebody has resolved it there is nothing to say any more.
        db.clock.advance(TimeDelta::minutes(2));
        db.write_tx(async |tx| {
            tx.execute_unprepared("UPDATE alert SET status = 'RESOLVED', resolved_at = 1 WHERE rule = 'sponsor.departed'").await.expect("a statement");
            Ok(())
        })
        .await
        .unwrap();
        assert_eq!(notices(db).await, []);
    }
}
