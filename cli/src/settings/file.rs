//! `rapport.toml`: the same settings by the same names, in a file.

use std::io::ErrorKind;
use std::path::Path;

use serde::Deserialize;

use super::error::SettingsError;
use super::flags::Flags;

/// The file that is read where there is one.
const DEFAULT: &str = "rapport.toml";

/// What the file may hold; anything else is an error that names it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SettingsFile {
    database_url: Option<String>,
    bind: Option<String>,
    metrics_bind: Option<String>,
    connections_per_address: Option<Count>,
    public_url: Option<String>,
    smtp_url: Option<String>,
    outbox_dir: Option<String>,
    mail_from: Option<String>,
    escalation_to: Option<Addresses>,
    policy: Option<String>,
    account_url: Option<String>,
    time_zone: Option<String>,
    log: Option<String>,
    log_format: Option<String>,
}

/// A number, or a text that is one.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Count {
    Number(u64),
    Text(String),
}

/// A list, or one text with commas.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Addresses {
    Text(String),
    List(Vec<String>),
}

impl SettingsFile {
    /// Reads the file that was named, or the usual one; without either, nothing is set.
    pub(super) fn read(named: Option<&str>) -> Result<Self, SettingsError> {
        let path = Path::new(named.unwrap_or(DEFAULT));
        let unreadable = |reason: String| SettingsError::File { path: path.display().to_string(), reason };
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text).map_err(unreadable),
            Err(error) if named.is_none() && error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(unreadable(error.to_string())),
        }
    }

    pub(super) fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| {
            let line = error.span().and_then(|span| text.get(..span.start)).map_or(1, |before| before.matches('\n').count() + 1);
            format!("line {line}: {}", error.message())
        })
    }

    /// What it sets, by the names of the flags.
    pub(super) fn names(&self) -> Vec<&'static str> {
        let texts = [
            ("database_url", &self.database_url),
            ("bind", &self.bind),
            ("metrics_bind", &self.metrics_bind),
            ("public_url", &self.public_url),
            ("smtp_url", &self.smtp_url),
            ("outbox_dir", &self.outbox_dir),
            ("mail_from", &self.mail_from),
            ("policy", &self.policy),
            ("account_url", &self.account_url),
            ("time_zone", &self.time_zone),
            ("log", &self.log),
            ("log_format", &self.log_format),
        ];
        let set = texts.into_iter().filter(|(_, text)| present((*text).clone()).is_some()).map(|(name, _)| name);
        let lists = [
            self.escalation_to.as_ref().map(|_| "escalation_to"),
            self.connections_per_address.as_ref().map(|_| "connections_per_address"),
        ];
        set.chain(lists.into_iter().flatten()).collect()
    }

    /// The file under the flags: a flag wins where it says something.
    pub(super) fn under(self, flags: &Flags) -> Flags {
        let pick = |flag: &Option<String>, file: Option<String>| present(flag.clone()).or_else(|| present(file));
        let escalation = self.escalation_to.map(|addresses| match addresses {
            Addresses::Text(text) => text,
            Addresses::List(list) => list.join(","),
        });
        let connections = self.connections_per_address.map(|count| match count {
            Count::Number(number) => number.to_string(),
            Count::Text(text) => text,
        });
        Flags {
            database_url: pick(&flags.database_url, self.database_url),
            bind: pick(&flags.bind, self.bind),
            metrics_bind: pick(&flags.metrics_bind, self.metrics_bind),
            connections_per_address: pick(&flags.connections_per_address, connections),
            public_url: pick(&flags.public_url, self.public_url),
            smtp_url: pick(&flags.smtp_url, self.smtp_url),
            outbox_dir: pick(&flags.outbox_dir, self.outbox_dir),
            mail_from: pick(&flags.mail_from, self.mail_from),
            escalation_to: pick(&flags.escalation_to, escalation),
            policy: pick(&flags.policy, self.policy),
            account_url: pick(&flags.account_url, self.account_url),
            time_zone: pick(&flags.time_zone, self.time_zone),
            log: pick(&flags.log, self.log),
            log_format: pick(&flags.log_format, self.log_format),
            config: flags.config.clone(),
            adopt_policy: flags.adopt_policy,
        }
    }
}

fn present(value: Option<String>) -> Option<String> {
    value.filter(|text| !text.trim().is_empty())
}
