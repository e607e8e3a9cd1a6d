//! No two files import each other, by whatever way round.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::source::Source;

#[test]
fn circles() {
    for (name, folder) in [("service", "service/src"), ("api", "api/src"), ("worker", "worker/src"), ("engagement", "engagement/src"), ("cli", "cli/src")] {
        let source = Source::read(&Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).join(folder));
        let imports = source.imports();
        let found = circles_of(&imports);
        for c in &found {
            println!("{name}: {} files", c.len());
            for a in c {
                let to: Vec<_> = imports[a].iter().filter(|b| c.contains(*b)).collect();
                println!("    {a} -> {to:?}");
            }
        }
        println!("== {name}: {} circles, {} files", found.len(), found.iter().map(BTreeSet::len).sum::<usize>());
    }
}

fn circles_of(imports: &BTreeMap<String, BTreeSet<String>>) -> Vec<BTreeSet<String>> {
    let reach: BTreeMap<&String, BTreeSet<&String>> = imports
        .keys()
        .map(|from| {
            let mut seen = BTreeSet::new();
            let mut open = vec![from];
            while let Some(next) = open.pop() {
                for to in imports.get(next).into_iter().flatten() {
                    if seen.insert(to) {
                        open.push(to);
                    }
                }
            }
            (from, seen)
        })
        .collect();
    let mut found: Vec<BTreeSet<String>> = Vec::new();
    for (from, seen) in &reach {
        if seen.contains(from) && !found.iter().any(|c| c.contains(*from)) {
            found.push(seen.iter().filter(|to| reach[**to].contains(from)).map(|s| (*s).clone()).collect());
        }
    }
    found
}
