//! What is the same for every account of a run: the features there are, and how far the data reaches.

use std::collections::HashMap;

use chrono::NaiveDate;
use engagement::row::{Catalogue, FeatureIndex, LOGIN};
use engagement::windows::Windows;
use sea_orm::{ConnectionTrait, Statement};

use crate::access::Access;
use crate::clock::instant;
use crate::db::Db;
use crate::error::{During, ServiceError};

/// Facts about the whole organisation at one instant.
#[derive(Debug, Clone)]
pub struct Organisation {
    pub(super) catalogue: Catalogue,
    /// The place of every feature that has ever been used. Usage of a feature that is not in it came in after the run had
    /// begun; the account is scored again in a minute.
    pub(super) places: HashMap<String, FeatureIndex>,
    /// The last day with a fact of any account.
    pub data_through: Option<NaiveDate>,
}

/// Every feature with the last day of its use up to a day. Jumps from one feature to the next in the index over (feature,
/// day): its cost is the number of features, not of rows.
const USED_FEATURES: &str = "
    WITH RECURSIVE used (feature) AS (
        SELECT min(feature) FROM usage
        UNION ALL
        SELECT (SELECT min(u.feature) FROM usage u WHERE u.feature > used.feature) FROM used WHERE used.feature IS NOT NULL
    )
    SELECT feature, (SELECT max(u.day) FROM usage u WHERE u.feature = used.feature AND u.day <= $1)
    FROM used WHERE feature IS NOT NULL";

/// The newest interaction that is a fact before an instant.
const LAST_INTERACTION: &str = "
    SELECT occurred_at FROM interaction WHERE occurred_at < $1 AND status <> 'SCHEDULED' ORDER BY occurred_at DESC LIMIT 1";

impl Organisation {
    /// Reads them as they are at the end of the windows.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn read(db: &Db, _access: &Access, windows: &Windows) -> Result<Self, ServiceError> {
        let listed = listed_features(db).await?;
        let used = used_features(db, windows.last_day()).await?;
        let in_history = |day: &Option<NaiveDate>| day.is_some_and(|day| day >= windows.history_start_day);
        let mut catalogue = if listed.iter().any(|feature| feature != LOGIN) {
            Catalogue::new(listed)
        } else {
            Catalogue::new(used.iter().filter(|(_, day)| in_history(day)).map(|(feature, _)| feature.clone()))
        };
        let places = used.iter().map(|(feature, _)| (feature.clone(), catalogue.index_of(feature))).collect();
        let last_usage = used.iter().filter_map(|(_, day)| *day).max();
        let last_interaction = last_interaction(db, windows).await?;
        Ok(Self { catalogue, places, data_through: last_usage.max(last_interaction) })
    }
}

async fn listed_features(db: &Db) -> Result<Vec<String>, ServiceError> {
    let operation = "reading the catalogue of features";
    let statement = Statement::from_string(db.backend(), "SELECT feature FROM feature ORDER BY feature");
    let rows = db.read().query_all_raw(statement).await.during(operation)?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>().during(operation)
}

async fn used_features(db: &Db, until: NaiveDate) -> Result<Vec<(String, Option<NaiveDate>)>, ServiceError> {
    let operation = "reading which features are used";
    let statement = Statement::from_sql_and_values(db.backend(), USED_FEATURES, [until.into()]);
    let rows = db.read().query_all_raw(statement).await.during(operation)?;
    rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect::<Result<_, sea_orm::DbErr>>().during(operation)
}

async fn last_interaction(db: &Db, windows: &Windows) -> Result<Option<NaiveDate>, ServiceError> {
    let operation = "looking for the last interaction";
    let statement = Statement::from_sql_and_values(db.backend(), LAST_INTERACTION, [windows.at.timestamp_micros().into()]);
    let row = db.read().query_one_raw(statement).await.during(operation)?;
    let micros: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose().during(operation)?;
    Ok(micros.map(|micros| windows.day_of(instant(micros))))
}
