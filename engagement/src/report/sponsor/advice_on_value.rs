//! Advice on what the account gets from us.

use super::advice_list::{List, MOST_THEMES};
use crate::markdown::number;
use crate::sponsor::Finding;
use crate::vocabulary::Horizon;

impl List<'_> {
    pub(super) fn about_value(&mut self) {
        let findings = &self.sources.findings;
        for (kind, finding) in findings
            .iter()
            .filter_map(|finding| Some((theme(finding)?, finding)))
        {
            let earlier = findings
                .iter()
                .take_while(|one| *one != finding)
                .filter(|one| theme(one) == Some(kind))
                .count();
            if earlier >= MOST_THEMES {
                continue;
            }
            match finding {
                Finding::MetricDown(metric, share) => {
                    let reason = format!(
                        "down {:.0} %, from {} to {}",
                        100.0 * share,
                        number(metric.previous),
                        number(Some(metric.value))
                    );
                    self.add(
                        Horizon::ShortTerm,
                        format!("Explain the fall of {} and what we do about it", metric.metric),
                        reason,
                    );
                }
                Finding::DashboardUnseen(metric) => {
                    let last = metric.last_above_zero_on.map_or_else(
                        || "never looked at".to_owned(),
                        |day| format!("last looked at on {day}"),
                    );
                    self.add(
                        Horizon::ShortTerm,
                        "Walk the sponsor through the dashboard",
                        format!(
                            "{last}; {} days are the limit",
                            self.sources.policy.sponsors.dashboard_days
                        ),
                    );
                }
                Finding::GoalPastDue(goal) => {
                    let due = goal
                        .due_on
                        .map_or_else(String::new, |day| format!("due on {day}, "));
                    let progress = goal.progress.map_or_else(
                        || "no progress recorded".to_owned(),
                        |p| format!("{} % reached", number(Some(p))),
                    );
                    self.add(
                        Horizon::ShortTerm,
                        format!("Agree on a new plan for the goal \"{}\"", goal.goal),
                        format!("{due}{progress}"),
                    );
                }
                Finding::GoalNearlyReached(goal) => {
                    let reason = format!(
                        "{} % reached; agree on what is left, and write down what it brought",
                        number(goal.progress)
                    );
                    self.add(
                        Horizon::ShortTerm,
                        format!("Close out the goal \"{}\" with the sponsor", goal.goal),
                        reason,
                    );
                }
                Finding::MetricUp(..) | Finding::DashboardSeen(_) | Finding::GoalReached(_) => {}
            }
        }
    }
}

/// Which findings are of one theme.
const fn theme(finding: &Finding<'_>) -> Option<u8> {
    match finding {
        Finding::MetricDown(..) => Some(0),
        Finding::DashboardUnseen(_) => Some(1),
        Finding::GoalPastDue(_) => Some(2),
        Finding::GoalNearlyReached(_) => Some(3),
        Finding::MetricUp(..) | Finding::DashboardSeen(_) | Finding::GoalReached(_) => None,
    }
}
