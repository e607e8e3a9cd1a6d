//! What to think of an account, as it is stored: read back, listed, filtered, ordered, told; and which scores are compared. The
//! standings stand in the stored rows here as a test puts them there; how they come about is tested with the definitions.

use std::collections::BTreeSet;

use engagement::DEFINITIONS;
use engagement::id::AccountId;
use engagement::policy::CurrencyPolicy;
use engagement::recommendation::{Advice, STORED_ADVICE};
use engagement::standing::{Reason, Standing};
use engagement::vocabulary::{Action, ContactRole, Period, Severity, Signal, StandingReason, StandingState};
use migration::{Migrator, MigratorTrait};
use rapport_tests::{Kind, TestDb, on_both_databases};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use service::db::Db;
use service::db::schema::migrate;
use service::error::ServiceError;
use service::job::recompute::{Recompute, Scope, recompute};
use service::record::account;
use service::record::account_list::{self, AccountFilter, AccountOrder, AccountOrderField};
use service::report::portfolio::{PortfolioRequest, portfolio_report};
use service::scoring::assessment::{self, StoredAssessment};
use service::settings::Settings;
use service::sql::page::PageRequest;

use crate::alert_stage::{contact, evaluate, import, shown};
use crate::graphql_server::Server;
use crate::graphql_stage::{score, stage};
use crate::link_stage::run_sql;
use crate::subscriptions::Watcher;

use StandingState::{AtRisk, NotKnown, OnTrack, Watch};

/// The last day of the book.
const TODAY: &str = "2026-10-01";

/// What is put down of accounts 0 to 7: two share one standing, two have none.
const STANDINGS: [Option<StandingState>; 8] = [
    Some(OnTrack),
    Some(AtRisk),
    None,
    Some(Watch),
    Some(NotKnown),
    Some(AtRisk),
    None,
    Some(OnTrack),
];

fn name(n: usize) -> String {
    format!("acc-{n:03}")
}

async fn id(db: &TestDb, n: usize) -> AccountId {
    account::find(db, &db.system(), &name(n))
        .await
        .unwrap()
        .unwrap()
        .id
}

/// Puts down what the scoring of a day concluded.
async fn put(db: &TestDb, account: &str, day: &str, standing: Option<&Standing>) {
    let text = |text: String| format!("'{text}'");
    let state = standing.map_or("NULL".to_owned(), |standing| text(standing.state.to_string()));
    let reasons = standing.map_or("NULL".to_owned(), |standing| {
        text(json!(standing.reasons).to_string())
    });
    run_sql(
        db,
        &format!(
            "UPDATE assessment SET standing = {state}, standing_reasons = {reasons}
             WHERE day = '{day}' AND account_id = (SELECT id FROM account WHERE external_id = '{account}')"
        ),
    )
    .await;
}

/// The book with [`STANDINGS`] today; a week ago all were at risk. Scoring a past day is what keeps them with the accounts.
async fn book(db: &TestDb) {
    stage(db, STANDINGS.len()).await;
    for (n, state) in STANDINGS.iter().enumerate() {
        put(
            db,
            &name(n),
            "2026-09-24",
            Some(&Standing {
                state: AtRisk,
                reasons: vec![],
            }),
        )
        .await;
        put(
            db,
            &name(n),
            TODAY,
            state
                .map(|state| Standing {
                    state,
                    reasons: vec![],
                })
                .as_ref(),
        )
        .await;
    }
    score(db, 14).await;
}

fn reason(reason: StandingReason) -> Reason {
    Reason {
        reason,
        on: None,
        contact: None,
        change: None,
        number: None,
        against: None,
        signals: vec![],
    }
}

async fn latest(db: &TestDb, n: usize) -> StoredAssessment {
    let id = id(db, n).await;
    assessment::latest_of(db, &db.system(), &[id])
        .await
        .unwrap()
        .remove(&id)
        .unwrap()
}

async fn listed(
    db: &TestDb,
    filter: &AccountFilter,
    order: AccountOrder,
    request: &PageRequest,
) -> (Vec<String>, Option<String>) {
    let page = account_list::list(
        db,
        &db.system(),
        &CurrencyPolicy::default(),
        filter,
        order,
        request,
        false,
    )
    .await
    .unwrap();
    let end = if request.backward {
        page.has_previous_page
    } else {
        page.has_next_page
    };
    let cursor = if request.backward {
        page.edges.first()
    } else {
        page.edges.last()
    }
    .map(|edge| edge.cursor.clone());
    (
        page.edges.into_iter().map(|edge| edge.node.external_id).collect(),
        cursor.filter(|_| end),
    )
}

async fn walk(db: &TestDb, descending: bool, backward: bool) -> Vec<String> {
    let order = AccountOrder {
        field: AccountOrderField::Standing,
        descending,
    };
    let mut request = PageRequest {
        backward,
        ..PageRequest::first(3)
    };
    let mut all = Vec::new();
    loop {
        let (mut rows, cursor) = listed(db, &AccountFilter::default(), order, &request).await;
        assert!(all.len() < 100, "the list never ends: {all:?}");
        if backward {
            rows.append(&mut all);
            all = rows;
        } else {
            all.append(&mut rows);
        }
        match cursor {
            None => return all,
            Some(cursor) if backward => request.before = Some(cursor),
            Some(cursor) => request.after = Some(cursor),
        }
    }
}

async fn found(db: &TestDb, standings: &[StandingState]) -> BTreeSet<String> {
    let filter = AccountFilter {
        standings: Some(standings.to_vec()),
        ..AccountFilter::default()
    };
    listed(db, &filter, AccountOrder::default(), &PageRequest::first(100))
        .await
        .0
        .into_iter()
        .collect()
}

fn names(of: impl IntoIterator<Item = usize>) -> BTreeSet<String> {
    of.into_iter().map(name).collect()
}

on_both_databases! {
    async fn what_is_stored_is_read_back(db: TestDb) {
        stage(db, 1).await;
        let before = latest(db, 0).await;
        assert_eq!(before.definitions, DEFINITIONS);
        assert!((1..=STORED_ADVICE).contains(&before.advice.len()), "{:?}", before.advice);
        let cold = Reason {
            on: Some("2026-06-17".parse().unwrap()),
            contact: Some(contact(db, &name(0), "c0").await),
            number: Some(106.0),
            ..reason(StandingReason::SponsorCold)
        };
        let signal = Reason { signals: vec![(Signal::QbrMissed, Severity::High)], ..reason(StandingReason::Signal) };
        let standing = Standing { state: AtRisk, reasons: vec![cold.clone(), signal] };
        put(db, &name(0), TODAY, Some(&standing)).await;
        assert_eq!(latest(db, 0).await, StoredAssessment { standing: Some(standing), ..before.clone() });
        let advice = Advice { action: Action::FindSponsor, contact: cold.contact, due_on: cold.on, points: Some(4.5) };
        run_sql(db, &format!("UPDATE assessment SET advice = '{}'", json!([advice]))).await;
        assert_eq!(latest(db, 0).await.advice, [advice]);
        run_sql(db, "UPDATE assessment SET standing_reasons = '[{}]'").await;
        let id = id(db, 0).await;
        let refused = assessment::latest_of(db, &db.system(), &[id]).await;
        assert!(matches!(refused, Err(ServiceError::Stored { column: "standing_reasons", .. })), "{refused:?}");
    }

    async fn accounts_come_by_standing_both_ways_page_by_page_those_without_last(db: TestDb) {
        book(db).await;
        for (descending, expected) in [(false, [&[1, 5][..], &[3], &[4], &[0, 7], &[2, 6]]), (true, [&[0, 7], &[4], &[3], &[1, 5], &[2, 6]])] {
            let forward = walk(db, descending, false).await;
            let mut rest = forward.clone();
            for group in expected {
                let next = rest.drain(..group.len()).collect::<BTreeSet<_>>();
                assert_eq!(next, names(group.iter().copied()), "{descending}: {forward:?}");
            }
            assert!(rest.is_empty());
            assert_eq!(walk(db, descending, true).await, forward, "the same list from its end");
        }
    }

    async fn each_direction_has_an_index_to_read(db: TestDb) {
        stage(db, 1).await;
        for (direction, index) in [("ASC", "account_standing"), ("DESC", "account_standing_descending")] {
            let select = format!(
                "SELECT account.id FROM account ORDER BY account.standing_rank IS NULL ASC, account.standing_rank {direction}, account.id {direction} LIMIT 20"
            );
            let (explain, backend) = match db.kind() {
                Kind::Sqlite => ("EXPLAIN QUERY PLAN", sea_orm::DbBackend::Sqlite),
                Kind::Postgres => ("EXPLAIN", sea_orm::DbBackend::Postgres),
            };
            let plan = db.write_tx(async |tx| {
                if backend == sea_orm::DbBackend::Postgres {
                    // A handful of rows is sorted sooner than an index is read.
                    tx.execute_unprepared("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off").await.unwrap();
                }
                let rows = tx.query_all_raw(Statement::from_string(backend, format!("{explain} {select}"))).await.unwrap();
                let column = if backend == sea_orm::DbBackend::Postgres { 0 } else { 3 };
                Ok(rows.iter().map(|row| row.try_get_by_index::<String>(column).unwrap()).collect::<Vec<_>>().join("\n"))
            }).await.unwrap();
            assert!(plan.contains(&format!("{index} ")) || plan.ends_with(index), "{plan}");
            assert!(!plan.contains("TEMP B-TREE") && !plan.contains("Sort"), "{plan}");
        }
    }

    async fn accounts_are_found_by_standing(db: TestDb) {
        book(db).await;
        assert_eq!(found(db, &[AtRisk]).await, names([1, 5]), "that of a week ago does not count");
        assert_eq!(found(db, &[Watch, NotKnown]).await, names([3, 4]));
        assert_eq!(found(db, &[]).await, names([]));
        // Who is no customer any more has none, also when nobody says so and the day goes by.
        import(db, &[("accounts.csv", "external_id,name,status,churned_on\nacc-001,Customer 001,churned,\nacc-005,Customer 005,active,2026-10-02\n")]).await;
        let again = async |scope| {
            let request = Recompute { as_of: db.clock.now(), ending_on: db.clock.now().date_naive(), scope };
            recompute(db, &db.system(), &Settings::default(), &request, |_| {}).await.unwrap()
        };
        put(db, "acc-005", TODAY, Some(&Standing { state: AtRisk, reasons: vec![] })).await;
        run_sql(db, "UPDATE account SET standing_rank = 0 WHERE external_id IN ('acc-001', 'acc-005')").await;
        again(Scope::Touched).await;
        assert!(!found(db, &[AtRisk]).await.contains("acc-001"));
        run_sql(db, "UPDATE account SET standing_rank = 0 WHERE external_id = 'acc-005'").await;
        db.clock.set("2026-10-02T00:30:00Z".parse().unwrap());
        again(Scope::All).await;
        assert!(!found(db, &[AtRisk]).await.contains("acc-005"));
    }

    async fn past_days_stay_and_old_editions_are_replaced(db: TestDb) {
        book(db).await;
        let day = "2026-09-24".parse().unwrap();
        let of_day = async || {
            let ids = [id(db, 0).await, id(db, 1).await];
            let mut stored = assessment::history_of(db, &db.system(), &ids, day, day).await.unwrap();
            ids.map(|id| stored.remove(&id).unwrap())
        };
        score(db, 7).await;
        let (before, ranks) = (of_day().await, walk(db, false, false).await);
        import(db, &[("interactions.csv", "account_external_id,external_id,kind,direction,status,occurred_at,participants\nacc-000,late,meeting,outbound,completed,2026-09-30T10:00:00Z,c0\n")]).await;
        run_sql(db, "UPDATE assessment SET definitions = 1 WHERE day = '2026-09-24'").await;
        score(db, 7).await;
        assert_eq!(of_day().await, before, "rows of later days change nothing, and the edition is the present one again");
        assert_eq!(walk(db, false, false).await, ranks, "what was scored of a past day is not the present standing");
    }

    async fn a_score_of_an_earlier_edition_counts_as_missing(db: TestDb) {
        book(db).await;
        let ending_on = TODAY.parse().unwrap();
        assert_eq!(assessment::missing_on(db, &db.system(), ending_on).await.unwrap(), []);
        run_sql(db, "UPDATE assessment SET definitions = 3 WHERE account_id = (SELECT id FROM account WHERE external_id = 'acc-002')").await;
        assert_eq!(assessment::missing_on(db, &db.system(), ending_on).await.unwrap(), [id(db, 2).await]);
        let request = Recompute { as_of: db.clock.now(), ending_on, scope: Scope::Missing };
        let done = recompute(db, &db.system(), &Settings::default(), &request, |_| {}).await.unwrap();
        assert_eq!(done.accounts, 1, "the others are left alone");
        assert_eq!(assessment::missing_on(db, &db.system(), ending_on).await.unwrap(), []);
    }

    async fn the_graph_tells_it_with_names_and_how_it_was(db: TestDb) {
        book(db).await;
        let cold = Reason { contact: Some(contact(db, &name(1), "c0").await), on: Some("2026-06-17".parse().unwrap()), number: Some(105.0), ..reason(StandingReason::SponsorCold) };
        put(db, &name(1), TODAY, Some(&Standing { state: AtRisk, reasons: vec![cold, reason(StandingReason::Fell)] })).await;
        run_sql(db, "UPDATE assessment SET definitions = 3 WHERE day = '2026-09-17'").await;
        let server = Server::start(db).await;
        let asked = "{ accounts(filter: {standing: [AT_RISK]}, orderBy: {field: STANDING, direction: ASC}, first: 50) { totalCount nodes { externalId
            standing { state reasons { reason message on contact { name } } } engagement { standing definitions } } } }";
        let answer = server.data(asked, json!({})).await["accounts"].take();
        assert_eq!(answer["totalCount"], 2);
        let one = answer["nodes"].as_array().unwrap().iter().find(|node| node["externalId"] == "acc-001").unwrap();
        assert_eq!(one["engagement"], json!({"standing": "AT_RISK", "definitions": DEFINITIONS}));
        assert_eq!(one["standing"]["state"], "AT_RISK");
        let reasons = one["standing"]["reasons"].as_array().unwrap();
        assert_eq!((&reasons[0]["reason"], &reasons[0]["on"], &reasons[0]["contact"]["name"]), (&json!("SPONSOR_COLD"), &json!("2026-06-17"), &json!("Person 0 of 001")));
        assert!(reasons[0]["message"].as_str().unwrap().contains("Person 0 of 001"), "{reasons:?}");
        assert_eq!((&reasons[1]["reason"], &reasons[1]["contact"]), (&json!("FELL"), &Value::Null));

        let history = "{ accountByExternalId(externalId: \"acc-001\") { engagementReport { definitions policyHash
            history { endingOn standing definitions policyHash comparable } } } }";
        let report = server.data(history, json!({})).await["accountByExternalId"]["engagementReport"].take();
        assert_eq!(report["definitions"], DEFINITIONS);
        let points: Vec<(&str, i64, bool)> = report["history"].as_array().unwrap().iter()
            .map(|point| (point["endingOn"].as_str().unwrap(), point["definitions"].as_i64().unwrap(), point["comparable"].as_bool().unwrap()))
            .collect();
        let now = i64::from(DEFINITIONS);
        assert_eq!(points, [("2026-09-17", 3, false), ("2026-09-24", now, true), (TODAY, now, true)]);
        assert_eq!((&report["history"][2]["standing"], &report["history"][2]["policyHash"]), (&json!("AT_RISK"), &report["policyHash"]));
        let markdown = server.data("{ accountByExternalId(externalId: \"acc-001\") { engagementReport { markdown } } }", json!({})).await;
        let markdown = markdown["accountByExternalId"]["engagementReport"]["markdown"].as_str().unwrap();
        assert!(markdown.contains("Made by other definitions or another policy"), "{markdown}");

        // It costs as many statements for one account as for many.
        let cost = async |first: u32| {
            let query = format!("{{ accounts(first: {first}) {{ nodes {{ standing {{ state reasons {{ reason message on contact {{ name }} }} }} }} }} }}");
            let before = db.statements();
            server.data(&query, json!({})).await;
            db.statements() - before
        };
        assert_eq!(cost(2).await, cost(8).await);

        // Of a customer no more nothing is to be thought, from the moment on that it is known.
        import(db, &[("accounts.csv", "external_id,name,status\nacc-001,Customer 001,churned\n")]).await;
        let gone = server.data("{ accountByExternalId(externalId: \"acc-001\") { standing { state } engagement { definitions } } }", json!({})).await;
        assert_eq!(gone["accountByExternalId"], json!({"standing": null, "engagement": {"definitions": DEFINITIONS}}));
        server.stop().await;
    }

    async fn the_portfolio_counts_standings_and_uses_one_edition(db: TestDb) {
        book(db).await;
        let ask = async |standings: Option<Vec<StandingState>>| {
            let filter = AccountFilter { standings, ..AccountFilter::default() };
            let request = PortfolioRequest { period: Period::Quarterly, ending_on: TODAY.parse().unwrap(), as_of: db.clock.now(), filter };
            portfolio_report(db, &db.system(), &Settings::default().policy, chrono_tz::UTC, &request).await.unwrap()
        };
        let whole = ask(None).await.report;
        let counts: Vec<_> = whole.standings.iter().map(|share| (share.state, share.group.accounts)).collect();
        assert_eq!(counts, [(Some(AtRisk), 2), (Some(Watch), 1), (Some(NotKnown), 1), (Some(OnTrack), 2), (None, 2)]);
        let amounts = whole.at_risk.arr();
        assert_eq!((whole.at_risk.accounts, amounts.len(), amounts[0].amount()), (2, 1, "8001.00".to_owned()));
        let some = ask(Some(vec![Watch, OnTrack])).await;
        assert_eq!((some.report.days.stored, some.report.all.accounts), (true, 3));
        assert_eq!(some.labels.scope, "Accounts whose standing is watch or on track");
        assert_eq!(some.report.retention.pairs_before, 3 * 2, "the sponsors of those accounts");

        let server = Server::start(db).await;
        let asked = "{ portfolioReport(filter: {standing: [AT_RISK]}) { accounts definitions atRisk { accounts } standings { state accounts arr { amount currency } } } }";
        let report = server.data(asked, json!({})).await["portfolioReport"].take();
        assert_eq!((&report["accounts"], &report["atRisk"]["accounts"], &report["definitions"]), (&json!(2), &json!(2), &json!(DEFINITIONS)));
        assert_eq!(report["standings"][0], json!({"state": "AT_RISK", "accounts": 2, "arr": [{"amount": "8001.00", "currency": "EUR"}]}));
        assert_eq!(report["standings"].as_array().map(Vec::len), Some(4));
        server.stop().await;

        // Who is at risk is named, with what was stored: the sentence and the first recommendation.
        assert_eq!(whole.at_risk_accounts.iter().map(|named| named.external_id.as_str()).collect::<BTreeSet<_>>().len(), 2);
        let why = Standing { state: AtRisk, reasons: vec![Reason { number: Some(31.0), ..reason(StandingReason::Score) }] };
        put(db, &name(1), TODAY, Some(&why)).await;
        run_sql(db, "UPDATE assessment SET advice = '[{\"action\": \"SAVE_PLAY\", \"due_on\": \"2026-10-08\"}]' WHERE standing = 'AT_RISK'").await;
        let told = ask(None).await;
        let markdown = told.report.markdown(&told.labels);
        assert!(markdown.contains("| The score is 31 of 100. | Start a save play, by 2026-10-08 |"), "{markdown}");
        assert!(markdown.contains("**Of 8 accounts, 2 are at risk (8,001 EUR of "), "{markdown}");

        run_sql(db, "UPDATE assessment SET definitions = 3").await;
        assert!(!ask(None).await.report.days.stored, "scores of another edition are not added up");
    }

    async fn a_standing_that_changes_is_told(db: TestDb) {
        book(db).await;
        let server = Server::start(db).await;
        let mut watcher = Watcher::connect(&server, &server.token).await;
        let fields = "{ account { externalId } engagement { standing } standingChanged standingBefore overallBefore }";
        watcher.watch("all", &format!("subscription {{ engagementChanged {fields} }}")).await;
        watcher.watch("risk", &format!("subscription {{ engagementChanged(filter: {{standing: [AT_RISK]}}) {fields} }}")).await;
        put(db, &name(3), TODAY, Some(&Standing { state: AtRisk, reasons: vec![] })).await;
        let message = watcher.hear().await;
        let change = &message["payload"]["data"]["engagementChanged"];
        assert_eq!((&message["id"], &change["account"]["externalId"]), (&json!("all"), &json!("acc-003")), "{message}");
        assert_eq!(
            (&change["engagement"]["standing"], &change["standingBefore"], &change["standingChanged"]),
            (&json!("AT_RISK"), &json!("WATCH"), &json!(true))
        );
        assert!(change["overallBefore"].is_number(), "the score is the same, and what it was is told all the same");
        // What another edition of the definitions made is not what was shown before.
        run_sql(db, "UPDATE assessment SET definitions = 3").await;
        assert_eq!(watcher.until_pong().await, Vec::<Value>::new());
        server.stop().await;
    }

    async fn scores_of_another_edition_did_not_fall(db: TestDb) {
        crate::alert_stage::stage(db).await;
        let policy = service::policy::hash(&Settings::default().policy);
        run_sql(db, &format!(
            "INSERT INTO assessment (account_id, day, as_of, overall, overall_rounded, pattern, coverage, provisional, coverage_changed, single_threaded,
                multi_threaded, signals, policy_hash)
             SELECT id, '2026-05-18', 0, 100, 100, 'HIGHLY_ENGAGED', 100, (1 = 0), (1 = 0), (1 = 0), (1 = 0), 0, '{policy}' FROM account"
        )).await;
        let fell = async |days: [&str; 2]| {
            for day in days {
                db.clock.set(format!("{day}T12:00:00Z").parse().unwrap());
                evaluate(db).await;
            }
            shown(db).await.iter().any(|line| line.starts_with("engagement.fell "))
        };
        assert!(!fell(["2026-06-17", "2026-06-18"]).await, "what is stored without an edition is of the first");
        run_sql(db, &format!("UPDATE assessment SET definitions = {DEFINITIONS}")).await;
        assert!(fell(["2026-06-19", "2026-06-20"]).await);
    }

    async fn what_was_stored_before_is_of_the_first_edition_and_has_no_standing(db: TestDb) {
        let blank = Db::connect(&db.blank_url().await).await.unwrap();
        migrate(&blank).await.unwrap();
        let steps = Migrator::migrations();
        let at = steps.iter().position(|step| step.name() == "m20261130_000028_standing").unwrap();
        let back = u32::try_from(steps.len() - at).unwrap();
        blank.schema_tx(async |tx| {
            Migrator::down(tx, Some(back)).await.map_err(|source| ServiceError::Database { operation: "stepping down", source })
        }).await.unwrap();
        let id = if db.kind() == Kind::Postgres { "'00000000-0000-0000-0000-000000000001'" } else { "x'00000000000000000000000000000001'" };
        let text = [
            format!("INSERT INTO account (id, external_id, name, tier, status, created_at, updated_at) VALUES ({id}, 'a', 'A', 'SMB', 'ACTIVE', 0, 0)"),
            format!("INSERT INTO assessment (account_id, day, as_of, overall, coverage, provisional, coverage_changed, single_threaded, multi_threaded,
                signals, policy_hash) VALUES ({id}, '2026-01-01', 0, 50, 50, (1 = 0), (1 = 0), (1 = 0), (1 = 0), 0, '0123456789abcdef')"),
        ];
        for text in text {
            blank.write_tx(async |tx| { tx.execute_unprepared(&text).await.unwrap(); Ok(()) }).await.unwrap();
        }
        migrate(&blank).await.unwrap();
        let account = account::find(&blank, &db.system(), "a").await.unwrap().unwrap();
        let stored = assessment::latest_of(&blank, &db.system(), &[account.id]).await.unwrap().remove(&account.id).unwrap();
        assert_eq!((stored.definitions, stored.standing, stored.advice.len(), stored.overall), (1, None, 0, Some(50.0)));
        blank.close().await.unwrap();
    }

    async fn any_executive_is_one_role(db: TestDb) {
        stage(db, 1).await;
        let account = id(db, 0).await;
        let pages = service::record::contact::pages_of(
            db, &db.system(), &[account], Some(&[ContactRole::Executive]), TODAY.parse().unwrap(), &PageRequest::first(9), true,
        ).await.unwrap();
        let names: Vec<&str> = pages[&account].edges.iter().map(|edge| edge.node.name.as_str()).collect();
        assert_eq!(names, ["Person 0 of 000", "Person 1 of 000", "Person 2 of 000"], "a chief officer, a vice president, a backup sponsor");
    }
}
