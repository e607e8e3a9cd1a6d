//! From what was folded to a judgement: the executives in order, each with factors, a score and a level.

use super::cadence::{Cadence, Silence};
use super::delegation::{self, Delegation};
use super::executive::{Executive, status};
use super::factors;
use super::fold::Tracked;
use super::level::{self, Signs};
use crate::policy::Policy;
use crate::row::windows::Windows;
use crate::row::{AccountRows, ContactIndex};

/// The executives in order, with factors, score and level; `decliner` is the primary sponsor who keeps declining.
pub(super) fn judge(
    mut tracked: Vec<Tracked>,
    rows: &AccountRows,
    decliner: Option<ContactIndex>,
    (cadence, policy): (Cadence, &Policy),
    windows: &Windows,
) -> Vec<Executive> {
    let key = |executive: &Tracked| {
        executive
            .seat
            .map(|seat| (seat.rank, std::cmp::Reverse(seat.since)))
    };
    let external_id = |executive: &Tracked| {
        rows.contacts
            .get(executive.contact as usize)
            .map(|contact| contact.external_id.as_str())
    };
    // `None` sorts first, but who holds no seat comes last. The primary sponsor is first of rank, since and id already.
    tracked.sort_by(|a, b| {
        (a.seat.is_none(), key(a))
            .cmp(&(b.seat.is_none(), key(b)))
            .then_with(|| external_id(a).cmp(&external_id(b)))
    });
    let silences: Vec<Silence> = tracked
        .iter()
        .map(|executive| {
            cadence.silence(
                executive
                    .last_contact_on
                    .max(executive.seat.map(|seat| seat.since)),
                policy,
                windows,
            )
        })
        .collect();
    let silent: Vec<usize> = (0..tracked.len())
        .filter(|place| level::may_delegate(silences[*place].days, cadence, policy))
        .collect();
    let mut delegations: Vec<Option<Delegation>> = vec![None; tracked.len()];
    if !silent.is_empty() {
        let contacts: Vec<ContactIndex> = silent.iter().map(|place| tracked[*place].contact).collect();
        for (place, delegation) in silent
            .iter()
            .zip(delegation::fold(rows, &contacts, policy, windows))
        {
            delegations[*place] = Some(delegation);
        }
    }
    tracked
        .into_iter()
        .zip(silences)
        .zip(delegations)
        .map(|((tracked, silence), delegation)| {
            let counts = tracked.counts;
            let contact_days = tracked.contact_days.len();
            let initiatives = if contact_days > 0 {
                rows.initiatives.as_slice()
            } else {
                &[]
            };
            let factors = factors::read(&counts, initiatives, cadence, policy);
            let (factor_score, measured) = factors::score(&factors);
            let signs = Signs {
                sponsor_days: counts.sponsor_days,
                contact_days: tracked.last_contact_on.map(|day| windows.days_since(day)),
                silent_days: silence.days,
                factor_score,
                measured,
                contact_days_in_span: contact_days,
                declines: decliner == Some(tracked.contact),
                qbrs: counts.qbrs_attended,
                advocacy: counts.advocacy,
                delegation,
            };
            let rule = level::decide(&signs, cadence, policy);
            let level = rule.level();
            Executive {
                contact: tracked.contact,
                rank: tracked.seat.map(|seat| seat.rank),
                since: tracked.seat.map(|seat| seat.since),
                backup: tracked.seat.is_some_and(|seat| seat.backup),
                factors,
                factor_score,
                score: level::shown(factor_score, level, policy),
                contact_days,
                measured,
                level,
                rule,
                risk: level.risk(),
                status: status(level, false),
                last_contact_on: tracked.last_contact_on,
                last_touch_on: tracked.last_touch_on,
                silence,
                advocacy: counts.advocacy,
                delegation,
            }
        })
        .collect()
}
