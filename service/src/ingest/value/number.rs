//! Counts and measurements.

/// Reads a whole number that is not negative; exports that hold `7.0` mean 7.
pub(crate) fn read_count(text: &str) -> Option<i64> {
    let whole = match text.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|b| b == b'0') => whole,
        Some(_) => return None,
        None => text,
    };
    if whole.is_empty() || !whole.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    whole.parse().ok()
}

/// Reads a finite number.
pub(crate) fn read_real(text: &str) -> Option<f64> {
    // The parser of the standard library also knows "inf", "infinity" and "nan".
    if !text
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E'))
    {
        return None;
    }
    // Zero has no sign: the databases would keep it, and -0 equals 0 everywhere else.
    text.parse::<f64>()
        .ok()
        .filter(|number| number.is_finite())
        .map(|number| if number == 0.0 { 0.0 } else { number })
}
