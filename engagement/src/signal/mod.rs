//! The disengagement signals (docs/scoring.md § 5): one file each, each a closed form of this window's numbers and, for
//! some of them, the previous window's and whether both are as a year ago. A signal says how bad it is and one sentence with
//! the numbers in it.

mod canceled_meetings;
mod qbr_missed;
mod raised_signal;
mod response_time_degrading;
mod sponsor_missing;
mod support_surge;
mod unanswered_outreach;
mod usage_and_engagement_decline;
mod verdict;

pub(crate) use raised_signal::is_grave;
pub use raised_signal::{RaisedSignal, pack, unpack};

use crate::measure::Measures;
use crate::policy::Policy;
use crate::vocabulary::Signal;

/// The signals that are raised, in the order of docs/scoring.md § 5.
pub fn raised(
    current: &Measures,
    previous: &Measures,
    as_a_year_ago: bool,
    policy: &Policy,
) -> Vec<RaisedSignal> {
    Signal::ALL
        .iter()
        .filter_map(|signal| {
            let verdict = match signal {
                Signal::UnansweredOutreach => unanswered_outreach::check(current, policy),
                Signal::CanceledMeetings => canceled_meetings::check(current, policy),
                Signal::ResponseTimeDegrading => response_time_degrading::check(current, previous, policy),
                Signal::QbrMissed => qbr_missed::check(current),
                Signal::SponsorMissing => sponsor_missing::check(current, policy),
                Signal::UsageAndEngagementDecline => {
                    usage_and_engagement_decline::check(current, previous, as_a_year_ago, policy)
                }
                Signal::SupportSurge => support_surge::check(current, previous, policy),
            };
            verdict.map(|(severity, message)| RaisedSignal {
                signal: *signal,
                severity,
                message,
            })
        })
        .collect()
}
