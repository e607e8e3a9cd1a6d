//! The table of counts and rates of the report: each metric in this window and in the previous one.

use super::activity::Activity;
use super::report::EngagementReport;
use crate::markdown::{NOT_MEASURED, line, number, percent, table};

pub(super) fn activity(out: &mut String, report: &EngagementReport) {
    line!(out, "## Activity metrics\n");
    let (now, before) = (&report.activity, &report.previous_activity);
    let whole = |name: &str, get: fn(&Activity) -> u64| {
        vec![name.to_owned(), get(now).to_string(), get(before).to_string()]
    };
    let rate = |name: &str, get: fn(&Activity) -> Option<f64>| {
        vec![name.to_owned(), percent(get(now)), percent(get(before))]
    };
    let hours = |a: &Activity| {
        a.median_response_hours
            .map_or_else(|| NOT_MEASURED.to_owned(), |h| format!("{} h", number(Some(h))))
    };
    table(
        out,
        &["Metric", "This window", "Previous window"],
        [
            whole("Touchpoints", |a| u64::from(a.touchpoints)),
            whole("Calls", |a| u64::from(a.calls)),
            whole("Meetings", |a| u64::from(a.meetings)),
            whole("E-mails sent", |a| u64::from(a.emails_sent)),
            whole("E-mails received", |a| u64::from(a.emails_received)),
            rate("Response rate", |a| a.response_rate),
            vec!["Median time to respond".to_owned(), hours(now), hours(before)],
            rate("Meeting participation", |a| a.meeting_participation_rate),
            rate("Strategic share of conversations", |a| a.strategic_share),
            rate("Customer-initiated share", |a| a.customer_initiated_share),
            vec![
                "Business reviews held / due".to_owned(),
                format!("{} / {}", now.qbrs_completed, now.qbrs_due),
                format!("{} / {}", before.qbrs_completed, before.qbrs_due),
            ],
            rate("Participation in business reviews", |a| a.qbr_participation),
            whole("Training sessions", |a| u64::from(a.training_sessions)),
            whole("Certifications", |a| u64::from(a.certifications)),
            whole("Logins", |a| a.logins),
            whole("Active users", |a| u64::from(a.active_users)),
            whole("Power users", |a| u64::from(a.power_users)),
            vec![
                "Features used / catalogue".to_owned(),
                format!("{} / {}", now.features_used, now.feature_catalogue),
                format!("{} / {}", before.features_used, before.feature_catalogue),
            ],
            whole("Community events", |a| u64::from(a.community_events)),
            whole("Forum posts", |a| u64::from(a.forum_posts)),
        ],
    );
    line!(out);
}
