//! The sections of the sponsor report about the relationship: its health, the organisation around it, and how aims fit.

use super::cell::{name, or_nothing, score, tenure};
use super::context::SponsorContext;
use super::report::SponsorReport;
use crate::markdown::{capital, line, table, text};
use crate::vocabulary::{Alignment, Certainty};

pub(super) fn health(out: &mut String, report: &SponsorReport) {
    let none = if report.ended.is_some() {
        "Not judged: a customer no more"
    } else {
        "None that the data shows"
    };
    line!(out, "### Engagement Health\n");
    line!(out, "**Strengths**\n");
    for strength in &report.strengths {
        line!(out, "- {}", text(strength));
    }
    if report.strengths.is_empty() {
        line!(out, "- {none}");
    }
    line!(out, "\n**Concerns**\n");
    for concern in &report.concerns {
        line!(out, "- ⚠️ {}: {}", text(&concern.summary), text(&concern.detail));
    }
    if report.concerns.is_empty() {
        line!(out, "- {none}");
    }
    line!(out);
}

pub(super) fn organisation(out: &mut String, report: &SponsorReport, context: &SponsorContext) {
    line!(out, "### Organizational Intelligence\n");
    line!(out, "**Recent Changes**\n");
    for change in &report.recent_changes {
        let certainty = if change.certainty == Certainty::Suspected {
            ", suspected"
        } else {
            ""
        };
        let review = if change.reviewed { "" } else { ", not reviewed" };
        line!(
            out,
            "- {} ({}{certainty}{review}): {}",
            text(&change.summary),
            change.observed_on,
            text(&change.impact)
        );
    }
    if report.recent_changes.is_empty() {
        line!(out, "- None recorded in the last twelve months");
    }
    let succession = &report.succession;
    let backups: Vec<String> = succession
        .backups
        .iter()
        .map(|backup| {
            let title = context
                .contacts
                .get(&backup.contact)
                .and_then(|person| person.title.as_deref());
            let title = title.map_or_else(String::new, |title| format!("{}, ", text(title)));
            let standing = format!(
                "{}, {}/100",
                backup.level.in_words(),
                score(backup.level, backup.score)
            );
            format!("{} ({title}{standing})", name(context, backup.contact))
        })
        .collect();
    line!(out, "\n**Succession Risk**\n");
    line!(
        out,
        "- Current sponsor tenure: {}",
        tenure(succession.tenure_months)
    );
    line!(
        out,
        "- Backup relationships: {}",
        if backups.is_empty() {
            "none".to_owned()
        } else {
            backups.join("; ")
        }
    );
    line!(
        out,
        "- Risk level: {} ({})\n",
        capital(succession.risk.in_words()),
        succession.reason
    );
}

pub(super) fn alignment(out: &mut String, report: &SponsorReport) {
    line!(out, "### Strategic Alignment\n");
    if report.alignment.is_empty() {
        line!(out, "No initiative is recorded.\n");
        return;
    }
    table(
        out,
        &["Our Initiative", "Their Priority", "Alignment"],
        report.alignment.iter().map(|one| {
            let alignment = match one.alignment {
                Alignment::High => "High",
                Alignment::Medium => "Medium",
                Alignment::Low => "Low",
            };
            vec![
                text(&one.initiative),
                or_nothing(one.their_priority.as_deref()),
                alignment.to_owned(),
            ]
        }),
    );
    line!(out);
}
