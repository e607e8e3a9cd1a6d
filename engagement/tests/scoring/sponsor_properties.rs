//! What must hold of sponsors for any rows: the definitions read a second time, bounds, order, the ladder of silence.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use rapport_engagement::score::round;
use rapport_engagement::sponsor::{Executive, FACTOR_POINTS, Sponsors, bus_factor, sponsors};
use rapport_engagement::vocabulary::*;
use rapport_engagement::windows::Windows;

use crate::account::{Book, ENDING_ON, at, day};
use crate::chance::{interval, sponsored};
use crate::sponsor_definitions::{Day, of_account, of_executives};

fn of(s: &Sponsors, contact: u32) -> &Executive {
    s.executives.iter().find(|e| e.contact == contact).unwrap()
}

/// Properties of what never occurs prove nothing.
#[test]
fn every_rule_occurs_among_the_accounts() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut count = BTreeMap::new();
    for _ in 0..800 {
        let b = sponsored().new_tree(&mut runner).unwrap().current();
        for executive in b.sponsors().executives {
            *count.entry(executive.rule).or_insert(0) += 1;
        }
    }
    // No executive has the rule of an account without a sponsor.
    for rule in LevelRule::ALL
        .iter()
        .filter(|rule| **rule != LevelRule::NoSponsor)
    {
        assert!(count.get(rule).copied().unwrap_or(0) >= 5, "{rule}: {count:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_definitions_read_a_second_time_say_the_same(b in sponsored(), ago in prop_oneof![Just(0_i64), 0_i64..200]) {
        let ending_on = day(ENDING_ON) - TimeDelta::days(ago);
        let s = b.sponsors_on(&ending_on.to_string());
        let said = of_executives(&b.rows, Day { ending_on });
        prop_assert_eq!(s.executives.len(), said.len());
        for said in &said {
            let executive = of(&s, said.contact);
            for (factor, said) in executive.factors.iter().zip(said.factors) {
                prop_assert_eq!(factor.score.is_some(), said.is_some(), "{:?}", factor);
                prop_assert!((factor.score.unwrap_or(0.0) - said.unwrap_or(0.0)).abs() < 1e-9, "{:?} {:?}", factor, said);
            }
            prop_assert_eq!((i64::from(executive.factor_score), i64::from(executive.score)), (said.factor_score, said.score));
            prop_assert_eq!((executive.level, executive.last_contact_on), (said.level, said.last_contact_on), "{:?}", executive);
        }
        let account = of_account(&b.rows, Day { ending_on });
        prop_assert_eq!(s.primary().map(|p| p.contact), account.primary);
        prop_assert_eq!(s.year.contact_days as usize, account.contact_days);
        prop_assert_eq!(s.year.known_days.map(i64::from), account.known_days);
        prop_assert_eq!((s.year.qbrs_held as usize, s.year.qbrs_with_executive as usize), (account.qbrs_held, account.qbrs_with_executive));
        prop_assert_eq!((s.engaged_executives as usize, s.sponsor_engaged), (account.engaged_executives, account.sponsor_engaged));
        prop_assert_eq!(s.succession.risk, account.succession, "{:?}", s.succession);
    }

    #[test]
    fn everything_is_bounded_and_the_score_is_that_of_its_factors(b in sponsored()) {
        let s = b.sponsors();
        for executive in &s.executives {
            let scores: Vec<f64> = executive.factors.iter().filter_map(|f| f.score).collect();
            prop_assert!(scores.iter().all(|score| (0.0..=FACTOR_POINTS + 1e-9).contains(score)), "{:?}", executive);
            prop_assert_eq!(executive.measured as usize, scores.len());
            prop_assert!((1..=4).contains(&executive.measured) && (0..=100).contains(&executive.score));
            prop_assert_eq!(executive.factor_score, round(100.0 * scores.iter().sum::<f64>() / (25.0 * scores.len() as f64)));
            let most = match executive.level {
                EngagementLevel::Champion | EngagementLevel::Engaged => 100,
                EngagementLevel::Passive => 59,
                EngagementLevel::Disengaged => 39,
                EngagementLevel::Unknown => 0,
            };
            prop_assert_eq!(executive.score, executive.factor_score.min(most));
            prop_assert_eq!((executive.level, executive.risk), (executive.rule.level(), executive.level.risk()));
        }
        prop_assert!(s.year.contact_days <= 366 && s.year.qbrs_with_executive <= s.year.qbrs_held);
        prop_assert!(s.engaged_executives as usize <= s.executives.len());
        prop_assert!(s.succession.risk != RiskLevel::Critical && s.succession.backups.iter().all(|place| Some(*place) != s.primary));
        let leading = s.primary().map_or((EngagementLevel::Unknown, RiskLevel::Critical, 0), |p| (p.level, p.risk, p.score));
        prop_assert_eq!((s.level, s.risk, s.score), leading);
        prop_assert!(s.primary.is_none_or(|place| place == 0));
    }

    #[test]
    fn the_order_of_rows_does_not_matter(mut b in sponsored(), seed: u64) {
        let first = b.sponsors();
        let len = b.rows.interactions.len().max(1);
        b.rows.interactions.rotate_left(usize::try_from(seed % len as u64).unwrap());
        b.rows.interactions.reverse();
        b.rows.sponsorships.reverse();
        b.rows.initiatives.reverse();
        b.rows.usage.reverse();
        for interaction in &mut b.rows.interactions {
            interaction.participants.reverse();
        }
        prop_assert_eq!(first, b.sponsors());
    }

    #[test]
    fn past_days_never_move(b in sponsored(), later in 0_i64..10_000) {
        let of = |as_of| sponsors(&b.rows, &b.policy, &Windows::new(day(ENDING_ON), as_of, b.zone, Period::Quarterly));
        let end = at("2026-10-01T00:00");
        prop_assert_eq!(of(end), of(end + TimeDelta::hours(later)));
    }

    #[test]
    fn one_more_attended_meeting_never_lowers_the_frequency(mut b in sponsored(), who in 0_u32..6, kind in prop::sample::select(InteractionKind::ALL), ago in 0_i64..500) {
        let score = |b: &Book| b.sponsors().executives.iter().find(|e| e.contact == who).and_then(|e| e.factors[0].score);
        let before = score(&b);
        let when = (day(ENDING_ON) - TimeDelta::days(ago)).to_string();
        b.interaction(kind, Direction::Outbound, InteractionStatus::Completed, &when).with(&format!("c{who}"));
        prop_assert!(score(&b) >= before, "{:?} after {:?}", score(&b), before);
    }

    #[test]
    fn levels_and_signals_stand_on_one_ladder(b in sponsored()) {
        let s = b.sponsors();
        let missing = b.evaluate().signals.into_iter().find(|raised| raised.signal == Signal::SponsorMissing);
        let Some(primary) = s.primary() else {
            prop_assert!(missing.is_some());
            let direct = b.rows.account.served_by == ServedBy::Direct;
            let critical = s.executives.iter().all(|e| e.rank.is_none()) && direct;
            prop_assert_eq!(missing.as_ref().map(|m| m.severity == Severity::Critical), Some(critical));
            prop_assert_eq!(missing.map(|m| m.severity == Severity::Medium), Some(!direct));
            return Ok(());
        };
        let silent = primary.silence.days.unwrap() as f64 / interval(&b);
        prop_assert_eq!(missing.is_some(), silent >= 2.0);
        prop_assert_eq!(primary.silence.overdue, silent >= 1.0);
        match primary.rule {
            LevelRule::Advocates | LevelRule::InContact => prop_assert!(silent <= 1.5 && missing.is_none()),
            LevelRule::Silent => prop_assert!(silent >= 3.0 && missing.is_some()),
            LevelRule::Delegates => prop_assert!((3.0..6.0).contains(&silent) && missing.is_some()),
            LevelRule::Occasional | LevelRule::Declines => prop_assert!(silent < 3.0),
            LevelRule::NewSponsor => prop_assert!(missing.is_none()),
            LevelRule::NoSponsor | LevelRule::NeverInContact => prop_assert!(false, "{:?}", primary),
        }
        let due = primary.silence.due_on.unwrap();
        prop_assert_eq!(primary.silence.overdue, due < day(ENDING_ON));
    }

    #[test]
    fn sponsors_and_measures_agree_on_people(b in sponsored()) {
        let (s, e) = (b.sponsors(), b.evaluate());
        for executive in &s.executives {
            let touch = e.current.touches[executive.contact as usize];
            prop_assert!(touch.executive);
            prop_assert_eq!((touch.last_touch_on, touch.last_executive_contact_on), (executive.last_touch_on, executive.last_contact_on));
        }
        // Those of three months, of either weight; and those of the activity span, of weight 1.
        let touches = &e.current.touches;
        let whole = touches.iter().filter(|t| t.executive && t.in_conversation()).count();
        prop_assert_eq!(e.current.measures.engaged_executives as usize, whole);
        if b.rows.account.tier != AccountTier::Smb {
            let engaged = touches.iter().filter(|t| t.executive && t.engaged()).count();
            prop_assert_eq!(s.engaged_executives as usize, engaged);
        }
        prop_assert_eq!(s.primary().map(|p| p.contact), e.current.measures.sponsorship.primary);
    }

    #[test]
    fn everybody_who_would_be_missed_is_listed_once_in_order(b in sponsored()) {
        let e = b.evaluate();
        let leavers = bus_factor(&b.rows, &b.catalogue, &b.policy, &e.windows);
        let mut listed: Vec<u32> = leavers.iter().map(|l| l.contact).collect();
        listed.sort_unstable();
        let expected: Vec<u32> = (0..).zip(&e.current.touches).filter(|(_, t)| t.executive || t.engaged()).map(|(c, _)| c).collect();
        prop_assert_eq!(listed, expected);
        prop_assert!(leavers.is_sorted_by_key(|l| (l.change.is_none(), l.change, std::cmp::Reverse(l.level_without))));
        for leaver in &leavers {
            prop_assert_eq!(leaver.change, leaver.overall_without.zip(e.assessment.rounded()).map(|(without, with)| without - with));
        }
    }
}
