//! QBR_MISSED: a business review was declined or nobody came, and none has been held since.

use super::verdict::Verdict;
use crate::measure::Measures;
use crate::vocabulary::Severity;

pub(super) fn check(m: &Measures) -> Verdict {
    let message = match m.qbrs_missed {
        0 => return None,
        1 => "A business review was declined or missed, and none was held after it.".to_owned(),
        count => format!("{count} business reviews were declined or missed, and none was held after them."),
    };
    Some((Severity::High, message))
}
