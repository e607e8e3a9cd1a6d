//! Advice on the succession: what would happen if the sponsor left.

use super::advice_list::List;
use super::concern::{silence, succession_reason};
use super::factor::level_and_score;
use crate::markdown::count;
use crate::sponsor::SuccessionReason;
use crate::vocabulary::Horizon;

impl List<'_> {
    pub(super) fn about_succession(&mut self) {
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
}
