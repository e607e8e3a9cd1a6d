//! Engagement reports: computed from rows when they are asked for, for any period and any past day.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{Datelike, Days, NaiveDate};
use engagement::evaluation::evaluate;
use engagement::id::AccountId;
use engagement::measure::Collect;
use engagement::policy::Policy;
use engagement::report::engagement::{EngagementReport, HistoryPoint, Labels, People, SignRow};
use engagement::windows::Windows;

use super::people;
use crate::access::Access;
use crate::db::Db;
use crate::engagement_rows::{Organisation, load};
use crate::error::ServiceError;
use crate::policy::hash;
use crate::record::{account, interaction};
use crate::scoring::assessment::{self, StoredAssessment};
use crate::scoring::evaluating::evaluate_all;

/// Reports of several accounts for the same windows.
#[derive(Debug, Clone)]
pub struct EngagementReports {
    /// One for each account that exists and may be seen, with the people that it names.
    pub reports: HashMap<AccountId, (EngagementReport, People)>,
    /// The last day for which data of the organisation has come in.
    pub data_through: Option<NaiveDate>,
}

/// Whether a report names people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Naming {
    /// Its advice says who, and with whom.
    Names,
    /// Only its numbers are wanted.
    NoNames,
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
    (collect, naming): (Collect, Naming),
    accounts: &[AccountId],
) -> Result<EngagementReports, ServiceError> {
    let organisation = Organisation::read(db, windows).await?;
    let rows = load(db, access, &organisation, windows, accounts).await?;
    let visible: Vec<AccountId> = rows.iter().map(|rows| rows.account.id).collect();
    let mut people = match naming {
        Naming::Names if !visible.is_empty() => people::read(db, access, windows, &visible).await?,
        _ => HashMap::new(),
    };
    let data_through = organisation.data_through;
    let (organisation, policy, at) = (Arc::new(organisation), Arc::new(policy.clone()), *windows);
    let of_reports = Arc::clone(&policy);
    // An account may have a great many rows.
    let beside = rows.into_iter().map(|rows| {
        let people = people.remove(&rows.account.id).unwrap_or_default();
        (rows, people)
    });
    let catalogue = Arc::clone(&organisation);
    let reports = evaluate_all(
        db.read(),
        windows,
        beside.collect(),
        move |rows| evaluate(rows, organisation.catalogue(), &policy, &at, collect),
        move |rows, people, evaluation| {
            let report =
                EngagementReport::new(evaluation, &rows, catalogue.catalogue(), &of_reports, &people);
            (rows.account.id, (report, people))
        },
    );
    Ok(EngagementReports {
        reports: reports.await?.into_iter().collect(),
        data_through,
    })
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
    let Some(account) = account::by_ids(db, access, &[id]).await?.remove(&id) else {
        return Ok(None);
    };
    let mut computed = engagement_reports(
        db,
        access,
        policy,
        windows,
        (Collect::Evidence, Naming::Names),
        &[id],
    )
    .await?;
    let Some((report, people)) = computed.reports.remove(&id) else {
        return Ok(None);
    };
    let (from, to) = history_span(windows);
    let stored = assessment::history_of(db, access, &[id], from, to)
        .await?
        .remove(&id)
        .unwrap_or_default();
    let told = interaction::by_ids(db, access, &report.told_rows()).await?;
    let labels = Labels {
        account: account.name,
        people,
        data_through: computed.data_through,
        ..labels(windows, &hash(policy), told.into_values(), &stored)
    };
    Ok(Some(LabelledReport { report, labels }))
}

/// Days of stored scores that a report shows.
const HISTORY_DAYS: u64 = 90;

/// The first and the last day of the stored scores that a report shows.
pub fn history_span(windows: &Windows) -> (NaiveDate, NaiveDate) {
    (
        windows
            .ending_on
            .checked_sub_days(Days::new(HISTORY_DAYS))
            .unwrap_or(windows.ending_on),
        windows.ending_on,
    )
}

/// What a report shows of the rows that it names and of the scores stored in [`history_span`], under the hash of its policy.
/// Account, people and the last day of data are the caller's to add.
pub fn labels(
    windows: &Windows,
    policy_hash: &str,
    told: impl IntoIterator<Item = interaction::Interaction>,
    stored: &[StoredAssessment],
) -> Labels {
    let row = |i: interaction::Interaction| {
        (
            i.id,
            SignRow {
                on: windows.day_of(i.occurred_at),
                kind: i.kind,
                subject: i.subject,
            },
        )
    };
    Labels {
        rows: told.into_iter().map(row).collect(),
        policy_hash: policy_hash.to_owned(),
        history: weekly(stored, policy_hash),
        ..Labels::default()
    }
}

/// The last stored score of each week, oldest first: a report shows where things went, not every day.
pub(super) fn weekly(stored: &[StoredAssessment], policy_hash: &str) -> Vec<HistoryPoint> {
    let mut points: Vec<HistoryPoint> = Vec::new();
    for row in stored {
        let point = HistoryPoint {
            day: row.day,
            overall: row.overall_rounded,
            pattern: row.pattern,
            comparable: row.compares(policy_hash),
        };
        match points.last_mut() {
            Some(last) if last.day.iso_week() == row.day.iso_week() => *last = point,
            _ => points.push(point),
        }
    }
    points
}
