//! What to think of an account on a day: the conclusion, and every reason for it.

use serde::{Deserialize, Serialize};

use super::reason::Reason;
use crate::vocabulary::StandingState;

/// What to think of an account on a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// The conclusion.
    pub state: StandingState,
    /// Every reason that holds, in order; people are shown the first three.
    pub reasons: Vec<Reason>,
}
