//! How the rows of a batch come out of PostgreSQL: row by row, an interaction with its participants as two arrays.

use chrono::NaiveDate;
use engagement::row::{ConfirmedChange, Contact, Interaction, Participant, Sponsorship, Usage};
use sqlx::Row;
use uuid::Uuid;

use super::assembly::Assembly;
use super::reach::Reach;
use super::source::Parameter::{Day, Ids, Number};
use super::source::{Connection, Source};
use crate::clock::instant;
use crate::error::{During, ServiceError};
use crate::record::contact::departure;
use crate::sql::stored::{parse, parse_optional};

const CONTACTS: &str = "
    SELECT account_id, id, external_id, department, seniority, status, departed_on, role_started_on
    FROM contact WHERE account_id = ANY($1)";

const SPONSORSHIPS: &str = "
    SELECT account_id, contact_id, since, until, ended_on, rank FROM sponsorship WHERE account_id = ANY($1)";

const INITIATIVES: &str = "SELECT account_id, alignment FROM initiative WHERE account_id = ANY($1)";

const CHANGES: &str = "
    SELECT account_id, kind, observed_on, contact_id FROM org_change WHERE account_id = ANY($1) AND certainty = 'CONFIRMED'";

const INTERACTIONS: &str = "
    SELECT i.account_id, i.id, i.kind, i.direction, i.status, i.purpose, i.occurred_at, i.responded_at, i.responded_by,
        i.from_contact, i.rescheduled_to IS NOT NULL, i.canceled_by, p.contacts, p.attendances, i.bulk
    FROM interaction i
    LEFT JOIN (
        SELECT account_id, interaction_id, array_agg(contact_id) AS contacts, array_agg(attendance) AS attendances
        FROM interaction_participant WHERE account_id = ANY($1) GROUP BY account_id, interaction_id
    ) p ON p.account_id = i.account_id AND p.interaction_id = i.id
    WHERE i.account_id = ANY($1) AND i.occurred_at >= $2 AND i.occurred_at < $3";

const BOOKED: &str = "
    SELECT i.account_id, p.contact_id, i.kind, i.occurred_at
    FROM interaction i JOIN interaction_participant p ON p.account_id = i.account_id AND p.interaction_id = i.id
    WHERE i.account_id = ANY($1) AND i.occurred_at >= $2 AND i.occurred_at < $3 AND i.status = 'SCHEDULED'
    UNION ALL
    SELECT account_id, contact_id, kind, planned_for FROM outreach
    WHERE account_id = ANY($1) AND planned_for >= $2 AND planned_for < $3 AND status = 'PLANNED'";

const USAGE: &str = "
    SELECT account_id, contact_key, feature, day, count FROM usage WHERE account_id = ANY($1) AND day BETWEEN $2 AND $3 AND count > 0";

const FIRST_USAGE: &str = "
    SELECT batch.id, (SELECT min(u.day) FROM usage u WHERE u.account_id = batch.id AND u.day BETWEEN $2 AND $4 AND u.count > 0),
        (SELECT min(u.day) FROM usage u WHERE u.account_id = batch.id AND u.day BETWEEN $3 AND $4 AND u.count > 0)
    FROM unnest($1) AS batch (id)";

/// Reads all tables, contacts before what refers to them.
pub(super) async fn read(
    source: Source<'_>,
    ids: &[Uuid],
    reach: &Reach,
    assembly: &mut Assembly<'_>,
) -> Result<(), ServiceError> {
    let at = &mut source.connection().await?;
    read_contacts(at, ids, assembly).await?;
    read_sponsorships(at, ids, assembly).await?;
    read_initiatives(at, ids, assembly).await?;
    read_changes(at, ids, assembly).await?;
    read_interactions(at, ids, reach, assembly).await?;
    read_booked(at, ids, reach, assembly).await?;
    read_usage(at, ids, reach, assembly).await?;
    read_first_usage(at, ids, reach, assembly).await
}

async fn read_contacts<'a>(
    at: &'a mut Connection<'_>,
    ids: &'a [Uuid],
    assembly: &mut Assembly<'_>,
) -> Result<(), ServiceError> {
    let operation = "reading contacts to score";
    let mut rows = at.postgres(operation, CONTACTS, &[Ids(ids)]).await?;
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
    ids: &'a [Uuid],
    assembly: &mut Assembly<'_>,
) -> Result<(), ServiceError> {
    let operation = "reading sponsorships to score";
    let mut rows = at.postgres(operation, SPONSORSHIPS, &[Ids(ids)]).await?;
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
    ids: &'a [Uuid],
    assembly: &mut Assembly<'_>,
) -> Result<(), ServiceError> {
    let operation = "reading initiatives to score";
    let mut rows = at.postgres(operation, INITIATIVES, &[Ids(ids)]).await?;
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
    ids: &'a [Uuid],
    assembly: &mut Assembly<'_>,
) -> Result<(), ServiceError> {
    let operation = "reading organisational changes to score";
    let mut rows = at.postgres(operation, CHANGES, &[Ids(ids)]).await?;
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
    ids: &'a [Uuid],
    reach: &Reach,
    assembly: &mut Assembly<'_>,
) -> Result<(), ServiceError> {
    let operation = "reading what is booked";
    let mut rows = at
        .postgres(
            operation,
            BOOKED,
            &[Ids(ids), Number(reach.booked_from), Number(reach.booked_until)],
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
    ids: &'a [Uuid],
    reach: &Reach,
    assembly: &mut Assembly<'_>,
) -> Result<(), ServiceError> {
    const TABLE: &str = "interaction";
    let operation = "reading interactions to score";
    let mut rows = at
        .postgres(
            operation,
            INTERACTIONS,
            &[
                Ids(ids),
                Number(reach.interactions_from),
                Number(reach.interactions_until),
            ],
        )
        .await?;
    while let Some(fetched) = rows.next(operation).await? {
        let row = fetched.row()?;
        let Some(slot) = assembly.slot(row.try_get(0).during(operation)?) else {
            continue;
        };
        let people: Option<Vec<Uuid>> = row.try_get(12).during(operation)?;
        let attendances: Option<Vec<String>> = row.try_get(13).during(operation)?;
        let mut participants = Vec::new();
        for (contact, attendance) in people
            .into_iter()
            .flatten()
            .zip(attendances.into_iter().flatten())
        {
            if let Some(contact) = slot.contact(contact) {
                participants.push(Participant {
                    contact,
                    attendance: parse("interaction_participant", "attendance", &attendance)?,
                });
            }
        }
        let mut contact = |column: usize| {
            let id: Option<Uuid> = row.try_get(column).during(operation)?;
            Ok::<_, ServiceError>(id.and_then(|id| slot.contact(id)))
        };
        let (responded_by, from_contact) = (contact(8)?, contact(9)?);
        let responded_at: Option<i64> = row.try_get(7).during(operation)?;
        slot.add_interaction(Interaction {
            id: row.try_get::<Uuid, _>(1).during(operation)?.into(),
            kind: parse(TABLE, "kind", row.try_get(2).during(operation)?)?,
            direction: parse(TABLE, "direction", row.try_get(3).during(operation)?)?,
            status: parse(TABLE, "status", row.try_get(4).during(operation)?)?,
            purpose: parse_optional(TABLE, "purpose", row.try_get(5).during(operation)?)?,
            occurred_at: instant(row.try_get(6).during(operation)?),
            responded_at: responded_at.map(instant),
            responded_by,
            from_contact,
            rescheduled: row.try_get(10).during(operation)?,
            canceled_by: parse_optional(TABLE, "canceled_by", row.try_get(11).during(operation)?)?,
            bulk: row.try_get(14).during(operation)?,
            participants,
        });
    }
    Ok(())
}

async fn read_usage<'a>(
    at: &'a mut Connection<'_>,
    ids: &'a [Uuid],
    reach: &Reach,
    assembly: &mut Assembly<'_>,
) -> Result<(), ServiceError> {
    let operation = "reading usage to score";
    let mut rows = at
        .postgres(
            operation,
            USAGE,
            &[Ids(ids), Day(reach.usage_from), Day(reach.usage_to)],
        )
        .await?;
    while let Some(fetched) = rows.next(operation).await? {
        let row = fetched.row()?;
        let Some(feature) = assembly.feature(row.try_get(2).during(operation)?) else {
            continue;
        };
        let Some(slot) = assembly.slot(row.try_get(0).during(operation)?) else {
            continue;
        };
        let contact: Uuid = row.try_get(1).during(operation)?;
        let contact = if contact.is_nil() {
            None
        } else {
            slot.contact(contact)
        };
        let count: i64 = row.try_get(4).during(operation)?;
        let count = u64::try_from(count).unwrap_or(0);
        slot.add_usage(Usage {
            contact,
            feature,
            day: row.try_get(3).during(operation)?,
            count,
        });
    }
    Ok(())
}

async fn read_first_usage<'a>(
    at: &'a mut Connection<'_>,
    ids: &'a [Uuid],
    reach: &Reach,
    assembly: &mut Assembly<'_>,
) -> Result<(), ServiceError> {
    let operation = "looking for the first usage to score";
    let [current, previous] = reach.histories;
    let mut rows = at
        .postgres(
            operation,
            FIRST_USAGE,
            &[Ids(ids), Day(current), Day(previous), Day(reach.usage_to)],
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
