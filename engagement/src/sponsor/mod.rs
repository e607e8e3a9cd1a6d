//! Executive sponsors: who they are, how engaged each of them is and why, and who would follow them
//! (docs/scoring.md § 7), with the numbers of § 9 that come from the rows of one account.
//!
//! [`sponsors`] runs for every account every night: one pass over the interactions, memory for the executives only, no
//! text. Sentences are made by the report (`report::sponsor`).

mod approach;
mod bus_factor;
mod cadence;
mod delegation;
mod factors;
mod level;
mod seat;
mod succession;
mod value;
mod year;

pub use approach::{Because, FirstToApproach, order};
pub use bus_factor::{Leaver, bus_factor, bus_factor_while, without_most_frequent};
pub use cadence::{Cadence, Silence, Touchpoint};
pub use delegation::Delegation;
pub(crate) use factors::score_after;
pub use factors::{FACTOR_POINTS, Factor, Tally};
pub use seat::{Seat, Seats};
pub use succession::{Succession, SuccessionReason};
pub use value::{DASHBOARD_VIEWS, Finding, Goal, Metric, findings};
pub use year::ExecutiveYear;

use chrono::{DateTime, NaiveDate, Utc};

use crate::measure::{Reading, Who, is_present};
use crate::policy::Policy;
use crate::row::{AccountRows, ContactIndex, Interaction};
use crate::vocabulary::{EngagementLevel, InteractionKind, InteractionStatus, LevelRule, Period, RiskLevel, SponsorRank, StatusMark};
use crate::windows::{Windows, start_of_day};
use factors::{AnswerCredit, Counts};
use level::Signs;
use year::DaysOfYear;

/// Days of a trailing year that count at most as known.
const MOST_KNOWN_DAYS: i64 = 365;

/// The executives of one account, and what follows from them.
#[derive(Debug, Clone, PartialEq)]
pub struct Sponsors {
    /// The primary sponsor first, then other active sponsors (by rank, latest beginning, external id), then other
    /// executives (by external id).
    pub executives: Vec<Executive>,
    /// The place of the primary sponsor among the executives.
    pub primary: Option<usize>,
    /// The account's executive engagement: the primary sponsor's level; UNKNOWN without one.
    pub level: EngagementLevel,
    /// The rule that decided it.
    pub rule: LevelRule,
    /// The primary sponsor's risk; CRITICAL without one.
    pub risk: RiskLevel,
    /// The primary sponsor's score from 0 to 100; 0 without one.
    pub score: i32,
    /// Meetings that the primary sponsor declined.
    pub declines: Declines,
    /// Who would follow the primary sponsor.
    pub succession: Succession,
    /// Day of the last executive contact with any executive, in history.
    pub last_executive_contact_on: Option<NaiveDate>,
    /// What the portfolio counts of the trailing year.
    pub year: ExecutiveYear,
    /// Executives who were engaged contacts in the last three months.
    pub engaged_executives: u32,
    /// A sponsor of either rank is CHAMPION or ENGAGED.
    pub sponsor_engaged: bool,
    /// What the account's tier asks for.
    pub cadence: Cadence,
}

/// One executive.
#[derive(Debug, Clone, PartialEq)]
pub struct Executive {
    /// Who.
    pub contact: ContactIndex,
    /// Rank of their active sponsorship; absent without one.
    pub rank: Option<SponsorRank>,
    /// First day of that sponsorship.
    pub since: Option<NaiveDate>,
    /// Has an active sponsorship as backup.
    pub backup: bool,
    /// The four factors, in order.
    pub factors: [Factor; 4],
    /// What the factors come to, from 0 to 100.
    pub factor_score: i32,
    /// The score as it is shown: the factors' one, at most what the level allows, so that the two never contradict each
    /// other.
    pub score: i32,
    /// Distinct days of executive contact within the factors' span.
    pub contact_days: u32,
    /// How many factors were measured.
    pub measured: u32,
    /// How engaged they are.
    pub level: EngagementLevel,
    /// The rule that decided it.
    pub rule: LevelRule,
    /// The risk that goes with it.
    pub risk: RiskLevel,
    /// The mark that goes with it.
    pub status: StatusMark,
    /// Day of their last executive contact in history.
    pub last_contact_on: Option<NaiveDate>,
    /// Day of their last direct contact by any kind in history.
    pub last_touch_on: Option<NaiveDate>,
    /// How long they have been silent.
    pub silence: Silence,
    /// Held advocacy that they attended within the factors' span.
    pub advocacy: u32,
    /// What others of their department do; looked at only where it may decide the level.
    pub delegation: Option<Delegation>,
}

/// Meetings of the trailing year that the primary sponsor was to come to, and that the customer declined, missed or called
/// off without a new date after the last held one that they attended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Declines {
    /// How many.
    pub meetings: u32,
    /// The day of the last of them.
    pub last_on: Option<NaiveDate>,
    /// The day of the last held meeting that they attended, in history.
    pub attended_on: Option<NaiveDate>,
}

/// The status mark of a contact: ✗ for one who has departed, else that of the level.
pub const fn status(level: EngagementLevel, departed: bool) -> StatusMark {
    if departed { StatusMark::Bad } else { level.status() }
}

impl Sponsors {
    /// The primary sponsor.
    pub fn primary(&self) -> Option<&Executive> {
        self.primary.and_then(|place| self.executives.get(place))
    }

    /// The active backups.
    pub fn backups(&self) -> impl Iterator<Item = &Executive> {
        self.succession.backups.iter().filter_map(|place| self.executives.get(*place))
    }
}

/// One executive while the interactions are read.
struct Tracked {
    contact: ContactIndex,
    seat: Option<Seat>,
    /// What happened from here on counts for the factors.
    span_start: DateTime<Utc>,
    counts: Counts,
    last_contact_on: Option<NaiveDate>,
    last_touch_on: Option<NaiveDate>,
    contact_days: DaysOfYear,
    engaged: bool,
}

/// What is known about the account so far.
struct Fold<'a> {
    windows: &'a Windows,
    /// Start of the last three months.
    quarter_start: DateTime<Utc>,
    credit: AnswerCredit,
    executives: Vec<Tracked>,
    /// For each contact their place among the executives.
    places: Vec<Option<u32>>,
    primary: Option<ContactIndex>,
    declined: Vec<DateTime<Utc>>,
    attended: Option<DateTime<Utc>>,
    first_fact: Option<DateTime<Utc>>,
    contact_days: DaysOfYear,
    qbrs_held: u32,
    qbrs_with_executive: u32,
}

/// Reads who sponsors the account on `windows.ending_on`, at `windows.at`; the period of `windows` does not matter.
pub fn sponsors(rows: &AccountRows, policy: &Policy, windows: &Windows) -> Sponsors {
    let windows = Windows::new(windows.ending_on, windows.at, windows.zone, policy.standard_period);
    let cadence = Cadence::of(rows.account.tier, policy);
    let seats = Seats::on(rows, windows.ending_on);
    let mut fold = Fold::new(rows, &seats, policy, &windows);
    for interaction in rows.interactions.iter().filter(|interaction| windows.remembers(interaction.occurred_at)) {
        if let Some(reading) = Reading::of(interaction, policy, &windows) {
            fold.take(interaction, &reading);
        }
    }
    let known_days = fold.known_days(rows);
    let declines = fold.declines();
    let Fold { executives: tracked, contact_days, qbrs_held, qbrs_with_executive, .. } = fold;
    let engaged_executives = tracked.iter().filter(|executive| executive.engaged).count() as u32;
    let year = ExecutiveYear { contact_days: contact_days.len(), known_days, qbrs_held, qbrs_with_executive };
    let declines_enough = declines.meetings >= policy.standing.declines;
    let decliner = seats.primary.filter(|_| declines_enough);
    let executives = judge(tracked, rows, decliner, (cadence, policy), &windows);

    let primary = seats.primary.and_then(|contact| executives.iter().position(|executive| executive.contact == contact));
    let role_started_on = seats.primary.and_then(|contact| rows.contacts.get(contact as usize)).and_then(|c| c.role_started_on);
    let succession = succession::assess(&executives, primary, role_started_on, windows.ending_on, policy);
    let leading = primary.and_then(|place| executives.get(place));
    let rule = leading.map_or(LevelRule::NoSponsor, |executive| executive.rule);
    Sponsors {
        primary,
        level: rule.level(),
        rule,
        risk: rule.level().risk(),
        score: leading.map_or(0, |executive| executive.score),
        declines,
        succession,
        last_executive_contact_on: executives.iter().filter_map(|executive| executive.last_contact_on).max(),
        year,
        engaged_executives,
        sponsor_engaged: executives.iter().any(|executive| executive.rank.is_some() && executive.level.is_engaged()),
        cadence,
        executives,
    }
}

/// The executives in order, with factors, score and level; `decliner` is the primary sponsor who keeps declining.
fn judge(
    mut tracked: Vec<Tracked>,
    rows: &AccountRows,
    decliner: Option<ContactIndex>,
    (cadence, policy): (Cadence, &Policy),
    windows: &Windows,
) -> Vec<Executive> {
    let key = |executive: &Tracked| executive.seat.map(|seat| (seat.rank, std::cmp::Reverse(seat.since)));
    let external_id = |executive: &Tracked| rows.contacts.get(executive.contact as usize).map(|contact| contact.external_id.as_str());
    // `None` sorts first, but who holds no seat comes last. The primary sponsor is first of rank, since and id already.
    tracked.sort_by(|a, b| (a.seat.is_none(), key(a)).cmp(&(b.seat.is_none(), key(b))).then_with(|| external_id(a).cmp(&external_id(b))));
    let silences: Vec<Silence> = tracked
        .iter()
        .map(|executive| cadence.silence(executive.last_contact_on.max(executive.seat.map(|seat| seat.since)), policy, windows))
        .collect();
    let silent: Vec<usize> = (0..tracked.len()).filter(|place| level::may_delegate(silences[*place].days, cadence, policy)).collect();
    let mut delegations: Vec<Option<Delegation>> = vec![None; tracked.len()];
    if !silent.is_empty() {
        let contacts: Vec<ContactIndex> = silent.iter().map(|place| tracked[*place].contact).collect();
        for (place, delegation) in silent.iter().zip(delegation::fold(rows, &contacts, policy, windows)) {
            delegations[*place] = Some(delegation);
        }
    }
    tracked
        .into_iter()
        .zip(silences)
        .zip(delegations)
        .map(|((tracked, silence), delegation)| {
            let counts = tracked.counts;
            let contact_days = tracked.contact_days.len();
            let initiatives = if contact_days > 0 { rows.initiatives.as_slice() } else { &[] };
            let factors = factors::read(&counts, initiatives, cadence, policy);
            let (factor_score, measured) = factors::score(&factors);
            let signs = Signs {
                sponsor_days: counts.sponsor_days,
                contact_days: tracked.last_contact_on.map(|day| windows.days_since(day)),
                silent_days: silence.days,
                factor_score,
                measured,
                contact_days_in_span: contact_days,
                declines: decliner == Some(tracked.contact),
                qbrs: counts.qbrs_attended,
                advocacy: counts.advocacy,
                delegation,
            };
            let rule = level::decide(&signs, cadence, policy);
            let level = rule.level();
            Executive {
                contact: tracked.contact,
                rank: tracked.seat.map(|seat| seat.rank),
                since: tracked.seat.map(|seat| seat.since),
                backup: tracked.seat.is_some_and(|seat| seat.backup),
                factors,
                factor_score,
                score: level::shown(factor_score, level, policy),
                contact_days,
                measured,
                level,
                rule,
                risk: level.risk(),
                status: status(level, false),
                last_contact_on: tracked.last_contact_on,
                last_touch_on: tracked.last_touch_on,
                silence,
                advocacy: counts.advocacy,
                delegation,
            }
        })
        .collect()
}

impl<'a> Fold<'a> {
    fn new(rows: &AccountRows, seats: &Seats, policy: &Policy, windows: &'a Windows) -> Self {
        let mut executives = Vec::new();
        let mut places = vec![None; rows.contacts.len()];
        for (contact, place) in places.iter_mut().enumerate() {
            let contact = contact as ContactIndex;
            if !seats.is_executive(rows, contact) {
                continue;
            }
            let seat = seats.of(contact);
            let span_start = seat.filter(|seat| seat.since > windows.year_start_day);
            let span_start = span_start.map_or(windows.year_start, |seat| start_of_day(seat.since, windows.zone));
            let counts = Counts { sponsor_days: seat.map(|seat| windows.days_since(seat.since)), ..Counts::default() };
            *place = Some(executives.len() as u32);
            executives.push(Tracked {
                contact,
                seat,
                span_start,
                counts,
                last_contact_on: None,
                last_touch_on: None,
                contact_days: DaysOfYear::default(),
                engaged: false,
            });
        }
        let quarter = Windows::new(windows.ending_on, windows.at, windows.zone, Period::Quarterly);
        Self {
            windows,
            quarter_start: quarter.start,
            credit: AnswerCredit::new(policy),
            executives,
            places,
            primary: seats.primary,
            declined: Vec::new(),
            attended: None,
            first_fact: None,
            contact_days: DaysOfYear::default(),
            qbrs_held: 0,
            qbrs_with_executive: 0,
        }
    }

    /// Takes in one fact of the history.
    fn take(&mut self, interaction: &Interaction, reading: &Reading) {
        let at = interaction.occurred_at;
        self.first_fact = Some(self.first_fact.map_or(at, |first| first.min(at)));
        if reading.nameless {
            return;
        }
        self.take_declines(interaction, reading);
        let qbr = interaction.kind == InteractionKind::Qbr;
        if qbr && is_due(interaction.status) {
            for executive in self.executives.iter_mut().filter(|executive| executive.span_start <= at) {
                executive.counts.qbrs_due += 1;
            }
        }
        let with_executive = self.take_participants(interaction, reading);
        if qbr && reading.held && at >= self.windows.year_start {
            self.qbrs_held += 1;
            self.qbrs_with_executive += u32::from(with_executive);
        }
        self.take_contact(interaction, reading);
    }

    /// What the primary sponsor declined, and what they came to.
    fn take_declines(&mut self, interaction: &Interaction, reading: &Reading) {
        let Some(primary) = self.primary.filter(|_| interaction.kind.is_meeting()) else { return };
        let Some(there) = interaction.participants.iter().find(|participant| participant.contact == primary) else { return };
        let at = interaction.occurred_at;
        if reading.held && is_present(interaction.kind, *there) {
            self.attended = self.attended.max(Some(at));
        } else if reading.declined_meeting(interaction) && at >= self.windows.year_start {
            self.declined.push(at);
        }
    }

    fn declines(&self) -> Declines {
        let after = || self.declined.iter().filter(|at| self.attended.is_none_or(|attended| **at > attended));
        let day = |at: DateTime<Utc>| self.windows.day_of(at);
        Declines { meetings: after().count() as u32, last_on: after().max().copied().map(day), attended_on: self.attended.map(day) }
    }

    /// The factors; and whether an executive attended.
    fn take_participants(&mut self, interaction: &Interaction, reading: &Reading) -> bool {
        let kind = interaction.kind;
        let mut with_executive = false;
        for participant in &interaction.participants {
            let Some(place) = self.places.get(participant.contact as usize).copied().flatten() else { continue };
            let Some(executive) = self.executives.get_mut(place as usize) else { continue };
            let attended = reading.held && is_present(kind, *participant);
            with_executive |= attended;
            if interaction.occurred_at < executive.span_start {
                continue;
            }
            let counts = &mut executive.counts;
            if attended {
                counts.meetings_attended += u32::from(kind.is_meeting());
                counts.qbrs_attended += u32::from(kind == InteractionKind::Qbr);
                counts.advocacy += u32::from(kind.is_advocacy());
            }
            if reading.mature {
                let theirs = match reading.who {
                    Who::One(contact) => contact == participant.contact,
                    Who::Present => is_present(kind, *participant),
                    Who::Nobody => false,
                };
                if reading.answered && !theirs {
                    // Somebody else answered: it says nothing about them.
                    continue;
                }
                counts.outreaches += 1;
                if let Some(time) = reading.calendar_response.and_then(|time| time.num_microseconds()) {
                    counts.answered += 1;
                    counts.credit += self.credit.of(time);
                    counts.answer_time += time;
                }
            }
        }
        with_executive
    }

    /// Direct and executive contact.
    fn take_contact(&mut self, interaction: &Interaction, reading: &Reading) {
        let Some(time) = reading.two_way_at else { return };
        let Self { windows, quarter_start, executives, places, contact_days, .. } = self;
        let in_quarter = *quarter_start <= time && time < windows.at;
        let mut day = None;
        let mut executive_contact = false;
        reading.for_each_contact(interaction, |contact| {
            let Some(place) = places.get(contact as usize).copied().flatten() else { return };
            let Some(executive) = executives.get_mut(place as usize) else { return };
            let day = *day.get_or_insert_with(|| windows.day_of(time));
            executive.engaged |= in_quarter && !reading.operational;
            executive.last_touch_on = executive.last_touch_on.max(Some(day));
            if interaction.kind.is_executive_contact() && !reading.operational {
                if time >= executive.span_start {
                    executive.contact_days.insert(time, windows);
                }
                executive.last_contact_on = executive.last_contact_on.max(Some(day));
                executive_contact = true;
            }
        });
        if executive_contact {
            contact_days.insert(time, windows);
        }
    }

    /// Days since the first fact, interaction or usage, both counted.
    fn known_days(&self, rows: &AccountRows) -> Option<u32> {
        let used = rows.usage.iter().map(|usage| usage.day).chain(rows.first_usage_days.iter().copied());
        let first_use = used.filter(|day| self.windows.remembers_day(*day)).min();
        let first = self.first_fact.map(|at| self.windows.day_of(at)).into_iter().chain(first_use).min()?;
        u32::try_from((self.windows.days_since(first) + 1).min(MOST_KNOWN_DAYS)).ok()
    }
}

/// Whether a business review of that status was due.
const fn is_due(status: InteractionStatus) -> bool {
    matches!(status, InteractionStatus::Completed | InteractionStatus::NoShow | InteractionStatus::Declined)
}
