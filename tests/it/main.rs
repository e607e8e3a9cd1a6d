//! Whole-system tests, one binary, a file per behaviour.

#[cfg(test)]
mod access_changes;
#[cfg(test)]
mod access_fields;
#[cfg(test)]
mod access_random;
#[cfg(test)]
mod access_stage;
#[cfg(test)]
mod access_visibility;
#[cfg(test)]
mod account_facts;
#[cfg(test)]
mod alert_answers;
#[cfg(test)]
mod alert_evaluation;
#[cfg(test)]
mod alert_graphql;
#[cfg(test)]
mod alert_stage;
#[cfg(test)]
mod connections;
#[cfg(test)]
mod departure_alerts;
#[cfg(test)]
mod departure_mail;
#[cfg(test)]
mod departure_recorded;
#[cfg(test)]
mod digest_messages;
#[cfg(test)]
mod digests;
#[cfg(test)]
mod erasure;
#[cfg(test)]
mod erasure_mail;
#[cfg(test)]
mod graphql_advice;
#[cfg(test)]
mod graphql_conformance;
#[cfg(test)]
mod graphql_engagement;
#[cfg(test)]
mod graphql_floats;
#[cfg(test)]
mod graphql_limits;
#[cfg(test)]
mod graphql_lists;
#[cfg(test)]
mod graphql_mutations;
#[cfg(test)]
mod graphql_schema;
#[cfg(test)]
mod graphql_server;
#[cfg(test)]
mod graphql_stage;
#[cfg(test)]
mod graphql_statements;
#[cfg(test)]
mod graphql_variables;
#[cfg(test)]
mod http_edge;
#[cfg(test)]
mod idempotency;
#[cfg(test)]
mod import_audit;
#[cfg(test)]
mod import_bad_input;
#[cfg(test)]
mod import_departure;
#[cfg(test)]
mod import_files;
#[cfg(test)]
mod import_mapping;
#[cfg(test)]
mod import_rehearsal;
#[cfg(test)]
mod import_stage;
#[cfg(test)]
mod import_strict;
#[cfg(test)]
mod link_actions;
#[cfg(test)]
mod link_key;
#[cfg(test)]
mod link_mails;
#[cfg(test)]
mod link_reports;
#[cfg(test)]
mod link_stage;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod lock_waits;
#[cfg(test)]
mod mail_delivery;
#[cfg(test)]
mod mail_faults;
#[cfg(test)]
mod mail_messages;
#[cfg(test)]
mod mail_outbox;
#[cfg(test)]
mod mail_runs;
#[cfg(test)]
mod mail_stage;
#[cfg(test)]
mod mail_undeliverable;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod outreach_plans;
#[cfg(test)]
mod overload;
#[cfg(test)]
mod owner_email;
#[cfg(test)]
mod owner_silent;
#[cfg(test)]
mod portfolio;
#[cfg(test)]
mod prune;
#[cfg(test)]
mod readiness;
#[cfg(test)]
mod recompute;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod sees_everything;
#[cfg(test)]
mod served_by_and_bulk;
#[cfg(test)]
mod sponsor_levels;
#[cfg(test)]
mod sponsor_report;
#[cfg(test)]
mod standing;
#[cfg(test)]
mod subscriptions;
#[cfg(test)]
mod subscriptions_recovery;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod worker_clocks;
#[cfg(test)]
mod worker_hour;
#[cfg(test)]
mod worker_recompute;
#[cfg(test)]
mod worker_sharing;
#[cfg(test)]
mod worker_slots;
#[cfg(test)]
mod write_order;
