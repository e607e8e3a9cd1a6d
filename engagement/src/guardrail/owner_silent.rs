//! Our own silence: somebody of ours who recorded interactions has stopped, of all accounts at once. That says nothing about
//! their customers, so their managers are told, and of accounts that they alone were in touch with nothing is concluded.
//!
//! The numbers are those of docs/scoring.md § 8. What they recorded are facts in history: interactions that they own, of any
//! account, that are not SCHEDULED. All spans are of days, both ends counted.

use chrono::{Days, Months, NaiveDate};

use super::gap::{gaps, nearest_rank};
use crate::alert::{AlertRule, Condition, Subject};
use crate::markdown::count;
use crate::vocabulary::Severity;
use crate::vocabulary::id::{AccountId, UserId};

/// Days before somebody's last one in which it is seen what is usual for them.
const WINDOW_DAYS: u64 = 60;
/// So many accounts in it, and their gaps in it are what is usual.
const MANY_ACCOUNTS: usize = 3;
/// With fewer accounts, so many days in it, and their longest gap of a year is.
const MANY_DAYS: usize = 10;
/// Which of their gaps is usual: this share of them is not longer (nearest rank).
const PERCENTILE: f64 = 0.9;
/// How many times the usual gap they may be silent, …
const FACTOR: i64 = 3;
/// … and days for which anybody may be.
pub const MINIMUM_DAYS: i64 = 21;
/// Months before somebody's last day that count at most.
pub const MONTHS: u32 = 12;
/// Days before somebody's last one of which an account's interactions are counted.
pub const FEED_DAYS: u64 = 90;

/// Somebody owned an interaction of an account on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct OwnedDay {
    /// The day it took place, in the organisation's zone.
    pub on: NaiveDate,
    /// Of which account.
    pub account: AccountId,
}

/// Somebody has been silent for too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Silence {
    /// The last day on which they owned an interaction.
    pub last_on: NaiveDate,
    /// Days without any from which they are silent.
    pub limit: i64,
    /// Accounts of which they owned interactions in the days before it.
    pub accounts: usize,
}

/// Whether somebody is silent at the end of a day. `owned` is everything they owned in history, in any order; repeated days, days
/// after `ending_on`, and days more than [`MONTHS`] before the last one change nothing.
pub fn check(owned: &[OwnedDay], ending_on: NaiveDate) -> Option<Silence> {
    let mut owned: Vec<OwnedDay> = owned
        .iter()
        .copied()
        .filter(|owned| owned.on <= ending_on)
        .collect();
    owned.sort_unstable();
    let last_on = owned.last()?.on;
    let usual_from = last_on
        .checked_sub_days(Days::new(WINDOW_DAYS))
        .unwrap_or(NaiveDate::MIN);
    let year_from = last_on
        .checked_sub_months(Months::new(MONTHS))
        .unwrap_or(NaiveDate::MIN);
    let mut accounts: Vec<AccountId> = owned
        .iter()
        .filter(|owned| owned.on >= usual_from)
        .map(|owned| owned.account)
        .collect();
    accounts.sort_unstable();
    accounts.dedup();
    let mut days: Vec<NaiveDate> = owned.into_iter().map(|owned| owned.on).collect();
    days.dedup();
    let since = |day: NaiveDate| {
        days.get(days.partition_point(|one| *one < day)..)
            .unwrap_or_default()
    };
    let usual = if accounts.len() >= MANY_ACCOUNTS {
        nearest_rank(gaps(since(usual_from)), PERCENTILE)
    } else if since(usual_from).len() >= MANY_DAYS {
        gaps(since(year_from)).into_iter().max()
    } else {
        return None;
    };
    let limit = MINIMUM_DAYS.max(FACTOR * usual.unwrap_or(0));
    ((ending_on - last_on).num_days() >= limit).then_some(Silence {
        last_on,
        limit,
        accounts: accounts.len(),
    })
}

impl Silence {
    /// What the managers of a user are told. The name is plain text from outside.
    pub fn condition(&self, user: UserId, name: &str, ending_on: NaiveDate) -> Condition {
        let Self {
            last_on,
            limit,
            accounts,
        } = *self;
        let days = (ending_on - last_on).num_days();
        let accounts = count(u32::try_from(accounts).unwrap_or(u32::MAX), "account");
        let message = format!(
            "{name} has recorded nothing of any account for {days} days, the last on {last_on}; in the {WINDOW_DAYS} days before that it was \
             {accounts}, and after {limit} days it is too long. The scores of accounts that nobody else is in touch with are not known, and \
             their alerts stand still, until somebody records again."
        );
        Condition::new(AlertRule::OwnerSilent, Severity::High, message).about(Subject::User(user))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn account(n: u128) -> AccountId {
        Uuid::from_u128(n).into()
    }

    /// Days before the last one, each with an account.
    fn owned(last: &str, before: &[(u64, u128)]) -> Vec<OwnedDay> {
        before
            .iter()
            .map(|(days, n)| OwnedDay {
                on: day(last) - Days::new(*days),
                account: account(*n),
            })
            .collect()
    }

    /// The day after which a user is silent, counted from the last one.
    fn limit(owned: &[OwnedDay]) -> Option<i64> {
        let last = owned.iter().map(|owned| owned.on).max()?;
        let silent = |days: &i64| check(owned, last + Days::new(days.unsigned_abs()));
        let first = (0..1_200).find(|days| silent(days).is_some());
        if let Some(days) = first {
            assert_eq!(
                silent(&days).unwrap().limit,
                days,
                "from the limit on, and not before"
            );
            assert!(
                (days..1_200).all(|days| silent(&days).is_some()),
                "and ever after"
            );
        }
        first
    }

    const LAST: &str = "2026-05-20";

    #[test]
    fn three_accounts_in_sixty_days_make_a_user_whose_silence_counts() {
        assert_eq!(limit(&[]), None);
        assert_eq!(
            limit(&owned(LAST, &[(0, 1), (1, 2)])),
            None,
            "two accounts, two days"
        );
        assert_eq!(
            limit(&owned(LAST, &[(0, 1), (1, 2), (60, 3)])),
            Some(3 * 59),
            "3 × 59 days; both ends count"
        );
        assert_eq!(
            limit(&owned(LAST, &[(0, 1), (1, 2), (61, 3)])),
            None,
            "the third is too long ago"
        );
        assert_eq!(
            limit(&owned(LAST, &[(0, 1), (0, 2), (0, 3)])),
            Some(21),
            "one day has no gap"
        );
        assert_eq!(limit(&owned(LAST, &[(0, 1), (7, 2), (14, 3)])), Some(21), "3 × 7");
        assert_eq!(limit(&owned(LAST, &[(0, 1), (8, 2), (16, 3)])), Some(24), "3 × 8");
    }

    #[test]
    fn of_ten_gaps_the_ninth_is_usual_and_of_nine_the_longest() {
        // A gap of 15 days, then steps of two.
        let steps = |short: u64| {
            let mut days: Vec<(u64, u128)> = (0..=short).map(|n| (2 * n, u128::from(n % 3))).collect();
            days.push((2 * short + 15, 1));
            owned(LAST, &days)
        };
        assert_eq!(limit(&steps(9)), Some(21), "ten gaps: 0.9 × 10 = 9th, 2 days");
        assert_eq!(limit(&steps(8)), Some(45), "nine gaps: the 9th, 15 days");
    }

    #[test]
    fn few_accounts_count_from_ten_days_and_by_the_longest_gap_of_a_year() {
        let daily = |days: u64| (0..days).map(|n| (n, u128::from(n % 2))).collect::<Vec<_>>();
        assert_eq!(limit(&owned(LAST, &daily(9))), None, "nine days");
        assert_eq!(limit(&owned(LAST, &daily(10))), Some(21), "ten");
        let with = |days: &[u64]| {
            let mut all = daily(10);
            all.extend(days.iter().map(|days| (*days, 1)));
            owned(LAST, &all)
        };
        assert_eq!(limit(&with(&[39])), Some(90), "3 × 30");
        assert_eq!(
            limit(&with(&[39, 139, 365])),
            Some(3 * 226),
            "twelve months before 20 May 2026, both ends counted"
        );
        assert_eq!(limit(&with(&[39, 139, 366])), Some(300), "a day earlier");
        let third = OwnedDay {
            on: day(LAST),
            account: account(7),
        };
        assert_eq!(
            limit(&[with(&[39, 139]), vec![third]].concat()),
            Some(21),
            "a third account, and the gaps of sixty days take its place"
        );
    }

    #[test]
    fn order_repetition_and_later_days_change_nothing() {
        let mut all = owned(LAST, &[(16, 1), (0, 2), (8, 3), (8, 3), (0, 2)]);
        let silent = check(&all, day(LAST) + Days::new(24));
        assert_eq!(
            silent,
            Some(Silence {
                last_on: day(LAST),
                limit: 24,
                accounts: 3
            })
        );
        all.push(OwnedDay {
            on: day(LAST) + Days::new(25),
            account: account(1),
        });
        assert_eq!(
            check(&all, day(LAST) + Days::new(24)),
            silent,
            "a past day does not move"
        );
        assert_eq!(check(&all, day(LAST) + Days::new(25)), None, "they record again");
    }

    #[test]
    fn managers_read_who_since_when_and_how_long_is_too_long() {
        let silence = Silence {
            last_on: day(LAST),
            limit: 24,
            accounts: 3,
        };
        let user = Uuid::from_u128(9).into();
        let condition = silence.condition(user, "Ann", day("2026-06-17"));
        assert_eq!(
            (condition.key.rule, condition.key.subject, condition.severity),
            (AlertRule::OwnerSilent, Subject::User(user), Severity::High)
        );
        assert_eq!(
            condition.message,
            "Ann has recorded nothing of any account for 28 days, the last on 2026-05-20; in the 60 days before that it was 3 accounts, and after \
             24 days it is too long. The scores of accounts that nobody else is in touch with are not known, and their alerts stand still, until \
             somebody records again."
        );
    }
}
