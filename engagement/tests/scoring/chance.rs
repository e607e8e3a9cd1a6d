//! Accounts of chance for the properties: any rows, and stories laid over them, so that what is rare occurs.

use chrono::TimeDelta;
use proptest::prelude::*;
use rapport_engagement::row::{ConfirmedChange, Departure, Interaction, Sponsorship};
use rapport_engagement::vocabulary::*;

use crate::account::{Book, ENDING_ON, at, day};
use crate::properties::book;

/// The cadence interval of an account, in days.
pub fn interval(b: &Book) -> f64 {
    b.policy.cadence_interval(b.rows.account.tier)
}

fn sponsorship() -> impl Strategy<Value = Sponsorship> {
    let span = (0_i64..800, prop::option::of(1_i64..800));
    (0_u32..6, prop::sample::select(SponsorRank::ALL), span).prop_map(|(contact, rank, (ago, days))| {
        let since = day("2026-10-05") - TimeDelta::days(ago);
        Sponsorship {
            contact,
            since,
            until: days.map(|days| since + TimeDelta::days(days)),
            rank,
        }
    })
}

/// What is laid over an account of chance, so that rare standings are not rare.
#[derive(Debug, Clone)]
enum Story {
    Chance,
    /// Meets us in so many of the last months, in business reviews every so often, and speaks for us.
    Faithful {
        contact: u32,
        months: u32,
        qbr_every: u32,
        advocacy: u32,
    },
    /// Silent for so many tenths of cadence intervals, while a colleague was met on days so long ago.
    Silent {
        contact: u32,
        tenths: i64,
        colleague_met: Vec<i64>,
    },
    /// Met and used every few days for more than a year: a score that is known. Then something of it changes.
    Steady {
        sponsor: u32,
        turn: Turn,
    },
    /// A few of each: calls of theirs, meetings, e-mails of ours.
    Sparse {
        calls: i64,
        meetings: i64,
        mails: i64,
    },
    /// Nobody is met, the product is used.
    Unmet {
        days: i64,
        days_before: i64,
    },
}

/// What changes in an account that was going well.
#[derive(Debug, Clone)]
enum Turn {
    /// Nothing.
    None,
    /// Since so many days only one in so many meetings and days of use is left.
    Fades { days: i64, one_in: usize },
    /// The same every year.
    Season { one_in: usize },
    /// They ask for support so often in the last days.
    Storm { requests: i64 },
    /// The sponsor declines, and what was due with others is missed, too.
    Declines { meetings: u32, silence: bool },
    /// One person is left who talks to us.
    Narrows,
    /// Answers of this quarter take so many hours.
    Slows { hours: i64 },
}

fn story() -> impl Strategy<Value = Story> {
    let turn = prop_oneof![
        1 => Just(Turn::None),
        1 => (20_i64..120, 2_usize..20).prop_map(|(days, one_in)| Turn::Fades { days, one_in }),
        1 => (2_usize..6).prop_map(|one_in| Turn::Season { one_in }),
        1 => (5_i64..80).prop_map(|requests| Turn::Storm { requests }),
        1 => (1_u32..6, any::<bool>()).prop_map(|(meetings, silence)| Turn::Declines { meetings, silence }),
        1 => Just(Turn::Narrows),
        1 => (20_i64..400).prop_map(|hours| Turn::Slows { hours }),
    ];
    prop_oneof![
        4 => (0_u32..6, turn).prop_map(|(sponsor, turn)| Story::Steady { sponsor, turn }),
        1 => (2_i64..6, 0_i64..3, 0_i64..4)
            .prop_map(|(calls, meetings, mails)| Story::Sparse { calls, meetings, mails }),
        1 => (0_i64..92, 0_i64..91).prop_map(|(days, days_before)| Story::Unmet { days, days_before }),
        2 => Just(Story::Chance),
        1 => (0_u32..6, 0_u32..14, 1_u32..6, 0_u32..3)
            .prop_map(|(contact, months, qbr_every, advocacy)| Story::Faithful { contact, months, qbr_every, advocacy }),
        1 => (0_u32..6, 5_i64..70, prop::collection::vec(0_i64..190, 0..7))
            .prop_map(|(contact, tenths, colleague_met)| Story::Silent { contact, tenths, colleague_met }),
    ]
}

impl Story {
    fn lay_over(self, b: &mut Book) {
        let ago = |days: i64| (day(ENDING_ON) - TimeDelta::days(days)).to_string();
        match self {
            Self::Chance => {}
            Self::Faithful {
                contact,
                months,
                qbr_every,
                advocacy,
            } => {
                let name = format!("c{contact}");
                b.sponsor(&name, SponsorRank::Primary, &ago(700), None);
                for month in 0..months {
                    let kind = if month % qbr_every == 0 {
                        InteractionKind::Qbr
                    } else {
                        InteractionKind::Meeting
                    };
                    let when = ago(i64::from(month) * 30 + 5);
                    b.interaction(kind, Direction::Outbound, InteractionStatus::Completed, &when)
                        .with(&name);
                }
                for n in 0..advocacy {
                    let when = ago(i64::from(n) * 100 + 10);
                    b.interaction(
                        InteractionKind::Reference,
                        Direction::Inbound,
                        InteractionStatus::Completed,
                        &when,
                    )
                    .with(&name);
                }
            }
            Self::Silent {
                contact,
                tenths,
                colleague_met,
            } => {
                let name = format!("c{contact}");
                // Every third contact is of the same department.
                let colleague = format!("c{}", (contact + 3) % 6);
                b.sponsor(&name, SponsorRank::Primary, &ago(800), None);
                let days = (interval(b) * tenths as f64 / 10.0) as i64;
                let silent_since = at("2026-10-01T00:00") - TimeDelta::days(days);
                let names = |i: &Interaction| {
                    i.participants.iter().any(|p| p.contact == contact)
                        || [i.responded_by, i.from_contact].contains(&Some(contact))
                };
                b.rows
                    .interactions
                    .retain(|i| i.occurred_at < silent_since || !names(i));
                b.meeting(&ago(days), &[&name]);
                for days in colleague_met {
                    b.meeting(&ago(days), &[&colleague]);
                }
            }
            Self::Steady { sponsor, turn } => {
                steady(b, sponsor, &turn);
            }
            Self::Sparse {
                calls,
                meetings,
                mails,
            } => {
                b.rows.interactions.clear();
                for n in 0..calls {
                    b.interaction(
                        InteractionKind::Call,
                        Direction::Inbound,
                        InteractionStatus::Completed,
                        &ago(5 + n),
                    )
                    .from("c0")
                    .purpose(Purpose::Strategic);
                }
                for n in 0..meetings {
                    b.meeting(&ago(15 + n), &["c1"]);
                }
                for n in 0..mails {
                    b.mail(&ago(25 + n)).with("c2");
                }
            }
            Self::Unmet { days, days_before } => {
                b.rows.interactions.clear();
                b.rows.usage.clear();
                for n in 1..=7 {
                    let feature = format!("feature_{n}");
                    b.uses_for(Some("c1"), &feature, "2026-07-01", days).uses_for(
                        Some("c1"),
                        &feature,
                        "2026-04-01",
                        days_before,
                    );
                }
                b.served_by(ServedBy::Pooled);
            }
        }
    }
}

/// An account that has been going well for 600 days, and what became of it.
fn steady(b: &mut Book, sponsor: u32, turn: &Turn) {
    let ago = |days: i64| (day(ENDING_ON) - TimeDelta::days(days)).to_string();
    for contact in &mut b.rows.contacts {
        contact.departure = Departure::None;
    }
    b.rows.interactions.clear();
    b.rows.usage.clear();
    let name = format!("c{sponsor}");
    b.sponsor(&name, SponsorRank::Primary, &ago(900), None);
    let left = |n: usize, days: i64| match *turn {
        Turn::Fades { days: since, one_in } => days >= since || n.is_multiple_of(one_in),
        Turn::Season { one_in } => days % 365 >= 92 || n.is_multiple_of(one_in),
        Turn::None | Turn::Storm { .. } | Turn::Declines { .. } | Turn::Narrows | Turn::Slows { .. } => true,
    };
    let mut year_ago = [0, 0];
    for (n, days) in (0..600_i64).step_by(3).enumerate() {
        if !left(n, days) {
            continue;
        }
        let who = if matches!(turn, Turn::Narrows) && days < 92 && n % 20 != 0 {
            0
        } else {
            n % 6
        };
        let purpose = if n % 2 == 0 {
            Purpose::Strategic
        } else {
            Purpose::Tactical
        };
        b.meeting(&ago(days + 1), &[&format!("c{who}")]).purpose(purpose);
        if n % 6 == sponsor as usize {
            let hours = match turn {
                Turn::Slows { hours } if days < 90 => *hours,
                _ => 20,
            };
            b.mail(&ago(days + 2)).with(&name).answered(hours).by(&name);
        }
        // Days of use are rows of this window and the previous one only.
        if days < 183 {
            for feature in 1..=6 {
                b.uses(Some("c1"), &format!("feature_{feature}"), &ago(days))
                    .uses(Some("c2"), "feature_7", &ago(days));
            }
        } else if (365..549).contains(&days) {
            year_ago[usize::from(days >= 457)] += 2;
        }
    }
    b.rows.year_ago_usage = Some(year_ago);
    match *turn {
        Turn::Storm { requests } => {
            for n in 0..requests {
                b.interaction(
                    InteractionKind::Email,
                    Direction::Inbound,
                    InteractionStatus::Completed,
                    &ago(n % 45),
                )
                .purpose(Purpose::Operational);
            }
        }
        Turn::Declines { meetings, silence } => {
            b.rows.interactions.retain(|i| {
                i.occurred_at < at("2026-09-01") || i.participants.iter().all(|p| p.contact != sponsor)
            });
            if silence {
                b.rows.interactions.retain(|i| i.occurred_at < at("2026-09-01"));
                for n in 0..4 {
                    b.mail(&ago(20 - n)).with(&name);
                }
            }
            for n in 0..meetings {
                let kind = if n % 2 == 0 {
                    InteractionKind::Meeting
                } else {
                    InteractionKind::Qbr
                };
                b.interaction(
                    kind,
                    Direction::Outbound,
                    InteractionStatus::Declined,
                    &ago(i64::from(n) + 1),
                )
                .with(&name);
            }
        }
        Turn::None | Turn::Fades { .. } | Turn::Season { .. } | Turn::Narrows | Turn::Slows { .. } => {}
    }
}

fn change() -> impl Strategy<Value = ConfirmedChange> {
    let about = prop::option::weighted(0.8, 0_u32..6);
    (prop::sample::select(OrgChangeKind::ALL), 0_i64..400, about).prop_map(|(kind, ago, contact)| {
        ConfirmedChange {
            kind,
            observed_on: day("2026-10-05") - TimeDelta::days(ago),
            contact,
        }
    })
}

/// Any account, with sponsors in all states, organisational changes, renewals, and whoever serves it.
pub fn sponsored() -> impl Strategy<Value = Book> {
    let departure = prop_oneof![
        8 => Just(Departure::None),
        1 => Just(Departure::Undated),
        1 => (0_i64..400).prop_map(|ago| Departure::On(day("2026-10-03") - TimeDelta::days(ago))),
    ];
    let people = (
        prop::collection::vec(departure, 6),
        prop::collection::vec(prop::option::of(0_i64..2000), 6),
    );
    let initiatives = prop::collection::vec(prop::sample::select(Alignment::ALL), 0..5);
    let changes = prop_oneof![2 => Just(vec![]), 1 => prop::collection::vec(change(), 1..4)];
    let account = (
        prop_oneof![4 => Just(ServedBy::Direct), 1 => Just(ServedBy::Partner), 1 => Just(ServedBy::Pooled)],
        prop::option::of(-60_i64..400),
        prop_oneof![8 => Just(None), 1 => (-30_i64..30).prop_map(Some)],
        prop::bool::weighted(0.1),
        (
            prop::option::of(0_i64..14),
            prop::option::of((0_u32..100, 0_u32..100)),
        ),
    );
    (
        book(),
        prop::collection::vec(sponsorship(), 0..6),
        people,
        (initiatives, changes),
        account,
        story(),
    )
        .prop_map(
            |(mut b, sponsorships, (departures, roles), (initiatives, changes), account, story)| {
                let (served_by, renewal, churned, silent, (usage_feed, year_ago)) = account;
                let in_days = |days: i64| day(ENDING_ON) + TimeDelta::days(days);
                b.rows.changes = changes;
                b.rows.account.renewal_on = renewal.map(in_days);
                b.rows.account.churned_on = churned.map(in_days);
                b.rows.contact_feed_silent = silent;
                b.rows.year_ago_usage = year_ago.map(|(now, before)| [now, before]);
                b.served_by(served_by);
                if let Some(days) = usage_feed {
                    b.usage_feed(&in_days(-days).to_string());
                }
                b.rows.sponsorships = sponsorships;
                for (contact, (departure, role)) in
                    b.rows.contacts.iter_mut().zip(departures.into_iter().zip(roles))
                {
                    contact.departure = departure;
                    contact.role_started_on = role.map(|ago| day("2026-10-05") - TimeDelta::days(ago));
                }
                b.rows.initiatives = initiatives;
                story.lay_over(&mut b);
                b
            },
        )
}
