//! Names and external ids: texts that are part of keys.

use crate::ingest::target::column::LONGEST_NAME;

/// A text that can be part of a key.
pub(super) fn name(text: &str) -> Result<String, String> {
    if text.len() > LONGEST_NAME && text.chars().count() > LONGEST_NAME {
        return Err(format!("longer than {LONGEST_NAME} characters"));
    }
    if text.trim().is_empty() {
        return Err("holds only white space".to_owned());
    }
    free_text(text)
}

/// A text that both databases can store.
pub(super) fn free_text(text: &str) -> Result<String, String> {
    if text.contains('\0') {
        return Err("holds a NUL character (U+0000), which cannot be stored".to_owned());
    }
    Ok(text.to_owned())
}
