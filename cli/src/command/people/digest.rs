//! `rapport digest preview --user EMAIL`: the digest that would be sent, as one message, to be looked at or opened in a
//! mail client.

use std::sync::Arc;

use clap::{Args, Subcommand};
use engagement::vocabulary::MessageKind;
use service::access::Access;
use service::clock::Clock;
use service::digest::{DigestSettings, preview, time_of};
use service::ids::new_id;
use service::mail::{Content, LinkReader};
use worker::mail::{Envelope, compose, message_id};

use crate::failure::Failure;
use crate::opening::{self, Schema};
use crate::output::{complain, print};
use crate::settings::Settings;

/// Which digest.
#[derive(Debug, Subcommand)]
pub enum Digest {
    /// The digest that a user would get now, as one RFC 5322 message
    Preview(Preview),
}

/// Flags of `digest preview`.
#[derive(Debug, Args)]
pub struct Preview {
    /// Whose: their address
    #[arg(long, value_name = "EMAIL")]
    user: String,
}

/// Prints the message; where there is nothing to say, why.
///
/// # Errors
/// When there is no such user, or the database cannot be used.
pub async fn run(digest: &Digest, settings: &Settings) -> Result<(), Failure> {
    let Digest::Preview(asked) = digest;
    let email = super::token::address("--user", &asked.user)?;
    let clock = Clock::system();
    let ready = opening::open(settings, Schema::Expect, &clock).await?;
    let (access, now) = (Access::system(), clock.now());
    let nobody = || {
        Failure::work(format!(
            "there is no user {} in {}; users come from `rapport init` or users.csv",
            asked.user,
            ready.db.url()
        ))
    };
    let user = service::record::user::find_by_email(&ready.db, &access, &email)
        .await?
        .ok_or_else(nobody)?;
    let digests = DigestSettings {
        policy: Arc::clone(&ready.policy),
        zone: ready.zone,
        installed_at: ready.installed_at,
    };
    let digest = match preview(&ready.db, &access, &digests, now, user.id)
        .await?
        .ok_or_else(nobody)?
    {
        Ok(digest) => digest,
        Err(reason) => {
            complain(&format!("{} would get no digest: {reason}", asked.user));
            return Ok(());
        }
    };
    let mail = opening::mail(settings, &ready.db, &clock).await?;
    let reader = LinkReader::of(&user);
    let says = Content::WeeklyDigest(Box::new(digest));
    let links = mail.links.of_mail(&says, &reader, now, now);
    let unusable =
        |error: &dyn std::error::Error| Failure::work(format!("the digest cannot be written: {error}"));
    let rendered = mail
        .renderer
        .render(&says, time_of(&user, ready.zone).zone, &links)
        .map_err(|error| unusable(&error))?;
    let id = new_id(now).into();
    let message_id = message_id(id, None, mail.sender.domain());
    let envelope = Envelope {
        id,
        kind: MessageKind::WeeklyDigest,
        message_id: &message_id,
        from: &mail.sender,
        to: &user.email,
        to_name: Some(&user.name),
        date: now,
        unsubscribe_url: links.unsubscribe.as_deref(),
    };
    Ok(print(
        &compose(rendered, &envelope).map_err(|error| unusable(&error))?,
    )?)
}
