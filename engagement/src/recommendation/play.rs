//! How each action is carried out: how soon, how often, with what, by which way; in words to be read aloud.

use super::people::Member;
use crate::vocabulary::{AccountTier, Action, Horizon};

/// How an action is carried out.
pub(super) struct Play {
    pub(super) horizon: Horizon,
    pub(super) cadence: String,
    pub(super) content: String,
    pub(super) channel: String,
}

/// The play of an action for an account of that tier; `caller` is whoever of us would call a sponsor.
pub(super) fn play(action: Action, tier: AccountTier, caller: Option<&Member>) -> Play {
    let (horizon, cadence, content, channel) = told(action, tier);
    let channel = match (caller, action) {
        (Some(Member { name, .. }), Action::WakeSponsor) => format!("a call by {name}"),
        _ => channel.to_owned(),
    };
    Play {
        horizon,
        cadence: cadence.to_owned(),
        content: content.to_owned(),
        channel,
    }
}

/// How soon an action is due; that does not depend on the account.
pub(super) fn horizon(action: Action) -> Horizon {
    told(action, AccountTier::Enterprise).0
}

fn told(action: Action, tier: AccountTier) -> (Horizon, &'static str, &'static str, &'static str) {
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
        Action::ReduceFrequency => (
            ShortTerm,
            "one touch fewer a week",
            "merge status mails into one summary",
            "e-mail",
        ),
        Action::PursueExpansion => (
            ShortTerm,
            "once this quarter",
            "growth options tied to their goals",
            "meeting with the sponsor",
        ),
        Action::AskForAdvocacy => (
            Strategic,
            "once",
            "a reference, a referral or a case study",
            "call with the sponsor",
        ),
        Action::RaiseStrategicContent => (
            ShortTerm,
            touch,
            "goals, value and roadmap before tickets",
            "strategic check-in",
        ),
        Action::EngageExecutives => (
            ShortTerm,
            executive,
            "outcomes for the business and what comes next",
            "executive meeting",
        ),
        Action::ReEngagementCampaign => (
            Immediate,
            "weekly for six weeks",
            "short questions tied to their goals",
            "e-mail, then phone",
        ),
        Action::DemonstrateValue => (
            ShortTerm,
            "once this quarter",
            "what the product has brought, in their numbers",
            "value session",
        ),
        Action::Escalate => (
            Immediate,
            "at once",
            "the state of the account and a named owner",
            "our leadership to theirs",
        ),
        Action::SavePlay => (
            Immediate,
            "weekly until it turns",
            "what went wrong, and a plan with dates",
            "meeting",
        ),
        Action::DecideOffboarding => (
            Strategic,
            "once",
            "cost to serve against the chance to win them back",
            "internal review",
        ),
        Action::ChangeChannel => (
            Immediate,
            "two attempts this week",
            "one question, easy to answer",
            "phone, or another contact",
        ),
        Action::RebookMeeting => (
            Immediate,
            "once this week",
            "a new date and a shorter agenda",
            "phone",
        ),
        Action::RemoveObstacle => (
            ShortTerm,
            "once",
            "ask what slows their answers and who else could give them",
            "call",
        ),
        Action::RebookQbr => (
            Immediate,
            "once this week",
            "a new date, with the sponsor's question first",
            "sponsor's office",
        ),
        Action::FindSponsor => (
            Immediate,
            "once this week",
            "who owns the outcome, and half an hour with them",
            "introduction by a contact of ours",
        ),
        Action::WakeSponsor => (
            Immediate,
            "once this week",
            "what they wanted to reach with us, and where that stands",
            "a call by our executive sponsor or the team's manager",
        ),
        Action::AgreeRenewal => (
            Immediate,
            "once",
            "what the renewal is worth to them, and what it takes",
            "meeting with the sponsor",
        ),
        Action::CalmSupport => (
            Immediate,
            "daily until it is calm",
            "what is broken, until when, and who says so",
            "call with support",
        ),
        Action::ValueReview => (
            Immediate,
            "once, within two weeks",
            "what is used, what is not, and why",
            "meeting with those who use it",
        ),
        Action::SetCadence => (
            ShortTerm,
            touch,
            "a standing agenda with decisions and owners",
            "meeting series",
        ),
        Action::AskForResponse => (
            ShortTerm,
            touch,
            "one clear question with a date in each message",
            "e-mail, then phone",
        ),
        Action::MultiThread => (
            ShortTerm,
            "one new contact a month",
            "an introduction to each missing department",
            "meeting through a known contact",
        ),
        Action::AdoptionPlay => (
            ShortTerm,
            "every two weeks",
            "one unused feature at a time, with a task of theirs",
            "training session",
        ),
    }
}

impl Action {
    /// In words, as the head of a line.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::ReduceFrequency => "Write and call less often",
            Self::PursueExpansion => "Talk about growth",
            Self::AskForAdvocacy => "Ask them to speak for us",
            Self::RaiseStrategicContent => "Talk more about strategy",
            Self::EngageExecutives => "Bring in executives",
            Self::ReEngagementCampaign => "Run a re-engagement campaign",
            Self::DemonstrateValue => "Show the value they get",
            Self::Escalate => "Escalate to our leadership",
            Self::SavePlay => "Start a save play",
            Self::DecideOffboarding => "Decide whether to let the account go",
            Self::ChangeChannel => "Change the channel",
            Self::RebookMeeting => "Rebook the meeting",
            Self::RemoveObstacle => "Find out what slows their answers",
            Self::RebookQbr => "Rebook the business review",
            Self::FindSponsor => "Find a sponsor",
            Self::WakeSponsor => "Wake the sponsor",
            Self::AgreeRenewal => "Agree on the renewal",
            Self::CalmSupport => "Calm the support storm",
            Self::ValueReview => "Review the value together",
            Self::SetCadence => "Set a rhythm of meetings",
            Self::AskForResponse => "Ask for answers",
            Self::MultiThread => "Get to know more people",
            Self::AdoptionPlay => "Get unused features used",
        }
    }
}
