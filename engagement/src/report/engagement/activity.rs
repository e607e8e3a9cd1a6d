//! The counts and rates of one window that the report shows.

use serde::Serialize;

use crate::measure::Measures;
use crate::score::Assessment;
use crate::vocabulary::Component;

/// Counts and rates of one window (docs/scoring.md § 10).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct Activity {
    /// Completed e-mails, calls, meetings, check-ins and dinners.
    pub touchpoints: u32,
    /// Completed phone calls.
    pub calls: u32,
    /// Completed meetings, check-ins and dinners.
    pub meetings: u32,
    /// Completed e-mails from us.
    pub emails_sent: u32,
    /// Completed e-mails from them.
    pub emails_received: u32,
    /// Share of mature outreaches that were answered; null with too few.
    pub response_rate: Option<f64>,
    /// Median hours until an answer; null with too few outreaches or without an answer.
    pub median_response_hours: Option<f64>,
    /// Business reviews held.
    pub qbrs_completed: u32,
    /// Business reviews completed, missed or declined.
    pub qbrs_due: u32,
    /// Share of the due ones that were held; null without a due one.
    pub qbr_attendance_rate: Option<f64>,
    /// Mean share of the invited who attended the held ones; null where nobody was invited by name.
    pub qbr_participation: Option<f64>,
    /// Share of two-way interactions that the customer began; null without one.
    pub customer_initiated_share: Option<f64>,
    /// Training sessions held.
    pub training_sessions: u32,
    /// Certifications.
    pub certifications: u32,
    /// Sessions in the product.
    pub logins: u64,
    /// Contacts who used the product.
    pub active_users: u32,
    /// Contacts who used it often and widely.
    pub power_users: u32,
    /// Features of the catalogue in use.
    pub features_used: u32,
    /// Features in the catalogue.
    pub feature_catalogue: u32,
    /// Community events attended.
    pub community_events: u32,
    /// Forum posts.
    pub forum_posts: u32,
    /// Share of due meetings that were held; null with too few.
    pub meeting_participation_rate: Option<f64>,
    /// Share of classified conversations that were strategic; null with too few.
    pub strategic_share: Option<f64>,
}

impl Activity {
    pub(super) fn new(m: &Measures, assessment: &Assessment) -> Self {
        let value = |component: Component| {
            assessment
                .ledger()
                .find(|(_, c)| c.component == component)
                .and_then(|(_, c)| c.value)
        };
        let share = |part: u32, whole: u32| (whole > 0).then(|| f64::from(part) / f64::from(whole));
        Self {
            touchpoints: m.touchpoints,
            calls: m.calls,
            meetings: m.meetings,
            emails_sent: m.emails_sent,
            emails_received: m.emails_received,
            response_rate: value(Component::ResponseRate),
            median_response_hours: value(Component::ResponseTime),
            qbrs_completed: m.qbrs_held,
            qbrs_due: m.qbrs_due,
            qbr_attendance_rate: share(m.qbrs_held, m.qbrs_due),
            qbr_participation: m.qbr_participation,
            customer_initiated_share: share(m.two_way_inbound, m.two_way_total()),
            training_sessions: m.training_sessions,
            certifications: m.certifications,
            // What a GraphQL Int holds; no book of accounts comes near it.
            logins: m.logins.min(i32::MAX as u64),
            active_users: m.active_users,
            power_users: m.power_users,
            features_used: m.features_used,
            feature_catalogue: m.catalogue,
            community_events: m.community_events,
            forum_posts: m.forum_posts,
            meeting_participation_rate: value(Component::MeetingParticipation),
            strategic_share: value(Component::StrategicShare),
        }
    }
}
