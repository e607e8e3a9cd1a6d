//! Which stored days are kept: both sides of every border, and what holds for all days.

use chrono::{Datelike, Days, NaiveDate, Weekday};
use proptest::prelude::*;
use rapport_engagement::policy::{Policy, RetentionPolicy};
use rapport_engagement::retention::{is_kept, kept_whole_from};

/// A Saturday.
const TODAY: &str = "2026-11-21";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn kept(text: &str) -> bool {
    is_kept(day(text), day(TODAY), &RetentionPolicy::default())
}

#[test]
fn every_day_of_ninety_days_is_kept() {
    assert_eq!(day("2026-08-23") + Days::new(90), day(TODAY));
    assert!(kept(TODAY) && kept("2026-11-20") && kept("2026-08-24") && kept("2026-08-23"));
    assert!(!kept("2026-08-22"), "a Saturday, 91 days old");
    assert_eq!(
        kept_whole_from(day(TODAY), &RetentionPolicy::default()),
        day("2026-08-23")
    );
}

#[test]
fn then_sundays_of_two_years() {
    assert_eq!(day("2024-11-21") + Days::new(730), day(TODAY));
    assert!(kept("2026-08-16"));
    assert!(!kept("2026-08-15") && !kept("2026-08-17"));
    assert!(kept("2024-11-24"), "a Sunday, 727 days old");
    assert!(!kept("2024-11-17"), "a Sunday, 734 days old");
    // A Sunday on the border itself.
    let policy = RetentionPolicy {
        sunday_days: 727,
        ..RetentionPolicy::default()
    };
    assert!(is_kept(day("2024-11-24"), day(TODAY), &policy));
    assert!(!is_kept(day("2024-11-24"), day("2026-11-22"), &policy));
}

#[test]
fn month_ends_for_ever_and_from_the_beginning() {
    assert!(
        kept("2026-07-31")
            && kept("2025-02-28")
            && kept("2024-02-29")
            && kept("2020-12-31")
            && kept("1999-04-30")
    );
    assert!(
        !kept("2024-02-28") && !kept("2020-12-30") && !kept("2020-12-27"),
        "no month ends; the last one a Sunday, too old for that"
    );
}

#[test]
fn the_future_is_kept() {
    assert!(kept("2026-11-22") && kept("2031-01-01"));
}

#[test]
fn what_others_compare_with_cannot_be_pruned() {
    let mut policy = Policy::default();
    let refused = |policy: &Policy| policy.validate().map_err(|error| error.field);
    assert_eq!(refused(&policy), Ok(()));
    policy.retention.daily_days = 59;
    assert_eq!(refused(&policy), Err("retention.daily_days"));
    policy.retention.daily_days = 60;
    assert_eq!(refused(&policy), Ok(()));
    policy.guardrails.fall_days = 46;
    assert_eq!(
        refused(&policy),
        Err("retention.daily_days"),
        "15 days more than `engagement.fell` looks back"
    );
    policy.retention.daily_days = 61;
    assert_eq!(refused(&policy), Ok(()));
    policy.retention.job_run_days = 0;
    assert_eq!(refused(&policy), Err("retention.job_run_days"));
}

prop_compose! {
    fn any_day()(ordinal in 715_000..750_000) -> NaiveDate { NaiveDate::from_num_days_from_ce_opt(ordinal).unwrap() }
}

prop_compose! {
    fn any_policy()(daily_days in 60..500_u32, sunday_days in 0..3000_u32) -> RetentionPolicy {
        RetentionPolicy { daily_days, sunday_days, ..RetentionPolicy::default() }
    }
}

proptest! {
    #[test]
    fn what_is_gone_is_never_wanted_back(day in any_day(), today in any_day(), later in 0..4000_u64, policy in any_policy()) {
        prop_assert!(is_kept(day, today, &policy) || !is_kept(day, today + Days::new(later), &policy));
    }

    #[test]
    fn a_day_is_kept_for_one_of_the_three_reasons(day in any_day(), today in any_day(), policy in any_policy()) {
        let age = (today - day).num_days();
        let month_end = (day + Days::new(1)).day() == 1;
        let sunday = day.weekday() == Weekday::Sun;
        let expected = age <= i64::from(policy.daily_days) || month_end || (sunday && age <= i64::from(policy.sunday_days));
        prop_assert_eq!(is_kept(day, today, &policy), expected);
        prop_assert!(day < kept_whole_from(today, &policy) || is_kept(day, today, &policy));
    }

    #[test]
    fn every_month_that_is_over_keeps_a_day_and_every_week_of_two_years(first in any_day(), today in any_day(), policy in any_policy()) {
        let month: Vec<_> = first.with_day(1).unwrap().iter_days().take_while(|day| day.month() == first.month()).collect();
        prop_assert!(month.iter().any(|day| is_kept(*day, today, &policy)));
        let week = first.iter_days().take(7);
        let recent = (today - first).num_days() <= i64::from(policy.daily_days.max(policy.sunday_days));
        prop_assert!(!recent || week.into_iter().any(|day| is_kept(day, today, &policy)));
    }
}
