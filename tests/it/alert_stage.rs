//! What the tests of alerts share: a book of customers, evaluated, and their alerts in words.

use chrono::{DateTime, TimeDelta, Utc};
use engagement::email_address::EmailAddress;
use engagement::id::ContactId;
use engagement::policy::Policy;
use rapport_tests::TestDb;
use sea_orm::{ConnectionTrait, Statement};
use service::access::Access;
use service::alert::{self, AlertFilter, AlertOrder, StoredAlert};
use service::clock::Moment;
use service::job::guardrail_round;
use service::job::guardrail_round::Watched;
use service::job::recompute::{Recompute, Recomputed, Scope, recompute};
use service::record::user;
use service::settings::Settings;
use service::sql::page::PageRequest;

use crate::import_stage::{import_texts, texts};

/// Ann and Max look after `acme`, an enterprise with a primary sponsor and a backup; Ann reports to Bea; nobody looks after
/// `bolt`, which is small. Ada is the administrator. Two years of weekly data of both.
pub(crate) const FILES: &[(&str, &str)] = &[
    (
        "users.csv",
        "email,name,role,manager_email\nada@example.com,Ada,admin,\nann@example.com,Ann,csm,bea@example.com\nmax@example.com,Max,manager,\n",
    ),
    (
        "accounts.csv",
        "external_id,name,tier,arr,currency,renewal_date\nacme,Acme,enterprise,90000,EUR,2026-08-01\nbolt,Bolt,smb,900,EUR,2026-12-01\n",
    ),
    (
        "teams.csv",
        "account_external_id,user_email,team_role\nacme,ann@example.com,csm\nacme,max@example.com,manager\n",
    ),
    (
        "contacts.csv",
        "account_external_id,external_id,name,department,seniority\nacme,c1,Cleo Carter,Board,c_level\nacme,c2,Dan Dee,IT,vp\n\
         acme,c3,Eve Ember,Sales,vp\nbolt,c1,Flo Finch,Board,c_level\n",
    ),
    (
        "sponsorships.csv",
        "account_external_id,contact_external_id,since,rank\nacme,c1,2025-01-01,primary\nacme,c2,2025-01-01,backup\n\
         bolt,c1,2025-01-01,primary\n",
    ),
];

/// A meeting with everybody every week, up to a day.
pub(crate) fn weekly(account: &str, people: &str, last: &str, weeks: i64) -> String {
    let last: DateTime<Utc> = last.parse().unwrap();
    let lines = (0..weeks).map(|week| {
        let at = (last - TimeDelta::weeks(week)).format("%Y-%m-%dT%H:%M:%SZ");
        format!("{account},w{week},meeting,outbound,completed,{at},strategic,{people}\n")
    });
    "account_external_id,external_id,kind,direction,status,occurred_at,purpose,participants\n".to_owned()
        + &lines.collect::<String>()
}

/// Imports the book: at noon of 17 June 2026 every relationship is in good order.
pub(crate) async fn stage(db: &TestDb) {
    import(db, FILES).await;
    import(
        db,
        &[(
            "interactions.csv",
            &weekly("acme", "c1;c2;c3", "2026-06-16T10:00:00Z", 60),
        )],
    )
    .await;
    import(
        db,
        &[(
            "interactions.csv",
            &weekly("bolt", "c1", "2026-06-15T10:00:00Z", 60),
        )],
    )
    .await;
}

pub(crate) async fn import(db: &TestDb, files: &[(&str, &str)]) {
    let (summary, told) = import_texts(db, files).await;
    assert!(summary.is_clean(), "{:?}", told.rejected());
}

pub(crate) fn settings() -> Settings {
    let to: EmailAddress = "board@example.com".parse().unwrap();
    Settings {
        escalation_to: std::sync::Arc::from([to]),
        ..Settings::new(Policy::default(), chrono_tz::UTC)
    }
}

/// Scores everything as of now; alerts follow.
pub(crate) async fn evaluate(db: &TestDb) -> Recomputed {
    let now = db.clock.now();
    let request = Recompute {
        as_of: now,
        ending_on: now.date_naive(),
        scope: Scope::All,
    };
    recompute(db, &db.system(), &settings(), &request, |_| {})
        .await
        .unwrap()
}

/// The hourly round.
pub(crate) async fn watch(db: &TestDb) -> Watched {
    guardrail_round::watch(db, &db.system(), &settings(), db.clock.now())
        .await
        .unwrap()
}

/// All alerts, the oldest first.
pub(crate) async fn alerts(db: &TestDb, access: &Access) -> Vec<StoredAlert> {
    let order = AlertOrder {
        descending: false,
        ..AlertOrder::default()
    };
    let page = alert::list(
        db,
        access,
        &AlertFilter::default(),
        order,
        &PageRequest::first(100),
        true,
    )
    .await
    .unwrap();
    assert_eq!(page.total_count, Some(page.edges.len() as u64));
    page.edges.into_iter().map(|edge| edge.node).collect()
}

/// `rule severity status` of all alerts, `*` where it is a baseline, in the order of their rules.
pub(crate) async fn shown(db: &TestDb) -> Vec<String> {
    let mut shown: Vec<String> = alerts(db, &db.system()).await.iter().map(line).collect();
    shown.sort();
    shown
}

pub(crate) fn line(stored: &StoredAlert) -> String {
    let alert = &stored.alert;
    let baseline = if alert.baseline { " *" } else { "" };
    format!("{} {} {}{baseline}", alert.key.rule, alert.severity, alert.status)
}

/// The alert of a rule.
pub(crate) async fn the(db: &TestDb, rule: &str) -> StoredAlert {
    let found: Vec<StoredAlert> = alerts(db, &db.system())
        .await
        .into_iter()
        .filter(|one| one.alert.key.rule.as_str() == rule)
        .collect();
    assert_eq!(found.len(), 1, "{rule}: {found:?}");
    found.into_iter().next().unwrap()
}

/// `kind recipient` of everything that is queued, in order.
pub(crate) async fn queued(db: &TestDb) -> Vec<String> {
    texts(
        db,
        "SELECT kind || ' ' || recipient FROM outbox ORDER BY kind, recipient, natural_key",
    )
    .await
}

/// Now.
pub(crate) fn moment(db: &TestDb) -> Moment {
    Moment {
        now: db.clock.now(),
        today: db.clock.now().date_naive(),
    }
}

/// The rights of the user with an address.
pub(crate) async fn who(db: &TestDb, email: &str) -> Access {
    let user = user::find_by_email(db, &db.system(), &email.parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    Access::of(user.id, user.role)
}

/// A contact of an account.
pub(crate) async fn contact(db: &TestDb, account: &str, external_id: &str) -> ContactId {
    let sql = format!(
        "SELECT c.id FROM contact c JOIN account a ON a.id = c.account_id WHERE a.external_id = '{account}' AND c.external_id = '{external_id}'"
    );
    let row = db
        .read()
        .query_one_raw(Statement::from_string(db.backend(), sql))
        .await
        .unwrap()
        .unwrap();
    row.try_get_by_index::<uuid::Uuid>(0).unwrap().into()
}
