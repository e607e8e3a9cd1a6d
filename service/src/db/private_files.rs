//! Files that are nobody else's to read: what is about people is written to files that have this mode from their first byte,
//! whatever the umask. On systems without such modes they are files like any other.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// Whom a file is for: its owner.
#[cfg(unix)]
const FILE_MODE: u32 = 0o600;
/// The same for a folder.
#[cfg(unix)]
const FOLDER_MODE: u32 = 0o700;

/// Makes a file, or empties the one that is there.
///
/// # Errors
/// Those of the file system.
pub fn create(path: &Path) -> io::Result<File> {
    let file = options().truncate(true).open(path)?;
    narrow(&file)?;
    Ok(file)
}

/// Makes a file where there is none, and leaves one alone that is there.
///
/// # Errors
/// Those of the file system.
pub fn create_if_missing(path: &Path) -> io::Result<()> {
    if path.exists() {
        Ok(())
    } else {
        options().truncate(false).open(path).map(drop)
    }
}

/// Makes a folder and those above it, where they are missing.
///
/// # Errors
/// Those of the file system.
pub fn create_folder(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, FOLDER_MODE);
    builder.create(path)
}

/// The mode of a file or folder, where others may read or write it.
pub fn exposure(path: &Path) -> Option<u32> {
    #[cfg(unix)]
    {
        let mode =
            std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(path).ok()?.permissions()) & 0o777;
        (mode & 0o077 != 0).then_some(mode)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, FILE_MODE);
    options
}

/// A file that was there before keeps its mode when it is opened.
fn narrow(file: &File) -> io::Result<()> {
    #[cfg(unix)]
    file.set_permissions(<std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(FILE_MODE))?;
    #[cfg(not(unix))]
    let _ = file;
    Ok(())
}
