//! What must hold for any rows: bounds, order independence, monotonicity, ledger sums.

use chrono::TimeDelta;
use proptest::prelude::*;
use rapport_engagement::evaluation::{Evaluation, evaluate};
use rapport_engagement::measure::Collect;
use rapport_engagement::plan::{Step, plan, target};
use rapport_engagement::row::{Interaction, Participant, Usage};
use rapport_engagement::score::score;
use rapport_engagement::vocabulary::*;
use rapport_engagement::windows::Windows;
use uuid::Uuid;

use crate::account::{Book, at, component_of, day};

const CONTACTS: u32 = 6;

fn interaction() -> impl Strategy<Value = Interaction> {
    let what = (
        prop::sample::select(InteractionKind::ALL),
        prop::sample::select(Direction::ALL),
        prop::sample::select(vec![
            InteractionStatus::Completed,
            InteractionStatus::Completed,
            InteractionStatus::Completed,
            InteractionStatus::Scheduled,
            InteractionStatus::Canceled,
            InteractionStatus::NoShow,
            InteractionStatus::Declined,
        ]),
        prop::option::of(prop::sample::select(Purpose::ALL)),
    );
    let when = (0_i64..900 * 24, prop::option::of(0_i64..400));
    let who = (
        prop::option::of(0..CONTACTS),
        prop::option::of(0..CONTACTS),
        prop::collection::btree_map(0..CONTACTS, prop::sample::select(Attendance::ALL), 0..4),
    );
    let off = (
        any::<bool>(),
        prop::option::of(prop::sample::select(Party::ALL)),
        prop::bool::weighted(0.15),
        prop::bool::weighted(0.1),
    );
    (any::<u128>(), what, when, who, off).prop_map(
        |(
            id,
            (kind, direction, status, purpose),
            (hours, answer),
            (by, from, people),
            (rescheduled, canceled_by, bulk, nameless),
        )| {
            let (answer, by, from) = if nameless {
                (None, None, None)
            } else {
                (answer, by, from)
            };
            let occurred_at = at("2026-10-20") - TimeDelta::hours(hours);
            Interaction {
                id: Uuid::from_u128(id).into(),
                kind,
                direction,
                status,
                purpose,
                occurred_at,
                responded_at: answer.map(|hours| occurred_at + TimeDelta::hours(hours)),
                responded_by: by,
                from_contact: from,
                rescheduled,
                bulk,
                canceled_by,
                participants: people
                    .into_iter()
                    .filter(|_| !nameless)
                    .map(|(contact, attendance)| Participant { contact, attendance })
                    .collect(),
            }
        },
    )
}

fn usage() -> impl Strategy<Value = Usage> {
    (prop::option::of(0..CONTACTS), 0_u32..12, 0_i64..300, 1_u64..50).prop_map(
        |(contact, feature, days, count)| Usage {
            contact,
            feature,
            day: day("2026-10-05") - TimeDelta::days(days),
            count,
        },
    )
}

pub fn book() -> impl Strategy<Value = Book> {
    let rows = (
        prop::collection::vec(interaction(), 0..60),
        prop::collection::vec(usage(), 0..120),
    );
    let people = (
        prop::sample::select(AccountTier::ALL),
        prop::collection::vec(
            prop::option::of(prop::sample::select(Seniority::ALL)),
            CONTACTS as usize,
        ),
    );
    (rows, people, any::<bool>()).prop_map(|((interactions, usage), (tier, seniorities), sponsored)| {
        let mut b = Book::new(tier);
        for (n, seniority) in seniorities.into_iter().enumerate() {
            b.contact(&format!("c{n}"), ["IT", "Sales", ""][n % 3], seniority);
        }
        b.catalogue.index_of("login");
        b.catalogue.index_of("unlisted");
        if sponsored {
            b.sponsor("c0", SponsorRank::Primary, "2026-02-01", None);
        }
        b.rows.interactions = interactions;
        b.rows.usage = usage;
        b
    })
}

fn scores(e: &Evaluation) -> Vec<(Component, Option<f64>)> {
    e.assessment
        .ledger()
        .map(|(_, c)| (c.component, c.score))
        .collect()
}

fn days_before(days: i64) -> String {
    (day("2026-09-30") - TimeDelta::days(days)).to_string()
}

fn measured(e: &Evaluation) -> Vec<bool> {
    e.assessment.ledger().map(|(_, c)| c.measured).collect()
}

fn same_first_fact(before: &Evaluation, after: &Evaluation) -> bool {
    before.current.measures.first_fact_on == after.current.measures.first_fact_on
}

/// What is measured for the first time may be anything, and so may what is measured over more days.
fn comparable(before: &Evaluation, after: &Evaluation) -> bool {
    measured(before) == measured(after) && same_first_fact(before, after)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn everything_is_bounded_and_the_ledger_sums_to_the_score(b in book()) {
        let e = b.evaluate();
        for (component, score) in scores(&e) {
            prop_assert!(score.is_none_or(|s| (0.0..=100.0 + 1e-9).contains(&s)), "{:?} {:?}", component, score);
        }
        prop_assert!((0.0..=100.0 + 1e-9).contains(&e.assessment.coverage));
        if let Some(overall) = e.assessment.overall {
            prop_assert!((0.0..=100.0 + 1e-9).contains(&overall));
            let sum: f64 = e.assessment.ledger().filter_map(|(_, c)| c.contribution).sum();
            prop_assert!((sum - overall).abs() < 1e-9, "{} is not {}", sum, overall);
        }
        prop_assert_eq!(e.assessment.pattern.is_some(), e.assessment.overall.is_some() && e.assessment.coverage >= 50.0);
    }

    #[test]
    fn the_order_of_rows_does_not_matter(b in book(), seed: u64) {
        let mut shuffled = Book::mid_market();
        shuffled.rows = b.rows.clone();
        shuffled.catalogue = b.catalogue.clone();
        let len = shuffled.rows.interactions.len().max(1);
        shuffled.rows.interactions.rotate_left(usize::try_from(seed % len as u64).unwrap());
        shuffled.rows.interactions.reverse();
        shuffled.rows.usage.reverse();
        let (a, b) = (b.evaluate(), shuffled.evaluate());
        prop_assert_eq!(&a.current.measures, &b.current.measures);
        prop_assert_eq!(a.assessment, b.assessment);
        prop_assert_eq!(a.signals, b.signals);
    }

    #[test]
    fn past_days_never_move(b in book(), later in 0_i64..10_000) {
        let windows = |as_of| Windows::new(day("2026-09-30"), as_of, b.zone, Period::Quarterly);
        let first = b.evaluate_in(&windows(at("2026-10-01T00:00")));
        let second = b.evaluate_in(&windows(at("2026-10-01T00:00") + TimeDelta::hours(later)));
        prop_assert_eq!(first.assessment, second.assessment);
        prop_assert_eq!(first.signals, second.signals);
    }

    #[test]
    fn one_more_held_interaction_lowers_no_component_it_belongs_to(
        mut b in book(),
        kind in prop::sample::select(InteractionKind::ALL),
        purpose in prop::option::of(prop::sample::select(vec![Purpose::Strategic, Purpose::Tactical])),
        who in 0..CONTACTS,
        ago in 0_i64..200,
    ) {
        let before = b.evaluate();
        let row = b.interaction(kind, Direction::Inbound, InteractionStatus::Completed, &days_before(ago)).with(&format!("c{who}"));
        if let Some(purpose) = purpose {
            row.purpose(purpose);
        }
        let after = b.evaluate();
        if comparable(&before, &after) {
            for component in Component::ALL.iter().filter(|c| **c != Component::StrategicShare) {
                let (then, now) = (component_of(&before, *component).score, component_of(&after, *component).score);
                prop_assert!(now.unwrap_or(0.0) >= then.unwrap_or(0.0) - 1e-9, "{:?}: {:?} after {:?}", component, now, then);
            }
        }
    }

    #[test]
    fn more_mail_of_ours_never_raises_the_score(mut b in book(), who in prop::option::of(0..CONTACTS), bulk: bool, ago in 0_i64..400) {
        let before = b.evaluate();
        let mut row = b.mail(&days_before(ago));
        if let Some(who) = who {
            row = row.with(&format!("c{who}"));
        }
        if bulk {
            row.bulk();
        }
        let after = b.evaluate();
        if measured(&before) == measured(&after) {
            let (then, now) = (before.assessment.overall.unwrap_or(0.0), after.assessment.overall.unwrap_or(0.0));
            prop_assert!(now <= then + 1e-9, "{} after {}", now, then);
        }
    }

    #[test]
    fn a_row_that_names_nobody_changes_no_component(mut b in book(), mut row in interaction()) {
        let before = b.evaluate();
        row.participants.clear();
        (row.responded_at, row.responded_by, row.from_contact) = (None, None, None);
        b.rows.interactions.push(row);
        let after = b.evaluate();
        if same_first_fact(&before, &after) {
            // Only why nothing could be measured may be said in other words.
            prop_assert_eq!(scores(&before), scores(&after));
            prop_assert_eq!((before.assessment.overall, before.assessment.coverage), (after.assessment.overall, after.assessment.coverage));
            prop_assert_eq!((before.assessment.pattern, before.change), (after.assessment.pattern, after.change));
            prop_assert_eq!(&before.current.touches, &after.current.touches);
            let others = |e: &Evaluation| e.signals.iter().filter(|s| s.signal != Signal::SupportSurge).cloned().collect::<Vec<_>>();
            prop_assert_eq!(others(&before), others(&after));
        }
    }

    #[test]
    fn support_raises_no_component_but_participation(mut b in book(), mut row in interaction()) {
        let before = b.evaluate();
        row.purpose = Some(Purpose::Operational);
        b.rows.interactions.push(row);
        let after = b.evaluate();
        if comparable(&before, &after) {
            for component in Component::ALL.iter().filter(|c| **c != Component::MeetingParticipation) {
                let (then, now) = (component_of(&before, *component).score, component_of(&after, *component).score);
                prop_assert!(now.unwrap_or(0.0) <= then.unwrap_or(0.0) + 1e-9, "{:?}: {:?} after {:?}", component, now, then);
            }
        }
    }

    #[test]
    fn an_earlier_answer_lowers_nothing(mut b in book(), which in any::<prop::sample::Index>(), hours in 0_i64..100) {
        prop_assume!(!b.rows.interactions.is_empty());
        let before = b.evaluate();
        let row = which.get(&b.rows.interactions).id;
        let row = b.rows.interactions.iter_mut().find(|i| i.id == row).unwrap();
        let earlier = row.occurred_at + TimeDelta::hours(hours);
        prop_assume!(row.responded_at.is_none_or(|r| r > earlier) && earlier < at("2026-10-01T00:00"));
        row.responded_at = Some(earlier);
        let after = b.evaluate();
        for component in [Component::ResponseRate, Component::ResponseTime] {
            let (then, now) = (component_of(&before, component).score, component_of(&after, component).score);
            prop_assert!(now.unwrap_or(0.0) >= then.unwrap_or(0.0) - 1e-9, "{:?}: {:?} after {:?}", component, now, then);
        }
    }

    #[test]
    fn one_more_feature_or_user_day_lowers_nothing(mut b in book(), feature in 0_u32..12, who in 0..CONTACTS, days in 0_i64..92) {
        let before = b.evaluate();
        b.rows.usage.push(Usage { contact: Some(who), feature, day: day("2026-09-30") - TimeDelta::days(days), count: 1 });
        let after = b.evaluate();
        for component in [Component::FeatureAdoption, Component::PowerUsers] {
            let (then, now) = (component_of(&before, component).score, component_of(&after, component).score);
            if let (Some(then), Some(now), true) = (then, now, same_first_fact(&before, &after)) {
                prop_assert!(now >= then - 1e-9, "{:?}: {} after {}", component, now, then);
            }
        }
    }

    #[test]
    fn without_evidence_the_numbers_are_the_same(b in book()) {
        let e = b.evaluate();
        let plain = evaluate(&b.rows, &b.catalogue, &b.policy, &e.windows, Collect::Numbers);
        prop_assert_eq!(plain.current.measures, e.current.measures);
        prop_assert_eq!(plain.signals, e.signals);
    }

    #[test]
    fn the_plan_only_rises_and_stops_at_the_target(b in book()) {
        let e = b.evaluate();
        let t = target(&e.current.measures, &e.assessment, &b.policy);
        let steps = plan(&e.current.measures, &e.assessment, t, &b.policy);
        prop_assert!(steps.iter().all(|s| s.points > 0.0));
        prop_assert!(steps.len() <= 4 * Step::ALL.len());
        for step in steps.iter().rev().skip(1) {
            prop_assert!(step.overall_after <= t.overall);
        }
        prop_assert_eq!(score(&e.current.measures, &b.policy), e.assessment);
    }
}
