//! The engagement report as Markdown: a preface, then the eight parts of the seed's output format, in its order, for a person
//! who will forward it. Every number in it is a field of the report; every text from outside is escaped.

use std::fmt::Write;

use super::activity::Activity;
use super::label::Labels;
use super::report::EngagementReport;
use super::words::{component_name, loss, provisional, severity_mark, signed_whole};
use super::{advice, preface};
use crate::dimension::Unit;
use crate::markdown::{NOT_MEASURED, capital, count, number, percent, table, text};
use crate::score::{ComponentScore, round};
use crate::vocabulary::{Pattern, Trend};

/// How many contacts the map of stakeholders shows.
const MOST_STAKEHOLDERS: usize = 25;
/// How many stored scores the trend shows.
const MOST_HISTORY: usize = 12;

/// `writeln!` to a string cannot fail; the result is dropped here once.
macro_rules! line {
    ($out:expr) => { let _ = writeln!($out); };
    ($out:expr, $($arg:tt)*) => { let _ = writeln!($out, $($arg)*); };
}

impl EngagementReport {
    /// The report as Markdown: a preface, then the eight parts of the seed's output format, in its order.
    pub fn markdown(&self, labels: &Labels) -> String {
        write(self, labels)
    }
}

fn write(report: &EngagementReport, labels: &Labels) -> String {
    let mut out = String::with_capacity(8 * 1024);
    line!(out, "# Engagement report: {}\n", text(&labels.account));
    preface::write(&mut out, report, labels);
    summary(&mut out, report);
    activity(&mut out, report);
    stakeholders(&mut out, report, labels);
    trending(&mut out, report, labels);
    warnings(&mut out, report);
    classification(&mut out, report);
    advice::recommendations(&mut out, report, labels);
    advice::target(&mut out, report);
    footer(&mut out, report, labels);
    out
}

fn summary(out: &mut String, report: &EngagementReport) {
    let a = &report.evaluation.assessment;
    line!(out, "## Engagement score summary\n");
    match a.rounded() {
        Some(overall) => {
            let pattern = a.pattern.map_or("not enough data", Pattern::in_words);
            line!(
                out,
                "**Overall: {overall} of 100, {pattern}**{}\n",
                change(report)
            );
        }
        None => {
            line!(
                out,
                "**Overall: no score.** Nothing could be measured for this account.\n"
            );
        }
    }
    if let Some(reason) = a.provisional {
        line!(out, "*Provisional: {}.*\n", provisional(reason, report));
    }
    table(
        out,
        &["Dimension", "Score", "Weight", "What it is made of"],
        EngagementReport::dimension_names()
            .into_iter()
            .filter_map(|(dimension, name)| {
                let d = a.dimension(dimension)?;
                let score = d
                    .score
                    .map_or_else(|| NOT_MEASURED.to_owned(), |s| round(s).to_string());
                let parts = match &d.note {
                    Some(note) => note.clone(),
                    None => d.components.iter().map(part).collect::<Vec<_>>().join("; "),
                };
                Some(vec![
                    name.to_owned(),
                    score,
                    format!("{:.0} %", 100.0 * d.weight),
                    parts,
                ])
            }),
    );
    line!(
        out,
        "\nWhere the points come from; the rows add up to the overall score:\n"
    );
    table(
        out,
        &["Component", "Value", "Benchmark", "Score", "Points"],
        a.ledger().map(|(_, c)| {
            let score = c
                .score
                .map_or_else(|| c.note.clone().unwrap_or_default(), |s| number(Some(s)));
            let points = c
                .contribution
                .map_or_else(|| "–".to_owned(), |p| format!("{p:.1}"));
            vec![
                component_name(c.component).to_owned(),
                value(c),
                benchmark(c),
                score,
                points,
            ]
        }),
    );
    line!(out);
}

fn part(c: &ComponentScore) -> String {
    let score = c
        .score
        .map_or_else(|| NOT_MEASURED.to_owned(), |s| round(s).to_string());
    format!("{} {score}", component_name(c.component).to_lowercase())
}

fn value(c: &ComponentScore) -> String {
    match (c.measured, c.value) {
        (false, _) => "–".to_owned(),
        (true, None) => "none".to_owned(),
        (true, Some(v)) => in_unit(v, c.unit),
    }
}

fn benchmark(c: &ComponentScore) -> String {
    in_unit(c.benchmark, c.unit)
}

fn in_unit(v: f64, unit: Unit) -> String {
    match unit {
        Unit::Share => percent(Some(v)),
        Unit::Hours => format!("{} h", number(Some(v))),
        Unit::PointsPer30Days => format!("{} points per 30 days", number(Some(v))),
        Unit::Contacts | Unit::Departments | Unit::Executives | Unit::Features | Unit::Users => {
            number(Some(v))
        }
    }
}

fn activity(out: &mut String, report: &EngagementReport) {
    line!(out, "## Activity metrics\n");
    let (now, before) = (&report.activity, &report.previous_activity);
    let whole = |name: &str, get: fn(&Activity) -> u64| {
        vec![name.to_owned(), get(now).to_string(), get(before).to_string()]
    };
    let rate = |name: &str, get: fn(&Activity) -> Option<f64>| {
        vec![name.to_owned(), percent(get(now)), percent(get(before))]
    };
    let hours = |a: &Activity| {
        a.median_response_hours
            .map_or_else(|| NOT_MEASURED.to_owned(), |h| format!("{} h", number(Some(h))))
    };
    table(
        out,
        &["Metric", "This window", "Previous window"],
        [
            whole("Touchpoints", |a| u64::from(a.touchpoints)),
            whole("Calls", |a| u64::from(a.calls)),
            whole("Meetings", |a| u64::from(a.meetings)),
            whole("E-mails sent", |a| u64::from(a.emails_sent)),
            whole("E-mails received", |a| u64::from(a.emails_received)),
            rate("Response rate", |a| a.response_rate),
            vec!["Median time to respond".to_owned(), hours(now), hours(before)],
            rate("Meeting participation", |a| a.meeting_participation_rate),
            rate("Strategic share of conversations", |a| a.strategic_share),
            rate("Customer-initiated share", |a| a.customer_initiated_share),
            vec![
                "Business reviews held / due".to_owned(),
                format!("{} / {}", now.qbrs_completed, now.qbrs_due),
                format!("{} / {}", before.qbrs_completed, before.qbrs_due),
            ],
            rate("Participation in business reviews", |a| a.qbr_participation),
            whole("Training sessions", |a| u64::from(a.training_sessions)),
            whole("Certifications", |a| u64::from(a.certifications)),
            whole("Logins", |a| a.logins),
            whole("Active users", |a| u64::from(a.active_users)),
            whole("Power users", |a| u64::from(a.power_users)),
            vec![
                "Features used / catalogue".to_owned(),
                format!("{} / {}", now.features_used, now.feature_catalogue),
                format!("{} / {}", before.features_used, before.feature_catalogue),
            ],
            whole("Community events", |a| u64::from(a.community_events)),
            whole("Forum posts", |a| u64::from(a.forum_posts)),
        ],
    );
    line!(out);
}

fn stakeholders(out: &mut String, report: &EngagementReport, labels: &Labels) {
    line!(out, "## Stakeholder mapping\n");
    let m = &report.evaluation.current.measures;
    let threading = match (m.single_threaded(), m.multi_threaded()) {
        (true, _) => "The relationship is **single-threaded**: it hangs on one person.",
        (_, true) => "The relationship is **multi-threaded**.",
        _ if m.engaged_contacts + m.taught_contacts == 0 => "Nobody is engaged.",
        _ => "The relationship is **not multi-threaded**: too few people, or too few departments, carry it.",
    };
    let taught = match m.taught_contacts {
        0 => String::new(),
        taught => format!(", and {taught} by training or community alone"),
    };
    line!(
        out,
        "{} from {}, {} among them{}. {threading}\n",
        count(m.engaged_contacts, "engaged contact"),
        count(m.engaged_departments, "department"),
        count(m.engaged_executives, "executive"),
        taught
    );
    carrying(out, report, labels);
    if report.stakeholders.is_empty() {
        line!(out, "No contacts are known for this account.\n");
        return;
    }
    let yes = |flag: bool, word: &str| if flag { word.to_owned() } else { String::new() };
    table(
        out,
        &[
            "Name",
            "Title",
            "Department",
            "Executive",
            "Touches",
            "Last touch",
            "Status",
        ],
        report.stakeholders.iter().take(MOST_STAKEHOLDERS).map(|s| {
            let label = labels
                .people
                .contacts
                .get(&s.contact)
                .cloned()
                .unwrap_or_default();
            let status = match (s.departed, s.engaged) {
                (true, _) => "departed",
                (_, true) => "engaged",
                _ => "not engaged",
            };
            vec![
                text(&label.name),
                text(label.title.as_deref().unwrap_or("")),
                text(label.department.as_deref().unwrap_or("")),
                yes(s.executive, "yes"),
                s.touches.to_string(),
                s.last_touch_on
                    .map_or_else(|| "never".to_owned(), |day| day.to_string()),
                status.to_owned(),
            ]
        }),
    );
    if let Some(rest) = report
        .stakeholders
        .len()
        .checked_sub(MOST_STAKEHOLDERS)
        .filter(|rest| *rest > 0)
    {
        line!(out, "\n… and {rest} more.");
    }
    line!(out);
}

/// On how many people it rests, what would be left without the most frequent one, and what names nobody.
fn carrying(out: &mut String, report: &EngagementReport, labels: &Labels) {
    let m = &report.evaluation.current.measures;
    let mut told: Vec<String> = Vec::new();
    if let Some(people) = m.effective_people {
        told.push(format!(
            "It rests on {people:.1} effective people, by the days of conversation with each."
        ));
    }
    if let Some((contact, leaver)) = &report.without {
        let who = text(
            labels
                .people
                .name(*contact)
                .unwrap_or("their most frequent contact"),
        );
        told.push(match leaver.overall_without {
            Some(_) if leaver.change.is_some_and(|change| change >= 0) => {
                format!(
                    "Without {who}, who is in contact most often, the overall score would not fall ({}).",
                    loss(leaver.change)
                )
            }
            Some(overall) => {
                format!(
                    "Without {who}, who is in contact most often, the overall score would be {overall} ({}).",
                    loss(leaver.change)
                )
            }
            None => format!("Without {who}, who is in contact most often, nothing could be measured."),
        });
    }
    if m.nameless > 0 {
        let names = if m.nameless == 1 { "names" } else { "name" };
        told.push(format!(
            "{} {names} nobody of theirs.",
            count(m.nameless, "interaction")
        ));
    }
    if !told.is_empty() {
        line!(out, "{}\n", told.join(" "));
    }
}

fn trending(out: &mut String, report: &EngagementReport, labels: &Labels) {
    let e = &report.evaluation;
    line!(out, "## Engagement trending\n");
    let previous = e.windows.previous();
    let rounded =
        |score: Option<f64>| score.map_or_else(|| NOT_MEASURED.to_owned(), |s| round(s).to_string());
    let row = |name: &str, now: Option<f64>, before: Option<f64>| {
        let difference = now
            .zip(before)
            .map_or_else(|| "–".to_owned(), |(n, b)| signed_whole(round(n) - round(b)));
        vec![name.to_owned(), rounded(now), rounded(before), difference]
    };
    let before = |score: Option<f64>| score.filter(|_| e.previous_overall.is_some());
    let mut rows = vec![row(
        "**Overall**",
        e.assessment.overall,
        before(e.previous_assessment.overall),
    )];
    for (dimension, name) in EngagementReport::dimension_names() {
        let score = |a: &crate::score::Assessment| a.dimension(dimension).and_then(|d| d.score);
        rows.push(row(
            name,
            score(&e.assessment),
            before(score(&e.previous_assessment)),
        ));
    }
    let header = format!("Previous ({} to {})", previous.start_day, previous.ending_on);
    table(out, &["", "This window", &header, "Change"], rows);
    let words = match e.trend {
        Some(Trend::Improving) => "The trend is improving.",
        Some(Trend::Declining) => "The trend is declining.",
        Some(Trend::Stable) => "The trend is stable.",
        Some(Trend::New) => "The account is new: there is no previous window to compare with.",
        None => "There is no trend: the two windows cannot be compared.",
    };
    line!(out, "\n{words}");
    if e.coverage_changed && e.trend != Some(Trend::New) && e.assessment.overall.is_some() {
        line!(
            out,
            "The two windows measured different dimensions, so the change compares unlike things."
        );
    }
    if !labels.history.is_empty() {
        line!(out, "\nStored scores:\n");
        let skip = labels.history.len().saturating_sub(MOST_HISTORY);
        table(
            out,
            &["Day", "Overall", "Pattern"],
            labels.history.iter().skip(skip).map(|point| {
                let overall = point
                    .overall
                    .map_or_else(|| "no score".to_owned(), |o| o.to_string());
                let mark = if point.comparable { "" } else { " \\*" };
                vec![
                    point.day.to_string(),
                    overall,
                    format!(
                        "{}{mark}",
                        point.pattern.map_or("not enough data", Pattern::in_words)
                    ),
                ]
            }),
        );
        if labels.history.iter().skip(skip).any(|point| !point.comparable) {
            line!(
                out,
                "\n\\* Made by other definitions or another policy than this report: not to be compared with it."
            );
        }
    }
    line!(out);
}

fn warnings(out: &mut String, report: &EngagementReport) {
    line!(out, "## Disengagement warnings\n");
    if report.told_signals.is_empty() {
        line!(out, "No warning sign is raised.\n");
        return;
    }
    for raised in &report.told_signals {
        let mark = severity_mark(raised.severity);
        let evidence = report.signal_evidence(raised);
        let rows = match evidence.count {
            0 => String::new(),
            1 => " (1 row of evidence)".to_owned(),
            count => format!(" ({count} rows of evidence)"),
        };
        line!(
            out,
            "- {mark} **{}, {}**: {}{rows}",
            capital(raised.signal.in_words()),
            raised.severity.as_str().to_lowercase(),
            raised.message
        );
    }
    line!(out);
}

fn classification(out: &mut String, report: &EngagementReport) {
    line!(out, "## Engagement pattern classification\n");
    let a = &report.evaluation.assessment;
    let words = match a.pattern {
        Some(Pattern::HighlyEngaged) => "proactive, multi-threaded",
        Some(Pattern::ModeratelyEngaged) => "responsive, tactical",
        Some(Pattern::LowEngaged) => "declining, single-threaded",
        Some(Pattern::Disengaged) => "unresponsive, at risk",
        None => "",
    };
    let words = match a.pattern.zip(report.pattern_range) {
        Some((pattern, (from, to))) => {
            format!(
                "**{}** ({from} to {to}); such accounts are typically {words}.",
                capital(pattern.in_words())
            )
        }
        None => "**Not enough data** for a pattern.".to_owned(),
    };
    line!(
        out,
        "{words} {:.0} % of the score's weight was measured.\n",
        a.coverage
    );
}

fn footer(out: &mut String, report: &EngagementReport, labels: &Labels) {
    let through = labels.data_through.map_or_else(
        || "no data has come in".to_owned(),
        |day| format!("data through {day}"),
    );
    line!(out, "---\n");
    line!(
        out,
        "*As of {}; {through}; policy {}. Read as they stand today, because no row dates them: tier, renewal date, who serves the account, seniority, departments, initiatives, goals, the feature list, departures without a date, and whether an organisational change is confirmed.*",
        report.evaluation.windows.at.format("%Y-%m-%d %H:%M UTC"),
        labels.policy_hash
    );
}

fn change(report: &EngagementReport) -> String {
    match (report.evaluation.change, report.evaluation.trend) {
        (Some(change), Some(trend)) => {
            format!(
                " ({} against the previous window, {})",
                signed_whole(change),
                trend.as_str().to_lowercase()
            )
        }
        (None, Some(Trend::New)) => " (new)".to_owned(),
        _ => String::new(),
    }
}
