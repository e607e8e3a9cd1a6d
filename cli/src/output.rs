//! Writing to whoever started us: stdout for results, stderr for the rest. A reader that has gone (`rapport schema |
//! head`) is no error and ends the command quietly.

use std::io::{self, ErrorKind, Write};

/// Stdout takes no more, other than because its reader has gone.
#[derive(Debug, thiserror::Error)]
#[error("stdout cannot be written: {0}")]
pub struct Unwritable(io::Error);

/// Writes a result to stdout.
///
/// # Errors
/// When stdout takes no more, other than because its reader has gone.
pub fn print(text: &str) -> Result<(), Unwritable> {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(text.as_bytes()).and_then(|()| {
        if text.ends_with('\n') {
            Ok(())
        } else {
            stdout.write_all(b"\n")
        }
    });
    match written.and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Unwritable(error)),
        _ => Ok(()),
    }
}

/// Writes a line to stderr; when that fails, there is nobody left to tell.
pub fn complain(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
