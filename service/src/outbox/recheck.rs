//! Looking again before each attempt: whether there is still something to say, whether mail still reaches the recipient, and
//! whether they may still see what the message speaks of. Days may lie between deciding on a message and sending it.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use engagement::email_address::EmailAddress;
use engagement::id::{AccountId, MessageId, UserId};
use engagement::vocabulary::MessageKind;
use entity::app_user;
use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter, QueryResult, Statement};
use uuid::Uuid;

use super::claim::Claimed;
use super::content::{Content, Saying};
use crate::access::unseen_by_user;
use crate::clock::instant;
use crate::db::Db;
use crate::dialect::id_in;
use crate::error::{During, ServiceError};
use crate::link::LinkReader;
use crate::stored::{parse, parse_optional};

/// A recipient who is a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// How to address them.
    pub name: String,
    /// Their zone, where it is not the organisation's.
    pub time_zone: Option<Tz>,
}

/// How a claimed row stands now.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    /// Send it.
    Wanted {
        /// To this user, where it is one.
        recipient: Option<Recipient>,
        /// Whom its links are for.
        reader: LinkReader,
        /// What it says; or why that cannot be read.
        content: Result<Box<Content>, String>,
    },
    /// Do not: why.
    Unwanted(String),
}

/// How claimed rows stand now, in a fixed number of statements. The escalation addresses may be told of anything;
/// days are those of the organisation's zone.
///
/// # Errors
/// Those of the database.
pub async fn look_again(
    db: &Db,
    claimed: &[Claimed],
    escalation_to: &[EmailAddress],
    zone: Tz,
) -> Result<HashMap<MessageId, Standing>, ServiceError> {
    let mut sayings = Content::read(db, zone, claimed).await?;
    let users = users_of(db, claimed).await?;
    let unseen = unseen(db, claimed, &sayings).await?;
    let mut standing = |row: &Claimed| {
        let content = match sayings.remove(&row.id) {
            Some(Saying::Content(content)) => Ok(content),
            Some(Saying::Over(why)) => return Ok(Standing::Unwanted(why.to_owned())),
            Some(Saying::Unreadable(why)) => Err(why),
            None => Err("its context was not read".to_owned()),
        };
        let named = row.recipient.as_ref().ok().filter(|address| escalation_to.contains(address));
        let Some(user) = row.user.and_then(|id| users.get(&id.uuid())) else {
            let reader = named.map_or(LinkReader::Nobody, |address| LinkReader::Address(address.clone()));
            return Ok(Standing::Wanted { recipient: None, reader, content });
        };
        if let Some(since) = user.mail_disabled_at {
            let since: DateTime<Utc> = instant(since);
            return Ok(Standing::Unwanted(format!("mail does not reach the recipient since {}", since.format("%Y-%m-%d %H:%M UTC"))));
        }
        if user.digest_off && row.kind == MessageKind::WeeklyDigest {
            return Ok(Standing::Unwanted("the recipient wants no digest any more".to_owned()));
        }
        let accounts: HashSet<AccountId> = content.iter().flat_map(|content| content.accounts()).chain(row.account).collect();
        let by_managing = |account: &AccountId| unseen.get(&(user.id, account.uuid())).copied();
        if named.is_none() && accounts.iter().any(|account| by_managing(account) == Some(false)) {
            return Ok(Standing::Unwanted("the recipient may not see the account any more".to_owned()));
        }
        let time_zone = parse_optional("app_user", "time_zone", user.time_zone.as_deref())?;
        let reader = LinkReader::User {
            id: user.id.into(),
            role: parse("app_user", "role", &user.role)?,
            hidden: accounts.into_iter().filter(|account| by_managing(account).is_some()).collect(),
            named: named.is_some(),
        };
        Ok(Standing::Wanted { recipient: Some(Recipient { name: user.name.clone(), time_zone }), reader, content })
    };
    claimed.iter().map(|row| standing(row).map(|standing| (row.id, standing))).collect()
}

async fn users_of(db: &Db, claimed: &[Claimed]) -> Result<HashMap<Uuid, app_user::Model>, ServiceError> {
    let ids: HashSet<Uuid> = claimed.iter().filter_map(|row| row.user).map(UserId::uuid).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let among = id_in(db.backend(), app_user::Column::Id, ids);
    let rows = app_user::Entity::find().filter(among).all(db.read()).await.during("reading recipients")?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// Which pairs of recipient and account do not go together by the recipient's own rights; and whether mails may tell them of
/// the account all the same, because they manage a member of its team.
async fn unseen(db: &Db, claimed: &[Claimed], sayings: &HashMap<MessageId, Saying>) -> Result<HashMap<(Uuid, Uuid), bool>, ServiceError> {
    let mut pairs: HashSet<(Uuid, Uuid)> = HashSet::new();
    for row in claimed {
        let Some(user) = row.user else { continue };
        let told = match sayings.get(&row.id) {
            Some(Saying::Content(content)) => content.accounts(),
            _ => Vec::new(),
        };
        pairs.extend(told.into_iter().chain(row.account).map(|account| (user.uuid(), account.uuid())));
    }
    if pairs.is_empty() {
        return Ok(HashMap::new());
    }
    let operation = "checking recipients' access";
    let list: Vec<_> = pairs.iter().map(|(user, account)| [user.simple().to_string(), account.simple().to_string()]).collect();
    let list = serde_json::json!(list).to_string();
    let statement = Statement::from_sql_and_values(db.backend(), unseen_by_user(db.backend()), [list.into()]);
    let rows = db.read().query_all_raw(statement).await.during(operation)?;
    let get = |row: &QueryResult| {
        let pair = (row.try_get_by_index(0).during(operation)?, row.try_get_by_index(1).during(operation)?);
        Ok((pair, row.try_get_by_index(2).during(operation)?))
    };
    rows.iter().map(get).collect()
}
