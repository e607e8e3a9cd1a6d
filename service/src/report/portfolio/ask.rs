//! One report while it is being made: who asks, for which accounts, by which policy.

use engagement::policy::Policy;
use engagement::portfolio::Keep;
use engagement::windows::Windows;

use crate::access::Access;
use crate::db::Db;
use crate::record::account_list::AccountFilter;

/// One report while it is being made.
pub(super) struct Ask<'a> {
    pub(super) db: &'a Db,
    pub(super) access: &'a Access,
    pub(super) policy: &'a Policy,
    pub(super) windows: Windows,
    pub(super) filter: &'a AccountFilter,
}

impl Ask<'_> {
    pub(super) fn keep(&self) -> Keep {
        Keep::of(self.policy, self.windows.ending_on)
    }
}
