//! The settings: what is in force and where it comes from, and what fits together badly.

use service::policy::hash;

use super::report::Report;
use crate::opening::read_policy;
use crate::settings::Settings;

/// Hosts that only this machine understands.
const LOCAL: [&str; 4] = ["localhost", "127.0.0.1", "[::1]", "0.0.0.0"];

/// What is in force, secrets masked, and whether it makes sense together.
pub(super) fn check(report: &mut Report, settings: &Settings) {
    for (name, value, origin) in settings.in_force() {
        report.fine(name, format!("{value} ({origin})"));
    }
    let host = settings.public_url.split("://").nth(1).unwrap_or_default();
    let local = LOCAL.iter().any(|local| host.starts_with(local));
    if settings.smtp.is_some() && local {
        let found = format!(
            "links in mail lead to {}, which is another machine for everybody else",
            settings.public_url
        );
        report.warn(
            "public URL",
            found,
            "set RAPPORT_PUBLIC_URL to the address that people use",
        );
    }
    if settings.smtp.is_some() && settings.mail_from.domain() == "localhost" {
        let found = format!(
            "mail comes from {}, which most mail servers refuse",
            settings.mail_from
        );
        report.warn(
            "sender",
            found,
            "set RAPPORT_MAIL_FROM to an address of your own domain",
        );
    }
}

/// The hash of the policy that the settings name, where it can be read.
pub(super) fn check_policy(report: &mut Report, settings: &Settings) -> Option<String> {
    let named = settings
        .policy
        .as_deref()
        .map_or_else(|| "the defaults".to_owned(), |file| file.display().to_string());
    match read_policy(settings.policy.as_deref()) {
        Ok(policy) => {
            let hash = hash(&policy);
            report.fine("policy", format!("{named}, {hash}"));
            Some(hash)
        }
        Err(failure) => {
            report.fail(
                "policy",
                failure.message(),
                "correct the file, or do without RAPPORT_POLICY",
            );
            None
        }
    }
}
