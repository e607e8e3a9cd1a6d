//! Interactions of one customer, day by day: what their rhythm makes happen. What their story adds is [`super::incident`]'s.
//!
//! Shares are spread evenly (each event adds its share, and what spills over one happens), so that a rhythm shows in
//! every quarter and not only in the long run.

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc, Weekday};
use engagement::vocabulary::{
    AccountTier, Direction, InteractionKind as Kind, InteractionStatus as Status, Purpose,
};

use super::company::Company;
use super::conversation;
use super::event::Event;
use super::incident;
use super::people::{BACKUP, DAILY, Person, SPONSOR};
use super::rhythm::Rhythm;
use super::row::{Row, RowWriter, list};
use super::story::{Phase, Story};

/// What a large customer does in 30 days of a good year.
const RATES: [(Kind, f64); 13] = [
    (Kind::Email, 8.0),
    (Kind::Call, 3.5),
    (Kind::Meeting, 3.0),
    (Kind::StrategicCheckIn, 0.9),
    (Kind::ExecutiveDinner, 0.15),
    (Kind::Qbr, 0.34),
    (Kind::Training, 0.5),
    (Kind::Certification, 0.2),
    (Kind::ForumPost, 2.0),
    (Kind::CommunityEvent, 0.4),
    (Kind::Reference, 0.2),
    (Kind::Referral, 0.1),
    (Kind::InternalAdvocacy, 0.2),
];
/// E-mails that they start, likewise.
const INBOUND: f64 = 5.0;

/// How much less a smaller customer does.
fn scale(tier: AccountTier) -> f64 {
    match tier {
        AccountTier::Enterprise => 1.0,
        AccountTier::MidMarket => 0.5,
        AccountTier::Smb => 0.22,
    }
}

/// Spreads a share evenly over events.
#[derive(Debug)]
struct Share(f64);

impl Share {
    fn next(&mut self, share: f64) -> bool {
        self.0 += share;
        let happens = self.0 >= 1.0;
        if happens {
            self.0 -= 1.0;
        }
        happens
    }
}

/// What writing one customer's history takes along.
#[derive(Debug)]
pub struct Historian<'a> {
    company: &'a Company,
    account: &'a str,
    owner: &'a str,
    people: &'a [Person],
    ending_on: NaiveDate,
    random: fastrand::Rng,
    answered: Share,
    held: Share,
    strategic: Share,
    next_person: usize,
    rows: Vec<Row>,
}

impl<'a> Historian<'a> {
    /// Nothing written yet.
    pub fn new(
        company: &'a Company,
        (account, owner): (&'a str, &'a str),
        people: &'a [Person],
        ending_on: NaiveDate,
        mut random: fastrand::Rng,
    ) -> Self {
        let mut share = || Share(random.f64());
        let (answered, held, strategic) = (share(), share(), share());
        Self {
            company,
            account,
            owner,
            people,
            ending_on,
            random,
            answered,
            held,
            strategic,
            next_person: 0,
            rows: Vec::new(),
        }
    }

    /// All interactions, oldest first, from the day the story begins to `last_day_ago`.
    pub fn write(mut self, phases: &[Phase], last_day_ago: i64) -> Vec<Row> {
        let mut due: Vec<f64> = RATES.iter().map(|_| self.random.f64()).collect();
        let mut inbound = self.random.f64();
        let first_day_ago = phases.first().map_or(0, |(from, _)| *from);
        for ago in (last_day_ago..=first_day_ago).rev() {
            let (Some(rhythm), Some(day)) = (Story::rhythm(phases, ago), self.day(ago)) else {
                continue;
            };
            if matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
                continue;
            }
            // Five of seven days: the rates are of all days.
            let step = scale(self.company.tier) * 7.0 / 5.0 / 30.0;
            for (place, (kind, rate)) in RATES.iter().enumerate() {
                let more = match kind {
                    Kind::Email => rate * step * rhythm.outreach,
                    Kind::Meeting | Kind::StrategicCheckIn | Kind::ExecutiveDinner => {
                        rate * step * rhythm.meetings
                    }
                    // A business review a quarter, whatever the size; where nobody meets any more, none is set up.
                    Kind::Qbr if rhythm.meetings > 0.0 => rate * 7.0 / 5.0 / 30.0,
                    Kind::Qbr => 0.0,
                    _ => rate * step * rhythm.two_way,
                };
                due[place] += more;
                // Nobody is as regular as a clock; and where the rhythm has none, what was nearly due does not come.
                if more > 0.0 && due[place] >= self.random.f64() * 0.6 + 0.7 {
                    due[place] -= 1.0;
                    self.happen(*kind, day, &rhythm);
                }
            }
            inbound += INBOUND * step * rhythm.two_way;
            if rhythm.two_way > 0.0 && inbound >= self.random.f64() * 0.6 + 0.7 {
                inbound -= 1.0;
                self.receive(day, &rhythm);
            }
        }
        for (ago, event) in incident::of(
            self.company.story,
            self.people.len(),
            (first_day_ago, last_day_ago),
        ) {
            self.add(ago, event);
        }
        self.rows
    }

    fn day(&self, ago: i64) -> Option<NaiveDate> {
        self.ending_on.checked_sub_days(Days::new(ago.unsigned_abs()))
    }

    /// A time of their working day.
    fn hour(&mut self, day: NaiveDate) -> DateTime<Utc> {
        let minutes = i64::from(self.company.region.morning()) * 60 + self.random.i64(0..16) * 30;
        // Nothing of a day falls on another one, whatever the zone's morning.
        day.and_hms_opt(0, 0, 0).unwrap_or_default().and_utc() + TimeDelta::minutes(minutes.min(23 * 60))
    }

    /// The next person of those who take part.
    fn turn(&mut self, rhythm: &Rhythm) -> usize {
        let working = self.people.len() - DAILY;
        let circle = ((working as f64) * rhythm.circle).round().max(1.0) as usize;
        self.next_person += 1;
        DAILY + self.next_person % circle
    }

    /// Who comes to a meeting: whoever works with us every day, and the next of the others.
    fn company_of(&mut self, rhythm: &Rhythm) -> Vec<usize> {
        let mut people = vec![DAILY, self.turn(rhythm), self.turn(rhythm)];
        people.sort_unstable();
        people.dedup();
        people
    }

    /// Who comes when direction is the subject.
    fn leaders(rhythm: &Rhythm) -> Vec<usize> {
        if rhythm.executives {
            vec![SPONSOR, BACKUP, DAILY]
        } else {
            vec![DAILY]
        }
    }

    fn happen(&mut self, kind: Kind, day: NaiveDate, rhythm: &Rhythm) {
        let at = self.hour(day);
        match kind {
            Kind::Email => self.reach_out(at, rhythm),
            Kind::Call => self.call(at, rhythm),
            Kind::Meeting | Kind::StrategicCheckIn | Kind::ExecutiveDinner | Kind::Qbr => {
                self.meet(kind, at, rhythm);
            }
            _ => {
                let (people, purpose) = match kind {
                    Kind::Reference | Kind::Referral | Kind::InternalAdvocacy => (
                        if rhythm.executives {
                            vec![SPONSOR]
                        } else {
                            vec![DAILY]
                        },
                        Purpose::Strategic,
                    ),
                    _ => (vec![self.turn(rhythm)], Purpose::Tactical),
                };
                let event = match people.as_slice() {
                    [person] if kind != Kind::Training => Event::theirs(kind, purpose, *person),
                    _ => Event::ours(kind, purpose, people),
                };
                self.record(at, event);
            }
        }
    }

    fn reach_out(&mut self, at: DateTime<Utc>, rhythm: &Rhythm) {
        // Every sixth mail goes to the top, where the top takes part.
        let person = if rhythm.executives && self.random.u8(..6) == 0 {
            SPONSOR
        } else {
            self.turn(rhythm)
        };
        let answered = self.answered.next(rhythm.answered);
        let (from, to) = rhythm.hours;
        let hours = from + (to - from) * self.random.f64();
        let answered_after = answered.then(|| TimeDelta::minutes((hours * 60.0) as i64));
        let purpose = if person == SPONSOR {
            Purpose::Strategic
        } else {
            self.everyday()
        };
        self.record(
            at,
            Event {
                answered_after,
                ..Event::ours(Kind::Email, purpose, vec![person])
            },
        );
    }

    fn receive(&mut self, day: NaiveDate, rhythm: &Rhythm) {
        let at = self.hour(day);
        let person = self.turn(rhythm);
        let purpose = self.everyday();
        self.record(at, Event::theirs(Kind::Email, purpose, person));
    }

    fn call(&mut self, at: DateTime<Utc>, rhythm: &Rhythm) {
        let person = self.turn(rhythm);
        let theirs = self.random.u8(..3) == 0;
        let reached = theirs || self.answered.next(rhythm.answered);
        let purpose = self.purpose(rhythm);
        if theirs {
            self.record(at, Event::theirs(Kind::Call, purpose, person));
        } else {
            // Only a mailbox, where nobody was reached.
            let status = if reached {
                Status::Completed
            } else {
                Status::NoShow
            };
            self.record(
                at,
                Event {
                    status,
                    ..Event::ours(Kind::Call, purpose, vec![person])
                },
            );
        }
    }

    fn meet(&mut self, kind: Kind, at: DateTime<Utc>, rhythm: &Rhythm) {
        let (people, purpose) = if kind == Kind::Meeting {
            (self.company_of(rhythm), self.purpose(rhythm))
        } else {
            (
                Self::leaders(rhythm),
                if rhythm.strategic > 0.0 {
                    Purpose::Strategic
                } else {
                    Purpose::Tactical
                },
            )
        };
        let status = if self.held.next(rhythm.held) {
            Status::Completed
        } else {
            [Status::Canceled, Status::NoShow, Status::Declined][self.random.usize(..3)]
        };
        let direction = if self.random.u8(..5) == 0 {
            Direction::Inbound
        } else {
            Direction::Outbound
        };
        let from = (direction == Direction::Inbound).then_some(DAILY);
        self.record(
            at,
            Event {
                direction,
                status,
                from,
                ..Event::ours(kind, purpose, people)
            },
        );
    }

    /// What an everyday mail is for.
    fn everyday(&mut self) -> Purpose {
        if self.random.u8(..3) == 0 {
            Purpose::Operational
        } else {
            Purpose::Tactical
        }
    }

    fn purpose(&mut self, rhythm: &Rhythm) -> Purpose {
        if self.strategic.next(rhythm.strategic) {
            Purpose::Strategic
        } else {
            Purpose::Tactical
        }
    }

    /// Adds an event on a day (counted backwards; negative is ahead); what falls on a weekend was on the Friday before.
    fn add(&mut self, ago: i64, event: Event) {
        let day = self.ending_on - TimeDelta::days(ago);
        let weekend = i64::from(day.weekday().num_days_from_monday()) - 4;
        let at = self.hour(day - TimeDelta::days(weekend.max(0)));
        self.record(at, event);
    }

    fn record(&mut self, at: DateTime<Utc>, event: Event) {
        let Event {
            kind,
            direction,
            status,
            purpose,
            people,
            answered_after,
            from,
            subject,
            bulk,
        } = event;
        let quarter = format!("Q{} {}", at.month0() / 3 + 1, at.year());
        let (text, topic) = conversation::subject(kind, purpose, &quarter, &mut self.random);
        let (text, topic) = subject.map_or((text, topic), |(text, topic)| (text.to_owned(), topic));
        let outcome = if status == Status::Completed {
            conversation::outcome(kind, purpose, &mut self.random)
        } else {
            None
        };
        // The ending day is over; an answer of tomorrow has not come.
        let answered_at = answered_after
            .map(|after| at + after)
            .filter(|at| at.date_naive() <= self.ending_on);
        let keys: Vec<&str> = people
            .iter()
            .filter_map(|place| self.people.get(*place))
            .map(|person| person.key.as_str())
            .collect();
        let responder = people
            .first()
            .and_then(|place| self.people.get(*place))
            .map(|person| person.key.as_str());
        let row = RowWriter::default()
            .field("account_external_id", self.account)
            .field("external_id", format!("i-{:05}", self.rows.len() + 1))
            .field("kind", kind)
            .field("direction", direction)
            .field("status", status)
            .field("purpose", purpose)
            .field("occurred_at", at.format("%Y-%m-%dT%H:%M:%SZ"))
            .maybe(
                "responded_at",
                answered_at.map(|at| at.format("%Y-%m-%dT%H:%M:%SZ")),
            )
            .maybe("responded_by", answered_at.and(responder))
            .maybe(
                "from_contact",
                from.and_then(|place| self.people.get(place))
                    .map(|person| person.key.as_str()),
            )
            .maybe("canceled_by", (status == Status::Canceled).then_some("customer"))
            .field("subject", text)
            .field("topics", topic)
            .maybe("outcome", outcome)
            .maybe("owner_email", (!bulk).then_some(self.owner))
            .maybe("bulk", bulk.then_some(true))
            .maybe("participants", (!keys.is_empty()).then(|| list(keys)))
            .done();
        self.rows.push(row);
    }
}
