//! How exactly numbers are compared.
//!
//! A sum of fractions differs from the number that it means by its last bits. Every comparison with a threshold forgives the
//! same difference, so that no two files decide one case in two ways.

/// Forgives the last bits of a floating-point number.
pub(crate) const TOLERANCE: f64 = 1e-9;
