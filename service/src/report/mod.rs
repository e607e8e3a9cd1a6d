//! Reports: computed from rows when they are asked for, for any period and any past day.

mod engagement;
mod people;
pub mod portfolio;
pub mod primary_sponsor;
pub mod sponsor_report;

pub use engagement::{
    EngagementReports, LabelledReport, Naming, engagement_reports, history_span, labelled_engagement_report,
    labels,
};
