//! Secrets that the demo generates at the first start, in files that only their owner may
//! read. A file appears with its whole content or not at all, even if the disk is full or the
//! power fails meanwhile.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// The secret cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretFileError {
    /// The file has something else in it than the secret.
    #[error(
        "the file {} is {}. Restore it from a backup, or delete it, and a new one is made at the \
         next start: {after}", .file.display(), if *.is_empty { "empty" } else { "damaged" }
    )]
    Damaged {
        /// The file.
        file: PathBuf,
        /// It is empty, as older versions left it on a full disk.
        is_empty: bool,
        /// What deleting it has for consequences.
        after: &'static str,
    },
    /// The file cannot be read or written.
    #[error("the file {} cannot be {what}: {source}", .file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What was tried.
        what: &'static str,
        /// The error of the system.
        source: io::Error,
    },
}

/// What a file has to hold.
pub struct Content {
    /// Whether a text is the secret as it was written.
    pub is_whole: fn(&str) -> bool,
    /// What deleting the file has for consequences.
    pub after_deletion: &'static str,
}

/// Reads the file, or generates its text and writes it if there is none yet.
pub fn load_or_create(
    file: &Path,
    content: &Content,
    make: impl FnOnce() -> io::Result<String>,
) -> Result<String, SecretFileError> {
    match fs::read_to_string(file) {
        Ok(text) => whole(file, content, &text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let text = make().and_then(|text| create(file, &text).map(|is_new| (text, is_new)));
            match text.map_err(failed(file, "written"))? {
                (text, true) => Ok(text),
                // Another process created the file first, so its secret is used.
                (_, false) => {
                    let theirs = fs::read_to_string(file).map_err(failed(file, "read"))?;
                    whole(file, content, &theirs)
                }
            }
        }
        Err(error) => Err(failed(file, "read")(error)),
    }
}

fn failed(file: &Path, what: &'static str) -> impl Fn(io::Error) -> SecretFileError {
    move |source| SecretFileError::File { file: file.to_owned(), what, source }
}

fn whole(file: &Path, content: &Content, text: &str) -> Result<String, SecretFileError> {
    let text = text.trim();
    if (content.is_whole)(text) {
        return Ok(text.to_owned());
    }
    let (is_empty, after) = (text.is_empty(), content.after_deletion);
    Err(SecretFileError::Damaged { file: file.to_owned(), is_empty, after })
}

/// Creates the file with this text, unless there is one already; then it returns false. The text
/// is written to a file beside it and is on the disk before the file gets its name.
fn create(file: &Path, text: &str) -> io::Result<bool> {
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let unfinished = folder.join(name);
    let created = write_new(&unfinished, text).and_then(|()| give_name(&unfinished, file));
    // After an error nothing is left over. After a success it may have been renamed.
    fs::remove_file(&unfinished).ok();
    let is_new = created?;
    // The name itself is on the disk once the folder is.
    File::open(folder)?.sync_all()?;
    Ok(is_new)
}

fn write_new(file: &Path, text: &str) -> io::Result<()> {
    let options = &mut OpenOptions::new();
    let mut opened = options.write(true).create(true).truncate(true).mode(0o600).open(file)?;
    writeln!(opened, "{text}")?;
    opened.sync_all()
}

/// Gives the written file its name. Unlike a rename, a link does not replace a file that another
/// process created meanwhile; a file system without links has only the rename.
fn give_name(unfinished: &Path, file: &Path) -> io::Result<bool> {
    match fs::hard_link(unfinished, file) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(_) => fs::rename(unfinished, file).map(|()| true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    const WORDS: Content =
        Content { is_whole: |text| text.starts_with("word "), after_deletion: "all is new then." };

    fn load(file: &Path, text: &str) -> Result<String, SecretFileError> {
        load_or_create(file, &WORDS, || Ok(text.into()))
    }

    #[test]
    fn a_generated_secret_is_kept_and_readable_by_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("data/secret");
        assert_eq!(load(&file, "word one").unwrap(), "word one");
        assert_eq!(load(&file, "word two").unwrap(), "word one");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path().join("data")).unwrap().count(), 1, "nothing else");
    }

    #[test]
    fn an_empty_or_damaged_file_is_named_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        for (text, problem) in [
            ("", "is empty"),
            ("\n", "is empty"),
            ("  \n\n", "is empty"),
            ("wor", "is damaged"),
            ("word", "is damaged"),
            ("<<<<<<< HEAD\nword one\n", "is damaged"),
            ("\u{0}\u{0}\u{0}\u{0}", "is damaged"),
        ] {
            fs::write(&file, text).unwrap();
            let said = load(&file, "word one").unwrap_err().to_string();
            assert!(said.contains(problem) && said.contains("secret"), "{text:?}: {said}");
            assert!(said.contains("all is new then") && said.contains("backup"), "{said}");
            assert_eq!(fs::read_to_string(&file).unwrap(), text, "it is left as it is");
        }
        fs::write(&file, [0xff, 0xfe]).unwrap();
        assert!(load(&file, "word one").unwrap_err().to_string().contains("cannot be read"));
    }

    #[test]
    fn a_disk_without_room_leaves_no_file_behind() {
        let full = Path::new("/dev/full");
        let folder = tempfile::tempdir().unwrap();
        let unfinished = folder.path().join(format!("secret.{}.new", std::process::id()));
        std::os::unix::fs::symlink(full, &unfinished).unwrap();
        let file = folder.path().join("secret");
        let said = load(&file, "word one").unwrap_err().to_string();
        assert!(said.contains("cannot be written"), "{said}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        assert_eq!(load(&file, "word two").unwrap(), "word two", "the next start succeeds");
    }
}
