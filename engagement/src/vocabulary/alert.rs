//! Words about alerts.

use super::word::vocabulary;

vocabulary! {
    /// How bad, in rising order.
    Severity, "severity" {
        /// Low.
        Low = "LOW",
        /// Medium.
        Medium = "MEDIUM",
        /// High.
        High = "HIGH",
        /// Critical.
        Critical = "CRITICAL",
    }

    /// Where an alert is in its life.
    AlertStatus, "alert status" {
        /// Nobody has taken it up.
        Open = "OPEN",
        /// Somebody has.
        Acknowledged = "ACKNOWLEDGED",
        /// Put off until a day.
        Snoozed = "SNOOZED",
        /// Done with.
        Resolved = "RESOLVED",
    }

    /// What a person says when resolving an alert by hand.
    Disposition, "disposition" {
        /// Something was done about it.
        Acted = "ACTED",
        /// It told nothing new.
        AlreadyKnown = "ALREADY_KNOWN",
        /// It should not have been raised.
        Noise = "NOISE",
    }

    /// What kind of thing an alert is about, beside its account.
    SubjectKind, "kind of subject" {
        /// The account as a whole.
        None = "NONE",
        /// A contact.
        Contact = "CONTACT",
        /// An interaction.
        Interaction = "INTERACTION",
        /// An organisational change.
        OrgChange = "ORG_CHANGE",
        /// A feed of data.
        Feed = "FEED",
        /// Somebody whom mail does not reach.
        Recipient = "RECIPIENT",
        /// Somebody of ours.
        User = "USER",
    }

    /// A stream of data that other rules depend on.
    Feed, "feed" {
        /// Interactions.
        Interactions = "INTERACTIONS",
        /// Product usage.
        Usage = "USAGE",
    }
}
