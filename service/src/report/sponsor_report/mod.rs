//! Sponsor reports: computed from rows when they are asked for, for one account or several, with a fixed number of
//! statements and for any past day.

mod context;
mod plans;

use std::collections::HashMap;
use std::sync::Arc;

use engagement::evaluation::evaluate;
use engagement::id::AccountId;
use engagement::measure::Collect;
use engagement::policy::Policy;
use engagement::report::sponsor::{SponsorContext, SponsorReport};
use engagement::windows::Windows;

use crate::access::Access;
use crate::db::Db;
use crate::engagement_rows::{Organisation, load};
use crate::error::ServiceError;
use crate::scoring::evaluating::evaluate_all;
use crate::scoring::score;

/// A sponsor report with the names and texts it was written with.
#[derive(Debug, Clone)]
pub struct LabelledSponsorReport {
    /// The report.
    pub report: SponsorReport,
    /// Names, texts, plans.
    pub context: SponsorContext,
}

impl LabelledSponsorReport {
    /// The report as Markdown.
    pub fn markdown(&self) -> String {
        self.report.markdown(&self.context)
    }
}

/// Computes the report of each account that exists and may be seen, for the standard period that ends on
/// `windows.ending_on`. Goals, initiatives, plans and reviews are as they stand today, whatever the day.
///
/// # Errors
/// Those of the database.
pub async fn sponsor_reports(
    db: &Db,
    access: &Access,
    policy: &Policy,
    windows: &Windows,
    accounts: &[AccountId],
) -> Result<HashMap<AccountId, LabelledSponsorReport>, ServiceError> {
    compute(db, access, policy, windows, accounts, true).await
}

/// The same, but nothing about who would be missed: everybody who would be is one more measurement of the account.
///
/// # Errors
/// Those of the database.
pub async fn sponsor_reports_without_bus_factor(
    db: &Db,
    access: &Access,
    policy: &Policy,
    windows: &Windows,
    accounts: &[AccountId],
) -> Result<HashMap<AccountId, LabelledSponsorReport>, ServiceError> {
    compute(db, access, policy, windows, accounts, false).await
}

async fn compute(
    db: &Db,
    access: &Access,
    policy: &Policy,
    windows: &Windows,
    accounts: &[AccountId],
    bus_factor: bool,
) -> Result<HashMap<AccountId, LabelledSponsorReport>, ServiceError> {
    let windows = Windows::new(
        windows.ending_on,
        windows.at,
        windows.zone,
        policy.standard_period,
    );
    let organisation = Organisation::read(db, &windows).await?;
    let rows = load(db, access, &organisation, &windows, accounts).await?;
    let mut contexts = context::read(db, access, policy, &windows, &organisation, &rows).await?;
    let beside = rows.into_iter().map(|rows| {
        let context = contexts.remove(&rows.account.id).unwrap_or_default();
        (rows, context)
    });
    let (organisation, policy) = (Arc::new(organisation), Arc::new(policy.clone()));
    let (catalogue, of_evaluation) = (Arc::clone(&organisation), Arc::clone(&policy));
    let evaluated = evaluate_all(
        db.read(),
        &windows,
        beside.collect(),
        move |rows| {
            evaluate(
                rows,
                catalogue.catalogue(),
                &of_evaluation,
                &windows,
                Collect::Numbers,
            )
        },
        |rows, context, evaluation| (rows, context, evaluation),
    )
    .await?;
    score(move |asker| {
        let reports =
            evaluated
                .into_iter()
                .take_while(|_| asker.waits())
                .map(|(rows, context, evaluation)| {
                    let mut report = SponsorReport::without_bus_factor(&rows, evaluation, &policy, &context);
                    if bus_factor {
                        report.add_bus_factor(&rows, organisation.catalogue(), &policy, || asker.waits());
                    }
                    (rows.account.id, LabelledSponsorReport { report, context })
                });
        reports.collect()
    })
    .await
}
