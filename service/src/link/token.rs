//! A link as the text that stands in its URL, and back: version, purpose, what it is about, and a signature over all of it
//! (HMAC-SHA256), in base64 for URLs. Whatever text comes back is either one that was made here with this key, or refused.
//!
//! No crate does it: PASETO and JWT tokens are four times as long, name their algorithm, and carry claims that a link has not.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::key::SigningKey;
use super::{ActionLink, ReportKind, ReportLink, ReportReader};
use crate::clock::instant;

/// The layout of what is signed; another one gets another number.
const VERSION: u8 = 1;
/// Bytes of the signature.
const SIGNATURE: usize = 32;
/// No token is longer, in characters.
pub const LONGEST_TOKEN: usize = 128;

/// Purposes: a number is never used again for another one.
const UNSUBSCRIBE: u8 = 1;
const RESUBSCRIBE: u8 = 2;
const ACKNOWLEDGE: u8 = 3;
const REPORT: u8 = 4;

impl ActionLink {
    /// As it stands in a URL.
    pub fn token(&self, key: &SigningKey) -> String {
        match *self {
            Self::Unsubscribe { user } => Writer::of(UNSUBSCRIBE).id(user.uuid()).seal(key),
            Self::Resubscribe { user } => Writer::of(RESUBSCRIBE).id(user.uuid()).seal(key),
            Self::Acknowledge { alert, user, until } => Writer::of(ACKNOWLEDGE)
                .id(alert.uuid())
                .id(user.uuid())
                .instant(until)
                .seal(key),
        }
    }

    /// The link of a token; none where it is not ours, or is for something else.
    pub fn open(key: &SigningKey, token: &str) -> Option<Self> {
        let payload = unseal(key, token)?;
        let mut reader = Reader::of(&payload)?;
        let link = match reader.byte()? {
            UNSUBSCRIBE => Self::Unsubscribe {
                user: reader.id()?.into(),
            },
            RESUBSCRIBE => Self::Resubscribe {
                user: reader.id()?.into(),
            },
            ACKNOWLEDGE => Self::Acknowledge {
                alert: reader.id()?.into(),
                user: reader.id()?.into(),
                until: reader.instant()?,
            },
            _ => return None,
        };
        reader.is_at_end().then_some(link)
    }
}

impl ReportLink {
    /// As it stands in a URL.
    pub fn token(&self, key: &SigningKey) -> String {
        let kind = match self.kind {
            ReportKind::Engagement => 1,
            ReportKind::Sponsor => 2,
        };
        let (reader, id) = match self.reader {
            ReportReader::User(user) => (1, user.uuid().into_bytes()),
            ReportReader::Address(fingerprint) => (2, fingerprint),
        };
        let writer = Writer::of(REPORT)
            .byte(kind)
            .byte(reader)
            .bytes(&id)
            .id(self.account.uuid());
        writer.instant(self.as_of).instant(self.until).seal(key)
    }

    /// The link of a token; none where it is not ours, or is for something else.
    pub fn open(key: &SigningKey, token: &str) -> Option<Self> {
        let payload = unseal(key, token)?;
        let mut reader = Reader::of(&payload)?;
        if reader.byte()? != REPORT {
            return None;
        }
        let kind = match reader.byte()? {
            1 => ReportKind::Engagement,
            2 => ReportKind::Sponsor,
            _ => return None,
        };
        let whom = match (reader.byte()?, reader.array()?) {
            (1, id) => ReportReader::User(Uuid::from_bytes(id).into()),
            (2, fingerprint) => ReportReader::Address(fingerprint),
            _ => return None,
        };
        let link = Self {
            kind,
            reader: whom,
            account: reader.id()?.into(),
            as_of: reader.instant()?,
            until: reader.instant()?,
        };
        reader.is_at_end().then_some(link)
    }
}

/// Puts together what is signed.
struct Writer(Vec<u8>);

impl Writer {
    fn of(purpose: u8) -> Self {
        Self(vec![VERSION, purpose])
    }

    fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    fn byte(self, byte: u8) -> Self {
        self.bytes(&[byte])
    }

    fn id(self, id: Uuid) -> Self {
        self.bytes(id.as_bytes())
    }

    fn instant(self, at: DateTime<Utc>) -> Self {
        self.bytes(&at.timestamp_micros().to_be_bytes())
    }

    fn seal(self, key: &SigningKey) -> String {
        let signature = key.sign(&self.0);
        URL_SAFE_NO_PAD.encode(self.bytes(&signature).0)
    }
}

/// What a token holds, once its signature is found to be ours.
fn unseal(key: &SigningKey, token: &str) -> Option<Vec<u8>> {
    if token.len() > LONGEST_TOKEN {
        return None;
    }
    let mut bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let signature = bytes.split_off(bytes.len().checked_sub(SIGNATURE)?);
    key.verifies(&bytes, &signature).then_some(bytes)
}

/// Takes apart what was signed.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn of(payload: &'a [u8]) -> Option<Self> {
        let mut reader = Self(payload);
        (reader.byte()? == VERSION).then_some(reader)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*first)
    }

    fn byte(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn id(&mut self) -> Option<Uuid> {
        self.array().map(Uuid::from_bytes)
    }

    fn instant(&mut self) -> Option<DateTime<Utc>> {
        self.array().map(|bytes| instant(i64::from_be_bytes(bytes)))
    }

    fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key() -> SigningKey {
        SigningKey::new(&[7; 32])
    }

    fn id<T: From<Uuid> + std::fmt::Debug>() -> impl Strategy<Value = T> {
        any::<u128>().prop_map(|n| Uuid::from_u128(n).into())
    }

    fn moment() -> impl Strategy<Value = DateTime<Utc>> {
        // Every instant that a calendar has.
        (DateTime::<Utc>::MIN_UTC.timestamp_micros()..=DateTime::<Utc>::MAX_UTC.timestamp_micros())
            .prop_map(instant)
    }

    fn action() -> impl Strategy<Value = ActionLink> {
        prop_oneof![
            id().prop_map(|user| ActionLink::Unsubscribe { user }),
            id().prop_map(|user| ActionLink::Resubscribe { user }),
            (id(), id(), moment()).prop_map(|(alert, user, until)| ActionLink::Acknowledge {
                alert,
                user,
                until
            }),
        ]
    }

    fn report() -> impl Strategy<Value = ReportLink> {
        let kind = prop_oneof![Just(ReportKind::Engagement), Just(ReportKind::Sponsor)];
        let reader = prop_oneof![
            id().prop_map(ReportReader::User),
            any::<[u8; 16]>().prop_map(ReportReader::Address)
        ];
        (kind, id(), reader, moment(), moment()).prop_map(|(kind, account, reader, as_of, until)| {
            ReportLink {
                kind,
                account,
                reader,
                as_of,
                until,
            }
        })
    }

    /// Every text that differs from this one in one bit, where that is a text.
    fn flipped(token: &str) -> impl Iterator<Item = String> {
        let bytes = token.as_bytes().to_vec();
        (0..bytes.len() * 8).filter_map(move |bit| {
            let mut other = bytes.clone();
            other[bit / 8] ^= 1 << (bit % 8);
            String::from_utf8(other).ok()
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(action in action(), report in report()) {
            prop_assert_eq!(ActionLink::open(&key(), &action.token(&key())), Some(action));
            prop_assert_eq!(ReportLink::open(&key(), &report.token(&key())), Some(report));
        }

        #[test]
        fn a_token_is_short_and_safe_in_a_url(action in action(), report in report()) {
            for token in [action.token(&key()), report.token(&key())] {
                prop_assert!(token.len() <= LONGEST_TOKEN && token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
            }
        }

        #[test]
        fn one_purpose_is_no_good_for_another(action in action(), report in report()) {
            prop_assert_eq!(ReportLink::open(&key(), &action.token(&key())), None);
            prop_assert_eq!(ActionLink::open(&key(), &report.token(&key())), None);
        }

        #[test]
        fn another_key_opens_nothing(action in action(), report in report()) {
            let other = SigningKey::new(&[8; 32]);
            prop_assert_eq!(ActionLink::open(&other, &action.token(&key())), None);
            prop_assert_eq!(ReportLink::open(&other, &report.token(&key())), None);
        }

        #[test]
        fn any_text_is_refused_without_a_panic(text in any::<String>(), bytes in proptest::collection::vec(any::<u8>(), 0..96)) {
            for text in [text, URL_SAFE_NO_PAD.encode(bytes)] {
                prop_assert_eq!(ActionLink::open(&key(), &text), None);
                prop_assert_eq!(ReportLink::open(&key(), &text), None);
            }
        }

        /// What is signed by us but is no link of this version: a key that signs for others too must not make links of it.
        #[test]
        fn what_is_signed_and_malformed_is_refused_without_a_panic(mut payload in proptest::collection::vec(any::<u8>(), 0..60), version in 0..3_u8, purpose in 0..6_u8) {
            if let [first, second, ..] = payload.as_mut_slice() {
                (*first, *second) = (version, purpose);
            }
            let length = payload.len();
            let token = Writer(payload).seal(&key());
            let action = ActionLink::open(&key(), &token);
            let expected = match purpose { UNSUBSCRIBE | RESUBSCRIBE => 18, ACKNOWLEDGE => 42, _ => usize::MAX };
            prop_assert_eq!(action.is_some(), version == VERSION && length == expected);
            if length != 52 || version != VERSION || purpose != REPORT {
                prop_assert_eq!(ReportLink::open(&key(), &token), None);
            }
        }
    }

    #[test]
    fn any_flipped_bit_is_refused() {
        let user = Uuid::from_u128(0x0197_7dde_8800_7000_8000_0000_0000_0001).into();
        let at: DateTime<Utc> = "2026-06-17T12:00:00Z".parse().unwrap();
        let actions = [
            ActionLink::Unsubscribe { user },
            ActionLink::Resubscribe { user },
            ActionLink::Acknowledge {
                alert: Uuid::from_u128(2).into(),
                user,
                until: at,
            },
        ];
        let mut tried = 0;
        for action in actions {
            for other in flipped(&action.token(&key())) {
                assert_eq!(ActionLink::open(&key(), &other), None, "{other}");
                tried += 1;
            }
        }
        let account = Uuid::from_u128(3).into();
        let report = ReportLink {
            kind: ReportKind::Sponsor,
            account,
            reader: ReportReader::User(user),
            as_of: at,
            until: at,
        };
        for other in flipped(&report.token(&key())) {
            assert_eq!(ReportLink::open(&key(), &other), None, "{other}");
            tried += 1;
        }
        assert!(tried > 2_000, "{tried}");
    }

    /// Links in mails that were sent must go on working: this layout is fixed.
    #[test]
    fn the_layout_is_what_it_was() {
        let user = Uuid::from_u128(1).into();
        let token = ActionLink::Unsubscribe { user }.token(&key());
        // Reckoned by another implementation of RFC 2104.
        assert_eq!(
            token,
            "AQEAAAAAAAAAAAAAAAAAAAABLiLo_fGWSGnBaDNegMqp1ScioxTwi4Vwh3tKqKVRIFo"
        );
        let padded = [
            token.clone() + "=",
            token.clone() + "A",
            token.replace('-', "+"),
            String::new(),
        ];
        assert!(
            padded
                .iter()
                .filter(|other| **other != token)
                .all(|other| ActionLink::open(&key(), other).is_none())
        );
    }
}
