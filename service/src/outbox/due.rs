//! When a row is due, and when it is nobody's, by the clock that all share ([`crate::db::shared_clock`]). That clock, too, is set back
//! or jumps ahead now and then, by hours: that may neither make a message late, nor have it sent twice by the process that is at
//! it.

use chrono::{DateTime, TimeDelta, Utc};
use engagement::delivery::LONGEST_WAIT;
use entity::outbox::Column;
use sea_orm::{ColumnTrait, Condition, Value};

/// How long a claim lasts. It must be longer than an attempt may take.
pub const LEASE: TimeDelta = TimeDelta::seconds(60);
/// No lease reaches further: one that does was written before the clock was set back, and is none.
pub const LONGEST_LEASE: TimeDelta = TimeDelta::seconds(120);
/// How far the clock may have been set back since a message was queued, for it to be sent at once.
pub const SKEW: TimeDelta = TimeDelta::seconds(5);
/// How much further than the longest wait between attempts a row may be put off. One that is put off further was before the
/// clock was set back.
const SLACK: TimeDelta = TimeDelta::minutes(5);

/// A row that is nobody's: `$1` is now, `$2` how far a lease may reach ([`bounds`]).
pub(crate) const FREE: &str = "(leased_until IS NULL OR leased_until <= $1 OR leased_until > $2)";

/// A row that is due: its time has come; it is to go at once and the clock was set back a little since (`$3`); or it was
/// put off further than anything is (`$4`, [`bounds`]).
pub(crate) const DUE: &str = "((due_at <= $3 AND (due_at <= $1 OR (attempts = 0 AND due_at = queued_at))) OR (due_at > $4 AND attempts > 0))";

/// The first four parameters of a statement that asks for [`DUE`] and [`FREE`] rows.
pub(super) fn bounds(now: DateTime<Utc>) -> [Value; 4] {
    [now, now + LONGEST_LEASE, now + SKEW, now + LONGEST_WAIT + SLACK].map(|at| at.timestamp_micros().into())
}

/// [`FREE`] as a condition.
pub(super) fn free(now: DateTime<Utc>) -> Condition {
    Condition::any()
        .add(Column::LeasedUntil.is_null())
        .add(Column::LeasedUntil.lte(now.timestamp_micros()))
        .add(Column::LeasedUntil.gt((now + LONGEST_LEASE).timestamp_micros()))
}
