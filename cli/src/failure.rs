//! How a command ends badly: one sentence that says what, where and what to do, and the exit code that scripts see.

use std::process::ExitCode;

use service::db::backup::BackupError;
use service::error::{ServiceError, with_causes};

use crate::output::{Unwritable, complain};
use crate::settings::SettingsError;

/// Why a command could not do what it was asked.
#[derive(Debug)]
pub struct Failure {
    code: u8,
    message: String,
}

impl Failure {
    /// The work failed, or rows were rejected.
    pub fn work(message: impl Into<String>) -> Self {
        Self {
            code: 1,
            message: message.into(),
        }
    }

    /// Bad usage, bad settings, or nothing to work with: trying again changes nothing.
    pub fn setup(message: impl Into<String>) -> Self {
        Self {
            code: 2,
            message: message.into(),
        }
    }

    /// The work failed, and why has been said already.
    pub fn reported() -> Self {
        Self::work("")
    }

    /// What there is to say.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Says it on stderr and hands on the exit code.
    pub fn report(&self) -> ExitCode {
        if !self.message.is_empty() {
            complain(&format!("error: {}", self.message));
        }
        ExitCode::from(self.code)
    }
}

impl From<Unwritable> for Failure {
    fn from(error: Unwritable) -> Self {
        Self::work(error.to_string())
    }
}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Self {
        Self::setup(error.to_string())
    }
}

impl From<BackupError> for Failure {
    fn from(error: BackupError) -> Self {
        match error {
            BackupError::NotSqlite(_) | BackupError::Exists(_) | BackupError::Itself(_) => {
                Self::setup(error.to_string())
            }
            _ => Self::work(with_causes(&error)),
        }
    }
}

impl From<ServiceError> for Failure {
    fn from(error: ServiceError) -> Self {
        match &error {
            ServiceError::Unreachable { .. } => Self::setup(format!(
                "{}; check DATABASE_URL and that the database is running",
                with_causes(&error)
            )),
            ServiceError::ReadOnly { .. }
            | ServiceError::SchemaNewer { .. }
            | ServiceError::SchemaOlder { .. }
            | ServiceError::PolicyChanged { .. }
            | ServiceError::BadInput { .. } => Self::setup(with_causes(&error)),
            _ => Self::work(with_causes(&error)),
        }
    }
}
