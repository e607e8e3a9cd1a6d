//! The one list of settings: an entry is a flag, an environment variable and a line of `rapport.toml`, and `--help` of every
//! command tells of it.
//!
//! How a setting is checked and shown stands in `resolve`.

use clap::Args;
use serde::Deserialize;

use super::written::{addresses, number, present, text};

/// Makes of the list what reads, merges and names settings. An entry has its `--help`, what its value is called there, its name
/// as a flag and in the file, how the file may write it (a function of `written`), and its environment variable.
macro_rules! settings {
    ($($(#[$told:meta])* $name:ident: $written:literal, $variable:literal;)*) => {
        /// Every setting, as it may be given on the command line or in the environment. Empty is the same as absent, so that a
        /// compose file can hand through variables that nobody set.
        #[derive(Debug, Clone, Default, Args, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[command(next_help_heading = "Settings (rapport.toml < environment < flags)")]
        pub struct Flags {
            $(
                $(#[$told])*
                #[arg(long, global = true, env = $variable)]
                #[serde(default, deserialize_with = $written)]
                pub $name: Option<String>,
            )*
            /// Settings file [default: rapport.toml, where there is one]
            #[arg(long, global = true, env = "RAPPORT_CONFIG", value_name = "FILE")]
            #[serde(skip)]
            pub config: Option<String>,
            /// Score with the policy given from now on, although the database was scored with another
            #[arg(long, global = true)]
            #[serde(skip)]
            pub adopt_policy: bool,
        }

        /// Every setting that has a value, by the name of its flag and of its environment variable.
        pub const NAMES: &[(&str, &str)] = &[$((stringify!($name), $variable),)*];

        impl Flags {
            /// These over others: one of these wins where it says something.
            pub(super) fn over(self, others: Self) -> Self {
                Self {
                    $($name: present(self.$name).or_else(|| present(others.$name)),)*
                    config: self.config,
                    adopt_policy: self.adopt_policy,
                }
            }

            /// The names of what is set.
            pub(super) fn names(&self) -> Vec<&'static str> {
                let set = [$((stringify!($name), self.$name.is_some()),)*];
                set.into_iter().filter(|(_, set)| *set).map(|(name, _)| name).collect()
            }
        }
    };
}

settings! {
    /// The database: sqlite://FILE or postgres://… [default: sqlite://rapport.db?mode=rwc]
    #[arg(hide_env_values = true, value_name = "URL")]
    database_url: "text", "DATABASE_URL";
    /// Where the API listens [default: 127.0.0.1:8080]
    #[arg(value_name = "ADDRESS")]
    bind: "text", "RAPPORT_BIND";
    /// Where `rapport serve` and `rapport worker` answer /healthz, /readyz and /metrics, beside the API [default: none]
    #[arg(value_name = "ADDRESS")]
    metrics_bind: "text", "RAPPORT_METRICS_BIND";
    /// How many connections one address may have to the API; behind a proxy all have the proxy's [default: 250]
    #[arg(value_name = "NUMBER")]
    connections_per_address: "number", "RAPPORT_CONNECTIONS_PER_ADDRESS";
    /// How the API is reached from outside, for links in mail [default: http:// and the listen address]
    #[arg(value_name = "URL")]
    public_url: "text", "RAPPORT_PUBLIC_URL";
    /// Mail server: smtp://user:pass@host:587?tls=required, smtps://…; tls=none, ca=FILE [default: none, mail is written to files]
    #[arg(hide_env_values = true, value_name = "URL")]
    smtp_url: "text", "RAPPORT_SMTP_URL";
    /// Where mail is written without a mail server [default: outbox/]
    #[arg(value_name = "DIR")]
    outbox_dir: "text", "RAPPORT_OUTBOX_DIR";
    /// Who mail comes from (default: `Rapport <rapport@localhost>`)
    #[arg(value_name = "MAILBOX")]
    mail_from: "text", "RAPPORT_MAIL_FROM";
    /// Extra addresses for escalations, separated by commas
    #[arg(value_name = "ADDRESSES")]
    escalation_to: "addresses", "RAPPORT_ESCALATION_TO";
    /// Scoring policy, a TOML file [default: none, the defaults of docs/scoring.md]
    #[arg(value_name = "FILE")]
    policy: "text", "RAPPORT_POLICY";
    /// Where an account stands in your own frontend: `https://crm.example/accounts/{external_id}`
    #[arg(value_name = "TEMPLATE")]
    account_url: "text", "RAPPORT_ACCOUNT_URL";
    /// Time zone of the organisation: it decides on which day something falls [default: UTC]
    #[arg(value_name = "IANA NAME")]
    time_zone: "text", "RAPPORT_TIME_ZONE";
    /// What is logged, as for RUST_LOG: warn, info, debug, info,rapport_worker=debug [default: info for what runs on or long, else warn]
    #[arg(value_name = "FILTER")]
    log: "text", "RAPPORT_LOG";
    /// How it is logged: text or json [default: text on a terminal, json elsewhere]
    #[arg(value_name = "FORMAT")]
    log_format: "text", "RAPPORT_LOG_FORMAT";
}
