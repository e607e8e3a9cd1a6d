//! Which alerts a list holds and how it is ordered, as clients write it.
//!
//! Several lists take these inputs, so they stand apart from the alert. Whatever `service` cannot read is refused here, by its name.

use async_graphql::{Enum, Error, ID, InputObject};
use engagement::alert::AlertRule;
use engagement::vocabulary::{AlertStatus, Severity};
use service::alert::{AlertFilter, AlertOrder, AlertOrderField};

use crate::graphql::error::bad_user_input;
use crate::graphql::scalar::node_id::parse_id;
use crate::graphql::scalar::order::OrderDirection;

/// Which alerts a list holds: those that meet every part that is given; a part with several values takes any of them.
#[derive(InputObject)]
pub struct AlertFilterInput {
    /// Of one of these accounts.
    account_id: Option<Vec<ID>>,
    /// In one of these places of their life.
    status: Option<Vec<AlertStatus>>,
    /// As bad as one of these.
    severity: Option<Vec<Severity>>,
    /// Of one of these rules, such as `sponsor.departed`.
    rule: Option<Vec<String>>,
    /// Found when an account was looked at for the first time, or not.
    baseline: Option<bool>,
}

/// Most values in a part of a filter.
const MAX_VALUES: usize = 100;

impl AlertFilterInput {
    /// As `service` asks for it.
    ///
    /// # Errors
    /// BAD_USER_INPUT that names the part.
    pub fn into_filter(self) -> Result<AlertFilter, Error> {
        let accounts = few("filter.accountId", self.account_id)?;
        Ok(AlertFilter {
            accounts: accounts
                .map(|ids| ids.iter().map(|id| parse_id("filter.accountId", id)).collect())
                .transpose()?,
            statuses: few("filter.status", self.status)?,
            severities: few("filter.severity", self.severity)?,
            rules: rules("filter.rule", self.rule)?,
            baseline: self.baseline,
        })
    }
}

fn few<T>(argument: &str, values: Option<Vec<T>>) -> Result<Option<Vec<T>>, Error> {
    match values {
        Some(values) if values.len() > MAX_VALUES => Err(bad_user_input(
            argument,
            format!("takes at most {MAX_VALUES} values"),
        )),
        values => Ok(values),
    }
}

/// Rules by name.
///
/// # Errors
/// BAD_USER_INPUT for a name that is none.
pub fn rules(argument: &str, names: Option<Vec<String>>) -> Result<Option<Vec<AlertRule>>, Error> {
    let Some(names) = few(argument, names)? else {
        return Ok(None);
    };
    names
        .iter()
        .map(|name| {
            name.parse::<AlertRule>()
                .map_err(|e| bad_user_input(argument, e.to_string()))
        })
        .collect::<Result<_, _>>()
        .map(Some)
}

/// By what a list of alerts is ordered.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum AlertOrderFieldInput {
    /// When they opened first.
    OpenedAt,
    /// How bad they are.
    Severity,
    /// The last day on which their cause held.
    LastSeenOn,
}

/// How a list of alerts is ordered.
#[derive(InputObject)]
pub struct AlertOrderInput {
    /// By what.
    field: AlertOrderFieldInput,
    /// In which direction; the largest first unless said.
    direction: Option<OrderDirection>,
}

impl AlertOrderInput {
    /// As `service` asks for it.
    pub fn into_order(self) -> AlertOrder {
        let field = match self.field {
            AlertOrderFieldInput::OpenedAt => AlertOrderField::OpenedAt,
            AlertOrderFieldInput::Severity => AlertOrderField::Severity,
            AlertOrderFieldInput::LastSeenOn => AlertOrderField::LastSeenOn,
        };
        AlertOrder {
            field,
            descending: self.direction != Some(OrderDirection::Asc),
        }
    }
}
