//! The executives of an account, and those who sponsored it once.

use async_graphql::{ComplexObject, Context, Error, SimpleObject};
use engagement::id::ContactId;
use engagement::report::sponsor::{ExecutiveLine, FormerSponsor as Former};
use engagement::vocabulary::{EngagementLevel, LevelRule, RiskLevel, SponsorRank, StatusMark};

use crate::graphql::load::ask::load_one;
use crate::graphql::load::nodes::ContactById;
use crate::graphql::object::contact::Contact;
use crate::graphql::scalar::connection::connection;
use crate::graphql::scalar::time::Date;

connection!(
    SponsorExecutiveConnection,
    SponsorExecutiveEdge,
    SponsorExecutive,
    "executives"
);

/// An executive of the customer: a sponsor, a chief officer or a vice president.
#[derive(Clone, SimpleObject)]
#[graphql(complex)]
pub struct SponsorExecutive {
    #[graphql(skip)]
    contact_id: ContactId,
    /// The rank of their sponsorship; null without one.
    rank: Option<SponsorRank>,
    /// The first day of their sponsorship; null without one.
    since: Option<Date>,
    /// How engaged they are.
    level: EngagementLevel,
    /// The rule that decided the level.
    rule: LevelRule,
    /// The risk that goes with the level.
    risk: RiskLevel,
    /// Their score from 0 to 100: what their factors come to, at most what their level allows.
    score: i32,
    /// What their factors come to, from 0 to 100.
    factor_score: i32,
    /// Why the two differ; null where they do not.
    score_note: Option<String>,
    /// The day of the last direct contact of any kind in two years.
    last_touch_on: Option<Date>,
    /// The day of the last executive contact in two years: a meeting or a call, or a personal answer.
    last_executive_contact_on: Option<Date>,
    /// Days since the last executive contact, or since the sponsorship began where that is later.
    silent_days: Option<i64>,
    /// A touchpoint that the tier's cadence asks for is overdue.
    overdue: bool,
    /// The mark that goes with it all.
    status: StatusMark,
}

#[ComplexObject]
impl SponsorExecutive {
    /// Who; null when the contact has just been removed.
    async fn contact(&self, ctx: &Context<'_>) -> Option<Result<Contact, Error>> {
        load_one(ctx, ContactById(self.contact_id)).await
    }
}

impl From<&ExecutiveLine> for SponsorExecutive {
    fn from(line: &ExecutiveLine) -> Self {
        Self {
            contact_id: line.contact,
            rank: line.rank,
            since: line.since.map(Date),
            level: line.level,
            rule: line.rule,
            risk: line.risk,
            score: line.score,
            factor_score: line.factor_score,
            score_note: line.score_note.clone(),
            last_touch_on: line.last_touch_on.map(Date),
            last_executive_contact_on: line.last_contact_on.map(Date),
            silent_days: line.silent_days,
            overdue: line.overdue,
            status: line.status,
        }
    }
}

/// Somebody who sponsored us in the trailing year and does so no more.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct FormerSponsor {
    #[graphql(skip)]
    contact_id: ContactId,
    /// What they were.
    rank: SponsorRank,
    /// The first day without their sponsorship; null where they left and nobody wrote down when.
    ended_on: Option<Date>,
    /// They have left the customer.
    departed: bool,
    /// When they left, where that is known.
    left_on: Option<Date>,
}

#[ComplexObject]
impl FormerSponsor {
    /// Who; null when the contact has just been removed.
    async fn contact(&self, ctx: &Context<'_>) -> Option<Result<Contact, Error>> {
        load_one(ctx, ContactById(self.contact_id)).await
    }
}

impl From<&Former> for FormerSponsor {
    fn from(former: &Former) -> Self {
        Self {
            contact_id: former.contact,
            rank: former.rank,
            ended_on: former.ended_on.map(Date),
            departed: former.departed,
            left_on: former.left_on.map(Date),
        }
    }
}
