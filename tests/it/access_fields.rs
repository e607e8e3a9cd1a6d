//! Every field on the root of the schema, asked by everybody: what each role is told stands in one table, and a field that
//! is not in it fails the test. So does a change that leaves no entry in the audit log, and a refusal that changes anything.
//!
//! To add a field: a line in `CASES`, and how it is asked in `question`.

use std::collections::BTreeSet;

use engagement::alert::AlertRule;
use engagement::id::{AccountId, AlertId, ContactId, OrgChangeId, OutreachId, TokenId};
use engagement::vocabulary::{Disposition, InteractionKind, Purpose, SponsorRank};
use rapport_tests::{TestDb, on_both_databases};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use service::access::audit;
use service::alert::{self, AlertFilter, AlertOrder};
use service::change::outreach::{self, NewOutreach};
use service::change::sponsorship::{self, NewSponsor};
use service::job::guardrail_round;
use service::job::recompute::{Recompute, Scope, recompute};
use service::settings::Settings;
use service::sql::page;
use service::token;
use uuid::Uuid;

use crate::access_changes::moment;
use crate::access_stage::{Actor, stage};
use crate::graphql_mutations::token_of;
use crate::graphql_server::{Answer, Server};
use crate::import_stage::{count, every_text, import_texts};
use crate::subscriptions::Watcher;

/// Who asks: everybody with an opinion, and somebody without a token.
const ASKING: [Option<Actor>; 7] = [
    Some(Actor::Admin),
    Some(Actor::Manager),
    Some(Actor::Csm),
    Some(Actor::OtherCsm),
    Some(Actor::Viewer),
    Some(Actor::FreeViewer),
    None,
];

/// What is told to admin, manager, csm of the team, csm of another team, viewer in the team, viewer in no team who sees
/// everything, when they ask about the account `north`. Without a token nothing is told to anybody.
const CASES: &[(&str, [&str; 6])] = &[
    // Reading.
    ("Query.viewer", ["ok", "ok", "ok", "ok", "ok", "ok"]),
    ("Query.node", ["ok", "ok", "ok", "null", "ok", "ok"]),
    ("Query.nodes", ["2", "2", "1", "1", "1", "2"]),
    ("Query.account", ["ok", "ok", "ok", "null", "ok", "ok"]),
    (
        "Query.accountByExternalId",
        ["ok", "ok", "ok", "null", "ok", "ok"],
    ),
    (
        "Query.accounts",
        [
            "2 in all", "2 in all", "1 in all", "1 in all", "1 in all", "2 in all",
        ],
    ),
    (
        "Query.users",
        [
            "8 in all", "8 in all", "3 in all", "1 in all", "3 in all", "5 in all",
        ],
    ),
    (
        "Query.portfolioReport",
        [
            "2 in all", "2 in all", "1 in all", "1 in all", "1 in all", "2 in all",
        ],
    ),
    (
        "Query.alerts",
        [
            "2 in all", "2 in all", "1 in all", "1 in all", "1 in all", "2 in all",
        ],
    ),
    ("Query.alertUsefulness", ["1", "1", "1", "0", "1", "1"]),
    (
        "Query.auditLog",
        ["ok", "ok", "FORBIDDEN", "FORBIDDEN", "FORBIDDEN", "FORBIDDEN"],
    ),
    // Rows in bulk: who may write none is refused at once, what is not theirs is refused row by row.
    (
        "Mutation.upsertAccounts",
        [
            "UPDATED",
            "UPDATED",
            "UPDATED",
            "REJECTED NOT_FOUND",
            "FORBIDDEN",
            "FORBIDDEN",
        ],
    ),
    (
        "Mutation.upsertContacts",
        [
            "INSERTED",
            "INSERTED",
            "INSERTED",
            "REJECTED NOT_FOUND",
            "FORBIDDEN",
            "FORBIDDEN",
        ],
    ),
    (
        "Mutation.recordInteractions",
        [
            "INSERTED",
            "INSERTED",
            "INSERTED",
            "REJECTED NOT_FOUND",
            "FORBIDDEN",
            "FORBIDDEN",
        ],
    ),
    (
        "Mutation.recordUsage",
        [
            "INSERTED",
            "INSERTED",
            "INSERTED",
            "REJECTED NOT_FOUND",
            "FORBIDDEN",
            "FORBIDDEN",
        ],
    ),
    (
        "Mutation.recordMetrics",
        [
            "INSERTED",
            "INSERTED",
            "INSERTED",
            "REJECTED NOT_FOUND",
            "FORBIDDEN",
            "FORBIDDEN",
        ],
    ),
    (
        "Mutation.setGoals",
        [
            "INSERTED",
            "INSERTED",
            "INSERTED",
            "REJECTED NOT_FOUND",
            "FORBIDDEN",
            "FORBIDDEN",
        ],
    ),
    (
        "Mutation.setInitiatives",
        [
            "INSERTED",
            "INSERTED",
            "INSERTED",
            "REJECTED NOT_FOUND",
            "FORBIDDEN",
            "FORBIDDEN",
        ],
    ),
    // By hand.
    (
        "Mutation.assignSponsor",
        ["ok", "ok", "ok", "NOT_FOUND", "FORBIDDEN", "FORBIDDEN"],
    ),
    (
        "Mutation.endSponsorship",
        ["ok", "ok", "ok", "NOT_FOUND", "FORBIDDEN", "FORBIDDEN"],
    ),
    (
        "Mutation.assignTeamMember",
        ["ok", "ok", "FORBIDDEN", "NOT_FOUND", "FORBIDDEN", "FORBIDDEN"],
    ),
    (
        "Mutation.removeTeamMember",
        ["ok", "ok", "FORBIDDEN", "NOT_FOUND", "FORBIDDEN", "FORBIDDEN"],
    ),
    (
        "Mutation.eraseContact",
        ["ok", "ok", "FORBIDDEN", "NOT_FOUND", "FORBIDDEN", "FORBIDDEN"],
    ),
    (
        "Mutation.recordOrgChange",
        ["ok", "ok", "ok", "NOT_FOUND", "FORBIDDEN", "FORBIDDEN"],
    ),
    (
        "Mutation.reviewOrgChange",
        ["ok", "ok", "ok", "NOT_FOUND", "FORBIDDEN", "FORBIDDEN"],
    ),
    (
        "Mutation.planOutreach",
        ["ok", "ok", "ok", "NOT_FOUND", "FORBIDDEN", "FORBIDDEN"],
    ),
    (
        "Mutation.cancelOutreach",
        ["ok", "ok", "ok", "NOT_FOUND", "FORBIDDEN", "FORBIDDEN"],
    ),
    (
        "Mutation.acknowledgeAlert",
        ["ok", "ok", "ok", "NOT_FOUND", "FORBIDDEN", "FORBIDDEN"],
    ),
    (
        "Mutation.snoozeAlert",
        ["ok", "ok", "ok", "NOT_FOUND", "FORBIDDEN", "FORBIDDEN"],
    ),
    (
        "Mutation.resolveAlert",
        ["ok", "ok", "ok", "NOT_FOUND", "FORBIDDEN", "FORBIDDEN"],
    ),
    // Watching.
    (
        "Subscription.alertRaised",
        ["told", "told", "told", "not told", "told", "told"],
    ),
    (
        "Subscription.engagementChanged",
        ["told", "told", "told", "not told", "told", "told"],
    ),
    // Their own: each asks for themselves.
    (
        "Mutation.setDigestPreferences",
        ["ok", "ok", "ok", "ok", "ok", "ok"],
    ),
    ("Mutation.createApiToken", ["ok", "ok", "ok", "ok", "ok", "ok"]),
    ("Mutation.revokeApiToken", ["ok", "ok", "ok", "ok", "ok", "ok"]),
    // Another's who is seen beside `north`; the viewer in no team sees everybody there.
    (
        "Mutation.revokeApiTokens",
        [
            "ok",
            "FORBIDDEN",
            "FORBIDDEN",
            "NOT_FOUND",
            "FORBIDDEN",
            "FORBIDDEN",
        ],
    ),
];

/// What a question may need.
struct Scene<'a> {
    db: &'a TestDb,
    accounts: [AccountId; 2],
    /// Who asks, as a number: what they make must not be in each other's way.
    asker: usize,
    actor: Option<Actor>,
}

/// A field as it is asked, with its variables; nothing for one that nobody knows how to ask.
async fn question(scene: &Scene<'_>, field: &str) -> Option<(String, Value)> {
    let (db, n) = (scene.db, scene.asker);
    let [north, south] = scene.accounts.map(|id| id.to_string());
    let row = |of: &str, more: Value| {
        let mut row = json!({"accountExternalId": "north"});
        more.as_object()
            .unwrap()
            .iter()
            .for_each(|(name, value)| row[name] = value.clone());
        let text = format!(
            "mutation($rows: [{of}!]!) {{ {}(input: {{rows: $rows}}) {{ results {{ outcome code }} }} }}",
            field.split_once('.').unwrap().1
        );
        Some((text, json!({ "rows": [row] })))
    };
    let plain = |text: &str| Some((text.to_owned(), json!({})));
    match field {
        "Query.viewer" => plain("{ viewer { email role } }"),
        "Query.node" => Some(("query($id: ID!) { node(id: $id) { id ... on Account { name contacts { totalCount } } } }".to_owned(), json!({"id": north}))),
        "Query.nodes" => Some(("query($ids: [ID!]!) { nodes(ids: $ids) { id } }".to_owned(), json!({"ids": [north, south]}))),
        "Query.account" => Some(("query($id: ID!) { account(id: $id) { name team { user { email } } engagementReport { overall } } }".to_owned(), json!({"id": north}))),
        "Query.accountByExternalId" => plain("{ accountByExternalId(externalId: \"north\") { name engagement { overall } goals { goal } } }"),
        "Query.accounts" => plain("{ accounts(first: 1) { totalCount nodes { name interactions(first: 1) { totalCount } } } }"),
        "Query.users" => plain("{ users(first: 2) { totalCount nodes { name email role } } }"),
        "Query.portfolioReport" => plain("{ portfolioReport { accounts arr { amount } signals { signal accounts } markdown } }"),
        "Query.auditLog" => Some(("query($id: ID) { auditLog(accountId: $id) { nodes { action } } }".to_owned(), json!({"id": north}))),
        "Mutation.upsertAccounts" => Some((
            "mutation($rows: [AccountInput!]!) { upsertAccounts(input: {rows: $rows}) { results { outcome code } } }".to_owned(),
            json!({"rows": [{"externalId": "north", "region": format!("R{n}")}]}),
        )),
        "Mutation.upsertContacts" => row("ContactInput", json!({"externalId": format!("new{n}"), "name": format!("New {n}")})),
        "Mutation.recordInteractions" => row(
            "InteractionInput",
            json!({"externalId": format!("new{n}"), "kind": "CALL", "direction": "INBOUND", "status": "COMPLETED", "occurredAt": "2026-06-12T08:00:00Z"}),
        ),
        "Mutation.recordUsage" => row("UsageInput", json!({"feature": format!("f{n}"), "day": "2026-06-12", "count": 1})),
        "Mutation.recordMetrics" => row("MetricInput", json!({"metric": format!("m{n}"), "observedOn": "2026-06-12", "value": 1})),
        "Mutation.setGoals" => row("GoalInput", json!({"goal": format!("Goal {n}")})),
        "Mutation.setInitiatives" => row("InitiativeInput", json!({"initiative": format!("Initiative {n}"), "alignment": "LOW"})),
        "Mutation.assignSponsor" => Some((
            "mutation($a: ID!, $c: ID!, $s: Date, $u: Date) { assignSponsor(input: {accountId: $a, contactId: $c, rank: BACKUP, since: $s, until: $u}) { sponsorship { id } } }".to_owned(),
            json!({"a": north, "c": own_contact(scene).await.to_string(), "s": "2026-06-17", "u": "2026-07-01"}),
        )),
        "Mutation.endSponsorship" => {
            let new = NewSponsor {
                account: scene.accounts[0],
                contact: own_contact(scene).await,
                rank: SponsorRank::Backup,
                since: "2026-01-01".parse().unwrap(),
                until: None,
            };
            let made = sponsorship::assign(db, &db.system(), &Settings::default(), moment(db), &new).await.unwrap();
            Some((
                "mutation($id: ID!) { endSponsorship(input: {sponsorshipId: $id}) { sponsorship { id } } }".to_owned(),
                json!({"id": made.id.to_string()}),
            ))
        }
        "Mutation.assignTeamMember" | "Mutation.removeTeamMember" => {
            let name = field.split_once('.').unwrap().1;
            let user = own_user(scene, name == "removeTeamMember").await;
            let text = format!("mutation($a: ID!, $u: ID!) {{ {name}(input: {{accountId: $a, userId: $u}}) {{ teamMember {{ teamRole }} }} }}");
            Some((text, json!({"a": north, "u": user})))
        }
        "Mutation.eraseContact" => Some((
            "mutation($id: ID!) { eraseContact(input: {contactId: $id}) { contact { name } } }".to_owned(),
            json!({"id": own_contact(scene).await.to_string()}),
        )),
        "Query.alerts" => {
            evaluated(scene).await;
            plain("{ alerts(filter: {rule: [\"backup.missing\"]}) { totalCount nodes { account { name } } } }")
        }
        "Query.alertUsefulness" => {
            evaluated(scene).await;
            plain("{ alertUsefulness { rule acted alreadyKnown noise resolved } }")
        }
        "Mutation.recordOrgChange" => Some((
            "mutation($id: ID!) { recordOrgChange(input: {kind: DEPARTURE, contactId: $id, observedOn: \"2026-06-16\", source: MANUAL, summary: \"Left\"}) { orgChange { id } } }".to_owned(),
            json!({"id": own_contact(scene).await.to_string()}),
        )),
        "Mutation.reviewOrgChange" => Some((
            "mutation($id: ID!) { reviewOrgChange(input: {orgChangeId: $id, impact: \"Little\"}) { orgChange { reviewed } } }".to_owned(),
            json!({"id": own_org_change(scene).await.to_string()}),
        )),
        "Mutation.planOutreach" => Some((
            "mutation($id: ID!) { planOutreach(input: {contactId: $id, kind: CALL, purpose: TACTICAL, plannedFor: \"2026-06-20T09:00:00Z\", subject: \"Hello\"}) { outreach { id } } }".to_owned(),
            json!({"id": own_contact(scene).await.to_string()}),
        )),
        "Mutation.cancelOutreach" => Some((
            "mutation($id: ID!) { cancelOutreach(input: {outreachId: $id}) { outreach { status } } }".to_owned(),
            json!({"id": own_plan(scene).await.to_string()}),
        )),
        "Mutation.acknowledgeAlert" => own_alert(scene, "mutation($id: ID!) { acknowledgeAlert(input: {alertId: $id}) { alert { status } } }").await,
        "Mutation.snoozeAlert" => {
            own_alert(scene, "mutation($id: ID!) { snoozeAlert(input: {alertId: $id, until: \"2026-07-01\", reason: \"Later\"}) { alert { status } } }").await
        }
        "Mutation.resolveAlert" => {
            own_alert(scene, "mutation($id: ID!) { resolveAlert(input: {alertId: $id, disposition: ACTED, note: \"Done\"}) { alert { status } } }").await
        }
        "Mutation.setDigestPreferences" => Some((
            "mutation($h: Int) { setDigestPreferences(input: {hour: $h}) { user { email } } }".to_owned(),
            json!({"h": 10 + n}),
        )),
        "Mutation.createApiToken" => plain("mutation { createApiToken(input: {name: \"own\"}) { apiToken { name } } }"),
        "Mutation.revokeApiToken" => Some((
            "mutation($id: ID!) { revokeApiToken(input: {tokenId: $id}) { apiToken { revokedAt } } }".to_owned(),
            json!({"id": own_token(scene).await.to_string()}),
        )),
        "Mutation.revokeApiTokens" => {
            let user = own_user(scene, true).await;
            token::create(db, &db.clock, &db.system(), user.parse().unwrap(), "to be revoked", None).await.unwrap();
            Some(("mutation($id: ID!) { revokeApiTokens(input: {userId: $id}) { revoked } }".to_owned(), json!({"id": user})))
        }
        _ => None,
    }
}

/// A contact of `north` that is there for one asker and one question.
async fn own_contact(scene: &Scene<'_>) -> ContactId {
    let key = format!("own{}-{}", scene.asker, count(scene.db, "contact").await);
    let text = format!("account_external_id,external_id,name\nnorth,{key},Own {key}\n");
    import_texts(scene.db, &[("contacts.csv", &text)]).await;
    id(
        scene.db,
        &format!("SELECT id FROM contact WHERE external_id = '{key}'"),
    )
    .await
    .into()
}

/// Both accounts evaluated, and an alert of `north` resolved by hand.
async fn evaluated(scene: &Scene<'_>) {
    let db = scene.db;
    if count(db, "alert").await > 0 {
        return;
    }
    guardrail_round::watch(db, &db.system(), &Settings::default(), db.clock.now())
        .await
        .unwrap();
    own_alert(scene, "").await.unwrap();
    let departed = AlertFilter {
        rules: Some(vec![AlertRule::SponsorDeparted]),
        ..AlertFilter::default()
    };
    let page = alert::list(
        db,
        &db.system(),
        &departed,
        AlertOrder::default(),
        &page::PageRequest::first(1),
        false,
    )
    .await
    .unwrap();
    let (id, policy) = (page.edges[0].node.id, Settings::default().policy);
    alert::resolve(
        db,
        &db.system(),
        &policy,
        moment(db),
        id,
        Disposition::Acted,
        None,
    )
    .await
    .unwrap();
}

/// An alert of `north` that is there for one asker and one question: a sponsor has left.
async fn own_alert(scene: &Scene<'_>, query: &str) -> Option<(String, Value)> {
    let db = scene.db;
    let (contact, key) = (
        own_contact(scene).await,
        format!("own{}-{}", scene.asker, count(db, "contact").await - 1),
    );
    import_texts(
        db,
        &[
            ("sponsorships.csv", &format!("account_external_id,contact_external_id,since,rank\nnorth,{key},2026-01-01,backup\n")),
            (
                "org_changes.csv",
                &format!("account_external_id,kind,observed_on,contact_external_id,summary\nnorth,departure,2026-06-16,{key},Left\n"),
            ),
        ],
    )
    .await;
    let alert = id(db, &format!("SELECT id FROM alert WHERE subject = '{contact}'")).await;
    Some((query.to_owned(), json!({"id": AlertId::from(alert).to_string()})))
}

/// An organisational change of `north` that is there for one asker and one question.
async fn own_org_change(scene: &Scene<'_>) -> OrgChangeId {
    let key = format!("Own {}-{}", scene.asker, count(scene.db, "org_change").await);
    let text = format!(
        "account_external_id,kind,observed_on,contact_external_id,summary\nnorth,layoff,2026-06-16,,{key}\n"
    );
    import_texts(scene.db, &[("org_changes.csv", &text)]).await;
    id(
        scene.db,
        &format!("SELECT id FROM org_change WHERE summary = '{key}'"),
    )
    .await
    .into()
}

/// A plan for a contact of `north` that is there for one asker and one question.
async fn own_plan(scene: &Scene<'_>) -> OutreachId {
    let new = NewOutreach {
        contact: own_contact(scene).await,
        kind: InteractionKind::Call,
        purpose: Purpose::Tactical,
        planned_for: "2026-06-20T09:00:00Z".parse().unwrap(),
        subject: "Hello".to_owned(),
        coordinated_with: vec![],
    };
    let access = Actor::Admin.access(scene.db).await;
    outreach::plan(scene.db, &access, &Settings::default(), moment(scene.db), new)
        .await
        .unwrap()
        .id
}

/// A user who is there for one asker and one question, in the team of `north` or in none.
async fn own_user(scene: &Scene<'_>, in_team: bool) -> String {
    let email = format!(
        "own{}-{}@example.com",
        scene.asker,
        count(scene.db, "app_user").await
    );
    import_texts(scene.db, &[("users.csv", &format!("email,name\n{email},Own\n"))]).await;
    // Seen by everybody who sees the account: only then what may be done to them is the question.
    let interaction = format!(
        "account_external_id,external_id,kind,direction,status,occurred_at,owner_email\nnorth,{email},call,inbound,completed,2026-06-01T00:00:00Z,{email}\n"
    );
    import_texts(scene.db, &[("interactions.csv", &interaction)]).await;
    if in_team {
        import_texts(
            scene.db,
            &[(
                "teams.csv",
                &format!("account_external_id,user_email\nnorth,{email}\n"),
            )],
        )
        .await;
    }
    let user = service::record::user::find_by_email(scene.db, &scene.db.system(), &email.parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    user.id.to_string()
}

/// A token of the asker's own.
async fn own_token(scene: &Scene<'_>) -> TokenId {
    let user = scene.actor.unwrap_or(Actor::Admin).user(scene.db).await.id;
    token::create(
        scene.db,
        &scene.db.clock,
        &scene.db.system(),
        user,
        "to be revoked",
        None,
    )
    .await
    .unwrap()
    .id
}

async fn id(db: &TestDb, sql: &str) -> Uuid {
    let row = db
        .read()
        .query_one_raw(Statement::from_string(db.backend(), sql))
        .await
        .unwrap()
        .unwrap();
    row.try_get_by_index(0).unwrap()
}

async fn ask(server: &Server, token: Option<&str>, (query, variables): &(String, Value)) -> Answer {
    let authorization = token.map_or(String::new(), |token| {
        format!("\r\nAuthorization: Bearer {token}")
    });
    let head = format!("POST /graphql HTTP/1.1\r\nContent-Type: application/json{authorization}");
    server
        .send(
            &head,
            json!({ "query": query, "variables": variables })
                .to_string()
                .as_bytes(),
        )
        .await
}

/// What is told to each of those who watch while something happens to `north`.
async fn watched(
    scene: &Scene<'_>,
    server: &Server,
    field: &str,
    tokens: &[Option<String>],
) -> Vec<&'static str> {
    let mut watchers = Vec::new();
    for token in tokens {
        let Some(token) = token else {
            let mut stranger = Watcher::open(server, "graphql-transport-ws").await.unwrap();
            stranger.say(json!({"type": "connection_init"})).await;
            assert_eq!(stranger.hear().await, json!(4403));
            watchers.push(None);
            continue;
        };
        let mut watcher = Watcher::connect(server, token).await;
        watcher
            .watch(
                "own",
                &format!("subscription {{ {field} {{ account {{ externalId }} }} }}"),
            )
            .await;
        watchers.push(Some(watcher));
    }
    match field {
        "alertRaised" => drop(own_alert(scene, "").await),
        "engagementChanged" => {
            let now = scene.db.clock.now();
            let request = Recompute {
                as_of: now,
                ending_on: now.date_naive(),
                scope: Scope::Accounts(vec![scene.accounts[0]]),
            };
            recompute(
                scene.db,
                &scene.db.system(),
                &Settings::default(),
                &request,
                |_| {},
            )
            .await
            .unwrap();
        }
        _ => panic!("nobody knows what to do for {field}"),
    }
    let mut told = Vec::new();
    for (place, watcher) in watchers.iter_mut().enumerate() {
        told.push(match watcher {
            None => "refused",
            // The first sees everything; once they are told, everybody has been whom it concerns.
            Some(watcher) if place == 0 => {
                assert_eq!(
                    watcher.hear().await["payload"]["data"][field]["account"]["externalId"],
                    "north"
                );
                "told"
            }
            Some(watcher) => {
                if watcher.until_pong().await.is_empty() {
                    "not told"
                } else {
                    "told"
                }
            }
        });
    }
    told
}

/// What was told, in a word or two.
fn told(answer: &Answer, field: &str) -> String {
    let body = answer.json();
    if let Some(code) = body["errors"][0]["extensions"]["code"].as_str() {
        assert!(
            body.get("data")
                .is_none_or(|data| data.is_null() || data[field].is_null()),
            "{body}"
        );
        return code.to_owned();
    }
    let data = &body["data"][field];
    if let Some(total) = data["totalCount"].as_u64().or_else(|| data["accounts"].as_u64()) {
        return format!("{total} in all");
    }
    if let Some(row) = data["results"].get(0) {
        return [&row["outcome"], &row["code"]]
            .iter()
            .filter_map(|v| v.as_str())
            .collect::<Vec<_>>()
            .join(" ");
    }
    match data {
        Value::Null => "null".to_owned(),
        Value::Array(items) => items.iter().filter(|item| !item.is_null()).count().to_string(),
        _ => "ok".to_owned(),
    }
}

/// Whether something that was told is a refusal.
fn is_refusal(told: &str) -> bool {
    told.contains("FORBIDDEN") || told.contains("NOT_FOUND") || told.contains("UNAUTHENTICATED")
}

/// Every field on the roots of the schema.
async fn root_fields(server: &Server) -> BTreeSet<String> {
    let query = "{ __schema { queryType { name fields { name } } mutationType { name fields { name } } subscriptionType { name fields { name } } } }";
    let schema = server.data(query, json!({})).await;
    let mut all = BTreeSet::new();
    for root in ["queryType", "mutationType", "subscriptionType"] {
        let kind = &schema["__schema"][root];
        for field in kind["fields"].as_array().into_iter().flatten() {
            all.insert(format!(
                "{}.{}",
                kind["name"].as_str().unwrap(),
                field["name"].as_str().unwrap()
            ));
        }
    }
    all
}

on_both_databases! {
    async fn every_root_field_is_asked_by_every_role(db: TestDb) {
        let accounts = stage(db).await;
        let server = Server::start(db).await;
        let cased: BTreeSet<String> = CASES.iter().map(|(field, _)| (*field).to_owned()).collect();
        let there = root_fields(&server).await;
        let without: Vec<&String> = there.difference(&cased).collect();
        assert!(without.is_empty(), "no access case for {without:?}: say in CASES what each role is told");
        assert_eq!(cased.difference(&there).count(), 0, "a case for what is not there");
        let mut tokens = Vec::new();
        for actor in ASKING {
            tokens.push(match actor {
                Some(actor) => Some(token_of(db, actor).await),
                None => None,
            });
        }
        for (field, expected) in CASES {
            let (root, name) = field.split_once('.').unwrap();
            if root == "Subscription" {
                let scene = Scene { db, accounts, asker: 0, actor: None };
                for (asker, told) in watched(&scene, &server, name, &tokens).await.into_iter().enumerate() {
                    assert_eq!(told, expected.get(asker).copied().unwrap_or("refused"), "{field} watched by {:?}", ASKING[asker]);
                }
                continue;
            }
            for (asker, (actor, token)) in ASKING.iter().zip(&tokens).enumerate() {
                let scene = Scene { db, accounts, asker, actor: *actor };
                let asked = question(&scene, field).await.unwrap_or_else(|| panic!("no question for {field}"));
                let (before, entries) = (every_text(db).await, count(db, "audit_log").await);
                let answer = ask(&server, token.as_deref(), &asked).await;
                let told = told(&answer, name);
                assert_eq!(told, expected.get(asker).copied().unwrap_or("UNAUTHENTICATED"), "{field} asked by {actor:?}: {}", answer.body);
                assert_eq!(answer.status == 401, actor.is_none(), "{field} {actor:?}");
                let made = count(db, "audit_log").await - entries;
                if is_refusal(&told) || root == "Query" {
                    assert_eq!(made, 0, "{field} by {actor:?} left an entry");
                    assert!(every_text(db).await == before, "{field} by {actor:?} changed something");
                } else {
                    assert!(made > 0, "{field} by {actor:?} left no entry in the audit log");
                    let user = actor.unwrap().user(db).await.id;
                    let by_them = audit::AuditFilter { user: Some(user), ..audit::AuditFilter::default() };
                    let page = audit::list(db, &db.system(), &by_them, &page::PageRequest::first(100), false).await.unwrap();
                    let own = page.edges.iter().filter(|edge| edge.node.action == name && edge.node.user_id == Some(user));
                    assert_eq!(own.filter(|edge| edge.node.token_id.is_some()).count() as i64, made, "{field} by {actor:?}");
                }
            }
        }
        server.stop().await;
    }

    async fn every_id_there_is_leads_only_to_what_is_seen(db: TestDb) {
        let accounts = stage(db).await;
        let scene = Scene { db, accounts, asker: 0, actor: None };
        evaluated(&scene).await;
        own_plan(&scene).await;
        own_org_change(&scene).await;
        let server = Server::start(db).await;
        // Every id of every kind of node, with the accounts it belongs to.
        let mut ids: Vec<(String, Vec<String>)> = Vec::new();
        for (prefix, sql) in [
            ("acc", "SELECT id, external_id FROM account"),
            ("con", "SELECT c.id, a.external_id FROM contact c JOIN account a ON a.id = c.account_id"),
            ("int", "SELECT i.id, a.external_id FROM interaction i JOIN account a ON a.id = i.account_id"),
            ("alt", "SELECT t.id, a.external_id FROM alert t JOIN account a ON a.id = t.account_id"),
            ("chg", "SELECT o.id, a.external_id FROM org_change o JOIN account a ON a.id = o.account_id"),
            ("out", "SELECT o.id, a.external_id FROM outreach o JOIN account a ON a.id = o.account_id"),
        ] {
            for row in db.read().query_all_raw(Statement::from_string(db.backend(), sql)).await.unwrap() {
                let (id, account): (Uuid, String) = (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap());
                let text = match prefix {
                    "acc" => AccountId::from(id).to_string(),
                    "con" => ContactId::from(id).to_string(),
                    "alt" => AlertId::from(id).to_string(),
                    "chg" => OrgChangeId::from(id).to_string(),
                    "out" => OutreachId::from(id).to_string(),
                    _ => engagement::id::InteractionId::from(id).to_string(),
                };
                ids.push((text, vec![account]));
            }
        }
        let kinds = server.data("{ __type(name: \"Node\") { possibleTypes { name } } }", json!({})).await;
        let kinds: BTreeSet<&str> = kinds["__type"]["possibleTypes"].as_array().unwrap().iter().map(|t| t["name"].as_str().unwrap()).collect();
        assert_eq!(kinds, NODES.iter().copied().collect(), "a kind of node that this test does not ask for");
        let asked = ("query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Contact { account { externalId } } ... on Interaction { account { externalId } } } }".to_owned(),
            json!({"ids": ids.iter().map(|(id, _)| id).collect::<Vec<_>>()}));
        for actor in Actor::ALL {
            let answer = ask(&server, Some(&token_of(db, actor).await), &asked).await.json();
            for ((id, of), node) in ids.iter().zip(answer["data"]["nodes"].as_array().unwrap()) {
                let seen = of.iter().any(|account| actor.sees().contains(&account.as_str()));
                assert_eq!(!node.is_null(), seen, "{actor:?} {id} of {of:?}");
                assert!(node.is_null() || node["id"] == *id, "{node}");
            }
        }
        server.stop().await;
    }
}

/// The kinds of nodes that are asked for by id above; users have a test of their own.
const NODES: [&str; 7] = [
    "Account",
    "Alert",
    "Contact",
    "Interaction",
    "OrgChange",
    "Outreach",
    "User",
];
