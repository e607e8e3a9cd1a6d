//! A book of accounts to ask about: imported from files like a customer's, then scored like every night.

use std::fmt::Write as _;

use chrono::{DateTime, Days, NaiveDate, Utc};
use rapport_tests::TestDb;
use service::job::recompute::{Recompute, Scope, recompute};
use service::settings::Settings;

use crate::import_stage::import_texts;

/// The evening on which the tests ask.
pub(crate) const NOW: &str = "2026-10-01T18:00:00Z";

/// Contacts of each account.
pub(crate) const CONTACTS: usize = 6;

fn day(back: u64) -> NaiveDate {
    let now: DateTime<Utc> = NOW.parse().unwrap();
    now.date_naive().checked_sub_days(Days::new(back)).unwrap()
}

/// Account `n` is `acc-00n`; the higher its number, the quieter it is.
pub(crate) async fn stage(db: &TestDb, accounts: usize) {
    db.clock.set(NOW.parse().unwrap());
    let mut files = Files::new();
    for n in 0..accounts {
        files.add(n);
    }
    let (summary, remembered) = import_texts(db, &files.all()).await;
    assert!(
        summary.is_clean(),
        "{:?} {:?}",
        remembered.rejected(),
        remembered.warned()
    );
    for back in [14, 7, 0] {
        score(db, back).await;
    }
}

/// Scores every account as of the end of a day so many days ago (0 = now).
pub(crate) async fn score(db: &TestDb, back: u64) {
    let request = Recompute {
        as_of: db.clock.now(),
        ending_on: day(back),
        scope: Scope::All,
    };
    recompute(db, &db.system(), &Settings::default(), &request, |_| {})
        .await
        .unwrap();
}

struct Files {
    names: [&'static str; 9],
    texts: [String; 9],
}

impl Files {
    fn new() -> Self {
        let headers = [
            (
                "users.csv",
                "email,name,role,time_zone\nadmin@example.com,Ada Admin,admin,\nkim@example.com,Kim,csm,Asia/Tokyo\nlou@example.com,Lou,manager,\n",
            ),
            (
                "accounts.csv",
                "external_id,name,tier,status,domain,industry,region,arr,currency,contract_start,renewal_date\n",
            ),
            ("teams.csv", "account_external_id,user_email,team_role\n"),
            (
                "contacts.csv",
                "account_external_id,external_id,name,title,department,seniority,status,departed_on\n",
            ),
            (
                "sponsorships.csv",
                "account_external_id,contact_external_id,since,until,rank\n",
            ),
            (
                "features.csv",
                "feature,name\nreports,Reports\nalerts,Alerts\nexport,Export\n",
            ),
            (
                "interactions.csv",
                "account_external_id,external_id,kind,direction,status,occurred_at,purpose,responded_at,responded_by,subject,topics,outcome,owner_email,participants\n",
            ),
            (
                "usage.csv",
                "account_external_id,contact_external_id,feature,day,count\n",
            ),
            ("metrics.csv", "account_external_id,metric,observed_on,value\n"),
        ];
        Self {
            names: headers.map(|(name, _)| name),
            texts: headers.map(|(_, text)| text.to_owned()),
        }
    }

    fn all(&self) -> Vec<(&str, &str)> {
        self.names
            .iter()
            .copied()
            .zip(self.texts.iter().map(String::as_str))
            .collect()
    }

    fn line(&mut self, file: &str, line: std::fmt::Arguments<'_>) {
        let at = self.names.iter().position(|name| *name == file).unwrap();
        writeln!(self.texts[at], "{line}").unwrap();
    }

    fn add(&mut self, n: usize) {
        let account = format!("acc-{n:03}");
        let tier = ["enterprise", "mid_market", "smb"][n % 3];
        let arr = if n % 5 == 4 {
            String::new()
        } else {
            format!("{}.50", 1000 * (n + 1))
        };
        let renewal = if n % 7 == 6 {
            String::new()
        } else {
            format!("2027-0{}-01", n % 6 + 1)
        };
        self.line(
            "accounts.csv",
            format_args!("{account},Customer {n:03},{tier},active,c{n}.example,retail,EMEA,{arr},EUR,2024-01-01,{renewal}"),
        );
        self.line("teams.csv", format_args!("{account},kim@example.com,csm"));
        self.line("teams.csv", format_args!("{account},lou@example.com,manager"));
        for c in 0..CONTACTS {
            let level = ["c_level", "vp", "director", "manager", "individual", ""][c];
            let department = ["Board", "Sales", "IT", "IT", "Operations", ""][c];
            let left = if c == 5 { "departed,2026-08-01" } else { "active," };
            self.line(
                "contacts.csv",
                format_args!("{account},c{c},Person {c} of {n:03},Title {c},{department},{level},{left}"),
            );
        }
        self.line(
            "sponsorships.csv",
            format_args!("{account},c0,2025-01-01,,primary"),
        );
        self.line(
            "sponsorships.csv",
            format_args!("{account},c2,2025-01-01,,backup"),
        );
        // One step is a week; quieter accounts skip more of them.
        for week in 0..60_usize {
            if week % (n % 5 + 1) != 0 {
                continue;
            }
            let on = day(week as u64 * 7 + 1);
            let who = week % 4;
            self.line("interactions.csv", format_args!("{account},m{week},meeting,outbound,completed,{on}T10:00:00Z,strategic,,,Check-in {week},goals;plans,agreed,kim@example.com,c{who}:attended;c4"));
            self.line(
                "interactions.csv",
                format_args!(
                    "{account},e{week},email,outbound,completed,{on}T08:00:00Z,,{on}T20:00:00Z,c{who},Mail {week},,,kim@example.com,c{who}"
                ),
            );
            self.line(
                "interactions.csv",
                format_args!("{account},x{week},email,outbound,completed,{on}T09:00:00Z,tactical,,,,,,,c1"),
            );
            self.line("usage.csv", format_args!("{account},c3,reports,{on},3"));
            self.line("usage.csv", format_args!("{account},,login,{on},5"));
        }
        self.line(
            "interactions.csv",
            format_args!(
                "{account},q,qbr,outbound,scheduled,2026-12-01T10:00:00Z,strategic,,,Next review,,,,c0"
            ),
        );
        self.line("metrics.csv", format_args!("{account},roi,2026-05-01,1.5"));
        self.line("metrics.csv", format_args!("{account},roi,2026-08-01,2.25"));
        self.line(
            "metrics.csv",
            format_args!("{account},executive_dashboard_views,2026-08-01,12"),
        );
    }
}

/// Goals are kept apart: the harness of imports shows that every file may be missing.
pub(crate) async fn stage_goals(db: &TestDb, accounts: usize) {
    let mut text = "account_external_id,goal,progress,due_on\n".to_owned();
    for n in 0..accounts {
        writeln!(text, "acc-{n:03},Cut costs,40,2026-12-31\nacc-{n:03},Grow,,").unwrap();
    }
    let (summary, remembered) = import_texts(db, &[("goals.csv", &text)]).await;
    assert!(summary.is_clean(), "{:?}", remembered.rejected());
}
