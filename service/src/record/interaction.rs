//! What happened between us and a customer: by id, and by account, newest first.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use engagement::id::{AccountId, ContactId, InteractionId, UserId};
use engagement::vocabulary::{
    Attendance, ContactRole, Direction, InteractionKind, InteractionStatus, Party, Purpose,
};
use entity::{contact, interaction, interaction_participant};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, IntoColumnRef, Order, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, FromQueryResult, Iterable, QueryResult};

use crate::access::{Access, visible_accounts};
use crate::clock::instant;
use crate::db::Db;
use crate::error::{During, ServiceError};
use crate::record::by_ids;
use crate::record::contact::has_role;
use crate::record::pages_by_account::{self, List, Rows};
use crate::sql::dialect::id_in;
use crate::sql::page::{Key, KeyKind, Ordering, Page, PageRequest, Place};
use crate::sql::stored::{parse, parse_json, parse_optional};

/// Something that happened, or is planned.
#[derive(Debug, Clone, PartialEq)]
pub struct Interaction {
    /// Its id.
    pub id: InteractionId,
    /// With which customer.
    pub account_id: AccountId,
    /// The key in the system it comes from, unique within the account.
    pub external_id: String,
    /// What kind.
    pub kind: InteractionKind,
    /// Who started it.
    pub direction: Direction,
    /// What became of it.
    pub status: InteractionStatus,
    /// What it was for.
    pub purpose: Option<Purpose>,
    pub occurred_at: DateTime<Utc>,
    /// When they answered.
    pub responded_at: Option<DateTime<Utc>>,
    /// Who answered.
    pub responded_by: Option<ContactId>,
    /// Who wrote or called.
    pub from_contact: Option<ContactId>,
    /// External id of what takes its place.
    pub rescheduled_to: Option<String>,
    /// Who called it off.
    pub canceled_by: Option<Party>,
    /// What it was about.
    pub subject: Option<String>,
    /// What was talked about.
    pub topics: Vec<String>,
    /// What came of it.
    pub outcome: Option<String>,
    /// Who of us led it.
    pub owner_id: Option<UserId>,
    /// A newsletter or a campaign.
    pub bulk: bool,
}

/// A contact on an interaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Participant {
    pub contact_id: ContactId,
    /// Whether they were there.
    pub attendance: Attendance,
}

/// Which interactions a list holds: those that meet every part that is given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct InteractionFilter {
    /// That a contact with one of these roles took part in, wrote or answered; roles as they are on the day.
    pub contact_roles: Option<(Vec<ContactRole>, NaiveDate)>,
    /// Of these kinds.
    pub kinds: Option<Vec<InteractionKind>>,
    /// At or after.
    pub from: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
}

/// Interactions by id; those that do not exist or may not be seen are absent.
pub async fn by_ids(
    db: &Db,
    access: &Access,
    ids: &[InteractionId],
) -> Result<HashMap<InteractionId, Interaction>, ServiceError> {
    let visible = visible_accounts(access, interaction::Column::AccountId.into_column_ref());
    let ids = ids.iter().map(|id| id.uuid());
    by_ids::read::<interaction::Entity, _, _>(
        db,
        "reading interactions",
        (interaction::Column::Id, visible),
        ids,
        |row| from_row(row).map(|interaction| (interaction.id, interaction)),
    )
    .await
}

/// A page of the interactions of each account, newest first.
///
/// # Errors
/// [`ServiceError::BadInput`] for what is no cursor of this list.
pub async fn pages_of(
    db: &Db,
    access: &Access,
    accounts: &[AccountId],
    filter: &InteractionFilter,
    page: &PageRequest,
    with_total: bool,
) -> Result<HashMap<AccountId, Page<Interaction>>, ServiceError> {
    use interaction::{Column, Entity};
    let list = List::<Entity> {
        operation: "listing interactions",
        account: Column::AccountId,
        matching: matching(filter),
        ordering: Ordering {
            key: Expr::col((Entity, Column::OccurredAt)),
            kind: KeyKind::Whole,
            descending: true,
            id: Expr::col((Entity, Column::Id)),
        },
    };
    pages_by_account::read(
        db,
        access,
        accounts,
        list,
        page,
        with_total,
        |row: interaction::Model, occurred_at: i64| {
            Ok((
                Place {
                    key: Key::Whole(occurred_at),
                    id: row.id,
                },
                from_row(row)?,
            ))
        },
    )
    .await
}

fn matching(filter: &InteractionFilter) -> Condition {
    use interaction::Column;
    let mut all = Condition::all();
    if let Some(kinds) = &filter.kinds {
        all = all.add(Column::Kind.is_in(kinds.iter().map(|kind| kind.as_str())));
    }
    if let Some(from) = filter.from {
        all = all.add(Column::OccurredAt.gte(from.timestamp_micros()));
    }
    if let Some(until) = filter.until {
        all = all.add(Column::OccurredAt.lt(until.timestamp_micros()));
    }
    if let Some((roles, on)) = &filter.contact_roles {
        all = all.add(Expr::exists(somebody_with_role(roles, *on)));
    }
    all
}

/// Contacts with a role who took part in the interaction at hand, wrote it or answered it.
fn somebody_with_role(roles: &[ContactRole], on: NaiveDate) -> SelectStatement {
    use interaction_participant as participant;
    let this = |column: interaction::Column| (interaction::Entity, column);
    let contact_id = || Expr::col((contact::Entity, contact::Column::Id));
    let took_part = Query::select()
        .expr_as(Expr::val(1), Alias::new("one"))
        .from(participant::Entity)
        .and_where(
            Expr::col((participant::Entity, participant::Column::AccountId))
                .equals(this(interaction::Column::AccountId)),
        )
        .and_where(
            Expr::col((participant::Entity, participant::Column::InteractionId))
                .equals(this(interaction::Column::Id)),
        )
        .and_where(
            Expr::col((participant::Entity, participant::Column::ContactId))
                .equals((contact::Entity, contact::Column::Id)),
        )
        .to_owned();
    let involved = Condition::any()
        .add(Expr::exists(took_part))
        .add(contact_id().equals(this(interaction::Column::FromContact)))
        .add(contact_id().equals(this(interaction::Column::RespondedBy)));
    Query::select()
        .expr_as(Expr::val(1), Alias::new("one"))
        .from(contact::Entity)
        .and_where(
            Expr::col((contact::Entity, contact::Column::AccountId))
                .equals(this(interaction::Column::AccountId)),
        )
        .cond_where(has_role(roles, on))
        .cond_where(involved)
        .to_owned()
}

/// A page of the customer's people on each interaction, by contact id.
///
/// # Errors
/// [`ServiceError::BadInput`] for what is no cursor of this list.
pub async fn participant_pages_of(
    db: &Db,
    access: &Access,
    interactions: &[(AccountId, InteractionId)],
    page: &PageRequest,
    with_total: bool,
) -> Result<HashMap<InteractionId, Page<Participant>>, ServiceError> {
    let all = participants(db, access, interactions);
    let rows = Rows {
        operation: PARTICIPANTS,
        all,
        owner: interaction_participant::Column::InteractionId,
        ordering: by_contact(),
    };
    let ids: Vec<InteractionId> = interactions.iter().map(|(_, interaction)| *interaction).collect();
    pages_by_account::pages(db, rows, &ids, page, with_total, |row| {
        let (_, participant) = participant(row)?;
        Ok((
            Place {
                key: Key::Whole(0),
                id: participant.contact_id.uuid(),
            },
            participant,
        ))
    })
    .await
}

/// The customer's people on each interaction, by contact id; interactions without any are absent.
pub async fn participants_of(
    db: &Db,
    access: &Access,
    interactions: &[(AccountId, InteractionId)],
) -> Result<HashMap<InteractionId, Vec<Participant>>, ServiceError> {
    let mut statement = participants(db, access, interactions);
    statement.order_by(interaction_participant::Column::ContactId, Order::Asc);
    let mut people: HashMap<InteractionId, Vec<Participant>> = HashMap::new();
    for row in db.read().query_all(&statement).await.during(PARTICIPANTS)? {
        let (interaction, participant) = participant(&row)?;
        people.entry(interaction).or_default().push(participant);
    }
    Ok(people)
}

/// What to say when reading participants fails.
const PARTICIPANTS: &str = "reading participants";

/// Nothing comes before the contact's id; a bare 0 would be the number of a column.
fn by_contact() -> Ordering {
    let contact = (
        interaction_participant::Entity,
        interaction_participant::Column::ContactId,
    );
    Ordering {
        key: Expr::cust("0 + 0"),
        kind: KeyKind::Whole,
        descending: false,
        id: Expr::col(contact),
    }
}

/// The people on interactions, as rows that [`participant`] reads.
fn participants(db: &Db, access: &Access, interactions: &[(AccountId, InteractionId)]) -> SelectStatement {
    use interaction_participant::{Column, Entity};
    // The accounts lead the key; without them the statement would read the whole table.
    Query::select()
        .columns(Column::iter())
        .from(Entity)
        .and_where(id_in(
            db.backend(),
            Column::AccountId,
            interactions.iter().map(|(account, _)| account.uuid()),
        ))
        .and_where(id_in(
            db.backend(),
            Column::InteractionId,
            interactions.iter().map(|(_, interaction)| interaction.uuid()),
        ))
        .cond_where(visible_accounts(access, Column::AccountId.into_column_ref()))
        .to_owned()
}

fn participant(row: &QueryResult) -> Result<(InteractionId, Participant), ServiceError> {
    let row = interaction_participant::Model::from_query_result(row, "").during(PARTICIPANTS)?;
    let attendance = parse("interaction_participant", "attendance", &row.attendance)?;
    Ok((
        row.interaction_id.into(),
        Participant {
            contact_id: row.contact_id.into(),
            attendance,
        },
    ))
}

fn from_row(row: interaction::Model) -> Result<Interaction, ServiceError> {
    const TABLE: &str = "interaction";
    Ok(Interaction {
        id: row.id.into(),
        account_id: row.account_id.into(),
        external_id: row.external_id,
        kind: parse(TABLE, "kind", &row.kind)?,
        direction: parse(TABLE, "direction", &row.direction)?,
        status: parse(TABLE, "status", &row.status)?,
        purpose: parse_optional(TABLE, "purpose", row.purpose.as_deref())?,
        occurred_at: instant(row.occurred_at),
        responded_at: row.responded_at.map(instant),
        responded_by: row.responded_by.map(Into::into),
        from_contact: row.from_contact.map(Into::into),
        rescheduled_to: row.rescheduled_to,
        canceled_by: parse_optional(TABLE, "canceled_by", row.canceled_by.as_deref())?,
        subject: row.subject,
        topics: parse_json(TABLE, "topics", &row.topics)?,
        outcome: row.outcome,
        owner_id: row.owner_id.map(Into::into),
        bulk: row.bulk,
    })
}
