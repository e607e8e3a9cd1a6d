//! The statement that claims a batch of a job's run, for each of the two databases.

use sea_orm::DbBackend;

/// Claims the first free batch of the earliest run of a job ($1) that is under way, and returns it: free at $2, when nobody has
/// it, or somebody whose lease has run out or is longer ($3) than any lease; for the token $4, until $5.
pub(crate) const fn claim_batch(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => {
            "WITH picked AS MATERIALIZED (
                SELECT b.run_id, b.number FROM job_batch b JOIN job_run r ON r.id = b.run_id
                WHERE r.job = $1 AND r.outcome = 'RUNNING' AND b.done_at IS NULL
                    AND (b.leased_until IS NULL OR b.leased_until <= $2 OR b.leased_until > $3)
                ORDER BY r.slot_at, b.number LIMIT 1 FOR UPDATE OF b SKIP LOCKED)
            UPDATE job_batch SET leased_by = $4, leased_until = $5, attempts = attempts + 1
            FROM picked WHERE job_batch.run_id = picked.run_id AND job_batch.number = picked.number RETURNING job_batch.*"
        }
        _ => {
            "UPDATE job_batch SET leased_by = $4, leased_until = $5, attempts = attempts + 1
            WHERE (run_id, number) = (
                SELECT b.run_id, b.number FROM job_batch b JOIN job_run r ON r.id = b.run_id
                WHERE r.job = $1 AND r.outcome = 'RUNNING' AND b.done_at IS NULL
                    AND (b.leased_until IS NULL OR b.leased_until <= $2 OR b.leased_until > $3)
                ORDER BY r.slot_at, b.number LIMIT 1)
            RETURNING *"
        }
    }
}
