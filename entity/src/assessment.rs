//! Stored scores: numbers and codes only, one row per account and day.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "assessment")]
pub struct Model {
    /// The account.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    /// The last day that counts.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: Date,
    /// The instant of the evaluation; microseconds since 1970.
    pub as_of: i64,
    /// Unrounded.
    pub overall: Option<f64>,
    /// As shown.
    pub overall_rounded: Option<i32>,
    /// Of the previous window, rounded.
    pub previous_overall: Option<i32>,
    /// Rounded overall less rounded previous overall.
    pub change: Option<i32>,
    /// Absent = not enough data.
    pub pattern: Option<String>,
    /// IMPROVING, STABLE, DECLINING or NEW.
    pub trend: Option<String>,
    /// Absent = not measured.
    pub frequency: Option<f64>,
    /// Absent = not measured.
    pub quality: Option<f64>,
    /// Absent = not measured.
    pub breadth: Option<f64>,
    /// Absent = not measured.
    pub product: Option<f64>,
    /// Percent.
    pub coverage: f64,
    /// Whether to be read with care.
    pub provisional: bool,
    /// Why.
    pub provisional_reason: Option<String>,
    /// The two windows measured different dimensions.
    pub coverage_changed: bool,
    /// One engaged contact.
    pub single_threaded: bool,
    /// Several, of several departments.
    pub multi_threaded: bool,
    /// Four bits per signal in the order of their definition: 0 = not raised, else the severity, 1 to 4.
    pub signals: i32,
    /// The last day for which data has come in.
    pub data_through: Option<Date>,
    /// 16 hexadecimal digits.
    pub policy_hash: String,
    /// CHAMPION, ENGAGED, PASSIVE, DISENGAGED or UNKNOWN.
    pub executive_level: String,
    /// The primary sponsor's, 0 without one.
    pub executive_score: i32,
    /// A sponsor is CHAMPION or ENGAGED.
    pub sponsor_engaged: bool,
    /// Distinct days of contact with any executive in the trailing year.
    pub executive_contact_days: i32,
    /// Days since the first fact, both counted, at most 365; absent without a fact.
    pub known_days: Option<i32>,
    /// Business reviews held in the trailing year.
    pub qbrs_in_year: i32,
    /// Those that an executive attended.
    pub qbrs_with_executive: i32,
    /// Executives who were engaged in the last three months.
    pub engaged_executives: i32,
    /// AT_RISK, WATCH, NOT_KNOWN or ON_TRACK; absent in what was stored before there were standings.
    pub standing: Option<String>,
    /// JSON: every reason of the standing, as codes and parameters.
    pub standing_reasons: Option<String>,
    /// JSON: the first recommendations, as codes and parameters.
    pub advice: Option<String>,
    /// The edition of the definitions that it was made with.
    pub definitions: i32,
    /// On how many people the relationship rests; absent without anybody.
    pub effective_people: Option<f64>,
    /// Of the previous window; absent = not measured.
    pub previous_frequency: Option<f64>,
    /// Of the previous window; absent = not measured.
    pub previous_quality: Option<f64>,
    /// Of the previous window; absent = not measured.
    pub previous_breadth: Option<f64>,
    /// Of the previous window; absent = not measured.
    pub previous_product: Option<f64>,
    /// Day of the last executive contact with any executive; absent without one.
    pub last_executive_contact_on: Option<Date>,
}

/// No relations: rows are read in batches per table, never through the ORM's graph.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
