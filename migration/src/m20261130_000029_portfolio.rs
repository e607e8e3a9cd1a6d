//! What the portfolio tells of accounts beside their scores: the day of the latest executive contact, and the dimensions of
//! the previous window. What is stored already has none; it gets them when it is scored again.

use sea_orm_migration::prelude::*;

use crate::words::{Words, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const DIMENSIONS: &[&str] = &[
    "previous_frequency",
    "previous_quality",
    "previous_breadth",
    "previous_product",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let words = Words::of(manager);
        let contact = format!(
            "ALTER TABLE assessment ADD COLUMN {}",
            words.day("last_executive_contact_on")
        );
        let dimensions = DIMENSIONS
            .iter()
            .map(|column| format!("ALTER TABLE assessment ADD COLUMN {column} {}", words.double));
        run(manager, &dimensions.chain([contact]).collect::<Vec<_>>()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = DIMENSIONS.iter().chain(&["last_executive_contact_on"]);
        run(
            manager,
            &columns
                .map(|column| format!("ALTER TABLE assessment DROP COLUMN {column}"))
                .collect::<Vec<_>>(),
        )
        .await
    }
}
