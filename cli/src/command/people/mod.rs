//! Commands about people of ours: the first of them, their tokens, and their digests.

pub mod digest;
pub mod init;
pub mod token;
