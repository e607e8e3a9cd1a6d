//! Organisational changes are tracked: each one needs a person who looks at it, and a suspected departure of a sponsor
//! needs one who confirms it.

use chrono::NaiveDate;

use crate::alert::{AlertRule, Condition, Subject};
use crate::markdown::capital;
use crate::policy::Policy;
use crate::row::seat::Seats;
use crate::row::windows::Windows;
use crate::row::{AccountRows, ContactIndex};
use crate::vocabulary::id::{ContactId, OrgChangeId};
use crate::vocabulary::{Certainty, OrgChangeKind, OrgChangeSource, Severity, SponsorRank};

/// An organisational change, as far as the guardrails look at it.
#[derive(Debug, Clone)]
pub struct OrgChange {
    /// Its id.
    pub id: OrgChangeId,
    /// What happened.
    pub kind: OrgChangeKind,
    /// When it was observed.
    pub observed_on: NaiveDate,
    /// To whom, where it is about somebody.
    pub contact: Option<ContactId>,
    /// How it became known.
    pub source: OrgChangeSource,
    /// How sure it is.
    pub certainty: Certainty,
    /// A person has looked at it.
    pub reviewed: bool,
}

/// Changes that have waited too long for their review. Those from before the history are no task any more.
///
/// A merger, an acquisition or layoffs that are confirmed are HIGH while the renewal is near.
pub(super) fn unreviewed<'a>(
    changes: &'a [OrgChange],
    renewal_near: bool,
    windows: &'a Windows,
    policy: &'a Policy,
) -> impl Iterator<Item = Condition> + 'a {
    let waiting =
        move |change: &&OrgChange| !change.reviewed && change.observed_on >= windows.history_start_day;
    changes.iter().filter(waiting).filter_map(move |change| {
        let days = windows.days_since(change.observed_on);
        if days < i64::from(policy.guardrails.review_days) {
            return None;
        }
        let message = format!(
            "{}, {} on {}, has waited {days} days for a review; the limit is {} days.",
            capital(change.kind.in_words()),
            change.source.in_words(),
            change.observed_on,
            policy.guardrails.review_days
        );
        let grave = change.kind.is_upheaval() && change.certainty == Certainty::Confirmed && renewal_near;
        let severity = if grave { Severity::High } else { Severity::Medium };
        let condition = Condition::new(AlertRule::OrgChangeUnreviewed, severity, message);
        Some(condition.about(Subject::OrgChange(change.id)))
    })
}

/// Active sponsors who seem to have left: a person is to confirm it, which makes it a departure, or to review it away.
pub(super) fn suspected(rows: &AccountRows, changes: &[OrgChange], windows: &Windows) -> Vec<Condition> {
    let mut conditions: Vec<Condition> = vec![];
    let seats = Seats::on(rows, windows.ending_on);
    let suspicions = changes.iter().filter(|change| {
        change.kind == OrgChangeKind::Departure
            && change.certainty == Certainty::Suspected
            && !change.reviewed
            && (windows.history_start_day..=windows.ending_on).contains(&change.observed_on)
    });
    for change in suspicions {
        let Some(contact) = change.contact else { continue };
        let place = rows.contacts.iter().position(|known| known.id == contact);
        let Some(seat) = place.and_then(|place| seats.of(place as ContactIndex)) else {
            continue;
        };
        let subject = Subject::Contact(contact);
        if conditions.iter().any(|known| known.key.subject == subject) {
            continue;
        }
        let severity = match seat.rank {
            SponsorRank::Primary => Severity::High,
            SponsorRank::Backup => Severity::Medium,
        };
        let severity = rows.account.served_by.at_most(severity);
        let message = format!(
            "The {} sponsor seems to have left ({}, {}). Confirm the departure, or review it away.",
            seat.rank.in_words(),
            change.source.in_words(),
            change.observed_on
        );
        conditions
            .push(Condition::new(AlertRule::SponsorDepartureSuspected, severity, message).about(subject));
    }
    conditions
}
