//! What scoring reads of accounts beside the rows of a window: confirmed changes, what is booked, usage of a year ago; on both
//! databases, a fixed number of statements whatever the number of accounts.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use engagement::evaluation::evaluate;
use engagement::id::AccountId;
use engagement::measure::Collect;
use engagement::policy::Policy;
use engagement::row::AccountRows;
use engagement::vocabulary::{InteractionKind, OrgChangeKind, Period, Purpose, StandingReason};
use engagement::windows::Windows;
use rapport_tests::{TestDb, on_both_databases};
use service::change::outreach::{self, NewOutreach};
use service::engagement_rows::{Organisation, load, load_year_ago_usage};
use service::record::account;
use service::report::sponsor_report::sponsor_reports;
use service::scoring::evaluating::evaluate_all;

use crate::alert_stage::{contact, moment, settings, who};
use crate::import_stage::import_texts;

const FILES: &[(&str, &str)] = &[
    ("users.csv", "email,name,role\nann@example.com,Ann,manager\n"),
    (
        "accounts.csv",
        "external_id,name,tier\nacme,Acme,enterprise\nbolt,Bolt,smb\nidle,Idle,smb\n",
    ),
    (
        "contacts.csv",
        "account_external_id,external_id,name,seniority\nacme,c1,Cleo,c_level\nacme,c2,Dan,manager\nbolt,c1,Eve,vp\n",
    ),
    (
        "org_changes.csv",
        "account_external_id,kind,observed_on,contact_external_id,summary,certainty\n\
         acme,role_change,2019-03-01,c1,Long ago,confirmed\nacme,layoff,2026-09-01,,Ahead,confirmed\nacme,departure,2026-06-01,c2,A rumour,suspected\n\
         bolt,merger_acquisition,2026-06-02,,Bought,confirmed\n",
    ),
    (
        "interactions.csv",
        "account_external_id,external_id,kind,direction,status,occurred_at,participants\n\
         acme,yesterday,meeting,outbound,scheduled,2026-06-16T23:59:59Z,c1\nacme,today,meeting,outbound,scheduled,2026-06-17T00:00:00Z,c1;c2\n\
         acme,last,qbr,outbound,scheduled,2026-07-01T23:59:59Z,c1\nacme,late,call,outbound,scheduled,2026-07-02T00:00:00Z,c1\n\
         acme,off,call,outbound,canceled,2026-06-20T10:00:00Z,c1\nacme,nobody,call,outbound,scheduled,2026-06-20T10:00:00Z,\n\
         bolt,b1,call,outbound,scheduled,2026-06-30T20:00:00Z,c1\n",
    ),
    (
        "usage.csv",
        "account_external_id,contact_external_id,feature,day,count\n\
         acme,c1,export,2025-06-17,3\nacme,c1,login,2025-06-17,1\nacme,c2,export,2025-06-17,1\nacme,,export,2025-06-17,1\nacme,,login,2025-06-17,1\n\
         acme,c1,export,2025-03-18,1\nacme,c1,export,2025-06-16,0\nacme,c1,export,2025-06-18,1\n\
         acme,c1,export,2025-03-17,1\nacme,,export,2024-12-18,1\nacme,c1,export,2024-12-17,1\n\
         bolt,c1,export,2025-05-01,1\nbolt,c1,export,2026-06-20,1\nbolt,c1,export,2026-06-05,1\nbolt,c1,export,2026-06-06,0\n",
    ),
];

/// Lets somebody of `bolt` use a feature every day: so many days from each of the given ones on.
async fn use_by_bolt(db: &TestDb, spans: &[(&str, usize)]) {
    let days = spans
        .iter()
        .flat_map(|(from, days)| from.parse::<chrono::NaiveDate>().unwrap().iter_days().take(*days));
    let head = "account_external_id,contact_external_id,feature,day,count\n".to_owned();
    let rows = days.fold(head, |rows, day| rows + &format!("bolt,c1,export,{day},1\n"));
    import_texts(db, &[("usage.csv", &rows)]).await;
}

fn windows(db: &TestDb) -> Windows {
    Windows::at(db.clock.now(), chrono_tz::UTC, Period::Quarterly)
}

async fn ids(db: &TestDb) -> Vec<AccountId> {
    let mut ids = Vec::new();
    for name in ["acme", "bolt", "idle"] {
        ids.push(account::find(db, &db.system(), name).await.unwrap().unwrap().id);
    }
    ids
}

async fn rows(db: &TestDb, windows: &Windows) -> (Organisation, Vec<AccountRows>) {
    let organisation = Organisation::read(db, windows).await.unwrap();
    let ids = ids(db).await;
    let mut rows = load(db, &db.system(), &organisation, windows, &ids)
        .await
        .unwrap();
    rows.sort_by_key(|rows| ids.iter().position(|id| *id == rows.account.id));
    (organisation, rows)
}

/// `day kind contact`, in order.
fn booked(rows: &AccountRows) -> Vec<String> {
    let told = |b: &engagement::row::BookedTouch| {
        format!(
            "{} {} {}",
            b.on, b.kind, rows.contacts[b.contact as usize].external_id
        )
    };
    let mut told: Vec<String> = rows.booked.iter().map(told).collect();
    told.sort();
    told
}

on_both_databases! {
    async fn confirmed_changes_are_read_whatever_their_day(db: TestDb) {
        import_texts(db, FILES).await;
        let (organisation, rows) = rows(db, &windows(db)).await;
        let told = |rows: &AccountRows| {
            let mut changes: Vec<_> = rows.changes.iter().map(|c| (c.kind, c.observed_on.to_string(), c.contact)).collect();
            changes.sort_by(|a, b| a.1.cmp(&b.1));
            changes
        };
        let cleo = rows[0].contacts.iter().position(|c| c.external_id == "c1").map(|at| at as u32);
        assert_eq!(told(&rows[0]), [
            (OrgChangeKind::RoleChange, "2019-03-01".to_owned(), cleo),
            (OrgChangeKind::Layoff, "2026-09-01".to_owned(), None),
        ]);
        assert_eq!(told(&rows[1]), [(OrgChangeKind::MergerAcquisition, "2026-06-02".to_owned(), None)]);
        assert_eq!(told(&rows[2]), []);
        assert_eq!(organisation.catalogue().last_usage_on().unwrap().to_string(), "2026-06-05", "neither a count of 0 nor a day to come");
    }

    async fn what_is_booked_are_meetings_to_come_and_plans_that_stand(db: TestDb) {
        import_texts(db, FILES).await;
        let ann = who(db, "ann@example.com").await;
        let plan = async |to, at: &str| {
            let new = NewOutreach {
                contact: to,
                kind: InteractionKind::Call,
                purpose: Purpose::Strategic,
                planned_for: at.parse().unwrap(),
                subject: "Roadmap".to_owned(),
                coordinated_with: vec![],
            };
            outreach::plan(db, &ann, &settings(), moment(db), new).await.unwrap()
        };
        plan(contact(db, "acme", "c1").await, "2026-06-25T09:00:00Z").await;
        plan(contact(db, "acme", "c1").await, "2026-07-02T09:00:00Z").await;
        let off = plan(contact(db, "acme", "c2").await, "2026-06-26T09:00:00Z").await;
        outreach::cancel(db, &ann, moment(db), off.id).await.unwrap();
        let (_, in_utc) = rows(db, &windows(db)).await;
        assert_eq!(booked(&in_utc[0]), ["2026-06-17 MEETING c1", "2026-06-17 MEETING c2", "2026-06-25 CALL c1", "2026-07-01 QBR c1"]);
        assert_eq!(booked(&in_utc[1]), ["2026-06-30 CALL c1"]);
        // Five and a half hours ahead, yesterday's late meeting is today's, and the last one is a day too late.
        let (_, there) = rows(db, &Windows::at(db.clock.now(), chrono_tz::Asia::Kolkata, Period::Quarterly)).await;
        assert_eq!(booked(&there[0]), ["2026-06-17 MEETING c1", "2026-06-17 MEETING c1", "2026-06-17 MEETING c2", "2026-06-25 CALL c1"]);
        assert_eq!(booked(&there[1]), ["2026-07-01 CALL c1"], "placed on its day there");
    }

    async fn usage_of_a_year_ago_is_one_statement_for_all(db: TestDb) {
        import_texts(db, FILES).await;
        let (windows, ids) = (windows(db), ids(db).await);
        let before = db.statements();
        let usage = load_year_ago_usage(db.read(), &windows, &ids).await.unwrap();
        assert_eq!(db.statements() - before, 1);
        // c1, c2, export and login by nobody on the last day, c1 on the first; c1 on the last of the window before, nobody on its first.
        assert_eq!(usage[&ids[0]], [5, 2]);
        assert_eq!((usage[&ids[1]], usage[&ids[2]]), ([1, 0], [0, 0]));
        let within = db.write_tx(async |tx| load_year_ago_usage(tx, &windows, &ids).await).await.unwrap();
        assert_eq!(within, usage);
    }

    async fn a_report_of_a_month_has_the_standing_of_the_quarter(db: TestDb) {
        import_texts(db, FILES).await;
        // Used every day of the quarter before, and on few days of this one.
        use_by_bolt(db, &[("2025-12-20", 85), ("2026-05-25", 20)]).await;
        let id = ids(db).await[1];
        let mut told = Vec::new();
        for period in [Period::Quarterly, Period::Monthly] {
            let windows = Windows::at(db.clock.now(), chrono_tz::UTC, period);
            let asked = (Collect::Numbers, service::report::Naming::NoNames);
            let mut reports = service::report::engagement_reports(db, &db.system(), &Policy::default(), &windows, asked, &[id]).await.unwrap();
            told.push(reports.reports.remove(&id).unwrap().0.evaluation.standing.unwrap());
        }
        let reasons: Vec<StandingReason> = told[0].reasons.iter().map(|reason| reason.reason).collect();
        assert!(reasons.contains(&StandingReason::UsageFell), "{reasons:?}");
        assert_eq!(told[0], told[1], "whatever the report's period");
    }

    async fn both_reports_of_an_account_know_what_was_so_a_year_ago(db: TestDb) {
        import_texts(db, FILES).await;
        let id = ids(db).await[1];
        let windows = windows(db);
        let (policy, asked) = (Policy::default(), (Collect::Numbers, service::report::Naming::NoNames));
        // Known for long, used much in winter and little in spring; then the same of the year before.
        let now: &[(&str, usize)] = &[("2024-09-01", 1), ("2025-12-20", 85), ("2026-05-25", 20)];
        for (spans, fell) in [(now, true), (&[("2024-12-20", 85), ("2025-05-25", 20)], false)] {
            use_by_bolt(db, spans).await;
            let mut reports = service::report::engagement_reports(db, &db.system(), &policy, &windows, asked, &[id]).await.unwrap();
            let mut sponsors = sponsor_reports(db, &db.system(), &policy, &windows, &[id]).await.unwrap();
            let standing = reports.reports.remove(&id).unwrap().0.evaluation.standing.unwrap();
            assert_eq!(standing.reasons.iter().any(|reason| reason.reason == StandingReason::UsageFell), fell, "{standing:?}");
            assert_eq!(sponsors.remove(&id).unwrap().report.standing, Some(standing), "the sponsor report says the same");
        }
    }

    async fn only_those_who_want_it_are_evaluated_again(db: TestDb) {
        import_texts(db, FILES).await;
        let windows = windows(db);
        let (organisation, rows) = rows(db, &windows).await;
        let (organisation, policy, ids) = (Arc::new(organisation), Policy::default(), ids(db).await);
        // Of which accounts usage of a year ago decides, and how many statements and evaluations that costs.
        for (wanting, statements, evaluations) in [(vec![], 0, 3), (vec![ids[0], ids[2]], 1, 5)] {
            let evaluated = Arc::new(AtomicUsize::new(0));
            let (organisation, policy, count) = (Arc::clone(&organisation), policy.clone(), Arc::clone(&evaluated));
            let before = db.statements();
            let made = evaluate_all(
                db.read(),
                &windows,
                rows.iter().cloned().zip(1..).collect(),
                move |rows| {
                    count.fetch_add(1, Ordering::Relaxed);
                    let mut evaluation = evaluate(rows, organisation.catalogue(), &policy, &windows, Collect::Numbers);
                    evaluation.wants_year_ago = wanting.contains(&rows.account.id);
                    evaluation
                },
                |rows, place, evaluation| (place, rows.year_ago_usage, evaluation.wants_year_ago),
            )
            .await
            .unwrap();
            assert_eq!((db.statements() - before, evaluated.load(Ordering::Relaxed)), (statements, evaluations));
            let usage = if statements == 0 { [None, None] } else { [Some([5, 2]), Some([0, 0])] };
            assert_eq!(made.iter().map(|(place, usage, _)| (*place, *usage)).collect::<Vec<_>>(), [(1, usage[0]), (2, None), (3, usage[1])]);
        }
    }
}
