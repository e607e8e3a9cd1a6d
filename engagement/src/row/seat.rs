//! Who sponsors us on a day: of all sponsorships the active ones, one seat per contact, and who is the primary sponsor
//! (docs/scoring.md § 2). Every rule about seats stands here and nowhere else.

use chrono::NaiveDate;

use super::rows::{AccountRows, ContactIndex};
use crate::vocabulary::{Seniority, SponsorRank};

/// The active sponsorship of one contact. Who holds several sits on the first rank, and there since the latest beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seat {
    /// First or second sponsor.
    pub rank: SponsorRank,
    /// First day.
    pub since: NaiveDate,
    /// Whether one of their sponsorships is a backup's.
    pub backup: bool,
}

/// The seats of an account on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seats {
    day: NaiveDate,
    of: Vec<Option<Seat>>,
    /// The primary sponsor: of the active first sponsors the one with the latest beginning, then the smallest external id.
    pub primary: Option<ContactIndex>,
}

impl Seats {
    /// The seats on a day.
    pub fn on(rows: &AccountRows, day: NaiveDate) -> Self {
        let mut of: Vec<Option<Seat>> = vec![None; rows.contacts.len()];
        for held in &rows.sponsorships {
            let place = held.contact as usize;
            let Some(seat) = of.get_mut(place) else { continue };
            if !rows.sponsors_on(held, day) {
                continue;
            }
            let backup = held.rank == SponsorRank::Backup;
            *seat = Some(match *seat {
                None => Seat {
                    rank: held.rank,
                    since: held.since,
                    backup,
                },
                Some(seat)
                    if held.rank < seat.rank || (held.rank == seat.rank && held.since > seat.since) =>
                {
                    Seat {
                        rank: held.rank,
                        since: held.since,
                        backup: backup || seat.backup,
                    }
                }
                Some(seat) => Seat {
                    backup: backup || seat.backup,
                    ..seat
                },
            });
        }
        let first = |place: usize| {
            of.get(place)
                .copied()
                .flatten()
                .filter(|seat| seat.rank == SponsorRank::Primary)
        };
        let primary = (0..of.len())
            .filter_map(|place| Some((first(place)?.since, place)))
            .max_by(|(a, i), (b, j)| {
                a.cmp(b)
                    .then_with(|| rows.contacts[*j].external_id.cmp(&rows.contacts[*i].external_id))
            })
            .map(|(_, place)| place as ContactIndex);
        Self { day, of, primary }
    }

    /// The seat of a contact.
    pub fn of(&self, contact: ContactIndex) -> Option<Seat> {
        self.of.get(contact as usize).copied().flatten()
    }

    /// Whether anybody sponsors us.
    pub fn any(&self) -> bool {
        self.of.iter().any(Option::is_some)
    }

    /// Whether there is an active backup; the primary sponsor is nobody's.
    pub fn has_backup(&self) -> bool {
        (0..)
            .zip(&self.of)
            .any(|(contact, seat)| Some(contact) != self.primary && seat.is_some_and(|seat| seat.backup))
    }

    /// Whether a contact is an executive: not departed, and a sponsor, C-level or vice president.
    pub fn is_executive(&self, rows: &AccountRows, contact: ContactIndex) -> bool {
        self.of(contact).is_some()
            || rows.contacts.get(contact as usize).is_some_and(|c| {
                c.seniority.is_some_and(Seniority::is_executive) && !rows.is_departed(contact, self.day)
            })
    }
}
