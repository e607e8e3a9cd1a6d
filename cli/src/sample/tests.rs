//! The stories, as scoring finds them: imported, read back and evaluated the way every account is.

use std::collections::{BTreeMap, BTreeSet};

use engagement::measure::Collect;
use engagement::policy::Policy;
use engagement::report::engagement::EngagementReport;
use engagement::standing::Reason;
use engagement::vocabulary::{
    EngagementLevel, LevelRule, OrgChangeKind, Pattern, Period, ProvisionalReason, RiskLevel, Severity,
    Signal, StandingReason, StandingState, Trend,
};
use engagement::windows::{Windows, start_of_day};
use service::report::sponsor_report::{LabelledSponsorReport, sponsor_reports};

use super::company::Company;
use super::*;

/// The two standard reports of every account on the sample's last day, by external id.
struct Reports {
    engagement: BTreeMap<String, EngagementReport>,
    sponsors: BTreeMap<String, LabelledSponsorReport>,
}

async fn reports(ending_on: NaiveDate) -> Reports {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::connect(&format!(
        "sqlite://{}?mode=rwc",
        folder.path().join("sample.db").display()
    ))
    .await
    .unwrap();
    service::db::schema::migrate(&db).await.unwrap();
    let now = start_of_day(ending_on.succ_opt().unwrap(), Tz::UTC) + chrono::TimeDelta::hours(9);
    let clock = Clock::fixed(now);
    let imported = import(&db, &clock, Tz::UTC, ending_on).await;
    assert_eq!(imported.unwrap().0, 60);
    let access = Access::system();
    let keys: Vec<_> = COMPANIES.iter().map(Company::external_id).collect();
    let accounts = service::record::account::by_external_ids(&db, &access, &keys)
        .await
        .unwrap();
    let ids: Vec<_> = accounts.values().map(|account| account.id).collect();
    let windows = Windows::new(ending_on, now, Tz::UTC, Period::Quarterly);
    let mut computed = service::report::engagement_reports(
        &db,
        &access,
        &Policy::default(),
        &windows,
        (Collect::Numbers, service::report::Naming::NoNames),
        &ids,
    )
    .await
    .unwrap();
    let mut of_sponsors = sponsor_reports(&db, &access, &Policy::default(), &windows, &ids)
        .await
        .unwrap();
    db.close().await.unwrap();
    let sponsors = accounts
        .iter()
        .map(|(key, account)| (key.clone(), of_sponsors.remove(&account.id).unwrap()))
        .collect();
    let engagement = accounts
        .into_iter()
        .map(|(key, account)| (key, computed.reports.remove(&account.id).unwrap().0))
        .collect();
    Reports { engagement, sponsors }
}

/// The reports of the companies with a story.
fn told(
    reports: &BTreeMap<String, EngagementReport>,
    story: Story,
) -> impl Iterator<Item = &EngagementReport> {
    COMPANIES
        .iter()
        .filter(move |company| company.story == story)
        .map(|company| &reports[&company.external_id()])
}

fn the_one(reports: &BTreeMap<String, EngagementReport>, story: Story) -> &EngagementReport {
    told(reports, story).next().unwrap()
}

fn severity(report: &EngagementReport, signal: Signal) -> Option<Severity> {
    report
        .evaluation
        .signals
        .iter()
        .find(|raised| raised.signal == signal)
        .map(|raised| raised.severity)
}

fn pattern(report: &EngagementReport) -> Option<Pattern> {
    report.evaluation.assessment.pattern
}

async fn check_stories(ending_on: &str) {
    let Reports {
        engagement: reports,
        sponsors,
    } = reports(ending_on.parse().unwrap()).await;
    check_sponsors(&sponsors);
    let one = |story| the_one(&reports, story);

    check_standings(&reports);
    let patterns: BTreeSet<_> = reports.values().filter_map(pattern).collect();
    assert_eq!(
        patterns,
        Pattern::ALL.iter().copied().collect(),
        "all four patterns occur"
    );
    let signals: BTreeSet<_> = reports
        .values()
        .flat_map(|report| report.evaluation.signals.iter().map(|raised| raised.signal))
        .collect();
    assert_eq!(
        signals,
        Signal::ALL.iter().copied().collect(),
        "all signals occur"
    );

    for champion in told(&reports, Story::Champion) {
        assert_eq!(pattern(champion), Some(Pattern::HighlyEngaged));
        assert!(
            champion.evaluation.signals.is_empty(),
            "{:?}",
            champion.evaluation.signals
        );
    }
    let decline = one(Story::QuietDecline);
    assert_eq!(decline.evaluation.trend, Some(Trend::Declining));
    assert!(
        decline.evaluation.change <= Some(-20),
        "{:?}",
        decline.evaluation.change
    );
    assert!(severity(decline, Signal::UsageAndEngagementDecline) >= Some(Severity::High));

    let dark = one(Story::GoneDark);
    assert_eq!(pattern(dark), Some(Pattern::Disengaged));
    assert_eq!(
        severity(dark, Signal::UnansweredOutreach),
        Some(Severity::Critical)
    );

    assert_eq!(
        severity(one(Story::CanceledMeetings), Signal::CanceledMeetings),
        Some(Severity::High)
    );
    assert_eq!(
        severity(one(Story::SlowingDown), Signal::ResponseTimeDegrading),
        Some(Severity::High)
    );
    assert_eq!(
        severity(one(Story::MissedQbr), Signal::QbrMissed),
        Some(Severity::High)
    );
    assert_eq!(
        severity(one(Story::LostSponsor), Signal::SponsorMissing),
        Some(Severity::Critical)
    );
    assert_eq!(
        severity(one(Story::SilentSponsor), Signal::SponsorMissing),
        Some(Severity::High)
    );
    assert!(severity(one(Story::UsageDecline), Signal::UsageAndEngagementDecline).is_some());
    assert_eq!(
        severity(one(Story::NewSponsor), Signal::SponsorMissing),
        None,
        "there is one, only new"
    );

    for single in told(&reports, Story::SingleThreaded) {
        assert!(single.evaluation.current.measures.single_threaded());
    }
    let multi = &one(Story::MultiThreaded).evaluation.current.measures;
    assert!(multi.multi_threaded() && !multi.single_threaded());

    let new = &one(Story::BrandNew).evaluation;
    assert_eq!(
        (new.trend, new.assessment.provisional),
        (Some(Trend::New), Some(ProvisionalReason::NewAccount))
    );

    let usage_only = &one(Story::UsageOnly).evaluation.assessment;
    assert_eq!(
        (usage_only.pattern, usage_only.provisional),
        (None, Some(ProvisionalReason::LowCoverage))
    );
    assert!(usage_only.coverage > 0.0 && usage_only.overall.is_some());

    for better in told(&reports, Story::Improving) {
        assert_eq!(better.evaluation.trend, Some(Trend::Improving));
    }
}

/// What an experienced practitioner concludes of the stories in which a score alone misleads, as [`Story`] says it, and why.
fn check_standings(reports: &BTreeMap<String, EngagementReport>) {
    use StandingReason::{
        HangsOnOne, Organisation, Signal as Sign, SponsorChanged, SponsorCold, SponsorDeclines, Support,
    };
    use StandingState::{AtRisk, NotKnown, OnTrack, Watch};
    let expected: [(Story, StandingState, &[StandingReason]); 15] = [
        (Story::Acquired, AtRisk, &[Organisation, SponsorDeclines]),
        (Story::Seasonal, OnTrack, &[]),
        (Story::OneBusyPerson, AtRisk, &[HangsOnOne]),
        (Story::PartnerServed, NotKnown, &[]),
        (Story::SupportStorm, AtRisk, &[Support]),
        (Story::RarelyMet, OnTrack, &[]),
        (Story::BrandNew, NotKnown, &[]),
        (Story::Onboarding, OnTrack, &[]),
        (Story::ColdSuccessor, AtRisk, &[SponsorCold, Sign]),
        (Story::NoNames, NotKnown, &[]),
        (Story::ColleagueLeft, NotKnown, &[]),
        (Story::UsageOnly, OnTrack, &[]),
        (Story::Champion, OnTrack, &[]),
        (Story::LostSponsor, AtRisk, &[SponsorChanged, Sign]),
        (Story::NewSponsor, Watch, &[SponsorChanged]),
    ];
    for (story, state, reasons) in expected {
        for report in told(reports, story) {
            let standing = report.evaluation.standing.as_ref().unwrap();
            let found: Vec<_> = standing.reasons.iter().map(|reason| reason.reason).collect();
            assert_eq!(
                (standing.state, found.as_slice()),
                (state, reasons),
                "{story:?}: {:?}",
                report.evaluation.assessment
            );
            let of_a_person = |reason: &&Reason| {
                matches!(
                    reason.reason,
                    HangsOnOne | SponsorChanged | SponsorCold | SponsorDeclines
                )
            };
            assert!(
                standing
                    .reasons
                    .iter()
                    .filter(of_a_person)
                    .all(|reason| reason.contact.is_some()),
                "{story:?} names them"
            );
        }
    }
    for story in [Story::QuietDecline, Story::GoneDark] {
        assert_eq!(
            the_one(reports, story)
                .evaluation
                .standing
                .as_ref()
                .map(|standing| standing.state),
            Some(AtRisk),
            "{story:?}"
        );
    }
    assert!(
        told(reports, Story::Churned).all(|report| report.evaluation.standing.is_none()),
        "a customer no more has none"
    );

    // What would have misled: the scores of the worrying, and the falls of those who worry nobody.
    for story in [
        Story::Acquired,
        Story::OneBusyPerson,
        Story::SupportStorm,
        Story::ColdSuccessor,
    ] {
        let pattern = pattern(the_one(reports, story));
        assert!(
            matches!(pattern, Some(Pattern::HighlyEngaged | Pattern::ModeratelyEngaged)),
            "{story:?}: {pattern:?}"
        );
    }
    let seasonal = the_one(reports, Story::Seasonal);
    assert_eq!(
        severity(seasonal, Signal::UsageAndEngagementDecline),
        Some(Severity::Medium),
        "as a year ago"
    );
    assert!(
        seasonal.evaluation.season.all && seasonal.evaluation.change <= Some(-10),
        "{:?}",
        seasonal.evaluation.change
    );
    let storm = &the_one(reports, Story::SupportStorm);
    assert_eq!(
        severity(storm, Signal::SupportSurge),
        Some(Severity::High),
        "the renewal is near"
    );
    let nameless = the_one(reports, Story::NoNames);
    assert!(
        nameless.evaluation.current.measures.nameless >= 80,
        "{}",
        nameless.evaluation.current.measures.nameless
    );
    assert_eq!(
        told(reports, Story::ColleagueLeft).count(),
        3,
        "who stops on three accounts is missed"
    );
}

/// The stories of sponsors, as their reports tell them.
fn check_sponsors(reports: &BTreeMap<String, LabelledSponsorReport>) {
    let told = |story| {
        COMPANIES
            .iter()
            .filter(move |company| company.story == story)
            .map(|company| &reports[&company.external_id()].report)
    };
    let one = |story| told(story).next().unwrap();
    let standing = |story| {
        one(story)
            .sponsors
            .primary()
            .map(|primary| (primary.level, primary.rule))
    };

    let levels: BTreeSet<_> = reports.values().map(|labelled| labelled.report.level).collect();
    assert_eq!(
        levels,
        EngagementLevel::ALL.iter().copied().collect(),
        "every level occurs"
    );
    let risks: BTreeSet<_> = reports
        .values()
        .map(|labelled| labelled.report.succession.risk)
        .collect();
    assert_eq!(
        risks,
        BTreeSet::from([RiskLevel::Low, RiskLevel::Medium, RiskLevel::High]),
        "every succession risk occurs"
    );

    assert_eq!(
        standing(Story::Champion),
        Some((EngagementLevel::Champion, LevelRule::Advocates))
    );
    assert_eq!(
        standing(Story::DelegatingSponsor),
        Some((EngagementLevel::Passive, LevelRule::Delegates))
    );
    assert_eq!(
        standing(Story::SilentSponsor),
        Some((EngagementLevel::Disengaged, LevelRule::Silent))
    );
    assert_eq!(
        standing(Story::NewSponsor),
        Some((EngagementLevel::Unknown, LevelRule::NewSponsor))
    );

    let lost = one(Story::LostSponsor);
    assert_eq!(
        (lost.primary.as_ref(), lost.level, lost.risk),
        (None, EngagementLevel::Unknown, RiskLevel::Critical)
    );
    assert!(
        lost.approach
            .as_ref()
            .is_some_and(|approach| approach.contact.is_some()),
        "it says whom to approach first"
    );
    assert!(
        lost.recent_changes
            .iter()
            .any(|change| change.kind == OrgChangeKind::Departure),
        "{:?}",
        lost.recent_changes
    );

    let alone = one(Story::NoBackup);
    assert!(alone.primary.is_some() && alone.succession.backups.is_empty());
    assert_eq!(alone.succession.risk, RiskLevel::High);

    let with_ticket = COMPANIES
        .iter()
        .find(|company| company.story == Story::ExecutiveTicket)
        .unwrap()
        .external_id();
    let mut said = reports[&with_ticket]
        .context
        .interactions
        .values()
        .filter_map(|text| text.subject.as_deref());
    assert!(
        said.any(|subject| subject.starts_with("Ticket")),
        "an executive got a ticket"
    );

    let planned = one(Story::Healthy)
        .calendar
        .iter()
        .filter(|entry| entry.event == "QBR")
        .count();
    assert!(planned > 0, "a review is planned");
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
    let rows = |name: &str| {
        one.iter()
            .find(|file| file.name == name)
            .map_or(0, |file| file.rows.len())
    };
    assert_eq!((rows("accounts"), rows("features")), (60, 10));
    assert!(
        (5_000..20_000).contains(&rows("interactions")),
        "{}",
        rows("interactions")
    );
    assert!((10_000..60_000).contains(&rows("usage")), "{}", rows("usage"));
}
