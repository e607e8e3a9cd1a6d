//! Departures: a contact who leaves no longer sponsors us from that day on. The one function that draws that
//! conclusion, whoever writes the departure: a contact set to departed, or a confirmed departure among the
//! organisational changes.
//!
//! It does not react to events; it brings the two effect columns to what the rows say (`contact.left_on`,
//! `sponsorship.ended_on`). So running it twice changes nothing, removing a departure takes its effects back, and
//! importing `contacts` again does not undo what an organisational change has said.
//!
//! Then it lets the alerts of departures follow, confirmed and suspected, with the escalation that goes with them: all in
//! the transaction that wrote the departure. Which of them are news is decided in the domain
//! (`engagement::guardrail::sponsor_departure`), so that an import of old history wakes nobody.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use engagement::alert::AlertRule;
use engagement::id::AccountId;
use sea_orm::{ConnectionTrait, Statement, Value};
use uuid::Uuid;

use crate::alert::evaluation::RoundResult;
use crate::alert::within::follow_within;
use crate::clock::Moment;
use crate::db::Tx;
use crate::error::{During, ServiceError};
use crate::settings::Settings;
use crate::sql::dialect::max_parameters;

/// The rules about departures.
pub(crate) const RULES: &[AlertRule] = &[AlertRule::SponsorDeparted, AlertRule::SponsorDepartureSuspected];

/// Brings the effects of departures up to date for contacts, given as (account, contact). The caller holds the accounts.
///
/// A departure without a day counts from today, the first time it is seen. The caller queues the messages of the alerts.
///
/// # Errors
/// Those of the database.
pub(crate) async fn follow(
    tx: &Tx,
    settings: &Settings,
    moment: Moment,
    contacts: &[(Uuid, Uuid)],
) -> Result<RoundResult, ServiceError> {
    let news = bring_up_to_date(tx, settings, moment, contacts).await?;
    // Rare, and large: it would make the future of every import large.
    Box::pin(follow_within(tx, settings, moment, &news, RULES)).await
}

/// The same without the alerts. Returns the accounts of which these may have something to say, in order.
///
/// # Errors
/// Those of the database.
pub(crate) async fn bring_up_to_date(
    tx: &Tx,
    settings: &Settings,
    moment: Moment,
    contacts: &[(Uuid, Uuid)],
) -> Result<Vec<AccountId>, ServiceError> {
    let mut news: BTreeSet<AccountId> = BTreeSet::new();
    let most = max_parameters(tx.get_database_backend()) / 2 - 2;
    for chunk in contacts.chunks(most.min(500)) {
        execute(tx, "noting who left", LEFT_ON, chunk, &[]).await?;
        execute(tx, "ending sponsorships", ENDED_ON, chunk, &[moment.today]).await?;
        let days = Days::new(u64::from(settings.policy.guardrails.departure_days));
        let from = moment.today.checked_sub_days(days).unwrap_or(moment.today);
        news.extend(accounts_with_news(tx, chunk, moment.today, from).await?);
    }
    Ok(news.into_iter().collect())
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

/// Accounts in which one of the contacts may have left, or seems to, while they sponsored us; not longer ago than is news.
const NEWS: &str = "
    WITH touched (account_id, contact_id) AS (VALUES {contacts})
    SELECT DISTINCT t.account_id
    FROM touched t
    JOIN contact c ON c.account_id = t.account_id AND c.id = t.contact_id
    JOIN sponsorship s ON s.account_id = t.account_id AND s.contact_id = t.contact_id
    WHERE s.since <= {today} AND (s.until IS NULL OR s.until >= {from}) AND (s.ended_on IS NULL OR s.ended_on >= {from})
        AND (c.status = 'DEPARTED' OR c.left_on IS NOT NULL OR EXISTS (
            SELECT 1 FROM org_change o WHERE o.account_id = t.account_id AND o.contact_id = t.contact_id AND o.kind = 'DEPARTURE'))";

async fn accounts_with_news(
    tx: &Tx,
    contacts: &[(Uuid, Uuid)],
    today: NaiveDate,
    from: NaiveDate,
) -> Result<Vec<AccountId>, ServiceError> {
    let operation = "looking for departures that are news";
    let rows = tx
        .query_all_raw(statement(tx, NEWS, contacts, &[today, from]))
        .await
        .during(operation)?;
    rows.iter()
        .map(|row| row.try_get_by_index::<Uuid>(0).map(Into::into))
        .collect::<Result<_, _>>()
        .during(operation)
}

async fn execute(
    tx: &Tx,
    operation: &'static str,
    text: &str,
    contacts: &[(Uuid, Uuid)],
    days: &[NaiveDate],
) -> Result<(), ServiceError> {
    tx.execute_raw(statement(tx, text, contacts, days))
        .await
        .map(drop)
        .during(operation)
}

/// A statement over contacts and up to two days.
fn statement(tx: &Tx, text: &str, contacts: &[(Uuid, Uuid)], days: &[NaiveDate]) -> Statement {
    // Numbered parameters, which both databases understand.
    let rows: Vec<String> = (0..contacts.len())
        .map(|at| format!("(${}, ${})", at * 2 + 1, at * 2 + 2))
        .collect();
    let day = |at: usize| format!("${}", contacts.len() * 2 + 1 + at);
    let text = text
        .replace("{contacts}", &rows.join(", "))
        .replace("{today}", &day(0))
        .replace("{from}", &day(1));
    let contacts = contacts
        .iter()
        .flat_map(|(account, contact)| [Value::from(*account), Value::from(*contact)]);
    let parameters: Vec<Value> = contacts.chain(days.iter().copied().map(Value::from)).collect();
    Statement::from_sql_and_values(tx.get_database_backend(), text, parameters)
}
