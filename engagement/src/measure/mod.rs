//! Rows → plain numbers, for one evaluation: the first of the two steps from rows to a score.
//!
//! [`measure`] folds the rows of one account, in any order, into [`Measures`]. Everything after it is a closed form of
//! those numbers. Costs one pass over the rows, and memory for the account's contacts and its unanswered outreach; a
//! batch of accounts is measured one after the other.

mod adoption;
mod contacts;
mod conversation;
mod evidence;
mod measurement;
mod measures;
mod reading;

pub use contacts::{BOOKED_DAYS, ContactTouch};
pub use evidence::{Collect, EVIDENCE_IDS, Evidence, EvidenceRows};
pub use measurement::Measurement;
pub(crate) use measures::{DAYS_OF_A_RATE, KINDS};
pub use measures::{Measures, Sponsorship};
pub(crate) use reading::is_present;
pub use reading::{Reading, Who};

use crate::policy::Policy;
use crate::row::windows::Windows;
use crate::row::{AccountRows, Catalogue, Span};
use adoption::Adoption;
use contacts::Contacts;
use conversation::Conversation;

/// Folds the rows of one account into numbers for one window.
///
/// `side` says which side of the catalogue the window sees: its own, or the previous window's.
pub fn measure(
    rows: &AccountRows,
    (catalogue, side): (&Catalogue, Span),
    policy: &Policy,
    windows: &Windows,
    collect: Collect,
) -> Measurement {
    let mut evidence = EvidenceRows::new(collect);
    let span = windows.span(policy.activity_days(rows.account.tier));
    let mut contacts = Contacts::new(rows, windows, span);
    let mut conversation = Conversation::new(policy, windows, span);
    for interaction in &rows.interactions {
        if !windows.remembers(interaction.occurred_at) {
            continue;
        }
        let reading = Reading::of(interaction, policy, windows);
        conversation.seen_any |= reading.as_ref().is_none_or(|reading| !reading.nameless);
        if let Some(reading) = reading {
            conversation.fold(interaction, &reading, &mut evidence);
            contacts.fold(interaction, &reading, &mut evidence);
        }
    }
    let adoption = Adoption::fold(
        rows,
        (catalogue, side),
        policy,
        windows,
        &contacts,
        conversation.first_fact_on(),
    );
    let mut measures = Measures::new(rows, catalogue.size(side), policy, windows);
    conversation.finish(&mut measures, &mut evidence);
    contacts.finish(rows, &mut measures, &mut evidence);
    adoption.finish(&mut measures, &mut evidence);
    measures.span_days_lived = measures.days_lived(span.days);
    Measurement {
        measures,
        touches: contacts.into_touches(),
        evidence,
    }
}
