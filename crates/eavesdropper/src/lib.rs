//! Hears all that the code under test says at TRACE, the libraries below it too, and
//! makes sure that no secret is in it (X-114). For tests only.
//!
//! A process has one ear. Tests that are threads of one process share it, and each
//! looks for the secrets of all.

use std::{
    collections::BTreeSet,
    io,
    sync::{Mutex, MutexGuard, Once, PoisonError},
};

use memchr::memmem;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{fmt, util::SubscriberInitExt};

/// Shorter words stand in every log.
const SHORTEST: usize = 6;
/// How a number reserved for fiction begins in Britain; three digits follow.
const FICTION: [&str; 2] = ["7700900", "7700 900"];

static HEARD: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static SECRETS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Names a word that no log may hold: a code, a password, a number, a cookie.
pub fn keep_secret(word: impl Into<String>) {
    lock(&SECRETS).insert(word.into());
}

/// Listens while it lives. At its end it fails the test that said a secret.
pub struct Eavesdropper {
    known_at_the_end: Box<dyn Fn() -> Vec<String> + Send + Sync>,
}

impl Eavesdropper {
    /// Begins to listen. Some secrets, such as codes, are known only at the end: the
    /// function names them then.
    pub fn listen(known_at_the_end: impl Fn() -> Vec<String> + Send + Sync + 'static) -> Self {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            let log = fmt().with_max_level(LevelFilter::TRACE).with_ansi(false).without_time();
            let is_first = log.with_writer(|| Ear).finish().try_init().is_ok();
            assert!(is_first, "nobody else has the log of this process");
        });
        Self { known_at_the_end: Box::new(known_at_the_end) }
    }
}

impl Drop for Eavesdropper {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let mut secrets = lock(&SECRETS).clone();
        secrets.extend((self.known_at_the_end)());
        let heard = lock(&HEARD).clone();
        let said = said(&heard, secrets.iter().map(String::as_str));
        assert!(said.is_empty(), "X-114: a secret is in the log:\n{}", said.join("\n"));
    }
}

/// How much was said until now.
pub fn heard() -> usize {
    lock(&HEARD).len()
}

/// The lines that were said after so much.
pub fn heard_since(mark: usize) -> Vec<String> {
    let heard = lock(&HEARD);
    let said = String::from_utf8_lossy(heard.get(mark..).unwrap_or_default());
    said.lines().map(str::to_owned).collect()
}

/// Where the log goes.
struct Ear;

impl io::Write for Ear {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        lock(&HEARD).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The lines that hold a secret, or a full number of those reserved for fiction.
fn said<'a>(log: &[u8], secrets: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut places: Vec<usize> = secrets.flat_map(|secret| places_of(log, secret)).collect();
    for begin in FICTION {
        let numbers =
            memmem::find_iter(log, begin).filter(|at| digits_at(log, at + begin.len()) >= 3);
        places.extend(numbers);
    }
    places.into_iter().map(|at| line_at(log, at)).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Where a secret stands, in any of the forms it is written in.
fn places_of(log: &[u8], secret: &str) -> Vec<usize> {
    if secret.trim().len() < SHORTEST {
        return Vec::new();
    }
    let is_code = secret.len() == SHORTEST && secret.bytes().all(|byte| byte.is_ascii_digit());
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

/// Whether a number is one by itself: not a part of a longer one, of a fraction or of
/// an identifier. A full stop may follow: a message with the code may end there.
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
        said(log.as_bytes(), [secret].into_iter()).len()
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
        let listening = Eavesdropper::listen(Vec::new);
        tracing::trace!(target: "a_library", word = "amber lantern", "said");
        let heard = lock(&HEARD).clone();
        let lines = said(&heard, ["amber lantern"].into_iter());
        assert_eq!(lines, [r#"TRACE a_library: said word="amber lantern""#]);
        drop(listening);
        keep_secret("amber lantern");
        let end = std::panic::catch_unwind(|| drop(Eavesdropper::listen(Vec::new)));
        assert!(end.is_err(), "the test that said it fails");
        lock(&SECRETS).clear();
    }
}
