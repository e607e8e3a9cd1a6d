//! Says when this process's clock and the database's are apart: leases and due times go by the database's, but what is computed
//! goes by this one, and whoever looks into a log compares it with others.

use std::time::Duration;

use chrono::TimeDelta;
use service::clock::Clock;
use service::db::Db;
use service::db::shared_clock::{MOST_APART, measure};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// How often the clocks are compared.
const INTERVAL: Duration = Duration::from_secs(30);

/// Compares the clocks until it is told to stop. A database that does not answer is others' to tell of.
pub(super) async fn watch(db: Db, clock: Clock, stop: CancellationToken) {
    let mut told = TimeDelta::zero();
    loop {
        if let Ok(ahead) = measure(&db, &clock).await
            && let Some(news) = news(told, ahead)
        {
            told = news;
            say(news);
        }
        if stop.run_until_cancelled(sleep(INTERVAL)).await.is_none() {
            return;
        }
    }
}

/// What is to be told where that was told before: how far the clock is ahead, or nothing at all once it is right again. Nothing
/// while it is as wrong as it was.
fn news(told: TimeDelta, ahead: TimeDelta) -> Option<TimeDelta> {
    let apart = if ahead.abs() > MOST_APART {
        ahead
    } else {
        TimeDelta::zero()
    };
    let changed = apart.is_zero() != told.is_zero() || (apart - told).abs() > MOST_APART;
    changed.then_some(apart)
}

fn say(ahead: TimeDelta) {
    let seconds = ahead.num_milliseconds() as f64 / 1000.0;
    if ahead.is_zero() {
        tracing::info!("the clock of this machine and the database's agree again");
    } else {
        tracing::error!(
            ahead_seconds = seconds,
            "the clock of this machine and the database's are apart: synchronise them (NTP); leases and due times go by the database's, days and scores by this one"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_clock_is_told_once_and_again_when_it_changes() {
        let mut told = TimeDelta::zero();
        let mut heard = Vec::new();
        for ahead in [0, 4, 5, 90, 91, 93, -90, -92, 3, 0, 6] {
            if let Some(now) = news(told, TimeDelta::seconds(ahead)) {
                told = now;
                heard.push(now.num_seconds());
            }
        }
        assert_eq!(heard, [90, -90, 0, 6]);
    }
}
