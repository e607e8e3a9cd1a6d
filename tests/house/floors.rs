//! The rooms of a crate, its top-level modules, lie on floors: a room uses the floors below its own and nothing else. And no
//! two files import each other, by whatever way round, so that the code can be read from top to bottom.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::source::Source;

/// A crate, and the rooms of each of its floors, the top one first.
struct House {
    name: &'static str,
    /// The folder in it whose modules are the rooms.
    within: &'static str,
    floors: &'static [&'static [&'static str]],
    /// Files that may import each other: objects that lead to each other are what GraphQL is about.
    graph: Option<&'static str>,
}

const HOUSES: &[House] = &[
    House {
        name: "engagement",
        within: "",
        floors: &[
            &["report"],
            &["lever", "portfolio"],
            &["guardrail", "recommendation"],
            &["evaluation"],
            &["standing"],
            &["markdown", "sponsor"],
            &["score", "signal"],
            &["alert", "dimension"],
            &["measure"],
            &["row"],
            &["delivery", "in_words", "policy", "schedule"],
            &["vocabulary"],
        ],
        graph: None,
    },
    House {
        name: "service",
        within: "",
        floors: &[
            &["ingest", "mail", "monitoring"],
            &["change", "job", "link"],
            &["alert", "digest", "report"],
            &["outbox", "scoring", "token"],
            &["engagement_rows"],
            &["record"],
            &["access"],
            &["sql"],
            &["db"],
            &["clock", "error", "ids", "policy", "settings"],
        ],
        graph: None,
    },
    House {
        name: "api",
        within: "",
        floors: &[
            &["serve"],
            &["http"],
            &["graphql"],
            &["live"],
            &["state"],
            &["engine"],
        ],
        graph: Some("graphql/object/"),
    },
    House {
        name: "api",
        within: "graphql/",
        floors: &[
            &["schema"],
            &["mutation", "query", "subscription"],
            &["object"],
            &["input", "load"],
            &["context"],
            &["gate", "scalar"],
            &["bounds"],
            &["error"],
        ],
        graph: Some("graphql/object/"),
    },
    House {
        name: "worker",
        within: "",
        floors: &[
            &["serve"],
            &["jobs", "run"],
            &["job", "mail"],
            &["context"],
            &["pulse"],
        ],
        graph: None,
    },
    House {
        name: "cli",
        within: "",
        floors: &[
            &["command"],
            &["lifecycle", "opening", "sample", "telemetry"],
            &["failure"],
            &["output", "settings"],
        ],
        graph: None,
    },
];

/// How many files may lie beside folders.
const LOOSE: usize = 6;

fn folder(house: &House) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .join(house.name)
        .join("src")
}

/// The room of a file; none for what lies outside of the rooms, and for what declares them.
fn room<'a>(house: &House, file: &'a str) -> Option<&'a str> {
    file.strip_prefix(house.within)?
        .split('/')
        .next()
        .filter(|room| !room.is_empty())
}

/// The floor of a room, counted from the top.
fn floor(house: &House, room: &str) -> usize {
    let floor = house.floors.iter().position(|rooms| rooms.contains(&room));
    floor.unwrap_or_else(|| {
        panic!(
            "{}: the room `{room}` has no floor: give it one in tests/house/floors.rs",
            house.name
        )
    })
}

#[test]
fn a_room_uses_only_the_floors_below_it() {
    let mut wrong = Vec::new();
    for house in HOUSES {
        for (file, imports) in Source::read(&folder(house)).imports() {
            let Some(own) = room(house, &file) else { continue };
            let others = imports
                .iter()
                .filter_map(|import| room(house, import).map(|other| (import, other)));
            let wrongly =
                others.filter(|(_, other)| *other != own && floor(house, other) <= floor(house, own));
            wrong.extend(wrongly.map(|(import, _)| {
                format!("{}: {file}.rs imports {import}.rs, which lies no floor below it: move what both need below both", house.name)
            }));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_two_files_import_each_other() {
    let mut wrong = Vec::new();
    for house in HOUSES {
        let imports = Source::read(&folder(house)).imports();
        for circle in circles(&imports) {
            if circle
                .iter()
                .all(|file| house.graph.is_some_and(|graph| file.starts_with(graph)))
            {
                continue;
            }
            for file in &circle {
                let within: Vec<String> = imports[file]
                    .intersection(&circle)
                    .map(|import| format!("{import}.rs"))
                    .collect();
                wrong.push(format!(
                    "{}: {file}.rs is in a circle by importing {}",
                    house.name,
                    within.join(", ")
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "what two files need of each other goes to a third:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn few_files_lie_beside_folders() {
    for house in HOUSES {
        // An object of the graph has a file of its own, however many there are.
        let graph = house.graph.map(|graph| folder(house).join(graph));
        let mut levels = vec![folder(house)];
        while let Some(level) = levels.pop() {
            let entries = std::fs::read_dir(&level)
                .expect("a folder")
                .map(|entry| entry.expect("an entry").path());
            let (folders, files): (Vec<PathBuf>, Vec<PathBuf>) = entries.partition(|path| path.is_dir());
            let is_graph = graph.as_ref().is_some_and(|graph| level.starts_with(graph));
            let few = folders.is_empty() || files.len() <= LOOSE || is_graph;
            assert!(
                few,
                "{} files lie beside folders in {}: give them a folder by what they are about",
                files.len(),
                level.display()
            );
            levels.extend(folders);
        }
    }
}

#[test]
fn a_circle_is_found_by_whatever_way_round() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    };
    write("lib.rs", "mod one;\nmod two;\n");
    write("one/mod.rs", "mod deep;\npub use deep::Passed;\n");
    write("one/deep.rs", "use crate::two;\npub struct Passed(two::Other);\n");
    write(
        "two.rs",
        "pub struct Other;\nfn of() { let _: crate::one::Passed; }\n",
    );
    write("alone.rs", "pub fn of(other: crate::two::Other) {}\n");
    let imports = Source::read(folder.path()).imports();
    let found = circles(&imports);
    assert_eq!(
        found,
        [BTreeSet::from(["one/deep".to_owned(), "two".to_owned()])],
        "not the one that only passes a name on"
    );
    write(
        "two.rs",
        "pub struct Other;\nfn of() { use crate::one::Passed as One; let _: One; }\n",
    );
    let within = circles(&Source::read(folder.path()).imports());
    assert_eq!(within.len(), 1, "an import within a function is one too");
    write(
        "two.rs",
        "pub struct Other;\n#[cfg(test)]\nmod tests { use crate::one::Passed; }\n",
    );
    assert_eq!(
        circles(&Source::read(folder.path()).imports()),
        [],
        "tests may look wherever they like"
    );
}

/// The sets of files that reach each other.
fn circles(imports: &BTreeMap<String, BTreeSet<String>>) -> Vec<BTreeSet<String>> {
    let reached: BTreeMap<&String, BTreeSet<&String>> =
        imports.keys().map(|from| (from, reach(imports, from))).collect();
    let mut found: Vec<BTreeSet<String>> = Vec::new();
    for (from, to) in &reached {
        if to.contains(from) && !found.iter().any(|circle| circle.contains(*from)) {
            found.push(
                to.iter()
                    .filter(|file| reached[**file].contains(from))
                    .map(|file| (*file).clone())
                    .collect(),
            );
        }
    }
    found
}

/// The files that a file reaches by one import or several.
fn reach<'a>(imports: &'a BTreeMap<String, BTreeSet<String>>, from: &'a String) -> BTreeSet<&'a String> {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(next) = open.pop() {
        open.extend(
            imports
                .get(next)
                .into_iter()
                .flatten()
                .filter(|file| seen.insert(*file)),
        );
    }
    seen
}
