//! What the portfolio knows of one account. An evaluation gives it, and so does a stored score, and both count alike.

use chrono::NaiveDate;

use crate::evaluation::Evaluation;
use crate::policy::Policy;
use crate::recommendation::Advice;
use crate::score::Assessment;
use crate::signal;
use crate::standing::Reason;
use crate::vocabulary::id::AccountId;
use crate::vocabulary::{Dimension, Pattern, StandingState};

/// What the portfolio knows of one account: what its stored score holds, or an evaluation.
#[derive(Debug, Clone, Copy)]
pub struct CountedAccount<'a> {
    pub account: AccountId,
    /// Its key; decides ties between movers.
    pub external_id: &'a str,
    /// Rounded; absent without a score.
    pub overall: Option<i32>,
    /// Rounded points against the previous window.
    pub change: Option<i32>,
    /// Absent where there is not enough data.
    pub pattern: Option<Pattern>,
    /// To be read with care.
    pub provisional: bool,
    /// What to think of it; absent where that was never said.
    pub standing: Option<StandingState>,
    /// The signals that are raised, packed ([`signal::pack`]).
    pub signals: i32,
    /// Revenue a year, in minor units; absent where unknown.
    pub arr_minor: Option<i64>,
    /// Its currency (ISO 4217); absent where none was named.
    pub currency: Option<&'a str>,
    /// At least one sponsor is CHAMPION or ENGAGED.
    pub sponsor_engaged: bool,
    /// Distinct days of executive contact in the trailing year.
    pub executive_contact_days: u32,
    /// Days since the first fact, both counted, at most 365; absent without a fact.
    pub known_days: Option<u32>,
    /// Business reviews held in the trailing year.
    pub qbrs_held: u32,
    /// Those that an executive attended.
    pub qbrs_with_executive: u32,
    /// Executives who were engaged contacts in the last three months.
    pub engaged_executives: u32,
    /// The latest executive contact is not longer ago than the cadence of its tier allows.
    pub within_cadence: bool,
    /// The dimensions, in order; absent where not measured.
    pub dimensions: [Option<f64>; Dimension::ALL.len()],
    /// Those of the previous window.
    pub previous_dimensions: [Option<f64>; Dimension::ALL.len()],
    /// When it is to be renewed.
    pub renewal_on: Option<NaiveDate>,
    /// Why its standing is what it is.
    pub reasons: &'a [Reason],
    /// What to do first.
    pub next: Option<&'a Advice>,
    /// A sponsor of a year ago is none any more.
    pub lost_sponsor: bool,
}

impl<'a> CountedAccount<'a> {
    /// What an evaluation of today says of an account. Its revenue is in minor units. Who sponsored it a year ago and what to
    /// do first are added by whoever knows.
    pub fn of(
        (account, external_id): (AccountId, &'a str),
        (arr_minor, currency): (Option<i64>, Option<&'a str>),
        evaluation: &'a Evaluation,
        policy: &Policy,
    ) -> Self {
        let (measures, sponsors) = (&evaluation.current.measures, &evaluation.sponsors);
        let contact = sponsors
            .last_executive_contact_on
            .map(|day| evaluation.windows.days_since(day));
        let of_each = |assessment: &Assessment| {
            let mut scores = [None; Dimension::ALL.len()];
            for (score, dimension) in scores.iter_mut().zip(Dimension::ALL) {
                *score = assessment
                    .dimension(*dimension)
                    .and_then(|dimension| dimension.score);
            }
            scores
        };
        Self {
            account,
            external_id,
            overall: evaluation.assessment.rounded(),
            change: evaluation.change,
            pattern: evaluation.assessment.pattern,
            provisional: evaluation.assessment.provisional.is_some(),
            standing: evaluation.standing.as_ref().map(|standing| standing.state),
            signals: signal::pack(&evaluation.signals),
            arr_minor,
            currency,
            sponsor_engaged: sponsors.sponsor_engaged,
            executive_contact_days: sponsors.year.contact_days,
            known_days: sponsors.year.known_days,
            qbrs_held: sponsors.year.qbrs_held,
            qbrs_with_executive: sponsors.year.qbrs_with_executive,
            engaged_executives: sponsors.engaged_executives,
            within_cadence: contact.is_some_and(|days| policy.within_cadence(measures.tier, days)),
            dimensions: of_each(&evaluation.assessment),
            previous_dimensions: of_each(&evaluation.previous_assessment),
            renewal_on: None,
            reasons: evaluation
                .standing
                .as_ref()
                .map_or(&[], |standing| &standing.reasons),
            next: None,
            lost_sponsor: false,
        }
    }
}
