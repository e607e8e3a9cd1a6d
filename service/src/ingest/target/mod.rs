//! How each import file is declared.

use crate::ingest::target::column::Spec;
use crate::ingest::target::file::Target;

mod accounts;
pub(crate) mod column;
mod contacts;
mod features;
pub(crate) mod file;
mod goals;
mod initiatives;
mod interactions;
mod metrics;
mod org_changes;
mod outcomes;
mod sponsorships;
mod teams;
mod usage;
mod users;

impl Target {
    /// Its columns and the table they go to.
    pub(crate) const fn spec(self) -> &'static Spec {
        match self {
            Self::Users => &users::SPEC,
            Self::Accounts => &accounts::SPEC,
            Self::Teams => &teams::SPEC,
            Self::Contacts => &contacts::SPEC,
            Self::Sponsorships => &sponsorships::SPEC,
            Self::Features => &features::SPEC,
            Self::Interactions => &interactions::SPEC,
            Self::Usage => &usage::SPEC,
            Self::Metrics => &metrics::SPEC,
            Self::Goals => &goals::SPEC,
            Self::Initiatives => &initiatives::SPEC,
            Self::OrgChanges => &org_changes::SPEC,
            Self::Outcomes => &outcomes::SPEC,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::target::column::{Kind, Need};

    #[test]
    fn every_file_declares_itself_once_and_has_a_key() {
        for target in Target::ALL {
            let spec = target.spec();
            assert_eq!(spec.target, *target);
            assert!(
                spec.columns.iter().any(|c| matches!(c.need, Need::Key)),
                "{target}"
            );
            let mut names: Vec<&str> = spec.columns.iter().map(|c| c.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), spec.columns.len(), "{target}");
            assert_eq!(target.name().parse(), Ok(*target));
        }
    }

    #[test]
    fn an_account_is_named_by_the_first_column_or_not_at_all() {
        for target in Target::ALL {
            let at = target
                .spec()
                .columns
                .iter()
                .position(|c| matches!(c.kind, Kind::Account));
            assert!(at.is_none_or(|at| at == 0), "{target}");
        }
    }
}
