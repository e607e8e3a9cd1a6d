//! What is told of a customer no more: until when they were one, and what happened. No advice: nobody acts on it.

use chrono::{Months, NaiveDate};

use crate::evaluation::Evaluation;
use crate::recommendation::People;
use crate::row::AccountRows;
use crate::vocabulary::{OrgChangeKind, SponsorRank};

/// How many organisational changes are told.
const MOST_CHANGES: usize = 3;
/// Months before the end in which what happened may have to do with it.
const MONTHS: u32 = 12;

/// How an account stopped being a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// The day from which it was none, where it is recorded.
    pub until: Option<NaiveDate>,
    /// Sentences, newest first; plain text.
    pub happened: Vec<String>,
}

/// The ending of an account that is no customer on the last day that counts; none for one that is.
pub(super) fn ending(evaluation: &Evaluation, rows: &AccountRows, people: &People) -> Option<Ending> {
    let day = evaluation.windows.ending_on;
    if rows.account.is_active_on(day) {
        return None;
    }
    let until = rows.account.churned_on;
    let end = until.map_or(day, |until| until.min(day));
    let start = end.checked_sub_months(Months::new(MONTHS)).unwrap_or(end);
    let recent = |on: NaiveDate| (start..=day).contains(&on);
    let name = |contact: u32| {
        rows.contacts
            .get(contact as usize)
            .and_then(|contact| people.name(contact.id))
    };

    let mut told: Vec<(NaiveDate, String)> = Vec::new();
    for change in rows.changes.iter().filter(|change| recent(change.observed_on)) {
        let who = change.contact.and_then(name);
        told.push((change.observed_on, what(change.kind, who)));
    }
    let first = |rank: SponsorRank| {
        if rank == SponsorRank::Primary {
            "primary"
        } else {
            "backup"
        }
    };
    for held in &rows.sponsorships {
        let Some(ended) = held.until.filter(|ended| recent(*ended)) else {
            continue;
        };
        told.push((
            ended,
            format!(
                "{} stopped being our {} sponsor",
                name(held.contact).unwrap_or("Somebody"),
                first(held.rank)
            ),
        ));
    }
    told.sort_by(|(a, what), (b, other)| b.cmp(a).then_with(|| what.cmp(other)));
    told.dedup();
    let mut happened: Vec<String> = told
        .into_iter()
        .take(MOST_CHANGES)
        .map(|(on, what)| format!("{what} on {on}."))
        .collect();
    let touches = evaluation.current.touches.iter().enumerate();
    let last = touches
        .filter_map(|(place, touch)| Some((touch.last_touch_on?, place)))
        .max_by(|(a, i), (b, j)| a.cmp(b).then(j.cmp(i)));
    happened.push(match last {
        Some((on, place)) => format!(
            "The last contact was on {on}, with {}.",
            name(place as u32).unwrap_or("one of their people")
        ),
        None => "Nobody of theirs was in contact in the last 24 months.".to_owned(),
    });
    Some(Ending { until, happened })
}

fn what(kind: OrgChangeKind, who: Option<&str>) -> String {
    let somebody = who.unwrap_or("Somebody");
    match kind {
        OrgChangeKind::Departure => format!("{somebody} left"),
        OrgChangeKind::RoleChange => format!("{somebody} changed their role"),
        OrgChangeKind::NewExecutive => format!("{} came as a new executive", who.unwrap_or("Somebody")),
        OrgChangeKind::Reorganisation => "A reorganisation became known".to_owned(),
        OrgChangeKind::MergerAcquisition => "A merger or an acquisition became known".to_owned(),
        OrgChangeKind::Layoff => "Layoffs became known".to_owned(),
    }
}
