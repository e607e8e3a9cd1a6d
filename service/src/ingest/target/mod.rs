//! The files that can be imported, in the order in which they are read: what a row refers to comes before it.

use std::fmt;
use std::str::FromStr;

use super::column::Spec;

mod accounts;
mod contacts;
mod features;
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

/// One of the import files of docs/import-files.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// Who uses Rapport.
    Users,
    /// Customer accounts.
    Accounts,
    /// Who of us looks after which account.
    Teams,
    /// The customers' people.
    Contacts,
    /// Which of them sponsor us.
    Sponsorships,
    /// The product's features.
    Features,
    /// What happened between us and them.
    Interactions,
    /// Who used what.
    Usage,
    /// Measurements of the customer.
    Metrics,
    /// What they want to reach.
    Goals,
    /// What we do for them.
    Initiatives,
    /// What changed in their organisation.
    OrgChanges,
    /// How their contracts turned out.
    Outcomes,
}

impl Target {
    /// Every file, in reading order.
    pub const ALL: &'static [Self] = &[
        Self::Users,
        Self::Accounts,
        Self::Teams,
        Self::Contacts,
        Self::Sponsorships,
        Self::Features,
        Self::Interactions,
        Self::Usage,
        Self::Metrics,
        Self::Goals,
        Self::Initiatives,
        Self::OrgChanges,
        Self::Outcomes,
    ];

    /// The file's name without its ending.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Accounts => "accounts",
            Self::Teams => "teams",
            Self::Contacts => "contacts",
            Self::Sponsorships => "sponsorships",
            Self::Features => "features",
            Self::Interactions => "interactions",
            Self::Usage => "usage",
            Self::Metrics => "metrics",
            Self::Goals => "goals",
            Self::Initiatives => "initiatives",
            Self::OrgChanges => "org_changes",
            Self::Outcomes => "outcomes",
        }
    }

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

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.iter().copied().find(|t| t.name() == text).ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|t| t.name()).collect();
            format!("`{text}` is no import file: expected one of {}", names.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::column::{Kind, Need};
    use super::*;

    #[test]
    fn every_file_declares_itself_once_and_has_a_key() {
        for target in Target::ALL {
            let spec = target.spec();
            assert_eq!(spec.target, *target);
            assert!(spec.columns.iter().any(|c| matches!(c.need, Need::Key)), "{target}");
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
            let at = target.spec().columns.iter().position(|c| matches!(c.kind, Kind::Account));
            assert!(at.is_none_or(|at| at == 0), "{target}");
        }
    }
}
