//! The settings as flags and environment variables; `--help` of every command lists them.

use clap::Args;

/// Every setting, as it may be given on the command line or in the environment. Empty is the same as absent, so that a
/// compose file can hand through variables that nobody set.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Settings (rapport.toml < environment < flags)")]
pub struct Flags {
    /// The database: sqlite://FILE or postgres://… [default: sqlite://rapport.db?mode=rwc]
    #[arg(long, global = true, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// Where the API listens [default: 127.0.0.1:8080]
    #[arg(long, global = true, env = "RAPPORT_BIND", value_name = "ADDRESS")]
    pub bind: Option<String>,
    /// Where `rapport serve` and `rapport worker` answer /healthz, /readyz and /metrics, beside the API [default: none]
    #[arg(long, global = true, env = "RAPPORT_METRICS_BIND", value_name = "ADDRESS")]
    pub metrics_bind: Option<String>,
    /// How many connections one address may have to the API; behind a proxy all have the proxy's [default: 250]
    #[arg(long, global = true, env = "RAPPORT_CONNECTIONS_PER_ADDRESS", value_name = "NUMBER")]
    pub connections_per_address: Option<String>,
    /// How the API is reached from outside, for links in mail [default: http:// and the listen address]
    #[arg(long, global = true, env = "RAPPORT_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// Mail server: smtp://user:pass@host:587?tls=required, smtps://…; tls=none, ca=FILE [default: none, mail is written to files]
    #[arg(long, global = true, env = "RAPPORT_SMTP_URL", hide_env_values = true, value_name = "URL")]
    pub smtp_url: Option<String>,
    /// Where mail is written without a mail server [default: outbox/]
    #[arg(long, global = true, env = "RAPPORT_OUTBOX_DIR", value_name = "DIR")]
    pub outbox_dir: Option<String>,
    /// Who mail comes from (default: `Rapport <rapport@localhost>`)
    #[arg(long, global = true, env = "RAPPORT_MAIL_FROM", value_name = "MAILBOX")]
    pub mail_from: Option<String>,
    /// Extra addresses for escalations, separated by commas
    #[arg(long, global = true, env = "RAPPORT_ESCALATION_TO", value_name = "ADDRESSES")]
    pub escalation_to: Option<String>,
    /// Scoring policy, a TOML file [default: none, the defaults of docs/scoring.md]
    #[arg(long, global = true, env = "RAPPORT_POLICY", value_name = "FILE")]
    pub policy: Option<String>,
    /// Where an account stands in your own frontend: `https://crm.example/accounts/{external_id}`
    #[arg(long, global = true, env = "RAPPORT_ACCOUNT_URL", value_name = "TEMPLATE")]
    pub account_url: Option<String>,
    /// Time zone of the organisation: it decides on which day something falls [default: UTC]
    #[arg(long, global = true, env = "RAPPORT_TIME_ZONE", value_name = "IANA NAME")]
    pub time_zone: Option<String>,
    /// What is logged, as for RUST_LOG: warn, info, debug, info,rapport_worker=debug [default: info for what runs on or long, else warn]
    #[arg(long, global = true, env = "RAPPORT_LOG", value_name = "FILTER")]
    pub log: Option<String>,
    /// How it is logged: text or json [default: text on a terminal, json elsewhere]
    #[arg(long, global = true, env = "RAPPORT_LOG_FORMAT", value_name = "FORMAT")]
    pub log_format: Option<String>,
    /// Settings file [default: rapport.toml, where there is one]
    #[arg(long, global = true, env = "RAPPORT_CONFIG", value_name = "FILE")]
    pub config: Option<String>,
    /// Score with the policy given from now on, although the database was scored with another
    #[arg(long, global = true)]
    pub adopt_policy: bool,
}
