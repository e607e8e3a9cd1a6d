//! How every field takes its turn: it waits for a credit before it begins, and what it adds to the answer is counted when it ends.
//!
//! A field that changes something is never refused here: what is asked for is done, however little of it can be shown.

use std::sync::Arc;

use async_graphql::async_trait::async_trait;
use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextResolve, ResolveInfo};
use async_graphql::{QueryPathSegment, ServerResult, Value};

use super::turns::Turns;

/// The root of what changes something.
const MUTATION: &str = "Mutation";

/// Has every field of a request that brings [`Turns`] take its turn.
#[derive(Debug, Clone, Copy)]
pub struct TakeTurns;

impl ExtensionFactory for TakeTurns {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait]
impl Extension for TakeTurns {
    async fn resolve(
        &self,
        ctx: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        let Some(turns) = ctx.data_opt::<Turns>() else {
            return next.run(ctx, info).await;
        };
        let changes = info.parent_type == MUTATION;
        turns.begin_field(changes).await?;
        let key = match info.path_node.segment {
            // Quotes, colon, comma.
            QueryPathSegment::Name(name) => name.len() + 4,
            QueryPathSegment::Index(_) => 1,
        };
        let is_leaf = info.field.selection_set.node.items.is_empty();
        let value = next.run(ctx, info).await?;
        match turns.end_field(key + value.as_ref().map_or(4, |value| length(value, is_leaf))) {
            // A refusal here would keep the next change from being made.
            Err(_) if changes => Ok(value),
            counted => counted.map(|()| value),
        }
    }
}

/// How many bytes a value takes in the answer, at least nearly; what its fields or items take has been counted by them.
fn length(value: &Value, is_leaf: bool) -> usize {
    match value {
        Value::Null => 4,
        Value::Number(number) => number.as_i64().map_or(20, |whole| {
            whole.unsigned_abs().checked_ilog10().unwrap_or(0) as usize + 2
        }),
        Value::String(text) => {
            2 + text.len()
                + text
                    .bytes()
                    .filter(|byte| *byte < b' ' || matches!(byte, b'"' | b'\\'))
                    .count()
        }
        Value::Boolean(_) => 5,
        Value::Binary(bytes) => bytes.len() * 4,
        Value::Enum(name) => name.len() + 2,
        // A scalar with parts of its own has no fields that could count.
        Value::Object(fields) if is_leaf => {
            2 + fields
                .iter()
                .map(|(name, value)| name.len() + 4 + length(value, true))
                .sum::<usize>()
        }
        Value::List(_) | Value::Object(_) => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_those_of_json() {
        for value in [
            Value::Null,
            Value::from("a \"quoted\" text\n"),
            Value::from("é"),
            Value::from(true),
            Value::from(0),
            Value::from(-1_234_567),
            Value::from(u64::MAX),
            Value::from(1.5),
        ] {
            let (counted, written) = (length(&value, true), serde_json::to_string(&value).unwrap().len());
            assert!(
                counted >= written && counted <= written + 18,
                "{value}: {counted} for {written}"
            );
        }
    }
}
