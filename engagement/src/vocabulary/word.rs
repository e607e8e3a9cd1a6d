//! How a closed enumeration is written and read: one spelling, and an error that names the words there are.

/// A word that is none of an enumeration's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown {name}: expected one of {expected}")]
pub struct UnknownWord {
    /// What was being read.
    pub name: &'static str,
    /// The words there are.
    pub expected: String,
}

/// Enumerations with the one spelling of each of their values.
macro_rules! vocabulary {
    ($($(#[$doc:meta])* $name:ident, $what:literal { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)+ })+) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
            #[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
            pub enum $name {
                $(
                    $(#[$vdoc])*
                    #[serde(rename = $text)]
                    #[cfg_attr(feature = "graphql", graphql(name = $text))]
                    $variant,
                )+
            }

            impl $name {
                /// Every value, in order.
                pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

                /// The one spelling.
                pub const fn as_str(self) -> &'static str {
                    match self {
                        $(Self::$variant => $text,)+
                    }
                }
            }

            impl std::fmt::Display for $name {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.pad(self.as_str())
                }
            }

            impl std::str::FromStr for $name {
                type Err = $crate::vocabulary::word::UnknownWord;

                fn from_str(text: &str) -> Result<Self, $crate::vocabulary::word::UnknownWord> {
                    let text = text.trim();
                    Self::ALL.iter().copied().find(|v| $crate::vocabulary::word::same_word(v.as_str(), text)).ok_or_else(|| $crate::vocabulary::word::UnknownWord {
                        name: $what,
                        expected: Self::ALL.iter().map(|v| v.as_str().to_lowercase()).collect::<Vec<_>>().join(", "),
                    })
                }
            }
        )+
    };
}

pub(super) use vocabulary;

/// Case does not matter; `-` and space equal `_`.
pub(super) fn same_word(word: &str, text: &str) -> bool {
    word.len() == text.len()
        && word
            .bytes()
            .zip(text.bytes())
            .all(|(w, t)| w == t.to_ascii_uppercase() || (w == b'_' && matches!(t, b'-' | b' ')))
}
