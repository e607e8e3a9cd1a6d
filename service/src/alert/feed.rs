//! Whether data still comes in. A feed that has dried up makes every customer look silent, so the rules that depend on it
//! stand still (`engagement::guardrail::stale_feed`); what is read here are the days on which it brought something.

use chrono::{DateTime, Days, NaiveDate, Utc};
use engagement::alert::Condition;
use engagement::guardrail::stale_feed;
use engagement::vocabulary::Feed;
use engagement::windows::start_of_day;
use sea_orm::{ConnectionTrait, Statement};

use crate::clock::instant;
use crate::error::{During, ServiceError};
use crate::settings::Settings;
use crate::sql::dialect::spans;

/// The feeds that are stale, each with the condition that says so.
#[derive(Debug, Default)]
pub(crate) struct StaleFeeds {
    pub(crate) feeds: Vec<Feed>,
    pub(crate) conditions: Vec<Condition>,
}

impl StaleFeeds {
    /// Looks at the days of both feeds.
    pub(crate) async fn read(
        db: &impl ConnectionTrait,
        settings: &Settings,
        today: NaiveDate,
    ) -> Result<Self, ServiceError> {
        let mut stale = Self::default();
        for feed in [Feed::Interactions, Feed::Usage] {
            let days = match feed {
                Feed::Interactions => days_with_interactions(db, settings, today).await?,
                Feed::Usage => days_with_usage(db, settings, today).await?,
            };
            if let Some(condition) = stale_feed::check(feed, &days, today, &settings.policy) {
                stale.feeds.push(feed);
                stale.conditions.push(condition);
            }
        }
        Ok(stale)
    }
}

/// The newest interaction that is a fact before an instant.
const LAST_INTERACTION: &str = "
    SELECT occurred_at FROM interaction WHERE occurred_at < $1 AND status <> 'SCHEDULED' ORDER BY occurred_at DESC LIMIT 1";

/// One look into the index over time for each day.
async fn days_with_interactions(
    db: &impl ConnectionTrait,
    settings: &Settings,
    today: NaiveDate,
) -> Result<Vec<NaiveDate>, ServiceError> {
    let operation = "reading the days with interactions";
    let midnight = |day: NaiveDate| start_of_day(day, settings.zone);
    let next = |day: NaiveDate| day.checked_add_days(Days::new(1)).unwrap_or(day);
    let end = midnight(next(today)).timestamp_micros();
    let statement = Statement::from_sql_and_values(db.get_database_backend(), LAST_INTERACTION, [end.into()]);
    let Some(row) = db.query_one_raw(statement).await.during(operation)? else {
        return Ok(Vec::new());
    };
    let last: DateTime<Utc> = instant(row.try_get_by_index(0).during(operation)?);
    let last = settings.day_of(last);
    let days = last
        .checked_sub_days(window(settings))
        .unwrap_or(last)
        .iter_days()
        .take_while(|day| *day <= last);
    let bounds: Vec<(i64, i64)> = days
        .map(|day| {
            (
                midnight(day).timestamp_micros(),
                midnight(next(day)).timestamp_micros(),
            )
        })
        .collect();
    let (rows, parameters) = spans(db.get_database_backend(), &bounds);
    let statement = format!(
        "SELECT span.first FROM {rows} WHERE EXISTS (
            SELECT 1 FROM interaction i WHERE i.occurred_at >= span.first AND i.occurred_at < span.past AND i.status <> 'SCHEDULED')"
    );
    let statement = Statement::from_sql_and_values(db.get_database_backend(), statement, parameters);
    let rows = db.query_all_raw(statement).await.during(operation)?;
    rows.iter()
        .map(|row| Ok(settings.day_of(instant(row.try_get_by_index(0).during(operation)?))))
        .collect()
}

/// The last day with usage: one look into the index over (feature, day) for each feature.
const LAST_USAGE: &str = "
    WITH RECURSIVE used (feature) AS (
        SELECT min(feature) FROM usage
        UNION ALL
        SELECT (SELECT min(u.feature) FROM usage u WHERE u.feature > used.feature) FROM used WHERE used.feature IS NOT NULL
    )
    SELECT max((SELECT max(u.day) FROM usage u WHERE u.feature = used.feature AND u.day <= $1 AND u.count > 0))
    FROM used WHERE feature IS NOT NULL";

/// The days with usage between two: jumps from day to day for each feature.
const USAGE_DAYS: &str = "
    WITH RECURSIVE used (feature) AS (
        SELECT min(feature) FROM usage
        UNION ALL
        SELECT (SELECT min(u.feature) FROM usage u WHERE u.feature > used.feature) FROM used WHERE used.feature IS NOT NULL
    ),
    seen (feature, day) AS (
        SELECT feature, (SELECT min(u.day) FROM usage u WHERE u.feature = used.feature AND u.day BETWEEN $1 AND $2 AND u.count > 0)
        FROM used WHERE feature IS NOT NULL
        UNION ALL
        SELECT feature, (SELECT min(u.day) FROM usage u WHERE u.feature = seen.feature AND u.day > seen.day AND u.day <= $2 AND u.count > 0)
        FROM seen WHERE day IS NOT NULL
    )
    SELECT DISTINCT day FROM seen WHERE day IS NOT NULL";

async fn days_with_usage(
    db: &impl ConnectionTrait,
    settings: &Settings,
    today: NaiveDate,
) -> Result<Vec<NaiveDate>, ServiceError> {
    let operation = "reading the days with usage";
    let backend = db.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, LAST_USAGE, [today.into()]);
    let row = db.query_one_raw(statement).await.during(operation)?;
    let last: Option<NaiveDate> = row
        .map_or(Ok(None), |row| row.try_get_by_index(0))
        .during(operation)?;
    let Some(last) = last else { return Ok(Vec::new()) };
    let from = last.checked_sub_days(window(settings)).unwrap_or(last);
    let statement = Statement::from_sql_and_values(backend, USAGE_DAYS, [from.into(), last.into()]);
    let rows = db.query_all_raw(statement).await.during(operation)?;
    rows.iter()
        .map(|row| row.try_get_by_index(0))
        .collect::<Result<_, _>>()
        .during(operation)
}

fn window(settings: &Settings) -> Days {
    Days::new(u64::from(settings.policy.guardrails.stale_window_days))
}
