//! What a row will be: its values over the stored ones, with defaults, derived values and the rules between columns.

use engagement::vocabulary::{Certainty, OrgChangeSource};

use super::context::{Context, Written};
use super::merged::MergedRow;
use super::resolved::{Account, ResolvedRow};
use super::stored_row::StoredRow;
use crate::change::org_change::usual_certainty;
use crate::ids::NewIds;
use crate::ingest::summary::RowOutcome;
use crate::ingest::target::column::{Column, Kind, Need, Spec, Stamp};
use crate::ingest::target::file::Target;
use crate::ingest::value::Value;
use crate::ingest::value::cell::Flaw;
use crate::ingest::value::money::Decimal;
use crate::ingest::value::row::Patch;

/// Merges a batch. Rows that break a rule are rejected.
pub(super) fn merge(
    context: &Context<'_>,
    spec: &'static Spec,
    rows: Vec<ResolvedRow>,
    stored: Vec<Option<StoredRow>>,
    written: &mut Written,
) -> Vec<MergedRow> {
    let mut merged = Vec::with_capacity(rows.len());
    let mut ids = NewIds::at(context.now);
    for (row, stored) in rows.into_iter().zip(stored) {
        let line = row.line;
        if row.deleted && stored.is_none() {
            written.outcomes.push((line, RowOutcome::Unchanged));
            continue;
        }
        match merge_row(&mut ids, spec, row, stored) {
            Ok(row) => merged.push(row),
            Err(flaw) => written.reject(line, flaw),
        }
    }
    merged
}

fn merge_row(
    ids: &mut NewIds,
    spec: &'static Spec,
    row: ResolvedRow,
    stored: Option<StoredRow>,
) -> Result<MergedRow, Flaw> {
    let account = row.account.as_ref().map(|a| a.id);
    let (stored_id, stored_values) = match stored {
        Some(stored) => (stored.id, Some(stored.values)),
        None => (None, None),
    };
    if row.deleted {
        let values = stored_values.clone().unwrap_or_default();
        let outcome = RowOutcome::Deleted;
        return Ok(MergedRow {
            line: row.line,
            account,
            id: stored_id,
            values,
            outcome,
            participants: None,
            stored: stored_values,
            attendance: None,
        });
    }
    let mut values = Vec::with_capacity(spec.columns.len());
    let mut given = Vec::with_capacity(spec.columns.len());
    for (at, (column, patch)) in spec.columns.iter().zip(row.patches).enumerate() {
        given.push(matches!(patch, Patch::Set(_)));
        values.push(match patch {
            // Participants are compared in their own table.
            _ if !column.is_stored() => Value::Null,
            Patch::Set(value) => value,
            Patch::Clear => default_of(column),
            Patch::Keep => match &stored_values {
                Some(stored) => stored[at].clone(),
                None if column.need == Need::Required => {
                    return Err(Flaw::new(column.name, "a required value is missing"));
                }
                None => default_of(column),
            },
        });
    }
    finish(
        spec,
        &mut values,
        &given,
        stored_values.as_deref(),
        row.account.as_ref(),
    )?;
    let id = if spec.stamps.contains(&Stamp::Id) {
        Some(stored_id.unwrap_or_else(|| ids.next()))
    } else {
        None
    };
    let outcome = if stored_values.is_some() {
        RowOutcome::Unchanged
    } else {
        RowOutcome::Inserted
    };
    let mut merged = MergedRow {
        line: row.line,
        account,
        id,
        values,
        outcome,
        participants: row.participants,
        stored: stored_values,
        attendance: None,
    };
    merged.compare();
    Ok(merged)
}

fn default_of(column: &Column) -> Value {
    column.default.map_or(Value::Null, |text| match column.kind {
        Kind::Flag => Value::Truth(text == "true"),
        _ => Value::Text(text.into()),
    })
}

/// Derived values, and the rules between a row's columns.
fn finish(
    spec: &'static Spec,
    values: &mut [Value],
    given: &[bool],
    stored: Option<&[Value]>,
    account: Option<&Account>,
) -> Result<(), Flaw> {
    let place = |name: &str| {
        spec.columns
            .iter()
            .position(|c| c.name == name)
            .unwrap_or(usize::MAX)
    };
    match spec.target {
        Target::Accounts => {
            let currency = values[place("currency")].text().map(str::to_owned);
            settle_amounts(spec, values, stored, currency.as_deref())?;
            if let (Some(start), Some(renewal)) = (
                values[place("contract_start")].day(),
                values[place("renewal_date")].day(),
            ) && start > renewal
            {
                return Err(Flaw::new(
                    "contract_start",
                    format!("after renewal_date ({start} is after {renewal})"),
                ));
            }
        }
        Target::Outcomes => {
            let amounts = [place("arr_before"), place("arr_after")];
            // What the row leaves alone keeps the currency it was stored with; what it gives is in the account's.
            if amounts.iter().any(|at| given[*at]) {
                values[place("currency")] = match account.and_then(|a| a.currency.clone()) {
                    Some(currency) => Value::Text(currency.into()),
                    None => Value::Null,
                };
            } else if amounts.iter().all(|at| values[*at] == Value::Null) {
                values[place("currency")] = Value::Null;
            }
            let currency = values[place("currency")].text().map(str::to_owned);
            settle_amounts(spec, values, stored, currency.as_deref())?;
        }
        Target::Sponsorships => {
            if let (Some(since), Some(until)) = (values[place("since")].day(), values[place("until")].day())
                && until <= since
            {
                return Err(Flaw::new(
                    "until",
                    format!("not after since ({until} is not after {since})"),
                ));
            }
        }
        Target::Interactions => {
            if let (Some(occurred), Some(responded)) = (
                values[place("occurred_at")].whole(),
                values[place("responded_at")].whole(),
            ) && responded < occurred
            {
                return Err(Flaw::new("responded_at", "before occurred_at"));
            }
        }
        Target::OrgChanges => {
            let at = place("certainty");
            if values[at] == Value::Null {
                let source = values[place("source")]
                    .text()
                    .and_then(|text| text.parse::<OrgChangeSource>().ok());
                let certainty = source.map_or(Certainty::Suspected, usual_certainty);
                values[at] = Value::Text(certainty.as_str().into());
            }
        }
        Target::Usage
        | Target::Users
        | Target::Teams
        | Target::Contacts
        | Target::Features
        | Target::Metrics
        | Target::Goals
        | Target::Initiatives => {}
    }
    Ok(())
}

/// Amounts become minor units of the row's currency. A stored amount whose currency changes keeps its value, not its digits.
fn settle_amounts(
    spec: &'static Spec,
    values: &mut [Value],
    stored: Option<&[Value]>,
    currency: Option<&str>,
) -> Result<(), Flaw> {
    let at_currency = spec.columns.iter().position(|c| matches!(c.kind, Kind::Currency));
    let stored_currency = at_currency.and_then(|at| stored.and_then(|s| s[at].text()));
    for (at, column) in spec
        .columns
        .iter()
        .enumerate()
        .filter(|(_, c)| matches!(c.kind, Kind::Money))
    {
        let amount = match &values[at] {
            Value::Amount(amount) => *amount,
            Value::Whole(minor) => Decimal::from_minor(*minor, stored_currency),
            _ => continue,
        };
        values[at] = Value::Whole(
            amount
                .minor(currency)
                .map_err(|reason| Flaw::new(column.name, reason))?,
        );
    }
    Ok(())
}
