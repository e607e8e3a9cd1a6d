//! Sponsor departure: a sponsor who leaves takes the relationship along, so everybody hears of it at once, with the picture
//! of who could follow.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::alert::{AlertRule, Condition, Subject};
use crate::measure::ContactTouch;
use crate::policy::Policy;
use crate::row::{AccountRows, ContactIndex, Departure};
use crate::sponsor::{Executive, Sponsors, order};
use crate::vocabulary::id::ContactId;
use crate::vocabulary::{EngagementLevel, Severity, SponsorRank};

/// A sponsor who left while they were one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DepartedSponsor {
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
        if !rows.is_departed(held.contact, day) {
            continue;
        }
        let by_their_row =
            rows.contacts
                .get(held.contact as usize)
                .and_then(|contact| match contact.departure {
                    Departure::On(left) => Some(left),
                    Departure::Undated => Some(held.until.unwrap_or(day)),
                    Departure::None => None,
                });
        let is_news = |left: &NaiveDate| {
            let sponsored = held.since <= *left && held.until.is_none_or(|until| until >= *left);
            sponsored && (0..=i64::from(policy.guardrails.departure_days)).contains(&(day - *left).num_days())
        };
        // By either account the earliest.
        let Some(left_on) = by_their_row
            .into_iter()
            .chain(rows.departures_of(held.contact))
            .filter(is_news)
            .min()
        else {
            continue;
        };
        match departed.iter_mut().find(|known| known.contact == held.contact) {
            Some(known) => known.rank = known.rank.min(held.rank),
            None => departed.push(DepartedSponsor {
                contact: held.contact,
                rank: held.rank,
                left_on,
            }),
        }
    }
    departed
}

/// The condition of a departure; `name` is the sponsor's, where known, and `sponsors` those who are left.
pub fn departure(
    departed: DepartedSponsor,
    rows: &AccountRows,
    sponsors: &Sponsors,
    name: Option<&str>,
) -> Option<Condition> {
    let contact = rows.contacts.get(departed.contact as usize)?.id;
    let severity = match departed.rank {
        SponsorRank::Primary => Severity::Critical,
        SponsorRank::Backup => Severity::High,
    };
    let severity = rows.account.served_by.at_most(severity);
    let rank = departed.rank.in_words();
    let who = match name {
        Some(name) => format!("{name}, the {rank} sponsor,"),
        None => format!("The {rank} sponsor"),
    };
    let message = format!("{who} left on {}. {}", departed.left_on, successors(sponsors));
    Some(Condition::new(AlertRule::SponsorDeparted, severity, message).about(Subject::Contact(contact)))
}

/// Who is left, in a sentence.
fn successors(sponsors: &Sponsors) -> String {
    let backups: Vec<&str> = sponsors
        .backups()
        .map(|executive| executive.level.in_words())
        .collect();
    let backups = if backups.is_empty() {
        "none".to_owned()
    } else {
        format!("{} ({})", backups.len(), backups.join(", "))
    };
    let executives = match (sponsors.executives.len(), sponsors.last_executive_contact_on) {
        (0, _) => "none".to_owned(),
        (there, None) => format!("{there}, never in contact"),
        (there, Some(day)) => format!("{there}, last contact on {day}"),
    };
    format!("Active backup sponsors: {backups}. Executives still there: {executives}.")
}

/// How many executives besides the sponsors a picture shows.
const MOST_EXECUTIVES: usize = 5;

/// What an escalation says about who could follow: kept with the alert as it was when the sponsor left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuccessionPicture {
    /// Who left.
    pub departed: ContactId,
    /// The highest rank they had.
    pub rank: SponsorRank,
    pub left_on: NaiveDate,
    /// Whoever sponsors us now: the primary sponsor first, then the backups.
    pub sponsors: Vec<Successor>,
    /// Other executives, whom to approach first at the front, at most five.
    pub executives: Vec<Successor>,
    /// Whom to approach first: one of them, or somebody else who is in touch with us. Absent while there is a primary sponsor,
    /// where nobody is known, and in a picture that an earlier version drew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<ContactId>,
}

impl SuccessionPicture {
    /// Whom to approach first; absent while there is a primary sponsor, or where nobody is known.
    pub fn first_to_approach(&self) -> Option<ContactId> {
        let known = || self.sponsors.iter().chain(&self.executives);
        if known().any(|successor| successor.rank == Some(SponsorRank::Primary)) {
            return None;
        }
        let place = |one: &&Successor| {
            order(
                one.rank == Some(SponsorRank::Backup),
                one.level,
                one.score,
                one.last_contact_on,
            )
        };
        self.first
            .or_else(|| known().min_by_key(place).map(|successor| successor.contact))
    }
}

/// Somebody who could follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Successor {
    pub contact: ContactId,
    /// Rank of their active sponsorship; absent without one.
    pub rank: Option<SponsorRank>,
    /// How engaged they are.
    pub level: EngagementLevel,
    /// Score from 0 to 100.
    pub score: i32,
    /// Their last executive contact in history.
    pub last_contact_on: Option<NaiveDate>,
}

/// The picture of who could follow a sponsor who left; absent where they are unknown to the rows. `touches` are those of the
/// contacts of `rows`.
pub fn succession_picture(
    departed: DepartedSponsor,
    rows: &AccountRows,
    sponsors: &Sponsors,
    touches: &[ContactTouch],
) -> Option<SuccessionPicture> {
    let id = |contact: ContactIndex| rows.contacts.get(contact as usize).map(|contact| contact.id);
    let successor = |executive: &Executive| {
        let Executive {
            contact,
            rank,
            level,
            score,
            last_contact_on,
            ..
        } = *executive;
        Some(Successor {
            contact: id(contact)?,
            rank,
            level,
            score,
            last_contact_on,
        })
    };
    let (backups, mut executives): (Vec<Successor>, Vec<Successor>) = sponsors
        .in_order_of_approach()
        .into_iter()
        .filter_map(successor)
        .partition(|successor| successor.rank.is_some());
    executives.truncate(MOST_EXECUTIVES);
    Some(SuccessionPicture {
        departed: id(departed.contact)?,
        rank: departed.rank,
        left_on: departed.left_on,
        sponsors: sponsors
            .primary()
            .and_then(successor)
            .into_iter()
            .chain(backups)
            .collect(),
        executives,
        first: sponsors
            .first_to_approach(rows, touches)
            .and_then(|first| id(first.contact)),
    })
}
