//! Strengths and concerns: rules that quote the numbers they stand on.

use serde::Serialize;

use super::change::RecentChange;
use super::factor::{STRONG, WEAK, detail, held_back, level_and_score, share};
use super::sources::Sources;
use crate::markdown::{count, days, number};
use crate::sponsor::{Executive, Factor, Finding, SuccessionReason};
use crate::vocabulary::{AccountTier, Certainty, LevelRule, OrgChangeKind, SponsorFactor};

/// Executives in contact in the last three months from which an account counts as well connected: the portfolio's target
/// is more than 1.5 (docs/scoring.md § 9).
pub(super) const WELL_CONNECTED: u32 = 2;

/// Something that speaks against us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct Concern {
    /// In a few words.
    pub summary: String,
    /// The numbers.
    pub detail: String,
}

impl Concern {
    fn new(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            summary: summary.into(),
            detail: detail.into(),
        }
    }
}

/// What speaks for us.
pub(super) fn strengths(sources: &Sources<'_>) -> Vec<String> {
    let Sources { sponsors, people, .. } = sources;
    let mut strengths = Vec::new();
    if let Some(primary) = sponsors.primary() {
        let name = people.name(primary.contact);
        if primary.level.is_engaged() {
            let advocacy = if primary.rule == LevelRule::Advocates {
                format!(", spoke for us {}", count(primary.advocacy, "time"))
            } else {
                String::new()
            };
            let last = primary
                .last_contact_on
                .map_or_else(String::new, |day| format!(", last contact on {day}"));
            strengths.push(format!(
                "{name} is {}: {} of 100{advocacy}{last}",
                as_predicate(primary),
                primary.score
            ));
        }
        // What was good long ago is no strength today.
        let recent = sources.is_recent(primary);
        for factor in primary
            .factors
            .iter()
            .filter(|factor| recent && share(factor).is_some_and(|share| share >= STRONG))
        {
            let what = match factor.factor {
                SponsorFactor::MeetingFrequency => "Regular meetings",
                SponsorFactor::Responsiveness => "Quick answers",
                SponsorFactor::QbrAttendance => "Present at business reviews",
                SponsorFactor::StrategicAlignment => "Strong strategic alignment",
            };
            strengths.push(format!("{what}: {}", detail(factor, primary, sponsors)));
        }
    }
    for backup in sponsors.backups().filter(|backup| backup.level.is_engaged()) {
        strengths.push(format!(
            "{} could follow: {}",
            people.name(backup.contact),
            level_and_score(backup)
        ));
    }
    if sponsors.engaged_executives >= WELL_CONNECTED {
        strengths.push(format!(
            "{} were in contact in the last three months",
            count(sponsors.engaged_executives, "executive")
        ));
    }
    strengths.extend(sources.findings.iter().filter_map(good_value));
    strengths
}

/// "is …"
fn as_predicate(executive: &Executive) -> &'static str {
    if executive.rule == LevelRule::Advocates {
        "a champion"
    } else {
        executive.level.in_words()
    }
}

fn good_value(finding: &Finding<'_>) -> Option<String> {
    match finding {
        Finding::MetricUp(metric, share) => Some(format!(
            "{} rose {:.0} % to {} on {}",
            metric.metric,
            100.0 * share,
            number(Some(metric.value)),
            metric.observed_on
        )),
        Finding::DashboardSeen(day) => Some(format!(
            "The executives' dashboard is looked at, the last time on {day}"
        )),
        Finding::GoalReached(goal) => Some(format!("Goal reached: {}", goal.goal)),
        Finding::GoalNearlyReached(goal) => Some(format!(
            "Goal nearly reached, {} %: {}",
            number(goal.progress),
            goal.goal
        )),
        Finding::MetricDown(..) | Finding::DashboardUnseen(_) | Finding::GoalPastDue(_) => None,
    }
}

/// What speaks against us, the sponsor first.
pub(super) fn concerns(sources: &Sources<'_>, changes: &[RecentChange]) -> Vec<Concern> {
    let mut concerns = Vec::new();
    match sources.sponsors.primary() {
        None => concerns.push(nobody(sources)),
        Some(primary) => {
            concerns.extend(standing(sources, primary));
            concerns.extend(weak_factors(sources, primary));
        }
    }
    concerns.extend(no_contact(sources));
    concerns.extend(successor(sources));
    concerns.extend(unreviewed(sources, changes));
    concerns.extend(
        sources
            .findings
            .iter()
            .filter_map(|finding| bad_value(finding, sources)),
    );
    concerns
}

fn nobody(sources: &Sources<'_>) -> Concern {
    let sponsors = sources.sponsors;
    let backups = sponsors
        .executives
        .iter()
        .filter(|executive| executive.rank.is_some())
        .count() as u32;
    let others = sponsors.executives.len() as u32 - backups;
    let rest = format!(
        "{} and {} without a seat are known",
        count(backups, "backup sponsor"),
        count(others, "executive")
    );
    Concern::new("No primary sponsor", format!("nobody holds the seat; {rest}"))
}

/// What the primary sponsor's level says.
fn standing(sources: &Sources<'_>, primary: &Executive) -> Option<Concern> {
    let name = sources.people.name(primary.contact);
    let silence = silence(primary);
    let interval = days(sources.sponsors.cadence.interval_days);
    match primary.rule {
        LevelRule::NewSponsor => Some(Concern::new(
            "New sponsor, no contact yet",
            format!("{name} {silence}"),
        )),
        LevelRule::Silent => Some(Concern::new(
            "Disengaged sponsor",
            format!("{name} {silence}; the cadence asks for a touchpoint every {interval}"),
        )),
        LevelRule::Delegates => {
            let days = primary.delegation.unwrap_or_default();
            let detail = format!(
                "{name} {silence}; others of their department were in contact on {}, {} in the window before",
                count(days.days, "day"),
                days.previous_days
            );
            Some(Concern::new("The sponsor delegates", detail))
        }
        LevelRule::Declines => {
            let declines = sources.sponsors.declines;
            let since = declines
                .attended_on
                .map_or_else(String::new, |day| format!(" since they last came, on {day}"));
            let detail = format!(
                "{name} declined or missed {}{since}",
                count(declines.meetings, "meeting")
            );
            Some(Concern::new("The sponsor declines meetings", detail))
        }
        _ if primary.silence.overdue => Some(Concern::new(
            "Touchpoint overdue",
            format!("{name} {silence}; the cadence asks for one every {interval}"),
        )),
        LevelRule::Occasional => {
            let score = primary.factor_score;
            Some(Concern::new(
                "Passive sponsor",
                format!(
                    "{name} has {score} of 100 from the factors; {}",
                    held_back(sources, primary)
                ),
            ))
        }
        LevelRule::NoSponsor | LevelRule::NeverInContact | LevelRule::Advocates | LevelRule::InContact => {
            None
        }
    }
}

/// How long an executive has been silent, after their name.
pub(super) fn silence(executive: &Executive) -> String {
    let days = |days: Option<i64>| count(u32::try_from(days.unwrap_or(0)).unwrap_or(0), "day");
    match (executive.last_contact_on, executive.since) {
        (None, Some(since)) => format!(
            "has sponsored us since {since} ({}) and has not been in contact",
            days(executive.silence.days)
        ),
        (None, None) => "has never been in contact".to_owned(),
        (Some(last), Some(since)) if since > last => {
            format!(
                "was last in contact on {last}, before the sponsorship began on {since} ({} ago)",
                days(executive.silence.days)
            )
        }
        (Some(last), _) => format!(
            "was last in contact on {last} ({} ago)",
            days(executive.silence.days)
        ),
    }
}

fn weak_factors(sources: &Sources<'_>, primary: &Executive) -> Vec<Concern> {
    let weak = primary.factors.iter().filter(|factor| {
        share(factor).is_some_and(|share| share < WEAK) && may_be_missed(factor, primary, sources)
    });
    weak.map(|factor| {
        let summary = match factor.factor {
            SponsorFactor::MeetingFrequency => "Too few meetings",
            SponsorFactor::Responsiveness => "Slow or missing answers",
            SponsorFactor::QbrAttendance => "Absent from business reviews",
            SponsorFactor::StrategicAlignment => "Weak strategic alignment",
        };
        Concern::new(summary, detail(factor, primary, sources.sponsors))
    })
    .collect()
}

/// Meetings and business reviews can be missed only by who has been a sponsor for as long as one takes to come.
pub(super) fn may_be_missed(factor: &Factor, executive: &Executive, sources: &Sources<'_>) -> bool {
    let counted = matches!(
        factor.factor,
        SponsorFactor::MeetingFrequency | SponsorFactor::QbrAttendance
    );
    let days = executive.since.map(|since| sources.windows.days_since(since));
    !counted || days.is_none_or(|days| sources.sponsors.cadence.reaches(days, 1.0))
}

/// The seed's guardrail: no executive at all has been in contact for too long.
fn no_contact(sources: &Sources<'_>) -> Option<Concern> {
    let limit = i64::from(sources.policy.guardrails.executive_contact_days);
    let last = sources.sponsors.last_executive_contact_on;
    // Where nobody was ever in contact, silence is as long as there is data.
    let known = sources.sponsors.year.known_days.map(|days| i64::from(days) - 1);
    let days = last.map(|day| sources.windows.days_since(day)).or(known)?;
    let silent = sources.rows.account.tier == AccountTier::Enterprise && days >= limit;
    silent.then(|| {
        let detail = last.map_or_else(
            || format!("no executive has been in contact since there is data; the limit is {limit} days"),
            |last| format!("the last one was on {last}, {days} days ago; the limit is {limit}"),
        );
        Concern::new("No executive contact", detail)
    })
}

fn successor(sources: &Sources<'_>) -> Option<Concern> {
    let summary = match sources.sponsors.succession.reason {
        SuccessionReason::NoPrimary if sources.sponsors.succession.backups.is_empty() => {
            return Some(Concern::new("No backup sponsor", "every account needs one"));
        }
        SuccessionReason::NoPrimary | SuccessionReason::PrimaryDisengaged | SuccessionReason::Covered => {
            return None;
        }
        SuccessionReason::NoBackup => "No backup sponsor",
        SuccessionReason::BackupNotEngaged => "Backup not engaged",
        SuccessionReason::ShortTenure => "Sponsor new in the role",
        SuccessionReason::LongTenure => "Sponsor long in the role",
    };
    let detail = match sources.sponsors.succession.tenure_months {
        Some(months) if summary.starts_with("Sponsor") => {
            format!("{}; {}", count(months as u32, "month"), succession(sources))
        }
        _ => succession(sources).to_owned(),
    };
    Some(Concern::new(summary, detail))
}

/// Why the succession risk is what it is.
pub(super) const fn succession_reason(reason: SuccessionReason) -> &'static str {
    match reason {
        SuccessionReason::NoPrimary => "there is no primary sponsor to follow",
        SuccessionReason::NoBackup => "nobody would follow if the primary sponsor left",
        SuccessionReason::PrimaryDisengaged => "the primary sponsor is disengaged",
        SuccessionReason::BackupNotEngaged => "no backup is in regular contact",
        SuccessionReason::ShortTenure => "who is new in a role changes things",
        SuccessionReason::LongTenure => "who has had a role for long moves on",
        SuccessionReason::Covered => "a backup is in regular contact",
    }
}

pub(super) fn succession(sources: &Sources<'_>) -> &'static str {
    succession_reason(sources.sponsors.succession.reason)
}

fn unreviewed(sources: &Sources<'_>, changes: &[RecentChange]) -> Vec<Concern> {
    let suspected = |change: &&RecentChange| {
        let sponsor = change
            .contact
            .and_then(|contact| sources.people.place(contact))
            .is_some_and(|place| {
                sources
                    .sponsors
                    .executives
                    .iter()
                    .any(|executive| executive.contact == place && executive.rank.is_some())
            });
        change.kind == OrgChangeKind::Departure
            && change.certainty == Certainty::Suspected
            && !change.reviewed
            && sponsor
    };
    let mut concerns: Vec<Concern> = changes
        .iter()
        .filter(suspected)
        .map(|change| {
            Concern::new(
                "Suspected departure of a sponsor",
                format!("{} ({})", change.summary, change.observed_on),
            )
        })
        .collect();
    let waiting = changes
        .iter()
        .filter(|change| !change.reviewed && !suspected(change));
    if let Some(oldest) = waiting.clone().map(|change| change.observed_on).min() {
        let n = waiting.count() as u32;
        concerns.push(Concern::new(
            "Organisational changes to review",
            format!("{}, the oldest of {oldest}", count(n, "change")),
        ));
    }
    concerns
}

fn bad_value(finding: &Finding<'_>, sources: &Sources<'_>) -> Option<Concern> {
    match finding {
        Finding::MetricDown(metric, share) => Some(Concern::new(
            format!("{} is down {:.0} %", metric.metric, 100.0 * share),
            format!(
                "from {} to {} on {}",
                number(metric.previous),
                number(Some(metric.value)),
                metric.observed_on
            ),
        )),
        Finding::DashboardUnseen(metric) => {
            let last = metric.last_above_zero_on.map_or_else(
                || "it was never looked at".to_owned(),
                |day| format!("the last view was on {day}"),
            );
            Some(Concern::new(
                format!(
                    "No dashboard view in {} days",
                    sources.policy.sponsors.dashboard_days
                ),
                last,
            ))
        }
        Finding::GoalPastDue(goal) => {
            let due = goal
                .due_on
                .map_or_else(String::new, |day| format!("was due on {day}, "));
            let progress = goal.progress.map_or_else(
                || "no progress is recorded".to_owned(),
                |p| format!("{} % reached", number(Some(p))),
            );
            Some(Concern::new(
                format!("Goal past due, {}", goal.goal),
                format!("{due}{progress}"),
            ))
        }
        Finding::MetricUp(..)
        | Finding::DashboardSeen(_)
        | Finding::GoalReached(_)
        | Finding::GoalNearlyReached(_) => None,
    }
}
