//! An account's engagement as the nightly job stored it: what lists show.

use async_graphql::{Context, Object};
use engagement::score::DimensionScore;
use engagement::vocabulary::{Dimension, Pattern, ProvisionalReason, StandingState, Trend};

use crate::graphql::context::RequestContext;
use crate::graphql::scalar::time::{Date, Instant};

/// The engagement of an account as it was last stored, for the standard period.
pub struct AccountEngagement(pub service::scoring::assessment::StoredAssessment);

impl From<service::scoring::assessment::StoredAssessment> for AccountEngagement {
    fn from(stored: service::scoring::assessment::StoredAssessment) -> Self {
        Self(stored)
    }
}

/// The engagement of an account as it was last stored, for the standard period.
#[Object]
impl AccountEngagement {
    /// The instant of the evaluation.
    async fn as_of(&self) -> Instant {
        Instant(self.0.as_of)
    }

    /// The last day that counted.
    async fn ending_on(&self) -> Date {
        Date(self.0.day)
    }

    /// The overall score from 0 to 100, rounded; null where nothing could be measured.
    async fn overall(&self) -> Option<i32> {
        self.0.overall_rounded
    }

    /// The engagement pattern; null when there is not enough data.
    async fn pattern(&self) -> Option<Pattern> {
        self.0.pattern
    }

    /// What to think of the account; null in what was stored before there were standings. `Account.standing` says why.
    async fn standing(&self) -> Option<StandingState> {
        self.0.standing.as_ref().map(|standing| standing.state)
    }

    /// The edition of the definitions that the score was made by.
    async fn definitions(&self) -> i32 {
        self.0.definitions
    }

    /// Where the score is going.
    async fn trend(&self) -> Option<Trend> {
        self.0.trend
    }

    /// Rounded points gained or lost against the period before.
    async fn change(&self) -> Option<i32> {
        self.0.change
    }

    /// Share of the weight that could be measured, in percent.
    async fn coverage(&self) -> f64 {
        self.0.coverage
    }

    /// The score is to be read with care.
    async fn provisional(&self) -> bool {
        self.0.provisional
    }

    /// Why it is to be read with care.
    async fn provisional_reason(&self) -> Option<ProvisionalReason> {
        self.0.provisional_reason
    }

    /// On how many people the relationship rests, by the days of conversation with each of the activity span; null without
    /// anybody.
    async fn effective_people(&self) -> Option<f64> {
        self.0.effective_people
    }

    /// The last day for which any data had come in.
    async fn data_through(&self) -> Option<Date> {
        self.0.data_through.map(Date)
    }

    /// The four dimensions, in fixed order. Why one was not measured stands in the engagement report.
    async fn dimensions(&self, ctx: &Context<'_>) -> Vec<DimensionScore> {
        let policy = &RequestContext::of(ctx).state.policy;
        Dimension::ALL
            .iter()
            .map(|&dimension| {
                let score = self.0.dimension(dimension);
                let weight = policy.dimension_weight(dimension);
                DimensionScore {
                    dimension,
                    score,
                    weight,
                    measured: score.is_some(),
                    note: None,
                    components: Vec::new(),
                }
            })
            .collect()
    }
}
