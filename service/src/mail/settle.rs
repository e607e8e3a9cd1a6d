//! Keeping what was rendered and settling what was tried, many rows at a time, and only rows that are still ours.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use engagement::id::MessageId;
use engagement::vocabulary::MessageStatus;
use entity::{app_user, outbox};
use sea_orm::{Condition, ConnectionTrait, EntityTrait, QueryFilter, Statement};
use serde_json::{Value, json};
use uuid::Uuid;

use super::keep::{hex, ids_of};
use super::undeliverable::{Fault, Undeliverable, alerts_of, report_undeliverable, resolve_undeliverable};
use crate::alert::joining;
use crate::alert::stored::hold_installation;
use crate::db::shared_clock::shared_now;
use crate::db::{Db, Tx};
use crate::error::{During, ServiceError};
use crate::outbox::{Claimed, LONGEST_LEASE, OutboxContext, id_list, overdue_messages, settle_messages};
use crate::record::mail_switch;
use crate::sql::dialect::{id_in, text_in};
use crate::sql::stored::parse;

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq)]
pub enum Ending {
    /// The mail server has it.
    Sent,
    /// Another attempt may do.
    Retry {
        /// When, by the shared clock.
        at: DateTime<Utc>,
        /// What went wrong.
        error: String,
    },
    /// No attempt will do.
    Failed {
        /// What went wrong.
        error: String,
        /// The mail server does not know the recipient: if they are a user, they get no more mail.
        unknown_recipient: bool,
    },
    /// It is not wanted any more.
    Canceled { reason: String },
    /// It was not tried at all.
    HandedBack {
        /// What was in the way, where it is worth a word.
        error: Option<String>,
    },
}

/// A claimed row and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Settlement {
    /// The row.
    pub row: Claimed,
    /// What became of it.
    pub ending: Ending,
}

/// What settling did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settled {
    /// Rows that were still ours; what became of the others, another worker says.
    pub ours: HashSet<MessageId>,
    /// Messages that were given up by this.
    pub given_up: Vec<Undeliverable>,
}

/// Settles rows; those that are not ours any more are left alone. What follows from it, alerts about mail that does not arrive,
/// is written in the same transaction. Where that cannot be, the rows are settled all the same: a message that the mail server
/// has must not be sent again because of an alert that this binary cannot read.
///
/// # Errors
/// Those of the database.
pub async fn settle(
    db: &Db,
    settlements: &[Settlement],
    now: DateTime<Utc>,
) -> Result<Settled, ServiceError> {
    if settlements.is_empty() {
        return Ok(Settled::default());
    }
    let together = db
        .write_tx(async |tx| {
            let mut settled = settle_rows(tx, settlements, now).await?;
            if !settled.given_up.is_empty() {
                // Before users, as whoever answers an alert about mail does.
                hold_installation(tx).await?;
            }
            disable_recipients(tx, &mut settled.given_up, now).await?;
            let mut messages = Vec::new();
            if !settled.given_up.is_empty() {
                messages = report_undeliverable(tx, now, &settled.given_up).await?;
            }
            messages.extend(resolve_undeliverable(tx, now, &reached(settlements, &settled.ours)).await?);
            joining::queue(tx, now, messages).await?;
            Ok(settled)
        })
        .await;
    match together {
        Err(error) if !error.is_passing() => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                messages = settlements.len(),
                "settling messages with what follows failed, settling them alone"
            );
            settle_apart(db, settlements, now).await
        }
        done => done,
    }
}

/// Settles rows in a transaction of their own, and then does what follows step by step, as far as it can be done.
async fn settle_apart(
    db: &Db,
    settlements: &[Settlement],
    now: DateTime<Utc>,
) -> Result<Settled, ServiceError> {
    let mut settled = db
        .write_tx(async |tx| settle_rows(tx, settlements, now).await)
        .await?;
    let given_up = settled.given_up.clone();
    let disabled = db
        .write_tx(async |tx| {
            let mut given_up = given_up.clone();
            disable_recipients(tx, &mut given_up, now)
                .await
                .map(|()| given_up)
        })
        .await;
    match disabled {
        Ok(given_up) => settled.given_up = given_up,
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "disabling mail to recipients failed"
            );
            settled
                .given_up
                .iter_mut()
                .for_each(|message| message.recipient_disabled = false);
        }
    }
    for message in &settled.given_up {
        let report = async |tx: &Tx| {
            let messages = report_undeliverable(tx, now, std::slice::from_ref(message)).await?;
            joining::queue(tx, now, messages).await
        };
        if let Err(error) = db.write_tx(report).await {
            tracing::error!(error = &error as &dyn std::error::Error, mail = %message.id, "a message was given up, and no alert says so");
        }
    }
    let reached = reached(settlements, &settled.ours);
    let resolve = async |tx: &Tx| {
        let messages = resolve_undeliverable(tx, now, &reached).await?;
        joining::queue(tx, now, messages).await
    };
    if let Err(error) = db.write_tx(resolve).await {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "mail has arrived, and alerts that say it does not were not resolved"
        );
    }
    Ok(settled)
}

/// Settles the rows and nothing else.
async fn settle_rows(
    tx: &Tx,
    settlements: &[Settlement],
    now: DateTime<Utc>,
) -> Result<Settled, ServiceError> {
    let backend = tx.get_database_backend();
    let now = shared_now(tx, now).await?;
    let list: Vec<Value> = settlements
        .iter()
        .map(|settlement| line(settlement, now))
        .collect();
    let statement = Statement::from_sql_and_values(
        backend,
        settle_messages(backend),
        [Value::from(list).to_string().into()],
    );
    let ours = ids_of(tx, statement, "settling messages").await?;
    let given_up = settlements
        .iter()
        .filter(|one| ours.contains(&one.row.id))
        .filter_map(undeliverable)
        .collect();
    Ok(Settled { ours, given_up })
}

/// The addresses that mail has reached.
fn reached(settlements: &[Settlement], ours: &HashSet<MessageId>) -> HashSet<String> {
    let sent = settlements
        .iter()
        .filter(|one| one.ending == Ending::Sent && ours.contains(&one.row.id));
    sent.filter_map(|one| one.row.recipient.as_ref().ok())
        .map(|address| address.expose().to_owned())
        .collect()
}

/// Gives up, with the mail server's error, what has been due for longer than its patience and is nobody's at the moment.
/// For a mail server that has been away for so long that nothing is tried any more. What the caller has in hand is not given up.
///
/// # Errors
/// Those of the database.
pub async fn give_up_overdue(
    db: &Db,
    error: &str,
    in_hand: &[MessageId],
    now: DateTime<Utc>,
) -> Result<Vec<Undeliverable>, ServiceError> {
    db.write_tx(async |tx| {
        let shared = shared_now(tx, now).await?;
        let longest = shared + LONGEST_LEASE;
        let values = [
            shared.timestamp_micros().into(),
            longest.timestamp_micros().into(),
            error.into(),
            id_list(in_hand).into(),
        ];
        let statement = Statement::from_sql_and_values(db.backend(), overdue_messages(db.backend()), values);
        let rows = outbox::Entity::find()
            .from_raw_sql(statement)
            .all(tx)
            .await
            .during("giving up overdue messages")?;
        let given_up = rows
            .into_iter()
            .map(|row| {
                let kind = parse("outbox", "kind", &row.kind)?;
                Ok(Undeliverable {
                    id: row.id.into(),
                    kind,
                    recipient: row.recipient.parse().ok(),
                    user: row.user_id.map(Into::into),
                    account: row.account_id.map(Into::into),
                    alerts: alerts_of(
                        row.alert_id.map(Into::into),
                        OutboxContext::from_json(kind, &row.context).ok().as_ref(),
                    ),
                    reason: error.to_owned(),
                    fault: Fault::Server,
                    recipient_disabled: false,
                })
            })
            .collect::<Result<Vec<_>, ServiceError>>()?;
        if !given_up.is_empty() {
            let messages = report_undeliverable(tx, now, &given_up).await?;
            joining::queue(tx, now, messages).await?;
        }
        Ok(given_up)
    })
    .await
}

/// A settlement as the statement reads it.
pub(super) fn line(settlement: &Settlement, now: DateTime<Utc>) -> Value {
    let (status, error, due_at, untried) = match &settlement.ending {
        Ending::Sent => (MessageStatus::Sent, None, None, 0),
        Ending::Retry { at, error } => (
            MessageStatus::Queued,
            Some(error.as_str()),
            Some(at.timestamp_micros()),
            0,
        ),
        Ending::Failed { error, .. } => (MessageStatus::Failed, Some(error.as_str()), None, 0),
        Ending::Canceled { reason } => (MessageStatus::Canceled, Some(reason.as_str()), None, 1),
        Ending::HandedBack { error } => (MessageStatus::Queued, error.as_deref(), None, 1),
    };
    let finished_at = (status != MessageStatus::Queued).then(|| now.timestamp_micros());
    json!({
        "id": hex(&settlement.row),
        "token": settlement.row.token,
        "status": status.as_str(),
        // PostgreSQL keeps no NUL in a text.
        "error": error.map(|error| error.replace('\0', "")),
        "due_at": due_at,
        "finished_at": finished_at,
        "untried": untried,
    })
}

fn undeliverable(settlement: &Settlement) -> Option<Undeliverable> {
    let Ending::Failed {
        error,
        unknown_recipient,
    } = &settlement.ending
    else {
        return None;
    };
    Some(Undeliverable {
        id: settlement.row.id,
        kind: settlement.row.kind,
        recipient: settlement.row.recipient.clone().ok(),
        user: settlement.row.user,
        account: settlement.row.account,
        alerts: alerts_of(settlement.row.alert, settlement.row.context.as_ref().ok()),
        reason: error.clone(),
        fault: if *unknown_recipient {
            Fault::Recipient
        } else {
            Fault::Message
        },
        recipient_disabled: *unknown_recipient,
    })
}

/// Sends no more mail to users whom the mail server does not know. What was wrongly assumed of others is corrected: an
/// address that is no user's cannot be disabled.
async fn disable_recipients(
    tx: &Tx,
    given_up: &mut [Undeliverable],
    now: DateTime<Utc>,
) -> Result<(), ServiceError> {
    let addresses: Vec<String> = given_up
        .iter()
        .filter(|message| message.recipient_disabled)
        .filter_map(|message| {
            message
                .recipient
                .as_ref()
                .map(|address| address.expose().to_owned())
        })
        .collect();
    if addresses.is_empty() {
        return Ok(());
    }
    let operation = "disabling mail to a recipient";
    let among = text_in(tx.get_database_backend(), app_user::Column::Email, addresses);
    let users: HashMap<String, Uuid> = app_user::Entity::find()
        .filter(among)
        .all(tx)
        .await
        .during(operation)?
        .into_iter()
        .map(|user| (user.email, user.id))
        .collect();
    for message in given_up.iter_mut() {
        let user = message
            .recipient
            .as_ref()
            .and_then(|address| users.get(address.expose()));
        message.recipient_disabled &= user.is_some();
        message.user = message.user.or(user.map(|id| (*id).into()));
    }
    let those = id_in(
        tx.get_database_backend(),
        app_user::Column::Id,
        users.into_values(),
    );
    mail_switch::shut_off(tx, now, Condition::all().add(those)).await
}
