//! Texts from outside, made harmless before they reach a mail: what is invisible, breaks lines or turns the direction of
//! writing round has no place in a name or a sentence. Escaping for HTML is the templates' business.

use serde_json::Value;

/// Longest text of a header: what is longer is cut, at a character.
const LONGEST: usize = 200;

/// A text for one line of a header: one line, no control characters, not too long. Nothing that ends a header gets through.
pub fn header_text(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let clean: String = line.chars().filter(|c| !is_hidden(*c)).collect();
    let clean = clean.trim();
    if clean.chars().count() <= LONGEST {
        return clean.to_owned();
    }
    clean.chars().take(LONGEST - 1).chain(['…']).collect()
}

/// A URL for a header: whole, however long, of nothing but the characters that a URL is made of.
pub(super) fn header_url(url: &str) -> String {
    url.chars()
        .filter(|c| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"'))
        .collect()
}

/// Cleans every text of a JSON value. Line ends stay: they are how people write paragraphs.
pub(super) fn clean(value: &mut Value) {
    match value {
        Value::String(text) => {
            if text.chars().any(|c| is_hidden(c) && c != '\n') {
                *text = text
                    .replace("\r\n", "\n")
                    .chars()
                    .filter(|c| *c == '\n' || !is_hidden(*c))
                    .collect();
            }
        }
        Value::Array(list) => list.iter_mut().for_each(clean),
        Value::Object(map) => map.values_mut().for_each(clean),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Control characters, and those that override the direction of what follows.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_one_line() {
        assert_eq!(
            header_text("Acme\r\nBcc: all@x.example"),
            "Acme Bcc: all@x.example"
        );
        assert_eq!(header_text(" a\u{0}b\t c\u{202e}d\u{7f} \u{2028}e"), "ab cd e");
        assert_eq!(header_text("Zoë 李"), "Zoë 李");
        assert_eq!(header_text(&"é".repeat(500)).chars().count(), LONGEST);
        assert_eq!(header_text("\r\n"), "");
    }

    #[test]
    fn a_url_is_never_cut() {
        let long = format!("https://rapport.example/{}", "m".repeat(400));
        assert_eq!(header_url(&long), long);
        assert_eq!(
            header_url("https://x.example/u>\r\nBcc: <a@b.example>\u{e9}"),
            "https://x.example/uBcc:a@b.example"
        );
    }

    #[test]
    fn every_text_of_a_context_is_cleaned() {
        let mut value = serde_json::json!({"a": ["x\u{202e}y", {"b": "one\r\ntwo\u{0}"}], "c": 7});
        clean(&mut value);
        assert_eq!(value, serde_json::json!({"a": ["xy", {"b": "one\ntwo"}], "c": 7}));
    }

    proptest::proptest! {
        #[test]
        fn no_text_ends_a_header(text: String) {
            let header = header_text(&text);
            proptest::prop_assert!(!header.chars().any(char::is_control));
            proptest::prop_assert!(header.chars().count() <= LONGEST);
        }
    }
}
