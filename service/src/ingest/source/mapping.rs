//! A mapping file: which foreign file and column each of our columns comes from (docs/import-files.md).
//!
//! Unknown keys are errors that name the key and its line: a slip of the pen must not silently import nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::ingest::target::column::{DELETED, Need};
use crate::ingest::target::file::Target;

/// What is wrong with a mapping.
#[derive(Debug, thiserror::Error)]
pub enum MappingError {
    /// It cannot be read.
    #[error("{path} cannot be read: {source}")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        source: std::io::Error,
    },
    /// It is no TOML, or has keys that mean nothing.
    #[error("{path}: {message}")]
    Invalid {
        /// Which file.
        path: PathBuf,
        /// What is wrong, and where.
        message: String,
    },
}

/// A mapping, checked.
#[derive(Debug, Clone)]
pub struct Mapping {
    pub(super) sections: Vec<(Target, Section)>,
}

/// How rows of one foreign file become rows of one target.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Section {
    pub(super) file: String,
    #[serde(default)]
    pub(super) combine: Combine,
    /// Only rows that have one of these values in each of these columns.
    #[serde(default)]
    pub(super) only: BTreeMap<String, Vec<String>>,
    pub(super) columns: BTreeMap<String, Rule>,
}

/// How rows that fall on one key combine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Combine {
    /// The last one counts.
    #[default]
    Last,
    /// The first one counts, the others are rejected.
    Reject,
    /// Their numbers add up.
    Sum,
}

/// Where a column's values come from.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) from: From,
    pub(super) lookup: Option<Lookup>,
    pub(super) translate: BTreeMap<String, String>,
    pub(super) otherwise: Option<String>,
}

/// The source of a value.
#[derive(Debug, Clone)]
pub(super) enum From {
    /// A column of the foreign file.
    Column(String),
    /// The same for every row.
    Constant(String),
}

/// Another file that says what a value stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lookup {
    pub(super) file: String,
    /// Its column that holds the value.
    pub(super) key: String,
    /// Its column that says what the value stands for.
    pub(super) value: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleTable {
    column: Option<String>,
    value: Option<String>,
    lookup: Option<Lookup>,
    #[serde(default)]
    translate: BTreeMap<String, String>,
    otherwise: Option<String>,
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RuleVisitor;
        impl<'de> Visitor<'de> for RuleVisitor {
            type Value = Rule;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a column, or a table with `column` or `value`")
            }

            fn visit_str<E: de::Error>(self, column: &str) -> Result<Rule, E> {
                Ok(Rule {
                    from: From::Column(column.to_owned()),
                    lookup: None,
                    translate: BTreeMap::new(),
                    otherwise: None,
                })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Rule, A::Error> {
                let table = RuleTable::deserialize(MapAccessDeserializer::new(map))?;
                let from = match (table.column, table.value) {
                    (Some(column), None) => From::Column(column),
                    (None, Some(value)) => From::Constant(value),
                    _ => return Err(de::Error::custom("expected either `column` or `value`")),
                };
                if matches!(from, From::Constant(_))
                    && (table.lookup.is_some() || !table.translate.is_empty() || table.otherwise.is_some())
                {
                    return Err(de::Error::custom(
                        "`value` is a constant: `lookup`, `translate` and `otherwise` need a `column`",
                    ));
                }
                Ok(Rule {
                    from,
                    lookup: table.lookup,
                    translate: table.translate,
                    otherwise: table.otherwise,
                })
            }
        }
        deserializer.deserialize_any(RuleVisitor)
    }
}

/// One section, or several for the same target (`[[usage]]`).
struct Sections(Vec<Section>);

impl<'de> Deserialize<'de> for Sections {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SectionsVisitor;
        impl<'de> Visitor<'de> for SectionsVisitor {
            type Value = Sections;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table with `file` and `columns`")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Sections, A::Error> {
                Section::deserialize(MapAccessDeserializer::new(map)).map(|section| Sections(vec![section]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Sections, A::Error> {
                let mut sections = Vec::new();
                while let Some(section) = list.next_element()? {
                    sections.push(section);
                }
                Ok(Sections(sections))
            }
        }
        deserializer.deserialize_any(SectionsVisitor)
    }
}

impl Mapping {
    /// Reads and checks a mapping file.
    ///
    /// # Errors
    /// Names the file, the key and what was expected.
    pub fn read(path: &Path) -> Result<Self, MappingError> {
        let text = std::fs::read_to_string(path).map_err(|source| MappingError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text).map_err(|message| MappingError::Invalid {
            path: path.to_owned(),
            message,
        })
    }

    /// Reads and checks a mapping.
    ///
    /// # Errors
    /// Names the key and what was expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let read: BTreeMap<String, Sections> =
            toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())?;
        let mut sections = Vec::new();
        for (name, Sections(listed)) in read {
            let target: Target = name.parse()?;
            let policies: BTreeSet<bool> = listed.iter().map(|s| s.combine == Combine::Reject).collect();
            if policies.len() > 1 {
                return Err(format!(
                    "{name}: either all of its sections have combine = \"reject\" or none"
                ));
            }
            for section in listed {
                check(target, &section)?;
                sections.push((target, section));
            }
        }
        if sections.is_empty() {
            return Err("maps nothing: expected a table per import file, such as [accounts]".to_owned());
        }
        sections.sort_by_key(|(target, _)| *target);
        Ok(Self { sections })
    }
}

fn check(target: Target, section: &Section) -> Result<(), String> {
    let spec = target.spec();
    for name in section.columns.keys() {
        if name != DELETED && spec.position(name).is_none() {
            return Err(format!(
                "{target}.columns.{name}: {target} has no such column (it has {}, {DELETED})",
                spec.listed()
            ));
        }
    }
    for column in spec.columns {
        if matches!(column.need, Need::Key) && !section.columns.contains_key(column.name) {
            return Err(format!(
                "{target}.columns lacks `{}`, which is part of the key of {target}",
                column.name
            ));
        }
    }
    if section.combine == Combine::Sum
        && !spec
            .columns
            .iter()
            .any(|c| c.is_additive() && section.columns.contains_key(c.name))
    {
        return Err(format!(
            "{target}.combine: nothing in {target} can be summed (only counts of usage and values of metrics can)"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        [usage]
        file = "u.csv"
        combine = "sum"
        [usage.columns]
        account_external_id = { column = "sub", lookup = { file = "s.csv", key = "sub", value = "account" } }
        feature = "name"
        day = "date"
        count = "n"
    "#;

    #[test]
    fn a_mapping_is_read() {
        let mapping = Mapping::parse(GOOD).unwrap();
        assert_eq!(mapping.sections[0].0, Target::Usage);
        assert_eq!(mapping.sections[0].1.combine, Combine::Sum);
    }

    #[test]
    fn whatever_is_wrong_is_named() {
        let changed = |from: &str, to: &str| Mapping::parse(&GOOD.replace(from, to)).unwrap_err();
        for (error, expected) in [
            (changed("[usage", "[usages"), "`usages` is no import file"),
            (changed("count =", "cuont ="), "usage.columns.cuont"),
            (changed("combine", "combnie"), "unknown field `combnie`"),
            (changed("\"sum\"", "\"add\""), "unknown variant `add`"),
            (changed("lookup", "look_up"), "unknown field `look_up`"),
            (changed("day = \"date\"", ""), "lacks `day`"),
            (
                changed(
                    "feature = \"name\"",
                    "feature = { value = \"x\", otherwise = \"y\" }",
                ),
                "`value` is a constant",
            ),
            (
                changed("feature = \"name\"", "feature = 7"),
                "the name of a column",
            ),
            (changed("file = \"u.csv\"", ""), "missing field `file`"),
            (Mapping::parse("").unwrap_err(), "maps nothing"),
            (Mapping::parse("= 3").unwrap_err(), "line 1"),
            (
                Mapping::parse("[features]\nfile='f.csv'\ncombine='sum'\n[features.columns]\nfeature='f'")
                    .unwrap_err(),
                "nothing in features can be summed",
            ),
        ] {
            assert!(error.contains(expected), "{error}");
        }
    }
}
