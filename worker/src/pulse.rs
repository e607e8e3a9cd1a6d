//! Whether the worker of this process is alive: each of its loops says so whenever it comes round, and while what it
//! started is under way. What waits for ever, or was never given a thread again, falls silent.
//!
//! Ages are counted by the monotonic clock: nobody's wall clock makes a worker look dead.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How often a loop says that it is alive while something it started is under way.
pub(crate) const BEAT: Duration = Duration::from_secs(10);

/// The pulse of a worker: cheap to clone, every clone is the same.
#[derive(Debug, Clone, Default)]
pub struct Pulse(Arc<Mutex<BTreeMap<&'static str, Instant>>>);

impl Pulse {
    /// A loop that is silent for longer is stuck. Every loop comes round at least twice a minute.
    pub const SILENCE: Duration = Duration::from_mins(2);

    /// A part is alive.
    pub fn beat(&self, part: &'static str) {
        self.parts().insert(part, Instant::now());
    }

    /// A part has ended and is not waited for any more.
    pub fn rest(&self, part: &'static str) {
        self.parts().remove(part);
    }

    /// How long ago each part was heard of, by name. Empty where no worker runs, or it has stopped.
    pub fn ages(&self) -> BTreeMap<&'static str, Duration> {
        self.ages_at(Instant::now())
    }

    /// The part that has been silent for longest, if that is longer than [`Pulse::SILENCE`].
    pub fn stuck(&self) -> Option<(&'static str, Duration)> {
        self.stuck_at(Instant::now())
    }

    fn ages_at(&self, now: Instant) -> BTreeMap<&'static str, Duration> {
        self.parts().iter().map(|(part, at)| (*part, now.saturating_duration_since(*at))).collect()
    }

    fn stuck_at(&self, now: Instant) -> Option<(&'static str, Duration)> {
        self.ages_at(now).into_iter().filter(|(_, age)| *age > Self::SILENCE).max_by_key(|(_, age)| *age)
    }

    fn parts(&self) -> MutexGuard<'_, BTreeMap<&'static str, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_falls_silent_is_found_and_one_that_ended_is_not() {
        let pulse = Pulse::default();
        assert_eq!((pulse.ages().len(), pulse.stuck()), (0, None), "no worker, nobody stuck");
        pulse.beat("recompute");
        pulse.clone().beat("deliver");
        let beaten = pulse.parts().values().copied().max().unwrap();
        assert_eq!(pulse.stuck_at(beaten + Pulse::SILENCE - BEAT), None, "not yet");
        let (part, age) = pulse.stuck_at(beaten + Pulse::SILENCE + BEAT).unwrap();
        assert_eq!(part, "recompute", "it has been silent for longer");
        assert!(age >= Pulse::SILENCE + BEAT);
        pulse.rest("recompute");
        assert_eq!(pulse.ages().into_keys().collect::<Vec<_>>(), ["deliver"]);
        pulse.rest("deliver");
        assert_eq!(pulse.stuck_at(beaten + Pulse::SILENCE * 9), None);
    }
}
