//! Scoring, off the threads that serve requests. Nothing can interrupt it: so it looks, between one account or person and
//! the next, whether somebody still waits for it. What its asker holds for it, such as a place among those who score, is
//! held until it has really ended, and not only until nobody waits.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::ServiceError;

type Hold = Arc<dyn Any + Send + Sync>;

tokio::task_local! {
    static HOLD: Hold;
}

/// Does some work, and holds something until the work and all the scoring that it began has ended; that goes on for a
/// while where the work is dropped.
pub async fn holding<T>(hold: impl Send + Sync + 'static, work: impl Future<Output = T>) -> T {
    HOLD.scope(Arc::new(hold), work).await
}

/// Whoever waits for what is scored.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asker(Arc<AtomicBool>);

impl Asker {
    /// Whether they still do.
    pub(crate) fn waits(&self) -> bool {
        !self.0.load(Ordering::Relaxed)
    }
}

/// Tells when its asker has gone.
struct Waiting(Asker);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}

/// Scores on a thread of its own. `work` ends soon after its [`Asker`] has gone: nobody will see its result.
///
/// # Errors
/// [`ServiceError::Internal`] where the work panics, or the process ends before it has.
pub(crate) async fn score<T: Send + 'static>(
    work: impl FnOnce(&Asker) -> T + Send + 'static,
) -> Result<T, ServiceError> {
    let hold = HOLD.try_with(Arc::clone).ok();
    let asker = Asker::default();
    let _waiting = Waiting(asker.clone());
    let scoring = tokio::task::spawn_blocking(move || {
        let _hold = hold;
        work(&asker)
    });
    scoring
        .await
        .map_err(|error| ServiceError::internal("scoring", error))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use tokio::sync::oneshot;

    use super::*;

    /// Tells that it is dropped.
    struct Place(Option<oneshot::Sender<()>>);

    impl Drop for Place {
        fn drop(&mut self) {
            let _ = self.0.take().unwrap().send(());
        }
    }

    #[tokio::test]
    async fn what_nobody_waits_for_ends_and_its_place_is_free_only_then() {
        let (free, mut freed) = oneshot::channel();
        let (begun, has_begun) = oneshot::channel();
        let (go_on, may_go_on) = mpsc::channel::<()>();
        let scoring = tokio::spawn(holding(
            Place(Some(free)),
            score(move |asker| {
                begun.send(asker.waits()).unwrap();
                may_go_on.recv().unwrap();
                assert!(!asker.waits(), "it is told that nobody waits any more");
            }),
        ));
        assert!(has_begun.await.unwrap(), "somebody waits");
        scoring.abort();
        assert!(scoring.await.unwrap_err().is_cancelled());
        assert!(
            freed.try_recv().is_err(),
            "nobody waits any more, and yet it goes on"
        );
        go_on.send(()).unwrap();
        freed.await.unwrap();
    }

    #[tokio::test]
    async fn what_is_waited_for_has_its_result_and_its_place_is_free() {
        let (free, freed) = oneshot::channel();
        assert!(holding(Place(Some(free)), score(Asker::waits)).await.unwrap());
        freed.await.unwrap();
    }
}
