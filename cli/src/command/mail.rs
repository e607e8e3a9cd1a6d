//! `rapport mail`: the outbox as an operator sees it: what waits, what was sent, what could not be, and putting it back.

use clap::{Args, Subcommand};
use engagement::id::MessageId;
use engagement::vocabulary::MessageStatus;
use service::access::Access;
use service::clock::Clock;
use service::mail;
use service::outbox::{self, ListFilter, Message};

use crate::failure::Failure;
use crate::opening::{self, Schema};
use crate::output::{complain, print};
use crate::settings::Settings;

/// What can be done about mail.
#[derive(Debug, Subcommand)]
pub enum Mail {
    /// Messages, the newest first
    List(List),
    /// One message: its life, and the whole of it once it is rendered
    Show(Show),
    /// Puts messages back that were given up or canceled, and lets mail through to their recipients again
    Retry(Retry),
}

/// Flags of `mail list`.
#[derive(Debug, Args)]
pub struct List {
    /// Only those: queued, sent, failed or canceled
    #[arg(long, value_name = "STATUS")]
    status: Option<String>,
    /// Only those: sponsor-departed, alert, outreach-planned or weekly-digest
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// At most so many
    #[arg(long, value_name = "NUMBER", default_value_t = 50)]
    limit: u64,
}

/// Arguments of `mail show`.
#[derive(Debug, Args)]
pub struct Show {
    /// Which
    #[arg(value_name = "ID")]
    id: String,
    /// Only the message as it is sent, for a mail program: rapport mail show ID --eml > message.eml
    #[arg(long)]
    eml: bool,
}

/// Arguments of `mail retry`.
#[derive(Debug, Args)]
pub struct Retry {
    /// Which
    #[arg(value_name = "ID", required_unless_present = "failed")]
    ids: Vec<String>,
    /// Everything that was given up
    #[arg(long, conflicts_with = "ids")]
    failed: bool,
}

/// Lists, shows or retries.
///
/// # Errors
/// When there is no such message, or the database cannot be used.
pub async fn run(mail: &Mail, settings: &Settings) -> Result<(), Failure> {
    match mail {
        Mail::List(arguments) => list(arguments, settings).await,
        Mail::Show(arguments) => show(arguments, settings).await,
        Mail::Retry(arguments) => retry(arguments, settings).await,
    }
}

async fn list(arguments: &List, settings: &Settings) -> Result<(), Failure> {
    let filter = ListFilter {
        status: word("--status", arguments.status.as_deref())?,
        kind: word("--kind", arguments.kind.as_deref())?,
    };
    let db = opening::connect(settings, Schema::Expect).await?;
    let (messages, total) = outbox::list(&db, filter, arguments.limit).await?;
    let mut text = String::new();
    for message in &messages {
        text.push_str(&line(message, settings));
    }
    if !text.is_empty() {
        print(&text)?;
    }
    if total > messages.len() as u64 {
        complain(&format!("{} of {total}; --limit shows more", messages.len()));
    } else if total == 0 {
        complain("no messages");
    }
    Ok(())
}

/// `msg_…  2026-06-17 14:00:00  failed    alert              a…@x.example  tried 3 times: …`
fn line(message: &Message, settings: &Settings) -> String {
    let queued = message
        .queued_at
        .with_timezone(&settings.time_zone)
        .format("%Y-%m-%d %H:%M:%S");
    let to = message
        .recipient
        .as_ref()
        .map_or_else(|| "no address".to_owned(), |to| to.expose().to_owned());
    let what = match (message.status, &message.error) {
        (MessageStatus::Queued, None) if message.lease.is_some() => "  being sent".to_owned(),
        (_, Some(error)) => format!("  tried {} times: {}", message.attempts, error.escape_debug()),
        _ => String::new(),
    };
    format!(
        "{}  {queued}  {:<8}  {:<17}  {to}{what}\n",
        message.id,
        message.status.in_words(),
        message.kind.in_words()
    )
}

async fn show(arguments: &Show, settings: &Settings) -> Result<(), Failure> {
    let id = parse_id(&arguments.id)?;
    let db = opening::connect(settings, Schema::Expect).await?;
    let message = outbox::find(&db, id)
        .await?
        .ok_or_else(|| Failure::work(format!("there is no message {id}")))?;
    match (&message.message, arguments.eml) {
        (Some(eml), true) => Ok(print(eml)?),
        (None, true) => Err(Failure::work(format!(
            "{id} has no text: it is rendered at its first attempt, and cleared when old or erased"
        ))),
        (_, false) => Ok(print(&life(&message, settings))?),
    }
}

fn life(message: &Message, settings: &Settings) -> String {
    let at = |at: chrono::DateTime<chrono::Utc>| {
        at.with_timezone(&settings.time_zone)
            .format("%Y-%m-%d %H:%M:%S %Z")
            .to_string()
    };
    let mut facts = vec![
        ("id", message.id.to_string()),
        ("status", message.status.in_words().to_owned()),
        ("kind", message.kind.in_words().to_owned()),
        (
            "to",
            message
                .recipient
                .as_ref()
                .map_or_else(|| "no address".to_owned(), |to| to.expose().to_owned()),
        ),
        ("key", message.natural_key.clone()),
        ("queued", at(message.queued_at)),
        ("due", at(message.due_at)),
        ("attempts", message.attempts.to_string()),
    ];
    if message.status == MessageStatus::Queued {
        facts.push((
            "given up",
            format!("when an attempt fails after {}", at(message.give_up_at)),
        ));
    }
    facts.extend(
        message
            .lease
            .as_ref()
            .map(|(worker, until)| ("with", format!("{worker}, until {} at most", at(*until)))),
    );
    facts.extend(message.finished_at.map(|finished| ("finished", at(finished))));
    facts.extend(message.error.clone().map(|error| ("error", error)));
    facts.extend(
        message
            .message_id
            .clone()
            .map(|id| ("Message-ID", format!("<{id}>"))),
    );
    let facts: Vec<String> = facts
        .iter()
        .map(|(name, value)| format!("{name:<11} {value}"))
        .collect();
    let facts = facts.join("\n");
    let body = match (&message.message, message.status) {
        (Some(text), _) => text.clone(),
        (None, MessageStatus::Sent) => "its text is not kept any more\n".to_owned(),
        (None, _) => format!("not rendered; its context:\n{}\n", message.context),
    };
    format!("{facts}\n\n{body}")
}

async fn retry(arguments: &Retry, settings: &Settings) -> Result<(), Failure> {
    let ids = arguments
        .ids
        .iter()
        .map(|id| parse_id(id))
        .collect::<Result<Vec<_>, _>>()?;
    let db = opening::connect(settings, Schema::Expect).await?;
    let (now, access) = (Clock::system().now(), Access::system());
    let back = if arguments.failed {
        mail::retry_failed(&db, &access, now).await?
    } else {
        mail::retry(&db, &access, &ids, now).await?
    };
    print(&format!("{} put back", back.len()))?;
    let left: Vec<String> = ids
        .iter()
        .filter(|id| !back.contains(id))
        .map(ToString::to_string)
        .collect();
    if left.is_empty() {
        return Ok(());
    }
    Err(Failure::work(format!(
        "neither given up nor canceled, or not there: {}",
        left.join(", ")
    )))
}

fn parse_id(text: &str) -> Result<MessageId, Failure> {
    text.parse().map_err(|error| {
        Failure::setup(format!(
            "'{}': {error}; `rapport mail list` shows ids",
            text.escape_debug()
        ))
    })
}

fn word<T: std::str::FromStr<Err = engagement::vocabulary::UnknownWord>>(
    flag: &str,
    text: Option<&str>,
) -> Result<Option<T>, Failure> {
    text.map(str::parse)
        .transpose()
        .map_err(|error| Failure::setup(format!("{flag}: {error}")))
}
