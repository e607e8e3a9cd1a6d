//! A row whose references are ids, and what those ids stand for.

use std::collections::HashMap;

use engagement::vocabulary::Attendance;
use uuid::Uuid;

use crate::ingest::value::row::Patch;

/// A row whose references are ids.
pub(super) struct ResolvedRow {
    pub(super) line: u64,
    pub(super) deleted: bool,
    /// The row's account, where it belongs to one.
    pub(super) account: Option<Account>,
    pub(super) patches: Vec<Patch>,
    /// Participants by id, where the row names them.
    pub(super) participants: Option<Vec<(Uuid, Attendance)>>,
}

impl ResolvedRow {
    /// Where the row lies among others: its account, or its name where it is in none.
    pub(super) fn place(&self) -> (Option<Uuid>, Option<&str>) {
        (
            self.account.as_ref().map(|account| account.id),
            self.patches.first().and_then(set_text),
        )
    }
}

/// What a row needs to know about its account.
#[derive(Debug, Clone)]
pub(in crate::ingest) struct Account {
    pub(in crate::ingest) id: Uuid,
    pub(in crate::ingest) currency: Option<String>,
}

/// Contacts by account and external id.
pub(in crate::ingest) type Contacts = HashMap<Uuid, HashMap<String, Uuid>>;

pub(super) fn set_text(patch: &Patch) -> Option<&str> {
    match patch {
        Patch::Set(value) => value.text(),
        Patch::Keep | Patch::Clear => None,
    }
}
