//! Whether the worker of this process is alive: each of its loops says so whenever it comes round, and while what it
//! started is under way. What waits for ever, or was never given a thread again, falls silent. And what is under way has to
//! be over some day: a run that hangs is alive and stuck all the same.
//!
//! Ages are counted by the monotonic clock: nobody's wall clock makes a worker look dead.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How often a loop says that it is alive while something it started is under way.
pub(crate) const BEAT: Duration = Duration::from_secs(10);

/// The pulse of a worker: cheap to clone, every clone is the same.
#[derive(Debug, Clone, Default)]
pub struct Pulse(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// When each part was heard of last.
    heard: BTreeMap<&'static str, Instant>,
    /// What is under way: of which part, since when, and how long it may take.
    under_way: HashMap<u64, (&'static str, Instant, Duration)>,
    /// What was begun last.
    last: u64,
}

/// Something that is under way, until this is dropped.
#[derive(Debug)]
pub struct UnderWay {
    pulse: Pulse,
    number: u64,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.pulse.state().under_way.remove(&self.number);
    }
}

/// A part that is stuck.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stuck {
    /// It has not come round for so long.
    Silent(&'static str, Duration),
    /// Something it began has been under way for so long, which is longer than it may.
    Overdue(&'static str, Duration),
}

impl fmt::Display for Stuck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silent(part, age) => write!(
                f,
                "the worker has not looked after {part} for {} s",
                age.as_secs()
            ),
            Self::Overdue(part, age) => write!(
                f,
                "what the worker began for {part} has made no end for {} s",
                age.as_secs()
            ),
        }
    }
}

impl Pulse {
    /// A loop that is silent for longer is stuck. Every loop comes round at least twice a minute.
    pub const SILENCE: Duration = Duration::from_mins(2);

    /// A part is alive.
    pub fn beat(&self, part: &'static str) {
        self.state().heard.insert(part, Instant::now());
    }

    /// A part has ended and is not waited for any more.
    pub fn rest(&self, part: &'static str) {
        self.state().heard.remove(part);
    }

    /// A part begins something that has to be over within a limit.
    #[must_use = "it is under way until this is dropped"]
    pub fn begin(&self, part: &'static str, limit: Duration) -> UnderWay {
        let mut state = self.state();
        state.last += 1;
        let number = state.last;
        state.under_way.insert(number, (part, Instant::now(), limit));
        UnderWay {
            pulse: self.clone(),
            number,
        }
    }

    /// How long ago each part was heard of, by name. Empty where no worker runs, or it has stopped.
    pub fn ages(&self) -> BTreeMap<&'static str, Duration> {
        let now = Instant::now();
        self.state()
            .heard
            .iter()
            .map(|(part, at)| (*part, now.saturating_duration_since(*at)))
            .collect()
    }

    /// The parts that are stuck: those that have been silent for longer than [`Pulse::SILENCE`], and those of which
    /// something has been under way for longer than it may. Each once, by name.
    pub fn stuck(&self) -> Vec<Stuck> {
        self.stuck_at(Instant::now())
    }

    /// The same, as of an instant.
    pub fn stuck_at(&self, now: Instant) -> Vec<Stuck> {
        let state = self.state();
        let mut stuck = BTreeMap::new();
        for (part, since, limit) in state.under_way.values() {
            let age = now.saturating_duration_since(*since);
            if age > *limit {
                let longest = stuck.entry(*part).or_insert(Stuck::Overdue(part, age));
                if matches!(longest, Stuck::Overdue(_, known) if *known < age) {
                    *longest = Stuck::Overdue(part, age);
                }
            }
        }
        for (part, at) in &state.heard {
            let age = now.saturating_duration_since(*at);
            if age > Self::SILENCE {
                stuck.insert(*part, Stuck::Silent(part, age));
            }
        }
        stuck.into_values().collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(number: u64) -> Duration {
        Duration::from_secs(number)
    }

    #[test]
    fn a_part_that_falls_silent_is_found_and_one_that_ended_is_not() {
        let pulse = Pulse::default();
        assert_eq!(
            (pulse.ages().len(), pulse.stuck()),
            (0, vec![]),
            "no worker, nobody stuck"
        );
        pulse.beat("recompute");
        let first = Instant::now();
        pulse.clone().beat("deliver");
        assert_eq!(pulse.stuck_at(first + Pulse::SILENCE - BEAT), [], "not yet");
        let found = pulse.stuck_at(first + Pulse::SILENCE + BEAT);
        assert!(
            matches!(found[..], [Stuck::Silent("deliver", _), Stuck::Silent("recompute", age)] if age >= Pulse::SILENCE + BEAT),
            "{found:?}"
        );
        pulse.rest("recompute");
        assert_eq!(pulse.ages().into_keys().collect::<Vec<_>>(), ["deliver"]);
        pulse.rest("deliver");
        assert_eq!(pulse.stuck_at(first + Pulse::SILENCE * 9), []);
    }

    #[test]
    fn what_is_under_way_for_too_long_is_found_although_its_loop_is_alive() {
        let pulse = Pulse::default();
        let longer = pulse.begin("deliver", seconds(60));
        let shorter = pulse.begin("deliver", seconds(20));
        let begun = Instant::now();
        assert_eq!(pulse.stuck_at(begun + seconds(15)), [], "not yet");
        let at = |after| {
            pulse.beat("deliver");
            pulse.stuck_at(begun + seconds(after))
        };
        assert!(matches!(at(30)[..], [Stuck::Overdue("deliver", age)] if age.as_secs() == 30));
        drop(shorter);
        assert_eq!(at(30), []);
        assert_eq!(at(70).len(), 1);
        drop(longer);
        assert_eq!(at(70), []);
    }

    #[test]
    fn what_is_stuck_is_said_in_a_sentence() {
        assert_eq!(
            Stuck::Silent("deliver", seconds(130)).to_string(),
            "the worker has not looked after deliver for 130 s"
        );
        assert_eq!(
            Stuck::Overdue("recompute", seconds(3700)).to_string(),
            "what the worker began for recompute has made no end for 3700 s"
        );
    }
}
