//! What lies ahead: interactions and outreach that are planned, the next touch that each executive's cadence asks for
//! where none is planned, and the renewal. What we propose falls on working days, with at most one first contact a week.
//! Nobody who has left is in it.

use std::collections::HashSet;

use chrono::{Datelike, Days, IsoWeek, NaiveDate, Weekday};

use super::context::{PlannedOutreach, Scheduled};
use super::introduction::Introductions;
use super::sources::Sources;
use crate::markdown::{capital, count, number};
use crate::measure::{Reading, is_present};
use crate::policy::Policy;
use crate::row::windows::Windows;
use crate::row::{AccountRows, ContactIndex, Interaction};
use crate::sponsor::{Executive, Touchpoint};
use crate::vocabulary::InteractionKind;
use crate::vocabulary::id::ContactId;

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarEntry {
    /// The day; of an overdue touch the day of the report, or the next working day.
    pub on: NaiveDate,
    pub event: String,
    /// Names: theirs first, then ours.
    pub attendees: Vec<String>,
    /// What for.
    pub objective: String,
}

/// Everything ahead, by day; on one day what is planned comes first.
pub(super) fn lay_out(sources: &Sources<'_>) -> Vec<CalendarEntry> {
    let Sources { context, windows, .. } = sources;
    let scheduled = context
        .scheduled
        .iter()
        .filter(|one| one.at >= windows.at)
        .filter_map(|one| meeting(sources, one));
    let planned = context
        .planned
        .iter()
        .filter(|one| one.at >= windows.at)
        .filter_map(|one| outreach(sources, one));
    let mut entries: Vec<CalendarEntry> = scheduled.chain(planned).collect();
    entries.sort_by(|a, b| {
        a.on.cmp(&b.on)
            .then_with(|| a.event.cmp(&b.event))
            .then_with(|| a.attendees.cmp(&b.attendees))
    });
    entries.extend(touches(sources));
    entries.extend(
        context
            .contract
            .renewal_on
            .filter(|day| *day >= windows.ending_on)
            .map(|on| renewal(sources, on)),
    );
    // A stable sort: within a day the order above stays.
    entries.sort_by_key(|entry| entry.on);
    entries
}

/// A meeting with those of its people who are still there; nothing where all of them have left.
fn meeting(sources: &Sources<'_>, one: &Scheduled) -> Option<CalendarEntry> {
    let there: Vec<ContactId> = one
        .contacts
        .iter()
        .copied()
        .filter(|contact| sources.is_there(*contact))
        .collect();
    if there.is_empty() && !one.contacts.is_empty() {
        return None;
    }
    let attendees = there
        .into_iter()
        .map(|contact| sources.people.name_of(contact).to_owned())
        .chain(one.owner.clone());
    let subject = one
        .subject
        .as_deref()
        .map(str::trim)
        .filter(|subject| !subject.is_empty());
    let purpose = || {
        one.purpose.map_or_else(
            || "Not recorded".to_owned(),
            |purpose| capital(purpose.in_words()),
        )
    };
    let objective = subject.map_or_else(purpose, str::to_owned);
    Some(CalendarEntry {
        on: sources.windows.day_of(one.at),
        event: capital(one.kind.in_words()),
        attendees: attendees.collect(),
        objective,
    })
}

fn outreach(sources: &Sources<'_>, one: &PlannedOutreach) -> Option<CalendarEntry> {
    if !sources.is_there(one.contact) {
        return None;
    }
    let attendees =
        std::iter::once(sources.people.name_of(one.contact).to_owned()).chain(one.planned_by.clone());
    Some(CalendarEntry {
        on: sources.windows.day_of(one.at),
        event: format!("{} (planned outreach)", capital(one.kind.in_words())),
        attendees: attendees.collect(),
        objective: format!("{}: {}", capital(one.purpose.in_words()), one.subject),
    })
}

/// The renewal. One at a weekend stands on the working day before, and says which day it is.
fn renewal(sources: &Sources<'_>, day: NaiveDate) -> CalendarEntry {
    let primary = sources
        .sponsors
        .primary()
        .map(|primary| sources.people.name(primary.contact).to_owned());
    let worth = sources
        .context
        .contract
        .arr
        .as_deref()
        .map_or_else(String::new, |arr| format!(" of {arr} a year"));
    let days = count(
        u32::try_from(-sources.windows.days_since(day)).unwrap_or(0),
        "day",
    );
    let on = working_day(day, sources.windows.ending_on);
    let event = if on == day {
        "Renewal".to_owned()
    } else {
        format!("Renewal on {}", day.format("%A %Y-%m-%d"))
    };
    CalendarEntry {
        on,
        event,
        attendees: primary.into_iter().collect(),
        objective: format!("Renew the contract{worth}, in {days}"),
    }
}

/// The touches that the cadence asks for, unless one is planned until then; first contacts in different weeks.
fn touches(sources: &Sources<'_>) -> Vec<CalendarEntry> {
    let Sources {
        windows, sponsors, ..
    } = sources;
    let today = windows.ending_on;
    let (met, mut unmet): (Vec<&Executive>, Vec<&Executive>) = sponsors
        .executives
        .iter()
        .partition(|e| e.last_contact_on.is_some());
    let mut entries: Vec<CalendarEntry> = met
        .into_iter()
        .filter_map(|executive| next_touch(sources, executive))
        .collect();
    if unmet.is_empty() {
        return entries;
    }
    // Nobody counts for somebody without seat and contact: the first touch is due now.
    let due = |executive: &Executive| executive.silence.due_on.unwrap_or(today).max(today);
    unmet.sort_by_key(|executive| due(executive));
    let planned = |executive: &Executive| {
        sources
            .people
            .id(executive.contact)
            .and_then(|contact| planned_on(sources, contact))
    };
    let mut taken: HashSet<IsoWeek> = unmet
        .iter()
        .filter_map(|executive| planned(executive))
        .map(|day| day.iso_week())
        .collect();
    let introductions = Introductions::new(sources);
    for executive in unmet.into_iter().filter(|executive| planned(executive).is_none()) {
        let mut on = working_day(due(executive), today);
        while !taken.insert(on.iso_week()) {
            let Some(later) = on.checked_add_days(Days::new(7)) else {
                break;
            };
            on = later;
        }
        entries.push(first_contact(sources, &introductions, executive, on));
    }
    entries
}

fn first_contact(
    sources: &Sources<'_>,
    introductions: &Introductions<'_>,
    executive: &Executive,
    on: NaiveDate,
) -> CalendarEntry {
    let people = &sources.people;
    let how = match introductions.to(executive.contact) {
        Some(known) => format!(
            "{} can introduce us, {}",
            people.name(known.contact),
            known.reason
        ),
        None => "nobody is known who could introduce us".to_owned(),
    };
    CalendarEntry {
        on,
        event: next_touchpoint(sources.rows, sources.policy, sources.windows, executive.contact).to_owned(),
        attendees: vec![people.name(executive.contact).to_owned()],
        objective: format!("First contact; {how}"),
    }
}

fn next_touch(sources: &Sources<'_>, executive: &Executive) -> Option<CalendarEntry> {
    let today = sources.windows.ending_on;
    let (last, due) = (executive.last_contact_on?, executive.silence.due_on?);
    let on = working_day(due.max(today), today);
    let contact = sources.people.id(executive.contact)?;
    if planned_on(sources, contact).is_some_and(|planned| planned <= due.max(on)) {
        return None;
    }
    let year = number(Some(sources.sponsors.cadence.per_year));
    let objective = if due < today {
        format!("Overdue, it was due on {due}: the last contact was on {last}, the cadence is {year} a year")
    } else {
        format!("Keep the cadence of {year} a year: the last contact was on {last}")
    };
    Some(CalendarEntry {
        on,
        event: next_touchpoint(sources.rows, sources.policy, sources.windows, executive.contact).to_owned(),
        attendees: vec![sources.people.name(executive.contact).to_owned()],
        objective,
    })
}

/// A day that is neither Saturday nor Sunday: the day itself, else the Friday before it, or the Monday after it where that
/// Friday is past.
fn working_day(day: NaiveDate, today: NaiveDate) -> NaiveDate {
    let (back, on) = match day.weekday() {
        Weekday::Sat => (1, 2),
        Weekday::Sun => (2, 1),
        _ => return day,
    };
    let friday = day
        .checked_sub_days(Days::new(back))
        .filter(|friday| *friday >= today);
    friday
        .or_else(|| day.checked_add_days(Days::new(on)))
        .unwrap_or(day)
}

/// The first day for which a touch with a contact is planned.
fn planned_on(sources: &Sources<'_>, contact: ContactId) -> Option<NaiveDate> {
    let Sources { context, windows, .. } = sources;
    let meetings = context
        .scheduled
        .iter()
        .filter(|one| one.kind.is_executive_contact() && one.contacts.contains(&contact));
    let outreach = context.planned.iter().filter(|one| one.contact == contact);
    let ahead = meetings
        .map(|one| one.at)
        .chain(outreach.map(|one| one.at))
        .filter(|at| *at >= windows.at);
    ahead.min().map(|at| windows.day_of(at))
}

/// Of the touchpoints offered to the tier the one that they have had longest ago, or never; of equal ones the usual one.
pub(in crate::report) fn next_touchpoint(
    rows: &AccountRows,
    policy: &Policy,
    windows: &Windows,
    contact: ContactIndex,
) -> &'static str {
    let offered = Touchpoint::offered(rows.account.tier);
    let attended = |interaction: &Interaction| {
        Reading::of(interaction, policy, windows).is_some_and(|reading| reading.held)
            && interaction
                .participants
                .iter()
                .any(|p| p.contact == contact && is_present(interaction.kind, *p))
    };
    let last = |touchpoint: Touchpoint| {
        let remembered = rows
            .interactions
            .iter()
            .filter(|i| windows.remembers(i.occurred_at));
        remembered
            .filter(|i| is_touchpoint(i, touchpoint) && attended(i))
            .map(|i| i.occurred_at)
            .max()
    };
    offered
        .iter()
        .min_by_key(|touchpoint| last(**touchpoint))
        .map_or("Meeting", |touchpoint| touchpoint.name())
}

fn is_touchpoint(interaction: &Interaction, touchpoint: Touchpoint) -> bool {
    match touchpoint {
        Touchpoint::OneToOne => {
            interaction.kind == InteractionKind::Meeting && interaction.participants.len() <= 1
        }
        Touchpoint::Qbr | Touchpoint::BusinessReview => interaction.kind == InteractionKind::Qbr,
        Touchpoint::ExecutiveDinner => interaction.kind == InteractionKind::ExecutiveDinner,
        Touchpoint::StrategicCheckIn => interaction.kind == InteractionKind::StrategicCheckIn,
    }
}
