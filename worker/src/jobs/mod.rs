//! The schedule: every job there is, one entry each.

use crate::job::Job;

/// All jobs.
pub static JOBS: [Job; 0] = [];

/// The job of a name.
pub fn find(name: &str) -> Option<&'static Job> {
    JOBS.iter().find(|job| job.name == name)
}
