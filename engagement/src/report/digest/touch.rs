//! The touchpoints of a digest: which are due, with whom, and how many are overdue. Sponsors come first, then revenue.

use serde::{Deserialize, Serialize};

use super::account::{AccountFacts, TouchFacts, touches_due};
use super::facts::DigestFacts;
use super::named_account::named;
use super::section::Section;
use super::text::{ahead, day};
use crate::markdown::count;
use crate::portfolio::worth::Worth;
use crate::report::named::{NamedAccount, PersonName};
use crate::vocabulary::SponsorRank;
use crate::vocabulary::id::ContactId;

const MOST_TOUCHES: usize = 5;

/// A touchpoint that is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TouchLine {
    /// At which account.
    pub account: NamedAccount,
    /// With whom.
    pub contact: ContactId,
    /// Their name and title: "Ana Ruiz, CFO".
    pub person: String,
    /// What they are to us: "primary sponsor, engaged".
    pub standing: String,
    /// Which kind of touchpoint is their turn.
    pub touchpoint: String,
    /// Until when: `Mon 22 June`.
    pub due: String,
    /// How far away that is.
    pub ahead: String,
    /// The day for which one is planned already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned: Option<String>,
}

pub(super) fn touches(
    facts: &DigestFacts<'_>,
    customers: &[&AccountFacts],
    worth: &Worth<'_>,
) -> Section<TouchLine> {
    let due = customers
        .iter()
        .flat_map(|account| touches_due(account, facts.day).map(|touch| (*account, touch)));
    let mut due: Vec<_> = due
        .map(|pair| (pair, rank_factor(pair.1.rank) * pair.0.weight(worth)))
        .collect();
    // Sponsors first, whatever the revenue: a touch with somebody else can wait.
    due.sort_by_key(|((_, touch), _)| touch.contact);
    by_weight(&mut due, |(account, _)| account);
    due.sort_by_key(|((_, touch), _)| touch.rank.is_none());
    let total = due.len();
    due.truncate(MOST_TOUCHES);
    due.sort_by_key(|((_, touch), _)| touch.due_on);
    let lines: Vec<TouchLine> = due
        .iter()
        .map(|((account, touch), _)| touch_line(facts, account, touch))
        .collect();
    let more = u32::try_from(total - lines.len()).unwrap_or(u32::MAX);
    Section { lines, more }
}

/// The largest first; ties by external id.
fn by_weight<T>(list: &mut [(T, f64)], account: impl Fn(&T) -> &AccountFacts) {
    list.sort_by(|(a, x), (b, y)| {
        y.total_cmp(x)
            .then_with(|| account(a).label.external_id.cmp(&account(b).label.external_id))
    });
}

const fn rank_factor(rank: Option<SponsorRank>) -> f64 {
    match rank {
        Some(SponsorRank::Primary) => 2.0,
        Some(SponsorRank::Backup) | None => 1.0,
    }
}

fn touch_line(facts: &DigestFacts<'_>, account: &AccountFacts, touch: &TouchFacts) -> TouchLine {
    let rank = touch.rank.map_or_else(
        || "executive".to_owned(),
        |rank| format!("{} sponsor", rank.in_words()),
    );
    TouchLine {
        account: named(account),
        contact: touch.contact,
        person: person(facts.names.get(&touch.contact)),
        standing: format!("{rank}, {}", touch.level.in_words()),
        touchpoint: touch.touchpoint.to_owned(),
        due: day(touch.due_on),
        ahead: ahead((touch.due_on - facts.day).num_days()),
        planned: facts.planned.get(&touch.contact).map(|planned| day(*planned)),
    }
}

/// An executive by name and title.
pub(super) fn person(known: Option<&PersonName>) -> String {
    let Some(PersonName { name, title }) = known else {
        return "A former contact".to_owned();
    };
    title
        .as_ref()
        .map_or_else(|| name.clone(), |title| format!("{name}, {title}"))
}

/// Sponsors whose touch is overdue; absent where there is none.
pub(super) fn overdue(facts: &DigestFacts<'_>, customers: &[&AccountFacts]) -> Option<String> {
    let late = |account: &AccountFacts| {
        account
            .touches
            .iter()
            .filter(|t| t.rank.is_some() && t.due_on < facts.day)
            .count()
    };
    let total: usize = customers.iter().map(|account| late(account)).sum();
    let accounts = customers.iter().filter(|account| late(account) > 0).count();
    let [total, accounts] = [total, accounts].map(|n| u32::try_from(n).unwrap_or(u32::MAX));
    (total > 0).then(|| {
        let verb = if total == 1 { "is" } else { "are" };
        format!(
            "{} at {} {verb} overdue for a touchpoint already.",
            count(total, "sponsor"),
            count(accounts, "account")
        )
    })
}
