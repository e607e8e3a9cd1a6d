//! An account that has been scored, with the rows that its score was made of.

use std::sync::Arc;

use engagement::evaluation::{Evaluation, evaluate};
use engagement::measure::{Collect, measure};
use engagement::policy::Policy;
use engagement::row::{self, AccountRows};
use engagement::windows::Windows;
use entity::assessment;
use sea_orm::ConnectionTrait;

use crate::engagement_rows::Organisation;
use crate::error::ServiceError;
use crate::scoring::evaluating::evaluate_all;
use crate::scoring::store::{Run, to_row};

/// One account with what follows from its rows: everything that is written in the batch's transaction starts from it.
#[derive(Debug)]
pub(crate) struct ScoredAccount {
    pub(crate) rows: AccountRows,
    pub(crate) evaluation: Evaluation,
}

impl ScoredAccount {
    /// Scores accounts, off the threads that serve requests. An alert names the rows behind it; most accounts raise none, and
    /// nobody asks for theirs.
    pub(crate) async fn of_all(
        db: &impl ConnectionTrait,
        rows: Vec<AccountRows>,
        organisation: &Arc<Organisation>,
        policy: &Arc<Policy>,
        windows: &Windows,
    ) -> Result<Vec<Self>, ServiceError> {
        let (organisation, policy, at) = (Arc::clone(organisation), Arc::clone(policy), *windows);
        evaluate_all(
            db,
            windows,
            rows.into_iter().map(|rows| (rows, ())).collect(),
            move |rows| {
                let mut evaluation = evaluate(rows, organisation.catalogue(), &policy, &at, Collect::Numbers);
                if evaluation.may_raise_alerts(&policy) {
                    evaluation.current = measure(
                        rows,
                        (organisation.catalogue(), row::Span::Current),
                        &policy,
                        &at,
                        Collect::Evidence,
                    );
                }
                evaluation
            },
            |rows, (), evaluation| Self { rows, evaluation },
        )
        .await
    }

    pub(crate) fn to_row(&self, run: &Run, policy: &Policy) -> assessment::ActiveModel {
        to_row(run, &self.rows, &self.evaluation, policy)
    }
}
