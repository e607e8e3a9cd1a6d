//! When the weekly digest comes, and whether it does: each user's own choice.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use engagement::id::UserId;
use engagement::vocabulary::{AuditTarget, Weekday};
use entity::app_user;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::user::{self, DigestPreferences, User};
use crate::access::Access;
use crate::access::audit::{self, Change, difference};
use crate::access::rights::{Action, require_for};
use crate::db::Db;
use crate::error::{During, ServiceError};

/// What is to change; what is absent stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DigestChange {
    /// None at all, or one again.
    pub off: Option<bool>,
    /// On which day.
    pub day: Option<Weekday>,
    /// At which hour of it, from 0 to 23.
    pub hour: Option<u8>,
    /// In which zone.
    pub zone: Option<Tz>,
}

/// Changes a user's preferences. A digest that was due before by what they want now is owed by nobody: who has it back, or moves
/// it, gets the next one.
///
/// # Errors
/// [`ServiceError::BadInput`] for an hour that no day has; [`ServiceError::NotFound`]; [`ServiceError::Forbidden`] for
/// another user's.
pub async fn set(
    db: &Db,
    access: &Access,
    now: DateTime<Utc>,
    id: UserId,
    change: &DigestChange,
) -> Result<User, ServiceError> {
    if change.hour.is_some_and(|hour| hour > 23) {
        return Err(ServiceError::bad_input(
            "hour",
            "an hour is a number from 0 to 23",
        ));
    }
    db.write_tx(async |tx| {
        let mut user = user::expect(tx, access, "userId", id).await?;
        require_for(access, Action::SetDigestPreferences, user.id)?;
        let before = user.digest;
        user.digest = DigestPreferences {
            off: change.off.unwrap_or(before.off),
            day: change.day.unwrap_or(before.day),
            hour: change.hour.unwrap_or(before.hour),
            zone: change.zone.or(before.zone),
        };
        if user.digest == before {
            return Ok(user);
        }
        app_user::Entity::update_many()
            .col_expr(app_user::Column::DigestOff, Expr::value(user.digest.off))
            .col_expr(app_user::Column::DigestDay, Expr::value(user.digest.day.as_str()))
            .col_expr(
                app_user::Column::DigestHour,
                Expr::value(i32::from(user.digest.hour)),
            )
            .col_expr(
                app_user::Column::DigestZone,
                Expr::value(user.digest.zone.map(Tz::name)),
            )
            .col_expr(
                app_user::Column::DigestChangedAt,
                Expr::value(now.timestamp_micros()),
            )
            .filter(app_user::Column::Id.eq(user.id.uuid()))
            .exec(tx)
            .await
            .during("writing digest preferences")?;
        let (before, after) = difference(&before.values(), &user.digest.values());
        let change = Change {
            action: Action::SetDigestPreferences,
            target: AuditTarget::User,
            id: Some(user.id.uuid()),
            account: None,
            before: Some(before),
            after: Some(after),
        };
        audit::record(tx, access, now, vec![change]).await?;
        Ok(user)
    })
    .await
}
