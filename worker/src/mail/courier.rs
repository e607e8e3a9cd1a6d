//! `deliver`: moves due rows of the outbox to the mail server, at once and side by side.
//!
//! It is no job with slots: it waits until somebody queues mail, in this process or (PostgreSQL) in another, and looks now
//! and then for what nobody told it of. Escalations have a lane of their own, so that they never wait behind other mail, and
//! a recipient whose server dawdles holds up one place in one lane. When it is to stop, what is under way may finish for a
//! few seconds; the rest is handed back.

use std::collections::{HashMap, VecDeque};
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use engagement::id::MessageId;
use engagement::vocabulary::MessageKind;
use service::error::ServiceError;
use service::mail::{Ending, Settlement, give_up_overdue};
use service::monitoring::MailOutcome;
use service::outbox::{Lane, claim_beside, due_lanes};
use tokio::task::{self, JoinError, JoinHandle, JoinSet};
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::attempt::{Attempt, Attempted, Ended};
use super::circuit::Circuit;
use super::delivered::{Delivered, NAME};
use super::ledger::Ledger;
use super::means::Mail;
use super::prepare::prepare;
use super::settler::Settler;
use super::track::Track;
use crate::context::Context;

/// The wait after the database could not be asked.
const DATABASE_WAIT: Duration = Duration::from_secs(1);

pub(super) struct Courier {
    context: Context,
    mail: Mail,
    /// Whether notifications are heard; absent where it only does what is due now.
    listening: Option<Arc<AtomicBool>>,
    tracks: [Track; 2],
    circuit: Circuit,
    settler: Settler,
    settling: JoinHandle<()>,
    /// Breaks off what is under way.
    break_off: CancellationToken,
    delivered: Delivered,
    pub(super) ledger: Ledger,
}

impl Courier {
    pub(super) fn new(context: Context, mail: Mail, listening: Option<Arc<AtomicBool>>) -> Self {
        let track = |lane| Track {
            lane,
            places: match lane {
                Lane::Urgent => mail.pace.urgent.max(1),
                Lane::Ordinary => mail.pace.ordinary.max(1),
            },
            ready: VecDeque::new(),
            under_way: JoinSet::new(),
            attempts: HashMap::new(),
            hungry: false,
            usual: Duration::ZERO,
        };
        let tracks = Lane::ALL.map(track);
        let (settler, settling) = Settler::start(context.db.clone(), context.clock.clone());
        Self {
            ledger: Ledger::new(context.clone()),
            context,
            mail,
            listening,
            tracks,
            circuit: Circuit::Closed,
            settler,
            settling,
            break_off: CancellationToken::new(),
            delivered: Delivered::default(),
        }
    }

    pub(super) async fn run(mut self, stop: &CancellationToken) -> Delivered {
        let mut queued = self.context.db.mail_queued();
        let (mut look, mut looked_at) = (true, Instant::now());
        while !stop.is_cancelled() {
            if self.listening.is_some() {
                self.context.pulse.beat(NAME);
            }
            if look {
                looked_at = Instant::now();
                // Whatever is queued from here on wakes us again.
                queued.borrow_and_update();
                if let Err(error) = self.look().await {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "looking for due mail failed"
                    );
                    if self.listening.is_none()
                        || stop.run_until_cancelled(sleep(DATABASE_WAIT)).await.is_none()
                    {
                        break;
                    }
                    continue;
                }
            }
            look = false;
            self.start();
            match self.refill().await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "preparing mail failed; what was claimed is free again in a minute"
                    );
                    if self.listening.is_none()
                        || stop.run_until_cancelled(sleep(DATABASE_WAIT)).await.is_none()
                    {
                        break;
                    }
                }
            }
            let under_way = self.under_way();
            self.ledger.tend(self.delivered, under_way > 0).await;
            if under_way == 0 && self.listening.is_none() {
                break;
            }
            // Counted from the last look: a lane that is never idle must not keep the other from being looked at.
            let next_look = self.poll().map(|poll| looked_at + poll);
            let [urgent, ordinary] = &mut self.tracks;
            tokio::select! {
                Some(done) = urgent.under_way.join_next_with_id() => self.note(0, done).await,
                Some(done) = ordinary.under_way.join_next_with_id() => self.note(1, done).await,
                // It never ends before the database is dropped, which we hold.
                Ok(()) = queued.changed(), if next_look.is_some() => look = true,
                () = pause_until(next_look) => look = true,
                () = stop.cancelled() => {}
            }
        }
        self.stop().await
    }

    /// How long to wait for news before looking; not at all where only what is due now is done.
    fn poll(&self) -> Option<Duration> {
        let listening = self.listening.as_ref()?.load(Ordering::Acquire);
        // The server's return is noticed by trying, so an open circuit is looked at as often as anything.
        Some(if listening && !self.circuit.is_open() {
            self.mail.pace.slow_poll
        } else {
            self.mail.pace.poll
        })
    }

    fn under_way(&self) -> usize {
        self.tracks.iter().map(|track| track.under_way.len()).sum()
    }

    /// What is claimed and not settled.
    fn in_hand(&self) -> Vec<MessageId> {
        let ready = self
            .tracks
            .iter()
            .flat_map(|track| &track.ready)
            .map(|outgoing| outgoing.row.id);
        ready
            .chain(
                self.tracks
                    .iter()
                    .flat_map(|track| track.attempts.values().copied()),
            )
            .collect()
    }

    /// Finds out which lanes have something due.
    async fn look(&mut self) -> Result<(), ServiceError> {
        let lanes = due_lanes(&self.context.db, self.context.clock.now()).await?;
        for track in &mut self.tracks {
            track.hungry = lanes.contains(&track.lane);
        }
        Ok(())
    }

    /// Starts attempts for what is ready, as far as there are places.
    fn start(&mut self) {
        let run_id = self.ledger.run().map(|run| run.to_string());
        for track in &mut self.tracks {
            while track.under_way.len() < track.places
                && let Some(outgoing) = track.ready.pop_front()
            {
                let attempt = Attempt {
                    outgoing,
                    context: self.context.clone(),
                    mail: self.mail.clone(),
                    settler: self.settler.clone(),
                    break_off: self.break_off.clone(),
                };
                // Every line of the log that it writes says which message it is about, and in which run.
                let row = &attempt.outgoing.row;
                let (mail, kind, worker) = (row.id, row.kind.as_str(), &attempt.context.worker);
                let span = tracing::info_span!("delivery", run_id = run_id.as_deref(), %mail, kind, attempt = row.attempts, %worker);
                let id = row.id;
                let task = track.under_way.spawn(attempt.run().instrument(span));
                track.attempts.insert(task.id(), id);
            }
        }
    }

    /// Claims and prepares more where a lane runs low; says whether anything came of it.
    async fn refill(&mut self) -> Result<bool, ServiceError> {
        let mut any = false;
        for place in 0..self.tracks.len() {
            let begun = self
                .tracks
                .iter()
                .map(|track| track.ready.len() + track.under_way.len())
                .sum();
            let allowed = self.circuit.allows(self.context.clock.now(), begun);
            let track = &mut self.tracks[place];
            let room = track.room().min(allowed);
            if !track.hungry || room == 0 {
                continue;
            }
            // However the clock jumps, what is in hand is not due once more.
            let (lane, in_hand) = (track.lane, self.in_hand());
            let (now, before) = (self.context.clock.now(), Instant::now());
            let claimed = claim_beside(
                &self.context.db,
                lane,
                &self.context.worker,
                room as u64,
                &in_hand,
                now,
            )
            .await?;
            let track = &mut self.tracks[place];
            track.hungry = claimed.len() == room;
            if claimed.is_empty() {
                continue;
            }
            any = true;
            self.ledger.busy(self.delivered).await;
            let prepared = prepare(&self.context, &self.mail, claimed, before).await?;
            self.delivered.fenced += prepared.fenced;
            self.tracks[place].ready.extend(prepared.outgoing);
            let untried: Vec<(MessageKind, MailOutcome)> =
                prepared.settlements.iter().map(outcome_untried).collect();
            for (counted, (kind, outcome)) in self
                .settler
                .settle_all(prepared.settlements)
                .await
                .into_iter()
                .zip(untried)
            {
                if counted {
                    self.count(kind, outcome);
                } else {
                    self.delivered.fenced += 1;
                }
            }
        }
        Ok(any)
    }

    /// Counts what an attempt came to, and minds what it says about the server.
    async fn note(&mut self, place: usize, attempted: Result<(task::Id, Attempted), JoinError>) {
        let track = &mut self.tracks[place];
        track
            .attempts
            .remove(&attempted.as_ref().map_or_else(JoinError::id, |(task, _)| *task));
        let Ok((
            _,
            Attempted {
                kind,
                ending,
                counted,
                took,
                down,
            },
        )) = attempted
        else {
            tracing::error!("an attempt broke off; its message is tried again when its lease has run out");
            return;
        };
        track.usual = (track.usual * 3 + took) / 4;
        match ending {
            _ if !counted => self.delivered.fenced += 1,
            Ended::Sent => self.count(kind, MailOutcome::Sent),
            Ended::Failed => self.count(kind, MailOutcome::Failed),
            Ended::HandedBack | Ended::ServerDown => self.delivered.handed_back += 1,
            Ended::Retried { ambiguous } => {
                self.count(kind, MailOutcome::Retried);
                self.delivered.ambiguous += u64::from(ambiguous);
            }
        }
        let now = self.context.clock.now();
        match ending {
            Ended::ServerDown => {
                self.circuit.is_down(now);
                self.ledger.down(down.as_deref());
                self.hand_back_ready().await;
                if self.circuit.is_hopeless(now) {
                    let why = down.as_deref().unwrap_or("it was down");
                    self.give_up(&format!(
                        "given up: the mail server has taken no mail for too long: {why}"
                    ))
                    .await;
                }
            }
            // It took it, or had something to say about it in particular.
            Ended::Sent | Ended::Failed | Ended::Retried { .. } => {
                // Messages that waited for this are due all the same.
                if self.circuit.is_open() {
                    self.tracks.iter_mut().for_each(|track| track.hungry = true);
                }
                self.circuit.works();
            }
            Ended::HandedBack => {}
        }
    }

    /// Counts what became of a message.
    fn count(&mut self, kind: MessageKind, outcome: MailOutcome) {
        let delivered = &mut self.delivered;
        match outcome {
            MailOutcome::Sent => delivered.sent += 1,
            MailOutcome::Retried => delivered.retried += 1,
            MailOutcome::Failed => delivered.failed += 1,
            MailOutcome::Canceled => delivered.canceled += 1,
        }
        self.context.meters.mail_ended(kind, outcome);
    }

    async fn give_up(&mut self, error: &str) {
        match give_up_overdue(&self.context.db, error, &self.in_hand(), self.context.clock.now()).await {
            Ok(given_up) => given_up
                .iter()
                .for_each(|message| self.count(message.kind, MailOutcome::Failed)),
            Err(error) => tracing::error!(
                error = &error as &dyn std::error::Error,
                "giving up overdue mail failed"
            ),
        }
    }

    /// Hands back what is prepared and not under way.
    async fn hand_back_ready(&mut self) {
        let ready = self.tracks.iter_mut().flat_map(|track| track.ready.drain(..));
        let settlements = ready
            .map(|outgoing| Settlement {
                row: outgoing.row,
                ending: Ending::HandedBack { error: None },
            })
            .collect();
        let counted = self.settler.settle_all(settlements).await;
        self.delivered.handed_back += counted.into_iter().filter(|counted| *counted).count() as u64;
    }

    /// Ends: what is under way has a few seconds.
    async fn stop(mut self) -> Delivered {
        self.hand_back_ready().await;
        let deadline = Instant::now() + self.mail.pace.grace;
        while self.under_way() > 0 {
            let [urgent, ordinary] = &mut self.tracks;
            tokio::select! {
                Some(done) = urgent.under_way.join_next_with_id() => self.note(0, done).await,
                Some(done) = ordinary.under_way.join_next_with_id() => self.note(1, done).await,
                () = sleep_until(deadline), if !self.break_off.is_cancelled() => self.break_off.cancel(),
            }
        }
        drop(self.settler);
        if let Err(error) = self.settling.await {
            tracing::error!(%error, "settling broke off");
        }
        self.ledger.end(self.delivered).await;
        self.delivered
    }
}

/// What became of a message that was not tried at all.
fn outcome_untried(settlement: &Settlement) -> (MessageKind, MailOutcome) {
    let canceled = matches!(settlement.ending, Ending::Canceled { .. });
    (
        settlement.row.kind,
        if canceled {
            MailOutcome::Canceled
        } else {
            MailOutcome::Failed
        },
    )
}

async fn pause_until(instant: Option<Instant>) {
    match instant {
        Some(instant) => sleep_until(instant).await,
        None => pending().await,
    }
}
