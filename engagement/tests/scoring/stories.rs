//! Ten accounts as an experienced practitioner knows them. What they would say is written down first, in words; then what the
//! product says is held against it.

use chrono::Datelike;
use chrono::{NaiveDate, TimeDelta, Weekday};
use rapport_engagement::vocabulary::*;

use crate::account::{Book, ENDING_ON, day};

use InteractionKind::{Call, Email, ExecutiveDinner, Meeting, Qbr, Training};
use InteractionStatus::{Completed, Declined};
use StandingReason::{HangsOnOne, Organisation, SponsorChanged, SponsorCold, SponsorDeclines, Support};
use StandingState::{AtRisk, NotKnown, OnTrack, Watch};

/// A working day, at least so many days before the last one.
fn ago(days: i64) -> String {
    let mut on: NaiveDate = day(ENDING_ON) - TimeDelta::days(days);
    while matches!(on.weekday(), Weekday::Sat | Weekday::Sun) {
        on -= TimeDelta::days(1);
    }
    on.to_string()
}

/// A customer with four people and a sponsor, Ana, who is also an executive.
fn customer(tier: AccountTier) -> Book {
    let mut b = Book::new(tier);
    b.contact("ana", "Operations", Some(Seniority::CLevel))
        .contact("ben", "IT", Some(Seniority::Vp));
    b.contact("cho", "Finance", Some(Seniority::Manager))
        .contact("dev", "Sales", None);
    b.sponsor("ana", SponsorRank::Primary, "2024-03-01", None);
    b.rows.initiatives = vec![Alignment::High, Alignment::Medium];
    b.usage_feed(ENDING_ON);
    b
}

/// Meetings with these in turn, every so many days, from one day to another before the last.
fn meets(b: &mut Book, names: &[&str], every: usize, from: i64, to: i64) {
    for (n, days) in (to..=from).step_by(every).enumerate() {
        let purpose = if n % 2 == 0 {
            Purpose::Strategic
        } else {
            Purpose::Tactical
        };
        b.meeting(&ago(days), &[names[n % names.len()]]).purpose(purpose);
    }
}

/// Daily use by two people of most of the product, from one day to another before the last.
fn uses(b: &mut Book, from: i64, to: i64) {
    let first = (day(ENDING_ON) - TimeDelta::days(from)).to_string();
    for n in 1..=6 {
        b.uses_for(Some("cho"), &format!("feature_{n}"), &first, from - to + 1);
        b.uses_for(Some("dev"), &format!("feature_{n}"), &first, from - to + 1);
    }
}

fn signals(b: &Book) -> Vec<Signal> {
    b.signals().into_iter().map(|(signal, _)| signal).collect()
}

/// "They were bought by a competitor's owner in July. Everything looks busy, but their chief has declined us three times
/// since. With the renewal in four months this is lost unless we act: at risk. Because of the purchase, and because the
/// sponsor avoids us. Nobody should talk about expansion."
#[test]
fn a_polite_decline_after_an_acquisition() {
    let mut b = customer(AccountTier::Enterprise);
    meets(&mut b, &["ana", "ben", "cho", "dev"], 2, 400, 45);
    meets(&mut b, &["ben", "cho", "dev"], 2, 44, 1);
    uses(&mut b, 183, 0);
    b.change(OrgChangeKind::MergerAcquisition, "2026-07-20", None)
        .renews("2027-01-31");
    for days in [28, 17, 6] {
        b.interaction(Meeting, Direction::Outbound, Declined, &ago(days))
            .with("ana");
    }
    assert!(
        b.evaluate().assessment.rounded().unwrap() >= 80,
        "the score alone would cheer"
    );
    assert_eq!(
        (b.state(), b.reasons()),
        (AtRisk, vec![Organisation, SponsorDeclines])
    );
    // Others were met since: no meeting of the account stands declined.
    assert_eq!(signals(&b), []);
    assert_eq!(b.sponsors().level, EngagementLevel::Passive);
}

/// "A school. In July and August nobody is there, as every year; they were as quiet a year ago, and came back in autumn. On
/// track. Do mention that they are quiet, but nobody should be sent."
#[test]
fn a_seasonal_customer() {
    let mut b = customer(AccountTier::MidMarket);
    b.rows.interactions.clear();
    meets(&mut b, &["ana", "ben", "cho", "dev"], 7, 700, 457);
    meets(&mut b, &["ana", "ben", "cho", "dev"], 12, 456, 365);
    meets(&mut b, &["ana", "ben", "cho", "dev"], 7, 364, 92);
    meets(&mut b, &["ana", "ben", "cho", "dev"], 12, 91, 0);
    uses(&mut b, 182, 92);
    uses(&mut b, 30, 0);
    b.rows.year_ago_usage = Some([62, 182]);
    let e = b.evaluate();
    assert!(e.season.all);
    assert_eq!(
        b.signals(),
        [(Signal::UsageAndEngagementDecline, Severity::Medium)]
    );
    assert_eq!((b.state(), b.reasons()), (OnTrack, vec![]));
    // Had it not been so a year ago, one would worry.
    b.rows.year_ago_usage = Some([180, 182]);
    assert_ne!(b.state(), OnTrack);
}

/// "900,000 a year, and all of it is Cho: she is in every call. Ben and Dev were there once each. If Cho goes, we know nobody.
/// The renewal is in five months: at risk, because it hangs on one person. And no, that is not multi-threaded."
#[test]
fn one_busy_person() {
    let mut b = customer(AccountTier::Enterprise);
    meets(&mut b, &["cho"], 2, 400, 0);
    for (days, name) in [
        (20, "ben"),
        (40, "dev"),
        (10, "ana"),
        (35, "ana"),
        (60, "ana"),
        (85, "ana"),
    ] {
        b.meeting(&ago(days), &[name]).purpose(Purpose::Strategic);
    }
    uses(&mut b, 183, 0);
    b.renews("2027-02-28");
    let m = b.evaluate().current.measures;
    assert!(m.engaged_contacts == 4 && !m.multi_threaded() && m.effective_people.unwrap() < 1.6);
    assert_eq!((b.state(), b.reasons()), (AtRisk, vec![HangsOnOne]));
    assert_eq!(signals(&b), []);
}

/// "A partner serves them, we hardly know a name, and that is how it was meant to be. The product is used as ever. There is
/// nothing wrong that we would know of; but we do not know how the relationship is either. Nobody should get an alarm."
#[test]
fn served_by_a_partner() {
    let mut b = customer(AccountTier::MidMarket);
    b.rows.sponsorships.clear();
    b.served_by(ServedBy::Partner);
    uses(&mut b, 183, 0);
    b.interaction(Email, Direction::Inbound, Completed, &ago(30))
        .from("dev")
        .purpose(Purpose::Operational);
    b.mail(&ago(60)).with("ana").bulk();
    let e = b.evaluate();
    let measured: Vec<Dimension> = e
        .assessment
        .dimensions
        .iter()
        .filter(|d| d.measured)
        .map(|d| d.dimension)
        .collect();
    assert_eq!(measured, [Dimension::Product], "no relationship is not a bad one");
    assert_eq!(b.signals(), [(Signal::SponsorMissing, Severity::Medium)]);
    assert_eq!((b.state(), b.reasons()), (NotKnown, vec![]));
    // Served by the pool, the product is what they are judged by.
    b.served_by(ServedBy::Pooled);
    assert_eq!((b.state(), b.reasons()), (OnTrack, vec![]));
}

/// "Forty tickets in six weeks, twice of what we ever had from them, and it goes on. They talk to us more than ever, and they
/// are not happy. Renewal in spring, not that near: keep watch, calm it down; and do not call that engagement."
#[test]
fn a_support_storm() {
    let mut b = customer(AccountTier::MidMarket);
    meets(&mut b, &["ana", "ben", "cho", "dev"], 6, 400, 0);
    uses(&mut b, 183, 0);
    let calm = b.evaluate().assessment.overall;
    for n in 0..40 {
        b.interaction(Email, Direction::Inbound, Completed, &ago(n))
            .from("dev")
            .purpose(Purpose::Operational);
    }
    b.renews("2027-05-31");
    assert_eq!(b.evaluate().assessment.overall, calm, "not a point for it");
    assert_eq!(b.signals(), [(Signal::SupportSurge, Severity::Medium)]);
    assert_eq!((b.state(), b.reasons()), (Watch, vec![Support]));
    b.renews("2026-12-31");
    assert_eq!(
        (b.signals(), b.state()),
        (vec![(Signal::SupportSurge, Severity::High)], AtRisk)
    );
}

/// "A bakery with one owner and one office. We see them twice a year, which is what we promised; they use what they bought.
/// All is well, and nobody needs to call them more often."
#[test]
fn small_and_rarely_met() {
    let mut b = Book::new(AccountTier::Smb);
    b.contact("owner", "", Some(Seniority::CLevel))
        .contact("office", "Office", None);
    b.sponsor("owner", SponsorRank::Primary, "2024-05-01", None);
    b.rows.initiatives = vec![Alignment::Medium];
    b.usage_feed(ENDING_ON);
    for (on, kind) in [
        ("2025-10-14", Qbr),
        ("2026-04-14", Qbr),
        ("2026-04-21", Call),
        ("2026-06-02", Meeting),
    ] {
        b.interaction(kind, Direction::Outbound, Completed, on)
            .with("owner")
            .with("office");
    }
    for n in 1..=4 {
        b.uses_for(Some("office"), &format!("feature_{n}"), "2026-04-01", 183);
    }
    let e = b.evaluate();
    assert!(
        matches!(
            e.assessment.pattern,
            Some(Pattern::HighlyEngaged | Pattern::ModeratelyEngaged)
        ),
        "{:?}",
        e.assessment.overall
    );
    assert_eq!(b.signals(), []);
    assert_eq!((b.state(), b.reasons()), (OnTrack, vec![]));
}

/// "They signed three weeks ago. Kick-off held, trainings booked, first logins. It is too early to say anything, and nobody
/// should compare them with those we have had for years; but nothing is wrong."
#[test]
fn onboarding() {
    let mut b = Book::mid_market();
    b.contact("ana", "Operations", Some(Seniority::Vp))
        .contact("ben", "IT", None);
    b.sponsor("ana", SponsorRank::Primary, "2026-09-09", None);
    b.meeting("2026-09-09", &["ana", "ben"]);
    b.interaction(Training, Direction::Outbound, Completed, "2026-09-16")
        .with("ben");
    b.interaction(Training, Direction::Outbound, Completed, "2026-09-23")
        .with("ben");
    b.meeting("2026-09-28", &["ana"]);
    b.uses_for(Some("ben"), "feature_1", "2026-09-17", 10);
    let e = b.evaluate();
    assert_eq!(e.assessment.provisional, Some(ProvisionalReason::NewAccount));
    // Measured over the 30 days that a new account is given at least: 18 points.
    assert_eq!(e.current.measures.span_days_lived, 30);
    assert_eq!(b.signals(), []);
    assert_eq!((b.state(), b.reasons()), (NotKnown, vec![]));
    assert_eq!(
        b.sponsors().level,
        EngagementLevel::Engaged,
        "one factor is enough for a new sponsor"
    );
}

/// "Ana, who bought us, left in July. Her successor was named in August and has never spoken to us; her people go on as
/// before. A change at the top before a renewal is where we lose customers: at risk. In December one would say: the new one is
/// cold."
#[test]
fn a_cold_successor() {
    let mut b = customer(AccountTier::MidMarket);
    b.contact("eve", "Operations", Some(Seniority::CLevel));
    meets(&mut b, &["ben", "cho", "dev"], 5, 400, 0);
    meets(&mut b, &["ana"], 30, 400, 85);
    uses(&mut b, 183, 0);
    b.change(OrgChangeKind::Departure, "2026-07-06", Some("ana"))
        .renews("2027-02-01");
    b.sponsor("eve", SponsorRank::Primary, "2026-08-03", None);
    assert_eq!((b.state(), b.reasons()), (AtRisk, vec![SponsorChanged]));
    let reason = b.standing().reasons.remove(0);
    assert_eq!(reason.contact, Some(b.rows.contacts[0].id));
    assert_eq!(
        reason.message(Some("Ana")),
        "Ana, who sponsored us, left on 2026-07-06, 86 days ago."
    );
    assert_eq!(signals(&b), [], "58 days are no silence yet");
    // On 30 November the change is more than 90 days old and she has still not been in contact for 119 days.
    for days in 1..=61 {
        let on = (day(ENDING_ON) + TimeDelta::days(days)).to_string();
        if days % 5 == 0 {
            b.meeting(&on, &[["ben", "cho", "dev"][days as usize / 5 % 3]])
                .purpose(Purpose::Strategic);
        }
    }
    let later = b.evaluate_on("2026-11-30").standing.unwrap();
    assert!(
        later.reasons.iter().any(|r| r.reason == SponsorCold),
        "{:?}",
        later.reasons
    );
    assert_eq!(later.state, AtRisk);
}

/// "Thirty calls a month in the list and not one name. Somebody imports a dialler. I know nothing about this customer, and the
/// number must not pretend that I do."
#[test]
fn activity_without_people() {
    let mut b = customer(AccountTier::MidMarket);
    b.rows.sponsorships.clear();
    for days in 0..92 {
        b.interaction(Call, Direction::Outbound, Completed, &ago(days));
        b.interaction(Meeting, Direction::Outbound, Completed, &ago(days));
    }
    let e = b.evaluate();
    assert_eq!(
        (
            e.assessment.overall,
            e.assessment.pattern,
            e.current.measures.nameless
        ),
        (None, None, 184)
    );
    assert_eq!((b.state(), b.reasons()), (NotKnown, vec![]));
    // The contacts are known, and nobody of them sponsors us: said once, and no reason to worry by itself.
    assert_eq!(b.signals(), [(Signal::SponsorMissing, Severity::Critical)]);
}

/// "Tom looked after them and left us in June; nobody has written down a word since. The customer has not gone silent, we
/// have. So do not tell me that they are disengaged: tell me that you do not know, and get somebody on it. That they were
/// bought last month I want to hear all the same."
#[test]
fn a_manager_who_left_us() {
    let mut b = customer(AccountTier::MidMarket);
    meets(&mut b, &["ana", "ben", "cho", "dev"], 5, 500, 100);
    uses(&mut b, 183, 0);
    assert!(b.state() != OnTrack, "by the rows alone one would worry");
    b.rows.contact_feed_silent = true;
    assert_eq!((b.state(), b.reasons()), (NotKnown, vec![]));
    b.change(OrgChangeKind::MergerAcquisition, "2026-08-31", None);
    assert_eq!((b.state(), b.reasons()), (Watch, vec![Organisation]));
    b.renews("2026-12-31");
    assert_eq!(b.state(), AtRisk);
}

/// The other way round, so that the ten do not read as if everything was suspicious: "They grow, their chief dined with us, and
/// four departments are with us."
#[test]
fn and_one_that_is_simply_well() {
    let mut b = customer(AccountTier::Enterprise);
    meets(&mut b, &["ana", "ben", "cho", "dev"], 2, 400, 0);
    b.interaction(ExecutiveDinner, Direction::Outbound, Completed, &ago(12))
        .with("ana")
        .with("ben");
    uses(&mut b, 183, 0);
    b.renews("2026-12-31");
    assert_eq!((b.state(), b.reasons(), b.signals()), (OnTrack, vec![], vec![]));
}
