//! The customer's people: by id, and by account, a page for each of many accounts in one statement.

use std::collections::HashMap;

use chrono::NaiveDate;
use engagement::email_address::EmailAddress;
use engagement::id::{AccountId, ContactId};
use engagement::row::Departure;
use engagement::vocabulary::{Certainty, ContactRole, ContactStatus, OrgChangeKind, Seniority};
use entity::{contact, org_change, sponsorship};
use sea_orm::sea_query::{Expr, ExprTrait, Iden, IntoColumnRef, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};

use crate::access::{Access, visible_accounts};
use crate::db::{Db, Tx};
use crate::error::{During, ServiceError};
use crate::record::by_ids;
use crate::record::pages_by_account::{self, List};
use crate::sql::dialect::{id_in, sort_key};
use crate::sql::page::{Key, KeyKind, Ordering, Page, PageRequest, Place};
use crate::sql::stored::{parse, parse_json, parse_optional};

/// A person at the customer.
#[derive(Debug, Clone, PartialEq)]
pub struct Contact {
    /// Its id.
    pub id: ContactId,
    /// Where they work.
    pub account_id: AccountId,
    /// The key in the customer's own systems, unique within the account.
    pub external_id: String,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: Option<EmailAddress>,
    /// Their job title.
    pub title: Option<String>,
    /// Their department.
    pub department: Option<String>,
    /// Their level.
    pub seniority: Option<Seniority>,
    /// Since when they have this role.
    pub role_started_on: Option<NaiveDate>,
    /// Whether they still work there: what was imported, or what a confirmed departure says.
    pub status: ContactStatus,
    /// The day they left, the earliest that is known.
    pub departed_on: Option<NaiveDate>,
    /// How they like to be reached.
    pub communication_preference: Option<String>,
    /// What matters to them.
    pub priorities: Vec<String>,
}

/// Contacts by id; those that do not exist or may not be seen are absent.
pub async fn by_ids(
    db: &Db,
    access: &Access,
    ids: &[ContactId],
) -> Result<HashMap<ContactId, Contact>, ServiceError> {
    let visible = visible_accounts(access, contact::Column::AccountId.into_column_ref());
    let ids = ids.iter().map(|id| id.uuid());
    by_ids::read::<contact::Entity, _, _>(
        db,
        "reading contacts",
        (contact::Column::Id, visible),
        ids,
        |row| from_row(row).map(|contact| (contact.id, contact)),
    )
    .await
}

/// All contacts of each account, in no order; accounts without any are absent.
pub(crate) async fn all_of(
    db: &Db,
    access: &Access,
    accounts: &[AccountId],
) -> Result<HashMap<AccountId, Vec<Contact>>, ServiceError> {
    let rows = contact::Entity::find()
        .filter(id_in(
            db.backend(),
            contact::Column::AccountId,
            accounts.iter().map(|id| id.uuid()),
        ))
        .filter(visible_accounts(
            access,
            contact::Column::AccountId.into_column_ref(),
        ))
        .all(db.read())
        .await
        .during("reading accounts' contacts")?;
    let mut contacts: HashMap<AccountId, Vec<Contact>> = HashMap::new();
    for row in rows {
        contacts
            .entry(row.account_id.into())
            .or_default()
            .push(from_row(row)?);
    }
    Ok(contacts)
}

/// The contact that a change is about.
///
/// # Errors
/// [`ServiceError::NotFound`] for one that is not there or may not be seen; `field` is what the caller calls their id.
pub(crate) async fn expect(
    tx: &Tx,
    access: &Access,
    field: &str,
    id: ContactId,
) -> Result<Contact, ServiceError> {
    let row = contact::Entity::find()
        .filter(contact::Column::Id.eq(id.uuid()))
        .filter(visible_accounts(
            access,
            contact::Column::AccountId.into_column_ref(),
        ))
        .one(tx)
        .await
        .during("looking for a contact to change")?;
    row.map_or_else(|| Err(ServiceError::not_found(field, "contact")), from_row)
}

/// A page of the contacts of each account, by name; `roles` as they are on the day `on`. Departed contacts are among
/// them, but sponsor nobody.
///
/// # Errors
/// [`ServiceError::BadInput`] for what is no cursor of this list.
pub async fn pages_of(
    db: &Db,
    access: &Access,
    accounts: &[AccountId],
    roles: Option<&[ContactRole]>,
    on: NaiveDate,
    page: &PageRequest,
    with_total: bool,
) -> Result<HashMap<AccountId, Page<Contact>>, ServiceError> {
    let name = sort_key(db.backend(), (contact::Entity, contact::Column::Name));
    let list = List::<contact::Entity> {
        operation: "listing contacts",
        account: contact::Column::AccountId,
        matching: roles.map_or_else(Condition::all, |roles| has_role(roles, on)),
        ordering: Ordering {
            key: name,
            kind: KeyKind::Text,
            descending: false,
            id: Expr::col((contact::Entity, contact::Column::Id)),
        },
    };
    pages_by_account::read(
        db,
        access,
        accounts,
        list,
        page,
        with_total,
        |row: contact::Model, name: String| {
            Ok((
                Place {
                    key: Key::Text(name),
                    id: row.id,
                },
                from_row(row)?,
            ))
        },
    )
    .await
}

/// Whether a row of `contact` has one of the roles on a day.
pub(crate) fn has_role(roles: &[ContactRole], on: NaiveDate) -> Condition {
    let mut any = Condition::any();
    let is_level =
        |role: &&ContactRole| !matches!(**role, ContactRole::Executive | ContactRole::ExecutiveSponsor);
    let levels: Vec<&str> = roles.iter().filter(is_level).map(|role| role.as_str()).collect();
    if !levels.is_empty() {
        any = any.add(contact::Column::Seniority.is_in(levels));
    }
    let sponsors = Expr::exists(active_sponsorship(on));
    if roles.contains(&ContactRole::Executive) {
        let high =
            contact::Column::Seniority.is_in([Seniority::CLevel, Seniority::Vp].map(Seniority::as_str));
        any = any.add(
            Condition::all()
                .add(Condition::any().add(sponsors).add(high))
                .add(is_departed(on).not()),
        );
    } else if roles.contains(&ContactRole::ExecutiveSponsor) {
        any = any.add(Condition::all().add(sponsors).add(is_departed(on).not()));
    }
    any
}

/// Active sponsorships of the contact at hand (docs/scoring.md § 2).
fn active_sponsorship(on: NaiveDate) -> SelectStatement {
    use sponsorship::Column as S;
    of_contact(
        (sponsorship::Entity, S::AccountId),
        (sponsorship::Entity, S::ContactId),
    )
    .cond_where(runs_on(on))
    .to_owned()
}

/// The rows of a table, named by its columns of account and contact, that are about the contact at hand.
fn of_contact<T: Iden + Copy, C: Iden>(account: (T, C), contact: (T, C)) -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from(account.0)
        .and_where(Expr::col(account).equals((contact::Entity, contact::Column::AccountId)))
        .and_where(Expr::col(contact).equals((contact::Entity, contact::Column::Id)))
        .to_owned()
}

/// Whether a row of `sponsorship` has begun and is not over on a day; whether its contact is still there is another question.
pub(crate) fn runs_on(on: NaiveDate) -> Condition {
    use sponsorship::Column as S;
    let not_over = |end: S| Condition::any().add(end.is_null()).add(end.gt(on));
    Condition::all()
        .add(S::Since.lte(on))
        .add(not_over(S::Until))
        .add(not_over(S::EndedOn))
}

/// Whether the contact at hand has left by a day (docs/scoring.md § 2): by their own row, or by a confirmed departure after which
/// they have not come back.
pub(crate) fn is_departed(on: NaiveDate) -> Condition {
    use contact::Column as C;
    use org_change::Column as O;
    use sponsorship::Column as S;
    let imported = Condition::all()
        .add(C::Status.eq(ContactStatus::Departed.as_str()))
        .add(
            Condition::any()
                .add(C::DepartedOn.is_null())
                .add(C::DepartedOn.lte(on)),
        );
    let came_back = of_contact(
        (sponsorship::Entity, S::AccountId),
        (sponsorship::Entity, S::ContactId),
    )
    .and_where(Expr::col((sponsorship::Entity, S::Since)).gt(Expr::col((org_change::Entity, O::ObservedOn))))
    .and_where(S::Since.lte(on))
    .to_owned();
    let left = of_contact(
        (org_change::Entity, O::AccountId),
        (org_change::Entity, O::ContactId),
    )
    .and_where(O::Kind.eq(OrgChangeKind::Departure.as_str()))
    .and_where(O::Certainty.eq(Certainty::Confirmed.as_str()))
    .and_where(O::ObservedOn.lte(on))
    .and_where(Expr::exists(came_back).not())
    .to_owned();
    // Never NULL, so that its opposite is not either. Few have left: only of those is more looked up.
    let confirmed = Condition::all()
        .add(C::LeftOn.is_not_null())
        .add(C::LeftOn.lte(on))
        .add(Expr::exists(left));
    Condition::any().add(imported).add(confirmed)
}

/// Whether and when a contact left, by their own row alone.
pub(crate) fn departure(status: ContactStatus, departed_on: Option<NaiveDate>) -> Departure {
    match (status, departed_on) {
        (ContactStatus::Active, _) => Departure::None,
        (ContactStatus::Departed, Some(day)) => Departure::On(day),
        (ContactStatus::Departed, None) => Departure::Undated,
    }
}

/// The same with the day on which a confirmed departure was observed: of two days the earlier.
fn departure_known(
    status: ContactStatus,
    departed_on: Option<NaiveDate>,
    left_on: Option<NaiveDate>,
) -> Departure {
    match (departure(status, departed_on), left_on) {
        (Departure::On(day), Some(left)) => Departure::On(std::cmp::min(day, left)),
        (Departure::None | Departure::Undated, Some(left)) => Departure::On(left),
        (own, None) => own,
    }
}

pub(crate) fn from_row(row: contact::Model) -> Result<Contact, ServiceError> {
    let departure = departure_known(
        parse("contact", "status", &row.status)?,
        row.departed_on,
        row.left_on,
    );
    let (status, departed_on) = match departure {
        Departure::None => (ContactStatus::Active, None),
        Departure::On(day) => (ContactStatus::Departed, Some(day)),
        Departure::Undated => (ContactStatus::Departed, None),
    };
    Ok(Contact {
        id: row.id.into(),
        account_id: row.account_id.into(),
        external_id: row.external_id,
        name: row.name,
        email: parse_optional("contact", "email", row.email.as_deref())?,
        title: row.title,
        department: row.department,
        seniority: parse_optional("contact", "seniority", row.seniority.as_deref())?,
        role_started_on: row.role_started_on,
        status,
        departed_on,
        communication_preference: row.communication_preference,
        priorities: parse_json("contact", "priorities", &row.priorities)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_known_day_of_leaving_counts() {
        use ContactStatus::{Active, Departed};
        let day = |d| NaiveDate::from_ymd_opt(2026, 3, d);
        assert_eq!(departure_known(Active, None, None), Departure::None);
        assert_eq!(
            departure_known(Active, day(1), None),
            Departure::None,
            "a day without the status is a leftover"
        );
        assert_eq!(
            departure_known(Active, None, day(5)),
            Departure::On(day(5).unwrap())
        );
        assert_eq!(departure_known(Departed, None, None), Departure::Undated);
        assert_eq!(
            departure_known(Departed, None, day(5)),
            Departure::On(day(5).unwrap())
        );
        assert_eq!(
            departure_known(Departed, day(7), day(5)),
            Departure::On(day(5).unwrap())
        );
        assert_eq!(
            departure_known(Departed, day(3), day(5)),
            Departure::On(day(3).unwrap())
        );
    }
}
