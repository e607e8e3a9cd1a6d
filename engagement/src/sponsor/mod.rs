//! Executive sponsors: who they are, how engaged each of them is and why, and who would follow them
//! (docs/scoring.md § 7), with the numbers of § 9 that come from the rows of one account.
//!
//! [`sponsors`] runs for every account every night: one pass over the interactions, memory for the executives only, no
//! text. Sentences are made by the report (`report::sponsor`).

mod account;
mod approach;
mod bus_factor;
mod cadence;
mod decline;
mod delegation;
mod executive;
mod factors;
mod fold;
mod judge;
mod level;
mod succession;
mod value;
mod year;

use crate::row::seat::Seats;
pub use account::Sponsors;
pub use approach::{Because, FirstToApproach, order};
pub(crate) use bus_factor::without_most_frequent;
pub use bus_factor::{Leaver, bus_factor, bus_factor_while};
pub use cadence::{Cadence, Silence, Touchpoint};
pub use decline::Declines;
pub use delegation::Delegation;
pub use executive::{Executive, status};
pub(crate) use factors::score_after;
pub use factors::{FACTOR_POINTS, Factor, Tally};
pub use succession::{Succession, SuccessionReason};
pub use value::{Finding, Goal, Metric, findings};
pub use year::ExecutiveYear;

use crate::measure::Reading;
use crate::policy::Policy;
use crate::row::AccountRows;
use crate::row::windows::Windows;
use crate::vocabulary::LevelRule;
use fold::Fold;
use judge::judge;

/// Reads who sponsors the account on `windows.ending_on`, at `windows.at`; the period of `windows` does not matter.
pub fn sponsors(rows: &AccountRows, policy: &Policy, windows: &Windows) -> Sponsors {
    let windows = Windows::new(
        windows.ending_on,
        windows.at,
        windows.zone,
        policy.standard_period,
    );
    let cadence = Cadence::of(rows.account.tier, policy);
    let seats = Seats::on(rows, windows.ending_on);
    let mut fold = Fold::new(rows, &seats, policy, &windows);
    for interaction in rows
        .interactions
        .iter()
        .filter(|interaction| windows.remembers(interaction.occurred_at))
    {
        if let Some(reading) = Reading::of(interaction, policy, &windows) {
            fold.take(interaction, &reading);
        }
    }
    let known_days = fold.known_days(rows);
    let declines = fold.declines();
    let Fold {
        executives: tracked,
        contact_days,
        qbrs_held,
        qbrs_with_executive,
        ..
    } = fold;
    let engaged_executives = tracked.iter().filter(|executive| executive.engaged).count() as u32;
    let year = ExecutiveYear {
        contact_days: contact_days.len(),
        known_days,
        qbrs_held,
        qbrs_with_executive,
    };
    let declines_enough = declines.meetings >= policy.standing.declines;
    let decliner = seats.primary.filter(|_| declines_enough);
    let executives = judge(tracked, rows, decliner, (cadence, policy), &windows);

    let primary = seats.primary.and_then(|contact| {
        executives
            .iter()
            .position(|executive| executive.contact == contact)
    });
    let role_started_on = seats
        .primary
        .and_then(|contact| rows.contacts.get(contact as usize))
        .and_then(|c| c.role_started_on);
    let succession = succession::assess(&executives, primary, role_started_on, windows.ending_on, policy);
    let leading = primary.and_then(|place| executives.get(place));
    let rule = leading.map_or(LevelRule::NoSponsor, |executive| executive.rule);
    Sponsors {
        primary,
        level: rule.level(),
        rule,
        risk: rule.level().risk(),
        score: leading.map_or(0, |executive| executive.score),
        declines,
        succession,
        last_executive_contact_on: executives
            .iter()
            .filter_map(|executive| executive.last_contact_on)
            .max(),
        year,
        engaged_executives,
        sponsor_engaged: executives
            .iter()
            .any(|executive| executive.rank.is_some() && executive.level.is_engaged()),
        cadence,
        executives,
    }
}
