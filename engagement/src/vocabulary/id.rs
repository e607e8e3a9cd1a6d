//! Identifiers: a UUID version 7 inside, a TypeID (`acc_01h…`, a prefix and 26 base32 digits) outside.
//!
//! Every kind of row has its own type, so an account's id can never be passed where a contact's is meant, and
//! a text of the wrong kind is an error that names both kinds. This crate never makes an id: that takes a clock
//! and randomness, which `service` has.
//!
//! No crate does it: those for TypeIDs know a prefix at run time only, and make ids themselves.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

/// Crockford's base32 in lower case, as the TypeID specification asks.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Digits of a 128-bit number in base 32 (130 bits: the first digit is at most 7).
const DIGITS: usize = 26;

/// Why a text is not the id that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The text is of another kind than expected.
    #[error("expected an id that starts with `{expected}_`, got one of `{found}_`")]
    WrongKind {
        /// Prefix that was asked for.
        expected: &'static str,
        /// Prefix that the text has.
        found: &'static str,
    },
    /// The text is no id at all.
    #[error("not an id: an id is a prefix such as `acc_` and 26 base32 digits")]
    Malformed,
}

fn encode(prefix: &str, id: Uuid, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut digits = [0_u8; DIGITS];
    let mut rest = id.as_u128();
    for slot in digits.iter_mut().rev() {
        *slot = ALPHABET[(rest & 31) as usize];
        rest >>= 5;
    }
    out.write_str(prefix)?;
    out.write_str("_")?;
    digits.iter().try_for_each(|d| write!(out, "{}", char::from(*d)))
}

fn decode(digits: &str) -> Result<Uuid, IdError> {
    let bytes = digits.as_bytes();
    if bytes.len() != DIGITS || bytes[0] > b'7' {
        return Err(IdError::Malformed);
    }
    let mut value = 0_u128;
    for byte in bytes {
        let digit = ALPHABET
            .iter()
            .position(|a| a == byte)
            .ok_or(IdError::Malformed)?;
        value = (value << 5) | digit as u128;
    }
    Ok(Uuid::from_u128(value))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub struct $name(Uuid);

            impl $name {
                /// What its text starts with, before the underscore.
                pub const PREFIX: &'static str = $prefix;

                /// The UUID as the database stores it.
                pub const fn uuid(self) -> Uuid {
                    self.0
                }
            }

            impl From<Uuid> for $name {
                fn from(id: Uuid) -> Self {
                    Self(id)
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    encode(Self::PREFIX, self.0, f)
                }
            }

            impl fmt::Debug for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    fmt::Display::fmt(self, f)
                }
            }

            impl FromStr for $name {
                type Err = IdError;

                fn from_str(text: &str) -> Result<Self, IdError> {
                    match text.parse::<AnyId>()? {
                        AnyId::$name(id) => Ok(id),
                        other => Err(IdError::WrongKind { expected: Self::PREFIX, found: other.prefix() }),
                    }
                }
            }

            impl Serialize for $name {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    serializer.collect_str(self)
                }
            }

            impl<'de> Deserialize<'de> for $name {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
                }
            }
        )+

        /// An id of any kind, as `node(id:)` receives it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum AnyId {
            $($(#[$doc])* $name($name),)+
        }

        impl AnyId {
            /// What its text starts with, before the underscore.
            pub const fn prefix(self) -> &'static str {
                match self {
                    $(Self::$name(_) => $prefix,)+
                }
            }
        }

        impl FromStr for AnyId {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let (prefix, digits) = text.split_once('_').ok_or(IdError::Malformed)?;
                match prefix {
                    $($prefix => Ok(Self::$name($name(decode(digits)?))),)+
                    _ => Err(IdError::Malformed),
                }
            }
        }
    };
}

ids! {
    /// A customer account.
    AccountId = "acc";
    /// A person at a customer.
    ContactId = "con";
    /// An interaction.
    InteractionId = "int";
    /// An alert.
    AlertId = "alt";
    /// A user of Rapport.
    UserId = "usr";
    /// A sponsorship: a contact who sponsors us for a span of days.
    SponsorshipId = "spo";
    /// An organisational change.
    OrgChangeId = "chg";
    /// A planned outreach.
    OutreachId = "out";
    /// An initiative of ours at an account.
    InitiativeId = "ini";
    /// A goal of an account.
    GoalId = "goa";
    /// An API token (not its secret).
    TokenId = "tok";
    /// A message that is to be sent, or was.
    MessageId = "msg";
    /// An entry of the audit log.
    AuditEntryId = "aud";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_written_as_the_type_id_specification_says() {
        // The specification's own vector: 0188bac7-4afa-78aa-bc3b-bd1eef28d881.
        let id = AccountId::from(Uuid::from_u128(0x0188_bac7_4afa_78aa_bc3b_bd1e_ef28_d881));
        assert_eq!(id.to_string(), "acc_01h2xcejqtf2nbrexx3vqjhp41");
        assert_eq!("acc_01h2xcejqtf2nbrexx3vqjhp41".parse(), Ok(id));
    }

    #[test]
    fn an_id_of_another_kind_is_named() {
        let error = "acc_01h2xcejqtf2nbrexx3vqjhp41".parse::<ContactId>();
        assert_eq!(
            error,
            Err(IdError::WrongKind {
                expected: "con",
                found: "acc"
            })
        );
    }

    #[test]
    fn malformed_texts_are_refused() {
        for text in [
            "",
            "acc",
            "acc_",
            "acc_81h2xcejqtf2nbrexx3vqjhp41",
            "acc_01h2xcejqtf2nbrexx3vqjhp4",
            "acc_01h2xcejqtf2nbrexx3vqjhpil",
            "zzz_01h2xcejqtf2nbrexx3vqjhp41",
            "acc_é1h2xcejqtf2nbrexx3vqjhp4",
        ] {
            assert_eq!(text.parse::<AccountId>(), Err(IdError::Malformed), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn every_uuid_survives_the_round_trip(value: u128) {
            let id = InteractionId::from(Uuid::from_u128(value));
            proptest::prop_assert_eq!(id.to_string().parse(), Ok(id));
        }
    }
}
