//! The sponsor report as Markdown: heading for heading and table for table the sponsor seed's response format, with the
//! bus factor and a footer at its end. Every number in it is a field of the report; every text from outside is escaped.

use std::fmt::Write;

use super::context::SponsorContext;
use super::executive::{ExecutiveLine, PrimarySponsor};
use super::former::FormerSponsor;
use super::report::SponsorReport;
use crate::markdown::{capital, count, number, table, text};
use crate::report::standing::standing_line;
use crate::vocabulary::id::ContactId;
use crate::vocabulary::{
    AccountTier, Alignment, Certainty, EngagementLevel, Horizon, SponsorFactor, StatusMark,
};

/// How many of those who would be missed are shown.
const MOST_LEAVERS: usize = 10;
/// What stands where nothing is known.
const NOTHING: &str = "–";

/// `writeln!` to a string cannot fail; the result is dropped here once.
macro_rules! line {
    ($out:expr) => { let _ = writeln!($out); };
    ($out:expr, $($arg:tt)*) => { let _ = writeln!($out, $($arg)*); };
}

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

/// A score as it is shown: who is unknown has none.
fn score(level: EngagementLevel, score: i32) -> String {
    if level == EngagementLevel::Unknown {
        NOTHING.to_owned()
    } else {
        score.to_string()
    }
}

fn executives(out: &mut String, report: &SponsorReport, context: &SponsorContext) {
    line!(out, "### Executive Sponsors\n");
    if report.executives.is_empty() && report.former.is_empty() {
        line!(
            out,
            "No executive of theirs is known: no sponsor, no chief officer, no vice president.\n"
        );
        return;
    }
    // Who sponsored us and is an executive still stands there once, as what they were.
    let is_former = |executive: &ExecutiveLine| {
        report
            .former
            .iter()
            .any(|former| former.contact == executive.contact)
    };
    let (sponsors, others): (Vec<_>, Vec<_>) = report
        .executives
        .iter()
        .partition(|executive| executive.rank.is_some());
    let title = |contact| {
        or_nothing(
            context
                .contacts
                .get(&contact)
                .and_then(|person| person.title.as_deref()),
        )
    };
    let touch = |on: Option<chrono::NaiveDate>| on.map_or_else(|| "never".to_owned(), |day| day.to_string());
    let present = |executive: &ExecutiveLine| {
        vec![
            name(context, executive.contact),
            title(executive.contact),
            score(executive.level, executive.score),
            touch(executive.last_touch_on),
            executive.status.mark().to_owned(),
        ]
    };
    let gone = |former: &FormerSponsor| {
        let known = report
            .executives
            .iter()
            .find(|executive| executive.contact == former.contact);
        vec![
            name(context, former.contact),
            title(former.contact),
            known.map_or_else(
                || NOTHING.to_owned(),
                |executive| score(executive.level, executive.score),
            ),
            touch(former.last_touch_on),
            lost(former),
        ]
    };
    let rows = sponsors
        .into_iter()
        .map(present)
        .chain(report.former.iter().map(gone));
    let rows = rows.chain(
        others
            .into_iter()
            .filter(|executive| !is_former(executive))
            .map(present),
    );
    table(
        out,
        &["Name", "Title", "Engagement", "Last Touch", "Status"],
        rows,
    );
    line!(out);
}

/// That somebody sponsors us no more, and since when.
fn lost(former: &FormerSponsor) -> String {
    let mark = StatusMark::Bad.mark();
    let day = |day: Option<chrono::NaiveDate>| day.map_or_else(String::new, |day| format!(" {day}"));
    if former.departed {
        format!("{mark} left{}", day(former.left_on))
    } else {
        format!("{mark} sponsor until{}", day(former.ended_on))
    }
}

fn sponsor(out: &mut String, primary: &PrimarySponsor, report: &SponsorReport, context: &SponsorContext) {
    let title = context
        .contacts
        .get(&primary.contact)
        .and_then(|person| person.title.as_deref());
    line!(out, "### Primary Sponsor: {}\n", name(context, primary.contact));
    line!(out, "**Profile**\n");
    line!(out, "- **Title**: {}", or_nothing(title));
    line!(out, "- **Tenure**: {}", tenure(primary.tenure_months));
    line!(out, "- **Priorities**: {}", list(&primary.priorities));
    line!(
        out,
        "- **Communication Preference**: {}\n",
        or_nothing(primary.communication_preference.as_deref())
    );

    timeline(out, report, context);
    line!(out, "**Engagement Score Breakdown**\n");
    table(
        out,
        &["Factor", "Score", "Notes"],
        primary.factors.iter().map(|factor| {
            let score = factor
                .score
                .map_or_else(|| NOTHING.to_owned(), |score| number(Some(score)));
            vec![
                factor_name(factor.factor).to_owned(),
                format!("{score}/{:.0}", factor.out_of),
                text(&factor.note),
            ]
        }),
    );
    line!(out);
}

/// What happened with the sponsor, or with all executives, who are named then.
fn timeline(out: &mut String, report: &SponsorReport, context: &SponsorContext) {
    line!(out, "**Engagement Timeline**\n");
    let whom = if report.primary.is_some() {
        "them"
    } else {
        "any executive of theirs"
    };
    if report.timeline.is_empty() {
        line!(
            out,
            "Nothing has happened with {whom} in the last twelve months.\n"
        );
        return;
    }
    table(
        out,
        &["Date", "Interaction", "Topics", "Outcome"],
        report.timeline.iter().map(|entry| {
            let kind = capital(entry.kind.in_words());
            let with: Vec<String> = entry.with.iter().map(|contact| name(context, *contact)).collect();
            let interaction = if report.primary.is_some() {
                kind
            } else {
                format!("{kind} with {}", with.join(", "))
            };
            vec![
                entry.on.to_string(),
                interaction,
                list(&entry.topics),
                text(&entry.outcome),
            ]
        }),
    );
    line!(out);
}

/// The same parts, with what is missing.
fn no_sponsor(out: &mut String, report: &SponsorReport, context: &SponsorContext) {
    line!(out, "### Primary Sponsor: none\n");
    let first = report.approach.as_ref().map(|approach| match approach.contact {
        Some(contact) => format!(
            " Whom to approach first: **{}**. {}",
            name(context, contact),
            text(&approach.reason)
        ),
        None => format!(" {}", text(&approach.reason)),
    });
    line!(
        out,
        "Nobody holds the seat of the primary sponsor.{}",
        first.unwrap_or_default()
    );
    line!(
        out,
        "\n**Profile**\n\nMissing: name, title, tenure, priorities and communication preference of a sponsor."
    );
    line!(out);
    timeline(out, report, context);
    line!(out, "**Engagement Score Breakdown**\n\nNo sponsor, no score.\n");
}

fn health(out: &mut String, report: &SponsorReport) {
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

fn organisation(out: &mut String, report: &SponsorReport, context: &SponsorContext) {
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

fn alignment(out: &mut String, report: &SponsorReport) {
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

fn actions(out: &mut String, report: &SponsorReport) {
    line!(out, "### Recommended Actions\n");
    for (horizon, title) in [
        (Horizon::Immediate, "Immediate (This Week)"),
        (Horizon::ShortTerm, "Short-Term (This Quarter)"),
        (Horizon::Strategic, "Strategic (Long-Term)"),
    ] {
        line!(out, "**{title}**\n");
        let due: Vec<_> = report
            .recommendations
            .iter()
            .filter(|one| one.horizon == horizon)
            .collect();
        for (place, one) in due.iter().enumerate() {
            line!(out, "{}. {}: {}", place + 1, text(&one.action), text(&one.reason));
        }
        if due.is_empty() {
            line!(out, "Nothing.");
        }
        line!(out);
    }
}

fn calendar(out: &mut String, report: &SponsorReport) {
    line!(out, "### Engagement Calendar\n");
    if report.calendar.is_empty() {
        let why = if report.ended.is_some() {
            "the account is a customer no more"
        } else {
            "nobody is known whom the cadence asks us to meet"
        };
        line!(out, "Nothing is planned: {why}.\n");
        return;
    }
    table(
        out,
        &["Date", "Event", "Attendees", "Objective"],
        report.calendar.iter().map(|entry| {
            vec![
                entry.on.to_string(),
                text(&entry.event),
                list(&entry.attendees),
                text(&entry.objective),
            ]
        }),
    );
    line!(out);
}

fn bus_factor(out: &mut String, report: &SponsorReport, context: &SponsorContext) {
    line!(out, "### Bus Factor\n");
    if report.bus_factor.is_empty() {
        line!(out, "Nobody is engaged whom the account could lose.\n");
        return;
    }
    line!(out, "What would be left of the account if somebody left:\n");
    table(
        out,
        &["Without", "Overall", "Change", "Exec Engagement"],
        report.bus_factor.iter().take(MOST_LEAVERS).map(|leaver| {
            let change = leaver.change.map_or_else(
                || NOTHING.to_owned(),
                |change| match change {
                    0 => "±0".to_owned(),
                    change => format!("{change:+}").replace('-', "−"),
                },
            );
            vec![
                name(context, leaver.contact),
                leaver
                    .overall_without
                    .map_or_else(|| "no score".to_owned(), |overall| overall.to_string()),
                change,
                level(leaver.level_without),
            ]
        }),
    );
    if let Some(rest) = report
        .bus_factor
        .len()
        .checked_sub(MOST_LEAVERS)
        .filter(|rest| *rest > 0)
    {
        line!(out, "\n… and {rest} more.");
    }
    line!(out);
}

fn footer(out: &mut String, report: &SponsorReport, context: &SponsorContext) {
    let through = context.data_through.map_or_else(
        || "no data has come in".to_owned(),
        |day| format!("data through {day}"),
    );
    line!(out, "---\n");
    line!(
        out,
        "*As of {}; {through}; policy {}. Tier, titles, seniority, departments, priorities, initiatives, goals, the contract, plans, the feature list \
         and departures without a date are read as they stand today.*",
        report.windows.at.format("%Y-%m-%d %H:%M UTC"),
        context.policy_hash
    );
}

fn name(context: &SponsorContext, contact: ContactId) -> String {
    let name = context
        .contacts
        .get(&contact)
        .map(|person| text(&person.name))
        .filter(|name| !name.is_empty());
    name.unwrap_or_else(|| text(&contact.to_string()))
}

fn or_nothing(raw: Option<&str>) -> String {
    raw.map(text)
        .filter(|text| !text.is_empty())
        .unwrap_or_else(|| NOTHING.to_owned())
}

fn list(items: &[String]) -> String {
    if items.is_empty() {
        NOTHING.to_owned()
    } else {
        items.iter().map(|item| text(item)).collect::<Vec<_>>().join(", ")
    }
}

/// "2 years 3 months".
fn tenure(months: Option<i32>) -> String {
    let Some(months) = months.and_then(|months| u32::try_from(months).ok()) else {
        return "not known".to_owned();
    };
    match (months / 12, months % 12) {
        (0, months) => count(months, "month"),
        (years, 0) => count(years, "year"),
        (years, months) => format!("{} {}", count(years, "year"), count(months, "month")),
    }
}

const fn tier(tier: AccountTier) -> &'static str {
    match tier {
        AccountTier::Enterprise => "Enterprise",
        AccountTier::MidMarket => "Mid-Market",
        AccountTier::Smb => "SMB",
    }
}

fn level(level: EngagementLevel) -> String {
    capital(level.in_words())
}

const fn factor_name(factor: SponsorFactor) -> &'static str {
    match factor {
        SponsorFactor::MeetingFrequency => "Meeting Frequency",
        SponsorFactor::Responsiveness => "Responsiveness",
        SponsorFactor::QbrAttendance => "QBR Attendance",
        SponsorFactor::StrategicAlignment => "Strategic Alignment",
    }
}
