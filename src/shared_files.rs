//! The files of other builds. While nodes are replaced one by one, a page of one build may ask a
//! node of the other build for its style sheet, script or WebAssembly. With `MARIGOLD_SHARED_FILES`
//! every node copies its own files into one folder when it starts, and answers from there what it
//! does not have itself. The names have hashes, so no file of one build has the name of another's.

use std::{
    fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use crate::{site::Site, site_files, style};

/// The folder of the style sheets in the shared folder.
pub const STYLE: &str = "style";
/// The folder of the scripts in the shared folder.
pub const PKG: &str = "pkg";
/// Everybody may read the files: they are public, and nodes may run as different users.
const FILE_MODE: u32 = 0o644;
const FOLDER_MODE: u32 = 0o755;

/// Why the files of this build cannot be shared.
#[derive(Debug, thiserror::Error)]
pub enum SharingError {
    /// The names of the script and the WebAssembly have no hashes.
    #[error(
        "MARIGOLD_SHARED_FILES={} cannot be used: the files of this build have no hashes in their \
         names, so those of two builds have the same names. `make run` builds files with hashes",
        .0.display()
    )]
    NoHashes(PathBuf),
    /// The folder cannot be written.
    #[error("MARIGOLD_SHARED_FILES={} cannot be used: {reason}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// The error of the operating system.
        reason: io::Error,
    },
}

/// Copies the files of this build into the shared folder, if there is one.
pub fn publish(site: &Site) -> Result<(), SharingError> {
    let Some(folder) = &site.shared_files else { return Ok(()) };
    if !site.options.hash_files {
        return Err(SharingError::NoHashes(folder.clone()));
    }
    copy_files(site, folder)
        .map_err(|reason| SharingError::Folder { folder: folder.clone(), reason })
}

fn copy_files(site: &Site, folder: &Path) -> io::Result<()> {
    for name in [STYLE, PKG] {
        fs::create_dir_all(folder.join(name))?;
        for path in [folder, &folder.join(name)] {
            // Another user may have made it.
            fs::set_permissions(path, fs::Permissions::from_mode(FOLDER_MODE)).ok();
        }
    }
    let sheet = style::address().trim_start_matches('/');
    add(&folder.join(sheet), style::text().as_bytes())?;
    let files = site_files::files(&site.options);
    for address in [files.script, files.program] {
        for ending in ["", ".br", ".gz"] {
            let name = format!("{}{ending}", address.trim_start_matches('/'));
            match fs::read(Path::new(&*site.options.site_root).join(&name)) {
                Ok(bytes) => add(&folder.join(&name), &bytes)?,
                // Not every build compresses its files.
                Err(_) if !ending.is_empty() => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

/// Adds a file, whole or not at all, unless another node of this build has added it.
fn add(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    let mut partial = path.as_os_str().to_owned();
    partial.push(format!(".partial-{}", std::process::id()));
    let partial = PathBuf::from(partial);
    fs::write(&partial, bytes)?;
    fs::set_permissions(&partial, fs::Permissions::from_mode(FILE_MODE))?;
    fs::rename(partial, path)
}
