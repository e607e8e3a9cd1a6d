//! The engagement report as Markdown: whole-text snapshots.

use rapport_engagement::evaluation::Evaluation;
use rapport_engagement::id::UserId;
use rapport_engagement::recommendation::Member;
use rapport_engagement::report::engagement::{
    ContactLabel, EngagementReport, HistoryPoint, Labels, People, SignRow,
};
use rapport_engagement::row::{Contact, Interaction};
use rapport_engagement::vocabulary::*;
use uuid::Uuid;

use crate::account::{Book, day};
use crate::worked_example::hollis_freight;

/// Who is who in a book, each contact by a name of their own.
pub fn people(book: &Book, name: impl Fn(&str) -> String) -> People {
    let label = |c: &Contact| ContactLabel {
        name: name(&c.external_id),
        title: Some("Lead".to_owned()),
        department: c.department.clone(),
        preference: None,
    };
    let kim = Member {
        id: UserId::from(Uuid::from_u128(7)),
        name: "Kim".to_owned(),
    };
    let contacts = book.rows.contacts.iter().map(|c| (c.id, label(c))).collect();
    People {
        owner: Some(kim.clone()),
        csm: Some(kim),
        caller: None,
        contacts,
    }
}

/// The report of a book as Markdown, of any evaluation of it.
pub fn told(book: &Book, evaluation: Evaluation, account: &str, people: People) -> String {
    let report = EngagementReport::new(evaluation, &book.rows, &book.catalogue, &book.policy, &people);
    let row = |i: &Interaction| {
        (
            i.id,
            SignRow {
                on: i.occurred_at.date_naive(),
                kind: i.kind,
                subject: Some("Hello | there".to_owned()),
            },
        )
    };
    let history = vec![HistoryPoint {
        day: day("2026-08-31"),
        overall: Some(58),
        pattern: Some(Pattern::LowEngaged),
        comparable: true,
    }];
    report.markdown(&Labels {
        account: account.to_owned(),
        people,
        rows: book.rows.interactions.iter().map(row).collect(),
        data_through: Some(day("2026-09-29")),
        policy_hash: "0123456789abcdef".to_owned(),
        history,
    })
}

fn markdown(book: &Book, account: &str, name: impl Fn(&str) -> String) -> String {
    told(book, book.evaluate(), account, people(book, name))
}

#[test]
fn the_worked_example() {
    insta::assert_snapshot!(markdown(&hollis_freight(), "Hollis Freight", str::to_owned));
}

#[test]
fn an_account_in_trouble() {
    let mut b = Book::new(AccountTier::Enterprise);
    b.contact("ana", "IT", Some(Seniority::CLevel));
    b.meeting("2026-04-10", &["ana"]);
    for day in 1..=6 {
        b.mail(&format!("2026-08-0{day}")).with("ana");
    }
    b.canceled("2026-08-10");
    b.canceled("2026-08-11");
    insta::assert_snapshot!(markdown(&b, "Northwind", str::to_owned));
}

#[test]
fn an_account_without_a_single_row() {
    insta::assert_snapshot!(markdown(&Book::mid_market(), "Empty Ltd", str::to_owned));
}

#[test]
fn a_hostile_name_breaks_no_table() {
    let mut b = Book::mid_market();
    b.contact("ana", "a|b", None);
    b.meeting("2026-08-01", &["ana"]);
    let text = markdown(&b, "# <script>alert(1)</script> | x", |_| {
        "[click](http://evil)\n| a | b |".to_owned()
    });
    assert!(text.starts_with("# Engagement report: \\# &lt;script&gt;alert(1)&lt;/script&gt; \\| x\n"));
    let columns = |line: &str| line.replace("\\|", "").matches('|').count();
    let table: Vec<usize> = text
        .lines()
        .skip_while(|l| !l.starts_with("| Name |"))
        .take_while(|l| l.starts_with('|'))
        .map(columns)
        .collect();
    assert_eq!(table, [8, 8, 8]);
}

#[test]
fn how_old_a_new_account_is_at_most_is_the_policys() {
    let mut b = Book::mid_market();
    b.contact("ana", "IT", None);
    b.meeting("2026-08-15", &["ana"]);
    let told = |b: &Book| markdown(b, "New", str::to_owned);
    assert!(!told(&b).contains("the first data is less than"));
    b.policy.coverage.new_account_days = 60;
    // Coverage is the other reason, and the first to be told.
    b.policy.coverage.minimum = 0.0;
    assert!(
        told(&b).contains("the first data is less than 60 days old"),
        "{}",
        told(&b)
    );
}
