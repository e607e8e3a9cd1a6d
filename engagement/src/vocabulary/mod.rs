//! The field's standard terms as closed enumerations (docs/scoring.md § 2 and the names of docs/api.md).
//!
//! One spelling everywhere: `SCREAMING_CASE` in the database, in GraphQL and in JSON. Reading is lenient (case, `-` and
//! space do not matter), writing never is. What belongs to which category of the domain stands here and nowhere else.

mod account;
mod advice;
mod alert;
mod audit;
pub mod email_address;
pub mod id;
mod interaction;
mod mail;
pub mod money;
mod organisation;
mod people;
mod score;
mod sponsor;
pub(crate) mod tolerance;
mod word;

pub use account::{AccountStatus, AccountTier, ServedBy};
pub use advice::{Action, Horizon};
pub use alert::{AlertStatus, Disposition, Feed, Severity, SubjectKind};
pub use audit::AuditTarget;
pub use interaction::{
    Attendance, Direction, InteractionKind, InteractionStatus, OutreachStatus, Party, Purpose,
};
pub use mail::{MessageKind, MessageStatus, Weekday};
pub use organisation::{Alignment, Certainty, OrgChangeKind, OrgChangeSource, OutcomeKind};
pub use people::{ContactRole, ContactStatus, Role, Seniority, TeamRole};
pub use score::{
    Component, Dimension, MetricUnit, Pattern, Period, PortfolioMetric, ProvisionalReason, Signal,
    StandingReason, StandingState, Trend,
};
pub use sponsor::{EngagementLevel, LevelRule, RiskLevel, SponsorFactor, SponsorRank, StatusMark};
pub use word::UnknownWord;
