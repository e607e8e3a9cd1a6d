//! Erasing a contact: who they were is gone from everything, what happened is still there, and no file brings them back.

use std::collections::BTreeSet;

use engagement::id::ContactId;
use engagement::measure::Collect;
use engagement::policy::Policy;
use engagement::vocabulary::Period;
use engagement::windows::Windows;
use rapport_tests::{Kind, TestDb, on_both_databases};
use sea_orm::{ConnectionTrait, Statement};
use service::change::erasure;
use service::change::erasure::{ERASED_NAME, erase};
use service::error::ServiceError;
use service::ingest::{Cell, Target, write};
use service::record::contact;
use service::report;
use service::scoring::touched;
use service::settings::Settings;
use uuid::Uuid;

use crate::access_changes::moment;
use crate::access_stage::{Actor, settle, stage};
use crate::import_stage::{count, every_text, import_texts, number, text_columns, texts};

/// What no text may hold afterwards.
const TRACES: [&str; 5] = ["Zoe", "zoe@", "crm-77", "secret hobby", "Chief of Everything"];

const STORY: &[(&str, &str)] = &[
    (
        "contacts.csv",
        "account_external_id,external_id,name,title,department,seniority,email,communication_preference,priorities,role_started_on\n\
         north,crm-77,Zoe Secret,Chief of Everything,Board,c_level,zoe@north.example,by phone to Zoe,secret hobby;growth,2024-05-01\n",
    ),
    (
        "sponsorships.csv",
        "account_external_id,contact_external_id,since,rank\nnorth,crm-77,2026-01-01,backup\n",
    ),
    (
        "interactions.csv",
        "account_external_id,external_id,kind,direction,status,occurred_at,responded_at,responded_by,from_contact,subject,topics,outcome,participants\n\
         north,j1,meeting,outbound,completed,2026-06-05T10:00:00Z,,,,Lunch with Zoe,plans;Zoe's future,Secret agreed,crm-77:attended;c2\n\
         north,j2,email,outbound,completed,2026-06-06T10:00:00Z,2026-06-06T12:00:00Z,crm-77,,Re: Zoe,,,crm-77\n\
         north,j3,call,outbound,completed,2026-06-07T10:00:00Z,,,,About ZOE SECRET and zoe@north.example,,,c2\n\
         north,j4,email,inbound,completed,2026-06-08T10:00:00Z,,,crm-77,Hello,,,crm-77\n",
    ),
    (
        "usage.csv",
        "account_external_id,contact_external_id,feature,day,count\nnorth,crm-77,reports,2026-06-09,4\n",
    ),
    (
        "initiatives.csv",
        "account_external_id,initiative,their_priority,alignment\nnorth,Board,What Zoe Secret wants,high\n",
    ),
    (
        "org_changes.csv",
        "account_external_id,kind,observed_on,contact_external_id,summary,source,impact\n\
         north,role_change,2026-05-01,crm-77,Zoe has a new role,linkedin,Zoe decides now\n\
         north,role_change,2026-05-01,crm-77,Secret has a new role,news,\n",
    ),
];

/// An id in the words of the database.
fn id_sql(db: &TestDb, id: Uuid) -> String {
    match db.kind() {
        Kind::Sqlite => format!("x'{}'", id.simple()),
        Kind::Postgres => format!("'{id}'::uuid"),
    }
}

async fn zoe(db: &TestDb) -> ContactId {
    let sql = "SELECT id FROM contact WHERE external_id = 'crm-77'";
    let row = db
        .read()
        .query_one_raw(Statement::from_string(db.backend(), sql))
        .await
        .unwrap()
        .unwrap();
    row.try_get_by_index::<Uuid>(0).unwrap().into()
}

/// A report without the names of people: numbers only.
async fn numbers(db: &TestDb) -> String {
    let north = service::record::account::find(db, &db.system(), "north")
        .await
        .unwrap()
        .unwrap()
        .id;
    let windows = Windows::new(
        moment(db).today,
        db.clock.now(),
        chrono_tz::Tz::UTC,
        Period::Quarterly,
    );
    let reports = report::engagement_reports(
        db,
        &db.system(),
        &Policy::default(),
        &windows,
        (Collect::Evidence, report::Naming::NoNames),
        &[north],
    )
    .await
    .unwrap();
    format!("{:?}", reports.reports[&north].0.evaluation.assessment)
}

on_both_databases! {
    async fn an_erased_contact_is_nowhere_and_what_happened_still_is(db: TestDb) {
        let [north, _] = stage(db).await;
        let (summary, remembered) = import_texts(db, STORY).await;
        assert!(summary.is_clean() && remembered.warned().is_empty(), "{:?} {:?}", remembered.rejected(), remembered.warned());
        let admin = Actor::Admin.access(db).await;
        // So do alerts, plans and mail that is still to be sent.
        let (of, who) = (id_sql(db, north.uuid()), zoe(db).await);
        let person = id_sql(db, who.uuid());
        db.write_tx(async |tx| {
            for sql in [
                format!("INSERT INTO alert (id, account_id, rule, subject_kind, subject, severity, status, baseline, message, context, note, opened_at, last_seen_on, cleared_since)
                    VALUES ({person}, {of}, 'executive.no_contact', 'CONTACT', '{who}', 'HIGH', 'OPEN', (1 = 0), 'No contact with Zoe', '{{\"who\":\"Zoe Secret\"}}', 'Secret knows', 0, '2026-06-01', (1 = 0))"),
                format!("INSERT INTO outreach (account_id, id, contact_id, kind, purpose, planned_for, subject, status, created_at)
                    VALUES ({of}, {person}, {person}, 'EMAIL', 'STRATEGIC', 0, 'A book for Zoe', 'PLANNED', 0)"),
                format!("INSERT INTO outbox (id, channel, kind, natural_key, recipient, account_id, context, status, priority, queued_at, due_at, give_up_at, message_id, message)
                    VALUES ({person}, 'MAIL', 'ALERT', 'k', 'ann@example.com', {of}, '{{\"subject\":\"Sponsor departed: Zoe Secret\"}}', 'QUEUED', 0, 0, 0, 0, 'k@example.com', 'U3BvbnNvciBkZXBhcnRlZDogWm9l')"),
            ] {
                tx.execute_unprepared(&sql).await.unwrap();
            }
            Ok(())
        })
        .await
        .unwrap();
        // The audit log knows them too.
        let cells = |pairs: &[(&'static str, &str)]| pairs.iter().map(|(name, text)| (*name, Cell::from(*text))).collect::<Vec<_>>();
        let rows = vec![cells(&[("account_external_id", "north"), ("external_id", "crm-77"), ("title", "Chief of Everything, and Zoe")])];
        write(db, &admin, &Settings::default(), moment(db), Target::Contacts, rows).await.unwrap();
        let rows = vec![cells(&[("account_external_id", "north"), ("external_id", "j1"), ("outcome", "Zoe agreed")])];
        write(db, &admin, &Settings::default(), moment(db), Target::Interactions, rows).await.unwrap();
        let before = every_text(db).await;
        for trace in TRACES {
            assert!(before.contains(trace), "the story holds {trace}");
        }
        let (id, scored, rows) = (zoe(db).await, numbers(db).await, count(db, "interaction_participant").await);
        for (actor, outcome) in [(Actor::Csm, "forbidden"), (Actor::Viewer, "forbidden"), (Actor::OtherCsm, "not found")] {
            match erase(db, &actor.access(db).await, moment(db), id).await {
                Err(ServiceError::Forbidden(_)) => assert_eq!(outcome, "forbidden", "{actor:?}"),
                Err(ServiceError::NotFound { .. }) => assert_eq!(outcome, "not found", "{actor:?}"),
                other => panic!("{actor:?}: {other:?}"),
            }
        }
        assert_eq!(every_text(db).await, before, "what was refused changed nothing");
        settle(db).await;
        let erased = erase(db, &admin, moment(db), id).await.unwrap();
        assert_eq!((erased.id, erased.account_id, erased.name.as_str(), erased.email), (id, north, ERASED_NAME, None));
        assert_eq!((erased.title, erased.role_started_on, erased.priorities), (None, None, Vec::new()));
        let after = every_text(db).await;
        for trace in TRACES {
            let left: Vec<&str> = after.lines().filter(|line| line.to_lowercase().contains(&trace.to_lowercase())).collect();
            assert!(left.is_empty(), "{trace}: {left:?}");
        }
        for kept in ["Lunch with [erased]", "About [erased] and [erased]", "interaction.subject: Hello", "What [erased] wants", "[erased] has a new role",
            "[erased] has a new role (2)", "alert.message: No contact with [erased]", "{\"who\":\"[erased]\"}", "[erased] knows", "A book for [erased]",
            "Sponsor departed: [erased]"] {
            assert!(after.contains(kept), "{kept}:\n{after}");
        }
        // What scores are counted from is as it was.
        assert_eq!((numbers(db).await, count(db, "interaction_participant").await), (scored, rows));
        assert_eq!(contact::by_ids(db, &db.system(), &[id]).await.unwrap()[&id].seniority, Some(engagement::vocabulary::Seniority::CLevel));
        assert_eq!(touched::count(db, &db.system()).await.unwrap(), 1, "and the account is scored again");
        let log = texts(db, "SELECT action FROM audit_log WHERE redacted_at IS NULL AND action NOT IN ('import', 'init')").await;
        assert_eq!(log, ["eraseContact"], "every other entry held something of them");
        // Once is enough.
        erase(db, &admin, moment(db), id).await.unwrap();
        assert_eq!(every_text(db).await, after);
    }

    async fn files_of_yesterday_neither_bring_them_back_nor_forget_that_they_were_there(db: TestDb) {
        stage(db).await;
        import_texts(db, STORY).await;
        let (id, scored) = (zoe(db).await, numbers(db).await);
        erase(db, &Actor::Admin.access(db).await, moment(db), id).await.unwrap();
        let again: Vec<(&str, &str)> = STORY.iter().filter(|(file, _)| matches!(*file, "contacts.csv" | "sponsorships.csv" | "usage.csv")).copied().collect();
        let (summary, remembered) = import_texts(db, &again).await;
        assert!(summary.is_clean(), "{:?}", remembered.rejected());
        assert_eq!(summary.changes(), 0, "{:?}", summary.files);
        assert_eq!(remembered.warned(), ["contacts.csv:2 external_id: the contact was erased on request; the row is left out"]);
        // Interactions still mean the same contact; a file's own texts are the file's.
        let (summary, remembered) = import_texts(db, &[("interactions.csv",
            "account_external_id,external_id,kind,direction,status,occurred_at,responded_by,participants\n\
             north,j2,email,outbound,completed,2026-06-06T10:00:00Z,crm-77,crm-77\n")]).await;
        assert!(summary.is_clean() && remembered.warned().is_empty(), "{:?}", remembered.warned());
        assert_eq!(summary.changes(), 0);
        assert_eq!(numbers(db).await, scored);
        assert_eq!(number(db, "SELECT count(*) FROM contact WHERE name LIKE '%Zoe S%'").await, 0);
        // The same key at another account is somebody else.
        import_texts(db, &[("contacts.csv", "account_external_id,external_id,name\nsouth,crm-77,Clea\n")]).await;
        assert_eq!(number(db, "SELECT count(*) FROM contact WHERE name = 'Clea'").await, 1);
    }

    async fn no_text_is_without_a_decision(db: TestDb) {
        let all: BTreeSet<String> = text_columns(db).await.into_iter().collect();
        let masked: BTreeSet<String> = erasure::masked_columns().into_iter().collect();
        let decided: BTreeSet<String> = TREATED.iter().chain(HARMLESS).map(|path| (*path).to_owned()).chain(masked.iter().cloned()).collect();
        let undecided: Vec<&String> = all.difference(&decided).collect();
        assert!(undecided.is_empty(), "may {undecided:?} name a contact? Then `erasure` must mask it, else it is HARMLESS");
        assert_eq!(decided.difference(&all).collect::<Vec<_>>(), Vec::<&String>::new(), "columns that are not there");
    }
}

/// Texts that name contacts and are treated one by one.
const TREATED: &[&str] = &[
    "contact.name",
    "contact.external_id",
    "contact.email",
    "contact.title",
    "contact.communication_preference",
    "contact.priorities",
    "audit_log.before",
    "audit_log.after",
    "outbox.message",
];

/// Texts that name no contact: words of the vocabulary, names of accounts, users and features, keys, hashes, messages of
/// ours. (Goals and initiatives are keys that people choose: docs/api.md says that they stay.)
const HARMLESS: &[&str] = &[
    "account.currency",
    "account.domain",
    "account.external_id",
    "account.industry",
    "account.name",
    "account.region",
    "account.served_by",
    "account.status",
    "account.tier",
    "alert.disposition",
    "alert.evidence",
    "alert.rule",
    "alert.severity",
    "alert.status",
    "alert.subject",
    "alert.subject_kind",
    "api_token.last4",
    "api_token.name",
    "api_token.token_hash",
    "app_user.digest_day",
    "app_user.digest_zone",
    "app_user.email",
    "app_user.manager_email",
    "app_user.name",
    "app_user.role",
    "app_user.time_zone",
    "assessment.advice",
    "assessment.executive_level",
    "assessment.pattern",
    "assessment.policy_hash",
    "assessment.provisional_reason",
    "assessment.standing",
    "assessment.standing_reasons",
    "assessment.trend",
    "audit_log.action",
    "audit_log.target_kind",
    "contact.department",
    "contact.seniority",
    "contact.status",
    "digest.outcome",
    "digest.week",
    "erased_contact.key_hash",
    "feature.feature",
    "feature.name",
    "goal.goal",
    "idempotency_key.body_hash",
    "idempotency_key.key_hash",
    "idempotency_key.mutation",
    "idempotency_key.result",
    "initiative.alignment",
    "initiative.initiative",
    "installation.policy",
    "installation.policy_hash",
    "installation.time_zone",
    "interaction.canceled_by",
    "interaction.direction",
    "interaction.external_id",
    "interaction.kind",
    "interaction.purpose",
    "interaction.rescheduled_to",
    "interaction.status",
    "interaction_participant.attendance",
    "job_batch.counts",
    "job_batch.leased_by",
    "job_batch.set_aside",
    "job_batch.which",
    "job_run.counts",
    "job_run.error",
    "job_run.job",
    "job_run.outcome",
    "job_run.worker",
    "metric.metric",
    "org_change.certainty",
    "org_change.kind",
    "org_change.source",
    "outbox.channel",
    "outbox.error",
    "outbox.kind",
    "outbox.leased_by",
    "outbox.message_id",
    "outbox.natural_key",
    "outbox.recipient",
    "outbox.status",
    "outcome.currency",
    "outcome.kind",
    "outreach.coordinated_with",
    "outreach.kind",
    "outreach.purpose",
    "outreach.status",
    "sponsor_level.cause",
    "sponsor_level.level",
    "sponsor_level.previous_level",
    "sponsorship.rank",
    "team_member.team_role",
    "usage.feature",
];
