//! What stands about a customer beside what happened: contacts, sponsorships, metrics, goals, initiatives, changes in
//! their organisation, and what became of contracts.

use chrono::{Days, NaiveDate};
use engagement::vocabulary::{AccountTier, ServedBy};

use super::company::Company;
use super::people::{BACKUP, Person, SPONSOR};
use super::row::{Row, RowWriter, list};
use super::story::{HANDED_OVER, SIGNED, Story};

/// Days since the sponsor of the lost one has gone.
pub(super) const LOST: u64 = 16;
/// Who has just become sponsor where there is a new one.
pub(super) const SUCCESSOR: usize = 10;

/// One customer, and everything about them that is not history.
#[derive(Debug)]
pub struct Profile<'a> {
    /// The customer.
    pub company: &'a Company,
    /// Their key.
    pub account: &'a str,
    /// Their people.
    pub people: &'a [Person],
    /// The last day of the sample.
    pub ending_on: NaiveDate,
    /// A number of their own, for what varies without meaning.
    pub number: u64,
}

impl Profile<'_> {
    pub(super) fn ago(&self, days: u64) -> NaiveDate {
        self.ending_on
            .checked_sub_days(Days::new(days))
            .unwrap_or(self.ending_on)
    }

    pub(super) fn ahead(&self, days: u64) -> NaiveDate {
        self.ending_on
            .checked_add_days(Days::new(days))
            .unwrap_or(self.ending_on)
    }

    pub(super) fn row(&self) -> RowWriter {
        RowWriter::default().field("account_external_id", self.account)
    }

    /// The row of `accounts`.
    pub fn account(&self) -> Row {
        let company = self.company;
        let churned = company.story == Story::Churned;
        let renewal = if churned {
            self.ago(44)
        } else {
            match company.story {
                // Where it hurts, it is soon.
                Story::LostSponsor | Story::QuietDecline | Story::GoneDark => {
                    self.ahead(40 + self.number % 40)
                }
                Story::SingleThreaded | Story::OneBusyPerson => self.ahead(120),
                Story::Acquired => self.ahead(105),
                Story::ColdSuccessor => self.ahead(90),
                Story::SupportStorm => self.ahead(75),
                Story::Seasonal => self.ahead(210),
                Story::BrandNew => self.ahead(347),
                Story::Onboarding => self.ahead(365 - SIGNED.unsigned_abs()),
                _ => self.ahead(15 + self.number * 41 % 335),
            }
        };
        let start = match company.story {
            Story::BrandNew => self.ago(18),
            Story::Onboarding => self.ago(SIGNED.unsigned_abs()),
            _ => renewal - Days::new(365 * (1 + self.number % 3) + 365),
        };
        let served_by = match company.story {
            Story::PartnerServed => Some(ServedBy::Partner),
            Story::UsageOnly => Some(ServedBy::Pooled),
            _ => None,
        };
        let (base, step) = match company.tier {
            AccountTier::Enterprise => (180_000, 22_000),
            AccountTier::MidMarket => (42_000, 4_500),
            AccountTier::Smb => (6_000, 900),
        };
        let arr = base + step * (self.number * 7 % 13);
        // Yen have no minor unit, and more of them make a contract.
        let arr = if company.region.currency() == "JPY" {
            arr * 150
        } else {
            arr
        };
        RowWriter::default()
            .field("external_id", self.account)
            .field("name", company.name)
            .field("tier", company.tier)
            .field("domain", company.domain())
            .field("status", if churned { "churned" } else { "active" })
            .maybe("churned_on", churned.then(|| self.ago(44)))
            .field("industry", company.industry)
            .field("region", company.region.name())
            .field("arr", arr)
            .field("currency", company.region.currency())
            .field("contract_start", start)
            .field("renewal_date", renewal)
            .maybe("served_by", served_by)
            .done()
    }

    /// Rows of `contacts`.
    pub fn contacts(&self) -> Vec<Row> {
        const CHANNELS: [&str; 4] = [
            "e-mail",
            "video call",
            "phone, mornings",
            "short messages, no attachments",
        ];
        const PRIORITIES: [&[&str]; 5] = [
            &["cost to serve", "on-time delivery"],
            &["forecast accuracy", "working capital"],
            &["growth in new regions", "one platform"],
            &["compliance", "fewer tools"],
            &["productivity of field teams", "retention of staff"],
        ];
        let departed = self.company.story == Story::LostSponsor;
        self.people
            .iter()
            .enumerate()
            .map(|(place, person)| {
                let executive = place <= BACKUP;
                let left = departed && place == SPONSOR;
                let since = 180 + (self.number * 97 + place as u64 * 211) % 1_500;
                let role = match self.company.story {
                    Story::NewSponsor if place == SUCCESSOR => self.ago(40),
                    Story::ColdSuccessor if place == SUCCESSOR => self.ago(HANDED_OVER.unsigned_abs()),
                    _ => self.ago(since),
                };
                self.row()
                    .field("external_id", &person.key)
                    .field("name", &person.name)
                    .field("email", &person.email)
                    .field("title", person.post.title)
                    .field("department", person.post.department)
                    .field("seniority", person.post.seniority)
                    .field("role_started_on", role)
                    .field("status", if left { "departed" } else { "active" })
                    .maybe("departed_on", left.then(|| self.ago(LOST)))
                    .maybe(
                        "communication_preference",
                        executive.then(|| CHANNELS[(self.number as usize + place) % CHANNELS.len()]),
                    )
                    .maybe(
                        "priorities",
                        executive.then(|| {
                            list(
                                PRIORITIES[(self.number as usize + place) % PRIORITIES.len()]
                                    .iter()
                                    .copied(),
                            )
                        }),
                    )
                    .done()
            })
            .collect()
    }

    /// Rows of `sponsorships`.
    pub fn sponsorships(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut sponsor = |place: usize, since: u64, until: Option<u64>, rank: &str| {
            if let Some(person) = self.people.get(place) {
                rows.push(
                    self.row()
                        .field("contact_external_id", &person.key)
                        .field("since", self.ago(since))
                        .maybe("until", until.map(|days| self.ago(days)))
                        .field("rank", rank)
                        .done(),
                );
            }
        };
        let long = 420 + self.number * 13 % 300;
        match self.company.story {
            // Nobody has asked who their sponsor is.
            Story::UsageOnly | Story::PartnerServed => {}
            Story::BrandNew => sponsor(SPONSOR, 18, None, "primary"),
            Story::Onboarding => {
                sponsor(SPONSOR, SIGNED.unsigned_abs(), None, "primary");
                sponsor(BACKUP, SIGNED.unsigned_abs(), None, "backup");
            }
            Story::ColdSuccessor => {
                let handed_over = HANDED_OVER.unsigned_abs();
                sponsor(SPONSOR, long, Some(handed_over), "primary");
                sponsor(SUCCESSOR, handed_over, None, "primary");
                sponsor(BACKUP, long, None, "backup");
            }
            Story::NewSponsor => {
                sponsor(SPONSOR, long, Some(14), "primary");
                sponsor(SUCCESSOR, 12, None, "primary");
                sponsor(BACKUP, long, None, "backup");
            }
            Story::LostSponsor | Story::NoBackup | Story::SingleThreaded => {
                sponsor(SPONSOR, long, None, "primary");
            }
            // Every third of the small and distant ones has nobody behind the sponsor.
            Story::Cold | Story::Drifting | Story::Tactical if self.number.is_multiple_of(3) => {
                sponsor(SPONSOR, long, None, "primary");
            }
            _ => {
                sponsor(SPONSOR, long, None, "primary");
                sponsor(BACKUP, long - 60, None, "backup");
            }
        }
        rows
    }

    /// Rows of `metrics`: a value a month for half a year.
    pub fn metrics(&self) -> Vec<Row> {
        let (level, slope) = match self.company.story {
            Story::UsageOnly | Story::BrandNew | Story::Onboarding => return Vec::new(),
            Story::Champion | Story::Healthy | Story::MultiThreaded | Story::Improving => (2.4, 0.12),
            Story::QuietDecline | Story::UsageDecline | Story::Cold | Story::GoneDark | Story::Churned => {
                (1.9, -0.16)
            }
            _ => (2.0, 0.02),
        };
        let mut rows = Vec::new();
        for month in 0..6_u64 {
            let step = 5.0 - month as f64;
            let mut observe = |metric: &str, value: f64| {
                rows.push(
                    self.row()
                        .field("metric", metric)
                        .field("observed_on", self.ago(3 + month * 30))
                        .field("value", format!("{value:.2}"))
                        .done(),
                );
            };
            observe("roi", level + slope * step + (self.number % 7) as f64 * 0.05);
            observe(
                "strategic_goals_progress",
                (45.0 + step * (4.0 + slope * 20.0)).clamp(0.0, 100.0),
            );
            observe(
                "executive_dashboard_views",
                (14.0 * level + step * slope * 30.0 - 8.0).max(0.0).round(),
            );
        }
        rows
    }

    /// Rows of `goals`.
    pub fn goals(&self) -> Vec<Row> {
        const GOALS: [&str; 7] = [
            "Cut planning time per week by half",
            "Forecast within 5 % of actuals",
            "All plants on one dashboard",
            "Month-end close in four days",
            "Retire the spreadsheet tracker",
            "Every shift lead on the mobile app",
            "Supplier on-time rate above 95 %",
        ];
        if self.company.story == Story::UsageOnly {
            return Vec::new();
        }
        (0..2 + self.number % 2)
            .map(|place| {
                let progress = (self.number * 17 + place * 29) % 101;
                // Some are past their day.
                let due = if place == 1 && self.number.is_multiple_of(4) {
                    self.ago(25)
                } else {
                    self.ahead(30 + place * 60)
                };
                self.row()
                    .field(
                        "goal",
                        GOALS[((self.number + place * 3) % GOALS.len() as u64) as usize],
                    )
                    .field("progress", progress)
                    .field("due_on", due)
                    .done()
            })
            .collect()
    }

    /// Rows of `initiatives`.
    pub fn initiatives(&self) -> Vec<Row> {
        const INITIATIVES: [(&str, &str); 5] = [
            (
                "Workflow automation programme",
                "Productivity of back-office teams",
            ),
            ("Executive dashboard", "One set of numbers for the board"),
            ("Forecasting in every plant", "Working capital"),
            ("Supplier portal", "Resilient supply chain"),
            ("Self-service reporting", "Fewer requests to IT"),
        ];
        let alignment: &[&str] = match self.company.story {
            Story::UsageOnly | Story::BrandNew | Story::Onboarding => return Vec::new(),
            Story::Champion | Story::MultiThreaded | Story::Healthy => &["high", "high", "medium"],
            Story::Cold | Story::Drifting | Story::GoneDark | Story::Churned | Story::Tactical => {
                &["low", "medium"]
            }
            _ => &["medium", "high"],
        };
        (self.number..)
            .zip(alignment)
            .map(|(place, alignment)| {
                let (initiative, priority) = INITIATIVES[(place % INITIATIVES.len() as u64) as usize];
                self.row()
                    .field("initiative", initiative)
                    .field("their_priority", priority)
                    .field("alignment", alignment)
                    .done()
            })
            .collect()
    }
}
