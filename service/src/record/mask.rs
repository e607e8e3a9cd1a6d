//! Takes a person's name and address out of texts, leaving the rest readable.

/// What stands in their place.
pub(crate) const MASK: &str = "[erased]";
/// Shortest word of a name that is looked for on its own: shorter ones are initials and particles.
const SHORTEST_WORD: usize = 3;

/// What to look for.
#[derive(Debug)]
pub(crate) struct Mask {
    /// Whole name and address, in whatever case, in every text.
    anywhere: Vec<Vec<char>>,
    /// Single words of the name, in texts about the person.
    words: Vec<Vec<char>>,
}

impl Mask {
    /// A person's.
    pub(crate) fn of(name: &str, email: Option<&str>) -> Self {
        let name = name.trim();
        let mut anywhere: Vec<Vec<char>> = [Some(name), email]
            .into_iter()
            .flatten()
            .map(folded)
            .filter(|text| !text.is_empty())
            .collect();
        // As it stands in JSON, where some characters are escaped.
        let quoted = serde_json::Value::from(name).to_string();
        let inner = folded(quoted.trim_matches('"'));
        if !anywhere.contains(&inner) && !inner.is_empty() {
            anywhere.push(inner);
        }
        let words = name
            .split(|c: char| !c.is_alphanumeric())
            .map(folded)
            .filter(|word| word.len() >= SHORTEST_WORD)
            .collect();
        Self { anywhere, words }
    }

    /// The text without them; nothing where it does not name them.
    pub(crate) fn apply(&self, text: &str, about: bool) -> Option<String> {
        let own: Vec<char> = text.chars().collect();
        let lower: Vec<char> = own.iter().map(|c| fold(*c)).collect();
        let mut masked = String::new();
        let (mut at, mut any) = (0, false);
        while at < own.len() {
            let needles = self.anywhere.iter().chain(self.words.iter().filter(|_| about));
            let found = needles
                .filter(|needle| stands_at(&lower, at, needle))
                .map(Vec::len)
                .max();
            if let Some(length) = found {
                masked.push_str(MASK);
                at += length;
                any = true;
            } else {
                masked.push(own[at]);
                at += 1;
            }
        }
        any.then_some(masked)
    }
}

/// Whether a word stands at a place, and is not the middle of a longer one.
fn stands_at(text: &[char], at: usize, needle: &[char]) -> bool {
    let end = at + needle.len();
    let is_word = |place: Option<&char>| place.is_some_and(|c| c.is_alphanumeric());
    text.get(at..end) == Some(needle)
        && !(is_word(needle.first()) && at > 0 && is_word(text.get(at - 1)))
        && !(is_word(needle.last()) && is_word(text.get(end)))
}

/// One character for one, so that places in the text stay what they are.
fn fold(c: char) -> char {
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(only), None) => only,
        _ => c,
    }
}

fn folded(text: &str) -> Vec<char> {
    text.chars().map(fold).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_masked_as_a_whole_and_its_words_where_it_is_theirs() {
        let mask = Mask::of("Anna Müller-Lüd", Some("anna.m@example.com"));
        let anywhere = |text: &str| mask.apply(text, false);
        let about = |text: &str| mask.apply(text, true);
        assert_eq!(
            anywhere("Call with ANNA MÜLLER-LÜD, then lunch").as_deref(),
            Some("Call with [erased], then lunch")
        );
        assert_eq!(anywhere("cc Anna.M@Example.com").as_deref(), Some("cc [erased]"));
        assert_eq!(anywhere("Call with Anna"), None, "another Anna");
        assert_eq!(
            about("Call with Anna (Müller)").as_deref(),
            Some("Call with [erased] ([erased])")
        );
        assert_eq!(about("Annabel and the Annas"), None, "no word of hers");
        assert_eq!(
            about("[\"anna\",\"plans\"]").as_deref(),
            Some("[\"[erased]\",\"plans\"]")
        );
        assert_eq!((about(""), anywhere("anna.m@example.community")), (None, None));
    }

    #[test]
    fn a_name_with_quotes_is_found_in_json() {
        let mask = Mask::of("Bob \"Bo\" Ray", None);
        let json = serde_json::json!({ "name": "Bob \"Bo\" Ray" }).to_string();
        assert_eq!(
            mask.apply(&json, false).as_deref(),
            Some("{\"name\":\"[erased]\"}")
        );
    }

    proptest::proptest! {
        #[test]
        fn what_was_masked_names_nobody_any_more(before in ".{0,20}", after in ".{0,20}", name in "[A-Za-zÄöß]{3,8} [A-Za-z]{3,8}") {
            let mask = Mask::of(&name, None);
            let masked = mask.apply(&format!("{before} {name} {after}"), true);
            proptest::prop_assert!(masked.is_some());
            proptest::prop_assert_eq!(mask.apply(&masked.unwrap().replace(MASK, "\u{0}"), true), None);
        }
    }
}
