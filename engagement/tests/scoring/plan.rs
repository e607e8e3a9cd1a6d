//! Target, improvement plan, and levers.

use rapport_engagement::plan::{Step, Target, plan, target};
use rapport_engagement::score::{Assessment, score};
use rapport_engagement::vocabulary::*;

use crate::account::Book;
use crate::worked_example::hollis_freight;

#[test]
fn the_target_is_the_floor_of_the_next_pattern_and_the_long_term_aim_stands_beside_it() {
    use AccountTier::{Enterprise, MidMarket, Smb};
    use Pattern::{Disengaged, HighlyEngaged, LowEngaged, ModeratelyEngaged};
    let b = hollis_freight();
    let m = b.evaluate().current.measures;
    let told = |tier: AccountTier, overall: Option<f64>, pattern: Option<Pattern>| {
        let mut m = m.clone();
        m.tier = tier;
        let assessment = Assessment {
            overall,
            pattern,
            ..b.evaluate().assessment
        };
        let t = target(&m, &assessment, &b.policy);
        (t.overall, t.pattern, t.long_term)
    };
    assert_eq!(
        told(Enterprise, Some(20.0), Some(Disengaged)),
        (40, LowEngaged, 85)
    );
    assert_eq!(
        told(MidMarket, Some(50.0), Some(LowEngaged)),
        (60, ModeratelyEngaged, 75)
    );
    assert_eq!(
        told(Smb, Some(70.0), Some(ModeratelyEngaged)),
        (80, HighlyEngaged, 65)
    );
    assert_eq!(
        told(Enterprise, Some(83.0), Some(HighlyEngaged)),
        (80, HighlyEngaged, 85)
    );
    // Too little measured for a pattern: the score says which would be next. Without a score there is only the aim.
    assert_eq!(told(Enterprise, Some(83.0), None).0, 80);
    assert_eq!(told(MidMarket, None, None).0, 75);
}

#[test]
fn a_target_is_reached_where_the_rounded_score_reaches_it() {
    let b = hollis_freight();
    let e = b.evaluate();
    let t = |overall: i32| Target {
        overall,
        pattern: Pattern::HighlyEngaged,
        long_term: 75,
    };
    let rounded = e.assessment.rounded().unwrap();
    assert!(
        f64::from(rounded) > e.assessment.overall.unwrap(),
        "the example rounds up"
    );
    assert!(plan(&e.current.measures, &e.assessment, t(rounded), &b.policy).is_empty());
    assert_eq!(
        plan(&e.current.measures, &e.assessment, t(rounded + 1), &b.policy).len(),
        1
    );
}

#[test]
fn meetings_are_planned_only_with_executives_who_are_met_as_often_as_the_cadence_asks() {
    use AccountTier::{Enterprise, MidMarket, Smb};
    // How often the plan may take the step: cadence × executives in contact in the trailing year, a month.
    let times = |tier: AccountTier, executives_in_contact: u32| {
        let b = hollis_freight();
        let mut m = b.evaluate().current.measures;
        (m.tier, m.executives_in_contact) = (tier, executives_in_contact);
        m.activity = Default::default();
        let assessment = score(&m, &b.policy);
        let steps = plan(
            &m,
            &assessment,
            Target {
                overall: 100,
                pattern: Pattern::HighlyEngaged,
                long_term: 85,
            },
            &b.policy,
        );
        steps
            .iter()
            .filter(|planned| planned.step == Step::MeetingAMonth)
            .count()
    };
    assert_eq!(
        [0, 1, 2, 3, 9].map(|executives| times(Enterprise, executives)),
        [1, 1, 2, 3, 4]
    );
    assert_eq!(
        [0, 5, 6, 9].map(|executives| times(MidMarket, executives)),
        [1, 1, 2, 3]
    );
    assert_eq!([0, 1, 11].map(|executives| times(Smb, executives)), [1, 1, 1]);
}

#[test]
fn the_plan_takes_the_largest_gain_first_and_reaches_what_it_says() {
    let b = hollis_freight();
    let e = b.evaluate();
    let t = target(&e.current.measures, &e.assessment, &b.policy);
    let steps = plan(&e.current.measures, &e.assessment, t, &b.policy);
    assert!(!steps.is_empty());
    let mut m = e.current.measures.clone();
    let mut overall = e.assessment.overall.unwrap();
    for step in &steps {
        let best = Step::ALL
            .into_iter()
            .filter(|s| *s != Step::MeetingAMonth)
            .filter_map(|s| s.apply(&m, &b.policy))
            .filter_map(|m| score(&m, &b.policy).overall)
            .fold(overall, f64::max);
        m = step.step.apply(&m, &b.policy).unwrap();
        let reached = score(&m, &b.policy).overall.unwrap();
        assert!((reached - overall - step.points).abs() < 1e-9);
        let times = steps.iter().filter(|s| s.step == step.step).count();
        let limited = times == 4 || step.step == Step::MeetingAMonth;
        assert!(
            limited || (reached - best).abs() < 1e-6,
            "{step:?} is not the best of its moment"
        );
        overall = reached;
    }
    assert_eq!(
        steps.last().unwrap().overall_after,
        rapport_engagement::score::round(overall)
    );
}

#[test]
fn no_step_is_taken_more_than_four_times_and_none_sends_mail() {
    let mut b = Book::new(AccountTier::Enterprise);
    b.contact("ana", "IT", Some(Seniority::CLevel));
    b.meeting("2026-05-01", &["ana"]);
    b.meeting("2026-08-01", &["ana"]);
    let e = b.evaluate();
    let t = target(&e.current.measures, &e.assessment, &b.policy);
    let steps = plan(&e.current.measures, &e.assessment, t, &b.policy);
    for step in Step::ALL {
        assert!(steps.iter().filter(|s| s.step == step).count() <= 4);
    }
    let emails = |m: &rapport_engagement::measure::Measures| m.two_way[InteractionKind::Email as usize];
    for step in Step::ALL {
        if let Some(after) = step.apply(&e.current.measures, &b.policy) {
            assert_eq!(emails(&after), emails(&e.current.measures));
        }
    }
}

#[test]
fn an_account_at_its_target_needs_no_plan_and_one_without_score_has_none() {
    let mut b = hollis_freight();
    b.policy.target.mid_market = 60.0;
    b.policy.pattern.highly_engaged = 61;
    b.policy.pattern.moderately_engaged = 45;
    let e = b.evaluate();
    assert_eq!(e.assessment.pattern, Some(Pattern::HighlyEngaged));
    let t = target(&e.current.measures, &e.assessment, &b.policy);
    assert!(plan(&e.current.measures, &e.assessment, t, &b.policy).is_empty());

    let b = Book::mid_market();
    let e = b.evaluate();
    let t = target(&e.current.measures, &e.assessment, &b.policy);
    assert_eq!(
        (
            t.overall,
            plan(&e.current.measures, &e.assessment, t, &b.policy).len()
        ),
        (75, 0)
    );
}
