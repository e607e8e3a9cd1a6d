//! What an alert is about, beside its account: a kind and a text, so that an absent subject is a value like any other and
//! a key never has a hole in it.

use crate::vocabulary::id::{ContactId, IdError, InteractionId, OrgChangeId, UserId};
use crate::vocabulary::{Feed, SubjectKind, UnknownWord};

/// What an alert is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// The account as a whole.
    None,
    /// A contact.
    Contact(ContactId),
    /// An interaction.
    Interaction(InteractionId),
    /// An organisational change.
    OrgChange(OrgChangeId),
    /// A feed of data.
    Feed(Feed),
    /// Somebody whom mail does not reach, by address.
    Recipient(String),
    /// Somebody of ours.
    User(UserId),
}

/// A stored subject that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubjectError {
    /// The text is no id of its kind.
    #[error(transparent)]
    Id(#[from] IdError),
    /// The text is no feed.
    #[error(transparent)]
    Feed(#[from] UnknownWord),
    /// A subject without a text, or a text without a subject.
    #[error("a subject has a text exactly when its kind is not NONE")]
    Incomplete,
}

impl Subject {
    /// Its kind.
    pub const fn kind(&self) -> SubjectKind {
        match self {
            Self::None => SubjectKind::None,
            Self::Contact(_) => SubjectKind::Contact,
            Self::Interaction(_) => SubjectKind::Interaction,
            Self::OrgChange(_) => SubjectKind::OrgChange,
            Self::Feed(_) => SubjectKind::Feed,
            Self::Recipient(_) => SubjectKind::Recipient,
            Self::User(_) => SubjectKind::User,
        }
    }

    /// Which one, as text; empty for none.
    pub fn text(&self) -> String {
        match self {
            Self::None => String::new(),
            Self::Contact(id) => id.to_string(),
            Self::Interaction(id) => id.to_string(),
            Self::OrgChange(id) => id.to_string(),
            Self::Feed(feed) => feed.to_string(),
            Self::Recipient(address) => address.clone(),
            Self::User(id) => id.to_string(),
        }
    }

    /// A subject from its kind and text.
    ///
    /// # Errors
    /// A text that is none of the kind.
    pub fn read(kind: SubjectKind, text: &str) -> Result<Self, SubjectError> {
        if (kind == SubjectKind::None) != text.is_empty() {
            return Err(SubjectError::Incomplete);
        }
        Ok(match kind {
            SubjectKind::None => Self::None,
            SubjectKind::Contact => Self::Contact(text.parse()?),
            SubjectKind::Interaction => Self::Interaction(text.parse()?),
            SubjectKind::OrgChange => Self::OrgChange(text.parse()?),
            SubjectKind::Feed => Self::Feed(text.parse()?),
            SubjectKind::Recipient => Self::Recipient(text.to_owned()),
            SubjectKind::User => Self::User(text.parse()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn every_subject_comes_back_from_its_kind_and_text() {
        let id = Uuid::from_u128(7);
        for subject in [
            Subject::None,
            Subject::Contact(id.into()),
            Subject::Interaction(id.into()),
            Subject::OrgChange(id.into()),
            Subject::Feed(Feed::Usage),
            Subject::Recipient("ana@example.com".to_owned()),
            Subject::User(id.into()),
        ] {
            assert_eq!(Subject::read(subject.kind(), &subject.text()), Ok(subject));
        }
    }

    #[test]
    fn a_subject_of_another_kind_is_refused() {
        let contact = Subject::Contact(Uuid::from_u128(7).into()).text();
        assert!(matches!(
            Subject::read(SubjectKind::Interaction, &contact),
            Err(SubjectError::Id(_))
        ));
        assert!(matches!(
            Subject::read(SubjectKind::Feed, "SMOKE"),
            Err(SubjectError::Feed(_))
        ));
        assert_eq!(
            Subject::read(SubjectKind::Contact, ""),
            Err(SubjectError::Incomplete)
        );
        assert_eq!(
            Subject::read(SubjectKind::None, "x"),
            Err(SubjectError::Incomplete)
        );
    }
}
