//! `rapport token create`: a bearer token, shown once.

use chrono::TimeDelta;
use clap::{Args, Subcommand};
use engagement::email_address::EmailAddress;
use service::access::Access;
use service::clock::Clock;
use service::db::Db;
use service::token::LONGEST_LIFE;
use service::user::User;

use crate::failure::Failure;
use crate::opening::{self, Schema};
use crate::output::{complain, print};
use crate::settings::Settings;

/// What can be done about tokens.
#[derive(Debug, Subcommand)]
pub enum Token {
    /// A new token, shown once
    Create(Create),
}

/// Flags of `token create`.
#[derive(Debug, Args)]
pub struct Create {
    /// Whose
    #[arg(long, value_name = "EMAIL")]
    user: String,
    /// For how long: 90d, 12h, 4w; at most 365d
    #[arg(long, value_name = "SPAN", default_value = "90d")]
    expires: String,
    /// What it is for, as lists of tokens show it
    #[arg(long, default_value = "command line")]
    name: String,
}

/// Makes a token.
///
/// # Errors
/// When there is no such user, or the span makes no sense.
pub async fn run(token: &Token, settings: &Settings) -> Result<(), Failure> {
    let Token::Create(create) = token;
    let email = address("--user", &create.user)?;
    let life = parse_life(&create.expires)?;
    let clock = Clock::system();
    let db = opening::connect(settings, Schema::Expect).await?;
    let user = service::user::find_by_email(&db, &Access::system(), &email).await?.ok_or_else(|| {
        Failure::work(format!("there is no user {} in {}; users come from `rapport init` or users.csv", create.user, db.url()))
    })?;
    issue(&db, &clock, &user, life, &create.name).await
}

/// Makes a token for a user and prints it: the token alone on stdout, so that a script can take it from there.
///
/// # Errors
/// When the database does not take it.
pub async fn issue(db: &Db, clock: &Clock, user: &User, life: TimeDelta, name: &str) -> Result<(), Failure> {
    let expires = clock.now() + life;
    let token = service::token::create(db, clock, &Access::system(), user.id, name, Some(expires)).await?;
    complain(&format!("Token of {} until {}; it is shown only now:", user.name, expires.format("%Y-%m-%d")));
    print(&token.secret)
}

/// An address that was given on the command line.
///
/// # Errors
/// When it is none.
pub fn address(flag: &str, text: &str) -> Result<EmailAddress, Failure> {
    text.parse().map_err(|error| Failure::setup(format!("{flag}: '{}': {error}", text.escape_debug())))
}

fn parse_life(text: &str) -> Result<TimeDelta, Failure> {
    let wrong = || Failure::setup(format!("--expires: '{text}' is no span between 1h and 365d; one is written like 90d, 12h or 4w"));
    let unit = text.chars().last().ok_or_else(wrong)?;
    let number: i64 = text[..text.len() - unit.len_utf8()].parse().map_err(|_| wrong())?;
    let life = match unit {
        'h' => TimeDelta::try_hours(number),
        'd' => TimeDelta::try_days(number),
        'w' => TimeDelta::try_weeks(number),
        _ => None,
    };
    life.filter(|life| (TimeDelta::hours(1)..=LONGEST_LIFE).contains(life)).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_life() {
        assert_eq!(parse_life("90d").unwrap(), TimeDelta::days(90));
        assert_eq!(parse_life("12h").unwrap(), TimeDelta::hours(12));
        assert_eq!(parse_life("4w").unwrap(), TimeDelta::weeks(4));
        for wrong in ["", "d", "90", "0d", "-3d", "366d", "9999999999999999999d", "9000000000000000d", "3 d", "9é", "é"] {
            assert!(parse_life(wrong).is_err(), "{wrong}");
        }
    }
}
