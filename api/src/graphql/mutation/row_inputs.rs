//! The rows of the bulk mutations, field by field as docs/import-files.md has their columns.

use async_graphql::{InputObject, MaybeUndefined};
use engagement::vocabulary::{
    AccountStatus, AccountTier, Alignment, Attendance, ContactStatus, Direction, InteractionKind,
    InteractionStatus, Party, Purpose, Seniority, ServedBy,
};
use service::ingest::Cell;

use super::row_input::{IntoCell, row_input};
use crate::graphql::scalar::time::{Date, Instant};

row_input! {
    /// A customer account; `externalId` is its key. A new one needs a name and a tier.
    AccountInput {
        /// The key in your own systems.
        external_id: String,
        /// The account's name.
        name: MaybeUndefined<String>,
        /// How large a customer it is.
        tier: MaybeUndefined<AccountTier>,
        /// The internet domain.
        domain: MaybeUndefined<String>,
        /// Whether it is still a customer; ACTIVE unless said.
        status: MaybeUndefined<AccountStatus>,
        /// The day it ceased to be a customer.
        churned_on: MaybeUndefined<Date>,
        /// The industry.
        industry: MaybeUndefined<String>,
        /// The region.
        region: MaybeUndefined<String>,
        /// Annual recurring revenue, a decimal number in text.
        arr: MaybeUndefined<String>,
        /// Its currency (ISO 4217).
        currency: MaybeUndefined<String>,
        /// The first day of the contract.
        contract_start: MaybeUndefined<Date>,
        /// The day it renews.
        renewal_date: MaybeUndefined<Date>,
        /// Who serves it; DIRECT unless said.
        served_by: MaybeUndefined<ServedBy>,
    }
}

row_input! {
    /// A person at a customer; the account and `externalId` are the key. A new one needs a name. One that becomes departed
    /// sponsors nobody from that day on.
    ContactInput {
        /// The account's key in your own systems.
        account_external_id: String,
        /// The contact's key, unique within the account.
        external_id: String,
        /// Their name.
        name: MaybeUndefined<String>,
        /// Their e-mail address.
        email: MaybeUndefined<String>,
        /// Their job title.
        title: MaybeUndefined<String>,
        /// Their department.
        department: MaybeUndefined<String>,
        /// Their level.
        seniority: MaybeUndefined<Seniority>,
        /// Since when they have this role.
        role_started_on: MaybeUndefined<Date>,
        /// Whether they still work there; ACTIVE unless said.
        status: MaybeUndefined<ContactStatus>,
        /// The day they left.
        departed_on: MaybeUndefined<Date>,
        /// How they like to be reached.
        communication_preference: MaybeUndefined<String>,
        /// What matters to them.
        priorities: MaybeUndefined<Vec<String>>,
    }
}

row_input! {
    /// Something that happened, or is planned; the account and `externalId` are the key. A new one needs a kind, a
    /// direction, a status and a time.
    InteractionInput {
        /// The account's key in your own systems.
        account_external_id: String,
        /// The key in the system it comes from, unique within the account.
        external_id: String,
        /// What kind of interaction it was.
        kind: MaybeUndefined<InteractionKind>,
        /// Who started it.
        direction: MaybeUndefined<Direction>,
        /// What became of it.
        status: MaybeUndefined<InteractionStatus>,
        /// When it happened, or is to happen.
        occurred_at: MaybeUndefined<Instant>,
        /// What it was for.
        purpose: MaybeUndefined<Purpose>,
        /// When the customer answered; not before it happened.
        responded_at: MaybeUndefined<Instant>,
        /// Who answered: a participant, by external id.
        responded_by: MaybeUndefined<String>,
        /// Who wrote or called: a contact of the account, by external id.
        from_contact: MaybeUndefined<String>,
        /// The external id of the interaction that takes its place.
        rescheduled_to: MaybeUndefined<String>,
        /// Who called it off; the customer unless said.
        canceled_by: MaybeUndefined<Party>,
        /// What it was about, in a line.
        subject: MaybeUndefined<String>,
        /// What was talked about.
        topics: MaybeUndefined<Vec<String>>,
        /// What came of it.
        outcome: MaybeUndefined<String>,
        /// Who of us led it: a user, by e-mail address.
        owner_email: MaybeUndefined<String>,
        /// Whether it was a newsletter or a campaign, which expects no answer; false unless said.
        bulk: MaybeUndefined<bool>,
        /// The customer's people on it: all of them, in place of those that are stored.
        participants: MaybeUndefined<Vec<ParticipantInput>>,
    }
}

/// A contact on an interaction.
#[derive(InputObject)]
pub struct ParticipantInput {
    /// Who: a contact of the account, by external id.
    contact_external_id: String,
    /// Whether they were there; UNKNOWN unless said.
    attendance: Option<Attendance>,
}

impl IntoCell for Vec<ParticipantInput> {
    fn into_cell(self) -> Cell {
        // The attendance is always written out, so that a colon in an external id means itself.
        let item = |p: ParticipantInput| {
            format!(
                "{}:{}",
                p.contact_external_id,
                p.attendance.unwrap_or(Attendance::Unknown)
            )
        };
        Cell::List(self.into_iter().map(item).collect())
    }
}

row_input! {
    /// How often a feature was used on a day; the account, the contact (or none), the feature and the day are the key.
    UsageInput {
        /// The account's key in your own systems.
        account_external_id: String,
        /// Who used it: a contact of the account, by external id. Usage by nobody in particular is a key of its own.
        contact_external_id: MaybeUndefined<String>,
        /// Which feature; `login` counts sessions.
        feature: String,
        /// On which day.
        day: Date,
        /// How often.
        count: MaybeUndefined<i64>,
    }
}

row_input! {
    /// An observation of a number; the account, the metric and the day are the key.
    MetricInput {
        /// The account's key in your own systems.
        account_external_id: String,
        /// Which number, such as `roi`, `strategic_goals_progress` or `executive_dashboard_views`.
        metric: String,
        /// The day it was observed.
        observed_on: Date,
        /// Its value.
        value: MaybeUndefined<f64>,
    }
}

row_input! {
    /// Something that an account wants to reach; the account and the goal are the key.
    GoalInput {
        /// The account's key in your own systems.
        account_external_id: String,
        /// The goal.
        goal: String,
        /// How far it has come, from 0 to 100.
        progress: MaybeUndefined<f64>,
        /// When it should be reached.
        due_on: MaybeUndefined<Date>,
    }
}

row_input! {
    /// What we do for an account; the account and the initiative are the key. A new one needs an alignment.
    InitiativeInput {
        /// The account's key in your own systems.
        account_external_id: String,
        /// The initiative.
        initiative: String,
        /// Which of their priorities it serves.
        their_priority: MaybeUndefined<String>,
        /// How well it fits.
        alignment: MaybeUndefined<Alignment>,
    }
}
