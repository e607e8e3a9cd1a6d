//! The account that docs/scoring.md works by hand, to the last digit. If this test changes, that page changes.

use rapport_engagement::ledger::subtract;
use rapport_engagement::row::Departure;
use rapport_engagement::sponsor::SuccessionReason;
use rapport_engagement::vocabulary::*;

use crate::account::{Book, close, component_of, day};

use StandingReason::{Score, Signal as OneSignal, SponsorChanged};

/// Hollis Freight, third quarter of 2026.
pub fn hollis_freight() -> Book {
    use InteractionKind::{Call, Email, Meeting, Qbr, Training};
    let mut b = Book::mid_market();
    b.contact("ana", "Operations", Some(Seniority::Vp));
    b.contact("ben", "Operations", Some(Seniority::Manager));
    b.contact("cho", "IT", Some(Seniority::Individual));
    b.contact("dev", "Finance", Some(Seniority::Director));
    b.departed("dev", Departure::On(day("2026-08-15")));
    b.sponsor("ana", SponsorRank::Primary, "2026-01-15", None);

    b.interaction(
        Training,
        Direction::Outbound,
        InteractionStatus::Completed,
        "2026-05-20",
    )
    .with("cho");
    b.mail("2026-07-06").answered(12).by("ben");
    b.meeting("2026-07-15", &["ana", "ben"])
        .purpose(Purpose::Strategic);
    b.mail("2026-07-20").answered(48).by("cho");
    b.mail("2026-08-03").with("ben");
    b.meeting("2026-08-12", &["cho", "dev"])
        .purpose(Purpose::Tactical);
    b.mail("2026-08-24").answered(36).by("ben");
    b.interaction(
        Call,
        Direction::Outbound,
        InteractionStatus::Completed,
        "2026-09-02",
    )
    .with("ben")
    .purpose(Purpose::Tactical);
    b.interaction(
        Meeting,
        Direction::Outbound,
        InteractionStatus::Canceled,
        "2026-09-09",
    )
    .with("ana");
    b.interaction(
        Qbr,
        Direction::Outbound,
        InteractionStatus::Completed,
        "2026-09-16",
    )
    .with("ana")
    .without("ben")
    .purpose(Purpose::Strategic);
    b.interaction(
        Email,
        Direction::Inbound,
        InteractionStatus::Completed,
        "2026-09-21",
    )
    .from("cho");
    b.mail("2026-09-29T12:00").with("ben");

    for n in 1..=5 {
        b.uses_for(Some("cho"), &format!("feature_{n}"), "2026-07-01", 40);
    }
    b.uses_for(Some("ben"), "login", "2026-07-01", 10);
    b
}

#[test]
fn every_component_is_what_the_page_says() {
    let evaluation = hollis_freight().evaluate();
    let score = |c: Component| component_of(&evaluation, c).score;
    close(score(Component::Activity), 29.347_826_087);
    close(score(Component::ResponseRate), 80.0);
    close(score(Component::ResponseTime), 65.0);
    close(score(Component::MeetingParticipation), 75.0);
    close(score(Component::StrategicShare), 100.0);
    close(score(Component::Stakeholders), 60.0);
    close(score(Component::Departments), 66.666_666_667);
    close(score(Component::Executives), 100.0);
    close(score(Component::FeatureAdoption), 83.333_333_333);
    close(score(Component::PowerUsers), 33.333_333_333);
    close(component_of(&evaluation, Component::ResponseTime).value, 24.0);
}

#[test]
fn dimensions_and_overall_are_what_the_page_says() {
    let evaluation = hollis_freight().evaluate();
    let dimension = |d: Dimension| evaluation.assessment.dimension(d).and_then(|d| d.score);
    close(dimension(Dimension::Frequency), 29.347_826_087);
    close(dimension(Dimension::Quality), 78.5);
    close(dimension(Dimension::Breadth), 74.0);
    close(dimension(Dimension::Product), 63.333_333_333);
    close(evaluation.assessment.overall, 60.579_347_826);
    assert_eq!(evaluation.assessment.rounded(), Some(61));
    assert_eq!(evaluation.assessment.pattern, Some(Pattern::ModeratelyEngaged));
    close(Some(evaluation.assessment.coverage), 100.0);
    assert_eq!(evaluation.assessment.provisional, None);
    assert_eq!(evaluation.signals, []);
}

#[test]
fn people_and_standing_are_what_the_page_says() {
    let b = hollis_freight();
    let m = b.evaluate().current.measures;
    // Ana on two days, Ben on four, Cho on three.
    close(m.effective_people, 81.0 / 29.0);
    assert_eq!((m.multi_threaded(), m.span_days_lived, m.nameless), (true, 92, 0));
    assert_eq!((b.state(), b.reasons()), (StandingState::OnTrack, vec![]));
}

#[test]
fn what_would_change_the_standing_is_what_the_page_says() {
    // Ana leaves on 20 September, with the renewal on 31 January.
    let mut b = hollis_freight();
    b.change(OrgChangeKind::Departure, "2026-09-20", Some("ana"));
    assert_eq!(
        (b.state(), b.reasons()),
        (StandingState::Watch, vec![SponsorChanged, Score, OneSignal])
    );
    // Breadth is 0.40 · 40 + 0.30 · 66.666667 + 0 = 36 without her.
    close(b.evaluate().assessment.overall, 52.979_347_826);
    assert_eq!(b.signals(), [(Signal::SponsorMissing, Severity::Critical)]);
    let sentence = b.standing().reasons[0].message(Some("Ana"));
    assert_eq!(
        sentence,
        "Ana, who sponsored us, left on 2026-09-20, 10 days ago."
    );
    b.renews("2027-01-31");
    assert_eq!(b.state(), StandingState::AtRisk);
}

#[test]
fn the_previous_window_and_the_change_are_what_the_page_says() {
    let evaluation = hollis_freight().evaluate();
    close(evaluation.previous_assessment.overall, 7.314_285_714);
    close(Some(evaluation.previous_assessment.coverage), 50.0);
    assert_eq!(
        (evaluation.previous_overall, evaluation.change, evaluation.trend),
        (Some(7), Some(54), Some(Trend::Improving))
    );
    assert!(evaluation.coverage_changed);
}

#[test]
fn contributions_are_what_the_page_says_and_sum_to_the_overall() {
    let evaluation = hollis_freight().evaluate();
    let contribution = |c: Component| component_of(&evaluation, c).contribution;
    close(contribution(Component::Activity), 8.804_347_826);
    close(contribution(Component::ResponseRate), 9.8);
    close(contribution(Component::ResponseTime), 4.55);
    close(contribution(Component::MeetingParticipation), 7.875);
    close(contribution(Component::StrategicShare), 5.25);
    close(contribution(Component::Stakeholders), 4.8);
    close(contribution(Component::Departments), 4.0);
    close(contribution(Component::Executives), 6.0);
    close(contribution(Component::FeatureAdoption), 7.5);
    close(contribution(Component::PowerUsers), 2.0);

    let changes = subtract(&evaluation.previous_assessment, &evaluation.assessment);
    let sum: f64 = changes.iter().map(|c| c.change).sum();
    let difference = evaluation.assessment.overall.unwrap() - evaluation.previous_assessment.overall.unwrap();
    assert!((sum - difference).abs() < 1e-9);
    // Largest first.
    assert_eq!(changes[0].component, Component::ResponseRate);
}

#[test]
fn the_sponsor_is_what_the_page_says() {
    let s = hollis_freight().sponsors();
    let ana = s.primary().unwrap();
    assert_eq!((ana.contact_days, ana.factor_score), (2, 85));
    close(ana.factors[0].score, 17.684_108_527);
    close(ana.factors[2].score, 25.0);
    assert_eq!((ana.factors[1].score, ana.factors[3].score), (None, None));
    assert_eq!(
        (ana.score, ana.level, ana.risk),
        (85, EngagementLevel::Engaged, RiskLevel::Low)
    );
    assert_eq!(
        (ana.last_contact_on, ana.silence.days),
        (Some(day("2026-09-16")), Some(14))
    );
    assert_eq!(
        (s.succession.risk, s.succession.reason),
        (RiskLevel::High, SuccessionReason::NoBackup)
    );
    assert_eq!((s.year.contact_days, s.year.known_days), (2, Some(134)));
    assert_eq!(
        (s.year.qbrs_held, s.year.qbrs_with_executive, s.engaged_executives),
        (1, 1, 1)
    );
    let without: Vec<_> = hollis_freight()
        .bus_factor()
        .iter()
        .map(|l| (l.0.to_owned(), l.1, l.2))
        .collect();
    let expected = [("cho", 46, -15), ("ana", 48, -13), ("ben", 59, -2)];
    assert_eq!(
        without,
        expected.map(|(who, left, change)| (who.to_owned(), Some(left), Some(change)))
    );
}
