//! What a story adds to the rhythm of a customer: single events on single days.

use chrono::TimeDelta;
use engagement::vocabulary::{InteractionKind as Kind, InteractionStatus as Status, Purpose};

use super::event::Event;
use super::people::{ANALYST, BACKUP, DAILY, SPONSOR};
use super::story::{HANDED_OVER, HISTORY, SIGNED, Story};

/// On how many days before the ending day (negative is ahead).
type Incident = (i64, Event);

/// Days between two newsletters, and since the latest. The latest is older than the last row of our colleague who left: a row
/// that is nobody's would say that somebody else has taken over.
const NEWSLETTER: (usize, i64) = (91, 44);

/// Everything that comes beside the rhythm of a customer with so many people, between two days counted backwards.
pub fn of(story: Story, people: usize, (first_day_ago, last_day_ago): (i64, i64)) -> Vec<Incident> {
    let mut incidents = of_story(story, people);
    // Whom nobody has ever talked to is in no list of ours.
    if story != Story::UsageOnly {
        let newsletter = || {
            let news = Event::ours(Kind::Email, Purpose::Tactical, (0..people).collect());
            Event {
                subject: Some(("Tidemark quarterly: what is new in the product", "product news")),
                bulk: true,
                ..news
            }
        };
        let days = (NEWSLETTER.1..=first_day_ago)
            .step_by(NEWSLETTER.0)
            .filter(|ago| *ago >= last_day_ago);
        incidents.extend(days.map(|ago| (ago, newsletter())));
    }
    incidents
}

fn meeting(purpose: Purpose, people: &[usize]) -> Event {
    Event::ours(Kind::Meeting, purpose, people.to_vec())
}

fn review(people: &[usize]) -> Event {
    Event::ours(Kind::Qbr, Purpose::Strategic, people.to_vec())
}

fn answered(person: usize, purpose: Purpose, hours: i64) -> Event {
    Event {
        answered_after: Some(TimeDelta::hours(hours)),
        ..Event::ours(Kind::Email, purpose, vec![person])
    }
}

fn of_story(story: Story, people: usize) -> Vec<Incident> {
    let each = |days: &[i64], event: Event| days.iter().map(|ago| (*ago, event.clone())).collect::<Vec<_>>();
    match story {
        Story::CanceledMeetings => each(
            &[36, 27, 19, 8],
            Event {
                status: Status::Canceled,
                ..meeting(Purpose::Tactical, &[DAILY, SPONSOR])
            },
        ),
        Story::MissedQbr => each(
            &[11],
            Event {
                status: Status::NoShow,
                ..review(&[SPONSOR, BACKUP, DAILY])
            },
        ),
        // The sponsor's own department takes over: more of its days than before.
        Story::DelegatingSponsor => (3..=84)
            .step_by(3)
            .map(|ago| (ago, meeting(Purpose::Tactical, &[DAILY, ANALYST])))
            .collect(),
        Story::ExecutiveTicket => {
            let subject = Some((
                "Ticket 48213: nightly export fails, please confirm access",
                "exports",
            ));
            each(
                &[9],
                Event {
                    subject,
                    ..Event::ours(Kind::Email, Purpose::Operational, vec![SPONSOR])
                },
            )
        }
        Story::Champion | Story::Healthy | Story::Steady | Story::MultiThreaded | Story::Improving => each(
            &[-21],
            Event {
                status: Status::Scheduled,
                ..review(&[SPONSOR, DAILY])
            },
        ),
        Story::Acquired => acquired(),
        // The one talk of each quiet season.
        Story::Seasonal => each(
            &[760, 395, 30],
            Event::ours(Kind::StrategicCheckIn, Purpose::Strategic, vec![SPONSOR, DAILY]),
        ),
        Story::OneBusyPerson => one_busy_person(),
        Story::PartnerServed => {
            let question = Event::theirs(Kind::Email, Purpose::Operational, DAILY);
            let start = Event {
                subject: Some(("Kick-off with the partner who serves them", "kick-off")),
                ..meeting(Purpose::Tactical, &[SPONSOR, DAILY])
            };
            [each(&[520], start), each(&[410, 265, 118, 31], question)].concat()
        }
        Story::SupportStorm => {
            // One a day, and every third day a second.
            let days = (1..=42).chain((1..=42).step_by(3));
            let subjects = [
                ("Ticket: import stops at row 40,000 again", "imports"),
                ("Ticket: approvals are sent twice", "workflows"),
                ("Ticket: dashboards do not load since the update", "dashboards"),
                ("Ticket: wrong totals in the month-end report", "reports"),
            ];
            let ticket = |(number, ago): (usize, i64)| {
                let person = DAILY + number % (people - DAILY);
                let subject = Some(subjects[number % subjects.len()]);
                (
                    ago,
                    Event {
                        subject,
                        ..Event::theirs(Kind::Email, Purpose::Operational, person)
                    },
                )
            };
            (0..).zip(days).map(ticket).collect()
        }
        Story::RarelyMet => rarely_met(),
        Story::Onboarding => {
            let kick_off = Event {
                subject: Some(("Kick-off: goals of the first year", "kick-off")),
                ..meeting(Purpose::Strategic, &[SPONSOR, BACKUP, DAILY])
            };
            let trainings = [39, 32, 25, 18]
                .into_iter()
                .zip([DAILY, DAILY + 1, DAILY + 2, DAILY]);
            let trainings = trainings
                .map(|(ago, person)| (ago, Event::ours(Kind::Training, Purpose::Tactical, vec![person])));
            each(&[SIGNED - 3], kick_off)
                .into_iter()
                .chain(trainings)
                .collect()
        }
        // Whoever stands behind the sponsor carries on.
        Story::ColdSuccessor => {
            let check_in = Event::ours(Kind::StrategicCheckIn, Purpose::Strategic, vec![BACKUP, DAILY]);
            each(&[HANDED_OVER - 7, 78, 48, 18], check_in)
        }
        Story::NoNames => {
            let call = Event {
                subject: Some(("Outgoing call", "telephone")),
                ..Event::ours(Kind::Call, Purpose::Tactical, Vec::new())
            };
            (1..=HISTORY).map(|ago| (ago, call.clone())).collect()
        }
        _ => Vec::new(),
    }
}

/// The sponsor writes kindly, and does not come.
fn acquired() -> Vec<Incident> {
    let invited = |subject, topic| Event {
        status: Status::Declined,
        subject: Some((subject, topic)),
        ..Event::ours(Kind::StrategicCheckIn, Purpose::Strategic, vec![SPONSOR])
    };
    vec![
        (
            80,
            invited(
                "Invitation: what the new owners want from the programme",
                "operating model",
            ),
        ),
        (
            70,
            Event {
                subject: Some(("Finding a time after the integration", "integration")),
                ..answered(SPONSOR, Purpose::Strategic, 20)
            },
        ),
        (51, invited("Invitation: roadmap under the new group", "roadmap")),
        (
            40,
            Event {
                subject: Some(("Plans for the coming year", "roadmap")),
                ..answered(SPONSOR, Purpose::Strategic, 26)
            },
        ),
        (19, invited("Invitation: renewal outlook", "renewal")),
        (
            12,
            Event {
                subject: Some(("A better week for you?", "calendar")),
                ..answered(SPONSOR, Purpose::Strategic, 22)
            },
        ),
    ]
}

/// The sponsor looks in once a month and two others now and then; all else is one person's.
fn one_busy_person() -> Vec<Incident> {
    let monthly = (8..HISTORY).step_by(29);
    let check_in = || Event::ours(Kind::StrategicCheckIn, Purpose::Strategic, vec![SPONSOR, DAILY]);
    let others = (22..HISTORY).step_by(61);
    let session = || meeting(Purpose::Tactical, &[DAILY, DAILY + 1, DAILY + 4]);
    monthly
        .map(|ago| (ago, check_in()))
        .chain(others.map(|ago| (ago, session())))
        .collect()
}

/// Twice a year, and a little between.
fn rarely_met() -> Vec<Incident> {
    let half_years = [0, 182, 364];
    let half_year = |ago: i64| {
        let call = Event::ours(Kind::Call, Purpose::Tactical, vec![DAILY]);
        [
            (ago + 52, review(&[SPONSOR, DAILY])),
            (ago + 18, call.clone()),
            (ago + 110, call),
            (ago + 50, answered(DAILY, Purpose::Tactical, 21)),
            (ago + 83, answered(SPONSOR, Purpose::Tactical, 40)),
            (ago + 150, answered(DAILY, Purpose::Tactical, 9)),
            (ago + 30, Event::theirs(Kind::Email, Purpose::Tactical, DAILY)),
        ]
    };
    half_years.into_iter().flat_map(half_year).collect()
}
