//! The schema holds what docs/architecture.md promises of it, on both databases.

use migration::{Migrator, MigratorTrait};
use rapport_tests::{Kind, TestDb, on_both_databases};
use sea_orm::{ConnectionTrait, Statement};
use service::db::Db;
use service::db::schema::{check_schema, migrate};
use service::error::ServiceError;

async fn tables(connection: &impl ConnectionTrait, kind: Kind) -> Vec<String> {
    let sql = match kind {
        Kind::Sqlite => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        }
        Kind::Postgres => "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename",
    };
    let rows = connection
        .query_all_raw(Statement::from_string(connection.get_database_backend(), sql))
        .await
        .unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index::<String>(0).unwrap())
        .collect()
}

async fn run_sql(db: &TestDb, sql: &str) -> Result<(), ServiceError> {
    let sql = adapt(db.kind(), sql);
    db.write_tx(async |tx| {
        tx.execute_unprepared(&sql)
            .await
            .map(drop)
            .map_err(|source| ServiceError::Database {
                operation: "running a test's statement",
                source,
            })
    })
    .await
}

/// `id(7)` is the identifier 7 in the words of the database.
fn adapt(kind: Kind, sql: &str) -> String {
    (1..=9).fold(sql.to_owned(), |sql, n| {
        let id = match kind {
            Kind::Sqlite => format!("x'0000000000000000000000000000000{n}'"),
            Kind::Postgres => format!("'00000000-0000-0000-0000-00000000000{n}'::uuid"),
        };
        sql.replace(&format!("id({n})"), &id)
    })
}

/// Two accounts (1 and 2), a contact of the first (3) and one of the second (4), a user (5), an interaction (6).
const STAGE: &str = "
    INSERT INTO app_user (id, email, name, role, created_at) VALUES (id(5), 'ann@example.com', 'Ann', 'CSM', 0);
    INSERT INTO account (id, external_id, name, tier, status, created_at, updated_at) VALUES
        (id(1), 'acme', 'Acme', 'SMB', 'ACTIVE', 0, 0), (id(2), 'bolt', 'Bolt', 'SMB', 'ACTIVE', 0, 0);
    INSERT INTO contact (account_id, id, external_id, name, status) VALUES
        (id(1), id(3), 'c1', 'Cleo', 'ACTIVE'), (id(2), id(4), 'c1', 'Dan', 'ACTIVE');
    INSERT INTO interaction (account_id, id, external_id, kind, direction, status, occurred_at, created_at, updated_at)
        VALUES (id(1), id(6), 'i1', 'EMAIL', 'OUTBOUND', 'COMPLETED', 1000, 0, 0);
";

/// Statements that the schema must refuse, one broken rule each.
const REFUSED: &[(&str, &str)] = &[
    ("unknown role", "UPDATE app_user SET role = 'OWNER'"),
    ("e-mail in capitals", "UPDATE app_user SET email = 'Ann@example.com'"),
    ("unknown tier", "UPDATE account SET tier = 'LARGE'"),
    ("unknown account status", "UPDATE account SET status = 'GONE'"),
    ("served by nobody in particular", "UPDATE account SET served_by = 'RESELLER'"),
    ("served by nobody at all", "UPDATE account SET served_by = NULL"),
    ("negative money", "UPDATE account SET arr_minor = -1"),
    ("currency of two letters", "UPDATE account SET currency = 'EU'"),
    ("contract that ends before it starts", "UPDATE account SET contract_start = '2026-02-01', renewal_date = '2026-01-31'"),
    ("a day that does not exist", "UPDATE account SET churned_on = '2026-02-30'"),
    ("external id twice", "UPDATE account SET external_id = 'same'"),
    ("empty external id", "UPDATE account SET external_id = '' WHERE id = id(1)"),
    ("unknown team role", "INSERT INTO team_member VALUES (id(1), id(5), 'BOSS')"),
    ("team member who is no user", "INSERT INTO team_member VALUES (id(1), id(9), 'CSM')"),
    ("unknown seniority", "UPDATE contact SET seniority = 'BOSS'"),
    ("unknown contact status", "UPDATE contact SET status = 'GONE'"),
    (
        "contact's external id twice in an account",
        "INSERT INTO contact (account_id, id, external_id, name, status) VALUES (id(1), id(9), 'c1', 'Eve', 'ACTIVE')",
    ),
    (
        "contact of no account",
        "INSERT INTO contact (account_id, id, external_id, name, status) VALUES (id(9), id(9), 'c9', 'Eve', 'ACTIVE')",
    ),
    (
        "sponsorship that ends on its first day",
        "INSERT INTO sponsorship (account_id, id, contact_id, since, until, rank) VALUES (id(1), id(7), id(3), '2026-01-01', '2026-01-01', 'PRIMARY')",
    ),
    (
        "unknown rank",
        "INSERT INTO sponsorship (account_id, id, contact_id, since, rank) VALUES (id(1), id(7), id(3), '2026-01-01', 'THIRD')",
    ),
    (
        "sponsor from another account",
        "INSERT INTO sponsorship (account_id, id, contact_id, since, rank) VALUES (id(1), id(7), id(4), '2026-01-01', 'PRIMARY')",
    ),
    (
        "sponsorship twice",
        "INSERT INTO sponsorship (account_id, id, contact_id, since, rank) VALUES
            (id(1), id(7), id(3), '2026-01-01', 'PRIMARY'), (id(1), id(8), id(3), '2026-01-01', 'BACKUP')",
    ),
    ("unknown kind", "UPDATE interaction SET kind = 'TELEX'"),
    ("unknown direction", "UPDATE interaction SET direction = 'SIDEWAYS'"),
    ("unknown status", "UPDATE interaction SET status = 'MAYBE'"),
    ("unknown purpose", "UPDATE interaction SET purpose = 'FUN'"),
    ("unknown party", "UPDATE interaction SET canceled_by = 'NOBODY'"),
    ("bulk or not is not said", "UPDATE interaction SET bulk = NULL"),
    ("answer before the question", "UPDATE interaction SET responded_at = 999"),
    ("answer by a contact of another account", "UPDATE interaction SET responded_by = id(4)"),
    ("mail from a contact of another account", "UPDATE interaction SET from_contact = id(4)"),
    ("owner who is no user", "UPDATE interaction SET owner_id = id(9)"),
    (
        "interaction's external id twice in an account",
        "INSERT INTO interaction (account_id, id, external_id, kind, direction, status, occurred_at, created_at, updated_at)
            VALUES (id(1), id(7), 'i1', 'EMAIL', 'OUTBOUND', 'COMPLETED', 0, 0, 0)",
    ),
    ("unknown attendance", "INSERT INTO interaction_participant VALUES (id(1), id(6), id(3), 'LATE')"),
    ("participant from another account", "INSERT INTO interaction_participant VALUES (id(1), id(6), id(4), 'UNKNOWN')"),
    ("negative usage", "INSERT INTO usage (account_id, day, feature, count) VALUES (id(1), '2026-01-01', 'export', -3)"),
    ("usage on no day", "INSERT INTO usage (account_id, day, feature, count) VALUES (id(1), '2026-13-01', 'export', 1)"),
    (
        "usage by nobody twice",
        "INSERT INTO usage (account_id, day, feature, count) VALUES (id(1), '2026-01-01', 'export', 1), (id(1), '2026-01-01', 'export', 2)",
    ),
    (
        "usage by somebody twice",
        "INSERT INTO usage (account_id, day, feature, contact_key, count) VALUES
            (id(1), '2026-01-01', 'export', id(3), 1), (id(1), '2026-01-01', 'export', id(3), 2)",
    ),
    (
        "usage by a contact of another account",
        "INSERT INTO usage (account_id, day, feature, contact_key, count) VALUES (id(1), '2026-01-01', 'export', id(4), 1)",
    ),
    ("infinite metric", "INSERT INTO metric VALUES (id(1), 'roi', '2026-01-01', 9e999)"),
    ("goal beyond its end", "INSERT INTO goal (account_id, id, goal, progress) VALUES (id(1), id(7), 'Grow', 100.5)"),
    ("goal before its start", "INSERT INTO goal (account_id, id, goal, progress) VALUES (id(1), id(7), 'Grow', -1)"),
    ("goal twice", "INSERT INTO goal (account_id, id, goal) VALUES (id(1), id(7), 'Grow'), (id(1), id(8), 'Grow')"),
    ("unknown alignment", "INSERT INTO initiative (account_id, id, initiative, alignment) VALUES (id(1), id(7), 'Grow', 'SOME')"),
    (
        "unknown change",
        "INSERT INTO org_change (account_id, id, kind, observed_on, summary, source, certainty)
            VALUES (id(1), id(7), 'PARTY', '2026-01-01', 's', 'MANUAL', 'CONFIRMED')",
    ),
    (
        "change of nobody in particular twice",
        "INSERT INTO org_change (account_id, id, kind, observed_on, summary, source, certainty) VALUES
            (id(1), id(7), 'LAYOFF', '2026-01-01', 's', 'MANUAL', 'CONFIRMED'), (id(1), id(8), 'LAYOFF', '2026-01-01', 's', 'NEWS', 'SUSPECTED')",
    ),
    ("unknown outcome", "INSERT INTO outcome (account_id, kind, occurred_on) VALUES (id(1), 'WON', '2026-01-01')"),
    (
        "negative revenue after",
        "INSERT INTO outcome (account_id, kind, occurred_on, arr_after_minor) VALUES (id(1), 'RENEWED', '2026-01-01', -1)",
    ),
    ("job in an unknown state", "INSERT INTO job_run (id, job, slot_at, worker, started_at, outcome) VALUES (id(7), 'j', 0, 'w', 0, 'LOST')"),
    (
        "slot taken twice",
        "INSERT INTO job_run (id, job, slot_at, worker, started_at, outcome) VALUES
            (id(7), 'j', 0, 'w', 0, 'DONE'), (id(8), 'j', 0, 'x', 0, 'RUNNING')",
    ),
    (
        "a second installation",
        "INSERT INTO installation VALUES (2, '0123456789abcdef', '', 'UTC', 0)",
    ),
    (
        "change of a logged change",
        "INSERT INTO audit_log (id, at, action, target_kind) VALUES (id(7), 0, 'x', 'ACCOUNT'); UPDATE audit_log SET after = '{}'",
    ),
    (
        "change of who did it, under the name of a redaction",
        "INSERT INTO audit_log (id, at, action, target_kind) VALUES (id(7), 0, 'x', 'ACCOUNT'); UPDATE audit_log SET redacted_at = 1, user_id = id(5)",
    ),
    (
        "removal of a logged change",
        "INSERT INTO audit_log (id, at, action, target_kind) VALUES (id(7), 0, 'x', 'ACCOUNT'); DELETE FROM audit_log",
    ),
    ("digest at an hour that no day has", "UPDATE app_user SET digest_hour = 24"),
    ("digest on an unknown day", "UPDATE app_user SET digest_day = 'MOONDAY'"),
    (
        "token of nobody",
        "INSERT INTO api_token (id, user_id, name, token_hash, last4, created_at) VALUES
            (id(7), id(9), 't', '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef', 'cdef', 0)",
    ),
    (
        "token made with one that is not there",
        "INSERT INTO api_token (id, user_id, name, token_hash, last4, created_at, parent_id) VALUES
            (id(7), id(5), 't', '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef', 'cdef', 0, id(9))",
    ),
    (
        "key of a request by nobody",
        "INSERT INTO idempotency_key (user_id, mutation, key_hash, body_hash, used_at, result) VALUES
            (id(9), 'm', '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
            '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef', 0, '')",
    ),
    (
        "key of a request as its caller wrote it",
        "INSERT INTO idempotency_key (user_id, mutation, key_hash, body_hash, used_at, result) VALUES
            (id(5), 'm', 'plan for Cleo', '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef', 0, '')",
    ),
    (
        "score above 100",
        "INSERT INTO assessment (account_id, day, as_of, overall, coverage, provisional, coverage_changed, single_threaded, multi_threaded, signals, policy_hash)
            VALUES (id(1), '2026-01-01', 0, 101, 50, (1 = 0), (1 = 0), (1 = 0), (1 = 0), 0, '0123456789abcdef')",
    ),
    (
        "unknown pattern",
        "INSERT INTO assessment (account_id, day, as_of, pattern, coverage, provisional, coverage_changed, single_threaded, multi_threaded, signals, policy_hash)
            VALUES (id(1), '2026-01-01', 0, 'ODD', 50, (1 = 0), (1 = 0), (1 = 0), (1 = 0), 0, '0123456789abcdef')",
    ),
    (
        "unknown standing",
        "INSERT INTO assessment (account_id, day, as_of, standing, coverage, provisional, coverage_changed, single_threaded, multi_threaded, signals, policy_hash)
            VALUES (id(1), '2026-01-01', 0, 'FINE', 50, (1 = 0), (1 = 0), (1 = 0), (1 = 0), 0, '0123456789abcdef')",
    ),
    (
        "score by no edition of the definitions",
        "INSERT INTO assessment (account_id, day, as_of, definitions, coverage, provisional, coverage_changed, single_threaded, multi_threaded, signals, policy_hash)
            VALUES (id(1), '2026-01-01', 0, 0, 50, (1 = 0), (1 = 0), (1 = 0), (1 = 0), 0, '0123456789abcdef')",
    ),
    ("standing beyond the last", "UPDATE account SET standing_rank = 4"),
    ("unknown executive level", "INSERT INTO sponsor_level VALUES (id(1), id(3), '2026-01-01', 'FRIEND', NULL, 50, 'score')"),
    ("executive of another account", "INSERT INTO sponsor_level VALUES (id(1), id(4), '2026-01-01', 'ENGAGED', NULL, 50, 'score')"),
    (
        "two open alerts of one key, of an account",
        "INSERT INTO alert (id, account_id, rule, subject_kind, subject, severity, status, baseline, message, opened_at, last_seen_on, cleared_since) VALUES
            (id(7), id(1), 'backup.missing', 'NONE', '', 'MEDIUM', 'OPEN', (1 = 0), 'm', 0, '2026-01-01', (1 = 0)),
            (id(8), id(1), 'backup.missing', 'NONE', '', 'MEDIUM', 'ACKNOWLEDGED', (1 = 0), 'm', 0, '2026-01-01', (1 = 0))",
    ),
    (
        "two open alerts of one key, of no account",
        "INSERT INTO alert (id, rule, subject_kind, subject, severity, status, baseline, message, opened_at, last_seen_on, cleared_since) VALUES
            (id(7), 'data.stale', 'FEED', 'USAGE', 'HIGH', 'OPEN', (1 = 0), 'm', 0, '2026-01-01', (1 = 0)),
            (id(8), 'data.stale', 'FEED', 'USAGE', 'HIGH', 'OPEN', (1 = 0), 'm', 0, '2026-01-01', (1 = 0))",
    ),
    (
        "resolved alert without its time",
        "INSERT INTO alert (id, account_id, rule, subject_kind, subject, severity, status, baseline, message, opened_at, last_seen_on, cleared_since)
            VALUES (id(7), id(1), 'backup.missing', 'NONE', '', 'MEDIUM', 'RESOLVED', (1 = 0), 'm', 0, '2026-01-01', (1 = 0))",
    ),
    (
        "alert on a contact that it does not name",
        "INSERT INTO alert (id, account_id, rule, subject_kind, subject, severity, status, baseline, message, opened_at, last_seen_on, cleared_since)
            VALUES (id(7), id(1), 'sponsor.departed', 'CONTACT', '', 'HIGH', 'OPEN', (1 = 0), 'm', 0, '2026-01-01', (1 = 0))",
    ),
    (
        "outreach to a contact of another account",
        "INSERT INTO outreach (account_id, id, contact_id, kind, purpose, planned_for, subject, status, created_at)
            VALUES (id(1), id(7), id(4), 'EMAIL', 'STRATEGIC', 0, 's', 'PLANNED', 0)",
    ),
    (
        "outreach that is cancelled and nobody knows when",
        "INSERT INTO outreach (account_id, id, contact_id, kind, purpose, planned_for, subject, status, created_at)
            VALUES (id(1), id(7), id(3), 'EMAIL', 'STRATEGIC', 0, 's', 'CANCELED', 0)",
    ),
    (
        "one message twice",
        "INSERT INTO outbox (id, channel, kind, natural_key, recipient, status, priority, queued_at, due_at, give_up_at) VALUES
            (id(7), 'MAIL', 'ALERT', 'same', 'a@example.com', 'QUEUED', 0, 0, 0, 0), (id(8), 'MAIL', 'ALERT', 'same', 'a@example.com', 'QUEUED', 0, 0, 0, 0)",
    ),
    (
        "message that was sent and nobody knows when",
        "INSERT INTO outbox (id, channel, kind, natural_key, recipient, status, priority, queued_at, due_at, give_up_at)
            VALUES (id(7), 'MAIL', 'ALERT', 'k', 'a@example.com', 'SENT', 0, 0, 0, 0)",
    ),
];

on_both_databases! {
    async fn what_breaks_a_rule_is_refused(db: TestDb) {
        run_sql(db, STAGE).await.unwrap();
        let accepted: Vec<&str> = {
            let mut accepted = Vec::new();
            for (rule, sql) in REFUSED {
                match run_sql(db, sql).await {
                    Ok(()) => accepted.push(*rule),
                    // A slip in the statement itself would look like a refusal.
                    Err(error) => assert!(is_refusal(&error), "{rule}: {error:?}"),
                }
            }
            accepted
        };
        assert_eq!(accepted, Vec::<&str>::new(), "the schema must refuse these");
    }

    async fn a_person_can_be_redacted_from_the_log(db: TestDb) {
        run_sql(db, "INSERT INTO audit_log (id, at, action, target_kind, after) VALUES (id(7), 0, 'x', 'ACCOUNT', 'name')").await.unwrap();
        run_sql(db, "UPDATE audit_log SET after = '{}', redacted_at = 5").await.unwrap();
        assert_eq!(count(db, "SELECT count(*) FROM audit_log WHERE after = '{}' AND redacted_at = 5").await, 1);
    }

    async fn absent_parts_are_keys_of_their_own(db: TestDb) {
        run_sql(db, STAGE).await.unwrap();
        run_sql(db, "INSERT INTO usage (account_id, day, feature, contact_key, count) VALUES (id(1), '2026-01-01', 'export', id(3), 1)").await.unwrap();
        run_sql(db, "INSERT INTO usage (account_id, day, feature, count) VALUES (id(1), '2026-01-01', 'export', 2)").await.unwrap();
        let named = "SELECT count(*) FROM usage WHERE contact_id IS NOT NULL";
        let unnamed = "SELECT count(*) FROM usage WHERE contact_id IS NULL";
        assert_eq!((count(db, named).await, count(db, unnamed).await), (1, 1));
    }

    async fn an_account_takes_everything_of_its_own_with_it(db: TestDb) {
        run_sql(db, STAGE).await.unwrap();
        run_sql(db, "
            INSERT INTO interaction_participant VALUES (id(1), id(6), id(3), 'ATTENDED');
            UPDATE interaction SET responded_by = id(3), responded_at = 2000, owner_id = id(5);
            INSERT INTO sponsorship (account_id, id, contact_id, since, rank) VALUES (id(1), id(7), id(3), '2026-01-01', 'PRIMARY');
            INSERT INTO usage (account_id, day, feature, contact_key, count) VALUES (id(1), '2026-01-01', 'export', id(3), 1);
            INSERT INTO touched_account VALUES (id(1), 0);
            INSERT INTO team_member VALUES (id(1), id(5), 'CSM');
            INSERT INTO metric VALUES (id(1), 'roi', '2026-01-01', 1.5);
        ").await.unwrap();
        run_sql(db, "DELETE FROM account WHERE id = id(1)").await.unwrap();
        for table in ["interaction", "interaction_participant", "sponsorship", "usage", "touched_account", "team_member", "metric"] {
            assert_eq!(count(db, &format!("SELECT count(*) FROM {table}")).await, 0, "{table}");
        }
        assert_eq!(count(db, "SELECT count(*) FROM contact").await, 1, "the other account's contact stays");
    }

    async fn every_step_goes_up_and_down_and_up_again(db: TestDb) {
        let url = db.blank_url().await;
        let blank = Db::connect(&url).await.unwrap();
        let steps = u32::try_from(Migrator::migrations().len()).unwrap();
        migrate(&blank).await.unwrap();
        let migrated = tables(blank.read(), db.kind()).await;
        assert!(migrated.iter().any(|t| t == "assessment") && migrated.iter().any(|t| t == "installation"), "{migrated:?}");
        // One by one: a step that cannot be undone on its own shows itself.
        for step in 1..=steps {
            blank.schema_tx(async |tx| Migrator::down(tx, Some(1)).await.map_err(|source| ServiceError::Database { operation: "stepping down", source })).await
                .unwrap_or_else(|e| panic!("step {step} from the end: {e:?}"));
        }
        assert_eq!(tables(blank.read(), db.kind()).await, ["seaql_migrations"]);
        assert!(matches!(check_schema(&blank).await, Err(ServiceError::SchemaOlder { pending, .. }) if pending == steps as usize));
        migrate(&blank).await.unwrap();
        assert_eq!(tables(blank.read(), db.kind()).await, migrated);
        check_schema(&blank).await.unwrap();
        blank.close().await.unwrap();
    }

    async fn alerts_and_their_messages_outlive_a_change_of_their_table(db: TestDb) {
        run_sql(db, STAGE).await.unwrap();
        run_sql(db, "
            INSERT INTO alert (id, account_id, rule, subject_kind, subject, severity, status, baseline, message, opened_at, last_seen_on, cleared_since) VALUES
                (id(7), id(1), 'backup.missing', 'NONE', '', 'MEDIUM', 'OPEN', (1 = 0), 'm', 5, '2026-01-01', (1 = 0)),
                (id(8), NULL, 'data.owner_silent', 'USER', 'u', 'HIGH', 'OPEN', (1 = 0), 'm', 6, '2026-01-01', (1 = 0));
            INSERT INTO outbox (id, channel, kind, natural_key, recipient, status, priority, queued_at, due_at, give_up_at, alert_id) VALUES
                (id(1), 'MAIL', 'ALERT', 'one', 'a@example.com', 'QUEUED', 0, 0, 0, 0, id(7)), (id(2), 'MAIL', 'ALERT', 'two', 'a@example.com', 'QUEUED', 0, 0, 0, 0, NULL);
        ").await.unwrap();
        let after = Migrator::migrations().iter().rev().position(|step| step.name().contains("_000027_")).unwrap();
        let kept = async || {
            let alerts = count(db, "SELECT count(*) FROM alert WHERE rule = 'backup.missing' AND opened_at = 5 AND account_key = account_id").await;
            let messages = count(db, "SELECT count(*) FROM outbox m JOIN alert a ON a.id = m.alert_id WHERE m.natural_key = 'one'").await;
            (alerts, messages, count(db, "SELECT count(*) FROM alert").await, count(db, "SELECT count(*) FROM outbox").await)
        };
        let failed = |source| ServiceError::Database { operation: "stepping", source };
        let down = u32::try_from(after + 1).unwrap();
        db.schema_tx(async |tx| Migrator::down(tx, Some(down)).await.map_err(failed)).await.unwrap();
        assert_eq!(kept().await, (1, 1, 1, 2), "what the older schema has no words for is gone");
        db.schema_tx(async |tx| Migrator::up(tx, None).await.map_err(failed)).await.unwrap();
        assert_eq!(kept().await, (1, 1, 1, 2));
    }

    async fn eight_processes_may_start_at_once(db: TestDb) {
        let url = db.blank_url().await;
        let starts: Vec<_> = (0..8).map(|_| {
            let url = url.clone();
            tokio::spawn(async move {
                let replica = Db::connect(&url).await?;
                migrate(&replica).await?;
                check_schema(&replica).await?;
                replica.close().await
            })
        }).collect();
        for start in starts {
            start.await.unwrap().unwrap();
        }
    }

    async fn a_newer_schema_is_named(db: TestDb) {
        run_sql(db, "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29990101_000001_future', 0)").await.unwrap();
        for refused in [migrate(db).await, check_schema(db).await] {
            let error = refused.unwrap_err();
            assert!(matches!(&error, ServiceError::SchemaNewer { unknown, .. } if unknown == &["m29990101_000001_future"]), "{error:?}");
            assert!(error.to_string().contains("newer than this binary"), "{error}");
        }
    }
}

async fn count(db: &TestDb, sql: &str) -> i64 {
    let row = db
        .read()
        .query_one_raw(Statement::from_string(db.backend(), sql))
        .await
        .unwrap()
        .unwrap();
    row.try_get_by_index(0).unwrap()
}

/// Whether the database refused the values, not the statement.
fn is_refusal(error: &ServiceError) -> bool {
    let text = format!("{error:?}").to_lowercase();
    ["constraint", "out of range", "datatype mismatch"]
        .iter()
        .any(|word| text.contains(word))
}

#[test]
fn a_read_only_file_is_named() {
    rapport_tests::run(Kind::Sqlite, async |db: &TestDb| {
        let url = db.url.replace("mode=rwc", "mode=ro");
        let read_only = Db::connect(&url).await.unwrap();
        check_schema(&read_only).await.unwrap();
        let error = migrate(&read_only).await.unwrap_err();
        assert!(
            matches!(&error, ServiceError::ReadOnly { database } if database == &url),
            "{error:?}"
        );
    });
}

#[test]
fn an_unreachable_database_is_named_without_its_password() {
    rapport_tests::run(Kind::Sqlite, async |db: &TestDb| {
        for url in [
            "postgres://app:s3cret@127.0.0.1:1/rapport".to_owned(),
            format!("sqlite://{}/no/such/file.db", db.scratch().display()),
        ] {
            let error = Db::connect(&url).await.unwrap_err();
            assert!(matches!(&error, ServiceError::Unreachable { .. }), "{error:?}");
            assert!(
                !error.to_string().contains("s3cret") && error.to_string().starts_with("cannot reach"),
                "{error}"
            );
        }
        let error = Db::connect("mysql://root@localhost/rapport").await.unwrap_err();
        assert!(
            matches!(&error, ServiceError::BadInput { field, .. } if field == "DATABASE_URL"),
            "{error:?}"
        );
    });
}
