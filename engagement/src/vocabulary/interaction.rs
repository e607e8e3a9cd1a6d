//! Words about what happens between us and a customer.

use super::word::vocabulary;

vocabulary! {
    /// What happened between us and the customer.
    InteractionKind, "interaction kind" {
        /// An e-mail.
        Email = "EMAIL",
        /// A phone call (a video call is a meeting).
        Call = "CALL",
        /// A meeting.
        Meeting = "MEETING",
        /// A strategic check-in.
        StrategicCheckIn = "STRATEGIC_CHECK_IN",
        /// A dinner with executives.
        ExecutiveDinner = "EXECUTIVE_DINNER",
        /// A quarterly business review.
        Qbr = "QBR",
        /// A training session.
        Training = "TRAINING",
        /// A certification.
        Certification = "CERTIFICATION",
        /// A post in our forum.
        ForumPost = "FORUM_POST",
        /// An event of our community.
        CommunityEvent = "COMMUNITY_EVENT",
        /// The customer spoke for us to a prospect.
        Reference = "REFERENCE",
        /// The customer brought us a prospect.
        Referral = "REFERRAL",
        /// The customer spoke for us within their own organisation.
        InternalAdvocacy = "INTERNAL_ADVOCACY",
    }

    /// Who started it.
    Direction, "direction" {
        /// From us.
        Outbound = "OUTBOUND",
        /// From the customer.
        Inbound = "INBOUND",
    }

    /// What became of an interaction.
    InteractionStatus, "interaction status" {
        /// Planned; no fact yet.
        Scheduled = "SCHEDULED",
        /// It took place.
        Completed = "COMPLETED",
        /// It was called off.
        Canceled = "CANCELED",
        /// Nobody came, or a call reached only a mailbox.
        NoShow = "NO_SHOW",
        /// The invitation was declined.
        Declined = "DECLINED",
    }

    /// What an interaction was for.
    Purpose, "purpose" {
        /// Goals, value, direction.
        Strategic = "STRATEGIC",
        /// Projects and plans.
        Tactical = "TACTICAL",
        /// Day-to-day issues.
        Operational = "OPERATIONAL",
    }

    /// Whether an invited contact was there.
    Attendance, "attendance" {
        /// Was there.
        Attended = "ATTENDED",
        /// Was not there.
        Absent = "ABSENT",
        /// Not recorded; on a completed interaction it counts as attended.
        Unknown = "UNKNOWN",
    }

    /// One of the two sides.
    Party, "party" {
        /// The customer.
        Customer = "CUSTOMER",
        /// Us.
        Vendor = "VENDOR",
    }

    /// What became of a planned outreach.
    OutreachStatus, "status" {
        /// It stands.
        Planned = "PLANNED",
        /// It was called off.
        Canceled = "CANCELED",
    }
}

impl InteractionKind {
    /// The seed's category "touchpoint".
    pub const fn is_touchpoint(self) -> bool {
        matches!(
            self,
            Self::Email | Self::Call | Self::Meeting | Self::StrategicCheckIn | Self::ExecutiveDinner
        )
    }

    /// Meeting kinds: where people sit together.
    pub const fn is_meeting(self) -> bool {
        matches!(
            self,
            Self::Meeting | Self::StrategicCheckIn | Self::ExecutiveDinner | Self::Qbr
        )
    }

    /// Advocacy: the customer speaks for us.
    pub const fn is_advocacy(self) -> bool {
        matches!(self, Self::Reference | Self::Referral | Self::InternalAdvocacy)
    }

    /// Kinds by which an executive counts as contacted (a webinar is no sponsor touchpoint).
    pub const fn is_executive_contact(self) -> bool {
        matches!(self, Self::Email | Self::Call) || self.is_meeting() || self.is_advocacy()
    }

    /// Training and community: who is met by nothing else is engaged by half.
    pub const fn is_training_or_community(self) -> bool {
        matches!(
            self,
            Self::Training | Self::Certification | Self::CommunityEvent | Self::ForumPost
        )
    }

    /// Kinds where attendance means nothing: every participant counts as there.
    pub const fn is_written(self) -> bool {
        matches!(self, Self::Email | Self::ForumPost)
    }
}
