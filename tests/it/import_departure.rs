//! A departure ends the active sponsorship on its day, whoever writes it; again changes nothing; removing it takes it back.

use rapport_tests::{TestDb, on_both_databases};

use crate::import_stage::{import_texts, texts};

const COMPANY: &[(&str, &str)] = &[
    ("accounts.csv", "external_id,name,tier\nacme,Acme,smb\n"),
    (
        "contacts.csv",
        "account_external_id,external_id,name,status,departed_on\nacme,c1,Cleo,active,\nacme,c2,Dan,active,\n",
    ),
    (
        "sponsorships.csv",
        "account_external_id,contact_external_id,since,until,rank\n\
         acme,c1,2025-01-01,,primary\nacme,c1,2023-01-01,2024-01-01,backup\nacme,c1,2026-06-01,,backup\nacme,c2,2025-01-01,,backup\n",
    ),
];
const DEPARTURE: &str =
    "account_external_id,kind,observed_on,contact_external_id,summary,source,certainty,deleted\n";

/// When each sponsorship ended by a departure, the oldest first, and when each contact left by an organisational change.
async fn effects(db: &TestDb) -> Vec<String> {
    let ended = "SELECT cast(s.ended_on AS text) FROM sponsorship s JOIN contact c ON c.id = s.contact_id ORDER BY c.external_id, s.since";
    let left = "SELECT cast(left_on AS text) FROM contact ORDER BY external_id";
    [texts(db, ended).await, texts(db, left).await].concat()
}

async fn org_change(db: &TestDb, rows: &str) -> u64 {
    let (summary, told) = import_texts(db, &[("org_changes.csv", &format!("{DEPARTURE}{rows}"))]).await;
    assert!(summary.is_clean(), "{:?}", told.rejected());
    summary.changes()
}

async fn contacts(db: &TestDb, row: &str) -> u64 {
    let (summary, told) = import_texts(
        db,
        &[(
            "contacts.csv",
            &format!("account_external_id,external_id,name,status,departed_on\n{row}"),
        )],
    )
    .await;
    assert!(summary.is_clean(), "{:?}", told.rejected());
    summary.changes()
}

on_both_databases! {
    async fn a_confirmed_departure_ends_what_was_active_that_day(db: TestDb) {
        import_texts(db, COMPANY).await;
        let untouched = ["-", "-", "-", "-", "-", "-"];
        assert_eq!(effects(db).await, untouched);
        // Suspected: nothing follows.
        assert_eq!(org_change(db, "acme,departure,2026-05-01,c1,Profile changed,linkedin,,\n").await, 1);
        assert_eq!(effects(db).await, untouched);
        // Confirmed, twice.
        for changes in [1, 0] {
            assert_eq!(org_change(db, "acme,departure,2026-05-10,c1,Told us,manual,,\n").await, changes);
            assert_eq!(effects(db).await, ["-", "2026-05-10", "-", "-", "2026-05-10", "-"]);
        }
        // An earlier one counts; contacts imported again do not undo it.
        org_change(db, "acme,departure,2026-05-05,c1,Also told us,crm,,\n").await;
        assert_eq!(contacts(db, "acme,c1,Cleo,active,\n").await, 0);
        assert_eq!(contacts(db, "acme,c1,Cleo B.,active,\n").await, 1);
        assert_eq!(effects(db).await, ["-", "2026-05-05", "-", "-", "2026-05-05", "-"]);
        // Confirming the suspicion, and taking all back.
        org_change(db, "acme,departure,2026-05-01,c1,Profile changed,linkedin,confirmed,\n").await;
        assert_eq!(effects(db).await, ["-", "2026-05-01", "-", "-", "2026-05-01", "-"]);
        org_change(db, "acme,departure,2026-05-01,c1,Profile changed,,,true\nacme,departure,2026-05-05,c1,Also told us,,,true\n\
            acme,departure,2026-05-10,c1,Told us,,,true\n").await;
        assert_eq!(effects(db).await, untouched);
    }

    async fn a_contact_that_becomes_departed_ends_it_too(db: TestDb) {
        import_texts(db, COMPANY).await;
        assert_eq!(contacts(db, "acme,c1,Cleo,departed,2026-04-30\n").await, 1);
        assert_eq!(effects(db).await, ["-", "2026-04-30", "-", "-", "-", "-"]);
        assert_eq!(contacts(db, "acme,c1,Cleo,departed,2026-04-30\n").await, 0);
        // The same departure from two sources is one; the earlier day counts.
        org_change(db, "acme,departure,2026-05-10,c1,Told us,manual,,\n").await;
        assert_eq!(effects(db).await, ["-", "2026-04-30", "-", "-", "2026-05-10", "-"]);
        contacts(db, "acme,c1,Cleo,active,\n").await;
        assert_eq!(effects(db).await, ["-", "2026-05-10", "-", "-", "2026-05-10", "-"]);
    }

    async fn without_a_day_it_is_the_day_it_was_first_seen(db: TestDb) {
        import_texts(db, COMPANY).await;
        contacts(db, "acme,c2,Dan,departed,\n").await;
        assert_eq!(effects(db).await[3], "2026-06-17");
        db.clock.advance(chrono::TimeDelta::days(3));
        assert_eq!(contacts(db, "acme,c2,Dan,departed,\n").await, 0);
        contacts(db, "acme,c2,Dan D.,departed,\n").await;
        assert_eq!(effects(db).await[3], "2026-06-17");
        // A sponsorship that comes to light after the departure ends with it.
        import_texts(db, &[("sponsorships.csv", "account_external_id,contact_external_id,since,rank\nacme,c2,2024-01-01,primary\n")]).await;
        assert_eq!(effects(db).await[3..5], ["2026-06-20", "2026-06-17"]);
    }
}
