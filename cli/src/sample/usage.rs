//! Product usage: who used what on which day; where the story has it not by person, by account and week.

use chrono::{Datelike, Days, NaiveDate, Weekday};
use engagement::vocabulary::AccountTier;

use super::company::Company;
use super::people::{DAILY, Person};
use super::row::{Row, RowWriter};
use super::story::{Phase, Story};

/// The product's features, by key and name; the more a customer uses, the further down the list they have come.
pub const FEATURES: [(&str, &str); 10] = [
    ("dashboards", "Dashboards"),
    ("scheduled_reports", "Scheduled reports"),
    ("alerts", "Alerts"),
    ("workflow_builder", "Workflow builder"),
    ("data_exports", "Data exports"),
    ("forecasting", "Forecasting"),
    ("api_access", "API access"),
    ("mobile_app", "Mobile app"),
    ("approval_chains", "Approval chains"),
    ("audit_log", "Audit log"),
];

/// Share of working days on which somebody who lives in the product is in it.
const OFTEN: f64 = 0.72;
/// Share of working days of somebody who looks in.
const SELDOM: f64 = 0.16;

/// Power users that a company of this size should have.
fn benchmark(tier: AccountTier) -> f64 {
    match tier {
        AccountTier::Enterprise => 5.0,
        AccountTier::MidMarket => 3.0,
        AccountTier::Smb => 1.0,
    }
}

/// All usage of one customer. `named` is false where the product knows no people.
pub fn rows(
    account: &str,
    company: &Company,
    people: &[Person],
    phases: &[Phase],
    (ending_on, last_day_ago, named): (NaiveDate, i64, bool),
    random: &mut fastrand::Rng,
) -> Vec<Row> {
    let mut rows = Vec::new();
    let users: Vec<&Person> = if named {
        people.iter().skip(DAILY).collect()
    } else {
        Vec::new()
    };
    let mut pace: Vec<f64> = users.iter().map(|_| random.f64()).collect();
    // Everybody walks through the features at their own pace.
    let mut turns: Vec<usize> = users.iter().map(|_| random.usize(..FEATURES.len())).collect();
    for ago in (last_day_ago..=phases.first().map_or(0, |(from, _)| *from)).rev() {
        let (Some(day), Some(rhythm)) = (
            ending_on.checked_sub_days(Days::new(ago.unsigned_abs())),
            Story::rhythm(phases, ago),
        ) else {
            continue;
        };
        if matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
            continue;
        }
        let mut write = |contact: Option<&Person>, feature: &str, count: u32| {
            rows.push(
                RowWriter::default()
                    .field("account_external_id", account)
                    .maybe("contact_external_id", contact.map(|person| person.key.as_str()))
                    .field("feature", feature)
                    .field("day", day)
                    .field("count", count)
                    .done(),
            );
        };
        if users.is_empty() || ago > company.story.usage_by_person() {
            if day.weekday() == Weekday::Tue {
                for (feature, _) in FEATURES.iter().take(rhythm.features) {
                    write(None, feature, random.u32(5..40));
                }
                write(None, "login", random.u32(10..60));
            }
            continue;
        }
        let power = (rhythm.power_users * benchmark(company.tier)).round() as usize;
        let casual = rhythm.features.div_ceil(3);
        for (place, person) in users.iter().enumerate().take(power + casual) {
            pace[place] += if place < power { OFTEN } else { SELDOM };
            if pace[place] < 1.0 {
                continue;
            }
            pace[place] -= 1.0;
            turns[place] += 1;
            write(
                Some(person),
                FEATURES[turns[place] % rhythm.features.max(1)].0,
                random.u32(1..12),
            );
            if turns[place].is_multiple_of(3) {
                write(Some(person), "login", random.u32(1..4));
            }
        }
    }
    rows
}
