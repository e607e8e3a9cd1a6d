//! The sponsor report as Markdown: heading for heading and table for table the sponsor seed's response format, with the
//! bus factor and a footer at its end. Every number in it is a field of the report; every text from outside is escaped.

use super::action_section::{actions, calendar};
use super::cell::{level, score};
use super::context::SponsorContext;
use super::executive_table::executives;
use super::health_section::{alignment, health, organisation};
use super::leaver_table::bus_factor;
use super::primary_section::{no_sponsor, sponsor};
use super::report::SponsorReport;
use crate::markdown::{data_through, line, text};
use crate::report::standing::standing_line;
use crate::vocabulary::AccountTier;
use crate::vocabulary::id::ContactId;

impl SponsorReport {
    /// The report as Markdown: heading for heading the sponsor seed's response format. `context` is the one that the
    /// report was written with.
    pub fn markdown(&self, context: &SponsorContext) -> String {
        write(self, context)
    }
}

fn write(report: &SponsorReport, context: &SponsorContext) -> String {
    let mut out = String::with_capacity(8 * 1024);
    standing(&mut out, report, context);
    heading(&mut out, report, context);
    executives(&mut out, report, context);
    match &report.primary {
        Some(primary) => sponsor(&mut out, primary, report, context),
        None => no_sponsor(&mut out, report, context),
    }
    health(&mut out, report);
    organisation(&mut out, report, context);
    alignment(&mut out, report);
    actions(&mut out, report);
    calendar(&mut out, report);
    bus_factor(&mut out, report, context);
    footer(&mut out, report, context);
    out
}

/// What to think of the account; of one that is a customer no more, since when, and what happened.
fn standing(out: &mut String, report: &SponsorReport, context: &SponsorContext) {
    if let Some(standing) = &report.standing {
        let name = |contact: ContactId| context.contacts.get(&contact).map(|person| person.name.clone());
        line!(out, "**Standing**: {}\n", text(&standing_line(standing, name)));
    }
    if let Some(ended) = &report.ended {
        let until = ended.on.map_or_else(
            || "Customer no more".to_owned(),
            |day| format!("Customer until {day}"),
        );
        let happened: Vec<String> = ended
            .happened
            .iter()
            .map(|sentence| format!(" {}", text(sentence)))
            .collect();
        line!(out, "**{until}**.{}\n", happened.concat());
    }
}

fn heading(out: &mut String, report: &SponsorReport, context: &SponsorContext) {
    line!(out, "## Executive Sponsor Report\n");
    // Two spaces at the end of a line break it.
    line!(out, "**Account**: {}  ", text(&context.account));
    line!(out, "**Account Tier**: {}  ", tier(report.tier));
    line!(
        out,
        "**Overall Exec Engagement**: {} ({}/100)\n",
        level(report.level),
        score(report.level, report.score)
    );
    if let Some(note) = &report.score_note {
        line!(out, "*{}*\n", text(note));
    }
}

fn footer(out: &mut String, report: &SponsorReport, context: &SponsorContext) {
    let through = data_through(context.data_through);
    line!(out, "---\n");
    line!(
        out,
        "*As of {}; {through}; policy {}. Tier, titles, seniority, departments, priorities, initiatives, goals, the contract, plans, the feature list \
         and departures without a date are read as they stand today.*",
        report.windows.at.format("%Y-%m-%d %H:%M UTC"),
        context.policy_hash
    );
}

const fn tier(tier: AccountTier) -> &'static str {
    match tier {
        AccountTier::Enterprise => "Enterprise",
        AccountTier::MidMarket => "Mid-Market",
        AccountTier::Smb => "SMB",
    }
}
