//! What the documentation of the code must hold: every file says why it exists, everything public but fields and variants says
//! what it is, and no line only fills a gap.
//!
//! The compiler's `missing_docs` asks for a line at every field, also where the name says all there is; so it is off.

use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};
use syn::{Attribute, Expr, ExprLit, Field, ImplItemFn, Item, Lit, Meta, Variant, Visibility};

use crate::source::is_for_tests;

const CRATES: &[&str] = &["engagement", "service", "api", "worker", "cli"];

/// Lines that are there because there has to be one. A unit, such as "Hours.", is none of these.
const FILLERS: &[&str] = &[
    "Who.", "Whose.", "Whom.", "Which.", "What.", "When.", "Where.", "Why.", "How.", "This.", "These.",
    "Ours.", "All.",
];

/// Where documentation is what clients read: the schema's snapshot holds it.
const READ_BY_CLIENTS: &[&str] = &[
    "api/src/graphql/input",
    "api/src/graphql/object",
    "api/src/graphql/mutation",
];

fn sources() -> Vec<PathBuf> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let mut open: Vec<PathBuf> = CRATES.iter().map(|name| root.join(name).join("src")).collect();
    let mut files = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

#[test]
fn every_file_says_why_it_exists() {
    for path in sources() {
        let text = std::fs::read_to_string(&path).expect("a source file");
        assert!(
            text.starts_with("//! "),
            "{} begins with no //! that says why it exists",
            path.display()
        );
    }
}

#[test]
fn what_is_public_is_documented_and_no_line_fills_a_gap() {
    let mut wrong = Vec::new();
    for path in sources() {
        if READ_BY_CLIENTS
            .iter()
            .any(|folder| path.to_string_lossy().contains(folder))
        {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a source file");
        let mut reader = Reader::default();
        reader.visit_file(&syn::parse_file(&text).expect("Rust"));
        wrong.extend(
            reader
                .wrong
                .into_iter()
                .map(|what| format!("{}: {what}", path.display())),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn gaps_and_fillers_are_found() {
    let found = |text: &str| {
        let mut reader = Reader::default();
        reader.visit_file(&syn::parse_file(text).expect("Rust"));
        reader.wrong
    };
    assert_eq!(
        found("pub fn of() {}"),
        ["`of` is public and says nothing of itself"]
    );
    assert_eq!(
        found("struct A { /// Whose.\n of: u8 }"),
        ["\"Whose.\" says nothing that the name does not"]
    );
    assert_eq!(
        found("/// Makes an A of a text.\npub fn of() {}\nfn own() {}"),
        [""; 0]
    );
    assert_eq!(
        found("impl A { pub fn of() {} }"),
        ["`of` is public and says nothing of itself"]
    );
    assert_eq!(found("#[cfg(test)] mod tests { pub fn of() {} }"), [""; 0]);
}

#[derive(Default)]
struct Reader {
    wrong: Vec<String>,
}

impl Reader {
    fn ask(&mut self, visibility: &Visibility, attributes: &[Attribute], name: &impl ToString) {
        if matches!(visibility, Visibility::Public(_)) && lines(attributes).is_empty() {
            self.wrong.push(format!(
                "`{}` is public and says nothing of itself",
                name.to_string()
            ));
        }
        self.ask_no_filler(attributes);
    }

    fn ask_no_filler(&mut self, attributes: &[Attribute]) {
        if let [only] = &lines(attributes)[..]
            && FILLERS.contains(&only.as_str())
        {
            self.wrong
                .push(format!("{only:?} says nothing that the name does not"));
        }
    }
}

impl Visit<'_> for Reader {
    fn visit_item(&mut self, item: &Item) {
        match item {
            Item::Mod(module) if is_for_tests(&module.attrs) => return,
            Item::Fn(item) => self.ask(&item.vis, &item.attrs, &item.sig.ident),
            Item::Struct(item) => self.ask(&item.vis, &item.attrs, &item.ident),
            Item::Enum(item) => self.ask(&item.vis, &item.attrs, &item.ident),
            Item::Trait(item) => self.ask(&item.vis, &item.attrs, &item.ident),
            Item::Type(item) => self.ask(&item.vis, &item.attrs, &item.ident),
            Item::Const(item) => self.ask(&item.vis, &item.attrs, &item.ident),
            Item::Static(item) => self.ask(&item.vis, &item.attrs, &item.ident),
            _ => {}
        }
        visit::visit_item(self, item);
    }

    fn visit_impl_item_fn(&mut self, function: &ImplItemFn) {
        self.ask(&function.vis, &function.attrs, &function.sig.ident);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_field(&mut self, field: &Field) {
        self.ask_no_filler(&field.attrs);
        visit::visit_field(self, field);
    }

    fn visit_variant(&mut self, variant: &Variant) {
        self.ask_no_filler(&variant.attrs);
        visit::visit_variant(self, variant);
    }
}

/// The lines of documentation.
fn lines(attributes: &[Attribute]) -> Vec<String> {
    let documented = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text), ..
            }) => Some(text.value().trim().to_owned()),
            // A text that a macro writes.
            _ => Some("written by a macro".to_owned()),
        },
        _ => None,
    });
    documented.collect()
}
