//! Advice that raises a factor of the sponsor's score.

use super::advice_list::{List, MOST_THEMES};
use super::concern::may_be_missed;
use super::factor::{STRONG, detail, share};
use crate::markdown::{count, number};
use crate::sponsor::{Executive, FACTOR_POINTS, Factor, Tally, score_after};
use crate::vocabulary::{Alignment, Horizon, LevelRule, SponsorFactor};

impl List<'_> {
    /// What would raise a factor that is no strength yet, with the score it would lead to.
    pub(super) fn about_factors(&mut self, primary: &Executive) {
        let sources = self.sources;
        let name = sources.people.name(primary.contact);
        let preference = sources.people.preference(primary.contact);
        let weak = |factor: &&Factor| {
            share(factor).is_some_and(|share| share < STRONG) && may_be_missed(factor, primary, sources)
        };
        for factor in primary.factors.iter().filter(weak) {
            let now = detail(factor, primary, sources.sponsors);
            let (action, change): (String, fn(&mut Tally)) = match factor.tally {
                Tally::Meetings { attended, required } => {
                    let missing = (required - f64::from(attended)).ceil().max(1.0);
                    (
                        format!("Agree on a series of touchpoints with {name}, {missing:.0} to catch up"),
                        one_more_meeting,
                    )
                }
                Tally::Answers {
                    outreaches, answered, ..
                } => {
                    let action = match (
                        outreaches >= ENOUGH_OUTREACHES && 2 * answered < outreaches,
                        preference,
                    ) {
                        (true, Some(by)) => format!("Write less and shorter to {name} (prefers {by})"),
                        (true, None) => {
                            format!("Write less and shorter to {name} and ask how they like to be reached")
                        }
                        (false, Some(by)) => format!("Reach {name} the way they prefer: {by}"),
                        (false, None) => format!("Ask {name} how they like to be reached"),
                    };
                    (action, prompt_answers)
                }
                Tally::Qbrs { .. } => (
                    format!("Settle the date of the next QBR with {name} first"),
                    one_more_qbr,
                ),
                Tally::Alignment { .. } => continue,
            };
            let after = score_after(&primary.factors, change, sources.policy);
            let what = match factor.factor {
                SponsorFactor::Responsiveness => "answers within a day would take",
                SponsorFactor::QbrAttendance => "attending the next one takes",
                SponsorFactor::MeetingFrequency | SponsorFactor::StrategicAlignment => "one more takes",
            };
            let outcome = if after == primary.factor_score {
                String::new()
            } else {
                format!("; {what} {}", raised(primary, after))
            };
            self.add(Horizon::ShortTerm, action, format!("{now}{outcome}"));
        }
    }

    pub(super) fn about_alignment(&mut self, primary: &Executive) {
        let sources = self.sources;
        let alignment = primary
            .factors
            .iter()
            .find(|factor| factor.factor == SponsorFactor::StrategicAlignment);
        let Some(score) = alignment.and_then(|factor| factor.score) else {
            return;
        };
        let low = sources
            .context
            .initiatives
            .iter()
            .filter(|initiative| initiative.alignment == Alignment::Low);
        for initiative in low.take(MOST_THEMES) {
            let action = match initiative
                .their_priority
                .as_deref()
                .map(str::trim)
                .filter(|priority| !priority.is_empty())
            {
                Some(priority) => format!(
                    "Tie \"{}\" to their priority \"{priority}\"",
                    initiative.initiative
                ),
                None => format!(
                    "Find the priority of theirs that \"{}\" serves",
                    initiative.initiative
                ),
            };
            let after = score_after(&primary.factors, one_closer_initiative, sources.policy);
            let reason = format!(
                "alignment is {}/{FACTOR_POINTS:.0}; medium instead of low takes {}",
                number(Some(score)),
                raised(primary, after)
            );
            self.add(Horizon::Strategic, action, reason);
        }
    }

    /// From engaged to champion, or a champion put to use.
    pub(super) fn about_advocacy(&mut self, primary: &Executive) {
        let policy = &self.sources.policy.sponsors;
        let name = self.sources.people.name(primary.contact);
        match primary.rule {
            LevelRule::Advocates => {
                let reason = format!(
                    "a champion with {} of 100 who spoke for us {}",
                    primary.score,
                    count(primary.advocacy, "time")
                );
                self.add(
                    Horizon::Strategic,
                    format!("Plan the next year of the partnership with {name}"),
                    reason,
                );
            }
            LevelRule::InContact
                if primary.factor_score >= policy.champion_score && primary.advocacy == 0 =>
            {
                let reason = format!(
                    "{} of 100 is a champion's score; only advocacy is missing",
                    primary.score
                );
                self.add(Horizon::Strategic, format!("Ask {name} for a reference"), reason);
            }
            _ => {}
        }
    }
}

/// Outreaches from which it is said that they are too many, where less than half of them were answered.
const ENOUGH_OUTREACHES: u32 = 4;

/// Which score rises how far: where the level caps it, that of the factors.
pub(super) fn raised(primary: &Executive, after: i32) -> String {
    let which = if primary.score == primary.factor_score {
        "the score"
    } else {
        "the score of the factors"
    };
    format!("{which} from {} to {after}", primary.factor_score)
}

fn one_more_meeting(tally: &mut Tally) {
    if let Tally::Meetings { attended, .. } = tally {
        *attended += 1;
    }
}

fn one_more_qbr(tally: &mut Tally) {
    one_more_meeting(tally);
    if let Tally::Qbrs { attended, due } = tally {
        *attended += 1;
        *due += 1;
    }
}

fn prompt_answers(tally: &mut Tally) {
    if let Tally::Answers { credit, .. } = tally {
        *credit = 1.0;
    }
}

fn one_closer_initiative(tally: &mut Tally) {
    if let Tally::Alignment { medium, low, .. } = tally
        && *low > 0
    {
        *low -= 1;
        *medium += 1;
    }
}
