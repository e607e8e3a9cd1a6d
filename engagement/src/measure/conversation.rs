//! The fold over interactions: frequency, quality, the signals of silence, and the counts that a report shows.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::evidence::EvidenceRows;
use super::measures::{KINDS, Measures};
use super::reading::{Reading, is_present};
use crate::policy::Policy;
use crate::row::Interaction;
use crate::row::windows::{DaySpan, MICROSECONDS_OF_AN_HOUR, Windows, start_of_day};
use crate::vocabulary::id::InteractionId;
use crate::vocabulary::{Component, Direction, InteractionKind, InteractionStatus, Purpose, Signal};

/// What is known about the conversation so far. Sums are of integers, so that the order of rows cannot matter.
pub(super) struct Conversation<'a> {
    windows: &'a Windows,
    span: DaySpan,
    /// First instant of the last 30 days.
    recent: DateTime<Utc>,
    full_credit: i64,
    no_credit: i64,
    pub(super) seen_any: bool,
    first_fact: Option<DateTime<Utc>>,
    nameless: u32,
    has_two_way: bool,
    has_two_way_in_span: bool,
    two_way: [u32; KINDS],
    two_way_inbound: u32,
    window_activity: [u32; KINDS],
    activity: [u32; KINDS],
    outbound_activity: [u32; KINDS],
    support_requests: u32,
    recent_support_requests: u32,
    outreaches: u32,
    answered: u32,
    /// Microseconds below the time that earns nothing, over all answers.
    credit: i64,
    mature_times: Vec<i64>,
    timed_answers: Vec<i64>,
    timed_rows: Vec<(DateTime<Utc>, InteractionId)>,
    meetings_due: u32,
    meetings_held: u32,
    conversations: u32,
    classified: u32,
    strategic: u32,
    last_two_way: Option<DateTime<Utc>>,
    last_meeting: Option<DateTime<Utc>>,
    last_qbr: Option<DateTime<Utc>>,
    unanswered: Vec<(DateTime<Utc>, InteractionId)>,
    called_off: Vec<(DateTime<Utc>, InteractionId)>,
    qbrs_missed: Vec<(DateTime<Utc>, InteractionId)>,
    completed: [u32; KINDS],
    held: [u32; KINDS],
    emails_received: u32,
    qbrs_due: u32,
    qbr_attendance: Vec<(u32, u32)>,
}

impl<'a> Conversation<'a> {
    pub(super) fn new(policy: &Policy, windows: &'a Windows, span: DaySpan) -> Self {
        let micros = |hours: f64| (hours * MICROSECONDS_OF_AN_HOUR as f64) as i64;
        let recent = windows.ending_on - TimeDelta::days(RECENT_DAYS - 1);
        Self {
            windows,
            span,
            recent: start_of_day(recent, windows.zone),
            full_credit: micros(policy.quality.response_full_hours),
            no_credit: micros(policy.quality.response_none_hours),
            seen_any: false,
            first_fact: None,
            nameless: 0,
            has_two_way: false,
            has_two_way_in_span: false,
            two_way: [0; KINDS],
            two_way_inbound: 0,
            window_activity: [0; KINDS],
            activity: [0; KINDS],
            outbound_activity: [0; KINDS],
            support_requests: 0,
            recent_support_requests: 0,
            outreaches: 0,
            answered: 0,
            credit: 0,
            mature_times: Vec::new(),
            timed_answers: Vec::new(),
            timed_rows: Vec::new(),
            meetings_due: 0,
            meetings_held: 0,
            conversations: 0,
            classified: 0,
            strategic: 0,
            last_two_way: None,
            last_meeting: None,
            last_qbr: None,
            unanswered: Vec::new(),
            called_off: Vec::new(),
            qbrs_missed: Vec::new(),
            completed: [0; KINDS],
            held: [0; KINDS],
            emails_received: 0,
            qbrs_due: 0,
            qbr_attendance: Vec::new(),
        }
    }

    /// Takes in one fact of the history.
    pub(super) fn fold(&mut self, interaction: &Interaction, reading: &Reading, evidence: &mut EvidenceRows) {
        let at = interaction.occurred_at;
        self.first_fact = Some(self.first_fact.map_or(at, |first| first.min(at)));
        let in_window = self.windows.contains(at);
        if in_window {
            self.nameless += u32::from(reading.nameless);
            self.fold_counts(interaction, reading);
        }
        self.fold_support(interaction, reading, evidence);
        if reading.nameless {
            return;
        }
        self.last_two_way = self.last_two_way.max(reading.two_way_at);
        if reading.unanswered() {
            self.unanswered.push((at, interaction.id));
        }
        if reading.held && interaction.kind.is_meeting() {
            self.last_meeting = self.last_meeting.max(Some(at));
            if interaction.kind == InteractionKind::Qbr {
                self.last_qbr = self.last_qbr.max(Some(at));
            }
        }
        if let Some(time) = reading.two_way_at {
            self.has_two_way = true;
            self.fold_activity(interaction, reading, time, evidence);
        }
        if in_window {
            self.fold_answers(interaction, reading, evidence);
            self.fold_meetings(interaction, reading, evidence);
        }
    }

    /// What the customer took part in: support is no engagement.
    fn fold_activity(
        &mut self,
        interaction: &Interaction,
        reading: &Reading,
        time: DateTime<Utc>,
        evidence: &mut EvidenceRows,
    ) {
        let kind = interaction.kind as usize;
        let in_window = self.windows.contains(time);
        if in_window {
            self.two_way[kind] += 1;
            self.two_way_inbound += u32::from(interaction.direction == Direction::Inbound);
        }
        if reading.operational {
            return;
        }
        if in_window {
            self.window_activity[kind] += 1;
            evidence.note_signal(
                Signal::UsageAndEngagementDecline,
                [(interaction.occurred_at, interaction.id)],
            );
        }
        if self.span.start <= time && time < self.windows.at {
            self.has_two_way_in_span = true;
            self.activity[kind] += 1;
            self.outbound_activity[kind] += u32::from(interaction.direction == Direction::Outbound);
            evidence.note(Component::Activity, interaction);
        }
    }

    /// Requests for support, nameless ones among them.
    fn fold_support(&mut self, interaction: &Interaction, reading: &Reading, evidence: &mut EvidenceRows) {
        let asked = reading.operational
            && interaction.direction == Direction::Inbound
            && interaction.status == InteractionStatus::Completed;
        let at = interaction.occurred_at;
        if asked && self.windows.contains(at) {
            self.support_requests += 1;
            evidence.note_signal(Signal::SupportSurge, [(at, interaction.id)]);
        }
        self.recent_support_requests += u32::from(asked && at >= self.recent);
    }

    fn fold_answers(&mut self, interaction: &Interaction, reading: &Reading, evidence: &mut EvidenceRows) {
        let time = reading.response_micros;
        if reading.mature {
            self.outreaches += 1;
            evidence.note(Component::ResponseRate, interaction);
            evidence.note(Component::ResponseTime, interaction);
            if let Some(time) = time {
                self.answered += 1;
                self.credit += (self.no_credit - time).clamp(0, self.no_credit - self.full_credit);
                self.mature_times.push(time);
            }
        }
        if let (Some(time), true) = (time, reading.responded_at.is_some()) {
            self.timed_answers.push(time);
            self.timed_rows.push((interaction.occurred_at, interaction.id));
        }
    }

    fn fold_meetings(&mut self, interaction: &Interaction, reading: &Reading, evidence: &mut EvidenceRows) {
        use InteractionStatus::{Completed, Declined, NoShow};
        let (kind, status) = (interaction.kind, interaction.status);
        let row = (interaction.occurred_at, interaction.id);
        if kind.is_meeting() && (matches!(status, Completed | NoShow | Declined) || reading.called_off) {
            self.meetings_due += 1;
            self.meetings_held += u32::from(reading.held);
            evidence.note(Component::MeetingParticipation, interaction);
        }
        if reading.declined_meeting(interaction) && (reading.called_off || kind != InteractionKind::Qbr) {
            self.called_off.push(row);
        }
        if kind == InteractionKind::Qbr && matches!(status, NoShow | Declined) {
            self.qbrs_missed.push(row);
        }
        if reading.held && (kind.is_meeting() || kind == InteractionKind::Call) {
            self.conversations += 1;
            if let Some(purpose) = interaction.purpose {
                self.classified += 1;
                self.strategic += u32::from(purpose == Purpose::Strategic);
                evidence.note(Component::StrategicShare, interaction);
            }
        }
    }

    fn fold_counts(&mut self, interaction: &Interaction, reading: &Reading) {
        use InteractionStatus::{Completed, Declined, NoShow};
        let (kind, status) = (interaction.kind, interaction.status);
        self.completed[kind as usize] += u32::from(status == Completed);
        self.held[kind as usize] += u32::from(reading.held);
        if kind == InteractionKind::Email
            && status == Completed
            && interaction.direction == Direction::Inbound
        {
            self.emails_received += 1;
        }
        if kind == InteractionKind::Qbr && matches!(status, Completed | NoShow | Declined) {
            self.qbrs_due += 1;
            if reading.held && !interaction.participants.is_empty() {
                let attended = interaction
                    .participants
                    .iter()
                    .filter(|p| is_present(kind, **p))
                    .count();
                self.qbr_attendance
                    .push((attended as u32, interaction.participants.len() as u32));
            }
        }
    }

    /// The first day with a fact.
    pub(super) fn first_fact_on(&self) -> Option<NaiveDate> {
        self.first_fact.map(|first| self.windows.day_of(first))
    }

    /// Writes the numbers down.
    pub(super) fn finish(mut self, m: &mut Measures, evidence: &mut EvidenceRows) {
        use InteractionKind as K;
        if let Some(first) = self.first_fact_on() {
            m.has_interactions = true;
            m.note_fact(first, self.windows);
        }
        m.has_two_way = self.has_two_way;
        m.has_two_way_in_span = self.has_two_way_in_span;
        m.nameless = self.nameless;
        m.has_relationship = m.has_contacts || self.seen_any;
        m.two_way = self.two_way;
        m.two_way_inbound = self.two_way_inbound;
        m.window_activity = self.window_activity;
        m.activity = self.activity;
        m.outbound_activity = self.outbound_activity;
        m.support_requests = self.support_requests;
        m.recent_support_requests = self.recent_support_requests;
        m.ever_answered = self.last_two_way.is_some();
        m.outreaches = f64::from(self.outreaches);
        m.answered = f64::from(self.answered);
        m.response_credit = self.credit as f64 / (self.no_credit - self.full_credit) as f64;
        m.response_hours = median_hours(&mut self.mature_times);
        m.meetings_due = f64::from(self.meetings_due);
        m.meetings_held = f64::from(self.meetings_held);
        m.conversations = f64::from(self.conversations);
        m.classified = f64::from(self.classified);
        m.strategic = f64::from(self.strategic);
        m.timed_answers = self.timed_answers.len() as u32;
        m.timed_answer_hours = median_hours(&mut self.timed_answers);
        evidence.note_signal(Signal::ResponseTimeDegrading, self.timed_rows);

        let after = |rows: Vec<(DateTime<Utc>, InteractionId)>, last: Option<DateTime<Utc>>| {
            rows.into_iter()
                .filter(|(at, _)| last.is_none_or(|last| *at > last))
                .collect::<Vec<_>>()
        };
        let unanswered = after(self.unanswered, self.last_two_way);
        m.unanswered_in_a_row = unanswered.len() as u32;
        evidence.note_signal(Signal::UnansweredOutreach, unanswered);
        let called_off = after(self.called_off, self.last_meeting);
        m.called_off_in_a_row = called_off.len() as u32;
        evidence.note_signal(Signal::CanceledMeetings, called_off);
        // "None held after it": one held at the very same instant is not after it.
        let missed = after(
            self.qbrs_missed,
            self.last_qbr.map(|last| last - TimeDelta::microseconds(1)),
        );
        m.qbrs_missed = missed.len() as u32;
        evidence.note_signal(Signal::QbrMissed, missed);

        let completed = |kind: K| self.completed[kind as usize];
        let held = |kind: K| self.held[kind as usize];
        m.touchpoints = K::ALL
            .iter()
            .filter(|k| k.is_touchpoint())
            .map(|k| completed(*k))
            .sum();
        m.calls = completed(K::Call);
        m.meetings = completed(K::Meeting) + completed(K::StrategicCheckIn) + completed(K::ExecutiveDinner);
        m.emails_received = self.emails_received;
        m.emails_sent = completed(K::Email) - self.emails_received;
        m.qbrs_held = held(K::Qbr);
        m.qbrs_due = self.qbrs_due;
        m.qbr_participation = mean_share(&mut self.qbr_attendance);
        m.training_sessions = held(K::Training);
        m.certifications = held(K::Certification);
        m.community_events = held(K::CommunityEvent);
        m.forum_posts = held(K::ForumPost);
    }
}

/// Days of what is still running (docs/scoring.md § 5, SUPPORT_SURGE).
pub(super) const RECENT_DAYS: i64 = 30;

/// The median of microseconds, in hours; of an even number the mean of the middle two.
fn median_hours(times: &mut [i64]) -> Option<f64> {
    times.sort_unstable();
    let middle = times.len() / 2;
    let upper = *times.get(middle)?;
    let sum = if times.len().is_multiple_of(2) {
        times[middle - 1] + upper
    } else {
        upper * 2
    };
    Some(sum as f64 / (2.0 * MICROSECONDS_OF_AN_HOUR as f64))
}

/// The mean of shares; sorted first, so that the order of rows cannot show in the last digit.
fn mean_share(shares: &mut [(u32, u32)]) -> Option<f64> {
    shares.sort_unstable();
    let sum: f64 = shares
        .iter()
        .map(|(part, whole)| f64::from(*part) / f64::from(*whole))
        .sum();
    (!shares.is_empty()).then(|| sum / shares.len() as f64)
}
