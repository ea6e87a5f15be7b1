//! Captures the whole log of the code under test at TRACE, that of the libraries too, and
//! fails the test if a secret is in it (X-114).
//!
//! A process has one log. Tests that are threads of one process share it, and each of them
//! looks for the secrets of all.

use std::{
    collections::BTreeSet,
    io,
    sync::{Mutex, MutexGuard, Once, PoisonError},
};

use memchr::memmem;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{fmt, util::SubscriberInitExt};

/// Shorter words occur in every log by chance.
const MIN_SECRET_LEN: usize = 6;
/// The prefixes of British numbers that are reserved for fiction; three digits follow.
const FICTIONAL_NUMBERS: [&str; 2] = ["7700900", "7700 900"];

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static SECRETS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Registers a word that no log may contain: a code, a password, a phone number, a cookie.
pub fn register_secret(word: impl Into<String>) {
    lock(&SECRETS).insert(word.into());
}

/// Captures the log. When it is dropped, it fails the test if the log contains a secret.
pub struct SecretScan {
    secrets_at_the_end: Box<dyn Fn() -> Vec<String> + Send + Sync>,
}

impl SecretScan {
    /// Starts the capture. Some secrets, such as codes, are known only at the end of the test;
    /// the function returns them then.
    pub fn start(secrets_at_the_end: impl Fn() -> Vec<String> + Send + Sync + 'static) -> Self {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            let log = fmt().with_max_level(LevelFilter::TRACE).with_ansi(false).without_time();
            let is_first = log.with_writer(|| LogWriter).finish().try_init().is_ok();
            assert!(is_first, "another subscriber has the log of this process");
        });
        Self { secrets_at_the_end: Box::new(secrets_at_the_end) }
    }
}

impl Drop for SecretScan {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let mut secrets = lock(&SECRETS).clone();
        secrets.extend((self.secrets_at_the_end)());
        let log = lock(&LOG).clone();
        let found = lines_with_secrets(&log, secrets.iter().map(String::as_str));
        assert!(found.is_empty(), "X-114: a secret is in the log:\n{}", found.join("\n"));
    }
}

/// The length of the log so far, in bytes.
pub fn log_len() -> usize {
    lock(&LOG).len()
}

/// The lines of the log after this length.
pub fn lines_since(mark: usize) -> Vec<String> {
    let log = lock(&LOG);
    let text = String::from_utf8_lossy(log.get(mark..).unwrap_or_default());
    text.lines().map(str::to_owned).collect()
}

/// The writer of the subscriber; it appends to the captured log.
struct LogWriter;

impl io::Write for LogWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        lock(&LOG).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The lines that contain a secret or a complete fictional number.
fn lines_with_secrets<'a>(log: &[u8], secrets: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut places: Vec<usize> = secrets.flat_map(|secret| places_of(log, secret)).collect();
    for begin in FICTIONAL_NUMBERS {
        let numbers =
            memmem::find_iter(log, begin).filter(|at| digits_at(log, at + begin.len()) >= 3);
        places.extend(numbers);
    }
    places.into_iter().map(|at| line_at(log, at)).collect::<BTreeSet<_>>().into_iter().collect()
}

/// The positions of a secret in the log, in any of the forms in which it may be written.
fn places_of(log: &[u8], secret: &str) -> Vec<usize> {
    if secret.trim().len() < MIN_SECRET_LEN {
        return Vec::new();
    }
    let is_code =
        secret.len() == MIN_SECRET_LEN && secret.bytes().all(|byte| byte.is_ascii_digit());
    let forms = match (secret.strip_prefix('+'), secret.split_at_checked(3)) {
        (Some(digits), _) => vec![digits.to_owned()],
        (None, Some((first, last))) if is_code => {
            vec![secret.to_owned(), format!("{first} {last}"), format!("{first}-{last}")]
        }
        _ => vec![secret.to_owned(), secret.replace(' ', "+"), secret.replace(' ', "%20")],
    };
    let found = forms.iter().flat_map(|form| {
        memmem::find_iter(log, form).filter(|at| !is_code || is_alone(log, *at, form.len()))
    });
    found.collect()
}

/// Whether the digits are a number of their own: not part of a longer number, of a fraction or
/// of an identifier. A full stop may follow, because a sentence may end there.
fn is_alone(log: &[u8], at: usize, length: usize) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let byte = |at: usize| log.get(at).copied().unwrap_or(b' ');
    let before = at.checked_sub(1).map_or(b' ', byte);
    let (after, behind) = (byte(at + length), byte(at + length + 1));
    let is_begin = !is_part(before) && before != b'.' && before != b'-';
    is_begin && !is_part(after) && !(after == b'.' && behind.is_ascii_digit())
}

fn digits_at(log: &[u8], at: usize) -> usize {
    log.iter().skip(at).take_while(|byte| byte.is_ascii_digit()).count()
}

fn line_at(log: &[u8], at: usize) -> String {
    let (before, after) = log.split_at(at);
    let begin = memchr::memrchr(b'\n', before).map_or(0, |end| end + 1);
    let end = memchr::memchr(b'\n', after).map_or(log.len(), |length| at + length);
    String::from_utf8_lossy(log.get(begin..end).unwrap_or_default()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(log: &str, secret: &str) -> usize {
        lines_with_secrets(log.as_bytes(), [secret].into_iter()).len()
    }

    #[test]
    fn x114_a_secret_is_found_in_every_form_it_is_written_in() {
        for log in ["a=1\nb=\"493817\"", "is 493817. This", "493 817", "493-817", "code=493817,"] {
            assert_eq!(count(log, "493817"), 1, "{log}");
        }
        for log in ["/a?to=%2B12125550100", "to 12125550100"] {
            assert_eq!(count(log, "+12125550100"), 1, "{log}");
        }
        for log in ["pass=violet kettle", "pass=violet+kettle&", "violet%20kettle"] {
            assert_eq!(count(log, "violet kettle"), 1, "{log}");
        }
    }

    #[test]
    fn x114_a_number_reserved_for_fiction_needs_no_naming() {
        for log in ["+447700900111", "07700900111", "+44 7700 900111"] {
            assert_eq!(count(log, ""), 1, "{log}");
        }
        assert_eq!(count("+44770090011", ""), 0, "one digit is missing");
    }

    #[test]
    fn a_part_of_another_number_is_no_code() {
        for log in ["1493817", "0.493817", "493817.5", "id-493817", "493817ms", "a493817"] {
            assert_eq!(count(log, "493817"), 0, "{log}");
        }
    }

    #[test]
    fn x114_events_of_libraries_are_captured_with_their_line() {
        let scan = SecretScan::start(Vec::new);
        tracing::trace!(target: "a_library", word = "amber lantern", "said");
        let log = lock(&LOG).clone();
        let lines = lines_with_secrets(&log, ["amber lantern"].into_iter());
        assert_eq!(lines, [r#"TRACE a_library: said word="amber lantern""#]);
        drop(scan);
        register_secret("amber lantern");
        let end = std::panic::catch_unwind(|| drop(SecretScan::start(Vec::new)));
        assert!(end.is_err(), "a test whose log contains it fails");
        lock(&SECRETS).clear();
    }
}
