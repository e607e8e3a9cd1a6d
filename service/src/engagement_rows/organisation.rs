//! What is the same for every account of a run: the features there are, how far the data reaches, and who of us has stopped
//! recording.

use std::collections::HashMap;

use chrono::NaiveDate;
use engagement::row::{Catalogue, FeatureIndex, LOGIN};
use engagement::windows::Windows;
use sea_orm::{ConnectionTrait, Statement};

use crate::clock::instant;
use crate::db::Db;
use crate::engagement_rows::silent_owners::SilentOwners;
use crate::error::{During, ServiceError};

/// Facts about the whole organisation at one instant.
#[derive(Debug, Clone)]
pub struct Organisation {
    pub(super) catalogue: Catalogue,
    /// The place of every feature that has ever been used. Usage of a feature that is not in it came in after the run had
    /// begun; the account is scored again in a minute.
    pub(super) places: HashMap<String, FeatureIndex>,
    /// Who of us has stopped recording.
    pub(super) silent: SilentOwners,
    /// The last day with a fact of any account.
    pub data_through: Option<NaiveDate>,
}

/// Every feature with the last day of its use up to the end of this window and of the previous one. Jumps from one feature
/// to the next in the index over (feature, day): its cost is the number of features, not of rows.
const USED_FEATURES: &str = "
    WITH RECURSIVE used (feature) AS (
        SELECT min(feature) FROM usage
        UNION ALL
        SELECT (SELECT min(u.feature) FROM usage u WHERE u.feature > used.feature) FROM used WHERE used.feature IS NOT NULL
    )
    SELECT feature,
        (SELECT u.day FROM usage u WHERE u.feature = used.feature AND u.day <= $1 AND u.count > 0 ORDER BY u.day DESC LIMIT 1),
        (SELECT u.day FROM usage u WHERE u.feature = used.feature AND u.day <= $2 AND u.count > 0 ORDER BY u.day DESC LIMIT 1)
    FROM used WHERE feature IS NOT NULL";

/// The newest interaction that is a fact before an instant.
const LAST_INTERACTION: &str = "
    SELECT occurred_at FROM interaction WHERE occurred_at < $1 AND status <> 'SCHEDULED' ORDER BY occurred_at DESC LIMIT 1";

impl Organisation {
    /// Reads them as they are at the end of the windows: the same for every asker, whatever they may see, because scores
    /// are measured against them.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn read(db: &Db, windows: &Windows) -> Result<Self, ServiceError> {
        Self::read_from(db.read(), windows).await
    }

    /// The same through any connection.
    pub(crate) async fn read_from(
        db: &impl ConnectionTrait,
        windows: &Windows,
    ) -> Result<Self, ServiceError> {
        let listed = listed_features(db).await?;
        let previous = windows.previous();
        let used = used_features(db, windows.last_day(), previous.last_day()).await?;
        let since = |day: Option<NaiveDate>, start: NaiveDate| day.is_some_and(|day| day >= start);
        let mut catalogue = if listed.iter().any(|feature| feature != LOGIN) {
            Catalogue::new(listed)
        } else {
            Catalogue::of_usage(used.iter().map(|used| {
                let (now, before) = (
                    since(used.last_on, windows.history_start_day),
                    since(used.last_before, previous.history_start_day),
                );
                (used.feature.clone(), now, before)
            }))
        };
        let places = used
            .iter()
            .map(|used| (used.feature.clone(), catalogue.index_of(&used.feature)))
            .collect();
        let last_usage = used.iter().filter_map(|used| used.last_on).max();
        let last_interaction = last_interaction(db, windows).await?;
        let catalogue = catalogue.with_last_usage(last_usage);
        Ok(Self {
            catalogue,
            places,
            silent: SilentOwners::read(db, windows).await?,
            data_through: last_usage.max(last_interaction),
        })
    }
}

async fn listed_features(db: &impl ConnectionTrait) -> Result<Vec<String>, ServiceError> {
    let operation = "reading the catalogue of features";
    let statement = Statement::from_string(
        db.get_database_backend(),
        "SELECT feature FROM feature ORDER BY feature",
    );
    let rows = db.query_all_raw(statement).await.during(operation)?;
    rows.iter()
        .map(|row| row.try_get_by_index(0))
        .collect::<Result<_, _>>()
        .during(operation)
}

/// A feature that was ever used.
struct UsedFeature {
    feature: String,
    /// The last day up to the end of this window.
    last_on: Option<NaiveDate>,
    /// The last day up to the end of the previous one.
    last_before: Option<NaiveDate>,
}

async fn used_features(
    db: &impl ConnectionTrait,
    until: NaiveDate,
    before: NaiveDate,
) -> Result<Vec<UsedFeature>, ServiceError> {
    let operation = "reading which features are used";
    let statement = Statement::from_sql_and_values(
        db.get_database_backend(),
        USED_FEATURES,
        [until.into(), before.into()],
    );
    let rows = db.query_all_raw(statement).await.during(operation)?;
    let used = rows.iter().map(|row| {
        Ok(UsedFeature {
            feature: row.try_get_by_index(0)?,
            last_on: row.try_get_by_index(1)?,
            last_before: row.try_get_by_index(2)?,
        })
    });
    used.collect::<Result<_, sea_orm::DbErr>>().during(operation)
}

async fn last_interaction(
    db: &impl ConnectionTrait,
    windows: &Windows,
) -> Result<Option<NaiveDate>, ServiceError> {
    let operation = "looking for the last interaction";
    let statement = Statement::from_sql_and_values(
        db.get_database_backend(),
        LAST_INTERACTION,
        [windows.at.timestamp_micros().into()],
    );
    let row = db.query_one_raw(statement).await.during(operation)?;
    let micros: Option<i64> = row
        .map(|row| row.try_get_by_index(0))
        .transpose()
        .during(operation)?;
    Ok(micros.map(|micros| windows.day_of(instant(micros))))
}

impl Organisation {
    /// What adoption is measured against.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }
}
