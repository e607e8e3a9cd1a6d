//! Which accounts a list holds and how it is ordered, as clients write it.
//!
//! The list, the portfolio and the subscription take the same filter. A text that is too long to search for is refused here.

use async_graphql::{Enum, Error, InputObject};
use engagement::vocabulary::{AccountStatus, AccountTier, Pattern, StandingState};
use service::record::account_list::{AccountFilter, AccountOrder, AccountOrderField};

use crate::graphql::scalar::order::OrderDirection;
use crate::graphql::scalar::search::check_search;

/// Which accounts a list holds: those that meet every part that is given; a part with several values takes any of them.
#[derive(InputObject)]
pub struct AccountFilterInput {
    /// With one of these patterns in the latest stored engagement.
    pattern: Option<Vec<Pattern>>,
    /// With one of these standings in the latest stored engagement.
    standing: Option<Vec<StandingState>>,
    /// Of one of these tiers.
    tier: Option<Vec<AccountTier>>,
    /// With one of these statuses.
    status: Option<Vec<AccountStatus>>,
    /// Whose name, external id or domain contains this text, whatever the case.
    search: Option<String>,
}

/// By what a list of accounts is ordered. Accounts without it come last.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum AccountOrderFieldInput {
    /// The name, whatever the case.
    Name,
    /// The latest stored overall score, unrounded.
    EngagementScore,
    /// The latest stored change of the score.
    EngagementChange,
    /// The day the contract renews.
    RenewalDate,
    /// Annual recurring revenue. Amounts that the policy has an exchange rate for are ordered in the reporting currency, and stand
    /// first; others are compared with none but those of their currency, and stand currency by currency, by code.
    Arr,
    /// The latest stored standing: AT_RISK, WATCH, NOT_KNOWN, ON_TRACK.
    Standing,
}

/// How a list of accounts is ordered.
#[derive(InputObject)]
pub struct AccountOrderInput {
    /// By what.
    field: AccountOrderFieldInput,
    /// In which direction; the smallest first unless said.
    direction: Option<OrderDirection>,
}

impl AccountFilterInput {
    /// As `service` asks for it.
    ///
    /// # Errors
    /// BAD_USER_INPUT for a text that is too long.
    pub fn into_filter(self) -> Result<AccountFilter, Error> {
        check_search("filter.search", self.search.as_deref())?;
        Ok(AccountFilter {
            tiers: self.tier,
            statuses: self.status,
            patterns: self.pattern,
            standings: self.standing,
            search: self.search,
            ..AccountFilter::default()
        })
    }
}

impl AccountOrderInput {
    /// As `service` asks for it.
    pub fn into_order(self) -> AccountOrder {
        let field = match self.field {
            AccountOrderFieldInput::Name => AccountOrderField::Name,
            AccountOrderFieldInput::EngagementScore => AccountOrderField::EngagementScore,
            AccountOrderFieldInput::EngagementChange => AccountOrderField::Change,
            AccountOrderFieldInput::RenewalDate => AccountOrderField::RenewalDate,
            AccountOrderFieldInput::Arr => AccountOrderField::Arr,
            AccountOrderFieldInput::Standing => AccountOrderField::Standing,
        };
        AccountOrder {
            field,
            descending: self.direction == Some(OrderDirection::Desc),
        }
    }
}
