//! Departures: a contact who leaves no longer sponsors us from that day on. The one function that draws that
//! conclusion, whoever writes the departure: a contact set to departed, or a confirmed departure among the
//! organisational changes.
//!
//! It does not react to events; it brings the two effect columns to what the rows say (`contact.left_on`,
//! `sponsorship.ended_on`). So running it twice changes nothing, removing a departure takes its effects back, and
//! importing `contacts` again does not undo what an organisational change has said.

use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, Statement, Value};
use uuid::Uuid;

use crate::db::Tx;
use crate::dialect::max_parameters;
use crate::error::{During, ServiceError};

/// How many rows changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DepartureEffects {
    /// Contacts whose day of leaving was set, moved or taken back.
    pub contacts: u64,
    /// Sponsorships whose end was set, moved or taken back.
    pub sponsorships: u64,
}

/// Brings the effects of departures up to date for contacts, given as (account, contact).
///
/// A departure without a day counts from `today`, the first time it is seen.
///
/// # Errors
/// Those of the database.
pub(crate) async fn follow(tx: &Tx, today: NaiveDate, contacts: &[(Uuid, Uuid)]) -> Result<DepartureEffects, ServiceError> {
    let mut effects = DepartureEffects::default();
    let most = max_parameters(tx.get_database_backend()) / 2 - 1;
    for chunk in contacts.chunks(most.min(500)) {
        effects.contacts += run(tx, "noting who left", LEFT_ON, chunk, None).await?;
        effects.sponsorships += run(tx, "ending sponsorships", ENDED_ON, chunk, Some(today)).await?;
    }
    Ok(effects)
}

/// The earliest confirmed departure is the day a contact left.
const LEFT_ON: &str = "
    WITH touched (account_id, contact_id) AS (VALUES {contacts}),
    effect AS (
        SELECT t.account_id, t.contact_id, min(o.observed_on) AS day
        FROM touched t
        LEFT JOIN org_change o ON o.account_id = t.account_id AND o.contact_id = t.contact_id
            AND o.kind = 'DEPARTURE' AND o.certainty = 'CONFIRMED'
        GROUP BY t.account_id, t.contact_id
    )
    UPDATE contact SET left_on = effect.day
    FROM effect
    WHERE contact.account_id = effect.account_id AND contact.id = effect.contact_id
        AND contact.left_on IS DISTINCT FROM effect.day";

/// A sponsorship that was active on the day its contact departed, by either account, ends on that day. One that began
/// later (they came back) is left alone.
const ENDED_ON: &str = "
    WITH touched (account_id, contact_id) AS (VALUES {contacts}),
    effect AS (
        SELECT s.account_id, s.id, s.since, s.until,
            CASE
                WHEN c.status <> 'DEPARTED' THEN c.left_on
                WHEN c.departed_on < c.left_on OR c.left_on IS NULL THEN coalesce(c.departed_on, s.ended_on, {today})
                ELSE c.left_on
            END AS day
        FROM touched t
        JOIN contact c ON c.account_id = t.account_id AND c.id = t.contact_id
        JOIN sponsorship s ON s.account_id = t.account_id AND s.contact_id = t.contact_id
    ),
    settled AS (
        SELECT account_id, id, CASE WHEN since <= day AND (until IS NULL OR until > day) THEN day END AS day FROM effect
    )
    UPDATE sponsorship SET ended_on = settled.day
    FROM settled
    WHERE sponsorship.account_id = settled.account_id AND sponsorship.id = settled.id
        AND sponsorship.ended_on IS DISTINCT FROM settled.day";

async fn run(
    tx: &Tx,
    operation: &'static str,
    text: &str,
    contacts: &[(Uuid, Uuid)],
    today: Option<NaiveDate>,
) -> Result<u64, ServiceError> {
    // Numbered parameters, which both databases understand.
    let rows: Vec<String> = (0..contacts.len()).map(|at| format!("(${}, ${})", at * 2 + 1, at * 2 + 2)).collect();
    let mut parameters: Vec<Value> =
        contacts.iter().flat_map(|(account, contact)| [Value::from(*account), Value::from(*contact)]).collect();
    let text = text.replace("{contacts}", &rows.join(", ")).replace("{today}", &format!("${}", contacts.len() * 2 + 1));
    parameters.extend(today.map(Value::from));
    let done = tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), text, parameters)).await.during(operation)?;
    Ok(done.rows_affected())
}
