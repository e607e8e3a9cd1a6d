//! What the check of one signal says: nothing, or how bad it is and one sentence with the numbers in it.

use crate::vocabulary::Severity;

/// What a check says: nothing, or how bad and in words.
pub(super) type Verdict = Option<(Severity, String)>;
