//! Changes, touchpoints and renewals: which lines, in which order, in which words.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::text::{ahead, day, stakes};
use super::{AccountFacts, Book, DUE_DAYS, DigestFacts, NamedAccount, PersonName, RENEWAL_DAYS, Section, TouchFacts};
use crate::id::ContactId;
use crate::ledger::LedgerChange;
use crate::markdown::{capital, count, money, signed};
use crate::policy::CurrencyPolicy;
use crate::portfolio::PortfolioTotals;
use crate::report::engagement_markdown::component_name;
use crate::score::round;
use crate::vocabulary::{SponsorRank, StandingState};
use crate::worth::{self, Worth};

const MOST_CHANGES: usize = 4;
const MOST_DRIVERS: usize = 2;
const MOST_TOUCHES: usize = 5;
const MOST_RENEWALS: usize = 5;
/// Days within which every renewal is listed, up to so many lines: a mail has an end.
const SOON_DAYS: i64 = 30;
const MOST_RENEWALS_SOON: usize = 8;
/// What a standing or a pattern that changed is worth beside the points.
const CHANGE_POINTS: f64 = 10.0;

pub(super) fn named(account: &AccountFacts) -> NamedAccount {
    NamedAccount { id: account.id, external_id: account.label.external_id.clone(), name: account.label.name.clone() }
}

/// The largest first; ties by external id.
fn by_weight<T>(list: &mut [(T, f64)], account: impl Fn(&T) -> &AccountFacts) {
    list.sort_by(|(a, x), (b, y)| y.total_cmp(x).then_with(|| account(a).label.external_id.cmp(&account(b).label.external_id)));
}

pub(super) fn book(totals: &PortfolioTotals, rates: &CurrencyPolicy) -> Book {
    let average = (totals.scored > 0).then(|| round(totals.overall_sum as f64 / totals.scored as f64));
    Book {
        accounts: u32::try_from(totals.all.accounts).unwrap_or(u32::MAX),
        arr: Some(worth::in_words(&totals.all.arr(), rates)).filter(|arr| !arr.is_empty()),
        average,
    }
}

/// An account that changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangeLine {
    /// Which.
    pub account: NamedAccount,
    /// For worse.
    pub worse: bool,
    /// The rounded score then; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<i32>,
    /// The rounded score now; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<i32>,
    /// What happened, without the name.
    pub sentence: String,
    /// The two rows of the ledger that moved most: "Response rate −9.8".
    pub drivers: Vec<String>,
    /// Revenue and renewal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stakes: Option<String>,
}

pub(super) fn changes(facts: &DigestFacts<'_>, customers: &[&AccountFacts], worth: &Worth<'_>) -> Section<ChangeLine> {
    let mut changed: Vec<_> = customers.iter().filter_map(|account| account.change.as_ref().map(|change| (*account, change))).collect();
    let weight = |(account, change): &(&AccountFacts, &super::AccountChange)| {
        let more = if change.standing.is_some() || change.pattern.is_some() { CHANGE_POINTS } else { 0.0 };
        account.weight(worth) * (f64::from(change.points().abs()) + more)
    };
    changed.sort_by(|a, b| {
        let worse_first = b.1.is_worse().cmp(&a.1.is_worse());
        worse_first.then_with(|| weight(b).total_cmp(&weight(a))).then_with(|| a.0.label.external_id.cmp(&b.0.label.external_id))
    });
    Section::first(&changed, MOST_CHANGES, |(account, change)| ChangeLine {
        account: named(account),
        worse: change.is_worse(),
        before: change.overall.map(|(before, _)| before),
        now: change.overall.map(|(_, now)| now),
        sentence: change_sentence(change),
        drivers: change.moved.iter().take(MOST_DRIVERS).map(driver).collect(),
        // Of those at risk it has been said.
        stakes: stakes(account, facts.day).filter(|_| !account.is_at_risk()),
    })
}

fn change_sentence(change: &super::AccountChange) -> String {
    let score = change.overall.map(|(before, now)| match now - before {
        0 => format!("the score stayed at {now}"),
        lost if lost < 0 => format!("the score fell by {} to {now}", count(lost.unsigned_abs(), "point")),
        won => format!("the score rose by {} to {now}", count(won.unsigned_abs(), "point")),
    });
    let since = day(change.since);
    let standing = change.standing.map(|(before, now)| format!("{} now, {} on {since}.", capital(now.in_words()), before.in_words()));
    let pattern = change.pattern.map(|(before, now)| format!("from {} to {}", before.in_words(), now.in_words()));
    let measured: Vec<String> = pattern.into_iter().chain(score).collect();
    let measured = (!measured.is_empty()).then(|| format!("{} since {since}.", capital(&measured.join(": "))));
    standing.into_iter().chain(measured).collect::<Vec<_>>().join(" ")
}

fn driver(row: &LedgerChange) -> String {
    let measured = match (row.before, row.after) {
        (Some(_), None) => " (not measured now)",
        (None, Some(_)) => " (not measured before)",
        _ => "",
    };
    format!("{} {}{measured}", component_name(row.component), signed(row.change))
}

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

/// The touches of an account that fall due in the next two weeks.
pub(super) fn touches_due(account: &AccountFacts, today: NaiveDate) -> impl Iterator<Item = &TouchFacts> {
    account.touches.iter().filter(move |touch| (0..=DUE_DAYS).contains(&(touch.due_on - today).num_days()))
}

pub(super) fn touches(facts: &DigestFacts<'_>, customers: &[&AccountFacts], worth: &Worth<'_>) -> Section<TouchLine> {
    let due = customers.iter().flat_map(|account| touches_due(account, facts.day).map(|touch| (*account, touch)));
    let mut due: Vec<_> = due.map(|pair| (pair, rank_factor(pair.1.rank) * pair.0.weight(worth))).collect();
    // Sponsors first, whatever the revenue: a touch with somebody else can wait.
    due.sort_by_key(|((_, touch), _)| touch.contact);
    by_weight(&mut due, |(account, _)| account);
    due.sort_by_key(|((_, touch), _)| touch.rank.is_none());
    let total = due.len();
    due.truncate(MOST_TOUCHES);
    due.sort_by_key(|((_, touch), _)| touch.due_on);
    let lines: Vec<TouchLine> = due.iter().map(|((account, touch), _)| touch_line(facts, account, touch)).collect();
    let more = u32::try_from(total - lines.len()).unwrap_or(u32::MAX);
    Section { lines, more }
}

const fn rank_factor(rank: Option<SponsorRank>) -> f64 {
    match rank {
        Some(SponsorRank::Primary) => 2.0,
        Some(SponsorRank::Backup) | None => 1.0,
    }
}

fn touch_line(facts: &DigestFacts<'_>, account: &AccountFacts, touch: &TouchFacts) -> TouchLine {
    let rank = touch.rank.map_or_else(|| "executive".to_owned(), |rank| format!("{} sponsor", rank.in_words()));
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
    let Some(PersonName { name, title }) = known else { return "A former contact".to_owned() };
    title.as_ref().map_or_else(|| name.clone(), |title| format!("{name}, {title}"))
}

/// Sponsors whose touch is overdue; absent where there is none.
pub(super) fn overdue(facts: &DigestFacts<'_>, customers: &[&AccountFacts]) -> Option<String> {
    let late = |account: &AccountFacts| account.touches.iter().filter(|t| t.rank.is_some() && t.due_on < facts.day).count();
    let total: usize = customers.iter().map(|account| late(account)).sum();
    let accounts = customers.iter().filter(|account| late(account) > 0).count();
    let [total, accounts] = [total, accounts].map(|n| u32::try_from(n).unwrap_or(u32::MAX));
    (total > 0).then(|| {
        let verb = if total == 1 { "is" } else { "are" };
        format!("{} at {} {verb} overdue for a touchpoint already.", count(total, "sponsor"), count(accounts, "account"))
    })
}

/// A renewal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenewalLine {
    /// Of which account.
    pub account: NamedAccount,
    /// When: `Mon 22 June`.
    pub on: String,
    /// How far away that is.
    pub ahead: String,
    /// The rounded score; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<i32>,
    /// Its standing in words; in digests that an older version queued, its pattern as well.
    #[serde(alias = "pattern")]
    pub standing: String,
    /// Its standing is AT_RISK.
    pub at_risk: bool,
    /// Revenue a year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arr: Option<String>,
}

/// The accounts that renew in the next three months.
pub(super) fn renewing<'a>(facts: &DigestFacts<'_>, customers: &[&'a AccountFacts]) -> Vec<&'a AccountFacts> {
    customers.iter().copied().filter(|account| account.days_to_renewal(facts.day).is_some_and(|days| days <= RENEWAL_DAYS)).collect()
}

pub(super) fn renewals(facts: &DigestFacts<'_>, renewing: &[&AccountFacts]) -> Section<RenewalLine> {
    let mut list: Vec<&AccountFacts> = renewing.to_vec();
    list.sort_by_key(|account| (account.label.renewal_on, &account.label.external_id));
    let soon = list.iter().take_while(|account| account.days_to_renewal(facts.day).is_some_and(|days| days <= SOON_DAYS)).count();
    Section::first(&list, soon.clamp(MOST_RENEWALS, MOST_RENEWALS_SOON), |account| RenewalLine {
        account: named(account),
        on: account.label.renewal_on.map(day).unwrap_or_default(),
        ahead: account.days_to_renewal(facts.day).map(ahead).unwrap_or_default(),
        score: account.overall,
        standing: account.state().map_or("", StandingState::in_words).to_owned(),
        at_risk: account.is_at_risk(),
        arr: account.label.arr.clone().map(|arr| money(&[arr])),
    })
}
