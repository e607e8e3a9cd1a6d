//! Kept messages that tell of the account of somebody who is erased. A rendered message is not searched for a name: what it was
//! rendered from says which accounts it tells of, and any contact of those may be in it. What is still to be sent is rendered
//! anew; of what was sent, given up or canceled the text goes, and the row says so.

use std::collections::HashSet;

use engagement::id::{AccountId, AlertId};
use engagement::vocabulary::{MessageKind, MessageStatus};
use entity::{alert, outbox};
use outbox::Column as C;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect,
};
use uuid::Uuid;

use super::context::OutboxContext;
use crate::db::Tx;
use crate::error::{During, ServiceError};
use crate::record::mask::Mask;
use crate::sql::dialect::{contains, id_in};

/// What a row says whose text is gone.
const DROPPED: &str = "its text was dropped: a contact was erased whom it may have named";

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    kind: String,
    account_id: Option<Uuid>,
    context: String,
}

/// Takes a contact out of the messages that tell of their account. In how many contexts they were named; of one whose name is not
/// known any more the texts go all the same.
///
/// # Errors
/// Those of the database.
pub(crate) async fn forget_contact(
    tx: &Tx,
    account: AccountId,
    mask: Option<&Mask>,
) -> Result<usize, ServiceError> {
    let told = telling_of(tx, account).await?;
    let mut masked = 0;
    for row in &told {
        if let Some(context) = mask.and_then(|mask| mask.apply(&row.context, false)) {
            set(
                tx,
                &[row.id],
                Condition::all(),
                [(C::Context, Expr::value(context))],
            )
            .await?;
            masked += 1;
        }
    }
    let ids: Vec<Uuid> = told.iter().map(|row| row.id).collect();
    let queued = || Condition::all().add(C::Status.eq(MessageStatus::Queued.as_str()));
    // Whoever is about to write such a message has read the name: it is not theirs any more, and whoever claims it next reads
    // again. Those that nobody has are held as well until the erasure is committed, for whoever claimed one now would read the name.
    // One that was rendered before may be on its way, and stays whose it is, or it would go twice.
    let no_lease = [
        (C::LeasedBy, Expr::value(None::<String>)),
        (C::LeasedUntil, Expr::value(None::<i64>)),
    ];
    set(tx, &ids, queued().add(C::Message.is_null()), no_lease).await?;
    let no_text = || (C::Message, Expr::value(None::<String>));
    set(tx, &ids, queued().add(C::Message.is_not_null()), [no_text()]).await?;
    let why = Expr::cust(format!("coalesce(error || '; ', '') || '{DROPPED}'"));
    let settled = Condition::all().add(C::Status.ne(MessageStatus::Queued.as_str()));
    set(
        tx,
        &ids,
        settled.add(C::Message.is_not_null()),
        [no_text(), (C::Error, why)],
    )
    .await?;
    Ok(masked)
}

/// The messages that tell of an account: those about it, digests with a line about it, and joined escalations with one of its
/// alerts.
async fn telling_of(tx: &Tx, account: AccountId) -> Result<Vec<Row>, ServiceError> {
    let operation = "looking for messages that tell of an account";
    let backend = tx.get_database_backend();
    let digest = Condition::all()
        .add(C::Kind.eq(MessageKind::WeeklyDigest.as_str()))
        .add(contains(
            backend,
            (outbox::Entity, C::Context),
            &account.to_string(),
        ));
    let joined = Condition::all()
        .add(C::AccountId.is_null())
        .add(C::Kind.ne(MessageKind::WeeklyDigest.as_str()));
    let rows = outbox::Entity::find()
        .select_only()
        .columns([C::Id, C::Kind, C::AccountId, C::Context])
        .filter(
            Condition::any()
                .add(C::AccountId.eq(account.uuid()))
                .add(digest)
                .add(joined),
        )
        .into_model::<Row>()
        .all(tx)
        .await
        .during(operation)?;
    let alerts: HashSet<AlertId> = alert::Entity::find()
        .select_only()
        .column(alert::Column::Id)
        .filter(alert::Column::AccountId.eq(account.uuid()))
        .into_tuple::<Uuid>()
        .all(tx)
        .await
        .during(operation)?
        .into_iter()
        .map(Into::into)
        .collect();
    let tells = |row: &Row| {
        row.account_id.is_some() || row.kind == MessageKind::WeeklyDigest.as_str() || joins(row, &alerts)
    };
    Ok(rows.into_iter().filter(tells).collect())
}

/// Whether a message tells of one of these alerts. What cannot be read may.
fn joins(row: &Row, alerts: &HashSet<AlertId>) -> bool {
    let Ok(kind) = row.kind.parse() else { return true };
    match OutboxContext::from_json(kind, &row.context) {
        Ok(OutboxContext::Alert(context) | OutboxContext::SponsorDeparted(context)) => {
            context.alerts.iter().any(|id| alerts.contains(id))
        }
        Ok(OutboxContext::OutreachPlanned(_) | OutboxContext::WeeklyDigest(_)) => false,
        Err(_) => true,
    }
}

async fn set<const N: usize>(
    tx: &Tx,
    ids: &[Uuid],
    which: Condition,
    values: [(C, Expr); N],
) -> Result<(), ServiceError> {
    if ids.is_empty() {
        return Ok(());
    }
    let mut update = outbox::Entity::update_many()
        .filter(id_in(tx.get_database_backend(), C::Id, ids.iter().copied()))
        .filter(which);
    for (column, value) in values {
        update = update.col_expr(column, value);
    }
    update
        .exec(tx)
        .await
        .map(drop)
        .during("taking a name out of messages")
}
