//! Words about what the customer wants and what changes with it.

use super::word::vocabulary;

vocabulary! {
    /// How well an initiative of ours fits a priority of theirs.
    Alignment, "alignment" {
        /// High.
        High = "HIGH",
        /// Medium.
        Medium = "MEDIUM",
        /// Low.
        Low = "LOW",
    }

    /// A change in the customer's organisation.
    OrgChangeKind, "kind of organisational change" {
        /// Somebody left.
        Departure = "DEPARTURE",
        /// Somebody has another role.
        RoleChange = "ROLE_CHANGE",
        /// A new executive.
        NewExecutive = "NEW_EXECUTIVE",
        /// A reorganisation.
        Reorganisation = "REORGANISATION",
        /// A merger or an acquisition.
        MergerAcquisition = "MERGER_ACQUISITION",
        /// Layoffs.
        Layoff = "LAYOFF",
    }

    /// How an organisational change became known.
    OrgChangeSource, "source" {
        /// Somebody told us.
        Manual = "MANUAL",
        /// LinkedIn.
        Linkedin = "LINKEDIN",
        /// The news.
        News = "NEWS",
        /// The CRM.
        Crm = "CRM",
        /// Mail to them bounces.
        EmailBounce = "EMAIL_BOUNCE",
    }

    /// How sure an organisational change is.
    Certainty, "certainty" {
        /// A person has to confirm it.
        Suspected = "SUSPECTED",
        /// Sure.
        Confirmed = "CONFIRMED",
    }

    /// What became of a contract.
    OutcomeKind, "outcome" {
        /// Renewed.
        Renewed = "RENEWED",
        /// Ended.
        Churned = "CHURNED",
        /// Grew.
        Expanded = "EXPANDED",
        /// Shrank.
        Contracted = "CONTRACTED",
    }
}

impl OrgChangeKind {
    /// Whether the change shakes the customer as a whole: another owner, or work for fewer people.
    pub const fn is_upheaval(self) -> bool {
        matches!(self, Self::MergerAcquisition | Self::Layoff)
    }
}
