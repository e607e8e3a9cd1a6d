//! What a request costs: as many fields as its answer may have, lists at their full length, and what it takes to find them.
//! Counted on constants, before anything is executed; each fragment once.

use std::collections::HashMap;

use async_graphql::Name;
use async_graphql::parser::types::{
    BaseType, ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet,
};

use super::refusal::Refusal;
use super::types::{Types, named};
use super::variables::coercion::Literal;
use crate::graphql::bounds::limits::{DEFAULT_FIRST, MAX_FIRST, MAX_PRICE, Rows, cost_of, rows_of};

/// Refuses an operation that costs more than one request may.
///
/// # Errors
/// What it costs.
pub fn check(
    types: &Types,
    document: &ExecutableDocument,
    operation: &OperationDefinition,
) -> Result<(), Refusal> {
    match price(types, document, operation) {
        price if price > MAX_PRICE => Err(Refusal::Price {
            price,
            most: MAX_PRICE,
        }),
        _ => Ok(()),
    }
}

/// What an operation costs.
pub fn price(types: &Types, document: &ExecutableDocument, operation: &OperationDefinition) -> usize {
    let mut count = Count {
        types,
        document,
        known: HashMap::new(),
    };
    count.selections(&operation.selection_set.node, types.root(operation.ty), 1)
}

struct Count<'d> {
    types: &'d Types,
    document: &'d ExecutableDocument,
    /// What fragments cost, by the length of the page that they are a part of.
    known: HashMap<(&'d Name, usize), usize>,
}

impl<'d> Count<'d> {
    /// What an object costs, whose type is known or not; `page` is the length of its lists, where it is a connection.
    fn selections(&mut self, set: &'d SelectionSet, on: Option<&str>, page: usize) -> usize {
        let mut sum = 0_usize;
        for selection in &set.items {
            let one = match &selection.node {
                Selection::Field(field) => self.field(&field.node, on, page),
                Selection::InlineFragment(inline) => {
                    let on = inline
                        .node
                        .type_condition
                        .as_ref()
                        .map_or(on, |condition| Some(condition.node.on.node.as_str()));
                    self.selections(&inline.node.selection_set.node, on, page)
                }
                Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node, page),
            };
            sum = sum.saturating_add(one);
        }
        sum
    }

    fn fragment(&mut self, name: &Name, page: usize) -> usize {
        let Some((name, fragment)) = self.document.fragments.get_key_value(name) else {
            return 0;
        };
        if let Some(known) = self.known.get(&(name, page)) {
            return *known;
        }
        let on = fragment.node.type_condition.node.on.node.as_str();
        let price = self.selections(&fragment.node.selection_set.node, Some(on), page);
        self.known.insert((name, page), price);
        price
    }

    fn field(&mut self, field: &'d Field, on: Option<&str>, page: usize) -> usize {
        let types = self.types;
        let name = field.name.node.as_str();
        let known = types.field(on, name);
        let gives = known.map(|known| named(&known.ty).as_str());
        let rows = match (on.and_then(|on| rows_of(on, name)), known) {
            (Some(rows), _) => number(rows, field, page),
            // A test holds that there is no such list.
            (None, Some(known)) if matches!(known.ty.base, BaseType::List(_)) => MAX_FIRST as usize,
            (None, _) => 1,
        };
        let below = if gives.is_some_and(|gives| gives.ends_with("Connection")) {
            asked_for(field)
        } else {
            1
        };
        let below = match field.selection_set.node.items.len() {
            0 => rows,
            _ => self
                .selections(&field.selection_set.node, gives, below)
                .saturating_mul(rows)
                .saturating_add(1),
        };
        below.saturating_add(on.map_or(0, |on| cost_of(on, name)))
    }
}

/// How many rows a list may have, as it is asked for.
fn number(rows: Rows, field: &Field, page: usize) -> usize {
    match rows {
        Rows::Page => page,
        Rows::Few(most) | Rows::Cut(most) => most,
        Rows::Sent(_) => 1,
        Rows::Asked(argument, usual, most) => match field.get_argument(argument).map(|value| &value.node) {
            Some(Literal::List(values)) => values.len().clamp(1, most),
            Some(Literal::Number(number)) => number
                .as_u64()
                .and_then(|n| usize::try_from(n).ok())
                .unwrap_or(most)
                .clamp(1, most),
            _ => usual,
        },
    }
}

/// The length of a page. One that is out of range is refused when the list is read.
fn asked_for(field: &Field) -> usize {
    let size = |name| match field.get_argument(name).map(|value| &value.node) {
        Some(Literal::Number(number)) => Some(number.as_u64().unwrap_or(1)),
        _ => None,
    };
    let rows = size("first")
        .or_else(|| size("last"))
        .unwrap_or(u64::from(DEFAULT_FIRST));
    usize::try_from(rows.clamp(1, u64::from(MAX_FIRST))).unwrap_or(MAX_FIRST as usize)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::graphql::bounds::limits::LISTS;
    use crate::graphql::gate::admit;
    use crate::graphql::schema_types;

    fn price_of(text: &str) -> usize {
        let (_, price) = prices_of(text).remove(0);
        price
    }

    /// What each operation of a document costs, without values for its variables.
    fn prices_of(text: &str) -> Vec<(String, usize)> {
        let document = admit(text).unwrap();
        let one = |(name, operation): (Option<&Name>, &async_graphql::Positioned<OperationDefinition>)| {
            (
                name.map(ToString::to_string).unwrap_or_default(),
                price(schema_types(), &document, &operation.node),
            )
        };
        document.operations.iter().map(one).collect()
    }

    /// Whoever adds a list says how long it may be, and whoever removes one takes its line away.
    #[test]
    fn every_list_of_the_schema_has_a_price_and_a_limit() {
        let types = schema_types();
        let lists: BTreeSet<String> = types
            .fields()
            .filter(|(_, field)| matches!(field.ty.base, BaseType::List(_)))
            .map(|(name, _)| name)
            .collect();
        assert!(lists.len() > 60, "{lists:?}");
        let rows = |name: &str| {
            name.split_once('.')
                .and_then(|(object, field)| rows_of(object, field))
        };
        let without: Vec<&String> = lists.iter().filter(|name| rows(name).is_none()).collect();
        assert!(
            without.is_empty(),
            "lists without a limit and a price (graphql/bounds/limits.rs): {without:?}"
        );
        let gone: Vec<&str> = LISTS
            .iter()
            .map(|list| list.field)
            .filter(|name| !lists.contains(*name))
            .collect();
        assert!(gone.is_empty(), "limits of lists that are not there: {gone:?}");
        // Where rows are left out, it is told beside the list how many there are.
        let fields: BTreeSet<String> = types.fields().map(|(name, _)| name).collect();
        for list in LISTS.iter().filter(|list| matches!(list.rows, Rows::Cut(_))) {
            let told = ["Page", "Count"]
                .iter()
                .any(|suffix| fields.contains(&format!("{}{suffix}", list.field)));
            assert!(told, "nothing tells how many rows {} leaves out", list.field);
        }
        // What is one of several rows is priced by their number.
        for (name, field) in types
            .fields()
            .filter(|(_, field)| named(&field.ty).ends_with("Connection"))
        {
            assert!(
                ["first", "last"]
                    .iter()
                    .all(|argument| field.arguments.contains_key(*argument)),
                "{name}"
            );
        }
    }

    #[test]
    fn a_price_is_the_number_of_fields_that_may_come() {
        for (text, expected) in [
            ("{ viewer { id } }", 2),
            ("{ accounts { totalCount } }", 2),
            (
                "{ accounts(first: 3) { totalCount nodes { id name } } }",
                1 + 1 + 1 + 3 * 2,
            ),
            (
                "{ accounts(last: 3) { edges { cursor node { id name } } } }",
                1 + 1 + 3 * (1 + 1 + 2),
            ),
            (
                "{ accounts(first: 2) { ...F } } fragment F on AccountConnection { nodes { contacts(first: 5) { nodes { id } } } }",
                1 + 1 + 2 * (1 + 1 + 5),
            ),
            (
                "{ accounts(first: 3) { ...F } b: accounts(first: 5) { ...F } } fragment F on AccountConnection { nodes { id } }",
                2 + 3 + 2 + 5,
            ),
            (
                "{ node(id: \"x\") { id ... on Account { goals { goal } } } }",
                1 + 1 + 1 + 100,
            ),
            ("{ nodes(ids: [\"a\", \"b\"]) { id } }", 3),
            (
                "{ account(id: \"x\") { metrics(names: [\"roi\"]) { value } } }",
                1 + 1 + 1,
            ),
            (
                "{ account(id: \"x\") { engagementReport { history { overall } } } }",
                1 + 1 + 50 + 20 + 1 + 84,
            ),
            (
                "{ account(id: \"x\") { engagementReport { history(days: 7) { overall } } } }",
                1 + 1 + 50 + 20 + 1 + 7,
            ),
        ] {
            assert_eq!(price_of(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_promised_fits_into_a_request() {
        let promised = prices_of(include_str!("../../../fixtures/promised.graphql"));
        assert_eq!(
            promised
                .iter()
                .map(|(name, _)| name.as_str())
                .collect::<BTreeSet<_>>(),
            BTreeSet::from(["Engagement", "Portfolio", "Sponsors", "Whole"])
        );
        // What stands between backquotes in the explorer's script is a query.
        let script = include_str!("../../../assets/explorer.js");
        let examples: Vec<_> = script
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|text| text.contains("query ") || text.contains("mutation "))
            .flat_map(prices_of)
            .collect();
        assert!(examples.len() >= 5, "{examples:?}");
        for (name, price) in promised.iter().chain(&examples) {
            assert!((2..=MAX_PRICE).contains(price), "{name} costs {price}");
        }
    }

    /// Fields of promised queries that the schema does not have yet, with all that is asked of them. They cost next to nothing above:
    /// whoever adds one takes its line away, and sees what the query really costs.
    const TO_COME: &[&str] = &[];

    #[test]
    fn what_is_promised_is_there_or_known_to_come() {
        let document = admit(include_str!("../../../fixtures/promised.graphql")).unwrap();
        let types = schema_types();
        let mut unknown = BTreeSet::new();
        for (_, operation) in document.operations.iter() {
            note_unknown(
                types,
                &operation.node.selection_set.node,
                types.root(operation.node.ty).unwrap(),
                &mut unknown,
            );
        }
        assert_eq!(unknown, TO_COME.iter().map(ToString::to_string).collect());
    }

    fn note_unknown(types: &Types, set: &SelectionSet, on: &str, unknown: &mut BTreeSet<String>) {
        for selection in &set.items {
            let Selection::Field(field) = &selection.node else {
                panic!("promised queries have no fragments")
            };
            match types.field(Some(on), &field.node.name.node) {
                Some(known) => note_unknown(types, &field.node.selection_set.node, named(&known.ty), unknown),
                None => _ = unknown.insert(format!("{on}.{}", field.node.name.node)),
            }
        }
    }

    #[test]
    fn a_report_for_each_of_many_people_is_too_dear() {
        let nested = "{ account(id: \"x\") { engagementReport { stakeholders { contact { account { engagementReport { \
                      stakeholders { contact { name } } } } } } } } }";
        assert!(price_of(nested) > MAX_PRICE, "{}", price_of(nested));
        let goals = format!(
            "{{ {} }}",
            (0..20)
                .map(|i| format!("a{i}: account(id: \"x\") {{ goals {{ id goal progress dueOn }} }} "))
                .collect::<Vec<_>>()
                .concat()
        );
        // 20 times 100 goals: bounded, where it was 20 times all of them.
        assert_eq!(price_of(&goals), 20 * (1 + 1 + 400));
    }
}
