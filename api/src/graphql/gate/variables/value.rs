//! A value of the query text becomes what its place takes: lists, input objects and leaves, item by item and field by field.
//!
//! A variable inside it gets its value. A field whose variable has none is taken away, and an item becomes null.

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::BaseType;
use async_graphql::{Name, Pos};

use super::coercion::{Literal, Path, Unfit, leaf};
use super::scope::Scope;
use crate::graphql::gate::refusal::Refusal;
use crate::graphql::gate::types::{Kind, Slot, Slots};

impl Scope<'_> {
    /// A value at its place; nothing where it is a variable that has none.
    pub fn value(
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
    pub fn anything(&mut self, value: Literal, path: &Path<'_>, at: Pos) -> Result<Option<Literal>, Refusal> {
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
}
