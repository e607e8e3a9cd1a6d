//! `rapport.toml`: the same settings by the same names, in a file.

use std::io::ErrorKind;
use std::path::Path;

use super::error::SettingsError;
use super::flags::Flags;

/// The file that is read where there is one.
const DEFAULT: &str = "rapport.toml";

/// What the file holds; anything that is no setting is an error that names it.
#[derive(Debug, Default)]
pub(super) struct SettingsFile(Flags);

impl SettingsFile {
    /// Reads the file that was named, or the usual one; without either, nothing is set.
    pub(super) fn read(named: Option<&str>) -> Result<Self, SettingsError> {
        let path = Path::new(named.unwrap_or(DEFAULT));
        let unreadable = |reason: String| SettingsError::File {
            path: path.display().to_string(),
            reason,
        };
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text).map_err(unreadable),
            Err(error) if named.is_none() && error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(unreadable(error.to_string())),
        }
    }

    pub(super) fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map(Self).map_err(|error| {
            let line = error
                .span()
                .and_then(|span| text.get(..span.start))
                .map_or(1, |before| before.matches('\n').count() + 1);
            format!("line {line}: {}", error.message())
        })
    }

    /// What it sets, by the names of the flags.
    pub(super) fn names(&self) -> Vec<&'static str> {
        self.0.names()
    }

    /// The file under the flags: a flag wins where it says something.
    pub(super) fn under(self, flags: &Flags) -> Flags {
        flags.clone().over(self.0)
    }
}
