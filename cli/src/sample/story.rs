//! What happened with a customer, told as rhythms: how often both sides talked, and how it went, from which day on.
//!
//! Nothing here is a score. A story sets rates and shares; what they amount to is for scoring to say.
//!
//! Ten of the stories are those in which a score alone misleads. Each of them says first what an experienced practitioner
//! concludes, then what the standing must therefore be (docs/scoring.md § 4).

use super::rhythm::{CHAMPION, COLD, DRIFTING, HEALTHY, Rhythm, SILENT, STEADY, TACTICAL, UNSPOKEN};

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
    /// Signed less than three weeks ago. *No worry, and no praise:* it is too early for either. Not known, without a reason.
    BrandNew,
    /// Small, served by a pooled team, uses the product, and nobody has ever talked to us. *No worry:* a customer who is
    /// served by the product is judged by it, and the use is steady. On track.
    UsageOnly,
    Churned,
    /// Did not come to the last business review.
    MissedQbr,
    /// The sponsor has handed us over to their department.
    DelegatingSponsor,
    /// The sponsor has been silent for months.
    SilentSponsor,
    /// Healthy, with one sponsor and nobody behind them.
    NoBackup,
    /// The sponsor has just taken over and has not met us. *Keep an eye on it:* nothing is wrong yet, and the first month
    /// decides. A reason that names who handed over; at risk with the renewal near, else on watch.
    NewSponsor,
    /// We have written to an executive about a support ticket.
    ExecutiveTicket,
    /// Talks less and uses less.
    UsageDecline,
    /// A competitor's group has bought them. The work of every day goes on and the sponsor answers mail politely, but has
    /// declined three meetings in a row; the renewal is near. *Worry a great deal:* the decision is being made where we are
    /// not invited, and the busy weeks say nothing about it. At risk, for the acquisition and for the sponsor who declines,
    /// whatever the score.
    Acquired,
    /// Between seasons. *No worry:* they were as quiet at this time a year ago, and came back. On track, without a reason;
    /// what fell is shown as a sign of medium weight.
    Seasonal,
    /// As busy as any, and nearly all of it with one person; the renewal is near. *Worry, whatever the numbers:* when that
    /// person changes jobs, the relationship is gone, and the renewal is decided by people who hardly know us. At risk,
    /// because it hangs on one, by name.
    OneBusyPerson,
    /// A partner looks after them. We send a newsletter, see the usage and now and then answer a question, and that is all. *No worry, and
    /// no judgement either:* the partner knows, so ask the partner. Not known, without a reason.
    PartnerServed,
    /// Asks for support every day for six weeks; the renewal is near. *Worry:* they use the product and it fails them, and
    /// all this contact is no engagement. At risk, for the support; not "write less".
    SupportStorm,
    /// Small, met twice a year, as a customer of this size should be, with a call and a few mails between. *No worry.* On
    /// track, without a reason.
    RarelyMet,
    /// Signed seven weeks ago: kick-off, training, first users. *No worry:* it goes as it should, and nobody is measured for
    /// days before they were there. On track, without a reason.
    Onboarding,
    /// The sponsor handed over four months ago, and the successor has never been in contact, while everybody else carries on;
    /// the renewal is near. *Worry:* whoever decides does not know us. At risk, for a sponsor who is cold, by name.
    ColdSuccessor,
    /// A telephone system records thirty calls a month, and none says who was on the line. *Nothing can be concluded:* it may
    /// be one switchboard or ten friends. Not known, without a reason, however many calls.
    NoNames,
    /// Whoever looked after them at our side recorded everything until five weeks ago and has left; nobody has taken over.
    /// The product is used as before. *The worry is ours:* the silence is not the customer's. Not known, without a reason; the
    /// managers are told that a colleague has stopped recording.
    ColleagueLeft,
}

/// From how many days before the ending day on, which rhythm. The oldest first; before it there is nothing.
pub type Phase = (i64, Rhythm);

/// Eighteen months, in days.
pub const HISTORY: i64 = 548;
/// Twenty-seven months: what it takes to tell a season, and that it was the same a year ago.
const SEASONS: i64 = 822;
/// Days since the sponsor stopped to come, where they were bought.
pub const BOUGHT: i64 = 100;
/// Days since the sponsor handed over, where the successor is cold.
pub const HANDED_OVER: i64 = 112;
/// Days since a new customer signed, where they are being set up.
pub const SIGNED: i64 = 50;
/// Days since our colleague stopped.
const LEFT: i64 = 35;

impl Story {
    /// The rhythms of the story.
    pub fn phases(self) -> Vec<Phase> {
        match self {
            Self::Champion => vec![(HISTORY, HEALTHY), (300, CHAMPION)],
            Self::Healthy
            | Self::NoBackup
            | Self::NewSponsor
            | Self::ExecutiveTicket
            | Self::SupportStorm => {
                vec![(HISTORY, STEADY), (400, HEALTHY)]
            }
            Self::MultiThreaded => vec![
                (HISTORY, HEALTHY),
                (
                    200,
                    Rhythm {
                        circle: 1.0,
                        ..HEALTHY
                    },
                ),
            ],
            Self::Steady | Self::MissedQbr => vec![(HISTORY, STEADY)],
            Self::Tactical => vec![(HISTORY, STEADY), (320, TACTICAL)],
            Self::Drifting => vec![(HISTORY, STEADY), (240, DRIFTING)],
            Self::Cold => vec![(HISTORY, STEADY), (330, DRIFTING), (170, COLD)],
            Self::Improving => vec![(HISTORY, DRIFTING), (190, STEADY), (88, HEALTHY)],
            Self::QuietDecline => vec![(HISTORY, HEALTHY), (150, STEADY), (85, DRIFTING), (35, COLD)],
            Self::GoneDark => vec![(HISTORY, STEADY), (72, SILENT)],
            Self::CanceledMeetings => vec![
                (HISTORY, STEADY),
                (
                    44,
                    Rhythm {
                        meetings: 0.0,
                        ..STEADY
                    },
                ),
            ],
            Self::SlowingDown => {
                let brisk = Rhythm {
                    hours: (4.0, 20.0),
                    answered: 0.85,
                    ..STEADY
                };
                vec![
                    (HISTORY, brisk),
                    (
                        96,
                        Rhythm {
                            hours: (88.0, 140.0),
                            ..brisk
                        },
                    ),
                ]
            }
            Self::LostSponsor => vec![
                (HISTORY, HEALTHY),
                (
                    16,
                    Rhythm {
                        executives: false,
                        ..STEADY
                    },
                ),
            ],
            Self::SingleThreaded => vec![(
                HISTORY,
                Rhythm {
                    circle: 0.0,
                    executives: false,
                    ..STEADY
                },
            )],
            Self::BrandNew => vec![(18, HEALTHY)],
            Self::UsageOnly => vec![(
                HISTORY,
                Rhythm {
                    outreach: 0.0,
                    two_way: 0.0,
                    meetings: 0.0,
                    ..STEADY
                },
            )],
            Self::Churned => vec![(HISTORY, STEADY), (260, DRIFTING), (140, COLD)],
            Self::DelegatingSponsor => {
                let delegated = Rhythm {
                    executives: false,
                    ..HEALTHY
                };
                vec![
                    (HISTORY, HEALTHY),
                    (
                        125,
                        Rhythm {
                            two_way: 0.7,
                            meetings: 0.7,
                            ..delegated
                        },
                    ),
                    (85, delegated),
                ]
            }
            Self::SilentSponsor => vec![
                (HISTORY, STEADY),
                (
                    150,
                    Rhythm {
                        executives: false,
                        ..STEADY
                    },
                ),
            ],
            Self::Acquired => vec![
                (HISTORY, HEALTHY),
                (
                    BOUGHT,
                    Rhythm {
                        executives: false,
                        ..HEALTHY
                    },
                ),
            ],
            Self::Seasonal => {
                // Nobody meets, few write, and whoever is written to answers.
                let quiet = Rhythm {
                    outreach: 0.6,
                    two_way: 0.35,
                    meetings: 0.0,
                    answered: 0.95,
                    hours: (2.0, 20.0),
                    power_users: 0.0,
                    ..HEALTHY
                };
                let quieter = Rhythm {
                    outreach: 0.3,
                    two_way: 0.1,
                    ..quiet
                };
                vec![
                    (SEASONS, quieter),
                    (725, HEALTHY),
                    (460, quieter),
                    (360, HEALTHY),
                    (95, quiet),
                ]
            }
            Self::OneBusyPerson => vec![(
                HISTORY,
                Rhythm {
                    circle: 0.0,
                    executives: false,
                    ..CHAMPION
                },
            )],
            Self::PartnerServed | Self::NoNames => vec![(HISTORY, UNSPOKEN)],
            Self::RarelyMet => vec![(
                HISTORY,
                Rhythm {
                    power_users: 1.0,
                    ..UNSPOKEN
                },
            )],
            Self::Onboarding => vec![(SIGNED, HEALTHY)],
            Self::ColdSuccessor => vec![
                (HISTORY, HEALTHY),
                (
                    HANDED_OVER,
                    Rhythm {
                        executives: false,
                        ..HEALTHY
                    },
                ),
            ],
            Self::ColleagueLeft => vec![(HISTORY, STEADY), (400, HEALTHY), (LEFT, UNSPOKEN)],
            Self::UsageDecline => {
                let less = Rhythm {
                    two_way: 0.4,
                    meetings: 0.45,
                    power_users: 0.0,
                    features: 4,
                    ..STEADY
                };
                vec![(HISTORY, HEALTHY), (92, less)]
            }
        }
    }

    /// How many days before the ending day usage names people. Before that it is by account and week, as usage tracking looks
    /// like when single sign-on came late.
    pub const fn usage_by_person(self) -> i64 {
        match self {
            Self::Seasonal => SEASONS,
            _ => 300,
        }
    }

    /// The rhythm on a day, counted backwards from the ending day.
    pub fn rhythm(phases: &[Phase], days_ago: i64) -> Option<Rhythm> {
        phases
            .iter()
            .rev()
            .find(|(from, _)| days_ago <= *from)
            .map(|(_, rhythm)| *rhythm)
    }
}
