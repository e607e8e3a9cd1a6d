//! Who can introduce us to an executive whom nobody has met: the engaged contact or executive who was most often together with
//! one of the executive's people.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};

use super::sources::Sources;
use crate::markdown::count;
use crate::measure::{Reading, is_present};
use crate::row::ContactIndex;

/// Who can introduce us, and why them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Introduction {
    /// Whoever of theirs can introduce us.
    pub(super) contact: ContactIndex,
    /// Why, as a clause about them.
    pub(super) reason: String,
}

/// Who was there, for each held interaction of the history.
pub(super) struct Introductions<'a> {
    sources: &'a Sources<'a>,
    held: Vec<(DateTime<Utc>, Vec<ContactIndex>)>,
    departments: Vec<Option<String>>,
}

impl<'a> Introductions<'a> {
    /// Reads the rows once, for all executives.
    pub(super) fn new(sources: &'a Sources<'a>) -> Self {
        let Sources {
            rows,
            policy,
            windows,
            ..
        } = sources;
        let remembered = rows
            .interactions
            .iter()
            .filter(|interaction| windows.remembers(interaction.occurred_at));
        let held = remembered
            .filter(|i| i.participants.len() > 1)
            .filter(|i| Reading::of(i, policy, windows).is_some_and(|r| r.held));
        let there = held.map(|i| {
            (
                i.occurred_at,
                i.participants
                    .iter()
                    .filter(|p| is_present(i.kind, **p))
                    .map(|p| p.contact)
                    .collect(),
            )
        });
        let department =
            |written: &str| Some(written.trim().to_lowercase()).filter(|department| !department.is_empty());
        let departments = rows
            .contacts
            .iter()
            .map(|contact| contact.department.as_deref().and_then(department))
            .collect();
        Self {
            sources,
            held: there.collect(),
            departments,
        }
    }

    /// Who can introduce us to an executive: of the engaged contacts, and the executives we are in touch with, whoever shared
    /// most held interactions with somebody of the executive's department; where nobody shared any, with anybody of theirs. Of
    /// equals the one of the latest, then by external id. Nobody who has left.
    pub(super) fn to(&self, executive: ContactIndex) -> Option<Introduction> {
        let department =
            |contact: ContactIndex| self.departments.get(contact as usize).and_then(Option::as_ref);
        let theirs = department(executive);
        let colleague = |contact| contact == executive || (theirs.is_some() && department(contact) == theirs);
        let reason =
            |times: u32, whom: &str| format!("who shared {} with {whom}", count(times, "conversation"));
        self.closest(executive, colleague)
            .map(|(contact, times)| Introduction {
                contact,
                reason: reason(times, "their department"),
            })
            .or_else(|| {
                let (contact, times) = self.closest(executive, |_| true)?;
                Some(Introduction {
                    contact,
                    reason: reason(times, "others of theirs"),
                })
            })
    }

    /// Whoever was together most often with another one of these, and how often.
    fn closest(
        &self,
        executive: ContactIndex,
        with: impl Fn(ContactIndex) -> bool,
    ) -> Option<(ContactIndex, u32)> {
        let Sources { rows, touches, .. } = self.sources;
        let mut shared: Vec<(u32, Option<DateTime<Utc>>)> = vec![(0, None); rows.contacts.len()];
        for (at, there) in &self.held {
            for contact in there {
                if there.iter().any(|other| other != contact && with(*other))
                    && let Some((times, last)) = shared.get_mut(*contact as usize)
                {
                    *times += 1;
                    *last = (*last).max(Some(*at));
                }
            }
        }
        let known = |contact: ContactIndex| {
            let touch = touches.get(contact as usize);
            contact != executive
                && touch.is_some_and(|touch| {
                    touch.engaged() || (touch.executive && touch.last_touch_on.is_some())
                })
        };
        let external_id = |contact: ContactIndex| {
            rows.contacts
                .get(contact as usize)
                .map(|contact| contact.external_id.as_str())
        };
        let candidates = (0..)
            .zip(&shared)
            .filter(|(contact, (times, _))| *times > 0 && known(*contact));
        let best = candidates
            .min_by_key(|(contact, (times, last))| (Reverse(*times), Reverse(*last), external_id(*contact)));
        best.map(|(contact, (times, _))| (contact, *times))
    }
}
