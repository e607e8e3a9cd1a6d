//! The table of recommendations, row by row, with the condition of each on both sides.

use chrono::TimeDelta;
use rapport_engagement::evaluation::Evaluation;
use rapport_engagement::measure::Collect;
use rapport_engagement::money::Money;
use rapport_engagement::recommendation::{Member, People, Recommendation, STORED_ADVICE, advice, recommend};
use rapport_engagement::row::Departure;
use rapport_engagement::vocabulary::*;

use crate::account::{Book, close, day};
use crate::report::people;
use crate::worked_example::hollis_freight;

fn recommended(b: &Book) -> Vec<Recommendation> {
    recommend(&b.evaluate(), &b.rows, &b.policy, &people(b, str::to_owned))
}

fn actions(b: &Book) -> Vec<Action> {
    recommended(b).iter().map(|one| one.action).collect()
}

/// What is recommended of an evaluation that is changed by hand: the conditions are about its numbers, not about how rows
/// lead to them.
fn actions_where(b: &Book, change: impl FnOnce(&mut Evaluation)) -> Vec<Action> {
    let mut e = b.evaluate();
    change(&mut e);
    recommend(&e, &b.rows, &b.policy, &People::default())
        .iter()
        .map(|one| one.action)
        .collect()
}

fn find(b: &Book, action: Action) -> Recommendation {
    recommended(b)
        .into_iter()
        .find(|one| one.action == action)
        .unwrap_or_else(|| panic!("{action} is not recommended: {:?}", actions(b)))
}

/// An enterprise account that is well: two executives and others of four departments, much talked to, by both sides.
fn thriving() -> Book {
    let mut b = Book::new(AccountTier::Enterprise);
    let people = ["ana", "ben", "cho", "dev", "eve", "fay", "gus", "hal"];
    for (n, name) in people.into_iter().enumerate() {
        let seniority = [Some(Seniority::CLevel), Some(Seniority::Vp)]
            .get(n)
            .copied()
            .flatten();
        b.contact(name, ["Board", "IT", "Finance", "Sales"][n % 4], seniority);
    }
    b.sponsor("ana", SponsorRank::Primary, "2025-01-15", None);
    b.sponsor("ben", SponsorRank::Backup, "2025-01-15", None);
    let mut on = day("2025-10-01");
    while on <= day("2026-09-24") {
        for (n, pair) in [["ana", "ben"], ["cho", "dev"], ["eve", "fay"], ["gus", "hal"]]
            .iter()
            .enumerate()
        {
            let when = (on + TimeDelta::days(n as i64)).to_string();
            b.meeting(&when, pair).purpose(Purpose::Strategic);
            b.mail(&when).with(pair[0]).answered(3);
        }
        on += TimeDelta::days(7);
    }
    for month in ["2026-01-20", "2026-05-20", "2026-08-20"] {
        b.interaction(
            InteractionKind::Qbr,
            Direction::Outbound,
            InteractionStatus::Completed,
            month,
        )
        .with("ana")
        .with("ben");
    }
    for name in people {
        for n in 1..=6 {
            b.uses_for(Some(name), &format!("feature_{n}"), "2026-04-01", 180);
        }
    }
    b
}

/// An account whose four dimensions stand where they are put, with a pattern of its own.
fn stands(b: &Book, pattern: Pattern) -> Vec<Action> {
    actions_where(b, |e| {
        e.assessment.pattern = Some(pattern);
        e.signals.clear();
    })
}

#[test]
fn a_renewal_within_ninety_days_comes_first_with_the_primary_sponsor() {
    let mut b = thriving();
    for (renewal, soon) in [
        ("2026-09-29", false),
        ("2026-09-30", true),
        ("2026-12-29", true),
        ("2026-12-30", false),
    ] {
        b.rows.account.renewal_on = Some(day(renewal));
        assert_eq!(
            actions(&b).first() == Some(&Action::AgreeRenewal),
            soon,
            "{renewal}"
        );
    }
    let by = |b: &mut Book, renewal: &str| {
        b.rows.account.renewal_on = Some(day(renewal));
        let one = find(b, Action::AgreeRenewal);
        (one.due_on.unwrap().to_string(), one.horizon)
    };
    // Forty-five days before the renewal, but not before the fifth working day from now.
    assert_eq!(
        by(&mut b, "2026-12-29"),
        ("2026-11-14".to_owned(), Horizon::ShortTerm)
    );
    assert_eq!(
        by(&mut b, "2026-11-21"),
        ("2026-10-07".to_owned(), Horizon::Immediate)
    );
    assert_eq!(
        by(&mut b, "2026-10-02"),
        ("2026-10-07".to_owned(), Horizon::Immediate)
    );
    let one = find(&b, Action::AgreeRenewal);
    assert_eq!(
        (one.contact, one.expected_points),
        (Some(b.rows.contacts[0].id), None)
    );
    assert!(
        one.reason.contains("renews on 2026-10-02, in 2 days")
            && one.reason.contains("ana, the primary sponsor"),
        "{}",
        one.reason
    );
    // Without a primary sponsor it is agreed on with the engaged executive last in contact.
    b.rows.sponsorships.clear();
    b.meeting("2026-09-29", &["ben"]);
    assert_eq!(
        find(&b, Action::AgreeRenewal).contact,
        Some(b.rows.contacts[1].id)
    );
    b.departed("ben", Departure::On(day("2026-09-30")));
    assert_eq!(
        find(&b, Action::AgreeRenewal).contact,
        Some(b.rows.contacts[0].id)
    );
}

#[test]
fn who_is_well_is_written_to_less_grown_with_and_asked_to_speak_for_us() {
    let b = thriving();
    let e = b.evaluate();
    assert_eq!(
        e.assessment.pattern,
        Some(Pattern::HighlyEngaged),
        "{:?}",
        e.assessment.overall
    );
    assert_eq!(
        e.standing.as_ref().map(|s| s.state),
        Some(StandingState::OnTrack),
        "{:?}",
        e.standing
    );
    assert_eq!(
        actions(&b),
        [
            Action::ReduceFrequency,
            Action::PursueExpansion,
            Action::AskForAdvocacy
        ]
    );
    // Most of it has to come from us.
    let inbound = |e: &mut Evaluation| e.current.measures.outbound_activity = Default::default();
    assert_eq!(
        actions_where(&b, inbound),
        [Action::PursueExpansion, Action::AskForAdvocacy]
    );
    // Below 120 % of the benchmark it is not too much.
    let mut low = thriving();
    low.policy.recommendations.reduce_from = 2.0;
    assert_eq!(actions(&low), [Action::PursueExpansion, Action::AskForAdvocacy]);
    // A grave sign forbids it.
    let grave = |severity: Severity| {
        actions_where(&b, |e| {
            let message = "Something.".to_owned();
            e.signals.push(rapport_engagement::signal::RaisedSignal {
                signal: Signal::SupportSurge,
                severity,
                message,
            });
        })
    };
    assert!(grave(Severity::Medium).contains(&Action::ReduceFrequency));
    assert!(!grave(Severity::High).contains(&Action::ReduceFrequency));
    // Who is not on track is not grown with.
    let watched = |e: &mut Evaluation| e.standing.as_mut().unwrap().state = StandingState::Watch;
    assert_eq!(actions_where(&b, watched), [Action::ReduceFrequency]);
    // A sponsor of less than 180 days is not asked to speak for us.
    for (since, asked) in [("2026-04-03", true), ("2026-04-04", false)] {
        let mut b = thriving();
        b.rows.sponsorships[0].since = day(since);
        assert_eq!(actions(&b).contains(&Action::AskForAdvocacy), asked, "{since}");
        assert!(actions(&b).contains(&Action::PursueExpansion));
    }
    let sponsorless = actions_where(&b, |e| e.sponsors.primary = None);
    assert_eq!(sponsorless, [Action::ReduceFrequency]);
}

#[test]
fn who_is_moderately_engaged_gets_strategy_and_executives_where_they_are_missing() {
    let b = thriving();
    // Both benchmarks are reached.
    assert_eq!(stands(&b, Pattern::ModeratelyEngaged), []);
    let mut tactical = thriving();
    for row in &mut tactical.rows.interactions {
        row.purpose = Some(Purpose::Tactical);
    }
    assert_eq!(
        stands(&tactical, Pattern::ModeratelyEngaged),
        [Action::RaiseStrategicContent]
    );
    let mut unclassified = thriving();
    for row in &mut unclassified.rows.interactions {
        row.purpose = None;
    }
    assert_eq!(
        stands(&unclassified, Pattern::ModeratelyEngaged),
        [Action::RaiseStrategicContent]
    );
    let mut few = thriving();
    few.policy.breadth.executives.enterprise = 3.0;
    assert_eq!(
        stands(&few, Pattern::ModeratelyEngaged),
        [Action::EngageExecutives]
    );
}

#[test]
fn who_is_low_gets_a_campaign_and_the_value() {
    assert_eq!(
        stands(&thriving(), Pattern::LowEngaged),
        [Action::ReEngagementCampaign, Action::DemonstrateValue]
    );
}

#[test]
fn who_is_disengaged_is_escalated_saved_and_decided_on() {
    let again = |e: &mut Evaluation| {
        e.assessment.pattern = Some(Pattern::Disengaged);
        e.previous_assessment.pattern = Some(Pattern::Disengaged);
        e.signals.clear();
    };
    let mut b = thriving();
    assert_eq!(
        stands(&b, Pattern::Disengaged),
        [Action::Escalate, Action::SavePlay]
    );
    assert_eq!(
        actions_where(&b, again),
        [Action::Escalate, Action::SavePlay, Action::DecideOffboarding]
    );
    // Who renews soon is not let go.
    b.rows.account.renewal_on = Some(day("2026-12-29"));
    assert_eq!(
        actions_where(&b, again),
        [Action::AgreeRenewal, Action::Escalate, Action::SavePlay]
    );
    b.rows.account.renewal_on = Some(day("1970-01-01"));
    assert_eq!(actions_where(&b, again).len(), 3);
    // A small one is escalated from the revenue that the policy names, in its currency.
    b.rows.account.tier = AccountTier::Smb;
    let escalated = |b: &Book| stands(b, Pattern::Disengaged).contains(&Action::Escalate);
    assert!(!escalated(&b));
    b.policy
        .recommendations
        .escalate_from
        .insert("EUR".to_owned(), 50_000.0);
    for (minor, currency, is) in [
        (5_000_000, "EUR", true),
        (4_999_999, "EUR", false),
        (9_000_000, "USD", false),
    ] {
        b.rows.account.arr = Some(Money::new(minor, Some(currency.to_owned())));
        assert_eq!(escalated(&b), is, "{minor} {currency}");
    }
    for action in [Action::Escalate, Action::SavePlay] {
        let mut e = b.evaluate();
        again(&mut e);
        b.rows.account.arr = Some(Money::new(5_000_000, Some("EUR".to_owned())));
        let told = recommend(&e, &b.rows, &b.policy, &People::default());
        assert!(
            told.iter()
                .any(|one| one.action == action && one.expected_points.is_none()),
            "{action}"
        );
    }
}

#[test]
fn every_signal_has_its_action() {
    use Action::{
        CalmSupport, ChangeChannel, RebookMeeting, RebookQbr, RemoveObstacle, ValueReview, WakeSponsor,
    };
    let b = thriving();
    let of = |signal: Signal| {
        actions_where(&b, |e| {
            e.assessment.pattern = None;
            let message = "Something.".to_owned();
            e.signals = vec![rapport_engagement::signal::RaisedSignal {
                signal,
                severity: Severity::High,
                message,
            }];
        })
    };
    let of: Vec<Action> = Signal::ALL.iter().flat_map(|signal| of(*signal)).collect();
    assert_eq!(
        of,
        [
            ChangeChannel,
            RebookMeeting,
            RemoveObstacle,
            RebookQbr,
            WakeSponsor,
            ValueReview,
            CalmSupport
        ]
    );
}

#[test]
fn a_silent_sponsor_is_woken_and_a_missing_one_is_found() {
    let mut b = hollis_freight();
    b.rows
        .interactions
        .retain(|row| row.participants.iter().all(|p| p.contact != 0));
    b.rows.sponsorships[0].since = day("2025-01-15");
    let mut e = b.evaluate();
    e.assessment.pattern = None;
    let mut people = people(&b, str::to_owned);
    people.caller = Some(Member {
        name: "Lou".to_owned(),
        ..people.owner.clone().unwrap()
    });
    let told = recommend(&e, &b.rows, &b.policy, &people);
    let wake = told.iter().find(|one| one.action == Action::WakeSponsor).unwrap();
    assert_eq!(
        (wake.contact, wake.owner),
        (Some(b.rows.contacts[0].id), Some(people.owner.unwrap().id))
    );
    assert_eq!(wake.channel, "a call by Lou");
    assert_eq!(wake.due_on, Some(day("2026-10-07")));
    assert_eq!(
        wake.reason,
        "Ana, the primary sponsor, has not been in contact for 623 days; the limit is 183 days."
    );

    b.rows.sponsorships.clear();
    let mut e = b.evaluate();
    e.assessment.pattern = None;
    let told = recommend(&e, &b.rows, &b.policy, &People::default());
    assert!(
        told.iter().any(|one| one.action == Action::FindSponsor)
            && told.iter().all(|one| one.action != Action::WakeSponsor)
    );
    // The one whom the sponsor report and the departure mail name: who has left never.
    let whom = |b: &Book| {
        let mut e = b.evaluate();
        e.assessment.pattern = None;
        recommend(&e, &b.rows, &b.policy, &People::default())
            .into_iter()
            .find(|one| one.action == Action::FindSponsor)
            .unwrap()
            .contact
    };
    let first = |b: &Book| {
        let e = b.evaluate();
        e.sponsors
            .first_to_approach(&b.rows, &e.current.touches)
            .map(|first| b.rows.contacts[first.contact as usize].id)
    };
    assert_eq!(
        (whom(&b), first(&b)),
        (Some(b.rows.contacts[1].id), Some(b.rows.contacts[1].id)),
        "nobody has met ana; ben is a manager"
    );
    b.meeting("2026-09-01", &["ana"]);
    assert_eq!(
        (whom(&b), first(&b)),
        (Some(b.rows.contacts[0].id), Some(b.rows.contacts[0].id)),
        "an executive whom we know"
    );
    b.departed("ana", Departure::Undated);
    assert_eq!(
        (whom(&b), first(&b)),
        (Some(b.rows.contacts[1].id), Some(b.rows.contacts[1].id))
    );
}

#[test]
fn the_weakest_dimension_has_its_action_only_below_sixty() {
    use Action::{AdoptionPlay, AskForResponse, MultiThread, SetCadence};
    let of = |dimension: Dimension, score: f64| {
        actions_where(&thriving(), |e| {
            e.assessment.pattern = None;
            e.signals.clear();
            for d in &mut e.assessment.dimensions {
                d.score = Some(if d.dimension == dimension { score } else { 99.0 });
                d.measured = true;
            }
        })
    };
    let below: Vec<Action> = Dimension::ALL.iter().flat_map(|d| of(*d, 59.9)).collect();
    assert_eq!(below, [SetCadence, AskForResponse, MultiThread, AdoptionPlay]);
    assert!(Dimension::ALL.iter().all(|d| of(*d, 60.0).is_empty()));
}

#[test]
fn of_several_that_would_change_the_same_only_the_first_is_told() {
    let mut b = hollis_freight();
    for day in 22..=26 {
        b.mail(&format!("2026-09-{day}")).with("ben");
    }
    let told = actions_where(&b, |e| e.assessment.pattern = Some(Pattern::LowEngaged));
    // Both the campaign and another channel would get more of what we ask answered.
    assert_eq!(
        told,
        [
            Action::ReEngagementCampaign,
            Action::DemonstrateValue,
            Action::SetCadence
        ]
    );
    let told = actions_where(&b, |e| e.assessment.pattern = None);
    assert_eq!(told, [Action::ChangeChannel, Action::SetCadence]);
}

#[test]
fn each_says_who_whom_by_when_and_by_the_way_they_prefer() {
    let b = hollis_freight();
    let mut people = people(&b, str::to_owned);
    let contact = b.rows.contacts[0].id;
    people.contacts.get_mut(&contact).unwrap().preference = Some(" Phone, mornings ".to_owned());
    let told = recommend(&b.evaluate(), &b.rows, &b.policy, &people);
    assert!(
        !told.is_empty()
            && told
                .iter()
                .all(|one| one.owner == people.owner.as_ref().map(|kim| kim.id))
    );
    let with_ana: Vec<&Recommendation> = told.iter().filter(|one| one.contact == Some(contact)).collect();
    assert!(
        !with_ana.is_empty()
            && with_ana
                .iter()
                .all(|one| one.channel == "Phone, mornings, as they prefer"),
        "{told:?}"
    );
    let due = |one: &Recommendation| match one.horizon {
        Horizon::Immediate => one.due_on == Some(day("2026-10-07")),
        Horizon::ShortTerm => one.due_on == Some(day("2026-12-29")),
        Horizon::Strategic => one.due_on.is_none(),
    };
    assert!(told.iter().all(due), "{told:?}");
}

#[test]
fn a_customer_no_more_is_advised_nothing() {
    let mut b = thriving();
    b.rows.account.churned_on = Some(day("2026-10-01"));
    assert!(!actions(&b).is_empty());
    b.rows.account.churned_on = Some(day("2026-09-30"));
    assert_eq!(actions(&b), []);
}

#[test]
fn the_first_three_are_stored_as_codes_and_parameters() {
    let mut b = thriving();
    b.rows.account.renewal_on = Some(day("2026-12-01"));
    let told = recommended(&b);
    let stored = advice(&b.evaluate(), &b.rows, &b.policy);
    assert_eq!((told.len(), stored.len()), (4, STORED_ADVICE));
    for (one, stored) in told.iter().zip(&stored) {
        assert_eq!(
            (one.action, one.contact, one.due_on, one.expected_points),
            (stored.action, stored.contact, stored.due_on, stored.points)
        );
    }
    // Names change no advice.
}

#[test]
fn expected_points_are_what_scoring_again_gives() {
    let mut b = hollis_freight();
    b.policy.breadth.executives.mid_market = 2.0;
    let mut e = b.evaluate();
    e.assessment.pattern = Some(Pattern::ModeratelyEngaged);
    let told = recommend(&e, &b.rows, &b.policy, &people(&b, str::to_owned));
    let executives = told
        .iter()
        .find(|one| one.action == Action::EngageExecutives)
        .unwrap();
    // One more engaged contact, and of two executives the second.
    close(
        executives.expected_points,
        (100.0 / 5.0 * 0.40 + 50.0 * 0.30) * 0.20,
    );
    assert!(
        executives
            .reason
            .starts_with("1 of 2 executives are in conversation with us"),
        "{}",
        executives.reason
    );
}

#[test]
fn an_action_that_changes_nothing_measured_promises_nothing() {
    let mut b = Book::mid_market();
    b.contact("ana", "IT", None);
    for n in 1..=6 {
        b.uses(None, &format!("feature_{n}"), "2026-08-01");
    }
    let mut e = b.evaluate();
    e.assessment
        .dimensions
        .iter_mut()
        .filter(|d| d.dimension == Dimension::Product)
        .for_each(|d| d.score = Some(50.0));
    let told = recommend(&e, &b.rows, &b.policy, &People::default());
    let play = told
        .iter()
        .find(|one| one.action == Action::AdoptionPlay)
        .unwrap();
    // Adoption is at its benchmark and power users are not measured: one more feature adds nothing.
    close(play.expected_points, 0.0);
    let find = told.iter().find(|one| one.action == Action::FindSponsor).unwrap();
    assert_eq!(find.expected_points, None, "breadth is not measured");
    let numbers = rapport_engagement::evaluation::evaluate(
        &b.rows,
        &b.catalogue,
        &b.policy,
        &e.windows,
        Collect::Numbers,
    );
    assert_eq!(
        recommend(&numbers, &b.rows, &b.policy, &People::default()).len(),
        told.len() - 1
    );
}
