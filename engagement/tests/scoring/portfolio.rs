//! The portfolio: sums over accounts in any batches, five metrics at both sides of their targets, movers, money, Markdown.

use std::collections::HashMap;

use proptest::prelude::*;
use rapport_engagement::id::{AccountId, ContactId};
use rapport_engagement::money::Money;
use rapport_engagement::policy::{CurrencyPolicy, Policy};
use rapport_engagement::portfolio::worth::Worth;
use rapport_engagement::portfolio::{CountedAccount, Keep, PortfolioDays, PortfolioTotals, Retention};
use rapport_engagement::recommendation::Advice;
use rapport_engagement::report::portfolio::{
    MetricValue, PatternShare, PortfolioLabels, PortfolioReport, StandingShare,
};
use rapport_engagement::row::Departure;
use rapport_engagement::signal;
use rapport_engagement::standing::Reason;
use rapport_engagement::vocabulary::*;
use rapport_engagement::windows::Windows;
use uuid::Uuid;

use crate::account::{Book, ENDING_ON, at, close, day};
use crate::worked_example::hollis_freight;

use PortfolioMetric::{
    ExecutiveEngagementRate, ExecutiveTouchpointCadence, MultiThreadScore, QbrExecutiveAttendance,
    SponsorRetention,
};

const MOVERS: usize = 10;

/// An account of which nothing is known.
fn nothing() -> CountedAccount<'static> {
    CountedAccount {
        account: Uuid::nil().into(),
        external_id: "a",
        overall: None,
        change: None,
        pattern: None,
        provisional: true,
        standing: None,
        signals: 0,
        arr_minor: None,
        currency: None,
        sponsor_engaged: false,
        executive_contact_days: 0,
        known_days: None,
        qbrs_held: 0,
        qbrs_with_executive: 0,
        engaged_executives: 0,
        within_cadence: false,
        dimensions: [None; 4],
        previous_dimensions: [None; 4],
        renewal_on: None,
        reasons: &[],
        next: None,
        lost_sponsor: false,
    }
}

fn keep() -> Keep {
    Keep::of(&Policy::default(), day(ENDING_ON))
}

fn scored(overall: i32) -> CountedAccount<'static> {
    let pattern = Some(rapport_engagement::pattern::of(overall, &Policy::default()));
    CountedAccount {
        overall: Some(overall),
        pattern,
        provisional: false,
        ..nothing()
    }
}

/// Signals as a stored score packs them.
fn raised(signals: &[(Signal, Severity)]) -> i32 {
    let raise = |(signal, severity): &(Signal, Severity)| signal::RaisedSignal {
        signal: *signal,
        severity: *severity,
        message: String::new(),
    };
    signal::pack(&signals.iter().map(raise).collect::<Vec<_>>())
}

fn totals<'a>(standings: impl IntoIterator<Item = CountedAccount<'a>>) -> PortfolioTotals {
    let mut totals = PortfolioTotals::default();
    standings
        .into_iter()
        .for_each(|standing| totals.add(&standing, &keep()));
    totals
}

fn report(totals: &PortfolioTotals) -> PortfolioReport {
    report_by(totals, &Policy::default())
}

fn report_by(totals: &PortfolioTotals, policy: &Policy) -> PortfolioReport {
    let days = PortfolioDays {
        start: day("2026-07-01"),
        ending_on: day(ENDING_ON),
        stands_on: day("2026-09-29"),
        stored: true,
    };
    PortfolioReport::new(totals, Period::Quarterly, days, policy)
}

fn metric(totals: &PortfolioTotals, metric: PortfolioMetric) -> MetricValue {
    *report(totals)
        .metrics
        .iter()
        .find(|m| m.metric == metric)
        .unwrap()
}

#[test]
fn a_metric_without_a_denominator_is_not_measured() {
    let r = report(&PortfolioTotals::default());
    assert_eq!(
        r.metrics.iter().map(|m| m.metric).collect::<Vec<_>>(),
        PortfolioMetric::ALL
    );
    for m in &r.metrics {
        assert_eq!((m.value, m.met, m.measured), (None, None, false), "{}", m.metric);
    }
    assert_eq!((r.average_overall, r.advice.len()), (None, 0));
    // One account: what counts accounts is measured, the rest still is not.
    let one = totals([nothing()]);
    let measured: Vec<_> = report(&one)
        .metrics
        .iter()
        .filter(|m| m.measured)
        .map(|m| m.metric)
        .collect();
    assert_eq!(measured, [ExecutiveEngagementRate, MultiThreadScore]);
}

#[test]
fn the_engagement_rate_counts_accounts_with_an_engaged_sponsor() {
    let rate = |engaged: usize, of: usize| {
        metric(
            &totals((0..of).map(|n| CountedAccount {
                sponsor_engaged: n < engaged,
                ..nothing()
            })),
            ExecutiveEngagementRate,
        )
    };
    assert_eq!(
        (rate(4, 5).value, rate(4, 5).met, rate(4, 5).unit),
        (Some(80.0), Some(false), MetricUnit::Percent),
        "more than 80"
    );
    assert_eq!((rate(5, 6).met, rate(0, 5).value), (Some(true), Some(0.0)));
}

#[test]
fn the_cadence_is_the_mean_of_each_accounts_days() {
    let cadence = |accounts: &[(Option<u32>, u32)]| {
        let standings = accounts.iter().map(|(known_days, contact)| CountedAccount {
            known_days: *known_days,
            executive_contact_days: *contact,
            ..nothing()
        });
        metric(&totals(standings), ExecutiveTouchpointCadence)
    };
    close(
        cadence(&[(Some(365), 10), (Some(100), 4), (None, 0)]).value,
        30.75,
    );
    assert_eq!(cadence(&[(Some(365), 0)]).value, Some(365.0), "never in contact");
    assert_eq!(
        [cadence(&[(Some(90), 2)]).met, cadence(&[(Some(89), 2)]).met],
        [Some(false), Some(true)],
        "less than 45 days"
    );
    assert_eq!(cadence(&[(None, 0)]).value, None);
}

#[test]
fn business_reviews_are_counted_over_all_accounts_together() {
    let attendance = |reviews: &[(u32, u32)]| {
        let standings = reviews.iter().map(|(held, with)| CountedAccount {
            qbrs_held: *held,
            qbrs_with_executive: *with,
            ..nothing()
        });
        metric(&totals(standings), QbrExecutiveAttendance)
    };
    assert_eq!(
        (
            attendance(&[(8, 8), (2, 0)]).value,
            attendance(&[(8, 8), (2, 0)]).met
        ),
        (Some(80.0), Some(true)),
        "not the mean of two rates"
    );
    assert_eq!(
        (attendance(&[(10, 7)]).value, attendance(&[(10, 7)]).met),
        (Some(70.0), Some(false))
    );
}

#[test]
fn the_multi_thread_score_is_a_mean_over_all_accounts() {
    let score = |executives: &[u32]| {
        metric(
            &totals(executives.iter().map(|n| CountedAccount {
                engaged_executives: *n,
                ..nothing()
            })),
            MultiThreadScore,
        )
    };
    assert_eq!(
        (score(&[3, 0]).value, score(&[3, 0]).met),
        (Some(1.5), Some(false))
    );
    assert_eq!(
        (score(&[3, 1]).met, score(&[3, 1]).unit),
        (Some(true), MetricUnit::Executives)
    );
}

#[test]
fn sponsors_of_a_year_ago_who_still_are() {
    let windows = Windows::new(
        day(ENDING_ON),
        at("2030-01-01"),
        chrono_tz::Tz::UTC,
        Period::Quarterly,
    );
    assert_eq!(windows.year_start_day, day("2025-10-01"));
    let retention = |change: fn(&mut Book)| {
        let mut b = Book::mid_market();
        for name in ["ana", "ben", "cho", "dev"] {
            b.contact(name, "IT", None);
        }
        b.sponsor("ana", SponsorRank::Primary, "2025-01-01", None);
        b.sponsor("ben", SponsorRank::Backup, "2025-10-01", None);
        change(&mut b);
        let Retention {
            pairs_before,
            pairs_kept,
        } = Retention::of(&b.rows, &windows);
        (pairs_before, pairs_kept)
    };
    assert_eq!(retention(|_| {}), (2, 2));
    assert_eq!(
        retention(|b| b.rows.sponsorships[1].since = day("2025-10-02")),
        (1, 1),
        "since later"
    );
    assert_eq!(
        retention(|b| b.rows.sponsorships[1].until = Some(day("2026-09-30"))),
        (2, 1),
        "ended"
    );
    assert_eq!(
        retention(|b| b.rows.sponsorships[1].until = Some(day("2026-10-01"))),
        (2, 2),
        "ends tomorrow"
    );
    assert_eq!(
        retention(|b| b.rows.contacts[0].departure = Departure::On(day("2026-05-01"))),
        (2, 1),
        "left"
    );
    assert_eq!(
        retention(|b| b.rows.contacts[0].departure = Departure::Undated),
        (1, 1),
        "gone at every day"
    );
    let swapped = |b: &mut Book| {
        b.rows.sponsorships[0].until = Some(day("2026-03-01"));
        b.sponsor("ana", SponsorRank::Backup, "2026-04-01", None);
    };
    assert_eq!(retention(swapped), (2, 2), "either rank counts");
    assert_eq!(
        retention(|b| {
            b.sponsor("ana", SponsorRank::Backup, "2025-02-01", None);
        }),
        (2, 2),
        "a pair is counted once"
    );
    assert_eq!(
        retention(|b| {
            b.sponsor("dev", SponsorRank::Backup, "2026-02-01", None);
        }),
        (2, 2),
        "the new are not asked for"
    );
    assert_eq!(
        retention(|b| b.rows.account.churned_on = Some(day("2025-10-01"))),
        (0, 0),
        "no customer on the first day"
    );
    assert_eq!(
        retention(|b| b.rows.account.churned_on = Some(day("2025-10-02"))),
        (2, 2),
        "a customer on the first day"
    );

    let with = |pairs_before, pairs_kept| {
        metric(
            &PortfolioTotals {
                retention: Retention {
                    pairs_before,
                    pairs_kept,
                },
                ..PortfolioTotals::default()
            },
            SponsorRetention,
        )
    };
    assert_eq!(
        [with(20, 17).met, with(20, 18).met],
        [Some(false), Some(true)],
        "more than 85 %"
    );
    assert_eq!(with(20, 17).value, Some(85.0));
}

#[test]
fn an_account_stands_as_its_evaluation_says() {
    let b = hollis_freight();
    let evaluation = b.evaluate();
    let standing = CountedAccount::of(
        (b.rows.account.id, "hollis"),
        (Some(7), Some("EUR")),
        &evaluation,
        &b.policy,
    );
    assert_eq!(
        (standing.overall, standing.change, standing.pattern),
        (Some(61), Some(54), Some(Pattern::ModeratelyEngaged))
    );
    assert_eq!((standing.provisional, standing.signals), (false, 0));
    // 15 July and 16 September, with the first fact on 20 May; one business review, which Ana attended.
    assert_eq!(
        (standing.executive_contact_days, standing.known_days),
        (2, Some(134))
    );
    assert_eq!(
        (
            standing.qbrs_held,
            standing.qbrs_with_executive,
            standing.engaged_executives
        ),
        (1, 1, 1)
    );
    let r = report(&totals([standing]));
    close(r.metrics[1].value, 67.0);
    assert_eq!(r.improved[0].change, 54);
}

#[test]
fn the_average_leaves_out_what_is_provisional() {
    let r = report(&totals([
        scored(80),
        scored(61),
        CountedAccount {
            provisional: true,
            ..scored(10)
        },
        nothing(),
    ]));
    assert_eq!((r.average_overall, r.scored, r.provisional), (Some(70.5), 2, 2));
}

#[test]
fn the_distribution_counts_every_pattern_and_what_is_not_known() {
    let r = report(&totals([
        scored(95),
        scored(80),
        scored(60),
        scored(0),
        nothing(),
    ]));
    let counts: Vec<_> = r
        .distribution
        .iter()
        .map(|share| (share.pattern, share.accounts()))
        .collect();
    assert_eq!(
        counts,
        [
            (Some(Pattern::HighlyEngaged), 2),
            (Some(Pattern::ModeratelyEngaged), 1),
            (Some(Pattern::LowEngaged), 0),
            (Some(Pattern::Disengaged), 1),
            (None, 1)
        ]
    );
}

#[test]
fn money_is_one_amount_per_currency() {
    let pays = |minor, currency| CountedAccount {
        arr_minor: Some(minor),
        currency,
        ..scored(90)
    };
    let r = report(&totals([
        pays(100_000, Some("USD")),
        pays(5, Some("EUR")),
        pays(250, Some("USD")),
        pays(7, None),
        scored(90),
    ]));
    let amounts: Vec<_> = r
        .all
        .arr()
        .iter()
        .map(|money| (money.amount(), money.currency().map(str::to_owned)))
        .collect();
    assert_eq!(
        amounts,
        [
            ("0.07".to_owned(), None),
            ("0.05".to_owned(), Some("EUR".to_owned())),
            ("1002.50".to_owned(), Some("USD".to_owned()))
        ]
    );
    assert_eq!((r.all.accounts, r.distribution[0].arr()), (5, r.all.arr()));
    assert_eq!(r.at_risk.arr(), []);
}

#[test]
fn at_risk_is_the_standing_and_nothing_else() {
    let stands = |standing, overall| CountedAccount {
        standing,
        arr_minor: Some(100),
        currency: Some("EUR"),
        ..scored(overall)
    };
    let at_risk = Some(StandingState::AtRisk);
    let critical = CountedAccount {
        signals: raised(&[(Signal::SponsorMissing, Severity::Critical)]),
        ..stands(None, 10)
    };
    let r = report(&totals([
        stands(at_risk, 95),
        stands(at_risk, 10),
        stands(Some(StandingState::Watch), 10),
        critical,
    ]));
    assert_eq!((r.at_risk.accounts, r.at_risk.arr()[0].minor()), (2, 200));
    let counts: Vec<_> = r
        .standings
        .iter()
        .map(|share| (share.state, share.group.accounts))
        .collect();
    assert_eq!(
        counts,
        [
            (Some(StandingState::AtRisk), 2),
            (Some(StandingState::Watch), 1),
            (Some(StandingState::NotKnown), 0),
            (Some(StandingState::OnTrack), 0),
            (None, 1)
        ]
    );
    let of_one = report(&totals([stands(at_risk, 95)]));
    assert_eq!(
        of_one.standings.len(),
        4,
        "those without a standing are listed only where there are any"
    );
}

#[test]
fn movers_are_the_ten_largest_each_way_and_ties_go_by_key() {
    let keys: Vec<String> = (0..30).map(|n| format!("k{n:02}")).collect();
    let standings = keys.iter().enumerate().map(|(n, key)| {
        // +15, −1, +14, −2 …, and two that tie.
        let n = n as i32;
        let change = if n % 2 == 0 { 15 - n / 2 } else { -(n / 2) - 1 };
        CountedAccount {
            external_id: key,
            change: Some(if n == 2 { 15 } else { change }),
            ..scored(50)
        }
    });
    let mut all: Vec<_> = standings.collect();
    all.push(CountedAccount {
        external_id: "still",
        change: Some(0),
        ..scored(50)
    });
    all.push(CountedAccount {
        external_id: "new",
        change: None,
        ..scored(50)
    });
    all.reverse();
    let r = report(&totals(all));
    let list = |movers: &[rapport_engagement::portfolio::Mover]| {
        movers
            .iter()
            .map(|m| (m.external_id.clone(), m.change))
            .collect::<Vec<_>>()
    };
    let improved = list(&r.improved);
    assert_eq!(improved.len(), 10);
    assert_eq!(
        improved[..3],
        [
            ("k00".to_owned(), 15),
            ("k02".to_owned(), 15),
            ("k04".to_owned(), 13)
        ]
    );
    let declined = list(&r.declined);
    assert_eq!(
        (declined.len(), declined[0].clone(), declined[9].1),
        (10, ("k29".to_owned(), -15), -6)
    );
}

#[test]
fn advice_names_what_misses_its_target() {
    let standings = [
        CountedAccount {
            sponsor_engaged: true,
            engaged_executives: 2,
            signals: raised(&[(Signal::QbrMissed, Severity::High)]),
            ..scored(90)
        },
        CountedAccount {
            standing: Some(StandingState::AtRisk),
            known_days: Some(365),
            executive_contact_days: 5,
            qbrs_held: 4,
            qbrs_with_executive: 2,
            ..scored(30)
        },
        nothing(),
    ];
    let mut totals = totals(standings);
    totals.retention = Retention {
        pairs_before: 4,
        pairs_kept: 3,
    };
    let advice: Vec<(String, String)> = report(&totals)
        .advice
        .into_iter()
        .map(|a| (a.action, a.reason))
        .collect();
    let said = |n: usize| (advice[n].0.as_str(), advice[n].1.as_str());
    assert_eq!(
        said(0),
        (
            "Review the 1 account at risk",
            "Their standing gives reasons to expect a loss; each account says which."
        )
    );
    assert_eq!(
        said(1),
        (
            "Win an engaged sponsor at 2 more accounts",
            "33.3 % of the accounts have one; the target is more than 80 %."
        )
    );
    assert_eq!(
        said(2),
        (
            "Plan the next touchpoint with every executive",
            "On average 73 days lie between two contacts with executives; the target is less than 45."
        )
    );
    assert_eq!(
        said(3).1,
        "2 of 4 business reviews of the last year had an executive (50 %); the target is more than 70 %."
    );
    assert_eq!(
        said(4).1,
        "1 of 4 sponsors of a year ago are gone (75 % stayed); the target is more than 85 %."
    );
    assert_eq!(said(5).0, "Bring 3 more executives into the conversation");
    assert_eq!(
        said(6).1,
        "The commonest warning sign is a missed business review: on 1 of 3 accounts."
    );
    assert_eq!(said(7).0, "Bring in the data of 1 account");
    assert_eq!(advice.len(), 8);
}

fn labels() -> PortfolioLabels {
    PortfolioLabels {
        scope: "All | accounts".to_owned(),
        accounts: HashMap::from([(AccountId::from(Uuid::from_u128(3)), "Hollis *Freight*".to_owned())]),
        csms: HashMap::from([(AccountId::from(Uuid::from_u128(3)), "Mia | Torres".to_owned())]),
        contacts: HashMap::from([(ContactId::from(Uuid::from_u128(7)), "Ana *Ruiz*".to_owned())]),
        as_of: at("2026-10-01T06:30"),
        data_through: Some(day("2026-09-29")),
        policy_hash: "0123456789abcdef".to_owned(),
    }
}

#[test]
fn a_book_of_accounts() {
    let usd = Some("USD");
    let id = |n: u128| AccountId::from(Uuid::from_u128(n));
    let critical = raised(&[
        (Signal::SponsorMissing, Severity::Critical),
        (Signal::UnansweredOutreach, Severity::High),
    ]);
    let declines = Reason {
        reason: StandingReason::SponsorDeclines,
        on: Some(day("2026-09-02")),
        contact: Some(ContactId::from(Uuid::from_u128(7))),
        change: None,
        number: Some(3.0),
        against: None,
        signals: vec![],
    };
    let next = Advice {
        action: Action::WakeSponsor,
        contact: Some(ContactId::from(Uuid::from_u128(7))),
        due_on: Some(day("2026-10-07")),
        points: None,
    };
    let mut totals = totals([
        CountedAccount {
            arr_minor: Some(125_000_000),
            currency: usd,
            sponsor_engaged: true,
            known_days: Some(365),
            executive_contact_days: 14,
            qbrs_held: 4,
            qbrs_with_executive: 4,
            engaged_executives: 3,
            change: Some(7),
            standing: Some(StandingState::OnTrack),
            within_cadence: true,
            dimensions: [Some(92.5), Some(80.0), None, Some(88.0)],
            previous_dimensions: [Some(90.0), Some(85.0), None, None],
            renewal_on: Some(day("2026-12-29")),
            account: id(1),
            external_id: "northwind",
            ..scored(88)
        },
        CountedAccount {
            arr_minor: Some(48_000_050),
            currency: usd,
            known_days: Some(365),
            executive_contact_days: 4,
            qbrs_held: 2,
            engaged_executives: 1,
            change: Some(-22),
            standing: Some(StandingState::AtRisk),
            signals: raised(&[(Signal::UnansweredOutreach, Severity::High)]),
            dimensions: [Some(40.0), Some(31.5), None, Some(60.0)],
            previous_dimensions: [Some(61.0), Some(70.0), None, Some(60.0)],
            renewal_on: Some(day("2026-10-15")),
            reasons: std::slice::from_ref(&declines),
            next: Some(&next),
            account: id(3),
            external_id: "hollis",
            ..scored(44)
        },
        CountedAccount {
            arr_minor: Some(9_000_000),
            currency: Some("EUR"),
            sponsor_engaged: true,
            known_days: Some(200),
            executive_contact_days: 8,
            qbrs_held: 1,
            qbrs_with_executive: 1,
            engaged_executives: 1,
            change: Some(-3),
            standing: Some(StandingState::AtRisk),
            signals: critical,
            account: id(4),
            external_id: "aster",
            ..scored(66)
        },
        CountedAccount {
            arr_minor: Some(500_000),
            currency: usd,
            known_days: Some(12),
            external_id: "new",
            ..nothing()
        },
    ]);
    totals.retention = Retention {
        pairs_before: 6,
        pairs_kept: 6,
    };
    insta::assert_snapshot!(report(&totals).markdown(&labels()));
    // The same with a rate: one sum, and a sentence that says so.
    let rates = CurrencyPolicy::new(Some("EUR"), [("USD", 0.92)]).unwrap();
    let policy = Policy {
        currency: rates,
        ..Policy::default()
    };
    insta::assert_snapshot!(
        "a_book_of_accounts_in_euros",
        report_by(&totals, &policy).markdown(&labels())
    );
}

#[test]
fn who_is_named_is_who_weighs_most() {
    let keys: Vec<String> = (0..30).map(|n| format!("k{n:02}")).collect();
    let risky = |(n, key): (usize, &String)| CountedAccount {
        standing: Some(StandingState::AtRisk),
        external_id: &KEYS[n],
        account: Uuid::from_u128(n as u128).into(),
        // Yen are many: every third account pays in them.
        arr_minor: Some(if n % 3 == 0 {
            10_000_000 + n as i64
        } else {
            1_000 + 100 * n as i64
        }),
        currency: Some(if n % 3 == 0 { "JPY" } else { "EUR" }),
        renewal_on: Some(day(ENDING_ON) + chrono::Days::new(if key == "k00" { 91 } else { 90 })),
        ..scored(50)
    };
    let totals = totals(keys.iter().enumerate().map(risky).chain([CountedAccount {
        standing: Some(StandingState::AtRisk),
        external_id: "zero",
        account: Uuid::from_u128(99).into(),
        ..scored(50)
    }]));
    let names = |policy: &Policy| {
        let r = report_by(&totals, policy);
        let listed = |list: &[rapport_engagement::portfolio::NamedAccount]| {
            list.iter().map(|n| n.external_id.clone()).collect::<Vec<_>>()
        };
        (
            listed(&r.at_risk_accounts),
            listed(&r.advice[0].accounts),
            r.renewals.accounts,
            r.at_risk.arr(),
        )
    };
    // Ten pay about a tenth of all yen each, twenty a share of the euros that grows with their number.
    let (listed, first, renewing, sums) = names(&Policy::default());
    assert_eq!((listed.len(), renewing, sums.len()), (20, 29, 2));
    assert_eq!(first, ["k27", "k24", "k21", "k18", "k15"]);
    assert_eq!(
        listed[10..13],
        ["k29", "k28", "k26"],
        "after the yen the largest in euros"
    );
    // A yen is worth little: with a rate the euros are more.
    let rate = |rate: f64| Policy {
        currency: CurrencyPolicy::new(Some("EUR"), [("JPY", rate)]).unwrap(),
        ..Policy::default()
    };
    let (listed, first, _, sums) = names(&rate(0.000_000_01));
    assert_eq!(first, ["k29", "k28", "k26", "k25", "k23"]);
    assert_eq!((listed.len(), sums.len()), (20, 1));
    assert_eq!(names(&rate(0.0061)).1, ["k27", "k24", "k21", "k18", "k15"]);
    // The last day of the three months counts, the one after it does not.
    assert!(names(&Policy::default()).0.contains(&"k00".to_owned()));
}

#[test]
fn an_account_of_no_revenue_comes_last() {
    let of = |key, minor: Option<i64>, n| CountedAccount {
        standing: Some(StandingState::AtRisk),
        external_id: key,
        account: Uuid::from_u128(n).into(),
        arr_minor: minor,
        currency: Some("USD"),
        ..scored(50)
    };
    let r = report(&totals([
        of("a", None, 1),
        of("b", Some(0), 2),
        of("c", Some(1), 3),
        of("d", Some(1), 4),
    ]));
    assert_eq!(
        r.at_risk_accounts
            .iter()
            .map(|n| n.external_id.as_str())
            .collect::<Vec<_>>(),
        ["c", "d", "a", "b"]
    );
    assert_eq!(
        r.money_note, None,
        "a book of one currency says nothing of currencies"
    );
}

#[test]
fn a_currency_without_a_rate_is_named_and_counted() {
    let pays = |key, minor, currency| CountedAccount {
        external_id: key,
        account: Uuid::from_u128(minor as u128).into(),
        arr_minor: Some(minor),
        currency: Some(currency),
        standing: Some(StandingState::AtRisk),
        ..scored(50)
    };
    let policy = Policy {
        currency: CurrencyPolicy::new(Some("EUR"), [("USD", 0.5)]).unwrap(),
        ..Policy::default()
    };
    let r = report_by(
        &totals([
            pays("e", 30_000, "EUR"),
            pays("u", 20_000, "USD"),
            pays("g", 10, "GBP"),
            pays("h", 30, "GBP"),
        ]),
        &policy,
    );
    let amounts: Vec<String> = r
        .all
        .arr()
        .iter()
        .map(|m| format!("{} {}", m.amount(), m.currency().unwrap()))
        .collect();
    assert_eq!(amounts, ["400.00 EUR", "0.40 GBP"]);
    // 0.75 of the euros, 0.75 of the pounds, 0.25 of each.
    assert_eq!(
        r.at_risk_accounts
            .iter()
            .map(|n| n.external_id.as_str())
            .collect::<Vec<_>>(),
        ["e", "h", "g", "u"]
    );
    let note = r.money_note.unwrap();
    assert!(
        note.contains("in EUR: 1 USD = 0.5 EUR.") && note.contains("no rate for GBP"),
        "{note}"
    );
}

#[test]
fn averages_of_dimensions_leave_out_what_is_provisional_or_not_measured() {
    let with = |now, before, provisional| CountedAccount {
        dimensions: [now, None, None, None],
        previous_dimensions: [before, None, None, None],
        provisional,
        ..scored(50)
    };
    let r = report(&totals([
        with(Some(40.0), Some(60.0), false),
        with(Some(50.0), None, false),
        with(Some(0.0), Some(0.0), true),
    ]));
    let first = &r.dimensions[0];
    assert_eq!(
        (
            first.average,
            first.accounts,
            first.previous_average,
            first.previous_accounts
        ),
        (Some(45.0), 2, Some(60.0), 1)
    );
    assert_eq!((r.dimensions.len(), r.dimensions[1].average), (4, None));
}

#[test]
fn an_empty_book() {
    let mut r = report(&PortfolioTotals::default());
    r.days.stored = false;
    insta::assert_snapshot!(r.markdown(&PortfolioLabels {
        data_through: None,
        ..labels()
    }));
}

/// Anything that may be known about an account.
fn standing() -> impl Strategy<Value = CountedAccount<'static>> {
    let key = (0..60_usize).prop_map(|n| &*KEYS[n]);
    let score = (
        prop::option::of(0..=100_i32),
        prop::option::of(-100..=100_i32),
        any::<bool>(),
    );
    let money = (
        prop::option::of(0..1_000_000_i64),
        prop::sample::select(vec![None, Some("EUR"), Some("USD")]),
    );
    let states = StandingState::ALL
        .iter()
        .copied()
        .map(Some)
        .chain([None])
        .collect::<Vec<_>>();
    let sponsors = (
        any::<bool>(),
        0..300_u32,
        prop::option::of(1..=365_u32),
        0..5_u32,
        0..4_u32,
    );
    let signals = prop::collection::btree_map(
        prop::sample::select(Signal::ALL),
        prop::sample::select(Severity::ALL),
        0..4,
    )
    .prop_map(|signals| raised(&signals.into_iter().collect::<Vec<_>>()));
    (key, score, money, sponsors, signals, prop::sample::select(states)).prop_map(
        |(
            external_id,
            (overall, change, provisional),
            (arr_minor, currency),
            (sponsor_engaged, contact_days, known_days, reviews, people),
            signals,
            standing,
        )| {
            let pattern = overall
                .filter(|_| !provisional)
                .map(|overall| rapport_engagement::pattern::of(overall, &Policy::default()));
            CountedAccount {
                external_id,
                overall,
                change,
                pattern,
                provisional,
                standing,
                signals,
                arr_minor,
                currency,
                sponsor_engaged,
                executive_contact_days: contact_days,
                known_days,
                qbrs_held: reviews,
                qbrs_with_executive: reviews.min(people),
                engaged_executives: people,
                within_cadence: contact_days > 100,
                dimensions: [
                    overall.map(f64::from),
                    None,
                    change.map(|c| f64::from(c.abs())),
                    None,
                ],
                previous_dimensions: [
                    change.map(|c| f64::from(c.abs())),
                    None,
                    None,
                    overall.map(f64::from),
                ],
                renewal_on: Some(day(ENDING_ON) + chrono::Days::new(u64::from(contact_days))),
                ..nothing()
            }
        },
    )
}

/// Every account once: of those that came under one key the first.
fn each_once(mut standings: Vec<CountedAccount<'static>>) -> Vec<CountedAccount<'static>> {
    let mut seen = std::collections::HashSet::new();
    standings.retain(|standing| seen.insert(standing.external_id));
    standings
}

static KEYS: std::sync::LazyLock<Vec<String>> =
    std::sync::LazyLock::new(|| (0..60).map(|n| format!("k{n:02}")).collect());

proptest! {
    #[test]
    fn batches_and_their_order_do_not_matter(standings in prop::collection::vec(standing(), 0..60).prop_map(each_once), cut in 0..60_usize) {
        let whole = totals(standings.iter().copied());
        let (first, second) = standings.split_at(cut.min(standings.len()));
        let mut merged = totals(second.iter().rev().copied());
        merged.merge(&totals(first.iter().copied()), &keep());
        prop_assert!((merged.cadence_sum - whole.cadence_sum).abs() < 1e-6);
        merged.cadence_sum = whole.cadence_sum;
        let movers = |t: &PortfolioTotals| {
            [&t.improved, &t.declined].map(|m| m.as_slice().iter().map(|m| (m.change, m.external_id.clone())).collect::<Vec<_>>())
        };
        prop_assert_eq!(movers(&merged), movers(&whole));
        (merged.improved, merged.declined) = (whole.improved.clone(), whole.declined.clone());
        for (sums, expected) in merged.dimensions.iter_mut().zip(&whole.dimensions) {
            for (sum, expected) in sums.iter_mut().zip(expected) {
                prop_assert!((sum.sum - expected.sum).abs() < 1e-6);
                sum.sum = expected.sum;
            }
        }
        prop_assert_eq!(merged, whole);
    }

    #[test]
    fn the_parts_are_the_whole(standings in prop::collection::vec(standing(), 0..60)) {
        let r = report(&totals(standings.iter().copied()));
        prop_assert_eq!(r.distribution.iter().map(PatternShare::accounts).sum::<u64>(), standings.len() as u64);
        let by_standing = |share: &StandingShare| share.group.accounts;
        prop_assert_eq!(r.standings.iter().map(by_standing).sum::<u64>(), standings.len() as u64);
        let arr = |currency: Option<&str>| standings.iter().filter(|s| s.currency == currency).filter_map(|s| s.arr_minor).sum::<i64>();
        for money in r.all.arr() {
            prop_assert_eq!(money.minor(), arr(money.currency()));
            let parts = r.distribution.iter().flat_map(PatternShare::arr).filter(|m| m.currency() == money.currency());
            prop_assert_eq!(parts.map(|m| m.minor()).sum::<i64>(), money.minor());
        }
        for m in &r.metrics {
            prop_assert!(m.measured == m.value.is_some() && m.measured == m.met.is_some());
            let range = if m.unit == MetricUnit::Percent { 0.0..=100.0 } else { 0.0..=366.0 };
            prop_assert!(m.value.is_none_or(|v| range.contains(&v)), "{:?}", m);
        }
        prop_assert!(r.improved.iter().all(|m| m.change >= 5) && r.declined.iter().all(|m| m.change <= -5));
        let mut gains: Vec<(i32, &str)> = standings.iter().filter_map(|s| s.change.filter(|c| *c >= 5).map(|c| (-c, s.external_id))).collect();
        gains.sort_unstable();
        gains.truncate(MOVERS);
        prop_assert_eq!(r.improved.iter().map(|m| (-m.change, m.external_id.as_str())).collect::<Vec<_>>(), gains);
        prop_assert!(r.average_overall.is_none_or(|a| (0.0..=100.0).contains(&a)));
    }

    #[test]
    fn who_is_named_is_who_a_whole_book_in_order_begins_with(
        standings in prop::collection::vec(standing(), 0..60).prop_map(each_once), rated in any::<bool>(), cut in 0..60_usize,
    ) {
        let rates = if rated { CurrencyPolicy::new(Some("EUR"), [("USD", 0.9)]).unwrap() } else { CurrencyPolicy::default() };
        let policy = Policy { currency: rates.clone(), ..Policy::default() };
        let (first, second) = standings.split_at(cut.min(standings.len()));
        let mut whole = totals(second.iter().copied());
        whole.merge(&totals(first.iter().copied()), &keep());
        let r = report_by(&whole, &policy);
        let arr = |s: &CountedAccount<'_>| s.arr_minor.map(|minor| Money::new(minor, s.currency.map(str::to_owned)));
        let amounts: Vec<Money> = standings.iter().filter_map(arr).collect();
        let worth = Worth::of(&amounts, &rates);
        let mut order: Vec<(f64, &str)> = standings
            .iter()
            .filter(|s| s.standing == Some(StandingState::AtRisk))
            .map(|s| (worth.share(arr(s).as_ref()), s.external_id))
            .collect();
        order.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        let expected: Vec<&str> = order.iter().take(20).map(|(_, key)| *key).collect();
        prop_assert_eq!(r.at_risk_accounts.iter().map(|named| named.external_id.as_str()).collect::<Vec<_>>(), expected);
        prop_assert!(r.advice.iter().all(|advice| advice.accounts.len() <= 5));
        prop_assert!(r.renewing.is_sorted_by_key(|named| named.renewal_on) && r.renewing.len() <= 20);
        // What has a rate is one sum; no amount gets lost, but for the rounding of each currency.
        let euros = |money: &Money| money.minor() as f64 * if rated && money.currency() == Some("USD") { 0.9 } else { 1.0 };
        let (before, after): (f64, f64) = (amounts.iter().map(euros).sum(), r.all.arr().iter().map(euros).sum());
        prop_assert!((before - after).abs() <= 1.0, "{} {}", before, after);
        prop_assert!(!rated || r.all.arr().iter().all(|sum| sum.currency() != Some("USD")));
    }
}
