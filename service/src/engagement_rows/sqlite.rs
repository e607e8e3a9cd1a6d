//! How the rows of a batch come out of SQLite: one text per account and table, packed by the database itself.
//!
//! The driver hands every row over between two threads, and copies every value; with one row per account instead of one
//! per interaction, that cost is gone. The tables are stored by account, so that each text is one run of pages.

use chrono::NaiveDate;
use engagement::row::{ConfirmedChange, Contact, Sponsorship, Usage};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::assembly::{Assembly, Slot, unreadable};
use super::packed::Packed;
use super::reach::Reach;
use super::source::Parameter::{Day, List, Number};
use super::source::{Connection, Source};
use super::unpack::{unpack_interaction, unpack_usage};
use crate::error::{During, ServiceError};
use crate::record::contact::departure;
use crate::sql::stored::{parse, parse_optional};

/// The batch, as `batch.id`: `$1` is a JSON list of hexadecimal ids.
macro_rules! with_batch {
    ($statement:literal) => {
        concat!(
            "WITH batch (id) AS MATERIALIZED (SELECT unhex(value) FROM json_each($1)) ",
            $statement
        )
    };
}

const CONTACTS: &str = with_batch!(
    "SELECT c.account_id, c.id, c.external_id, c.department, c.seniority, c.status, c.departed_on, c.role_started_on
    FROM batch CROSS JOIN contact c ON c.account_id = batch.id"
);

const SPONSORSHIPS: &str = with_batch!(
    "SELECT s.account_id, s.contact_id, s.since, s.until, s.ended_on, s.rank
    FROM batch CROSS JOIN sponsorship s ON s.account_id = batch.id"
);

const INITIATIVES: &str = with_batch!(
    "SELECT n.account_id, n.alignment FROM batch CROSS JOIN initiative n ON n.account_id = batch.id"
);

const CHANGES: &str = with_batch!(
    "SELECT o.account_id, o.kind, o.observed_on, o.contact_id
    FROM batch CROSS JOIN org_change o ON o.account_id = batch.id AND o.certainty = 'CONFIRMED'"
);

/// `+` keeps SQLite from going through the index by time: nearly all rows of an account are wanted, and they lie side by
/// side in the table itself. Each interaction ends with its participants.
pub(super) const INTERACTIONS: &str = with_batch!(
    "SELECT batch.id, (
        SELECT group_concat(concat(
            hex(i.id), i.kind, '|', i.direction, '|', i.status, '|', i.purpose, '|', i.occurred_at, '|', i.responded_at, '|',
            hex(i.responded_by), '|', hex(i.from_contact), '|', i.rescheduled_to IS NOT NULL, '|', i.bulk, '|', i.canceled_by, '|',
            (SELECT group_concat(concat(hex(p.contact_id), substr(p.attendance, 1, 2)), '')
                FROM interaction_participant p WHERE p.account_id = i.account_id AND p.interaction_id = i.id),
            '|'), '')
        FROM interaction i
        WHERE i.account_id = batch.id AND +i.occurred_at >= $2 AND +i.occurred_at < $3)
    FROM batch"
);

/// A few rows each, found by the indexes over (account, time).
const BOOKED: &str = with_batch!(
    "SELECT i.account_id, p.contact_id, i.kind, i.occurred_at
    FROM batch CROSS JOIN interaction i ON i.account_id = batch.id AND i.occurred_at >= $2 AND i.occurred_at < $3 AND i.status = 'SCHEDULED'
    CROSS JOIN interaction_participant p ON p.account_id = i.account_id AND p.interaction_id = i.id
    UNION ALL
    SELECT o.account_id, o.contact_id, o.kind, o.planned_for
    FROM batch CROSS JOIN outreach o ON o.account_id = batch.id AND o.planned_for >= $2 AND o.planned_for < $3 AND o.status = 'PLANNED'"
);

const USAGE: &str = with_batch!(
    "SELECT batch.id, (
        SELECT group_concat(concat(hex(u.contact_key), u.day, u.count, '|', octet_length(u.feature), ':', u.feature), '')
        FROM usage u WHERE u.account_id = batch.id AND u.day BETWEEN $2 AND $3 AND u.count > 0)
    FROM batch"
);

const FIRST_USAGE: &str = with_batch!(
    "SELECT batch.id, (SELECT min(u.day) FROM usage u WHERE u.account_id = batch.id AND u.day BETWEEN $2 AND $4 AND u.count > 0),
        (SELECT min(u.day) FROM usage u WHERE u.account_id = batch.id AND u.day BETWEEN $3 AND $4 AND u.count > 0)
    FROM batch"
);

/// Reads all tables, contacts before what refers to them.
pub(super) async fn read(
    source: Source<'_>,
    ids: &[Uuid],
    reach: &Reach,
    assembly: &mut Assembly<'_>,
) -> Result<(), ServiceError> {
    let at = &mut source.connection().await?;
    let hex: Vec<String> = ids.iter().map(|id| id.simple().to_string()).collect();
    let batch = serde_json::Value::from(hex).to_string();
    read_contacts(at, &batch, assembly).await?;
    read_sponsorships(at, &batch, assembly).await?;
    read_initiatives(at, &batch, assembly).await?;
    read_changes(at, &batch, assembly).await?;
    read_interactions(at, &batch, reach, assembly).await?;
    read_booked(at, &batch, reach, assembly).await?;
    read_usage(at, &batch, reach, assembly).await?;
    read_first_usage(at, &batch, reach, assembly).await
}

async fn read_contacts<'a>(
    at: &'a mut Connection<'_>,
    batch: &'a str,
    assembly: &mut Assembly<'_>,
) -> Result<(), ServiceError> {
    let operation = "reading contacts to score";
    let mut rows = at.sqlite(operation, CONTACTS, &[List(batch)]).await?;
    while let Some(fetched) = rows.next(operation).await? {
        let row = fetched.row()?;
        let Some(slot) = assembly.slot(row.try_get(0).during(operation)?) else {
            continue;
        };
        let status = parse("contact", "status", row.try_get(5).during(operation)?)?;
        slot.add_contact(Contact {
            id: row.try_get::<Uuid, _>(1).during(operation)?.into(),
            external_id: row.try_get(2).during(operation)?,
            department: row.try_get(3).during(operation)?,
            seniority: parse_optional("contact", "seniority", row.try_get(4).during(operation)?)?,
            role_started_on: row.try_get(7).during(operation)?,
            departure: departure(status, row.try_get(6).during(operation)?),
        });
    }
    Ok(())
}

async fn read_sponsorships<'a>(
    at: &'a mut Connection<'_>,
    batch: &'a str,
    assembly: &mut Assembly<'_>,
) -> Result<(), ServiceError> {
    let operation = "reading sponsorships to score";
    let mut rows = at.sqlite(operation, SPONSORSHIPS, &[List(batch)]).await?;
    while let Some(fetched) = rows.next(operation).await? {
        let row = fetched.row()?;
        let Some(slot) = assembly.slot(row.try_get(0).during(operation)?) else {
            continue;
        };
        let Some(contact) = slot.contact(row.try_get(1).during(operation)?) else {
            continue;
        };
        let ends: [Option<NaiveDate>; 2] = [
            row.try_get(3).during(operation)?,
            row.try_get(4).during(operation)?,
        ];
        slot.add_sponsorship(Sponsorship {
            contact,
            since: row.try_get(2).during(operation)?,
            until: ends.into_iter().flatten().min(),
            rank: parse("sponsorship", "rank", row.try_get(5).during(operation)?)?,
        });
    }
    Ok(())
}

async fn read_initiatives<'a>(
    at: &'a mut Connection<'_>,
    batch: &'a str,
    assembly: &mut Assembly<'_>,
) -> Result<(), ServiceError> {
    let operation = "reading initiatives to score";
    let mut rows = at.sqlite(operation, INITIATIVES, &[List(batch)]).await?;
    while let Some(fetched) = rows.next(operation).await? {
        let row = fetched.row()?;
        let Some(slot) = assembly.slot(row.try_get(0).during(operation)?) else {
            continue;
        };
        slot.add_initiative(parse(
            "initiative",
            "alignment",
            row.try_get(1).during(operation)?,
        )?);
    }
    Ok(())
}

async fn read_changes<'a>(
    at: &'a mut Connection<'_>,
    batch: &'a str,
    assembly: &mut Assembly<'_>,
) -> Result<(), ServiceError> {
    let operation = "reading organisational changes to score";
    let mut rows = at.sqlite(operation, CHANGES, &[List(batch)]).await?;
    while let Some(fetched) = rows.next(operation).await? {
        let row = fetched.row()?;
        let Some(slot) = assembly.slot(row.try_get(0).during(operation)?) else {
            continue;
        };
        let contact: Option<Uuid> = row.try_get(3).during(operation)?;
        let contact = contact.and_then(|contact| slot.contact(contact));
        slot.add_change(ConfirmedChange {
            kind: parse("org_change", "kind", row.try_get(1).during(operation)?)?,
            observed_on: row.try_get(2).during(operation)?,
            contact,
        });
    }
    Ok(())
}

async fn read_booked<'a>(
    at: &'a mut Connection<'_>,
    batch: &'a str,
    reach: &Reach,
    assembly: &mut Assembly<'_>,
) -> Result<(), ServiceError> {
    let operation = "reading what is booked";
    let mut rows = at
        .sqlite(
            operation,
            BOOKED,
            &[List(batch), Number(reach.booked_from), Number(reach.booked_until)],
        )
        .await?;
    while let Some(fetched) = rows.next(operation).await? {
        let row = fetched.row()?;
        let (account, contact) = (
            row.try_get(0).during(operation)?,
            row.try_get(1).during(operation)?,
        );
        let kind = parse("interaction", "kind", row.try_get(2).during(operation)?)?;
        assembly.add_booked(account, contact, kind, row.try_get(3).during(operation)?);
    }
    Ok(())
}

async fn read_interactions<'a>(
    at: &'a mut Connection<'_>,
    batch: &'a str,
    reach: &Reach,
    assembly: &mut Assembly<'_>,
) -> Result<(), ServiceError> {
    let operation = "reading interactions to score";
    let mut rows = at
        .sqlite(
            operation,
            INTERACTIONS,
            &[
                List(batch),
                Number(reach.interactions_from),
                Number(reach.interactions_until),
            ],
        )
        .await?;
    while let Some(fetched) = rows.next(operation).await? {
        let row = fetched.row()?;
        let Some((slot, text)) = packed(row, assembly, operation)? else {
            continue;
        };
        let mut packed = Packed::new(text);
        while !packed.is_empty() {
            let start = packed.rest();
            let interaction = unpack_interaction(&mut packed, slot)?;
            slot.add_interaction(interaction.ok_or_else(|| unreadable("interaction", "row", start))?);
        }
    }
    Ok(())
}

async fn read_usage<'a>(
    at: &'a mut Connection<'_>,
    batch: &'a str,
    reach: &Reach,
    assembly: &mut Assembly<'_>,
) -> Result<(), ServiceError> {
    let operation = "reading usage to score";
    let features = assembly.features();
    let mut rows = at
        .sqlite(
            operation,
            USAGE,
            &[List(batch), Day(reach.usage_from), Day(reach.usage_to)],
        )
        .await?;
    while let Some(fetched) = rows.next(operation).await? {
        let row = fetched.row()?;
        let Some((slot, text)) = packed(row, assembly, operation)? else {
            continue;
        };
        let mut packed = Packed::new(text);
        while !packed.is_empty() {
            let start = packed.rest();
            let (contact, day, count, feature) =
                unpack_usage(&mut packed).ok_or_else(|| unreadable("usage", "row", start))?;
            let Some(feature) = features.get(feature).copied() else {
                continue;
            };
            let contact = if contact.is_nil() {
                None
            } else {
                slot.contact(contact)
            };
            slot.add_usage(Usage {
                contact,
                feature,
                day,
                count,
            });
        }
    }
    Ok(())
}

async fn read_first_usage<'a>(
    at: &'a mut Connection<'_>,
    batch: &'a str,
    reach: &Reach,
    assembly: &mut Assembly<'_>,
) -> Result<(), ServiceError> {
    let operation = "looking for the first usage to score";
    let [current, previous] = reach.histories;
    let mut rows = at
        .sqlite(
            operation,
            FIRST_USAGE,
            &[List(batch), Day(current), Day(previous), Day(reach.usage_to)],
        )
        .await?;
    while let Some(fetched) = rows.next(operation).await? {
        let row = fetched.row()?;
        let Some(slot) = assembly.slot(row.try_get(0).during(operation)?) else {
            continue;
        };
        for column in [1, 2] {
            if let Some(day) = row.try_get(column).during(operation)? {
                slot.add_first_usage_day(day);
            }
        }
    }
    Ok(())
}

/// The account's place and its packed text; nothing where it has no rows.
pub(super) fn packed<'r, 's>(
    row: &'r SqliteRow,
    assembly: &'s mut Assembly<'_>,
    operation: &'static str,
) -> Result<Option<(&'s mut Slot, &'r str)>, ServiceError> {
    let text: Option<&str> = row.try_get(1).during(operation)?;
    Ok(assembly.slot(row.try_get(0).during(operation)?).zip(text))
}
