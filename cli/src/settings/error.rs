//! Why nothing can be started: a setting by its name, what is wrong with it, and what would be right.

/// Settings that nothing can be started with.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read, or holds something that is no setting.
    #[error("{path}: {reason}")]
    File {
        /// Which file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A value makes no sense.
    #[error("{setting}: {reason}")]
    Value {
        /// The setting by its environment variable.
        setting: &'static str,
        /// What is wrong and what would be right.
        reason: String,
    },
}

/// A value that makes no sense.
pub(super) fn wrong(setting: &'static str, reason: impl Into<String>) -> SettingsError {
    SettingsError::Value {
        setting,
        reason: reason.into(),
    }
}
