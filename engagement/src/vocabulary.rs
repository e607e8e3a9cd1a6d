//! The field's standard terms as closed enumerations (docs/scoring.md § 2 and the names of docs/api.md).
//!
//! One spelling everywhere: `SCREAMING_CASE` in the database, in GraphQL and in JSON. Reading is lenient (case, `-` and
//! space do not matter), writing never is. What belongs to which category of the domain stands here and nowhere else.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A word that is none of an enumeration's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown {name}: expected one of {expected}")]
pub struct UnknownWord {
    /// What was being read.
    pub name: &'static str,
    /// The words there are.
    pub expected: String,
}

macro_rules! vocabulary {
    ($($(#[$doc:meta])* $name:ident, $what:literal { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)+ })+) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
            #[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
            pub enum $name {
                $(
                    $(#[$vdoc])*
                    #[serde(rename = $text)]
                    #[cfg_attr(feature = "graphql", graphql(name = $text))]
                    $variant,
                )+
            }

            impl $name {
                /// Every value, in order.
                pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

                /// The one spelling.
                pub const fn as_str(self) -> &'static str {
                    match self {
                        $(Self::$variant => $text,)+
                    }
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.pad(self.as_str())
                }
            }

            impl FromStr for $name {
                type Err = UnknownWord;

                fn from_str(text: &str) -> Result<Self, UnknownWord> {
                    let text = text.trim();
                    Self::ALL.iter().copied().find(|v| same_word(v.as_str(), text)).ok_or_else(|| UnknownWord {
                        name: $what,
                        expected: Self::ALL.iter().map(|v| v.as_str().to_lowercase()).collect::<Vec<_>>().join(", "),
                    })
                }
            }
        )+
    };
}

/// Case does not matter; `-` and space equal `_`.
fn same_word(word: &str, text: &str) -> bool {
    word.len() == text.len()
        && word.bytes().zip(text.bytes()).all(|(w, t)| w == t.to_ascii_uppercase() || (w == b'_' && matches!(t, b'-' | b' ')))
}

vocabulary! {
    /// How large a customer is: it decides benchmarks and cadences.
    AccountTier, "tier" {
        /// Enterprise.
        Enterprise = "ENTERPRISE",
        /// Mid-market.
        MidMarket = "MID_MARKET",
        /// Small and medium business.
        Smb = "SMB",
    }

    /// Who serves a customer: it decides whether silence towards us is silence.
    ServedBy, "served by" {
        /// We do.
        Direct = "DIRECT",
        /// A partner of ours does.
        Partner = "PARTNER",
        /// A pool of our people, for whoever asks: the product serves them.
        Pooled = "POOLED",
    }

    /// Whether an account is still a customer.
    AccountStatus, "account status" {
        /// A customer.
        Active = "ACTIVE",
        /// A customer no more.
        Churned = "CHURNED",
    }

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

    /// A contact's level in their organisation.
    Seniority, "seniority" {
        /// Chief officer.
        CLevel = "C_LEVEL",
        /// Vice president.
        Vp = "VP",
        /// Director.
        Director = "DIRECTOR",
        /// Manager.
        Manager = "MANAGER",
        /// Individual contributor.
        Individual = "INDIVIDUAL",
    }

    /// Whether a contact still works there.
    ContactStatus, "contact status" {
        /// Still there.
        Active = "ACTIVE",
        /// Left.
        Departed = "DEPARTED",
    }

    /// By which roles contacts are looked up.
    ContactRole, "contact role" {
        /// Any executive: not departed, and with an active sponsorship, or chief officer or vice president.
        Executive = "EXECUTIVE",
        /// Has an active sponsorship.
        ExecutiveSponsor = "EXECUTIVE_SPONSOR",
        /// Chief officer.
        CLevel = "C_LEVEL",
        /// Vice president.
        Vp = "VP",
        /// Director.
        Director = "DIRECTOR",
        /// Manager.
        Manager = "MANAGER",
        /// Individual contributor.
        Individual = "INDIVIDUAL",
    }

    /// First or second sponsor.
    SponsorRank, "sponsor rank" {
        /// The sponsor.
        Primary = "PRIMARY",
        /// Who follows them.
        Backup = "BACKUP",
    }

    /// What a user of Rapport may do.
    Role, "role" {
        /// Everything, for every account.
        Admin = "ADMIN",
        /// Everything but administration, for every account.
        Manager = "MANAGER",
        /// A customer-success manager: the accounts of their teams.
        Csm = "CSM",
        /// Reads.
        Viewer = "VIEWER",
    }

    /// What a user does in an account's team.
    TeamRole, "team role" {
        /// Customer-success manager.
        Csm = "CSM",
        /// Account executive.
        AccountExecutive = "ACCOUNT_EXECUTIVE",
        /// Manager of the team.
        Manager = "MANAGER",
        /// Our own executive who sponsors the account.
        ExecutiveSponsor = "EXECUTIVE_SPONSOR",
    }

    /// How well an initiative of ours fits a priority of theirs.
    Alignment, "alignment" {
        /// High.
        High = "HIGH",
        /// Medium.
        Medium = "MEDIUM",
        /// Low.
        Low = "LOW",
    }

    /// A change in the customer's organisation.
    OrgChangeKind, "kind of organisational change" {
        /// Somebody left.
        Departure = "DEPARTURE",
        /// Somebody has another role.
        RoleChange = "ROLE_CHANGE",
        /// A new executive.
        NewExecutive = "NEW_EXECUTIVE",
        /// A reorganisation.
        Reorganisation = "REORGANISATION",
        /// A merger or an acquisition.
        MergerAcquisition = "MERGER_ACQUISITION",
        /// Layoffs.
        Layoff = "LAYOFF",
    }

    /// How an organisational change became known.
    OrgChangeSource, "source" {
        /// Somebody told us.
        Manual = "MANUAL",
        /// LinkedIn.
        Linkedin = "LINKEDIN",
        /// The news.
        News = "NEWS",
        /// The CRM.
        Crm = "CRM",
        /// Mail to them bounces.
        EmailBounce = "EMAIL_BOUNCE",
    }

    /// How sure an organisational change is.
    Certainty, "certainty" {
        /// A person has to confirm it.
        Suspected = "SUSPECTED",
        /// Sure.
        Confirmed = "CONFIRMED",
    }

    /// What became of a contract.
    OutcomeKind, "outcome" {
        /// Renewed.
        Renewed = "RENEWED",
        /// Ended.
        Churned = "CHURNED",
        /// Grew.
        Expanded = "EXPANDED",
        /// Shrank.
        Contracted = "CONTRACTED",
    }

    /// What a change was made to.
    AuditTarget, "target" {
        /// A customer account.
        Account = "ACCOUNT",
        /// A person at a customer.
        Contact = "CONTACT",
        /// An interaction.
        Interaction = "INTERACTION",
        /// Usage of the product.
        Usage = "USAGE",
        /// A metric.
        Metric = "METRIC",
        /// A goal.
        Goal = "GOAL",
        /// An initiative.
        Initiative = "INITIATIVE",
        /// A sponsorship.
        Sponsorship = "SPONSORSHIP",
        /// An organisational change.
        OrgChange = "ORG_CHANGE",
        /// A planned outreach.
        Outreach = "OUTREACH",
        /// An alert.
        Alert = "ALERT",
        /// A user's place in an account's team.
        TeamMember = "TEAM_MEMBER",
        /// A user.
        User = "USER",
        /// An API token.
        Token = "TOKEN",
        /// A run that read import files.
        Import = "IMPORT",
    }

    /// A day of the week.
    Weekday, "day of the week" {
        /// Monday.
        Monday = "MONDAY",
        /// Tuesday.
        Tuesday = "TUESDAY",
        /// Wednesday.
        Wednesday = "WEDNESDAY",
        /// Thursday.
        Thursday = "THURSDAY",
        /// Friday.
        Friday = "FRIDAY",
        /// Saturday.
        Saturday = "SATURDAY",
        /// Sunday.
        Sunday = "SUNDAY",
    }

    /// What became of a planned outreach.
    OutreachStatus, "status" {
        /// It stands.
        Planned = "PLANNED",
        /// It was called off.
        Canceled = "CANCELED",
    }

    /// How bad, in rising order.
    Severity, "severity" {
        /// Low.
        Low = "LOW",
        /// Medium.
        Medium = "MEDIUM",
        /// High.
        High = "HIGH",
        /// Critical.
        Critical = "CRITICAL",
    }

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

    /// Where an alert is in its life.
    AlertStatus, "alert status" {
        /// Nobody has taken it up.
        Open = "OPEN",
        /// Somebody has.
        Acknowledged = "ACKNOWLEDGED",
        /// Put off until a day.
        Snoozed = "SNOOZED",
        /// Done with.
        Resolved = "RESOLVED",
    }

    /// What a person says when resolving an alert by hand.
    Disposition, "disposition" {
        /// Something was done about it.
        Acted = "ACTED",
        /// It told nothing new.
        AlreadyKnown = "ALREADY_KNOWN",
        /// It should not have been raised.
        Noise = "NOISE",
    }

    /// What kind of thing an alert is about, beside its account.
    SubjectKind, "kind of subject" {
        /// The account as a whole.
        None = "NONE",
        /// A contact.
        Contact = "CONTACT",
        /// An interaction.
        Interaction = "INTERACTION",
        /// An organisational change.
        OrgChange = "ORG_CHANGE",
        /// A feed of data.
        Feed = "FEED",
        /// Somebody whom mail does not reach.
        Recipient = "RECIPIENT",
        /// Somebody of ours.
        User = "USER",
    }

    /// A stream of data that other rules depend on.
    Feed, "feed" {
        /// Interactions.
        Interactions = "INTERACTIONS",
        /// Product usage.
        Usage = "USAGE",
    }

    /// What a message is about.
    MessageKind, "kind of message" {
        /// A sponsor has left.
        SponsorDeparted = "SPONSOR_DEPARTED",
        /// An alert, or several of them.
        Alert = "ALERT",
        /// Somebody plans to reach out to a contact.
        OutreachPlanned = "OUTREACH_PLANNED",
        /// A week in one mail.
        WeeklyDigest = "WEEKLY_DIGEST",
    }

    /// What became of a message.
    MessageStatus, "status of a message" {
        /// It is to be sent, or is being sent.
        Queued = "QUEUED",
        /// The mail server has taken it.
        Sent = "SENT",
        /// It was given up.
        Failed = "FAILED",
        /// It was not wanted any more.
        Canceled = "CANCELED",
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

    /// Why a score is provisional.
    ProvisionalReason, "reason" {
        /// Less than half of the weight could be measured.
        LowCoverage = "LOW_COVERAGE",
        /// The account's first fact is less than 30 days old.
        NewAccount = "NEW_ACCOUNT",
    }
}

impl InteractionKind {
    /// The seed's category "touchpoint".
    pub const fn is_touchpoint(self) -> bool {
        matches!(self, Self::Email | Self::Call | Self::Meeting | Self::StrategicCheckIn | Self::ExecutiveDinner)
    }

    /// Meeting kinds: where people sit together.
    pub const fn is_meeting(self) -> bool {
        matches!(self, Self::Meeting | Self::StrategicCheckIn | Self::ExecutiveDinner | Self::Qbr)
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
        matches!(self, Self::Training | Self::Certification | Self::CommunityEvent | Self::ForumPost)
    }

    /// Kinds where attendance means nothing: every participant counts as there.
    pub const fn is_written(self) -> bool {
        matches!(self, Self::Email | Self::ForumPost)
    }
}

impl MessageKind {
    /// Messages that must not wait behind others, and are tried for longer.
    pub const fn is_escalation(self) -> bool {
        matches!(self, Self::SponsorDeparted | Self::Alert)
    }
}

impl Seniority {
    /// C-level and vice presidents are executives by their seniority.
    pub const fn is_executive(self) -> bool {
        matches!(self, Self::CLevel | Self::Vp)
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

impl ServedBy {
    /// How bad something about sponsors is at most: whom a partner or the pool serves has no sponsor of ours to lose
    /// (docs/scoring.md § 5).
    pub fn at_most(self, severity: Severity) -> Severity {
        if self == Self::Direct { severity } else { severity.min(Severity::Medium) }
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
            Self::Quality => {
                &[Component::ResponseRate, Component::ResponseTime, Component::MeetingParticipation, Component::StrategicShare]
            }
            Self::Breadth => &[Component::Stakeholders, Component::Departments, Component::Executives],
            Self::Product => &[Component::FeatureAdoption, Component::PowerUsers],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_is_lenient_and_writing_is_not() {
        for text in ["mid_market", "Mid-Market", "MID MARKET", " mid_market "] {
            assert_eq!(text.parse(), Ok(AccountTier::MidMarket), "{text}");
        }
        assert_eq!(AccountTier::MidMarket.to_string(), "MID_MARKET");
        assert!("midmarket".parse::<AccountTier>().unwrap_err().to_string().contains("enterprise, mid_market, smb"));
    }

    #[test]
    fn every_component_belongs_to_one_dimension() {
        let listed: Vec<Component> = Dimension::ALL.iter().flat_map(|d| d.components()).copied().collect();
        assert_eq!(listed, Component::ALL);
    }
}
