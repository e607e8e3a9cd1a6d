//! Product: adoption, power users, and what happens without usage.

use rapport_engagement::row::{Catalogue, Departure};
use rapport_engagement::vocabulary::*;

use crate::account::{Book, close};

#[test]
fn adoption_counts_features_of_the_catalogue_in_the_window() {
    let mut b = Book::mid_market();
    b.uses(None, "feature_1", "2026-07-01")
        .uses(None, "feature_1", "2026-07-02")
        .uses(None, "feature_2", "2026-09-30");
    b.uses(None, "login", "2026-08-01")
        .uses(None, "not_listed", "2026-08-01")
        .uses(None, "feature_3", "2026-06-30");
    b.uses(None, "feature_4", "2026-10-01");
    let adoption = b.component(Component::FeatureAdoption);
    close(adoption.value, 2.0);
    close(adoption.score, 100.0 * 2.0 / 6.0);
}

#[test]
fn known_by_anonymous_usage_alone_covers_nine_percent_and_has_no_pattern() {
    let mut b = Book::mid_market();
    b.uses(None, "feature_1", "2026-07-01");
    let e = b.evaluate();
    close(Some(e.assessment.coverage), 9.0);
    assert_eq!(
        (e.assessment.pattern, e.assessment.provisional),
        (None, Some(ProvisionalReason::LowCoverage))
    );
    assert_eq!(
        b.component(Component::PowerUsers).note.as_deref(),
        Some("no usage names a contact")
    );
    close(e.assessment.overall, 100.0 / 6.0);
}

#[test]
fn usage_before_the_window_makes_product_measured_at_zero() {
    let mut b = Book::mid_market();
    b.rows.first_usage_days.push(crate::account::day("2025-01-01"));
    let e = b.evaluate();
    close(e.assessment.dimension(Dimension::Product).unwrap().score, 0.0);
    close(Some(e.assessment.coverage), 15.0);
    // Older than the history: as if it had never been.
    b.rows.first_usage_days = vec![crate::account::day("2024-09-30")];
    let e = b.evaluate();
    assert_eq!(
        (e.assessment.overall, e.assessment.coverage, e.trend),
        (None, 0.0, None)
    );
}

#[test]
fn a_power_user_uses_often_and_widely() {
    // 12 days per 30 are 36.8 of 92.
    let power = |days: i64, features: usize| {
        let mut b = Book::mid_market();
        b.contact("ana", "", None);
        for n in 1..=features {
            b.uses_for(Some("ana"), &format!("feature_{n}"), "2026-07-01", days);
        }
        b.uses_for(Some("ana"), "login", "2026-07-01", days);
        b.component(Component::PowerUsers).value.unwrap()
    };
    assert_eq!([power(36, 5), power(37, 4), power(37, 5)], [0.0, 0.0, 1.0]);
}

#[test]
fn a_small_catalogue_asks_for_fewer_features() {
    let mut b = Book::mid_market();
    b.catalogue = Catalogue::new(["a".to_owned(), "b".to_owned()]);
    b.contact("ana", "", None);
    b.uses_for(Some("ana"), "a", "2026-07-01", 40)
        .uses_for(Some("ana"), "b", "2026-07-01", 1);
    close(b.component(Component::PowerUsers).value, 1.0);
}

#[test]
fn who_left_is_no_user_but_their_usage_names_a_contact() {
    let mut b = Book::mid_market();
    b.contact("ana", "", None);
    b.departed("ana", Departure::Undated);
    b.uses_for(Some("ana"), "feature_1", "2026-07-01", 3);
    let m = b.evaluate().current.measures;
    assert_eq!(
        (m.active_users, m.usage_days, m.usage_names_contacts),
        (0, 3, true)
    );
    close(b.component(Component::PowerUsers).value, 0.0);
}

#[test]
fn days_of_use_are_per_contact_and_per_feature_where_nobody_is_named() {
    let mut b = Book::mid_market();
    b.contact("ana", "", None).contact("ben", "", None);
    b.uses(Some("ana"), "feature_1", "2026-07-01")
        .uses(Some("ana"), "feature_2", "2026-07-01")
        .uses(Some("ben"), "feature_1", "2026-07-01");
    b.uses(None, "feature_1", "2026-07-01")
        .uses(None, "feature_2", "2026-07-01")
        .uses(None, "login", "2026-07-01");
    let m = b.evaluate().current.measures;
    assert_eq!((m.usage_days, m.logins), (5, 2));
}

#[test]
fn an_empty_catalogue_is_not_measured() {
    let mut b = Book::mid_market();
    b.catalogue = Catalogue::new(["login".to_owned()]);
    b.uses(None, "login", "2026-07-01");
    assert_eq!(
        b.evaluate()
            .assessment
            .dimension(Dimension::Product)
            .unwrap()
            .note
            .as_deref(),
        Some("no features in the catalogue")
    );
}
