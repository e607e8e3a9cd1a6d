//! How many connections the API may have: as many as there are files for, and no more than are of use.

use api::CrowdLimits;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Most connections, however many files there may be.
const MOST: u64 = 4_000;
/// Files that are needed for all the rest: the database, mail, what the process itself has open.
const OTHER_FILES: u64 = 200;
/// Files of a connection: its own, and the handle by which it is shown out.
const FILES: u64 = 2;

/// How many connections there may be, so many of them from one address, after asking for as many files as the system grants.
pub fn limits(per_address: usize) -> CrowdLimits {
    let allowed = getrlimit(Resource::Nofile);
    let wanted = Rlimit {
        current: allowed.maximum,
        maximum: allowed.maximum,
    };
    let files = match setrlimit(Resource::Nofile, wanted) {
        Ok(()) => allowed.maximum,
        Err(_) => allowed.current,
    };
    // No limit is none.
    let total = files.map_or(MOST, |files| {
        (files.saturating_sub(OTHER_FILES) / FILES).clamp(1, MOST)
    });
    CrowdLimits {
        total: usize::try_from(total).unwrap_or(usize::MAX),
        per_address,
    }
}
