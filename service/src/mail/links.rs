//! Which links a mail holds: those that would work for its recipient if they followed them at once.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use engagement::email_address::EmailAddress;
use engagement::id::{AccountId, AlertId, UserId};
use engagement::report::digest::Digest;
use engagement::vocabulary::Role;
use serde::Serialize;

use super::content::Content;
use crate::access::rights::{Action, Right, right};
use crate::link::{
    ACKNOWLEDGE_DAYS, ActionLink, LinkUrls, REPORT_DAYS, ReportKind, ReportLink, ReportReader, days_from,
};
use crate::record::user::User;

/// Whom the links of a mail are for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkReader {
    /// A user.
    User {
        id: UserId,
        /// What they may do.
        role: Role,
        /// Accounts of the mail that they see in mails alone, as managers of a member of the team.
        hidden: HashSet<AccountId>,
        /// Their address is one that escalations go to: they may be told of anything.
        named: bool,
    },
    /// An escalation address that is no user's.
    Address(EmailAddress),
    /// A manager who is no user: a link would have nobody's rights.
    Nobody,
}

impl LinkReader {
    /// A user who sees by their own rights whatever the mail tells of.
    pub fn of(user: &User) -> Self {
        Self::User {
            id: user.id,
            role: user.role,
            hidden: HashSet::new(),
            named: false,
        }
    }
}

/// The links of one mail, for its templates.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct MailLinks {
    /// Ends mails of this kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsubscribe: Option<String>,
    /// Takes up each of these alerts.
    pub acknowledge: BTreeMap<AlertId, String>,
    /// The reports of each of these accounts.
    pub reports: BTreeMap<AccountId, AccountLinks>,
    /// The same, in the order in which the mail names the accounts.
    pub accounts: Vec<AccountLinks>,
}

/// The reports of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountLinks {
    /// Its number within the mail, from 1, by which a text refers to it.
    pub number: usize,
    /// Its name.
    pub name: String,
    /// Its key in the user's own systems.
    pub external_id: String,
    /// The engagement report.
    pub engagement: String,
    /// The sponsor report.
    pub sponsor: String,
}

impl LinkUrls {
    /// The links of a mail that was decided on at `queued_at` and is written `now`. What its reports show is what it tells of
    /// itself: a digest and a departure tell how things stood when they were decided on, an alert how it stands when it is
    /// written.
    pub fn of_mail(
        &self,
        content: &Content,
        reader: &LinkReader,
        queued_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> MailLinks {
        let mut links = MailLinks::default();
        let as_of = if matches!(content, Content::Alert(_)) {
            now
        } else {
            queued_at
        };
        match content {
            Content::WeeklyDigest(digest) => {
                if let LinkReader::User { id, .. } = reader {
                    links.unsubscribe = Some(self.action(&ActionLink::Unsubscribe { user: *id }));
                }
                let named = in_order(digest);
                named.for_each(|(id, external_id, name)| {
                    self.add_reports(&mut links, reader, (id, external_id, name), as_of, now);
                });
            }
            Content::SponsorDeparted(notice) => {
                let account = &notice.account;
                self.add_acknowledge(&mut links, reader, notice.alert, Some(account.id), now);
                self.add_reports(
                    &mut links,
                    reader,
                    (account.id, &account.external_id, &account.name),
                    as_of,
                    now,
                );
            }
            Content::Alert(content) => {
                for alert in &content.alerts {
                    self.add_acknowledge(
                        &mut links,
                        reader,
                        alert.id,
                        alert.account.as_ref().map(|account| account.id),
                        now,
                    );
                    if let Some(account) = &alert.account {
                        self.add_reports(
                            &mut links,
                            reader,
                            (account.id, &account.external_id, &account.name),
                            as_of,
                            now,
                        );
                    }
                }
            }
            Content::OutreachPlanned(_) => {}
        }
        links
    }

    fn add_acknowledge(
        &self,
        links: &mut MailLinks,
        reader: &LinkReader,
        alert: AlertId,
        account: Option<AccountId>,
        now: DateTime<Utc>,
    ) {
        let LinkReader::User { id, role, hidden, .. } = reader else {
            return;
        };
        let sees = match account {
            Some(account) => !hidden.contains(&account),
            None => matches!(role, Role::Admin | Role::Manager),
        };
        if sees && right(*role, Action::AcknowledgeAlert) >= Right::Teams {
            let link = ActionLink::Acknowledge {
                alert,
                user: *id,
                until: days_from(now, ACKNOWLEDGE_DAYS),
            };
            links.acknowledge.insert(alert, self.action(&link));
        }
    }

    fn add_reports(
        &self,
        links: &mut MailLinks,
        reader: &LinkReader,
        (account, external_id, name): (AccountId, &str, &str),
        as_of: DateTime<Utc>,
        now: DateTime<Utc>,
    ) {
        let whom = match reader {
            LinkReader::User {
                id, hidden, named, ..
            } if *named || !hidden.contains(&account) => ReportReader::User(*id),
            LinkReader::Address(address) => ReportReader::Address(self.key().fingerprint(address)),
            LinkReader::User { .. } | LinkReader::Nobody => return,
        };
        if links.reports.contains_key(&account) {
            return;
        }
        let of = |kind| {
            self.report(&ReportLink {
                kind,
                account,
                reader: whom,
                as_of,
                until: days_from(now, REPORT_DAYS),
            })
        };
        let added = AccountLinks {
            number: links.accounts.len() + 1,
            name: name.to_owned(),
            external_id: external_id.to_owned(),
            engagement: of(ReportKind::Engagement),
            sponsor: of(ReportKind::Sponsor),
        };
        links.reports.insert(account, added.clone());
        links.accounts.push(added);
    }
}

/// The accounts of a digest, in the order in which it names them.
fn in_order(digest: &Digest) -> impl Iterator<Item = (AccountId, &str, &str)> {
    let changes = digest.changes.lines.iter().map(|line| &line.account);
    let alerts = digest.alerts.lines.iter().map(|line| &line.account);
    let touches = digest.touches.lines.iter().map(|line| &line.account);
    let renewals = digest.renewals.lines.iter().map(|line| &line.account);
    let actions = digest.actions.iter().map(|line| &line.account);
    let named = changes
        .chain(alerts)
        .chain(touches)
        .chain(renewals)
        .chain(actions);
    named.map(|account| (account.id, account.external_id.as_str(), account.name.as_str()))
}
