//! The people who use Rapport.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use engagement::email_address::EmailAddress;
use engagement::id::UserId;
use engagement::vocabulary::{AuditTarget, Role, Weekday};
use entity::app_user;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Alias, Expr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter,
    QuerySelect, QueryTrait,
};
use serde_json::json;

use crate::access::audit::{self, Change, Values, values};
use crate::access::rights::Action;
use crate::access::{Access, visible_users};
use crate::clock::{Clock, instant};
use crate::db::{Db, Tx};
use crate::error::{During, ServiceError};
use crate::ids::new_id;
use crate::record::by_ids;
use crate::sql::dialect::{contains, sort_key};
use crate::sql::page::{Key, KeyKind, Ordering, Page, PageRequest, Place, into_page};
use crate::sql::stored::{parse, parse_optional};

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// Where mail goes; who they are.
    pub email: EmailAddress,
    /// How to address them.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Their time zone, where it is not the organisation's.
    pub time_zone: Option<Tz>,
    /// Whom they report to.
    pub manager_email: Option<EmailAddress>,
    /// They are said to see every account, which counts for a viewer in no team.
    pub sees_everything: bool,
    /// What they want of the weekly digest.
    pub digest: DigestPreferences,
    /// When they last said so.
    pub digest_changed_at: Option<DateTime<Utc>>,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

/// The day of the digest where its reader says nothing else.
pub const DEFAULT_DAY: Weekday = Weekday::Monday;

/// The hour of that day.
pub const DEFAULT_HOUR: u8 = 8;

/// What a user wants of the weekly digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DigestPreferences {
    /// None at all.
    pub off: bool,
    /// On which day.
    pub day: Weekday,
    /// At which hour of it, from 0 to 23.
    pub hour: u8,
    /// In which zone, where it is not the user's.
    pub zone: Option<Tz>,
}

impl DigestPreferences {
    pub(crate) fn from_columns(
        off: bool,
        day: Option<&str>,
        hour: Option<i32>,
        zone: Option<&str>,
    ) -> Result<Self, ServiceError> {
        Ok(Self {
            off,
            day: parse_optional("app_user", "digest_day", day)?.unwrap_or(DEFAULT_DAY),
            hour: hour
                .and_then(|hour| u8::try_from(hour).ok())
                .unwrap_or(DEFAULT_HOUR),
            zone: parse_optional("app_user", "digest_zone", zone)?,
        })
    }

    pub(super) fn values(self) -> Values {
        let zone = self.zone.map(Tz::name);
        values([
            ("digest_off", json!(self.off)),
            ("digest_day", json!(self.day)),
            ("digest_hour", json!(self.hour)),
            ("digest_zone", json!(zone)),
        ])
    }
}

/// Makes the first user of an empty database, an admin.
///
/// # Errors
/// [`ServiceError::Conflict`] when there are users already.
pub async fn create_first_admin(
    db: &Db,
    clock: &Clock,
    email: &EmailAddress,
    name: &str,
) -> Result<User, ServiceError> {
    let now = clock.now();
    let row = app_user::Model {
        id: new_id(now),
        email: email.expose().to_owned(),
        name: name.to_owned(),
        role: Role::Admin.as_str().to_owned(),
        time_zone: None,
        manager_email: None,
        digest_off: false,
        digest_day: None,
        digest_hour: None,
        digest_zone: None,
        digest_changed_at: None,
        created_at: now.timestamp_micros(),
        mail_disabled_at: None,
        sees_everything: false,
    };
    let user = from_row(row.clone())?;
    db.write_tx(async |tx| {
        let users = app_user::Entity::find()
            .count(tx)
            .await
            .during("counting users")?;
        if users > 0 {
            let message = format!(
                "the database has {users} users already; an admin can make tokens with `rapport token create`"
            );
            return Err(ServiceError::Conflict(message));
        }
        app_user::Entity::insert(app_user::ActiveModel {
            id: Set(row.id),
            email: Set(row.email.clone()),
            name: Set(row.name.clone()),
            role: Set(row.role.clone()),
            time_zone: Set(row.time_zone.clone()),
            manager_email: Set(row.manager_email.clone()),
            digest_off: Set(row.digest_off),
            digest_day: Set(row.digest_day.clone()),
            digest_hour: Set(row.digest_hour),
            digest_zone: Set(row.digest_zone.clone()),
            digest_changed_at: Set(row.digest_changed_at),
            created_at: Set(row.created_at),
            mail_disabled_at: Set(row.mail_disabled_at),
            sees_everything: Set(row.sees_everything),
        })
        .exec_without_returning(tx)
        .await
        .during("creating the first user")?;
        let made = values([
            ("email", json!(user.email.expose())),
            ("name", json!(user.name)),
            ("role", json!(user.role)),
        ]);
        let change = Change {
            action: Action::Init,
            target: AuditTarget::User,
            id: Some(row.id),
            account: None,
            before: None,
            after: Some(made),
        };
        audit::record(tx, &Access::system(), now, vec![change]).await
    })
    .await?;
    Ok(user)
}

/// The user with an address.
pub async fn find_by_email(
    db: &Db,
    access: &Access,
    email: &EmailAddress,
) -> Result<Option<User>, ServiceError> {
    let row = app_user::Entity::find()
        .filter(app_user::Column::Email.eq(email.expose()))
        .filter(visible_users(access, (app_user::Entity, app_user::Column::Id)))
        .one(db.read())
        .await
        .during("finding a user")?;
    row.map(from_row).transpose()
}

/// Users by id; those that do not exist or may not be seen are absent.
pub async fn by_ids(db: &Db, access: &Access, ids: &[UserId]) -> Result<HashMap<UserId, User>, ServiceError> {
    let visible = Condition::all().add(visible_users(access, (app_user::Entity, app_user::Column::Id)));
    let ids = ids.iter().map(|id| id.uuid());
    by_ids::read::<app_user::Entity, _, _>(db, "reading users", (app_user::Column::Id, visible), ids, |row| {
        from_row(row).map(|user| (user.id, user))
    })
    .await
}

/// A page of the users that the asker sees, by name; only those whose name or address contains `search`, if any.
///
/// # Errors
/// [`ServiceError::BadInput`] for what is no cursor of this list.
pub async fn list(
    db: &Db,
    access: &Access,
    search: Option<&str>,
    page: &PageRequest,
    with_total: bool,
) -> Result<Page<User>, ServiceError> {
    let operation = "listing users";
    let backend = db.backend();
    let name = (app_user::Entity, app_user::Column::Name);
    let ordering = Ordering {
        key: sort_key(backend, name),
        kind: KeyKind::Text,
        descending: false,
        id: Expr::col((app_user::Entity, app_user::Column::Id)),
    };
    let mut select =
        app_user::Entity::find().filter(visible_users(access, (app_user::Entity, app_user::Column::Id)));
    if let Some(text) = search.map(str::trim).filter(|text| !text.is_empty()) {
        let email = (app_user::Entity, app_user::Column::Email);
        select = select.filter(
            Condition::any()
                .add(contains(backend, name, text))
                .add(contains(backend, email, text)),
        );
    }
    let total = if with_total {
        Some(select.clone().count(db.read()).await.during(operation)?)
    } else {
        None
    };
    let mut select = select
        .filter(ordering.bounds(page)?)
        .limit(u64::from(page.limit) + 1)
        .into_query();
    select.expr_as(ordering.key.clone(), Alias::new("sort_key"));
    ordering.apply(&mut select, page.backward);
    let rows = db.read().query_all(&select).await.during(operation)?;
    let rows = rows
        .iter()
        .map(|row| {
            let key: String = row.try_get("", "sort_key").during(operation)?;
            let user = from_row(app_user::Model::from_query_result(row, "").during(operation)?)?;
            Ok((
                Place {
                    key: Key::Text(key),
                    id: user.id.uuid(),
                },
                user,
            ))
        })
        .collect::<Result<Vec<_>, ServiceError>>()?;
    Ok(into_page(page, rows, total))
}

/// The user that a change is about.
///
/// # Errors
/// [`ServiceError::NotFound`] for one who is not there or may not be seen; `field` is what the caller calls their id.
pub(crate) async fn expect(tx: &Tx, access: &Access, field: &str, id: UserId) -> Result<User, ServiceError> {
    let row = app_user::Entity::find_by_id(id.uuid())
        .filter(visible_users(access, (app_user::Entity, app_user::Column::Id)))
        .one(tx)
        .await
        .during("looking for a user")?;
    row.map_or_else(|| Err(ServiceError::not_found(field, "user")), from_row)
}

pub(crate) fn from_row(row: app_user::Model) -> Result<User, ServiceError> {
    Ok(User {
        id: row.id.into(),
        email: parse("app_user", "email", &row.email)?,
        name: row.name,
        role: parse("app_user", "role", &row.role)?,
        time_zone: parse_optional("app_user", "time_zone", row.time_zone.as_deref())?,
        manager_email: parse_optional("app_user", "manager_email", row.manager_email.as_deref())?,
        sees_everything: row.sees_everything,
        digest: DigestPreferences::from_columns(
            row.digest_off,
            row.digest_day.as_deref(),
            row.digest_hour,
            row.digest_zone.as_deref(),
        )?,
        digest_changed_at: row.digest_changed_at.map(instant),
        created_at: instant(row.created_at),
    })
}
