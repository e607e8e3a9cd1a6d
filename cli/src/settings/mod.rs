//! What an operator can set, read once at the start: `rapport.toml` where there is one, then the environment, then
//! flags. A value that makes no sense stops the start with a sentence that names it; nothing is guessed.

mod file;
mod flags;
mod origin;
mod resolve;
mod secret;

pub use flags::Flags;
pub use origin::Origins;
pub use resolve::{LogFormat, Settings, SettingsError};
pub use secret::Secret;
