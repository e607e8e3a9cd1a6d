//! What each file of a crate imports of its own crate, read from the sources.
//!
//! A name that a `mod.rs` only passes on counts as an import of the file that defines it, however often it is passed on.
//! Test modules are left out, whether they stand in a file or are one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Block, Item, ItemMod, ItemUse, Macro, Meta, UseTree};

/// The names from the root of the crate down to a module or to what it defines.
pub type Names = Vec<String>;

/// How often a name may be passed on.
const LONGEST_CHAIN: usize = 12;

/// The files of one crate, by the module that each of them is.
pub struct Source {
    files: BTreeMap<Names, File>,
}

struct File {
    path: PathBuf,
    /// What the file makes known under a name, and by `*`.
    passed_on: BTreeMap<String, Names>,
    all_passed_on: Vec<Names>,
    /// Paths that the file names.
    named: BTreeSet<Names>,
    /// Modules that it declares for tests alone.
    tests: Vec<Names>,
}

impl Source {
    /// Reads the crate whose `lib.rs` or `main.rs` stands in a folder.
    pub fn read(folder: &Path) -> Self {
        let mut paths = Vec::new();
        collect(folder, &mut paths);
        let modules: Vec<(Names, PathBuf)> = paths
            .into_iter()
            .map(|path| (module_of(folder, &path), path))
            .collect();
        let known: BTreeSet<Names> = modules.iter().map(|(module, _)| module.clone()).collect();
        let mut files: BTreeMap<Names, File> = modules
            .into_iter()
            .map(|(module, path)| (module.clone(), File::read(module, path, &known)))
            .collect();
        let tests: Vec<Names> = files.values().flat_map(|file| file.tests.clone()).collect();
        files.retain(|module, _| !tests.iter().any(|test| module.starts_with(test)));
        Self { files }
    }

    /// What each file imports, both as paths below the crate's folder without `.rs`.
    pub fn imports(&self) -> BTreeMap<String, BTreeSet<String>> {
        let imports = self.files.iter().map(|(module, file)| {
            let found = file
                .named
                .iter()
                .filter_map(|named| self.home(named, 0))
                .filter(|home| home != module);
            (module.join("/"), found.map(|home| home.join("/")).collect())
        });
        imports.collect()
    }

    /// The file that defines what a path names; none where it names a module as a whole.
    fn home(&self, path: &[String], passed: usize) -> Option<Names> {
        let depth = (0..=path.len())
            .rev()
            .find(|depth| self.files.contains_key(&path[..*depth]))?;
        let (module, rest) = path.split_at(depth);
        let name = rest.first()?;
        let file = &self.files[module];
        if passed < LONGEST_CHAIN {
            if let Some(target) = file.passed_on.get(name) {
                let whole: Names = target.iter().chain(&rest[1..]).cloned().collect();
                return self.home(&whole, passed + 1);
            }
            for target in &file.all_passed_on {
                let whole: Names = target.iter().chain(rest).cloned().collect();
                if let Some(home) = self.home(&whole, passed + 1).filter(|home| home != target) {
                    return Some(home);
                }
            }
        }
        Some(module.to_vec())
    }
}

impl File {
    fn read(module: Names, path: PathBuf, known: &BTreeSet<Names>) -> Self {
        let text = std::fs::read_to_string(&path).expect("a source file");
        let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut reader = Reader {
            module,
            known,
            local: BTreeMap::new(),
            depth: 0,
            file: Self {
                path,
                passed_on: BTreeMap::new(),
                all_passed_on: Vec::new(),
                named: BTreeSet::new(),
                tests: Vec::new(),
            },
        };
        for item in &parsed.items {
            if let Item::Use(import) = item {
                reader.import(import);
            }
        }
        reader.visit_file(&parsed);
        reader.file
    }
}

struct Reader<'a> {
    module: Names,
    known: &'a BTreeSet<Names>,
    /// What a name of this file stands for.
    local: BTreeMap<String, Names>,
    /// How many blocks lie around what is being read.
    depth: usize,
    file: File,
}

impl Reader<'_> {
    fn import(&mut self, import: &ItemUse) {
        let mut leaves = Vec::new();
        flatten(&import.tree, &mut Vec::new(), &mut leaves);
        // What a `mod.rs` imports, its children take from it: it counts as its own where it uses it.
        let passes_on =
            !matches!(import.vis, syn::Visibility::Inherited) || self.file.path.ends_with("mod.rs");
        for (path, name) in leaves {
            let Some(target) = self.absolute(&path) else {
                continue;
            };
            if name == "*" {
                self.file.all_passed_on.push(target);
                continue;
            }
            if passes_on {
                self.file.passed_on.insert(name.clone(), target.clone());
            } else {
                self.file.named.insert(target.clone());
            }
            self.local.insert(name, target);
        }
    }

    /// A path of this crate from its root; none for a path of another crate.
    fn absolute(&self, path: &[String]) -> Option<Names> {
        let (first, rest) = path.split_first()?;
        let start = match first.as_str() {
            "crate" => Vec::new(),
            "self" => self.module.clone(),
            "super" => {
                let above = self.module.len().checked_sub(1)?;
                let rest_above = rest.iter().take_while(|name| *name == "super").count();
                let start = self.module[..above.checked_sub(rest_above)?].to_vec();
                return Some(
                    start
                        .into_iter()
                        .chain(rest[rest_above..].iter().cloned())
                        .collect(),
                );
            }
            name => {
                if let Some(target) = self.local.get(name) {
                    target.clone()
                } else {
                    let child: Names = self.module.iter().chain([first]).cloned().collect();
                    if !self.known.contains(&child) {
                        return None;
                    }
                    child
                }
            }
        };
        Some(start.into_iter().chain(rest.iter().cloned()).collect())
    }

    fn name(&mut self, path: &[String]) {
        if let Some(named) = self.absolute(path) {
            self.file.named.insert(named);
        }
    }

    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Names = Vec::new();
        let mut joined = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(name) => {
                    if joined != 2 {
                        self.name(&std::mem::take(&mut path));
                    }
                    path.push(name.to_string());
                    joined = 0;
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' && !path.is_empty() => joined += 1,
                other => {
                    self.name(&std::mem::take(&mut path));
                    joined = 0;
                    if let TokenTree::Group(group) = other {
                        self.tokens(group.stream());
                    }
                }
            }
        }
        self.name(&path);
    }
}

impl Visit<'_> for Reader<'_> {
    fn visit_item_mod(&mut self, module: &ItemMod) {
        let inner: Names = self
            .module
            .iter()
            .cloned()
            .chain([module.ident.to_string()])
            .collect();
        if is_for_tests(&module.attrs) {
            self.file.tests.push(inner);
        } else {
            let outer = std::mem::replace(&mut self.module, inner);
            visit::visit_item_mod(self, module);
            self.module = outer;
        }
    }

    fn visit_block(&mut self, block: &Block) {
        self.depth += 1;
        visit::visit_block(self, block);
        self.depth -= 1;
    }

    fn visit_item_use(&mut self, import: &ItemUse) {
        // Those at the top were read before everything else.
        if self.depth > 0 {
            let mut leaves = Vec::new();
            flatten(&import.tree, &mut Vec::new(), &mut leaves);
            for (path, _) in &leaves {
                self.name(path);
            }
        }
    }

    fn visit_path(&mut self, path: &syn::Path) {
        let names: Names = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        self.name(&names);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, called: &Macro) {
        self.visit_path(&called.path);
        self.tokens(called.tokens.clone());
    }
}

/// Whether something is compiled for tests alone.
pub fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        _ => false,
    })
}

/// Each leaf of a `use` tree: its path, and the name by which the file knows it.
fn flatten(tree: &UseTree, above: &mut Names, leaves: &mut Vec<(Names, String)>) {
    match tree {
        UseTree::Path(path) => {
            above.push(path.ident.to_string());
            flatten(&path.tree, above, leaves);
            above.pop();
        }
        UseTree::Group(group) => group.items.iter().for_each(|tree| flatten(tree, above, leaves)),
        UseTree::Glob(_) => leaves.push((above.clone(), "*".to_owned())),
        UseTree::Name(name) if name.ident == "self" => {
            leaves.push((above.clone(), above.last().cloned().unwrap_or_default()));
        }
        UseTree::Name(name) => leaf(above, &name.ident, name.ident.to_string(), leaves),
        UseTree::Rename(renamed) if renamed.ident == "self" => {
            leaves.push((above.clone(), renamed.rename.to_string()));
        }
        UseTree::Rename(renamed) => leaf(above, &renamed.ident, renamed.rename.to_string(), leaves),
    }
}

fn leaf(above: &[String], name: &impl ToString, known_as: String, leaves: &mut Vec<(Names, String)>) {
    leaves.push((
        above.iter().cloned().chain([name.to_string()]).collect(),
        known_as,
    ));
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            paths.push(path);
        }
    }
    paths.sort();
}

fn module_of(folder: &Path, path: &Path) -> Names {
    let below = path
        .strip_prefix(folder)
        .expect("a file of the folder")
        .with_extension("");
    let mut names: Names = below
        .iter()
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    if names.last().is_some_and(|name| name == "mod") || names == ["lib"] || names == ["main"] {
        names.pop();
    }
    names
}
