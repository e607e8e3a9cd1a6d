//! The last two parts of the engagement report: what to do, by whom, with whom and by when; and what would take the score to
//! its target. A customer no more is advised nothing.

use super::label::Labels;
use super::report::EngagementReport;
use crate::markdown::{signed, table, text};
use crate::recommendation::Recommendation;
use crate::vocabulary::{Horizon, StandingState};

/// Points below which nothing is said about them.
const LEAST_POINTS: f64 = 0.05;

pub(super) fn recommendations(out: &mut String, report: &EngagementReport, labels: &Labels) {
    out.push_str("## Optimization recommendations\n\n");
    if report.recommendations.is_empty() {
        out.push_str(match (&report.ending, report.evaluation.assessment.overall) {
            (Some(_), _) => "Nothing is recommended: the account is a customer no more.\n\n",
            (None, None) => "Nothing is recommended: too little is known about this account.\n\n",
            (None, Some(_)) if report.evaluation.standing.as_ref().is_some_and(|standing| standing.state == StandingState::OnTrack) => {
                "Nothing is recommended: go on like this.\n\n"
            }
            (None, Some(_)) => {
                "No number asks for an action of its own. Talk with the account team about what the standing says, and agree on who does what.\n\n"
            }
        });
        return;
    }
    let titles = [
        (Horizon::Immediate, "Immediate (this week)"),
        (Horizon::ShortTerm, "Short-term (this quarter)"),
        (Horizon::Strategic, "Strategic (long-term)"),
    ];
    for (horizon, title) in titles {
        let due: Vec<&Recommendation> = report
            .recommendations
            .iter()
            .filter(|one| one.horizon == horizon)
            .collect();
        if due.is_empty() {
            continue;
        }
        tell!(out, "**{title}**\n\n");
        for (place, one) in due.into_iter().enumerate() {
            out.push_str(&told(place + 1, one, labels));
        }
        out.push('\n');
    }
}

fn told(place: usize, one: &Recommendation, labels: &Labels) -> String {
    let owner = labels.people.owner.as_ref().map(|owner| text(&owner.name));
    let whom = one
        .contact
        .and_then(|contact| labels.people.name(contact))
        .map(|name| format!("with {}", text(name)));
    let due = one.due_on.map(|day| format!("by {day}"));
    let who: Vec<String> = [owner, whom, due].into_iter().flatten().collect();
    let who = if who.is_empty() {
        String::new()
    } else {
        format!(" ({})", who.join(", "))
    };
    let worth = one.expected_points.filter(|points| points.abs() >= LEAST_POINTS);
    let worth = worth.map_or_else(String::new, |points| format!(" Worth {} points.", signed(points)));
    let (action, reason) = (one.action.in_words(), text(&one.reason));
    format!(
        "{place}. **{action}**{who}: {reason}{worth}  \n   Cadence: {}. Content: {}. Channel: {}.\n",
        one.cadence,
        one.content,
        text(&one.channel)
    )
}

pub(super) fn target(out: &mut String, report: &EngagementReport) {
    out.push_str("## Target engagement score and improvement plan\n\n");
    let assessment = &report.evaluation.assessment;
    if report.ending.is_some() {
        out.push_str("There is no target: the account is a customer no more.\n\n");
        return;
    }
    let now = assessment
        .rounded()
        .map_or_else(|| "no score".to_owned(), |overall| overall.to_string());
    let goal = report.target;
    tell!(
        out,
        "Target: **{}** ({}); now: {now}; long-term aim of the tier: {}.\n\n",
        goal.overall,
        goal.pattern.in_words(),
        goal.long_term
    );
    match (report.improvement_plan.last(), assessment.rounded()) {
        (None, None) => out.push_str(
            "Without a score there is nothing to plan from: bring in interactions or usage first.\n\n",
        ),
        (None, Some(overall)) if overall >= goal.overall => out.push_str("The target is reached.\n\n"),
        (None, Some(_)) => out.push_str("No single change that is measured would raise the score.\n\n"),
        (Some(last), _) => {
            let row = |lever: &crate::lever::Lever| {
                vec![
                    text(&lever.change),
                    lever.steps.to_string(),
                    signed(lever.points),
                    lever.overall_after.to_string(),
                ]
            };
            table(
                out,
                &["Lever", "Steps", "Points", "Overall after"],
                report.levers.told.iter().map(row),
            );
            if report.levers.rest > 0.0 {
                tell!(
                    out,
                    "\nThe rest is worth {} together.\n",
                    signed(report.levers.rest)
                );
            }
            if last.overall_after < goal.overall {
                out.push_str("\nThese changes alone do not reach the target.\n");
            }
            out.push('\n');
        }
    }
}
