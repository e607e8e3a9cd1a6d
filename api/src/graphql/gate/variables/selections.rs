//! The places of a selection: its fields, their arguments, and directives.
//!
//! An argument whose value is a variable without one is taken away. Spread fragments are named and not walked: the caller walks each of
//! them once.

use std::mem::take;

use async_graphql::parser::types::{Directive, Selection, SelectionSet};
use async_graphql::{Name, Positioned};

use super::coercion::{Literal, Path};
use super::scope::Scope;
use crate::graphql::gate::refusal::Refusal;
use crate::graphql::gate::types::{Slots, named};

impl Scope<'_> {
    /// Walks what is selected on a type, and notes the fragments that it spreads.
    ///
    /// # Errors
    /// The first value that breaks a rule.
    pub fn selections(
        &mut self,
        set: &mut SelectionSet,
        on: Option<&str>,
        spread: &mut Vec<Name>,
    ) -> Result<(), Refusal> {
        let types = self.types;
        for selection in &mut set.items {
            self.directives(selection.node.directives_mut())?;
            match &mut selection.node {
                Selection::Field(field) => {
                    let known = types.field(on, &field.node.name.node);
                    self.arguments(&mut field.node.arguments, known.map(|known| &known.arguments))?;
                    let gives = known.map(|known| named(&known.ty).as_str());
                    self.selections(&mut field.node.selection_set.node, gives, spread)?;
                }
                Selection::InlineFragment(inline) => {
                    let on = inline
                        .node
                        .type_condition
                        .as_ref()
                        .map_or(on, |condition| Some(condition.node.on.node.as_str()))
                        .map(str::to_owned);
                    self.selections(&mut inline.node.selection_set.node, on.as_deref(), spread)?;
                }
                Selection::FragmentSpread(fragment) => spread.push(fragment.node.fragment_name.node.clone()),
            }
        }
        Ok(())
    }

    /// Walks the arguments of directives.
    ///
    /// # Errors
    /// The first value that breaks a rule.
    pub fn directives(&mut self, directives: &mut [Positioned<Directive>]) -> Result<(), Refusal> {
        for Positioned { node: directive, .. } in directives {
            let slots = self.types.directive(&directive.name.node);
            self.arguments(&mut directive.arguments, slots)?;
        }
        Ok(())
    }

    fn arguments(
        &mut self,
        arguments: &mut Vec<(Positioned<Name>, Positioned<Literal>)>,
        slots: Option<&Slots>,
    ) -> Result<(), Refusal> {
        for (name, Positioned { node: value, pos }) in take(arguments) {
            let path = Path::new(&name.node);
            let given = match slots.map(|slots| slots.get(name.node.as_str())) {
                Some(Some(slot)) => self.value(value, slot, &path, pos)?,
                // Where its value is a variable that is not given, nobody would see it any more.
                Some(None) => {
                    return Err(Refusal::Invalid {
                        message: format!("unknown argument \"{}\"", name.node),
                        at: name.pos,
                    });
                }
                None => self.anything(value, &path, pos)?,
            };
            if let Some(value) = given {
                arguments.push((name.clone(), Positioned::new(value, pos)));
            }
        }
        Ok(())
    }
}
