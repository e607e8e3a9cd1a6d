//! Organisational changes with what they mean for us: what a person wrote, else what the rows say.

use std::cmp::Reverse;

use chrono::NaiveDate;

use super::context::OrgChange;
use super::sources::Sources;
use crate::markdown::{count, uncapital};
use crate::row::ContactIndex;
use crate::vocabulary::id::ContactId;
use crate::vocabulary::{Certainty, OrgChangeKind, Seniority, SponsorRank};

/// How many changes are shown.
const MOST: usize = 20;

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecentChange {
    /// One line.
    pub summary: String,
    /// What kind.
    pub kind: OrgChangeKind,
    /// When it was observed.
    pub observed_on: NaiveDate,
    /// Whom it is about.
    pub contact: Option<ContactId>,
    /// Whether it is sure.
    pub certainty: Certainty,
    /// What it means for us.
    pub impact: String,
    /// Whether a person has looked at it.
    pub reviewed: bool,
}

/// The changes of the trailing year, newest first.
pub(super) fn recent(sources: &Sources<'_>) -> Vec<RecentChange> {
    let windows = sources.windows;
    let mut changes: Vec<&OrgChange> = sources
        .context
        .org_changes
        .iter()
        .filter(|change| {
            windows.year_start_day <= change.observed_on && change.observed_on <= windows.ending_on
        })
        .collect();
    changes.sort_by(|a, b| {
        Reverse(a.observed_on)
            .cmp(&Reverse(b.observed_on))
            .then_with(|| a.summary.cmp(&b.summary))
    });
    changes
        .into_iter()
        .take(MOST)
        .map(|change| RecentChange {
            summary: change.summary.clone(),
            kind: change.kind,
            observed_on: change.observed_on,
            contact: change.contact,
            certainty: change.certainty,
            impact: assess(change, sources),
            reviewed: change.reviewed,
        })
        .collect()
}

fn assess(change: &OrgChange, sources: &Sources<'_>) -> String {
    if let Some(written) = change
        .impact
        .as_deref()
        .map(str::trim)
        .filter(|impact| !impact.is_empty())
    {
        return written.to_owned();
    }
    let contact = change.contact.and_then(|contact| sources.people.place(contact));
    let seat = contact.and_then(|contact| seat_before(sources, contact, change.observed_on));
    let impact = match change.kind {
        OrgChangeKind::Departure => departure(sources, contact, seat),
        OrgChangeKind::RoleChange => match seat {
            Some(SponsorRank::Primary) => {
                "Our primary sponsor has another role; confirm that they still own the outcome".to_owned()
            }
            Some(SponsorRank::Backup) => {
                "A backup sponsor has another role; confirm that they could still follow".to_owned()
            }
            None => "Find out what the new role decides".to_owned(),
        },
        OrgChangeKind::NewExecutive => match sources.sponsors.primary() {
            None => "There is no primary sponsor; a candidate to be met".to_owned(),
            Some(primary) => format!(
                "Somebody new above or beside {}; ask for an introduction",
                sources.people.name(primary.contact)
            ),
        },
        OrgChangeKind::Reorganisation => {
            "Reporting lines may move; confirm sponsor, budget and goals".to_owned()
        }
        OrgChangeKind::MergerAcquisition => format!(
            "Suppliers may be reviewed; confirm the sponsor{}",
            renewal(sources)
        ),
        OrgChangeKind::Layoff => format!(
            "Users and budget may shrink; check who is left{}",
            renewal(sources)
        ),
    };
    if change.certainty == Certainty::Suspected {
        format!("If true, {}", uncapital(&impact))
    } else {
        impact
    }
}

/// What the loss of a contact means.
fn departure(sources: &Sources<'_>, contact: Option<ContactIndex>, seat: Option<SponsorRank>) -> String {
    let backups = sources.sponsors.succession.backups.len() as u32;
    let Some(contact) = contact else {
        return "Nobody whom we know by name".to_owned();
    };
    let left = |n: u32, noun: &str| {
        if n == 0 {
            format!("no {noun}")
        } else {
            count(n, noun)
        }
    };
    match seat {
        Some(SponsorRank::Primary) => {
            let next = sources
                .sponsors
                .primary()
                .filter(|primary| primary.contact != contact);
            let next = next.map_or_else(
                || "the seat is vacant".to_owned(),
                |next| format!("{} follows", sources.people.name(next.contact)),
            );
            format!(
                "Our primary sponsor is gone; {next}, with {}",
                left(backups, "active backup")
            )
        }
        Some(SponsorRank::Backup) => format!(
            "A backup sponsor is gone; {} left",
            left(backups, "active backup")
        ),
        None => {
            let executive = sources
                .rows
                .contacts
                .get(contact as usize)
                .and_then(|c| c.seniority)
                .is_some_and(Seniority::is_executive);
            let others = sources
                .sponsors
                .executives
                .iter()
                .filter(|e| e.contact != contact)
                .count() as u32;
            if executive {
                format!("An executive is gone; {} left", left(others, "executive"))
            } else {
                "No sponsor and no executive".to_owned()
            }
        }
    }
}

/// The seat of a contact on the day before a change: what a departure ends is over on the day itself.
fn seat_before(sources: &Sources<'_>, contact: ContactIndex, on: NaiveDate) -> Option<SponsorRank> {
    let day = on.pred_opt()?;
    let held = sources
        .rows
        .sponsorships
        .iter()
        .filter(|held| held.contact == contact && held.since <= day);
    held.filter(|held| held.until.is_none_or(|until| until > day))
        .map(|held| held.rank)
        .min()
}

fn renewal(sources: &Sources<'_>) -> String {
    let renewal = sources
        .context
        .contract
        .renewal_on
        .filter(|day| *day >= sources.windows.ending_on);
    renewal.map_or_else(String::new, |day| format!(", ahead of the renewal on {day}"))
}
