//! `rapport recompute`: scores every active account and stores the result.

use std::fmt::Write;
use std::io::IsTerminal;

use chrono::{Datelike, Days, NaiveDate};
use clap::Args;
use engagement::vocabulary::Pattern;
use engagement::windows::day_of;
use indicatif::{ProgressBar, ProgressStyle};
use service::access::Access;
use service::clock::Clock;
use service::job::job_batch::left_out;
use service::job::recompute::{Progress, Recomputed, Scope, SetAside, recompute};

use crate::failure::Failure;
use crate::lifecycle::stop_on_signal;
use crate::opening::{self, Ready, Schema};
use crate::output::print;
use crate::settings::Settings;

/// Flags of `recompute`.
#[derive(Debug, Args)]
pub struct Recompute {
    /// Score as of the end of this day [default: as of now]
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
    /// Score so many days, that one the last: what was stored for them is replaced, so that they mean the same again
    #[arg(long, value_name = "DAYS", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=731))]
    days: u16,
}

/// Scores, and says what came of it.
///
/// # Errors
/// When the day makes no sense or the database cannot be used.
pub async fn run(asked: &Recompute, settings: &Settings) -> Result<(), Failure> {
    let day = asked
        .as_of
        .as_deref()
        .map(|day| parse_day("--as-of", day))
        .transpose()?;
    let stop = stop_on_signal()?;
    let clock = Clock::system();
    let ready = opening::open(settings, Schema::Expect, &clock).await?;
    let today = day_of(clock.now(), ready.zone);
    let day = day.unwrap_or(today);
    if day > today {
        return Err(Failure::setup(format!(
            "--as-of: {day} is in the future; today is {today}"
        )));
    }
    let bar = if std::io::stderr().is_terminal() {
        ProgressBar::new(0)
    } else {
        ProgressBar::hidden()
    };
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} accounts, {per_sec}, {eta} left") {
        bar.set_style(style);
    }
    let watch = |progress: Progress| {
        bar.set_length(progress.total);
        bar.set_position(progress.done);
        tracing::info!(done = progress.done, total = progress.total, "scoring");
    };
    let done = stop
        .run_until_cancelled(score_days(&ready, &clock, (day, asked.days), watch))
        .await;
    bar.finish_and_clear();
    match done {
        Some(done) => {
            let (earlier, done) = done?;
            print(&(describe_earlier(day, &earlier) + &describe(day, &done)))?;
            let set_aside: Vec<SetAside> = earlier
                .iter()
                .flat_map(|(_, done)| &done.set_aside)
                .chain(&done.set_aside)
                .cloned()
                .collect();
            left_out(&set_aside).map_or(Ok(()), |error| Err(Failure::work(error)))
        }
        None => Err(Failure::work(
            "stopped; what was scored is stored, run it again for the rest",
        )),
    }
}

/// Scores so many days, the oldest first; what was done for those before the last one, and for that one.
async fn score_days(
    ready: &Ready,
    clock: &Clock,
    (day, days): (NaiveDate, u16),
    watch: impl Fn(Progress),
) -> Result<(Vec<(NaiveDate, Recomputed)>, Recomputed), Failure> {
    let mut earlier = Vec::new();
    for before in (1..u64::from(days))
        .rev()
        .filter_map(|back| day.checked_sub_days(Days::new(back)))
    {
        earlier.push((before, score(ready, clock, before, &watch).await?));
    }
    Ok((earlier, score(ready, clock, day, &watch).await?))
}

/// Scores all customers of a day.
///
/// # Errors
/// Those of the database.
pub async fn score(
    ready: &Ready,
    clock: &Clock,
    day: NaiveDate,
    watch: impl Fn(Progress),
) -> Result<Recomputed, Failure> {
    let request = service::job::recompute::Recompute {
        as_of: clock.now(),
        ending_on: day,
        scope: Scope::All,
    };
    Ok(recompute(&ready.db, &Access::system(), &ready.settings(), &request, watch).await?)
}

/// Years that a day may lie in, as everywhere in Rapport.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=2199;

/// A day on the command line.
///
/// # Errors
/// When it is none.
pub fn parse_day(flag: &str, text: &str) -> Result<NaiveDate, Failure> {
    let day = text
        .parse()
        .ok()
        .filter(|day: &NaiveDate| text.len() == 10 && YEARS.contains(&day.year()));
    day.ok_or_else(|| {
        Failure::setup(format!(
            "{flag}: '{}' is no day; one is written like 2026-06-30, from 1970 to 2199",
            text.escape_debug()
        ))
    })
}

fn describe_earlier(day: NaiveDate, earlier: &[(NaiveDate, Recomputed)]) -> String {
    let Some((first, _)) = earlier.first() else {
        return String::new();
    };
    let scores: u64 = earlier.iter().map(|(_, done)| done.accounts).sum();
    format!(
        "{scores} scores of the {} days from {first} to the day before {day}\n",
        earlier.len()
    )
}

fn describe(day: NaiveDate, done: &Recomputed) -> String {
    let mut text = format!("{} accounts scored as of {day}\n", done.accounts);
    let mut line = |name: &str, accounts: u64, note: &str| {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "  {name:<20}{accounts:>8}{note}");
    };
    for (pattern, accounts) in Pattern::ALL.iter().zip(done.patterns) {
        line(pattern.in_words(), accounts, "");
    }
    let coverage = match done.thin_coverage {
        Some((least, most)) if least == most => format!("  (coverage {least} %)"),
        Some((least, most)) => format!("  (coverage {least} to {most} %)"),
        None => String::new(),
    };
    line("not enough data", done.without_pattern, &coverage);
    line("provisional", done.provisional, "  (counted above)");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_names_what_had_too_little_data() {
        let done = Recomputed {
            accounts: 503,
            without_pattern: 500,
            provisional: 501,
            patterns: [1, 2, 0, 0],
            thin_coverage: Some((9, 9)),
            ..Recomputed::default()
        };
        insta::assert_snapshot!(describe("2024-12-31".parse().unwrap(), &done), @r"
        503 accounts scored as of 2024-12-31
          highly engaged             1
          moderately engaged         2
          low engaged                0
          disengaged                 0
          not enough data          500  (coverage 9 %)
          provisional              501  (counted above)
        ");
        assert_eq!(describe_earlier("2024-12-31".parse().unwrap(), &[]), "");
        let earlier = [("2024-12-29", 500), ("2024-12-30", 502)].map(|(day, accounts)| {
            (
                day.parse().unwrap(),
                Recomputed {
                    accounts,
                    ..Recomputed::default()
                },
            )
        });
        assert_eq!(
            describe_earlier("2024-12-31".parse().unwrap(), &earlier),
            "1002 scores of the 2 days from 2024-12-29 to the day before 2024-12-31\n"
        );
        let done = Recomputed {
            thin_coverage: Some((0, 35)),
            ..done.clone()
        };
        assert!(describe("2024-12-31".parse().unwrap(), &done).contains("(coverage 0 to 35 %)"));
    }
}
