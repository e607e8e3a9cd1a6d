//! What stood at the last look, to be compared with what stands now. A comparison misses nothing and tells nothing twice,
//! whatever the order in which transactions end, and asks nothing of whoever writes.

use std::collections::HashMap;

use chrono::Days;
use engagement::id::{AccountId, AlertId};
use engagement::vocabulary::Severity;
use engagement::windows::day_of;
use service::access::Access;
use service::alert;
use service::error::ServiceError;
use service::scoring::assessment::{Shown, shown_between};

use super::event::Event;
use crate::state::AppState;

/// Days back in which the score is looked for that was shown before.
const LOOK_BACK: u64 = 7;

/// What stood at the last look.
#[derive(Debug)]
pub(super) struct Snapshot {
    alerts: HashMap<AlertId, Severity>,
    scores: HashMap<AccountId, Shown>,
}

impl Snapshot {
    /// What stands now.
    pub(super) async fn first(state: &AppState) -> Result<Self, ServiceError> {
        let today = day_of(state.clock.now(), state.zone);
        let access = Access::system();
        let from = today.checked_sub_days(Days::new(LOOK_BACK)).unwrap_or(today);
        let scores = shown_between(&state.db, &access, &state.policy_hash, from, today).await?;
        Ok(Self {
            alerts: alert::standing(&state.db, &access).await?,
            scores,
        })
    }

    /// Looks again; what is new.
    pub(super) async fn advance(&mut self, state: &AppState) -> Result<Vec<Event>, ServiceError> {
        let today = day_of(state.clock.now(), state.zone);
        let access = Access::system();
        let alerts = alert::standing(&state.db, &access).await?;
        let scores = shown_between(&state.db, &access, &state.policy_hash, today, today).await?;
        Ok(self.take(alerts, scores))
    }

    fn take(&mut self, alerts: HashMap<AlertId, Severity>, scores: HashMap<AccountId, Shown>) -> Vec<Event> {
        let is_news = |(id, severity): &(&AlertId, &Severity)| {
            self.alerts.get(id).is_none_or(|before| before < *severity)
        };
        let mut raised: Vec<AlertId> = alerts.iter().filter(is_news).map(|(id, _)| *id).collect();
        // Ids rise with time: the oldest first.
        raised.sort_unstable();
        let mut events: Vec<Event> = raised.into_iter().map(Event::AlertRaised).collect();
        self.alerts = alerts;
        let mut changed = Vec::new();
        for (account, shown) in scores {
            let before = self.scores.insert(account, shown);
            if before != Some(shown) {
                changed.push((account, before));
            }
        }
        changed.sort_unstable_by_key(|(account, _)| *account);
        events.extend(
            changed
                .into_iter()
                .map(|(account, before)| Event::EngagementChanged { account, before }),
        );
        events
    }
}

#[cfg(test)]
mod tests {
    use engagement::vocabulary::{Pattern, StandingState};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn only_what_is_new_or_worse_or_different_is_told_and_once() {
        let alert = |n: u128| AlertId::from(Uuid::from_u128(n));
        let account = |n: u128| AccountId::from(Uuid::from_u128(n));
        let low = Shown {
            overall: Some(45),
            pattern: Some(Pattern::LowEngaged),
            standing: Some(StandingState::Watch),
        };
        let mut snapshot = Snapshot {
            alerts: HashMap::from([
                (alert(1), Severity::High),
                (alert(2), Severity::High),
                (alert(3), Severity::High),
            ]),
            scores: HashMap::from([(account(1), low), (account(2), low), (account(4), low)]),
        };
        let alerts = HashMap::from([
            (alert(1), Severity::High),
            (alert(2), Severity::Critical),
            (alert(4), Severity::Low),
        ]);
        let scores = HashMap::from([
            (account(1), low),
            (account(3), Shown::default()),
            (
                account(2),
                Shown {
                    overall: Some(46),
                    ..low
                },
            ),
            (
                account(4),
                Shown {
                    standing: Some(StandingState::AtRisk),
                    ..low
                },
            ),
        ]);
        let news = snapshot.take(alerts.clone(), scores.clone());
        assert_eq!(
            news,
            [
                Event::AlertRaised(alert(2)),
                Event::AlertRaised(alert(4)),
                Event::EngagementChanged {
                    account: account(2),
                    before: Some(low)
                },
                Event::EngagementChanged {
                    account: account(3),
                    before: None
                },
                Event::EngagementChanged {
                    account: account(4),
                    before: Some(low)
                },
            ]
        );
        assert_eq!(snapshot.take(alerts, scores), []);
        // Resolved, then back; less bad, then as bad as before.
        snapshot.take(HashMap::from([(alert(2), Severity::High)]), HashMap::new());
        let again = snapshot.take(
            HashMap::from([(alert(1), Severity::High), (alert(2), Severity::Critical)]),
            HashMap::new(),
        );
        assert_eq!(
            again,
            [Event::AlertRaised(alert(1)), Event::AlertRaised(alert(2))]
        );
    }
}
