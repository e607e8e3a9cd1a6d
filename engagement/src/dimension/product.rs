//! Product: how much of the catalogue is in use, and by how many who use it often and widely.

use super::reading::{ComponentReading, Unit};
use crate::measure::Measures;
use crate::policy::Policy;

pub(super) fn feature_adoption(m: &Measures, policy: &Policy) -> ComponentReading {
    let benchmark = policy.product.adoption_share * f64::from(m.catalogue);
    ComponentReading::share_of(f64::from(m.features_used), Unit::Features, benchmark)
}

pub(super) fn power_users(m: &Measures, policy: &Policy) -> ComponentReading {
    let benchmark = policy.product.power_users.of(m.tier);
    if m.usage_rows > 0 && !m.usage_names_contacts {
        return ComponentReading::missing(Unit::Users, benchmark, "no usage names a contact".to_owned());
    }
    ComponentReading::share_of(f64::from(m.power_users), Unit::Users, benchmark)
}
