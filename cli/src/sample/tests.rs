//! The stories, as scoring finds them: imported, read back and evaluated the way every account is.

use std::collections::{BTreeMap, BTreeSet};

use engagement::measure::Collect;
use engagement::policy::Policy;
use engagement::report::engagement::EngagementReport;
use engagement::vocabulary::{Pattern, Period, ProvisionalReason, Severity, Signal, Trend};
use engagement::windows::{Windows, start_of_day};

use super::company::Company;
use super::*;

/// The standard report of every account on the sample's last day, by external id.
async fn reports(ending_on: NaiveDate) -> BTreeMap<String, EngagementReport> {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::connect(&format!("sqlite://{}?mode=rwc", folder.path().join("sample.db").display())).await.unwrap();
    service::db::migrate(&db).await.unwrap();
    let now = start_of_day(ending_on.succ_opt().unwrap(), Tz::UTC) + chrono::TimeDelta::hours(9);
    let clock = Clock::fixed(now);
    let imported = import(&db, &clock, Tz::UTC, ending_on).await;
    assert_eq!(imported.unwrap().0, 60);
    let access = Access::system();
    let keys: Vec<_> = COMPANIES.iter().map(Company::external_id).collect();
    let accounts = service::account::by_external_ids(&db, &access, &keys).await.unwrap();
    let ids: Vec<_> = accounts.values().map(|account| account.id).collect();
    let windows = Windows::new(ending_on, now, Tz::UTC, Period::Quarterly);
    let mut computed =
        service::report::engagement_reports(&db, &access, &Policy::default(), &windows, Collect::Numbers, &ids).await.unwrap();
    let found = accounts.into_iter().map(|(key, account)| (key, computed.reports.remove(&account.id).unwrap())).collect();
    db.close().await.unwrap();
    found
}

/// The reports of the companies with a story.
fn told(reports: &BTreeMap<String, EngagementReport>, story: Story) -> impl Iterator<Item = &EngagementReport> {
    COMPANIES.iter().filter(move |company| company.story == story).map(|company| &reports[&company.external_id()])
}

fn the_one(reports: &BTreeMap<String, EngagementReport>, story: Story) -> &EngagementReport {
    told(reports, story).next().unwrap()
}

fn severity(report: &EngagementReport, signal: Signal) -> Option<Severity> {
    report.evaluation.signals.iter().find(|raised| raised.signal == signal).map(|raised| raised.severity)
}

fn pattern(report: &EngagementReport) -> Option<Pattern> {
    report.evaluation.assessment.pattern
}

async fn check_stories(ending_on: &str) {
    let reports = reports(ending_on.parse().unwrap()).await;
    let one = |story| the_one(&reports, story);

    let patterns: BTreeSet<_> = reports.values().filter_map(pattern).collect();
    assert_eq!(patterns, Pattern::ALL.iter().copied().collect(), "all four patterns occur");
    let signals: BTreeSet<_> = reports.values().flat_map(|report| report.evaluation.signals.iter().map(|raised| raised.signal)).collect();
    assert_eq!(signals, Signal::ALL.iter().copied().collect(), "all six signals occur");

    for champion in told(&reports, Story::Champion) {
        assert_eq!(pattern(champion), Some(Pattern::HighlyEngaged));
        assert!(champion.evaluation.signals.is_empty(), "{:?}", champion.evaluation.signals);
    }
    let decline = one(Story::QuietDecline);
    assert_eq!(decline.evaluation.trend, Some(Trend::Declining));
    assert!(decline.evaluation.change <= Some(-20), "{:?}", decline.evaluation.change);
    assert!(severity(decline, Signal::UsageAndEngagementDecline) >= Some(Severity::High));

    let dark = one(Story::GoneDark);
    assert_eq!(pattern(dark), Some(Pattern::Disengaged));
    assert_eq!(severity(dark, Signal::UnansweredOutreach), Some(Severity::Critical));

    assert_eq!(severity(one(Story::CanceledMeetings), Signal::CanceledMeetings), Some(Severity::High));
    assert_eq!(severity(one(Story::SlowingDown), Signal::ResponseTimeDegrading), Some(Severity::High));
    assert_eq!(severity(one(Story::MissedQbr), Signal::QbrMissed), Some(Severity::High));
    assert_eq!(severity(one(Story::LostSponsor), Signal::SponsorMissing), Some(Severity::Critical));
    assert_eq!(severity(one(Story::SilentSponsor), Signal::SponsorMissing), Some(Severity::High));
    assert!(severity(one(Story::UsageDecline), Signal::UsageAndEngagementDecline).is_some());
    assert_eq!(severity(one(Story::NewSponsor), Signal::SponsorMissing), None, "there is one, only new");

    for single in told(&reports, Story::SingleThreaded) {
        assert!(single.evaluation.current.measures.single_threaded());
    }
    let multi = &one(Story::MultiThreaded).evaluation.current.measures;
    assert!(multi.multi_threaded() && !multi.single_threaded());

    let new = &one(Story::BrandNew).evaluation;
    assert_eq!((new.trend, new.assessment.provisional), (Some(Trend::New), Some(ProvisionalReason::NewAccount)));

    let usage_only = &one(Story::UsageOnly).evaluation.assessment;
    assert_eq!((usage_only.pattern, usage_only.provisional), (None, Some(ProvisionalReason::LowCoverage)));
    assert!(usage_only.coverage > 0.0 && usage_only.overall.is_some());

    for better in told(&reports, Story::Improving) {
        assert_eq!(better.evaluation.trend, Some(Trend::Improving));
    }
}

#[tokio::test]
async fn scoring_finds_every_story_on_a_wednesday() {
    check_stories("2026-06-17").await;
}

#[tokio::test]
async fn scoring_finds_every_story_on_a_sunday_at_the_end_of_a_short_month() {
    check_stories("2027-02-28").await;
}

#[test]
fn the_same_day_gives_the_same_rows() {
    let day = "2026-06-30".parse().unwrap();
    let (one, other) = (files(day), files(day));
    for (a, b) in one.iter().zip(&other) {
        assert_eq!((a.name, &a.rows), (b.name, &b.rows));
    }
    let rows = |name: &str| one.iter().find(|file| file.name == name).map_or(0, |file| file.rows.len());
    assert_eq!((rows("accounts"), rows("features")), (60, 10));
    assert!((5_000..20_000).contains(&rows("interactions")), "{}", rows("interactions"));
    assert!((10_000..60_000).contains(&rows("usage")), "{}", rows("usage"));
}
