//! How the report names tiers, periods, severities and components, and how it says changes. All its parts say them alike.

use super::report::EngagementReport;
use crate::markdown::{NOTHING, count, signed_whole};
use crate::vocabulary::{AccountTier, Component, Period, ProvisionalReason, Severity};

pub(super) const fn tier_name(tier: AccountTier) -> &'static str {
    match tier {
        AccountTier::Enterprise => "Enterprise",
        AccountTier::MidMarket => "Mid-market",
        AccountTier::Smb => "SMB",
    }
}

pub(super) const fn period_name(period: Period) -> &'static str {
    match period {
        Period::Monthly => "month",
        Period::Quarterly => "quarter",
    }
}

pub(super) const fn severity_mark(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "🔴",
        Severity::High => "🟠",
        Severity::Medium => "🟡",
        Severity::Low => "⚪",
    }
}

pub(super) fn provisional(reason: ProvisionalReason, report: &EngagementReport) -> String {
    match reason {
        ProvisionalReason::LowCoverage => {
            format!(
                "only {:.0} % of the score's weight could be measured",
                report.evaluation.assessment.coverage
            )
        }
        ProvisionalReason::NewAccount => {
            format!(
                "the first data is less than {} old",
                count(report.new_account_days, "day")
            )
        }
    }
}

pub(in crate::report) const fn component_name(component: Component) -> &'static str {
    match component {
        Component::Activity => "Activity",
        Component::ResponseRate => "Response rate",
        Component::ResponseTime => "Response time",
        Component::MeetingParticipation => "Meeting participation",
        Component::StrategicShare => "Strategic share",
        Component::Stakeholders => "Stakeholders",
        Component::Departments => "Departments",
        Component::Executives => "Executives",
        Component::FeatureAdoption => "Feature adoption",
        Component::PowerUsers => "Power users",
    }
}

/// What is lost without somebody: a gain is none.
pub(super) fn loss(change: Option<i32>) -> String {
    change.map_or_else(|| NOTHING.to_owned(), |change| signed_whole(change.min(0)))
}
