//! Takes variables out of a document: every place that names one gets its value instead, and values of the query text
//! become what their place takes. What the library executes holds constants only.
//!
//! The library reads a variable that is not given as null, or as a mistake, depending on where it stands; by the
//! specification the place is then as if nothing stood there (an item of a list is null). For an import row that is the
//! difference between leaving a stored value alone and clearing it. Fields that the schema does not have are left to the
//! library to refuse.

use std::collections::{HashMap, HashSet};
use std::mem::take;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{
    BaseType, Directive, DocumentOperations, ExecutableDocument, OperationDefinition, Selection,
    SelectionSet, Type,
};
use async_graphql::{Name, Pos, Positioned};
use serde_json::{Map, Value as Json};

use super::coercion::{Literal, Path, Unfit, leaf, read};
use super::refusal::Refusal;
use super::types::{Kind, Slot, Slots, Types, named};

/// A variable that stands in several places is written out in each. So many bytes may be written more than once.
const MAX_REPEATED: usize = 4 * 1024 * 1024;

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
            if let std::collections::hash_map::Entry::Vacant(place) = written.entry(name) {
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

/// A declared variable.
struct Declared {
    ty: Type,
    /// Whether its default value is one, and not null.
    default: bool,
    state: State,
}

/// What is known of a variable's value.
enum State {
    /// Nothing: its operation is not the one that is executed.
    Unknown,
    /// It has none.
    Absent,
    /// As it was sent; not looked at yet.
    Sent(Json),
    /// As its type has it, and how many bytes it weighs.
    Read(Literal, usize),
}

/// The variables of an operation.
struct Scope<'t> {
    types: &'t Types,
    declared: HashMap<Name, Declared>,
    used: HashSet<Name>,
    kept: HashSet<Name>,
    repeated: usize,
}

impl<'t> Scope<'t> {
    /// What an operation declares, with the values that were sent, where it is the one to be executed.
    fn declare(
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
                    let mut none = Self {
                        types,
                        declared: HashMap::new(),
                        used: HashSet::new(),
                        kept: HashSet::new(),
                        repeated: 0,
                    };
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
            types,
            declared,
            used: HashSet::new(),
            kept: HashSet::new(),
            repeated: 0,
        })
    }

    fn refuse_unused(&self, operation: &OperationDefinition) -> Result<(), Refusal> {
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

    fn selections(
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

    fn directives(&mut self, directives: &mut [Positioned<Directive>]) -> Result<(), Refusal> {
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

    /// A value at its place; nothing where it is a variable that has none.
    fn value(
        &mut self,
        value: Literal,
        slot: &Slot,
        path: &Path<'_>,
        at: Pos,
    ) -> Result<Option<Literal>, Refusal> {
        let unfit = |unfit| Refusal::unfit(unfit, at);
        let ty = &slot.ty;
        let given = match (value, &ty.base) {
            (Literal::Variable(name), _) => return self.variable(name, Some(slot), path, at),
            (Literal::Null, _) if ty.nullable => Literal::Null,
            (Literal::Null, _) => return Err(unfit(Unfit::expected(path, ty))),
            (Literal::List(items), BaseType::List(item)) => {
                let of = Slot {
                    ty: (**item).clone(),
                    default: false,
                };
                let one = |(place, value)| {
                    Ok(self
                        .value(value, &of, &path.item(place), at)?
                        .unwrap_or(Literal::Null))
                };
                Literal::List(
                    items
                        .into_iter()
                        .enumerate()
                        .map(one)
                        .collect::<Result<_, Refusal>>()?,
                )
            }
            (value, BaseType::List(item)) => {
                let of = Slot {
                    ty: (**item).clone(),
                    default: false,
                };
                Literal::List(vec![self.value(value, &of, path, at)?.unwrap_or(Literal::Null)])
            }
            (value, BaseType::Named(name)) => match (self.types.get(name), value) {
                (Some(Kind::Input(slots)), value) => self.object(value, name, slots, path, at)?,
                (Some(Kind::Scalar), value @ (Literal::List(_) | Literal::Object(_))) => {
                    let value = self.anything(value, path, at)?.unwrap_or(Literal::Null);
                    leaf(self.types, name, value).ok_or_else(|| unfit(Unfit::expected(path, name)))?
                }
                (_, value) => {
                    leaf(self.types, name, value).ok_or_else(|| unfit(Unfit::expected(path, name)))?
                }
            },
        };
        Ok(Some(given))
    }

    fn object(
        &mut self,
        value: Literal,
        name: &Name,
        slots: &Slots,
        path: &Path<'_>,
        at: Pos,
    ) -> Result<Literal, Refusal> {
        let unfit = |unfit| Refusal::unfit(unfit, at);
        let Literal::Object(given) = value else {
            return Err(unfit(Unfit::expected(path, name)));
        };
        let mut object = IndexMap::with_capacity(given.len());
        for (field, value) in given {
            let slot = slots
                .get(field.as_str())
                .ok_or_else(|| unfit(Unfit::unknown(path, &field, name)))?;
            if let Some(value) = self.value(value, slot, &path.field(&field), at)? {
                object.insert(field, value);
            }
        }
        let missing = slots.iter().filter(|(field, slot)| {
            !slot.ty.nullable && !slot.default && !object.contains_key(field.as_str())
        });
        match missing.min_by_key(|(field, _)| field.as_str()) {
            Some((field, slot)) => Err(unfit(Unfit::missing(path, field, &slot.ty))),
            None => Ok(Literal::Object(object)),
        }
    }

    /// A value at a place of which nothing is known.
    fn anything(&mut self, value: Literal, path: &Path<'_>, at: Pos) -> Result<Option<Literal>, Refusal> {
        Ok(Some(match value {
            Literal::Variable(name) => return self.variable(name, None, path, at),
            Literal::List(items) => {
                let one = |value| Ok(self.anything(value, path, at)?.unwrap_or(Literal::Null));
                Literal::List(items.into_iter().map(one).collect::<Result<_, Refusal>>()?)
            }
            Literal::Object(fields) => {
                let mut object = IndexMap::with_capacity(fields.len());
                for (field, value) in fields {
                    if let Some(value) = self.anything(value, path, at)? {
                        object.insert(field, value);
                    }
                }
                Literal::Object(object)
            }
            value => value,
        }))
    }

    fn variable(
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
        if let Some(slot) = slot.filter(|slot| !may_stand(declared, slot)) {
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

/// Whether a variable may stand at a place, by their types (October 2021, section 5.8.5).
fn may_stand(variable: &Declared, slot: &Slot) -> bool {
    let (mine, place) = (&variable.ty, &slot.ty);
    let null_is_kept_away = place.nullable || !mine.nullable || variable.default || slot.default;
    null_is_kept_away && is_base_of(&place.base, &mine.base)
}

fn is_base_of(place: &BaseType, mine: &BaseType) -> bool {
    match (place, mine) {
        (BaseType::Named(place), BaseType::Named(mine)) => place == mine,
        (BaseType::List(place), BaseType::List(mine)) => {
            (place.nullable || !mine.nullable) && is_base_of(&place.base, &mine.base)
        }
        _ => false,
    }
}

/// About how many bytes a value takes.
fn weigh(value: &Literal) -> usize {
    size_of::<Literal>()
        + match value {
            Literal::String(text) => text.len(),
            Literal::List(items) => items.iter().map(weigh).sum(),
            Literal::Object(fields) => fields
                .iter()
                .map(|(name, value)| size_of::<Name>() + name.len() + weigh(value))
                .sum(),
            _ => 0,
        }
}
