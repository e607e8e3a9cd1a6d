//! Engagement reports: computed from rows when they are asked for, for any period and any past day.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{Datelike, Days, NaiveDate};
use engagement::evaluation::evaluate;
use engagement::id::{AccountId, ContactId};
use engagement::measure::Collect;
use engagement::policy::Policy;
use engagement::report::engagement::{ContactLabel, EngagementReport, HistoryPoint, Labels};
use engagement::windows::Windows;

use crate::access::Access;
use crate::assessment::{self, StoredAssessment};
use crate::db::Db;
use crate::engagement_rows::{Organisation, load};
use crate::error::ServiceError;
use crate::evaluating::evaluate_all;
use crate::policy::hash;
use crate::{account, contact};

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
    let data_through = organisation.data_through;
    let (organisation, policy, at) = (Arc::new(organisation), Arc::new(policy.clone()), *windows);
    let of_reports = Arc::clone(&policy);
    // An account may have a great many rows.
    let reports = evaluate_all(
        db.read(),
        windows,
        rows.into_iter().map(|rows| (rows, ())).collect(),
        move |rows| evaluate(rows, organisation.catalogue(), &policy, &at, collect),
        move |rows, (), evaluation| (rows.account.id, EngagementReport::new(evaluation, &rows, &of_reports)),
    );
    Ok(EngagementReports { reports: reports.await?.into_iter().collect(), data_through })
}

/// An account's engagement report with everything that its Markdown shows besides numbers.
#[derive(Debug, Clone)]
pub struct LabelledReport {
    /// The report.
    pub report: EngagementReport,
    /// Names, stored scores, and where the numbers come from.
    pub labels: Labels,
}

/// Computes one account's report as a person reads it; none where the account does not exist or may not be seen.
///
/// # Errors
/// Those of the database.
pub async fn labelled_engagement_report(
    db: &Db,
    access: &Access,
    policy: &Policy,
    windows: &Windows,
    id: AccountId,
) -> Result<Option<LabelledReport>, ServiceError> {
    let Some(account) = account::by_ids(db, access, &[id]).await?.remove(&id) else { return Ok(None) };
    let mut computed = engagement_reports(db, access, policy, windows, Collect::Evidence, &[id]).await?;
    let Some(report) = computed.reports.remove(&id) else { return Ok(None) };
    let people: Vec<ContactId> = report.stakeholders.iter().map(|s| s.contact).collect();
    let contacts = contact::by_ids(db, access, &people).await?;
    let since = windows.ending_on.checked_sub_days(Days::new(HISTORY_DAYS)).unwrap_or(windows.ending_on);
    let history = assessment::history_of(db, access, &[id], since, windows.ending_on).await?.remove(&id).unwrap_or_default();
    let labels = Labels {
        account: account.name,
        contacts: contacts
            .into_iter()
            .map(|(id, c)| (id, ContactLabel { name: c.name, title: c.title, department: c.department }))
            .collect(),
        data_through: computed.data_through,
        policy_hash: hash(policy),
        history: weekly(&history, &hash(policy)),
    };
    Ok(Some(LabelledReport { report, labels }))
}

/// Days of stored scores that a report shows.
pub const HISTORY_DAYS: u64 = 90;

/// The last stored score of each week, oldest first: a report shows where things went, not every day. `policy_hash` is that of
/// the report.
pub fn weekly(stored: &[StoredAssessment], policy_hash: &str) -> Vec<HistoryPoint> {
    let mut points: Vec<HistoryPoint> = Vec::new();
    for row in stored {
        let point =
            HistoryPoint { day: row.day, overall: row.overall_rounded, pattern: row.pattern, comparable: row.compares(policy_hash) };
        match points.last_mut() {
            Some(last) if last.day.iso_week() == row.day.iso_week() => *last = point,
            _ => points.push(point),
        }
    }
    points
}
