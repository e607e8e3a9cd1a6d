//! The files that can be imported, in the order in which they are read: what a row refers to comes before it.

use std::fmt;
use std::str::FromStr;

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
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .iter()
            .copied()
            .find(|t| t.name() == text)
            .ok_or_else(|| {
                let names: Vec<&str> = Self::ALL.iter().map(|t| t.name()).collect();
                format!("`{text}` is no import file: expected one of {}", names.join(", "))
            })
    }
}
