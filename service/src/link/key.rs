//! What links are signed with: 32 random bytes that the first process makes and every process reads from the database. They
//! are never logged, never answered to a client, and leave this file only as signatures.

use chrono::{DateTime, Utc};
use engagement::email_address::EmailAddress;
use entity::link_key::{ActiveModel, Column, Entity, Model};
use ring::hmac;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, EntityTrait};

use crate::db::Db;
use crate::error::{During, ServiceError};

/// The one row there is.
const ONLY: i32 = 1;
/// Bytes of the key.
const LENGTH: usize = 32;
/// What a signature is about: the same bytes signed for another use have another signature.
const OF_LINK: &[u8] = b"rapport/link\0";
const OF_ADDRESS: &[u8] = b"rapport/address\0";

/// Signs links, and tells its own signatures from others.
#[derive(Clone)]
pub struct SigningKey(hmac::Key);

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

impl SigningKey {
    /// A key of these bytes.
    pub fn new(secret: &[u8; LENGTH]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// The installation's key; it is made where there is none yet. Of several processes that make one, one wins.
    ///
    /// # Errors
    /// Those of the database; when the operating system gives no random bytes.
    pub async fn of_installation(db: &Db, now: DateTime<Utc>) -> Result<Self, ServiceError> {
        let stored = match Entity::find_by_id(ONLY)
            .one(db.read())
            .await
            .during("reading the key of links")?
        {
            Some(stored) => stored,
            None => make(db, now).await?,
        };
        let secret: Result<[u8; LENGTH], _> = stored.secret.as_slice().try_into();
        // What it holds instead is nobody's to read.
        let unusable = |_| ServiceError::Stored {
            table: "link_key",
            column: "secret",
            value: format!("{} bytes", stored.secret.len()),
        };
        secret.map(|secret| Self::new(&secret)).map_err(unusable)
    }

    /// The signature of a link.
    pub(super) fn sign(&self, payload: &[u8]) -> [u8; 32] {
        self.tag(OF_LINK, payload)
    }

    /// Whether this is the signature of a link, in the same time whatever differs.
    pub(super) fn verifies(&self, payload: &[u8], signature: &[u8]) -> bool {
        hmac::verify(&self.0, &[OF_LINK, payload].concat(), signature).is_ok()
    }

    /// What stands for an address in a link: the same for the same address, and nothing to anybody without the key.
    pub fn fingerprint(&self, address: &EmailAddress) -> [u8; 16] {
        let mut fingerprint = [0; 16];
        fingerprint.copy_from_slice(&self.tag(OF_ADDRESS, address.expose().as_bytes())[..16]);
        fingerprint
    }

    fn tag(&self, use_of: &[u8], payload: &[u8]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(use_of);
        context.update(payload);
        let mut tag = [0; 32];
        tag.copy_from_slice(context.sign().as_ref());
        tag
    }
}

/// Writes a key, or finds the one that another process has written in between.
async fn make(db: &Db, now: DateTime<Utc>) -> Result<Model, ServiceError> {
    let mut secret = [0_u8; LENGTH];
    getrandom::fill(&mut secret)
        .map_err(|error| ServiceError::internal("asking the operating system for random bytes", error))?;
    let row = ActiveModel {
        id: Set(ONLY),
        secret: Set(secret.to_vec()),
        created_at: Set(now.timestamp_micros()),
    };
    db.write_tx(async |tx| {
        Entity::insert(row.clone())
            .on_conflict(OnConflict::column(Column::Id).do_nothing().to_owned())
            .exec_without_returning(tx)
            .await
            .during("writing the key of links")?;
        let operation = "reading the key of links";
        let row = Entity::find_by_id(ONLY).one(tx).await.during(operation)?;
        row.ok_or_else(|| ServiceError::internal(operation, "its row is gone although it was just written"))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_does_not_show_itself_in_a_log() {
        assert_eq!(format!("{:?}", SigningKey::new(&[7; 32])), "SigningKey(…)");
        let row = Model {
            id: 1,
            secret: vec![7; 32],
            created_at: 0,
        };
        assert_eq!(format!("{row:?}"), "Model { id: 1, created_at: 0, .. }");
    }

    /// RFC 4231 § 4.3 with our prefix is no vector of theirs; what must hold is that uses do not mix.
    #[test]
    fn a_signature_is_of_one_use_and_one_key() {
        let (key, other) = (SigningKey::new(&[7; 32]), SigningKey::new(&[8; 32]));
        let signature = key.sign(b"a");
        assert!(key.verifies(b"a", &signature));
        assert!(
            !key.verifies(b"b", &signature)
                && !other.verifies(b"a", &signature)
                && !key.verifies(b"a", &signature[..31])
        );
        let address: EmailAddress = "ann@x.example".parse().unwrap();
        assert_eq!(
            key.fingerprint(&address),
            key.fingerprint(&"Ann@X.example".parse().unwrap())
        );
        assert_ne!(key.fingerprint(&address)[..], key.sign(b"ann@x.example")[..16]);
        assert_ne!(key.fingerprint(&address), other.fingerprint(&address));
    }
}
