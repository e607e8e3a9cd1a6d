//! One digest for each week, in every zone, over every change of its clocks in ten years, against an oracle that looks at
//! what the wall shows.

use std::collections::BTreeSet;

use chrono::Days;
use chrono_tz::TZ_VARIANTS;
use proptest::prelude::*;

use super::*;
use crate::schedule::tests::{changes, day, instant, oracle};

fn at(day: Weekday, hour: u8, zone: Tz) -> DigestTime {
    DigestTime { day, hour, zone }
}

const MONDAY_AT_EIGHT: DigestTime = DigestTime {
    day: Weekday::Monday,
    hour: 8,
    zone: Tz::UTC,
};

/// What a worker does who looks at each of `asked`: the weeks that it settles, in order.
fn simulate(
    time: DigestTime,
    owed_since: DateTime<Utc>,
    asked: impl IntoIterator<Item = DateTime<Utc>>,
) -> Vec<DigestSlot> {
    let mut settled: Vec<DigestSlot> = vec![];
    for now in asked {
        let last = settled.last().map(|slot| slot.week);
        if let Some(slot) = due(&time, last, owed_since, now) {
            assert!(slot.at <= now && slot.at > owed_since, "{slot:?} at {now}");
            settled.push(slot);
        }
        let last = settled.last().map(|slot| slot.week);
        assert_eq!(due(&time, last, owed_since, now), None, "asked twice at {now}");
    }
    settled
}

#[test]
fn every_week_has_one_digest_around_every_change_of_every_zone_for_ten_years() {
    let mut seen = BTreeSet::new();
    for &zone in &TZ_VARIANTS {
        for change in changes(zone, day("2020-01-01"), day("2029-12-31")) {
            // Many zones are names of the same thing: what the wall shows around a change is looked at once.
            let before = (change - Days::new(2)).and_time(NaiveTime::MIN).and_utc();
            let shown: Vec<_> = (0..120)
                .map(|hour| {
                    (before + TimeDelta::hours(hour))
                        .with_timezone(&zone)
                        .naive_local()
                })
                .collect();
            if !seen.insert(shown) {
                continue;
            }
            // On the day of the change and beside it, at the hours at which clocks change and at the usual one.
            for (offset, hour) in [(-1, 0), (0, 0), (0, 1), (0, 2), (0, 3), (0, 8), (0, 23), (1, 0)] {
                let wanted = change + TimeDelta::days(offset);
                let weekday = Weekday::ALL[wanted.weekday().num_days_from_monday() as usize];
                let time = at(weekday, hour, zone);
                let wall = wanted.and_time(NaiveTime::from_hms_opt(u32::from(hour), 0, 0).unwrap());
                let slot = oracle(wall, zone);
                assert_eq!(time.slot(Week::of(wanted)), Some(slot), "{zone} {wall}");
                assert_eq!(time.latest(slot), Some((Week::of(wanted), slot)), "{zone} {wall}");
                let earlier = time
                    .latest(slot - TimeDelta::microseconds(1))
                    .map(|(week, _)| week);
                assert_eq!(earlier, Some(Week::of(wanted - Days::new(7))), "{zone} {wall}");
                // Asked every two hours for nine days around it.
                let start = slot - TimeDelta::days(3);
                let asked = (0..9 * 12).map(|step| start + TimeDelta::hours(2 * step));
                let weeks: Vec<Week> = simulate(time, start, asked)
                    .iter()
                    .map(|slot| slot.week)
                    .collect();
                assert_eq!(weeks, [Week::of(wanted)], "{zone} {wall}");
            }
        }
    }
    assert!(seen.len() > 500, "only {} changes seen", seen.len());
}

#[test]
fn a_day_that_a_zone_left_out_is_its_first_instant_after_the_gap() {
    // There was no Friday, 30 December 2011 in Samoa.
    let time = at(Weekday::Friday, 8, chrono_tz::Pacific::Apia);
    let week = Week::of(day("2011-12-30"));
    assert_eq!(time.slot(week), Some(instant("2011-12-30T10:00:00Z")));
    assert_eq!(
        time.latest(instant("2012-01-01T00:00:00Z")).map(|(week, _)| week),
        Some(week)
    );
}

#[test]
fn only_the_latest_missed_one_is_made_up_for_and_not_after_three_days() {
    let verdict = |now| {
        due(
            &MONDAY_AT_EIGHT,
            None,
            instant("2026-05-01T00:00:00Z"),
            instant(now),
        )
        .map(|slot| (slot.week.to_string(), slot.verdict))
    };
    let week = |week: &str, verdict| Some((week.to_owned(), verdict));
    assert_eq!(verdict("2026-06-15T08:00:00Z"), week("2026-W25", Verdict::Run));
    assert_eq!(verdict("2026-06-18T08:00:00Z"), week("2026-W25", Verdict::Run));
    assert_eq!(
        verdict("2026-06-18T08:00:00.000001Z"),
        week("2026-W25", Verdict::Missed)
    );
    assert_eq!(verdict("2026-06-22T07:59:59Z"), week("2026-W25", Verdict::Missed));
    assert_eq!(verdict("2026-06-22T08:00:00Z"), week("2026-W26", Verdict::Run));
}

#[test]
fn nobody_owes_what_was_due_before_they_came() {
    let since = |since| {
        due(
            &MONDAY_AT_EIGHT,
            None,
            instant(since),
            instant("2026-06-16T12:00:00Z"),
        )
        .is_some()
    };
    assert!(since("2026-06-15T07:59:59Z"));
    assert!(!since("2026-06-15T08:00:00Z"));
    assert!(!since("2026-06-16T12:00:00Z"));
}

#[test]
fn a_week_is_settled_once_whatever_its_reader_changes_meanwhile() {
    let (since, week) = (instant("2026-05-01T00:00:00Z"), "2026-W25".parse().ok());
    for weekday in Weekday::ALL {
        let sunday_night = instant("2026-06-21T23:00:00Z");
        assert_eq!(
            due(&at(*weekday, 8, Tz::UTC), week, since, sunday_night),
            None,
            "{weekday}"
        );
        let next = due(
            &at(*weekday, 8, Tz::UTC),
            week,
            since,
            instant("2026-06-28T23:00:00Z"),
        )
        .map(|slot| slot.week.to_string());
        assert_eq!(next.as_deref(), Some("2026-W26"), "{weekday}");
    }
    assert_eq!(
        due(
            &MONDAY_AT_EIGHT,
            "2026-W40".parse().ok(),
            since,
            instant("2026-06-15T08:00:00Z")
        ),
        None,
        "the clock went back"
    );
}

#[test]
fn a_week_is_written_as_the_standard_says() {
    for (written, of) in [
        ("2026-W01", "2025-12-29"),
        ("2020-W53", "2021-01-03"),
        ("2026-W25", "2026-06-17"),
    ] {
        assert_eq!(Week::of(day(of)).to_string(), written);
        assert_eq!(written.parse(), Ok(Week::of(day(of))));
    }
    for text in [
        "", "2026", "2026-25", "2026-W00", "2026-W54", "2025-W53", "2026-W1", "26-W25", "2026-W+5",
    ] {
        assert_eq!(text.parse::<Week>(), Err(WeekError), "{text}");
    }
}

proptest! {
    /// However irregularly somebody looks, and however the clock jumps, weeks rise and none comes twice; looked at often
    /// enough, none is skipped.
    #[test]
    fn weeks_rise_and_none_comes_twice(
        zone in proptest::sample::select(TZ_VARIANTS.as_slice()),
        (weekday, hour) in (0usize..7, 0u8..24),
        start in 1_577_836_800i64..1_893_456_000,
        steps in proptest::collection::vec(prop_oneof![8 => 1i64..260_000, 1 => -400_000i64..0, 1 => 90_000i64..2_000_000], 1..60),
    ) {
        let time = at(Weekday::ALL[weekday], hour, zone);
        let owed_since = DateTime::from_timestamp(start, 0).unwrap();
        let mut now = owed_since;
        let asked: Vec<_> = steps.iter().map(|step| { now += TimeDelta::seconds(*step); now }).collect();
        let found = simulate(time, owed_since, asked.iter().copied());
        prop_assert!(found.windows(2).all(|pair| pair[0].week < pair[1].week && pair[0].at < pair[1].at));
        if steps.iter().all(|step| (0..=250_000).contains(step)) {
            prop_assert!(found.iter().all(|slot| slot.verdict == Verdict::Run));
            prop_assert!(found.windows(2).all(|pair| Week::of(pair[0].week.day(Weekday::Monday).unwrap() + Days::new(7)) == pair[1].week));
        }
        let furthest = asked.iter().copied().max().unwrap();
        let (week, at) = time.latest(furthest).unwrap();
        if at > owed_since {
            prop_assert_eq!(found.last().map(|slot| slot.week), Some(week));
        } else {
            prop_assert!(found.is_empty());
        }
    }

    #[test]
    fn weeks_are_ordered_as_their_texts_are(days in 0i64..20_000, more in 0i64..20_000) {
        let (a, b) = (Week::of(day("1990-01-01") + TimeDelta::days(days)), Week::of(day("1990-01-01") + TimeDelta::days(more)));
        prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
        prop_assert_eq!(a.to_string().parse(), Ok(a));
    }
}
