//! Words about scores: dimensions, components, signals, patterns and standings.

use super::word::vocabulary;

vocabulary! {
    /// How long a report's window is.
    Period, "period" {
        /// One calendar month.
        Monthly = "MONTHLY",
        /// Three calendar months.
        Quarterly = "QUARTERLY",
    }

    /// The engagement pattern of an account, from best to worst.
    Pattern, "pattern" {
        /// 80 to 100: proactive, multi-threaded.
        HighlyEngaged = "HIGHLY_ENGAGED",
        /// 60 to 79: responsive, tactical.
        ModeratelyEngaged = "MODERATELY_ENGAGED",
        /// 40 to 59: declining, single-threaded.
        LowEngaged = "LOW_ENGAGED",
        /// 0 to 39: unresponsive, at risk.
        Disengaged = "DISENGAGED",
    }

    /// Where an account's score is going, against the previous window.
    Trend, "trend" {
        /// Up by 5 points or more.
        Improving = "IMPROVING",
        /// Between.
        Stable = "STABLE",
        /// Down by 5 points or more.
        Declining = "DECLINING",
        /// No fact before this window.
        New = "NEW",
    }

    /// The four dimensions of engagement.
    Dimension, "dimension" {
        /// Activity volume against the benchmark of the tier.
        Frequency = "FREQUENCY",
        /// Response rates, meeting participation, strategic against tactical.
        Quality = "QUALITY",
        /// Stakeholders, departments, executives.
        Breadth = "BREADTH",
        /// Feature adoption and power users.
        Product = "PRODUCT",
    }

    /// What a dimension is made of.
    Component, "component" {
        /// Points of two-way interactions per 30 days.
        Activity = "ACTIVITY",
        /// Answered outreaches of all.
        ResponseRate = "RESPONSE_RATE",
        /// How fast they answer.
        ResponseTime = "RESPONSE_TIME",
        /// Meetings held of those due.
        MeetingParticipation = "MEETING_PARTICIPATION",
        /// Strategic conversations among those classified.
        StrategicShare = "STRATEGIC_SHARE",
        /// Contacts in touch with us.
        Stakeholders = "STAKEHOLDERS",
        /// Their departments.
        Departments = "DEPARTMENTS",
        /// Executives among them.
        Executives = "EXECUTIVES",
        /// Features of the catalogue in use.
        FeatureAdoption = "FEATURE_ADOPTION",
        /// People who use the product often and widely.
        PowerUsers = "POWER_USERS",
    }

    /// The disengagement signals: six of the seed, and a storm of support.
    Signal, "signal" {
        /// Nobody answers our outreach.
        UnansweredOutreach = "UNANSWERED_OUTREACH",
        /// The customer cancels meetings without a new date.
        CanceledMeetings = "CANCELED_MEETINGS",
        /// Answers take longer and longer.
        ResponseTimeDegrading = "RESPONSE_TIME_DEGRADING",
        /// A business review was declined, or nobody came.
        QbrMissed = "QBR_MISSED",
        /// There is no sponsor, or nobody has heard from them.
        SponsorMissing = "SPONSOR_MISSING",
        /// Usage and engagement fall together.
        UsageAndEngagementDecline = "USAGE_AND_ENGAGEMENT_DECLINE",
        /// They ask for support far more than before.
        SupportSurge = "SUPPORT_SURGE",
    }

    /// What to think of an account (docs/scoring.md § 4), worst first.
    StandingState, "standing" {
        /// Reasons to expect a loss.
        AtRisk = "AT_RISK",
        /// A reason to look.
        Watch = "WATCH",
        /// The score is not known well enough to say.
        NotKnown = "NOT_KNOWN",
        /// Nothing speaks against it.
        OnTrack = "ON_TRACK",
    }

    /// Why an account stands as it does, in the order in which the reasons are told (docs/scoring.md § 4).
    StandingReason, "reason" {
        /// A merger, an acquisition or layoffs.
        Organisation = "ORGANISATION",
        /// A sponsor left, changed their role or was replaced.
        SponsorChanged = "SPONSOR_CHANGED",
        /// The primary sponsor keeps declining meetings.
        SponsorDeclines = "SPONSOR_DECLINES",
        /// The primary sponsor is silent, or there is none any more.
        SponsorCold = "SPONSOR_COLD",
        /// The score fell.
        Fell = "FELL",
        /// Use of the product halved.
        UsageFell = "USAGE_FELL",
        /// The relationship hangs on one person.
        HangsOnOne = "HANGS_ON_ONE",
        /// Several grave signals.
        Signals = "SIGNALS",
        /// A storm of support requests.
        Support = "SUPPORT",
        /// The score itself is low; it explains and never decides.
        Score = "SCORE",
        /// One grave signal; it explains and never decides.
        Signal = "SIGNAL",
    }

    /// Why a score is provisional.
    ProvisionalReason, "reason" {
        /// Less than half of the weight could be measured.
        LowCoverage = "LOW_COVERAGE",
        /// The account's first fact is less than 30 days old.
        NewAccount = "NEW_ACCOUNT",
    }

    /// The five metrics of a portfolio.
    PortfolioMetric, "metric" {
        /// Accounts with an engaged sponsor, of all.
        ExecutiveEngagementRate = "EXECUTIVE_ENGAGEMENT_RATE",
        /// Days between two contacts with executives.
        ExecutiveTouchpointCadence = "EXECUTIVE_TOUCHPOINT_CADENCE",
        /// Business reviews that an executive attended, of all.
        QbrExecutiveAttendance = "QBR_EXECUTIVE_ATTENDANCE",
        /// Sponsors of a year ago who still are, of all.
        SponsorRetention = "SPONSOR_RETENTION",
        /// Executives in touch, per account.
        MultiThreadScore = "MULTI_THREAD_SCORE",
    }

    /// What a portfolio metric is measured in.
    MetricUnit, "unit" {
        /// From 0 to 100.
        Percent = "PERCENT",
        /// Days.
        Days = "DAYS",
        /// People.
        Executives = "EXECUTIVES",
    }
}

impl Period {
    /// Length in calendar months.
    pub const fn months(self) -> u32 {
        match self {
            Self::Monthly => 1,
            Self::Quarterly => 3,
        }
    }
}

impl Dimension {
    /// Its components, in the order of docs/scoring.md § 3.
    pub const fn components(self) -> &'static [Component] {
        match self {
            Self::Frequency => &[Component::Activity],
            Self::Quality => &[
                Component::ResponseRate,
                Component::ResponseTime,
                Component::MeetingParticipation,
                Component::StrategicShare,
            ],
            Self::Breadth => &[
                Component::Stakeholders,
                Component::Departments,
                Component::Executives,
            ],
            Self::Product => &[Component::FeatureAdoption, Component::PowerUsers],
        }
    }
}

impl StandingReason {
    /// Whether it counts for the conclusion: what only explains a low score or a single signal does not.
    pub const fn decides(self) -> bool {
        !matches!(self, Self::Score | Self::Signal)
    }
}

impl PortfolioMetric {
    /// Whether less is better: days between contacts.
    pub const fn is_better_below(self) -> bool {
        matches!(self, Self::ExecutiveTouchpointCadence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_component_belongs_to_one_dimension() {
        let listed: Vec<Component> = Dimension::ALL
            .iter()
            .flat_map(|d| d.components())
            .copied()
            .collect();
        assert_eq!(listed, Component::ALL);
    }
}
