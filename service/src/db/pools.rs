//! The connections of one role.

use super::again::WaitingRoom;
use super::pool::Pool;

/// The pools of a role.
#[derive(Debug)]
pub(super) struct Pools {
    pub(super) read: Pool,
    pub(super) write: Pool,
    /// Where locks are waited for, if not with whatever connection there is.
    pub(super) room: Option<WaitingRoom>,
}
