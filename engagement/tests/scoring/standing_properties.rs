//! What must hold of standings for any rows: the definitions read a second time, and that no reason makes anything better.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use rapport_engagement::row::ConfirmedChange;
use rapport_engagement::vocabulary::*;
use rapport_engagement::windows::Windows;

use crate::account::{Book, ENDING_ON, at, day};
use crate::chance::sponsored;
use crate::sponsor_definitions::Day;
use crate::standing_definitions::{Case, SaidOfStanding};

fn said(b: &Book, ending_on: &str) -> Option<SaidOfStanding> {
    let evaluation = b.evaluate_on(ending_on);
    let case = Case {
        rows: &b.rows,
        last_usage_on: b.catalogue.last_usage_on(),
        evaluation: &evaluation,
    };
    case.of_standing(Day {
        ending_on: day(ending_on),
    })
}

fn shown(b: &Book, ending_on: &str) -> Option<SaidOfStanding> {
    let standing = b.evaluate_on(ending_on).standing?;
    Some(SaidOfStanding {
        state: standing.state,
        reasons: standing.reasons.iter().map(|r| r.reason).collect(),
    })
}

/// How bad a state is.
fn worry(state: StandingState) -> u8 {
    match state {
        StandingState::OnTrack => 0,
        StandingState::NotKnown => 1,
        StandingState::Watch => 2,
        StandingState::AtRisk => 3,
    }
}

/// The account as it was known at an instant: rows that had not come yet apart.
fn sponsored_without_later(mut b: Book, end: DateTime<Utc>) -> Book {
    b.rows.interactions.retain(|i| i.occurred_at < end);
    // Who answered is written down with the answer.
    for interaction in b
        .rows
        .interactions
        .iter_mut()
        .filter(|i| i.responded_at.is_none_or(|at| at >= end))
    {
        (interaction.responded_at, interaction.responded_by) = (None, None);
    }
    b
}

/// Properties of what never occurs prove nothing.
#[test]
fn every_reason_and_every_state_occurs_among_the_accounts() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut reasons, mut states, mut seasons) = (BTreeMap::new(), BTreeMap::new(), 0);
    for _ in 0..800 {
        let b = sponsored().new_tree(&mut runner).unwrap().current();
        let e = b.evaluate();
        seasons += usize::from(e.season.all);
        let Some(standing) = e.standing else { continue };
        *states.entry(standing.state).or_insert(0) += 1;
        for reason in standing.reasons {
            *reasons.entry(reason.reason).or_insert(0) += 1;
        }
    }
    for reason in StandingReason::ALL {
        assert!(
            reasons.get(reason).copied().unwrap_or(0) >= 5,
            "{reason}: {reasons:?}"
        );
    }
    for state in StandingState::ALL {
        assert!(
            states.get(state).copied().unwrap_or(0) >= 5,
            "{state}: {states:?}"
        );
    }
    assert!(seasons >= 5, "{seasons} as a year ago");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_definitions_read_a_second_time_say_the_same(b in sponsored(), ago in prop_oneof![Just(0_i64), 0_i64..100]) {
        let ending_on = (day(ENDING_ON) - TimeDelta::days(ago)).to_string();
        prop_assert_eq!(shown(&b, &ending_on), said(&b, &ending_on));
    }

    #[test]
    fn the_standing_is_that_of_the_standard_period_whatever_the_reports(b in sponsored()) {
        let windows = |period| Windows::new(day(ENDING_ON), at("2030-01-01"), b.zone, period);
        prop_assert_eq!(b.evaluate_in(&windows(Period::Monthly)).standing, b.evaluate_in(&windows(Period::Quarterly)).standing);
    }

    #[test]
    fn the_order_of_rows_does_not_matter(mut b in sponsored(), seed: u64) {
        let first = b.evaluate().standing;
        let len = b.rows.interactions.len().max(1);
        b.rows.interactions.rotate_left(usize::try_from(seed % len as u64).unwrap());
        b.rows.interactions.reverse();
        b.rows.sponsorships.reverse();
        b.rows.changes.reverse();
        b.rows.usage.reverse();
        prop_assert_eq!(first, b.evaluate().standing);
    }

    #[test]
    fn rows_of_later_days_change_nothing_of_a_day_that_is_over(b in sponsored(), later in sponsored(), ago in 0_i64..100) {
        let ending_on = day(ENDING_ON) - TimeDelta::days(ago);
        let end = at(&format!("{}T00:00", ending_on + TimeDelta::days(1)));
        let mut known = sponsored_without_later(b, end);
        let first = known.evaluate_on(&ending_on.to_string());
        // Answers that came later, and whatever else did.
        known.rows.interactions.extend(later.rows.interactions.into_iter().filter(|i| i.occurred_at >= end));
        for (n, interaction) in known.rows.interactions.iter_mut().enumerate().filter(|(_, i)| i.responded_at.is_none()) {
            interaction.responded_at = Some(end.max(interaction.occurred_at) + TimeDelta::hours(n as i64));
        }
        known.rows.usage.extend(later.rows.usage.into_iter().filter(|u| u.day > ending_on));
        known.rows.sponsorships.extend(later.rows.sponsorships.into_iter().filter(|s| s.since > ending_on));
        known.rows.changes.extend(later.rows.changes.into_iter().filter(|c| c.observed_on > ending_on));
        let second = known.evaluate_on(&ending_on.to_string());
        prop_assert_eq!(&first.current.measures, &second.current.measures);
        prop_assert_eq!(&first.assessment, &second.assessment);
        prop_assert_eq!(&first.signals, &second.signals);
        prop_assert_eq!(&first.sponsors, &second.sponsors);
        prop_assert_eq!(&first.standing, &second.standing);
    }

    #[test]
    fn a_merger_or_layoffs_make_nothing_better(mut b in sponsored(), ago in 0_i64..200, layoff: bool) {
        let before = b.evaluate().standing;
        let kind = if layoff { OrgChangeKind::Layoff } else { OrgChangeKind::MergerAcquisition };
        b.rows.changes.push(ConfirmedChange { kind, observed_on: day(ENDING_ON) - TimeDelta::days(ago), contact: None });
        let after = b.evaluate().standing;
        prop_assert_eq!(before.is_some(), after.is_some());
        if let (Some(before), Some(after)) = (before, after) {
            prop_assert!(worry(after.state) >= worry(before.state), "{:?} after {:?}", after, before);
            let had = |reason: StandingReason| before.reasons.iter().any(|r| r.reason == reason);
            prop_assert!(StandingReason::ALL.iter().filter(|r| had(**r)).all(|r| after.reasons.iter().any(|now| now.reason == *r)));
        }
    }

    #[test]
    fn a_change_of_role_makes_nothing_better(mut b in sponsored(), who in 0_u32..6, ago in 0_i64..100) {
        let before = b.evaluate().standing;
        let observed_on = day(ENDING_ON) - TimeDelta::days(ago);
        b.rows.changes.push(ConfirmedChange { kind: OrgChangeKind::RoleChange, observed_on, contact: Some(who) });
        if let (Some(before), Some(after)) = (before, b.evaluate().standing) {
            prop_assert!(worry(after.state) >= worry(before.state), "{:?} after {:?}", after, before);
        }
    }

    #[test]
    fn a_departure_that_changes_no_number_makes_nothing_better(mut b in sponsored(), who in 0_u32..6, ago in 0_i64..100) {
        let before = b.evaluate();
        let observed_on = day(ENDING_ON) - TimeDelta::days(ago);
        b.rows.changes.push(ConfirmedChange { kind: OrgChangeKind::Departure, observed_on, contact: Some(who) });
        let after = b.evaluate();
        let Some((was, is)) = before.standing.as_ref().zip(after.standing.as_ref()) else { return Ok(()) };
        // Without a primary sponsor nobody declines; and a change of sponsors stands in for a cold one.
        let stays = |r: StandingReason| r == StandingReason::SponsorCold || is.reasons.iter().any(|now| now.reason == r);
        if (before.assessment.pattern, before.assessment.provisional) == (after.assessment.pattern, after.assessment.provisional)
            && before.signals == after.signals
            && was.reasons.iter().all(|r| stays(r.reason))
        {
            prop_assert!(worry(is.state) >= worry(was.state), "{:?} after {:?}", is, was);
        }
    }

    #[test]
    fn a_renewal_that_comes_near_makes_nothing_better_than_none_far_away(mut b in sponsored(), days in 0_i64..=180) {
        b.rows.account.renewal_on = Some(day(ENDING_ON) + TimeDelta::days(181));
        let far = b.evaluate().standing;
        b.rows.account.renewal_on = Some(day(ENDING_ON) + TimeDelta::days(days));
        let near = b.evaluate().standing;
        if let (Some(far), Some(near)) = (far, near) {
            prop_assert!(worry(near.state) >= worry(far.state), "{:?} after {:?}", near, far);
        }
    }

    #[test]
    fn what_is_shown_as_a_reason_says_when_or_how_many(b in sponsored()) {
        for reason in b.evaluate().standing.into_iter().flat_map(|standing| standing.reasons) {
            let text = reason.message(Some("Ana"));
            prop_assert!(text.ends_with('.') && !text.contains("  ") && !text.contains('_'), "{}", text);
            let cold = reason.reason == StandingReason::SponsorCold;
            prop_assert!(cold || reason.on.is_some() || reason.number.is_some() || !reason.signals.is_empty(), "{:?}", reason);
        }
    }
}
