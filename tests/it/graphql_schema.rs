//! The schema is a contract: the file in the repository is what the binary serves, and everything in it is described.

use rapport_tests::on_both_databases;
use serde_json::{Value, json};

/// Where the schema lies. After a wanted change: `cargo run -- schema > api/schema.graphql`.
const FILE: &str = include_str!("../../api/schema.graphql");

#[test]
fn the_file_is_what_the_binary_serves() {
    let served = api::schema_sdl();
    if served != FILE {
        let line = served
            .lines()
            .zip(FILE.lines())
            .position(|(a, b)| a != b)
            .unwrap_or(FILE.lines().count().min(served.lines().count()));
        let (now, then) = (served.lines().nth(line), FILE.lines().nth(line));
        panic!(
            "line {}: the binary says {now:?}, api/schema.graphql {then:?}; run `cargo run -- schema > api/schema.graphql`",
            line + 1
        );
    }
}

/// Every definition, field, argument and value of a schema text that has no description before it.
fn undescribed(sdl: &str) -> Vec<String> {
    let mut missing = Vec::new();
    let (mut described, mut in_text, mut at) = (false, false, String::new());
    for line in sdl.lines().map(str::trim) {
        if line == "\"\"\"" {
            in_text = !in_text;
            described = true;
            continue;
        }
        if in_text || line.is_empty() || line == "}" || line.starts_with(')') {
            continue;
        }
        // The library's own directives and the roots have no place for one.
        if line.starts_with("directive ") || line.starts_with("schema ") || at == "schema {" && line != "}" {
            if at != "schema {" {
                line.clone_into(&mut at);
            }
            described = false;
            continue;
        }
        if !std::mem::take(&mut described) {
            missing.push(format!("{at} … {line}"));
        }
        if line.ends_with('{') {
            line.clone_into(&mut at);
        }
    }
    missing
}

#[test]
fn everything_is_described() {
    assert_eq!(undescribed(FILE), Vec::<String>::new());
}

#[test]
fn what_is_not_described_is_found() {
    let text =
        "\"\"\"\nA.\n\"\"\"\ntype A {\n\t\"\"\"\n\tB.\n\t\"\"\"\n\tb: Int\n\tc: Int\n}\n\nenum E {\n\tX\n}\n";
    assert_eq!(undescribed(text).len(), 3, "{:?}", undescribed(text));
    assert!(
        FILE.lines().filter(|line| line.trim() == "\"\"\"").count() > 200,
        "the file has descriptions at all"
    );
}

on_both_databases! {
    async fn introspection_agrees_and_tools_may_ask_their_usual_query(db: TestDb) {
        let server = crate::graphql_server::Server::start(db).await;
        let data = server.data(INTROSPECTION, json!({})).await;
        let mut missing = Vec::new();
        for kind in data["__schema"]["types"].as_array().unwrap() {
            let name = kind["name"].as_str().unwrap();
            if name.starts_with("__") {
                continue;
            }
            note(&mut missing, name, kind);
            for list in ["fields", "inputFields", "enumValues"] {
                for member in kind[list].as_array().into_iter().flatten() {
                    let path = format!("{name}.{}", member["name"].as_str().unwrap());
                    note(&mut missing, &path, member);
                    for argument in member["args"].as_array().into_iter().flatten() {
                        note(&mut missing, &format!("{path}({})", argument["name"].as_str().unwrap()), argument);
                    }
                }
            }
        }
        assert_eq!(missing, Vec::<String>::new());
        server.stop().await;
    }
}

fn note(missing: &mut Vec<String>, path: &str, described: &Value) {
    if described["description"]
        .as_str()
        .is_none_or(|text| text.trim().is_empty())
    {
        missing.push(path.to_owned());
    }
}

/// The query that GraphiQL and code generators send (graphql-js, `getIntrospectionQuery`).
const INTROSPECTION: &str = "
query IntrospectionQuery {
  __schema {
    queryType { name kind } mutationType { name kind } subscriptionType { name kind }
    types { ...FullType }
    directives { name description locations args { ...InputValue } }
  }
}
fragment FullType on __Type {
  kind name description
  fields(includeDeprecated: true) { name description args { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason }
  inputFields { ...InputValue }
  interfaces { ...TypeRef }
  enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
  possibleTypes { ...TypeRef }
}
fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue }
fragment TypeRef on __Type {
  kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
  ofType { kind name ofType { kind name ofType { kind name } } } } } } } } }
}";
