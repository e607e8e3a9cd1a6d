//! What a report says of an account that is a customer no more: until when it was one, and what happened. There is nothing to
//! advise.

use chrono::NaiveDate;

use super::former::FormerSponsor;
use super::sources::Sources;

/// The end of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerEnd {
    /// The first day on which the account was a customer no more; absent where nobody wrote it down.
    pub on: Option<NaiveDate>,
    /// What happened, in sentences, the latest first.
    pub happened: Vec<String>,
}

/// The end of an account that is no customer on the day of the report.
pub(super) fn of(sources: &Sources<'_>, former: &[FormerSponsor]) -> Option<CustomerEnd> {
    let Sources {
        rows,
        context,
        windows,
        sponsors,
        people,
        ..
    } = sources;
    if rows.account.is_active_on(windows.ending_on) {
        return None;
    }
    let mut days: Vec<(NaiveDate, String)> = Vec::new();
    for outcome in context
        .outcomes
        .iter()
        .filter(|outcome| outcome.on <= windows.ending_on)
    {
        let worth = outcome
            .arr_before
            .as_ref()
            .map_or_else(String::new, |arr| format!(" of {arr} a year"));
        let after = outcome
            .arr_after
            .as_ref()
            .map_or_else(String::new, |arr| format!(", to {arr}"));
        days.push((
            outcome.on,
            format!(
                "The contract{worth} {} on {}{after}.",
                outcome.kind.in_words(),
                outcome.on
            ),
        ));
    }
    for one in former {
        let (name, rank) = (people.name_of(one.contact), one.rank.in_words());
        match (one.left_on, one.ended_on) {
            (Some(day), _) => days.push((day, format!("{name}, the {rank} sponsor, left on {day}."))),
            (None, Some(day)) if !one.departed => {
                days.push((day, format!("{name} was the {rank} sponsor until {day}.")));
            }
            (None, day) => days.push((
                day.unwrap_or(windows.year_start_day),
                format!("{name}, the {rank} sponsor, left."),
            )),
        }
    }
    if let Some(day) = sponsors.last_executive_contact_on {
        days.push((day, format!("The last executive contact was on {day}.")));
    }
    days.sort_by(|(a, one), (b, other)| b.cmp(a).then_with(|| one.cmp(other)));
    Some(CustomerEnd {
        on: rows.account.churned_on,
        happened: days.into_iter().map(|(_, sentence)| sentence).collect(),
    })
}
