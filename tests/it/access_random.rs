//! Random questions by everybody: whatever is asked, what somebody may not see never stands in the answer, nothing fails on our
//! side, and nothing is so large that it is not answered.
//!
//! Every text of the rows names its account, every user and token its owner, so that a leak is found by reading the answer as it
//! left the house. The questions are made from the schema's own text, from a seed: `RAPPORT_RANDOM_QUERIES` (`just soak`) asks
//! more of them than the suite does.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, InputValueDefinition, Type, TypeKind, TypeSystemDefinition,
};
use engagement::email_address::EmailAddress;
use rapport_tests::on_both_databases;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use service::access::Access;
use service::job::guardrail_round;
use service::job::recompute::{Recompute, Scope, recompute};
use service::record::user;
use service::settings::Settings;
use service::sql::page;
use service::token;

use crate::access_stage::{Actor, stage};
use crate::graphql_mutations::{ask_as, token_of};
use crate::graphql_server::Server;
use crate::import_stage::import_texts;

/// Who asks; nobody without a token is told anything.
const ASKING: [Option<Actor>; 7] = [
    Some(Actor::Admin),
    Some(Actor::Manager),
    Some(Actor::Csm),
    Some(Actor::OtherCsm),
    Some(Actor::Viewer),
    Some(Actor::FreeViewer),
    None,
];
/// Questions that each of them asks in the suite.
const QUESTIONS: usize = 300;

/// What the texts of an account hold.
const MARKS: [(&str, &str); 2] = [("north", "Norderney"), ("south", "Sansibar")];

/// Rows of every kind for both accounts, their texts marked.
fn marked() -> Vec<(&'static str, String)> {
    let both = |header: &str, row: &dyn Fn(&str, &str) -> String| {
        MARKS
            .iter()
            .fold(format!("{header}\n"), |text, (key, mark)| text + &row(key, mark))
    };
    vec![
        (
            "accounts.csv",
            both(
                "external_id,name,tier,domain,industry,region,arr,currency,contract_start,renewal_date",
                &|key, mark| {
                    let tier = if key == "north" { "enterprise" } else { "smb" };
                    format!(
                        "{key},{mark} Ltd,{tier},{mark}.example,{mark} industry,{mark} region,1000,EUR,2025-01-01,2026-12-01\n"
                    )
                },
            ),
        ),
        (
            "contacts.csv",
            both(
                "account_external_id,external_id,name,email,title,department,seniority,role_started_on,communication_preference,priorities",
                &|key, mark| {
                    let one = |n: usize, seniority: &str| {
                        format!(
                            "{key},c{n},{mark} {n},{mark}{n}@example.net,{mark} chief {n},{mark} dept {n},{seniority},2024-01-01,{mark} mail,{mark} cost;{mark} speed\n"
                        )
                    };
                    one(1, "c_level") + &one(2, "vp") + &one(3, "manager")
                },
            ),
        ),
        (
            "sponsorships.csv",
            both("account_external_id,contact_external_id,since,rank", &|key, _| {
                format!("{key},c1,2025-01-01,primary\n{key},c2,2025-02-01,backup\n")
            }),
        ),
        (
            "interactions.csv",
            both(
                "account_external_id,external_id,kind,direction,status,occurred_at,purpose,responded_at,responded_by,subject,topics,outcome,owner_email,participants",
                &|key, mark| {
                    let mut rows = String::new();
                    for n in 0..24 {
                        let kind = ["meeting", "email", "call", "qbr"][n % 4];
                        let status = ["completed", "completed", "canceled", "no_show"][(n / 4) % 4];
                        let owner = if key == "north" {
                            "ann@example.com"
                        } else {
                            "bob@example.com"
                        };
                        let answered = if kind == "email" {
                            format!("2026-{:02}-11T10:00:00Z,c2", n % 6 + 1)
                        } else {
                            ",".to_owned()
                        };
                        let _ = writeln!(
                            rows,
                            "{key},m{n},{kind},outbound,{status},2026-{:02}-10T10:00:00Z,strategic,{answered},{mark} subject {n},{mark} topic {n};{mark} other,{mark} outcome {n},{owner},c1:attended;c2;c3:absent",
                            n % 6 + 1
                        );
                    }
                    rows + &format!(
                        "{key},p1,meeting,outbound,scheduled,2026-07-10T10:00:00Z,strategic,,,{mark} ahead,{mark} plan,,,c1\n"
                    )
                },
            ),
        ),
        (
            "usage.csv",
            both(
                "account_external_id,contact_external_id,feature,day,count",
                &|key, _| format!("{key},c2,reports,2026-06-10,3\n{key},c3,alerts,2026-05-10,9\n"),
            ),
        ),
        (
            "metrics.csv",
            both("account_external_id,metric,observed_on,value", &|key, mark| {
                format!("{key},{mark} roi,2026-05-01,2\n{key},roi,2026-05-01,0.5\n")
            }),
        ),
        (
            "goals.csv",
            both("account_external_id,goal,progress,due_on", &|key, mark| {
                format!("{key},{mark} growth,10,2026-12-01\n")
            }),
        ),
        (
            "initiatives.csv",
            both(
                "account_external_id,initiative,their_priority,alignment",
                &|key, mark| format!("{key},{mark} roll out,{mark} cost,high\n"),
            ),
        ),
        (
            "org_changes.csv",
            both(
                "account_external_id,kind,observed_on,contact_external_id,summary,source,certainty,url,impact",
                &|key, mark| {
                    format!(
                        "{key},departure,2026-06-12,c2,{mark} left,news,suspected,https://{mark}.example,{mark} impact\n{key},layoff,2026-06-10,,{mark} layoff,manual,confirmed,,\n{key},departure,2026-06-11,c3,{mark} gone,manual,confirmed,,{mark} bad\n"
                    )
                },
            ),
        ),
    ]
}

/// What a schema can be asked.
struct Book {
    objects: HashMap<String, Vec<FieldDefinition>>,
    inputs: HashMap<String, Vec<InputValueDefinition>>,
    enums: HashMap<String, Vec<String>>,
    /// Objects behind each interface.
    kinds: HashMap<String, Vec<String>>,
}

impl Book {
    fn read() -> Self {
        let mut book = Self {
            objects: HashMap::new(),
            inputs: HashMap::new(),
            enums: HashMap::new(),
            kinds: HashMap::new(),
        };
        for definition in parse_schema(api::schema_sdl()).unwrap().definitions {
            let TypeSystemDefinition::Type(definition) = definition else {
                continue;
            };
            let name = definition.node.name.node.to_string();
            match definition.node.kind {
                TypeKind::Object(object) => {
                    for interface in &object.implements {
                        book.kinds
                            .entry(interface.node.to_string())
                            .or_default()
                            .push(name.clone());
                    }
                    book.objects
                        .insert(name, object.fields.into_iter().map(|field| field.node).collect());
                }
                TypeKind::InputObject(input) => drop(
                    book.inputs
                        .insert(name, input.fields.into_iter().map(|field| field.node).collect()),
                ),
                TypeKind::Enum(values) => {
                    drop(
                        book.enums.insert(
                            name,
                            values
                                .values
                                .iter()
                                .map(|v| v.node.value.node.to_string())
                                .collect(),
                        ),
                    );
                }
                TypeKind::Interface(_) => drop(book.kinds.entry(name).or_default()),
                TypeKind::Scalar | TypeKind::Union(_) => {}
            }
        }
        book
    }
}

fn named(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(item) => named(item),
    }
}

/// Makes questions.
struct Asker<'b> {
    book: &'b Book,
    random: fastrand::Rng,
    /// Ids of everything there is, whoever may see it.
    ids: &'b [String],
    /// Cursors of answers, to whomever they were given.
    cursors: Vec<String>,
    declared: Vec<String>,
    variables: serde_json::Map<String, Value>,
    fields: usize,
}

impl Asker<'_> {
    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.random.usize(..from.len())]
    }

    fn question(&mut self) -> (String, Value) {
        (self.declared, self.variables, self.fields) = (Vec::new(), serde_json::Map::new(), 0);
        let body = self.selection("Query", 8);
        let declared = if self.declared.is_empty() {
            String::new()
        } else {
            format!("({})", self.declared.join(", "))
        };
        (
            format!("query Random{declared} {{ {body} }}"),
            Value::Object(std::mem::take(&mut self.variables)),
        )
    }

    /// Some fields of an object, no deeper than so many levels.
    fn selection(&mut self, object: &str, depth: usize) -> String {
        if let Some(kinds) = self.book.kinds.get(object) {
            let parts: Vec<String> = kinds
                .clone()
                .iter()
                .map(|kind| format!("... on {kind} {{ {} }}", self.selection(kind, depth - 1)))
                .collect();
            return format!("__typename id {}", parts.join(" "));
        }
        let book = self.book;
        let fields = &book.objects[object];
        let wanted = if object == "Query" {
            self.random.usize(1..3)
        } else {
            self.random.usize(1..7)
        };
        let mut taken = BTreeSet::new();
        let mut text = String::new();
        for _ in 0..wanted {
            let field = self.pick(fields);
            let name = field.name.node.as_str();
            let of = named(&field.ty.node);
            let leaf = !book.objects.contains_key(of) && !book.kinds.contains_key(of);
            if (!leaf && (depth == 0 || self.fields > 60)) || !taken.insert(name) {
                continue;
            }
            self.fields += 1;
            let below = if leaf {
                String::new()
            } else {
                format!(" {{ {} }}", self.selection(of, depth.saturating_sub(1)))
            };
            let arguments =
                self.arguments(&field.arguments.iter().map(|a| a.node.clone()).collect::<Vec<_>>());
            let _ = write!(text, "{name}{arguments}{below} ");
        }
        if text.is_empty() {
            "__typename".to_owned()
        } else {
            text
        }
    }

    fn arguments(&mut self, all: &[InputValueDefinition]) -> String {
        let mut given = Vec::new();
        // From one end of a list only.
        let backward = self.random.u8(..4) == 0;
        for argument in all {
            let name = argument.name.node.as_str();
            let skipped = match name {
                "first" | "after" if backward => true,
                "last" | "before" if !backward => true,
                "first" | "last" => false,
                "after" | "before" => self.cursors.is_empty() || self.random.u8(..3) > 0,
                _ => argument.ty.node.nullable && self.random.u8(..2) == 0,
            };
            if skipped {
                continue;
            }
            let value = self.value(name, &argument.ty.node);
            if self.random.u8(..4) == 0 {
                let variable = format!("v{}", self.declared.len());
                self.declared.push(format!("${variable}: {}", argument.ty.node));
                // Sometimes it is not given at all.
                if !argument.ty.node.nullable || self.random.u8(..4) > 0 {
                    self.variables.insert(variable.clone(), value);
                }
                given.push(format!("{name}: ${variable}"));
            } else {
                given.push(format!("{name}: {}", self.literal(&argument.ty.node, &value)));
            }
        }
        if given.is_empty() {
            String::new()
        } else {
            format!("({})", given.join(", "))
        }
    }

    /// A value, as JSON.
    fn value(&mut self, name: &str, ty: &Type) -> Value {
        let of = match &ty.base {
            BaseType::List(item) => {
                return (0..self.random.usize(1..4))
                    .map(|_| self.value(name, item))
                    .collect();
            }
            BaseType::Named(of) => of.as_str(),
        };
        let book = self.book;
        if let Some(words) = book.enums.get(of) {
            return json!(self.pick(words));
        }
        if let Some(fields) = book.inputs.get(of) {
            let mut object = serde_json::Map::new();
            for field in fields {
                if !field.ty.node.nullable || self.random.bool() {
                    object.insert(
                        field.name.node.to_string(),
                        self.value(&field.name.node, &field.ty.node),
                    );
                }
            }
            return Value::Object(object);
        }
        match (of, name) {
            ("Int", "days") => json!(self.random.u32(1..200)),
            ("Int", _) => json!(self.random.u32(1..4)),
            ("Boolean", _) => json!(self.random.bool()),
            ("ID", _) => json!(self.pick(self.ids)),
            ("Date", _) => json!(format!("2026-0{}-1{}", self.random.u8(1..7), self.random.u8(..8))),
            ("String", "period") => json!(self.pick(&["12m", "90d", "6w", "999d"])),
            ("String", "externalId") => json!(self.pick(&["north", "south", "nowhere"])),
            // Never a whole mark: a report says what it was asked for.
            ("String", "search") => json!(self.pick(&["n", "nord", "sansib", "example", ""])),
            ("String", "rule") => json!(self.pick(&[
                "sponsor.departed",
                "backup.missing",
                "signal.qbr_missed",
                "sponsor.silent"
            ])),
            ("String", "names") => json!(self.pick(&["roi", "Sansibar roi", "Norderney roi"])),
            ("String", "after" | "before") => {
                let cursors = std::mem::take(&mut self.cursors);
                let cursor = json!(self.pick(&cursors));
                self.cursors = cursors;
                cursor
            }
            _ => panic!("nobody knows a value for {name}: {of}"),
        }
    }

    /// A value as it stands in a query.
    fn literal(&self, ty: &Type, value: &Value) -> String {
        match (&ty.base, value) {
            (BaseType::List(item), Value::Array(items)) => {
                format!(
                    "[{}]",
                    items
                        .iter()
                        .map(|one| self.literal(item, one))
                        .collect::<Vec<_>>()
                        .join(", ")
                )
            }
            (BaseType::Named(name), Value::String(word)) if self.book.enums.contains_key(name.as_str()) => {
                word.clone()
            }
            (BaseType::Named(name), Value::Object(fields)) => {
                let types = &self.book.inputs[name.as_str()];
                let one = |(field, value): (&String, &Value)| {
                    let of = types
                        .iter()
                        .find(|slot| slot.name.node == field.as_str())
                        .unwrap();
                    format!("{field}: {}", self.literal(&of.ty.node, value))
                };
                format!("{{{}}}", fields.iter().map(one).collect::<Vec<_>>().join(", "))
            }
            (_, value) => value.to_string(),
        }
    }

    /// Remembers the cursors of an answer.
    fn learn(&mut self, answer: &Value) {
        match answer {
            Value::Array(items) => items.iter().for_each(|item| self.learn(item)),
            Value::Object(fields) => {
                for (name, value) in fields {
                    match value.as_str() {
                        Some(cursor)
                            if name.to_lowercase().ends_with("cursor") && self.cursors.len() < 200 =>
                        {
                            self.cursors.push(cursor.to_owned());
                        }
                        _ => self.learn(value),
                    }
                }
            }
            _ => {}
        }
    }
}

/// Questions that each of them asks in this run.
#[expect(
    clippy::disallowed_methods,
    reason = "a setting of this test, not of the product"
)]
fn questions() -> usize {
    std::env::var("RAPPORT_RANDOM_QUERIES")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(QUESTIONS)
}

/// Whether somebody sees a user, by hand: themselves, and who stands beside an account that they see, in its team or as the owner of
/// an interaction (`access_stage`).
fn sees_user(actor: Actor, email: &str) -> bool {
    const NORTH: [&str; 3] = ["ann@example.com", "vera@example.com", "tom@example.com"];
    const SOUTH: [&str; 1] = ["bob@example.com"];
    match actor {
        Actor::Admin | Actor::Manager => true,
        Actor::Csm | Actor::Viewer => NORTH.contains(&email),
        Actor::OtherCsm => SOUTH.contains(&email),
        Actor::LoneCsm => email == "uma@example.com",
        Actor::FreeViewer => NORTH.contains(&email) || SOUTH.contains(&email) || email == "vic@example.com",
    }
}

/// What somebody must not find in any answer.
async fn forbidden(
    db: &rapport_tests::TestDb,
    actor: Option<Actor>,
    ids: &[(String, &'static str)],
) -> Vec<String> {
    let sees = actor.map_or(&[] as &[&str], Actor::sees);
    let mut hidden: Vec<String> = MARKS
        .iter()
        .filter(|(key, _)| !sees.contains(key))
        .map(|(_, mark)| mark.to_lowercase())
        .collect();
    hidden.extend(
        ids.iter()
            .filter(|(_, of)| !sees.contains(of))
            .map(|(id, _)| id.clone()),
    );
    // Users whom they do not see, and tokens that are not theirs.
    let everybody = user::list(db, &db.system(), None, &page::PageRequest::first(100), false)
        .await
        .unwrap();
    for edge in &everybody.edges {
        let email = EmailAddress::expose(&edge.node.email).to_owned();
        if !actor.is_some_and(|actor| sees_user(actor, &email)) {
            hidden.push(email.clone());
        }
        // The audit log tells who made which token, to those who may read it.
        let reads_log = matches!(actor, Some(Actor::Admin | Actor::Manager));
        if !reads_log && actor.map(Actor::email) != Some(email.as_str()) {
            hidden.push(format!("token of {email}"));
        }
    }
    hidden
}

on_both_databases! {
    async fn nothing_that_somebody_may_not_see_is_in_any_answer(db: TestDb) {
        stage(db).await;
        let files = marked();
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let (summary, told) = import_texts(db, &files).await;
        assert!(summary.is_clean(), "{:?}", told.rejected());
        guardrail_round::watch(db, &db.system(), &Settings::default(), db.clock.now()).await.unwrap();
        let now = db.clock.now();
        let all = Recompute { as_of: now, ending_on: now.date_naive(), scope: Scope::All };
        recompute(db, &db.system(), &Settings::default(), &all, |_| {}).await.unwrap();
        db.write_tx(async |tx| {
            for (key, mark) in MARKS {
                tx.execute_unprepared(&format!("UPDATE alert SET note = '{mark} note' WHERE account_id = (SELECT id FROM account WHERE external_id = '{key}')")).await.unwrap();
            }
            Ok(())
        }).await.unwrap();
        let server = Server::start(db).await;
        let mut tokens = Vec::new();
        for actor in Actor::ALL {
            let user = actor.user(db).await;
            token::create(db, &db.clock, &Access::system(), user.id, &format!("token of {}", actor.email()), None).await.unwrap();
        }
        for actor in ASKING {
            tokens.push(match actor { Some(actor) => token_of(db, actor).await, None => "rpt_nobody".to_owned() });
        }
        // The ids of everything, and whose it is.
        let mut ids: Vec<(String, &'static str)> = Vec::new();
        let overview = "{ accounts { nodes { id externalId contacts { nodes { id } } interactions(first: 100) { nodes { id } } orgChanges { nodes { id } } alerts { nodes { id } } goals { id } } } }";
        for account in server.data(overview, json!({})).await["accounts"]["nodes"].as_array().unwrap() {
            let of = if account["externalId"] == "north" { "north" } else { "south" };
            let mut found = Vec::new();
            collect(account, &mut found);
            ids.extend(found.into_iter().map(|id| (id, of)));
        }
        assert!(ids.len() > 60, "{}", ids.len());
        let mut pool: Vec<String> = ids.iter().map(|(id, _)| id.clone()).collect();
        let users = server.data("{ users(first: 100) { nodes { id } } }", json!({})).await;
        collect(&users, &mut pool);

        let questions = questions();
        let book = Book::read();
        let mut asker = Asker { book: &book, random: fastrand::Rng::with_seed(11), ids: &pool, cursors: Vec::new(), declared: Vec::new(), variables: serde_json::Map::new(), fields: 0 };
        for (actor, token) in ASKING.into_iter().zip(&tokens) {
            let hidden = forbidden(db, actor, &ids).await;
            let (mut answered, mut marks, mut codes) = (0, [0; 2], HashMap::<String, usize>::new());
            for n in 0..questions {
                let (query, variables) = asker.question();
                let answer = ask_as(&server, token, &query, variables.clone()).await;
                let shown = || format!("{actor:?}, question {n}: {query} {variables}\n{} {}", answer.status, answer.body);
                assert!(answer.status < 500, "{}", shown());
                let told = answer.json();
                for error in told["errors"].as_array().into_iter().flatten() {
                    let code = error["extensions"]["code"].as_str().unwrap_or_else(|| panic!("no code: {}", shown()));
                    let ours = match actor {
                        None => code != "UNAUTHENTICATED",
                        Some(_) => !["BAD_USER_INPUT", "NOT_FOUND", "FORBIDDEN", "COMPLEXITY_LIMIT"].contains(&code),
                    };
                    assert!(!ours, "{}", shown());
                    *codes.entry(code.to_owned()).or_default() += 1;
                }
                let text = answer.body.to_lowercase();
                let leaked = hidden.iter().find(|hidden| text.contains(&hidden.to_lowercase()));
                assert!(leaked.is_none(), "{leaked:?}: {}", shown());
                answered += usize::from(answer.status == 200 && !told["data"].is_null());
                for (count, (_, mark)) in marks.iter_mut().zip(MARKS) {
                    *count += usize::from(text.contains(&mark.to_lowercase()));
                }
                asker.learn(&told);
            }
            // The questions ask for something, and what is looked for would be found.
            match actor {
                None => assert_eq!(answered, 0),
                Some(actor) => {
                    assert!(answered * 10 > questions * 6, "{actor:?}: {answered} of {questions}, {codes:?}");
                    for (count, (key, _)) in marks.iter().zip(MARKS) {
                        assert_eq!(*count > questions / 20, actor.sees().contains(&key), "{actor:?} {key}: {count}");
                    }
                }
            }
        }
        server.stop().await;
    }
}

/// Every id in an answer.
fn collect(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, into)),
        Value::Object(fields) => {
            into.extend(fields.get("id").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|value| collect(value, into));
        }
        _ => {}
    }
}
