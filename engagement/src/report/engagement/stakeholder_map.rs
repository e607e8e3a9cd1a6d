//! The part of the report about people: whether the relationship hangs on one of them, and whom we know.
//!
//! It shows those in touch first, and says how many it leaves out.

use super::label::Labels;
use super::report::EngagementReport;
use super::words::loss;
use crate::markdown::{and_more, count, line, table, text};

/// How many contacts the map of stakeholders shows.
const MOST_STAKEHOLDERS: usize = 25;

pub(super) fn stakeholders(out: &mut String, report: &EngagementReport, labels: &Labels) {
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
    and_more(out, report.stakeholders.len(), MOST_STAKEHOLDERS);
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
