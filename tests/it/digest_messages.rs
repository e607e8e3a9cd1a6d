//! Digests and mails of departures as they arrive: whole, and readable with three accounts and with three hundred.

use std::collections::HashMap;

use chrono::{NaiveDate, TimeDelta};
use engagement::alert::AlertRule;
use engagement::guardrail::sponsor_departure::{SuccessionPicture, Successor};
use engagement::id::{AccountId, AlertId, ContactId, MessageId};
use engagement::ledger::LedgerChange;
use engagement::money::Money;
use engagement::policy::Policy;
use engagement::portfolio::{CountedAccount, Keep, PortfolioTotals};
use engagement::report::digest::*;
use engagement::report::escalation::{DepartureFacts, DepartureNotice};
use engagement::schedule::digest::Week;
use engagement::standing::{Reason, Standing};
use engagement::vocabulary::*;
use service::mail::Content;
use uuid::Uuid;
use worker::mail::{Envelope, Rendered, Renderer, Sender, compose as compose_message, message_id};

use crate::mail_stage::{address, instant, links_of};

const TODAY: &str = "2026-06-15";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn today() -> NaiveDate {
    day(TODAY)
}

fn contact(n: u32) -> ContactId {
    ContactId::from(Uuid::from_u128(u128::from(n)))
}

/// A customer of whom there is nothing to tell.
fn customer(n: u32, name: &str, arr: i64, overall: i32, pattern: Pattern) -> AccountFacts {
    let id = AccountId::from(Uuid::from_u128(u128::from(n)));
    let label = AccountLabel {
        external_id: format!("C-{n:03}"),
        name: name.to_owned(),
        arr: Some(Money::new(arr * 100, Some("USD".to_owned()))),
        renewal_on: None,
    };
    let mut totals = PortfolioTotals::default();
    totals.add(
        &CountedAccount {
            account: id,
            external_id: &label.external_id,
            overall: Some(overall),
            change: Some(-3),
            pattern: Some(pattern),
            provisional: false,
            standing: None,
            signals: 0,
            arr_minor: Some(arr * 100),
            currency: Some("USD"),
            sponsor_engaged: overall >= 60,
            executive_contact_days: 6,
            known_days: Some(365),
            qbrs_held: 4,
            qbrs_with_executive: 3,
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
        overall: Some(overall),
        pattern: Some(pattern),
        standing: Some(Standing {
            state: StandingState::OnTrack,
            reasons: vec![],
        }),
        known: true,
        newly_at_risk: false,
        change: None,
        alerts: vec![],
        touches: vec![],
        gain: None,
        totals,
    }
}

fn alert(n: u32, rule: AlertRule, severity: Severity, days_ago: i64, message: &str) -> AlertFacts {
    AlertFacts {
        id: AlertId::from(Uuid::from_u128(u128::from(n))),
        rule,
        severity,
        message: message.to_owned(),
        opened_at: instant("2026-06-15T06:00:00Z") - TimeDelta::days(days_ago),
        baseline: false,
        acknowledged: false,
    }
}

fn touch(
    n: u32,
    rank: Option<SponsorRank>,
    level: EngagementLevel,
    in_days: i64,
    touchpoint: &'static str,
) -> TouchFacts {
    TouchFacts {
        contact: contact(n),
        rank,
        level,
        due_on: today() + TimeDelta::days(in_days),
        touchpoint,
    }
}

fn gain(action: &str, points: f64, reason: &str, how: &str) -> Gain {
    Gain {
        action: action.to_owned(),
        how: Some(how.to_owned()),
        reason: reason.to_owned(),
        points,
    }
}

fn reason(reason: StandingReason, on: &str, about: Option<u32>) -> Reason {
    Reason {
        reason,
        on: Some(day(on)),
        contact: about.map(contact),
        change: None,
        number: None,
        against: None,
        signals: vec![],
    }
}

fn moved(component: Component, change: f64) -> LedgerChange {
    LedgerChange {
        dimension: Dimension::Quality,
        component,
        before: Some(12.0),
        after: Some(12.0 + change),
        change,
    }
}

/// Three customers of one csm, with a week in which something of everything happened.
fn three() -> Vec<AccountFacts> {
    let mut harlan = customer(1, "Harlan & Voss", 1_250_000, 58, Pattern::LowEngaged);
    harlan.label.renewal_on = Some(today() + TimeDelta::days(41));
    harlan.change = Some(AccountChange {
        since: today() - TimeDelta::days(7),
        overall: Some((74, 58)),
        standing: None,
        pattern: Some((Pattern::ModeratelyEngaged, Pattern::LowEngaged)),
        moved: vec![
            moved(Component::ResponseRate, -9.8),
            moved(Component::MeetingParticipation, -4.1),
            moved(Component::Activity, 0.4),
        ],
    });
    harlan.alerts = vec![
        alert(
            11,
            AlertRule::EngagementFell,
            Severity::Critical,
            1,
            "The score fell from 74 to 58 (MODERATELY_ENGAGED to LOW_ENGAGED) since 2026-05-18, in 28 days. The renewal is in 41 days.",
        ),
        alert(
            12,
            AlertRule::BackupMissing,
            Severity::Medium,
            60,
            "There is no active backup sponsor.",
        ),
    ];
    harlan.touches = vec![
        touch(
            1,
            Some(SponsorRank::Primary),
            EngagementLevel::Passive,
            3,
            "Executive dinner",
        ),
        touch(2, None, EngagementLevel::Engaged, 12, "QBR"),
    ];
    harlan.standing = Some(Standing {
        state: StandingState::AtRisk,
        reasons: vec![
            Reason {
                number: Some(3.0),
                ..reason(StandingReason::SponsorDeclines, "2026-06-11", Some(1))
            },
            Reason {
                number: Some(58.0),
                against: Some(74.0),
                ..reason(StandingReason::Fell, "2026-05-18", None)
            },
        ],
    });
    harlan.newly_at_risk = true;
    harlan.gain = Some(gain(
        "Ask for response",
        6.3,
        "Quality is the weakest dimension, at 41 of 100.",
        "weekly, by e-mail, then phone",
    ));
    let mut nordwind = customer(2, "Nordwind <Logistik> GmbH", 310_000, 82, Pattern::HighlyEngaged);
    nordwind.change = Some(AccountChange {
        since: today() - TimeDelta::days(7),
        overall: Some((78, 82)),
        standing: None,
        pattern: Some((Pattern::ModeratelyEngaged, Pattern::HighlyEngaged)),
        moved: vec![
            moved(Component::Executives, 3.0),
            moved(Component::FeatureAdoption, 1.5),
        ],
    });
    nordwind.gain = Some(gain(
        "Ask for advocacy",
        1.2,
        "Overall 82 of 100 and 3 engaged executives: they can speak for us.",
        "once this quarter, by sponsor's call",
    ));
    let mut bolt = customer(3, "Bolt", 48_000, 66, Pattern::ModeratelyEngaged);
    bolt.label.renewal_on = Some(today() + TimeDelta::days(9));
    bolt.alerts = vec![AlertFacts {
        acknowledged: true,
        ..alert(
            31,
            AlertRule::Signal(Signal::UnansweredOutreach),
            Severity::High,
            20,
            "4 outreaches since 2026-05-11 are unanswered.",
        )
    }];
    bolt.touches = vec![touch(
        3,
        Some(SponsorRank::Backup),
        EngagementLevel::Disengaged,
        -20,
        "Business review",
    )];
    vec![harlan, nordwind, bolt]
}

/// Three hundred customers, each with everything.
fn many() -> Vec<AccountFacts> {
    (1..=300)
        .map(|n: u32| {
            let pattern = Pattern::ALL[n as usize % 4];
            let mut one = customer(
                n,
                &format!("Customer {n}"),
                i64::from(n) * 7_000,
                90 - 20 * (n as i32 % 4),
                pattern,
            );
            one.label.renewal_on = Some(today() + TimeDelta::days(i64::from(n) % 120));
            if n.is_multiple_of(3) {
                let overall = Some((70, 70 - 10 - n as i32 % 25));
                one.change = Some(AccountChange {
                    since: today() - TimeDelta::days(7),
                    overall,
                    standing: None,
                    pattern: None,
                    moved: vec![moved(Component::Activity, -7.5)],
                });
            }
            one.alerts = (0..n % 5)
                .map(|k| {
                    alert(
                        n * 10 + k,
                        AlertRule::ALL[(n + k) as usize % 17],
                        Severity::ALL[k as usize % 4],
                        i64::from(n % 30),
                        "Something is wrong, with the numbers that say so.",
                    )
                })
                .collect();
            one.touches = vec![touch(
                n,
                Some(SponsorRank::Primary),
                EngagementLevel::Engaged,
                i64::from(n % 40) - 10,
                "QBR",
            )];
            one.gain = Some(gain(
                "Multi thread",
                f64::from(n % 70) / 7.0 + 1.0,
                "Breadth is the weakest dimension, at 20 of 100.",
                "one new contact a month, by meeting through a known contact",
            ));
            if n.is_multiple_of(6) {
                let declines = Reason {
                    number: Some(4.0),
                    ..reason(StandingReason::SponsorDeclines, "2026-06-11", Some(n))
                };
                one.standing = Some(Standing {
                    state: StandingState::AtRisk,
                    reasons: vec![declines],
                });
                one.newly_at_risk = n.is_multiple_of(12);
            }
            one
        })
        .collect()
}

fn digest(reader: &str, accounts: &[AccountFacts], people: &[(&str, std::ops::Range<usize>)]) -> Digest {
    let named = |n: u32, name: &str, title: Option<&str>| {
        (
            contact(n),
            PersonName {
                name: name.to_owned(),
                title: title.map(str::to_owned),
            },
        )
    };
    let mut names: HashMap<ContactId, PersonName> = (1..=300)
        .map(|n| named(n, &format!("Executive {n}"), Some("COO")))
        .collect();
    names.extend([
        named(1, "Dana Whitfield", Some("COO")),
        named(2, "Ben Osei", Some("VP Operations")),
        named(3, "Ida Falk", None),
    ]);
    let accounts: Vec<&AccountFacts> = accounts.iter().collect();
    let people: Vec<PersonFacts<'_>> = people
        .iter()
        .map(|(name, range)| PersonFacts {
            name,
            accounts: accounts[range.clone()].to_vec(),
        })
        .collect();
    compose(&DigestFacts {
        reader,
        week: Week::of(today()),
        day: today(),
        zone: chrono_tz::Europe::Berlin,
        since: today() - TimeDelta::days(7),
        since_at: instant("2026-06-08T06:00:00Z"),
        accounts: &accounts,
        people: &people,
        names: &names,
        planned: &HashMap::from([(contact(2), day("2026-06-24"))]),
        policy: &Policy::default(),
    })
    .unwrap()
}

fn departure() -> DepartureNotice {
    let named = |n: u32, name: &str, title: &str| {
        (
            contact(n),
            PersonName {
                name: name.to_owned(),
                title: Some(title.to_owned()),
            },
        )
    };
    let names = HashMap::from([
        named(1, "Dana Whitfield", "COO"),
        named(2, "Ben Osei", "VP Operations"),
        named(3, "Eve Lindqvist", "CFO"),
        named(4, "Cho Min-jun", "CIO"),
    ]);
    let successor = |n, rank, level, last: Option<&str>| Successor {
        contact: contact(n),
        rank,
        level,
        score: 60,
        last_contact_on: last.map(day),
    };
    let picture = SuccessionPicture {
        departed: contact(1),
        rank: SponsorRank::Primary,
        left_on: day("2026-06-14"),
        sponsors: vec![successor(
            2,
            Some(SponsorRank::Backup),
            EngagementLevel::Engaged,
            Some("2026-05-28"),
        )],
        executives: vec![
            successor(3, None, EngagementLevel::Passive, Some("2026-03-02")),
            successor(4, None, EngagementLevel::Unknown, None),
        ],
        first: Some(contact(2)),
    };
    let left = Reason {
        reason: StandingReason::SponsorChanged,
        on: Some(day("2026-06-14")),
        contact: Some(contact(1)),
        change: Some(OrgChangeKind::Departure),
        number: Some(1.0),
        against: None,
        signals: vec![],
    };
    let standing = Standing {
        state: StandingState::AtRisk,
        reasons: vec![left],
    };
    DepartureNotice::new(&DepartureFacts {
        alert: AlertId::from(Uuid::from_u128(0x0197_7dde_8800_7000_8000_0000_0000_0009)),
        account: NamedAccount {
            id: AccountId::from(Uuid::from_u128(1)),
            external_id: "C-001".to_owned(),
            name: "Harlan & Voss".to_owned(),
        },
        picture: &picture,
        names: &names,
        source: Some(OrgChangeSource::Linkedin),
        recorded_by: None,
        summary: Some("New job at <Meridian>"),
        arr: Some(Money::new(125_000_000, Some("USD".to_owned()))),
        renewal_on: Some(day("2026-07-26")),
        standing: Some(&standing),
        overall: Some(58),
        pattern: Some(Pattern::LowEngaged),
        alerts: &[(
            Severity::Critical,
            "The score fell from 74 to 58 since 2026-05-18, in 28 days.".to_owned(),
        )],
        day: today(),
        told: vec![
            "Mia Torres".to_owned(),
            "Lou Ferris".to_owned(),
            "escalations@vendor.example".to_owned(),
        ],
    })
}

fn renderer() -> Renderer {
    Renderer::new(
        "https://rapport.example",
        Some("https://crm.example/accounts/{external_id}"),
    )
    .unwrap()
}

fn render(says: &Content) -> Rendered {
    renderer()
        .render(says, chrono_tz::Europe::Berlin, &links_of(says))
        .unwrap()
}

fn weekly(digest: Digest) -> Content {
    Content::WeeklyDigest(Box::new(digest))
}

/// Every mail that is worth a look.
fn samples() -> Vec<(&'static str, Content)> {
    let mut bare = departure();
    (bare.sponsors, bare.executives, bare.alerts) = (vec![], vec![], vec![]);
    let people = [("Ann Bell", 0..60), ("Bo Castle", 60..150), ("Cy Dunn", 150..300)];
    vec![
        ("three", weekly(digest("Mia Torres", &three(), &[]))),
        ("many", weekly(digest("Mia Torres", &many(), &[]))),
        ("manager", weekly(digest("Lou Ferris", &many(), &people))),
        ("departure", Content::SponsorDeparted(Box::new(departure()))),
        ("departure_bare", Content::SponsorDeparted(Box::new(bare))),
    ]
}

/// The whole message, as it would be sent.
fn whole(kind: MessageKind, says: &Content) -> String {
    let id = MessageId::from(Uuid::from_u128(0x0197_7dde_8800_7000_8000_0000_0000_0007));
    let from: Sender = "Rapport <rapport@vendor.example>".parse().unwrap();
    let message_id = message_id(id, None, from.domain());
    let to = address("mia@vendor.example");
    let unsubscribe = links_of(says).unsubscribe;
    let envelope = Envelope {
        id,
        kind,
        message_id: &message_id,
        from: &from,
        to: &to,
        to_name: Some("Mia Torres"),
        date: instant("2026-06-15T06:00:00Z"),
        unsubscribe_url: unsubscribe.as_deref(),
    };
    compose_message(render(says), &envelope)
        .unwrap()
        .replace("\r\n", "\n")
}

#[test]
fn the_digest_of_three_accounts_whole() {
    insta::assert_snapshot!(whole(MessageKind::WeeklyDigest, &samples()[0].1));
}

#[test]
fn the_mail_of_a_departure_whole() {
    insta::assert_snapshot!(whole(MessageKind::SponsorDeparted, &samples()[3].1));
}

#[test]
fn the_digest_of_three_hundred_accounts_and_the_managers_as_text() {
    for (name, says) in &samples()[1..3] {
        let rendered = render(says);
        insta::assert_snapshot!(*name, format!("{}\n\n{}", rendered.subject, rendered.text));
        // Lists of names and numbers are skimmed at some 400 words a minute; every number and sign counts as a word.
        // Where the reports are is looked up, not read.
        let read = rendered.text.split("\nREPORTS,").next().unwrap();
        let words = read
            .split_whitespace()
            .filter(|word| !word.starts_with('['))
            .count();
        assert!(
            words < 2 * 400 + if *name == "manager" { 75 } else { 0 },
            "{name}: {words} words"
        );
    }
}

#[test]
fn nothing_in_them_comes_from_outside_or_stays_unwritten() {
    for (name, says) in samples() {
        for (renderer, links) in [
            (renderer(), true),
            (Renderer::new("https://rapport.example", None).unwrap(), false),
        ] {
            let rendered = renderer
                .render(&says, chrono_tz::Tz::UTC, &links_of(&says))
                .unwrap();
            assert_eq!(
                rendered.html.contains("https://crm.example/accounts/C%2D"),
                links,
                "{name}"
            );
            let sources: Vec<_> = rendered
                .html
                .split("src=\"")
                .skip(1)
                .map(|rest| rest.split('"').next().unwrap())
                .collect();
            assert!(
                sources.iter().all(|source| source.starts_with("cid:")),
                "{name}: {sources:?}"
            );
            assert!(
                !rendered.html.contains("url(")
                    && !rendered.html.contains("<link")
                    && !rendered.html.contains("<script")
            );
            for part in [&rendered.subject, &rendered.text, &rendered.html] {
                assert!(
                    !part.contains("{{") && !part.contains("{%") && !part.contains("undefined"),
                    "{name}: {part}"
                );
            }
            assert!(!rendered.subject.contains('\n'));
            assert!(
                !rendered.text.contains("\n\n\n\n")
                    && !rendered
                        .text
                        .lines()
                        .any(|line| line != "-- " && line.ends_with(' ')),
                "{name}: {}",
                rendered.text
            );
        }
    }
    let html = render(&samples()[0].1).html;
    assert!(html.contains("Nordwind &lt;Logistik&gt; GmbH") && html.contains("Harlan &amp; Voss"));
    assert!(
        render(&samples()[3].1)
            .html
            .contains("New job at &lt;Meridian&gt;")
    );
}
