//! What resolvers know about the request they answer: who asks, and when.
//!
//! A request is answered as of one instant: every resolver takes the instant and the day from here, and none asks a clock.

use std::sync::Arc;

use async_graphql::{Context, Error, InputType, Value};
use chrono::{DateTime, NaiveDate, Utc};
use engagement::windows::day_of;
use service::access::{Access, Once};
use service::clock::Moment;

use super::bounds::heavy::Heavy;
use super::error::{bad_user_input, from_service};
use super::scalar::time::Date;
use crate::state::AppState;

/// One request: who asks, and when. All of it is answered as of one instant.
#[derive(Debug)]
pub struct RequestContext {
    /// What the service needs to answer.
    pub state: AppState,
    /// The caller's rights.
    pub access: Access,
    /// The instant as of which everything is answered.
    pub now: DateTime<Utc>,
    /// What it has to do that is heavy.
    pub heavy: Heavy,
}

impl RequestContext {
    /// The caller's rights for a mutation with an `idempotencyKey`: where they give one, it is done once for all requests with
    /// the same input.
    ///
    /// # Errors
    /// BAD_USER_INPUT for a key that is none.
    pub fn access_under(&self, key: Option<&str>, input: &impl InputType) -> Result<Access, Error> {
        let Some(key) = key else {
            return Ok(self.access.clone());
        };
        let once = Once::new(key, &body_of(input)).map_err(|e| from_service(&e))?;
        Ok(self.access.clone().under(once))
    }

    /// When what it changes is changed.
    pub fn moment(&self) -> Moment {
        Moment {
            now: self.now,
            today: self.today(),
        }
    }

    /// The context of the request that is being executed.
    pub fn of<'c>(ctx: &Context<'c>) -> &'c Self {
        ctx.data_unchecked::<Arc<Self>>()
    }

    /// The day it is, in the organisation's zone.
    pub fn today(&self) -> NaiveDate {
        day_of(self.now, self.state.zone)
    }

    /// The last day that counts: as asked for, or today.
    ///
    /// # Errors
    /// BAD_USER_INPUT for a day that has not begun.
    pub fn ending_on(&self, argument: &str, day: Option<Date>) -> Result<NaiveDate, Error> {
        let today = self.today();
        match day {
            None => Ok(today),
            Some(Date(day)) if day <= today => Ok(day),
            Some(Date(day)) => Err(bad_user_input(
                argument,
                format!("{day} has not begun: the last day that can be asked for is {today}"),
            )),
        }
    }
}

/// What an input asks for, the same however it was written: what is not given and what is null are one, and so is an instant in
/// two zones.
fn body_of(input: &impl InputType) -> String {
    let mut body = match input.to_value() {
        Value::Object(fields) => fields,
        other => return other.to_string(),
    };
    body.retain(|name, value| name != "idempotencyKey" && *value != Value::Null);
    body.sort_unstable_keys();
    Value::Object(body).to_string()
}
