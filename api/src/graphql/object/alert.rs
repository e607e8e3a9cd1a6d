//! Alerts: what is wrong, since when, who was told what of it, and what became of it.

use async_graphql::{Context, Error, ID, Object};
use engagement::alert::Subject;
use engagement::vocabulary::{AlertStatus, Disposition, Feed, Severity, SubjectKind};
use service::alert::StoredAlert;

use super::account::Account;
use super::contact::Contact;
use super::departure::DepartureSuccession;
use super::interaction::Interaction;
use super::org_change::OrgChange;
use super::user::User;
use crate::graphql::load::alerts::OrgChangeById;
use crate::graphql::load::ask::load_one;
use crate::graphql::load::nodes::{AccountById, ContactById, InteractionById, UserById};
use crate::graphql::scalar::connection::connection;
use crate::graphql::scalar::evidence::Evidence;
use crate::graphql::scalar::time::{Date, Instant};

connection!(AlertConnection, AlertEdge, Alert, "alerts", StoredAlert);

/// Something that is wrong and that somebody should know of. One cause has one alert while it is not resolved.
#[derive(Clone)]
pub struct Alert(pub StoredAlert);

impl From<StoredAlert> for Alert {
    fn from(alert: StoredAlert) -> Self {
        Self(alert)
    }
}

/// Something that is wrong and that somebody should know of. One cause has one alert while it is not resolved.
#[Object]
impl Alert {
    /// The global id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The rule: one of the seven signals, such as `signal.qbr_missed`, or a guardrail, such as `sponsor.departed`.
    async fn rule(&self) -> &str {
        self.0.alert.key.rule.as_str()
    }

    /// How bad it is; of a resolved one, how bad it was.
    async fn severity(&self) -> Severity {
        self.0.alert.severity
    }

    /// Where it is in its life.
    async fn status(&self) -> AlertStatus {
        self.0.alert.status
    }

    /// It was like that when the account was looked at for the first time: nobody is mailed for it.
    async fn baseline(&self) -> bool {
        self.0.alert.baseline
    }

    /// One or two sentences with the numbers in them.
    async fn message(&self) -> &str {
        &self.0.alert.message
    }

    /// The interactions behind it.
    async fn evidence(&self) -> Evidence {
        self.0.alert.evidence.clone().into()
    }

    /// The account; null for an alert about the whole installation.
    async fn account(&self, ctx: &Context<'_>) -> Option<Result<Account, Error>> {
        load_one(ctx, AccountById(self.0.account_id?)).await
    }

    /// What it is about beside its account.
    async fn subject_kind(&self) -> SubjectKind {
        self.0.alert.key.subject.kind()
    }

    /// The contact it is about, such as the sponsor who left.
    async fn contact(&self, ctx: &Context<'_>) -> Option<Result<Contact, Error>> {
        let Subject::Contact(id) = self.0.alert.key.subject else {
            return None;
        };
        load_one(ctx, ContactById(id)).await
    }

    /// The interaction it is about.
    async fn interaction(&self, ctx: &Context<'_>) -> Option<Result<Interaction, Error>> {
        let Subject::Interaction(id) = self.0.alert.key.subject else {
            return None;
        };
        load_one(ctx, InteractionById(id)).await
    }

    /// The organisational change it is about.
    async fn org_change(&self, ctx: &Context<'_>) -> Option<Result<OrgChange, Error>> {
        let Subject::OrgChange(id) = self.0.alert.key.subject else {
            return None;
        };
        load_one(ctx, OrgChangeById(id)).await
    }

    /// The feed of data it is about.
    async fn feed(&self) -> Option<Feed> {
        if let Subject::Feed(feed) = self.0.alert.key.subject {
            Some(feed)
        } else {
            None
        }
    }

    /// The mail address it is about.
    async fn recipient(&self) -> Option<&str> {
        if let Subject::Recipient(address) = &self.0.alert.key.subject {
            Some(address)
        } else {
            None
        }
    }

    /// The user it is about, who has stopped recording; null for one whom you do not see.
    async fn user(&self, ctx: &Context<'_>) -> Option<Result<User, Error>> {
        let Subject::User(id) = self.0.alert.key.subject else {
            return None;
        };
        load_one(ctx, UserById(id)).await
    }

    /// Who could follow, as it was known when the sponsor left.
    async fn succession(&self) -> Option<DepartureSuccession> {
        self.0.succession.as_deref().cloned().map(DepartureSuccession)
    }

    /// When it opened first.
    async fn opened_at(&self) -> Instant {
        Instant(self.0.alert.opened_at)
    }

    /// The last day on which its cause held.
    async fn last_seen_on(&self) -> Date {
        Date(self.0.alert.last_seen_on)
    }

    /// From when the escalation ladder counts; null where it is not climbed.
    async fn escalating_since(&self) -> Option<Instant> {
        self.0.alert.escalating_since.map(Instant)
    }

    /// How far it has climbed: 0 nobody, 1 the team, 2 the managers, 3 the escalation addresses.
    async fn rung(&self) -> u8 {
        self.0.alert.rung
    }

    /// When somebody took it up.
    async fn acknowledged_at(&self) -> Option<Instant> {
        self.0.alert.acknowledged_at.map(Instant)
    }

    /// Who took it up; null for a user whom you do not see.
    async fn acknowledged_by(&self, ctx: &Context<'_>) -> Option<Result<User, Error>> {
        load_one(ctx, UserById(self.0.acknowledged_by?)).await
    }

    /// The day on which it comes back.
    async fn snoozed_until(&self) -> Option<Date> {
        self.0.alert.snoozed_until.map(Date)
    }

    /// Why it may wait.
    async fn snooze_reason(&self) -> Option<&str> {
        self.0.snooze_reason.as_deref()
    }

    /// When it was resolved.
    async fn resolved_at(&self) -> Option<Instant> {
        self.0.alert.resolved_at.map(Instant)
    }

    /// Who resolved it; null where it resolved itself, and for a user whom you do not see.
    async fn resolved_by(&self, ctx: &Context<'_>) -> Option<Result<User, Error>> {
        load_one(ctx, UserById(self.0.resolved_by?)).await
    }

    /// What the person said who resolved it; null where it resolved itself.
    async fn disposition(&self) -> Option<Disposition> {
        self.0.alert.disposition
    }

    /// What they added.
    async fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }

    /// The first day on which the same cause may speak again, after it was called noise.
    async fn muted_until(&self) -> Option<Date> {
        self.0.alert.muted_until.map(Date)
    }
}
