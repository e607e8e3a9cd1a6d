//! What users want of the weekly digest. What is absent is the default: Monday, eight o'clock, the user's own zone.
//!
//! The zone of a digest is kept apart from `time_zone`, which is imported: importing users again changes no preference.

use sea_orm_migration::prelude::*;

use crate::words::{Words, one_of, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const COLUMNS: &[&str] = &["digest_off", "digest_day", "digest_hour", "digest_zone"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let words = Words::of(manager);
        let int = words.int;
        let off = if words.postgres {
            "digest_off boolean NOT NULL DEFAULT false".to_owned()
        } else {
            "digest_off INTEGER NOT NULL DEFAULT 0 CHECK (digest_off IN (0, 1))".to_owned()
        };
        let day = one_of(
            "digest_day",
            &[
                "MONDAY",
                "TUESDAY",
                "WEDNESDAY",
                "THURSDAY",
                "FRIDAY",
                "SATURDAY",
                "SUNDAY",
            ],
        );
        let hour = format!("digest_hour {int} CHECK (digest_hour BETWEEN 0 AND 23)");
        let zone = "digest_zone text".to_owned();
        run(
            manager,
            &[off, day, hour, zone].map(|column| format!("ALTER TABLE app_user ADD COLUMN {column}")),
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let drops: Vec<String> = COLUMNS
            .iter()
            .map(|column| format!("ALTER TABLE app_user DROP COLUMN {column}"))
            .collect();
        run(manager, &drops).await
    }
}
