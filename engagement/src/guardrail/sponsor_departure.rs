//! Sponsor departure: a sponsor who leaves takes the relationship along, so everybody hears of it at once, with the picture
//! of who could follow.

use chrono::NaiveDate;

use super::sponsorships_on;
use crate::alert::{AlertRule, Condition, Subject};
use crate::evaluation::Evaluation;
use crate::policy::Policy;
use crate::row::{AccountRows, ContactIndex, Departure};
use crate::vocabulary::{Severity, SponsorRank};

/// A sponsor who left while they were one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DepartedSponsor {
    /// Who.
    pub contact: ContactIndex,
    /// The highest rank they had.
    pub rank: SponsorRank,
    /// When they left; where nobody wrote that down, when their sponsorship ended by it.
    pub left_on: NaiveDate,
}

/// Sponsors who left recently enough for it to be news on a day: they sponsored us on the day they left, and that is at
/// most the policy's days ago.
pub fn departed_sponsors(rows: &AccountRows, day: NaiveDate, policy: &Policy) -> Vec<DepartedSponsor> {
    let mut departed: Vec<DepartedSponsor> = vec![];
    for held in &rows.sponsorships {
        let left_on = match rows.contacts.get(held.contact as usize).map(|contact| contact.departure) {
            Some(Departure::On(left)) => left,
            Some(Departure::Undated) => held.until.unwrap_or(day),
            Some(Departure::None) | None => continue,
        };
        let sponsored = held.since <= left_on && held.until.is_none_or(|until| until >= left_on);
        let ago = (day - left_on).num_days();
        if !sponsored || !(0..=i64::from(policy.guardrails.departure_days)).contains(&ago) {
            continue;
        }
        match departed.iter_mut().find(|known| known.contact == held.contact) {
            Some(known) => known.rank = known.rank.min(held.rank),
            None => departed.push(DepartedSponsor { contact: held.contact, rank: held.rank, left_on }),
        }
    }
    departed
}

/// The condition of a departure; `name` is the sponsor's, where known.
pub fn departure(departed: DepartedSponsor, rows: &AccountRows, evaluation: &Evaluation, name: Option<&str>) -> Option<Condition> {
    let contact = rows.contacts.get(departed.contact as usize)?.id;
    let (severity, rank) = match departed.rank {
        SponsorRank::Primary => (Severity::Critical, "primary"),
        SponsorRank::Backup => (Severity::High, "backup"),
    };
    let who = match name {
        Some(name) => format!("{name}, the {rank} sponsor,"),
        None => format!("The {rank} sponsor"),
    };
    let message = format!("{who} left on {}. {}", departed.left_on, successors(rows, evaluation));
    Some(Condition::new(AlertRule::SponsorDeparted, severity, message).about(Subject::Contact(contact)))
}

/// Who is left, in a sentence.
fn successors(rows: &AccountRows, evaluation: &Evaluation) -> String {
    let touches = &evaluation.current.touches;
    let of_rank = |rank| sponsorships_on(rows, evaluation.windows.ending_on).filter(|held| held.rank == rank).count();
    let backups = of_rank(SponsorRank::Backup);
    let executives = touches.iter().filter(|touch| touch.executive);
    let last = executives.clone().filter_map(|touch| touch.last_executive_contact_on).max();
    let number = |n: usize| if n == 0 { "none".to_owned() } else { n.to_string() };
    let last = match (executives.count(), last) {
        (0, _) => "none".to_owned(),
        (there, None) => format!("{there}, never in contact"),
        (there, Some(day)) => format!("{there}, last contact on {day}"),
    };
    format!("Active backup sponsors: {}. Executives still there: {last}.", number(backups))
}
