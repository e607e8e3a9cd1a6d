//! What lies ahead: interactions and outreach that are planned, the next touch that each executive's cadence asks for
//! where none is planned, and the renewal.

use chrono::NaiveDate;

use super::{PlannedOutreach, Scheduled, Sources};
use crate::id::ContactId;
use crate::markdown::{count, number};
use crate::measure::{Reading, is_present};
use crate::policy::Policy;
use crate::row::{AccountRows, ContactIndex, Interaction};
use crate::sponsor::{Executive, Touchpoint};
use crate::vocabulary::{InteractionKind, Purpose};
use crate::windows::Windows;

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarEntry {
    /// The day; of an overdue touch the day of the report.
    pub on: NaiveDate,
    /// What.
    pub event: String,
    /// Names: theirs first, then ours.
    pub attendees: Vec<String>,
    /// What for.
    pub objective: String,
}

/// Everything ahead, by day; on one day what is planned comes first.
pub(super) fn lay_out(sources: &Sources<'_>) -> Vec<CalendarEntry> {
    let Sources { context, windows, sponsors, .. } = sources;
    let scheduled = context.scheduled.iter().filter(|one| one.at >= windows.at).map(|one| meeting(sources, one));
    let planned = context.planned.iter().filter(|one| one.at >= windows.at).map(|one| outreach(sources, one));
    let mut entries: Vec<CalendarEntry> = scheduled.chain(planned).collect();
    entries.sort_by(|a, b| a.on.cmp(&b.on).then_with(|| a.event.cmp(&b.event)).then_with(|| a.attendees.cmp(&b.attendees)));
    entries.extend(sponsors.executives.iter().filter_map(|executive| next_touch(sources, executive)));
    entries.extend(context.contract.renewal_on.filter(|day| *day >= windows.ending_on).map(|on| renewal(sources, on)));
    // A stable sort: within a day the order above stays.
    entries.sort_by_key(|entry| entry.on);
    entries
}

fn meeting(sources: &Sources<'_>, one: &Scheduled) -> CalendarEntry {
    let attendees = one.contacts.iter().map(|contact| sources.people.name_of(*contact).to_owned()).chain(one.owner.clone());
    let subject = one.subject.as_deref().map(str::trim).filter(|subject| !subject.is_empty());
    let objective = subject.map_or_else(|| one.purpose.map_or("Not recorded", purpose_word).to_owned(), str::to_owned);
    CalendarEntry { on: sources.windows.day_of(one.at), event: kind_name(one.kind).to_owned(), attendees: attendees.collect(), objective }
}

fn outreach(sources: &Sources<'_>, one: &PlannedOutreach) -> CalendarEntry {
    let attendees = std::iter::once(sources.people.name_of(one.contact).to_owned()).chain(one.planned_by.clone());
    CalendarEntry {
        on: sources.windows.day_of(one.at),
        event: format!("{} (planned outreach)", kind_name(one.kind)),
        attendees: attendees.collect(),
        objective: format!("{}: {}", purpose_word(one.purpose), one.subject),
    }
}

fn renewal(sources: &Sources<'_>, on: NaiveDate) -> CalendarEntry {
    let primary = sources.sponsors.primary().map(|primary| sources.people.name(primary.contact).to_owned());
    let worth = sources.context.contract.arr.as_deref().map_or_else(String::new, |arr| format!(" of {arr} a year"));
    let days = count(u32::try_from(-sources.windows.days_since(on)).unwrap_or(0), "day");
    CalendarEntry {
        on,
        event: "Renewal".to_owned(),
        attendees: primary.into_iter().collect(),
        objective: format!("Renew the contract{worth}, in {days}"),
    }
}

/// The touch that the cadence asks for, unless one is planned until then.
fn next_touch(sources: &Sources<'_>, executive: &Executive) -> Option<CalendarEntry> {
    let today = sources.windows.ending_on;
    let due = executive.silence.due_on;
    // Nobody counts for somebody without seat and contact: the first touch is due now.
    let on = due.unwrap_or(today).max(today);
    let contact = sources.people.id(executive.contact)?;
    if is_planned(sources, contact, on) {
        return None;
    }
    let year = number(Some(sources.sponsors.cadence.per_year));
    let objective = match (executive.last_contact_on, due) {
        (None, _) => "First contact".to_owned(),
        (Some(last), Some(due)) if due < today => {
            format!("Overdue, it was due on {due}: the last contact was on {last}, the cadence is {year} a year")
        }
        (Some(last), _) => format!("Keep the cadence of {year} a year: the last contact was on {last}"),
    };
    Some(CalendarEntry {
        on,
        event: next_touchpoint(sources.rows, sources.policy, sources.windows, executive.contact).to_owned(),
        attendees: vec![sources.people.name(executive.contact).to_owned()],
        objective,
    })
}

fn is_planned(sources: &Sources<'_>, contact: ContactId, until: NaiveDate) -> bool {
    let Sources { context, windows, .. } = sources;
    let in_time = |at| at >= windows.at && windows.day_of(at) <= until;
    context.scheduled.iter().any(|one| one.kind.is_executive_contact() && in_time(one.at) && one.contacts.contains(&contact))
        || context.planned.iter().any(|one| in_time(one.at) && one.contact == contact)
}

/// Of the touchpoints offered to the tier the one that they have had longest ago, or never; of equal ones the usual one.
pub(in crate::report) fn next_touchpoint(rows: &AccountRows, policy: &Policy, windows: &Windows, contact: ContactIndex) -> &'static str {
    let offered = Touchpoint::offered(rows.account.tier);
    let attended = |interaction: &Interaction| {
        Reading::of(interaction, policy, windows).is_some_and(|reading| reading.held)
            && interaction.participants.iter().any(|p| p.contact == contact && is_present(interaction.kind, *p))
    };
    let last = |touchpoint: Touchpoint| {
        let remembered = rows.interactions.iter().filter(|i| windows.remembers(i.occurred_at));
        remembered.filter(|i| is_touchpoint(i, touchpoint) && attended(i)).map(|i| i.occurred_at).max()
    };
    offered.iter().min_by_key(|touchpoint| last(**touchpoint)).map_or("Meeting", |touchpoint| touchpoint.name())
}

fn is_touchpoint(interaction: &Interaction, touchpoint: Touchpoint) -> bool {
    match touchpoint {
        Touchpoint::OneToOne => interaction.kind == InteractionKind::Meeting && interaction.participants.len() <= 1,
        Touchpoint::Qbr | Touchpoint::BusinessReview => interaction.kind == InteractionKind::Qbr,
        Touchpoint::ExecutiveDinner => interaction.kind == InteractionKind::ExecutiveDinner,
        Touchpoint::StrategicCheckIn => interaction.kind == InteractionKind::StrategicCheckIn,
    }
}

/// A kind of interaction as a person says it.
pub(in crate::report) const fn kind_name(kind: InteractionKind) -> &'static str {
    match kind {
        InteractionKind::Email => "E-mail",
        InteractionKind::Call => "Call",
        InteractionKind::Meeting => "Meeting",
        InteractionKind::StrategicCheckIn => "Strategic check-in",
        InteractionKind::ExecutiveDinner => "Executive dinner",
        InteractionKind::Qbr => "QBR",
        InteractionKind::Training => "Training",
        InteractionKind::Certification => "Certification",
        InteractionKind::ForumPost => "Forum post",
        InteractionKind::CommunityEvent => "Community event",
        InteractionKind::Reference => "Reference",
        InteractionKind::Referral => "Referral",
        InteractionKind::InternalAdvocacy => "Internal advocacy",
    }
}

const fn purpose_word(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Strategic => "Strategic",
        Purpose::Tactical => "Tactical",
        Purpose::Operational => "Operational",
    }
}
