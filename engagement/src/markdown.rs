//! Markdown that stays what it was meant to be: names and subjects come from outside, and a hostile one must not be able
//! to open a link, a heading or another table column.

use std::fmt::Write;

use chrono::NaiveDate;

use crate::vocabulary::money::Money;

/// Writes a line to a string. That cannot fail, so the result is dropped here, once.
macro_rules! line {
    ($out:expr) => { $out.push('\n'); };
    ($out:expr, $($arg:tt)*) => {{
        use std::fmt::Write as _;
        let _ = writeln!($out, $($arg)*);
    }};
}
pub(crate) use line;

/// A text from outside as plain text within a line.
pub fn text(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let raw = raw.trim();
    for (at, c) in raw.char_indices() {
        match c {
            // Within a word it means nothing: Company_29.
            '_' if is_word(raw[..at].chars().next_back()) && is_word(raw[at + 1..].chars().next()) => {
                out.push('_');
            }
            '\\' | '|' | '*' | '_' | '`' | '[' | ']' | '#' | '~' | '!' => out.extend(['\\', c]),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' if begins_entity(&raw[at + 1..]) => out.push_str("&amp;"),
            c if c.is_whitespace() => out.push(' '),
            // Control characters and those that turn the direction of what follows.
            c if c.is_control()
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}') =>
                {}
            c => out.push(c),
        }
    }
    out
}

fn is_word(c: Option<char>) -> bool {
    c.is_some_and(char::is_alphanumeric)
}

/// Whether what follows an ampersand would be read as a character of its own, `&lt;` or `&#60;`; "R&D" stays as it is.
fn begins_entity(rest: &str) -> bool {
    let name = rest.strip_prefix('#').unwrap_or(rest);
    name.split_once(';')
        .is_some_and(|(name, _)| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric()))
}

/// A table; cells are written as they are, so they must be escaped or our own.
pub fn table(out: &mut String, header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
    let _ = writeln!(out, "| {} |", header.join(" | "));
    let _ = writeln!(out, "|{}", " --- |".repeat(header.len()));
    for row in rows {
        let _ = writeln!(out, "| {} |", row.join(" | "));
    }
}

/// A number with at most one decimal, or "not measured".
pub fn number(value: Option<f64>) -> String {
    value.map_or_else(
        || NOT_MEASURED.to_owned(),
        |v| {
            if (v - v.round()).abs() < 0.05 {
                format!("{v:.0}")
            } else {
                format!("{v:.1}")
            }
        },
    )
}

/// A number of days in whole ones, "61 days": nobody plans by tenths of a day.
pub fn days(value: f64) -> String {
    count(crate::score::round(value.max(0.0)).unsigned_abs(), "day")
}

/// "1 executive", "2 executives", "2 touches".
pub fn count(n: u32, noun: &str) -> String {
    let plural = if noun.ends_with("ch") { "es" } else { "s" };
    if n == 1 {
        format!("1 {noun}")
    } else {
        format!("{n} {noun}{plural}")
    }
}

/// The same with a capital first letter, as a sentence or a cell begins.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The same with a small first letter, as it stands within a sentence.
pub fn uncapital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// Amounts in whole units, as leaders read them: "90,000 EUR, 1,735,000 USD".
pub fn money(amounts: &[Money]) -> String {
    let amount = |money: &Money| {
        let amount = money.amount();
        let (sign, digits) = amount
            .strip_prefix('-')
            .map_or(("", amount.as_str()), |digits| ("−", digits));
        let whole = digits.split('.').next().unwrap_or(digits);
        let thousands: Vec<&str> = whole
            .as_bytes()
            .rchunks(3)
            .rev()
            .filter_map(|group| std::str::from_utf8(group).ok())
            .collect();
        let currency = money
            .currency()
            .map_or_else(String::new, |currency| format!(" {}", text(currency)));
        format!("{sign}{}{currency}", thousands.join(","))
    };
    amounts.iter().map(amount).collect::<Vec<_>>().join(", ")
}

/// A share as a percentage, or "not measured".
pub fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| NOT_MEASURED.to_owned(), |s| format!("{:.0} %", 100.0 * s))
}

/// A number with its sign.
pub fn signed(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0;
    if rounded == 0.0 {
        "±0".to_owned()
    } else {
        format!("{rounded:+.1}").replace('-', "−")
    }
}

/// A whole number with its sign.
pub fn signed_whole(value: i32) -> String {
    if value == 0 {
        "±0".to_owned()
    } else {
        format!("{value:+}").replace('-', "−")
    }
}

/// What stands where nothing could be measured.
pub const NOT_MEASURED: &str = "not measured";

/// What stands where nothing is known.
pub(crate) const NOTHING: &str = "–";

/// Up to which day data has come in, as a footer says it.
pub(crate) fn data_through(day: Option<NaiveDate>) -> String {
    day.map_or_else(
        || "no data has come in".to_owned(),
        |day| format!("data through {day}"),
    )
}

/// Says below a table how many rows it leaves out; nothing where it shows all.
pub(crate) fn and_more(out: &mut String, all: usize, shown: usize) {
    if let Some(rest) = all.checked_sub(shown).filter(|rest| *rest > 0) {
        line!(out, "\n… and {rest} more.");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_stays_text() {
        let name = text("x | y](http://evil) <img src=x>\n# **Bold** \u{202e}abc");
        assert_eq!(
            name,
            "x \\| y\\](http://evil) &lt;img src=x&gt; \\# \\*\\*Bold\\*\\* abc"
        );
    }

    #[test]
    fn an_underscore_is_escaped_only_where_it_would_mean_something() {
        assert_eq!(text("Company_29 _new_"), "Company_29 \\_new\\_");
    }

    #[test]
    fn an_ampersand_is_escaped_only_where_it_would_mean_something() {
        assert_eq!(
            text("Harlan & Voss, R&D; &lt;b&gt; &#60;"),
            "Harlan & Voss, R&amp;D; &amp;lt;b&amp;gt; &amp;\\#60;"
        );
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(
            [number(Some(12.0)), number(Some(12.34)), number(None)],
            ["12", "12.3", "not measured"]
        );
        let amounts = [(123_456_789, Some("USD")), (-5_000, Some("JPY")), (99, None)]
            .map(|(n, c)| Money::new(n, c.map(str::to_owned)));
        assert_eq!(money(&amounts), "1,234,567 USD, −5,000 JPY, 0");
        assert_eq!(
            [signed(3.04), signed(-3.06), signed(0.01)],
            ["+3.0", "−3.1", "±0"]
        );
    }
}
