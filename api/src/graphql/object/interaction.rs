//! What happened between us and the customer.
//!
//! The lists of an interaction are cut; a page or a count beside each says what is beyond.

use async_graphql::{Context, Error, ID, Object, SimpleObject};
use engagement::id::ContactId;
use engagement::vocabulary::{Attendance, Direction, InteractionKind, InteractionStatus, Party, Purpose};

use super::account::Account;
use super::contact::Contact;
use super::user::User;
use crate::graphql::bounds::limits;
use crate::graphql::load::ask::{load_one, load_page, load_rows};
use crate::graphql::load::lists::{ParticipantsOf, WholeList};
use crate::graphql::load::nodes::{AccountById, ContactById, UserById};
use crate::graphql::scalar::connection::connection;
use crate::graphql::scalar::time::Instant;

connection!(
    ParticipantConnection,
    ParticipantEdge,
    Participant,
    "participants",
    service::record::interaction::Participant
);
connection!(
    InteractionConnection,
    InteractionEdge,
    Interaction,
    "interactions",
    service::record::interaction::Interaction
);

/// Something that happened, or is planned, between us and the customer.
#[derive(Clone)]
pub struct Interaction(pub service::record::interaction::Interaction);

impl From<service::record::interaction::Interaction> for Interaction {
    fn from(interaction: service::record::interaction::Interaction) -> Self {
        Self(interaction)
    }
}

/// A contact on an interaction.
#[derive(Clone, SimpleObject)]
#[graphql(complex)]
pub struct Participant {
    #[graphql(skip)]
    contact_id: ContactId,
    /// Whether they were there.
    attendance: Attendance,
}

impl From<service::record::interaction::Participant> for Participant {
    fn from(participant: service::record::interaction::Participant) -> Self {
        Self {
            contact_id: participant.contact_id,
            attendance: participant.attendance,
        }
    }
}

#[async_graphql::ComplexObject]
impl Participant {
    /// Who; null when the contact has just been removed.
    async fn contact(&self, ctx: &Context<'_>) -> Option<Result<Contact, Error>> {
        load_one(ctx, ContactById(self.contact_id)).await
    }
}

/// Something that happened, or is planned, between us and the customer.
#[Object]
impl Interaction {
    /// The global id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The key in the system it comes from, unique within the account.
    async fn external_id(&self) -> &str {
        &self.0.external_id
    }

    /// What kind of interaction it was.
    async fn kind(&self) -> InteractionKind {
        self.0.kind
    }

    /// Who started it.
    async fn direction(&self) -> Direction {
        self.0.direction
    }

    /// What became of it.
    async fn status(&self) -> InteractionStatus {
        self.0.status
    }

    /// What it was for, where classified.
    async fn purpose(&self) -> Option<Purpose> {
        self.0.purpose
    }

    /// When it happened; for what did not take place, when it would have.
    async fn occurred_at(&self) -> Instant {
        Instant(self.0.occurred_at)
    }

    /// When the customer answered.
    async fn responded_at(&self) -> Option<Instant> {
        self.0.responded_at.map(Instant)
    }

    /// Who answered, where known.
    async fn responded_by(&self, ctx: &Context<'_>) -> Option<Result<Contact, Error>> {
        load_one(ctx, ContactById(self.0.responded_by?)).await
    }

    /// Who wrote or called, where known.
    async fn from_contact(&self, ctx: &Context<'_>) -> Option<Result<Contact, Error>> {
        load_one(ctx, ContactById(self.0.from_contact?)).await
    }

    /// The external id of the interaction that takes its place.
    async fn rescheduled_to(&self) -> Option<&str> {
        self.0.rescheduled_to.as_deref()
    }

    /// Who called it off; null also stands for the customer.
    async fn canceled_by(&self) -> Option<Party> {
        self.0.canceled_by
    }

    /// What it was about, in a line.
    async fn subject(&self) -> Option<&str> {
        self.0.subject.as_deref()
    }

    /// What was talked about; at most 20.
    async fn topics(&self) -> Vec<&str> {
        limits::TOPICS.cut(self.0.topics.iter().map(String::as_str))
    }

    /// How much was talked about, also beyond the 20 of `topics`.
    async fn topics_count(&self) -> usize {
        self.0.topics.len()
    }

    /// What came of it.
    async fn outcome(&self) -> Option<&str> {
        self.0.outcome.as_deref()
    }

    /// Who of us led it.
    async fn owner(&self, ctx: &Context<'_>) -> Option<Result<User, Error>> {
        load_one(ctx, UserById(self.0.owner_id?)).await
    }

    /// Whether it was a newsletter or a campaign, which expects no answer.
    async fn bulk(&self) -> bool {
        self.0.bulk
    }

    /// The account it belongs to.
    async fn account(&self, ctx: &Context<'_>) -> Option<Result<Account, Error>> {
        load_one(ctx, AccountById(self.0.account_id)).await
    }

    /// The customer's people on it; at most 40, `participantsPage` has all of them.
    async fn participants(&self, ctx: &Context<'_>) -> Result<Vec<Participant>, Error> {
        load_rows(
            ctx,
            self.participants_key(WholeList::first_of(&limits::PARTICIPANTS)),
        )
        .await
    }

    /// The customer's people on it.
    async fn participants_page(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many rows, at most 100; 20 unless said.")] first: Option<i64>,
        #[graphql(desc = "Only rows after the one with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many rows, at most 100.")] last: Option<i64>,
        #[graphql(desc = "Only rows before the one with this cursor.")] before: Option<String>,
    ) -> Result<ParticipantConnection, Error> {
        let list = WholeList::read(ctx, first, after, last, before)?;
        load_page(ctx, self.participants_key(list)).await
    }
}

impl Interaction {
    /// Stands for a list of the customer's people on it.
    fn participants_key(&self, list: WholeList) -> ParticipantsOf {
        ParticipantsOf {
            account: self.0.account_id,
            interaction: self.0.id,
            list,
        }
    }
}
