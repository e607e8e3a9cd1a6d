//! The weekly digest: what is told, in which order, how much of it, and when there is nothing to say.

use std::collections::HashMap;

use chrono::{Days, NaiveDate, TimeDelta};
use chrono_tz::Tz;
use proptest::prelude::*;
use rapport_engagement::alert::AlertRule;
use rapport_engagement::guardrail::engagement_fell::DailyScore;
use rapport_engagement::id::{AccountId, AlertId, ContactId};
use rapport_engagement::ledger::LedgerChange;
use rapport_engagement::money::Money;
use rapport_engagement::policy::{CurrencyPolicy, Policy};
use rapport_engagement::portfolio::{CountedAccount, Keep, PortfolioTotals};
use rapport_engagement::recommendation::{People, recommend};
use rapport_engagement::report::digest::*;
use rapport_engagement::schedule::digest::Week;
use rapport_engagement::standing::{Reason, Standing};
use rapport_engagement::vocabulary::*;
use uuid::Uuid;

use crate::account::{Book, ENDING_ON, at, day};

use Pattern::{Disengaged, HighlyEngaged, LowEngaged, ModeratelyEngaged};
use StandingState::{AtRisk, NotKnown, OnTrack, Watch};

fn today() -> NaiveDate {
    day(ENDING_ON)
}

fn score(days_ago: i64, overall: i32, pattern: Pattern) -> DailyScore {
    DailyScore {
        day: today() - TimeDelta::days(days_ago),
        overall: Some(overall),
        pattern: Some(pattern),
        provisional: false,
    }
}

fn change(scores: &[DailyScore]) -> Option<AccountChange> {
    change_since(
        (scores, &[]),
        today() - TimeDelta::days(7),
        today(),
        &Policy::default(),
    )
}

#[test]
fn a_pattern_is_told_once_it_has_held_for_two_evaluations() {
    let before = [score(8, 61, ModeratelyEngaged), score(7, 61, ModeratelyEngaged)];
    let with = |more: &[DailyScore]| change(&[&before[..], more].concat()).and_then(|change| change.pattern);
    assert_eq!(with(&[score(0, 59, LowEngaged)]), None, "one evaluation");
    assert_eq!(
        with(&[score(1, 59, LowEngaged), score(0, 59, LowEngaged)]),
        Some((ModeratelyEngaged, LowEngaged))
    );
    assert_eq!(
        with(&[score(3, 59, LowEngaged), score(1, 59, LowEngaged)]),
        Some((ModeratelyEngaged, LowEngaged)),
        "days without a score"
    );
    assert_eq!(
        with(&[
            score(2, 59, LowEngaged),
            score(1, 60, ModeratelyEngaged),
            score(0, 59, LowEngaged)
        ]),
        None,
        "it flickers"
    );
    // Two days of something else in between, and back.
    assert_eq!(
        with(&[
            score(5, 59, LowEngaged),
            score(4, 59, LowEngaged),
            score(1, 60, ModeratelyEngaged),
            score(0, 60, ModeratelyEngaged)
        ]),
        None
    );
    // It held, and flickers today: what held last is told.
    assert_eq!(
        with(&[
            score(2, 59, LowEngaged),
            score(1, 59, LowEngaged),
            score(0, 60, ModeratelyEngaged)
        ]),
        Some((ModeratelyEngaged, LowEngaged))
    );
}

#[test]
fn a_fall_of_ten_points_is_told_and_a_rise_is_not() {
    let moved = |now: i32| change(&[score(7, 75, ModeratelyEngaged), score(0, now, ModeratelyEngaged)]);
    assert_eq!(
        [64, 65, 66, 85].map(|now| moved(now).map(|change| change.points())),
        [Some(-11), Some(-10), None, None]
    );
    let fall = moved(65).unwrap();
    assert!(fall.is_worse() && fall.pattern.is_none());
    assert_eq!(
        (fall.since, fall.overall),
        (today() - TimeDelta::days(7), Some((75, 65)))
    );
}

#[test]
fn what_is_not_firm_is_not_told() {
    let provisional = |score: DailyScore| DailyScore {
        provisional: true,
        ..score
    };
    assert_eq!(
        change(&[score(7, 90, HighlyEngaged), provisional(score(0, 20, Disengaged))]),
        None
    );
    assert_eq!(
        change(&[provisional(score(7, 90, HighlyEngaged)), score(0, 20, Disengaged)]),
        None
    );
    // Nothing within a week of the day it is compared with.
    assert_eq!(
        change(&[score(15, 90, HighlyEngaged), score(0, 20, Disengaged)]),
        None
    );
    assert_eq!(
        change(&[score(14, 90, HighlyEngaged), score(0, 20, Disengaged)]).map(|change| change.points()),
        Some(-70)
    );
    assert_eq!(change(&[score(7, 90, HighlyEngaged)]), None, "no score since");
    let unknown = DailyScore {
        overall: None,
        pattern: None,
        ..score(1, 0, LowEngaged)
    };
    assert_eq!(
        change(&[
            score(8, 61, LowEngaged),
            score(7, 61, LowEngaged),
            unknown,
            DailyScore {
                day: today(),
                ..unknown
            }
        ]),
        None
    );
}

#[test]
fn a_better_pattern_is_told_too() {
    let scores = [
        score(8, 59, LowEngaged),
        score(7, 59, LowEngaged),
        score(1, 60, ModeratelyEngaged),
        score(0, 61, ModeratelyEngaged),
    ];
    let change = change(&scores).unwrap();
    assert!(!change.is_worse());
    assert_eq!(change.points(), 2);
}

proptest! {
    /// Whoever reads every digest, on whatever days, hears of a chain of patterns without a gap: each begins with the one
    /// that was told last.
    #[test]
    fn told_patterns_make_a_chain(
        patterns in proptest::collection::vec(0usize..3, 60..90),
        gaps in proptest::collection::vec(4u64..8, 5..9),
    ) {
        let first = day("2026-01-01");
        let scores: Vec<DailyScore> = (0..).zip(&patterns).map(|(n, pattern)| DailyScore {
            day: first + Days::new(n), overall: Some(50), pattern: Some(Pattern::ALL[*pattern]), provisional: false,
        }).collect();
        let mut since = first + Days::new(8);
        let mut told = None;
        for gap in gaps {
            let now = since + Days::new(gap);
            let until_now: Vec<DailyScore> = scores.iter().filter(|score| score.day <= now).copied().collect();
            if let Some((before, after)) = change_since((&until_now, &[]), since, now, &Policy::default()).and_then(|change| change.pattern) {
                prop_assert!(told.is_none_or(|told| told == before), "told {told:?}, then {before:?} to {after:?}");
                told = Some(after);
            }
            since = now;
        }
    }
}

/// An account with nothing to tell.
fn quiet(n: u32) -> AccountFacts {
    let label = AccountLabel {
        external_id: format!("acme-{n:03}"),
        name: format!("Acme {n}"),
        arr: Some(Money::new(i64::from(n) * 1_000_000, Some("USD".to_owned()))),
        renewal_on: None,
    };
    let mut totals = PortfolioTotals::default();
    let id = AccountId::from(Uuid::from_u128(u128::from(n)));
    totals.add(
        &CountedAccount {
            account: id,
            external_id: &label.external_id,
            overall: Some(70),
            change: Some(1),
            pattern: Some(ModeratelyEngaged),
            provisional: false,
            standing: None,
            signals: 0,
            arr_minor: label.arr.as_ref().map(Money::minor),
            currency: Some("USD"),
            sponsor_engaged: !n.is_multiple_of(4),
            executive_contact_days: 8,
            known_days: Some(365),
            qbrs_held: 2,
            qbrs_with_executive: 1,
            engaged_executives: 2,
            within_cadence: true,
            dimensions: [None; 4],
            previous_dimensions: [None; 4],
            renewal_on: None,
            reasons: &[],
            next: None,
            lost_sponsor: false,
        },
        &Keep::NOTHING,
    );
    AccountFacts {
        id,
        label,
        customer: true,
        overall: Some(70),
        pattern: Some(ModeratelyEngaged),
        standing: None,
        known: true,
        newly_at_risk: false,
        change: None,
        alerts: vec![],
        touches: vec![],
        gain: None,
        totals,
    }
}

fn alert(n: u32, severity: Severity, days_ago: i64) -> AlertFacts {
    AlertFacts {
        id: AlertId::from(Uuid::from_u128(u128::from(n))),
        rule: AlertRule::BackupMissing,
        severity,
        message: format!("Message {n}."),
        opened_at: at(ENDING_ON) - TimeDelta::days(days_ago),
        baseline: false,
        acknowledged: false,
    }
}

fn touch(contact: u32, rank: Option<SponsorRank>, in_days: i64) -> TouchFacts {
    TouchFacts {
        contact: ContactId::from(Uuid::from_u128(u128::from(contact))),
        rank,
        level: EngagementLevel::Engaged,
        due_on: today() + TimeDelta::days(in_days),
        touchpoint: "QBR",
    }
}

fn fell(by: i32) -> AccountChange {
    let row = |component, change| LedgerChange {
        dimension: Dimension::Quality,
        component,
        before: Some(9.0),
        after: Some(9.0 + change),
        change,
    };
    AccountChange {
        since: today() - TimeDelta::days(7),
        overall: Some((70, 70 - by)),
        standing: None,
        pattern: None,
        moved: vec![
            row(Component::ResponseRate, -9.84),
            row(Component::ResponseTime, -2.0),
            row(Component::StrategicShare, 1.0),
        ],
    }
}

fn write(accounts: &[AccountFacts], people: &[(&str, Vec<usize>)]) -> Result<Digest, NothingToSay> {
    write_by(&Policy::default(), accounts, people)
}

fn write_by(
    policy: &Policy,
    accounts: &[AccountFacts],
    people: &[(&str, Vec<usize>)],
) -> Result<Digest, NothingToSay> {
    let names = HashMap::from([(
        ContactId::from(Uuid::from_u128(1)),
        PersonName {
            name: "Ana Ruiz".to_owned(),
            title: Some("CFO".to_owned()),
        },
    )]);
    let accounts: Vec<&AccountFacts> = accounts.iter().collect();
    let people: Vec<PersonFacts<'_>> = people
        .iter()
        .map(|(name, places)| PersonFacts {
            name,
            accounts: places.iter().map(|place| accounts[*place]).collect(),
        })
        .collect();
    compose(&DigestFacts {
        reader: "Mia Torres",
        week: Week::of(today()),
        day: today(),
        zone: Tz::UTC,
        since: today() - TimeDelta::days(7),
        since_at: at(ENDING_ON) - TimeDelta::days(7),
        accounts: &accounts,
        people: &people,
        names: &names,
        planned: &HashMap::from([(ContactId::from(Uuid::from_u128(2)), today() + TimeDelta::days(3))]),
        policy,
    })
}

fn with(edit: impl FnOnce(&mut AccountFacts)) -> Result<Digest, NothingToSay> {
    let mut account = quiet(1);
    edit(&mut account);
    write(&[account], &[])
}

#[test]
fn a_quiet_week_has_no_digest() {
    assert_eq!(write(&[], &[]), Err(NothingToSay::NoAccounts));
    assert_eq!(
        with(|account| account.customer = false),
        Err(NothingToSay::NoAccounts)
    );
    assert_eq!(with(|_| {}), Err(NothingToSay::QuietWeek));
    assert_eq!(
        NothingToSay::QuietWeek.to_string(),
        "nothing changed, no account is newly at risk, no alert from HIGH up is open, and nothing is due in the next 14 days"
    );
    // Each of what makes a digest, at both sides of its threshold.
    for (severity, told) in [
        (Severity::Low, false),
        (Severity::Medium, false),
        (Severity::High, true),
        (Severity::Critical, true),
    ] {
        assert_eq!(
            with(|account| account.alerts.push(alert(1, severity, 30))).is_ok(),
            told,
            "{severity}"
        );
    }
    for (days, told) in [(-1, false), (0, true), (14, true), (15, false)] {
        let due = with(|account| account.touches.push(touch(1, Some(SponsorRank::Primary), days)));
        assert_eq!(due.is_ok(), told, "a touch in {days} days");
        let renewal = with(|account| account.label.renewal_on = Some(today() + TimeDelta::days(days)));
        assert_eq!(renewal.is_ok(), told, "a renewal in {days} days");
    }
    assert!(with(|account| account.change = Some(fell(10))).is_ok());
    // What could be gained is no reason to write.
    let gain = Gain {
        action: "Call".to_owned(),
        how: None,
        reason: "Why.".to_owned(),
        points: 9.0,
    };
    assert_eq!(
        with(|account| account.gain = Some(gain)),
        Err(NothingToSay::QuietWeek)
    );
}

#[test]
fn each_section_says_what_there_is() {
    let mut account = quiet(1);
    account.label.renewal_on = Some(today() + TimeDelta::days(40));
    account.change = Some(fell(17));
    account.alerts = vec![alert(1, Severity::Medium, 30), alert(2, Severity::Critical, 1)];
    account.touches = vec![
        touch(1, Some(SponsorRank::Primary), 5),
        touch(2, None, 9),
        touch(3, Some(SponsorRank::Backup), -3),
    ];
    account.gain = Some(Gain {
        action: "Multi thread".to_owned(),
        how: Some("monthly, by phone".to_owned()),
        reason: "Why.".to_owned(),
        points: 4.26,
    });
    let digest = write(&[account], &[]).unwrap();
    assert_eq!(
        digest.subject,
        "Week 40: 1 critical alert (1 new), 1 account got worse"
    );
    assert_eq!(
        digest.headlines,
        [
            "1 critical alert (1 new)",
            "1 account got worse",
            "2 executive touchpoints due",
            "1 renewal worth 10,000 USD"
        ]
    );
    assert_eq!(
        digest.book,
        rapport_engagement::report::digest::Book {
            accounts: 1,
            arr: Some("10,000 USD".to_owned()),
            average: Some(70)
        }
    );
    let change = &digest.changes.lines[0];
    assert_eq!(
        change.sentence,
        "The score fell by 17 points to 53 since Wed 23 September."
    );
    assert_eq!(change.drivers, ["Response rate −9.8", "Response time −2.0"]);
    assert_eq!(
        change.stakes.as_deref(),
        Some("10,000 USD a year, renews in 40 days")
    );
    let alerts: Vec<_> = digest
        .alerts
        .lines
        .iter()
        .map(|line| (line.severity, line.new, line.since.as_str()))
        .collect();
    assert_eq!(
        alerts,
        [
            (Severity::Critical, true, "Tue 29 September"),
            (Severity::Medium, false, "Mon 31 August")
        ]
    );
    // What was there when scoring began is no news.
    let mut old = quiet(1);
    old.alerts = vec![AlertFacts {
        baseline: true,
        ..alert(2, Severity::Critical, 1)
    }];
    let old = write(&[old], &[]).unwrap();
    assert_eq!(
        (old.headlines[0].as_str(), old.alerts.lines[0].since.as_str()),
        ("1 critical alert", "scoring began")
    );
    let touches: Vec<_> = digest
        .touches
        .lines
        .iter()
        .map(|t| {
            (
                t.person.as_str(),
                t.standing.as_str(),
                t.due.as_str(),
                t.planned.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        touches[0],
        ("Ana Ruiz, CFO", "primary sponsor, engaged", "Mon 5 October", None)
    );
    assert_eq!(
        (touches[1].1, touches[1].3),
        ("executive, engaged", Some("Sat 3 October"))
    );
    assert_eq!(
        digest.overdue.as_deref(),
        Some("1 sponsor at 1 account is overdue for a touchpoint already.")
    );
    let renewal = &digest.renewals.lines[0];
    assert_eq!(
        (
            renewal.on.as_str(),
            renewal.ahead.as_str(),
            renewal.score,
            renewal.at_risk
        ),
        ("Mon 9 November", "in 40 days", Some(70), false)
    );
    let metrics: Vec<_> = digest
        .metrics
        .iter()
        .map(|m| (m.value.as_deref(), m.target.as_str(), m.met, m.filled, m.mark))
        .collect();
    assert_eq!(
        metrics,
        [
            (Some("100 %"), "more than 80 %", Some(true), 100, 80),
            (Some("46"), "less than 45", Some(false), 51, 50),
            (Some("50 %"), "more than 70 %", Some(false), 50, 70),
            (None, "more than 85 %", None, 0, 85),
            (Some("2"), "more than 1.5", Some(true), 67, 50),
        ]
    );
    assert_eq!(
        (digest.actions[0].points.as_str(), digest.actions[0].filled),
        ("+4.3", 100)
    );
}

/// An account that pays so much of a currency.
fn paying(n: u32, minor: i64, currency: &str) -> AccountFacts {
    let mut account = quiet(n);
    account.label.arr = Some(Money::new(minor, Some(currency.to_owned())));
    account.totals = PortfolioTotals::default();
    account.totals.all.count(1);
    account.totals.all.pay(minor, Some(currency));
    account.alerts = vec![alert(n, Severity::High, 30)];
    account.label.renewal_on = Some(today() + TimeDelta::days(40));
    account
}

#[test]
fn revenue_of_two_currencies_weighs_as_shares_until_there_are_rates() {
    // Five million yen are a thirtieth of a million euros, whatever the numbers look like.
    let accounts = [
        paying(1, 4_000_000, "JPY"),
        paying(2, 1_000_000, "JPY"),
        paying(3, 90_000_000, "EUR"),
        paying(4, 10_000_000, "EUR"),
    ];
    let order = |policy: &Policy| {
        let digest = write_by(policy, &accounts, &[("Kim", vec![0, 1, 2, 3])]).unwrap();
        let alerts: Vec<String> = digest
            .alerts
            .lines
            .iter()
            .map(|line| line.account.external_id.clone())
            .collect();
        (
            alerts,
            digest.book.arr.unwrap(),
            digest.renewals_arr.unwrap(),
            digest.people.lines[0].arr.clone().unwrap(),
        )
    };
    let (alerts, book, renewals, person) = order(&Policy::default());
    assert_eq!(
        alerts,
        ["acme-003", "acme-001", "acme-002", "acme-004"],
        "90 and 80 %, then 20 and 10 %"
    );
    assert_eq!([book, renewals, person], ["1,000,000 EUR, 5,000,000 JPY"; 3]);
    let rates = CurrencyPolicy::new(Some("EUR"), [("JPY", 0.006)]).unwrap();
    let (alerts, book, renewals, person) = order(&Policy {
        currency: rates,
        ..Policy::default()
    });
    assert_eq!(alerts, ["acme-003", "acme-004", "acme-001", "acme-002"]);
    assert_eq!([book, renewals, person], ["1,030,000 EUR (converted)"; 3]);
}

#[test]
fn renewals_are_listed_for_ninety_days() {
    for (days, listed) in [(90, 1), (91, 0)] {
        let digest = with(|account| {
            account.change = Some(fell(10));
            account.label.renewal_on = Some(today() + TimeDelta::days(days));
        });
        assert_eq!(digest.unwrap().renewals.total(), listed, "{days}");
    }
}

/// A standing for which there is a reason.
fn at_risk(n: u32) -> Standing {
    let reason = Reason {
        reason: StandingReason::SponsorDeclines,
        on: Some(today() - TimeDelta::days(3)),
        contact: Some(ContactId::from(Uuid::from_u128(u128::from(n)))),
        change: None,
        number: Some(3.0),
        against: None,
        signals: vec![],
    };
    Standing {
        state: StandingState::AtRisk,
        reasons: vec![reason],
    }
}

#[test]
fn who_is_at_risk_is_told_with_reasons_the_most_revenue_first() {
    let accounts: Vec<AccountFacts> = (1..=10)
        .map(|n| {
            let mut account = quiet(n);
            account.standing = Some(at_risk(n));
            account.newly_at_risk = n == 9;
            account
        })
        .collect();
    let digest = write(&accounts, &[("Kim", vec![0, 1])]).unwrap();
    assert_eq!(digest.headlines, ["10 accounts at risk (1 new)"]);
    let told: Vec<_> = digest
        .at_risk
        .lines
        .iter()
        .map(|line| (line.account.name.as_str(), line.new))
        .collect();
    assert_eq!(
        told[..3],
        [("Acme 10", false), ("Acme 9", true), ("Acme 8", false)]
    );
    assert_eq!(
        (told.len(), digest.at_risk.more, digest.people.lines[0].at_risk),
        (4, 6, 2)
    );
    let line = &digest.at_risk.lines[3];
    assert_eq!(
        line.sentences,
        ["The primary sponsor declined or missed the last 3 meetings, the latest on 2026-09-27."]
    );
    assert_eq!(line.stakes.as_deref(), Some("70,000 USD a year"));
    assert!(digest.contacts().contains(&ContactId::from(Uuid::from_u128(7))));
    let named = digest.with_names(
        |_| {
            Some(PersonName {
                name: "Ana Ruiz".to_owned(),
                title: None,
            })
        },
        |_| None,
    );
    assert!(named.at_risk.lines[3].sentences[0].starts_with("Ana Ruiz, the primary sponsor, declined"));
    assert_eq!(
        named.without_names().at_risk,
        digest.at_risk,
        "what waits to be sent names nobody"
    );
    // One that was at risk before is nothing new.
    assert_eq!(write(&accounts[..8], &[]), Err(NothingToSay::QuietWeek));
}

#[test]
fn an_account_is_newly_at_risk_when_it_was_not_on_the_day_of_the_last_digest() {
    let standing = |days_ago: i64, standing| DailyStanding {
        day: today() - TimeDelta::days(days_ago),
        standing,
    };
    let new = |standings: &[DailyStanding]| newly_at_risk(standings, today() - TimeDelta::days(7));
    assert!(new(&[standing(7, Watch), standing(0, AtRisk)]));
    assert!(
        !new(&[standing(7, AtRisk), standing(3, Watch), standing(0, AtRisk)]),
        "it was told"
    );
    assert!(
        new(&[standing(0, AtRisk), standing(9, AtRisk), standing(8, Watch)]),
        "in any order"
    );
    assert!(
        !new(&[standing(15, Watch), standing(0, AtRisk)]),
        "nothing is known of that day"
    );
    assert!(!new(&[standing(0, AtRisk)]), "since scoring began");
}

#[test]
fn of_an_unknown_score_only_the_standing_is_looked_back_on() {
    let scores = [score(7, 75, ModeratelyEngaged), score(0, 50, ModeratelyEngaged)];
    let standings = [DailyStanding {
        day: today() - TimeDelta::days(7),
        standing: OnTrack,
    }];
    let look_back = |known: bool, standing: Option<Standing>| {
        let mut account = quiet(1);
        (account.known, account.standing) = (known, standing);
        account.look_back(
            (&scores, &standings),
            today() - TimeDelta::days(7),
            today(),
            &Policy::default(),
        );
        (
            account.change.map(|change| change.points()),
            account.newly_at_risk,
        )
    };
    assert_eq!(look_back(true, None), (Some(-25), false));
    assert_eq!(look_back(false, Some(at_risk(1))), (None, true));
}

#[test]
fn a_standing_is_told_once_it_has_held_for_two_evaluations() {
    let told = |states: &[(i64, StandingState)]| {
        let standings: Vec<DailyStanding> = states
            .iter()
            .map(|(days_ago, standing)| DailyStanding {
                day: today() - TimeDelta::days(*days_ago),
                standing: *standing,
            })
            .collect();
        change_since(
            (&[], &standings),
            today() - TimeDelta::days(7),
            today(),
            &Policy::default(),
        )
    };
    let before = [(8, OnTrack), (7, OnTrack)];
    let and = |more: &[(i64, StandingState)]| told(&[&before[..], more].concat());
    assert_eq!(and(&[(0, AtRisk)]), None, "one evaluation");
    let worse = and(&[(1, AtRisk), (0, AtRisk)]).unwrap();
    assert_eq!(
        (worse.standing, worse.is_worse()),
        (Some((OnTrack, AtRisk)), true)
    );
    assert_eq!(
        worse.clone().of_unknown_score(),
        Some(worse),
        "a standing is told of an unknown score"
    );
    assert!(and(&[(1, NotKnown), (0, NotKnown)]).unwrap().is_worse());
    assert!(
        !told(&[(8, AtRisk), (7, AtRisk), (1, Watch), (0, Watch)])
            .unwrap()
            .is_worse()
    );
    assert_eq!(fell(17).of_unknown_score(), None);
    let mut account = quiet(1);
    account.change = and(&[(1, AtRisk), (0, AtRisk)]);
    assert_eq!(
        write(&[account], &[]).unwrap().changes.lines[0].sentence,
        "At risk now, on track on Wed 23 September."
    );
}

#[test]
fn actions_are_ranked_by_points_times_revenue_and_renewals_count_twice() {
    let gaining = |n: u32, points: f64| {
        let mut account = quiet(n);
        account.gain = Some(Gain {
            action: "Do".to_owned(),
            how: None,
            reason: "Why.".to_owned(),
            points,
        });
        account.change = Some(fell(10));
        account
    };
    // 10, 20, 30 and 40 thousand; the last one has no revenue, and counts as half of 25.
    let mut accounts = [
        gaining(1, 6.0),
        gaining(2, 2.0),
        gaining(3, 1.9),
        gaining(4, 1.0),
        gaining(5, 4.0),
    ];
    accounts[0].label.renewal_on = Some(today() + TimeDelta::days(90));
    accounts[4].label.arr = None;
    let order = |accounts: &[AccountFacts]| {
        let digest = write(accounts, &[]).unwrap();
        digest
            .actions
            .iter()
            .map(|line| (line.account.external_id.clone(), line.filled))
            .collect::<Vec<_>>()
    };
    let line = |n: u32, filled: u32| (format!("acme-00{n}"), filled);
    // 12, 5.7, 5, 4 and 4: of equal ones the key decides.
    assert_eq!(
        order(&accounts),
        [line(1, 100), line(3, 32), line(5, 67), line(2, 33), line(4, 17)]
    );
    accounts[0].label.renewal_on = Some(today() + TimeDelta::days(91));
    assert_eq!(order(&accounts)[..2], [line(1, 100), line(3, 32)]);
    // Without any revenue points decide.
    for account in &mut accounts {
        account.label.arr = None;
    }
    assert_eq!(order(&accounts)[..2], [line(1, 100), line(5, 67)]);
}

/// Three hundred accounts on each of which everything happens at once.
fn crowd(accounts: u32) -> Vec<AccountFacts> {
    (1..=accounts)
        .map(|n| {
            let mut account = quiet(n);
            account.change = Some(fell(10 + n as i32 % 20));
            account.label.renewal_on = Some(today() + TimeDelta::days(3 * i64::from(n)));
            account.alerts = (0..4)
                .map(|k| alert(10 * n + k, Severity::ALL[k as usize], i64::from(n % 20)))
                .collect();
            account.touches = vec![
                touch(n, Some(SponsorRank::Primary), i64::from(n % 14)),
                touch(9999 + n, None, 1),
            ];
            account.gain = Some(Gain {
                action: "Do".to_owned(),
                how: None,
                reason: "Why.".to_owned(),
                points: f64::from(3 * n) / 10.0,
            });
            account.standing = (n % 3 == 0).then(|| at_risk(n));
            account
        })
        .collect()
}

#[test]
fn three_hundred_accounts_are_read_in_two_minutes() {
    let digest = write(&crowd(300), &[]).unwrap();
    assert_eq!((digest.changes.lines.len(), digest.changes.more), (4, 296));
    assert_eq!((digest.alerts.lines.len(), digest.alerts.more), (4, 1196));
    assert_eq!((digest.touches.lines.len(), digest.touches.more), (5, 595));
    assert_eq!((digest.renewals.lines.len(), digest.renewals.total()), (8, 30));
    assert_eq!((digest.at_risk.lines.len(), digest.at_risk.more), (4, 96));
    assert_eq!((digest.actions.len(), digest.metrics.len()), (5, 5));
    // What is said, at 230 words a minute.
    let text = serde_json::to_string(&digest).unwrap();
    assert!(
        text.split_whitespace().count() < 460,
        "{} words",
        text.split_whitespace().count()
    );
    // The one with the most revenue and the worst fall is there; alerts are the worst, two of no more than one account.
    assert!(
        digest
            .alerts
            .lines
            .iter()
            .all(|line| line.severity == Severity::Critical)
    );
    assert_eq!(
        digest
            .touches
            .lines
            .iter()
            .filter(|line| line.standing.starts_with("primary"))
            .count(),
        5
    );
    let dues: Vec<_> = digest
        .touches
        .lines
        .iter()
        .map(|line| line.ahead.clone())
        .collect();
    assert_eq!(
        dues,
        ["in 2 days", "in 3 days", "in 4 days", "in 5 days", "in 6 days"].map(str::to_owned),
        "by day"
    );
    let acted: Vec<_> = digest
        .actions
        .iter()
        .map(|line| (line.account.name.as_str(), line.points.as_str()))
        .collect();
    assert_eq!(
        acted,
        [
            ("Acme 300", "+90.0"),
            ("Acme 299", "+89.7"),
            ("Acme 298", "+89.4"),
            ("Acme 297", "+89.1"),
            ("Acme 296", "+88.8")
        ]
    );
}

#[test]
fn worse_comes_before_better_and_revenue_decides() {
    let mut accounts = crowd(3);
    for account in &mut accounts {
        account.change = Some(fell(12));
    }
    accounts[2].change = Some(AccountChange {
        overall: Some((59, 90)),
        pattern: Some((LowEngaged, HighlyEngaged)),
        ..fell(0)
    });
    let digest = write(&accounts, &[]).unwrap();
    let told: Vec<_> = digest
        .changes
        .lines
        .iter()
        .map(|line| (line.account.name.as_str(), line.worse))
        .collect();
    assert_eq!(told, [("Acme 2", true), ("Acme 1", true), ("Acme 3", false)]);
    assert_eq!(
        digest.changes.lines[2].sentence,
        "From low engaged to highly engaged: the score rose by 31 points to 90 since Wed 23 September."
    );
}

#[test]
fn a_manager_sees_how_each_of_their_people_stands() {
    let mut accounts = crowd(3);
    accounts.push(quiet(4));
    let digest = write(
        &accounts,
        &[
            ("Zoe", vec![3]),
            ("Ben", vec![0]),
            ("Cho", vec![1, 2]),
            ("Nobody", vec![]),
        ],
    )
    .unwrap();
    let people: Vec<_> = digest
        .people
        .lines
        .iter()
        .map(|p| {
            (
                p.name.as_str(),
                p.accounts,
                p.critical,
                p.high,
                p.worse,
                p.due,
                p.renewals,
            )
        })
        .collect();
    assert_eq!(
        people,
        [
            ("Cho", 2, 2, 2, 2, 4, 2),
            ("Ben", 1, 1, 1, 1, 2, 1),
            ("Zoe", 1, 0, 0, 0, 0, 0)
        ]
    );
    assert_eq!(digest.people.lines[0].arr.as_deref(), Some("50,000 USD"));
    let mut many: Vec<(String, Vec<usize>)> = (0..20).map(|n| (format!("Person {n:02}"), vec![0])).collect();
    many.truncate(15);
    let people: Vec<(&str, Vec<usize>)> = many
        .iter()
        .map(|(name, places)| (name.as_str(), places.clone()))
        .collect();
    let digest = write(&accounts, &people).unwrap();
    assert_eq!((digest.people.lines.len(), digest.people.more), (12, 3));
}

#[test]
fn a_digest_names_the_accounts_it_speaks_of_and_survives_the_outbox() {
    let digest = write(&crowd(40), &[("Cho", vec![1, 2])]).unwrap();
    let named = digest.accounts();
    assert!(named.windows(2).all(|pair| pair[0] < pair[1]) && named.len() <= 40);
    for line in &digest.alerts.lines {
        assert!(named.contains(&line.account.id));
    }
    let text = serde_json::to_string(&digest).unwrap();
    assert_eq!(serde_json::from_str::<Digest>(&text).unwrap(), digest);
}

#[test]
fn facts_follow_from_rows() {
    let mut b = Book::new(AccountTier::Enterprise);
    b.contact("ana", "IT", Some(Seniority::CLevel));
    b.contact("ben", "Finance", Some(Seniority::Vp));
    b.sponsor("ana", SponsorRank::Primary, "2025-01-01", None);
    b.meeting("2026-09-20", &["ana"]);
    b.interaction(
        InteractionKind::Qbr,
        Direction::Outbound,
        InteractionStatus::Completed,
        "2026-08-20",
    )
    .with("ana");
    for days in 1..5 {
        b.mail(&format!("2026-09-0{days}")).with("ana");
    }
    let evaluation = b.evaluate();
    let label = AccountLabel {
        external_id: "acme".to_owned(),
        name: "Acme".to_owned(),
        arr: Some(Money::new(500_000, Some("JPY".to_owned()))),
        renewal_on: Some(today()),
    };
    let facts = AccountFacts::new(&b.rows, &evaluation, label.clone(), &b.policy);
    assert!(facts.customer);
    assert_eq!(facts.overall, evaluation.assessment.rounded());
    // 30.4 days after the meeting; she has had a QBR and a 1:1, so dinner is her turn. Nobody counts for Ben.
    let touches: Vec<_> = facts
        .touches
        .iter()
        .map(|t| (t.rank, t.due_on, t.touchpoint))
        .collect();
    assert_eq!(
        touches,
        [(Some(SponsorRank::Primary), day("2026-10-20"), "Executive dinner")]
    );
    let recommended = recommend(&evaluation, &b.rows, &b.policy, &People::default());
    let most = recommended
        .iter()
        .filter_map(|one| one.expected_points)
        .fold(0.0, f64::max);
    assert_eq!(facts.gain.as_ref().map(|gain| gain.points), Some(most));
    assert_eq!(
        (facts.known, facts.state()),
        (true, evaluation.standing.as_ref().map(|standing| standing.state))
    );
    // Of a score that is not known well enough nothing follows.
    b.rows.contact_feed_silent = true;
    let unknown = AccountFacts::new(&b.rows, &b.evaluate(), label.clone(), &b.policy);
    assert_eq!((unknown.known, unknown.gain), (false, None));
    b.rows.contact_feed_silent = false;
    assert_eq!(
        (
            facts.days_to_renewal(today()),
            facts.days_to_renewal(day("2026-10-01"))
        ),
        (Some(0), None)
    );
    assert_eq!(facts.totals.all.accounts, 1);
    // Of a former customer only the sponsors of a year ago count.
    b.rows.account.churned_on = Some(day("2026-05-01"));
    let gone = AccountFacts::new(&b.rows, &evaluation, label, &b.policy);
    assert!(!gone.customer && gone.touches.is_empty() && gone.gain.is_none());
    assert_eq!(
        (gone.totals.all.accounts, gone.totals.retention.pairs_before),
        (0, 1)
    );
}
