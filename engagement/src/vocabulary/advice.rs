//! Words about what to do, and how soon.

use super::word::vocabulary;

vocabulary! {
    /// When a recommended action is due.
    Horizon, "horizon" {
        /// This week.
        Immediate = "IMMEDIATE",
        /// This quarter.
        ShortTerm = "SHORT_TERM",
        /// Beyond this quarter.
        Strategic = "STRATEGIC",
    }

    /// What to do about an account.
    Action, "action" {
        /// Fewer touches: they are well above the benchmark.
        ReduceFrequency = "REDUCE_FREQUENCY",
        /// Open the conversation about growth.
        PursueExpansion = "PURSUE_EXPANSION",
        /// Ask for a reference, a referral, or a word within their house.
        AskForAdvocacy = "ASK_FOR_ADVOCACY",
        /// More strategy in the conversations.
        RaiseStrategicContent = "RAISE_STRATEGIC_CONTENT",
        /// Bring executives to the table.
        EngageExecutives = "ENGAGE_EXECUTIVES",
        /// A campaign to get back in touch.
        ReEngagementCampaign = "RE_ENGAGEMENT_CAMPAIGN",
        /// Show the value they get.
        DemonstrateValue = "DEMONSTRATE_VALUE",
        /// Take it to our leadership.
        Escalate = "ESCALATE",
        /// The play that saves an account.
        SavePlay = "SAVE_PLAY",
        /// Decide whether to let the account go.
        DecideOffboarding = "DECIDE_OFFBOARDING",
        /// Another channel than the one nobody answers on.
        ChangeChannel = "CHANGE_CHANNEL",
        /// A new date for what was cancelled.
        RebookMeeting = "REBOOK_MEETING",
        /// Find out what slows their answers.
        RemoveObstacle = "REMOVE_OBSTACLE",
        /// A new date for the business review.
        RebookQbr = "REBOOK_QBR",
        /// Find a sponsor.
        FindSponsor = "FIND_SPONSOR",
        /// Wake the sponsor we have.
        WakeSponsor = "WAKE_SPONSOR",
        /// Agree on the renewal before it is due.
        AgreeRenewal = "AGREE_RENEWAL",
        /// Calm a storm of support requests.
        CalmSupport = "CALM_SUPPORT",
        /// Review together what the product brings.
        ValueReview = "VALUE_REVIEW",
        /// A fixed rhythm of touchpoints.
        SetCadence = "SET_CADENCE",
        /// Questions that ask for an answer.
        AskForResponse = "ASK_FOR_RESPONSE",
        /// More people, more departments.
        MultiThread = "MULTI_THREAD",
        /// A play that gets unused features used.
        AdoptionPlay = "ADOPTION_PLAY",
    }
}
