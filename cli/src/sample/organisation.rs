//! What changed in an account's organisation, and how its contract turned out.

use super::people::{DAILY, SPONSOR};
use super::profile::{LOST, Profile, SUCCESSOR};
use super::row::Row;
use super::story::{BOUGHT, HANDED_OVER, Story};

impl Profile<'_> {
    /// Rows of `org_changes`.
    pub fn org_changes(&self) -> Vec<Row> {
        let change = |kind: &str, days: u64, person: Option<usize>, source: &str, summary: String| {
            let contact = person
                .and_then(|place| self.people.get(place))
                .map(|person| person.key.as_str());
            self.row()
                .field("kind", kind)
                .field("observed_on", self.ago(days))
                .maybe("contact_external_id", contact)
                .field("summary", summary)
                .field("source", source)
        };
        let name = |place: usize| self.people.get(place).map_or("", |person| person.name.as_str());
        match self.company.story {
            Story::LostSponsor => vec![
                change(
                    "departure",
                    LOST,
                    Some(SPONSOR),
                    "linkedin",
                    format!("{} has left for another company", name(SPONSOR)),
                )
                .field("certainty", "confirmed")
                .field("impact", "Renewal has no executive owner")
                .done(),
            ],
            Story::NewSponsor => vec![
                change(
                    "role_change",
                    14,
                    Some(SPONSOR),
                    "crm",
                    format!("{} now leads another division", name(SPONSOR)),
                )
                .done(),
                change(
                    "new_executive",
                    12,
                    Some(SUCCESSOR),
                    "manual",
                    format!("{} takes over the programme", name(SUCCESSOR)),
                )
                .done(),
            ],
            Story::Acquired => vec![
                change(
                    "merger_acquisition",
                    BOUGHT.unsigned_abs(),
                    None,
                    "news",
                    "Bought by the group that owns a competitor of ours".to_owned(),
                )
                .field("certainty", "confirmed")
                .field("impact", "The group has a platform of its own")
                .done(),
            ],
            Story::ColdSuccessor => vec![
                change(
                    "role_change",
                    HANDED_OVER.unsigned_abs(),
                    Some(SPONSOR),
                    "manual",
                    format!(
                        "{} moves to the parent company and hands over to {}",
                        name(SPONSOR),
                        name(SUCCESSOR)
                    ),
                )
                .field("certainty", "confirmed")
                .done(),
            ],
            Story::QuietDecline => vec![
                change(
                    "reorganisation",
                    48,
                    None,
                    "news",
                    "Two divisions are merged; procurement moves to the group".to_owned(),
                )
                .done(),
            ],
            Story::GoneDark => vec![
                change(
                    "layoff",
                    66,
                    None,
                    "news",
                    "150 positions cut in planning and finance".to_owned(),
                )
                .done(),
            ],
            Story::SilentSponsor => {
                vec![
                    change(
                        "departure",
                        6,
                        Some(DAILY),
                        "email_bounce",
                        format!("Mail to {} bounces", name(DAILY)),
                    )
                    .done(),
                ]
            }
            Story::Cold if self.number.is_multiple_of(2) => {
                vec![
                    change(
                        "merger_acquisition",
                        120,
                        None,
                        "news",
                        "Acquired by a competitor's group".to_owned(),
                    )
                    .done(),
                ]
            }
            _ => Vec::new(),
        }
    }

    /// Rows of `outcomes`.
    pub fn outcomes(&self) -> Vec<Row> {
        let outcome = |kind: &str, days: u64| self.row().field("kind", kind).field("on", self.ago(days));
        match self.company.story {
            Story::Churned => vec![outcome("churned", 44).done()],
            Story::Champion => vec![outcome("renewed", 330).done(), outcome("expanded", 120).done()],
            Story::Drifting if self.number.is_multiple_of(2) => vec![outcome("contracted", 200).done()],
            Story::BrandNew | Story::Onboarding | Story::UsageOnly => Vec::new(),
            _ if self.number.is_multiple_of(3) => vec![outcome("renewed", 100 + self.number * 3).done()],
            _ => Vec::new(),
        }
    }
}
