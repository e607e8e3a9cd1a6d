//! Breadth: how many people, from how many departments, and are executives among them.

use super::reading::{ComponentReading, Unit};
use crate::measure::Measures;
use crate::policy::Policy;

pub(super) fn stakeholders(m: &Measures, policy: &Policy) -> ComponentReading {
    ComponentReading::share_of(
        m.stakeholders(),
        Unit::Contacts,
        policy.breadth.stakeholders.of(m.tier),
    )
}

pub(super) fn departments(m: &Measures, policy: &Policy) -> ComponentReading {
    ComponentReading::share_of(
        f64::from(m.engaged_departments),
        Unit::Departments,
        policy.breadth.departments.of(m.tier),
    )
}

pub(super) fn executives(m: &Measures, policy: &Policy) -> ComponentReading {
    ComponentReading::share_of(
        f64::from(m.engaged_executives),
        Unit::Executives,
        policy.breadth.executives.of(m.tier),
    )
}
