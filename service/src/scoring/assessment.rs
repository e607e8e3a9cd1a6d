//! Stored scores: numbers and codes only, one row per account and day.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use engagement::DEFINITIONS;
use engagement::id::AccountId;
use engagement::recommendation::Advice;
use engagement::signal;
use engagement::standing::{Reason, Standing};
use engagement::vocabulary::{
    Dimension, EngagementLevel, Pattern, ProvisionalReason, Severity, Signal, StandingState, Trend,
};
use entity::{account, assessment};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, IntoColumnRef, IntoTableRef, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::access::{Access, visible_accounts};
use crate::clock::instant;
use crate::db::Db;
use crate::error::{During, ServiceError};
use crate::record::account::is_active;
use crate::sql::dialect::id_in;
use crate::sql::stored::{parse, parse_json, parse_optional};

/// A stored score.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredAssessment {
    pub account_id: AccountId,
    /// The last day that counted.
    pub day: NaiveDate,
    /// The instant of the evaluation.
    pub as_of: DateTime<Utc>,
    pub overall: Option<f64>,
    /// As it is shown.
    pub overall_rounded: Option<i32>,
    /// Of the previous window, rounded.
    pub previous_overall: Option<i32>,
    /// Rounded points against the previous window.
    pub change: Option<i32>,
    /// Absent where there was not enough data.
    pub pattern: Option<Pattern>,
    /// Where the score was going.
    pub trend: Option<Trend>,
    /// In the order of [`Dimension::ALL`]; absent where not measured.
    pub dimensions: [Option<f64>; 4],
    /// Share of the weight that was measured, in percent.
    pub coverage: f64,
    /// Whether the score is to be read with care.
    pub provisional: bool,
    pub provisional_reason: Option<ProvisionalReason>,
    /// The two windows measured different dimensions.
    pub coverage_changed: bool,
    /// One engaged contact.
    pub single_threaded: bool,
    /// Several, of several departments.
    pub multi_threaded: bool,
    /// The signals that were raised.
    pub signals: Vec<(Signal, Severity)>,
    /// The executive engagement: the primary sponsor's level; UNKNOWN without one.
    pub executive_level: EngagementLevel,
    /// The primary sponsor's score from 0 to 100; 0 without one.
    pub executive_score: i32,
    /// The last day for which data had come in.
    pub data_through: Option<NaiveDate>,
    /// The policy it was scored with.
    pub policy_hash: String,
    /// What to think of the account; absent in what was stored before there were standings.
    pub standing: Option<Standing>,
    /// The first recommendations.
    pub advice: Vec<Advice>,
    /// The edition of the definitions that it was made with.
    pub definitions: i32,
    /// On how many people the relationship rests; absent without anybody.
    pub effective_people: Option<f64>,
}

impl StoredAssessment {
    /// The score of a dimension; absent where not measured.
    pub fn dimension(&self, dimension: Dimension) -> Option<f64> {
        Dimension::ALL
            .iter()
            .position(|d| *d == dimension)
            .and_then(|at| self.dimensions[at])
    }

    /// Whether it means the same as a score made now: by the same definitions and the policy of this hash.
    pub fn compares(&self, policy_hash: &str) -> bool {
        self.definitions == DEFINITIONS && self.policy_hash == policy_hash
    }
}

/// The latest stored score of each account; accounts that were never scored are absent.
pub async fn latest_of(
    db: &Db,
    access: &Access,
    accounts: &[AccountId],
) -> Result<HashMap<AccountId, StoredAssessment>, ServiceError> {
    let other = Alias::new("other");
    let last_day = Query::select()
        .expr(Expr::col((other.clone(), assessment::Column::Day)).max())
        .from_as(assessment::Entity.into_table_ref(), other.clone())
        .and_where(
            Expr::col((other, assessment::Column::AccountId))
                .equals((assessment::Entity, assessment::Column::AccountId)),
        )
        .to_owned();
    let rows = assessment::Entity::find()
        .filter(id_in(
            db.backend(),
            assessment::Column::AccountId,
            accounts.iter().map(|id| id.uuid()),
        ))
        .filter(visible_accounts(
            access,
            assessment::Column::AccountId.into_column_ref(),
        ))
        .filter(
            Expr::col((assessment::Entity, assessment::Column::Day))
                .eq(Expr::SubQuery(None, Box::new(last_day.into()))),
        )
        .all(db.read())
        .await
        .during("reading the latest scores")?;
    rows.into_iter()
        .map(|row| from_row(row).map(|stored| (stored.account_id, stored)))
        .collect()
}

/// The stored scores of each account from one day to another, both counted, oldest first.
pub async fn history_of(
    db: &Db,
    access: &Access,
    accounts: &[AccountId],
    from: NaiveDate,
    to: NaiveDate,
) -> Result<HashMap<AccountId, Vec<StoredAssessment>>, ServiceError> {
    let rows = assessment::Entity::find()
        .filter(id_in(
            db.backend(),
            assessment::Column::AccountId,
            accounts.iter().map(|id| id.uuid()),
        ))
        .filter(visible_accounts(
            access,
            assessment::Column::AccountId.into_column_ref(),
        ))
        .filter(assessment::Column::Day.between(from, to))
        .order_by_asc(assessment::Column::Day)
        .all(db.read())
        .await
        .during("reading stored scores")?;
    let mut history: HashMap<AccountId, Vec<StoredAssessment>> = HashMap::new();
    for row in rows {
        let stored = from_row(row)?;
        history.entry(stored.account_id).or_default().push(stored);
    }
    Ok(history)
}

/// Customers of a day that have no stored score for it, by the present definitions.
///
/// # Errors
/// Those of the database.
pub async fn missing_on(db: &Db, access: &Access, day: NaiveDate) -> Result<Vec<AccountId>, ServiceError> {
    let ids: Vec<Uuid> = account::Entity::find()
        .select_only()
        .column(account::Column::Id)
        .filter(visible_accounts(access, (account::Entity, account::Column::Id)))
        .filter(is_active(day))
        .filter(Expr::exists(scored_on(day)).not())
        .into_tuple()
        .all(db.read())
        .await
        .during("looking for accounts without a score")?;
    Ok(ids.into_iter().map(AccountId::from).collect())
}

/// What is shown of an account's engagement.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shown {
    /// The score.
    pub overall: Option<i32>,
    /// Its pattern.
    pub pattern: Option<Pattern>,
    /// What to think of the account.
    pub standing: Option<StandingState>,
}

/// Account, rounded score, pattern, standing.
type ShownRow = (Uuid, Option<i32>, Option<String>, Option<String>);

/// The last stored score of each account from one day to another, both counted: what somebody who watches for changes
/// compares. Only those that mean the same: made by the definitions of today and the policy of this hash.
///
/// # Errors
/// Those of the database.
pub async fn shown_between(
    db: &Db,
    access: &Access,
    policy_hash: &str,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<HashMap<AccountId, Shown>, ServiceError> {
    use assessment::Column;
    let rows: Vec<ShownRow> = assessment::Entity::find()
        .select_only()
        .columns([
            Column::AccountId,
            Column::OverallRounded,
            Column::Pattern,
            Column::Standing,
        ])
        .filter(Column::Day.between(from, to))
        .filter(comparable(policy_hash))
        .filter(visible_accounts(access, Column::AccountId.into_column_ref()))
        .order_by_asc(Column::Day)
        .into_tuple()
        .all(db.read())
        .await
        .during("reading what scores are shown")?;
    rows.into_iter()
        .map(|(account, overall, pattern, standing)| {
            let pattern = parse_optional("assessment", "pattern", pattern.as_deref())?;
            let standing = parse_optional("assessment", "standing", standing.as_deref())?;
            Ok((
                account.into(),
                Shown {
                    overall,
                    pattern,
                    standing,
                },
            ))
        })
        .collect()
}

/// Whether a row means the same as a score made now: by the same definitions and the policy of this hash.
pub(crate) fn comparable(policy_hash: &str) -> Condition {
    use assessment::Column;
    Condition::all()
        .add(Column::Definitions.eq(DEFINITIONS))
        .add(Column::PolicyHash.eq(policy_hash))
}

fn from_row(row: assessment::Model) -> Result<StoredAssessment, ServiceError> {
    const TABLE: &str = "assessment";
    Ok(StoredAssessment {
        account_id: row.account_id.into(),
        day: row.day,
        as_of: instant(row.as_of),
        overall: row.overall,
        overall_rounded: row.overall_rounded,
        previous_overall: row.previous_overall,
        change: row.change,
        pattern: parse_optional(TABLE, "pattern", row.pattern.as_deref())?,
        trend: parse_optional(TABLE, "trend", row.trend.as_deref())?,
        dimensions: [row.frequency, row.quality, row.breadth, row.product],
        coverage: row.coverage,
        provisional: row.provisional,
        provisional_reason: parse_optional(TABLE, "provisional_reason", row.provisional_reason.as_deref())?,
        coverage_changed: row.coverage_changed,
        single_threaded: row.single_threaded,
        multi_threaded: row.multi_threaded,
        signals: signal::unpack(row.signals),
        executive_level: parse(TABLE, "executive_level", &row.executive_level)?,
        executive_score: row.executive_score,
        data_through: row.data_through,
        policy_hash: row.policy_hash,
        standing: standing(row.standing.as_deref(), row.standing_reasons.as_deref())?,
        advice: stored_advice(row.advice.as_deref())?,
        definitions: row.definitions,
        effective_people: row.effective_people,
    })
}

pub(super) fn standing(state: Option<&str>, reasons: Option<&str>) -> Result<Option<Standing>, ServiceError> {
    let Some(state) = parse_optional("assessment", "standing", state)? else {
        return Ok(None);
    };
    Ok(Some(Standing {
        state,
        reasons: stored_reasons(reasons)?,
    }))
}

/// The reasons of a standing as they are stored.
pub(crate) fn stored_reasons(text: Option<&str>) -> Result<Vec<Reason>, ServiceError> {
    text.map_or(Ok(Vec::new()), |text| {
        parse_json("assessment", "standing_reasons", text)
    })
}

/// The first recommendations as they are stored.
pub(crate) fn stored_advice(text: Option<&str>) -> Result<Vec<Advice>, ServiceError> {
    text.map_or(Ok(Vec::new()), |text| parse_json("assessment", "advice", text))
}

/// The stored score of an account for a day, by the present definitions: one of an earlier edition is made anew like one that
/// is missing.
pub(crate) fn scored_on(day: NaiveDate) -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from(assessment::Entity)
        .and_where(
            Expr::col((assessment::Entity, assessment::Column::AccountId))
                .equals((account::Entity, account::Column::Id)),
        )
        .and_where(Expr::col((assessment::Entity, assessment::Column::Day)).eq(day))
        .and_where(Expr::col((assessment::Entity, assessment::Column::Definitions)).eq(DEFINITIONS))
        .to_owned()
}
