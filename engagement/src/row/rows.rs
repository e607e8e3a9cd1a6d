//! What is read about one account before it is measured: the rows of the database, typed, nothing computed.
//!
//! Order within an account never matters. Rows may reach further back and forward than any window: the measure
//! keeps what counts (docs/scoring.md § 1). Contacts are referred to by their place in [`AccountRows::contacts`],
//! features by their place in the list that a run shares, so that a row is a few machine words.

use chrono::{DateTime, NaiveDate, Utc};

use crate::vocabulary::id::{AccountId, ContactId, InteractionId};
use crate::vocabulary::money::Money;
use crate::vocabulary::{
    AccountStatus, AccountTier, Alignment, Attendance, Direction, InteractionKind, InteractionStatus,
    OrgChangeKind, Party, Purpose, Seniority, ServedBy, SponsorRank,
};

/// A contact's place in [`AccountRows::contacts`].
pub type ContactIndex = u32;

/// A feature's place in [`Catalogue`].
pub type FeatureIndex = u32;

/// Everything about one account that scoring reads.
#[derive(Debug, Clone)]
pub struct AccountRows {
    /// The account itself.
    pub account: Account,
    /// Its contacts, departed ones among them.
    pub contacts: Vec<Contact>,
    /// Its sponsorships, ended ones among them.
    pub sponsorships: Vec<Sponsorship>,
    /// Interactions since the history of the previous window began.
    pub interactions: Vec<Interaction>,
    /// Usage since the previous window began.
    pub usage: Vec<Usage>,
    /// The first day with usage on or after the start of each history that is asked for: proof that there is usage
    /// without reading it. Days that `usage` holds too do no harm.
    pub first_usage_days: Vec<NaiveDate>,
    /// How well each of the account's initiatives fits a priority of theirs, as it stands.
    pub initiatives: Vec<Alignment>,
    /// Its confirmed organisational changes, whenever they were observed.
    pub changes: Vec<ConfirmedChange>,
    /// Touches with its people that are booked: meetings that are SCHEDULED and plans that were not called off, from
    /// `ending_on` to 14 days after it.
    pub booked: Vec<BookedTouch>,
    /// Days of use in this window of the standard period and in the one before it, both moved back by 12 months. Read only for the few accounts
    /// of which [`crate::evaluation::Evaluation::wants_year_ago`] says that they decide; absent means not read.
    pub year_ago_usage: Option<[u32; 2]>,
    /// The same for the windows of a report of another period.
    pub other_year_ago_usage: Option<[u32; 2]>,
    /// A contact feed of the account is silent on `ending_on`: whoever recorded most of its interactions has recorded
    /// nothing anywhere for too long (`data.owner_silent`, docs/scoring.md § 8). Its score is not known.
    pub contact_feed_silent: bool,
}

/// An organisational change at the customer that somebody has confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConfirmedChange {
    /// What changed.
    pub kind: OrgChangeKind,
    /// When it was observed.
    pub observed_on: NaiveDate,
    /// Of whom, where it is about a contact.
    pub contact: Option<ContactIndex>,
}

/// A touch with the customer's people that lies ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BookedTouch {
    /// On which day.
    pub on: NaiveDate,
    /// With whom; one row for each of several.
    pub contact: ContactIndex,
    /// Of what kind.
    pub kind: InteractionKind,
}

impl AccountRows {
    /// Whether a contact has departed at the end of that day (docs/scoring.md § 2): by their own row, or by a confirmed
    /// departure after which no sponsorship of theirs has begun. Somebody unknown has.
    pub fn is_departed(&self, contact: ContactIndex, day: NaiveDate) -> bool {
        let Some(row) = self.contacts.get(contact as usize) else {
            return true;
        };
        row.departure.is_departed_on(day)
            || self
                .departures_of(contact)
                .any(|left| left <= day && !self.came_back(contact, left, day))
    }

    /// The days on which a contact's departure was observed, as far as it is confirmed.
    pub fn departures_of(&self, contact: ContactIndex) -> impl Iterator<Item = NaiveDate> {
        let of_them = move |change: &&ConfirmedChange| {
            change.kind == OrgChangeKind::Departure && change.contact == Some(contact)
        };
        self.changes
            .iter()
            .filter(of_them)
            .map(|change| change.observed_on)
    }

    /// Whether a sponsorship of a contact began after a day and by another.
    fn came_back(&self, contact: ContactIndex, after: NaiveDate, by: NaiveDate) -> bool {
        self.sponsorships
            .iter()
            .any(|held| held.contact == contact && held.since > after && held.since <= by)
    }

    /// Whether a sponsorship counts on that day: it has begun, has not ended, and its contact has not departed.
    pub fn sponsors_on(&self, held: &Sponsorship, day: NaiveDate) -> bool {
        held.is_active_on(self.is_departed(held.contact, day), day)
    }
}

/// The account's own attributes.
#[derive(Debug, Clone)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// It decides benchmarks and cadence.
    pub tier: AccountTier,
    /// Customer or not.
    pub status: AccountStatus,
    /// Since when not.
    pub churned_on: Option<NaiveDate>,
    /// Who serves it.
    pub served_by: ServedBy,
    /// When the contract renews, where known.
    pub renewal_on: Option<NaiveDate>,
    /// Annual recurring revenue, where known.
    pub arr: Option<Money>,
}

impl Account {
    /// Whether the account is a customer on that day (docs/scoring.md § 2).
    pub fn is_active_on(&self, day: NaiveDate) -> bool {
        customer_on(self.status, self.churned_on, day)
    }
}

/// Whether an account of this status, which left or will leave on `churned_on` if that is known, is a customer on a day
/// (docs/scoring.md § 2).
pub fn customer_on(status: AccountStatus, churned_on: Option<NaiveDate>, day: NaiveDate) -> bool {
    churned_on.map_or(status == AccountStatus::Active, |churned| churned > day)
}

/// A person at the customer.
#[derive(Debug, Clone)]
pub struct Contact {
    /// Its id.
    pub id: ContactId,
    /// Key within the account; decides ties between sponsors.
    pub external_id: String,
    /// As written; compared trimmed and without regard to case.
    pub department: Option<String>,
    /// Level, where known.
    pub seniority: Option<Seniority>,
    /// Since when they have had their role, where known.
    pub role_started_on: Option<NaiveDate>,
    /// Whether and when they left.
    pub departure: Departure,
}

/// Whether and when a contact left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Departure {
    /// Still there.
    #[default]
    None,
    /// Left on that day.
    On(NaiveDate),
    /// Left, nobody wrote down when: gone at every day.
    Undated,
}

impl Departure {
    /// Whether the contact counts as departed at the end of that day.
    pub fn is_departed_on(self, day: NaiveDate) -> bool {
        match self {
            Self::None => false,
            Self::On(left) => left <= day,
            Self::Undated => true,
        }
    }
}

/// A span of days in which a contact sponsors us.
#[derive(Debug, Clone)]
pub struct Sponsorship {
    pub contact: ContactIndex,
    /// First day.
    pub since: NaiveDate,
    /// First day after it, where it has ended (the earlier of what was recorded and what a departure caused).
    pub until: Option<NaiveDate>,
    /// First or second sponsor.
    pub rank: SponsorRank,
}

impl Sponsorship {
    /// Whether the contact sponsors us on that day, given whether they have departed on it (docs/scoring.md § 2).
    pub fn is_active_on(&self, departed: bool, day: NaiveDate) -> bool {
        self.since <= day && self.until.is_none_or(|until| until > day) && !departed
    }
}

/// Something that happened between us and the customer.
#[derive(Debug, Clone)]
pub struct Interaction {
    /// Its id: evidence.
    pub id: InteractionId,
    /// Kind.
    pub kind: InteractionKind,
    /// From us or from them.
    pub direction: Direction,
    /// What became of it.
    pub status: InteractionStatus,
    /// What it was for, where classified.
    pub purpose: Option<Purpose>,
    /// When; for what did not take place, when it would have.
    pub occurred_at: DateTime<Utc>,
    /// When they answered.
    pub responded_at: Option<DateTime<Utc>>,
    /// Who answered.
    pub responded_by: Option<ContactIndex>,
    /// Who wrote or called.
    pub from_contact: Option<ContactIndex>,
    /// Whether a new date was found.
    pub rescheduled: bool,
    /// Who called it off; absent = the customer.
    pub canceled_by: Option<Party>,
    /// A newsletter or a campaign: nobody expects an answer.
    pub bulk: bool,
    /// The customer's people on it.
    pub participants: Vec<Participant>,
}

/// A contact on an interaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Participant {
    pub contact: ContactIndex,
    /// Whether they were there.
    pub attendance: Attendance,
}

/// One day of one feature, by one contact or by nobody named.
#[derive(Debug, Clone, Copy)]
pub struct Usage {
    /// Who, where known.
    pub contact: Option<ContactIndex>,
    pub feature: FeatureIndex,
    /// When, in the organisation's zone.
    pub day: NaiveDate,
    /// How often; sessions for `login`.
    pub count: u64,
}

/// The feature that counts sessions and is no feature for adoption.
pub const LOGIN: &str = "login";

/// The organisation's features: what adoption is measured against, in this window and in the previous one. The two differ
/// where no catalogue was imported: then each window's is what had been used before its own end.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    /// Every feature key that a usage row may refer to, `login` among them.
    features: Vec<FeatureKey>,
    size: [usize; 2],
    /// The last day, up to the end of this window, with usage of any account.
    last_usage_on: Option<NaiveDate>,
}

/// Which of the two windows of an evaluation is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// This window.
    Current,
    /// The one before it.
    Previous,
}

/// One feature and how it counts.
#[derive(Debug, Clone)]
struct FeatureKey {
    key: String,
    listed: [bool; 2],
    login: bool,
}

impl Catalogue {
    /// A catalogue that is the same for both windows. `login` is dropped.
    pub fn new(listed: impl IntoIterator<Item = String>) -> Self {
        Self::of_usage(listed.into_iter().map(|key| (key, true, true)))
    }

    /// A catalogue of features with whether each is listed in this window and in the previous one. Others are added by
    /// [`Catalogue::index_of`] as usage mentions them: they are used, but they are not listed.
    pub fn of_usage(features: impl IntoIterator<Item = (String, bool, bool)>) -> Self {
        let mut catalogue = Self::default();
        for (key, current, previous) in features {
            let at = catalogue.index_of(&key) as usize;
            if let Some(feature) = catalogue.features.get_mut(at).filter(|feature| !feature.login) {
                feature.listed = [current, previous];
            }
        }
        for span in [Span::Current, Span::Previous] {
            catalogue.size[span as usize] = catalogue
                .features
                .iter()
                .filter(|f| f.listed[span as usize])
                .count();
        }
        catalogue
    }

    /// Notes the last day, up to the end of this window, with usage of any account: whether the feed of usage is alive.
    #[must_use]
    pub const fn with_last_usage(mut self, day: Option<NaiveDate>) -> Self {
        self.last_usage_on = day;
        self
    }

    /// The last day, up to the end of this window, with usage of any account.
    pub const fn last_usage_on(&self) -> Option<NaiveDate> {
        self.last_usage_on
    }

    /// The place of a feature, added as unlisted when it is new. Linear in the number of features: callers on a
    /// hot path keep their own map.
    pub fn index_of(&mut self, key: &str) -> FeatureIndex {
        let at = self
            .features
            .iter()
            .position(|f| f.key == key)
            .unwrap_or_else(|| {
                self.features.push(FeatureKey {
                    key: key.to_owned(),
                    listed: [false; 2],
                    login: key == LOGIN,
                });
                self.features.len() - 1
            });
        at as FeatureIndex
    }

    /// The keys of all places, in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.features.iter().map(|f| f.key.as_str())
    }

    /// How many features the catalogue lists, `login` apart.
    pub fn size(&self, span: Span) -> usize {
        self.size[span as usize]
    }

    /// Whether the feature counts for adoption.
    pub fn is_listed(&self, feature: FeatureIndex, span: Span) -> bool {
        self.features
            .get(feature as usize)
            .is_some_and(|f| f.listed[span as usize])
    }

    /// Whether the feature counts sessions.
    pub fn is_login(&self, feature: FeatureIndex) -> bool {
        self.features.get(feature as usize).is_some_and(|f| f.login)
    }

    /// How many places there are, unlisted features among them.
    pub fn places(&self) -> usize {
        self.features.len()
    }
}
