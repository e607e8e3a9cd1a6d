//! Words about people: those of the customer, and our own.

use super::word::vocabulary;

vocabulary! {
    /// A contact's level in their organisation.
    Seniority, "seniority" {
        /// Chief officer.
        CLevel = "C_LEVEL",
        /// Vice president.
        Vp = "VP",
        /// Director.
        Director = "DIRECTOR",
        /// Manager.
        Manager = "MANAGER",
        /// Individual contributor.
        Individual = "INDIVIDUAL",
    }

    /// Whether a contact still works there.
    ContactStatus, "contact status" {
        /// Still there.
        Active = "ACTIVE",
        /// Left.
        Departed = "DEPARTED",
    }

    /// By which roles contacts are looked up.
    ContactRole, "contact role" {
        /// Any executive: not departed, and with an active sponsorship, or chief officer or vice president.
        Executive = "EXECUTIVE",
        /// Has an active sponsorship.
        ExecutiveSponsor = "EXECUTIVE_SPONSOR",
        /// Chief officer.
        CLevel = "C_LEVEL",
        /// Vice president.
        Vp = "VP",
        /// Director.
        Director = "DIRECTOR",
        /// Manager.
        Manager = "MANAGER",
        /// Individual contributor.
        Individual = "INDIVIDUAL",
    }

    /// What a user of Rapport may do.
    Role, "role" {
        /// Everything, for every account.
        Admin = "ADMIN",
        /// Everything but administration, for every account.
        Manager = "MANAGER",
        /// A customer-success manager: the accounts of their teams.
        Csm = "CSM",
        /// Reads.
        Viewer = "VIEWER",
    }

    /// What a user does in an account's team.
    TeamRole, "team role" {
        /// Customer-success manager.
        Csm = "CSM",
        /// Account executive.
        AccountExecutive = "ACCOUNT_EXECUTIVE",
        /// Manager of the team.
        Manager = "MANAGER",
        /// Our own executive who sponsors the account.
        ExecutiveSponsor = "EXECUTIVE_SPONSOR",
    }
}

impl Seniority {
    /// C-level and vice presidents are executives by their seniority.
    pub const fn is_executive(self) -> bool {
        matches!(self, Self::CLevel | Self::Vp)
    }
}
