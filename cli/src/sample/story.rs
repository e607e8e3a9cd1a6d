//! What happened with a customer, told as rhythms: how often both sides talked, and how it went, from which day on.
//!
//! Nothing here is a score. A story sets rates and shares; what they amount to is for scoring to say.

/// The stories that the sample company tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Story {
    /// Executives, advocacy, every department: as good as it gets.
    Champion,
    /// In touch with most of the house.
    Healthy,
    /// Answers and comes to meetings; could be more.
    Steady,
    /// Works well with the people of every day, and never speaks of direction.
    Tactical,
    /// Answers half the time.
    Drifting,
    /// Hardly there.
    Cold,
    /// Was drifting, is coming back.
    Improving,
    /// Was healthy, and a little less so each month; nobody complained.
    QuietDecline,
    /// Was fine; has not answered for ten weeks.
    GoneDark,
    /// Calls off one meeting after the other.
    CanceledMeetings,
    /// Answers within a day no longer: four or five days.
    SlowingDown,
    /// The sponsor has left, and nobody stands behind them.
    LostSponsor,
    /// Everything goes through one person.
    SingleThreaded,
    /// Every department talks to us.
    MultiThreaded,
    /// Signed less than three weeks ago.
    BrandNew,
    /// Uses the product, and nobody has ever talked to us.
    UsageOnly,
    /// Left.
    Churned,
    /// Did not come to the last business review.
    MissedQbr,
    /// The sponsor has handed us over to their department.
    DelegatingSponsor,
    /// The sponsor has been silent for months.
    SilentSponsor,
    /// Healthy, with one sponsor and nobody behind them.
    NoBackup,
    /// The sponsor has just taken over and has not met us.
    NewSponsor,
    /// We have written to an executive about a support ticket.
    ExecutiveTicket,
    /// Talks less and uses less.
    UsageDecline,
}

/// How often both sides talk, and how it goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rhythm {
    /// Our e-mails and calls, as a share of what a good year has.
    pub outreach: f64,
    /// What the customer takes part in (but for meetings), likewise.
    pub two_way: f64,
    /// Meetings, likewise.
    pub meetings: f64,
    /// Share of our outreach that is answered.
    pub answered: f64,
    /// Hours until an answer, from and to.
    pub hours: (f64, f64),
    /// Share of due meetings that are held.
    pub held: f64,
    /// Share of everyday meetings and calls about direction.
    pub strategic: f64,
    /// Share of the people we know who take part.
    pub circle: f64,
    /// Whether executives take part.
    pub executives: bool,
    /// Power users, as a share of the benchmark.
    pub power_users: f64,
    /// Features in use.
    pub features: usize,
}

const CHAMPION: Rhythm = Rhythm {
    outreach: 1.1,
    two_way: 1.2,
    meetings: 1.2,
    answered: 0.95,
    hours: (1.0, 16.0),
    held: 0.97,
    strategic: 0.35,
    circle: 1.0,
    executives: true,
    power_users: 1.2,
    features: 8,
};
const HEALTHY: Rhythm = Rhythm {
    outreach: 1.0,
    two_way: 0.95,
    meetings: 0.95,
    answered: 0.87,
    hours: (2.0, 30.0),
    held: 0.93,
    strategic: 0.25,
    circle: 0.8,
    power_users: 0.8,
    features: 6,
    ..CHAMPION
};
const STEADY: Rhythm = Rhythm {
    outreach: 0.8,
    two_way: 0.65,
    meetings: 0.65,
    answered: 0.68,
    hours: (8.0, 48.0),
    held: 0.85,
    strategic: 0.1,
    circle: 0.5,
    power_users: 0.4,
    features: 5,
    ..HEALTHY
};
const TACTICAL: Rhythm =
    Rhythm { outreach: 1.0, two_way: 0.8, meetings: 0.75, answered: 0.78, strategic: 0.0, executives: false, power_users: 0.6, ..STEADY };
const DRIFTING: Rhythm = Rhythm {
    outreach: 0.7,
    two_way: 0.35,
    meetings: 0.4,
    answered: 0.5,
    hours: (20.0, 66.0),
    held: 0.72,
    strategic: 0.05,
    circle: 0.3,
    executives: false,
    power_users: 0.25,
    features: 3,
};
const COLD: Rhythm = Rhythm {
    outreach: 0.6,
    two_way: 0.1,
    meetings: 0.2,
    answered: 0.25,
    hours: (40.0, 90.0),
    held: 0.4,
    strategic: 0.0,
    circle: 0.15,
    power_users: 0.0,
    features: 2,
    ..DRIFTING
};
const SILENT: Rhythm = Rhythm { outreach: 0.8, two_way: 0.0, meetings: 0.0, answered: 0.0, features: 1, ..COLD };

/// From how many days before the ending day on, which rhythm. The oldest first; before it there is nothing.
pub type Phase = (i64, Rhythm);

/// Eighteen months, in days.
pub const HISTORY: i64 = 548;

impl Story {
    /// The rhythms of the story.
    pub fn phases(self) -> Vec<Phase> {
        match self {
            Self::Champion => vec![(HISTORY, HEALTHY), (300, CHAMPION)],
            Self::Healthy | Self::NoBackup | Self::NewSponsor | Self::ExecutiveTicket => vec![(HISTORY, STEADY), (400, HEALTHY)],
            Self::MultiThreaded => vec![(HISTORY, HEALTHY), (200, Rhythm { circle: 1.0, ..HEALTHY })],
            Self::Steady | Self::MissedQbr => vec![(HISTORY, STEADY)],
            Self::Tactical => vec![(HISTORY, STEADY), (320, TACTICAL)],
            Self::Drifting => vec![(HISTORY, STEADY), (240, DRIFTING)],
            Self::Cold => vec![(HISTORY, STEADY), (330, DRIFTING), (170, COLD)],
            Self::Improving => vec![(HISTORY, DRIFTING), (190, STEADY), (88, HEALTHY)],
            Self::QuietDecline => vec![(HISTORY, HEALTHY), (150, STEADY), (85, DRIFTING), (35, COLD)],
            Self::GoneDark => vec![(HISTORY, STEADY), (72, SILENT)],
            Self::CanceledMeetings => vec![(HISTORY, STEADY), (44, Rhythm { meetings: 0.0, ..STEADY })],
            Self::SlowingDown => {
                let brisk = Rhythm { hours: (4.0, 20.0), answered: 0.85, ..STEADY };
                vec![(HISTORY, brisk), (96, Rhythm { hours: (88.0, 140.0), ..brisk })]
            }
            Self::LostSponsor => vec![(HISTORY, HEALTHY), (16, Rhythm { executives: false, ..STEADY })],
            Self::SingleThreaded => vec![(HISTORY, Rhythm { circle: 0.0, executives: false, ..STEADY })],
            Self::BrandNew => vec![(18, HEALTHY)],
            Self::UsageOnly => vec![(HISTORY, Rhythm { outreach: 0.0, two_way: 0.0, meetings: 0.0, ..STEADY })],
            Self::Churned => vec![(HISTORY, STEADY), (260, DRIFTING), (140, COLD)],
            Self::DelegatingSponsor => {
                let delegated = Rhythm { executives: false, ..HEALTHY };
                vec![(HISTORY, HEALTHY), (125, Rhythm { two_way: 0.7, meetings: 0.7, ..delegated }), (85, delegated)]
            }
            Self::SilentSponsor => vec![(HISTORY, STEADY), (150, Rhythm { executives: false, ..STEADY })],
            Self::UsageDecline => {
                let less = Rhythm { two_way: 0.4, meetings: 0.45, power_users: 0.0, features: 4, ..STEADY };
                vec![(HISTORY, HEALTHY), (92, less)]
            }
        }
    }

    /// The rhythm on a day, counted backwards from the ending day.
    pub fn rhythm(phases: &[Phase], days_ago: i64) -> Option<Rhythm> {
        phases.iter().rev().find(|(from, _)| days_ago <= *from).map(|(_, rhythm)| *rhythm)
    }
}
