//! What the portfolio and the account page need beside the score, kept with it: the executive level, and the numbers of
//! the portfolio's metrics; and the history of every executive's level, a row per change.

use sea_orm_migration::prelude::*;

use crate::words::{Words, drop_tables, one_of, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const LEVELS: &[&str] = &["CHAMPION", "ENGAGED", "PASSIVE", "DISENGAGED", "UNKNOWN"];

const COLUMNS: &[&str] = &[
    "executive_level",
    "executive_score",
    "sponsor_engaged",
    "executive_contact_days",
    "known_days",
    "qbrs_in_year",
    "qbrs_with_executive",
    "engaged_executives",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let words = Words::of(manager);
        let Words {
            id, int, clustered, ..
        } = words;
        let executive_level = one_of("executive_level", LEVELS);
        let sponsor_engaged = if words.postgres {
            "sponsor_engaged boolean NOT NULL DEFAULT false".to_owned()
        } else {
            "sponsor_engaged INTEGER NOT NULL DEFAULT 0 CHECK (sponsor_engaged IN (0, 1))".to_owned()
        };
        let level = one_of("level", LEVELS);
        let previous_level = one_of("previous_level", LEVELS);
        let day = words.day("day");
        let add = |column: &str| format!("ALTER TABLE assessment ADD COLUMN {column}");
        run(
            manager,
            &[
                add(&executive_level.replacen(" text ", " text NOT NULL DEFAULT 'UNKNOWN' ", 1)),
                add(&format!("executive_score {int} NOT NULL DEFAULT 0 CHECK (executive_score BETWEEN 0 AND 100)")),
                add(&sponsor_engaged),
                // Distinct days of executive contact in the trailing year, and over how many days they spread.
                add(&format!("executive_contact_days {int} NOT NULL DEFAULT 0 CHECK (executive_contact_days >= 0)")),
                add(&format!("known_days {int} CHECK (known_days BETWEEN 1 AND 366)")),
                add(&format!("qbrs_in_year {int} NOT NULL DEFAULT 0 CHECK (qbrs_in_year >= 0)")),
                add(&format!("qbrs_with_executive {int} NOT NULL DEFAULT 0 CHECK (qbrs_with_executive >= 0)")),
                add(&format!("engaged_executives {int} NOT NULL DEFAULT 0 CHECK (engaged_executives >= 0)")),
                format!(
                    "CREATE TABLE sponsor_level (
                        account_id {id} NOT NULL,
                        contact_id {id} NOT NULL,
                        {day} NOT NULL,
                        {level} NOT NULL,
                        {previous_level},
                        score {int} NOT NULL CHECK (score BETWEEN 0 AND 100),
                        cause text NOT NULL,
                        PRIMARY KEY (account_id, contact_id, day),
                        FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id) ON DELETE CASCADE
                    ) {clustered}"
                ),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["sponsor_level"]).await?;
        let drops: Vec<String> = COLUMNS
            .iter()
            .map(|column| format!("ALTER TABLE assessment DROP COLUMN {column}"))
            .collect();
        run(manager, &drops).await
    }
}
