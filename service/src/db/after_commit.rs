//! What a transaction notes for the moment after its commit: that it has queued a message, so that the delivering worker
//! looks at the outbox.

use std::cell::Cell;

tokio::task_local! {
    /// Whether the transaction under way has queued a message.
    static QUEUED: Cell<bool>;
}

/// Runs the work of a transaction; says whether it queued a message.
pub(super) async fn noting_queued<T>(work: impl Future<Output = T>) -> (T, bool) {
    QUEUED
        .scope(Cell::new(false), async {
            let done = work.await;
            (done, QUEUED.with(Cell::get))
        })
        .await
}

/// Notes that the transaction under way has queued a message.
pub(crate) fn note_queued() {
    // Outside of `write_tx` there is nobody to tell; the next look at the table finds the row.
    let _ = QUEUED.try_with(|queued| queued.set(true));
}
