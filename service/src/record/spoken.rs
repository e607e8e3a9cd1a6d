//! Texts that people write by hand, in mutations: trimmed, and of a length that somebody reads.

use crate::error::ServiceError;

/// Longest text of one line, in characters.
pub(crate) const LINE: usize = 500;
/// Longest text of several.
pub(crate) const NOTE: usize = 2_000;

/// A text that may be absent; one without a character is.
///
/// # Errors
/// [`ServiceError::BadInput`] for one that is too long, or holds what no text holds.
pub(crate) fn optional(
    field: &str,
    said: Option<String>,
    longest: usize,
) -> Result<Option<String>, ServiceError> {
    let said = said
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty());
    match &said {
        Some(text) if text.chars().count() > longest => Err(ServiceError::bad_input(
            field,
            format!("takes at most {longest} characters"),
        )),
        Some(text)
            if text
                .chars()
                .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) =>
        {
            Err(ServiceError::bad_input(
                field,
                "holds a character that no text has",
            ))
        }
        Some(text) if longest == LINE && text.chars().any(char::is_control) => {
            Err(ServiceError::bad_input(field, "takes one line"))
        }
        _ => Ok(said),
    }
}

/// A text of one line that has to be there.
///
/// # Errors
/// As [`optional`]; also for one without a character.
pub(crate) fn line(field: &str, said: &str) -> Result<String, ServiceError> {
    optional(field, Some(said.to_owned()), LINE)?
        .ok_or_else(|| ServiceError::bad_input(field, "must not be empty"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_trimmed_and_bounded() {
        assert_eq!(line("summary", "  Left for Zürich ").unwrap(), "Left for Zürich");
        assert_eq!(optional("note", Some(" \n".to_owned()), NOTE).unwrap(), None);
        assert_eq!(
            optional("note", Some("a\nb".to_owned()), NOTE)
                .unwrap()
                .as_deref(),
            Some("a\nb")
        );
        for refused in [
            line("summary", " "),
            line("summary", "a\nb"),
            line("summary", "a\0"),
            line("summary", &"é".repeat(501)),
        ] {
            assert!(
                matches!(refused, Err(ServiceError::BadInput { ref field, .. }) if field == "summary"),
                "{refused:?}"
            );
        }
        assert!(optional("note", Some("x".repeat(2_001)), NOTE).is_err());
    }
}
