//! How many rows each list of the schema may have, and what answering a field costs beside writing it: the one source of
//! both the limits that resolvers keep and the prices that the gate counts with.
//!
//! A list that is not here fails a test, and so does a line here without a list. A plain list that is cut says how many there
//! are in all beside it: `…Page { totalCount }` where its rows can be paged through, else `…Count`.

use std::collections::HashMap;
use std::sync::LazyLock;

use engagement::alert::AlertRule;
use engagement::lever::MOST_LEVERS;
use engagement::measure::EVIDENCE_IDS;
use engagement::plan::{MOST_REPEATS, Step};
use engagement::portfolio::{MOST_LISTED, MOST_NAMED};
use engagement::vocabulary::{
    Action, Component, Dimension, Signal, SponsorFactor, StandingReason, StandingState,
};

/// Rows of a page when the client does not say.
pub const DEFAULT_FIRST: u32 = 20;
/// Most rows of a page.
pub const MAX_FIRST: u32 = 100;

/// Most a request may cost: the fields that its answer may have, and what it takes to find them.
pub const MAX_PRICE: usize = 10_000;

/// A list of the schema.
#[derive(Debug, Clone, Copy)]
pub struct List {
    /// `Object.field`.
    pub field: &'static str,
    /// How many rows it may have.
    pub rows: Rows,
}

/// How many rows a list may have.
#[derive(Debug, Clone, Copy)]
pub enum Rows {
    /// As many as the page holds that was asked for.
    Page,
    /// Never more than these: the vocabulary has no more words, or whoever makes the list stops there.
    Few(usize),
    /// There may be more, which are not shown.
    Cut(usize),
    /// As many as an argument says or has values, or so many without it, and at most so many.
    Asked(&'static str, usize, usize),
    /// One for each row that was sent, which the field that took them is paid for.
    Sent(usize),
}

/// Days that a report's history may go back, and does unless asked otherwise: two years, twelve weeks.
pub const HISTORY_DAYS: (usize, usize) = (731, 84);
/// Rows of a bulk mutation.
const SENT: usize = 1_000;
/// Ids that `nodes` takes.
pub const MAX_IDS: usize = 100;
/// Longest text to search for, in bytes.
pub const MAX_SEARCH: usize = 200;
/// Reasons of a standing that hold together: a sponsor who changed is not cold as well, and one grave signal is told only where
/// neither several nor a storm of support requests are (docs/scoring.md § 4).
const MOST_REASONS: usize = StandingReason::ALL.len() - 2;
/// Currencies of ISO 4217, and none.
const CURRENCIES: usize = 180;

macro_rules! lists {
    ($($name:ident: $field:literal, $rows:expr;)+) => {
        $(
            #[doc = concat!("`", $field, "`.")]
            pub const $name: List = List { field: $field, rows: $rows };
        )+
        /// Every list of the schema, but for the rows of connections.
        pub const LISTS: &[List] = &[$($name),+];
    };
}

lists! {
    ALERT_USEFULNESS: "Query.alertUsefulness", Rows::Few(AlertRule::ALL.len());
    NODES: "Query.nodes", Rows::Asked("ids", MAX_IDS, MAX_IDS);
    TEAM: "Account.team", Rows::Cut(20);
    GOALS: "Account.goals", Rows::Cut(100);
    METRICS: "Account.metrics", Rows::Asked("names", 50, 50);
    CONTACT_PRIORITIES: "Contact.priorities", Rows::Cut(20);
    TOPICS: "Interaction.topics", Rows::Cut(20);
    PARTICIPANTS: "Interaction.participants", Rows::Cut(40);
    COORDINATED_WITH: "Outreach.coordinatedWith", Rows::Cut(20);
    API_TOKENS: "User.apiTokens", Rows::Cut(50);
    SUCCESSOR_SPONSORS: "DepartureSuccession.sponsors", Rows::Cut(20);
    SUCCESSOR_EXECUTIVES: "DepartureSuccession.executives", Rows::Few(5);
    EVIDENCE: "Evidence.interactionIds", Rows::Few(EVIDENCE_IDS);
    REASONS: "Standing.reasons", Rows::Few(MOST_REASONS);
    STORED_DIMENSIONS: "AccountEngagement.dimensions", Rows::Few(Dimension::ALL.len());
    DIMENSIONS: "EngagementReport.dimensions", Rows::Few(Dimension::ALL.len());
    COMPONENTS: "DimensionReport.components", Rows::Few(4);
    STAKEHOLDERS: "EngagementReport.stakeholders", Rows::Cut(100);
    SIGNALS: "EngagementReport.signals", Rows::Few(Signal::ALL.len());
    RECOMMENDATIONS: "EngagementReport.recommendations", Rows::Few(Action::ALL.len());
    LEVERS: "EngagementReport.levers", Rows::Few(MOST_LEVERS);
    IMPROVEMENT_PLAN: "EngagementReport.improvementPlan", Rows::Few(MOST_REPEATS as usize * Step::ALL.len());
    HISTORY: "EngagementReport.history", Rows::Asked("days", HISTORY_DAYS.1, HISTORY_DAYS.0);
    LEDGER_CHANGE: "EngagementReport.ledgerChange", Rows::Few(Component::ALL.len());
    EXECUTIVES: "SponsorReport.executives", Rows::Cut(50);
    BUS_FACTOR: "SponsorReport.busFactor", Rows::Cut(50);
    LEVEL_HISTORY: "SponsorReport.levelHistory", Rows::Cut(100);
    ALIGNMENT: "SponsorReport.alignment", Rows::Cut(50);
    CALENDAR: "SponsorReport.calendar", Rows::Cut(50);
    STRENGTHS: "SponsorReport.strengths", Rows::Cut(20);
    CONCERNS: "SponsorReport.concerns", Rows::Cut(50);
    RECENT_CHANGES: "SponsorReport.recentChanges", Rows::Few(20);
    SPONSOR_RECOMMENDATIONS: "SponsorReport.recommendations", Rows::Cut(50);
    BACKUPS: "SponsorSuccession.backups", Rows::Cut(20);
    ATTENDEES: "SponsorCalendarEntry.attendees", Rows::Cut(20);
    SPONSOR_PRIORITIES: "PrimarySponsor.priorities", Rows::Cut(20);
    SPONSOR_TIMELINE: "PrimarySponsor.timeline", Rows::Few(20);
    TIMELINE: "SponsorReport.timeline", Rows::Few(20);
    FORMER_SPONSORS: "SponsorReport.formerSponsors", Rows::Cut(20);
    TIMELINE_TOPICS: "SponsorTimelineEntry.topics", Rows::Cut(20);
    FACTORS: "PrimarySponsor.factors", Rows::Few(SponsorFactor::ALL.len());
    PORTFOLIO_ARR: "PortfolioReport.arr", Rows::Few(CURRENCIES);
    DISTRIBUTION: "PortfolioReport.distribution", Rows::Few(5);
    DISTRIBUTION_ARR: "PatternDistribution.arr", Rows::Few(CURRENCIES);
    STANDINGS: "PortfolioReport.standings", Rows::Few(StandingState::ALL.len() + 1);
    STANDINGS_ARR: "StandingDistribution.arr", Rows::Few(CURRENCIES);
    AT_RISK_ARR: "RevenueAtRisk.arr", Rows::Few(CURRENCIES);
    PORTFOLIO_METRICS: "PortfolioReport.metrics", Rows::Few(5);
    IMPROVED: "PortfolioReport.improved", Rows::Few(50);
    DECLINED: "PortfolioReport.declined", Rows::Few(50);
    PORTFOLIO_SIGNALS: "PortfolioReport.signals", Rows::Few(Signal::ALL.len());
    ADVICE: "PortfolioReport.advice", Rows::Few(10);
    ADVICE_ACCOUNTS: "PortfolioAdvice.accounts", Rows::Few(MOST_NAMED);
    AT_RISK_ACCOUNTS: "PortfolioReport.atRiskAccounts", Rows::Few(MOST_LISTED);
    RENEWING_ACCOUNTS: "PortfolioReport.renewingAccounts", Rows::Few(MOST_LISTED);
    RENEWALS_ARR: "PortfolioRenewals.arr", Rows::Few(CURRENCIES);
    PORTFOLIO_REASONS: "PortfolioAccount.reasons", Rows::Few(MOST_REASONS);
    PORTFOLIO_DIMENSIONS: "PortfolioReport.dimensions", Rows::Few(Dimension::ALL.len());
    ESCALATED_TO: "OrgChangePayload.escalatedTo", Rows::Cut(100);
    RESULTS: "RowsPayload.results", Rows::Sent(SENT);
    WARNINGS: "RowResult.warnings", Rows::Cut(20);
}

impl List {
    /// Most rows that are shown.
    pub const fn most(&self) -> usize {
        match self.rows {
            Rows::Page => MAX_FIRST as usize,
            Rows::Few(most) | Rows::Cut(most) | Rows::Asked(_, _, most) | Rows::Sent(most) => most,
        }
    }

    /// The rows that are shown.
    pub fn cut<T>(&self, rows: impl IntoIterator<Item = T>) -> Vec<T> {
        rows.into_iter().take(self.most()).collect()
    }
}

/// How many rows a list may have; nothing for a list that nobody has declared.
pub fn rows_of(object: &str, field: &str) -> Option<Rows> {
    static BY_FIELD: LazyLock<HashMap<&str, Rows>> =
        LazyLock::new(|| LISTS.iter().map(|list| (list.field, list.rows)).collect());
    if object.ends_with("Connection") && matches!(field, "edges" | "nodes") {
        return Some(Rows::Page);
    }
    BY_FIELD.get(format!("{object}.{field}").as_str()).copied()
}

/// What a report of an account takes: two years of its rows are read.
const REPORT: usize = 50;
/// What a portfolio takes at least; the accounts that it scores from their rows are counted when it is planned (`heavy`).
const PORTFOLIO: usize = 1_000;
/// What it takes to measure an account without each of its people too.
const SPONSOR_REPORT: usize = 100;
/// What a bulk mutation takes: few may stand in one request, whatever is asked of their answers.
const BULK: usize = 2_000;
/// What a mutation takes unless said.
const MUTATION: usize = 20;

/// What answering takes beside writing it.
const COSTS: &[(&str, usize)] = &[
    ("Query.portfolioReport", PORTFOLIO),
    ("Account.engagementReport", REPORT),
    ("Account.sponsorReport", SPONSOR_REPORT),
    ("EngagementReport.history", 20),
    ("EngagementReport.ledgerChange", REPORT),
    ("EngagementReport.markdown", REPORT),
    ("SponsorReport.markdown", REPORT),
    ("SponsorReport.levelHistory", 20),
    ("SponsorReport.levelHistoryPage", 20),
    ("Contact.activity", 5),
    ("Query.alertUsefulness", 20),
    ("Mutation.recordOrgChange", 40),
    ("Mutation.reviewOrgChange", 40),
    ("Mutation.eraseContact", 100),
    ("Mutation.upsertAccounts", BULK),
    ("Mutation.upsertContacts", BULK),
    ("Mutation.recordInteractions", BULK),
    ("Mutation.recordUsage", BULK),
    ("Mutation.recordMetrics", BULK),
    ("Mutation.setGoals", BULK),
    ("Mutation.setInitiatives", BULK),
];

/// What answering a field takes beside writing it.
pub fn cost_of(object: &str, field: &str) -> usize {
    static BY_FIELD: LazyLock<HashMap<&str, usize>> = LazyLock::new(|| COSTS.iter().copied().collect());
    BY_FIELD
        .get(format!("{object}.{field}").as_str())
        .copied()
        .unwrap_or(if object == "Mutation" { MUTATION } else { 0 })
}
