//! A small language to write down an account in a test. Days are of the year 2026 unless written out.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use rapport_engagement::evaluation::{Evaluation, evaluate};
use rapport_engagement::id::{AccountId, ContactId, InteractionId};
use rapport_engagement::measure::Collect;
use rapport_engagement::policy::Policy;
use rapport_engagement::row::{
    Account, AccountRows, BookedTouch, Catalogue, ConfirmedChange, Contact, Departure, Interaction,
    Participant, Sponsorship, Usage,
};
use rapport_engagement::score::ComponentScore;
use rapport_engagement::sponsor::{Executive, Sponsors, bus_factor, sponsors};
use rapport_engagement::standing::Standing;
use rapport_engagement::vocabulary::*;
use rapport_engagement::windows::Windows;
use uuid::Uuid;

/// The last day of the window in most tests: the third quarter of 2026, 92 days.
pub const ENDING_ON: &str = "2026-09-30";

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn at(text: &str) -> DateTime<Utc> {
    let text = if text.contains('T') {
        format!("{text}:00Z")
    } else {
        format!("{text}T09:00:00Z")
    };
    text.parse().unwrap()
}

/// An account under construction.
#[derive(Debug)]
pub struct Book {
    pub rows: AccountRows,
    pub catalogue: Catalogue,
    pub policy: Policy,
    pub zone: Tz,
    names: HashMap<String, u32>,
}

/// An interaction under construction.
pub struct Row<'a> {
    book: &'a mut Book,
    place: usize,
}

impl Book {
    pub fn new(tier: AccountTier) -> Self {
        let account = Account {
            id: AccountId::from(Uuid::from_u128(1)),
            tier,
            status: AccountStatus::Active,
            churned_on: None,
            served_by: ServedBy::Direct,
            renewal_on: None,
            arr: None,
        };
        let rows = AccountRows {
            account,
            contacts: vec![],
            sponsorships: vec![],
            interactions: vec![],
            usage: vec![],
            first_usage_days: vec![],
            initiatives: vec![],
            changes: vec![],
            booked: vec![],
            year_ago_usage: None,
            other_year_ago_usage: None,
            contact_feed_silent: false,
        };
        let catalogue = Catalogue::new((1..=10).map(|n| format!("feature_{n}")));
        Self {
            rows,
            catalogue,
            policy: Policy::default(),
            zone: Tz::UTC,
            names: HashMap::new(),
        }
    }

    /// A mid-market account.
    pub fn mid_market() -> Self {
        Self::new(AccountTier::MidMarket)
    }

    pub fn contact(&mut self, name: &str, department: &str, seniority: Option<Seniority>) -> &mut Self {
        let place = self.rows.contacts.len() as u32;
        self.names.insert(name.to_owned(), place);
        self.rows.contacts.push(Contact {
            id: ContactId::from(Uuid::from_u128(1000 + u128::from(place))),
            external_id: name.to_owned(),
            department: Some(department.to_owned()).filter(|d| !d.is_empty()),
            seniority,
            role_started_on: None,
            departure: Departure::None,
        });
        self
    }

    pub fn departed(&mut self, name: &str, departure: Departure) -> &mut Self {
        let place = self.place(name);
        self.rows.contacts[place as usize].departure = departure;
        self
    }

    pub fn sponsor(&mut self, name: &str, rank: SponsorRank, since: &str, until: Option<&str>) -> &mut Self {
        let contact = self.place(name);
        self.rows.sponsorships.push(Sponsorship {
            contact,
            since: day(since),
            until: until.map(day),
            rank,
        });
        self
    }

    pub fn role_since(&mut self, name: &str, since: &str) {
        let place = self.place(name);
        self.rows.contacts[place as usize].role_started_on = Some(day(since));
    }

    /// An organisational change that somebody confirmed, about a contact or about nobody.
    pub fn change(&mut self, kind: OrgChangeKind, observed: &str, who: Option<&str>) -> &mut Self {
        let contact = who.map(|name| self.place(name));
        self.rows.changes.push(ConfirmedChange {
            kind,
            observed_on: day(observed),
            contact,
        });
        self
    }

    pub fn renews(&mut self, on: &str) -> &mut Self {
        self.rows.account.renewal_on = Some(day(on));
        self
    }

    pub fn served_by(&mut self, served_by: ServedBy) -> &mut Self {
        self.rows.account.served_by = served_by;
        self
    }

    /// A touch that lies ahead.
    pub fn booked(&mut self, on: &str, who: &str) -> &mut Self {
        let contact = self.place(who);
        self.rows.booked.push(BookedTouch {
            on: day(on),
            contact,
            kind: InteractionKind::Meeting,
        });
        self
    }

    /// Notes the last day with usage of any account: the feed of usage is alive.
    pub fn usage_feed(&mut self, last: &str) -> &mut Self {
        self.catalogue = self.catalogue.clone().with_last_usage(Some(day(last)));
        self
    }

    pub fn place(&self, name: &str) -> u32 {
        *self
            .names
            .get(name)
            .unwrap_or_else(|| panic!("no contact {name}"))
    }

    pub fn interaction(
        &mut self,
        kind: InteractionKind,
        direction: Direction,
        status: InteractionStatus,
        when: &str,
    ) -> Row<'_> {
        let place = self.rows.interactions.len();
        self.rows.interactions.push(Interaction {
            id: InteractionId::from(Uuid::from_u128(5000 + place as u128)),
            kind,
            direction,
            status,
            purpose: None,
            occurred_at: at(when),
            responded_at: None,
            responded_by: None,
            from_contact: None,
            rescheduled: false,
            canceled_by: None,
            bulk: false,
            participants: vec![],
        });
        Row { book: self, place }
    }

    /// An e-mail of ours.
    pub fn mail(&mut self, when: &str) -> Row<'_> {
        self.interaction(
            InteractionKind::Email,
            Direction::Outbound,
            InteractionStatus::Completed,
            when,
        )
    }

    /// A held meeting.
    pub fn meeting(&mut self, when: &str, names: &[&str]) -> Row<'_> {
        let mut row = self.interaction(
            InteractionKind::Meeting,
            Direction::Outbound,
            InteractionStatus::Completed,
            when,
        );
        for name in names {
            row = row.with(name);
        }
        row
    }

    /// A meeting that the customer called off.
    pub fn canceled(&mut self, when: &str) -> Row<'_> {
        self.interaction(
            InteractionKind::Meeting,
            Direction::Outbound,
            InteractionStatus::Canceled,
            when,
        )
    }

    pub fn uses(&mut self, who: Option<&str>, feature: &str, when: &str) -> &mut Self {
        self.uses_for(who, feature, when, 1)
    }

    /// Use on a number of days in a row.
    pub fn uses_for(&mut self, who: Option<&str>, feature: &str, from: &str, days: i64) -> &mut Self {
        let contact = who.map(|name| self.place(name));
        let feature = self.catalogue.index_of(feature);
        for offset in 0..days {
            self.rows.usage.push(Usage {
                contact,
                feature,
                day: day(from) + TimeDelta::days(offset),
                count: 2,
            });
        }
        self
    }

    pub fn evaluate(&self) -> Evaluation {
        self.evaluate_on(ENDING_ON)
    }

    /// The quarter that ended on a day of the past.
    pub fn evaluate_on(&self, ending_on: &str) -> Evaluation {
        self.evaluate_in(&Windows::new(
            day(ending_on),
            at("2030-01-01"),
            self.zone,
            Period::Quarterly,
        ))
    }

    pub fn evaluate_in(&self, windows: &Windows) -> Evaluation {
        evaluate(
            &self.rows,
            &self.catalogue,
            &self.policy,
            windows,
            Collect::Evidence,
        )
    }

    pub fn sponsors(&self) -> Sponsors {
        self.sponsors_on(ENDING_ON)
    }

    pub fn sponsors_on(&self, ending_on: &str) -> Sponsors {
        sponsors(
            &self.rows,
            &self.policy,
            &Windows::new(day(ending_on), at("2030-01-01"), self.zone, Period::Quarterly),
        )
    }

    /// The standing of one executive.
    pub fn executive(&self, name: &str) -> Executive {
        self.sponsors()
            .executives
            .into_iter()
            .find(|executive| executive.contact == self.place(name))
            .unwrap()
    }

    /// Who would be missed: name, score without them, change, executive level without them.
    pub fn bus_factor(&self) -> Vec<(&str, Option<i32>, Option<i32>, EngagementLevel)> {
        let windows = Windows::new(day(ENDING_ON), at("2030-01-01"), self.zone, Period::Quarterly);
        let name = |contact: u32| self.rows.contacts[contact as usize].external_id.as_str();
        bus_factor(&self.rows, &self.catalogue, &self.policy, &windows)
            .iter()
            .map(|l| (name(l.contact), l.overall_without, l.change, l.level_without))
            .collect()
    }

    /// The standing of a customer.
    pub fn standing(&self) -> Standing {
        self.evaluate().standing.unwrap()
    }

    /// Its conclusion.
    pub fn state(&self) -> StandingState {
        self.standing().state
    }

    /// Its reasons, in order.
    pub fn reasons(&self) -> Vec<StandingReason> {
        self.standing()
            .reasons
            .iter()
            .map(|reason| reason.reason)
            .collect()
    }

    /// One component of the evaluation.
    pub fn component(&self, component: Component) -> ComponentScore {
        component_of(&self.evaluate(), component)
    }

    /// The names of the signals that are raised, with their severities.
    pub fn signals(&self) -> Vec<(Signal, Severity)> {
        self.evaluate()
            .signals
            .iter()
            .map(|s| (s.signal, s.severity))
            .collect()
    }
}

pub fn component_of(evaluation: &Evaluation, component: Component) -> ComponentScore {
    evaluation
        .assessment
        .ledger()
        .find(|(_, c)| c.component == component)
        .map(|(_, c)| c.clone())
        .unwrap()
}

impl Row<'_> {
    fn edit(self, change: impl FnOnce(&mut Interaction)) -> Self {
        change(&mut self.book.rows.interactions[self.place]);
        self
    }

    pub fn with(self, name: &str) -> Self {
        self.attendance(name, Attendance::Unknown)
    }

    pub fn without(self, name: &str) -> Self {
        self.attendance(name, Attendance::Absent)
    }

    fn attendance(self, name: &str, attendance: Attendance) -> Self {
        let contact = self.book.place(name);
        self.edit(|i| i.participants.push(Participant { contact, attendance }))
    }

    /// Answered after some hours.
    pub fn answered(self, hours: i64) -> Self {
        self.edit(|i| i.responded_at = Some(i.occurred_at + TimeDelta::hours(hours)))
    }

    pub fn by(self, name: &str) -> Self {
        let contact = self.book.place(name);
        self.edit(|i| i.responded_by = Some(contact))
    }

    pub fn from(self, name: &str) -> Self {
        let contact = self.book.place(name);
        self.edit(|i| i.from_contact = Some(contact))
    }

    pub fn purpose(self, purpose: Purpose) -> Self {
        self.edit(|i| i.purpose = Some(purpose))
    }

    /// A newsletter or a campaign.
    pub fn bulk(self) -> Self {
        self.edit(|i| i.bulk = true)
    }

    pub fn canceled_by(self, party: Party) -> Self {
        self.edit(|i| i.canceled_by = Some(party))
    }

    pub fn rescheduled(self) -> Self {
        self.edit(|i| i.rescheduled = true)
    }
}

/// Equal to nine digits.
#[track_caller]
pub fn close(actual: Option<f64>, expected: f64) {
    let actual = actual.expect("measured");
    assert!((actual - expected).abs() < 1e-9, "{actual} instead of {expected}");
}
