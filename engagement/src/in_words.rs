//! How the terms of the vocabulary are said within a sentence. Codes are for programs; whatever a person reads takes its words
//! from here: lower case, without underscores.

use crate::vocabulary::{
    EngagementLevel, InteractionKind, MessageKind, MessageStatus, OrgChangeKind, OrgChangeSource,
    OutcomeKind, Pattern, Purpose, RiskLevel, Severity, Signal, SponsorRank, StandingState, Trend,
};

macro_rules! in_words {
    ($($name:ident { $($variant:ident = $words:literal,)+ })+) => {
        $(
            impl $name {
                /// In words, as part of a sentence.
                pub const fn in_words(self) -> &'static str {
                    match self {
                        $(Self::$variant => $words,)+
                    }
                }
            }
        )+

        #[cfg(test)]
        const ALL: &[&[&str]] = &[$(&[$($words,)+],)+];
    };
}

in_words! {
    Signal {
        UnansweredOutreach = "unanswered outreach",
        CanceledMeetings = "meetings called off",
        ResponseTimeDegrading = "slower answers",
        QbrMissed = "a missed business review",
        SponsorMissing = "a missing or silent sponsor",
        UsageAndEngagementDecline = "falling use and engagement",
        SupportSurge = "a storm of support requests",
    }
    StandingState {
        AtRisk = "at risk",
        Watch = "to be watched",
        NotKnown = "not known",
        OnTrack = "on track",
    }
    Pattern {
        HighlyEngaged = "highly engaged",
        ModeratelyEngaged = "moderately engaged",
        LowEngaged = "low engaged",
        Disengaged = "disengaged",
    }
    Trend {
        Improving = "improving",
        Stable = "stable",
        Declining = "declining",
        New = "new",
    }
    EngagementLevel {
        Champion = "champion",
        Engaged = "engaged",
        Passive = "passive",
        Disengaged = "disengaged",
        Unknown = "unknown",
    }
    SponsorRank {
        Primary = "primary",
        Backup = "backup",
    }
    Severity {
        Low = "low",
        Medium = "medium",
        High = "high",
        Critical = "critical",
    }
    RiskLevel {
        Low = "low",
        Medium = "medium",
        High = "high",
        Critical = "critical",
    }
    InteractionKind {
        Email = "e-mail",
        Call = "call",
        Meeting = "meeting",
        StrategicCheckIn = "strategic check-in",
        ExecutiveDinner = "executive dinner",
        Qbr = "QBR",
        Training = "training",
        Certification = "certification",
        ForumPost = "forum post",
        CommunityEvent = "community event",
        Reference = "reference",
        Referral = "referral",
        InternalAdvocacy = "internal advocacy",
    }
    Purpose {
        Strategic = "strategic",
        Tactical = "tactical",
        Operational = "operational",
    }
    OrgChangeKind {
        Departure = "a departure",
        RoleChange = "a change of role",
        NewExecutive = "a new executive",
        Reorganisation = "a reorganisation",
        MergerAcquisition = "a merger or acquisition",
        Layoff = "a layoff",
    }
    OrgChangeSource {
        Manual = "recorded by hand",
        Linkedin = "seen on LinkedIn",
        News = "in the news",
        Crm = "in the CRM",
        EmailBounce = "told by mail that bounced",
    }
    OutcomeKind {
        Renewed = "renewed",
        Churned = "ended",
        Expanded = "grew",
        Contracted = "shrank",
    }
    MessageKind {
        SponsorDeparted = "sponsor departed",
        Alert = "alert",
        OutreachPlanned = "outreach planned",
        WeeklyDigest = "weekly digest",
    }
    MessageStatus {
        Queued = "queued",
        Sent = "sent",
        Failed = "failed",
        Canceled = "canceled",
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_word_is_a_code() {
        for words in super::ALL.concat() {
            assert!(!words.is_empty() && !words.contains('_'), "{words}");
        }
    }
}
