//! One account that is advised: which actions its numbers call for, and whom of theirs each is about. Pure conditions, row
//! by row of the table in docs/scoring.md § 6.

use chrono::NaiveDate;

use super::advice::{Advice, Recommendation};
use super::change::expected_points;
use super::due::{due_on, working_days_after};
use super::people::People;
use super::play::{Play, horizon, play};
use crate::dimension::{outbound_points, uncapped_points};
use crate::evaluation::Evaluation;
use crate::measure::{ContactTouch, Measures, Reading};
use crate::policy::Policy;
use crate::row::renewal::days_to_renewal;
use crate::row::{AccountRows, ContactIndex, Interaction};
use crate::score::ComponentScore;
use crate::signal::is_grave;
use crate::sponsor::Executive;
use crate::vocabulary::id::ContactId;
use crate::vocabulary::tolerance::TOLERANCE;
use crate::vocabulary::{
    AccountTier, Action, Component, Dimension, Horizon, InteractionKind, InteractionStatus, Pattern, Signal,
    StandingState,
};

/// What advice is made from.
#[derive(Clone, Copy)]
pub(super) struct Case<'a> {
    pub(super) evaluation: &'a Evaluation,
    pub(super) rows: &'a AccountRows,
    pub(super) policy: &'a Policy,
    pub(super) people: &'a People,
}

impl Case<'_> {
    pub(super) const fn measures(&self) -> &Measures {
        &self.evaluation.current.measures
    }

    pub(super) const fn day(&self) -> NaiveDate {
        self.evaluation.windows.ending_on
    }

    /// Days until the renewal, where it lies ahead.
    pub(super) fn days_to_renewal(&self) -> Option<i64> {
        days_to_renewal(self.rows.account.renewal_on, self.day())
    }

    fn renews_soon(&self) -> bool {
        self.days_to_renewal()
            .is_some_and(|days| days <= i64::from(self.policy.recommendations.renewal_days))
    }

    /// Every action that is called for, in order; one may come twice.
    pub(super) fn actions(&self) -> Vec<Action> {
        if !self.rows.account.is_active_on(self.day()) {
            return Vec::new();
        }
        let mut actions: Vec<Action> = self
            .renews_soon()
            .then_some(Action::AgreeRenewal)
            .into_iter()
            .collect();
        actions.extend(self.of_pattern());
        actions.extend(
            self.evaluation
                .signals
                .iter()
                .map(|raised| self.of_signal(raised.signal)),
        );
        let weak = self.policy.recommendations.weak_dimension - TOLERANCE;
        let weakest = self
            .evaluation
            .assessment
            .weakest()
            .filter(|weakest| weakest.score.is_some_and(|score| score < weak));
        actions.extend(weakest.map(|weakest| of_dimension(weakest.dimension)));
        actions
    }

    fn of_pattern(&self) -> Vec<Action> {
        let Some(pattern) = self.evaluation.assessment.pattern else {
            return Vec::new();
        };
        let candidates: &[Action] = match pattern {
            Pattern::HighlyEngaged => &[
                Action::ReduceFrequency,
                Action::PursueExpansion,
                Action::AskForAdvocacy,
            ],
            Pattern::ModeratelyEngaged => &[Action::RaiseStrategicContent, Action::EngageExecutives],
            Pattern::LowEngaged => &[Action::ReEngagementCampaign, Action::DemonstrateValue],
            Pattern::Disengaged => &[Action::Escalate, Action::SavePlay, Action::DecideOffboarding],
        };
        candidates
            .iter()
            .copied()
            .filter(|action| self.holds(*action))
            .collect()
    }

    /// Whether the condition of an action that follows from the pattern holds.
    fn holds(&self, action: Action) -> bool {
        let rule = &self.policy.recommendations;
        match action {
            Action::ReduceFrequency => self.is_too_much(),
            Action::PursueExpansion => self.may_grow(),
            Action::AskForAdvocacy => {
                let since = self.primary().and_then(|primary| primary.since);
                self.may_grow()
                    && since
                        .is_some_and(|since| (self.day() - since).num_days() >= i64::from(rule.advocate_days))
            }
            Action::RaiseStrategicContent => below_or_unmeasured(self.component(Component::StrategicShare)),
            Action::EngageExecutives => self
                .component(Component::Executives)
                .is_some_and(|c| c.measured && below_or_unmeasured(Some(c))),
            Action::Escalate => self.is_worth_escalating(),
            Action::DecideOffboarding => {
                let before = self.evaluation.previous_assessment.pattern;
                before == Some(Pattern::Disengaged) && !self.renews_soon()
            }
            _ => true,
        }
    }

    /// More than the benchmark by far, most of it from us, and nothing grave going on.
    fn is_too_much(&self) -> bool {
        let (m, policy) = (self.measures(), self.policy);
        let rule = &policy.recommendations;
        let all = uncapped_points(m, policy);
        all + TOLERANCE >= rule.reduce_from * policy.frequency.benchmark.of(m.tier)
            && outbound_points(m, policy) + TOLERANCE >= rule.outbound_share * all
            && !self
                .evaluation
                .signals
                .iter()
                .any(|raised| is_grave(raised.severity))
    }

    /// On track, with a sponsor who is with us.
    fn may_grow(&self) -> bool {
        let state = self.evaluation.standing.as_ref().map(|standing| standing.state);
        state == Some(StandingState::OnTrack)
            && self.primary().is_some_and(|primary| primary.level.is_engaged())
    }

    fn is_worth_escalating(&self) -> bool {
        if self.rows.account.tier != AccountTier::Smb {
            return true;
        }
        let from = |currency: &str| self.policy.recommendations.escalate_from.get(currency).copied();
        self.rows.account.arr.as_ref().is_some_and(|arr| {
            let from = arr.currency().and_then(from);
            from.is_some_and(|from| arr.whole() + TOLERANCE >= from)
        })
    }

    const fn of_signal(&self, signal: Signal) -> Action {
        match signal {
            Signal::UnansweredOutreach => Action::ChangeChannel,
            Signal::CanceledMeetings => Action::RebookMeeting,
            Signal::ResponseTimeDegrading => Action::RemoveObstacle,
            Signal::QbrMissed => Action::RebookQbr,
            Signal::SponsorMissing if self.measures().sponsorship.primary.is_some() => Action::WakeSponsor,
            Signal::SponsorMissing => Action::FindSponsor,
            Signal::UsageAndEngagementDecline => Action::ValueReview,
            Signal::SupportSurge => Action::CalmSupport,
        }
    }

    pub(super) fn component(&self, component: Component) -> Option<&ComponentScore> {
        self.evaluation
            .assessment
            .ledger()
            .map(|(_, row)| row)
            .find(|row| row.component == component)
    }

    /// The recommendation of an action.
    pub(super) fn describe(&self, action: Action) -> Recommendation {
        let Play {
            horizon,
            cadence,
            content,
            channel,
        } = play(action, self.rows.account.tier, self.people.caller.as_ref());
        let contact = self.whom(action);
        let (horizon, due_on) = self.due(action, horizon);
        let id = contact.and_then(|contact| self.id(contact));
        let preference = id
            .and_then(|id| self.people.contacts.get(&id))
            .and_then(|label| label.preference.as_deref());
        let channel = match preference
            .map(str::trim)
            .filter(|preference| !preference.is_empty())
        {
            Some(preference) => format!("{preference}, as they prefer"),
            None => channel,
        };
        Recommendation {
            action,
            owner: self.people.owner.as_ref().map(|owner| owner.id),
            contact: id,
            due_on,
            reason: self.reason(action, contact),
            horizon,
            cadence,
            content,
            channel,
            expected_points: expected_points(
                action,
                self.measures(),
                &self.evaluation.assessment,
                self.policy,
            ),
        }
    }

    /// What is stored of it.
    pub(super) fn advise(&self, action: Action) -> Advice {
        let contact = self.whom(action).and_then(|contact| self.id(contact));
        let (_, due_on) = self.due(action, horizon(action));
        let points = expected_points(action, self.measures(), &self.evaluation.assessment, self.policy);
        Advice {
            action,
            contact,
            due_on,
            points,
        }
    }

    fn due(&self, action: Action, horizon: Horizon) -> (Horizon, Option<NaiveDate>) {
        let renewal = self.days_to_renewal().and(self.rows.account.renewal_on);
        match (action, renewal) {
            (Action::AgreeRenewal, Some(renewal)) => self.agree_by(renewal),
            _ => (horizon, due_on(horizon, self.day(), renewal)),
        }
    }

    /// A renewal is agreed on some weeks before it, but never sooner than in five working days.
    fn agree_by(&self, renewal: NaiveDate) -> (Horizon, Option<NaiveDate>) {
        let soonest = working_days_after(self.day());
        let before = renewal - chrono::TimeDelta::days(i64::from(self.policy.recommendations.agree_days));
        let horizon = if before > soonest {
            Horizon::ShortTerm
        } else {
            Horizon::Immediate
        };
        (horizon, Some(before.max(soonest)))
    }

    pub(super) fn id(&self, contact: ContactIndex) -> Option<ContactId> {
        self.rows.contacts.get(contact as usize).map(|contact| contact.id)
    }
}

/// Whom of theirs an action is about.
impl<'a> Case<'a> {
    pub(super) fn primary(&self) -> Option<&'a Executive> {
        self.evaluation.sponsors.primary()
    }

    fn whom(&self, action: Action) -> Option<ContactIndex> {
        let primary = || self.primary().map(|primary| primary.contact);
        let executive = || primary().or_else(|| self.engaged_executive());
        match action {
            Action::ReduceFrequency
            | Action::DecideOffboarding
            | Action::CalmSupport
            | Action::AdoptionPlay => None,
            Action::PursueExpansion | Action::AskForAdvocacy | Action::WakeSponsor => primary(),
            Action::AgreeRenewal | Action::RaiseStrategicContent => executive(),
            Action::EngageExecutives => self.executive_to_win(),
            Action::Escalate => executive().or_else(|| self.executive_to_win()),
            Action::SavePlay | Action::DemonstrateValue | Action::SetCadence => {
                executive().or_else(|| self.last_in_touch())
            }
            Action::FindSponsor => {
                let first = self
                    .evaluation
                    .sponsors
                    .first_to_approach(self.rows, &self.evaluation.current.touches);
                first.map(|first| first.contact).or_else(|| self.last_in_touch())
            }
            Action::RebookMeeting => self
                .who_declined(InteractionKind::is_meeting)
                .or_else(|| self.last_in_touch()),
            Action::RebookQbr => self
                .who_declined(|kind| kind == InteractionKind::Qbr)
                .or_else(executive),
            Action::ReEngagementCampaign
            | Action::ChangeChannel
            | Action::RemoveObstacle
            | Action::ValueReview
            | Action::AskForResponse
            | Action::MultiThread => self.last_in_touch(),
        }
    }

    /// The executives in contact with us, and of them who was last.
    fn engaged_executive(&self) -> Option<ContactIndex> {
        self.latest(
            |touch| touch.executive && touch.engaged(),
            |touch| touch.last_executive_contact_on,
        )
    }

    /// Whoever of theirs was last in contact.
    fn last_in_touch(&self) -> Option<ContactIndex> {
        self.latest(|touch| touch.last_touch_on.is_some(), |touch| touch.last_touch_on)
    }

    /// Of those who are still there the one with the latest day; of equals the first by external id.
    fn latest(
        &self,
        which: impl Fn(&ContactTouch) -> bool,
        on: impl Fn(&ContactTouch) -> Option<NaiveDate>,
    ) -> Option<ContactIndex> {
        let touches = &self.evaluation.current.touches;
        let external_id = |place: &usize| {
            self.rows
                .contacts
                .get(*place)
                .map(|contact| contact.external_id.as_str())
        };
        let there = (0..touches.len()).filter(|place| !touches[*place].departed && which(&touches[*place]));
        let latest = there.max_by(|a, b| {
            on(&touches[*a])
                .cmp(&on(&touches[*b]))
                .then_with(|| external_id(b).cmp(&external_id(a)))
        });
        latest.map(|place| place as ContactIndex)
    }

    /// The first executive with whom there is no conversation: sponsors come first.
    fn executive_to_win(&self) -> Option<ContactIndex> {
        let silent = |contact: ContactIndex| self.touch(contact).is_none_or(|touch| !touch.in_conversation());
        self.evaluation
            .sponsors
            .executives
            .iter()
            .map(|executive| executive.contact)
            .find(|contact| silent(*contact))
    }

    pub(super) fn touch(&self, contact: ContactIndex) -> Option<&'a ContactTouch> {
        self.evaluation.current.touches.get(contact as usize)
    }

    /// Of the latest meeting that they declined, missed or called off in the window, who was to come: an executive first.
    fn who_declined(&self, which: impl Fn(InteractionKind) -> bool) -> Option<ContactIndex> {
        let windows = &self.evaluation.windows;
        let declined = |interaction: &&Interaction| {
            which(interaction.kind)
                && windows.contains(interaction.occurred_at)
                && interaction.status != InteractionStatus::Completed
                && Reading::of(interaction, self.policy, windows)
                    .is_some_and(|reading| reading.declined_meeting(interaction))
        };
        let invited = |interaction: &Interaction| {
            let there = |contact: &ContactIndex| self.touch(*contact).is_some_and(|touch| !touch.departed);
            let invited = || {
                interaction
                    .participants
                    .iter()
                    .map(|participant| participant.contact)
                    .filter(there)
            };
            let executive =
                invited().find(|contact| self.touch(*contact).is_some_and(|touch| touch.executive));
            executive.or_else(|| invited().min())
        };
        let meetings = self.rows.interactions.iter().filter(declined);
        let named = meetings
            .filter_map(|interaction| Some((interaction.occurred_at, interaction.id, invited(interaction)?)));
        named.max().map(|(_, _, contact)| contact)
    }
}

/// Whether a component does not reach its benchmark, or could not be measured.
fn below_or_unmeasured(row: Option<&ComponentScore>) -> bool {
    row.is_none_or(|row| {
        row.value
            .filter(|_| row.measured)
            .is_none_or(|value| value < row.benchmark - TOLERANCE)
    })
}

const fn of_dimension(dimension: Dimension) -> Action {
    match dimension {
        Dimension::Frequency => Action::SetCadence,
        Dimension::Quality => Action::AskForResponse,
        Dimension::Breadth => Action::MultiThread,
        Dimension::Product => Action::AdoptionPlay,
    }
}
