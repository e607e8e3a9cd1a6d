//! What stands before the first part of the engagement report: what to think of the account and why, who and how much it is
//! about, the signs with their newest rows, what could be moved, and what is missing to know more (docs/scoring.md § 10).

use chrono::NaiveDate;

use super::label::Labels;
use super::report::{EngagementReport, MOST_SIGN_ROWS};
use super::words::{period_name, provisional, severity_mark, tier_name};
use crate::markdown::{NOTHING, capital, count, money, signed, table, text};
use crate::measure::Measures;
use crate::standing::{SHOWN_REASONS, Standing};
use crate::vocabulary::{EngagementLevel, StandingState};

/// The preface, blocks apart by an empty line.
pub(super) fn write(out: &mut String, report: &EngagementReport, labels: &Labels) {
    let mut blocks = Vec::new();
    match &report.ending {
        Some(ending) => {
            let until = ending.until.map_or_else(
                || "**Customer no more**; since when is not recorded.".to_owned(),
                |on| format!("**Customer until {on}.**"),
            );
            blocks.push(until);
            blocks.push(list(ending.happened.iter().map(|told| text(told))));
        }
        None => blocks.extend(
            report
                .evaluation
                .standing
                .as_ref()
                .map(|standing| standing_of(standing, report, labels)),
        ),
    }
    blocks.push(header(report, labels));
    blocks.extend(signs(report, labels));
    blocks.extend(levers(report));
    blocks.extend(missing(report));
    for block in blocks.iter().filter(|block| !block.is_empty()) {
        out.push_str(block.trim_end());
        out.push_str("\n\n");
    }
}

fn list(items: impl IntoIterator<Item = String>) -> String {
    let mut told = String::new();
    for item in items {
        tell!(&mut told, "- {item}\n");
    }
    told
}

fn standing_of(standing: &Standing, report: &EngagementReport, labels: &Labels) -> String {
    let windows = &report.evaluation.windows;
    let of = if windows.period == report.standard_period {
        String::new()
    } else {
        let (standard, own) = (period_name(report.standard_period), period_name(windows.period));
        format!(
            " The standing and its reasons are those of the {standard} to {}, not of the {own}.",
            windows.ending_on
        )
    };
    let mut told = format!("**Standing: {}.**{of}", standing.state.in_words());
    if let (StandingState::NotKnown, Some(reason)) =
        (standing.state, report.evaluation.assessment.provisional)
    {
        tell!(
            &mut told,
            " The score cannot be relied on: {}.",
            provisional(reason, report)
        );
    }
    if standing.reasons.is_empty() {
        return told;
    }
    let reasons = standing.reasons.iter().take(SHOWN_REASONS).map(|reason| {
        let name = reason.contact.and_then(|contact| labels.people.name(contact));
        text(&reason.message(name))
    });
    told.push_str("\n\n");
    told.push_str(&list(reasons));
    if let Some(more) = standing
        .reasons
        .len()
        .checked_sub(SHOWN_REASONS)
        .filter(|more| *more > 0)
    {
        tell!(&mut told, "\n… and {}.", count(more as u32, "more reason"));
    }
    told
}

/// Revenue, renewal, who of us and who of theirs.
fn header(report: &EngagementReport, labels: &Labels) -> String {
    let windows = &report.evaluation.windows;
    let mut told = String::new();
    let arr = report
        .arr
        .as_ref()
        .map_or_else(|| NOTHING.to_owned(), |arr| money(std::slice::from_ref(arr)));
    let renewal = report.renewal_on.map_or_else(
        || NOTHING.to_owned(),
        |renewal| renewal_told(renewal, windows.ending_on),
    );
    let csm = labels
        .people
        .csm
        .as_ref()
        .map_or_else(|| NOTHING.to_owned(), |csm| text(&csm.name));
    table(
        &mut told,
        &["ARR", "Renewal", "CSM", "Sponsor"],
        [vec![arr, renewal, csm, sponsor(report, labels)]],
    );
    tell!(
        &mut told,
        "\n{} account, {} from {} to {}.",
        tier_name(report.tier),
        period_name(windows.period),
        windows.start_day,
        windows.ending_on
    );
    told
}

fn renewal_told(renewal: NaiveDate, day: NaiveDate) -> String {
    match (renewal - day).num_days() {
        ..0 => format!("{renewal}, past"),
        0 => format!("{renewal}, today"),
        1 => format!("{renewal}, tomorrow"),
        days => format!("{renewal}, in {days} days"),
    }
}

fn sponsor(report: &EngagementReport, labels: &Labels) -> String {
    let Some((primary, contact)) = report.evaluation.sponsors.primary().zip(report.sponsor) else {
        return "none".to_owned();
    };
    let name = text(labels.people.name(contact).unwrap_or("known by id only"));
    match primary.level {
        EngagementLevel::Unknown => format!("{name}, not known yet"),
        level => format!("{name}, {}, {} of 100", level.in_words(), primary.score),
    }
}

fn signs(report: &EngagementReport, labels: &Labels) -> Option<String> {
    let signs = report.signs();
    let told = signs.iter().map(|raised| {
        let severity = raised.severity.in_words();
        let sign = capital(raised.signal.in_words());
        let mut told = format!(
            "- {} **{sign}, {severity}**: {}\n",
            severity_mark(raised.severity),
            raised.message
        );
        let newest = report.signal_evidence(raised).interactions;
        for row in newest
            .iter()
            .take(MOST_SIGN_ROWS)
            .filter_map(|id| labels.rows.get(id))
        {
            let subject = row
                .subject
                .as_deref()
                .map(str::trim)
                .filter(|subject| !subject.is_empty());
            let subject = subject.map_or_else(|| "no subject".to_owned(), text);
            tell!(&mut told, "  - {}: {subject} ({})\n", row.on, row.kind.in_words());
        }
        told
    });
    let told: String = told.collect();
    (!told.is_empty()).then(|| format!("**Signs**\n\n{told}"))
}

fn levers(report: &EngagementReport) -> Option<String> {
    let levers = &report.levers;
    let told = list(
        levers
            .told
            .iter()
            .map(|lever| format!("{}: {} points", text(&lever.change), signed(lever.points))),
    );
    if told.is_empty() {
        return None;
    }
    let rest = if levers.rest > 0.0 {
        format!("\nThe rest is worth {} together.", signed(levers.rest))
    } else {
        String::new()
    };
    Some(format!(
        "**Levers** towards {} of 100\n\n{told}{rest}",
        report.target.overall
    ))
}

/// What is missing, and what would be known with it.
fn missing(report: &EngagementReport) -> Option<String> {
    let m = &report.evaluation.current.measures;
    let mut told: Vec<String> = Vec::new();
    if report.ending.is_none() {
        match report.renewal_on {
            None => told.push(
                "No renewal date is recorded. With it the report would say how soon a decision is due."
                    .to_owned(),
            ),
            Some(renewal) if renewal < report.evaluation.windows.ending_on => {
                told.push(format!(
                    "The renewal date, {renewal}, is past. With the next one the report would say how soon a decision is due."
                ));
            }
            Some(_) => {}
        }
    }
    if report.contact_feed_silent {
        let who =
            "Whoever recorded most of the interactions with this account has recorded nothing for too long.";
        told.push(format!("{who} With their records the score would be known."));
    }
    told.extend(feeds(m).map(str::to_owned));
    if m.conversations > 0.0 && m.classified == 0.0 {
        let held = count(m.conversations as u32, "held conversation");
        told.push(format!(
            "Of {held} none is classified by purpose. With purposes the share of strategy would be known, and support told apart."
        ));
    }
    if m.nameless > 0 {
        let names = if m.nameless == 1 { "names" } else { "name" };
        let rows = count(m.nameless, "interaction");
        told.push(format!("{rows} {names} nobody of theirs. With participants they would count, and show who carries the relationship."));
    }
    (!told.is_empty()).then(|| format!("**What is missing**\n\n{}", list(told)))
}

/// Where only one kind of data has come in.
fn feeds(m: &Measures) -> Option<&'static str> {
    match (m.has_interactions, m.has_usage) {
        (true, true) => None,
        (true, false) => {
            Some("No use of the product is recorded. With it the product dimension would be known.")
        }
        (false, true) => {
            Some("No interactions are recorded. With them frequency, quality and breadth would be known.")
        }
        (false, false) => Some(
            "Neither interactions nor use of the product are recorded. With either there would be a score.",
        ),
    }
}
