//! Engagement reports: computed from rows when they are asked for, for any period and any past day.

use std::collections::HashMap;

use chrono::NaiveDate;
use engagement::evaluation::evaluate;
use engagement::id::AccountId;
use engagement::measure::Collect;
use engagement::policy::Policy;
use engagement::report::engagement::EngagementReport;
use engagement::windows::Windows;

use crate::access::Access;
use crate::db::Db;
use crate::engagement_rows::{Organisation, load};
use crate::error::ServiceError;

/// Reports of several accounts for the same windows.
#[derive(Debug, Clone)]
pub struct EngagementReports {
    /// One for each account that exists and may be seen.
    pub reports: HashMap<AccountId, EngagementReport>,
    /// The last day for which data of the organisation has come in.
    pub data_through: Option<NaiveDate>,
}

/// Computes the report of each account. `collect` says whether the rows behind the numbers are kept as well.
///
/// # Errors
/// Those of the database.
pub async fn engagement_reports(
    db: &Db,
    access: &Access,
    policy: &Policy,
    windows: &Windows,
    collect: Collect,
    accounts: &[AccountId],
) -> Result<EngagementReports, ServiceError> {
    let organisation = Organisation::read(db, access, windows).await?;
    let rows = load(db, access, &organisation, windows, accounts).await?;
    let reports = rows
        .iter()
        .map(|rows| {
            let evaluation = evaluate(rows, organisation.catalogue(), policy, windows, collect);
            (rows.account.id, EngagementReport::new(evaluation, rows, policy))
        })
        .collect();
    Ok(EngagementReports { reports, data_through: organisation.data_through })
}
