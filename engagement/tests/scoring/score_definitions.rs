//! The scores of docs/scoring.md § 3 and the signals of § 5, written down a second time, sentence by sentence from the rows.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate, Utc};
use rapport_engagement::row::{AccountRows, Interaction};
use rapport_engagement::vocabulary::*;

use crate::sponsor_definitions::{
    Day, cadence, departed, is_meeting, is_support, midnight, primary, round, seat, weekday_minutes,
};
use crate::standing_definitions::points;

/// The report that ends on a day, of one month or of three.
#[derive(Clone, Copy)]
pub struct Report<'a> {
    pub rows: &'a AccountRows,
    pub day: Day,
    pub months: u32,
}

/// The features of every book: ten that are listed, then `login`, then one that is not listed.
const LISTED: u32 = 10;
const LOGIN: u32 = 10;

/// A dimension, its weight, and the components with theirs.
type Weighed = (Dimension, f64, &'static [(Component, f64)]);

const DIMENSIONS: [Weighed; 4] = [
    (Dimension::Frequency, 0.30, &[(Component::Activity, 1.0)]),
    (
        Dimension::Quality,
        0.35,
        &[
            (Component::ResponseRate, 0.35),
            (Component::ResponseTime, 0.20),
            (Component::MeetingParticipation, 0.30),
            (Component::StrategicShare, 0.15),
        ],
    ),
    (
        Dimension::Breadth,
        0.20,
        &[
            (Component::Stakeholders, 0.40),
            (Component::Departments, 0.30),
            (Component::Executives, 0.30),
        ],
    ),
    (
        Dimension::Product,
        0.15,
        &[(Component::FeatureAdoption, 0.60), (Component::PowerUsers, 0.40)],
    ),
];

/// What the definitions say of a score.
#[derive(Debug, Clone, PartialEq)]
pub struct SaidOfScore {
    pub components: Vec<(Component, Option<f64>)>,
    pub overall: Option<f64>,
    pub coverage: f64,
    pub provisional: bool,
    pub effective_people: Option<f64>,
    pub threads: (bool, bool),
}

impl<'a> Report<'a> {
    fn start(self) -> NaiveDate {
        self.day.months_back(self.months)
    }

    pub fn previous(self) -> Self {
        Self {
            day: Day {
                ending_on: self.start() - Days::new(1),
            },
            ..self
        }
    }

    fn days(self) -> i64 {
        (self.day.end() - self.start()).num_days()
    }

    fn facts(self) -> impl Iterator<Item = &'a Interaction> {
        self.rows
            .interactions
            .iter()
            .filter(move |i| self.day.in_history(i))
    }

    /// Facts that are not nameless and occurred in the window.
    fn of_window(self) -> impl Iterator<Item = &'a Interaction> {
        self.facts()
            .filter(move |i| !self.day.nameless(i) && i.occurred_at >= midnight(self.start()))
    }

    fn usage_in_history(self) -> impl Iterator<Item = NaiveDate> {
        let all = self
            .rows
            .usage
            .iter()
            .map(|u| u.day)
            .chain(self.rows.first_usage_days.iter().copied());
        all.filter(move |on| *on >= self.day.months_back(24) && *on <= self.day.ending_on)
    }

    fn first_fact(self) -> Option<NaiveDate> {
        self.facts()
            .map(|i| i.occurred_at.date_naive())
            .chain(self.usage_in_history())
            .min()
    }

    fn lived(self, days: i64) -> f64 {
        days.min(self.day.since(self.first_fact().unwrap()) + 1).max(30) as f64
    }

    fn span_start(self) -> NaiveDate {
        let c = match self.rows.account.tier {
            AccountTier::Enterprise => 31,
            AccountTier::MidMarket => 92,
            AccountTier::Smb => 183,
        };
        self.start().min(self.day.end() - Days::new(c))
    }

    /// Two-way interactions other than support whose time lies between a day and the end.
    fn engagement(self, from: NaiveDate) -> impl Iterator<Item = &'a Interaction> {
        self.facts()
            .filter(move |i| !is_support(i) && self.day.two_way(i).is_some_and(|time| time >= midnight(from)))
    }

    fn per_tier(self, values: [f64; 3]) -> f64 {
        match self.rows.account.tier {
            AccountTier::Enterprise => values[0],
            AccountTier::MidMarket => values[1],
            AccountTier::Smb => values[2],
        }
    }

    fn activity(self) -> f64 {
        let written =
            |i: &&Interaction| [InteractionKind::Email, InteractionKind::ForumPost].contains(&i.kind);
        let per_30 = |sum: f64| sum * 30.0 / self.lived((self.day.end() - self.span_start()).num_days());
        let sum = |only_written: bool| {
            let rows = self
                .engagement(self.span_start())
                .filter(|i| written(i) == only_written);
            per_30(rows.map(|i| points(i.kind)).sum::<f64>())
        };
        let benchmark = self.per_tier([60.0, 30.0, 4.0]);
        100.0 * ((sum(true).min(benchmark / 3.0) + sum(false)) / benchmark).min(1.0)
    }

    fn mature(self) -> Vec<&'a Interaction> {
        self.of_window().filter(|i| self.day.mature_outreach(i)).collect()
    }

    /// Weekday hours until the answer.
    fn hours(self, i: &Interaction) -> Option<f64> {
        let answered = self.day.answered(i);
        let hours = self
            .day
            .responded_at(i)
            .map_or(0.0, |r| weekday_minutes(i.occurred_at, r) as f64 / 60.0);
        answered.then_some(hours)
    }

    /// Each contact's days of direct contact in the span that was not support, and whether one was other than training and
    /// community.
    fn engaged(self) -> Vec<(u32, usize)> {
        use InteractionKind::{Certification, CommunityEvent, ForumPost, Training};
        let of = |contact: u32| {
            let direct = self
                .facts()
                .filter(|i| !is_support(i))
                .filter_map(|i| Some((i.kind, self.day.direct(i)?)));
            let theirs: Vec<_> = direct
                .filter(|(_, (on, who))| *on >= self.span_start() && who.contains(&contact))
                .collect();
            let whole = theirs
                .iter()
                .filter(|(kind, _)| ![Training, Certification, CommunityEvent, ForumPost].contains(kind));
            let days = whole.map(|(_, (on, _))| *on).collect::<BTreeSet<_>>().len();
            (!theirs.is_empty() && !departed(self.rows, contact, self.day.ending_on))
                .then_some((contact, days))
        };
        (0..self.rows.contacts.len() as u32).filter_map(of).collect()
    }

    fn component(self, component: Component) -> Option<f64> {
        let share = |value: f64, benchmark: f64| Some(100.0 * (value / benchmark).min(1.0));
        match component {
            Component::Activity => Some(self.activity()),
            Component::ResponseRate => {
                let mature = self.mature();
                let answered = mature.iter().filter(|i| self.day.answered(i)).count();
                if mature.len() < 3 {
                    None
                } else {
                    share(answered as f64, mature.len() as f64)
                }
            }
            Component::ResponseTime => {
                let mature = self.mature();
                let credit = |i: &&Interaction| {
                    self.hours(i)
                        .map_or(0.0, |hours| ((72.0 - hours) / 48.0).clamp(0.0, 1.0))
                };
                let sum: f64 = mature.iter().map(credit).sum();
                if mature.len() < 3 {
                    None
                } else {
                    share(sum, mature.len() as f64)
                }
            }
            Component::MeetingParticipation => {
                let due = self.of_window().filter(|i| {
                    is_meeting(i)
                        && match i.status {
                            InteractionStatus::Completed
                            | InteractionStatus::NoShow
                            | InteractionStatus::Declined => true,
                            InteractionStatus::Canceled => called_off(i),
                            InteractionStatus::Scheduled => false,
                        }
                });
                let due: Vec<&Interaction> = due.collect();
                let held = due.iter().filter(|i| self.day.held(i)).count();
                if due.len() < 2 {
                    None
                } else {
                    share(held as f64, due.len() as f64)
                }
            }
            Component::StrategicShare => {
                let eligible = self
                    .of_window()
                    .filter(|i| self.day.held(i) && (is_meeting(i) || i.kind == InteractionKind::Call));
                let purposes: Vec<Option<Purpose>> = eligible.map(|i| i.purpose).collect();
                let classified = purposes.iter().flatten().count();
                let strategic = purposes
                    .iter()
                    .flatten()
                    .filter(|p| **p == Purpose::Strategic)
                    .count();
                if classified < 3 || 2 * classified < purposes.len() {
                    None
                } else {
                    share(strategic as f64 / classified as f64, 0.40)
                }
            }
            Component::Stakeholders => {
                let weights = self
                    .engaged()
                    .iter()
                    .map(|(_, days)| if *days > 0 { 1.0 } else { 0.5 })
                    .sum::<f64>();
                share(weights, self.per_tier([8.0, 5.0, 2.0]))
            }
            Component::Departments => share(self.departments() as f64, self.per_tier([4.0, 3.0, 1.0])),
            Component::Executives => {
                let executive = |contact: u32| {
                    seat(self.rows, contact, self.day.ending_on).is_some()
                        || matches!(
                            self.rows.contacts[contact as usize].seniority,
                            Some(Seniority::CLevel | Seniority::Vp)
                        )
                };
                let count = self
                    .engaged()
                    .iter()
                    .filter(|(contact, days)| *days > 0 && executive(*contact))
                    .count();
                share(count as f64, self.per_tier([2.0, 1.0, 1.0]))
            }
            Component::FeatureAdoption => {
                let used: BTreeSet<u32> = self
                    .usage_of_window()
                    .map(|u| u.feature)
                    .filter(|f| *f < LISTED)
                    .collect();
                share(used.len() as f64, 0.6 * f64::from(LISTED))
            }
            Component::PowerUsers => {
                let usage: Vec<_> = self.usage_of_window().collect();
                if !usage.is_empty() && usage.iter().all(|u| u.contact.is_none()) {
                    return None;
                }
                let power = |contact: &u32| {
                    let theirs = usage.iter().filter(|u| u.contact == Some(*contact));
                    let days = theirs.clone().map(|u| u.day).collect::<BTreeSet<_>>().len() as f64;
                    let features = theirs
                        .map(|u| u.feature)
                        .filter(|f| *f != LOGIN)
                        .collect::<BTreeSet<_>>()
                        .len();
                    !departed(self.rows, *contact, self.day.ending_on)
                        && days * 30.0 / self.lived(self.days()) >= 12.0 - 1e-9
                        && features >= 5
                };
                let count = (0..self.rows.contacts.len() as u32).filter(power).count();
                share(count as f64, self.per_tier([5.0, 3.0, 1.0]))
            }
        }
    }

    fn departments(self) -> usize {
        let name = |contact: u32| {
            self.rows.contacts[contact as usize]
                .department
                .as_deref()
                .unwrap_or("")
                .trim()
                .to_lowercase()
        };
        let names = self
            .engaged()
            .iter()
            .filter(|(_, days)| *days > 0)
            .map(|(contact, _)| name(*contact))
            .collect::<BTreeSet<_>>();
        names.iter().filter(|name| !name.is_empty()).count()
    }

    fn usage_of_window(self) -> impl Iterator<Item = &'a rapport_engagement::row::Usage> {
        self.rows
            .usage
            .iter()
            .filter(move |u| u.day >= self.start() && u.day <= self.day.ending_on)
    }

    fn measurable(self, dimension: Dimension) -> bool {
        let met = if self.rows.account.served_by == ServedBy::Direct {
            self.facts().any(|i| self.day.two_way(i).is_some())
        } else {
            self.engagement(self.span_start()).next().is_some()
        };
        match dimension {
            Dimension::Frequency | Dimension::Quality => met,
            Dimension::Breadth => met && !self.rows.contacts.is_empty(),
            Dimension::Product => self.usage_in_history().next().is_some(),
        }
    }

    pub fn score(self) -> SaidOfScore {
        let (mut sum, mut weight, mut covered, mut components) = (0.0, 0.0, 0.0, vec![]);
        for (dimension, share, parts) in DIMENSIONS {
            let measurable = self.measurable(dimension);
            let scores: Vec<_> = parts
                .iter()
                .map(|(c, w)| (*c, *w, if measurable { self.component(*c) } else { None }))
                .collect();
            let inner: f64 = scores
                .iter()
                .filter(|(.., score)| score.is_some())
                .map(|(_, w, _)| w)
                .sum();
            let enough = inner >= 0.30 - 1e-9;
            if enough {
                sum += share
                    * scores
                        .iter()
                        .filter_map(|(_, w, score)| Some(w * (*score)?))
                        .sum::<f64>()
                    / inner;
                weight += share;
                covered += share * inner;
            }
            components.extend(
                scores
                    .into_iter()
                    .map(|(c, _, score)| (c, score.filter(|_| enough))),
            );
        }
        let engaged = self.engaged();
        let whole: Vec<f64> = engaged
            .iter()
            .filter(|(_, days)| *days > 0)
            .map(|(_, days)| *days as f64)
            .collect();
        let effective = whole.iter().sum::<f64>().powi(2) / whole.iter().map(|t| t * t).sum::<f64>();
        let many = (whole.len() >= 2 && self.departments() >= 2) || whole.len() >= 3;
        let new = self.first_fact().is_none_or(|first| self.day.since(first) < 30);
        SaidOfScore {
            components,
            overall: (weight > 0.0).then(|| sum / weight),
            coverage: 100.0 * covered,
            provisional: new || covered < 0.5 - 1e-9,
            effective_people: (!whole.is_empty()).then_some(effective),
            threads: (engaged.len() == 1, many && effective >= 2.0 - 1e-9),
        }
    }

    /// Usage days, and requests for support.
    fn usage_days_from(self, from: NaiveDate) -> f64 {
        let rows = self
            .rows
            .usage
            .iter()
            .filter(|u| u.day >= from && u.day <= self.day.ending_on);
        let key =
            |u: &rapport_engagement::row::Usage| (u.contact, u.contact.is_none().then_some(u.feature), u.day);
        rows.map(key).collect::<BTreeSet<_>>().len() as f64
    }

    fn requests_from(self, from: NaiveDate) -> f64 {
        let asked = self.facts().filter(|i| {
            is_support(i)
                && i.direction == Direction::Inbound
                && i.status == InteractionStatus::Completed
                && i.occurred_at >= midnight(from)
        });
        asked.count() as f64
    }

    fn per_30(self, volume: f64) -> f64 {
        volume * 30.0 / self.days() as f64
    }

    /// The median hours of three answers or more.
    fn median(self) -> Option<f64> {
        let outreach = self
            .of_window()
            .filter(|i| self.day.outreach(i) && self.day.responded_at(i).is_some());
        let mut hours: Vec<f64> = outreach.filter_map(|i| self.hours(i)).collect();
        hours.sort_by(f64::total_cmp);
        let n = hours.len();
        (n >= 3).then(|| f64::midpoint(hours[(n - 1) / 2], hours[n / 2]))
    }

    /// The signals; `season` says whether usage and points are as a year ago.
    pub fn signals(self, season: bool) -> Vec<(Signal, Severity)> {
        use Severity::{Critical, High, Medium};
        let (day, before) = (self.day, self.previous());
        let last_of = |is: &dyn Fn(&Interaction) -> bool| {
            self.facts()
                .filter(|i| day.held(i) && is(i))
                .map(|i| i.occurred_at)
                .max()
        };
        let after =
            |i: &Interaction, last: Option<DateTime<Utc>>| last.is_none_or(|last| i.occurred_at > last);
        Signal::ALL
            .iter()
            .filter_map(|signal| {
                let severity = match signal {
                    Signal::UnansweredOutreach => {
                        let last = self.facts().filter_map(|i| day.two_way(i)).max();
                        let silent = self
                            .facts()
                            .filter(|i| day.mature_outreach(i) && !day.answered(i) && after(i, last))
                            .count();
                        let severity = if last.is_none() {
                            Medium
                        } else if silent >= 6 {
                            Critical
                        } else {
                            High
                        };
                        (silent >= 3).then_some(severity)
                    }
                    Signal::CanceledMeetings => {
                        let last = last_of(&is_meeting);
                        let missed = |i: &Interaction| {
                            matches!(i.status, InteractionStatus::Declined | InteractionStatus::NoShow)
                                && i.kind != InteractionKind::Qbr
                        };
                        let rows = self
                            .of_window()
                            .filter(|i| is_meeting(i) && (called_off(i) || missed(i)) && after(i, last))
                            .count();
                        (rows >= 2).then_some(if rows >= 4 { High } else { Medium })
                    }
                    Signal::ResponseTimeDegrading => match (self.median(), before.median()) {
                        (Some(now), Some(then)) if now >= 72.0 && now >= 2.0 * then => {
                            Some(if then <= 24.0 { High } else { Medium })
                        }
                        _ => None,
                    },
                    Signal::QbrMissed => {
                        let last = last_of(&|i| i.kind == InteractionKind::Qbr);
                        let missed = |i: &&Interaction| {
                            i.kind == InteractionKind::Qbr
                                && matches!(i.status, InteractionStatus::Declined | InteractionStatus::NoShow)
                                && last.is_none_or(|last| last <= i.occurred_at)
                        };
                        self.of_window().any(|i| missed(&i)).then_some(High)
                    }
                    Signal::SponsorMissing => {
                        let direct = self.rows.account.served_by == ServedBy::Direct;
                        self.sponsor_missing()
                            .map(|severity| if direct { severity } else { Medium })
                    }
                    Signal::UsageAndEngagementDecline => {
                        let usage = |r: Self| r.per_30(r.usage_days_from(r.start()));
                        let engagement =
                            |r: Self| r.per_30(r.engagement(r.start()).map(|i| points(i.kind)).sum());
                        let down = |now: f64, then: f64| if then > 0.0 { 1.0 - now / then } else { -1.0 };
                        let both =
                            down(usage(self), usage(before)).min(down(engagement(self), engagement(before)));
                        let severity = if season {
                            Medium
                        } else if both >= 0.5 - 1e-9 {
                            Critical
                        } else {
                            High
                        };
                        (both >= 0.2 - 1e-9).then_some(severity)
                    }
                    Signal::SupportSurge => {
                        let (now, then) = (
                            self.per_30(self.requests_from(self.start())),
                            before.per_30(before.requests_from(before.start())),
                        );
                        let limit = 10.0_f64.max(1.5 * then);
                        let last_30 = day.end() - Days::new(30);
                        let using_less = self.usage_days_from(last_30)
                            < 0.8 * self.per_30(self.usage_days_from(self.start())) - 1e-9;
                        let running = self.requests_from(last_30) >= limit - 1e-9 || using_less;
                        let known = self.first_fact().is_some_and(|first| first < self.start());
                        let renewal = self
                            .rows
                            .account
                            .renewal_on
                            .map(|on| (on - day.ending_on).num_days());
                        let near = renewal.is_some_and(|days| (0..=180).contains(&days));
                        (now >= limit - 1e-9 && known && running).then_some(if near { High } else { Medium })
                    }
                };
                severity.map(|severity| (*signal, severity))
            })
            .collect()
    }

    fn sponsor_missing(self) -> Option<Severity> {
        let day = self.day;
        let any = (0..self.rows.contacts.len() as u32)
            .any(|contact| seat(self.rows, contact, day.ending_on).is_some());
        if !any {
            return Some(Severity::Critical);
        }
        let Some(primary) = primary(self.rows, day) else {
            return Some(Severity::High);
        };
        let (_, since) = seat(self.rows, primary, day.ending_on).unwrap();
        let last = day
            .executive_contacts(self.rows, primary)
            .into_iter()
            .max()
            .max(Some(since))
            .unwrap();
        (day.since(last) as f64 >= 2.0 * 365.0 / cadence(self.rows) - 1e-9).then_some(Severity::High)
    }

    /// Rounded points against the previous window.
    pub fn change(self) -> Option<i64> {
        Some(round(self.score().overall?) - round(self.previous().score().overall?))
    }
}

/// Called off by the customer without a new date.
fn called_off(i: &Interaction) -> bool {
    i.status == InteractionStatus::Canceled && !i.rescheduled && i.canceled_by != Some(Party::Vendor)
}
