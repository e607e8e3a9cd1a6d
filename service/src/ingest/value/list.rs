//! Lists: separated by `;` in a cell (`\;` is a semicolon), arrays in NDJSON. Items are trimmed, empty ones left out.

use engagement::vocabulary::Attendance;

use super::name::name;

/// Splits a cell into its items.
pub(super) fn split(text: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' if rest.peek() == Some(&';') => {
                rest.next();
                push(&mut items, ';');
            }
            ';' => items.push(String::new()),
            other => push(&mut items, other),
        }
    }
    items
}

fn push(items: &mut [String], c: char) {
    if let Some(last) = items.last_mut() {
        last.push(c);
    }
}

fn kept<'a>(items: impl Iterator<Item = &'a str>) -> impl Iterator<Item = &'a str> {
    items.map(str::trim).filter(|item| !item.is_empty())
}

/// Items as the database stores them.
fn stored<'a>(items: impl Iterator<Item = &'a str>) -> String {
    serde_json::Value::Array(items.map(serde_json::Value::from).collect()).to_string()
}

/// Reads the items of a list.
pub(super) fn read_items<'a>(items: impl Iterator<Item = &'a str>) -> Result<String, String> {
    let items: Vec<&str> = kept(items).collect();
    if items.iter().any(|item| item.contains('\0')) {
        return Err("holds a NUL character (U+0000), which cannot be stored".to_owned());
    }
    Ok(stored(items.into_iter()))
}

/// Reads participants: external ids, each with `:attended`, `:absent`, `:unknown` or nothing behind it. One that is named
/// twice is one, with the attendance named last.
pub(super) fn read_participants<'a>(
    items: impl Iterator<Item = &'a str>,
) -> Result<Vec<(String, Attendance)>, String> {
    let mut participants: Vec<(String, Attendance)> = Vec::new();
    for item in kept(items) {
        let (contact, attendance) = match item
            .rsplit_once(':')
            .map(|(contact, word)| (contact, word.parse::<Attendance>()))
        {
            Some((contact, Ok(attendance))) => (contact.trim(), attendance),
            _ => (item, Attendance::Unknown),
        };
        let contact = name(contact)?;
        match participants.iter_mut().find(|(known, _)| *known == contact) {
            Some(known) => known.1 = attendance,
            None => participants.push((contact, attendance)),
        }
    }
    Ok(participants)
}
