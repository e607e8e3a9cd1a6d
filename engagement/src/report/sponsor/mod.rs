//! The sponsor report of one account: who sponsors us, how engaged they are and why, what speaks for us and against us,
//! who would follow them, what to do, and when (docs/scoring.md § 7).
//!
//! Scores come from [`Sponsors`](crate::sponsor::Sponsors), which has no names; texts come from a [`SponsorContext`], which
//! changes no score. Each sentence quotes the numbers it stands on. Texts are plain; whoever writes them into Markdown escapes
//! them.

mod action_section;
mod advice_list;
mod advice_on_factors;
mod advice_on_people;
mod advice_on_succession;
mod advice_on_value;
mod approach;
mod calendar;
mod cell;
mod change;
mod concern;
mod context;
mod end;
mod executive;
mod executive_table;
mod factor;
mod former;
mod health_section;
mod introduction;
mod leaver_table;
mod markdown;
mod people;
mod primary_section;
mod recommendation;
mod report;
mod sources;
mod succession;
mod timeline;

pub use advice_list::SponsorRecommendation;
pub use approach::Approach;
pub use calendar::CalendarEntry;
pub(super) use calendar::next_touchpoint;
pub use change::RecentChange;
pub use concern::Concern;
pub use context::{
    Contract, Initiative, InteractionText, OrgChange, Outcome, Person, PlannedOutreach, Scheduled,
    SponsorContext,
};
pub use end::CustomerEnd;
pub use executive::{ExecutiveLine, PrimarySponsor};
pub use factor::FactorLine;
pub use former::FormerSponsor;
pub use report::{LeaverLine, SponsorReport};
pub use succession::{Backup, SuccessionSummary};
pub use timeline::TimelineEntry;
