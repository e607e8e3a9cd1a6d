//! Arrows between crates point one way (docs/architecture.md). What a crate may use stands in this table; what Cargo says
//! it uses must be in it.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

/// Crates of ours, and what of the outside is worth a word, that each crate may use. Other outside crates are free.
const MAY_USE: &[(&str, &[&str])] = &[
    ("rapport-engagement", &["async-graphql"]),
    ("rapport-entity", &["sea-orm"]),
    ("rapport-migration", &["sea-orm-migration"]),
    (
        "rapport-service",
        &[
            "rapport-engagement",
            "rapport-entity",
            "rapport-migration",
            "sea-orm",
            "sqlx",
            "tokio",
        ],
    ),
    (
        "rapport-api",
        &[
            "rapport-engagement",
            "rapport-service",
            "actix-web",
            "async-graphql",
            "tokio",
        ],
    ),
    (
        "rapport-worker",
        &[
            "rapport-engagement",
            "rapport-service",
            "lettre",
            "tokio",
            "tokio-cron-scheduler",
        ],
    ),
    (
        "rapport-cli",
        &[
            "rapport-engagement",
            "rapport-service",
            "rapport-api",
            "rapport-worker",
            "tokio",
        ],
    ),
    (
        "rapport-tests",
        &[
            "rapport-engagement",
            "rapport-entity",
            "rapport-migration",
            "rapport-service",
            "rapport-api",
            "rapport-worker",
            "actix-web",
            "async-graphql",
            "sea-orm",
            "sea-orm-migration",
            "sqlx",
            "tokio",
        ],
    ),
];

/// The outside crates that only some may use: I/O, databases, servers.
const RESTRICTED: &[&str] = &[
    "actix-web",
    "async-graphql",
    "async-graphql-actix-web",
    "lettre",
    "reqwest",
    "sea-orm",
    "sea-orm-migration",
    "sqlx",
    "tokio",
    "tokio-cron-scheduler",
];

/// All that the domain may use at all: nothing that does I/O, reads a clock or draws a random number.
const ENGAGEMENT: &[&str] = &[
    "async-graphql",
    "chrono",
    "chrono-tz",
    "croner",
    "serde",
    "thiserror",
    "uuid",
];

fn metadata() -> Metadata {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    MetadataCommand::new()
        .manifest_path(manifest)
        .no_deps()
        .other_options(["--offline".to_owned()])
        .exec()
        .expect("cargo metadata")
}

/// What each of our crates uses outside its tests.
fn uses(metadata: &Metadata) -> BTreeMap<String, BTreeSet<String>> {
    metadata
        .workspace_packages()
        .iter()
        .map(|package| {
            let used = package
                .dependencies
                .iter()
                .filter(|d| d.kind != DependencyKind::Development)
                .map(|d| d.name.clone());
            (package.name.to_string(), used.collect())
        })
        .collect()
}

#[test]
fn every_crate_uses_only_what_it_may() {
    let uses = uses(&metadata());
    let tabled: BTreeSet<&str> = MAY_USE.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        uses.keys().map(String::as_str).collect::<BTreeSet<_>>(),
        tabled,
        "every crate stands in the table, and nothing else"
    );
    for (name, allowed) in MAY_USE {
        let forbidden: Vec<&String> = uses[*name]
            .iter()
            .filter(|used| used.starts_with("rapport-") || RESTRICTED.contains(&used.as_str()))
            .filter(|used| !allowed.contains(&used.as_str()))
            .collect();
        assert!(forbidden.is_empty(), "{name} must not use {forbidden:?}");
    }
}

#[test]
fn the_domain_is_pure() {
    let metadata = metadata();
    let forbidden: Vec<String> = uses(&metadata)["rapport-engagement"]
        .iter()
        .filter(|used| !ENGAGEMENT.contains(&used.as_str()))
        .cloned()
        .collect();
    assert!(forbidden.is_empty(), "engagement must not use {forbidden:?}");
    let package = metadata
        .packages
        .iter()
        .find(|p| p.name.as_str() == "rapport-engagement")
        .expect("the crate");
    let graphql = package
        .dependencies
        .iter()
        .find(|d| d.name == "async-graphql")
        .expect("its one outside server crate");
    assert!(graphql.optional, "GraphQL's derives stay behind a feature");
    assert_eq!(package.features.get("default"), None, "and off by default");
}

#[test]
fn folders_are_named_as_the_crates() {
    for package in metadata().workspace_packages() {
        let folder = package
            .manifest_path
            .parent()
            .and_then(|p| p.file_name())
            .expect("a folder");
        assert_eq!(package.name.as_str(), format!("rapport-{folder}"));
    }
}
