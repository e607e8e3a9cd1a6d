//! Who is who: the names that advice is told with. Rows hold none; whoever writes a report reads them.

use std::collections::HashMap;

use crate::vocabulary::id::{ContactId, UserId};

/// The people of one account, theirs and ours.
#[derive(Debug, Clone, Default)]
pub struct People {
    /// Who of us sees to it: the account's first customer-success manager by name, else the owner of its latest interaction.
    pub owner: Option<Member>,
    /// The first customer-success manager of the team by name.
    pub csm: Option<Member>,
    /// Who of us calls a silent sponsor: our executive sponsor of the account, else the team's manager.
    pub caller: Option<Member>,
    /// Their people, by id.
    pub contacts: HashMap<ContactId, ContactLabel>,
}

/// One of us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Their user.
    pub id: UserId,
    /// Their name.
    pub name: String,
}

/// How a contact is shown.
#[derive(Debug, Clone, Default)]
pub struct ContactLabel {
    /// Name.
    pub name: String,
    /// Title.
    pub title: Option<String>,
    /// Department.
    pub department: Option<String>,
    /// How they like to be reached.
    pub preference: Option<String>,
}

impl People {
    /// The name of a contact, where it is known.
    pub fn name(&self, contact: ContactId) -> Option<&str> {
        self.contacts
            .get(&contact)
            .map(|label| label.name.trim())
            .filter(|name| !name.is_empty())
    }
}
