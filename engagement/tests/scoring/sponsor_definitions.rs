//! The definitions of docs/scoring.md § 7, and the numbers of § 9 that come from one account's rows, written down a second
//! time: sentence by sentence, as slowly as they read, sharing nothing with the crate but the rows. The properties compare
//! the two on accounts of any kind.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc, Weekday};
use rapport_engagement::row::{AccountRows, Departure, Interaction, Sponsorship};
use rapport_engagement::vocabulary::*;

/// A day in UTC that has ended.
#[derive(Clone, Copy)]
pub struct Day {
    pub ending_on: NaiveDate,
}

/// What the definitions say of one executive.
#[derive(Debug, PartialEq)]
pub struct Said {
    pub contact: u32,
    pub factors: [Option<f64>; 4],
    pub factor_score: i64,
    pub score: i64,
    pub level: EngagementLevel,
    pub last_contact_on: Option<NaiveDate>,
}

/// What they say of the account.
#[derive(Debug, PartialEq)]
pub struct SaidOfAccount {
    pub contact_days: usize,
    pub known_days: Option<i64>,
    pub qbrs_held: usize,
    pub qbrs_with_executive: usize,
    pub engaged_executives: usize,
    pub sponsor_engaged: bool,
    pub primary: Option<u32>,
    pub succession: RiskLevel,
}

pub fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_hms_opt(0, 0, 0).unwrap().and_utc()
}

/// Minutes between two instants that lie neither on a Saturday nor on a Sunday, day by day.
pub fn weekday_minutes(from: DateTime<Utc>, to: DateTime<Utc>) -> i64 {
    let mut minutes = 0;
    let mut day = from.date_naive();
    while midnight(day) < to {
        if !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
            minutes += (to.min(midnight(day + Days::new(1))) - from.max(midnight(day)))
                .num_minutes()
                .max(0);
        }
        day = day + Days::new(1);
    }
    minutes
}

impl Day {
    pub fn end(self) -> NaiveDate {
        self.ending_on + Days::new(1)
    }

    pub fn at(self) -> DateTime<Utc> {
        midnight(self.end())
    }

    pub fn months_back(self, months: u32) -> NaiveDate {
        self.end() - Months::new(months)
    }

    pub fn previous(self) -> Self {
        Self {
            ending_on: self.months_back(3) - Days::new(1),
        }
    }

    pub fn since(self, day: NaiveDate) -> i64 {
        (self.ending_on - day).num_days()
    }

    pub fn in_history(self, i: &Interaction) -> bool {
        i.occurred_at >= midnight(self.months_back(24))
            && i.occurred_at < self.at()
            && i.status != InteractionStatus::Scheduled
    }

    pub fn responded_at(self, i: &Interaction) -> Option<DateTime<Utc>> {
        i.responded_at.filter(|r| *r < self.at())
    }

    fn responded_by(self, i: &Interaction) -> Option<u32> {
        if i.responded_at.is_some_and(|r| r >= self.at()) {
            None
        } else {
            i.responded_by
        }
    }

    /// Of an interaction that is not SCHEDULED.
    pub fn nameless(self, i: &Interaction) -> bool {
        i.participants.is_empty()
            && self.responded_by(i).is_none()
            && i.from_contact.is_none()
            && self.responded_at(i).is_none()
    }

    pub fn held(self, i: &Interaction) -> bool {
        i.status == InteractionStatus::Completed
            && !self.nameless(i)
            && (i.participants.is_empty() || i.participants.iter().any(|p| present(i, p.contact)))
    }

    pub fn attended(self, i: &Interaction, contact: u32) -> bool {
        self.held(i) && present(i, contact)
    }

    fn message_out(self, i: &Interaction) -> bool {
        use InteractionStatus::{Completed, NoShow};
        i.direction == Direction::Outbound
            && !self.nameless(i)
            && ((i.kind == InteractionKind::Email && i.status == Completed)
                || (i.kind == InteractionKind::Call && (i.status == Completed || i.status == NoShow)))
    }

    pub fn answered(self, i: &Interaction) -> bool {
        self.message_out(i)
            && (self.responded_at(i).is_some() || (i.kind == InteractionKind::Call && self.held(i)))
    }

    pub fn outreach(self, i: &Interaction) -> bool {
        self.message_out(i) && !i.bulk && !is_support(i)
    }

    pub fn mature_outreach(self, i: &Interaction) -> bool {
        self.outreach(i) && weekday_minutes(i.occurred_at, self.at()) >= 72 * 60
    }

    /// The time of a two-way interaction.
    pub fn two_way(self, i: &Interaction) -> Option<DateTime<Utc>> {
        use InteractionKind::{Call, Email, ForumPost};
        if self.answered(i) {
            return Some(self.responded_at(i).unwrap_or(i.occurred_at));
        }
        let took_part = self.held(i)
            && (i.direction == Direction::Inbound || ![Email, Call, ForumPost].contains(&i.kind));
        took_part.then_some(i.occurred_at)
    }

    /// Who was in direct contact, and on which day.
    pub fn direct(self, i: &Interaction) -> Option<(NaiveDate, Vec<u32>)> {
        use InteractionKind::{Call, Email};
        let day = self.two_way(i)?.date_naive();
        let only: Vec<u32> = if i.participants.len() == 1 {
            vec![i.participants[0].contact]
        } else {
            vec![]
        };
        let everybody = || {
            let present = i
                .participants
                .iter()
                .map(|p| p.contact)
                .filter(|c| present(i, *c));
            present.chain(i.from_contact).collect::<Vec<u32>>()
        };
        let who = if self.answered(i) {
            match self.responded_by(i) {
                Some(by) => vec![by],
                None if i.kind == Call && self.held(i) => everybody(),
                None => only,
            }
        } else if i.direction == Direction::Inbound && [Email, Call].contains(&i.kind) {
            i.from_contact.map_or(only, |from| vec![from])
        } else {
            everybody()
        };
        Some((day, who))
    }

    /// The days of executive contact of a contact, in history.
    pub fn executive_contacts(self, rows: &AccountRows, me: u32) -> Vec<NaiveDate> {
        let history = rows
            .interactions
            .iter()
            .filter(|i| self.in_history(i) && is_executive_kind(i) && !is_support(i));
        history
            .filter_map(|i| self.direct(i))
            .filter(|(_, who)| who.contains(&me))
            .map(|(on, _)| on)
            .collect()
    }

    /// The meetings that count for SPONSOR_DECLINES.
    pub fn declined_meetings(self, rows: &AccountRows, me: u32) -> usize {
        let theirs = |i: &&Interaction| {
            self.in_history(i) && is_meeting(i) && i.participants.iter().any(|p| p.contact == me)
        };
        let last_attended = rows
            .interactions
            .iter()
            .filter(theirs)
            .filter(|i| self.attended(i, me))
            .map(|i| i.occurred_at)
            .max();
        let declined = |i: &&Interaction| {
            i.occurred_at >= midnight(self.months_back(12))
                && last_attended.is_none_or(|last| i.occurred_at > last)
                && match i.status {
                    InteractionStatus::Declined | InteractionStatus::NoShow => true,
                    InteractionStatus::Canceled => !i.rescheduled && i.canceled_by != Some(Party::Vendor),
                    InteractionStatus::Scheduled | InteractionStatus::Completed => false,
                }
        };
        rows.interactions.iter().filter(theirs).filter(declined).count()
    }
}

pub fn is_support(i: &Interaction) -> bool {
    i.purpose == Some(Purpose::Operational)
}

pub fn is_meeting(i: &Interaction) -> bool {
    use InteractionKind::{ExecutiveDinner, Meeting, Qbr, StrategicCheckIn};
    [Meeting, StrategicCheckIn, ExecutiveDinner, Qbr].contains(&i.kind)
}

fn is_advocacy(i: &Interaction) -> bool {
    use InteractionKind::{InternalAdvocacy, Reference, Referral};
    [Reference, Referral, InternalAdvocacy].contains(&i.kind)
}

fn is_executive_kind(i: &Interaction) -> bool {
    is_meeting(i) || is_advocacy(i) || [InteractionKind::Email, InteractionKind::Call].contains(&i.kind)
}

pub fn present(i: &Interaction, contact: u32) -> bool {
    let written = [InteractionKind::Email, InteractionKind::ForumPost].contains(&i.kind);
    i.participants
        .iter()
        .any(|p| p.contact == contact && (written || p.attendance != Attendance::Absent))
}

pub fn departed(rows: &AccountRows, contact: u32, day: NaiveDate) -> bool {
    let by_row = match rows.contacts[contact as usize].departure {
        Departure::None => false,
        Departure::Undated => true,
        Departure::On(left) => left <= day,
    };
    let observed = rows
        .changes
        .iter()
        .filter(|c| c.kind == OrgChangeKind::Departure && c.contact == Some(contact));
    let by_change = observed.filter(|c| c.observed_on <= day).any(|c| {
        let returned = |s: &&Sponsorship| s.contact == contact && s.since > c.observed_on && s.since <= day;
        rows.sponsorships.iter().filter(returned).count() == 0
    });
    by_row || by_change
}

fn active(rows: &AccountRows, s: &Sponsorship, day: NaiveDate) -> bool {
    s.since <= day && s.until.is_none_or(|until| until > day) && !departed(rows, s.contact, day)
}

/// Their first rank, and the latest beginning of it.
pub fn seat(rows: &AccountRows, contact: u32, day: NaiveDate) -> Option<(SponsorRank, NaiveDate)> {
    let of = |rank| {
        let held = rows
            .sponsorships
            .iter()
            .filter(|s| s.contact == contact && s.rank == rank && active(rows, s, day));
        held.map(|s| s.since).max().map(|since| (rank, since))
    };
    of(SponsorRank::Primary).or_else(|| of(SponsorRank::Backup))
}

fn executives(rows: &AccountRows, day: NaiveDate) -> Vec<u32> {
    let is = |contact: &u32| {
        let c = &rows.contacts[*contact as usize];
        !departed(rows, *contact, day)
            && (seat(rows, *contact, day).is_some()
                || matches!(c.seniority, Some(Seniority::CLevel | Seniority::Vp)))
    };
    (0..rows.contacts.len() as u32).filter(is).collect()
}

pub fn round(x: f64) -> i64 {
    (x + 0.5 + 1e-9).floor() as i64
}

pub fn cadence(rows: &AccountRows) -> f64 {
    match rows.account.tier {
        AccountTier::Enterprise => 12.0,
        AccountTier::MidMarket => 4.0,
        AccountTier::Smb => 2.0,
    }
}

/// What § 7 says of every executive, in the order of contacts.
pub fn of_executives(rows: &AccountRows, day: Day) -> Vec<Said> {
    executives(rows, day.ending_on)
        .into_iter()
        .map(|contact| of_executive(rows, contact, day))
        .collect()
}

fn of_executive(rows: &AccountRows, me: u32, day: Day) -> Said {
    let since = seat(rows, me, day.ending_on).map(|(_, since)| since);
    let start = since.map_or(day.months_back(12), |since| since.max(day.months_back(12)));
    let span: Vec<&Interaction> = rows
        .interactions
        .iter()
        .filter(|i| day.in_history(i) && i.occurred_at >= midnight(start))
        .collect();
    let count = |is: &dyn Fn(&Interaction) -> bool| span.iter().filter(|i| is(i)).count();

    let meetings = count(&|i| is_meeting(i) && day.attended(i, me));
    let required = since.map_or(cadence(rows), |since| {
        (cadence(rows) * (day.since(since) as f64 / 365.0).min(1.0)).max(1.0)
    });
    let credits: Vec<f64> = span
        .iter()
        .filter(|i| day.mature_outreach(i) && i.participants.iter().any(|p| p.contact == me))
        .filter_map(|i| {
            if !day.answered(i) {
                return Some(0.0);
            }
            let theirs = match day.responded_by(i) {
                Some(by) => by == me,
                None if i.kind == InteractionKind::Call && day.held(i) => present(i, me),
                None => i.participants.len() == 1,
            };
            let days = day
                .responded_at(i)
                .map_or(0.0, |r| (r - i.occurred_at).num_seconds() as f64 / 86_400.0);
            theirs.then(|| ((7.0 - days) / 6.0).clamp(0.0, 1.0))
        })
        .collect();
    let due = count(&|i| {
        i.kind == InteractionKind::Qbr
            && !day.nameless(i)
            && [
                InteractionStatus::Completed,
                InteractionStatus::NoShow,
                InteractionStatus::Declined,
            ]
            .contains(&i.status)
    });
    let qbrs = count(&|i| i.kind == InteractionKind::Qbr && day.attended(i, me));
    let advocacy = count(&|i| is_advocacy(i) && day.attended(i, me));
    let worth = |a: &Alignment| match a {
        Alignment::High => 1.0,
        Alignment::Medium => 0.5,
        Alignment::Low => 0.0,
    };
    let mean =
        |values: Vec<f64>| (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64);
    let contacts = day.executive_contacts(rows, me);
    let contact_days = contacts
        .iter()
        .filter(|on| **on >= start)
        .collect::<BTreeSet<_>>()
        .len();
    let factors = [
        Some(25.0 * (meetings as f64 / required).min(1.0)),
        if credits.len() < 3 {
            None
        } else {
            mean(credits).map(|m| 25.0 * m)
        },
        (due > 0).then(|| 25.0 * qbrs as f64 / due as f64),
        if contact_days == 0 {
            None
        } else {
            mean(rows.initiatives.iter().map(worth).collect()).map(|m| 25.0 * m)
        },
    ];
    let measured = factors.iter().flatten().count();
    let factor_score = round(100.0 * factors.iter().flatten().sum::<f64>() / (25.0 * measured as f64));

    let last = contacts.iter().max().copied();
    let interval = 365.0 / cadence(rows);
    let silent = last.max(since).map(|from| day.since(from) as f64);
    let recent = last.is_some_and(|on| day.since(on) as f64 <= 1.5 * interval);
    let enough = if since.is_some_and(|since| day.since(since) < 90) {
        1
    } else {
        2
    };
    let mut level = if last.is_none() && since.is_none_or(|since| day.since(since) < 30) {
        EngagementLevel::Unknown
    } else if silent.is_some_and(|d| d >= 3.0 * interval && d < 6.0 * interval) && delegates(rows, me, day) {
        EngagementLevel::Passive
    } else if silent.is_some_and(|d| d >= 3.0 * interval) {
        EngagementLevel::Disengaged
    } else if factor_score >= 80 && measured >= 3 && contact_days >= 2 && recent && qbrs > 0 && advocacy > 0 {
        EngagementLevel::Champion
    } else if factor_score >= 60 && measured >= enough && contact_days >= 2 && recent {
        EngagementLevel::Engaged
    } else {
        EngagementLevel::Passive
    };
    if is_engaged(level) && primary(rows, day) == Some(me) && day.declined_meetings(rows, me) >= 2 {
        level = EngagementLevel::Passive;
    }
    let cap = match level {
        EngagementLevel::Champion | EngagementLevel::Engaged => 100,
        EngagementLevel::Passive => 59,
        EngagementLevel::Disengaged => 39,
        EngagementLevel::Unknown => 0,
    };
    Said {
        contact: me,
        factors,
        factor_score,
        score: factor_score.min(cap),
        level,
        last_contact_on: last,
    }
}

pub fn is_engaged(level: EngagementLevel) -> bool {
    matches!(level, EngagementLevel::Champion | EngagementLevel::Engaged)
}

/// Of the active first sponsorships the one with the latest beginning, then the smallest external id.
pub fn primary(rows: &AccountRows, day: Day) -> Option<u32> {
    let first = rows
        .sponsorships
        .iter()
        .filter(|s| s.rank == SponsorRank::Primary && active(rows, s, day.ending_on));
    let id = |s: &Sponsorship| rows.contacts[s.contact as usize].external_id.clone();
    first
        .max_by(|a, b| a.since.cmp(&b.since).then_with(|| id(b).cmp(&id(a))))
        .map(|s| s.contact)
}

fn delegates(rows: &AccountRows, me: u32, day: Day) -> bool {
    let department = |c: u32| {
        let name = rows.contacts[c as usize]
            .department
            .as_deref()
            .unwrap_or("")
            .trim()
            .to_lowercase();
        (!name.is_empty()).then_some(name)
    };
    let Some(mine) = department(me) else { return false };
    let days = |day: Day| {
        let window = day.months_back(3)..=day.ending_on;
        let direct = rows
            .interactions
            .iter()
            .filter(|i| day.in_history(i) && !is_support(i))
            .filter_map(|i| day.direct(i));
        let others = |who: &[u32]| {
            who.iter()
                .any(|c| *c != me && department(*c).as_deref() == Some(mine.as_str()))
        };
        direct
            .filter(|(on, who)| window.contains(on) && others(who))
            .map(|(on, _)| on)
            .collect::<BTreeSet<_>>()
            .len()
    };
    let (now, before) = (days(day), days(day.previous()));
    now > before && now >= 2
}

/// What §§ 7 and 9 say of the account.
pub fn of_account(rows: &AccountRows, day: Day) -> SaidOfAccount {
    let said = of_executives(rows, day);
    let executive = |contact: u32| said.iter().any(|s| s.contact == contact);
    let facts: Vec<&Interaction> = rows.interactions.iter().filter(|i| day.in_history(i)).collect();
    let year = facts.iter().filter(|i| {
        i.occurred_at >= midnight(day.months_back(12)) && i.kind == InteractionKind::Qbr && day.held(i)
    });
    let with = |i: &Interaction| said.iter().any(|s| day.attended(i, s.contact));
    let days = |from: NaiveDate, executive_kinds: bool, who_counts: &dyn Fn(&[u32]) -> bool| {
        let kinds = facts
            .iter()
            .filter(|i| !is_support(i) && (!executive_kinds || is_executive_kind(i)));
        let direct = kinds
            .filter_map(|i| day.direct(i))
            .filter(|(on, who)| *on >= from && who_counts(who));
        direct.map(|(on, _)| on).collect::<BTreeSet<_>>().len()
    };
    let engaged = |contact: u32| days(day.months_back(3), false, &|who| who.contains(&contact)) > 0;
    let uses = rows
        .usage
        .iter()
        .map(|u| u.day)
        .chain(rows.first_usage_days.iter().copied());
    let uses = uses.filter(|on| *on >= day.months_back(24) && *on <= day.ending_on);
    let first = facts.iter().map(|i| i.occurred_at.date_naive()).chain(uses).min();

    let of_rank = |contact: u32, rank| {
        rows.sponsorships
            .iter()
            .any(|s| s.contact == contact && s.rank == rank && active(rows, s, day.ending_on))
    };
    let primary = primary(rows, day);
    let backups: Vec<&Said> = said
        .iter()
        .filter(|s| Some(s.contact) != primary && of_rank(s.contact, SponsorRank::Backup))
        .collect();
    let level = said.iter().find(|s| Some(s.contact) == primary).map(|s| s.level);
    let tenure = primary
        .and_then(|p| rows.contacts[p as usize].role_started_on)
        .filter(|start| *start <= day.ending_on);
    let short = tenure.is_some_and(|start| {
        start + Months::new(6) > day.ending_on && start > day.ending_on - Months::new(6)
    });
    let long = tenure.is_some_and(|start| start <= day.ending_on - Months::new(49));
    let succession = if primary.is_none() || backups.is_empty() || level == Some(EngagementLevel::Disengaged)
    {
        RiskLevel::High
    } else if !backups.iter().any(|s| is_engaged(s.level)) || short || long {
        RiskLevel::Medium
    } else {
        RiskLevel::Low
    };
    SaidOfAccount {
        contact_days: days(day.months_back(12), true, &|who| {
            who.iter().any(|c| executive(*c))
        }),
        known_days: first.map(|on| (day.since(on) + 1).min(365)),
        qbrs_held: year.clone().count(),
        qbrs_with_executive: year.filter(|i| with(i)).count(),
        engaged_executives: said.iter().filter(|s| engaged(s.contact)).count(),
        sponsor_engaged: said
            .iter()
            .any(|s| is_engaged(s.level) && seat(rows, s.contact, day.ending_on).is_some()),
        primary,
        succession,
    }
}
