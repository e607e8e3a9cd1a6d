//! What to do about sponsorship, by horizon: each action names people, each reason quotes numbers; where an action would
//! move the sponsor's score, its reason says how far, found by changing the counts and scoring again.

use serde::Serialize;

use super::approach::Approach;
use super::calendar::next_touchpoint;
use super::change::RecentChange;
use super::concern::{WELL_CONNECTED, may_be_missed, silence, succession_reason};
use super::factor::{STRONG, detail, level_and_score, share};
use super::introduction::Introductions;
use super::sources::Sources;
use crate::markdown::{count, days, number};
use crate::sponsor::{Executive, FACTOR_POINTS, Factor, Finding, SuccessionReason, Tally, score_after};
use crate::vocabulary::{Alignment, Certainty, Horizon, LevelRule, OrgChangeKind, SponsorFactor};

/// How many initiatives and value findings of a kind are taken up at once: more than two themes make no conversation.
const MOST_THEMES: usize = 2;

/// Outreaches from which it is said that they are too many, where less than half of them were answered.
const ENOUGH_OUTREACHES: u32 = 4;

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct SponsorRecommendation {
    /// By when.
    pub horizon: Horizon,
    /// What to do.
    pub action: String,
    /// Why, or what to expect of it, with the numbers.
    pub reason: String,
}

/// The list while it is being written.
struct List<'a> {
    sources: &'a Sources<'a>,
    items: Vec<SponsorRecommendation>,
}

/// Everything that is recommended, by horizon, in the order of its rules.
pub(super) fn recommend(
    sources: &Sources<'_>,
    approach: Option<&Approach>,
    changes: &[RecentChange],
) -> Vec<SponsorRecommendation> {
    let mut list = List {
        sources,
        items: Vec::new(),
    };
    list.about_changes(changes);
    if let Some(approach) = approach {
        list.find_sponsor(approach);
    }
    if let Some(primary) = sources.sponsors.primary() {
        list.about_silence(primary);
        list.about_factors(primary);
    }
    list.about_succession();
    list.about_value();
    list.about_executives();
    if let Some(primary) = sources.sponsors.primary() {
        list.about_alignment(primary);
        list.about_advocacy(primary);
    }
    let mut items = list.items;
    items.sort_by_key(|item| item.horizon);
    items
}

impl List<'_> {
    fn add(&mut self, horizon: Horizon, action: impl Into<String>, reason: impl Into<String>) {
        self.items.push(SponsorRecommendation {
            horizon,
            action: action.into(),
            reason: reason.into(),
        });
    }

    fn about_changes(&mut self, changes: &[RecentChange]) {
        let waiting = || changes.iter().filter(|change| !change.reviewed);
        let doubtful = |change: &&RecentChange| {
            change.kind == OrgChangeKind::Departure && change.certainty == Certainty::Suspected
        };
        let is_there = |change: &&RecentChange| {
            change
                .contact
                .is_none_or(|contact| self.sources.is_there(contact))
        };
        let doubts: Vec<&RecentChange> = waiting().filter(doubtful).filter(is_there).collect();
        for change in doubts {
            let who = change
                .contact
                .map_or("they", |contact| self.sources.people.name_of(contact));
            self.add(
                Horizon::Immediate,
                format!("Find out whether {who} has left"),
                format!("{} ({})", change.summary, change.observed_on),
            );
        }
        if let Some(newest) = waiting().find(|change| !doubtful(change)) {
            let n = waiting().filter(|change| !doubtful(change)).count() as u32;
            let reason = format!("{}, observed on {}", newest.summary, newest.observed_on);
            let reason = if n == 1 {
                reason
            } else {
                format!("the newest of {n}, {reason}")
            };
            self.add(
                Horizon::Immediate,
                format!("Review {}", count(n, "organisational change")),
                reason,
            );
        }
    }

    fn find_sponsor(&mut self, approach: &Approach) {
        let action = match approach.contact {
            Some(contact) => format!(
                "Approach {} about the sponsorship",
                self.sources.people.name_of(contact)
            ),
            None => "Find out who at the customer owns the outcome".to_owned(),
        };
        self.add(
            Horizon::Immediate,
            action,
            format!("there is no primary sponsor. {}", approach.reason),
        );
    }

    fn about_silence(&mut self, primary: &Executive) {
        let sources = self.sources;
        let name = sources.people.name(primary.contact);
        let touchpoint = next_touchpoint(sources.rows, sources.policy, sources.windows, primary.contact);
        let interval = days(sources.sponsors.cadence.interval_days);
        let reason = format!(
            "{name} {}; the cadence asks for a touchpoint every {interval}",
            silence(primary)
        );
        match primary.rule {
            LevelRule::NewSponsor => self.add(
                Horizon::Immediate,
                format!("Introduce ourselves to {name}"),
                reason,
            ),
            LevelRule::Silent => {
                self.add(
                    Horizon::Immediate,
                    format!("Have one of our executives reach out to {name}"),
                    reason,
                );
            }
            LevelRule::Delegates => {
                let days = primary.delegation.unwrap_or_default().days;
                let outcome = format!(
                    "{name} {}, while their department was in contact on {}",
                    silence(primary),
                    count(days, "day")
                );
                self.add(
                    Horizon::Immediate,
                    format!("Ask {name} for half an hour about outcomes, not operations"),
                    outcome,
                );
            }
            _ if primary.silence.overdue => self.add(
                Horizon::Immediate,
                format!("Book a touchpoint with {name} ({touchpoint})"),
                reason,
            ),
            _ => {}
        }
    }

    /// What would raise a factor that is no strength yet, with the score it would lead to.
    fn about_factors(&mut self, primary: &Executive) {
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

    fn about_succession(&mut self) {
        let sources = self.sources;
        let sponsors = sources.sponsors;
        let reason = succession_reason(sponsors.succession.reason);
        match sponsors.succession.reason {
            SuccessionReason::NoBackup => {
                let candidate = sponsors
                    .in_order_of_approach()
                    .into_iter()
                    .find(|executive| executive.rank.is_none());
                let (action, who) = match candidate {
                    Some(e) => (
                        format!("Win {} as backup sponsor", sources.people.name(e.contact)),
                        format!(
                            "; of the executives without a seat they stand closest to us ({})",
                            level_and_score(e)
                        ),
                    ),
                    None => (
                        "Find a backup sponsor".to_owned(),
                        "; no other executive is known".to_owned(),
                    ),
                };
                self.add(
                    Horizon::ShortTerm,
                    action,
                    format!("succession risk is high, {reason}{who}"),
                );
            }
            SuccessionReason::BackupNotEngaged => {
                if let Some(backup) = sponsors
                    .in_order_of_approach()
                    .into_iter()
                    .find(|executive| executive.backup)
                {
                    let name = sources.people.name(backup.contact);
                    let detail = format!("{name} {}", silence(backup));
                    self.add(
                        Horizon::ShortTerm,
                        format!("Bring {name} to the next touchpoint"),
                        format!("succession risk is medium, {reason}; {detail}"),
                    );
                }
            }
            SuccessionReason::ShortTenure => {
                let months = count(sponsors.succession.tenure_months.unwrap_or(0) as u32, "month");
                let name = sponsors
                    .primary()
                    .map_or("the sponsor", |primary| sources.people.name(primary.contact));
                self.add(
                    Horizon::ShortTerm,
                    format!("Ask {name} what they want to change"),
                    format!("{months} in the role; {reason}"),
                );
            }
            SuccessionReason::LongTenure => {
                let months = count(sponsors.succession.tenure_months.unwrap_or(0) as u32, "month");
                self.add(
                    Horizon::Strategic,
                    "Prepare the handover to a backup sponsor",
                    format!("{months} in the role; {reason}"),
                );
            }
            SuccessionReason::NoPrimary if sponsors.succession.backups.is_empty() => {
                self.add(
                    Horizon::ShortTerm,
                    "Find a backup sponsor as well",
                    "no sponsor of either rank; every account needs 2",
                );
            }
            SuccessionReason::NoPrimary | SuccessionReason::PrimaryDisengaged | SuccessionReason::Covered => {
            }
        }
    }

    fn about_value(&mut self) {
        let findings = &self.sources.findings;
        for (kind, finding) in findings
            .iter()
            .filter_map(|finding| Some((theme(finding)?, finding)))
        {
            let earlier = findings
                .iter()
                .take_while(|one| *one != finding)
                .filter(|one| theme(one) == Some(kind))
                .count();
            if earlier >= MOST_THEMES {
                continue;
            }
            match finding {
                Finding::MetricDown(metric, share) => {
                    let reason = format!(
                        "down {:.0} %, from {} to {}",
                        100.0 * share,
                        number(metric.previous),
                        number(Some(metric.value))
                    );
                    self.add(
                        Horizon::ShortTerm,
                        format!("Explain the fall of {} and what we do about it", metric.metric),
                        reason,
                    );
                }
                Finding::DashboardUnseen(metric) => {
                    let last = metric.last_above_zero_on.map_or_else(
                        || "never looked at".to_owned(),
                        |day| format!("last looked at on {day}"),
                    );
                    self.add(
                        Horizon::ShortTerm,
                        "Walk the sponsor through the dashboard",
                        format!(
                            "{last}; {} days are the limit",
                            self.sources.policy.sponsors.dashboard_days
                        ),
                    );
                }
                Finding::GoalPastDue(goal) => {
                    let due = goal
                        .due_on
                        .map_or_else(String::new, |day| format!("due on {day}, "));
                    let progress = goal.progress.map_or_else(
                        || "no progress recorded".to_owned(),
                        |p| format!("{} % reached", number(Some(p))),
                    );
                    self.add(
                        Horizon::ShortTerm,
                        format!("Agree on a new plan for the goal \"{}\"", goal.goal),
                        format!("{due}{progress}"),
                    );
                }
                Finding::GoalNearlyReached(goal) => {
                    let reason = format!(
                        "{} % reached; agree on what is left, and write down what it brought",
                        number(goal.progress)
                    );
                    self.add(
                        Horizon::ShortTerm,
                        format!("Close out the goal \"{}\" with the sponsor", goal.goal),
                        reason,
                    );
                }
                Finding::MetricUp(..) | Finding::DashboardSeen(_) | Finding::GoalReached(_) => {}
            }
        }
    }

    /// More than one executive should know us.
    fn about_executives(&mut self) {
        let sources = self.sources;
        let sponsors = sources.sponsors;
        if sponsors.primary.is_none() || sponsors.engaged_executives >= WELL_CONNECTED {
            return;
        }
        let Some(unmet) = sponsors
            .executives
            .iter()
            .find(|e| e.rank.is_none() && e.last_contact_on.is_none())
        else {
            return;
        };
        let reason = format!(
            "{} in contact in the last three months; the aim is more than {} per account",
            match sponsors.engaged_executives {
                1 => "1 executive was".to_owned(),
                n => format!("{n} executives were"),
            },
            number(Some(sources.policy.portfolio.multi_thread_score))
        );
        let name = sources.people.name(unmet.contact);
        let action = match Introductions::new(sources).to(unmet.contact) {
            Some(known) => format!(
                "Meet {name}; ask {} for the introduction",
                sources.people.name(known.contact)
            ),
            None => format!("Meet {name}"),
        };
        self.add(Horizon::Strategic, action, reason);
    }

    fn about_alignment(&mut self, primary: &Executive) {
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
    fn about_advocacy(&mut self, primary: &Executive) {
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

/// Which score rises how far: where the level caps it, that of the factors.
fn raised(primary: &Executive, after: i32) -> String {
    let which = if primary.score == primary.factor_score {
        "the score"
    } else {
        "the score of the factors"
    };
    format!("{which} from {} to {after}", primary.factor_score)
}

/// Which findings are of one theme.
const fn theme(finding: &Finding<'_>) -> Option<u8> {
    match finding {
        Finding::MetricDown(..) => Some(0),
        Finding::DashboardUnseen(_) => Some(1),
        Finding::GoalPastDue(_) => Some(2),
        Finding::GoalNearlyReached(_) => Some(3),
        Finding::MetricUp(..) | Finding::DashboardSeen(_) | Finding::GoalReached(_) => None,
    }
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
