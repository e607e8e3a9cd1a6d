//! Plans a portfolio report, and makes it: from stored scores, from rows, or from both.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use engagement::id::AccountId;
use engagement::policy::Policy;
use engagement::portfolio::{PortfolioDays, PortfolioTotals, Retention};
use engagement::report::portfolio::{PortfolioLabels, PortfolioReport};
use engagement::windows::Windows;

use super::ask::Ask;
use super::computed::Which;
use super::labels;
use super::request::{LabelledPortfolio, PortfolioPlan, PortfolioRequest};
use super::stored::StoredDay;
use crate::access::Access;
use crate::db::Db;
use crate::engagement_rows::Organisation;
use crate::error::ServiceError;
use crate::policy::hash;
use crate::record::account_list::AccountFilter;

/// Looks at what is stored, and counts what is not.
///
/// # Errors
/// Those of the database.
pub async fn plan(
    db: &Db,
    access: &Access,
    policy: &Policy,
    zone: Tz,
    request: PortfolioRequest,
) -> Result<PortfolioPlan, ServiceError> {
    let windows = Windows::new(request.ending_on, request.as_of, zone, request.period);
    let ask = Ask {
        db,
        access,
        policy,
        windows,
        filter: &request.filter,
    };
    let (stored, accounts_to_score) = match ask.stored_day(request.period).await? {
        Some(StoredDay { day, complete }) => {
            let missing = if complete {
                Vec::new()
            } else {
                ask.without_score_on(day).await?
            };
            let count = missing.len() as u64;
            (Some((day, missing)), count)
        }
        None => (None, ask.count_all(&windows).await?),
    };
    Ok(PortfolioPlan {
        request,
        stored,
        accounts_to_score,
    })
}

/// Reports on the accounts in scope that are customers on the day.
///
/// # Errors
/// Those of the database.
pub async fn portfolio_report(
    db: &Db,
    access: &Access,
    policy: &Policy,
    zone: Tz,
    request: &PortfolioRequest,
) -> Result<LabelledPortfolio, ServiceError> {
    let planned = plan(db, access, policy, zone, request.clone()).await?;
    make(db, access, policy, zone, planned).await
}

/// Makes the report that was planned.
///
/// # Errors
/// Those of the database.
pub async fn make(
    db: &Db,
    access: &Access,
    policy: &Policy,
    zone: Tz,
    PortfolioPlan { request, stored, .. }: PortfolioPlan,
) -> Result<LabelledPortfolio, ServiceError> {
    let windows = Windows::new(request.ending_on, request.as_of, zone, request.period);
    let ask = Ask {
        db,
        access,
        policy,
        windows,
        filter: &request.filter,
    };
    let stands_on = stored.as_ref().map(|(day, _)| *day);
    let totals = match stored {
        Some((day, missing)) => ask.totals_of(day, missing, zone, request.as_of).await?,
        None => ask.score(&windows, &Which::All).await?,
    };
    let days = PortfolioDays {
        start: windows.start_day,
        ending_on: request.ending_on,
        stands_on: stands_on.unwrap_or(request.ending_on),
        stored: stands_on.is_some(),
    };
    let mut report = PortfolioReport::new(&totals, request.period, days, policy);
    if let Some(day) = stands_on {
        ask.explain(day, &mut report).await?;
    }
    let names = labels::names(db, access, &report).await?;
    let labels = PortfolioLabels {
        scope: scope(&request.filter),
        accounts: names.accounts,
        csms: names.csms,
        contacts: names.contacts,
        as_of: windows.at,
        data_through: Organisation::read(db, &windows).await?.data_through,
        policy_hash: hash(policy),
    };
    Ok(LabelledPortfolio { report, labels })
}

impl Ask<'_> {
    /// The totals of a day whose scores are stored; those that are missing are scored for it.
    async fn totals_of(
        &self,
        day: NaiveDate,
        missing: Vec<AccountId>,
        zone: Tz,
        as_of: DateTime<Utc>,
    ) -> Result<PortfolioTotals, ServiceError> {
        let mut totals = self.add_up(day).await?;
        if !missing.is_empty() {
            let windows = Windows::new(day, as_of, zone, self.windows.period);
            let scored = self.score(&windows, &Which::These(missing)).await?;
            // Who stayed has been counted, of these accounts too.
            totals.merge(
                &PortfolioTotals {
                    retention: Retention::default(),
                    ..scored
                },
                &self.keep(),
            );
        }
        Ok(totals)
    }
}

/// A filter as a phrase.
fn scope(filter: &AccountFilter) -> String {
    fn listed<T: std::fmt::Display>(values: &[T]) -> String {
        let words: Vec<String> = values
            .iter()
            .map(|value| value.to_string().to_lowercase().replace('_', " "))
            .collect();
        words.join(" or ")
    }
    let mut parts = Vec::new();
    if let Some(tiers) = &filter.tiers {
        parts.push(format!("of tier {}", listed(tiers)));
    }
    if let Some(statuses) = &filter.statuses {
        parts.push(format!("with status {}", listed(statuses)));
    }
    if let Some(patterns) = &filter.patterns {
        parts.push(format!("with pattern {}", listed(patterns)));
    }
    if let Some(standings) = &filter.standings {
        parts.push(format!("whose standing is {}", listed(standings)));
    }
    if let Some(search) = filter
        .search
        .as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty())
    {
        parts.push(format!("found by “{search}”"));
    }
    if filter.ids.is_some() {
        parts.push("of a list".to_owned());
    }
    if parts.is_empty() {
        "All accounts".to_owned()
    } else {
        format!("Accounts {}", parts.join(", "))
    }
}
