//! Where each setting comes from: the first question of whoever wonders why one is not what they set.

use std::collections::BTreeMap;
use std::fmt;

use clap::ArgMatches;
use clap::parser::ValueSource;

use super::flags::NAMES;

/// Where a setting comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// The settings file.
    File,
    /// The environment.
    Environment,
    /// The command line.
    Flag,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Default => "default",
            Self::File => "file",
            Self::Environment => "environment",
            Self::Flag => "flag",
        })
    }
}

/// Where the settings come from, by the name of the flag.
#[derive(Debug, Clone, Default)]
pub struct Origins(BTreeMap<&'static str, Origin>);

impl Origins {
    /// From what the command line and the environment gave.
    pub fn given(matches: &ArgMatches) -> Self {
        // Flags may stand after the command: the innermost knows them all.
        let mut innermost = matches;
        while let Some((_, inner)) = innermost.subcommand() {
            innermost = inner;
        }
        let known = NAMES.iter().filter_map(|(flag, _)| {
            // Empty is the same as absent.
            let set = innermost
                .try_get_one::<String>(flag)
                .ok()
                .flatten()
                .is_some_and(|value| !value.trim().is_empty());
            match innermost.value_source(flag) {
                Some(ValueSource::CommandLine) if set => Some((*flag, Origin::Flag)),
                Some(ValueSource::EnvVariable) if set => Some((*flag, Origin::Environment)),
                _ => None,
            }
        });
        Self(known.collect())
    }

    /// Adds what only the file says.
    pub(super) fn under(mut self, in_file: impl IntoIterator<Item = &'static str>) -> Self {
        for flag in in_file {
            self.0.entry(flag).or_insert(Origin::File);
        }
        self
    }

    /// Where a setting comes from.
    pub fn of(&self, flag: &str) -> Origin {
        self.0.get(flag).copied().unwrap_or(Origin::Default)
    }
}
