//! Every text that a person reads of the sample company: reports, the portfolio, messages of alerts, digests and mails. None
//! shows a code, tenths of a day, a goal called late that is nearly reached, or advice to see somebody who has left.

use std::collections::BTreeSet;

use engagement::id::ContactId;
use engagement::report::sponsor::SponsorReport;
use engagement::vocabulary::{Certainty, OrgChangeKind, Period};
use engagement::windows::{Windows, start_of_day};
use service::alert::{AlertFilter, AlertOrder};
use service::digest::{DigestSettings, preview};
use service::job::recompute::{Recompute, Scope, recompute};
use service::mail::{Content, MailLinks, Standing as Wanted, look_again};
use service::outbox::{Lane, claim};
use service::record::account_list::AccountFilter;
use service::report::labelled_engagement_report;
use service::report::portfolio::{PortfolioRequest, portfolio_report};
use service::report::sponsor_report::sponsor_reports;
use service::sql::page::PageRequest;
use worker::mail::Renderer;

use super::company::Company;
use super::*;

/// A text and where it stands.
type Texts = Vec<(String, String)>;

/// The database of the sample, scored on its last day.
struct Stage {
    db: Db,
    now: DateTime<Utc>,
    windows: Windows,
    _folder: tempfile::TempDir,
}

impl Stage {
    async fn new(ending_on: NaiveDate) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::connect(&format!(
            "sqlite://{}?mode=rwc",
            folder.path().join("sample.db").display()
        ))
        .await
        .unwrap();
        service::db::schema::migrate(&db).await.unwrap();
        let now = start_of_day(ending_on.succ_opt().unwrap(), Tz::UTC) + chrono::TimeDelta::hours(9);
        import(&db, &Clock::fixed(now), Tz::UTC, ending_on).await.unwrap();
        let windows = Windows::new(ending_on, now, Tz::UTC, Period::Quarterly);
        let stage = Self {
            db,
            now,
            windows,
            _folder: folder,
        };
        stage.score().await;
        stage
    }

    async fn score(&self) {
        let request = Recompute {
            as_of: self.now,
            ending_on: self.windows.ending_on,
            scope: Scope::All,
        };
        recompute(
            &self.db,
            &Access::system(),
            &Settings::default(),
            &request,
            |_| {},
        )
        .await
        .unwrap();
    }

    /// Somebody leaves, as an import says.
    async fn leaves(&self, account: &str, contact: ContactId) {
        let contact = service::record::contact::by_ids(&self.db, &Access::system(), &[contact])
            .await
            .unwrap()
            .remove(&contact)
            .unwrap();
        let row = RowWriter::default()
            .field("account_external_id", account)
            .field("kind", "departure")
            .field("observed_on", self.windows.ending_on)
            .field("contact_external_id", contact.external_id)
            .field("summary", "Left for a competitor")
            .field("source", "manual")
            .field("certainty", "confirmed")
            .done();
        let mut source = InMemory::new();
        source
            .push(
                Target::OrgChanges,
                row.into_iter().map(|(column, value)| (column, Cell::Text(value))),
            )
            .unwrap();
        let options = ImportOptions {
            settings: Settings::default(),
            ..ImportOptions::default()
        };
        let done = ingest::import(
            &self.db,
            &Access::system(),
            &Clock::fixed(self.now),
            Arc::new(source),
            &options,
            &Complaints::default(),
        )
        .await;
        assert!(done.unwrap().is_clean());
    }

    /// Reports of every account, and of all of them together.
    async fn reports(&self) -> (Texts, Vec<(String, SponsorReport, BTreeSet<String>)>) {
        let (db, access, policy) = (&self.db, Access::system(), Policy::default());
        let keys: Vec<_> = COMPANIES.iter().map(Company::external_id).collect();
        let accounts = service::record::account::by_external_ids(db, &access, &keys)
            .await
            .unwrap();
        let ids: Vec<_> = accounts.values().map(|account| account.id).collect();
        let mut sponsors = sponsor_reports(db, &access, &policy, &self.windows, &ids)
            .await
            .unwrap();
        let mut texts = Texts::new();
        let mut reports = Vec::new();
        for (key, account) in &accounts {
            let engagement = labelled_engagement_report(db, &access, &policy, &self.windows, account.id)
                .await
                .unwrap()
                .unwrap();
            texts.push((
                format!("engagement report of {key}"),
                engagement.report.markdown(&engagement.labels),
            ));
            let sponsor = sponsors.remove(&account.id).unwrap();
            texts.push((format!("sponsor report of {key}"), sponsor.markdown()));
            let left = |contact: &Option<ContactId>| {
                Some(sponsor.context.contacts.get(contact.as_ref()?)?.name.clone())
            };
            let former = sponsor
                .report
                .former
                .iter()
                .filter(|one| one.departed)
                .map(|one| Some(one.contact));
            let changes = sponsor.report.recent_changes.iter();
            let changes = changes
                .filter(|one| one.kind == OrgChangeKind::Departure && one.certainty == Certainty::Confirmed);
            let gone = former
                .chain(changes.map(|one| one.contact))
                .filter_map(|contact| left(&contact))
                .collect();
            reports.push((key.clone(), sponsor.report, gone));
        }
        let request = PortfolioRequest {
            period: Period::Quarterly,
            ending_on: self.windows.ending_on,
            as_of: self.now,
            filter: AccountFilter::default(),
        };
        let portfolio = portfolio_report(db, &access, &policy, Tz::UTC, &request)
            .await
            .unwrap();
        texts.push((
            "portfolio".to_owned(),
            portfolio.report.markdown(&portfolio.labels),
        ));
        (texts, reports)
    }

    async fn alerts(&self) -> Texts {
        let mut page = PageRequest::first(100);
        let mut texts = Texts::new();
        loop {
            let found = service::alert::list(
                &self.db,
                &Access::system(),
                &AlertFilter::default(),
                AlertOrder::default(),
                &page,
                false,
            )
            .await
            .unwrap();
            let last = found.edges.last().map(|edge| edge.cursor.clone());
            texts.extend(found.edges.into_iter().map(|edge| {
                (
                    format!("alert {}", edge.node.alert.key.rule.as_str()),
                    edge.node.alert.message,
                )
            }));
            if !found.has_next_page {
                return texts;
            }
            page.after = last;
        }
    }

    /// Digests of everybody, and what waits to be sent at once, as their mails.
    async fn mails(&self) -> Texts {
        let renderer = Renderer::new("https://rapport.example", None).unwrap();
        let mut texts = Texts::new();
        let mut write = |kind: &str, says: &Content| {
            let rendered = renderer.render(says, Tz::UTC, &MailLinks::default()).unwrap();
            texts.push((format!("subject of {kind}"), rendered.subject));
            texts.push((kind.to_owned(), rendered.text));
            texts.push((format!("{kind} as HTML"), rendered.html));
        };
        let settings = DigestSettings {
            policy: Arc::new(Policy::default()),
            zone: Tz::UTC,
            installed_at: self.now,
        };
        let users =
            service::record::user::list(&self.db, &Access::system(), None, &PageRequest::first(100), false)
                .await
                .unwrap();
        for edge in users.edges {
            if let Some(Ok(digest)) = preview(&self.db, &Access::system(), &settings, self.now, edge.node.id)
                .await
                .unwrap()
            {
                write("digest", &Content::WeeklyDigest(Box::new(digest)));
            }
        }
        let claimed = claim(&self.db, Lane::Urgent, "one", 1_000, self.now)
            .await
            .unwrap();
        let found = look_again(&self.db, &claimed, &[], Tz::UTC).await.unwrap();
        for one in found.into_values() {
            if let Wanted::Wanted {
                content: Ok(content), ..
            } = one
            {
                let kind = if matches!(*content, Content::SponsorDeparted(_)) {
                    "mail of a departure"
                } else {
                    "mail of an alert"
                };
                write(kind, &content);
            }
        }
        texts
    }
}

/// Words in capitals with underscores.
fn codes(text: &str) -> Vec<&str> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    let shouted = |word: &&str| {
        word.contains('_') && word.chars().any(char::is_alphabetic) && !word.chars().any(char::is_lowercase)
    };
    words.filter(shouted).collect()
}

/// Numbers of days that are no whole ones.
fn tenths_of_days(text: &str) -> Vec<&str> {
    let before = text
        .match_indices(" day")
        .filter_map(|(at, _)| text[..at].split_whitespace().next_back());
    before
        .filter(|word| {
            word.split_once('.')
                .is_some_and(|(_, tenths)| tenths.starts_with(|c: char| c.is_ascii_digit()))
        })
        .collect()
}

/// Lines that call a goal late which is reached by 90 % or more.
fn late_goals(text: &str) -> Vec<&str> {
    let late = |line: &&str| line.contains("Goal past due") || line.contains("new plan for the goal");
    let reached = |line: &str| {
        line.split(" % reached")
            .next()?
            .split_whitespace()
            .next_back()?
            .parse::<f64>()
            .ok()
    };
    text.lines()
        .filter(late)
        .filter(|line| reached(line).is_some_and(|percent| percent >= 90.0))
        .collect()
}

fn check(texts: &Texts) {
    for (place, text) in texts {
        assert_eq!(codes(text), [""; 0], "{place}:\n{text}");
        assert_eq!(tenths_of_days(text), [""; 0], "{place}:\n{text}");
        assert_eq!(late_goals(text), [""; 0], "{place}:\n{text}");
    }
}

#[test]
fn what_is_looked_for_is_found() {
    assert_eq!(
        codes("From LOW_ENGAGED to low_engaged, Company_29, QBR"),
        ["LOW_ENGAGED"]
    );
    assert_eq!(tenths_of_days("60.8 days, 61 days, 2026-09-30. A day"), ["60.8"]);
    assert_eq!(
        late_goals(
            "- Goal past due, x: was due on 2026-08-31, 99 % reached\n- Goal past due, y: 89.9 % reached"
        )
        .len(),
        1
    );
}

#[tokio::test]
async fn nobody_reads_a_code_or_is_sent_to_somebody_who_has_left() {
    let stage = Stage::new("2026-06-17".parse().unwrap()).await;
    let (texts, reports) = stage.reports().await;
    check(&texts);
    // A sponsor leaves: everybody concerned is told at once.
    let key = COMPANIES
        .iter()
        .find(|company| company.story == Story::Champion)
        .unwrap()
        .external_id();
    let (_, report, _) = reports.iter().find(|(of, ..)| *of == key).unwrap();
    stage.leaves(&key, report.primary.as_ref().unwrap().contact).await;
    stage.score().await;
    check(&stage.alerts().await);
    let mails = stage.mails().await;
    check(&mails);
    for kind in ["digest", "mail of a departure"] {
        assert!(mails.iter().any(|(place, _)| place == kind), "there is no {kind}");
    }
    for (key, report, gone) in &reports {
        for name in gone {
            let advice = report.recommendations.iter().map(|one| one.action.as_str());
            let calendar = report
                .calendar
                .iter()
                .flat_map(|entry| entry.attendees.iter().chain([&entry.objective]))
                .map(String::as_str);
            let approach = report.approach.iter().map(|approach| approach.reason.as_str());
            let found = advice
                .chain(calendar)
                .chain(approach)
                .find(|text| text.contains(name.as_str()));
            assert_eq!(found, None, "{key}: {name} has left");
        }
    }
    assert!(
        reports.iter().any(|(.., gone)| !gone.is_empty()),
        "somebody has left"
    );
}
