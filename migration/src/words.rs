//! The words in which the two databases' table definitions differ, so that a step is written once.
//!
//! SQLite tables are STRICT (a column holds its type and nothing else), and its days are text that must be a real day,
//! because it has no date type; PostgreSQL gives both for the asking.

use sea_orm_migration::SchemaManager;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, DbErr};

/// The words of one database.
pub(crate) struct Words {
    /// Type of an identifier.
    pub(crate) id: &'static str,
    /// Type of a 32-bit number.
    pub(crate) int: &'static str,
    /// Type of a 64-bit number; instants are microseconds since 1970 in it.
    pub(crate) bigint: &'static str,
    /// Type of a floating-point number.
    pub(crate) double: &'static str,
    /// Type of a truth value.
    pub(crate) bool: &'static str,
    /// What follows the closing bracket of a table.
    pub(crate) table: &'static str,
    /// The same for a table that is stored in the order of its primary key: an account's rows lie side by side.
    pub(crate) clustered: &'static str,
    /// How a generated column is kept.
    pub(crate) generated: &'static str,
    /// The id that stands for "nobody" in keys, which cannot hold NULL.
    pub(crate) nobody: &'static str,
    /// Whether this is PostgreSQL.
    pub(crate) postgres: bool,
}

impl Words {
    /// The words for the database behind `manager`.
    pub(crate) fn of(manager: &SchemaManager<'_>) -> Self {
        if manager.get_database_backend() == DbBackend::Postgres {
            Self {
                id: "uuid",
                int: "integer",
                bigint: "bigint",
                double: "double precision",
                bool: "boolean",
                table: "",
                clustered: "",
                generated: "STORED",
                nobody: "'00000000-0000-0000-0000-000000000000'::uuid",
                postgres: true,
            }
        } else {
            Self {
                id: "BLOB",
                int: "INTEGER",
                bigint: "INTEGER",
                double: "REAL",
                bool: "INTEGER",
                table: "STRICT",
                clustered: "STRICT, WITHOUT ROWID",
                generated: "VIRTUAL",
                nobody: "x'00000000000000000000000000000000'",
                postgres: false,
            }
        }
    }

    /// A column that holds a day.
    pub(crate) fn day(&self, column: &str) -> String {
        if self.postgres {
            format!("{column} date")
        } else {
            format!("{column} text CHECK ({column} IS date({column}))")
        }
    }

    /// A column that holds a truth value, never absent.
    pub(crate) fn flag(&self, column: &str) -> String {
        let Self { bool, .. } = self;
        if self.postgres {
            format!("{column} {bool} NOT NULL")
        } else {
            format!("{column} {bool} NOT NULL CHECK ({column} IN (0, 1))")
        }
    }
}

/// A column that holds one of `values`; absent where it may be. Comparisons rather than `IN`, for which SQLite builds a
/// tree anew for every statement and searches it for every row.
pub(crate) fn one_of(column: &str, values: &[&str]) -> String {
    let equal: Vec<String> = values
        .iter()
        .map(|value| format!("{column} = '{value}'"))
        .collect();
    format!("{column} text CHECK ({})", equal.join(" OR "))
}

/// Runs statements one after the other.
pub(crate) async fn run(manager: &SchemaManager<'_>, statements: &[String]) -> Result<(), DbErr> {
    for statement in statements {
        manager.get_connection().execute_unprepared(statement).await?;
    }
    Ok(())
}

/// Drops tables in the order given: those that point before those that are pointed at.
pub(crate) async fn drop_tables(manager: &SchemaManager<'_>, tables: &[&str]) -> Result<(), DbErr> {
    for table in tables {
        manager
            .get_connection()
            .execute_unprepared(&format!("DROP TABLE {table}"))
            .await?;
    }
    Ok(())
}
