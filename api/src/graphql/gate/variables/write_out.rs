//! The walk over a document's operations, and over the fragments that each of them spreads.
//!
//! The operation that is executed comes first and gives a shared fragment its values. The other operations are checked all the same.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::mem::take;

use async_graphql::Name;
use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition};
use serde_json::{Map, Value as Json};

use super::scope::Scope;
use crate::graphql::gate::refusal::Refusal;
use crate::graphql::gate::types::Types;

/// Writes out the variables of the operation that is asked for, and checks those of the others.
///
/// # Errors
/// The first variable or value that breaks a rule.
pub fn write_out(
    types: &Types,
    document: &mut ExecutableDocument,
    name: Option<&str>,
    values: Map<String, Json>,
) -> Result<(), Refusal> {
    let fragments = take(&mut document.fragments);
    let operations: Vec<(Option<Name>, &mut OperationDefinition)> = match &mut document.operations {
        DocumentOperations::Single(operation) => vec![(None, &mut operation.node)],
        DocumentOperations::Multiple(all) => all
            .iter_mut()
            .map(|(name, operation)| (Some(name.clone()), &mut operation.node))
            .collect(),
    };
    let only = operations.len() == 1;
    let is_chosen = |of: Option<&Name>| match name {
        Some(name) => of.is_none_or(|of| of.as_str() == name),
        None => only,
    };
    let (chosen, others): (Vec<_>, Vec<_>) =
        operations.into_iter().partition(|(of, _)| is_chosen(of.as_ref()));
    let mut values = (!chosen.is_empty()).then_some(values);
    let mut written = HashMap::new();
    for (_, operation) in chosen.into_iter().chain(others) {
        let mut scope = Scope::declare(types, operation, values.take())?;
        scope.directives(&mut operation.directives)?;
        let root = types.root(operation.ty);
        let mut spread = Vec::new();
        scope.selections(&mut operation.selection_set.node, root, &mut spread)?;
        // What the others need, and nobody gives, stays as it is.
        let mut kept = take(&mut scope.kept);
        let mut seen = HashSet::new();
        while let Some(name) = spread.pop() {
            if !seen.insert(name.clone()) {
                continue;
            }
            let Some(mut fragment) = fragments.get(&name).cloned() else {
                continue;
            };
            let on = fragment.node.type_condition.node.on.node.clone();
            scope.directives(&mut fragment.node.directives)?;
            scope.selections(&mut fragment.node.selection_set.node, Some(&on), &mut spread)?;
            let here = take(&mut scope.kept);
            if let Entry::Vacant(place) = written.entry(name) {
                place.insert(fragment);
                kept.extend(here);
            }
        }
        scope.refuse_unused(operation)?;
        operation
            .variable_definitions
            .retain(|definition| kept.contains(&definition.node.name.node));
    }
    for (name, fragment) in fragments {
        written.entry(name).or_insert(fragment);
    }
    document.fragments = written;
    Ok(())
}
