//! Who is who in the accounts of some reports: their people, and who of us sees to it. A fixed number of statements, whatever
//! the number of accounts.

use std::collections::HashMap;

use engagement::id::{AccountId, UserId};
use engagement::recommendation::{ContactLabel, Member, People};
use engagement::vocabulary::{InteractionStatus, TeamRole};
use engagement::windows::Windows;
use entity::{account, app_user, interaction, interaction_participant, team_member};
use sea_orm::sea_query::{Alias, Condition, Expr, ExprTrait, IntoColumnRef, Order, Query, SelectStatement};
use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

use crate::access::{Access, visible_accounts};
use crate::db::Db;
use crate::error::{During, ServiceError};
use crate::record::{contact, user};
use crate::sql::dialect::{id_in, sort_key};
use crate::sql::stored::parse;

/// Reads the people of each account, as they are; who owned its latest interaction, as it was at the end of the windows.
pub(super) async fn read(
    db: &Db,
    access: &Access,
    windows: &Windows,
    accounts: &[AccountId],
) -> Result<HashMap<AccountId, People>, ServiceError> {
    let mut people: HashMap<AccountId, People> = accounts
        .iter()
        .map(|account| (*account, People::default()))
        .collect();
    for (account, contacts) in contact::all_of(db, access, accounts).await? {
        let labels = contacts.into_iter().map(|contact| (contact.id, label(contact)));
        people.entry(account).or_default().contacts = labels.collect();
    }
    for (account, role, member) in team(db, access, accounts).await? {
        let people = people.entry(account).or_default();
        match role {
            TeamRole::Csm => people.csm = people.csm.take().or(Some(member)),
            // Our own executive calls before a manager does, whatever the names.
            TeamRole::ExecutiveSponsor => people.caller = people.caller.take().or(Some(member)),
            TeamRole::Manager if people.caller.is_none() => people.caller = Some(member),
            TeamRole::Manager | TeamRole::AccountExecutive => {}
        }
    }
    let unowned: Vec<AccountId> = people
        .iter()
        .filter(|(_, people)| people.csm.is_none())
        .map(|(account, _)| *account)
        .collect();
    let mut owners = latest_owners(db, access, windows, &unowned).await?;
    for (account, people) in &mut people {
        people.owner = people.csm.clone().or_else(|| owners.remove(account));
    }
    Ok(people)
}

fn label(contact: contact::Contact) -> ContactLabel {
    let contact::Contact {
        name,
        title,
        department,
        communication_preference: preference,
        ..
    } = contact;
    ContactLabel {
        name,
        title,
        department,
        preference,
    }
}

/// The members of the teams, by role (our executives before the managers) and by name.
async fn team(
    db: &Db,
    access: &Access,
    accounts: &[AccountId],
) -> Result<Vec<(AccountId, TeamRole, Member)>, ServiceError> {
    use team_member::{Column, Entity};
    const OPERATION: &str = "reading who of us looks after accounts";
    let team = |column| (Entity, column).into_column_ref();
    let user = |column| (app_user::Entity, column).into_column_ref();
    let statement = Query::select()
        .column(team(Column::AccountId))
        .column(team(Column::TeamRole))
        .column(user(app_user::Column::Id))
        .column(user(app_user::Column::Name))
        .from(Entity)
        .inner_join(
            app_user::Entity,
            Expr::col(user(app_user::Column::Id)).eq(Expr::col(team(Column::UserId))),
        )
        .and_where(id_in(
            db.backend(),
            team(Column::AccountId),
            accounts.iter().map(|id| id.uuid()),
        ))
        .cond_where(visible_accounts(access, team(Column::AccountId)))
        .order_by(team(Column::TeamRole), Order::Asc)
        .order_by_expr(sort_key(db.backend(), user(app_user::Column::Name)), Order::Asc)
        .order_by(user(app_user::Column::Id), Order::Asc)
        .to_owned();
    let rows = all(db, &statement, OPERATION).await?;
    let member = |row: QueryResult| {
        let (account, role, id, name): (Uuid, String, Uuid, String) =
            row.try_get_many_by_index().during(OPERATION)?;
        Ok((
            account.into(),
            parse("team_member", "team_role", &role)?,
            Member { id: id.into(), name },
        ))
    };
    rows.into_iter().map(member).collect()
}

/// Who owned the latest interaction of each account that has happened and was somebody's.
async fn latest_owners(
    db: &Db,
    access: &Access,
    windows: &Windows,
    accounts: &[AccountId],
) -> Result<HashMap<AccountId, Member>, ServiceError> {
    use interaction::{Column, Entity};
    const OPERATION: &str = "reading who of us was last in contact with accounts";
    if accounts.is_empty() {
        return Ok(HashMap::new());
    }
    let row = |column| Expr::col((Entity, column));
    let account = (account::Entity, account::Column::Id).into_column_ref();
    let at = windows.at.timestamp_micros();
    // Nameless interactions count nowhere in the advice (docs/scoring.md § 2); an answer after the end does not exist yet.
    let known = |column| Condition::all().add(row(column).is_not_null());
    let participant = Query::select()
        .expr(Expr::val(1))
        .from(interaction_participant::Entity)
        .and_where(
            Expr::col((
                interaction_participant::Entity,
                interaction_participant::Column::AccountId,
            ))
            .equals((Entity, Column::AccountId)),
        )
        .and_where(
            Expr::col((
                interaction_participant::Entity,
                interaction_participant::Column::InteractionId,
            ))
            .equals((Entity, Column::Id)),
        )
        .to_owned();
    let names_somebody = Condition::any()
        .add(known(Column::FromContact))
        .add(row(Column::RespondedAt).lt(at))
        .add(known(Column::RespondedBy).add(row(Column::RespondedAt).is_null()))
        .add(Expr::exists(participant));
    let latest = Query::select()
        .column((Entity, Column::OwnerId))
        .from(Entity)
        .and_where(row(Column::AccountId).eq(Expr::col(account.clone())))
        .and_where(row(Column::OccurredAt).between(windows.history_start.timestamp_micros(), at - 1))
        .and_where(row(Column::Status).ne(InteractionStatus::Scheduled.as_str()))
        .and_where(row(Column::OwnerId).is_not_null())
        .cond_where(names_somebody)
        .order_by((Entity, Column::OccurredAt), Order::Desc)
        .order_by((Entity, Column::Id), Order::Desc)
        .limit(1)
        .to_owned();
    let statement = Query::select()
        .column(account.clone())
        .expr_as(
            Expr::SubQuery(None, Box::new(latest.into())),
            Alias::new("owner_id"),
        )
        .from(account::Entity)
        .and_where(id_in(
            db.backend(),
            account.clone(),
            accounts.iter().map(|id| id.uuid()),
        ))
        .cond_where(visible_accounts(access, account))
        .to_owned();
    let rows = all(db, &statement, OPERATION).await?;
    let owner = |row: QueryResult| {
        let (account, owner): (Uuid, Option<Uuid>) = row.try_get_many_by_index().during(OPERATION)?;
        Ok((AccountId::from(account), owner.map(UserId::from)))
    };
    let owners: Vec<(AccountId, Option<UserId>)> =
        rows.into_iter().map(owner).collect::<Result<_, ServiceError>>()?;
    let ids: Vec<UserId> = owners.iter().filter_map(|(_, owner)| *owner).collect();
    let users = user::by_ids(db, access, &ids).await?;
    let named = |id: UserId| {
        users.get(&id).map(|user| Member {
            id,
            name: user.name.clone(),
        })
    };
    Ok(owners
        .into_iter()
        .filter_map(|(account, owner)| Some((account, named(owner?)?)))
        .collect())
}

async fn all(
    db: &Db,
    statement: &SelectStatement,
    operation: &'static str,
) -> Result<Vec<QueryResult>, ServiceError> {
    db.read().query_all(statement).await.during(operation)
}
