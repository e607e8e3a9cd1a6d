//! The schema's history, for both databases. Names and allowed values are repeated here on purpose: a step must go on
//! meaning what it meant on the day it was written, whatever later becomes of the code that uses the tables.
//!
//! What must hold: one reversible step per file, steps only ever appended, every step runs on SQLite and on PostgreSQL.

mod m20261120_000001_users;
mod m20261120_000002_accounts;
mod m20261120_000003_contacts;
mod m20261120_000004_interactions;
mod m20261120_000005_usage;
mod m20261120_000006_values;
mod m20261120_000007_events;
mod m20261120_000008_assessments;
mod m20261120_000009_operation;
mod m20261121_000010_audit;
mod m20261121_000011_standings;
mod m20261121_000012_alerts;
mod m20261121_000013_outreach;
mod m20261121_000014_digest_preferences;
mod m20261121_000015_digests;
mod m20261121_000016_link_key;
mod m20261121_000017_sharing;
mod m20261130_000018_heartbeat;
mod m20261130_000022_token_parent;
mod m20261130_000023_idempotency;
mod m20261130_000024_sees_everything;
mod m20261130_000025_shared_clock;
mod m20261130_000026_served_by_and_bulk;
mod m20261130_000027_owner_silent;
mod m20261130_000028_standing;
mod m20261130_000029_portfolio;
mod words;

pub use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// Brings a database up to the present schema, or back down step by step.
#[derive(Debug, Clone, Copy)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261120_000001_users::Migration),
            Box::new(m20261120_000002_accounts::Migration),
            Box::new(m20261120_000003_contacts::Migration),
            Box::new(m20261120_000004_interactions::Migration),
            Box::new(m20261120_000005_usage::Migration),
            Box::new(m20261120_000006_values::Migration),
            Box::new(m20261120_000007_events::Migration),
            Box::new(m20261120_000008_assessments::Migration),
            Box::new(m20261120_000009_operation::Migration),
            Box::new(m20261121_000010_audit::Migration),
            Box::new(m20261121_000011_standings::Migration),
            Box::new(m20261121_000012_alerts::Migration),
            Box::new(m20261121_000013_outreach::Migration),
            Box::new(m20261121_000014_digest_preferences::Migration),
            Box::new(m20261121_000015_digests::Migration),
            Box::new(m20261121_000016_link_key::Migration),
            Box::new(m20261121_000017_sharing::Migration),
            Box::new(m20261130_000018_heartbeat::Migration),
            Box::new(m20261130_000022_token_parent::Migration),
            Box::new(m20261130_000023_idempotency::Migration),
            Box::new(m20261130_000024_sees_everything::Migration),
            Box::new(m20261130_000025_shared_clock::Migration),
            Box::new(m20261130_000026_served_by_and_bulk::Migration),
            Box::new(m20261130_000027_owner_silent::Migration),
            Box::new(m20261130_000028_standing::Migration),
            Box::new(m20261130_000029_portfolio::Migration),
        ]
    }
}
