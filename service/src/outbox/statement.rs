//! The statements that claim, keep and settle rows of the outbox, for each of the two databases.

use sea_orm::DbBackend;

use super::due::{DUE, FREE};

/// Claims due rows of the outbox and returns them: due by $1 to $4 (`outbox::due::bounds`), of priority $5, at most $6, for the
/// token $7, until $8, but none of $9 (a JSON list of ids). Concurrent claims on PostgreSQL pass over each other's rows; on
/// SQLite one transaction writes at a time anyway.
pub(crate) fn claim_messages(backend: DbBackend) -> String {
    let others = none_of(backend, "$9");
    let picked = format!(
        "SELECT id FROM outbox WHERE status = 'QUEUED' AND priority = $5 AND {DUE} AND {FREE} AND {others} ORDER BY due_at, id LIMIT $6"
    );
    let claimed = "UPDATE outbox SET leased_by = $7, leased_until = $8, attempts = attempts + 1";
    match backend {
        // Materialised: in a plain subquery the limit may be applied more than once.
        DbBackend::Postgres => {
            format!(
                "WITH picked AS MATERIALIZED ({picked} FOR UPDATE SKIP LOCKED) {claimed} FROM picked WHERE outbox.id = picked.id RETURNING outbox.*"
            )
        }
        _ => format!("{claimed} WHERE id IN ({picked}) RETURNING *"),
    }
}

/// That an id is none of a JSON list of ids.
fn none_of(backend: DbBackend, list: &str) -> String {
    match backend {
        DbBackend::Postgres => {
            format!("id NOT IN (SELECT value::uuid FROM jsonb_array_elements_text({list}::jsonb))")
        }
        _ => format!("id NOT IN (SELECT unhex(value) FROM json_each({list}))"),
    }
}

/// Writes rendered messages ($1, a JSON list) into the rows that are still their worker's, with their contexts where those
/// have changed, renews the leases until $2, and returns the ids.
pub(crate) const fn keep_messages(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => {
            "UPDATE outbox SET message_id = v.message_id, message = v.message, context = coalesce(v.context, outbox.context), leased_until = $2
            FROM jsonb_to_recordset($1::jsonb) AS v (id uuid, token text, message_id text, message text, context text)
            WHERE outbox.id = v.id AND outbox.leased_by = v.token AND outbox.status = 'QUEUED' RETURNING outbox.id"
        }
        _ => {
            "UPDATE outbox SET message_id = v.value ->> 'message_id', message = v.value ->> 'message',
                context = coalesce(v.value ->> 'context', outbox.context), leased_until = $2
            FROM json_each($1) AS v
            WHERE outbox.id = unhex(v.value ->> 'id') AND outbox.leased_by = v.value ->> 'token' AND outbox.status = 'QUEUED'
            RETURNING id"
        }
    }
}

/// Settles the rows ($1, a JSON list) that are still their worker's, and returns the ids.
pub(crate) const fn settle_messages(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => {
            "UPDATE outbox SET status = v.status, error = v.error, due_at = coalesce(v.due_at, outbox.due_at), finished_at = v.finished_at,
                attempts = outbox.attempts - v.untried, leased_by = NULL, leased_until = NULL
            FROM jsonb_to_recordset($1::jsonb)
                AS v (id uuid, token text, status text, error text, due_at bigint, finished_at bigint, untried integer)
            WHERE outbox.id = v.id AND outbox.leased_by = v.token AND outbox.status = 'QUEUED' RETURNING outbox.id"
        }
        _ => {
            "UPDATE outbox SET status = v.value ->> 'status', error = v.value ->> 'error', due_at = coalesce(v.value ->> 'due_at', due_at),
                finished_at = v.value ->> 'finished_at', attempts = attempts - (v.value ->> 'untried'), leased_by = NULL, leased_until = NULL
            FROM json_each($1) AS v
            WHERE outbox.id = unhex(v.value ->> 'id') AND outbox.leased_by = v.value ->> 'token' AND outbox.status = 'QUEUED'
            RETURNING id"
        }
    }
}

/// Gives up the rows that are overdue at $1 and nobody's (no lease reaches beyond $2), none of $4 (a JSON list of ids), with the
/// error $3, and returns them.
pub(crate) fn overdue_messages(backend: DbBackend) -> String {
    let given_up = "UPDATE outbox SET status = 'FAILED', error = $3, finished_at = $1, leased_by = NULL, leased_until = NULL";
    let overdue = format!(
        "status = 'QUEUED' AND give_up_at <= $1 AND {FREE} AND {}",
        none_of(backend, "$4")
    );
    match backend {
        DbBackend::Postgres => {
            format!(
                "WITH picked AS MATERIALIZED (SELECT id FROM outbox WHERE {overdue} FOR UPDATE SKIP LOCKED)
                {given_up} FROM picked WHERE outbox.id = picked.id RETURNING outbox.*"
            )
        }
        _ => format!("{given_up} WHERE {overdue} RETURNING *"),
    }
}
