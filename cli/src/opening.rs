//! Opening what a command works with: the database at the right schema, and the policy that scores are computed with.

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use engagement::email_address::EmailAddress;
use engagement::policy::Policy;
use service::clock::Clock;
use service::db::schema::{check_schema, migrate};
use service::db::{Db, Role};
use service::error::with_causes;
use service::link::{LinkUrls, SigningKey};
use service::monitoring::{Meters, Monitor, Since};
use service::policy::{hash, parse};
use service::record::installation;
use tokio_util::sync::CancellationToken;
use worker::mail::{Folder, Limits, Mail, Pace, Renderer, Smtp, Transport};

use crate::failure::Failure;
use crate::settings::Settings;

/// What is to be done about the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// Bring it up to date; a database that is not there yet is made.
    Migrate,
    /// It has to be up to date.
    Expect,
}

/// What a command works with.
#[derive(Debug)]
pub struct Ready {
    /// The database.
    pub db: Db,
    /// The policy in force.
    pub policy: Arc<Policy>,
    /// Its hash.
    pub policy_hash: Arc<str>,
    /// The organisation's zone.
    pub zone: Tz,
    /// Extra addresses for escalations.
    pub escalation_to: Arc<[EmailAddress]>,
    /// Since when the database is there.
    pub installed_at: DateTime<Utc>,
}

/// Where mail goes.
///
/// # Errors
/// When the settings name a certificate that cannot be used.
pub fn transport(settings: &Settings) -> Result<Transport, Failure> {
    Ok(match &settings.smtp {
        Some(server) => {
            let smtp = Smtp::new(server.clone(), Limits::default())
                .map_err(|error| Failure::setup(error.to_string()))?;
            Transport::Smtp(Box::new(smtp))
        }
        None => Transport::Folder(Folder::new(&settings.outbox_dir)),
    })
}

/// What mail is sent with.
///
/// # Errors
/// As [`transport`]; also when the database does not give the key of links.
pub async fn mail(settings: &Settings, db: &Db, clock: &Clock) -> Result<Mail, Failure> {
    let transport = transport(settings)?;
    let renderer = Renderer::new(&settings.public_url, settings.account_url.as_deref())
        .map_err(|error| Failure::work(error.to_string()))?;
    let links = LinkUrls::new(
        SigningKey::of_installation(db, clock.now()).await?,
        &settings.public_url,
    );
    let sender = settings.mail_from.clone();
    Ok(Mail {
        transport: Arc::new(transport),
        renderer: Arc::new(renderer),
        links,
        sender,
        pace: Pace::default(),
    })
}

/// Runs the worker: jobs on their schedule, and mail at once, until it is told to stop.
///
/// # Errors
/// When it cannot start.
pub async fn work(context: worker::Context, mail: Mail, stop: CancellationToken) -> Result<(), Failure> {
    let jobs = async {
        let done = worker::serve(&worker::jobs::JOBS, context.clone(), stop.clone()).await;
        // Without its jobs the worker is none.
        stop.cancel();
        done
    };
    let (done, _) = tokio::join!(
        Box::pin(jobs),
        Box::pin(worker::mail::deliver(context.clone(), mail, stop.clone()))
    );
    done.map_err(|error| Failure::work(with_causes(&error)))
}

impl Ready {
    /// Answers for this process; for its worker too, where there is one.
    ///
    /// # Errors
    /// When the schedule cannot be read.
    pub fn monitor(&self, clock: &Clock, worker: Option<worker::Pulse>) -> Result<Monitor, Failure> {
        let jobs = worker::jobs::scheduled().map_err(|error| Failure::work(error.to_string()))?;
        let since = Since {
            installed_at: self.installed_at,
            zone: self.zone,
        };
        let monitor = Monitor::new(&self.db, clock.clone(), jobs, since);
        Ok(match worker {
            Some(pulse) => monitor.with_check(Arc::new(move || {
                pulse.stuck().iter().map(ToString::to_string).collect()
            })),
            None => monitor,
        })
    }

    /// What the worker works with.
    pub fn context(&self, clock: Clock, meters: Meters, pulse: worker::Pulse) -> worker::Context {
        // Workers on one machine are told apart by their process, those in containers (where it is always 1) by chance.
        let chance = service::ids::new_id(clock.now()).simple().to_string();
        let name = format!("worker-{}-{}", std::process::id(), &chance[chance.len() - 6..]);
        worker::Context {
            db: self.db.for_role(Role::Worker),
            clock,
            zone: self.zone,
            policy: Arc::clone(&self.policy),
            escalation_to: Arc::clone(&self.escalation_to),
            installed_at: self.installed_at,
            worker: name.into(),
            pulse,
            meters,
        }
    }

    /// What the organisation has set.
    pub fn settings(&self) -> service::settings::Settings {
        service::settings::Settings {
            policy: Arc::clone(&self.policy),
            zone: self.zone,
            escalation_to: Arc::clone(&self.escalation_to),
        }
    }
}

/// Connects, and sees to the schema.
///
/// # Errors
/// When the database cannot be reached, written or understood.
pub async fn connect(settings: &Settings, schema: Schema) -> Result<Db, Failure> {
    let url = settings.database_url.expose();
    // A command that only looks must not leave an empty file behind.
    if schema == Schema::Expect {
        expect_file(settings)?;
    }
    let db = Db::connect(url).await?;
    match schema {
        Schema::Migrate => migrate(&db).await?,
        Schema::Expect => check_schema(&db).await?,
    }
    Ok(db)
}

/// Sees to it that the file of an SQLite database is there.
///
/// # Errors
/// When it is not.
pub fn expect_file(settings: &Settings) -> Result<(), Failure> {
    match sqlite_file(settings.database_url.expose()) {
        Some(file) if !Path::new(file).exists() => Err(Failure::setup(format!(
            "there is no database at {file}: make one with `rapport init`, `rapport import` or `rapport demo`, or set DATABASE_URL"
        ))),
        _ => Ok(()),
    }
}

/// The file of an SQLite URL.
pub fn sqlite_file(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("sqlite:")?;
    let path = rest.strip_prefix("//").unwrap_or(rest);
    Some(path.split('?').next().unwrap_or(path))
}

/// Opens everything that scoring needs, and agrees with the database on the policy.
///
/// # Errors
/// As [`connect`]; also when the policy's file is unusable, or is not the policy that the database was scored with.
pub async fn open(settings: &Settings, schema: Schema, clock: &Clock) -> Result<Ready, Failure> {
    let policy = read_policy(settings.policy.as_deref())?;
    let db = connect(settings, schema).await?;
    let agreed = installation::agree(
        &db,
        &policy,
        settings.time_zone,
        settings.adopt_policy,
        clock.now(),
    )
    .await?;
    Ok(Ready {
        db,
        policy_hash: hash(&policy).into(),
        policy: Arc::new(policy),
        zone: agreed.time_zone,
        escalation_to: escalation_to(settings),
        installed_at: agreed.installed_at,
    })
}

/// What rows are judged by that come in, without agreeing with the database on anything.
///
/// # Errors
/// When the policy's file is unusable.
pub fn organisation(settings: &Settings) -> Result<service::settings::Settings, Failure> {
    let policy = Arc::new(read_policy(settings.policy.as_deref())?);
    Ok(service::settings::Settings {
        policy,
        zone: settings.time_zone,
        escalation_to: escalation_to(settings),
    })
}

fn escalation_to(settings: &Settings) -> Arc<[EmailAddress]> {
    settings.escalation_to.iter().cloned().collect()
}

/// The policy of a file, or the defaults.
///
/// # Errors
/// When the file is unusable.
pub fn read_policy(file: Option<&Path>) -> Result<Policy, Failure> {
    let Some(file) = file else {
        return Ok(Policy::default());
    };
    let unusable = |reason: String| Failure::setup(format!("RAPPORT_POLICY: {}: {reason}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| unusable(error.to_string()))?;
    parse(&text).map_err(|error| unusable(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_a_url() {
        assert_eq!(sqlite_file("sqlite://rapport.db?mode=rwc"), Some("rapport.db"));
        assert_eq!(
            sqlite_file("sqlite:///var/lib/rapport.db"),
            Some("/var/lib/rapport.db")
        );
        assert_eq!(sqlite_file("sqlite:x.db"), Some("x.db"));
        assert_eq!(sqlite_file("postgres://h/rapport"), None);
    }
}
