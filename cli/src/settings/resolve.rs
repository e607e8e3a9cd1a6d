//! From texts to settings: defaults filled in, every value checked.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};

use chrono_tz::Tz;
use engagement::email_address::EmailAddress;
use worker::mail::{Sender, Server};

use super::error::{SettingsError, wrong};
use super::file::SettingsFile;
use super::flags::{Flags, NAMES};
use super::origin::{Origin, Origins};
use super::secret::Secret;

const DATABASE_URL: &str = "sqlite://rapport.db?mode=rwc";
const BIND: &str = "127.0.0.1:8080";
/// More than any person's browser or any script of one needs.
const CONNECTIONS_PER_ADDRESS: usize = 250;
const OUTBOX_DIR: &str = "outbox/";
const MAIL_FROM: &str = "Rapport <rapport@localhost>";
/// Where the external id goes in an account's address.
const PLACEHOLDER: &str = "{external_id}";

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line, for machines.
    Json,
}

/// Everything that can be set, checked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The database.
    pub database_url: Secret,
    /// Where the API listens.
    pub bind: SocketAddr,
    /// Where `rapport worker` answers those who watch it.
    pub metrics_bind: Option<SocketAddr>,
    /// How many connections one address may have.
    pub connections_per_address: usize,
    /// How it is reached from outside, without a slash at the end.
    pub public_url: String,
    /// The mail server.
    pub smtp: Option<Server>,
    /// Where mail is written without one.
    pub outbox_dir: PathBuf,
    /// Who mail comes from.
    pub mail_from: Sender,
    /// Extra addresses for escalations.
    pub escalation_to: Vec<EmailAddress>,
    /// The policy's file.
    pub policy: Option<PathBuf>,
    /// Whether a policy other than the stored one may take over.
    pub adopt_policy: bool,
    /// The address of an account in the user's own frontend.
    pub account_url: Option<String>,
    /// The organisation's zone.
    pub time_zone: Tz,
    /// What is logged; absent: `info` by what runs on or long, `warn` by what answers and ends.
    pub log: Option<String>,
    /// How; absent: text on a terminal, JSON elsewhere.
    pub log_format: Option<LogFormat>,
    /// Where each of them comes from.
    pub origins: Origins,
}

impl Settings {
    /// Settings from the file, the environment and the flags.
    ///
    /// # Errors
    /// The first thing that makes no sense.
    pub fn read(flags: &Flags, given: Origins) -> Result<Self, SettingsError> {
        let named = flags.config.as_deref().filter(|path| !path.trim().is_empty());
        let file = SettingsFile::read(named)?;
        let origins = given.under(file.names());
        Ok(Self {
            origins,
            ..Self::resolve(file.under(flags))?
        })
    }

    /// Every setting with its value, secrets masked, and where it comes from.
    pub fn in_force(&self) -> Vec<(&'static str, String, Origin)> {
        let none = || "none".to_owned();
        let value = |flag: &str| match flag {
            "database_url" => self.database_url.to_string(),
            "bind" => self.bind.to_string(),
            "metrics_bind" => self.metrics_bind.map_or_else(none, |address| address.to_string()),
            "connections_per_address" => self.connections_per_address.to_string(),
            "public_url" => self.public_url.clone(),
            "smtp_url" => self.smtp.as_ref().map_or_else(none, ToString::to_string),
            "outbox_dir" => self.outbox_dir.display().to_string(),
            "mail_from" => self.mail_from.to_string(),
            "escalation_to" => match self.escalation_to.len() {
                0 => none(),
                count => format!("{count} addresses"),
            },
            "policy" => self
                .policy
                .as_ref()
                .map_or_else(none, |file| file.display().to_string()),
            "account_url" => self.account_url.clone().unwrap_or_else(none),
            "time_zone" => self.time_zone.name().to_owned(),
            "log" => self.log.clone().unwrap_or_else(|| "info or warn".to_owned()),
            _ => self.log_format.map_or_else(
                || "text or json".to_owned(),
                |format| format!("{format:?}").to_lowercase(),
            ),
        };
        NAMES
            .iter()
            .map(|(flag, name)| (*name, value(flag), self.origins.of(flag)))
            .collect()
    }

    /// Writes the settings in force to the log, passwords hidden: the first question of every support case.
    pub fn log(&self) {
        tracing::info!(
            database = %self.database_url,
            bind = %self.bind,
            public_url = self.public_url,
            time_zone = self.time_zone.name(),
            policy = %self.policy.as_deref().map_or_else(|| "default".into(), Path::to_string_lossy),
            smtp = self.smtp.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string),
            outbox_dir = %self.outbox_dir.display(),
            mail_from = %self.mail_from,
            escalation_addresses = self.escalation_to.len(),
            "settings"
        );
    }

    /// Checks the values.
    fn resolve(given: Flags) -> Result<Self, SettingsError> {
        let database_url = given.database_url.unwrap_or_else(|| DATABASE_URL.to_owned());
        if !["sqlite:", "postgres:", "postgresql:"]
            .iter()
            .any(|scheme| database_url.starts_with(scheme))
        {
            return Err(wrong(
                "DATABASE_URL",
                format!(
                    "{} must start with sqlite:// or postgres://",
                    Secret::new(database_url)
                ),
            ));
        }
        let bind = parse_bind("RAPPORT_BIND", given.bind.as_deref().unwrap_or(BIND))?;
        let metrics_bind = given
            .metrics_bind
            .as_deref()
            .map(|text| parse_bind("RAPPORT_METRICS_BIND", text))
            .transpose()?;
        let connections_per_address = given
            .connections_per_address
            .as_deref()
            .map_or(Ok(CONNECTIONS_PER_ADDRESS), parse_connections)?;
        let public_url = given.public_url.unwrap_or_else(|| format!("http://{bind}"));
        check_web("RAPPORT_PUBLIC_URL", &public_url)?;
        let smtp = given.smtp_url.as_deref().map(parse_smtp).transpose()?;
        let mail_from = parse_sender(given.mail_from.as_deref().unwrap_or(MAIL_FROM))?;
        let escalation_to = parse_addresses(given.escalation_to.as_deref().unwrap_or_default())?;
        if let Some(url) = &given.account_url {
            check_web("RAPPORT_ACCOUNT_URL", url)?;
            if !url.contains(PLACEHOLDER) {
                return Err(wrong(
                    "RAPPORT_ACCOUNT_URL",
                    format!("'{url}' must contain {PLACEHOLDER}, which stands for the account"),
                ));
            }
        }
        let zone = given.time_zone.as_deref().unwrap_or("UTC");
        let time_zone = zone.parse().map_err(|_| {
            wrong(
                "RAPPORT_TIME_ZONE",
                format!("'{zone}' is no IANA time zone; one is written like Europe/Berlin"),
            )
        })?;
        let log_format = given.log_format.as_deref().map(parse_log_format).transpose()?;
        Ok(Self {
            database_url: Secret::new(database_url),
            bind,
            metrics_bind,
            connections_per_address,
            public_url: public_url.trim_end_matches('/').to_owned(),
            smtp,
            outbox_dir: given.outbox_dir.unwrap_or_else(|| OUTBOX_DIR.to_owned()).into(),
            mail_from,
            escalation_to,
            policy: given.policy.map(PathBuf::from),
            adopt_policy: given.adopt_policy,
            account_url: given.account_url,
            time_zone,
            log: given.log,
            log_format,
            origins: Origins::default(),
        })
    }
}

/// An address and a port; a name such as `localhost` is looked up.
fn parse_bind(setting: &'static str, text: &str) -> Result<SocketAddr, SettingsError> {
    let unusable = || {
        wrong(
            setting,
            format!("'{text}' is no address to listen on; one is written like 127.0.0.1:8080"),
        )
    };
    text.parse().or_else(|_| {
        text.to_socket_addrs()
            .ok()
            .and_then(|mut found| found.next())
            .ok_or_else(unusable)
    })
}

/// How many connections one address may have.
fn parse_connections(text: &str) -> Result<usize, SettingsError> {
    let number = text.trim().parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| {
        wrong(
            "RAPPORT_CONNECTIONS_PER_ADDRESS",
            format!("'{text}' is no number of connections; one is written like 250"),
        )
    })
}

fn check_web(setting: &'static str, url: &str) -> Result<(), SettingsError> {
    let host = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    match host {
        Some(host) if !host.is_empty() && !url.chars().any(|c| c.is_whitespace() || c.is_control()) => Ok(()),
        _ => Err(wrong(
            setting,
            format!("'{url}' is no web address; one is written like https://rapport.example"),
        )),
    }
}

/// Where the mail server is. What is wrong is said without the URL, which may hold a password.
fn parse_smtp(url: &str) -> Result<Server, SettingsError> {
    url.parse()
        .map_err(|error: worker::mail::ServerUrlError| wrong("RAPPORT_SMTP_URL", error.to_string()))
}

fn parse_sender(text: &str) -> Result<Sender, SettingsError> {
    text.parse().map_err(|error: worker::mail::SenderError| {
        wrong(
            "RAPPORT_MAIL_FROM",
            format!("'{}' {error}", text.escape_default()),
        )
    })
}

/// Addresses, separated by commas; a name before one (`Ada <ada@x.example>`) is let go.
fn parse_addresses(list: &str) -> Result<Vec<EmailAddress>, SettingsError> {
    let texts = list.split(',').map(str::trim).filter(|text| !text.is_empty());
    let mut addresses: Vec<EmailAddress> = Vec::new();
    for text in texts {
        let unusable = |_| {
            let what = format!(
                "'{}' is no mail address; several are separated by commas",
                text.escape_default()
            );
            wrong("RAPPORT_ESCALATION_TO", what)
        };
        let address = text.parse::<Sender>().map_err(unusable)?.address;
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    Ok(addresses)
}

fn parse_log_format(text: &str) -> Result<LogFormat, SettingsError> {
    match text.to_ascii_lowercase().as_str() {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err(wrong(
            "RAPPORT_LOG_FORMAT",
            format!("'{text}' is neither text nor json"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(file: &str, flags: &Flags) -> Result<Settings, SettingsError> {
        let file = SettingsFile::parse(file).map_err(|reason| SettingsError::File {
            path: "rapport.toml".to_owned(),
            reason,
        })?;
        Settings::resolve(file.under(flags))
    }

    #[test]
    fn nothing_set_is_the_documented_defaults() {
        let all = settings("", &Flags::default()).unwrap();
        assert_eq!(all.database_url.expose(), "sqlite://rapport.db?mode=rwc");
        assert_eq!(all.bind.to_string(), "127.0.0.1:8080");
        assert_eq!(all.public_url, "http://127.0.0.1:8080");
        assert_eq!((all.smtp, all.outbox_dir.as_path()), (None, "outbox/".as_ref()));
        assert_eq!(
            (all.mail_from.name.as_str(), all.mail_from.address.expose()),
            ("Rapport", "rapport@localhost")
        );
        assert_eq!(all.escalation_to, []);
        assert_eq!(
            (all.policy, all.account_url, all.time_zone),
            (None, None, Tz::UTC)
        );
    }

    #[test]
    fn a_flag_wins_over_the_file_and_an_empty_one_does_not_count() {
        let file = "bind = '0.0.0.0:9000'\ntime_zone = 'Asia/Tokyo'\nescalation_to = ['Ada <A@x.example>', 'b@x.example', 'a@x.example']";
        let flags = Flags {
            bind: Some("127.0.0.1:1".to_owned()),
            time_zone: Some(" ".to_owned()),
            ..Flags::default()
        };
        let all = settings(file, &flags).unwrap();
        assert_eq!((all.bind.port(), all.time_zone), (1, chrono_tz::Asia::Tokyo));
        assert_eq!(
            all.escalation_to
                .iter()
                .map(EmailAddress::expose)
                .collect::<Vec<_>>(),
            ["a@x.example", "b@x.example"]
        );
    }

    #[test]
    fn what_would_break_a_mail_or_show_a_password_is_refused() {
        let refused = |set: fn(&mut Flags)| {
            let mut flags = Flags::default();
            set(&mut flags);
            settings("", &flags).unwrap_err().to_string()
        };
        assert_eq!(
            refused(|f| f.mail_from = Some("nobody\r\nBcc: all".into())),
            r"RAPPORT_MAIL_FROM: 'nobody\r\nBcc: all' is no mail address; one is written like Rapport <rapport@example.com>"
        );
        assert_eq!(
            refused(|f| f.escalation_to = Some("a@x.example, b".into())),
            "RAPPORT_ESCALATION_TO: 'b' is no mail address; several are separated by commas"
        );
        assert_eq!(
            refused(|f| f.smtp_url = Some("http://u:pw@h".into())),
            "RAPPORT_SMTP_URL: it must start with smtp:// or smtps://; one is written like smtp://user:password@mail.example:587?tls=required"
        );
    }
}
