//! One SeaORM model per table and nothing else. Columns hold what the database holds: text for enumerations, microseconds
//! for instants, JSON text for lists; `service` turns rows into domain types and nobody else sees these.

pub mod account;
pub mod alert;
pub mod alert_baseline;
pub mod api_token;
pub mod app_user;
pub mod assessment;
pub mod audit_log;
pub mod contact;
pub mod digest;
pub mod erased_contact;
pub mod feature;
pub mod goal;
pub mod heartbeat;
pub mod initiative;
pub mod installation;
pub mod interaction;
pub mod interaction_participant;
pub mod job_batch;
pub mod job_run;
pub mod link_key;
pub mod metric;
pub mod org_change;
pub mod outbox;
pub mod outcome;
pub mod outreach;
pub mod sponsor_level;
pub mod sponsorship;
pub mod team_member;
pub mod touched_account;
pub mod usage;
