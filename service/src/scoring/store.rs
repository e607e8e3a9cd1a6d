//! Writes scores: one row for each account and day.

use chrono::{DateTime, NaiveDate, Utc};
use engagement::DEFINITIONS;
use engagement::evaluation::Evaluation;
use engagement::policy::Policy;
use engagement::recommendation::advice;
use engagement::row::AccountRows;
use engagement::signal;
use engagement::vocabulary::Dimension;
use entity::assessment;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, EntityTrait, Iterable};
use serde_json::json;

use crate::db::Tx;
use crate::error::{During, ServiceError};
use crate::sql::dialect::rows_per_insert;

/// What is the same for every row that one run stores.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) as_of: DateTime<Utc>,
    pub(crate) data_through: Option<NaiveDate>,
    pub(crate) policy_hash: String,
}

/// The row of an evaluation and of the sponsors on its day.
pub(crate) fn to_row(
    run: &Run,
    rows: &AccountRows,
    evaluation: &Evaluation,
    policy: &Policy,
) -> assessment::ActiveModel {
    let sponsors = &evaluation.sponsors;
    let advice = advice(evaluation, rows, policy);
    let scored = &evaluation.assessment;
    let before = |dimension: Dimension| {
        evaluation
            .previous_assessment
            .dimension(dimension)
            .and_then(|d| d.score)
    };
    let dimension = |dimension: Dimension| scored.dimension(dimension).and_then(|d| d.score);
    let measures = &evaluation.current.measures;
    assessment::ActiveModel {
        account_id: Set(rows.account.id.uuid()),
        day: Set(evaluation.windows.ending_on),
        as_of: Set(run.as_of.timestamp_micros()),
        overall: Set(scored.overall),
        overall_rounded: Set(scored.rounded()),
        previous_overall: Set(evaluation.previous_overall),
        change: Set(evaluation.change),
        pattern: Set(scored.pattern.map(|pattern| pattern.as_str().to_owned())),
        trend: Set(evaluation.trend.map(|trend| trend.as_str().to_owned())),
        frequency: Set(dimension(Dimension::Frequency)),
        quality: Set(dimension(Dimension::Quality)),
        breadth: Set(dimension(Dimension::Breadth)),
        product: Set(dimension(Dimension::Product)),
        coverage: Set(scored.coverage),
        provisional: Set(scored.provisional.is_some()),
        provisional_reason: Set(scored.provisional.map(|reason| reason.as_str().to_owned())),
        coverage_changed: Set(evaluation.coverage_changed),
        single_threaded: Set(measures.single_threaded()),
        multi_threaded: Set(measures.multi_threaded()),
        signals: Set(signal::pack(&evaluation.signals)),
        data_through: Set(run.data_through),
        policy_hash: Set(run.policy_hash.clone()),
        executive_level: Set(sponsors.level.as_str().to_owned()),
        executive_score: Set(sponsors.score),
        sponsor_engaged: Set(sponsors.sponsor_engaged),
        executive_contact_days: Set(count(sponsors.year.contact_days)),
        known_days: Set(sponsors.year.known_days.map(count)),
        qbrs_in_year: Set(count(sponsors.year.qbrs_held)),
        qbrs_with_executive: Set(count(sponsors.year.qbrs_with_executive)),
        engaged_executives: Set(count(sponsors.engaged_executives)),
        standing: Set(evaluation
            .standing
            .as_ref()
            .map(|standing| standing.state.as_str().to_owned())),
        standing_reasons: Set(evaluation
            .standing
            .as_ref()
            .map(|standing| json!(standing.reasons).to_string())),
        advice: Set(Some(json!(advice).to_string())),
        definitions: Set(DEFINITIONS),
        effective_people: Set(measures.effective_people),
        previous_frequency: Set(before(Dimension::Frequency)),
        previous_quality: Set(before(Dimension::Quality)),
        previous_breadth: Set(before(Dimension::Breadth)),
        previous_product: Set(before(Dimension::Product)),
        last_executive_contact_on: Set(sponsors.last_executive_contact_on),
    }
}

/// A count as the database takes it; nobody counts that far.
pub(super) fn count(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// Writes rows of one run; those of the same account and day are replaced.
pub(crate) async fn store(tx: &Tx, rows: Vec<assessment::ActiveModel>) -> Result<(), ServiceError> {
    use assessment::Column;
    let columns = Column::iter().count();
    let key = [Column::AccountId, Column::Day];
    let replace = OnConflict::columns(key)
        .update_columns(Column::iter().filter(|column| !matches!(column, Column::AccountId | Column::Day)))
        .to_owned();
    let size = rows_per_insert(tx.get_database_backend(), columns);
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        assessment::Entity::insert_many(rows.by_ref().take(size))
            .on_conflict(replace.clone())
            .exec_without_returning(tx)
            .await
            .during("storing scores")?;
    }
    Ok(())
}
