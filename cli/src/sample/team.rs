//! Our own people: who looks after the sixty customers.

use engagement::vocabulary::AccountTier;

use super::company::{Company, Region};
use super::row::{File, RowWriter};
use super::story::Story;

/// Domain of the people who look after the customers.
const DOMAIN: &str = "tidemark.example";
/// The administrator, for whom the demo makes a token.
pub const ADMIN: &str = "dana.whitfield@tidemark.example";

/// Key, name, role, zone, key of the manager.
const USERS: [(&str, &str, &str, &str, &str); 14] = [
    (
        "dana.whitfield",
        "Dana Whitfield",
        "admin",
        "America/New_York",
        "",
    ),
    (
        "tomas.ekberg",
        "Tomas Ekberg",
        "manager",
        "Europe/Stockholm",
        "dana.whitfield",
    ),
    (
        "grace.adeyemi",
        "Grace Adeyemi",
        "manager",
        "America/New_York",
        "dana.whitfield",
    ),
    (
        "julian.marsh",
        "Julian Marsh",
        "csm",
        "Europe/London",
        "tomas.ekberg",
    ),
    (
        "elena.petrova",
        "Elena Petrova",
        "csm",
        "Europe/Berlin",
        "tomas.ekberg",
    ),
    (
        "sofia.lindgren",
        "Sofia Lindgren",
        "csm",
        "Europe/Stockholm",
        "tomas.ekberg",
    ),
    (
        "marcus.bell",
        "Marcus Bell",
        "csm",
        "America/Chicago",
        "grace.adeyemi",
    ),
    (
        "rachel.nguyen",
        "Rachel Nguyen",
        "csm",
        "America/Los_Angeles",
        "grace.adeyemi",
    ),
    (
        "owen.prescott",
        "Owen Prescott",
        "csm",
        "America/New_York",
        "grace.adeyemi",
    ),
    (
        "amara.singh",
        "Amara Singh",
        "csm",
        "Asia/Singapore",
        "tomas.ekberg",
    ),
    (
        "carla.mendes",
        "Carla Mendes",
        "csm",
        "Europe/Lisbon",
        "tomas.ekberg",
    ),
    (
        "victor.hale",
        "Victor Hale",
        "viewer",
        "America/New_York",
        "grace.adeyemi",
    ),
    (
        "helen.strand",
        "Helen Strand",
        "manager",
        "Europe/London",
        "dana.whitfield",
    ),
    (
        "noah.brandt",
        "Noah Brandt",
        "csm",
        "America/Denver",
        "grace.adeyemi",
    ),
];

/// Customer-success managers, by their place in [`USERS`]: west and east of the Atlantic.
const WEST: [usize; 3] = [6, 7, 8];
const EAST: [usize; 5] = [3, 4, 5, 9, 10];
/// Has left, and their accounts are still in their name.
const LEFT: usize = 13;
/// The account executive of the large ones.
const EXECUTIVE_SPONSOR: usize = 12;
/// Reads along.
const VIEWER: usize = 11;

fn email(place: usize) -> String {
    format!("{}@{DOMAIN}", USERS[place].0)
}

/// Address and zone of everybody who still works with us.
pub fn readers() -> impl Iterator<Item = (String, &'static str)> {
    USERS
        .iter()
        .enumerate()
        .filter(|(place, _)| *place != LEFT)
        .map(|(place, (_, _, _, zone, _))| (email(place), *zone))
}

/// `users`.
pub fn users() -> File {
    let rows = USERS
        .iter()
        .enumerate()
        .map(|(place, (_, name, role, zone, manager))| {
            RowWriter::default()
                .field("email", email(place))
                .field("name", name)
                .field("role", role)
                .field("time_zone", zone)
                .maybe(
                    "manager_email",
                    (!manager.is_empty()).then(|| format!("{manager}@{DOMAIN}")),
                )
                .done()
        });
    File {
        name: "users",
        rows: rows.collect(),
    }
}

/// Who looks after a customer.
#[derive(Debug)]
pub struct Team {
    csm: usize,
    manager: usize,
    large: bool,
}

impl Team {
    /// The team of the customer at `place` of the list.
    pub fn of(place: usize, company: &Company) -> Self {
        let american = company.region == Region::NorthAmerica;
        let csms: &[usize] = if american { &WEST } else { &EAST };
        let csm = if company.story == Story::ColleagueLeft {
            LEFT
        } else {
            csms[place % csms.len()]
        };
        Self {
            csm,
            manager: if american { 2 } else { 1 },
            large: company.tier == AccountTier::Enterprise,
        }
    }

    /// Whose name stands on what we do.
    pub fn owner(&self) -> String {
        email(self.csm)
    }

    /// Members and what they do, for `teams`.
    pub fn members(&self) -> Vec<(String, &'static str)> {
        let mut members = vec![(email(self.csm), "csm"), (email(self.manager), "manager")];
        if self.large {
            members.push((email(EXECUTIVE_SPONSOR), "executive_sponsor"));
            members.push((email(VIEWER), "account_executive"));
        }
        members
    }
}
