//! How large a parsed query is once its fragments are spread out, counted without spreading them out.
//!
//! Fragments that spread each other twice double the query at each step, and the library's own checks walk all of it.
//! Here every fragment is measured once and the measure reused, so the cost is linear in the text.
//! Recursion is bounded: by the brackets that the lexical scan let pass, and by [`MAX_NESTING`] through fragments.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Field, Selection, SelectionSet};
use async_graphql::{Name, Positioned};

use crate::graphql::gate::refusal::Refusal;

/// Most fields, spread out, over all operations of the document.
const MAX_FIELDS: usize = 1_500;
/// Most aliases, spread out.
const MAX_ALIASES: usize = 30;
/// Most directives, spread out.
const MAX_DIRECTIVES: usize = 50;
/// Most fields on the root.
const MAX_ROOT_FIELDS: usize = 20;
/// Deepest field.
const MAX_DEPTH: usize = 10;
/// Deepest field under `__schema` and `__type`: what the usual introspection query of tools needs.
pub const MAX_INTROSPECTION_DEPTH: usize = 16;
/// Deepest nesting of selections, fragments counted as levels.
pub const MAX_NESTING: usize = 24;
/// Most operations in one document: each is validated, only one is executed.
const MAX_OPERATIONS: usize = 20;

/// What a selection amounts to when spread out. Sums saturate: they only need to be right up to their limits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Size {
    fields: usize,
    aliases: usize,
    directives: usize,
    /// Fields on its own level.
    own_fields: usize,
    /// Levels of fields below, but for introspection.
    depth: usize,
    /// Levels of fields below its `__schema` and `__type` fields.
    introspection_depth: usize,
    /// Levels of selections below, fragments counted.
    nesting: usize,
}

impl Size {
    fn add(&mut self, other: Self) {
        self.fields = self.fields.saturating_add(other.fields);
        self.aliases = self.aliases.saturating_add(other.aliases);
        self.directives = self.directives.saturating_add(other.directives);
        self.own_fields = self.own_fields.saturating_add(other.own_fields);
        self.depth = self.depth.max(other.depth);
        self.introspection_depth = self.introspection_depth.max(other.introspection_depth);
        self.nesting = self.nesting.max(other.nesting);
    }
}

/// Checks a document against every limit.
///
/// # Errors
/// The first limit that it exceeds, or the fragment that contains itself.
pub fn check(document: &ExecutableDocument) -> Result<(), Refusal> {
    let mut count = Count {
        document,
        known: HashMap::new(),
    };
    let mut whole = Size::default();
    let mut operations = 0;
    for (_, operation) in document.operations.iter() {
        operations += 1;
        let mut size = count.measure(&operation.node.selection_set.node, 0)?;
        size.directives = size.directives.saturating_add(operation.node.directives.len());
        enforce("fields on the root", size.own_fields, MAX_ROOT_FIELDS)?;
        whole.add(size);
    }
    // Fragments that nothing uses are validated all the same.
    for name in document.fragments.keys() {
        count.measure_fragment(name, 0)?;
    }
    enforce("operations", operations, MAX_OPERATIONS)?;
    enforce("fields", whole.fields, MAX_FIELDS)?;
    enforce("aliases", whole.aliases, MAX_ALIASES)?;
    enforce("directives", whole.directives, MAX_DIRECTIVES)?;
    enforce("levels of fields", whole.depth, MAX_DEPTH)?;
    enforce(
        "levels of fields",
        whole.introspection_depth,
        MAX_INTROSPECTION_DEPTH,
    )?;
    enforce("levels of selections and fragments", whole.nesting, MAX_NESTING)
}

fn enforce(what: &'static str, found: usize, limit: usize) -> Result<(), Refusal> {
    if found > limit {
        Err(Refusal::limit(what, found, limit))
    } else {
        Ok(())
    }
}

/// A fragment's measure, or that it is being taken right now: who meets that has found a cycle.
#[derive(Clone, Copy)]
enum Known {
    Open,
    Done(Size),
}

struct Count<'d> {
    document: &'d ExecutableDocument,
    known: HashMap<&'d str, Known>,
}

impl<'d> Count<'d> {
    fn measure(&mut self, set: &'d SelectionSet, level: usize) -> Result<Size, Refusal> {
        enforce("levels of selections and fragments", level, MAX_NESTING)?;
        let mut total = Size::default();
        for selection in &set.items {
            let mut size = match &selection.node {
                Selection::Field(field) => self.measure_field(&field.node, level)?,
                Selection::InlineFragment(inline) => {
                    one_level_up(self.measure(&inline.node.selection_set.node, level + 1)?)
                }
                Selection::FragmentSpread(spread) => {
                    one_level_up(self.measure_fragment(&spread.node.fragment_name.node, level)?)
                }
            };
            size.directives = size.directives.saturating_add(selection.node.directives().len());
            total.add(size);
        }
        Ok(total)
    }

    fn measure_field(&mut self, field: &'d Field, level: usize) -> Result<Size, Refusal> {
        let below = if field.selection_set.node.items.is_empty() {
            Size::default()
        } else {
            one_level_up(self.measure(&field.selection_set.node, level + 1)?)
        };
        let depth = below.depth.max(below.introspection_depth) + 1;
        let introspection = matches!(field.name.node.as_str(), "__schema" | "__type");
        Ok(Size {
            fields: below.fields.saturating_add(1),
            aliases: below.aliases.saturating_add(usize::from(field.alias.is_some())),
            own_fields: 1,
            depth: if introspection { 0 } else { depth },
            introspection_depth: if introspection { depth } else { 0 },
            ..below
        })
    }

    fn measure_fragment(&mut self, name: &Name, level: usize) -> Result<Size, Refusal> {
        // An unknown fragment is the validator's to name.
        let Some((name, Positioned { node: fragment, .. })) =
            self.document.fragments.get_key_value(name.as_str())
        else {
            return Ok(Size::default());
        };
        match self.known.insert(name.as_str(), Known::Open) {
            Some(Known::Open) => Err(Refusal::Cycle(name.to_string())),
            Some(Known::Done(size)) => {
                self.known.insert(name.as_str(), Known::Done(size));
                enforce(
                    "levels of selections and fragments",
                    level + size.nesting,
                    MAX_NESTING,
                )?;
                Ok(size)
            }
            None => {
                let size = self.measure(&fragment.selection_set.node, level + 1)?;
                self.known.insert(name.as_str(), Known::Done(size));
                Ok(size)
            }
        }
    }
}

fn one_level_up(size: Size) -> Size {
    Size {
        nesting: size.nesting + 1,
        ..size
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use async_graphql::parser::parse_query;

    use super::*;

    fn checked(text: &str) -> Result<(), Refusal> {
        check(&parse_query(text).unwrap())
    }

    fn limit_of(text: &str) -> Option<&'static str> {
        match checked(text) {
            Err(Refusal::Limit { what, .. }) => Some(what),
            _ => None,
        }
    }

    /// `f0` spreads `f1` twice, and so on: 2^n fields from n fragments.
    fn doubling(n: usize) -> String {
        let mut text = "{ ...f0 }".to_owned();
        for i in 0..n {
            let _ = write!(text, " fragment f{i} on Query {{ ...f{0} ...f{0} }}", i + 1);
        }
        text + &format!(" fragment f{n} on Query {{ viewer {{ id }} }}")
    }

    fn nested(n: usize) -> String {
        format!("{{ {} a {}", "a { ".repeat(n - 1), "}".repeat(n))
    }

    #[test]
    fn fields_count_through_fragments() {
        assert_eq!(checked(&doubling(4)), Ok(()), "16 roots of 2 fields");
        assert_eq!(limit_of(&doubling(5)), Some("fields on the root"));
        let list = |n: usize| {
            format!(
                "{{ a {{ ...F ...F ...F }} }} fragment F on A {{ {} }}",
                "b ".repeat(n)
            )
        };
        assert_eq!(checked(&list(499)), Ok(()), "3 * 499 + 1 = 1498");
        assert_eq!(limit_of(&list(500)), Some("fields"));
    }

    #[test]
    fn doubling_is_counted_without_doubling() {
        let started = std::time::Instant::now();
        assert!(checked(&doubling(20)).is_err());
        let wide = format!("{{ a {{ ...f0 }} }} {}", doubling(20).split_once('}').unwrap().1);
        assert_eq!(limit_of(&wide), Some("fields"));
        assert!(started.elapsed().as_millis() < 250, "{:?}", started.elapsed());
    }

    #[test]
    fn cycles_are_named() {
        for text in [
            "{ ...A } fragment A on Q { ...A }",
            "{ a } fragment A on Q { x { ...B } } fragment B on Q { ...A }",
        ] {
            assert!(matches!(checked(text), Err(Refusal::Cycle(_))), "{text}");
        }
        assert_eq!(
            checked("{ ...A ...A } fragment A on Q { x }"),
            Ok(()),
            "twice is no cycle"
        );
    }

    #[test]
    fn depth_counts_fields_and_leaves_room_for_introspection() {
        assert_eq!(checked(&nested(MAX_DEPTH)), Ok(()));
        assert_eq!(limit_of(&nested(MAX_DEPTH + 1)), Some("levels of fields"));
        let introspection = |n: usize| nested(n).replacen('a', "__schema", 1);
        assert_eq!(checked(&introspection(MAX_INTROSPECTION_DEPTH)), Ok(()));
        assert_eq!(
            limit_of(&introspection(MAX_INTROSPECTION_DEPTH + 1)),
            Some("levels of fields")
        );
        assert!(
            limit_of(&format!("{{ a {} }}", introspection(MAX_INTROSPECTION_DEPTH))).is_some(),
            "only on the root does it count apart"
        );
    }

    #[test]
    fn long_chains_of_fragments_are_refused_before_they_recurse_far() {
        let mut text = "{ ...f0 }".to_owned();
        for i in 0..200 {
            let _ = write!(text, " fragment f{i} on Q {{ ...f{} }}", i + 1);
        }
        text += " fragment f200 on Q { a }";
        assert_eq!(limit_of(&text), Some("levels of selections and fragments"));
    }

    #[test]
    fn aliases_directives_and_operations_have_limits() {
        let of = |n: usize, one: &dyn Fn(usize) -> String| {
            format!("{{ a {{ {} }} }}", (0..n).map(one).collect::<String>())
        };
        let alias = |i: usize| format!("x{i}: b ");
        assert_eq!(checked(&of(MAX_ALIASES, &alias)), Ok(()));
        assert_eq!(limit_of(&of(MAX_ALIASES + 1, &alias)), Some("aliases"));
        let directive = |_: usize| "b @skip(if: false) ".to_owned();
        assert_eq!(checked(&of(MAX_DIRECTIVES, &directive)), Ok(()));
        assert_eq!(limit_of(&of(MAX_DIRECTIVES + 1, &directive)), Some("directives"));
        let operation = |i: usize| format!("query Q{i} {{ a }} ");
        let operations = |n: usize| (0..n).map(operation).collect::<String>();
        assert_eq!(checked(&operations(MAX_OPERATIONS)), Ok(()));
        assert_eq!(limit_of(&operations(MAX_OPERATIONS + 1)), Some("operations"));
    }
}
