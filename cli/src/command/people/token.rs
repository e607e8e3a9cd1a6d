//! `rapport token`: a bearer token, shown once; which ones there are; and their end.

use chrono::{DateTime, TimeDelta, Utc};
use clap::{Args, Subcommand};
use engagement::email_address::EmailAddress;
use engagement::id::TokenId;
use service::access::Access;
use service::clock::Clock;
use service::db::Db;
use service::error::ServiceError;
use service::record::user::User;
use service::token::LONGEST_LIFE;

use crate::failure::Failure;
use crate::opening::{self, Schema};
use crate::output::{complain, print};
use crate::settings::Settings;

/// What can be done about tokens.
#[derive(Debug, Subcommand)]
pub enum Token {
    /// A new token, shown once
    Create(Create),
    /// Which tokens there are, the newest first, without their secrets
    List(List),
    /// Ends tokens at once, with every token that was made with one of them
    Revoke(Revoke),
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

/// Flags of `token list`.
#[derive(Debug, Args)]
pub struct List {
    /// Only this user's
    #[arg(long, value_name = "EMAIL")]
    user: Option<String>,
}

/// Arguments of `token revoke`.
#[derive(Debug, Args)]
pub struct Revoke {
    /// Which
    #[arg(value_name = "ID", required_unless_present = "user")]
    ids: Vec<String>,
    /// All of this user's
    #[arg(long, value_name = "EMAIL", conflicts_with = "ids")]
    user: Option<String>,
}

/// Makes, lists or revokes tokens.
///
/// # Errors
/// When there is no such user or token, or the span makes no sense.
pub async fn run(token: &Token, settings: &Settings) -> Result<(), Failure> {
    match token {
        Token::Create(create) => {
            let email = address("--user", &create.user)?;
            let life = parse_life(&create.expires)?;
            let db = opening::connect(settings, Schema::Expect).await?;
            issue(
                &db,
                &Clock::system(),
                &user_with(&db, &email).await?,
                life,
                &create.name,
            )
            .await
        }
        Token::List(arguments) => list(arguments, settings).await,
        Token::Revoke(arguments) => revoke(arguments, settings).await,
    }
}

async fn user_with(db: &Db, email: &EmailAddress) -> Result<User, Failure> {
    service::record::user::find_by_email(db, &Access::system(), email)
        .await?
        .ok_or_else(|| {
            Failure::work(format!(
                "there is no user {} in {}; users come from `rapport init` or users.csv",
                email.expose(),
                db.url()
            ))
        })
}

async fn list(arguments: &List, settings: &Settings) -> Result<(), Failure> {
    let email = arguments
        .user
        .as_deref()
        .map(|user| address("--user", user))
        .transpose()?;
    let db = opening::connect(settings, Schema::Expect).await?;
    let user = match &email {
        Some(email) => Some(user_with(&db, email).await?.id),
        None => None,
    };
    let now = Clock::system().now();
    let tokens = service::token::list(&db, &Access::system(), user).await?;
    if tokens.is_empty() {
        complain("no tokens");
        return Ok(());
    }
    let lines: Vec<String> = tokens
        .iter()
        .map(|(token, email)| line(token, email, now, settings))
        .collect();
    Ok(print(&lines.concat())?)
}

/// `tok_…  …wxyz  until 2026-09-15    ada@x.example  nightly sync  last used 2026-06-17, made with tok_…`
fn line(
    token: &service::token::Token,
    email: &EmailAddress,
    now: DateTime<Utc>,
    settings: &Settings,
) -> String {
    let day = |at: DateTime<Utc>| {
        at.with_timezone(&settings.time_zone)
            .format("%Y-%m-%d")
            .to_string()
    };
    let state = match (token.revoked_at, token.expires_at) {
        (Some(at), _) => format!("revoked {}", day(at)),
        (None, Some(at)) if at <= now => format!("expired {}", day(at)),
        (None, Some(at)) => format!("until {}", day(at)),
        (None, None) => "without end".to_owned(),
    };
    let mut facts = vec![
        token
            .last_used_at
            .map_or_else(|| "never used".to_owned(), |at| format!("last used {}", day(at))),
    ];
    facts.extend(token.parent.map(|parent| format!("made with {parent}")));
    let name = token.name.escape_debug();
    format!(
        "{}  …{}  {state:<18}  {}  {name}  {}\n",
        token.id,
        token.last4,
        email.expose(),
        facts.join(", ")
    )
}

async fn revoke(arguments: &Revoke, settings: &Settings) -> Result<(), Failure> {
    let email = arguments
        .user
        .as_deref()
        .map(|user| address("--user", user))
        .transpose()?;
    let ids = arguments
        .ids
        .iter()
        .map(|id| parse_id(id))
        .collect::<Result<Vec<_>, _>>()?;
    let db = opening::connect(settings, Schema::Expect).await?;
    let (clock, access) = (Clock::system(), Access::system());
    if let Some(email) = email {
        let user = user_with(&db, &email).await?;
        let revoked = service::token::revoke_all(&db, &clock, &access, user.id).await?;
        return Ok(print(&format!(
            "{} revoked: those of {}, and those made with one of them",
            revoked.len(),
            user.email.expose()
        ))?);
    }
    let mut unknown = Vec::new();
    for id in ids {
        match service::token::revoke(&db, &clock, &access, id).await {
            Ok(token) => print(&format!(
                "{id} ({}) is revoked, and every token that was made with it",
                token.name.escape_debug()
            ))?,
            Err(ServiceError::NotFound { .. }) => unknown.push(id.to_string()),
            Err(error) => return Err(error.into()),
        }
    }
    if unknown.is_empty() {
        Ok(())
    } else {
        Err(Failure::work(format!("there is no token {}", unknown.join(", "))))
    }
}

fn parse_id(text: &str) -> Result<TokenId, Failure> {
    text.parse().map_err(|error| {
        Failure::setup(format!(
            "'{}': {error}; `rapport token list` shows ids",
            text.escape_debug()
        ))
    })
}

/// Makes a token for a user and prints it: the token alone on stdout, so that a script can take it from there.
///
/// # Errors
/// When the database does not take it.
pub async fn issue(db: &Db, clock: &Clock, user: &User, life: TimeDelta, name: &str) -> Result<(), Failure> {
    let expires = clock.now() + life;
    let token = service::token::create(db, clock, &Access::system(), user.id, name, Some(expires)).await?;
    complain(&format!(
        "Token of {} until {}; it is shown only now:",
        user.name,
        expires.format("%Y-%m-%d")
    ));
    Ok(print(&token.secret)?)
}

/// An address that was given on the command line.
///
/// # Errors
/// When it is none.
pub fn address(flag: &str, text: &str) -> Result<EmailAddress, Failure> {
    text.parse()
        .map_err(|error| Failure::setup(format!("{flag}: '{}': {error}", text.escape_debug())))
}

fn parse_life(text: &str) -> Result<TimeDelta, Failure> {
    let wrong = || {
        Failure::setup(format!(
            "--expires: '{text}' is no span between 1h and 365d; one is written like 90d, 12h or 4w"
        ))
    };
    let unit = text.chars().last().ok_or_else(wrong)?;
    let number: i64 = text[..text.len() - unit.len_utf8()]
        .parse()
        .map_err(|_| wrong())?;
    let life = match unit {
        'h' => TimeDelta::try_hours(number),
        'd' => TimeDelta::try_days(number),
        'w' => TimeDelta::try_weeks(number),
        _ => None,
    };
    life.filter(|life| (TimeDelta::hours(1)..=LONGEST_LIFE).contains(life))
        .ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_life() {
        assert_eq!(parse_life("90d").unwrap(), TimeDelta::days(90));
        assert_eq!(parse_life("12h").unwrap(), TimeDelta::hours(12));
        assert_eq!(parse_life("4w").unwrap(), TimeDelta::weeks(4));
        for wrong in [
            "",
            "d",
            "90",
            "0d",
            "-3d",
            "366d",
            "9999999999999999999d",
            "9000000000000000d",
            "3 d",
            "9é",
            "é",
        ] {
            assert!(parse_life(wrong).is_err(), "{wrong}");
        }
    }
}
