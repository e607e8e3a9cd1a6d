//! One interaction before it has a day: the rhythm of a customer makes some, and its story adds others.

use chrono::TimeDelta;
use engagement::vocabulary::{Direction, InteractionKind as Kind, InteractionStatus as Status, Purpose};

use super::conversation::Matter;

/// One interaction before it has a day and is a row.
#[derive(Debug, Clone)]
pub struct Event {
    pub kind: Kind,
    /// Who began.
    pub direction: Direction,
    /// What became of it.
    pub status: Status,
    /// What it was for.
    pub purpose: Purpose,
    /// Places in the roster of whoever took part; nobody where it does not say.
    pub people: Vec<usize>,
    /// How long the first of them took to answer.
    pub answered_after: Option<TimeDelta>,
    /// Who of them wrote or called.
    pub from: Option<usize>,
    /// What it is called and its topic, where that is no matter of chance.
    pub subject: Option<Matter>,
    /// A newsletter, which nobody of ours has written.
    pub bulk: bool,
}

impl Event {
    /// Something of ours that took place.
    pub fn ours(kind: Kind, purpose: Purpose, people: Vec<usize>) -> Self {
        Self {
            kind,
            direction: Direction::Outbound,
            status: Status::Completed,
            purpose,
            people,
            answered_after: None,
            from: None,
            subject: None,
            bulk: false,
        }
    }

    /// Something that one of theirs began, and that took place.
    pub fn theirs(kind: Kind, purpose: Purpose, person: usize) -> Self {
        Self {
            direction: Direction::Inbound,
            from: Some(person),
            ..Self::ours(kind, purpose, vec![person])
        }
    }
}
