//! Queries made to hurt. Each is refused, quickly, on a small stack, and with the right code; those that the gate lets
//! pass meet the schema's own limits. They are generated here so that no text of them lies around.

use std::fmt::Write as _;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use async_graphql::Request;

use super::{Refusal, admit, check_price, write_out};
use crate::graphql::error::{Code, code_of, publish};
use crate::graphql::{Schema, build_schema, schema_types};

/// A stack far smaller than any thread of the server has: those have 2 MiB. The frames of an unoptimised build, which runs
/// this, grow with the fields of the schema.
const SMALL_STACK: usize = 768 * 1024;
/// What refusing one text may take: a millisecond in a release build on a quiet machine, so much here.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// The schema, built on the stack of the first who asks: a server does so before it listens.
fn schema() -> &'static Schema {
    static SCHEMA: LazyLock<Schema> = LazyLock::new(build_schema);
    schema_types();
    &SCHEMA
}

/// How a text is refused; `None` when it would have been executed.
fn refusal(text: &str) -> Option<&'static str> {
    let admitted = admit(text).and_then(|mut document| {
        write_out(schema_types(), &mut document, None, serde_json::Map::new())?;
        if let Some((_, operation)) = document.operations.iter().next() {
            check_price(schema_types(), &document, &operation.node)?;
        }
        Ok(document)
    });
    let document = match admitted {
        Ok(document) => document,
        Err(Refusal::Limit { .. } | Refusal::Price { .. }) => return Some(Code::ComplexityLimit.as_str()),
        Err(Refusal::Syntax(_)) => return Some(Code::ParseFailed.as_str()),
        Err(Refusal::Cycle(_) | Refusal::Invalid { .. }) => return Some(Code::ValidationFailed.as_str()),
        Err(Refusal::Value { .. }) => return Some(Code::BadUserInput.as_str()),
    };
    let mut request = Request::new("").only_introspection();
    request.set_parsed_query(document);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut response = runtime.block_on(schema().execute(request));
    publish(&mut response, "trace");
    let refused = !response.errors.is_empty() && response.errors.iter().all(|e| e.path.is_empty());
    refused.then(|| {
        response
            .errors
            .iter()
            .find_map(code_of)
            .map_or("no code", Code::as_str)
    })
}

fn repeat(times: usize, one: impl Fn(usize) -> String) -> String {
    (0..times).map(one).collect()
}

/// Fragments that spread the next one several times.
fn doubling(fragments: usize, times: usize, inner: &str) -> String {
    let mut text = "{ accounts { nodes { ...f0 } } }".to_owned();
    for i in 0..fragments {
        let _ = write!(
            text,
            " fragment f{i} on Account {{ {} }}",
            repeat(times, |_| format!("...f{} ", i + 1))
        );
    }
    text + &format!(" fragment f{fragments} on Account {{ {inner} }}")
}

/// Lists in lists, each with a hundred rows.
fn nested_lists(levels: usize) -> String {
    let open = "contacts(first: 100) { nodes { account { ".repeat(levels);
    format!(
        "{{ accounts(first: 100) {{ nodes {{ {open} id {} }} }} }}",
        "} } } ".repeat(levels)
    )
}

fn hostile() -> Vec<(&'static str, String)> {
    let limit = Code::ComplexityLimit.as_str();
    let syntax = Code::ParseFailed.as_str();
    let invalid = Code::ValidationFailed.as_str();
    let mut all = Vec::new();
    // Brackets: far too many, just too many, unbalanced, in every place a bracket may stand.
    for depth in [65, 500, 5_000] {
        all.push((limit, "{".repeat(depth)));
        all.push((
            limit,
            format!("{{ a(x: {}{}) }}", "[".repeat(depth), "]".repeat(depth)),
        ));
        all.push((
            limit,
            format!(
                "query($a: {}Int{} = 1) {{ a }}",
                "[".repeat(depth),
                "]".repeat(depth)
            ),
        ));
        all.push((
            limit,
            format!(
                "query($a: Int = {}1{}) {{ a }}",
                "{a:".repeat(depth),
                "}".repeat(depth)
            ),
        ));
        all.push((limit, format!("{{ a @skip(if: {}", "[".repeat(depth))));
        all.push((limit, format!("{{ {} }}", "... { ".repeat(depth))));
    }
    for depth in [30, 60, 62] {
        all.push((syntax, format!("{{ a(x: {}) }}", "[".repeat(depth))));
        all.push((syntax, format!("{{ a(x: {}", "{a: ".repeat(depth))));
        all.push((
            syntax,
            format!("{{ a(x: {}{}", "[".repeat(depth), "]".repeat(depth)),
        ));
        all.push((syntax, "{ a ".repeat(depth)));
    }
    all.push((
        limit,
        format!("{{ {} a {} }}", "a { ".repeat(40), "} ".repeat(40)),
    ));
    all.push((
        Code::BadUserInput.as_str(),
        format!(
            "{{ accounts(first: {}1{}) {{ totalCount }} }}",
            "[".repeat(50),
            "]".repeat(50)
        ),
    ));
    // What is inside strings must not hide what is outside.
    all.push((
        limit,
        format!("{{ a(x: \"\"\"\\\"\"\"\"\"\", y: {}) }}", "[".repeat(100)),
    ));
    all.push((limit, format!("{{ a(x: \"\\\"\", y: {}) }}", "[".repeat(100))));
    all.push((syntax, format!("{{ a(x: \"\"\" \" {}", "[".repeat(100))));
    all.push((syntax, "\"".repeat(9_999)));
    all.push((syntax, "\\".repeat(1_000)));
    // Size.
    all.push((limit, "#".repeat(17_000)));
    all.push((limit, format!("{{ {} }}", "__typename ".repeat(1_400))));
    all.push((limit, format!("{{ {} }}", "a ".repeat(3_000))));
    all.push((limit, format!("{{ {} }}", ", ".repeat(9_000))));
    all.push((syntax, "!".repeat(1_900)));
    all.push((syntax, String::new()));
    all.push((syntax, "\u{feff}\u{feff}\0".to_owned()));
    all.push((syntax, "{ é }".to_owned()));
    // Aliases, roots, directives, operations.
    all.push((
        limit,
        format!("{{ viewer {{ {} }} }}", repeat(31, |i| format!("a{i}: id "))),
    ));
    all.push((
        limit,
        format!("{{ {} }}", repeat(21, |_| "viewer { id } ".to_owned())),
    ));
    all.push((
        limit,
        format!("{{ {} }}", repeat(21, |i| format!("a{i}: viewer {{ id }} "))),
    ));
    all.push((
        limit,
        format!("{{ viewer {{ id {} }} }}", "@skip(if: false) ".repeat(51)),
    ));
    all.push((
        limit,
        format!("{{ viewer {{ id {} }} }}", "@skip(if: false) ".repeat(11)),
    ));
    all.push((
        limit,
        repeat(21, |i| format!("query Q{i} {{ viewer {{ id }} }} ")),
    ));
    all.push((
        invalid,
        format!(
            "query({}) {{ viewer {{ id }} }}",
            repeat(300, |i| format!("$v{i}: Int "))
        ),
    ));
    all.push((
        invalid,
        format!("{{ viewer {{ {} }} }}", repeat(600, |i| format!("unknown{i} "))),
    ));
    // Fragments.
    all.push((limit, doubling(12, 2, "id")));
    all.push((limit, doubling(20, 2, "id")));
    all.push((limit, doubling(8, 4, "id name")));
    all.push((limit, doubling(3, 12, "id name")));
    all.push((limit, doubling(100, 1, "id")));
    all.push((
        invalid,
        "{ viewer { ...A } } fragment A on User { ...A }".to_owned(),
    ));
    all.push((
        invalid,
        "{ viewer { ...A } } fragment A on User { ...B ...B } fragment B on User { ...A ...A }".to_owned(),
    ));
    all.push((
        invalid,
        "{ viewer { id } } fragment A on User { ...B } fragment B on User { ...A }".to_owned(),
    ));
    all.push((invalid, "{ viewer { ...Nowhere } }".to_owned()));
    all.push((
        invalid,
        format!(
            "{{ viewer {{ id }} }} {}",
            repeat(150, |i| format!("fragment F{i} on User {{ id }} "))
        ),
    ));
    all.push((
        limit,
        format!(
            "{{ ...__schema }} fragment __schema on Query {{ {} id {} }}",
            "account(id: 1) { ".repeat(15),
            "} ".repeat(15)
        ),
    ));
    // Depth and lists in lists.
    all.push((limit, nested_lists(1)));
    all.push((limit, nested_lists(2)));
    all.push((limit, nested_lists(5)));
    all.push((
        limit,
        "{ accounts(first: 100) { nodes { engagementReport { overall } interactions(first: 100) { nodes { id } } } } }".to_owned(),
    ));
    all.push((
        limit,
        "{ accounts(last: 100) { nodes { contacts(last: 100) { nodes { id } } } } }".to_owned(),
    ));
    all.push((
        limit,
        "query($n: Int = 100) { accounts(first: $n) { nodes { contacts(first: $n) { nodes { id } } } } }"
            .to_owned(),
    ));
    all.push((
        limit,
        "{ accounts(first: 2147483647) { nodes { contacts(first: 2147483647) { nodes { id } } } } }"
            .to_owned(),
    ));
    // No whole number of GraphQL's.
    all.push((
        Code::BadUserInput.as_str(),
        "{ accounts(first: 9999999999) { nodes { contacts(first: 9999999999) { nodes { id } } } } }"
            .to_owned(),
    ));
    all.push((
        limit,
        format!(
            "{{ accounts(first: 100) {{ nodes {{ {} }} }} }}",
            repeat(3, |i| format!("r{i}: engagementReport {{ overall }} "))
        ),
    ));
    all.push((
        limit,
        format!(
            "{{ __schema {{ types {{ {} name {} }} }} }}",
            "fields { type { ".repeat(8),
            "} } ".repeat(8)
        ),
    ));
    all.push((
        limit,
        format!(
            "{{ __schema {{ types {{ {} }} }} }}",
            repeat(40, |i| format!("a{i}: name "))
        ),
    ));
    all
}

#[test]
fn hostile_queries_are_refused_quickly_on_a_small_stack() {
    let texts = hostile();
    schema();
    assert!(texts.len() >= 60, "{}", texts.len());
    for (expected, text) in texts {
        let shown: String = text.chars().take(70).collect();
        let thread = std::thread::Builder::new().stack_size(SMALL_STACK);
        let started = Instant::now();
        let refused = thread.spawn(move || refusal(&text)).unwrap().join().unwrap();
        let took = started.elapsed();
        assert_eq!(refused, Some(expected), "{shown}");
        assert!(took < PATIENCE, "{took:?}: {shown}");
    }
}

#[test]
fn what_the_gate_lets_pass_fits_a_small_stack() {
    // As deep as each limit allows, at once.
    let values = format!("{{ node(id: {}1{}) {{ id }} }}", "[".repeat(60), "]".repeat(60));
    let objects = format!(
        "{{ node(id: {}1{}) {{ id }} }}",
        "{a: ".repeat(60),
        "}".repeat(60)
    );
    let fields = format!("{{ {} id {} }}", "a { ".repeat(9), "} ".repeat(9));
    let inline = format!("{{ {} __typename {} }}", "... { ".repeat(22), "} ".repeat(22));
    let mut chain = "{ ...f0 }".to_owned();
    for i in 0..20 {
        let _ = write!(chain, " fragment f{i} on Query {{ ...f{} }}", i + 1);
    }
    chain += " fragment f20 on Query { __typename }";
    schema();
    for text in [values, objects, fields, inline, chain] {
        let shown: String = text.chars().take(70).collect();
        let thread = std::thread::Builder::new().stack_size(SMALL_STACK);
        let admitted = thread
            .spawn(move || admit(&text).map(|_| refusal(&text)))
            .unwrap()
            .join()
            .unwrap();
        assert!(admitted.is_ok(), "{shown}: {admitted:?}");
    }
}
