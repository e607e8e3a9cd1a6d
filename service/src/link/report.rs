//! A report as a link shows it: of the moment that the mail tells of, to whoever may see the account now.

use chrono::{DateTime, NaiveDate, Utc};
use engagement::id::AccountId;

use super::action::find;
use super::key::SigningKey;
use super::{Found, ReportKind, ReportLink, ReportReader};
use crate::access::Access;
use crate::db::Db;
use crate::error::ServiceError;
use crate::record::account;
use crate::report::labelled_engagement_report;
use crate::report::sponsor_report::sponsor_reports;
use crate::settings::Settings;

/// A report, ready to be laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedReport {
    /// The account's name.
    pub account: String,
    /// Its key in the user's own systems.
    pub external_id: String,
    /// The last day that counts.
    pub ending_on: NaiveDate,
    /// The report as Markdown; every text in it from outside is escaped.
    pub markdown: String,
}

/// Reads the report of a link.
///
/// # Errors
/// Those of the database.
pub async fn read(
    db: &Db,
    settings: &Settings,
    key: &SigningKey,
    now: DateTime<Utc>,
    link: &ReportLink,
) -> Result<Found<LinkedReport>, ServiceError> {
    let Some(access) = access(db, settings, key, link).await? else {
        return Ok(Found::Gone);
    };
    if now >= link.until {
        return Ok(Found::Expired);
    }
    let Some(account) = account::by_ids(db, &access, &[link.account])
        .await?
        .remove(&link.account)
    else {
        return Ok(Found::Gone);
    };
    let ending_on = settings.day_of(link.as_of);
    let windows = settings.windows(ending_on, link.as_of);
    let markdown = match link.kind {
        ReportKind::Engagement => {
            let report =
                labelled_engagement_report(db, &access, &settings.policy, &windows, link.account).await?;
            report.map(|labelled| labelled.report.markdown(&labelled.labels))
        }
        ReportKind::Sponsor => {
            let mut reports =
                sponsor_reports(db, &access, &settings.policy, &windows, &[link.account]).await?;
            reports.remove(&link.account).map(|report| report.markdown())
        }
    };
    let Some(markdown) = markdown else {
        return Ok(Found::Gone);
    };
    Ok(Found::Here(LinkedReport {
        account: account.name,
        external_id: account.external_id,
        ending_on,
        markdown,
    }))
}

/// The rights of a link's reader now: a user's own; those of the installation for an address that escalations go to, which
/// may be told of anything. None where they may not see the account.
async fn access(
    db: &Db,
    settings: &Settings,
    key: &SigningKey,
    link: &ReportLink,
) -> Result<Option<Access>, ServiceError> {
    match link.reader {
        ReportReader::Address(fingerprint) => {
            let known = settings
                .escalation_to
                .iter()
                .any(|address| key.fingerprint(address) == fingerprint);
            Ok(known.then(Access::system))
        }
        ReportReader::User(id) => {
            let Some(user) = find(db, id).await? else {
                return Ok(None);
            };
            let own = Access::of(user.id, user.role);
            if sees(db, &own, link.account).await? {
                return Ok(Some(own));
            }
            Ok(settings.escalation_to.contains(&user.email).then(Access::system))
        }
    }
}

async fn sees(db: &Db, access: &Access, account: AccountId) -> Result<bool, ServiceError> {
    Ok(account::by_ids(db, access, &[account])
        .await?
        .contains_key(&account))
}
