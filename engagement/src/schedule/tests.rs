//! Due-ness against an oracle that knows no cron and no zone rules: it looks at what the wall shows, minute by minute.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate, NaiveTime};
use chrono_tz::TZ_VARIANTS;
use proptest::prelude::*;

use super::*;

pub(super) fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at_clock(pattern: &str) -> Schedule {
    Schedule::parse(pattern, Clockwork::Wall, TimeDelta::days(3)).unwrap()
}

/// The first minute at which the wall shows `wall` or later.
pub(super) fn oracle(wall: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    // Three hours before the instant it would be by the offset of two days ago.
    let before = wall.and_utc() - TimeDelta::days(2);
    let ahead = before.with_timezone(&zone).naive_local() - before.naive_utc();
    let from = wall.and_utc() - ahead - TimeDelta::hours(3);
    (0..30 * 60)
        .map(|minutes| from + TimeDelta::minutes(minutes))
        .find(|instant| instant.with_timezone(&zone).naive_local() >= wall)
        .expect("the wall gets there")
}

fn days(first: NaiveDate, last: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    first.iter_days().take_while(move |day| *day <= last)
}

/// Days on which a zone's offset differs from the day before.
pub(super) fn changes(zone: Tz, first: NaiveDate, last: NaiveDate) -> Vec<NaiveDate> {
    let noon = |day: NaiveDate| day.and_time(NaiveTime::from_hms_opt(12, 0, 0).unwrap());
    let ahead = |day: NaiveDate| noon(day).and_utc().with_timezone(&zone).naive_local() - noon(day);
    days(first, last)
        .filter(|day| ahead(*day) != ahead(*day - Days::new(1)))
        .collect()
}

/// What somebody sees who asks at each of `asked`: the slots, in the order they were found due.
fn simulate(
    schedule: &Schedule,
    zone: Tz,
    installed: DateTime<Utc>,
    asked: impl IntoIterator<Item = DateTime<Utc>>,
) -> Vec<Slot> {
    let mut last = installed;
    let mut found = Vec::new();
    for now in asked {
        if let Some(slot) = due(schedule, last, now, zone) {
            assert!(slot.at > last && slot.at <= now, "{slot:?} after {last} at {now}");
            last = slot.at;
            found.push(slot);
        }
        assert_eq!(due(schedule, last, now, zone), None, "asked twice at {now}");
    }
    found
}

#[test]
fn every_slot_comes_once_around_every_change_of_every_zone_for_ten_years() {
    let schedules = [
        (at_clock("0 2 * * *"), 2, 0),
        (at_clock("30 1 * * *"), 1, 30),
        (at_clock("0 0 * * *"), 0, 0),
    ];
    // Many zones are names of the same thing: what the wall shows in the days around a change is looked at once.
    let mut seen = BTreeSet::new();
    for &zone in &TZ_VARIANTS {
        for change in changes(zone, day("2020-01-01"), day("2029-12-31")) {
            let (first, last) = (change - Days::new(2), change + Days::new(2));
            let midnight = first.and_time(NaiveTime::MIN).and_utc();
            let shown: Vec<_> = (0..120)
                .map(|hour| {
                    (midnight + TimeDelta::hours(hour))
                        .with_timezone(&zone)
                        .naive_local()
                })
                .collect();
            if !seen.insert(shown) {
                continue;
            }
            for (schedule, hour, minute) in &schedules {
                let time = NaiveTime::from_hms_opt(*hour, *minute, 0).unwrap();
                let expected: BTreeSet<_> = days(first, last)
                    .map(|day| oracle(day.and_time(time), zone))
                    .collect();
                let start = oracle(first.and_time(time), zone) - TimeDelta::seconds(1);
                let end = oracle(last.and_time(time), zone);
                let mut found = BTreeSet::new();
                let mut at = start;
                while let Some(next) = schedule.next(at, zone).filter(|next| *next <= end) {
                    assert_eq!(schedule.latest(next, zone), Some(next), "{zone} {next}");
                    assert_eq!(
                        schedule.latest(next - TimeDelta::microseconds(1), zone),
                        if at == start {
                            schedule.latest(start, zone)
                        } else {
                            Some(at)
                        },
                        "{zone} {next}"
                    );
                    found.insert(next);
                    at = next;
                }
                assert_eq!(found, expected, "{zone} around {change} at {time}");
            }
        }
    }
    assert!(seen.len() > 500, "only {} changes seen", seen.len());
}

#[test]
fn a_skipped_day_is_its_first_instant_after_the_gap() {
    let zone = chrono_tz::Pacific::Apia;
    let slots: Vec<_> = simulate(
        &at_clock("0 2 * * *"),
        zone,
        instant("2011-12-29T10:00:00Z"),
        (0..96).map(|hour| instant("2011-12-29T11:00:00Z") + TimeDelta::hours(hour)),
    )
    .iter()
    .map(|slot| slot.at.with_timezone(&zone).naive_local().to_string())
    .collect();
    // There was no 30 December in Samoa: its slot is the first instant of the 31st, whose own comes two hours later.
    assert_eq!(
        slots,
        [
            "2011-12-29 02:00:00",
            "2011-12-31 00:00:00",
            "2011-12-31 02:00:00",
            "2012-01-01 02:00:00",
            "2012-01-02 02:00:00"
        ]
    );
}

#[test]
fn a_repeated_hour_runs_its_slot_once() {
    let zone = chrono_tz::America::New_York;
    let minutes = (0..4 * 60).map(|minute| instant("2026-11-01T04:00:00Z") + TimeDelta::minutes(minute));
    let slots = simulate(
        &at_clock("30 1 * * *"),
        zone,
        instant("2026-11-01T00:00:00Z"),
        minutes,
    );
    assert_eq!(
        slots.iter().map(|slot| slot.at).collect::<Vec<_>>(),
        [instant("2026-11-01T05:30:00Z")]
    );
}

#[test]
fn a_regular_beat_does_not_care_about_the_wall() {
    let beat = Schedule::parse("* * * * *", Clockwork::Utc, TimeDelta::hours(1)).unwrap();
    let zone = chrono_tz::America::New_York;
    let asked =
        (0..=3 * 60 * 6).map(|step| instant("2026-11-01T04:30:03.5Z") + TimeDelta::seconds(10 * step));
    let slots = simulate(&beat, zone, instant("2026-11-01T04:30:00Z"), asked);
    let expected: Vec<_> = (1..=180)
        .map(|minute| instant("2026-11-01T04:30:00Z") + TimeDelta::minutes(minute))
        .collect();
    assert_eq!(slots.iter().map(|slot| slot.at).collect::<Vec<_>>(), expected);
}

#[test]
fn after_a_long_absence_only_the_latest_slot_is_made_up_for() {
    let schedule = at_clock("0 2 * * *");
    let slots = simulate(
        &schedule,
        Tz::UTC,
        instant("2026-03-01T02:00:00Z"),
        [instant("2026-03-08T09:00:00Z")],
    );
    assert_eq!(
        slots,
        [Slot {
            at: instant("2026-03-08T02:00:00Z"),
            verdict: Verdict::Run
        }]
    );
    assert_eq!(
        passed_over(&schedule, instant("2026-03-01T02:00:00Z"), slots[0].at, Tz::UTC),
        6
    );
}

#[test]
fn a_slot_too_late_is_missed() {
    let weekly = at_clock("0 8 * * MON");
    let verdict =
        |now| due(&weekly, instant("2026-03-01T00:00:00Z"), instant(now), Tz::UTC).map(|slot| slot.verdict);
    assert_eq!(verdict("2026-03-02T07:59:59Z"), None);
    assert_eq!(verdict("2026-03-02T08:00:00Z"), Some(Verdict::Run));
    assert_eq!(verdict("2026-03-05T08:00:00Z"), Some(Verdict::Run));
    assert_eq!(verdict("2026-03-05T08:00:00.000001Z"), Some(Verdict::Missed));
}

#[test]
fn an_unreadable_pattern_is_an_error_that_names_it() {
    let error = Schedule::parse("61 * * * *", Clockwork::Utc, TimeDelta::zero()).unwrap_err();
    assert!(
        error.to_string().starts_with("schedule '61 * * * *': "),
        "{error}"
    );
}

proptest! {
    /// However irregularly somebody asks, and however the clock jumps, slots rise, none comes twice, and the last one
    /// found is the latest there is.
    #[test]
    fn slots_rise_and_none_comes_twice(
        zone in proptest::sample::select(TZ_VARIANTS.as_slice()),
        (hour, minute) in (0u32..24, 0u32..60),
        start in 1_577_836_800i64..1_893_456_000,
        steps in proptest::collection::vec(prop_oneof![8 => 1i64..90_000, 1 => -10_000i64..0, 1 => 90_000i64..900_000], 1..40),
    ) {
        let schedule = at_clock(&format!("{minute} {hour} * * *"));
        let installed = DateTime::from_timestamp(start, 0).unwrap();
        let mut now = installed;
        let asked: Vec<_> = steps.iter().map(|step| { now += TimeDelta::seconds(*step); now }).collect();
        let slots = simulate(&schedule, zone, installed, asked.iter().copied());
        prop_assert!(slots.windows(2).all(|pair| pair[0].at < pair[1].at));
        let furthest = asked.iter().copied().max().unwrap();
        let latest = schedule.latest(furthest, zone).unwrap();
        if latest > installed {
            prop_assert_eq!(slots.last().map(|slot| slot.at), Some(latest));
        } else {
            prop_assert!(slots.is_empty());
        }
    }
}
