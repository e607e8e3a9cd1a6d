//! The numbers of one evaluation. A score is a closed form of them, and the improvement plan changes them.

use chrono::NaiveDate;

use crate::policy::Policy;
use crate::row::AccountRows;
use crate::row::renewal::renews_within;
use crate::row::windows::Windows;
use crate::vocabulary::tolerance::TOLERANCE;
use crate::vocabulary::{AccountTier, InteractionKind, ServedBy};

/// How many kinds of interaction there are.
pub(crate) const KINDS: usize = InteractionKind::ALL.len();

/// Plain numbers about one account in one window. Counts unless a unit is named.
#[derive(Debug, Clone, PartialEq)]
pub struct Measures {
    /// The account's tier.
    pub tier: AccountTier,
    /// Who serves the account.
    pub served_by: ServedBy,
    /// The contract renews within the policy's days.
    pub renewal_near: bool,
    /// Calendar days of the window.
    pub days: u32,
    /// Calendar months of the window.
    pub months: u32,
    /// Days of the activity span in which the account was there: its volumes are per 30 of them.
    pub span_days_lived: u32,
    /// Day of the first fact in history.
    pub first_fact_on: Option<NaiveDate>,
    /// Days from the first fact to `ending_on`.
    pub days_since_first_fact: Option<i64>,
    /// There was a fact before the window began.
    pub known_before: bool,
    /// An interaction in history is a fact.
    pub has_interactions: bool,
    /// There is a two-way interaction in history.
    pub has_two_way: bool,
    /// There is one in the activity span that is not about operations.
    pub has_two_way_in_span: bool,
    /// The account has a contact, or an interaction in history that is not nameless.
    pub has_relationship: bool,
    /// Interactions in the window that name nobody of theirs.
    pub nameless: u32,
    /// The account has a contact.
    pub has_contacts: bool,
    /// There is usage in history.
    pub has_usage: bool,

    /// Two-way interactions whose time lies in the window, per kind.
    pub two_way: [u32; KINDS],
    /// Those that the customer began.
    pub two_way_inbound: u32,
    /// Those of the window that are not about operations, per kind.
    pub window_activity: [u32; KINDS],
    /// The same of the activity span: what activity is made of.
    pub activity: [u32; KINDS],
    /// Those of the activity span that we began.
    pub outbound_activity: [u32; KINDS],
    /// Requests for support in the window.
    pub support_requests: u32,
    /// Those of its last 30 days.
    pub recent_support_requests: u32,

    /// Mature outreaches in the window.
    pub outreaches: f64,
    /// Those that were answered.
    pub answered: f64,
    /// Sum of the credits for the speed of their answers, from 0 to `answered`.
    pub response_credit: f64,
    /// Median hours of their answers.
    pub response_hours: Option<f64>,
    /// Meetings due.
    pub meetings_due: f64,
    /// Those that were held.
    pub meetings_held: f64,
    /// Held meetings and calls: what could be classified.
    pub conversations: f64,
    /// Those that are.
    pub classified: f64,
    /// Those that are strategic.
    pub strategic: f64,

    /// Contacts in direct contact in the activity span by more than support, training and community; departed ones apart.
    pub engaged_contacts: u32,
    /// Contacts in direct contact by training or community alone: they count by half.
    pub taught_contacts: u32,
    /// On how many people the relationship rests; absent without anybody.
    pub effective_people: Option<f64>,
    /// Their departments.
    pub engaged_departments: u32,
    /// Executives among them.
    pub engaged_executives: u32,
    /// Executives that the account has.
    pub executives: u32,
    /// Those of them who were in executive contact in the trailing year.
    pub executives_in_contact: u32,

    /// Features in the catalogue.
    pub catalogue: u32,
    /// Features of the catalogue in use.
    pub features_used: u32,
    /// Contacts who used the product.
    pub active_users: u32,
    /// Those who used it often and widely.
    pub power_users: u32,
    /// Usage rows in the window.
    pub usage_rows: u32,
    /// One of them names a contact.
    pub usage_names_contacts: bool,
    /// Distinct days of use: per contact, and per feature where no contact is named.
    pub usage_days: u32,
    /// Those of the last 30 days of the window.
    pub recent_usage_days: u32,
    /// Sessions.
    pub logins: u64,

    /// Somebody of theirs has ever taken part in anything, as far as history reaches.
    pub ever_answered: bool,
    /// Unanswered outreaches since the last two-way interaction in history.
    pub unanswered_in_a_row: u32,
    /// Meetings in the window that the customer called off, declined or missed, after the last one held.
    pub called_off_in_a_row: u32,
    /// Answers in the window, mature or not, whose time is known.
    pub timed_answers: u32,
    /// Their median hours.
    pub timed_answer_hours: Option<f64>,
    /// Business reviews in the window that were declined or missed, with none held after.
    pub qbrs_missed: u32,
    /// Who sponsors us.
    pub sponsorship: Sponsorship,

    /// Completed touchpoint kinds.
    pub touchpoints: u32,
    /// Completed calls.
    pub calls: u32,
    /// Completed meetings, check-ins and dinners.
    pub meetings: u32,
    /// Completed e-mails from us.
    pub emails_sent: u32,
    /// Completed e-mails from them.
    pub emails_received: u32,
    /// Business reviews held.
    pub qbrs_held: u32,
    /// Business reviews due.
    pub qbrs_due: u32,
    /// Mean share of the invited who attended a held business review.
    pub qbr_participation: Option<f64>,
    /// Training sessions held.
    pub training_sessions: u32,
    /// Certifications.
    pub certifications: u32,
    /// Community events.
    pub community_events: u32,
    /// Forum posts.
    pub forum_posts: u32,
}

/// Who sponsors us on `ending_on`, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sponsorship {
    /// Anybody at all.
    pub any: bool,
    /// Somebody sponsors us or once did.
    pub ever: bool,
    /// The primary sponsor, by their place among the contacts.
    pub primary: Option<u32>,
    /// Days since the later of the primary sponsor's last executive contact and the beginning of their sponsorship.
    pub primary_silent_days: Option<i64>,
    /// The next day on which a touch with the primary sponsor is booked, within 14 days.
    pub primary_booked_on: Option<NaiveDate>,
}

impl Measures {
    /// Nothing measured yet.
    pub(super) fn new(rows: &AccountRows, catalogue: usize, policy: &Policy, windows: &Windows) -> Self {
        Self {
            tier: rows.account.tier,
            served_by: rows.account.served_by,
            renewal_near: renewal_near(rows.account.renewal_on, windows.ending_on, policy),
            days: windows.days(),
            months: windows.period.months(),
            span_days_lived: DAYS_OF_A_RATE,
            first_fact_on: None,
            days_since_first_fact: None,
            known_before: false,
            has_interactions: false,
            has_two_way: false,
            has_two_way_in_span: false,
            nameless: 0,
            has_relationship: false,
            has_contacts: !rows.contacts.is_empty(),
            has_usage: false,
            two_way: [0; KINDS],
            two_way_inbound: 0,
            window_activity: [0; KINDS],
            activity: [0; KINDS],
            outbound_activity: [0; KINDS],
            support_requests: 0,
            recent_support_requests: 0,
            outreaches: 0.0,
            answered: 0.0,
            response_credit: 0.0,
            response_hours: None,
            meetings_due: 0.0,
            meetings_held: 0.0,
            conversations: 0.0,
            classified: 0.0,
            strategic: 0.0,
            engaged_contacts: 0,
            taught_contacts: 0,
            effective_people: None,
            engaged_departments: 0,
            engaged_executives: 0,
            executives: 0,
            executives_in_contact: 0,
            catalogue: catalogue as u32,
            features_used: 0,
            active_users: 0,
            power_users: 0,
            usage_rows: 0,
            usage_names_contacts: false,
            usage_days: 0,
            recent_usage_days: 0,
            logins: 0,
            ever_answered: false,
            unanswered_in_a_row: 0,
            called_off_in_a_row: 0,
            timed_answers: 0,
            timed_answer_hours: None,
            qbrs_missed: 0,
            sponsorship: Sponsorship::default(),
            touchpoints: 0,
            calls: 0,
            meetings: 0,
            emails_sent: 0,
            emails_received: 0,
            qbrs_held: 0,
            qbrs_due: 0,
            qbr_participation: None,
            training_sessions: 0,
            certifications: 0,
            community_events: 0,
            forum_posts: 0,
        }
    }

    /// Notes a day on which something happened; the earliest stays.
    pub(super) fn note_fact(&mut self, day: NaiveDate, windows: &Windows) {
        let first = self.first_fact_on.map_or(day, |earlier| earlier.min(day));
        self.first_fact_on = Some(first);
        self.days_since_first_fact = Some(windows.days_since(first));
        self.known_before = first < windows.start_day;
    }

    /// Two-way interactions of any kind whose time lies in the window.
    pub fn two_way_total(&self) -> u32 {
        self.two_way.iter().sum()
    }

    /// A number of the window, per 30 days.
    pub fn per_30_days(&self, volume: f64) -> f64 {
        volume * f64::from(DAYS_OF_A_RATE) / f64::from(self.days)
    }

    /// A number of the activity span, per 30 days in which the account was there.
    pub fn per_30_days_lived(&self, volume: f64) -> f64 {
        volume * f64::from(DAYS_OF_A_RATE) / f64::from(self.span_days_lived)
    }

    /// Of a number of days, those in which the account was there; at least 30: nobody is measured for days before that.
    pub fn days_lived(&self, days: u32) -> u32 {
        days_lived(days, self.days_since_first_fact)
    }

    /// Days of use per 30 days of the window.
    pub fn usage_rate(&self) -> f64 {
        self.per_30_days(f64::from(self.usage_days))
    }

    /// Requests for support per 30 days of the window.
    pub fn support_rate(&self) -> f64 {
        self.per_30_days(f64::from(self.support_requests))
    }

    /// On how many people the relationship rests, where they are too few: it hangs on one of them.
    pub fn too_few_people(&self, policy: &Policy) -> Option<f64> {
        self.effective_people
            .filter(|people| *people < policy.standing.effective_people - TOLERANCE)
    }

    /// Contacts in direct contact, those of training and community alone by half.
    pub fn stakeholders(&self) -> f64 {
        f64::from(self.engaged_contacts) + TAUGHT * f64::from(self.taught_contacts)
    }

    /// One engaged contact.
    pub const fn single_threaded(&self) -> bool {
        self.engaged_contacts + self.taught_contacts == 1
    }

    /// Two or more in conversation from two or more departments, or three or more; and the relationship rests on two.
    pub fn multi_threaded(&self) -> bool {
        let several =
            self.engaged_contacts >= 3 || (self.engaged_contacts >= 2 && self.engaged_departments >= 2);
        several
            && self
                .effective_people
                .is_some_and(|people| people + TOLERANCE >= 2.0)
    }
}

/// Days of a volume's rate.
pub(crate) const DAYS_OF_A_RATE: u32 = 30;
/// What a contact of training and community alone counts.
const TAUGHT: f64 = 0.5;

/// Of a number of days, those since the first fact, both ends counted; at least 30.
pub(super) fn days_lived(days: u32, since_first_fact: Option<i64>) -> u32 {
    let known = since_first_fact
        .and_then(|since| u32::try_from(since + 1).ok())
        .unwrap_or(0);
    days.min(known).max(DAYS_OF_A_RATE)
}

/// Whether a renewal lies within the policy's days from a day on, both ends counted.
fn renewal_near(renewal_on: Option<NaiveDate>, day: NaiveDate, policy: &Policy) -> bool {
    renews_within(renewal_on, day, i64::from(policy.standing.renewal_days))
}
