//! How a standing is said: its state in words, and up to three of its reasons as sentences with names. Whatever shows a
//! standing to a person says it from here, so that a report, a digest and a mail never differ.

use crate::markdown::uncapital;
use crate::standing::{SHOWN_REASONS, Standing};
use crate::vocabulary::id::ContactId;

/// State and reasons in one line of plain text: "at risk — …; …; …". `names` knows the names of contacts; who has none is
/// called by what they are to us.
pub fn standing_line(standing: &Standing, names: impl Fn(ContactId) -> Option<String>) -> String {
    let reasons: Vec<String> = standing
        .reasons
        .iter()
        .take(SHOWN_REASONS)
        .map(|reason| {
            let name = reason.contact.and_then(&names);
            let sentence = reason.message(name.as_deref());
            let sentence = sentence.strip_suffix('.').unwrap_or(&sentence);
            // A name keeps its capital.
            let begins_with_name = name.is_some_and(|name| sentence.starts_with(&name));
            if begins_with_name {
                sentence.to_owned()
            } else {
                uncapital(sentence)
            }
        })
        .collect();
    let state = standing.state.in_words();
    if reasons.is_empty() {
        state.to_owned()
    } else {
        format!("{state} — {}", reasons.join("; "))
    }
}
