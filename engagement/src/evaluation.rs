//! One account at one instant: this window, the one before it, and what the two say together.
//!
//! This is the whole path from rows to everything that is stored or shown; there is no other.

use crate::measure::{Collect, Measurement, measure};
use crate::policy::Policy;
use crate::row::windows::Windows;
use crate::row::{AccountRows, Catalogue, Span};
use crate::score::season::{self, Known, Season};
use crate::score::{Assessment, pattern, score};
use crate::signal::{self, RaisedSignal};
use crate::sponsor::{Sponsors, sponsors};
use crate::standing::{self, Grounds, Standing};
use crate::vocabulary::tolerance::TOLERANCE;
use crate::vocabulary::{Signal, Trend};

/// Everything that follows from the rows of one account at one instant.
#[derive(Debug, Clone)]
pub struct Evaluation {
    /// When, and for which window.
    pub windows: Windows,
    /// The windows of the standard period on the same day, which the standing and the sponsors are of.
    pub standard: Windows,
    /// The numbers of this window.
    pub current: Measurement,
    /// The scores of this window.
    pub assessment: Assessment,
    /// The numbers of the previous window, at its own end.
    pub previous: Measurement,
    /// The scores of the previous window.
    pub previous_assessment: Assessment,
    /// The previous overall score, rounded; absent where that report has none.
    pub previous_overall: Option<i32>,
    /// Rounded points against the previous window.
    pub change: Option<i32>,
    /// Where the score is going.
    pub trend: Option<Trend>,
    /// The two windows measured different dimensions: the change compares unlike things.
    pub coverage_changed: bool,
    /// The disengagement signals that are raised, in order.
    pub signals: Vec<RaisedSignal>,
    /// Who sponsors us, and how engaged they are; of the standard period.
    pub sponsors: Sponsors,
    /// What to think of the account, by the standard period; absent for one that is no customer on `ending_on`.
    pub standing: Option<Standing>,
    /// What is as a year ago, as far as it may excuse something.
    pub season: Season,
    /// Whether [`AccountRows::year_ago_usage`], or its like for a report of another period, could change anything above:
    /// then the caller reads them and evaluates again.
    pub wants_year_ago: bool,
}

impl Evaluation {
    /// Whether an alert may be raised that names the rows behind it.
    pub fn may_raise_alerts(&self, policy: &Policy) -> bool {
        let measures = &self.current.measures;
        !self.signals.is_empty() || measures.too_few_people(policy).is_some() || measures.single_threaded()
    }
}

/// Evaluates one account. Two passes over its rows and one over those of its executives; two more where the period is not
/// the standard one, which the standing is of.
pub fn evaluate(
    rows: &AccountRows,
    catalogue: &Catalogue,
    policy: &Policy,
    windows: &Windows,
    collect: Collect,
) -> Evaluation {
    let standard = Windows::new(
        windows.ending_on,
        windows.at,
        windows.zone,
        policy.standard_period,
    );
    let is_standard = standard == *windows;
    let year_ago = if is_standard {
        rows.year_ago_usage
    } else {
        rows.other_year_ago_usage
    };
    let shown = Scores::of(rows, year_ago, (catalogue, policy), windows, collect);
    let judged = (!is_standard).then(|| {
        Scores::of(
            rows,
            rows.year_ago_usage,
            (catalogue, policy),
            &standard,
            Collect::Numbers,
        )
    });
    let sponsors = sponsors(rows, policy, &standard);
    let standing = judged
        .as_ref()
        .unwrap_or(&shown)
        .standing(&sponsors, rows, catalogue, policy);
    let wants_year_ago = shown.wants_year_ago || judged.as_ref().is_some_and(|judged| judged.wants_year_ago);
    let Scores {
        windows,
        current,
        previous,
        assessment,
        previous_assessment,
        change,
        trend,
        signals,
        season,
        ..
    } = shown;
    Evaluation {
        windows,
        standard,
        previous_overall: previous_assessment.rounded(),
        coverage_changed: !assessment.measured_the_same(&previous_assessment),
        current,
        assessment,
        previous,
        previous_assessment,
        change,
        trend,
        signals,
        sponsors,
        standing,
        season,
        wants_year_ago,
    }
}

/// The scores of one period.
struct Scores {
    windows: Windows,
    current: Measurement,
    previous: Measurement,
    assessment: Assessment,
    previous_assessment: Assessment,
    change: Option<i32>,
    trend: Option<Trend>,
    signals: Vec<RaisedSignal>,
    season: Season,
    wants_year_ago: bool,
}

impl Scores {
    fn of(
        rows: &AccountRows,
        year_ago: Option<[u32; 2]>,
        (catalogue, policy): (&Catalogue, &Policy),
        windows: &Windows,
        collect: Collect,
    ) -> Self {
        let current = measure(rows, (catalogue, Span::Current), policy, windows, collect);
        let previous = measure(
            rows,
            (catalogue, Span::Previous),
            policy,
            &windows.previous(),
            Collect::Numbers,
        );
        let assessment = score(&current.measures, policy);
        let previous_assessment = score(&previous.measures, policy);
        let change = assessment
            .rounded()
            .zip(previous_assessment.rounded())
            .map(|(now, before)| now - before);
        let trend = assessment
            .overall
            .map(|_| change.map_or(Trend::New, |change| pattern::trend(change, policy)));
        let (now, before) = (&current.measures, &previous.measures);
        let mut signals = signal::raised(now, before, false, policy);
        // A year ago is looked at only where it may excuse something.
        let declines = signals
            .iter()
            .any(|raised| raised.signal == Signal::UsageAndEngagementDecline);
        let falls = change
            .is_some_and(|change| change <= -policy.standing.fall_points.min(policy.guardrails.fall_points));
        let uses_less = now.usage_rate() <= policy.standing.usage_share * before.usage_rate() + TOLERANCE;
        let mut season = Season {
            usage: false,
            all: false,
        };
        let mut wants_year_ago = false;
        if declines || falls || uses_less {
            match season::compare(rows, year_ago, policy, windows, (now, before)) {
                Known::Season(known) => season = known,
                Known::Unread => wants_year_ago = true,
            }
        }
        if season.all && declines {
            signals = signal::raised(now, before, true, policy);
        }
        Self {
            windows: *windows,
            current,
            previous,
            assessment,
            previous_assessment,
            change,
            trend,
            signals,
            season,
            wants_year_ago,
        }
    }

    fn standing(
        &self,
        sponsors: &Sponsors,
        rows: &AccountRows,
        catalogue: &Catalogue,
        policy: &Policy,
    ) -> Option<Standing> {
        standing::decide(&Grounds {
            rows,
            catalogue,
            policy,
            windows: &self.windows,
            current: &self.current.measures,
            previous: &self.previous.measures,
            assessment: &self.assessment,
            previous_assessment: &self.previous_assessment,
            change: self.change,
            signals: &self.signals,
            sponsors,
            touches: &self.current.touches,
            season: self.season,
        })
    }
}
