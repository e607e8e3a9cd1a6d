//! Variables and literals, in every position and of every kind, against the answers of graphql-js: the same are taken, the
//! same are refused, and resolvers see the same. `api/fixtures/coercion` holds the table and what makes it.

use async_graphql::{
    EmptyMutation, EmptySubscription, Enum, ID, InputObject, MaybeUndefined, Object, Request, Schema,
};
use serde_json::{Map, Value, json};

use crate::graphql::gate::types::{Kind, Slots};
use crate::graphql::gate::{Refusal, Types, admit, write_out};

const ANSWERS: &str = include_str!("../../../../fixtures/coercion/answers.json");
const SCHEMA: &str = include_str!("../../../../fixtures/coercion/schema.graphql");

/// What a resolver was given; nothing for what is absent.
trait Echo {
    fn echo(self) -> Option<Value>;
}

macro_rules! echo {
    ($($kind:ty),+) => {$(
        impl Echo for $kind {
            fn echo(self) -> Option<Value> {
                Some(json!(self))
            }
        }
    )+};
}
echo!(i32, f64, String, bool, ID);

impl<T: Echo> Echo for MaybeUndefined<T> {
    fn echo(self) -> Option<Value> {
        match self {
            Self::Undefined => None,
            Self::Null => Some(Value::Null),
            Self::Value(value) => value.echo(),
        }
    }
}

impl<T: Echo> Echo for Option<T> {
    fn echo(self) -> Option<Value> {
        self.map_or(Some(Value::Null), Echo::echo)
    }
}

impl<T: Echo> Echo for Vec<T> {
    fn echo(self) -> Option<Value> {
        Some(self.into_iter().filter_map(Echo::echo).collect())
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Enum)]
enum Colour {
    Red,
    Green,
}

impl Echo for Colour {
    fn echo(self) -> Option<Value> {
        Some(json!(if self == Self::Red { "RED" } else { "GREEN" }))
    }
}

#[derive(Clone, InputObject)]
struct Point {
    x: i32,
    #[graphql(default = 7)]
    y: Option<i32>,
    label: MaybeUndefined<String>,
}

#[derive(InputObject)]
struct Box {
    corner: Point,
    other: MaybeUndefined<Point>,
    points: MaybeUndefined<Vec<Point>>,
    #[graphql(default_with = "Some(Colour::Green)")]
    colour: Option<Colour>,
    weights: MaybeUndefined<Vec<Option<f64>>>,
    #[graphql(default = true)]
    flag: bool,
    id: MaybeUndefined<ID>,
}

fn object<const N: usize>(fields: [(&str, Option<Value>); N]) -> Value {
    fields
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect::<Map<_, _>>()
        .into()
}

impl Echo for Point {
    fn echo(self) -> Option<Value> {
        Some(object([
            ("x", self.x.echo()),
            ("y", self.y.echo()),
            ("label", self.label.echo()),
        ]))
    }
}

impl Echo for Box {
    fn echo(self) -> Option<Value> {
        Some(object([
            ("corner", self.corner.echo()),
            ("other", self.other.echo()),
            ("points", self.points.echo()),
            ("colour", self.colour.echo()),
            ("weights", self.weights.echo()),
            ("flag", self.flag.echo()),
            ("id", self.id.echo()),
        ]))
    }
}

struct Query;

/// As `schema.graphql` has it.
#[Object]
impl Query {
    async fn int(&self, a: MaybeUndefined<i32>) -> Option<String> {
        told(a)
    }
    async fn int_required(&self, a: i32) -> Option<String> {
        told(a)
    }
    async fn int_default(&self, #[graphql(default = 5)] a: Option<i32>) -> Option<String> {
        told(a)
    }
    async fn int_required_default(&self, #[graphql(default = 5)] a: i32) -> Option<String> {
        told(a)
    }
    async fn float(&self, a: MaybeUndefined<f64>) -> Option<String> {
        told(a)
    }
    async fn string(&self, a: MaybeUndefined<String>) -> Option<String> {
        told(a)
    }
    async fn boolean(&self, a: MaybeUndefined<bool>) -> Option<String> {
        told(a)
    }
    async fn id(&self, a: MaybeUndefined<ID>) -> Option<String> {
        told(a)
    }
    async fn colour(&self, a: MaybeUndefined<Colour>) -> Option<String> {
        told(a)
    }
    async fn colour_default(
        &self,
        #[graphql(default_with = "Some(Colour::Red)")] a: Option<Colour>,
    ) -> Option<String> {
        told(a)
    }
    async fn list(&self, a: MaybeUndefined<Vec<Option<i32>>>) -> Option<String> {
        told(a)
    }
    async fn list_required(&self, a: Vec<i32>) -> Option<String> {
        told(a)
    }
    async fn list_default(
        &self,
        #[graphql(default_with = "Some(vec![1, 2])")] a: Option<Vec<i32>>,
    ) -> Option<String> {
        told(a)
    }
    async fn nested(&self, a: MaybeUndefined<Vec<Option<Vec<Option<i32>>>>>) -> Option<String> {
        told(a)
    }
    async fn strings(&self, a: MaybeUndefined<Vec<String>>) -> Option<String> {
        told(a)
    }
    async fn colours(&self, a: MaybeUndefined<Vec<Colour>>) -> Option<String> {
        told(a)
    }
    async fn point(&self, a: MaybeUndefined<Point>) -> Option<String> {
        told(a)
    }
    async fn point_default(
        &self,
        #[graphql(default_with = "Some(Point { x: 1, y: Some(7), label: MaybeUndefined::Undefined })")]
        a: Option<Point>,
    ) -> Option<String> {
        told(a)
    }
    async fn r#box(&self, a: MaybeUndefined<Box>) -> Option<String> {
        told(a)
    }
    async fn box_required(&self, a: Box) -> Option<String> {
        told(a)
    }
    async fn boxes(&self, a: MaybeUndefined<Vec<Box>>) -> Option<String> {
        told(a)
    }
    async fn two(&self, a: MaybeUndefined<i32>, b: MaybeUndefined<String>) -> Option<String> {
        Some(object([("a", a.echo()), ("b", b.echo())]).to_string())
    }
}

#[expect(clippy::unnecessary_wraps, reason = "as the fields of the schema are")]
fn told(a: impl Echo) -> Option<String> {
    Some(object([("a", a.echo())]).to_string())
}

/// Numbers as JavaScript has them: one kind.
fn plain(value: Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64()),
        Value::Array(items) => items.into_iter().map(plain).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| (name, plain(value)))
            .collect::<Map<_, _>>()
            .into(),
        value => value,
    }
}

/// What a query is answered with; nothing where it is refused, and why.
fn answer(
    schema: &Schema<Query, EmptyMutation, EmptySubscription>,
    types: &Types,
    text: &str,
    variables: Map<String, Value>,
) -> Result<Value, String> {
    let mut document = admit(text).map_err(|refusal| refusal.to_string())?;
    write_out(types, &mut document, None, variables).map_err(|refusal| refusal.to_string())?;
    let mut request = Request::new("");
    request.set_parsed_query(document);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let response = runtime.block_on(schema.execute(request));
    if let Some(error) = response.errors.first() {
        return Err(error.message.clone());
    }
    let Value::Object(data) = response.data.into_json().unwrap() else {
        return Err("no data".to_owned());
    };
    let read = |echo: Value| {
        echo.as_str()
            .map_or(Value::Null, |text| serde_json::from_str(text).unwrap())
    };
    Ok(plain(
        data.into_iter()
            .map(|(name, echo)| (name, read(echo)))
            .collect::<Map<_, _>>()
            .into(),
    ))
}

fn build() -> (Schema<Query, EmptyMutation, EmptySubscription>, Types) {
    let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
    let types = Types::read(&schema.sdl()).unwrap();
    (schema, types)
}

#[test]
fn values_are_coerced_as_graphql_js_does() {
    let (schema, types) = build();
    let table: Value = serde_json::from_str(ANSWERS).unwrap();
    let values = table["values"].as_array().unwrap();
    let (mut asked, mut taken, mut wrong) = (0, 0, Vec::new());
    for (query, told) in table["answers"].as_object().unwrap() {
        let tries = if query.contains('$') { values.len() } else { 1 };
        for (at, value) in values.iter().take(tries).enumerate() {
            let given = if at == 0 {
                Map::new()
            } else {
                Map::from_iter([("v".to_owned(), value.clone())])
            };
            let (expected, found) = (
                told.get(at.to_string()).cloned().map(plain),
                answer(&schema, &types, query, given),
            );
            asked += 1;
            taken += usize::from(expected.is_some());
            if expected.as_ref() != found.as_ref().ok() {
                wrong.push(format!(
                    "{query} with {value}: {found:?}, graphql-js: {expected:?}"
                ));
            }
        }
    }
    assert!(
        asked > 10_000 && taken > 1_100,
        "the table is as large as it was: {taken} of {asked}"
    );
    assert!(
        wrong.is_empty(),
        "{} of {asked} differ:\n{}",
        wrong.len(),
        wrong.iter().take(60).cloned().collect::<Vec<_>>().join("\n")
    );
}

#[test]
fn the_schema_is_the_one_of_the_table() {
    let (_, ours) = build();
    let theirs = Types::read(SCHEMA).unwrap();
    let described = |types: &Types| {
        let slots = |slots: &Slots| {
            let mut all: Vec<String> = slots
                .iter()
                .map(|(name, slot)| format!("{name}: {}{}", slot.ty, if slot.default { " = …" } else { "" }))
                .collect();
            all.sort();
            all.join(", ")
        };
        let mut all: Vec<String> = types
            .fields()
            .map(|(name, field)| format!("{name}({}): {}", slots(&field.arguments), field.ty))
            .collect();
        for input in ["Point", "Box"] {
            let Some(Kind::Input(fields)) = types.get(input) else {
                panic!("{input}")
            };
            all.push(slots(fields));
        }
        all.sort();
        all
    };
    assert_eq!(described(&ours), described(&theirs));
}

#[test]
fn json_has_one_kind_of_number() {
    let (schema, types) = build();
    for (query, json, expected) in [
        (
            "query($v: Int) { int(a: $v) }",
            "2.0",
            Some(json!({"int": {"a": 2.0}})),
        ),
        (
            "query($v: Int) { int(a: $v) }",
            "2e0",
            Some(json!({"int": {"a": 2.0}})),
        ),
        (
            "query($v: ID) { id(a: $v) }",
            "2.0",
            Some(json!({"id": {"a": "2"}})),
        ),
        ("query($v: Int) { int(a: $v) }", "2.5", None),
        ("query($v: Int) { int(a: $v) }", "99999999999999999999", None),
    ] {
        let given = Map::from_iter([("v".to_owned(), serde_json::from_str(json).unwrap())]);
        assert_eq!(
            answer(&schema, &types, query, given).ok(),
            expected,
            "{query} {json}"
        );
    }
}

#[test]
fn the_operations_that_are_not_asked_for_are_checked_and_need_no_values() {
    let (schema, types) = build();
    let text = "query A($v: Int!, $w: Int) { intRequired(a: $v) int(a: $w) ...F } query B($w: Int) { ...F } fragment F on Query { list(a: [$w]) }";
    let run = |text: &str, name: &str, variables: Value| {
        let mut document = admit(text).map_err(|refusal| refusal.to_string())?;
        let Value::Object(variables) = variables else {
            panic!("{variables}")
        };
        write_out(&types, &mut document, Some(name), variables).map_err(|refusal| refusal.to_string())?;
        let mut request = Request::new("").operation_name(name);
        request.set_parsed_query(document);
        let response = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
            .block_on(schema.execute(request));
        if response.errors.is_empty() {
            Ok(response.data.to_string())
        } else {
            Err(format!("{:?}", response.errors))
        }
    };
    assert_eq!(
        run(text, "B", json!({"w": 3})),
        Ok("{list: \"{\\\"a\\\":[3]}\"}".to_owned())
    );
    assert_eq!(
        run(text, "B", json!({})),
        Ok("{list: \"{\\\"a\\\":[null]}\"}".to_owned())
    );
    assert!(run(text, "A", json!({"v": 1})).unwrap().contains("intRequired"));
    assert!(run(text, "A", json!({})).unwrap_err().contains("$v is required"));
    for (wrong, why) in [
        (
            "query A { int } query B($w: String) { int(a: $w) }",
            "cannot stand",
        ),
        ("query A { int } query B($w: Int) { int }", "not used"),
        ("query A { int } query B { int(a: $w) }", "not declared"),
        ("query A { int } query B { int(a: \"x\") }", "expected type"),
        ("query A { int } query B($w: Int!) { nowhere(a: $w) }", "nowhere"),
    ] {
        let refused = run(wrong, "A", json!({})).unwrap_err();
        assert!(refused.contains(why), "{wrong}: {refused}");
    }
}

#[test]
fn a_variable_is_not_a_way_to_write_a_lot() {
    let (_, types) = build();
    let text = format!("query($v: String) {{ {} }}", "string(a: $v) ".repeat(300));
    let write = |text: &str, length: usize| {
        let mut document = async_graphql::parser::parse_query(text).unwrap();
        write_out(
            &types,
            &mut document,
            None,
            Map::from_iter([("v".to_owned(), json!("x".repeat(length)))]),
        )
    };
    assert_eq!(write(&text, 10_000), Ok(()));
    assert!(matches!(write(&text, 64_000), Err(Refusal::Limit { .. })));
    assert_eq!(
        write("query($v: String) { string(a: $v) }", 2_000_000),
        Ok(()),
        "once is what was sent"
    );
}
