//! Bearer tokens: shown once, kept as their SHA-256 (they are random enough to need no more), found by it.
//!
//! A token is `rap_pat_`, 40 random characters and a checksum of six, so that a slip of the hand is refused without
//! asking the database, and scanners for leaked secrets can tell a token from noise.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use engagement::id::{TokenId, UserId};
use engagement::vocabulary::AuditTarget;
use entity::{api_token, app_user};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::access::Access;
use crate::audit::{self, Change, Values, difference, values};
use crate::clock::{Clock, instant};
use crate::db::{Db, Tx};
use crate::dialect::id_in;
use crate::error::{During, ServiceError};
use crate::ids::new_id;
use crate::rights::{Action, Right, require_for, right_of};
use crate::stored::parse;
use crate::user;

const PREFIX: &str = "rap_pat_";
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Random characters: 40 of 62 are 238 bits.
const RANDOM: usize = 40;
/// Characters of the checksum: six of 62 hold 32 bits.
const CHECKSUM: usize = 6;
/// How long a token lives unless somebody says otherwise.
pub const DEFAULT_LIFE: TimeDelta = TimeDelta::days(90);
/// How long a token may live.
pub const LONGEST_LIFE: TimeDelta = TimeDelta::days(365);
/// Longest name of a token, in characters.
const LONGEST_NAME: usize = 100;
/// How old `last_used_at` may be: a write per request would make every query a write.
const LAST_USED_STEP: TimeDelta = TimeDelta::minutes(5);
/// How long a request waits to note that its token was used; then it goes on without.
const LAST_USED_PATIENCE: Duration = Duration::from_millis(250);

/// A token as it is made: the only time its text exists outside its owner's hands.
#[derive(Clone)]
pub struct NewToken {
    /// Its id.
    pub id: TokenId,
    /// The bearer token.
    pub secret: String,
    /// All but the secret.
    pub token: Token,
}

impl std::fmt::Debug for NewToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewToken").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A token as its owner may see it again: all but the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// Whose it is.
    pub user_id: UserId,
    /// What its owner calls it.
    pub name: String,
    /// Its last four characters.
    pub last4: String,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// From when on it is refused.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to within five minutes.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl Token {
    fn values(&self) -> Values {
        let at = |at: Option<DateTime<Utc>>| json!(at.map(|at| at.to_rfc3339_opts(SecondsFormat::AutoSi, true)));
        values([
            ("user_id", json!(self.user_id)),
            ("name", json!(self.name)),
            ("last4", json!(self.last4)),
            ("expires_at", at(self.expires_at)),
            ("revoked_at", at(self.revoked_at)),
        ])
    }
}

/// Makes a token for a user. The system's may last for ever; a user's lasts [`DEFAULT_LIFE`] unless said, and at most
/// [`LONGEST_LIFE`].
///
/// # Errors
/// [`ServiceError::NotFound`] for a user who is not there or not to be seen; [`ServiceError::Forbidden`] for another's;
/// [`ServiceError::BadInput`] for a name or a life that is too short or too long.
pub async fn create(
    db: &Db,
    clock: &Clock,
    access: &Access,
    user: UserId,
    name: &str,
    expires_at: Option<DateTime<Utc>>,
) -> Result<NewToken, ServiceError> {
    let now = clock.now();
    let name = name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(ServiceError::bad_input("name", format!("a token has a name of 1 to {LONGEST_NAME} characters, on one line")));
    }
    let expires_at = expires_at.or_else(|| access.user().map(|_| now + DEFAULT_LIFE));
    if expires_at.is_some_and(|at| at <= now || at > now + LONGEST_LIFE) {
        let message = format!("a token ends between now and {} days from now", LONGEST_LIFE.num_days());
        return Err(ServiceError::bad_input("expiresAt", message));
    }
    let secret = new_secret()?;
    let id = new_id(now);
    let row = api_token::ActiveModel {
        id: Set(id),
        user_id: Set(user.uuid()),
        name: Set(name.to_owned()),
        token_hash: Set(hash(&secret)),
        last4: Set(secret.chars().skip(secret.len() - 4).collect()),
        created_at: Set(now.timestamp_micros()),
        expires_at: Set(expires_at.map(|at| at.timestamp_micros())),
        last_used_at: Set(None),
        revoked_at: Set(None),
    };
    let token = db
        .write_tx(async |tx| {
            let owner = user::expect(tx, access, "userId", user).await?;
            require_for(access, Action::CreateApiToken, owner.id)?;
            let row = api_token::Entity::insert(row.clone()).exec_with_returning(tx).await.during("creating a token")?;
            let token = from_row(row);
            record(tx, access, now, Action::CreateApiToken, &token, (None, Some(token.values()))).await?;
            Ok(token)
        })
        .await?;
    Ok(NewToken { id: token.id, secret, token })
}

/// The tokens of each user, the newest first: of oneself, or of anybody where the asker may revoke them. Users without
/// any are absent, and so are those whose tokens are not for the asker.
///
/// # Errors
/// Those of the database.
pub async fn tokens_of(db: &Db, access: &Access, users: &[UserId]) -> Result<HashMap<UserId, Vec<Token>>, ServiceError> {
    let rows = api_token::Entity::find()
        .filter(id_in(db.backend(), api_token::Column::UserId, users.iter().map(|id| id.uuid())))
        .filter(seen(access))
        .order_by_desc(api_token::Column::CreatedAt)
        .order_by_desc(api_token::Column::Id)
        .all(db.read())
        .await
        .during("listing tokens")?;
    let mut tokens: HashMap<UserId, Vec<Token>> = HashMap::new();
    for token in rows.into_iter().map(from_row) {
        tokens.entry(token.user_id).or_default().push(token);
    }
    Ok(tokens)
}

/// Whether the asker may see a user's tokens and preferences: their own, or anybody's for whom may revoke them.
pub fn is_private_to(access: &Access, user: UserId) -> bool {
    require_for(access, Action::RevokeApiToken, user).is_ok()
}

/// Which tokens the asker sees.
fn seen(access: &Access) -> Condition {
    match (right_of(access, Action::RevokeApiToken), access.user()) {
        (Right::All | Right::Teams, _) => Condition::all(),
        (Right::Own, Some(own)) => Condition::all().add(api_token::Column::UserId.eq(own.uuid())),
        (Right::Own | Right::No, _) => Condition::all().add(Expr::val(1).eq(0)),
    }
}

/// Who a bearer token stands for; nobody when it is unknown, expired or revoked.
///
/// # Errors
/// Those of the database.
pub async fn authenticate(db: &Db, clock: &Clock, secret: &str) -> Result<Option<Access>, ServiceError> {
    if !is_well_formed(secret) {
        return Ok(None);
    }
    let now = clock.now().timestamp_micros();
    let alive = Condition::all()
        .add(api_token::Column::TokenHash.eq(hash(secret)))
        .add(api_token::Column::RevokedAt.is_null())
        .add(Condition::any().add(api_token::Column::ExpiresAt.is_null()).add(api_token::Column::ExpiresAt.gt(now)));
    let owner = api_token::Entity::find()
        .select_only()
        .column(api_token::Column::Id)
        .column(api_token::Column::LastUsedAt)
        .column(api_token::Column::UserId)
        .column(app_user::Column::Role)
        .join(
            JoinType::InnerJoin,
            api_token::Entity::belongs_to(app_user::Entity).from(api_token::Column::UserId).to(app_user::Column::Id).into(),
        )
        .filter(alive)
        .into_tuple::<(uuid::Uuid, Option<i64>, uuid::Uuid, String)>()
        .one(db.read())
        .await
        .during("looking up a token")?;
    let Some((token, last_used_at, user, role)) = owner else { return Ok(None) };
    let stale = now - LAST_USED_STEP.num_microseconds().unwrap_or(0);
    if last_used_at.is_none_or(|at| at < stale) {
        note_use(db, token, now).await;
    }
    Ok(Some(Access::by_token(user.into(), parse("app_user", "role", &role)?, token.into())))
}

/// Notes that a token was used. Knowing when is worth less than answering: a busy or read-only database changes nothing.
async fn note_use(db: &Db, token: uuid::Uuid, now: i64) {
    let write = db.write_tx(async |tx| {
        api_token::Entity::update_many()
            .col_expr(api_token::Column::LastUsedAt, Expr::value(now))
            .filter(api_token::Column::Id.eq(token))
            .exec(tx)
            .await
            .during("noting a token's use")
    });
    match tokio::time::timeout(LAST_USED_PATIENCE, write).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::warn!(%error, "a token's use was not noted"),
        Err(_) => tracing::debug!("a token's use was not noted: the database is busy"),
    }
}

/// Revokes a token. One that is revoked already stays as it is.
///
/// # Errors
/// [`ServiceError::NotFound`] for a token that is not there or not the asker's to see.
pub async fn revoke(db: &Db, clock: &Clock, access: &Access, id: TokenId) -> Result<Token, ServiceError> {
    let now = clock.now();
    db.write_tx(async |tx| {
        let row = api_token::Entity::find_by_id(id.uuid()).filter(seen(access)).one(tx).await.during("looking for a token")?;
        let mut token = from_row(row.ok_or_else(|| ServiceError::not_found("tokenId", "token"))?);
        require_for(access, Action::RevokeApiToken, token.user_id)?;
        let before = token.values();
        let done = api_token::Entity::update_many()
            .col_expr(api_token::Column::RevokedAt, Expr::value(now.timestamp_micros()))
            .filter(api_token::Column::Id.eq(id.uuid()))
            .filter(api_token::Column::RevokedAt.is_null())
            .exec(tx)
            .await
            .during("revoking a token")?;
        if done.rows_affected > 0 {
            token.revoked_at = Some(now);
            let (before, after) = difference(&before, &token.values());
            record(tx, access, now, Action::RevokeApiToken, &token, (Some(before), Some(after))).await?;
        }
        Ok(token)
    })
    .await
}

async fn record(
    tx: &Tx,
    access: &Access,
    now: DateTime<Utc>,
    action: Action,
    token: &Token,
    (before, after): (Option<Values>, Option<Values>),
) -> Result<(), ServiceError> {
    let change = Change { action, target: AuditTarget::Token, id: Some(token.id.uuid()), account: None, before, after };
    audit::record(tx, access, now, vec![change]).await
}

fn from_row(row: api_token::Model) -> Token {
    Token {
        id: row.id.into(),
        user_id: row.user_id.into(),
        name: row.name,
        last4: row.last4,
        created_at: instant(row.created_at),
        expires_at: row.expires_at.map(instant),
        last_used_at: row.last_used_at.map(instant),
        revoked_at: row.revoked_at.map(instant),
    }
}

fn hash(secret: &str) -> String {
    use std::fmt::Write as _;
    Sha256::digest(secret.as_bytes()).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn new_secret() -> Result<String, ServiceError> {
    let mut random = String::with_capacity(RANDOM);
    let mut bytes = [0_u8; 64];
    while random.len() < RANDOM {
        getrandom::fill(&mut bytes)
            .map_err(|e| ServiceError::Conflict(format!("the operating system gave no random bytes for a token: {e}")))?;
        // 248 = 4 · 62: bytes above would make some characters likelier than others.
        let characters = bytes.iter().filter(|byte| **byte < 248).map(|byte| char::from(ALPHABET[usize::from(byte % 62)]));
        random.extend(characters.take(RANDOM - random.len()));
    }
    let checksum = checksum(&random);
    Ok(format!("{PREFIX}{random}{checksum}"))
}

/// Whether a text could be a token: prefix, length, alphabet and checksum are right.
pub fn is_well_formed(secret: &str) -> bool {
    let Some(body) = secret.strip_prefix(PREFIX) else { return false };
    body.len() == RANDOM + CHECKSUM
        && body.bytes().all(|b| b.is_ascii_alphanumeric())
        && body.split_at_checked(RANDOM).is_some_and(|(random, sum)| sum == checksum(random))
}

/// CRC-32 (IEEE 802.3) in base 62.
fn checksum(text: &str) -> String {
    let mut crc = u32::MAX;
    for byte in text.bytes() {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    let mut rest = !crc;
    let mut digits = [b'0'; CHECKSUM];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[(rest % 62) as usize];
        rest /= 62;
    }
    digits.iter().map(|d| char::from(*d)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_crc_32() {
        // The check value of CRC-32/ISO-HDLC, 0xCBF43926 = 3,421,780,262, in base 62.
        assert_eq!(checksum("123456789"), "3jZRME");
    }

    #[test]
    fn a_new_token_is_well_formed_and_a_slip_is_not() {
        let secret = new_secret().unwrap();
        assert!(is_well_formed(&secret), "{secret}");
        assert_eq!(secret.len(), 54);
        assert_ne!(secret, new_secret().unwrap());
        let mut slip = secret.clone().into_bytes();
        slip[20] = if slip[20] == b'a' { b'b' } else { b'a' };
        assert!(!is_well_formed(&String::from_utf8(slip).unwrap()));
        for text in ["", "rap_pat_", &secret[..53], &format!("{secret}0"), "rap_pat_éééééééééééééééééééééé"] {
            assert!(!is_well_formed(text), "{text}");
        }
    }

    #[test]
    fn a_token_does_not_show_itself_in_a_log() {
        let nil = uuid::Uuid::nil();
        let token = Token {
            id: nil.into(),
            user_id: nil.into(),
            name: "t".to_owned(),
            last4: "abcd".to_owned(),
            created_at: instant(0),
            expires_at: None,
            last_used_at: None,
            revoked_at: None,
        };
        let token = NewToken { id: nil.into(), secret: new_secret().unwrap(), token };
        assert!(!format!("{token:?}").contains("rap_pat_"));
    }
}
