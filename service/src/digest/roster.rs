//! Who gets a digest, about which accounts, and who reports to whom. Users are few, so all of them are read; the accounts
//! only of a batch.

use std::collections::{BTreeSet, HashMap, HashSet};

use engagement::id::{AccountId, UserId};
use entity::{app_user, team_member};
use sea_orm::{EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::access::sees;
use crate::db::Db;
use crate::error::{During, ServiceError};
use crate::record::user::{self, User};
use crate::sql::dialect::id_in;

/// Everybody, and who leads whom.
pub(super) struct Roster {
    users: Vec<User>,
    /// For each user the places of those who report to them.
    reports: HashMap<UserId, Vec<usize>>,
    /// Who is in some team.
    members: HashSet<UserId>,
    /// Whom mail does not reach.
    unreachable: HashSet<UserId>,
}

impl Roster {
    /// Reads all of it.
    pub(super) async fn read(db: &Db) -> Result<Self, ServiceError> {
        let rows = app_user::Entity::find()
            .all(db.read())
            .await
            .during("reading the readers of digests")?;
        let unreachable = rows
            .iter()
            .filter(|row| row.mail_disabled_at.is_some())
            .map(|row| row.id.into())
            .collect();
        // A value that this binary does not know keeps only its own reader from a digest.
        let readable = |row: app_user::Model| {
            let id = UserId::from(row.id);
            let unreadable = |error| tracing::error!(user = %id, error = &error as &dyn std::error::Error, "a user cannot be read");
            user::from_row(row).map_err(unreadable).ok()
        };
        let mut users: Vec<User> = rows.into_iter().filter_map(readable).collect();
        users.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| a.id.cmp(&b.id)));
        let members: Vec<Uuid> = team_member::Entity::find()
            .select_only()
            .column(team_member::Column::UserId)
            .distinct()
            .into_tuple()
            .all(db.read())
            .await
            .during("reading who is in a team")?;
        let ids: HashMap<&str, UserId> = users.iter().map(|user| (user.email.expose(), user.id)).collect();
        let mut reports: HashMap<UserId, Vec<usize>> = HashMap::new();
        for (place, user) in users.iter().enumerate() {
            let manager = user
                .manager_email
                .as_ref()
                .and_then(|email| ids.get(email.expose()))
                .filter(|manager| **manager != user.id);
            if let Some(manager) = manager {
                reports.entry(*manager).or_default().push(place);
            }
        }
        Ok(Self {
            users,
            reports,
            members: members.into_iter().map(UserId::from).collect(),
            unreachable,
        })
    }

    /// Everybody who wants a digest, can get it, and has something to be told about: members of teams, and whoever leads
    /// some, at whatever distance.
    pub(super) fn readers(&self) -> impl Iterator<Item = &User> {
        let wanted = self
            .users
            .iter()
            .filter(|user| !user.digest.off && !self.unreachable.contains(&user.id));
        wanted.filter(|user| {
            self.members.contains(&user.id) || self.under(user.id).iter().any(|id| self.members.contains(id))
        })
    }

    /// One user.
    pub(super) fn find(&self, id: UserId) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    /// Those who report to somebody, by name.
    pub(super) fn reports(&self, id: UserId) -> impl Iterator<Item = &User> {
        self.reports
            .get(&id)
            .into_iter()
            .flatten()
            .filter_map(|place| self.users.get(*place))
    }

    /// Everybody below somebody, at whatever distance; never themselves, also where two lead each other.
    pub(super) fn under(&self, id: UserId) -> BTreeSet<UserId> {
        let mut found = BTreeSet::new();
        let mut next = vec![id];
        while let Some(leader) = next.pop() {
            for report in self.reports(leader) {
                if report.id != id && found.insert(report.id) {
                    next.push(report.id);
                }
            }
        }
        found
    }

    /// The accounts in whose teams these readers and everybody below them are.
    pub(super) async fn teams(&self, db: &Db, readers: &[&User]) -> Result<Teams, ServiceError> {
        let mut people: BTreeSet<UserId> = readers.iter().map(|reader| reader.id).collect();
        for reader in readers {
            people.extend(self.under(reader.id));
        }
        let rows: Vec<(Uuid, Uuid)> = team_member::Entity::find()
            .select_only()
            .columns([team_member::Column::UserId, team_member::Column::AccountId])
            .filter(id_in(
                db.backend(),
                team_member::Column::UserId,
                people.iter().map(|id| id.uuid()),
            ))
            .into_tuple()
            .all(db.read())
            .await
            .during("reading the teams of digests")?;
        let mut teams = Teams::default();
        for (user, account) in rows {
            teams.0.entry(user.into()).or_default().insert(account.into());
        }
        Ok(teams)
    }
}

/// In which teams each user of a batch is.
#[derive(Default)]
pub(super) struct Teams(HashMap<UserId, BTreeSet<AccountId>>);

impl Teams {
    fn of(&self, user: UserId) -> impl Iterator<Item = AccountId> {
        self.0.get(&user).into_iter().flatten().copied()
    }

    /// The accounts of a user and of everybody below them that `reader` may see, each once.
    pub(super) fn seen_below(&self, roster: &Roster, reader: &User, user: UserId) -> BTreeSet<AccountId> {
        let own = self.0.get(&reader.id);
        let is_seen = |account: &AccountId| {
            sees(
                reader.role,
                reader.sees_everything,
                own.is_some_and(|own| own.contains(account)),
                own.is_some(),
            )
        };
        let below = roster.under(user);
        std::iter::once(user)
            .chain(below)
            .flat_map(|user| self.of(user))
            .filter(is_seen)
            .collect()
    }
}
