//! Words about what an entry of the audit log is about.

use super::word::vocabulary;

vocabulary! {
    /// What a change was made to.
    AuditTarget, "target" {
        /// A customer account.
        Account = "ACCOUNT",
        /// A person at a customer.
        Contact = "CONTACT",
        /// An interaction.
        Interaction = "INTERACTION",
        /// Usage of the product.
        Usage = "USAGE",
        /// A metric.
        Metric = "METRIC",
        /// A goal.
        Goal = "GOAL",
        /// An initiative.
        Initiative = "INITIATIVE",
        /// A sponsorship.
        Sponsorship = "SPONSORSHIP",
        /// An organisational change.
        OrgChange = "ORG_CHANGE",
        /// A planned outreach.
        Outreach = "OUTREACH",
        /// An alert.
        Alert = "ALERT",
        /// A user's place in an account's team.
        TeamMember = "TEAM_MEMBER",
        /// A user.
        User = "USER",
        /// An API token.
        Token = "TOKEN",
        /// A run that read import files.
        Import = "IMPORT",
    }
}
