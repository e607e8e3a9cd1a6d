//! Looking again before each attempt: whether there is still something to say, whether mail still reaches the recipient, and
//! whether they may still see what the message speaks of. Days may lie between deciding on a message and sending it.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use engagement::email_address::EmailAddress;
use engagement::id::{AccountId, AlertId, MessageId, UserId};
use engagement::vocabulary::MessageKind;
use entity::app_user;
use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter, QueryResult, Statement};
use uuid::Uuid;

use super::content::{AlertContent, AlertNote, Content, Saying};
use super::links::LinkReader;
use super::outside::{led_from_outside, managed_from_outside, said, told_of, users_in};
use crate::access::unseen_by_user;
use crate::clock::instant;
use crate::db::Db;
use crate::error::{During, ServiceError};
use crate::outbox::{Claimed, EscalationContext, OutboxContext};
use crate::sql::dialect::id_in;
use crate::sql::stored::{parse, parse_optional};

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
        /// Where the row tells of more than the recipient may see by now: what it is to tell of from here on. What was
        /// rendered before says too much then.
        narrowed: Option<OutboxContext>,
    },
    /// Do not: why.
    Unwanted(String),
}

/// How claimed rows stand now, in a fixed number of statements. The escalation addresses may be told of anything; another
/// address that is no user's may be told of the accounts in whose team it manages somebody, and of users whom it manages. Days are those of the
/// organisation's zone.
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
    let led = led_from_outside(db, claimed, &sayings).await?;
    let managed = managed_from_outside(db, claimed, &sayings).await?;
    let mut standing = |row: &Claimed| {
        let content = match sayings.remove(&row.id) {
            Some(Saying::Content(content)) => Ok(content),
            Some(Saying::Over(why)) => return Ok(Standing::Unwanted(why.to_owned())),
            Some(Saying::Unreadable(why)) => Err(why),
            None => Err("its context was not read".to_owned()),
        };
        let named = row
            .recipient
            .as_ref()
            .ok()
            .filter(|address| escalation_to.contains(address));
        let Some(user) = row.user.and_then(|id| users.get(&id.uuid())) else {
            let leads = |account: &AccountId| {
                row.recipient
                    .as_ref()
                    .is_ok_and(|to| led.contains(&(to.clone(), *account)))
            };
            let manages = |user: &UserId| {
                row.recipient
                    .as_ref()
                    .is_ok_and(|to| managed.contains(&(to.clone(), *user)))
            };
            let told = told_of(row, content.as_deref().ok());
            // A plan is told to members, who are users. What cannot be read or addressed is to fail, for everybody to see.
            let unfit = row.recipient.is_err() || (content.is_err() && row.message.is_none());
            let users = users_in(content.as_deref().ok());
            let hidden = if named.is_some() || !row.kind.is_escalation() || unfit {
                Hidden::default()
            } else if told.is_empty() && users.is_empty() {
                return Ok(Standing::Unwanted(NO_BUSINESS.to_owned()));
            } else {
                let accounts = told.into_iter().filter(|account| !leads(account)).collect();
                Hidden {
                    accounts,
                    users: users.into_iter().filter(|user| !manages(user)).collect(),
                }
            };
            let Some((content, narrowed)) = narrow(row, content, &hidden) else {
                return Ok(Standing::Unwanted(NO_BUSINESS.to_owned()));
            };
            let reader = named.map_or(LinkReader::Nobody, |address| LinkReader::Address(address.clone()));
            return Ok(Standing::Wanted {
                recipient: None,
                reader,
                content,
                narrowed,
            });
        };
        if let Some(since) = user.mail_disabled_at {
            let since: DateTime<Utc> = instant(since);
            return Ok(Standing::Unwanted(format!(
                "mail does not reach the recipient since {}",
                since.format("%Y-%m-%d %H:%M UTC")
            )));
        }
        if user.digest_off && row.kind == MessageKind::WeeklyDigest {
            return Ok(Standing::Unwanted(
                "the recipient wants no digest any more".to_owned(),
            ));
        }
        let by_managing = |account: &AccountId| unseen.get(&(user.id, account.uuid())).copied();
        let told = told_of(row, content.as_deref().ok());
        let lost: HashSet<AccountId> = told
            .iter()
            .copied()
            .filter(|account| named.is_none() && by_managing(account) == Some(false))
            .collect();
        let Some((content, narrowed)) = narrow(
            row,
            content,
            &Hidden {
                accounts: lost,
                ..Hidden::default()
            },
        ) else {
            return Ok(Standing::Unwanted(
                "the recipient may not see the account any more".to_owned(),
            ));
        };
        let time_zone = parse_optional("app_user", "time_zone", user.time_zone.as_deref())?;
        let reader = LinkReader::User {
            id: user.id.into(),
            role: parse("app_user", "role", &user.role)?,
            hidden: told
                .into_iter()
                .filter(|account| by_managing(account).is_some())
                .collect(),
            named: named.is_some(),
        };
        let recipient = Some(Recipient {
            name: user.name.clone(),
            time_zone,
        });
        Ok(Standing::Wanted {
            recipient,
            reader,
            content,
            narrowed,
        })
    };
    claimed
        .iter()
        .map(|row| standing(row).map(|standing| (row.id, standing)))
        .collect()
}

/// Why an address that is no user's gets nothing.
const NO_BUSINESS: &str =
    "the recipient is no user, and neither an escalation address nor a manager of whom it is about any more";

/// Of what the recipient may not be told.
#[derive(Debug, Default)]
struct Hidden {
    accounts: HashSet<AccountId>,
    users: HashSet<UserId>,
}

impl Hidden {
    fn hides(&self, alert: &AlertNote) -> bool {
        alert
            .account
            .as_ref()
            .is_some_and(|account| self.accounts.contains(&account.id))
            || alert.user.is_some_and(|user| self.users.contains(&user))
    }
}

/// What a message says; or why that cannot be read.
type Said = Result<Box<Content>, String>;

/// What remains to be said when this is hidden from the recipient: of several alerts the others, and the context that tells of
/// no more; of anything else all or nothing.
fn narrow(row: &Claimed, content: Said, hidden: &Hidden) -> Option<(Said, Option<OutboxContext>)> {
    if hidden.accounts.is_empty() && hidden.users.is_empty() {
        return Some((content, None));
    }
    let (Ok(content), Ok(context)) = (content, &row.context) else {
        return None;
    };
    let (Content::Alert(content), OutboxContext::Alert(about) | OutboxContext::SponsorDeparted(about)) =
        (*content, context)
    else {
        return None;
    };
    let (dropped, kept): (Vec<AlertNote>, Vec<AlertNote>) =
        content.alerts.into_iter().partition(|alert| hidden.hides(alert));
    if kept.is_empty()
        || row
            .account
            .is_some_and(|account| hidden.accounts.contains(&account))
    {
        return None;
    }
    let dropped: HashSet<AlertId> = dropped.into_iter().map(|alert| alert.id).collect();
    let about = EscalationContext {
        alerts: about
            .alerts
            .iter()
            .copied()
            .filter(|id| !dropped.contains(id))
            .collect(),
        ..about.clone()
    };
    let narrowed = match context {
        OutboxContext::SponsorDeparted(_) => OutboxContext::SponsorDeparted(about),
        _ => OutboxContext::Alert(about),
    };
    Some((
        Ok(Box::new(Content::Alert(AlertContent::new(
            content.audience,
            kept,
            content.told,
        )))),
        Some(narrowed),
    ))
}

async fn users_of(db: &Db, claimed: &[Claimed]) -> Result<HashMap<Uuid, app_user::Model>, ServiceError> {
    let ids: HashSet<Uuid> = claimed
        .iter()
        .filter_map(|row| row.user)
        .map(UserId::uuid)
        .collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let among = id_in(db.backend(), app_user::Column::Id, ids);
    let rows = app_user::Entity::find()
        .filter(among)
        .all(db.read())
        .await
        .during("reading recipients")?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// Which pairs of recipient and account do not go together by the recipient's own rights; and whether mails may tell them of
/// the account all the same, because they manage a member of its team.
async fn unseen(
    db: &Db,
    claimed: &[Claimed],
    sayings: &HashMap<MessageId, Saying>,
) -> Result<HashMap<(Uuid, Uuid), bool>, ServiceError> {
    let mut pairs: HashSet<(Uuid, Uuid)> = HashSet::new();
    for row in claimed {
        let Some(user) = row.user else { continue };
        pairs.extend(
            told_of(row, said(sayings, row))
                .into_iter()
                .map(|account| (user.uuid(), account.uuid())),
        );
    }
    if pairs.is_empty() {
        return Ok(HashMap::new());
    }
    let operation = "checking recipients' access";
    let list: Vec<_> = pairs
        .iter()
        .map(|(user, account)| [user.simple().to_string(), account.simple().to_string()])
        .collect();
    let list = serde_json::json!(list).to_string();
    let statement = Statement::from_sql_and_values(db.backend(), unseen_by_user(db.backend()), [list.into()]);
    let rows = db.read().query_all_raw(statement).await.during(operation)?;
    let get = |row: &QueryResult| {
        let pair = (
            row.try_get_by_index(0).during(operation)?,
            row.try_get_by_index(1).during(operation)?,
        );
        Ok((pair, row.try_get_by_index(2).during(operation)?))
    };
    rows.iter().map(get).collect()
}
