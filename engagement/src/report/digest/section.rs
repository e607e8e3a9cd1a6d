//! The sections of a digest: which lines, in which order, in which words.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::text::{ahead, day, stakes};
use super::{AccountFacts, AlertFacts, Book, DUE_DAYS, DigestFacts, Gain, NamedAccount, RENEWAL_DAYS, Section, TouchFacts};
use crate::id::{AccountId, AlertId};
use crate::ledger::LedgerChange;
use crate::markdown::{count, money, number, signed};
use crate::policy::Policy;
use crate::portfolio::PortfolioTotals;
use crate::report::engagement_markdown::{component_name, pattern_name};
use crate::report::portfolio::MetricValue;
use crate::report::portfolio_markdown::{in_unit, name as metric_name};
use crate::score::round;
use crate::vocabulary::{MetricUnit, Pattern, PortfolioMetric, Severity, SponsorRank};
use crate::windows::day_of;

const MOST_CHANGES: usize = 6;
const MOST_DRIVERS: usize = 2;
const MOST_ALERTS: usize = 8;
const MOST_ALERTS_OF_ACCOUNT: u32 = 2;
const MOST_TOUCHES: usize = 6;
const MOST_RENEWALS: usize = 6;
const MOST_ACTIONS: usize = 5;
const MOST_ACTIONS_OF_ACCOUNT: usize = 2;
/// What a pattern that got worse is worth beside the points.
const PATTERN_POINTS: f64 = 10.0;

/// How much worse than LOW a severity is.
pub(super) const fn severity_factor(severity: Severity) -> f64 {
    match severity {
        Severity::Low => 1.0,
        Severity::Medium => 2.0,
        Severity::High => 4.0,
        Severity::Critical => 8.0,
    }
}

fn named(account: &AccountFacts) -> NamedAccount {
    NamedAccount { id: account.id, external_id: account.label.external_id.clone(), name: account.label.name.clone() }
}

/// The largest first; ties by external id.
fn by_weight<T>(list: &mut [(T, f64)], account: impl Fn(&T) -> &AccountFacts) {
    list.sort_by(|(a, x), (b, y)| y.total_cmp(x).then_with(|| account(a).label.external_id.cmp(&account(b).label.external_id)));
}

pub(super) fn book(totals: &PortfolioTotals) -> Book {
    let average = (totals.scored > 0).then(|| round(totals.overall_sum as f64 / totals.scored as f64));
    Book {
        accounts: u32::try_from(totals.all.accounts).unwrap_or(u32::MAX),
        arr: Some(money(&totals.all.arr())).filter(|arr| !arr.is_empty()),
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

pub(super) fn changes(facts: &DigestFacts<'_>, customers: &[&AccountFacts]) -> Section<ChangeLine> {
    let mut changed: Vec<_> = customers.iter().filter_map(|account| account.change.as_ref().map(|change| (*account, change))).collect();
    let weight = |(account, change): &(&AccountFacts, &super::AccountChange)| {
        let pattern = if change.pattern.is_some() { PATTERN_POINTS } else { 0.0 };
        account.weight() * (f64::from(change.points().abs()) + pattern)
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
        stakes: stakes(account, facts.day),
    })
}

fn change_sentence(change: &super::AccountChange) -> String {
    let score = change.overall.map(|(before, now)| match now - before {
        0 => format!("the score stayed at {now}"),
        lost if lost < 0 => format!("the score fell by {} to {now}", count(lost.unsigned_abs(), "point")),
        won => format!("the score rose by {} to {now}", count(won.unsigned_abs(), "point")),
    });
    let since = day(change.since);
    match (change.pattern, score) {
        (Some((before, now)), Some(score)) => {
            format!("From {} to {}: {score} since {since}.", pattern_name(before), pattern_name(now))
        }
        (Some((before, now)), None) => format!("From {} to {} since {since}.", pattern_name(before), pattern_name(now)),
        (None, Some(score)) => {
            let mut chars = score.chars();
            let capital: String = chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect();
            format!("{capital} since {since}.")
        }
        (None, None) => format!("Changed since {since}."),
    }
}

fn driver(row: &LedgerChange) -> String {
    let measured = match (row.before, row.after) {
        (Some(_), None) => " (not measured now)",
        (None, Some(_)) => " (not measured before)",
        _ => "",
    };
    format!("{} {}{measured}", component_name(row.component), signed(row.change))
}

/// The alerts of a digest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alerts {
    /// How many there are of each severity that occurs, the worst first.
    pub counts: Vec<AlertCount>,
    /// The worst.
    pub lines: Vec<AlertLine>,
    /// How many more there are.
    pub more: u32,
}

/// How many alerts of a severity there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertCount {
    /// The severity.
    pub severity: Severity,
    /// Open or acknowledged.
    pub open: u32,
    /// Of these, those that opened since the last digest.
    pub new: u32,
}

/// An alert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlertLine {
    /// Which.
    pub id: AlertId,
    /// Of which account.
    pub account: NamedAccount,
    /// Its rule, such as `sponsor.departed`.
    pub rule: String,
    /// How bad it is.
    pub severity: Severity,
    /// What it says.
    pub message: String,
    /// It opened since the last digest.
    pub new: bool,
    /// Somebody has taken it up.
    pub acknowledged: bool,
    /// Since when: `Mon 22 June`.
    pub since: String,
    /// Revenue and renewal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stakes: Option<String>,
}

impl Alerts {
    /// How many are HIGH or CRITICAL.
    pub fn serious(&self) -> u32 {
        self.counts.iter().filter(|counted| counted.severity >= Severity::High).map(|counted| counted.open).sum()
    }
}

pub(super) fn alerts(facts: &DigestFacts<'_>, customers: &[&AccountFacts]) -> Alerts {
    let is_new = |alert: &AlertFacts| alert.opened_at > facts.since_at;
    let mut all: Vec<(&AccountFacts, &AlertFacts)> =
        customers.iter().flat_map(|account| account.alerts.iter().map(|alert| (*account, alert))).collect();
    all.sort_by(|(account_a, a), (account_b, b)| {
        (b.severity.cmp(&a.severity))
            .then_with(|| is_new(b).cmp(&is_new(a)))
            .then_with(|| account_b.weight().total_cmp(&account_a.weight()))
            .then_with(|| account_a.label.external_id.cmp(&account_b.label.external_id))
            .then_with(|| a.rule.cmp(&b.rule))
            .then_with(|| a.id.cmp(&b.id))
    });
    let counts = Severity::ALL.iter().rev().filter_map(|severity| {
        let of_severity = || all.iter().filter(|(_, alert)| alert.severity == *severity);
        let whole = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let counted = AlertCount {
            severity: *severity,
            open: whole(of_severity().count()),
            new: whole(of_severity().filter(|(_, alert)| is_new(alert)).count()),
        };
        (counted.open > 0).then_some(counted)
    });
    let counts = counts.collect();
    let mut shown: HashMap<AccountId, u32> = HashMap::new();
    let total = all.len();
    let lines: Vec<AlertLine> = all
        .into_iter()
        .filter(|(account, _)| {
            let shown = shown.entry(account.id).or_default();
            *shown += 1;
            *shown <= MOST_ALERTS_OF_ACCOUNT
        })
        .take(MOST_ALERTS)
        .map(|(account, alert)| AlertLine {
            id: alert.id,
            account: named(account),
            rule: alert.rule.to_string(),
            severity: alert.severity,
            message: alert.message.clone(),
            new: is_new(alert),
            acknowledged: alert.acknowledged,
            since: day(day_of(alert.opened_at, facts.zone)),
            stakes: stakes(account, facts.day),
        })
        .collect();
    let more = u32::try_from(total - lines.len()).unwrap_or(u32::MAX);
    Alerts { counts, lines, more }
}

/// A touchpoint that is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TouchLine {
    /// At which account.
    pub account: NamedAccount,
    /// With whom: "Ana Ruiz, CFO".
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

pub(super) fn touches(facts: &DigestFacts<'_>, customers: &[&AccountFacts]) -> Section<TouchLine> {
    let due = customers.iter().flat_map(|account| touches_due(account, facts.day).map(|touch| (*account, touch)));
    let mut due: Vec<_> = due.map(|pair| (pair, rank_factor(pair.1.rank) * pair.0.weight())).collect();
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
    let rank = match touch.rank {
        Some(SponsorRank::Primary) => "primary sponsor",
        Some(SponsorRank::Backup) => "backup sponsor",
        None => "executive",
    };
    TouchLine {
        account: named(account),
        person: person(facts, touch),
        standing: format!("{rank}, {}", touch.level.as_str().to_lowercase()),
        touchpoint: touch.touchpoint.to_owned(),
        due: day(touch.due_on),
        ahead: ahead((touch.due_on - facts.day).num_days()),
        planned: facts.planned.get(&touch.contact).map(|planned| day(*planned)),
    }
}

fn person(facts: &DigestFacts<'_>, touch: &TouchFacts) -> String {
    facts.names.get(&touch.contact).map_or_else(
        || touch.contact.to_string(),
        |known| known.title.as_ref().map_or_else(|| known.name.clone(), |title| format!("{}, {title}", known.name)),
    )
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
    /// Its pattern in words; "not enough data" without one.
    pub pattern: String,
    /// LOW_ENGAGED or DISENGAGED.
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
    let factor = |account: &AccountFacts| match account.pattern {
        Some(Pattern::HighlyEngaged) => 1.0,
        Some(Pattern::ModeratelyEngaged) | None => 2.0,
        Some(Pattern::LowEngaged) => 3.0,
        Some(Pattern::Disengaged) => 4.0,
    };
    let mut list: Vec<(&AccountFacts, f64)> = renewing.iter().map(|account| (*account, factor(account) * account.weight())).collect();
    by_weight(&mut list, |account| account);
    let more = u32::try_from(list.len().saturating_sub(MOST_RENEWALS)).unwrap_or(u32::MAX);
    list.truncate(MOST_RENEWALS);
    list.sort_by_key(|(account, _)| account.label.renewal_on);
    let lines = list.iter().filter_map(|(account, _)| {
        Some(RenewalLine {
            account: named(account),
            on: day(account.label.renewal_on?),
            ahead: ahead(account.days_to_renewal(facts.day)?),
            score: account.overall,
            pattern: account.pattern.map_or("not enough data", pattern_name).to_owned(),
            at_risk: matches!(account.pattern, Some(Pattern::LowEngaged | Pattern::Disengaged)),
            arr: account.label.arr.clone().map(|arr| money(&[arr])),
        })
    });
    Section { lines: lines.collect(), more }
}

/// A metric of the portfolio against its target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricLine {
    /// Its name.
    pub name: String,
    /// Its value with the unit; absent where nothing could be measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The target in words: "more than 80 %".
    pub target: String,
    /// Whether it is met; absent where nothing could be measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub met: Option<bool>,
    /// How far a bar is filled, from 0 to 100.
    pub filled: u32,
    /// Where on that bar the target is, from 0 to 100.
    pub mark: u32,
}

pub(super) fn metrics(totals: &PortfolioTotals, policy: &Policy) -> Vec<MetricLine> {
    PortfolioMetric::ALL.iter().map(|metric| metric_line(&MetricValue::of(*metric, totals, policy))).collect()
}

fn metric_line(metric: &MetricValue) -> MetricLine {
    // A bar of shares ends at 100; the others have their target in the middle.
    let full = if metric.unit == MetricUnit::Percent { 100.0 } else { 2.0 * metric.target };
    let place = |value: f64| if full > 0.0 { (100.0 * value / full).clamp(0.0, 100.0).round() as u32 } else { 0 };
    let side = if metric.metric.is_better_below() { "less" } else { "more" };
    let target = match metric.unit {
        MetricUnit::Percent => in_unit(metric.target, metric.unit),
        MetricUnit::Days | MetricUnit::Executives => number(Some(metric.target)),
    };
    let value = metric.value.map(|value| match metric.unit {
        MetricUnit::Percent => in_unit(value, metric.unit),
        MetricUnit::Days | MetricUnit::Executives => number(Some(value)),
    });
    MetricLine {
        name: metric_name(metric).to_owned(),
        value,
        target: format!("{side} than {target}"),
        met: metric.met,
        filled: metric.value.map_or(0, place),
        mark: place(metric.target),
    }
}

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionLine {
    /// On which account.
    pub account: NamedAccount,
    /// What.
    pub action: String,
    /// How: cadence and channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub how: Option<String>,
    /// Why, with the numbers.
    pub reason: String,
    /// Points of the overall score: "+9.8".
    pub points: String,
    /// How far a bar is filled, from 0 to 100: the first is full.
    pub filled: u32,
}

pub(super) fn actions(customers: &[&AccountFacts]) -> Vec<ActionLine> {
    let mut ranked: Vec<((&AccountFacts, &Gain), usize)> =
        customers.iter().flat_map(|account| account.gains.iter().enumerate().map(|(place, gain)| ((*account, gain), place))).collect();
    // What an account gains beyond its two best comes after everybody else's two best.
    ranked.sort_by(|((account_a, a), place_a), ((account_b, b), place_b)| {
        let spare = (*place_a >= MOST_ACTIONS_OF_ACCOUNT).cmp(&(*place_b >= MOST_ACTIONS_OF_ACCOUNT));
        spare
            .then_with(|| b.points.total_cmp(&a.points))
            .then_with(|| account_b.weight().total_cmp(&account_a.weight()))
            .then_with(|| account_a.label.external_id.cmp(&account_b.label.external_id))
    });
    ranked.truncate(MOST_ACTIONS);
    ranked.sort_by(|((_, a), _), ((_, b), _)| b.points.total_cmp(&a.points));
    let most = ranked.first().map_or(0.0, |((_, gain), _)| gain.points);
    ranked
        .into_iter()
        .map(|((account, gain), _)| ActionLine {
            account: named(account),
            action: gain.action.clone(),
            how: gain.how.clone(),
            reason: gain.reason.clone(),
            points: signed(gain.points),
            filled: if most > 0.0 { (100.0 * gain.points / most).round() as u32 } else { 0 },
        })
        .collect()
}
