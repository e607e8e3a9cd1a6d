//! The customer's initiatives and how well we fit them.

use std::collections::HashMap;

use engagement::id::{AccountId, InitiativeId};
use engagement::vocabulary::Alignment;
use entity::initiative;
use sea_orm::sea_query::IntoColumnRef;
use sea_orm::{EntityTrait, QueryFilter, QueryOrder};

use crate::access::{Access, visible_accounts};
use crate::db::Db;
use crate::dialect::id_in;
use crate::error::{During, ServiceError};
use crate::stored::parse;

/// An initiative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Initiative {
    /// Its id.
    pub id: InitiativeId,
    /// Whose.
    pub account_id: AccountId,
    /// What.
    pub initiative: String,
    /// How important it is to them, in their words.
    pub their_priority: Option<String>,
    /// How well we fit it.
    pub alignment: Alignment,
}

/// The initiatives of each account, by name; accounts without any are absent.
pub async fn initiatives_of(db: &Db, access: &Access, accounts: &[AccountId]) -> Result<HashMap<AccountId, Vec<Initiative>>, ServiceError> {
    let rows = initiative::Entity::find()
        .filter(id_in(db.backend(), initiative::Column::AccountId, accounts.iter().map(|id| id.uuid())))
        .filter(visible_accounts(access, initiative::Column::AccountId.into_column_ref()))
        .order_by_asc(initiative::Column::Initiative)
        .order_by_asc(initiative::Column::Id)
        .all(db.read())
        .await
        .during("reading initiatives")?;
    let mut initiatives: HashMap<AccountId, Vec<Initiative>> = HashMap::new();
    for row in rows {
        let account_id = row.account_id.into();
        let alignment = parse("initiative", "alignment", &row.alignment)?;
        let initiative =
            Initiative { id: row.id.into(), account_id, initiative: row.initiative, their_priority: row.their_priority, alignment };
        initiatives.entry(account_id).or_default().push(initiative);
    }
    Ok(initiatives)
}
