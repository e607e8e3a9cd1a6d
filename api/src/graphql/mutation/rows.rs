//! Bulk mutations: up to a thousand rows each, by the rules of the import files, with an answer for every row.

use async_graphql::{Context, Enum, Error, InputObject, Object, SimpleObject};
use service::ingest::{self, Flaw, RowResult as Written, Target};

use super::row_input::RowInput;
use super::row_inputs::{
    AccountInput, ContactInput, GoalInput, InitiativeInput, InteractionInput, MetricInput, UsageInput,
};
use crate::graphql::bounds::limits;
use crate::graphql::context::RequestContext;
use crate::graphql::error::from_service;

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum RowOutcome {
    /// It is new.
    Inserted,
    /// It changed a stored row.
    Updated,
    /// It says what is stored already.
    Unchanged,
    /// It was not taken.
    Rejected,
}

/// Why a row was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum RowErrorCode {
    /// A value breaks a rule; `field` names it.
    BadUserInput,
    /// What `field` names is not there, or not for you.
    NotFound,
    /// A later row of the call has the same key and counts instead.
    Conflict,
}

/// A value that a row landed without.
#[derive(Debug, Clone, SimpleObject)]
pub struct RowWarning {
    /// Which field.
    field: String,
    /// Why.
    message: String,
}

/// What became of one row of a bulk mutation.
#[derive(Debug, Clone, SimpleObject)]
pub struct RowResult {
    /// The row's place in `rows`, from 0.
    index: u32,
    /// What you called it.
    client_ref: Option<String>,
    /// What became of it.
    outcome: RowOutcome,
    /// Why it was not taken; null for a row that landed.
    code: Option<RowErrorCode>,
    /// Which field is wrong; null where it is the whole row.
    field: Option<String>,
    /// What is wrong with it, and what would be right.
    message: Option<String>,
    /// Values that it landed without: unknown participants, owners, features; at most 20.
    warnings: Vec<RowWarning>,
    /// How many values it landed without, also beyond the 20 of `warnings`.
    warnings_count: usize,
}

/// What a bulk mutation did.
#[derive(Debug, SimpleObject)]
pub struct RowsPayload {
    /// One for each row, in the order of the rows.
    results: Vec<RowResult>,
    /// How many rows were new.
    inserted: usize,
    /// How many rows changed a stored row.
    updated: usize,
    /// How many rows were stored already.
    unchanged: usize,
    /// How many rows were not taken.
    rejected: usize,
}

/// Declares the input objects of the bulk mutations.
macro_rules! inputs {
    ($($name:ident: $row:ident, $of:literal;)+) => {
        $(
            #[doc = concat!("What `", $of, "` takes.")]
            #[derive(InputObject)]
            pub struct $name {
                /// The rows, at most 1,000. Those that are not good are rejected one by one; the others land.
                rows: Vec<$row>,
            }
        )+
    };
}

inputs! {
    UpsertAccountsInput: AccountInput, "upsertAccounts";
    UpsertContactsInput: ContactInput, "upsertContacts";
    RecordInteractionsInput: InteractionInput, "recordInteractions";
    RecordUsageInput: UsageInput, "recordUsage";
    RecordMetricsInput: MetricInput, "recordMetrics";
    SetGoalsInput: GoalInput, "setGoals";
    SetInitiativesInput: InitiativeInput, "setInitiatives";
}

/// Bulk mutations.
#[derive(Default)]
pub struct RowMutations;

/// Bulk mutations.
#[Object]
impl RowMutations {
    /// Makes and changes accounts. A csm changes the accounts of their teams and makes none.
    async fn upsert_accounts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rows.")] input: UpsertAccountsInput,
    ) -> Option<Result<RowsPayload, Error>> {
        Some(write(ctx, Target::Accounts, input.rows).await)
    }

    /// Makes and changes contacts.
    async fn upsert_contacts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rows.")] input: UpsertContactsInput,
    ) -> Option<Result<RowsPayload, Error>> {
        Some(write(ctx, Target::Contacts, input.rows).await)
    }

    /// Records what happened, or is planned, between us and customers.
    async fn record_interactions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rows.")] input: RecordInteractionsInput,
    ) -> Option<Result<RowsPayload, Error>> {
        Some(write(ctx, Target::Interactions, input.rows).await)
    }

    /// Records who used what.
    async fn record_usage(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rows.")] input: RecordUsageInput,
    ) -> Option<Result<RowsPayload, Error>> {
        Some(write(ctx, Target::Usage, input.rows).await)
    }

    /// Records numbers that tell what customers get from us.
    async fn record_metrics(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rows.")] input: RecordMetricsInput,
    ) -> Option<Result<RowsPayload, Error>> {
        Some(write(ctx, Target::Metrics, input.rows).await)
    }

    /// Makes and changes what customers want to reach.
    async fn set_goals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rows.")] input: SetGoalsInput,
    ) -> Option<Result<RowsPayload, Error>> {
        Some(write(ctx, Target::Goals, input.rows).await)
    }

    /// Makes and changes what we do for customers.
    async fn set_initiatives(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rows.")] input: SetInitiativesInput,
    ) -> Option<Result<RowsPayload, Error>> {
        Some(write(ctx, Target::Initiatives, input.rows).await)
    }
}

async fn write<R: RowInput>(ctx: &Context<'_>, target: Target, rows: Vec<R>) -> Result<RowsPayload, Error> {
    let context = RequestContext::of(ctx);
    let (refs, rows): (Vec<Option<String>>, Vec<_>) = rows.into_iter().map(RowInput::into_row).unzip();
    let written = ingest::write(
        &context.state.db,
        &context.access,
        &context.state.settings(),
        context.moment(),
        target,
        rows,
    )
    .await
    .map_err(|e| from_service(&e))?;
    let results: Vec<RowResult> = refs
        .into_iter()
        .zip(written)
        .enumerate()
        .map(|(at, (client_ref, written))| result(at, client_ref, written))
        .collect();
    let count = |outcome: RowOutcome| results.iter().filter(|result| result.outcome == outcome).count();
    Ok(RowsPayload {
        inserted: count(RowOutcome::Inserted),
        updated: count(RowOutcome::Updated),
        unchanged: count(RowOutcome::Unchanged),
        rejected: count(RowOutcome::Rejected),
        results,
    })
}

fn result(at: usize, client_ref: Option<String>, written: Written) -> RowResult {
    use ingest::RowOutcome as Outcome;
    let (outcome, overtaken) = match written.outcome {
        Outcome::Inserted => (RowOutcome::Inserted, false),
        // No row of a call removes anything.
        Outcome::Updated | Outcome::Deleted => (RowOutcome::Updated, false),
        Outcome::Unchanged => (RowOutcome::Unchanged, false),
        Outcome::Duplicate => (RowOutcome::Rejected, true),
        Outcome::Rejected => (RowOutcome::Rejected, false),
    };
    let code = written.flaw.as_ref().map(|flaw| match flaw {
        _ if overtaken => RowErrorCode::Conflict,
        Flaw { unknown: true, .. } => RowErrorCode::NotFound,
        Flaw { .. } => RowErrorCode::BadUserInput,
    });
    let warnings_count = written.warnings.len();
    let warnings = written.warnings.into_iter().map(|flaw| RowWarning {
        field: field(&flaw.column),
        message: flaw.reason,
    });
    let warnings = limits::WARNINGS.cut(warnings);
    let (column, message) = written
        .flaw
        .map_or((None, None), |flaw| (Some(flaw.column), Some(flaw.reason)));
    let field = column
        .filter(|column| !column.is_empty())
        .map(|column| field(&column));
    RowResult {
        index: u32::try_from(at).unwrap_or(u32::MAX),
        client_ref,
        outcome,
        code,
        field,
        message,
        warnings,
        warnings_count,
    }
}

/// The field of a column: `account_external_id` is `accountExternalId`.
fn field(column: &str) -> String {
    let mut name = String::with_capacity(column.len());
    let mut upper = false;
    for c in column.chars() {
        if c == '_' {
            upper = true;
        } else {
            name.extend(if upper {
                c.to_uppercase().collect::<Vec<char>>()
            } else {
                vec![c]
            });
            upper = false;
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_as_their_fields() {
        for (column, expected) in [
            ("external_id", "externalId"),
            ("account_external_id", "accountExternalId"),
            ("name", "name"),
            ("", ""),
        ] {
            assert_eq!(field(column), expected);
        }
    }
}
