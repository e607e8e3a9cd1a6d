//! What to do next: one recommendation per action of the pattern, then of each raised signal, then of the weakest
//! dimension (docs/scoring.md § 6). Each says why, with the numbers, and what it is worth, found by changing what it
//! would change and scoring again.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::dimension::uncapped_points;
use crate::evaluation::Evaluation;
use crate::id::ContactId;
use crate::markdown::count;
use crate::measure::Measures;
use crate::plan::{Step, hold_meetings};
use crate::policy::Policy;
use crate::score::{Assessment, round, score};
use crate::vocabulary::{AccountTier, Action, Dimension, Horizon, InteractionKind, Pattern, Signal};

/// Frequency, as a share of the benchmark, from which fewer touches are recommended.
const TOO_OFTEN: f64 = 1.20;

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct Recommendation {
    /// What to do.
    pub action: Action,
    /// Why, with the numbers.
    pub reason: String,
    /// By when.
    pub horizon: Horizon,
    /// How often.
    pub cadence: String,
    /// With what.
    pub content: String,
    /// By which way.
    pub channel: String,
    /// Points of the overall score that it is worth; null where it changes nothing that is measured.
    pub expected_points: Option<f64>,
}

/// What is stored of a recommendation, so that lists, digests and the portfolio can tell it without rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Advice {
    /// What to do.
    pub action: Action,
    /// With whom, where somebody is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactId>,
    /// By when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_on: Option<NaiveDate>,
    /// Points of the overall score that it is worth; absent where it changes nothing that is measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<f64>,
}

/// How many recommendations are stored with an assessment.
pub const STORED_ADVICE: usize = 3;

/// Everything that is recommended, in order; an action appears once.
pub fn recommend(evaluation: &Evaluation, policy: &Policy) -> Vec<Recommendation> {
    let mut list: Vec<Recommendation> = Vec::new();
    let mut add = |action: Action, reason: String| {
        if list.iter().all(|r| r.action != action) {
            list.push(describe(action, reason, evaluation, policy));
        }
    };
    for action in of_pattern(evaluation, policy) {
        add(action, pattern_reason(action, evaluation, policy));
    }
    for raised in &evaluation.signals {
        add(of_signal(raised.signal), raised.message.clone());
    }
    if let Some(weakest) = evaluation.assessment.weakest() {
        let score = round(weakest.score.unwrap_or(0.0));
        add(of_dimension(weakest.dimension), format!("{} is the weakest dimension, at {score} of 100.", name(weakest.dimension)));
    }
    list
}

fn of_pattern(evaluation: &Evaluation, policy: &Policy) -> Vec<Action> {
    let m = &evaluation.current.measures;
    let too_often = uncapped_points(m, policy) >= TOO_OFTEN * policy.frequency.benchmark.of(m.tier);
    let still = evaluation.previous_assessment.pattern == Some(Pattern::Disengaged);
    match evaluation.assessment.pattern {
        None => vec![],
        Some(Pattern::HighlyEngaged) => {
            let mut actions = vec![Action::PursueExpansion, Action::AskForAdvocacy];
            if too_often {
                actions.insert(0, Action::ReduceFrequency);
            }
            actions
        }
        Some(Pattern::ModeratelyEngaged) => vec![Action::RaiseStrategicContent, Action::EngageExecutives],
        Some(Pattern::LowEngaged) => vec![Action::ReEngagementCampaign, Action::DemonstrateValue],
        Some(Pattern::Disengaged) => {
            let mut actions = vec![Action::Escalate, Action::SavePlay];
            if still {
                actions.push(Action::DecideOffboarding);
            }
            actions
        }
    }
}

const fn of_signal(signal: Signal) -> Action {
    match signal {
        Signal::UnansweredOutreach => Action::ChangeChannel,
        Signal::CanceledMeetings => Action::RebookMeeting,
        Signal::ResponseTimeDegrading => Action::RemoveObstacle,
        Signal::QbrMissed => Action::RebookQbr,
        Signal::SponsorMissing => Action::FindSponsor,
        Signal::UsageAndEngagementDecline => Action::ValueReview,
        Signal::SupportSurge => Action::CalmSupport,
    }
}

const fn of_dimension(dimension: Dimension) -> Action {
    match dimension {
        Dimension::Frequency => Action::SetCadence,
        Dimension::Quality => Action::AskForResponse,
        Dimension::Breadth => Action::MultiThread,
        Dimension::Product => Action::AdoptionPlay,
    }
}

const fn name(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Frequency => "Frequency",
        Dimension::Quality => "Quality",
        Dimension::Breadth => "Breadth",
        Dimension::Product => "Product",
    }
}

fn pattern_reason(action: Action, evaluation: &Evaluation, policy: &Policy) -> String {
    let m = &evaluation.current.measures;
    let overall = evaluation.assessment.rounded().unwrap_or(0);
    let score_of = |dimension| {
        let score = evaluation.assessment.dimension(dimension).and_then(|d| d.score);
        score.map_or_else(|| format!("{} is not measured", name(dimension)), |s| format!("{} stands at {}", name(dimension), round(s)))
    };
    match action {
        Action::ReduceFrequency => {
            let share = 100.0 * uncapped_points(m, policy) / policy.frequency.benchmark.of(m.tier);
            format!("Activity is at {share:.0} % of the benchmark: fewer touches would do.")
        }
        Action::PursueExpansion => {
            format!("Overall {overall} of 100 with {}: the ground for growth is laid.", count(m.engaged_contacts, "engaged contact"))
        }
        Action::AskForAdvocacy => {
            format!("Overall {overall} of 100 and {}: they can speak for us.", count(m.engaged_executives, "engaged executive"))
        }
        Action::RaiseStrategicContent if m.classified > 0.0 => {
            format!("{} of {} classified conversations are strategic.", m.strategic, m.classified)
        }
        Action::RaiseStrategicContent => "No conversation is classified as strategic.".to_owned(),
        Action::EngageExecutives => {
            let wanted = policy.breadth.executives.of(m.tier);
            format!("Engaged executives: {} of {wanted}.", m.engaged_executives)
        }
        Action::ReEngagementCampaign => format!("Overall {overall} of 100; {} of {} outreaches were answered.", m.answered, m.outreaches),
        Action::DemonstrateValue => format!("Overall {overall} of 100; {}.", score_of(Dimension::Product)),
        Action::Escalate => format!("Overall {overall} of 100, with {}.", count(m.engaged_executives, "engaged executive")),
        Action::SavePlay => format!("Overall {overall} of 100; {}.", score_of(Dimension::Frequency)),
        Action::DecideOffboarding => {
            let before = evaluation.previous_assessment.rounded().unwrap_or(0);
            format!("Disengaged in two windows running: {before}, then {overall}.")
        }
        _ => format!("Overall {overall} of 100."),
    }
}

fn describe(action: Action, reason: String, evaluation: &Evaluation, policy: &Policy) -> Recommendation {
    let m = &evaluation.current.measures;
    let expected_points = expected_points(action, m, &evaluation.assessment, policy);
    let (horizon, cadence, content, channel) = play(action, m.tier);
    let owned = str::to_owned;
    Recommendation { action, reason, horizon, cadence: cadence.into(), content: owned(content), channel: owned(channel), expected_points }
}

/// How each action is carried out: horizon, cadence, content, channel.
fn play(action: Action, tier: AccountTier) -> (Horizon, &'static str, &'static str, &'static str) {
    use Horizon::{Immediate, ShortTerm, Strategic};
    let touch = match tier {
        AccountTier::Enterprise => "weekly",
        AccountTier::MidMarket => "every two weeks",
        AccountTier::Smb => "monthly",
    };
    let executive = match tier {
        AccountTier::Enterprise => "monthly",
        AccountTier::MidMarket => "quarterly",
        AccountTier::Smb => "twice a year",
    };
    match action {
        Action::ReduceFrequency => (ShortTerm, "one touch fewer a week", "merge status mails into one summary", "e-mail"),
        Action::PursueExpansion => (ShortTerm, "once this quarter", "growth options tied to their goals", "meeting with the sponsor"),
        Action::AskForAdvocacy => (Strategic, "once this quarter", "a reference, a referral or a case study", "sponsor's call"),
        Action::RaiseStrategicContent => (ShortTerm, touch, "goals, value and roadmap before tickets", "strategic check-in"),
        Action::EngageExecutives => (ShortTerm, executive, "outcomes for the business and what comes next", "executive meeting"),
        Action::ReEngagementCampaign => (Immediate, "weekly for six weeks", "short questions tied to their goals", "e-mail, then phone"),
        Action::DemonstrateValue => (ShortTerm, "once this quarter", "what the product has brought, in their numbers", "value session"),
        Action::Escalate => (Immediate, "at once", "the state of the account and a named owner", "our leadership to theirs"),
        Action::SavePlay => (Immediate, "weekly until it turns", "what went wrong, and a plan with dates", "meeting"),
        Action::DecideOffboarding => (Strategic, "once", "cost to serve against the chance to win them back", "internal review"),
        Action::ChangeChannel => (Immediate, "two attempts this week", "one question, easy to answer", "phone, or another contact"),
        Action::RebookMeeting => (Immediate, "this week", "a new date and a shorter agenda", "phone"),
        Action::RemoveObstacle => (ShortTerm, "once", "ask what slows their answers and who else could give them", "call"),
        Action::RebookQbr => (Immediate, "this week", "a new date, with the sponsor's question first", "sponsor's office"),
        Action::FindSponsor => {
            (Immediate, "this week", "name who owns the outcome, and ask for half an hour", "introduction by our champion")
        }
        Action::WakeSponsor => (Immediate, "this week", "what they wanted to reach with us, and where that stands", "our executive's call"),
        Action::AgreeRenewal => (Immediate, "once", "what the renewal is worth to them, and what it takes", "meeting with the sponsor"),
        Action::CalmSupport => (Immediate, "daily until it is calm", "what is broken, until when, and who says so", "call with support"),
        Action::ValueReview => (Immediate, "within two weeks", "what is used, what is not, and why", "meeting with the users' lead"),
        Action::SetCadence => (ShortTerm, touch, "a standing agenda with decisions and owners", "meeting series"),
        Action::AskForResponse => (ShortTerm, touch, "one clear question with a date in each message", "e-mail, then phone"),
        Action::MultiThread => {
            (ShortTerm, "one new contact a month", "an introduction to each missing department", "meeting through a known contact")
        }
        Action::AdoptionPlay => (ShortTerm, "every two weeks", "one unused feature at a time, with a task of theirs", "training session"),
    }
}

/// What an action would change; `None` where it changes nothing that is measured.
fn change(action: Action, m: &Measures, policy: &Policy) -> Option<Measures> {
    let step = |step: Step| step.apply(m, policy);
    let and = |first: Option<Measures>, second: Step| match first {
        Some(after) => second.apply(&after, policy).or(Some(after)),
        None => second.apply(m, policy),
    };
    let held = |kind: InteractionKind, count: u32| {
        let mut after = m.clone();
        hold_meetings(&mut after, kind, count);
        Some(after)
    };
    match action {
        Action::ReduceFrequency | Action::PursueExpansion | Action::DecideOffboarding | Action::AgreeRenewal | Action::CalmSupport => None,
        Action::AskForAdvocacy => {
            let mut after = m.clone();
            after.activity[InteractionKind::Reference as usize] += 1;
            Some(after)
        }
        Action::RaiseStrategicContent => step(Step::RaiseStrategicShare),
        Action::EngageExecutives | Action::Escalate | Action::FindSponsor | Action::WakeSponsor => step(Step::EngageExecutive),
        Action::ReEngagementCampaign | Action::ChangeChannel | Action::AskForResponse => step(Step::RaiseResponseRate),
        Action::DemonstrateValue => held(InteractionKind::Meeting, 1),
        Action::SavePlay => and(held(InteractionKind::Meeting, m.months), Step::EngageContact),
        Action::RebookMeeting => {
            // What was called off is held after all: it was due already.
            let mut after = m.clone();
            after.activity[InteractionKind::Meeting as usize] += m.called_off_in_a_row;
            after.meetings_held = (m.meetings_held + f64::from(m.called_off_in_a_row)).min(m.meetings_due);
            Some(after)
        }
        Action::RemoveObstacle => step(Step::SpeedUpResponses),
        Action::RebookQbr => held(InteractionKind::Qbr, 1),
        Action::ValueReview => and(held(InteractionKind::Meeting, 1), Step::AdoptFeature),
        Action::SetCadence => held(InteractionKind::Meeting, m.months),
        Action::MultiThread => step(Step::EngageContact),
        Action::AdoptionPlay => and(step(Step::AdoptFeature), Step::AddPowerUser),
    }
}

fn expected_points(action: Action, m: &Measures, assessment: &Assessment, policy: &Policy) -> Option<f64> {
    let after = change(action, m, policy).filter(|after| after != m)?;
    let changed = score(&after, policy);
    // A change to something that is not measured shows in no component.
    let seen = assessment
        .ledger()
        .zip(changed.ledger())
        .any(|((_, before), (_, after))| before.value != after.value || before.score != after.score);
    let (before, after) = (assessment.overall?, changed.overall?);
    seen.then_some(after - before)
}
