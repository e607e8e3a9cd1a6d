//! The variables of one operation: what it declares, what its places use, and what stays for want of a value.
//!
//! A scope answers what stands for a variable at a place. A variable that is used again weighs again, up to a bound.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::OperationDefinition;
use async_graphql::{Name, Pos, Positioned};
use serde_json::{Map, Value as Json};

use super::coercion::{Literal, Path, Unfit, read};
use super::declared::{Declared, State, weigh};
use crate::graphql::gate::refusal::Refusal;
use crate::graphql::gate::types::{Kind, Slot, Types, named};

/// A variable that stands in several places is written out in each. So many bytes may be written more than once.
const MAX_REPEATED: usize = 4 * 1024 * 1024;

/// The variables of an operation.
pub struct Scope<'t> {
    /// The types of the schema.
    pub types: &'t Types,
    declared: HashMap<Name, Declared>,
    used: HashSet<Name>,
    /// Variables that stay where they stand: nobody gives them a value, and their place needs one.
    pub kept: HashSet<Name>,
    repeated: usize,
}

impl<'t> Scope<'t> {
    /// Nothing is declared.
    fn empty(types: &'t Types) -> Self {
        Self {
            types,
            declared: HashMap::new(),
            used: HashSet::new(),
            kept: HashSet::new(),
            repeated: 0,
        }
    }

    /// What an operation declares, with the values that were sent, where it is the one to be executed.
    pub fn declare(
        types: &'t Types,
        operation: &OperationDefinition,
        values: Option<Map<String, Json>>,
    ) -> Result<Self, Refusal> {
        let mut declared = HashMap::new();
        let mut missing: Option<(&Name, Pos)> = None;
        let mut values = values;
        for Positioned {
            node: definition,
            pos,
        } in &operation.variable_definitions
        {
            let (name, ty) = (&definition.name.node, &definition.var_type.node);
            if !matches!(
                types.get(named(ty)),
                Some(Kind::Scalar | Kind::Enum(_) | Kind::Input(_))
            ) {
                let message =
                    format!("variable \"${name}\" cannot be of the type \"{ty}\", which is no input type");
                return Err(Refusal::Invalid {
                    message,
                    at: definition.var_type.pos,
                });
            }
            let default = match &definition.default_value {
                Some(default) => {
                    let mut none = Self::empty(types);
                    let slot = Slot {
                        ty: ty.clone(),
                        default: false,
                    };
                    none.value(
                        default.node.clone().into_value(),
                        &slot,
                        &Path::new(name),
                        default.pos,
                    )?
                }
                None => None,
            };
            let has_default = default.as_ref().is_some_and(|value| *value != Literal::Null);
            let state = match (&mut values, default) {
                (None, _) => State::Unknown,
                (Some(values), default) => match (values.remove(name.as_str()), default) {
                    (Some(value), _) => State::Sent(value),
                    (None, Some(default)) => {
                        let weight = weigh(&default);
                        State::Read(default, weight)
                    }
                    (None, None) => State::Absent,
                },
            };
            let nothing = matches!(state, State::Absent | State::Sent(Json::Null));
            if nothing && !ty.nullable && missing.is_none_or(|(other, _)| name < other) {
                missing = Some((name, *pos));
            }
            if declared
                .insert(
                    name.clone(),
                    Declared {
                        ty: ty.clone(),
                        default: has_default,
                        state,
                    },
                )
                .is_some()
            {
                return Err(Refusal::Invalid {
                    message: format!("the variable \"${name}\" is declared twice"),
                    at: *pos,
                });
            }
        }
        if let Some((name, at)) = missing {
            return Err(Refusal::Value {
                field: name.to_string(),
                message: format!("the variable ${name} is required"),
                at,
            });
        }
        Ok(Self {
            declared,
            ..Self::empty(types)
        })
    }

    /// Every variable that an operation declares has to be used.
    ///
    /// # Errors
    /// The first that is not.
    pub fn refuse_unused(&self, operation: &OperationDefinition) -> Result<(), Refusal> {
        match operation
            .variable_definitions
            .iter()
            .find(|definition| !self.used.contains(&definition.node.name.node))
        {
            Some(definition) => Err(Refusal::Invalid {
                message: format!("variable \"${}\" is not used", definition.node.name.node),
                at: definition.pos,
            }),
            None => Ok(()),
        }
    }

    /// What stands for a variable at a place; nothing where it has no value.
    ///
    /// # Errors
    /// A variable that may not stand there, or a value that does not fit.
    pub fn variable(
        &mut self,
        name: Name,
        slot: Option<&Slot>,
        path: &Path<'_>,
        at: Pos,
    ) -> Result<Option<Literal>, Refusal> {
        let Some(declared) = self.declared.get_mut(&name) else {
            return Err(Refusal::Invalid {
                message: format!("the variable \"${name}\" is not declared by every operation that uses it"),
                at,
            });
        };
        if let Some(slot) = slot.filter(|slot| !declared.may_stand(slot)) {
            let message = format!(
                "the variable \"${name}\" of type \"{}\" cannot stand where \"{}\" is expected",
                declared.ty, slot.ty
            );
            return Err(Refusal::Invalid { message, at });
        }
        let first = self.used.insert(name.clone());
        if let State::Sent(value) = &mut declared.state {
            let value = read(self.types, &declared.ty, value.take(), path)
                .map_err(|unfit| Refusal::unfit(unfit, at))?;
            let weight = weigh(&value);
            declared.state = State::Read(value, weight);
        }
        let required = slot.filter(|slot| !slot.ty.nullable);
        match &declared.state {
            State::Unknown if required.is_some_and(|slot| !slot.default) => {
                self.kept.insert(name.clone());
                Ok(Some(Literal::Variable(name)))
            }
            State::Unknown | State::Absent | State::Sent(_) => Ok(None),
            State::Read(Literal::Null, _) if required.is_some() => {
                let ty = required.map(|slot| slot.ty.to_string()).unwrap_or_default();
                Err(Refusal::unfit(Unfit::expected(path, ty), at))
            }
            State::Read(value, weight) => {
                self.repeated += if first { 0 } else { *weight };
                if self.repeated > MAX_REPEATED {
                    return Err(Refusal::limit(
                        "bytes of variables that are used again",
                        self.repeated,
                        MAX_REPEATED,
                    ));
                }
                Ok(Some(value.clone()))
            }
        }
    }
}
