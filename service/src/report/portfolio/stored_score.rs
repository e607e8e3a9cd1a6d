//! What the portfolio reads of a stored score and its account.

use chrono::NaiveDate;
use engagement::policy::Policy;
use engagement::portfolio::CountedAccount;
use engagement::vocabulary::AccountTier;
use entity::{account, assessment};
use sea_orm::sea_query::SelectStatement;
use sea_orm::{DbErr, QueryResult};
use uuid::Uuid;

use crate::error::ServiceError;
use crate::sql::stored::{parse, parse_optional};

/// What is read of an account and its score: texts are still to be understood.
pub(super) struct StoredScore {
    pub(super) account: Uuid,
    external_id: String,
    tier: String,
    arr_minor: Option<i64>,
    currency: Option<String>,
    renewal_on: Option<NaiveDate>,
    overall: Option<i32>,
    change: Option<i32>,
    pattern: Option<String>,
    provisional: bool,
    standing: Option<String>,
    signals: i32,
    sponsor_engaged: bool,
    executive_contact_days: u32,
    known_days: Option<u32>,
    qbrs_held: u32,
    qbrs_with_executive: u32,
    engaged_executives: u32,
    contact_on: Option<NaiveDate>,
    dimensions: [Option<f64>; 4],
    previous_dimensions: [Option<f64>; 4],
}

impl StoredScore {
    /// Asks for the columns that [`StoredScore::read`] reads, in its order.
    pub(super) fn ask(select: &mut SelectStatement) {
        use account::Column as C;
        use assessment::Column as A;
        select.columns(
            [
                C::Id,
                C::ExternalId,
                C::Tier,
                C::ArrMinor,
                C::Currency,
                C::RenewalDate,
            ]
            .map(|column| (account::Entity, column)),
        );
        select.columns(
            [
                A::OverallRounded,
                A::Change,
                A::Pattern,
                A::Provisional,
                A::Standing,
                A::Signals,
                A::SponsorEngaged,
                A::ExecutiveContactDays,
                A::KnownDays,
                A::QbrsInYear,
                A::QbrsWithExecutive,
                A::EngagedExecutives,
                A::LastExecutiveContactOn,
                A::Frequency,
                A::Quality,
                A::Breadth,
                A::Product,
                A::PreviousFrequency,
                A::PreviousQuality,
                A::PreviousBreadth,
                A::PreviousProduct,
            ]
            .map(|column| (assessment::Entity, column)),
        );
    }

    /// Reads the columns in the order in which they were asked for.
    pub(super) fn read(row: &QueryResult) -> Result<Self, DbErr> {
        let count = |at: usize| {
            row.try_get_by_index::<Option<i32>>(at)
                .map(|count| count.map(|n| u32::try_from(n).unwrap_or(0)))
        };
        let scores = |first: usize| -> Result<[Option<f64>; 4], DbErr> {
            let mut scores = [None; 4];
            for (at, score) in scores.iter_mut().enumerate() {
                *score = row.try_get_by_index(first + at)?;
            }
            Ok(scores)
        };
        Ok(Self {
            account: row.try_get_by_index(0)?,
            external_id: row.try_get_by_index(1)?,
            tier: row.try_get_by_index(2)?,
            arr_minor: row.try_get_by_index(3)?,
            currency: row.try_get_by_index(4)?,
            renewal_on: row.try_get_by_index(5)?,
            overall: row.try_get_by_index(6)?,
            change: row.try_get_by_index(7)?,
            pattern: row.try_get_by_index(8)?,
            provisional: row.try_get_by_index(9)?,
            standing: row.try_get_by_index(10)?,
            signals: row.try_get_by_index(11)?,
            sponsor_engaged: row.try_get_by_index(12)?,
            executive_contact_days: count(13)?.unwrap_or(0),
            known_days: count(14)?,
            qbrs_held: count(15)?.unwrap_or(0),
            qbrs_with_executive: count(16)?.unwrap_or(0),
            engaged_executives: count(17)?.unwrap_or(0),
            contact_on: row.try_get_by_index(18)?,
            dimensions: scores(19)?,
            previous_dimensions: scores(23)?,
        })
    }

    /// The same as the totals count it.
    pub(super) fn counted(
        &self,
        policy: &Policy,
        day: NaiveDate,
    ) -> Result<CountedAccount<'_>, ServiceError> {
        let tier: AccountTier = parse("account", "tier", &self.tier)?;
        Ok(CountedAccount {
            account: self.account.into(),
            external_id: &self.external_id,
            arr_minor: self.arr_minor,
            currency: self.currency.as_deref(),
            renewal_on: self.renewal_on,
            overall: self.overall,
            change: self.change,
            pattern: parse_optional("assessment", "pattern", self.pattern.as_deref())?,
            provisional: self.provisional,
            standing: parse_optional("assessment", "standing", self.standing.as_deref())?,
            signals: self.signals,
            sponsor_engaged: self.sponsor_engaged,
            executive_contact_days: self.executive_contact_days,
            known_days: self.known_days,
            qbrs_held: self.qbrs_held,
            qbrs_with_executive: self.qbrs_with_executive,
            engaged_executives: self.engaged_executives,
            within_cadence: self
                .contact_on
                .is_some_and(|on| policy.within_cadence(tier, (day - on).num_days())),
            dimensions: self.dimensions,
            previous_dimensions: self.previous_dimensions,
            // Read for those that are named, when all have been counted.
            reasons: &[],
            next: None,
            lost_sponsor: false,
        })
    }
}
