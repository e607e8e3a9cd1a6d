//! Who of the customer's people sponsors us, from which day to which: assigned and ended by hand.
//!
//! Imports may hold any spans, and reading copes with them (docs/scoring.md § 2); by hand an account has one primary
//! sponsor at a time, and a contact one sponsorship.

use chrono::NaiveDate;
use engagement::id::{AccountId, ContactId, SponsorshipId};
use engagement::vocabulary::{AuditTarget, ContactStatus, SponsorRank};
use entity::sponsorship;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, IntoColumnRef};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use crate::access::audit::{self, Change, Values, difference, values};
use crate::access::rights::{Action, require};
use crate::access::{Access, idempotency, visible_accounts};
use crate::alert::joining;
use crate::change::departure;
use crate::clock::Moment;
use crate::db::{Db, Tx};
use crate::error::{During, ServiceError};
use crate::ids::new_id;
use crate::record::contact::Contact;
use crate::record::{account, contact};
use crate::scoring::touched;
use crate::settings::Settings;
use crate::sql::stored::parse;

/// A contact who sponsors us for a span of days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sponsorship {
    /// Its id.
    pub id: SponsorshipId,
    /// Of which account.
    pub account_id: AccountId,
    pub contact_id: ContactId,
    /// First or second.
    pub rank: SponsorRank,
    /// The first day.
    pub since: NaiveDate,
    /// The first day after it, as imported or set by hand.
    pub until: Option<NaiveDate>,
    /// The day on which a departure ended it.
    pub ended_on: Option<NaiveDate>,
}

impl Sponsorship {
    /// The first day on which they sponsor us no more, whatever ended it.
    pub fn over_on(&self) -> Option<NaiveDate> {
        self.until.into_iter().chain(self.ended_on).min()
    }

    /// Whether there is a day that lies in this span and in another one.
    fn overlaps(&self, since: NaiveDate, until: Option<NaiveDate>) -> bool {
        until.is_none_or(|until| self.since < until)
            && self
                .over_on()
                .is_none_or(|over| since < over && self.since < over)
    }

    fn values(&self) -> Values {
        values([
            ("contact", json!(self.contact_id)),
            ("rank", json!(self.rank)),
            ("since", json!(self.since)),
            ("until", json!(self.until)),
            ("ended_on", json!(self.ended_on)),
        ])
    }
}

/// A sponsor to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewSponsor {
    /// Of which account.
    pub account: AccountId,
    /// Which of its contacts.
    pub contact: ContactId,
    /// First or second.
    pub rank: SponsorRank,
    /// The first day.
    pub since: NaiveDate,
    /// The first day after it, where it is known.
    pub until: Option<NaiveDate>,
}

/// Makes a contact a sponsor.
///
/// # Errors
/// [`ServiceError::NotFound`] and [`ServiceError::Forbidden`]; [`ServiceError::BadInput`] for a contact of another account,
/// for one who has left, and for an end that is not after the beginning; [`ServiceError::Conflict`] where the account has
/// another primary sponsor, or the contact another sponsorship, on one of the days, and for a key that was used for another
/// sponsor.
pub async fn assign(
    db: &Db,
    access: &Access,
    settings: &Settings,
    moment: Moment,
    new: &NewSponsor,
) -> Result<Sponsorship, ServiceError> {
    db.write_tx(async |tx| {
        // First of all: what is asked for again is not judged again.
        if let Some(made) = idempotency::done_before(tx, access, Action::AssignSponsor, moment.now).await? {
            return read(tx, access, "accountId", made).await;
        }
        // Held, so that of two who name a primary sponsor at the same moment the second finds the first one's.
        account::hold(tx, access, "accountId", new.account).await?;
        let contact = contact::expect(tx, access, "contactId", new.contact).await?;
        require(access, Action::AssignSponsor)?;
        check(new, &contact)?;
        for other in of_account(tx, new.account).await? {
            refuse_overlap(tx, new, &contact, &other).await?;
        }
        let id = new_id(moment.now);
        let row = sponsorship::ActiveModel {
            account_id: Set(new.account.uuid()),
            id: Set(id),
            contact_id: Set(new.contact.uuid()),
            since: Set(new.since),
            until: Set(new.until),
            rank: Set(new.rank.as_str().to_owned()),
            ended_on: Set(None),
        };
        sponsorship::Entity::insert(row)
            .exec_without_returning(tx)
            .await
            .during("writing a sponsorship")?;
        let followed =
            departure::follow(tx, settings, moment, &[(new.account.uuid(), new.contact.uuid())]).await?;
        joining::queue(tx, moment.now, followed.messages).await?;
        let made = read(tx, access, "id", id.into()).await?;
        touched::touch(tx, &[new.account], moment.now).await?;
        record(
            tx,
            access,
            moment,
            Action::AssignSponsor,
            &made,
            (None, Some(made.values())),
        )
        .await?;
        idempotency::note(tx, access, Action::AssignSponsor, &made.id).await?;
        Ok(made)
    })
    .await
}

fn check(new: &NewSponsor, contact: &Contact) -> Result<(), ServiceError> {
    if contact.account_id != new.account {
        return Err(ServiceError::bad_input(
            "contactId",
            "the contact belongs to another account",
        ));
    }
    if let Some(until) = new.until.filter(|until| *until <= new.since) {
        return Err(ServiceError::bad_input(
            "until",
            format!("{until} is not after {}, the first day", new.since),
        ));
    }
    if contact.status == ContactStatus::Departed && contact.departed_on.is_none_or(|day| day <= new.since) {
        let when = contact
            .departed_on
            .map_or_else(String::new, |day| format!(" on {day}"));
        return Err(ServiceError::bad_input(
            "contactId",
            format!(
                "the contact left{when} and can sponsor nothing from {}",
                new.since
            ),
        ));
    }
    Ok(())
}

async fn refuse_overlap(
    tx: &Tx,
    new: &NewSponsor,
    contact: &Contact,
    other: &Sponsorship,
) -> Result<(), ServiceError> {
    let over = || {
        other
            .over_on()
            .map_or_else(String::new, |day| format!(", over on {day}"))
    };
    let until_then = "end that one with endSponsorship first, or choose other days";
    if other.contact_id == new.contact {
        // The same first day twice is the same sponsorship, however soon it was over.
        if other.since == new.since || other.overlaps(new.since, new.until) {
            let rank = other.rank.in_words();
            return Err(ServiceError::Conflict(format!(
                "{} is the {rank} sponsor since {}{}: {until_then}",
                contact.name,
                other.since,
                over()
            )));
        }
    } else if new.rank == SponsorRank::Primary
        && other.rank == SponsorRank::Primary
        && other.overlaps(new.since, new.until)
    {
        let name = contact::expect(tx, &Access::system(), "contactId", other.contact_id)
            .await?
            .name;
        return Err(ServiceError::Conflict(format!(
            "the account has a primary sponsor on these days, {name} since {}{}: {until_then}",
            other.since,
            over()
        )));
    }
    Ok(())
}

/// Ends a sponsorship: on the day `until` they sponsor us no more.
///
/// # Errors
/// [`ServiceError::NotFound`] and [`ServiceError::Forbidden`]; [`ServiceError::BadInput`] for an end that is not after the
/// beginning; [`ServiceError::Conflict`] for one that is over by then.
pub async fn end(
    db: &Db,
    access: &Access,
    settings: &Settings,
    moment: Moment,
    id: SponsorshipId,
    until: NaiveDate,
) -> Result<Sponsorship, ServiceError> {
    db.write_tx(async |tx| {
        let found = read(tx, access, "sponsorshipId", id).await?;
        // Held, and read again: somebody else may just have ended it.
        account::hold(tx, access, "sponsorshipId", found.account_id).await?;
        require(access, Action::EndSponsorship)?;
        let before = read(tx, access, "sponsorshipId", id).await?;
        if until <= before.since {
            return Err(ServiceError::bad_input(
                "until",
                format!("{until} is not after {}, the first day", before.since),
            ));
        }
        if let Some(over) = before.over_on().filter(|over| *over <= until) {
            return Err(ServiceError::Conflict(format!(
                "the sponsorship is over on {over} already"
            )));
        }
        sponsorship::Entity::update_many()
            .col_expr(sponsorship::Column::Until, Expr::value(until))
            .filter(sponsorship::Column::AccountId.eq(before.account_id.uuid()))
            .filter(sponsorship::Column::Id.eq(id.uuid()))
            .exec(tx)
            .await
            .during("ending a sponsorship")?;
        let followed = departure::follow(
            tx,
            settings,
            moment,
            &[(before.account_id.uuid(), before.contact_id.uuid())],
        )
        .await?;
        joining::queue(tx, moment.now, followed.messages).await?;
        let after = read(tx, access, "sponsorshipId", id).await?;
        touched::touch(tx, &[after.account_id], moment.now).await?;
        let (old, new) = difference(&before.values(), &after.values());
        record(
            tx,
            access,
            moment,
            Action::EndSponsorship,
            &after,
            (Some(old), Some(new)),
        )
        .await?;
        Ok(after)
    })
    .await
}

async fn record(
    tx: &Tx,
    access: &Access,
    moment: Moment,
    action: Action,
    of: &Sponsorship,
    (before, after): (Option<Values>, Option<Values>),
) -> Result<(), ServiceError> {
    let change = Change {
        action,
        target: AuditTarget::Sponsorship,
        id: Some(of.id.uuid()),
        account: Some(of.account_id),
        before,
        after,
    };
    audit::record(tx, access, moment.now, vec![change]).await
}

async fn read(tx: &Tx, access: &Access, field: &str, id: SponsorshipId) -> Result<Sponsorship, ServiceError> {
    let row = sponsorship::Entity::find()
        .filter(sponsorship::Column::Id.eq(id.uuid()))
        .filter(visible_accounts(
            access,
            sponsorship::Column::AccountId.into_column_ref(),
        ))
        .one(tx)
        .await
        .during("looking for a sponsorship")?;
    row.map_or_else(
        || Err(ServiceError::not_found(field, "sponsorship")),
        |row| from_row(&row),
    )
}

async fn of_account(tx: &Tx, account: AccountId) -> Result<Vec<Sponsorship>, ServiceError> {
    let rows = sponsorship::Entity::find()
        .filter(sponsorship::Column::AccountId.eq(account.uuid()))
        .all(tx)
        .await
        .during("reading an account's sponsorships")?;
    rows.iter().map(from_row).collect()
}

fn from_row(row: &sponsorship::Model) -> Result<Sponsorship, ServiceError> {
    Ok(Sponsorship {
        id: row.id.into(),
        account_id: row.account_id.into(),
        contact_id: row.contact_id.into(),
        rank: parse("sponsorship", "rank", &row.rank)?,
        since: row.since,
        until: row.until,
        ended_on: row.ended_on,
    })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn spans_overlap_by_days() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 3, d).unwrap();
        let span = |since, until, ended_on| Sponsorship {
            id: Uuid::nil().into(),
            account_id: Uuid::nil().into(),
            contact_id: Uuid::nil().into(),
            rank: SponsorRank::Primary,
            since,
            until,
            ended_on,
        };
        let closed = span(day(5), Some(day(10)), None);
        assert!(
            closed.overlaps(day(9), None)
                && closed.overlaps(day(1), None)
                && closed.overlaps(day(1), Some(day(6)))
        );
        assert!(
            !closed.overlaps(day(10), None),
            "the day on which it is over is free"
        );
        assert!(!closed.overlaps(day(1), Some(day(5))));
        let open = span(day(5), None, None);
        assert!(open.overlaps(day(20), None) && !open.overlaps(day(1), Some(day(5))));
        let left = span(day(5), Some(day(20)), Some(day(8)));
        assert!(left.overlaps(day(7), None) && !left.overlaps(day(8), None));
        assert!(
            !span(day(5), None, Some(day(5))).overlaps(day(1), None),
            "over before it began"
        );
    }
}
