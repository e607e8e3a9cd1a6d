//! What an operator can set, read once at the start: `rapport.toml` where there is one, then the environment, then
//! flags. A value that makes no sense stops the start with a sentence that names it; nothing is guessed.

mod error;
mod file;
mod flags;
mod origin;
mod resolve;
mod secret;
mod written;

pub use error::SettingsError;
pub use flags::Flags;
pub use origin::Origins;
pub use resolve::{LogFormat, Settings};
pub use secret::Secret;
