//! What a rehearsal has changed so far, as far as later rows depend on it: which accounts, contacts, users and features came to
//! be or are gone. Everything else about a row is compared with what is stored, and nothing is written there, so a
//! rehearsal holds no lock and needs no room in the database. It is kept in a temporary file, so that memory does not grow
//! with the files.
//!
//! No two rows of an import have the same key, and what no later row refers to is compared once; so what is kept here and what is
//! stored are together what the import would find at the same row.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io;
use std::sync::Arc;

use serde_json::{Value as Json, json};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, SqliteConnection};
use tempfile::NamedTempFile;
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::error::ServiceError;
use crate::ingest::summary::RowOutcome;
use crate::ingest::target::column::{Kind, Spec};
use crate::ingest::target::file::Target;
use crate::ingest::value::Value;
use crate::ingest::write::{Account, Attendances, Contacts, MergedRow, StoredRow};

/// See the module.
pub(crate) struct Rehearsal(Mutex<Kept>);

struct Kept {
    connection: SqliteConnection,
    /// The kinds of names that there are; most files change none.
    kinds: HashSet<&'static str>,
    any_gone: bool,
    _file: NamedTempFile,
}

/// Names that came to be, and names that are gone.
#[derive(Default)]
pub(crate) struct Changed {
    pub(crate) come: HashSet<String>,
    pub(crate) gone: HashSet<String>,
}

/// A name that was changed: whose it is now, or nobody's.
struct Name {
    scope: Uuid,
    name: String,
    id: Option<Uuid>,
    currency: Option<String>,
}

const SCHEMA: &str = "
    CREATE TABLE name (kind TEXT NOT NULL, scope BLOB NOT NULL, name TEXT NOT NULL, id BLOB, currency TEXT, PRIMARY KEY (kind, scope, name))
        WITHOUT ROWID;
    CREATE TABLE gone (id BLOB NOT NULL PRIMARY KEY) WITHOUT ROWID;";

impl Rehearsal {
    /// A rehearsal that has changed nothing.
    pub(crate) async fn begin() -> io::Result<Self> {
        let file = NamedTempFile::new()?;
        let options = SqliteConnectOptions::new()
            .filename(file.path())
            .journal_mode(SqliteJournalMode::Off)
            .synchronous(SqliteSynchronous::Off)
            .disable_statement_logging();
        let mut connection = options.connect().await.map_err(io::Error::other)?;
        sqlx::raw_sql(SCHEMA)
            .execute(&mut connection)
            .await
            .map_err(io::Error::other)?;
        Ok(Self(Mutex::new(Kept {
            connection,
            kinds: HashSet::new(),
            any_gone: false,
            _file: file,
        })))
    }

    /// Notes what rows have changed.
    pub(super) async fn note(&self, spec: &'static Spec, rows: &[MergedRow]) -> Result<(), ServiceError> {
        let name =
            |row: &MergedRow, column: &str| row.value(spec, column).text().unwrap_or_default().to_owned();
        let in_no_account = |row: &MergedRow, column: &str| Name {
            scope: Uuid::nil(),
            name: name(row, column),
            id: row.id,
            currency: None,
        };
        let of = |row: &MergedRow| match spec.target {
            Target::Accounts => {
                let currency = row.value(spec, "currency").text().map(str::to_owned);
                Some(Name {
                    currency,
                    ..in_no_account(row, "external_id")
                })
            }
            Target::Contacts => Some(Name {
                scope: row.account?,
                ..in_no_account(row, "external_id")
            }),
            Target::Users => Some(in_no_account(row, "email")),
            Target::Features => Some(Name {
                id: Some(Uuid::nil()),
                ..in_no_account(row, "feature")
            }),
            _ => None,
        };
        let (mut names, mut gone) = (Vec::new(), Vec::new());
        for row in rows.iter().filter(|row| row.is_changed()) {
            let Some(name) = of(row) else { continue };
            if row.outcome == RowOutcome::Deleted {
                gone.extend(row.id.map(hex));
                names.push(json!([hex(name.scope), name.name, Json::Null, Json::Null]));
            } else {
                names.push(json!([
                    hex(name.scope),
                    name.name,
                    name.id.map(hex),
                    name.currency
                ]));
            }
        }
        if names.is_empty() {
            return Ok(());
        }
        let mut kept = self.0.lock().await;
        kept.kinds.insert(spec.table);
        kept.any_gone |= !gone.is_empty();
        let insert = "INSERT OR REPLACE INTO name SELECT ?1, unhex(value ->> 0), value ->> 1, unhex(value ->> 2), value ->> 3 FROM json_each(?2)";
        let names = sqlx::query(insert)
            .bind(spec.table)
            .bind(Json::from(names).to_string());
        names.execute(&mut kept.connection).await.map_err(broken)?;
        let gone = sqlx::query("INSERT OR IGNORE INTO gone SELECT unhex(value) FROM json_each(?1)")
            .bind(Json::from(gone).to_string());
        gone.execute(&mut kept.connection).await.map_err(broken)?;
        Ok(())
    }

    /// Corrects which accounts there are.
    pub(super) async fn accounts(
        &self,
        named: &BTreeSet<&str>,
        found: &mut HashMap<String, Account>,
    ) -> Result<(), ServiceError> {
        for Name {
            name, id, currency, ..
        } in self
            .named("account", named.iter().map(|name| (Uuid::nil(), *name)))
            .await?
        {
            match id {
                Some(id) => found.insert(name, Account { id, currency }),
                None => found.remove(&name),
            };
        }
        Ok(())
    }

    /// Corrects which contacts there are.
    pub(super) async fn contacts(
        &self,
        named: &[(Uuid, &str)],
        found: &mut Contacts,
    ) -> Result<(), ServiceError> {
        for Name { scope, name, id, .. } in self.named("contact", named.iter().copied()).await? {
            let of_account = found.entry(scope).or_default();
            match id {
                Some(id) => of_account.insert(name, id),
                None => of_account.remove(&name),
            };
        }
        Ok(())
    }

    /// Corrects which users there are.
    pub(super) async fn users(
        &self,
        named: &BTreeSet<&str>,
        found: &mut HashMap<String, Uuid>,
    ) -> Result<(), ServiceError> {
        for Name { name, id, .. } in self
            .named("app_user", named.iter().map(|name| (Uuid::nil(), *name)))
            .await?
        {
            match id {
                Some(id) => found.insert(name, id),
                None => found.remove(&name),
            };
        }
        Ok(())
    }

    /// Which features came to be or are gone.
    pub(super) async fn features(&self) -> Result<Changed, ServiceError> {
        let mut kept = self.0.lock().await;
        let rows: Vec<(String, bool)> =
            sqlx::query_as("SELECT name, id IS NULL FROM name WHERE kind = 'feature'")
                .fetch_all(&mut kept.connection)
                .await
                .map_err(broken)?;
        let mut changed = Changed::default();
        for (name, is_gone) in rows {
            if is_gone {
                &mut changed.gone
            } else {
                &mut changed.come
            }
            .insert(name);
        }
        Ok(changed)
    }

    /// Takes out of stored rows whom they name that is gone.
    pub(super) async fn forget_gone(
        &self,
        spec: &'static Spec,
        stored: &mut [Option<StoredRow>],
    ) -> Result<(), ServiceError> {
        let references: Vec<usize> = (spec.columns.iter().enumerate())
            .filter(|(_, column)| matches!(column.kind, Kind::Contact | Kind::User) && !column.is_key())
            .map(|(at, _)| at)
            .collect();
        let ids = stored
            .iter()
            .flatten()
            .flat_map(|row| references.iter().filter_map(|at| row.values[*at].id()));
        let gone = self.gone(ids.collect()).await?;
        for row in stored.iter_mut().flatten() {
            for at in &references {
                if row.values[*at].id().is_some_and(|id| gone.contains(&id)) {
                    row.values[*at] = Value::Null;
                }
            }
        }
        Ok(())
    }

    /// Takes participants out that are gone.
    pub(super) async fn forget_participants(
        &self,
        stored: &mut HashMap<Uuid, Attendances>,
    ) -> Result<(), ServiceError> {
        let gone = self
            .gone(stored.values().flatten().map(|(contact, _)| *contact).collect())
            .await?;
        if !gone.is_empty() {
            for people in stored.values_mut() {
                people.retain(|(contact, _)| !gone.contains(contact));
            }
        }
        Ok(())
    }

    async fn gone(&self, ids: HashSet<Uuid>) -> Result<HashSet<Uuid>, ServiceError> {
        let mut kept = self.0.lock().await;
        if !kept.any_gone || ids.is_empty() {
            return Ok(HashSet::new());
        }
        let ids = Json::from(ids.into_iter().map(hex).collect::<Vec<_>>()).to_string();
        let rows: Vec<(Uuid,)> =
            sqlx::query_as("SELECT g.id FROM json_each(?1) k CROSS JOIN gone g ON g.id = unhex(k.value)")
                .bind(ids)
                .fetch_all(&mut kept.connection)
                .await
                .map_err(broken)?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }

    /// Those of some names that were changed.
    async fn named<'a>(
        &self,
        kind: &'static str,
        named: impl Iterator<Item = (Uuid, &'a str)>,
    ) -> Result<Vec<Name>, ServiceError> {
        let mut kept = self.0.lock().await;
        if !kept.kinds.contains(kind) {
            return Ok(Vec::new());
        }
        let keys = Json::from(
            named
                .map(|(scope, name)| json!([hex(scope), name]))
                .collect::<Vec<_>>(),
        )
        .to_string();
        let select = "SELECT n.scope, n.name, n.id, n.currency FROM json_each(?2) k
            CROSS JOIN name n ON n.kind = ?1 AND n.scope = unhex(k.value ->> 0) AND n.name = k.value ->> 1";
        let rows: Vec<(Uuid, String, Option<Uuid>, Option<String>)> = sqlx::query_as(select)
            .bind(kind)
            .bind(keys)
            .fetch_all(&mut kept.connection)
            .await
            .map_err(broken)?;
        Ok(rows
            .into_iter()
            .map(|(scope, name, id, currency)| Name {
                scope,
                name,
                id,
                currency,
            })
            .collect())
    }
}

fn hex(id: Uuid) -> String {
    id.simple().to_string()
}

fn broken(error: sqlx::Error) -> ServiceError {
    ServiceError::File {
        path: "a temporary file (TMPDIR says where they go)".to_owned(),
        operation: "keeping what a rehearsal changed",
        source: Arc::new(io::Error::other(error)),
    }
}
