//! The first look at a query text: its size, its tokens and its nesting, before any parser sees it.
//!
//! The parser of the GraphQL library recurses once per open bracket, so a few kilobytes of them could exhaust a
//! thread's stack. This scan is one loop without recursion over the bytes. It must agree with the parser on what is
//! inside a string or a comment: where a string does not end, it refuses the text instead of guessing.

use crate::graphql::gate::refusal::Refusal;

/// Longest query text, in bytes.
const MAX_BYTES: usize = 16 * 1024;
/// Most tokens: names, numbers, strings and punctuation.
const MAX_TOKENS: usize = 2_000;
/// Deepest nesting of brackets of any kind.
const MAX_BRACKETS: usize = 64;

/// Scans a query text.
///
/// # Errors
/// The first bound that it exceeds, or the string that does not end.
pub fn scan(text: &str) -> Result<(), Refusal> {
    if text.len() > MAX_BYTES {
        return Err(Refusal::limit("bytes in the query", text.len(), MAX_BYTES));
    }
    let bytes = text.as_bytes();
    let (mut at, mut tokens, mut open) = (0, 0, 0_usize);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => {
                at += 1;
                continue;
            }
            b'#' => {
                at += bytes[at..]
                    .iter()
                    .position(|b| matches!(b, b'\n' | b'\r'))
                    .unwrap_or(bytes.len() - at);
                continue;
            }
            b'"' => {
                at = end_of_string(bytes, at)
                    .ok_or_else(|| Refusal::Syntax("a string in the query does not end".to_owned()))?;
            }
            b'{' | b'(' | b'[' => {
                open += 1;
                if open > MAX_BRACKETS {
                    return Err(Refusal::limit("brackets inside one another", open, MAX_BRACKETS));
                }
                at += 1;
            }
            b'}' | b')' | b']' => {
                // More closed than opened is the parser's to refuse: it cannot recurse on it.
                open = open.saturating_sub(1);
                at += 1;
            }
            b if is_word(b) => {
                at += bytes[at..]
                    .iter()
                    .position(|b| !is_word(*b))
                    .unwrap_or(bytes.len() - at);
            }
            _ => at += 1,
        }
        tokens += 1;
        if tokens > MAX_TOKENS {
            return Err(Refusal::limit("tokens in the query", tokens, MAX_TOKENS));
        }
    }
    Ok(())
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Where the string that begins at `start` is over, if it is.
fn end_of_string(bytes: &[u8], start: usize) -> Option<usize> {
    let rest = &bytes[start..];
    if rest.starts_with(br#"""""#) {
        let mut at = 3;
        while at < rest.len() {
            if rest[at..].starts_with(br#"""""#) {
                return Some(start + at + 3);
            }
            at += if rest[at..].starts_with(br#"\""""#) { 4 } else { 1 };
        }
        return None;
    }
    let mut at = 1;
    while let Some(&byte) = rest.get(at) {
        match byte {
            b'"' => return Some(start + at + 1),
            b'\n' | b'\r' => return None,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit_of(text: &str) -> Option<&'static str> {
        match scan(text) {
            Err(Refusal::Limit { what, .. }) => Some(what),
            _ => None,
        }
    }

    #[test]
    fn ordinary_queries_pass() {
        for text in [
            "{ a }",
            "",
            "query Q($a: Int = 1) { a(b: \"x\", c: [1, 2.5e-3]) { ...F @skip(if: true) } }",
            "# only a comment",
            "{ a } # end",
        ] {
            assert!(scan(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn each_bound_holds_to_the_last_unit() {
        let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(scan(&nested(MAX_BRACKETS)).is_ok());
        assert_eq!(
            limit_of(&nested(MAX_BRACKETS + 1)),
            Some("brackets inside one another")
        );
        assert!(scan(&"a ".repeat(MAX_TOKENS)).is_ok());
        assert_eq!(
            limit_of(&"a ".repeat(MAX_TOKENS + 1)),
            Some("tokens in the query")
        );
        assert!(scan(&" ".repeat(MAX_BYTES)).is_ok());
        assert_eq!(limit_of(&" ".repeat(MAX_BYTES + 1)), Some("bytes in the query"));
    }

    #[test]
    fn strings_and_comments_hide_brackets_and_nothing_else_does() {
        let brackets = "[".repeat(MAX_BRACKETS + 1);
        for hidden in [
            format!("\"{brackets}\""),
            format!("\"\\\"{brackets}\""),
            format!("\"\"\"\n\" \\\"\"\" {brackets}\"\"\""),
            format!("#{brackets}\n{{a}}"),
        ] {
            assert!(scan(&hidden).is_ok(), "{hidden}");
        }
        for seen in [
            format!("\"\"{brackets}"),
            format!("\"\"\"\"\"\"{brackets}"),
            format!("#\n{brackets}"),
            format!("\"\\\\\"{brackets}"),
            format!("#\r{brackets}"),
        ] {
            assert_eq!(limit_of(&seen), Some("brackets inside one another"), "{seen}");
        }
    }

    #[test]
    fn a_string_that_does_not_end_is_refused_not_guessed() {
        for text in [
            "\"",
            "\"abc",
            "\"a\nb\"",
            "\"\"\"",
            "\"\"\" \" [[[",
            "\"\\",
            "\"\"\"\\\"\"\"",
            "\"\"\"\"",
        ] {
            assert!(matches!(scan(text), Err(Refusal::Syntax(_))), "{text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "[\\x00-\\xff\"\\\\{}#]{0,200}") {
            let _ = scan(&text);
        }
    }
}
