//! Words about messages, and the day on which they go out.

use super::word::vocabulary;

vocabulary! {
    /// A day of the week.
    Weekday, "day of the week" {
        /// Monday.
        Monday = "MONDAY",
        /// Tuesday.
        Tuesday = "TUESDAY",
        /// Wednesday.
        Wednesday = "WEDNESDAY",
        /// Thursday.
        Thursday = "THURSDAY",
        /// Friday.
        Friday = "FRIDAY",
        /// Saturday.
        Saturday = "SATURDAY",
        /// Sunday.
        Sunday = "SUNDAY",
    }

    /// What a message is about.
    MessageKind, "kind of message" {
        /// A sponsor has left.
        SponsorDeparted = "SPONSOR_DEPARTED",
        /// An alert, or several of them.
        Alert = "ALERT",
        /// Somebody plans to reach out to a contact.
        OutreachPlanned = "OUTREACH_PLANNED",
        /// A week in one mail.
        WeeklyDigest = "WEEKLY_DIGEST",
    }

    /// What became of a message.
    MessageStatus, "status of a message" {
        /// It is to be sent, or is being sent.
        Queued = "QUEUED",
        /// The mail server has taken it.
        Sent = "SENT",
        /// It was given up.
        Failed = "FAILED",
        /// It was not wanted any more.
        Canceled = "CANCELED",
    }
}

impl MessageKind {
    /// Messages that must not wait behind others, and are tried for longer.
    pub const fn is_escalation(self) -> bool {
        matches!(self, Self::SponsorDeparted | Self::Alert)
    }
}
