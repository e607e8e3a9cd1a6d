//! What would be left if somebody left: for every executive and every engaged contact the account is measured again
//! without them, by the same path from rows to a score as everything else.
//!
//! Whoever leaves takes along what was theirs alone: their place on every list of participants, interactions that named
//! nobody else, and their use of the product. What is known to be recorded stays known: an account that falls silent with
//! one person scores silence, not "not measured".

use super::sponsors;
use crate::measure::{Collect, Measurement, Measures, measure};
use crate::policy::Policy;
use crate::row::windows::Windows;
use crate::row::{AccountRows, Catalogue, ContactIndex, Departure, Interaction, Span};
use crate::score::score;
use crate::vocabulary::EngagementLevel;

/// What the account would be without one contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaver {
    /// Who would have left.
    pub contact: ContactIndex,
    /// The account's overall score without them, rounded; absent where nothing could be measured.
    pub overall_without: Option<i32>,
    /// Points against the score with them.
    pub change: Option<i32>,
    /// The account's executive level without them.
    pub level_without: EngagementLevel,
}

/// Everybody whose leaving would be felt, most painful first: by change, then the worse level, then external id. Scores
/// are those of the standard period, whatever the period of `windows`.
pub fn bus_factor(
    rows: &AccountRows,
    catalogue: &Catalogue,
    policy: &Policy,
    windows: &Windows,
) -> Vec<Leaver> {
    bus_factor_while(rows, catalogue, policy, windows, || true)
}

/// The same, unless `goes_on` says before one of them that nobody wants to know any more: for an account of thousands this takes
/// minutes.
pub fn bus_factor_while(
    rows: &AccountRows,
    catalogue: &Catalogue,
    policy: &Policy,
    windows: &Windows,
    goes_on: impl Fn() -> bool,
) -> Vec<Leaver> {
    let windows = Windows::new(
        windows.ending_on,
        windows.at,
        windows.zone,
        policy.standard_period,
    );
    let Measurement {
        measures: with,
        touches,
        ..
    } = measure(
        rows,
        (catalogue, Span::Current),
        policy,
        &windows,
        Collect::Numbers,
    );
    let overall = score(&with, policy).rounded();
    let mut leavers: Vec<Leaver> = (0..)
        .zip(&touches)
        .filter(|(_, touch)| touch.executive || touch.engaged())
        .take_while(|_| goes_on())
        .map(|(contact, _)| leaver(contact, rows, catalogue, policy, &windows, (&with, overall)))
        .collect();
    let external_id = |leaver: &Leaver| {
        rows.contacts
            .get(leaver.contact as usize)
            .map(|contact| contact.external_id.as_str())
    };
    leavers.sort_by(|a, b| {
        let pain = |leaver: &Leaver| {
            (
                leaver.change.is_none(),
                leaver.change,
                std::cmp::Reverse(leaver.level_without),
            )
        };
        pain(a)
            .cmp(&pain(b))
            .then_with(|| external_id(a).cmp(&external_id(b)))
    });
    leavers
}

/// The row of whoever is in contact with us most often: the engaged contact with the most distinct days of conversation, then
/// the most direct contacts, then the first by external id. None where nobody is engaged.
pub(crate) fn without_most_frequent(
    rows: &AccountRows,
    catalogue: &Catalogue,
    policy: &Policy,
    windows: &Windows,
) -> Option<Leaver> {
    let windows = Windows::new(
        windows.ending_on,
        windows.at,
        windows.zone,
        policy.standard_period,
    );
    let Measurement {
        measures: with,
        touches,
        ..
    } = measure(
        rows,
        (catalogue, Span::Current),
        policy,
        &windows,
        Collect::Numbers,
    );
    let external_id = |place: usize| {
        rows.contacts
            .get(place)
            .map(|contact| contact.external_id.as_str())
    };
    let often = |place: usize| (touches[place].days, touches[place].touches);
    let engaged = (0..touches.len()).filter(|place| touches[*place].engaged());
    let most = engaged.max_by(|a, b| {
        often(*a)
            .cmp(&often(*b))
            .then_with(|| external_id(*b).cmp(&external_id(*a)))
    })?;
    let overall = score(&with, policy).rounded();
    Some(leaver(
        most as ContactIndex,
        rows,
        catalogue,
        policy,
        &windows,
        (&with, overall),
    ))
}

/// What the account would be without one contact; `with` is what it is with them.
fn leaver(
    contact: ContactIndex,
    rows: &AccountRows,
    catalogue: &Catalogue,
    policy: &Policy,
    windows: &Windows,
    (with, overall): (&Measures, Option<i32>),
) -> Leaver {
    let rows = without(rows, contact, windows);
    let mut measures = measure(
        &rows,
        (catalogue, Span::Current),
        policy,
        windows,
        Collect::Numbers,
    )
    .measures;
    keep_known(&mut measures, with);
    let overall_without = score(&measures, policy).rounded();
    Leaver {
        contact,
        overall_without,
        change: overall_without.zip(overall).map(|(without, with)| without - with),
        level_without: sponsors(&rows, policy, windows).level,
    }
}

/// The rows as if a contact had left on `ending_on`.
fn without(rows: &AccountRows, leaver: ContactIndex, windows: &Windows) -> AccountRows {
    let theirs = |contact: &Option<ContactIndex>| contact.is_none_or(|contact| contact == leaver);
    let named =
        |i: &Interaction| !i.participants.is_empty() || i.responded_by.is_some() || i.from_contact.is_some();
    let only_them = |i: &Interaction| {
        named(i)
            && i.participants.iter().all(|p| p.contact == leaver)
            && theirs(&i.responded_by)
            && theirs(&i.from_contact)
    };
    let interactions = rows
        .interactions
        .iter()
        .filter(|interaction| !only_them(interaction))
        .map(|interaction| {
            let mut interaction = interaction.clone();
            interaction
                .participants
                .retain(|participant| participant.contact != leaver);
            interaction
        });
    let mut contacts = rows.contacts.clone();
    if let Some(contact) = contacts.get_mut(leaver as usize) {
        contact.departure = Departure::On(windows.ending_on);
    }
    AccountRows {
        account: rows.account.clone(),
        contacts,
        sponsorships: rows.sponsorships.clone(),
        interactions: interactions.collect(),
        usage: rows
            .usage
            .iter()
            .filter(|usage| usage.contact != Some(leaver))
            .copied()
            .collect(),
        first_usage_days: rows.first_usage_days.clone(),
        initiatives: rows.initiatives.clone(),
        changes: rows.changes.clone(),
        booked: rows.booked.clone(),
        year_ago_usage: rows.year_ago_usage,
        other_year_ago_usage: rows.other_year_ago_usage,
        contact_feed_silent: rows.contact_feed_silent,
    }
}

/// A feed does not end, and an account does not become new, because somebody leaves.
fn keep_known(measures: &mut Measures, with: &Measures) {
    measures.has_interactions = with.has_interactions;
    measures.has_two_way = with.has_two_way;
    measures.has_two_way_in_span = with.has_two_way_in_span;
    measures.has_usage = with.has_usage;
    measures.first_fact_on = with.first_fact_on;
    measures.days_since_first_fact = with.days_since_first_fact;
    measures.known_before = with.known_before;
}
