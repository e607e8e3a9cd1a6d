//! What goes on in it: whether jobs keep their schedule, mail goes out, and everybody can see and be reached.

use chrono::TimeDelta;
use service::clock::Clock;
use service::db::Db;
use service::monitoring::diagnosis::{Headcount, headcount, stored};
use service::monitoring::{Since, Vitals};

use super::report::{Report, in_time};
use crate::settings::Settings;

/// How far the nightly job may be behind, and every other one.
const NIGHTLY: TimeDelta = TimeDelta::hours(2);
const OTHERS: TimeDelta = TimeDelta::minutes(30);
/// For how long mail may be due.
const DUE: TimeDelta = TimeDelta::minutes(15);
/// How long before its end a token is worth a word.
const ENDING: TimeDelta = TimeDelta::days(14);

/// Looks at jobs, mail and people.
pub(super) async fn check(report: &mut Report, db: &Db, settings: &Settings, clock: &Clock) {
    check_vitals(report, db, settings, clock).await;
    match in_time(headcount(db, clock.now())).await {
        Ok(count) => check_people(report, &count, clock),
        Err(error) => report.fail("people", error, "look into the database's log"),
    }
}

async fn check_vitals(report: &mut Report, db: &Db, settings: &Settings, clock: &Clock) {
    let now = clock.now() - db.clock_ahead();
    let Ok(Some(stored)) = in_time(stored(db)).await else {
        return;
    };
    let since = Since {
        installed_at: stored.installed_at,
        zone: settings.time_zone,
    };
    let vitals = match worker::jobs::scheduled() {
        Ok(jobs) => in_time(Vitals::read(db, &jobs, since, now)).await,
        Err(error) => Err(error.to_string()),
    };
    let vitals = match vitals {
        Ok(vitals) => vitals,
        Err(error) => return report.fail("jobs", error, "look into the database's log"),
    };
    let late: Vec<String> = vitals
        .jobs
        .iter()
        .filter(|job| job.lag > if job.name == "recompute" { NIGHTLY } else { OTHERS })
        .map(|job| format!("{} by {} min", job.name, job.lag.num_minutes()))
        .collect();
    if late.is_empty() {
        report.fine("jobs", "on schedule");
    } else {
        let advice =
            "see that a worker runs (`rapport worker`, `serve --worker`) and what `rapport jobs` says";
        report.fail("jobs", format!("behind: {}", late.join(", ")), advice);
    }
    let due: u64 = vitals.outbox.iter().map(|(_, depth)| depth.due).sum();
    let oldest = vitals
        .outbox
        .iter()
        .filter_map(|(_, depth)| depth.oldest_due_at)
        .min();
    match oldest.map(|since| now - since) {
        Some(age) if age > DUE => {
            let found = format!("{due} messages are due, the oldest for {} min", age.num_minutes());
            report.fail(
                "mail due",
                found,
                "see that a worker runs, and what the mail server says below",
            );
        }
        _ => report.fine("mail due", format!("{due} messages")),
    }
}

fn check_people(report: &mut Report, count: &Headcount, clock: &Clock) {
    if count.failed_messages > 0 {
        let found = format!("{} messages were given up", count.failed_messages);
        report.warn(
            "undeliverable mail",
            found,
            "`rapport mail list --status failed` says why, `rapport mail retry` puts them back",
        );
    }
    if count.users == 0 {
        return report.warn(
            "users",
            "there are none",
            "`rapport init --admin EMAIL` makes the first",
        );
    }
    report.fine("users", format!("{}", count.users));
    report.fine(
        "viewers who see everything",
        format!("{}", count.viewers_of_everything),
    );
    for (check, number, of, advice) in [
        (
            "unreachable users",
            count.unreachable,
            count.users,
            "correct the address, then `rapport mail retry --failed`",
        ),
        (
            "csms without a team",
            count.csms_without_team,
            count.users,
            "assign them with `assignTeamMember`, or they see nothing",
        ),
        (
            "viewers who see nothing",
            count.viewers_of_nothing,
            count.users,
            "assign them with `assignTeamMember`, or import users with sees_everything",
        ),
        (
            "accounts without a team",
            count.accounts_without_team,
            count.accounts,
            "nobody but admins is told of them; `assignTeamMember`",
        ),
    ] {
        if number > 0 {
            report.warn(check, format!("{number} of {of}"), advice);
        }
    }
    let advice = "`rapport token create --user EMAIL` makes another";
    match count.last_admin_token_ends {
        _ if count.endless_admin_token => report.fine("admin's token", "valid without an end"),
        None => report.warn("admin's token", "no admin has a valid one", advice),
        Some(ends) if ends - clock.now() < ENDING => {
            report.warn(
                "admin's token",
                format!("the last one ends on {}", ends.format("%Y-%m-%d")),
                advice,
            );
        }
        Some(ends) => report.fine(
            "admin's token",
            format!("valid until {}", ends.format("%Y-%m-%d")),
        ),
    }
}
