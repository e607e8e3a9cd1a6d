//! The text of a token: `rap_pat_`, 40 random characters and a checksum of six, so that a slip of the hand is refused
//! without asking the database, and scanners for leaked secrets can tell a token from noise.

use crate::error::ServiceError;

const PREFIX: &str = "rap_pat_";
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Random characters: 40 of 62 are 238 bits.
const RANDOM: usize = 40;
/// Characters of the checksum: six of 62 hold 32 bits.
const CHECKSUM: usize = 6;

pub(super) fn new_secret() -> Result<String, ServiceError> {
    let mut random = String::with_capacity(RANDOM);
    let mut bytes = [0_u8; 64];
    while random.len() < RANDOM {
        getrandom::fill(&mut bytes)
            .map_err(|e| ServiceError::internal("asking the operating system for random bytes", e))?;
        // 248 = 4 · 62: bytes above would make some characters likelier than others.
        let characters = bytes
            .iter()
            .filter(|byte| **byte < 248)
            .map(|byte| char::from(ALPHABET[usize::from(byte % 62)]));
        random.extend(characters.take(RANDOM - random.len()));
    }
    let checksum = checksum(&random);
    Ok(format!("{PREFIX}{random}{checksum}"))
}

/// Whether a text could be a token: prefix, length, alphabet and checksum are right.
pub fn is_well_formed(secret: &str) -> bool {
    let Some(body) = secret.strip_prefix(PREFIX) else {
        return false;
    };
    body.len() == RANDOM + CHECKSUM
        && body.bytes().all(|b| b.is_ascii_alphanumeric())
        && body
            .split_at_checked(RANDOM)
            .is_some_and(|(random, sum)| sum == checksum(random))
}

/// CRC-32 (IEEE 802.3) in base 62.
fn checksum(text: &str) -> String {
    let mut crc = u32::MAX;
    for byte in text.bytes() {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 {
                (crc >> 1) ^ 0xedb8_8320
            } else {
                crc >> 1
            };
        }
    }
    let mut rest = !crc;
    let mut digits = [b'0'; CHECKSUM];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[(rest % 62) as usize];
        rest /= 62;
    }
    digits.iter().map(|d| char::from(*d)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_crc_32() {
        // The check value of CRC-32/ISO-HDLC, 0xCBF43926 = 3,421,780,262, in base 62.
        assert_eq!(checksum("123456789"), "3jZRME");
    }

    #[test]
    fn a_new_token_is_well_formed_and_a_slip_is_not() {
        let secret = new_secret().unwrap();
        assert!(is_well_formed(&secret), "{secret}");
        assert_eq!(secret.len(), 54);
        assert_ne!(secret, new_secret().unwrap());
        let mut slip = secret.clone().into_bytes();
        slip[20] = if slip[20] == b'a' { b'b' } else { b'a' };
        assert!(!is_well_formed(&String::from_utf8(slip).unwrap()));
        for text in [
            "",
            "rap_pat_",
            &secret[..53],
            &format!("{secret}0"),
            "rap_pat_éééééééééééééééééééééé",
        ] {
            assert!(!is_well_formed(text), "{text}");
        }
    }
}
