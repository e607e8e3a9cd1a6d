//! Sponsors of the trailing year who sponsor us no more: they left, or their sponsorship ended. The table shows them, so that
//! a loss is seen for a year, and nobody is asked to call them.

use std::cmp::Reverse;

use chrono::NaiveDate;

use super::sources::Sources;
use crate::row::seat::Seats;
use crate::row::windows::Windows;
use crate::row::{AccountRows, ContactIndex, Departure};
use crate::vocabulary::SponsorRank;
use crate::vocabulary::id::ContactId;

/// Somebody who sponsors us no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormerSponsor {
    /// The former sponsor.
    pub contact: ContactId,
    /// What they were.
    pub rank: SponsorRank,
    /// The first day without their sponsorship; absent where they left and nobody wrote down when.
    pub ended_on: Option<NaiveDate>,
    /// They have left the customer.
    pub departed: bool,
    /// When they left, where that is known.
    pub left_on: Option<NaiveDate>,
    /// Day of their last direct contact by any kind, in the last 24 months.
    pub last_touch_on: Option<NaiveDate>,
}

/// The former sponsors of the trailing year: first the primary ones, then the latest end, then by external id.
pub(super) fn former(sources: &Sources<'_>) -> Vec<FormerSponsor> {
    let Sources {
        rows,
        windows,
        touches,
        ..
    } = sources;
    let seats = Seats::on(rows, windows.ending_on);
    let mut found: Vec<(ContactIndex, FormerSponsor)> = Vec::new();
    for held in rows
        .sponsorships
        .iter()
        .filter(|held| held.since <= windows.ending_on && seats.of(held.contact).is_none())
    {
        let Some(contact) = sources.people.id(held.contact) else {
            continue;
        };
        let departed = rows.is_departed(held.contact, windows.ending_on);
        let left_on = left_on(rows, held.contact, windows);
        let ended_on = held.until.into_iter().chain(left_on).min();
        if ended_on.is_some_and(|on| on < windows.year_start_day || on > windows.ending_on || on < held.since)
        {
            continue;
        }
        let last_touch_on = touches
            .get(held.contact as usize)
            .and_then(|touch| touch.last_touch_on);
        let one = FormerSponsor {
            contact,
            rank: held.rank,
            ended_on,
            departed,
            left_on,
            last_touch_on,
        };
        match found.iter_mut().find(|(known, _)| *known == held.contact) {
            Some((_, known)) if (one.rank, Reverse(one.ended_on)) < (known.rank, Reverse(known.ended_on)) => {
                *known = one;
            }
            Some(_) => {}
            None => found.push((held.contact, one)),
        }
    }
    let external_id = |contact: ContactIndex| {
        rows.contacts
            .get(contact as usize)
            .map(|contact| contact.external_id.as_str())
    };
    found.sort_by(|(a, one), (b, other)| {
        let key = |former: &FormerSponsor| (former.rank, Reverse(former.ended_on));
        key(one)
            .cmp(&key(other))
            .then_with(|| external_id(*a).cmp(&external_id(*b)))
    });
    found.into_iter().map(|(_, former)| former).collect()
}

/// The day on which somebody who has departed left, as far as that is known.
fn left_on(rows: &AccountRows, contact: ContactIndex, windows: &Windows) -> Option<NaiveDate> {
    if !rows.is_departed(contact, windows.ending_on) {
        return None;
    }
    let own = match rows.contacts.get(contact as usize)?.departure {
        Departure::On(left) => Some(left),
        Departure::None | Departure::Undated => None,
    };
    own.into_iter()
        .chain(rows.departures_of(contact))
        .filter(|left| *left <= windows.ending_on)
        .max()
}
