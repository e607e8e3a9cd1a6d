//! Reading tokens, as far as the asker may see them.

use std::collections::HashMap;

use engagement::email_address::EmailAddress;
use engagement::id::UserId;
use entity::{api_token, app_user};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, Iterable, JoinType, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::model::{Token, from_row};
use crate::access::Access;
use crate::access::rights::{Action, Right, require_for, right_of};
use crate::db::Db;
use crate::error::{During, ServiceError};
use crate::record::pages_by_account::{self, Rows};
use crate::sql::dialect::id_in;
use crate::sql::page::{Key, KeyKind, Ordering, Page, PageRequest, Place};
use crate::sql::stored::parse;

/// All tokens of the installation, or of one user, that the asker sees, the newest first; each with its user's address.
///
/// # Errors
/// Those of the database.
pub async fn list(
    db: &Db,
    access: &Access,
    user: Option<UserId>,
) -> Result<Vec<(Token, EmailAddress)>, ServiceError> {
    let rows: Vec<(api_token::Model, Option<app_user::Model>)> = api_token::Entity::find()
        .join(
            JoinType::InnerJoin,
            api_token::Entity::belongs_to(app_user::Entity)
                .from(api_token::Column::UserId)
                .to(app_user::Column::Id)
                .into(),
        )
        .select_also(app_user::Entity)
        .filter(seen(access))
        .filter(user.map_or_else(Condition::all, |user| {
            Condition::all().add(api_token::Column::UserId.eq(user.uuid()))
        }))
        .order_by_desc(api_token::Column::CreatedAt)
        .order_by_desc(api_token::Column::Id)
        .all(db.read())
        .await
        .during("listing tokens")?;
    rows.into_iter()
        .filter_map(|(token, user)| Some((from_row(token), user?.email)))
        .map(|(token, email)| Ok((token, parse("app_user", "email", &email)?)))
        .collect()
}

/// A page of the tokens of each user, the newest first: of oneself, or of anybody where the asker may revoke them. Those of others
/// are not there for the asker.
///
/// # Errors
/// [`ServiceError::BadInput`] for what is no cursor of this list.
pub async fn pages_of(
    db: &Db,
    access: &Access,
    users: &[UserId],
    page: &PageRequest,
    with_total: bool,
) -> Result<HashMap<UserId, Page<Token>>, ServiceError> {
    use api_token::{Column, Entity};
    let all = Query::select()
        .columns(Column::iter())
        .from(Entity)
        .and_where(id_in(
            db.backend(),
            Column::UserId,
            users.iter().map(|id| id.uuid()),
        ))
        .cond_where(seen(access))
        .to_owned();
    let operation = "listing tokens";
    let newest = Ordering {
        key: Expr::col(Column::CreatedAt),
        kind: KeyKind::Whole,
        descending: true,
        id: Expr::col(Column::Id),
    };
    let rows = Rows {
        operation,
        all,
        owner: Column::UserId,
        ordering: newest,
    };
    pages_by_account::pages(db, rows, users, page, with_total, |row| {
        let row = api_token::Model::from_query_result(row, "").during(operation)?;
        Ok((
            Place {
                key: Key::Whole(row.created_at),
                id: row.id,
            },
            from_row(row),
        ))
    })
    .await
}

/// Whether the asker may see a user's tokens and preferences: their own, or anybody's for whom may revoke them.
pub fn is_private_to(access: &Access, user: UserId) -> bool {
    require_for(access, Action::RevokeApiToken, user).is_ok()
}

/// Which tokens the asker sees.
pub(super) fn seen(access: &Access) -> Condition {
    match (right_of(access, Action::RevokeApiToken), access.user()) {
        (Right::All | Right::Teams, _) => Condition::all(),
        (Right::Own, Some(own)) => Condition::all().add(api_token::Column::UserId.eq(own.uuid())),
        (Right::Own | Right::No, _) => Condition::all().add(Expr::val(1).eq(0)),
    }
}
