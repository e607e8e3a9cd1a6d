//! Evaluates accounts, off the threads that serve requests: once, and those of which usage of a year ago decides
//! ([`Evaluation::wants_year_ago`]) once more, when it has been read for all of them in one statement. Whoever evaluates
//! accounts does so here.

use std::collections::HashMap;

use engagement::evaluation::Evaluation;
use engagement::id::AccountId;
use engagement::row::AccountRows;
use engagement::windows::Windows;
use sea_orm::ConnectionTrait;

use crate::engagement_rows::load_year_ago_usage;
use crate::error::ServiceError;
use crate::scoring::score;

/// What became of one account in the first pass.
enum Pass<X, T> {
    Done(T),
    /// It is to be evaluated again, with usage of a year before the windows of the standard period; and before others.
    Wants(Box<(AccountRows, X, [Windows; 2])>),
}

/// Evaluates accounts and makes something of each, in their order. `beside` is whatever the caller keeps beside an account's
/// rows. Where nobody waits for the result any more, it ends early.
///
/// # Errors
/// Those of the database; CONFLICT where the process ends before the scoring has.
pub async fn evaluate_all<X, T>(
    db: &impl ConnectionTrait,
    windows: &Windows,
    accounts: Vec<(AccountRows, X)>,
    evaluate: impl Fn(&AccountRows) -> Evaluation + Clone + Send + 'static,
    finish: impl Fn(AccountRows, X, Evaluation) -> T + Clone + Send + 'static,
) -> Result<Vec<T>, ServiceError>
where
    X: Send + 'static,
    T: Send + 'static,
{
    let (evaluate_first, finish_first) = (evaluate.clone(), finish.clone());
    let mut passed: Vec<Pass<X, T>> = score(move |asker| {
        let accounts = accounts.into_iter().take_while(|_| asker.waits());
        let pass = accounts.map(|(rows, beside)| {
            let evaluation = evaluate_first(&rows);
            if evaluation.wants_year_ago && rows.year_ago_usage.is_none() {
                Pass::Wants(Box::new((
                    rows,
                    beside,
                    [evaluation.standard, evaluation.windows],
                )))
            } else {
                Pass::Done(finish_first(rows, beside, evaluation))
            }
        });
        pass.collect()
    })
    .await?;
    let wanting: Vec<AccountId> = passed.iter().filter_map(Pass::wanting).collect();
    if !wanting.is_empty() {
        // The windows of one call are the same for all of its accounts.
        let [standard, shown] = passed.iter().find_map(Pass::windows).unwrap_or([*windows; 2]);
        let usage = load_year_ago_usage(db, &standard, &wanting).await?;
        let other = if standard == shown {
            HashMap::new()
        } else {
            load_year_ago_usage(db, &shown, &wanting).await?
        };
        passed = score(move |asker| {
            let again = passed
                .into_iter()
                .take_while(|_| asker.waits())
                .map(|pass| match pass {
                    Pass::Wants(wanting) => {
                        let (mut rows, beside, _) = *wanting;
                        rows.year_ago_usage = Some(usage.get(&rows.account.id).copied().unwrap_or_default());
                        rows.other_year_ago_usage = other.get(&rows.account.id).copied();
                        let evaluation = evaluate(&rows);
                        Pass::Done(finish(rows, beside, evaluation))
                    }
                    done @ Pass::Done(_) => done,
                });
            again.collect()
        })
        .await?;
    }
    Ok(passed.into_iter().filter_map(Pass::done).collect())
}

impl<X, T> Pass<X, T> {
    fn wanting(&self) -> Option<AccountId> {
        match self {
            Self::Done(_) => None,
            Self::Wants(wanting) => Some(wanting.0.account.id),
        }
    }

    fn windows(&self) -> Option<[Windows; 2]> {
        match self {
            Self::Done(_) => None,
            Self::Wants(wanting) => Some(wanting.2),
        }
    }

    fn done(self) -> Option<T> {
        match self {
            Self::Done(made) => Some(made),
            Self::Wants(..) => None,
        }
    }
}
