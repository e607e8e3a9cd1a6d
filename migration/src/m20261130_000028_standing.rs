//! What to think of an account, with each stored score: the standing, its reasons and the first recommendations as codes
//! with their parameters, and the edition of the definitions that the score was made with; and on how many people the
//! relationship rests. What is stored already was made
//! with the first edition that was counted. The present standing of an account is also kept with the account, as a number in
//! the order of lists, because lists sort and filter by it: one index for each direction, accounts without one last.

use sea_orm_migration::prelude::*;

use crate::words::{Words, one_of, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const COLUMNS: &[&str] = &[
    "standing",
    "standing_reasons",
    "advice",
    "definitions",
    "effective_people",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let Words { int, double, .. } = Words::of(manager);
        let standing = one_of("standing", &["AT_RISK", "WATCH", "NOT_KNOWN", "ON_TRACK"]);
        let add = |column: &str| format!("ALTER TABLE assessment ADD COLUMN {column}");
        run(
            manager,
            &[
                add(&standing),
                add("standing_reasons text"),
                add("advice text"),
                add(&format!("effective_people {double}")),
                add(&format!("definitions {int} NOT NULL DEFAULT 1 CHECK (definitions >= 1)")),
                format!("ALTER TABLE account ADD COLUMN standing_rank {int} CHECK (standing_rank BETWEEN 0 AND 3)"),
                "CREATE INDEX account_standing ON account ((standing_rank IS NULL), standing_rank, id)".to_owned(),
                "CREATE INDEX account_standing_descending ON account ((standing_rank IS NULL), standing_rank DESC, id DESC)".to_owned(),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let drops = [
            "DROP INDEX account_standing",
            "DROP INDEX account_standing_descending",
            "ALTER TABLE account DROP COLUMN standing_rank",
        ];
        let columns = COLUMNS
            .iter()
            .map(|column| format!("ALTER TABLE assessment DROP COLUMN {column}"));
        run(
            manager,
            &drops
                .into_iter()
                .map(ToOwned::to_owned)
                .chain(columns)
                .collect::<Vec<_>>(),
        )
        .await
    }
}
