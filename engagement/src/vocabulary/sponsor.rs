//! Words about executive sponsors.

use super::word::vocabulary;

vocabulary! {
    /// First or second sponsor.
    SponsorRank, "sponsor rank" {
        /// The sponsor.
        Primary = "PRIMARY",
        /// Who follows them.
        Backup = "BACKUP",
    }

    /// How engaged an executive is, from best to worst.
    EngagementLevel, "engagement level" {
        /// Speaks for us, joins business reviews.
        Champion = "CHAMPION",
        /// In regular contact, responsive.
        Engaged = "ENGAGED",
        /// Delegates, or is in touch now and then.
        Passive = "PASSIVE",
        /// No direct contact.
        Disengaged = "DISENGAGED",
        /// New, or nobody.
        Unknown = "UNKNOWN",
    }

    /// How much is at risk with an executive, in rising order.
    RiskLevel, "risk level" {
        /// Low.
        Low = "LOW",
        /// Medium.
        Medium = "MEDIUM",
        /// High.
        High = "HIGH",
        /// Critical.
        Critical = "CRITICAL",
    }

    /// The mark of an executive in a table.
    StatusMark, "status mark" {
        /// All is well.
        Good = "GOOD",
        /// Worth a look.
        Watch = "WATCH",
        /// Something has to be done.
        Bad = "BAD",
    }

    /// What a sponsor's score is made of, 25 points each.
    SponsorFactor, "sponsor factor" {
        /// Held meetings they attended against what the cadence asks for.
        MeetingFrequency = "MEETING_FREQUENCY",
        /// How fast they answer.
        Responsiveness = "RESPONSIVENESS",
        /// Business reviews they attended.
        QbrAttendance = "QBR_ATTENDANCE",
        /// How well our initiatives fit their priorities.
        StrategicAlignment = "STRATEGIC_ALIGNMENT",
    }

    /// Which rule decided an executive's level, in the order in which they are tried.
    LevelRule, "level rule" {
        /// UNKNOWN: the account has no primary sponsor.
        NoSponsor = "NO_SPONSOR",
        /// UNKNOWN: a new sponsor who has not been in contact yet.
        NewSponsor = "NEW_SPONSOR",
        /// UNKNOWN: an executive without a sponsorship who has never been in contact.
        NeverInContact = "NEVER_IN_CONTACT",
        /// PASSIVE: silent, but others of their department are in contact more than before.
        Delegates = "DELEGATES",
        /// DISENGAGED: silent for too long.
        Silent = "SILENT",
        /// CHAMPION: a high score, recent contact, a business review and advocacy.
        Advocates = "ADVOCATES",
        /// ENGAGED: a good score and recent contact.
        InContact = "IN_CONTACT",
        /// PASSIVE in place of the two before: the primary sponsor keeps declining meetings.
        Declines = "DECLINES",
        /// PASSIVE: none of the others.
        Occasional = "OCCASIONAL",
    }
}

impl EngagementLevel {
    /// The risk that goes with a level.
    pub const fn risk(self) -> RiskLevel {
        match self {
            Self::Champion | Self::Engaged => RiskLevel::Low,
            Self::Passive => RiskLevel::Medium,
            Self::Disengaged => RiskLevel::High,
            Self::Unknown => RiskLevel::Critical,
        }
    }

    /// The mark that goes with a level; who has departed is [`StatusMark::Bad`] at any level.
    pub const fn status(self) -> StatusMark {
        match self {
            Self::Champion | Self::Engaged => StatusMark::Good,
            Self::Passive => StatusMark::Watch,
            Self::Disengaged | Self::Unknown => StatusMark::Bad,
        }
    }

    /// In regular contact: CHAMPION or ENGAGED.
    pub const fn is_engaged(self) -> bool {
        matches!(self, Self::Champion | Self::Engaged)
    }
}

impl StatusMark {
    /// As it stands in a table.
    pub const fn mark(self) -> &'static str {
        match self {
            Self::Good => "✓",
            Self::Watch => "⚠",
            Self::Bad => "✗",
        }
    }
}

impl LevelRule {
    /// The level that the rule gives.
    pub const fn level(self) -> EngagementLevel {
        match self {
            Self::NoSponsor | Self::NewSponsor | Self::NeverInContact => EngagementLevel::Unknown,
            Self::Delegates | Self::Declines | Self::Occasional => EngagementLevel::Passive,
            Self::Silent => EngagementLevel::Disengaged,
            Self::Advocates => EngagementLevel::Champion,
            Self::InContact => EngagementLevel::Engaged,
        }
    }
}
